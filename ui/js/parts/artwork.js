// Pictures of tracks and people, and drawings made from a name where there is
// no picture: the same name always gives the same drawing.

import {h, signal, tags, useEffect, useMemo, useState} from '../html.js';

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../wire.d.ts').UserRef} UserRef */

/**
 * A number for a text: FNV-1a over its code points.
 * @param {string} text
 */
export function hash(text) {
	let n = 0x811c9dc5;
	for (const c of text.normalize('NFC')) n = Math.imul(n ^ /** @type {number} */ (c.codePointAt(0)), 0x01000193);
	// The last characters alone would move the low bits only.
	n = Math.imul(n ^ (n >>> 15), 0x2c1b3c6d);
	n = Math.imul(n ^ (n >>> 12), 0x297a2d39);
	return (n ^ (n >>> 15)) >>> 0;
}

/**
 * The hue of a name's drawing, in degrees of OKLCH. The yellow-greens are left
 * out: dark, they look like mud.
 * @param {string} name
 */
export function hueOf(name) {
	return (135 + hash(name) % 295) % 360;
}

/** @param {number} l @param {number} c @param {number} hue */
export const colour = (l, c, hue) => `oklch(${l} ${c} ${((hue % 360) + 360) % 360})`;

/** The drawings; they arrive while the server is asked for the first list. */
const drawing = signal(/** @type {typeof import('./drawing.js') | null} */ (null));
import('./drawing.js').then((module) => {
	drawing.value = module;
}, () => {});

/** A drawing, or its colour until the drawings are there. @param {{name: string}} props */
function Drawn({name}) {
	return drawing.value ? h(drawing.value.Drawing, {name}) : tags.span({style: {background: colour(0.62, 0.14, hueOf(name))}});
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
				src: source, alt: '', loading: eager ? 'eager' : 'lazy', fetchpriority: eager ? 'high' : undefined, decoding: 'async', width: 600, height: 600,
				onError: () => setBroken(source),
			})
			: h(Drawn, {name: track.title}));
}

/** Faces without a picture, so that few look alike: ground and letter. */
const faces = [[0.5, 0.13, 1, 0], [0.87, 0.07, 0.3, 0.09], [0.32, 0.08, 0.92, 0.05]];

/**
 * A person's picture, round; without one, the first letter of the name.
 * @param {{user: Pick<UserRef, 'name' | 'username' | 'picture'>, size?: 'small' | 'medium' | 'large', class?: string, more?: object}} props more is of the image
 */
export function Avatar({user, size = 'small', class: name = '', more}) {
	const [broken, setBroken] = useState('');
	const source = user.picture?.[size];
	if (source && source !== broken) {
		return tags.span({class: `avatar ${name}`},
			tags.img({src: source, ...more, alt: '', decoding: 'async', width: 300, height: 300, onError: () => setBroken(source)}));
	}
	const hue = Math.round(hueOf(user.username || user.name) / 30) * 30;
	const [l, c, on, tint] = faces[(hash(user.username || user.name) >>> 8) % 3];
	const letter = [...(user.name || user.username)][0]?.toUpperCase() ?? '';
	return tags.span({
		class: `avatar ${name}`, 'aria-hidden': 'true', 'data-letter': letter,
		style: {background: colour(l, c, hue), color: colour(on, tint, hue)},
	});
}

/**
 * Hue and vividness of a colour that the server found striking.
 * @param {string} hex #rrggbb
 */
export function tintOf(hex) {
	const [r, g, b] = [1, 3, 5].map((i) => (parseInt(hex.slice(i, i + 2), 16) / 255) ** 2.2);
	// OKLab, Ottosson 2020.
	const l = Math.cbrt(0.4122 * r + 0.5363 * g + 0.0514 * b), m = Math.cbrt(0.2119 * r + 0.6807 * g + 0.1074 * b), s = Math.cbrt(0.0883 * r + 0.2817 * g + 0.63 * b);
	const a = 1.978 * l - 2.4286 * m + 0.4506 * s, y = 0.0259 * l + 0.7828 * m - 0.8087 * s;
	return {hue: Math.round((Math.atan2(y, a) * 180 / Math.PI + 360) % 360), vivid: Math.min(1, Math.hypot(a, y) / 0.06)};
}

/** The colours found in pictures, by address. */
/** @type {Map<string, import('../html.js').Signal<{hue: number, vivid: number}>>} */
const found = new Map();

/**
 * The style that gives an element of class tinted the colour of a track's
 * artwork.
 * @param {Pick<Track, 'title' | 'picture' | 'colour'>} track
 * @returns {Record<string, string>}
 */
export function useTint(track) {
	const source = track.picture?.small ?? '';
	const own = useMemo(() => {
		let kept = found.get(source);
		if (!source) return signal({hue: hueOf(track.title), vivid: 1});
		if (track.colour) return signal(tintOf(track.colour));
		if (!kept) found.set(source, kept = signal({hue: 190, vivid: 0}));
		return kept;
	}, [source, track.title, track.colour]);
	useEffect(() => {
		if (!source || track.colour || own.peek().vivid > 0) return;
		const image = new Image();
		image.onload = async () => {
			own.value = (await import('./hue.js')).mainHue(image);
		};
		image.src = source;
	}, [source]);
	return {'--hue': String(own.value.hue), '--vivid': own.value.vivid.toFixed(2)};
}
