// What makes the sound: two decks, each with an audio element. One is heard;
// the other holds the beginning of what comes next, so that it starts at once,
// or fades in while the first fades out. A deck is given a track and a time and
// makes sound from exactly there, by whichever of the track's addresses this
// browser and this link play best:
//
//   mp4   an MP3's virtual MP4: every time in it can be reached exactly, by Range;
//   mp3   the stream that starts at ?t=SECONDS: a seek opens it anew, and the
//         times of the element count from there;
//   file  the original of any other format, whose own tables lead to a time;
//   line  an MP3 and those that follow it without a gap, see gapless.js.
//
// Only sound.js uses this, and what sets how things sound.

import {batch} from './html.js';
import {buffered, buffering, playing, position, told, trouble} from './sound.js';

/** @typedef {import('./wire.d.ts').Track} Track */
/** @typedef {'mp4' | 'mp3' | 'file' | 'line'} Kind */

const tick = 50;
const seekPause = 150;
const retryAfter = [500, 1000, 2000, 4000, 8000, 15000];

/**
 * @typedef {object} Deck
 * @property {HTMLAudioElement} audio
 * @property {Track | null} track
 * @property {Kind | null} kind The source that is open; null when none is.
 * @property {number} offset Milliseconds of the track before the element's own zero.
 * @property {import('./gapless.js').Line | null} line With that kind.
 * @property {boolean} leaving It fades out.
 * @property {number | null} target Where a seek that has not been carried out yet leads.
 * @property {boolean} switched Another source was tried.
 * @property {number} retries
 * @property {number} goodUntil
 * @property {number} turn Counts openings, so that an answer about an earlier one is known as late.
 * @property {number} lastSeek
 * @property {number} seekTimer
 * @property {number} retryTimer
 * @property {boolean} trusted It made sound once: where that takes a person's touch, it had it.
 * @property {number} fade From 0, silent, to 1.
 * @property {number} fadeTimer
 */

/** @returns {Deck} */
function deck() {
	const audio = new Audio();
	audio.preload = 'auto';
	return {
		audio, track: null, kind: null, offset: 0, target: null, switched: false, retries: 0, goodUntil: 0, turn: 0, lastSeek: 0,
		seekTimer: 0, retryTimer: 0, trusted: false, fade: 1, fadeTimer: 0, line: null, leaving: false,
	};
}

/** The deck that is heard, and the other. */
let on = deck(), off = deck();
let tickTimer = 0;
/** Bits a second; 0 when unknown. */
let measured = 0;
let amplitude = 1;
/** Seconds that one track fades into the next; 0 for not at all. */
let crossing = 0;
/** What is to be fetched when the other deck is not heard any more. @type {Track | null} */
let upcoming = null;
/** Whether the end that comes near was told of. */
let neared = false;
/** Whether it was told that what is heard went over into the next. */
let passed = false;
/** What plays without gaps; it comes late, and not to every browser. @type {typeof import('./gapless.js') | null} */
let gapless = null;
let refusals = 0;
/** @type {(track: Track) => number} */
let gain = () => 1;

/**
 * Makes a track the one to be heard, from a time on. Nothing is fetched before
 * sound is wanted.
 * @param {Track} next @param {number} ms @param {boolean} go
 * @param {number} [over] Seconds in which what is heard fades into it.
 */
export function open(next, ms, go, over = 0) {
	if (told.follows(next)) prepareGapless();
	const was = on;
	if (ms === 0 && !on.fadeTimer && !on.audio.error && on.line?.go(next)) return goOver(next, go);
	const prepared = ms === 0 && !off.fadeTimer && off.kind !== null && !off.audio.error && off.track?.id === next.id && addressOf(off.track, off.kind) === addressOf(next, off.kind);
	const fades = over > 0 && go && playing.peek() && was.kind !== null && !was.audio.paused;
	if (prepared || fades) {
		if (!prepared) reset(off);
		on = off;
		off = was;
		if (!fades) reset(was);
	} else {
		reset(off);
		reset(on);
	}
	const d = on;
	d.track = next;
	neared = passed = false;
	upcoming = null;
	clearInterval(tickTimer);
	batch(() => {
		playing.value = buffering.value = false;
		position.value = inside(ms);
		buffered.value = position.peek();
		trouble.value = null;
	});
	if (fades) {
		was.leaving = true;
		ramp(was, 0, over, () => {
			reset(was);
			prepare(upcoming);
		});
		d.fade = 0;
		ramp(d, 1, over);
	}
	dress(d);
	if (prepared) readBuffered();
	if (go) play();
}

