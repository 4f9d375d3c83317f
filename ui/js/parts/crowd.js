// Where along a track people comment most: a soft ridge on its waveform, and
// the moment in words.

import {h, tags} from '../html.js';
import {time} from '../format.js';
import {t} from '../i18n.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Mark} Mark */
/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../comments.js').Talk} Talk */

const columns = 120;
/** How far a comment reaches, in columns; and how few are not worth a ridge. */
const spread = 2.5, few = 8;

/**
 * How much is said in each column, every comment reaching a little around its
 * moment; null when there are too few to tell.
 * @param {readonly Mark[]} marks @param {number} length of the track
 */
export function ridge(marks, length) {
	const all = marks.reduce((sum, mark) => sum + mark.n, 0);
	if (all < few || marks.length < 3 || length <= 0) return null;
	const out = new Array(columns).fill(0);
	for (const {position_ms: ms, n} of marks) {
		const at = (ms / length) * columns;
		const from = Math.max(0, Math.floor(at - 4 * spread)), to = Math.min(columns - 1, Math.ceil(at + 4 * spread));
		for (let i = from; i <= to; i++) out[i] += n * Math.exp(-0.5 * ((i + 0.5 - at) / spread) ** 2);
	}
	return out;
}

/**
 * The moment around which the most is said; -1 when there are too few comments.
 * @param {readonly Mark[]} marks @param {number} length of the track
 */
export function hottest(marks, length) {
	const columnsOf = ridge(marks, length);
	if (!columnsOf) return -1;
	const top = columnsOf.indexOf(Math.max(...columnsOf));
	// The first of what is said there, so that none of it is missed.
	const near = marks.filter(({position_ms: ms}) => Math.abs((ms / length) * columns - top - 0.5) <= 2 * spread);
	return (near.reduce((best, mark) => (mark.n > best.n ? mark : best), near[0] ?? marks[0])).position_ms;
}

/** The ridge, on the lower part of the waveform. @param {{talk: Talk, track: Track}} props */
export function Crowd({talk, track}) {
	const heights = ridge(talk.marks.value, track.duration_ms);
	if (!heights) return null;
	const most = Math.max(...heights);
	const high = (/** @type {number} */ n) => (97 - 94 * n / most).toFixed(1);
	const line = `M0 ${high(heights[0])}${heights.map((n, i) => `L${i + 0.5} ${high(n)}`).join('')}H${columns}`;
	return tags.svg({class: 'crowd', viewBox: `0 0 ${columns} 100`, preserveAspectRatio: 'none', 'aria-hidden': 'true', focusable: 'false'},
		tags.path({class: 'crowd-area', d: `${line}V100H0Z`}),
		tags.path({class: 'crowd-line', d: line}));
}

/**
 * The moment in words, to be heard from there.
 * @param {{talk: Talk, track: Track, playAt: (ms: number) => void}} props
 */
export function Hottest({talk, track, playAt}) {
	const ms = hottest(talk.marks.value, track.duration_ms);
	if (ms < 0) return null;
	return tags.button({type: 'button', class: 'moment-line hottest', onClick: () => playAt(ms)},
		h(Spark, {}), tags.span({class: 'moment-text'}, t('heat.most', {time: time(ms)})));
}

function Spark() {
	return tags.svg({class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false'},
		tags.path({d: 'M2 18c4 0 5-4 7-9s3-4 5 2 4 7 8 7', fill: 'none', stroke: 'currentColor', 'stroke-width': '2', 'stroke-linecap': 'round'}));
}
