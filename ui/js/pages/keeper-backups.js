// The copies of the database and their proof, how to get one back, and the look
// at everything, for the keeper.

import {classes, h, tags, useState} from '../html.js';
import {bytes, count, rough} from '../amounts.js';
import {ApiError, api, errorText} from '../api.js';
import {ago} from '../format.js';
import {locale, t} from '../i18n.js';
import {Form, Text} from '../parts/fields.js';
import {RowsSkeleton} from '../parts/follow.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed} from '../parts/list.js';
import {Pauses, pause} from '../parts/pauses.js';
import {usePolled} from '../parts/poll.js';
import {useResource} from '../parts/resource.js';
import {toast} from '../parts/toast.js';
import {told} from '../parts/told.js';
import {Bar} from '../parts/work.js';
import {Heading} from '../router.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Backup} Backup */
/** @typedef {import('../wire.d.ts').Backups} Backups */
/** @typedef {import('../wire.d.ts').Check} Check */
/** @typedef {import('../wire.d.ts').Settings} Settings */

/** Why one was made. @type {Record<Backup['reason'], string>} */
const reasons = {schedule: 'backup.by_itself', asked: 'backup.asked', command: 'backup.command', migration: 'backup.migration', unknown: 'backup.unknown'};

/** @param {string} iso */
const moment = (iso) => new Intl.DateTimeFormat(locale.value, {dateStyle: 'medium', timeStyle: 'short'}).format(Date.parse(iso));

/** @param {{}} _ */
export default function KeeperBackups(_) {
	const {data, error, retry, set, renew} = usePolled('/api/backups', /** @param {Backups} now */ (now) => now.running);
	return tags.div({class: 'room-backups'},
		tags.header({class: 'page-head'}, h(Heading, null, t('room.backups')), tags.p({class: 'muted'}, t('backup.lead'))),
		data ? [h(Copies, {all: data, set, renew}), h(Plan, {all: data, renew}), h(Back, {all: data})] : error ? h(Failed, {error, onRetry: retry}) : h(RowsSkeleton, {n: 3}),
		h(Everything, {}));
}

/** @param {{all: Backups, set: (now: Backups) => void, renew: () => Promise<void>}} props */
function Copies({all, set, renew}) {
	const [busy, setBusy] = useState('');
	/** @param {string} what @param {() => Promise<unknown>} act */
	const run = async (what, act) => {
		if (busy) return;
		setBusy(what);
		try {
			await act();
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		} finally {
			setBusy('');
		}
	};
	const make = () => run('make', async () => set(await api.post('/api/backups')));
	/** @param {Backup} one */
	const prove = (one) => run(one.name, async () => {
		await api.post(`/api/backups/${encodeURIComponent(one.name)}/prove`);
		await renew();
	});
	const button = tags.button({type: 'button', class: 'button main', 'aria-disabled': all.running || busy === 'make', onClick: () => void (all.running || make())},
		icon('plus'), all.running ? t('backup.running') : t('backup.make'));
	return tags.section({class: 'backup-all', 'aria-label': t('room.backups')},
		all.problem && tags.p({class: 'failure', role: 'alert'}, icon('warning'), told(t(`backup.problem_${all.problem_kind ?? 'other'}`), all.problem, true)),
		all.items.length > 0 && tags.div({class: 'actions start'}, button),
		all.running && tags.div({role: 'status'}, h(Bar, {share: 0, label: t('backup.running')})),
		all.items.length
			? tags.ol({class: 'backups'}, all.items.map((one) => h(Copy, {key: one.name, one, busy: busy === one.name, onProve: () => void prove(one)})))
			: h(Empty, {icon: 'disc', text: t('backup.none')}, button));
}

/** @param {{one: Backup, busy: boolean, onProve: () => void}} props */
function Copy({one, busy, onProve}) {
	const {proof} = one;
	const took = one.took_ms > 0 ? rough(Math.max(1000, one.took_ms)) : '';
	const doing = busy ? t('backup.proving') : proof === 'none' ? t('backup.prove') : t('backup.prove_again');
	return tags.li({class: classes('backup', proof)},
		tags.span({class: 'backup-sign'}, icon(proof === 'good' ? 'shield' : proof === 'bad' ? 'warning' : 'info')),
		tags.div({class: 'backup-text'},
			tags.p({class: 'backup-name'}, tags.b(moment(one.made)), tags.span({class: 'chip'}, t(reasons[one.reason])), tags.span({class: 'muted small'}, bytes(one.size))),
			proof === 'good' ? tags.p(t('backup.good', {people: t('backup.people', {n: one.users}), tracks: t('backup.tracks', {n: one.tracks}), comments: t('backup.comments', {n: one.comments})}))
				: proof === 'bad' ? tags.p({class: 'backup-bad'}, told(t('backup.bad'), one.error)) : tags.p({class: 'muted'}, t('backup.unproved')),
			proof === 'good' && tags.p({class: 'muted small'}, took ? t('backup.records_in', {n: one.records, time: took}) : t('backup.records', {n: one.records}))),
		tags.button({type: 'button', class: 'button', 'aria-disabled': busy, 'aria-label': t('backup.prove_one', {what: doing, date: moment(one.made)}), onClick: onProve}, doing));
}

