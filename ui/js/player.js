// What is heard, what was, and what comes next. Pages call playFrom or toggle
// and read the signals; nothing else touches the audio elements.

import {batch, computed, effect, signal, untracked} from './html.js';
import {latest} from './tracks.js';
import * as order from './order.js';
import * as sound from './sound.js';

export {playing, buffering, position, buffered} from './sound.js';

/** @typedef {import('./wire.d.ts').Track} Track */
/** @typedef {import('./order.js').Repeat} Repeat */
/**
 * Loads what follows in the list that is heard. What it gives may begin with
 * tracks that are known; when it gives no others, that was the end.
 * @typedef {() => Promise<readonly Track[]>} More
 */

/** @type {import('./html.js').Signal<order.Order<Track>>} */
export const lined = signal(order.nothing());

/** The tracks that are heard, in that order. */
export const queue = computed(() => lined.value.list);
/** Place of the current track in the queue; -1 without one. */
export const index = computed(() => lined.value.index);
/** The track in the player, playing or not; null when there is none. */
export const current = computed(() => lined.value.list[lined.value.index] ?? null);
/** Its length in milliseconds, from the server: elements estimate it. */
export const duration = computed(() => current.value?.duration_ms ?? 0);
export const shuffled = computed(() => lined.value.shuffled);
export const repeat = signal(/** @type {Repeat} */ ('off'));
/** From 0 to 1, as a person feels it. */
export const volume = signal(1);
export const muted = signal(false);
/**
 * Why the current track is not heard; null when nothing is wrong. The code is
 * one of the API's, or offline or unplayable.
 * @type {import('./html.js').ReadonlySignal<{code: string, track: Track} | null>}
 */
export const error = computed(() => {
	const code = sound.trouble.value, track = current.value;
	return code && track ? {code, track} : null;
});

/** Whether a track is the one in the player. @param {{id: string}} track */
export function isCurrent(track) {
	return current.value?.id === track.id;
}

export const hasNext = computed(() => order.step(lined.value, 1, repeat.value) >= 0);

/** What goes on by itself when the list ends: the name of the station that is heard, else null. */
export const station = signal(/** @type {string | null} */ (null));

/** Counts the times that the position leapt rather than went on. */
export const jumps = signal(0);

/** Counts the times that a track was begun anew. */
export const listens = signal(0);

/** Whether the current track is the last one that is heard. */
export const last = signal(false);

/** @type {More | null} */
let more = null;
let loadingMore = false;
let failures = 0;
let skipTimer = 0;

/**
 * Hears a list from item i on, starting at atMs.
 * @param {readonly Track[]} list @param {number} i @param {number} [atMs]
 * @param {More | null} [next] Loads the list's following pages.
 * @param {string | null} [of] The station that they are of.
 */
export function playFrom(list, i, atMs = 0, next = null, of = null) {
	failures = 0;
	more = next;
	station.value = of;
	begin(order.begin(list, i, lined.peek().shuffled), atMs, true);
}

/**
 * Without a track, or with the current one: plays or pauses. With another:
 * plays it from its beginning, and what follows it in the list after it.
 * @param {Track} [track] @param {readonly Track[]} [list] @param {More | null} [next]
 */
export function toggle(track, list, next = null) {
	if (track && track.id !== current.peek()?.id) {
		const from = list ?? [track];
		playFrom(from, Math.max(0, from.findIndex((one) => one.id === track.id)), 0, next);
	} else if (sound.playing.peek()) {
		pause();
	} else {
		play();
	}
}

export function play() {
	clearTimeout(skipTimer);
	if (current.peek()) sound.use((engine) => engine.play());
}

export function pause() {
	sound.use((engine) => engine.pause());
}

/** Goes to a time of the current track. @param {number} ms */
export function seek(ms) {
	sound.use((engine) => engine.seek(ms));
	jumps.value++;
}

/** Moves within the current track. @param {number} ms Negative goes back. */
export function seekBy(ms) {
	seek(sound.position.peek() + ms);
}

export function next() {
	void go(1, true);
}

/** Starts the track again; within its first three seconds, goes to the one before. */
export function previous() {
	if (sound.position.peek() > 3000 || order.step(lined.peek(), -1, repeat.peek()) < 0) seek(0);
	else void go(-1, true);
}

/** Plays the i-th track of the queue. @param {number} i */
export function jump(i) {
	if (!lined.peek().list[i]) return;
	failures = 0;
	begin({...lined.peek(), index: i}, 0, true);
}

/** Takes a track out of the queue; if it is heard, what follows is. @param {string} id */
export function remove(id) {
	const was = current.peek()?.id, on = sound.playing.peek();
	const last = was === id && lined.peek().index === lined.peek().list.length - 1;
	const without = order.remove(lined.peek(), id);
	if (was === id) begin(without, 0, on && !last);
	else change(without);
}

