// Amounts as people read them, in the chosen language.

import {locale} from './i18n.js';

/**
 * A length as it is spoken, for screen readers: "3 minutes 5 seconds".
 * @param {number} ms
 */
export function spokenTime(ms) {
	const all = Math.max(0, Math.floor((Number.isFinite(ms) ? ms : 0) / 1000));
	const parts = {hour: Math.floor(all / 3600), minute: Math.floor(all / 60) % 60, second: all % 60};
	return Object.entries(parts)
		.filter(([unit, n]) => n > 0 || (unit === 'second' && all < 60))
		.map(([unit, n]) => new Intl.NumberFormat(locale.value, {style: 'unit', unit, unitDisplay: 'long'}).format(n))
		.join(' ');
}

/**
 * A size: "3.2 MB". Units are powers of 1000, as file managers count.
 * @param {number} n
 */
export function bytes(n) {
	const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
	let i = 0;
	while (n >= 999.5 && i < units.length - 1) {
		n /= 1000;
		i++;
	}
	return new Intl.NumberFormat(locale.value, {
		style: 'unit', unit: units[i], unitDisplay: i ? 'short' : 'long', maximumFractionDigits: n < 10 && i ? 1 : 0,
	}).format(n);
}

/**
 * A whole number with the language's separators.
 * @param {number} n
 */
export function count(n) {
	return new Intl.NumberFormat(locale.value).format(n);
}

/**
 * A length where seconds do not matter: "1 hr 12 min".
 * @param {number} ms
 */
export function rough(ms) {
	const all = Math.round(ms / 1000);
	const parts = all < 60 ? {second: all} : {hour: Math.floor(all / 3600), minute: Math.floor(all / 60) % 60};
	return Object.entries(parts).filter(([, n]) => n > 0)
		.map(([unit, n]) => new Intl.NumberFormat(locale.value, {style: 'unit', unit, unitDisplay: 'short'}).format(n)).join(' ');
}
