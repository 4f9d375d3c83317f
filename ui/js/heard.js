// What the player does beside playing: it keeps the queue and the loudness for
// the next visit, fetches what comes next, and tells the server what was heard.

import {base, computed, effect, untracked} from './html.js';
import {api} from './api.js';
import {after, begin, current, duration, jumps, lined, listens, muted, position, repeat, stop, volume} from './player.js';
import {me} from './state.js';
import {latest, learn} from './tracks.js';
import * as engine from './engine.js';
import * as sound from './sound.js';
import {retune, sounding} from './tuning.js';

/** @typedef {import('./wire.d.ts').Track} Track */

const listKey = `earshot${base}.heard`;
const soundKey = `earshot${base}.sound`;
const kept = 200;

/** Whose queue it is: it may hold tracks that others must not see. */
let owner = '';
let restored = false;
let keepTimer = 0;

/** @param {string} key @returns {any} */
function read(key) {
	try {
		return JSON.parse(localStorage.getItem(key) ?? 'null');
	} catch {
		return null;
	}
}

/** @param {string} key @param {unknown} value */
function write(key, value) {
	try {
		if (value === null) localStorage.removeItem(key);
		else localStorage.setItem(key, JSON.stringify(value));
	} catch {
		// A full or forbidden storage costs only the memory of it.
	}
}

sound.put(engine);

// How things sound is kept for this device.
const before = read(soundKey);
if (typeof before?.volume === 'number') volume.value = Math.min(1, Math.max(0, before.volume));
muted.value = before?.muted === true;
retune(before);
if (before?.repeat === 'all' || before?.repeat === 'one') repeat.value = before.repeat;

effect(() => {
	engine.setVolume(volume.value, muted.value);
	write(soundKey, {volume: volume.value, muted: muted.value, repeat: repeat.value, ...sounding()});
});

// What comes next is fetched before it is needed.
let warmed = '';
const coming = computed(() => (current.value ? after(current.value) : null));
const comingId = computed(() => coming.value?.id ?? '');
const nearEnd = computed(() => sound.playing.value && duration.value - position.value <= 25000);
effect(() => {
	void listens.value;
	const id = comingId.value, near = nearEnd.value;
	untracked(() => {
		engine.follow();
		warmed = near ? id : '';
		const track = coming.peek();
		// What was made ready for another turn of the queue is of no use.
		if (!near) return;
		if (!track || engine.holds(track)) engine.prepare(null);
		else void warm(track).then(() => warmed === id && engine.prepare(coming.peek()));
	});
});

/**
 * Fetches the beginning of a track that will be heard soon, so that it is in
 * the browser's cache, and learns from it how fast the link is.
 * @param {Track} next
 */
async function warm(next) {
	const {mp4, file} = next.stream;
	const bytes = 256 * 1024 + (mp4 ? Math.ceil(engine.tableBytes(next)) : 0);
	const from = performance.now();
	try {
		const answer = await fetch(mp4 ?? file, {headers: {Range: `bytes=0-${bytes - 1}`}});
		if (answer.status !== 206) {
			await answer.body?.cancel();
			return;
		}
		const got = (await answer.arrayBuffer()).byteLength;
		const took = performance.now() - from;
		// A cached or tiny answer says nothing about the link.
		if (got > 128 * 1024 && took > 5) engine.measure((got * 8000) / took);
	} catch {
		// It was only a favour; what is wrong will be said when it is its turn.
	}
}

/** @param {string} id */
async function refresh(id) {
	try {
		learn(await api.get(`/api/tracks/${id}`));
	} catch {
		// Playing it will say what is wrong.
	}
}

function keep() {
	const {list, source, index: at, shuffled: mixed} = lined.peek();
	const from = Math.max(0, Math.min(at - kept / 4, list.length - kept));
	const near = list.slice(from, from + kept);
	const ids = new Set(near.map((one) => one.id));
	write(listKey, list.length === 0 ? null : {
		owner, list: near, source: source.filter((one) => ids.has(one.id)).map((one) => one.id),
		index: at - from, shuffled: mixed, position: Math.round(position.peek()),
	});
}

function restore() {
	const held = read(listKey);
	if (held?.owner !== owner || !Array.isArray(held.list) || !held.list[held.index]) return;
	// An older Earshot may have kept tracks of another shape.
	if (!held.list.every((/** @type {any} */ one) => one?.id && (one.stream?.mp4 ?? one.stream?.file) && one.user?.url && one.audio && one.can && one.counts)) return;
	const list = /** @type {Track[]} */ (held.list);
	const byId = new Map(list.map((one) => [one.id, one]));
	const source = /** @type {string[]} */ (held.source ?? []).map((id) => byId.get(id));
	begin({
		list, index: held.index, shuffled: held.shuffled === true,
		source: source.length === list.length && source.every(Boolean) ? /** @type {Track[]} */ (source) : list,
	}, Number(held.position) || 0, false);
	void refresh(list[held.index]?.id ?? '');
}

