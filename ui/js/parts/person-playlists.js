// The playlists and albums of a person.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {Empty, Failed, More, Skeleton, useList} from './list.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Playlist} Playlist */

/** @param {{user: import('../wire.d.ts').User, own: boolean}} props */
export function PersonPlaylists({user, own}) {
	const {list, items, retry} = useList(own ? '/api/me/playlists' : `/api/users/${user.id}/playlists`, (/** @type {Playlist} */ one) => one);
	const {state, error} = list.value;
	return tags.section({'aria-label': t('person.list_playlists', {name: user.name})},
		state === 'loading' && !items.length ? h(Skeleton, {n: 2})
			: !items.length && error ? h(Failed, {error, onRetry: retry})
				: !items.length ? h(Empty, {icon: 'queue', text: own ? t('person.empty_playlists_own') : t('person.empty_playlists', {name: user.name})},
					tags.a({class: 'button', href: '/'}, t('notfound.home')))
					: [
						tags.ul({class: 'playlist-cards'}, items.map((playlist) => tags.li({key: playlist.id}, tags.a({href: playlist.url}, playlist.title)))),
						h(More, {list: list.value, onMore: retry}),
					]);
}
