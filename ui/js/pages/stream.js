// The front page: the newest tracks of the house.

import {h, tags, useEffect} from '../html.js';
import {t} from '../i18n.js';
import {Failed, More, Skeleton, useTracks} from '../parts/list.js';
import {TrackCards} from '../parts/track-card.js';
import {Heading, route, useRemembered} from '../router.js';
import {house, me} from '../state.js';

/** People to follow, for those who follow few, below what is on the screen. @param {boolean} ready */
function usePeople(ready) {
	const strip = useRemembered('people', () => /** @type {{node: import('../html.js').VNode, at: number} | null} */ (null));
	const wanted = ready && Boolean(me.value) && Number(me.value?.following) < 5;
	useEffect(() => {
		if (wanted && !strip.peek()) void import('../parts/person-strip.js').then((parts) => parts.recommend(strip)).catch(() => {});
	}, [wanted]);
	return strip.value;
}

/** The parts that come late. @param {boolean} wanted */
function useLate(wanted) {
	const late = useRemembered('late', () => /** @type {typeof import('../parts/stream-late.js') | null} */ (null));
	useEffect(() => {
		if (wanted) void import('../parts/stream-late.js').then((parts) => (late.value = parts)).catch(() => {});
	}, [wanted]);
	return late.value;
}

/** @param {import('../router.js').PageProps} _ */
export default function Stream(_) {
	// Whoever follows somebody only now reads on in what is there.
	const follows = useRemembered('follows', () => Boolean(me.peek()?.following)).value && Boolean(me.value);
	const late = useLate(follows);
	// Those who have nobody and nothing here yet are told where to begin.
	const fresh = useRemembered('fresh', () => !(me.peek()?.following || me.peek()?.tracks)).value && Boolean(me.value);
	const of = follows && route.value.query.get('of') !== 'all' ? 'followed' : 'all';
	return [
		tags.header({class: 'page-head'},
			h(Heading, {title: follows && late ? late.title(of) : t('nav.stream')}, t('stream.title')),
			tags.p({class: 'muted'}, t(of === 'all' ? 'stream.lead' : 'stream.lead_followed', {house: house.value?.name || 'Earshot'}))),
		follows && tags.div({class: 'choice'}, late && h(late.Choice, {of})),
		h(Tracks, {of, fresh, key: of}),
	];
}

/** @param {{of: string, fresh: boolean}} props */
function Tracks({of, fresh}) {
	const {list, items, more, retry} = useTracks(`/api/stream?of=${of}`);
	const {state, error} = list.value;
	const ready = state === 'ready' && !error;
	const people = usePeople(ready);
	const late = useLate(fresh || ready && !items.length);
	// Nothing moves down when the guide comes.
	return items.length && (late || !fresh) ? [fresh && late && h(late.Guide, {}), h(TrackCards, {tracks: items, more, lead: true, between: people?.node, at: people?.at}), h(More, {list: list.value, onMore: retry})]
		: error ? h(Failed, {error, onRetry: retry})
			: ready && late ? h(late.Nothing, {of, people: people?.node}) : h(Skeleton, {});
}
