// The front page: the newest tracks of the house.

import {h, tags, useEffect} from '../html.js';
import {t} from '../i18n.js';
import {Empty, Failed, More, Skeleton, useTracks} from '../parts/list.js';
import {icon} from '../parts/icon.js';
import {TrackCards} from '../parts/track-card.js';
import {Heading, useRemembered} from '../router.js';
import {house, me} from '../state.js';

/**
 * People to follow, for those who follow few: they come when the tracks are
 * there, below what is on the screen, and so move nothing.
 * @param {boolean} ready
 */
function usePeople(ready) {
	const strip = useRemembered('people', () => /** @type {{node: import('../html.js').VNode, at: number} | null} */ (null));
	const wanted = ready && Boolean(me.value) && Number(me.value?.following) < 5;
	useEffect(() => {
		if (!wanted || strip.peek()) return;
		void import('../parts/person-strip.js').then(({recommend}) => recommend(strip)).catch(() => {});
	}, [wanted]);
	return strip.value;
}

/** @param {import('../router.js').PageProps} _ */
export default function Stream(_) {
	const {list, items, more, retry} = useTracks('/api/stream');
	const {state, error} = list.value;
	const people = usePeople(state === 'ready' && !error);
	return [
		tags.header({class: 'page-head'},
			h(Heading, {title: t('nav.stream')}, t('stream.title')),
			tags.p({class: 'muted'}, me.value?.following ? t('stream.lead_followed') : t('stream.lead', {house: house.value?.name || 'Earshot'}))),
		state === 'loading' && !items.length ? h(Skeleton, {})
			: !items.length && error ? h(Failed, {error, onRetry: retry})
				: !items.length ? h(Empty, {text: me.value ? t('stream.empty') : t('stream.empty_visitor')},
					tags.a({class: 'button main', href: '/upload'}, icon('upload'), t('stream.upload')),
					people && tags.ul({class: 'cards'}, people.node))
					: [h(TrackCards, {tracks: items, more, lead: true, between: people?.node, at: people?.at}), h(More, {list: list.value, onMore: retry})],
	];
}
