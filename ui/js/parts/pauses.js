// How often something is done by itself, as the keeper chooses it.

import {h} from '../html.js';
import {rough} from '../amounts.js';
import {t} from '../i18n.js';
import {Select} from './select.js';
import '../texts.js';

const hour = 3_600_000;

/** A length that is said in hours or days. @param {number} ms */
export const pause = (ms) => ms % (24 * hour) === 0 && ms > 0 ? t('pause.days', {n: ms / 24 / hour}) : ms % hour === 0 && ms > 0 ? t('pause.hours', {n: ms / hour}) : rough(ms);

/**
 * @param {{label: string, name: string, ms: number, chosen: boolean, hint?: string, offer: number[]}} props
 *   ms is what counts, chosen whether the keeper chose it; offer is in hours.
 */
export function Pauses({label, name, ms, chosen, hint, offer}) {
	const all = offer.map((n) => n * hour);
	if (chosen && ms > 0 && !all.includes(ms)) all.push(ms);
	return h(Select, {
		label, name, hint, value: !chosen ? '0' : ms === 0 ? '-1' : String(ms),
		options: [
			{value: '0', label: chosen ? t('pause.file') : ms ? t('pause.file_now', {pause: pause(ms)}) : t('pause.file_off')},
			...all.sort((a, b) => a - b).map((value) => ({value: String(value), label: pause(value)})),
			{value: '-1', label: t('pause.off')},
		],
	});
}
