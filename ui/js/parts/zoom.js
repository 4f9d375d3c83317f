// A track's waveform from near: ten columns a second, moving past the middle,
// where the sound is.

import {at, effect, h, tags, useEffect, useRef, useSignal, useState} from '../html.js';
import {ApiError, errorText} from '../api.js';
import {time} from '../format.js';
import {t} from '../i18n.js';
import {buffering, current, playing, position} from '../player.js';
import {style} from '../style.js';
import '../texts.js';

await style('details');

/** @typedef {import('../wire.d.ts').Track} Track */
/**
 * @typedef {object} Fine
 * @property {Float32Array} heights Of each column, 0 to 1.
 * @property {number} ms How long a column lasts.
 */

const {canvas, div, input, p} = tags;

/** Width of a bar and the gap behind it, in CSS pixels. */
const bar = 3, step = 5;

/**
 * Reads a waveform in audiowaveform's binary layout, version 2, of 8 bits.
 * @param {ArrayBuffer} bytes @returns {Fine}
 */
function read(bytes) {
	const view = new DataView(bytes), head = 24;
	const rate = view.getInt32(8, true), each = view.getInt32(12, true);
	const length = Math.min(view.getUint32(16, true), Math.floor((bytes.byteLength - head) / 2));
	const heights = new Float32Array(length);
	let top = 2;
	for (let i = 0; i < length; i++) {
		heights[i] = Math.max(-view.getInt8(head + 2 * i), view.getInt8(head + 2 * i + 1));
		if (heights[i] > top) top = heights[i];
	}
	// Quiet passages are lifted a little, as in the whole waveform.
	for (let i = 0; i < length; i++) heights[i] = (heights[i] / top) ** 0.75;
	return {heights, ms: (1000 * each) / rate};
}

/** @type {Map<string, Fine>} */
const fetched = new Map();

/** @param {string} id */
async function fine(id) {
	let answer;
	try {
		answer = await fetch(at(`/api/tracks/${id}/peaks.dat?zoom=fine`));
	} catch {
		throw new ApiError(0, {code: 'offline'});
	}
	if (!answer.ok) throw new ApiError(answer.status, (await answer.json().catch(() => null))?.error ?? {});
	const found = read(await answer.arrayBuffer());
	fetched.set(id, found);
	return found;
}

/** @param {{track: Track, playAt: (ms: number) => void, start: number}} props start is where it begins when it is not heard. */
export function Zoom({track, playAt, start}) {
	const [wave, setWave] = useState(fetched.get(track.id) ?? null);
	const [error, setError] = useState(/** @type {unknown} */ (null));
	useEffect(() => {
		if (!wave) fine(track.id).then(setWave, setError);
	}, [track.id]);
	return div({class: 'hero-zoom', role: 'group', 'aria-label': t('zoom.title')},
		error ? p({class: 'small muted', role: 'status'}, errorText(error)) : wave && h(Near, {track, playAt, start, wave}));
}

/** @param {{track: Track, playAt: (ms: number) => void, start: number, wave: Fine}} props */
function Near({track, playAt, start, wave}) {
	const element = useRef(/** @type {HTMLCanvasElement | null} */ (null));
	const slider = useRef(/** @type {HTMLInputElement | null} */ (null));
	const held = useSignal(/** @type {{x: number, from: number, at: number, moved: boolean} | null} */ (null));
	const active = current.value?.id === track.id;
	const length = track.duration_ms;
	const now = () => (active ? position.peek() : start);
	/** @param {number} ms */
	const inside = (ms) => Math.min(length, Math.max(0, ms));

	useEffect(() => {
		const shown = /** @type {HTMLCanvasElement} */ (element.current);
		const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
		let said = -1, saidAt = 0, frame = 0;
		/** The player tells where it is 20 times a second; between that it goes on evenly. */
		const goOn = () => {
			paint(shown, wave, said + Math.min(100, performance.now() - saidAt), length);
			frame = requestAnimationFrame(goOn);
		};
		const end = effect(() => {
			cancelAnimationFrame(frame);
			const ms = active ? position.value : start, goes = active && playing.value && !buffering.value;
			if (ms !== said) saidAt = performance.now();
			said = ms;
			if (goes && !calm && !held.value) goOn();
			else paint(shown, wave, held.value?.at ?? ms, length);
		});
		const sizes = new ResizeObserver(() => paint(shown, wave, held.peek()?.at ?? now(), length));
		sizes.observe(shown);
		const theme = new MutationObserver(() => paint(shown, wave, held.peek()?.at ?? now(), length));
		theme.observe(document.documentElement, {attributes: true, attributeFilter: ['data-theme']});
		return () => {
			end();
			cancelAnimationFrame(frame);
			sizes.disconnect();
			theme.disconnect();
		};
	}, [track.id, wave, active, start, length]);

	/** Milliseconds in so many CSS pixels. @param {number} pixels */
	const msIn = (pixels) => (pixels / step) * wave.ms;

	return div({
		class: 'zoom-wave',
		onPointerDown(event) {
			if (event.button !== 0 || !event.isPrimary) return;
			event.currentTarget.setPointerCapture(event.pointerId);
			if (event.pointerType === 'mouse') {
				event.preventDefault();
				slider.current?.focus({preventScroll: true});
			}
			held.value = {x: event.clientX, from: now(), at: now(), moved: false};
		},
		onPointerMove(event) {
			const from = held.peek();
			if (!from) return;
			const by = event.clientX - from.x;
			if (from.moved || Math.abs(by) > 3) held.value = {...from, at: inside(from.from - msIn(by)), moved: true};
		},
		onPointerUp(event) {
			const to = held.peek();
			if (!to) return;
			held.value = null;
			const edge = event.currentTarget.getBoundingClientRect();
			// What is pulled comes to the middle; what is clicked on is heard.
			playAt(to.moved ? to.at : inside(to.from + msIn(event.clientX - edge.left - edge.width / 2)));
		},
		onPointerCancel: () => (held.value = null),
	},
		canvas({ref: element, 'aria-hidden': 'true'}),
		h(Slider, {track, active, start, slider, goTo: (/** @type {number} */ ms) => playAt(inside(ms))}));
}