effect(() => {
	const now = me.value;
	if (now === undefined) return; // Not known yet.
	untracked(() => {
		const id = now?.id ?? '';
		if (restored && id === owner) return;
		const had = restored;
		if (had && owner !== '') stop();
		owner = id;
		restored = true;
		if (!current.peek()) restore();
	});
});
effect(() => {
	void lined.value;
	if (!restored) return;
	clearTimeout(keepTimer);
	keepTimer = setTimeout(keep, 300);
});
effect(() => {
	if (!sound.playing.value) {
		if (restored && current.peek()) keep();
		return;
	}
	const timer = setInterval(keep, 5000);
	return () => clearInterval(timer);
});
addEventListener('pagehide', () => {
	if (restored) keep();
});

// A listen counts once, when half a minute or half the track was really heard:
// leaps add nothing. It ends with another track, or with the page.
/** @typedef {{id: string, ms: number, from: number, at: number, length: number, told: boolean, ended: boolean}} Listen at is the last moment that was heard. */
/** @type {Listen} */
let listen = {id: '', ms: 0, from: 0, at: 0, length: 0, told: true, ended: true};
/** That of a track which fades out. @type {Listen | null} */
let leaving = null;
const heardId = computed(() => current.value?.id ?? '');

effect(() => {
	void listens.value;
	const id = heardId.value;
	untracked(() => {
		if (engine.leaving() === null) end(listen);
		else leaving = listen;
		listen = {id, ms: 0, from: position.peek(), at: 0, length: duration.peek(), told: false, ended: false};
	});
});
addEventListener('pagehide', () => {
	leftAt(engine.leaving() ?? 0);
	end(listen);
});
sound.told.left = leftAt;

/** How far it was heard while it faded out. @param {number} at */
function leftAt(at) {
	if (!leaving) return;
	leaving.ms += Math.max(0, at - leaving.at);
	leaving.at = Math.max(at, leaving.at);
	end(leaving);
	leaving = null;
}

/**
 * Where listening ended is told once a listen, and not again: without a server
 * it is lost. The page may be on its way out.
 * @param {Listen} listen
 */
function end(listen) {
	const {id, ms, at: last, length, ended} = listen;
	if (ended || ms < 3000) return;
	listen.ended = true;
	// The clock does not tick at the very end.
	const at = length - last < 1500 ? length : last;
	void fetch(`${base}/api/tracks/${id}/stops`, {
		method: 'POST', keepalive: true, credentials: 'same-origin', headers: {'Accept': 'application/json', 'Content-Type': 'application/json'},
		body: JSON.stringify({position_ms: Math.round(at), listened_ms: Math.round(ms)}),
	}).catch(() => {});
}
effect(() => {
	void jumps.value;
	listen.from = position.peek();
});
effect(() => {
	const now = position.value, on = sound.playing.value && !sound.buffering.value;
	const step = now - listen.from;
	listen.from = now;
	// The clock ticks twenty times a second, and once a second behind another tab.
	if (!on || step <= 0 || step > 3000) return;
	listen.ms += step;
	listen.at = now;
	const least = Math.min(30_000, duration.peek() / 2);
	if (listen.told || listen.ms < least || current.peek()?.id !== listen.id) return;
	listen.told = true;
	void tell(listen.id, Math.round(listen.ms), 0);
});

/**
 * Tells of a listen; without a server, again after a while.
 * @param {string} id @param {number} ms @param {number} tries
 */
async function tell(id, ms, tries) {
	const heardBy = owner;
	try {
		const {counted} = await api.post(`/api/tracks/${id}/plays`, {listened_ms: ms});
		const list = lined.peek().list;
		const heard = list.find((one) => one.id === id);
		const track = heard && latest(heard);
		if (counted && track) learn({...track, counts: {...track.counts, plays: track.counts.plays + 1}});
	} catch (error) {
		const {status} = /** @type {import('./api.js').ApiError} */ (error);
		if ((status === 0 || status >= 500) && tries < 5) {
			// It belongs to nobody else's history.
			setTimeout(() => heardBy === owner && void tell(id, ms, tries + 1), 20_000 * 2 ** tries);
		}
	}
}
