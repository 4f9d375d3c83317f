// Pictures of tracks and people, and drawings made from a name where there is
// no picture: the same name always gives the same drawing.

import {h, signal, tags, useEffect, useMemo, useState} from '../html.js';

/** @typedef {import('../api.d.ts').Track} Track */
/** @typedef {import('../api.d.ts').UserRef} UserRef */
/** @typedef {import('../html.js').VNode} VNode */
/** @typedef {() => number} Random from 0 to below 1 */

/**
 * A number for a text: FNV-1a over its code points.
 * @param {string} text
 */
function hash(text) {
	let n = 0x811c9dc5;
	for (const c of text.normalize('NFC')) n = Math.imul(n ^ /** @type {number} */ (c.codePointAt(0)), 0x01000193);
	// The last characters alone would move the low bits only.
	n = Math.imul(n ^ (n >>> 15), 0x2c1b3c6d);
	n = Math.imul(n ^ (n >>> 12), 0x297a2d39);
	return (n ^ (n >>> 15)) >>> 0;
}

/**
 * Numbers that look random and follow from the seed alone: a Weyl sequence,
 * mixed.
 * @param {number} seed @returns {Random}
 */
function random(seed) {
	return () => {
		seed = (seed + 0x9e3779b9) >>> 0;
		let n = Math.imul(seed ^ (seed >>> 16), 0x21f0aaad);
		n = Math.imul(n ^ (n >>> 15), 0x735a2d97);
		return ((n ^ (n >>> 15)) >>> 0) / 2 ** 32;
	};
}

/**
 * The hue of a name's drawing, in degrees of OKLCH.
 * @param {string} name
 */
export function hueOf(name) {
	return Math.floor(hash(name) % 360);
}

/** @param {number} l @param {number} c @param {number} hue */
const colour = (l, c, hue) => `oklch(${l} ${c} ${((hue % 360) + 360) % 360})`;

/** The kinds of drawing; each fills a square of 100 by 100. */
/** @type {((r: Random, ink: string[]) => VNode[])[]} */
const kinds = [
	function rings(r, ink) {
		const x = 20 + r() * 60, y = 20 + r() * 60, step = 9 + r() * 5;
		return Array.from({length: 9}, (_, i) => tags.circle({cx: x, cy: y, r: (9 - i) * step, fill: ink[i % 3]}));
	},
	function bars(r, ink) {
		const n = 7 + Math.floor(r() * 3) * 2, w = 84 / n;
		return Array.from({length: n}, (_, i) => {
			const tall = 12 + (0.35 + 0.65 * Math.sin(((i + 0.5) / n) * Math.PI)) * r() * 70;
			return tags.rect({x: 8 + i * w + w * 0.17, y: 50 - tall / 2, width: w * 0.66, height: tall, rx: w * 0.33, fill: ink[i % 3 === 1 ? 2 : 1]});
		});
	},
	function hills(r, ink) {
		return Array.from({length: 5}, (_, i) => {
			const y = 24 + i * 16, a = 6 + r() * 14, b = 6 + r() * 14;
			return tags.path({
				d: `M0 ${y}C20 ${y - a} 30 ${y - a} 50 ${y}S80 ${y + b} 100 ${y - b / 2}V100H0Z`, fill: ink[(i + 1) % 3],
				'fill-opacity': 0.55 + i * 0.1,
			});
		});
	},
	function quarters(r, ink) {
		const n = 4, s = 100 / n, out = [];
		for (let i = 0; i < n * n; i++) {
			const x = (i % n) * s, y = Math.floor(i / n) * s, turn = Math.floor(r() * 4) * 90;
			const d = r() < 0.24 ? `M${x} ${y}h${s}v${s}h${-s}Z` : `M${x} ${y}h${s}A${s} ${s} 0 0 1 ${x} ${y + s}Z`;
			out.push(tags.path({d, fill: ink[Math.floor(r() * 3)], transform: `rotate(${turn} ${x + s / 2} ${y + s / 2})`}));
		}
		return out;
	},
	function sun(r, ink) {
		const x = 30 + r() * 40, size = 24 + r() * 10, horizon = 52 + r() * 14;
		const lines = Array.from({length: 7}, (_, i) => tags.rect({
			x: 0, y: horizon + i * i * 1.05 + i * 1.2, width: 100, height: 1.6 + i * 0.85, fill: ink[i % 2 + 1], opacity: 0.9,
		}));
		return [
			tags.circle({cx: x, cy: horizon - size * 0.35, r: size, fill: ink[2]}),
			tags.rect({x: 0, y: horizon, width: 100, height: 100, fill: ink[0]}),
			...lines,
		];
	},
	function beams(r, ink) {
		const turn = Math.floor(r() * 180), out = [];
		let y = -50;
		for (let i = 0; y < 150; i++) {
			const tall = 5 + r() * 17;
			out.push(tags.rect({x: -60, y, width: 220, height: tall, fill: ink[i % 3]}));
			y += tall;
		}
		return [tags.g({transform: `rotate(${turn} 50 50)`}, ...out), tags.circle({cx: 50, cy: 50, r: 17 + r() * 14, fill: ink[Math.floor(r() * 3)]})];
	},
	function moons(r, ink) {
		const out = [];
		for (let row = 0; row < 3; row++) {
			for (let col = 0; col < 3; col++) {
				const x = 20 + col * 30, y = 20 + row * 30, shift = (r() - 0.5) * 22;
				out.push(tags.circle({cx: x, cy: y, r: 12.5, fill: ink[1]}));
				out.push(tags.circle({cx: x + shift, cy: y, r: 12.5, fill: r() < 0.3 ? ink[2] : ink[0], opacity: 0.92}));
			}
		}
		return out;
	},
];

