// What is known of the sound, and the way to what makes it: that comes a moment
// after the first page, or when sound is wanted.
//
// Only player.js uses this; everything else reads player.js.

import {signal} from './html.js';

/** @typedef {import('./wire.d.ts').Track} Track */
/** @typedef {typeof import('./engine.js')} Engine */

/** Whether sound is wanted; true while it is still being fetched. */
export const playing = signal(false);
/** Whether wanted sound is being waited for. */
export const buffering = signal(false);
/** Where the sound is, in milliseconds of the track; moves 20 times a second. */
export const position = signal(0);
/** Up to where the sound has been fetched without a gap, in milliseconds. */
export const buffered = signal(0);
/** Why sound that is wanted cannot be had now; the code is one of the API's, or offline or unplayable. */
export const trouble = signal(/** @type {string | null} */ (null));

/**
 * Who hears of the end of a track, of an end that comes near where tracks fade
 * into one another, in so many seconds, of a track that can't be played, and of
 * how far one came that faded out, in milliseconds; and who knows what is to
 * follow a track without a gap.
 */
export const told = {
	ended() {}, nearing(/** @type {number} */ _seconds) {}, failed(/** @type {string} */ _code) {}, left(/** @type {number} */ _ms) {},
	/** @type {(track: Track) => Track | null} */
	follows: () => null,
};

/** @type {Engine | null} */
let engine = null;

/** Takes what makes the sound, which came with something else. @param {Engine} made */
export function put(made) {
	engine = made;
}

/** Does something with what makes the sound. @param {(engine: Engine) => void} what */
export function use(what) {
	if (engine) what(engine);
	else {
		import('./engine.js').then((made) => what(engine = made), () => {
			trouble.value = 'offline';
		});
	}
}