/** Empties the queue but for the current track. */
export function clearQueue() {
	more = station.value = null;
	const now = current.peek();
	change(now ? order.begin([now], 0, lined.peek().shuffled) : order.nothing());
}

/** Ends everything and forgets it. */
export function stop() {
	more = station.value = null;
	clearTimeout(skipTimer);
	sound.use((engine) => engine.close());
	change({...order.nothing(), shuffled: lined.peek().shuffled});
}

/** Lines tracks up otherwise. What is heard is to stay the same. @param {order.Order<Track>} to */
export function change(to) {
	lined.value = to;
}

/**
 * Opens the current track of an order. Track and position change as one, so
 * that nobody sees the time of one in the length of the other.
 * @param {order.Order<Track>} to @param {number} atMs @param {boolean} on
 * @param {number} [over] Seconds in which what is heard fades into it.
 */
export function begin(to, atMs, on, over = 0) {
	clearTimeout(skipTimer);
	batch(() => {
		change(to);
		const track = to.list[to.index];
		sound.use((engine) => (track ? engine.open(track, atMs, on, over) : engine.close()));
		listens.value++;
	});
	jumps.value++;
}

/** Whether two tracks are of one album, and so belong together as they are. @param {Track} a @param {Track} b */
export function sameAlbum(a, b) {
	return Boolean(a.album) && a.album === b.album && a.user.id === b.user.id;
}

/** What is heard after a track by itself; null for nothing, or when that is not known yet. @param {Track} track */
export function after(track) {
	const now = lined.value, once = last.value || repeat.value === 'one';
	const at = now.list.findIndex((one) => one.id === track.id);
	const next = now.list[at < 0 || once ? -1 : order.step({...now, index: at}, 1, repeat.value, false)];
	return next && next.id !== track.id ? next : null;
}

/** @param {1 | -1} by @param {boolean} asked */
async function go(by, asked) {
	clearTimeout(skipTimer);
	const from = current.peek()?.id;
	let to = order.step(lined.peek(), by, repeat.peek(), asked);
	if (by === 1 && more && lined.peek().index === lined.peek().list.length - 1) {
		await loadMore();
		if (current.peek()?.id !== from) return;
		to = order.step(lined.peek(), by, repeat.peek(), asked);
	}
	if (to < 0) {
		// The end: the first track is ready to start again.
		if (asked) return;
		begin({...lined.peek(), index: 0}, 0, false);
		return;
	}
	begin({...lined.peek(), index: to}, 0, asked || sound.playing.peek() || failures > 0);
}

async function loadMore() {
	if (!more || loadingMore) return;
	const asked = more;
	loadingMore = true;
	try {
		const items = await asked();
		if (more !== asked) return;
		const longer = order.append(lined.peek(), items);
		if (longer === lined.peek()) more = null;
		change(longer);
	} catch {
		// Asked again when the end of the queue comes nearer.
	} finally {
		loadingMore = false;
	}
}

/** Makes ready for tracks that follow one another without a gap. */
export const expectAlbum = () => sound.use((engine) => engine.prepareGapless());

Object.assign(sound.told, {
	ended() {
		failures = 0;
		if (last.peek()) {
			last.value = false;
			pause();
		} else if (repeat.peek() === 'one') {
			listens.value++;
			sound.use((engine) => engine.restart());
			return;
		}
		void go(1, false);
	},
	/** Those of an album belong together as they are. @param {Track} track */
	follows: (track) => untracked(() => {
		const next = after(track);
		return next && sameAlbum(track, next) ? next : null;
	}),
	/** @param {number} seconds */
	nearing(seconds) {
		const now = lined.peek(), to = order.step(now, 1, repeat.peek(), false);
		const from = now.list[now.index], track = now.list[to];
		if (!from || !track || repeat.peek() === 'one' || last.peek() || sameAlbum(from, track)) return;
		failures = 0;
		begin({...now, index: to}, 0, true, seconds);
	},
	/** @param {string} code */
	failed(code) {
		failures++;
		// Without a sign-in or a server the next one fails as well.
		if (code === 'signin.needed' || code === 'forbidden' || failures > 4) return;
		if (order.step(lined.peek(), 1, repeat.peek()) < 0 || lined.peek().list.length < 2) return;
		skipTimer = setTimeout(() => void go(1, false), 4000);
	},
});

effect(() => {
	if (lined.value.index >= lined.value.list.length - 3 && sound.playing.value) void untracked(loadMore);
});

// Newer facts: a waveform is ready, a title changed, a track is gone.
effect(() => {
	for (const track of lined.value.list) {
		const now = latest(track);
		if (now !== track) untracked(() => (now ? update(now) : remove(track.id)));
	}
});

/** @param {Track} track */
function update(track) {
	change(order.replace(lined.peek(), track));
	sound.use((engine) => engine.update(track));
}
