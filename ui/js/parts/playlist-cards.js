// Playlists and albums in a list: artwork, what they are, and how much is in
// them.

import {h, tags} from '../html.js';
import {rough} from '../amounts.js';
import {t} from '../i18n.js';
import {latestPlaylist} from '../playlists.js';
import {Link} from '../router.js';
import {style} from '../style.js';
import {Artwork} from './artwork.js';
import {Reach} from './track-card.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Playlist} Playlist */

await style('playlists');

/** What a playlist is, and how long. @param {Playlist} playlist */
export function summary({kind, tracks, duration_ms: ms}) {
	const params = {n: tracks, time: rough(ms)};
	if (tracks === 0) return kind === 'album' ? t('playlist.album_none') : t('playlist.playlist_none');
	return kind === 'album' ? t('playlist.album_sum', params) : t('playlist.playlist_sum', params);
}

/**
 * @param {{playlists: readonly Playlist[], by?: boolean}} props by says whether the person is named
 */
export function PlaylistCards({playlists, by = true}) {
	return tags.ul({class: 'list-cards'}, playlists.map((given) => {
		const playlist = latestPlaylist(given);
		return playlist && tags.li({key: playlist.id, class: 'list-card'},
			tags.a({href: playlist.url, class: 'list-art', tabIndex: -1, 'aria-hidden': 'true'}, h(Artwork, {track: playlist, size: 'medium'})),
			tags.h3({class: 'card-title'}, h(Link, {href: playlist.url}, playlist.title)),
			by && tags.p({class: 'card-by'}, h(Link, {href: playlist.user.url}, playlist.user.name)),
			tags.p({class: 'muted small list-sum'}, h(Reach, {thing: playlist}), summary(playlist)));
	}));
}