/** How often and how many. @param {{all: Backups, renew: () => Promise<void>}} props */
function Plan({all, renew}) {
	const {data, set} = useResource('/api/house/settings', (answer) => /** @type {Settings} */ (answer));
	/** @param {Record<string, string>} values */
	const save = async (values) => {
		const keep = Number(values.backup_keep);
		if (!Number.isInteger(keep) || keep < 1 || keep > 1000) throw new ApiError(400, {code: 'backup.keep', field: 'backup_keep'});
		await api.patch('/api/house', {backup_every_ms: Number(values.backup_every_ms), backup_keep: keep});
		set(await api.get('/api/house/settings'));
		await renew();
		toast(t('settings.saved'));
	};
	return tags.section({class: 'panel'}, tags.h2(t('backup.plan')),
		tags.p({class: 'muted'}, all.every_ms ? t('backup.plan_text', {pause: pause(all.every_ms)}) : t('backup.plan_off'), all.next ? ` ${t('backup.next', {date: moment(all.next)})}` : ''),
		data && h(Form, {action: save, submit: t('save')},
			tags.div({class: 'pair'},
				h(Pauses, {label: t('backup.every'), name: 'backup_every_ms', ms: data.backup_every_ms, chosen: data.chosen.backup_every, offer: [6, 12, 24, 168]}),
				h(Text, {label: t('backup.keep'), name: 'backup_keep', type: 'number', min: 1, max: 1000, value: data.backup_keep, hint: t('backup.keep_hint')}))));
}

/** How one comes back. @param {{all: Backups}} props */
function Back({all}) {
	const best = all.items.find(({proof}) => proof === 'good') ?? all.items[0];
	const file = `${all.folder}/${best?.name ?? t('backup.name')}`;
	return tags.section({class: 'panel'}, tags.h2(t('backup.restore')), tags.p({class: 'muted'}, t('backup.restore_text')),
		tags.ol({class: 'steps'},
			tags.li(t('backup.restore_stop')),
			tags.li(t('backup.restore_run'), tags.pre({class: 'command', tabIndex: 0}, tags.code(`earshot restore ${/\s/.test(file) ? `"${file}"` : file}`))),
			tags.li(t('backup.restore_start'))),
		tags.p({class: 'muted small'}, t('backup.audio')));
}

/** The look at all records and files. @param {{}} _ */
function Everything(_) {
	const {data, error, retry, set, renew} = usePolled('/api/check', /** @param {Check} now */ (now) => now.state === 'running');
	const [busy, setBusy] = useState(false);
	/** @param {() => Promise<unknown>} act */
	const run = async (act) => {
		if (busy) return;
		setBusy(true);
		try {
			await act();
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		} finally {
			setBusy(false);
		}
	};
	const start = () => run(async () => {
		const now = await api.post('/api/check');
		if (now) set(now);
		else await renew();
	});
	const stop = () => run(async () => {
		await api.del('/api/check');
		await renew();
	});
	if (!data) return error ? h(Failed, {error, onRetry: retry}) : null;
	const {state, found, more, share} = data, running = state === 'running', n = found.length + more;
	return tags.section({class: 'panel', id: 'check'}, tags.h2(t('check.title')), tags.p({class: 'muted'}, t('check.text')),
		tags.p({class: classes('check-state', n > 0 && 'wrong-state'), role: 'status'}, icon(running ? 'clock' : n ? 'warning' : state === 'done' ? 'check' : 'info'),
			running ? t('check.running', {percent: Math.round(100 * share)}) : state === 'never' ? t('check.never') : state === 'stopped' ? t('check.stopped')
				: n ? t('check.found', {n}) : t('check.fine', {ago: ago(data.ended ?? '')})),
		running && h(Bar, {share, label: t('check.title')}),
		(running || state === 'done') && tags.p({class: 'muted small'}, t('check.looked', {records: count(data.records), files: count(data.files)})),
		found.length > 0 && tags.ul({class: 'findings'}, found.map((one) => tags.li({key: one, lang: 'en'}, one))),
		more > 0 && tags.p({class: 'muted small'}, t('check.more', {n: more})),
		n > 0 && !running && tags.p({class: 'small'}, t('check.cure'), ' ', tags.code('earshot check -repair')),
		tags.div({class: 'actions start'}, running
			? tags.button({type: 'button', class: 'button', 'aria-disabled': busy, onClick: () => void stop()}, icon('close'), t('check.stop'))
			: tags.button({type: 'button', class: 'button', 'aria-disabled': busy, onClick: () => void start()}, icon('search'), state === 'never' ? t('check.start') : t('check.again'))));
}