/**
 * The next track lies behind the one that was heard, and is heard already.
 * @param {Track} next @param {boolean} go
 */
function goOver(next, go) {
	const d = on, {line} = d;
	if (!line) return;
	reset(off);
	d.track = next;
	d.offset = -line.zero();
	d.target = d.audio.seeking ? 0 : null;
	d.retries = d.goodUntil = 0;
	neared = passed = false;
	upcoming = null;
	if (!go) {
		pause();
		line.seek(0);
	}
	batch(() => {
		position.value = go && d.target === null ? inside(d.offset + d.audio.currentTime * 1000) : 0;
		buffered.value = position.peek();
		trouble.value = null;
	});
	dress(d);
	readBuffered();
	if (go) play();
}

/** What follows the track that is heard may be another now. */
export function follow() {
	on.line?.follow();
}

/** Whether a track lies behind the one that is heard, without a gap. @param {Track} next */
export const holds = (next) => on.line?.holds(next) === true;

/** How far the track came that fades out; null when none does. */
export const leaving = () => (off.leaving && off.track ? placeOf(off) : null);

/** @param {Deck} d */
function placeOf({audio, track, offset}) {
	const length = track?.duration_ms ?? 0;
	return audio.ended ? length : Math.min(length, offset + audio.currentTime * 1000);
}

/** Has a track's beginning fetched; null for none. @param {Track | null} next */
export function prepare(next) {
	upcoming = next;
	if (off.fadeTimer) return; // it is still heard
	if (next && holds(next)) next = null;
	if (next && off.track?.id === next.id) return;
	reset(off);
	if (!next || saves()) return;
	off.track = next;
	load(off, choose(next), 0);
	dress(off);
}

/** Forgets the track. */
export function close() {
	upcoming = null;
	reset(off);
	reset(on);
	batch(() => {
		want(false);
		position.value = 0;
		trouble.value = null;
	});
}

/** @param {Deck} d */
function reset(d) {
	if (d.leaving && d.track) told.left(placeOf(d));
	d.leaving = false;
	d.turn++;
	clearTimeout(d.seekTimer);
	clearTimeout(d.retryTimer);
	clearInterval(d.fadeTimer);
	d.track = d.target = null;
	d.switched = false;
	d.retries = d.goodUntil = d.fadeTimer = 0;
	d.fade = 1;
	unload(d);
}

/** Takes newer facts about the track being heard. @param {Track} newer */
export function update(newer) {
	for (const d of [on, off]) if (d.track?.id === newer.id) d.track = newer;
}

export function play() {
	if (!on.track) return;
	want(true);
	if (on.kind === null || on.audio.error) {
		on.retries = 0;
		load(on, on.kind ?? choose(on.track), position.peek());
	} else if (on.audio.ended) {
		restart();
		return;
	}
	start(on);
}

/** Plays the track again from its beginning. */
export function restart() {
	if (!on.track) return;
	settle();
	want(true);
	position.value = 0;
	neared = passed = false;
	if (!on.kind) return load(on, choose(on.track), 0);
	on.target = 0;
	carryOut();
	start(on);
}

export function pause() {
	settle();
	clearTimeout(on.retryTimer);
	want(false);
	on.audio.pause();
}

/**
 * Goes to a time. Of several in quick succession the last one counts. The
 * last quarter second is out of reach, so that a seek never ends the track.
 * @param {number} ms
 */
export function seek(ms) {
	if (!on.track) return;
	settle();
	const to = inside(ms);
	neared = passed = false;
	batch(() => {
		position.value = to;
		trouble.value = null;
	});
	if (on.kind === null) return;
	on.target = to;
	on.goodUntil = to;
	clearTimeout(on.seekTimer);
	const wait = on.kind === 'mp3' ? seekPause : Math.max(0, on.lastSeek + seekPause - performance.now());
	if (wait === 0) carryOut();
	else on.seekTimer = setTimeout(carryOut, wait);
}

/** Ends a fade at once: one track is heard, as loud as it is to be. */
function settle() {
	if (!on.fadeTimer) return;
	clearInterval(on.fadeTimer);
	on.fadeTimer = 0;
	on.fade = 1;
	dress(on);
	reset(off);
	prepare(upcoming);
}

