// A track or a playlist as it lies in a message: small, and playable.

import {h, tags} from '../html.js';
import {api, errorText} from '../api.js';
import {time} from '../format.js';
import {t} from '../i18n.js';
import {current, playFrom, playing, toggle} from '../player.js';
import {latest, learn} from '../tracks.js';
import {Artwork, useTint} from './artwork.js';
import {icon} from './icon.js';
import {toast} from './toast.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../wire.d.ts').Playlist} Playlist */

/** @param {{track: Track}} props */
export function AttachedTrack({track: given}) {
	const track = latest(given), style = useTint(given);
	if (!track) return h(Gone, {});
	const on = current.value?.id === track.id && playing.value;
	return tags.div({class: 'attached tinted', style},
		h(Artwork, {track, size: 'small'}),
		tags.button({
			type: 'button', class: 'play', onClick: () => toggle(track),
			'aria-label': on ? t('track.pause', {title: track.title}) : t('track.play', {title: track.title}),
		}, icon(on ? 'pause' : 'play')),
		tags.div({class: 'attached-names'},
			tags.a({class: 'attached-title', href: track.url}, track.title),
			tags.p({class: 'muted small'}, tags.span(track.user.name), ' · ', tags.span(time(track.duration_ms)))));
}

/** @param {{playlist: Playlist}} props */
export function AttachedPlaylist({playlist}) {
	const style = useTint(playlist);
	const begin = async () => {
		try {
			const page = await api.get(`/api/playlists/${playlist.id}/tracks`, {limit: 50});
			if (page.items.length) playFrom(page.items.map(learn), 0);
		} catch (error) {
			toast(errorText(error), {kind: 'error'});
		}
	};
	return tags.div({class: 'attached tinted', style},
		h(Artwork, {track: playlist, size: 'small'}),
		playlist.tracks > 0 && tags.button({type: 'button', class: 'play', 'aria-label': t('attached.play', {title: playlist.title}), onClick: () => void begin()}, icon('play')),
		tags.div({class: 'attached-names'},
			tags.a({class: 'attached-title', href: playlist.url}, playlist.title),
			tags.p({class: 'muted small'}, tags.span(playlist.kind === 'album' ? t('attached.album', {n: playlist.tracks}) : t('attached.playlist', {n: playlist.tracks})))));
}

/** What was attached is not there any more, or not for this reader. */
export function Gone() {
	return tags.p({class: 'attached gone muted small'}, icon('info'), t('attached.gone'));
}

/**
 * Whatever is attached.
 * @param {{what: {track?: Track, playlist?: Playlist, missing?: boolean}}} props
 */
export function Attached({what: {track, playlist, missing}}) {
	if (track) return h(AttachedTrack, {track});
	if (playlist) return h(AttachedPlaylist, {playlist});
	return missing ? h(Gone, {}) : null;
}
