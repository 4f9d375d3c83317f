// The one audio element. It is given a track and a time and makes sound from
// exactly there, by whichever of the track's addresses this browser and this
// link play best:
//
//   mp4   an MP3's virtual MP4: every time in it can be reached exactly, by Range;
//   mp3   the stream that starts at ?t=SECONDS: a seek opens it anew, and the
//         times of the element count from there;
//   file  the original of any other format, whose own tables lead to a time.
//
// Only player.js uses this; everything else reads player.js.

import {batch, signal} from './html.js';

/** @typedef {import('./wire.d.ts').Track} Track */
/** @typedef {'mp4' | 'mp3' | 'file'} Kind */

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

const tick = 50;
const seekPause = 150;
const retryAfter = [500, 1000, 2000, 4000, 8000, 15000];

const audio = new Audio();
audio.preload = 'auto';

/** @type {Track | null} */
let track = null;
/** @type {Kind | null} The source that is open; null when none is. */
let kind = null;
let offset = 0;
/** @type {number | null} Where a seek that has not been carried out yet leads. */
let target = null;
let switched = false;
let retries = 0;
let goodUntil = 0;
/** Counts openings, so that an answer about an earlier one is known as late. */
let turn = 0;
let lastSeek = 0;
let seekTimer = 0;
let retryTimer = 0;
let tickTimer = 0;
/** Bits a second; 0 when unknown. */
let measured = 0;
/** @type {{ended: () => void, failed: (code: string) => void}} */
let told = {ended() {}, failed() {}};

/** Says who hears of the end of a track, and of one that cannot be played. @param {typeof told} listener */
export function listen(listener) {
	told = listener;
}

/**
 * Makes a track the one to be heard, from a time on. Nothing is fetched
 * before sound is wanted.
 * @param {Track} next @param {number} ms @param {boolean} go
 */
export function open(next, ms, go) {
	close();
	track = next;
	position.value = inside(ms);
	if (go) play();
}

/** Forgets the track. */
export function close() {
	turn++;
	clearTimeout(seekTimer);
	clearTimeout(retryTimer);
	track = null;
	target = null;
	switched = false;
	retries = 0;
	goodUntil = 0;
	unload();
	batch(() => {
		want(false);
		position.value = 0;
		trouble.value = null;
	});
}

/** Takes newer facts about the track being heard. @param {Track} newer */
export function update(newer) {
	if (track?.id === newer.id) track = newer;
}

export function play() {
	if (!track) return;
	want(true);
	if (kind === null || audio.error) {
		retries = 0;
		load(kind ?? choose(), position.peek());
	} else if (audio.ended) {
		restart();
		return;
	}
	start();
}

/** Plays the track again from its beginning. */
export function restart() {
	if (!track) return;
	want(true);
	position.value = 0;
	if (!kind) return load(choose(), 0);
	target = 0;
	carryOut();
	start();
}

export function pause() {
	clearTimeout(retryTimer);
	want(false);
	audio.pause();
}

/**
 * Goes to a time. Of several in quick succession the last one counts. The
 * last quarter second is out of reach, so that a seek never ends the track.
 * @param {number} ms
 */
export function seek(ms) {
	if (!track) return;
	const to = inside(ms);
	batch(() => {
		position.value = to;
		trouble.value = null;
	});
	if (kind === null) return;
	target = to;
	goodUntil = to;
	clearTimeout(seekTimer);
	const wait = kind === 'mp3' ? seekPause : Math.max(0, lastSeek + seekPause - performance.now());
	if (wait === 0) carryOut();
	else seekTimer = setTimeout(carryOut, wait);
}

/** @param {number} volume From 0 to 1, as a person feels it. @param {boolean} muted */
export function setVolume(volume, muted) {
	// Loudness as felt grows roughly with the square root of the amplitude.
	audio.volume = volume * volume;
	audio.muted = muted;
}

/** Whether this browser says that it plays a kind of sound. @param {string} type */
export const plays = (type) => audio.canPlayType(type) !== '';

/** Whether this browser lets a page set the volume; phones of one maker do not. */
export function hasVolume() {
	const before = audio.volume;
	audio.volume = before === 0.5 ? 0.4 : 0.5;
	const can = audio.volume !== before;
	audio.volume = before;
	return can;
}

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

/** @returns {Kind} */
function choose() {
	if (!track?.stream.mp4) return 'file';
	const mp4 = plays('audio/mp4; codecs="mp3"');
	const {connection} = /** @type {{connection?: {downlink?: number, saveData?: boolean}}} */ (/** @type {unknown} */ (navigator));
	const claimed = (connection?.downlink ?? 0) * 1e6;
	return choice(mp4, tableBytes(track), measured || claimed);
}

/** Size of a virtual MP4's table: four bytes a frame. @param {Track} one */
export function tableBytes(one) {
	const rate = one.audio.sample_rate || 44100;
	const frame = rate < 32000 ? 576 : 1152;
	return ((one.duration_ms / 1000) * rate * 4) / frame + 1024;
}

