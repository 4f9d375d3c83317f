// What is typed about an upload goes to the server as it is typed, while the
// track is a draft: it is there on another day and another device.

import {at, signal} from './html.js';
import {api} from './api.js';
import {learn} from './tracks.js';

/** @typedef {import('./wire.d.ts').TrackPatch} TrackPatch */
/** @typedef {{id: string, patch: TrackPatch, timer: number}} Waiting */

const pause = 900; // ms without a key

/** @type {Map<string, Waiting>} */
const waiting = new Map();
/** @type {Map<string, Promise<void>>} */
const going = new Map();

/** Tracks whose texts are all on the server, by id. @type {import('./html.js').Signal<ReadonlySet<string>>} */
export const kept = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/** @param {string} id @param {boolean} is */
function mark(id, is) {
	if (kept.peek().has(id) === is) return;
	const next = new Set(kept.peek());
	next[is ? 'add' : 'delete'](id);
	kept.value = next;
}

/** Keeps what was typed, a moment later. @param {string} id @param {TrackPatch} patch */
export function keepTyped(id, patch) {
	clearTimeout(waiting.get(id)?.timer);
	mark(id, false);
	waiting.set(id, {id, patch, timer: setTimeout(() => void flush(id), pause)});
}

/** Keeps at once what waits. What the server refuses is said when it is published. @param {string} id */
export async function flush(id) {
	await going.get(id);
	const one = waiting.get(id);
	if (!one) return;
	clearTimeout(one.timer);
	waiting.delete(id);
	const sent = api.patch(`/api/tracks/${id}`, one.patch).then((track) => {
		learn(track);
		mark(id, !waiting.has(id));
	}, () => {}).finally(() => going.delete(id));
	going.set(id, sent);
	await sent;
}

/** Forgets what waits: all of it is being saved. @param {string} id */
export async function settle(id) {
	clearTimeout(waiting.get(id)?.timer);
	waiting.delete(id);
	await going.get(id);
}

addEventListener('pagehide', () => {
	for (const {id, patch} of waiting.values()) {
		void fetch(at(`/api/tracks/${id}`), {
			method: 'PATCH', keepalive: true, credentials: 'same-origin', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(patch),
		}).catch(() => {});
	}
	waiting.clear();
});
