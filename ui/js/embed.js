// The player that pages of other sites show in a frame. It keeps nothing, tells
// of a listen as a visitor's, and is no part of the app. What it plays and shows
// is fetched as pictures and sound are: on a page of the same site with the
// cookie of who is signed in.

import {barsBefore, grid, heights, placeholder} from './bars.js';

/**
 * @typedef {object} Piece One track, as ui.Embed has it.
 * @property {string} id @property {string} url @property {string} title @property {string} by
 * @property {number} ms @property {string} [peaks] @property {string} [picture] @property {string} plays
 * @property {{url: string, type: string}[]} sources The best first.
 * @property {number} hue @property {number} vivid
 */

const {body} = document;
/** @type {{tracks: Piece[], start: number, list: boolean}} */
const {tracks, start, list} = JSON.parse(body.dataset.embed ?? '{}');
const say = body.dataset;

/**
 * @template {Element} T
 * @param {string} selector @param {new () => T} type
 * @returns {T}
 */
function find(selector, type) {
	const found = document.querySelector(selector);
	if (!(found instanceof type)) throw new Error(selector);
	return found;
}

const art = find('.art', HTMLElement), button = find('.play', HTMLButtonElement), title = find('.title', HTMLAnchorElement);
const by = find('.by', HTMLElement), home = find('.home', HTMLAnchorElement), slider = find('.wave input', HTMLInputElement);
const canvas = find('canvas', HTMLCanvasElement), now = find('.now', HTMLElement), long = find('.length', HTMLElement);
const rows = find('.list', HTMLElement), note = find('.note', HTMLElement);
const audio = document.createElement('audio');
audio.preload = 'none';

let at = 0;
/** Milliseconds; where the sound is to go on when it comes. */
let wanted = 0;
let opened = false, source = 0;
/** How much of this track was really heard, and since when. */
let heard = 0, last = 0, told = false;
/** @type {Uint8Array} */
let peaks = new Uint8Array();

/** @param {number} ms */
function clock(ms) {
	const all = Math.max(0, Math.floor(ms / 1000)), two = (/** @type {number} */ n) => String(n).padStart(2, '0');
	const hours = Math.floor(all / 3600), minutes = Math.floor(all / 60) % 60;
	return hours ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
}

const position = () => (opened && audio.readyState > 0 ? audio.currentTime * 1000 : wanted);

/** Shows a track, without a sound. @param {number} index @param {number} [from] milliseconds */
function show(index, from = 0) {
	at = index;
	const track = tracks[at];
	opened = told = false;
	audio.pause();
	audio.removeAttribute('src');
	audio.load();
	source = heard = 0;
	wanted = last = Math.min(Math.max(0, from), Math.max(0, track.ms - 250));
	title.textContent = track.title;
	by.textContent = track.by;
	if (!list) title.href = home.href = track.url;
	const root = document.documentElement.style;
	for (const style of [root, body.style]) {
		style.setProperty('--hue', String(track.hue));
		style.setProperty('--vivid', String(track.vivid));
	}
	art.replaceChildren();
	if (track.picture) {
		const image = new Image();
		image.alt = '';
		image.onerror = () => image.remove();
		image.src = track.picture;
		art.append(image);
	}
	peaks = Uint8Array.from(atob(track.peaks ?? ''), (sign) => sign.charCodeAt(0));
	slider.max = String(Math.round(track.ms));
	long.textContent = clock(track.ms);
	note.textContent = '';
	for (const [i, row] of [...rows.children].entries()) {
		if (i === at) row.setAttribute('aria-current', 'true');
		else row.removeAttribute('aria-current');
	}
	draw();
}

/** Opens the sound, by the best of the addresses that this browser plays. */
function open() {
	const {sources} = tracks[at];
	while (source < sources.length && !audio.canPlayType(sources[source].type)) source++;
	if (source >= sources.length) source = sources.length - 1;
	opened = true;
	audio.src = sources[source].url;
	audio.load();
}

function play() {
	note.textContent = '';
	if (audio.ended) seek(0);
	if (!opened || audio.error) open();
	void audio.play().catch(() => {});
}

/** @param {number} ms */
function seek(ms) {
	wanted = last = Math.min(Math.max(0, ms), Math.max(0, tracks[at].ms - 250));
	if (opened && audio.readyState > 0) audio.currentTime = wanted / 1000;
	draw();
}