/**
 * The drawing of a name.
 * @param {{name: string}} props
 */
function Drawing({name}) {
	const shapes = useMemo(() => {
		const r = random(hash(name)), hue = hueOf(name);
		const other = hue + [35, -40, 70, 160, 200][Math.floor(r() * 5)];
		const ink = r() < 0.5
			? [colour(0.4, 0.1, hue), colour(0.62, 0.14, hue), colour(0.84, 0.11, other)]
			: [colour(0.86, 0.07, hue), colour(0.66, 0.14, other), colour(0.46, 0.12, hue)];
		return [tags.rect({width: 100, height: 100, fill: ink[0]}), ...kinds[Math.floor(r() * kinds.length)](r, ink)];
	}, [name]);
	return tags.svg({viewBox: '0 0 100 100', preserveAspectRatio: 'xMidYMid slice', 'aria-hidden': 'true', focusable: 'false'}, ...shapes);
}

/**
 * A track's picture, square; fills its box.
 * @param {{track: Pick<Track, 'title' | 'picture'>, size?: 'small' | 'medium' | 'large', class?: string, eager?: boolean}} props
 */
export function Artwork({track, size = 'medium', class: name = '', eager = false}) {
	const [broken, setBroken] = useState('');
	const source = track.picture?.[size];
	return tags.span({class: `artwork ${name}`},
		source && source !== broken
			? tags.img({
				src: source, alt: '', loading: eager ? 'eager' : 'lazy', decoding: 'async', width: 600, height: 600,
				onError: () => setBroken(source),
			})
			: h(Drawing, {name: track.title}));
}

/**
 * A person's picture, round; without one, the first letter of the name.
 * @param {{user: Pick<UserRef, 'name' | 'username' | 'picture'>, size?: 'small' | 'medium' | 'large', class?: string}} props
 */
export function Avatar({user, size = 'small', class: name = ''}) {
	const [broken, setBroken] = useState('');
	const source = user.picture?.[size];
	if (source && source !== broken) {
		return tags.span({class: `avatar ${name}`},
			tags.img({src: source, alt: '', decoding: 'async', width: 300, height: 300, onError: () => setBroken(source)}));
	}
	const hue = hueOf(user.username);
	const letter = [...(user.name || user.username)][0]?.toUpperCase() ?? '';
	return tags.span({
		class: `avatar ${name}`, 'aria-hidden': 'true',
		style: {background: `linear-gradient(135deg, ${colour(0.58, 0.13, hue)}, ${colour(0.42, 0.12, hue + 50)})`},
	}, letter);
}

/** The colours found in pictures, by address. */
/** @type {Map<string, import('../html.js').Signal<{hue: number, vivid: number}>>} */
const found = new Map();

/**
 * Finds the hue that most of a picture's colour has, and how colourful it is.
 * @param {HTMLImageElement} image
 */
function mainHue(image) {
	const side = 24, canvas = document.createElement('canvas');
	canvas.width = canvas.height = side;
	const context = canvas.getContext('2d', {willReadFrequently: true});
	if (!context) return {hue: 0, vivid: 0};
	context.drawImage(image, 0, 0, side, side);
	const {data} = context.getImageData(0, 0, side, side);
	const weight = new Float64Array(36);
	let all = 0;
	const linear = (/** @type {number} */ v) => (v / 255) ** 2.2;
	for (let i = 0; i < data.length; i += 4) {
		const r = linear(data[i]), g = linear(data[i + 1]), b = linear(data[i + 2]);
		// OKLab, Ottosson 2020.
		const l = Math.cbrt(0.4122 * r + 0.5363 * g + 0.0514 * b);
		const m = Math.cbrt(0.2119 * r + 0.6807 * g + 0.1074 * b);
		const s = Math.cbrt(0.0883 * r + 0.2817 * g + 0.63 * b);
		const a = 1.978 * l - 2.4286 * m + 0.4506 * s, y = 0.0259 * l + 0.7828 * m - 0.8087 * s;
		const chroma = Math.hypot(a, y), turn = (Math.atan2(y, a) / (2 * Math.PI) + 1) % 1;
		weight[Math.floor(turn * 36) % 36] += chroma;
		all += chroma;
	}
	let best = 0, most = -1;
	for (let i = 0; i < 36; i++) {
		const near = weight[i] + (weight[(i + 1) % 36] + weight[(i + 35) % 36]) / 2;
		if (near > most) [most, best] = [near, i];
	}
	return {hue: best * 10 + 5, vivid: Math.min(1, all / (side * side) / 0.06)};
}

/**
 * The style that gives an element of class tinted the colour of a track's
 * artwork.
 * @param {Pick<Track, 'title' | 'picture'>} track
 * @returns {Record<string, string>}
 */
export function useTint(track) {
	const source = track.picture?.small ?? '';
	const own = useMemo(() => {
		let kept = found.get(source);
		if (!source) return signal({hue: hueOf(track.title), vivid: 1});
		if (!kept) found.set(source, kept = signal({hue: 190, vivid: 0}));
		return kept;
	}, [source, track.title]);
	useEffect(() => {
		if (!source || own.peek().vivid > 0) return;
		const image = new Image();
		image.onload = () => {
			own.value = mainHue(image);
		};
		image.src = source;
	}, [source]);
	return {'--hue': String(own.value.hue), '--vivid': own.value.vivid.toFixed(2)};
}
