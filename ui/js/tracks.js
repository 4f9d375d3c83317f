// The newest state of every track that was seen, so that an edit or a finished
// waveform shows wherever the track is on the screen.

import {signal, useEffect, within} from './html.js';
import {api} from './api.js';
import {events, me} from './state.js';

/** @typedef {import('./wire.d.ts').Track} Track */
/** @typedef {import('./html.js').Signal<Track | null>} TrackSignal */

/** @type {Map<string, TrackSignal>} */
const known = new Map();

/**
 * Takes note of a track as the server sent it.
 * @param {Track} track
 * @returns {Track}
 */
export function learn(track) {
	const found = known.get(track.id);
	if (found) found.value = track;
	else known.set(track.id, signal(/** @type {Track | null} */ (track)));
	return track;
}

/**
 * The track of an address, if it was seen: its page need not wait. What
 * another account may have seen in private is asked for.
 * @param {string} url decoded
 */
export function seenAt(url) {
	for (const one of known.values()) {
		const track = one.peek();
		if (track && decodeURI(within(track.url)) === url) return track.visibility === 'public' || track.user.id === me.peek()?.id ? track : null;
	}
	return null;
}

/**
 * Takes note that a track was deleted.
 * @param {string} id
 */
export function forget(id) {
	const found = known.get(id);
	if (found) found.value = null;
}

/**
 * A track as it is now; null when it was deleted. Components that ask are
 * drawn again when it changes.
 * @param {Track} track
 * @returns {Track | null}
 */
export function latest(track) {
	let found = known.get(track.id);
	if (!found) known.set(track.id, found = signal(/** @type {Track | null} */ (track)));
	return found.value;
}

/**
 * While shown: fetches a track anew until its waveform is finished. The owner
 * is told when that is; whoever else looks asks now and then.
 * @param {Track | null | undefined} track
 */
export function useFreshWaveform(track) {
	const id = track?.waveform === 'pending' ? track.id : '';
	const own = track?.user.id === me.value?.id;
	useEffect(() => {
		if (!id) return;
		const ask = () => void api.get(`/api/tracks/${id}`).then(learn, () => {});
		const timer = setInterval(ask, own ? 20_000 : 6000);
		const off = own && events.on('track', (event) => event.track === id && ask());
		return () => {
			clearInterval(timer);
			if (off) off();
		};
	}, [id, own]);
}
