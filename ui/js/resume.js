// Going on on another device: what is heard here is told to the server now and
// then, and what was heard elsewhere last is offered here.

import {base, batch, computed, effect, signal, untracked} from './html.js';
import {api, errorText} from './api.js';
import {change, current, jumps, lined, playFrom, playing, position} from './player.js';
import {me} from './state.js';
import {learn} from './tracks.js';
import {toast} from './parts/toast.js';

/** @typedef {import('./wire.d.ts').PlayQueue} PlayQueue */
/** @typedef {import('./wire.d.ts').Track} Track */

const key = `earshot${base}.resume`;
/** Of the queue's tracks, how many are kept; the server takes no more. */
const most = 1000;
/** Between two writes while one listens, in milliseconds. */
const rhythm = 20_000;
/** Several changes in a row are one write. */
const pause = 1000;
/** What differs by less, in milliseconds, is the same place. */
const near = 5000;

/**
 * What this browser knows: changed is of the queue that it stored last; passed
 * of the one that was offered and turned down; left names the place that a page
 * told of on its way out, when no answer came any more; lost is when it could not store.
 * @typedef {{owner: string, changed: string, passed: string, left: string, lost: number}} Known
 */

/** @param {string} owner @returns {Known} */
function known(owner) {
	try {
		const held = JSON.parse(localStorage.getItem(key) ?? 'null');
		if (held?.owner === owner) return held;
	} catch {
		// Then nothing is known.
	}
	return {owner, changed: '', passed: '', left: '', lost: 0};
}

/** @param {Partial<Known>} news */
function note(news) {
	try {
		localStorage.setItem(key, JSON.stringify({...known(owner), ...news}));
	} catch {
		// A full or forbidden storage offers once more.
	}
}

/**
 * What was heard elsewhere last, with the current track alone; null when there
 * is nothing to go on with.
 * @type {import('./html.js').Signal<PlayQueue | null>}
 */
export const offer = signal(/** @type {PlayQueue | null} */ (null));

/** The part of the page that shows it, once there is something to show. */
export const part = signal(/** @type {typeof import('./parts/resume.js').Resume | null} */ (null));

let owner = '';
/** Whether something was heard here since the page was opened: before, there is nothing to tell. */
let live = false;
/** Whether something was heard since the last write: only then may another device's queue be written over. */
let heard = false;
/** What was written last, to write nothing twice. */
let written = '';
let timer = 0;
let asked = 0;

/** What is heard, as the server takes it; null when that is nothing to keep. */
function standing() {
	const {list, index} = lined.peek();
	const now = list[index];
	if (!now || now.by_link) return null;
	const from = Math.max(0, Math.min(index - most / 4, list.length - most));
	const tracks = list.slice(from, from + most).filter((one) => !one.by_link);
	return {
		tracks: tracks.map((one) => one.id), current: tracks.indexOf(now),
		position_ms: Math.min(Math.max(0, Math.round(position.peek())), now.duration_ms),
	};
}

/**
 * Stores a queue also when the page ends before the answer comes.
 * @param {object} queue @param {string | undefined} over
 * @returns {Promise<{stored: boolean, changed: string}>}
 */
async function farewell(queue, over) {
	const answer = await fetch(`${base}/api/me/queue`, {
		method: 'PUT', keepalive: true, credentials: 'same-origin', headers: {'Accept': 'application/json', 'Content-Type': 'application/json'},
		body: JSON.stringify({...queue, over}),
	});
	if (!answer.ok) throw new Error(`${answer.status}`);
	return answer.json();
}

