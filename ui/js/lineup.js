// What people do to the queue and the loudness while something is heard.

import {batch} from './html.js';
import * as order from './order.js';
import {change, current, isCurrent, lined, muted, playFrom, repeat, volume} from './player.js';

/** @typedef {import('./wire.d.ts').Track} Track */
/** @typedef {import('./order.js').Repeat} Repeat */

/** @param {boolean} on */
export function setShuffled(on) {
	change(order.shuffle(lined.peek(), on));
}

/** Off, all, one, off. */
export function cycleRepeat() {
	const following = {off: 'all', all: 'one', one: 'off'};
	repeat.value = /** @type {Repeat} */ (following[repeat.peek()]);
}

/** Hears a track after the current one; starts it if there is none. @param {Track} track */
export function playNext(track) {
	if (!current.peek()) return playFrom([track], 0);
	change(order.insertNext(lined.peek(), track));
}

/** Adds a track to the end of the queue. @param {Track} track */
export function enqueue(track) {
	if (!current.peek()) return playFrom([track], 0);
	if (isCurrent(track)) return;
	const now = lined.peek();
	change({...order.append({...order.remove(now, track.id), shuffled: false}, [track]), shuffled: now.shuffled});
}

/** Moves a track within the queue. @param {number} from @param {number} to */
export function move(from, to) {
	change(order.move(lined.peek(), from, to));
}

/** @param {number} to From 0 to 1. */
export function setVolume(to) {
	batch(() => {
		volume.value = Math.min(1, Math.max(0, to));
		muted.value = volume.value === 0;
	});
}

export function toggleMute() {
	if (muted.peek() && volume.peek() === 0) setVolume(0.5);
	else muted.value = !muted.peek();
}
