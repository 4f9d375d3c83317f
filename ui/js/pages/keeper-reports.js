// What members asked the keeper to look at, and what was done about it.

import {classes, h, tags, useEffect, useRef} from '../html.js';
import {oneAtATime} from '../anew.js';
import {api, errorText} from '../api.js';
import {ago} from '../format.js';
import {t} from '../i18n.js';
import {Avatar} from '../parts/artwork.js';
import {focusBeside} from '../parts/beside.js';
import {ask} from '../parts/dialog.js';
import {RowsSkeleton} from '../parts/follow.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed, More, useList} from '../parts/list.js';
import {reasons} from '../parts/report.js';
import {toast} from '../parts/toast.js';
import {rich} from '../rich.js';
import {Heading, rewrite, route} from '../router.js';
import {counts, events, me} from '../state.js';
import {setCounts} from '../live.js';
import NotFound from './not-found.js';

/** @typedef {import('../wire.d.ts').Report} Report */
/** @typedef {'dismiss' | 'remove' | 'suspend'} Answer */

/** @param {import('../router.js').PageProps} props */
export default function Reports({params}) {
	const answered = route.value.query.get('state') === 'answered';
	if (!me.value?.keeper) return h(NotFound, {params});
	/** @param {string} href @param {boolean} on @param {string} text */
	const tab = (href, on, text) => tags.a({
		href, 'aria-current': on ? 'page' : undefined,
		onClick: (event) => {
			if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
			event.preventDefault();
			rewrite(href);
		},
	}, text);
	return tags.div({class: 'people-page'},
		tags.header({class: 'page-head'}, h(Heading, null, t('nav.reports'))),
		tags.nav({class: 'page-tabs', 'aria-label': t('nav.reports')},
			tab('/keeper/reports', !answered, t('reports.open')), tab('/keeper/reports?state=answered', answered, t('reports.answered'))),
		h(List, {state: answered ? 'answered' : 'open', key: String(answered)}));
}

/** @param {{state: 'open' | 'answered'}} props */
function List({state: wanted}) {
	const path = `/api/reports?state=${wanted}`;
	const {list, items, retry} = useList(path, (/** @type {Report} */ one) => one);
	const {state, error} = list.value;
	const busy = useRef(false);
	/** What others report meanwhile is put on top; pages that were asked for go first. */
	const renew = async () => {
		if (list.peek().state !== 'ready' || list.peek().items.length > 20) return;
		const page = await api.get(path, {limit: 20}).catch(() => null);
		if (page && !busy.current) list.value = {items: page.items, next: page.next, state: 'ready', error: null};
	};
	useEffect(() => {
		const look = oneAtATime(renew);
		const offs = [events.on('notice', look), events.on('reset', look)];
		return () => offs.forEach((off) => off());
	}, [list]);
	/** @param {Report} one @param {Answer} answer */
	const act = async (one, answer) => {
		if (busy.current) return;
		const moveOn = focusBeside();
		const owner = one.owner?.name ?? t('messages.deleted_user');
		if (answer === 'remove' && !await ask({title: t('reports.remove_title'), text: t('reports.remove_text', {about: one.about}), yes: t('reports.remove'), danger: true})) return;
		if (answer === 'suspend' && !await ask({title: t('suspend.title', {name: owner}), text: t('suspend.text', {name: owner}), yes: t('suspend.do'), danger: true})) return;
		busy.current = true;
		try {
			const now = /** @type {Report} */ (await api.post(`/api/reports/${one.id}/answer`, {do: answer}));
			// All reports of the same thing are answered with it.
			const page = await api.get(path, {limit: 20}).catch(() => null);
			list.value = page ? {items: page.items, next: page.next, state: 'ready', error: null}
				: {...list.peek(), items: list.peek().items.filter(({id}) => id !== one.id)};
			moveOn();
			toast(t(outcomes[now.state]));
			setCounts(await api.get('/api/me/state').catch(() => counts.peek()));
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		} finally {
			busy.current = false;
		}
	};
	if (!items.length) {
		return state === 'loading' ? h(RowsSkeleton, {n: 3})
			: error ? h(Failed, {error, onRetry: retry})
				: h(Empty, {icon: wanted === 'open' ? 'check' : 'flag', text: wanted === 'open' ? t('reports.none_open') : t('reports.none_answered')},
					tags.a({class: 'button', href: '/'}, t('notfound.home')));
	}
	return [
		tags.ul({class: 'reports'}, items.map((one) => h(One, {key: one.id, one, onAct: (answer) => void act(one, answer)}))),
		h(More, {list: list.value, onMore: retry}),
	];
}

/** What became of a report. */
const outcomes = {open: 'reports.open', dismissed: 'reports.dismissed', removed: 'reports.removed', suspended: 'reports.suspended'};

/** What it is about. */
const kinds = {track: 'reports.track', playlist: 'reports.playlist', comment: 'reports.comment', user: 'reports.user'};

/** @param {{one: Report, onAct: (answer: Answer) => void}} props */
function One({one, onAct}) {
	const {owner, by, kind, about, url, state} = one;
	return tags.li({class: 'panel report'},
		tags.p({class: 'report-top'},
			tags.span({class: 'chip'}, t(kinds[kind])),
			tags.span({class: classes('chip', 'report-why')}, icon('flag'), t(reasons[one.reason])),
			state !== 'open' && tags.span({class: 'chip'}, icon('check'), t(outcomes[state])),
			tags.time({class: 'muted small', dateTime: one.created}, ago(one.created))),
		tags.p({class: 'report-about'}, url ? tags.a({href: url}, about) : tags.span(about),
			!url && tags.span({class: 'muted small'}, t('reports.gone'))),
		one.text && tags.blockquote({class: 'notice-words whole'}, one.text),
		tags.p({class: 'report-people muted small'},
			kind !== 'user' && (owner ? tags.span(h(Avatar, {user: owner}), tags.span(rich('reports.of', {name: tags.a({href: owner.url}, owner.name)}))) : tags.span(t('reports.of_gone'))),
			tags.span(tags.span(by ? rich('reports.by', {name: tags.a({href: by.url}, by.name)}) : t('reports.by_gone')))),
		state === 'open' && tags.div({class: 'actions start'},
			tags.button({type: 'button', class: 'button', onClick: () => onAct('dismiss')}, t('reports.dismiss')),
			kind !== 'user' && url && tags.button({type: 'button', class: 'button', onClick: () => onAct('remove')}, icon('trash'), t('reports.remove')),
			owner && !owner.keeper && !owner.suspended && tags.button({type: 'button', class: 'button', onClick: () => onAct('suspend')}, icon('lock'), t('suspend.do'))));
}