/** @param {Kind} next @param {number} ms */
function load(next, ms) {
	if (!track) return;
	turn++;
	clearTimeout(seekTimer);
	clearTimeout(retryTimer);
	kind = next;
	goodUntil = ms;
	offset = next === 'mp3' ? ms : 0;
	target = next !== 'mp3' && ms > 0 ? ms : null;
	buffered.value = ms;
	audio.src = track.stream[next] + (next === 'mp3' ? `?t=${(ms / 1000).toFixed(3)}` : '');
	if (playing.peek()) start();
}

function unload() {
	kind = null;
	if (!audio.hasAttribute('src')) return;
	audio.removeAttribute('src');
	audio.load();
}

function start() {
	if (audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) buffering.value = true;
	const mine = turn;
	audio.play().catch((/** @type {DOMException} */ why) => {
		// Without a person's touch some browsers make no sound; the button shows it.
		if (mine === turn && why.name === 'NotAllowedError') want(false);
	});
}

function carryOut() {
	if (target === null || kind === null) return;
	lastSeek = performance.now();
	if (kind === 'mp3') {
		load('mp3', target);
	} else if (audio.error) {
		load(kind, target);
	} else if (audio.readyState >= HTMLMediaElement.HAVE_METADATA) {
		audio.currentTime = target / 1000;
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
	if (!track || kind === null || target !== null || audio.readyState === HTMLMediaElement.HAVE_NOTHING) return;
	const now = Math.min(track.duration_ms, offset + audio.currentTime * 1000);
	if (now > goodUntil + 2000 && !audio.paused) {
		goodUntil = now;
		retries = 0;
	}
	position.value = now;
}

function readBuffered() {
	const now = audio.currentTime;
	for (let i = 0; i < audio.buffered.length; i++) {
		if (audio.buffered.start(i) <= now + 0.5 && audio.buffered.end(i) >= now) {
			buffered.value = offset + audio.buffered.end(i) * 1000;
		}
	}
}

/** @param {number} ms */
function inside(ms) {
	const last = Math.max(0, (track?.duration_ms ?? 0) - 250);
	return Number.isFinite(ms) ? Math.min(Math.max(0, ms), last) : 0;
}

audio.addEventListener('loadedmetadata', () => {
	if (kind !== 'mp3' && target !== null) audio.currentTime = target / 1000;
});

audio.addEventListener('seeked', () => {
	// A newer seek may be waiting for its turn.
	if (target !== null && Math.abs(audio.currentTime * 1000 - target) > 60) return;
	target = null;
	read();
	readBuffered();
});

audio.addEventListener('timeupdate', read);
audio.addEventListener('progress', readBuffered);
audio.addEventListener('waiting', () => {
	if (playing.peek()) buffering.value = true;
});
for (const type of ['playing', 'canplay']) {
	audio.addEventListener(type, () => {
		batch(() => {
			buffering.value = false;
			// Sound that is heard is the proof that nothing is wrong any more.
			if (type === 'playing') trouble.value = null;
		});
		readBuffered();
	});
}

// Taken headphones, a call, another app: the system pauses by itself.
audio.addEventListener('pause', () => {
	if (audio.paused && !audio.ended && kind !== null && !audio.error && playing.peek()) want(false);
});

audio.addEventListener('ended', () => {
	if (!track || kind === null) return;
	const left = track.duration_ms - (offset + audio.currentTime * 1000);
	// A link that breaks off looks like an end to the stream that has no table.
	if (kind === 'mp3' && left > 3000 && retries < 3) {
		retries++;
		load('mp3', position.peek());
		return;
	}
	told.ended();
});

audio.addEventListener('error', () => {
	void fail();
});

addEventListener('online', () => {
	if (trouble.peek() === 'offline' && playing.peek()) again();
});

function again() {
	clearTimeout(retryTimer);
	if (track && playing.peek()) load(kind ?? choose(), position.peek());
}

async function fail() {
	if (!track || kind === null || !audio.error) return;
	const mine = turn;
	const broken = audio.error.code;
	if (!playing.peek()) {
		unload();
		return;
	}
	buffering.value = true;
	const code = await ask(audio.src);
	if (mine !== turn || !playing.peek()) return;
	const passing = ['offline', 'busy', 'limited', 'internal'].includes(code ?? '');
	if (code === null && broken !== MediaError.MEDIA_ERR_NETWORK && !switched && kind !== 'file') {
		switched = true;
		load(kind === 'mp4' ? 'mp3' : 'mp4', position.peek());
		return;
	}
	const mayRetry = code === 'offline' || ((passing || broken === MediaError.MEDIA_ERR_NETWORK) && retries < retryAfter.length);
	if ((code === null || passing) && mayRetry) {
		const wait = retryAfter[Math.min(retries, retryAfter.length - 1)];
		retries++;
		if (code !== null) trouble.value = code;
		retryTimer = setTimeout(again, wait);
		return;
	}
	unload();
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
