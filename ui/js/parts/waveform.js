// A waveform to look at and to seek in. The picture is one canvas; a range
// input of the same size gives keyboard and screen reader the same.

import {batch, classes, computed, effect, h, signal, tags, useEffect, useRef, useSignal} from '../html.js';
import {t} from '../i18n.js';
import {decodePeaks, time} from '../format.js';
import {events} from '../state.js';
import {barsBefore, grid, heights, placeholder, timeAt} from '../bars.js';
import {buffered, current, jumps, playFrom, position, seek} from '../player.js';

/** @typedef {import('../wire.d.ts').Track} Track */

const {canvas, div, input, span} = tags;

/** Counts changes of theme: canvases do not follow them by themselves. */
const scheme = signal(0);
for (const query of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)']) {
	matchMedia(query).addEventListener('change', () => scheme.value++);
}
new MutationObserver(() => scheme.value++).observe(document.documentElement, {attributes: true, attributeFilter: ['data-theme', 'class']});

/** Share of the analysis done, by track. @type {import('../html.js').Signal<ReadonlyMap<string, number>>} */
export const analysed = signal(new Map());

/** While an own track waits for its waveform: follows the analysis. @param {Track} track */
function useAnalysis(track) {
	const waits = track.waveform === 'pending' && track.can.edit;
	useEffect(() => {
		if (!waits) return;
		return events.on('progress', (event) => {
			if (event.track === track.id) analysed.value = new Map(analysed.peek()).set(event.track, event.progress ?? 0);
		});
	}, [track.id, waits]);
}

/** Whole seconds of the current track, for texts that need no more. */
const second = computed(() => Math.floor(position.value / 1000) * 1000);

/** @type {Map<Element, () => void>} */
const watched = new Map();
const sizes = new ResizeObserver((entries) => {
	for (const entry of entries) watched.get(entry.target)?.();
});

/** @param {Element} element */
function watch(element) {
	try {
		// Tells of a changed zoom too, where it is known.
		sizes.observe(element, {box: 'device-pixel-content-box'});
	} catch {
		sizes.observe(element);
	}
}

/**
 * @param {object} props
 * @param {Track} props.track
 * @param {readonly Track[]} [props.list] What is heard after it, when it is started here.
 * @param {import('../player.js').More | null} [props.more] Loads the pages behind the list.
 * @param {'hero' | 'card' | 'bar'} [props.size]
 */
export function Waveform({track, list, more = null, size = 'card'}) {
	const box = useRef(/** @type {HTMLDivElement | null} */ (null));
	const slider = useRef(/** @type {HTMLInputElement | null} */ (null));
	const drag = useSignal(/** @type {number | null} */ (null));
	const hover = useSignal(/** @type {number | null} */ (null));
	const active = current.value?.id === track.id;
	const length = track.duration_ms;
	useAnalysis(track);

	/** @param {number} ms */
	function goTo(ms) {
		if (current.peek()?.id === track.id) return seek(ms);
		const from = list ?? [track];
		playFrom(from, Math.max(0, from.findIndex((one) => one.id === track.id)), ms, more);
	}

	/** @param {PointerEvent} event */
	function under(event) {
		const edge = /** @type {HTMLDivElement} */ (box.current).getBoundingClientRect();
		return timeAt(event.clientX, edge.left, edge.width, length);
	}

	/** @param {number | null} held @param {number | null} [over] */
	function point(held, over = null) {
		batch(() => {
			drag.value = held;
			hover.value = over;
		});
	}

	return div({
		ref: box,
		class: classes('wave', `wave-${size}`, `wave-${track.waveform}`, active && 'wave-active'),
		onPointerDown(event) {
			if (event.button !== 0 || !event.isPrimary) return;
			event.currentTarget.setPointerCapture(event.pointerId);
			if (event.pointerType === 'mouse') {
				event.preventDefault();
				slider.current?.focus({preventScroll: true});
			}
			point(under(event));
		},
		onPointerMove(event) {
			if (drag.peek() !== null) drag.value = under(event);
			else if (event.pointerType !== 'touch') hover.value = under(event);
		},
		onPointerUp(event) {
			if (drag.peek() === null) return;
			const to = under(event);
			point(null, event.pointerType === 'touch' ? null : to);
			goTo(to);
		},
		onPointerCancel: () => point(null),
		onPointerLeave: () => (hover.value = null),
	},
		h(Bars, {track, active, drag, hover, size}),
		h(Slider, {track, active, slider, goTo, giveUp: () => point(null), drag}),
		h(Bubble, {length, drag, hover}),
		size !== 'bar' && h(Times, {length, active}),
		size === 'hero' && track.waveform === 'pending' && h(Pending, {track}),
	);
}

/**
 * @param {object} props
 * @param {Track} props.track @param {boolean} props.active
 * @param {import('../html.js').Signal<number | null>} props.drag
 * @param {import('../html.js').Signal<number | null>} props.hover
 * @param {string} props.size
 */
