// Times as people read them, in the chosen language, and peaks.

import {computed} from './html.js';
import {locale, t} from './i18n.js';

const relative = computed(() => new Intl.RelativeTimeFormat(locale.value, {numeric: 'auto'}));

/**
 * A length or position: "3:05", "1:02:09". Rounded down to whole seconds.
 * @param {number} ms
 */
export function time(ms) {
	const all = Math.max(0, Math.floor((Number.isFinite(ms) ? ms : 0) / 1000));
	const pad = (/** @type {number} */ n) => String(n).padStart(2, '0');
	const hours = Math.floor(all / 3600), minutes = Math.floor(all / 60) % 60, seconds = all % 60;
	return hours ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${minutes}:${pad(seconds)}`;
}

/**
 * How long ago something was: "3 days ago", or the date after a month.
 * @param {string} iso
 * @param {number} [now] milliseconds since 1970
 */
export function ago(iso, now = Date.now()) {
	const then = Date.parse(iso);
	if (Number.isNaN(then)) return '';
	const seconds = Math.round((then - now) / 1000);
	const size = Math.abs(seconds);
	if (size < 45) return t('time.now');
	const format = relative.value;
	if (size < 3600) return format.format(Math.round(seconds / 60), 'minute');
	if (size < 86400) return format.format(Math.round(seconds / 3600), 'hour');
	if (size < 30 * 86400) return format.format(Math.round(seconds / 86400), 'day');
	return date(iso);
}

/**
 * A day: "November 23, 2025". To make an Intl.DateTimeFormat takes long.
 * @param {string} iso
 */
export function date(iso) {
	const then = new Date(iso);
	if (Number.isNaN(+then)) return '';
	return t('time.date', {y: String(then.getFullYear()), m: t('time.months').split(' ')[then.getMonth()], d: String(then.getDate())});
}

/**
 * A count where there is little room: "1.2K".
 * @param {number} n
 */
export function short(n) {
	return n < 1000 ? String(n) : new Intl.NumberFormat(locale.value, {notation: 'compact', maximumFractionDigits: 1}).format(n);
}

/**
 * The loudness of each column, 0 to 255, from the wire's base64. Text that is
 * no base64 gives no columns.
 * @param {string | undefined} base64
 * @returns {Uint8Array}
 */
export function decodePeaks(base64) {
	try {
		return Uint8Array.from(atob(base64 ?? ''), (c) => c.charCodeAt(0));
	} catch {
		return new Uint8Array();
	}
}
