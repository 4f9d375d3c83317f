// How things sound on this device: how fast, how loud beside one another, how
// one goes over into the next, and when it ends by itself.

import {computed, effect, signal, untracked} from './html.js';
import * as engine from './engine.js';
import {gain} from './levels.js';
import {current, last, pause, playing, queue, sameAlbum} from './player.js';

/** @typedef {import('./wire.d.ts').Track} Track */
/** @typedef {'off' | 'track' | 'album'} Level */

export const speeds = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
export const longestCrossfade = 12;

/** Times as fast as it was recorded; the pitch is kept. */
export const speed = signal(1);
/** Which tracks are made as loud as others: none, each, or albums as a whole. */
export const level = signal(/** @type {Level} */ ('album'));
/** Seconds that one track fades into the next. */
export const crossfade = signal(0);
/** When it ends by itself: at a time of the clock in milliseconds; null for never. */
export const sleepAt = signal(/** @type {number | null} */ (null));
/** Whether it ends by itself, in whatever way. */
export const sleeps = computed(() => sleepAt.value !== null || last.value);

/** What is to be kept of this. */
export function sounding() {
	return {speed: speed.value, level: level.value, crossfade: crossfade.value};
}

/** Takes what was kept. @param {any} kept */
export function retune(kept) {
	if (speeds.includes(kept?.speed)) speed.value = kept.speed;
	if (['off', 'track', 'album'].includes(kept?.level)) level.value = kept.level;
	if (kept?.crossfade > 0) crossfade.value = Math.min(longestCrossfade, Math.round(kept.crossfade));
}

effect(() => engine.setSpeed(speed.value));
effect(() => engine.setCrossfade(crossfade.value));

/**
 * What the amplitude of a track is multiplied with.
 * @param {Track} track @param {Level} by
 */
function gainOf(track, by) {
	if (by === 'off') return 1;
	return gain(by === 'album' ? [track, ...queue.peek().filter((one) => one.id !== track.id && sameAlbum(one, track))] : [track]);
}

/** How much is left of the loudness as it ends by itself. */
let lull = 1;
effect(() => {
	const by = level.value;
	void current.value;
	engine.setGain((track) => lull * gainOf(track, by));
});

/** Seconds in which the sound ebbs away. */
const ebb = 10;
let sleepTimer = 0;

/** Has it end after so many minutes, after the current track, or not by itself. @param {number | 'track' | null} when */
export function sleepAfter(when) {
	last.value = when === 'track';
	sleepAt.value = typeof when === 'number' ? Date.now() + when * 60_000 : null;
}

effect(() => {
	const at = sleepAt.value, by = level.value;
	clearInterval(sleepTimer);
	/** @param {number} to */
	const hush = (to) => {
		if (to === lull) return;
		lull = to;
		engine.setGain((track) => lull * gainOf(track, by));
	};
	hush(1);
	if (at === null) return;
	sleepTimer = setInterval(() => {
		const left = (at - Date.now()) / 1000;
		if (left > 0) return hush(Math.min(1, left / ebb));
		untracked(() => playing.peek() && pause());
		sleepAt.value = null;
	}, 250);
});