function Bars({track, active, drag, hover, size}) {
	const element = useRef(/** @type {HTMLCanvasElement | null} */ (null));
	const drawn = useSignal(0);
	useEffect(() => {
		const shown = /** @type {HTMLCanvasElement} */ (element.current);
		const thick = size === 'hero' ? 3 : 2;
		const painter = paintOn(shown, track, thick);
		const fits = signal(0);
		const refit = () => fits.value++;
		watched.set(shown, refit);
		watch(shown);
		// The graphics card may forget what it was given.
		shown.oncontextrestored = refit;
		const end = effect(() => {
			const held = drag.value;
			painter.show({
				fits: fits.value,
				scheme: scheme.value + drawn.value,
				played: held ?? (active ? position.value : 0),
				buffered: active ? buffered.value : 0,
				hover: held === null ? hover.value : null,
				analysed: track.waveform === 'pending' ? analysed.value.get(track.id) ?? 0 : 1,
			});
		});
		return () => {
			end();
			sizes.unobserve(shown);
			watched.delete(shown);
			painter.stop();
		};
	}, [track.id, track.peaks, track.waveform, track.duration_ms, active, size]);
	// Whatever draws this anew may have given it other colours.
	useEffect(() => {
		drawn.value++;
	});
	return canvas({ref: element, 'aria-hidden': 'true'});
}

/**
 * @param {object} props
 * @param {Track} props.track @param {boolean} props.active
 * @param {import('../../vendor/preact.js').Ref<HTMLInputElement | null>} props.slider
 * @param {(ms: number) => void} props.goTo @param {() => void} props.giveUp
 * @param {import('../html.js').Signal<number | null>} props.drag
 */
function Slider({track, active, slider, goTo, giveUp, drag}) {
	// A focused slider would be read out at every change: it tells only of
	// leaps then.
	const focused = useSignal(false);
	let at = 0;
	if (active && focused.value) {
		void jumps.value;
		at = second.peek();
	} else if (active) {
		at = second.value;
	}
	const length = track.duration_ms;
	return input({
		onFocus: () => (focused.value = true),
		onBlur: () => (focused.value = false),
		ref: slider, type: 'range', min: 0, max: length, step: 1000, value: at,
		'aria-label': t('player.seek', {title: track.title}),
		'aria-valuetext': t('player.at', {at: time(at), length: time(length)}),
		// Screen readers change the value itself.
		onInput: (event) => goTo(Number(event.currentTarget.value)),
		onKeyDown(event) {
			if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
			if (event.key === 'Escape' && drag.peek() !== null) return giveUp();
			const now = active ? position.peek() : 0;
			/** @type {Record<string, number>} */
			const to = {
				ArrowLeft: now - 5000, ArrowDown: now - 5000, ArrowRight: now + 5000, ArrowUp: now + 5000,
				PageDown: now - 30000, PageUp: now + 30000, Home: 0, End: length,
			};
			const ms = to[event.key];
			if (ms === undefined) return;
			event.preventDefault();
			goTo(Math.min(length, Math.max(0, ms)));
		},
	});
}

/**
 * The time under the pointer.
 * @param {{length: number, drag: import('../html.js').Signal<number | null>, hover: import('../html.js').Signal<number | null>}} props
 */
function Bubble({length, drag, hover}) {
	const at = drag.value ?? hover.value;
	if (at === null || length <= 0) return null;
	return span({
		class: classes('wave-bubble', drag.value !== null && 'wave-held'),
		'aria-hidden': 'true', style: {'--at': String(at / length)},
	}, time(at));
}

/** @param {{length: number, active: boolean}} props */
function Times({length, active}) {
	return div({class: 'wave-times', 'aria-hidden': 'true'},
		active ? span({class: 'wave-now'}, time(second.value)) : span(),
		span({class: 'wave-length'}, time(length)));
}

/** Others than the owner are not told how far it is. @param {{track: Track}} props */
function Pending({track}) {
	const share = analysed.value.get(track.id);
	return span({class: 'wave-note'}, share
		? t('player.drawing_share', {percent: Math.round(share * 100)})
		: t(track.can.edit ? 'player.drawing_wait' : 'player.drawing'));
}

/**
 * @typedef {object} Look
 * @property {number} fits @property {number} scheme Each changes with what it stands for.
 * @property {number} played @property {number} buffered In milliseconds.
 * @property {number | null} hover
 * @property {number} analysed From 0 to 1.
 */

/** Canvases whose waveform was still awaited when they were last painted. @type {Set<string>} */
const awaited = new Set();

/**
 * Paints a track's bars, and again only when a bar changes its colour or the
 * canvas its size or theme.
 * @param {HTMLCanvasElement} element @param {Track} track @param {number} thick Of a bar, in CSS pixels.
 */
