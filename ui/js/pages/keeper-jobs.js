// The work that there is to do, for the keeper: what runs, what fails, what waits.

import {h, tags, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {ago} from '../format.js';
import {t} from '../i18n.js';
import {RowsSkeleton} from '../parts/follow.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed} from '../parts/list.js';
import {usePolled} from '../parts/poll.js';
import {toast} from '../parts/toast.js';
import {Work, kinds} from '../parts/work.js';
import {Heading} from '../router.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Job} Job */
/** @typedef {import('../wire.d.ts').Jobs} Jobs */

/** How many of those that wait are listed. */
const listed = 20;

/** @param {{}} _ */
export default function KeeperJobs(_) {
	const {data, error, retry, renew} = usePolled('/api/jobs', /** @param {Jobs} now */ (now) => now.items.length > 0);
	return tags.div({class: 'room-jobs'},
		tags.header({class: 'page-head'}, h(Heading, null, t('room.jobs')), tags.p({class: 'muted'}, t('work.lead'))),
		!data ? error ? h(Failed, {error, onRetry: retry}) : h(RowsSkeleton, {n: 3})
			: data.items.length ? h(Queue, {jobs: data, renew})
				: h(Empty, {icon: 'check', text: t('work.none')}, tags.a({class: 'button', href: '/keeper/libraries'}, icon('folder'), t('room.to_libraries'))));
}

/** @param {{jobs: Jobs, renew: () => Promise<void>}} props */
function Queue({jobs, renew}) {
	/** @param {Job['state']} state */
	const of = (state) => jobs.items.filter((job) => job.state === state);
	const running = of('running'), failing = of('failing'), waiting = of('waiting');
	const rest = jobs.waiting.reduce((sum, {count}) => sum + count, 0) - running.length - failing.length - Math.min(listed, waiting.length);
	return [
		running.length > 0 && tags.section({key: 'running'}, tags.h2(t('work.running')),
			tags.ul({class: 'works'}, running.map((job) => h(Work, {key: job.id, job})))),
		failing.length > 0 && tags.section({key: 'failing'}, tags.h2(t('work.failing')), tags.p({class: 'muted'}, t('work.failing_text')),
			tags.ul({class: 'works'}, failing.map((job) => h(Failing, {key: job.id, job, renew})))),
		waiting.length > 0 && tags.section({key: 'waiting'}, tags.h2(t('work.waiting')),
			jobs.waiting.length > 1 && tags.p({class: 'chips'}, jobs.waiting.map(({kind, count}) => tags.span({class: 'chip', key: kind}, t('work.count', {what: t(kinds[/** @type {Job['kind']} */ (kind)] ?? kinds.other), n: count})))),
			tags.ul({class: 'works quiet-works'}, waiting.slice(0, listed).map((job) => h(Work, {key: job.id, job}))),
			rest > 0 && tags.p({class: 'muted small'}, t('work.rest', {n: rest}))),
	];
}

/** @param {{job: Job, renew: () => Promise<void>}} props */
function Failing({job, renew}) {
	const [busy, setBusy] = useState(false);
	const again = async () => {
		if (busy) return;
		setBusy(true);
		try {
			await api.post(`/api/jobs/${job.id}/retry`);
			toast(t('work.again_done'));
			await renew();
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		} finally {
			setBusy(false);
		}
	};
	return h(Work, {job},
		tags.p({class: 'work-why', lang: 'en'}, job.error),
		tags.p({class: 'muted small'}, t('work.tried', {n: job.attempts}), job.after && Date.parse(job.after) > Date.now() ? ` ${t('work.next', {ago: ago(job.after)})}` : ''),
		tags.button({type: 'button', class: 'button', 'aria-disabled': busy, onClick: () => void again()}, icon('repeat'), t('work.again')));
}
