// The front page: the newest tracks of the house.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {Empty, Failed, More, Skeleton, useTracks} from '../parts/list.js';
import {icon} from '../parts/icon.js';
import {TrackCards} from '../parts/track-card.js';
import {Heading} from '../router.js';
import {house, me} from '../state.js';

/** @param {import('../router.js').PageProps} _ */
export default function Stream(_) {
	const {list, items, more, retry} = useTracks('/api/stream');
	const {state, error} = list.value;
	return [
		tags.header({class: 'page-head'},
			h(Heading, {title: t('nav.stream')}, t('stream.title')),
			tags.p({class: 'muted'}, t('stream.lead', {house: house.value?.name || 'Earshot'}))),
		state === 'loading' && !items.length ? h(Skeleton, {})
			: !items.length && error ? h(Failed, {error, onRetry: retry})
				: !items.length ? h(Empty, {text: me.value ? t('stream.empty') : t('stream.empty_visitor')},
					tags.a({class: 'button main', href: '/upload'}, icon('upload'), t('stream.upload')))
					: [h(TrackCards, {tracks: items, more, lead: true}), h(More, {list: list.value, onMore: retry})],
	];
}
