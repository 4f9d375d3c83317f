// Where in a track listening ends and comments are, drawn along its waveform.

import {h, tags} from '../html.js';
import {area, beforeEnd, summit} from '../days.js';
import {time} from '../format.js';
import {t} from '../i18n.js';
import {style} from '../style.js';
import {icon} from './icon.js';
import {useResource} from './resource.js';
import '../texts.js';

await style('numbers');

/** @typedef {import('../wire.d.ts').Heat} HeatColumns */
/** @typedef {import('../wire.d.ts').Track} Track */

/** @param {{columns: readonly number[], class: string, most?: number}} props most is what reaches the top. */
function Line({columns, class: name, most}) {
	return tags.svg({class: `heat-line ${name}`, viewBox: `0 0 ${columns.length} 100`, preserveAspectRatio: 'none', 'aria-hidden': 'true', focusable: 'false'},
		tags.path({d: area(columns, most), fill: 'currentColor'}));
}

/** Where listening ends. @param {{stops: readonly number[]}} props */
function Stops({stops}) {
	return h(Line, {columns: stops, class: 'stops', most: Math.max(1, ...beforeEnd(stops).early)});
}

/**
 * Both lines, each with what it says.
 * @param {{heat: HeatColumns, track: Track}} props
 */
export function Heat({heat, track}) {
	const {early, whole, all} = beforeEnd(heat.stops);
	const stop = summit(early), said = summit(heat.comments), percent = Math.round(100 * whole);
	/** @param {number} at */
	const moment = (at) => time(at * track.duration_ms);
	return tags.div({class: 'heat'},
		tags.div({class: 'heat-part stops'}, h(Stops, {stops: heat.stops}),
			tags.p({class: 'small muted'}, icon('pause'), !all ? t('heat.stops_none') : stop < 0 ? t('heat.stops_end', {percent}) : t('heat.stops', {percent, time: moment(stop * early.length / heat.stops.length)}))),
		tags.div({class: 'heat-part'}, h(Line, {columns: heat.comments, class: 'said'}),
			tags.p({class: 'small muted'}, icon('comment'), said < 0 ? t('heat.comments_none') : t('heat.comments', {time: moment(said)}))));
}

/** What the owner sees of it on the track's own page: one thin line. @param {{track: Track}} props */
export function OwnHeat({track}) {
	const {data} = useResource(`/api/tracks/${track.id}/numbers?days=7`, (answer) => /** @type {import('../wire.d.ts').Numbers} */ (answer));
	const stops = data?.heat?.stops ?? [];
	return summit(stops) < 0 ? null : tags.a({class: 'heat-own', href: `/numbers/${track.id}`, title: t('heat.title'), 'aria-label': t('heat.title')}, h(Stops, {stops}));
}
