// The own playlists, and those of others that one likes.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed, More, Skeleton, useList} from '../parts/list.js';
import {PlaylistCards} from '../parts/playlist-cards.js';
import {learnPlaylist, latestPlaylist} from '../playlists.js';
import {Heading, Link, route} from '../router.js';
import {signedIn} from '../state.js';
import '../texts.js';

const {button, header, nav, section} = tags;

const make = async () => (await import('../parts/playlist-actions.js')).newPlaylist();

/** @param {import('../router.js').PageProps} _ */
export default function Playlists(_) {
	if (!signedIn.value) {
		return [
			h(Heading, {}, t('playlists.title')),
			h(Empty, {icon: 'playlist', text: t('playlist.signin')}, h(Link, {href: '/sign-in?next=/playlists', class: 'button main'}, t('nav.signin'))),
		];
	}
	const liked = route.value.query.get('tab') === 'liked';
	return [
		header({class: 'page-head lists-head'},
			h(Heading, {}, t('playlists.title')),
			button({type: 'button', class: 'button main', onClick: () => void make()}, icon('plus'), t('playlist.new'))),
		nav({class: 'chips switch', 'aria-label': t('playlists.which')},
			tags.a({class: 'chip', href: '/playlists', 'aria-current': liked ? undefined : 'page'}, t('playlists.own')),
			tags.a({class: 'chip', href: '/playlists?tab=liked', 'aria-current': liked ? 'page' : undefined}, t('playlists.liked'))),
		h(Shown, {liked, key: String(liked)}),
	];
}

/** @param {{liked: boolean}} props */
function Shown({liked}) {
	const {list, items, retry} = useList(liked ? '/api/me/likes/playlists' : '/api/me/playlists', learnPlaylist);
	const {state, error} = list.value;
	const there = items.filter(latestPlaylist);
	return section({'aria-label': liked ? t('playlists.liked') : t('playlists.own')},
		state === 'loading' && !there.length ? h(Skeleton, {n: 2})
			: !there.length && error ? h(Failed, {error, onRetry: retry})
				: !there.length ? h(Empty, {icon: 'playlist', text: liked ? t('playlists.empty_liked') : t('playlists.empty')},
					liked ? tags.a({class: 'button', href: '/'}, t('playlist.find'))
						: button({type: 'button', class: 'button main', onClick: () => void make()}, icon('plus'), t('playlist.new')))
					: [h(PlaylistCards, {playlists: there, by: liked}), h(More, {list: list.value, onMore: retry})]);
}