/**
 * @param {object} props
 * @param {Track} props.track @param {boolean} props.active @param {number} props.start
 * @param {import('../../vendor/preact.js').Ref<HTMLInputElement | null>} props.slider
 * @param {(ms: number) => void} props.goTo
 */
function Slider({track, active, start, slider, goTo}) {
	const focused = useSignal(false);
	const whole = useSignal(0);
	useEffect(() => effect(() => {
		// Not while it is focused: every second would be read out.
		if (!focused.value) whole.value = active ? Math.floor(position.value / 1000) * 1000 : start;
	}), [active, start]);
	const length = track.duration_ms;
	return input({
		ref: slider, type: 'range', min: 0, max: length, step: 100, value: whole.value,
		'aria-label': t('zoom.seek', {title: track.title}), 'aria-valuetext': t('player.at', {at: time(whole.value), length: time(length)}),
		onFocus: () => (focused.value = true),
		onBlur: () => (focused.value = false),
		onInput: (event) => goTo(Number(event.currentTarget.value)),
		onKeyDown(event) {
			if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
			const from = active ? position.peek() : start;
			/** @type {Record<string, number>} */
			const to = {
				ArrowLeft: from - 500, ArrowDown: from - 500, ArrowRight: from + 500, ArrowUp: from + 500,
				PageDown: from - 5000, PageUp: from + 5000, Home: 0, End: length,
			};
			const ms = to[event.key];
			if (ms === undefined) return;
			event.preventDefault();
			goTo(ms);
			whole.value = Math.min(length, Math.max(0, ms));
		},
	});
}

/**
 * @param {HTMLCanvasElement} element @param {Fine} wave
 * @param {number} ms What stands in the middle. @param {number} length
 */
function paint(element, {heights, ms: each}, ms, length) {
	const ratio = devicePixelRatio || 1;
	const width = Math.round(element.clientWidth * ratio), height = Math.round(element.clientHeight * ratio);
	if (!width || !height) return;
	if (element.width !== width) element.width = width;
	if (element.height !== height) element.height = height;
	const brush = /** @type {CanvasRenderingContext2D} */ (element.getContext('2d'));
	const {color, outlineColor, textDecorationColor: muted, fontFamily} = getComputedStyle(element);
	const foot = Math.round(18 * ratio), middle = Math.round((height - foot) / 2), centre = width / 2;
	const pixel = step * ratio;
	/** @param {number} when */
	const place = (when) => centre + ((when - ms) / each) * pixel;
	brush.clearRect(0, 0, width, height);

	const first = Math.max(0, Math.floor(ms / each - centre / pixel) - 1), last = Math.min(heights.length, Math.ceil(ms / each + centre / pixel) + 1);
	const thick = bar * ratio, least = Math.max(1, ratio);
	for (const played of [true, false]) {
		brush.fillStyle = played ? outlineColor : color;
		brush.beginPath();
		for (let i = first; i < last; i++) {
			const x = place(i * each);
			if (x + thick / 2 < centre !== played) continue;
			const half = Math.max(least, heights[i] * (middle - 2 * ratio));
			if ('roundRect' in brush) brush.roundRect(x, middle - half, thick, 2 * half, thick / 2);
			else /** @type {CanvasRenderingContext2D} */ (brush).rect(x, middle - half, thick, 2 * half);
		}
		brush.fill();
	}

	brush.fillStyle = muted;
	brush.font = `${Math.round(12 * ratio)}px ${fontFamily}`;
	brush.textAlign = 'center';
	brush.textBaseline = 'bottom';
	const every = width / ratio > 500 ? 2000 : 1000, seen = (centre / pixel) * each;
	for (let when = Math.max(0, Math.ceil((ms - seen) / every) * every); when <= Math.min(length, ms + seen); when += every) {
		const x = place(when), near = 20 * ratio;
		brush.fillRect(Math.round(x), height - foot, Math.max(1, Math.round(ratio)), 3 * ratio);
		if (x > near && x < width - near) brush.fillText(time(when + 1), x, height);
	}

	brush.fillStyle = outlineColor;
	brush.fillRect(Math.round(centre - ratio), 0, Math.max(2, Math.round(2 * ratio)), height - foot);
}