/**
 * Fades by equal power, so that the sum of two stays as loud.
 * @param {Deck} d @param {0 | 1} to @param {number} seconds @param {() => void} [then]
 */
function ramp(d, to, seconds, then) {
	const from = performance.now();
	clearInterval(d.fadeTimer);
	d.fadeTimer = setInterval(() => {
		const part = Math.min(1, (performance.now() - from) / (seconds * 1000));
		d.fade = Math.sin(((to ? part : 1 - part) * Math.PI) / 2);
		dress(d);
		if (part < 1) return;
		clearInterval(d.fadeTimer);
		d.fadeTimer = 0;
		then?.();
	}, tick);
}

/** Sets how loud a deck is. @param {Deck} d */
function dress(d) {
	d.audio.volume = Math.min(1, Math.max(0, amplitude * d.fade * (d.track ? gain(d.track) : 1)));
}

/** @param {number} volume From 0 to 1, as a person feels it. @param {boolean} muted */
export function setVolume(volume, muted) {
	// Loudness as felt grows roughly with the square root of the amplitude.
	amplitude = volume * volume;
	for (const d of [on, off]) {
		d.audio.muted = muted;
		dress(d);
	}
}

/** Says what a track's amplitude is multiplied with, from 0 to 1. @param {typeof gain} how */
export function setGain(how) {
	gain = how;
	dress(on);
	dress(off);
}

/** @param {number} rate Times as fast; the pitch is kept. */
export function setSpeed(rate) {
	for (const {audio} of [on, off]) {
		audio.defaultPlaybackRate = audio.playbackRate = rate;
		audio.preservesPitch = true;
	}
}

/** @param {number} seconds That one track fades into the next; 0 for not at all. */
export function setCrossfade(seconds) {
	crossing = seconds;
}

/** Whether this browser says that it plays a kind of sound. @param {string} type */
export const plays = (type) => on.audio.canPlayType(type) !== '';

/** Whether this browser lets a page set the volume; phones of one maker do not. */
export const hasVolume = (() => {
	const {audio} = off;
	audio.volume = 0.5;
	const can = audio.volume === 0.5;
	audio.volume = 1;
	return can;
})();

/** Says how fast the link is. @param {number} rate Bits a second. */
export function measure(rate) {
	measured = rate;
}

/**
 * Which address of a track to open. The table of the MP4 comes before its
 * first sound, so a long track on a slow link starts sooner from ?t=.
 * @param {boolean} mp4 Whether the browser plays MP3 in MP4.
 * @param {number} bytes Size of the MP4's table.
 * @param {number} rate Bits a second of the link; 0 when unknown.
 * @returns {Kind}
 */
export function choice(mp4, bytes, rate) {
	if (!mp4) return 'mp3';
	return rate > 0 && (bytes * 8) / rate > 1.5 ? 'mp3' : 'mp4';
}

const {connection} = /** @type {{connection?: {downlink?: number, saveData?: boolean}}} */ (/** @type {unknown} */ (navigator));

/** Whether nothing is to be fetched that may not be needed. */
const saves = () => connection?.saveData === true;

/** @param {Track} one @returns {Kind} */
function choose(one) {
	if (!one.stream.mp4) return 'file';
	const next = refusals < 3 ? told.follows(one) : null;
	if (next) prepareGapless();
	return next && gapless?.fit(one, next) ? 'line' : plain(one);
}

/** How to play a track alone. @param {Track} one @returns {Kind} */
function plain(one) {
	if (!one.stream.mp4) return 'file';
	const mp4 = plays('audio/mp4; codecs="mp3"');
	const claimed = (connection?.downlink ?? 0) * 1e6;
	return choice(mp4, tableBytes(one), measured || claimed);
}

/** Size of a virtual MP4's table: four bytes a frame. @param {Track} one */
export function tableBytes(one) {
	const rate = one.audio.sample_rate || 44100;
	const frame = rate < 32000 ? 576 : 1152;
	return ((one.duration_ms / 1000) * rate * 4) / frame + 1024;
}

/** @param {Track} one @param {Kind} kind */
const addressOf = ({stream}, kind) => stream[kind === 'line' ? 'mp3' : kind];

