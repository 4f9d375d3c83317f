// The newest state of every playlist that was seen, so that a change shows
// wherever the playlist is on the screen.

import {signal, within} from './html.js';
import {t} from './i18n.js';
import {invite, turn} from './react.js';
import {me} from './state.js';
import './texts.js';

/** @typedef {import('./wire.d.ts').Playlist} Playlist */
/** @typedef {import('./html.js').Signal<Playlist | null>} PlaylistSignal */

/** @type {Map<string, PlaylistSignal>} */
const known = new Map();

/**
 * Takes note of a playlist as the server sent it.
 * @param {Playlist} playlist
 * @returns {Playlist}
 */
export function learnPlaylist(playlist) {
	const found = known.get(playlist.id);
	if (found) found.value = playlist;
	else known.set(playlist.id, signal(/** @type {Playlist | null} */ (playlist)));
	return playlist;
}

/** Takes note that a playlist was deleted. @param {string} id */
export function forgetPlaylist(id) {
	const found = known.get(id);
	if (found) found.value = null;
	else known.set(id, signal(/** @type {Playlist | null} */ (null)));
}

/**
 * A playlist as it is now; null when it was deleted.
 * @param {Playlist} playlist
 * @returns {Playlist | null}
 */
export function latestPlaylist(playlist) {
	if (!known.has(playlist.id)) learnPlaylist(playlist);
	return /** @type {PlaylistSignal} */ (known.get(playlist.id)).value;
}

/** The playlist of an address, as seenAt for tracks. @param {string} url decoded */
export function playlistAt(url) {
	for (const one of known.values()) {
		const playlist = one.peek();
		if (playlist && decodeURI(within(playlist.url)) === url) return playlist.visibility === 'public' || playlist.user.id === me.peek()?.id ? playlist : null;
	}
	return null;
}

/** @param {Playlist} playlist */
export function likePlaylist(playlist) {
	if (!me.peek()) return invite(t('playlist.signin'));
	void turn(`/api/playlists/${playlist.id}/like`, () => {
		const now = latestPlaylist(playlist);
		return now && {on: now.liked, n: now.likes};
	}, ({on, n}) => {
		const now = latestPlaylist(playlist);
		if (now) learnPlaylist({...now, liked: on, likes: n});
	}, (answer) => ({on: answer.liked, n: answer.likes}));
}
