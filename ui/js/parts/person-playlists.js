// The playlists and albums of a person.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {Empty, Failed, More, Skeleton, useList} from './list.js';
import {PlaylistCards} from './playlist-cards.js';
import {learnPlaylist} from '../playlists.js';
import '../texts.js';

/** @param {{user: import('../wire.d.ts').User, own: boolean}} props */
export function PersonPlaylists({user, own}) {
	const {list, items, retry} = useList(own ? '/api/me/playlists' : `/api/users/${user.id}/playlists`, learnPlaylist);
	const {state, error} = list.value;
	return tags.section({'aria-label': t('person.list_playlists', {name: user.name})},
		state === 'loading' && !items.length ? h(Skeleton, {n: 2})
			: !items.length && error ? h(Failed, {error, onRetry: retry})
				: !items.length ? h(Empty, {icon: 'queue', text: own ? t('person.empty_playlists_own') : t('person.empty_playlists', {name: user.name})},
					tags.a({class: 'button', href: '/'}, t('notfound.home')))
					: [
						h(PlaylistCards, {playlists: items, by: false}),
						h(More, {list: list.value, onMore: retry}),
					]);
}
