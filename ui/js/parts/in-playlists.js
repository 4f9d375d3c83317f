// The playlists that a track is in, as far as one may find them, and the way
// to put it into an own one.

import {h, tags} from '../html.js';
import {api} from '../api.js';
import {t} from '../i18n.js';
import {latestPlaylist, learnPlaylist} from '../playlists.js';
import {Link} from '../router.js';
import {me} from '../state.js';
import {Artwork} from './artwork.js';
import {icon} from './icon.js';
import {useList} from './list.js';
import {summary} from './playlist-cards.js';
import {Shelf} from './shelf.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Playlist} Playlist */
/** @typedef {import('../wire.d.ts').Track} Track */

/** @param {{track: Track}} props */
export function InPlaylists({track}) {
	const path = `/api/tracks/${track.id}/playlists`;
	const {list, items, more} = useList(path, learnPlaylist);
	const {state, next} = list.value;
	const shown = items.map(latestPlaylist).filter((one) => one !== null);
	if (!shown.length && !me.value) return null;
	const add = async () => (await import('./playlist-actions.js')).addToPlaylist(track, async () => {
		// What was put in or taken out shows at once.
		const page = await api.get(path, {limit: 20}).catch(() => null);
		if (page) list.value = {items: page.items.map(learnPlaylist), next: page.next || undefined, state: 'ready', error: null};
	});
	return h(Shelf, {title: t('inlists.title'), name: t('inlists.title'), class: 'in-playlists', lead: shown.length || state === 'loading' ? undefined : t('inlists.none')},
		me.value && tags.li({key: 'add', class: 'shelf-track'},
			tags.button({type: 'button', class: 'add-tile', onClick: () => void add()}, icon('plus'), tags.span(t('playlist.add')))),
		shown.map((playlist) => tags.li({key: playlist.id, class: 'shelf-track'},
			tags.div({class: 'shelf-art'}, tags.a({href: playlist.url, tabIndex: -1, 'aria-hidden': 'true'}, h(Artwork, {track: playlist}))),
			tags.h3({class: 'card-title'}, h(Link, {href: playlist.url}, playlist.title)),
			tags.p({class: 'card-by'}, h(Link, {href: playlist.user.url}, playlist.user.name)),
			tags.p({class: 'muted small'}, summary(playlist)))),
		next && tags.li({key: 'more', class: 'shelf-track'},
			tags.button({type: 'button', class: 'add-tile', 'aria-disabled': state === 'more', onClick: () => void more().catch(() => {})}, icon('more'), tags.span(t('list.more')))));
}
