// Work that is being done, and work that failed.

import {h, tags} from '../html.js';
import {bytes, rough} from '../amounts.js';
import {t} from '../i18n.js';
import {icon} from './icon.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Job} Job */
/** @typedef {import('../wire.d.ts').Import} Import */

/** What is done. @type {Record<Job['kind'], string>} */
export const kinds = {
	'analyse': 'work.analyse', 'analyse-long': 'work.analyse', 'measure': 'work.measure', 'remeasure': 'work.remeasure',
	'announce': 'work.announce', 'leave': 'work.leave', 'import': 'work.import', 'remove': 'work.remove', 'analyse-late': 'work.late', 'sum': 'work.sum', 'other': 'work.other',
};

/**
 * How far something is; without a share, that it goes on.
 * @param {{share: number, label: string}} props
 */
export function Bar({share, label}) {
	return share > 0 ? tags.progress({class: 'room-bar', max: 1, value: Math.min(1, share), 'aria-label': label})
		: tags.progress({class: 'room-bar', 'aria-label': label});
}

/** @param {{job: Job, children?: import('../html.js').Child}} props children stand at the end. */
export function Work({job, children}) {
	const {kind, title, state, share} = job, running = state === 'running';
	return tags.li({class: `work ${state}`},
		icon(running ? 'repeat' : state === 'failing' ? 'warning' : 'clock'),
		tags.div({class: 'work-text'},
			tags.p({class: 'work-name'}, tags.b(t(kinds[kind])), title && tags.span({class: 'work-title'}, title)),
			running && h(Bar, {share, label: t('work.progress')}),
			children));
}

/** How far an import is: what is seen, how fast, how long still. @param {{one: Import}} props */
export function ImportProgress({one}) {
	const {state, found, seen, rate, left_ms: left, bytes: size} = one;
	return tags.div({class: 'import-progress'},
		h(Bar, {share: found ? seen / found : 0, label: t('work.progress')}),
		tags.p({class: 'small import-facts', role: 'status'},
			tags.span(state === 'waiting' ? t('import.waits') : t('import.seen', {seen, found})),
			rate > 0 && tags.span({class: 'muted'}, t('import.rate', {rate: rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate)})),
			size > 0 && tags.span({class: 'muted'}, bytes(size)),
			left > 0 && tags.span({class: 'muted'}, t('import.left', {time: rough(left)}))));
}
