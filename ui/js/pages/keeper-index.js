// How the search index stands, for the keeper, and making it anew.

import {h, tags, useEffect, useState} from '../html.js';
import {bytes, count} from '../amounts.js';
import {api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {ask} from '../parts/dialog.js';
import {icon} from '../parts/icon.js';
import {Failed} from '../parts/list.js';
import {useResource} from '../parts/resource.js';
import {toast} from '../parts/toast.js';
import {Heading} from '../router.js';
import {me} from '../state.js';
import {style} from '../style.js';
import NotFound from './not-found.js';
import '../texts.js';

await style('numbers');

/** @typedef {import('../wire.d.ts').Index} Index */

/** How often it is asked how far it is, in milliseconds. */
const often = 1000, seldom = 10_000;

/** @param {import('../router.js').PageProps} props */
export default function KeeperIndex({params}) {
	return me.value?.keeper ? h(Shown, {}) : h(NotFound, {params});
}

/** Why it is made anew. @type {Record<string, string>} */
const reasons = {missing: 'index.missing', damaged: 'index.damaged', version: 'index.version', asked: 'index.asked'};

/** @param {{}} _ */
function Shown(_) {
	const {data, error, retry, set} = useResource('/api/search/index', (answer) => /** @type {Index} */ (answer));
	const [busy, setBusy] = useState(false);
	const building = Boolean(data?.building), moving = building || Boolean(data?.waiting);
	useEffect(() => {
		if (!data) return undefined;
		const timer = setInterval(() => void api.get('/api/search/index').then((now) => {
			if (building && !now.building && !now.error) toast(t('index.done'));
			set(now);
		}, () => {}), moving ? often : seldom);
		return () => clearInterval(timer);
	}, [building, moving, Boolean(data)]);
	const anew = async () => {
		if (busy || building) return;
		if (!await ask({title: t('index.anew_title'), text: t('index.anew_text'), yes: t('index.anew')})) return;
		setBusy(true);
		try {
			await api.post('/api/search/index/rebuild');
			set(await api.get('/api/search/index'));
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		} finally {
			setBusy(false);
		}
	};
	const percent = Math.round(100 * (data?.progress ?? 0));
	return tags.div({class: 'settings index-page'},
		tags.header({class: 'page-head'}, h(Heading, {}, t('index.title')), tags.p({class: 'muted'}, t('index.lead'))),
		!data ? error ? h(Failed, {error, onRetry: retry}) : h(Ghost, {}) : tags.section({class: 'panel', 'aria-label': t('index.title')},
			data.error && tags.p({class: 'failure', role: 'alert'}, icon('warning'), t('index.error', {error: data.error})),
			tags.div({class: 'index-state'},
				tags.p({role: 'status'}, icon(building || data.waiting && !data.error ? 'clock' : data.error ? 'warning' : 'check'),
					building ? t('index.building', {percent}) : data.error ? t('index.stuck') : data.waiting ? t('index.behind', {n: data.waiting}) : t('index.ready')),
				building && tags.progress({max: 100, value: percent, 'aria-label': t('index.progress')}),
				building && data.reason && tags.p({class: 'muted small'}, t(reasons[data.reason]))),
			tags.dl({class: 'index-facts'},
				tags.div(tags.dt(t('index.documents')), tags.dd(count(data.documents))),
				tags.div(tags.dt(t('index.size')), tags.dd(bytes(data.bytes))),
				tags.div(tags.dt(t('index.waiting')), tags.dd(count(data.waiting)))),
			tags.div({class: 'actions start'},
				tags.button({type: 'button', class: 'button', 'aria-disabled': busy || building, onClick: () => void anew()}, icon('repeat'), t('index.anew')))));
}

/** @param {{}} _ */
function Ghost(_) {
	return tags.div({class: 'panel ghost', 'aria-busy': 'true'}, tags.p({class: 'hidden', role: 'status'}, t('loading')),
		tags.span({class: 'line long', 'aria-hidden': 'true'}), tags.span({class: 'line', 'aria-hidden': 'true'}), tags.span({class: 'line long', 'aria-hidden': 'true'}));
}