/** @param {Deck} d @param {Kind} next @param {number} ms */
function load(d, next, ms) {
	if (!d.track) return;
	d.turn++;
	d.line?.close();
	d.line = null;
	clearTimeout(d.seekTimer);
	clearTimeout(d.retryTimer);
	d.kind = next;
	d.goodUntil = ms;
	d.offset = next === 'mp3' ? ms : 0;
	d.target = next !== 'mp3' && ms > 0 ? ms : null;
	if (next === 'line' && gapless) {
		d.line = gapless.line(d.audio, d.track, ms, (track) => told.follows(track), () => {
			// It goes on without; if that fails as well, the reason will be found.
			refusals++;
			d.line = null;
			if (d.track) load(d, plain(d.track), d === on ? position.peek() : 0);
		});
		d.offset = -d.line.zero();
		d.target = ms;
	} else d.audio.src = addressOf(d.track, next) + (next === 'mp3' ? `?t=${(ms / 1000).toFixed(3)}` : '');
	if (d !== on) return;
	buffered.value = ms;
	if (playing.peek()) start(d);
}

/** @param {Deck} d */
function unload(d) {
	d.kind = null;
	d.line?.close();
	d.line = null;
	if (!d.audio.hasAttribute('src')) return;
	d.audio.removeAttribute('src');
	d.audio.load();
}

/** @param {Deck} d */
function start(d) {
	if (d.audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) buffering.value = true;
	const mine = d.turn;
	d.audio.play().catch((/** @type {DOMException} */ why) => {
		if (mine !== d.turn || d !== on || why.name !== 'NotAllowedError') return;
		// Without a person's touch some browsers make no sound: the element that
		// had it may, and else the button shows it.
		if (!d.trusted && off.trusted && d.track) {
			const {track} = d;
			reset(off);
			reset(d);
			[on, off] = [off, on];
			on.track = track;
			dress(on);
			load(on, choose(track), position.peek());
		} else want(false);
	});
}

function carryOut() {
	const d = on;
	if (d.target === null || d.kind === null) return;
	d.lastSeek = performance.now();
	if (d.kind === 'mp3') {
		load(d, 'mp3', d.target);
	} else if (d.audio.error) {
		load(d, d.kind, d.target);
	} else if (d.line) {
		d.line.seek(d.target);
	} else if (d.audio.readyState >= HTMLMediaElement.HAVE_METADATA) {
		d.audio.currentTime = (d.target - d.offset) / 1000;
	}
}

/** @param {boolean} yes */
function want(yes) {
	batch(() => {
		playing.value = yes;
		if (!yes) buffering.value = false;
	});
	clearInterval(tickTimer);
	if (yes) tickTimer = setInterval(read, tick);
}

function read() {
	const {audio, track, kind, target, offset, line} = on;
	void line?.fill();
	if (!track || kind === null || target !== null || audio.readyState === HTMLMediaElement.HAVE_NOTHING) return;
	const now = Math.min(track.duration_ms, offset + audio.currentTime * 1000);
	if (now > on.goodUntil + 2000 && !audio.paused) {
		on.goodUntil = now;
		on.retries = 0;
	}
	position.value = now;
	if (line?.passed() && !passed) {
		passed = true;
		told.ended();
		return;
	}
	const left = (track.duration_ms - now) / audio.playbackRate;
	// What is shorter than two fades is heard whole.
	if (crossing && !neared && !audio.paused && left <= crossing * 1000 && track.duration_ms > crossing * 2000) {
		neared = true;
		told.nearing(left / 1000);
	}
}

function readBuffered() {
	const {audio, offset} = on, now = audio.currentTime;
	for (let i = 0; i < audio.buffered.length; i++) {
		if (audio.buffered.start(i) <= now + 0.5 && audio.buffered.end(i) >= now) {
			buffered.value = Math.min(on.track?.duration_ms ?? 0, offset + audio.buffered.end(i) * 1000);
		}
	}
}

/** @param {number} ms */
function inside(ms) {
	const last = Math.max(0, (on.track?.duration_ms ?? 0) - 250);
	return Number.isFinite(ms) ? Math.min(Math.max(0, ms), last) : 0;
}