function paintOn(element, track, thick) {
	const brush = /** @type {CanvasRenderingContext2D} */ (element.getContext('2d'));
	const peaks = track.waveform === 'ready' ? decodePeaks(track.peaks) : new Uint8Array();
	const pending = track.waveform === 'pending';
	const length = track.duration_ms;
	let painted = '', growing = 0, grown = 1;
	let wave = '', accent = '', scheme = -1, fits = -1;
	/** @type {{bar: number, gap: number, step: number, count: number}} */
	let bars = grid(0, 1, 1);
	/** @type {Path2D | null} */
	let upper = null;
	/** @type {Path2D | null} */
	let lower = null;
	let base = 0;

	if (track.waveform !== 'ready') awaited.add(track.id);
	else if (awaited.delete(track.id) && !matchMedia('(prefers-reduced-motion: reduce)').matches) grown = 0;

	function measure() {
		const ratio = devicePixelRatio || 1;
		const width = Math.round(element.clientWidth * ratio), height = Math.round(element.clientHeight * ratio);
		if (element.width !== width) element.width = width;
		if (element.height !== height) element.height = height;
		bars = grid(width, ratio, thick);
		base = Math.round(height * 0.7);
		const high = pending ? placeholder(track.id, bars.count) : heights(peaks, bars.count);
		upper = new Path2D();
		lower = new Path2D();
		const gap = Math.max(1, Math.round(ratio));
		const least = Math.max(2, Math.round(2 * ratio)), round = bars.bar / 2;
		for (let i = 0; i < bars.count; i++) {
			const part = (high[i] ?? 0) * grown;
			const up = Math.max(least, Math.round(part * base));
			const down = Math.max(Math.round(least / 2), Math.round(part * (height - base - gap)));
			column(upper, i * bars.step, base - up, bars.bar, up, [round, round, 0, 0]);
			column(lower, i * bars.step, base + gap, bars.bar, down, [0, 0, round, round]);
		}
		painted = '';
	}

	/** @param {number} from @param {number} to @param {string} colour @param {number} strength */
	function fill(from, to, colour, strength) {
		if (to <= from || !upper || !lower) return;
		brush.save();
		brush.beginPath();
		brush.rect(from * bars.step, 0, (to - from) * bars.step, element.height);
		brush.clip();
		brush.fillStyle = colour;
		brush.globalAlpha = strength;
		brush.fill(upper);
		brush.globalAlpha = strength * 0.4;
		brush.fill(lower);
		brush.restore();
	}

	/** @param {Look} look */
	function show(look) {
		if (look.fits !== fits || !upper) measure();
		fits = look.fits;
		if (look.scheme !== scheme) {
			const style = getComputedStyle(element);
			if (style.color !== wave || style.outlineColor !== accent) painted = '';
			wave = style.color;
			accent = style.outlineColor;
			scheme = look.scheme;
		}
		const {count} = bars;
		const played = barsBefore(look.played, length, count);
		const ready = barsBefore(look.buffered, length, count);
		const over = look.hover === null ? played : barsBefore(look.hover, length, count) + 1;
		const known = pending ? Math.round(look.analysed * count) : count;
		const now = `${played} ${ready} ${over} ${known}`;
		if (now === painted) return grow(look);
		painted = now;
		brush.clearRect(0, 0, element.width, element.height);
		fill(0, Math.min(played, over), accent, 1);
		fill(Math.min(played, over), Math.max(played, over), accent, 0.55);
		fill(Math.max(played, over), Math.max(known, played), wave, 1);
		fill(Math.max(known, played, over), count, wave, 0.4);
		if (ready > played) {
			brush.fillStyle = wave;
			brush.globalAlpha = 0.5;
			brush.fillRect(played * bars.step, base, (ready - played) * bars.step, Math.max(1, bars.gap));
			brush.globalAlpha = 1;
		}
		grow(look);
	}

	/** A waveform that was waited for rises. @param {Look} look */
	function grow(look) {
		if (grown === 1 || growing) return;
		const from = performance.now();
		const frame = (/** @type {number} */ at) => {
			const part = Math.min(1, Math.max(0, (at - from) / 500));
			grown = Math.max(0.001, 1 - (1 - part) ** 3);
			upper = null;
			show(look);
			growing = part < 1 ? requestAnimationFrame(frame) : 0;
		};
		growing = requestAnimationFrame(frame);
	}

	return {show, stop: () => cancelAnimationFrame(growing)};
}

/**
 * @param {Path2D} path @param {number} x @param {number} y @param {number} width @param {number} height
 * @param {number[]} corners
 */
function column(path, x, y, width, height, corners) {
	if ('roundRect' in path) path.roundRect(x, y, width, height, corners);
	else /** @type {Path2D} */ (path).rect(x, y, width, height);
}
