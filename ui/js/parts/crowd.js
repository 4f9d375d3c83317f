// Where along a track people comment most: a soft ridge on its waveform, and
// the moment in words.

import {h, tags} from '../html.js';
import {time} from '../format.js';
import {t} from '../i18n.js';
import {columns, hottest, ridge} from '../ridge.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../comments.js').Talk} Talk */

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