for (const d of [on, off]) {
	const {audio} = d;
	/** @param {string} type @param {() => void} act What is done while it is this deck that is heard. */
	const hears = (type, act) => audio.addEventListener(type, () => {
		if (d === on) act();
	});

	audio.addEventListener('loadedmetadata', () => {
		if (d.kind !== 'mp3' && d.target !== null) audio.currentTime = (d.target - d.offset) / 1000;
	});
	audio.addEventListener('seeked', () => {
		// A newer seek may be waiting for its turn.
		if (d.target !== null && Math.abs(d.offset + audio.currentTime * 1000 - d.target) > 60) return;
		d.target = null;
		if (d !== on) return;
		read();
		readBuffered();
	});
	hears('timeupdate', read);
	hears('progress', readBuffered);
	hears('waiting', () => {
		if (playing.peek()) buffering.value = true;
	});
	for (const type of ['playing', 'canplay']) {
		hears(type, () => {
			batch(() => {
				buffering.value = false;
				// Sound that is heard is the proof that nothing is wrong any more.
				if (type === 'playing') trouble.value = null;
			});
			if (type === 'playing') d.trusted = true;
			readBuffered();
		});
	}

	// Taken headphones, a call, another app: the system pauses by itself.
	hears('pause', () => {
		if (audio.paused && !audio.ended && d.kind !== null && !audio.error && playing.peek()) {
			settle();
			want(false);
		}
	});

	hears('ended', () => {
		if (!d.track || d.kind === null) return;
		const left = d.track.duration_ms - (d.offset + audio.currentTime * 1000);
		// A link that breaks off looks like an end to the stream that has no table.
		if (d.kind === 'mp3' && left > 3000 && d.retries < 3) {
			d.retries++;
			load(d, 'mp3', position.peek());
			return;
		}
		told.ended();
	});

	audio.addEventListener('error', () => {
		if (d.line && d.track) {
			refusals++;
			load(d, plain(d.track), d === on ? position.peek() : 0);
		} else if (d === on) void fail();
		else reset(d);
	});
}

addEventListener('online', () => {
	if (trouble.peek() === 'offline' && playing.peek()) again();
});

let asked = false;
/** Fetches what plays without gaps, before the first track that is followed by one. */
export function prepareGapless() {
	if (asked) return;
	asked = true;
	import('./gapless.js').then((made) => {
		if (made.able) gapless = made;
	}, () => (asked = false));
}

function again() {
	clearTimeout(on.retryTimer);
	if (on.track && playing.peek()) load(on, on.kind ?? choose(on.track), position.peek());
}

async function fail() {
	const d = on;
	if (!d.track || d.kind === null || !d.audio.error) return;
	const mine = d.turn;
	const broken = d.audio.error.code;
	if (!playing.peek()) {
		unload(d);
		return;
	}
	buffering.value = true;
	const code = await ask(d.audio.src);
	if (mine !== d.turn || d !== on || !playing.peek()) return;
	const passing = ['offline', 'busy', 'limited', 'internal'].includes(code ?? '');
	if (code === null && broken !== MediaError.MEDIA_ERR_NETWORK && !d.switched && d.kind !== 'file') {
		d.switched = true;
		load(d, d.kind === 'mp4' ? 'mp3' : 'mp4', position.peek());
		return;
	}
	const mayRetry = code === 'offline' || ((passing || broken === MediaError.MEDIA_ERR_NETWORK) && d.retries < retryAfter.length);
	if ((code === null || passing) && mayRetry) {
		const wait = retryAfter[Math.min(d.retries, retryAfter.length - 1)];
		d.retries++;
		if (code !== null) trouble.value = code;
		d.retryTimer = setTimeout(again, wait);
		return;
	}
	unload(d);
	batch(() => {
		want(false);
		trouble.value = code ?? 'unplayable';
	});
	told.failed(code ?? 'unplayable');
}

/**
 * Asks the server what is wrong with an address: the element does not tell.
 * Null when nothing is.
 * @param {string} address @returns {Promise<string | null>}
 */
async function ask(address) {
	const stop = new AbortController();
	try {
		// Errors carry their code in the body, which an answer to HEAD has not.
		const answer = await fetch(address, {headers: {Range: 'bytes=0-0'}, cache: 'no-store', signal: stop.signal});
		if (answer.ok) return null;
		const body = await answer.json().catch(() => null);
		if (typeof body?.error?.code === 'string') return body.error.code;
		if (answer.status === 401) return 'signin.needed';
		return answer.status === 404 ? 'not_found' : 'internal';
	} catch {
		return 'offline';
	} finally {
		stop.abort();
	}
}