/** Writes at once. @param {boolean} [leaving] The page may be on its way out. */
function save(leaving = false) {
	clearTimeout(timer);
	timer = 0;
	const queue = live && me.peek()?.id === owner && standing();
	if (!queue) return;
	const text = JSON.stringify(queue);
	if (text === written) return;
	written = text;
	const {changed} = known(owner), whose = owner;
	const over = heard || !changed ? undefined : changed;
	heard = playing.peek();
	if (leaving) note({left: `${queue.tracks[queue.current]} ${queue.position_ms}`});
	// Where the page was only hidden, it hears of what it stored.
	(leaving ? farewell(queue, over) : api.put('/api/me/queue', {...queue, over})).then(({stored, changed: now}) => {
		if (whose === owner && stored) note({changed: now, lost: 0});
	}, () => {
		// What is gone or hidden is not kept; without a server it is told later.
		if (whose !== owner) return;
		if (written === text) written = '';
		heard ||= !over;
		note({lost: Date.now()});
	});
}

function saveSoon() {
	if (live && !timer) timer = setTimeout(save, pause);
}

// What is heard, in what order: facts about a track that change are no change of it.
const order = computed(() => lined.value.list.map((one) => one.id).join() + lined.value.index);

effect(() => {
	void order.value;
	void jumps.value;
	untracked(saveSoon);
});
effect(() => {
	if (!playing.value) {
		untracked(() => live && save());
		return;
	}
	live = heard = true;
	offer.value = null;
	untracked(saveSoon);
	const each = setInterval(save, rhythm);
	return () => clearInterval(each);
});
addEventListener('pagehide', () => save(true));
document.addEventListener('visibilitychange', () => {
	if (document.hidden) return save(true);
	// On phones a page lives on for days.
	if (Date.now() - asked > 60_000) void look();
});

effect(() => {
	const id = me.value?.id ?? '';
	untracked(() => {
		if (id === owner) return;
		batch(() => {
			owner = id;
			live = heard = playing.peek();
			written = '';
			offer.value = null;
		});
		if (id) void look();
	});
});

/** Asks what was heard last, and offers it if that was elsewhere. */
async function look() {
	if (!owner || playing.peek()) return;
	asked = Date.now();
	const whose = owner;
	/** @type {PlayQueue} */
	let queue;
	try {
		queue = await api.get('/api/me/queue', {most: 1});
	} catch {
		return; // It is a favour.
	}
	const [track] = queue.tracks;
	if (whose !== owner || playing.peek()) return;
	if (!track || !isNews(queue, track)) {
		offer.value = null;
		return;
	}
	learn(track);
	if (!part.peek()) part.value = await import('./parts/resume.js').then((made) => made.Resume, () => null);
	if (whose === owner && !playing.peek()) offer.value = queue;
}

/** @param {PlayQueue} queue @param {Track} track */
function isNews({changed, current: at, position_ms: ms}, track) {
	const {changed: own, passed, left, lost} = known(owner);
	if (!changed || changed === own || changed === passed || left === `${track.id} ${ms}` || lost > Date.parse(changed)) return false;
	if (at === 0 && ms < 1000) return false; // nothing was heard yet
	return current.peek()?.id !== track.id || Math.abs(position.peek() - ms) > near;
}

/** Goes on where the other device was: at once with the track, then with all of its queue. */
export async function resume() {
	const queue = offer.peek(), track = queue?.tracks[0];
	if (!queue || !track) return;
	offer.value = null;
	change({...lined.peek(), shuffled: false});
	// Sound begins while the press still counts as one.
	playFrom([track], 0, queue.position_ms);
	try {
		/** @type {PlayQueue} */
		const all = await api.get('/api/me/queue');
		const list = all.tracks.map(learn);
		const now = lined.peek(), at = list.findIndex((one) => one.id === track.id);
		// Meanwhile something else may have been chosen, here or there.
		if (at >= 0 && now.list.length === 1 && now.list[0]?.id === track.id) change({list, source: list, index: at, shuffled: false});
	} catch (error) {
		toast(errorText(error), {kind: 'error'});
	}
}

/** Does not offer it again. */
export function pass() {
	const queue = offer.peek();
	if (queue?.changed) note({passed: queue.changed});
	offer.value = null;
}