audio.onloadedmetadata = () => {
	if (wanted > 0) audio.currentTime = wanted / 1000;
};
audio.onerror = () => {
	if (!opened) return;
	wanted = last;
	if (source + 1 < tracks[at].sources.length) {
		source++;
		open();
		void audio.play().catch(() => {});
		return;
	}
	opened = false;
	note.textContent = say.failed ?? '';
	draw();
};
audio.onended = () => {
	if (at + 1 < tracks.length) {
		show(at + 1);
		play();
	} else draw();
};
audio.ontimeupdate = () => {
	const ms = position(), step = ms - last;
	last = ms;
	if (!audio.paused && step > 0 && step < 3000) heard += step;
	// A listen counts as everywhere: half a minute, or half the track.
	if (!told && heard >= Math.min(30_000, tracks[at].ms / 2)) {
		told = true;
		void fetch(tracks[at].plays, {
			method: 'POST', credentials: 'omit', keepalive: true, headers: {'Content-Type': 'application/json'},
			body: JSON.stringify({listened_ms: Math.round(heard)}),
		}).catch(() => {});
	}
	draw();
};
audio.onplay = audio.onpause = audio.onwaiting = audio.onplaying = audio.onseeked = () => draw();

let frame = 0;
/** Draws what changed, once a frame. */
function draw() {
	frame ||= requestAnimationFrame(() => {
		frame = 0;
		const {ms, id} = tracks[at], on = opened && !audio.paused && !audio.ended, played = position();
		body.classList.toggle('playing', on);
		body.classList.toggle('waiting', on && audio.readyState < 3);
		button.setAttribute('aria-label', `${on ? say.pause : say.play}: ${tracks[at].title}`);
		now.textContent = clock(played);
		if (document.activeElement !== slider || !on) slider.value = String(Math.round(played));
		slider.setAttribute('aria-valuetext', (say.at ?? '').replace('{at}', clock(played)).replace('{length}', clock(ms)));
		paint(id, played, ms);
	});
}

/** @param {string} id @param {number} played @param {number} ms */
function paint(id, played, ms) {
	const {clientWidth, clientHeight} = canvas, ratio = devicePixelRatio || 1;
	const wide = Math.round(clientWidth * ratio), tall = Math.round(clientHeight * ratio);
	if (canvas.width !== wide || canvas.height !== tall) {
		canvas.width = wide;
		canvas.height = tall;
	}
	const pen = canvas.getContext('2d');
	if (!pen) return;
	const {bar, step, count} = grid(wide, ratio, 2);
	const high = peaks.length ? heights(peaks, count) : placeholder(id, count);
	// A canvas takes colours as they come out, not as they are written.
	const {color: past, caretColor: ahead} = getComputedStyle(canvas);
	pen.clearRect(0, 0, wide, tall);
	const done = barsBefore(played, ms, count);
	for (let i = 0; i < count; i++) {
		const h = Math.max(ratio * 2, Math.round(high[i] * tall));
		pen.fillStyle = i < done ? past : ahead;
		pen.fillRect(i * step, Math.round((tall - h) / 2), bar, h);
	}
}

button.onclick = () => (audio.paused ? play() : audio.pause());
slider.oninput = () => seek(Number(slider.value));
slider.onkeydown = (event) => {
	/** @type {Record<string, number>} */
	const keys = {ArrowLeft: -5000, ArrowDown: -5000, ArrowRight: 5000, ArrowUp: 5000, PageDown: -30_000, PageUp: 30_000};
	const {key} = event;
	if (key === ' ' || key === 'Enter') button.click();
	else if (Object.hasOwn(keys, key)) seek(position() + keys[key]);
	else return;
	event.preventDefault();
	slider.value = String(Math.round(position()));
};
if (list) {
	rows.append(...tracks.map((track, i) => {
		const row = document.createElement('li'), pick = document.createElement('button');
		pick.type = 'button';
		for (const [name, text] of [['n', String(i + 1)], ['row-title', track.title], ['row-by', track.by], ['row-length', clock(track.ms)]]) {
			const part = document.createElement('span');
			part.className = name;
			part.textContent = text;
			pick.append(part);
		}
		pick.onclick = () => {
			if (i !== at) show(i);
			else if (!audio.paused) return audio.pause();
			play();
		};
		row.append(pick);
		return row;
	}));
}
new ResizeObserver(draw).observe(canvas);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
button.disabled = false;
show(0, start);
