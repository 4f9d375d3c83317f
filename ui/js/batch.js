// What is done with many own tracks at once.

import {ApiError, api} from './api.js';
import {forget, learn} from './tracks.js';

/** @typedef {import('./wire.d.ts').Track} Track */
/** @typedef {import('./wire.d.ts').TracksPatchChanges} Changes */
/** @typedef {{track: Track, error: unknown}} Failure */

/** As many go in one request, so that there is something to see of large ones. */
const atOnce = 100;

/**
 * Changes tracks, each by itself, and gives those that stayed as they were.
 * @param {readonly Track[]} tracks @param {Changes} changes @param {readonly string[] | null} titles of each, or null
 * @param {(done: number) => void} [tell]
 * @returns {Promise<Failure[]>}
 */
export async function change(tracks, changes, titles = null, tell) {
	/** @type {Failure[]} */
	const failed = [];
	for (let i = 0; i < tracks.length; i += atOnce) {
		const part = tracks.slice(i, i + atOnce);
		try {
			/** @type {import('./wire.d.ts').TracksPatched} */
			const answer = await api.patch('/api/me/tracks', {ids: part.map(({id}) => id), titles: titles?.slice(i, i + atOnce) ?? undefined, changes});
			for (const one of answer.items) learn(one);
			for (const {id, error} of answer.failed) {
				const track = part.find((one) => one.id === id);
				if (track) failed.push({track, error: new ApiError(400, error)});
			}
		} catch (error) {
			if (!i) throw error;
			return [...failed, ...tracks.slice(i).map((track) => ({track, error}))];
		}
		tell?.(Math.min(tracks.length, i + atOnce));
	}
	return failed;
}

/**
 * Does something at the pace that the server asks for.
 * @template T @param {() => Promise<T>} act @returns {Promise<T>}
 */
async function paced(act) {
	for (let again = 0; ; again++) {
		try {
			return await act();
		} catch (error) {
			if (!(error instanceof ApiError) || error.status !== 429 || again > 5) throw error;
			await new Promise((resolve) => setTimeout(resolve, 1000 * (error.retryAfter || 2)));
		}
	}
}

/**
 * Does something with each, one after the other, and gives those with which it
 * failed.
 * @param {readonly Track[]} tracks @param {(track: Track) => Promise<unknown>} act @param {(done: number) => void} [tell]
 */
export async function each(tracks, act, tell) {
	/** @type {Failure[]} */
	const failed = [];
	let done = 0;
	for (const track of tracks) {
		try {
			await paced(() => act(track));
		} catch (error) {
			failed.push({track, error});
		}
		tell?.(++done);
	}
	return failed;
}

/** @param {readonly Track[]} tracks @param {Blob} picture @param {(done: number) => void} [tell] */
export const illustrate = (tracks, picture, tell) => each(tracks, async ({id}) => learn(await api.put(`/api/tracks/${id}/picture`, picture)), tell);

/** @param {readonly Track[]} tracks @param {(done: number) => void} [tell] */
export const erase = (tracks, tell) => each(tracks, async ({id}) => {
	try {
		await api.del(`/api/tracks/${id}`);
	} catch (error) {
		if (!(error instanceof ApiError && error.status === 404)) throw error;
	}
	forget(id);
}, tell);

/**
 * Makes a playlist of tracks in their order.
 * @param {readonly Track[]} tracks @param {{title: string, kind: string, visibility: string}} what
 */
export async function gather(tracks, what) {
	const made = await api.post('/api/playlists', {...what, tracks: tracks.slice(0, atOnce).map(({id}) => id)});
	for (const {id} of tracks.slice(atOnce)) await paced(() => api.put(`/api/playlists/${made.id}/tracks/${id}`, {}));
	return /** @type {import('./wire.d.ts').Playlist} */ (made);
}
