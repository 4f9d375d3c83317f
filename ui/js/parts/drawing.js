// Drawings made from a name, for tracks without a picture: the same name
// always gives the same one.

import {tags, useMemo} from '../html.js';
import {colour, hash, hueOf} from './artwork.js';

/** @typedef {import('../html.js').VNode} VNode */
/** @typedef {() => number} Random from 0 to below 1 */

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
export function Drawing({name}) {
	const shapes = useMemo(() => {
		const r = random(hash(name)), hue = hueOf(name);
		const other = hue + [35, -40, 60, 160, 200][Math.floor(r() * 5)];
		const ink = r() < 0.5
			? [colour(0.4, 0.1, hue), colour(0.62, 0.14, hue), colour(0.84, 0.11, other)]
			: [colour(0.86, 0.07, hue), colour(0.66, 0.14, other), colour(0.46, 0.12, hue)];
		return [tags.rect({width: 100, height: 100, fill: ink[0]}), ...kinds[Math.floor(r() * kinds.length)](r, ink)];
	}, [name]);
	return tags.svg({viewBox: '0 0 100 100', preserveAspectRatio: 'xMidYMid slice', 'aria-hidden': 'true', focusable: 'false'}, ...shapes);
}
