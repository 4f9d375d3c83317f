// The tracks that one likes, the newest like first.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {Empty, Failed, More, Skeleton, useTracks} from '../parts/list.js';
import {TrackCards} from '../parts/track-card.js';
import {Heading, Link} from '../router.js';
import {signedIn} from '../state.js';
import '../texts.js';

/** @param {import('../router.js').PageProps} _ */
export default function Likes(_) {
	return [
		tags.header({class: 'page-head'}, h(Heading, {}, t('likes.title'))),
		signedIn.value ? h(Shown, {})
			: h(Empty, {icon: 'heart', text: t('like.signin')}, h(Link, {href: '/sign-in?next=/likes', class: 'button main'}, t('nav.signin'))),
	];
}

function Shown() {
	const {list, items, more, retry} = useTracks('/api/me/likes');
	const {state, error} = list.value;
	return state === 'loading' && !items.length ? h(Skeleton, {})
		: !items.length && error ? h(Failed, {error, onRetry: retry})
			: !items.length ? h(Empty, {icon: 'heart', text: t('likes.empty')}, tags.a({class: 'button', href: '/'}, t('playlist.find')))
				: [h(TrackCards, {tracks: items, more}), h(More, {list: list.value, onMore: retry})];
}
