// Times as people read them, in the chosen language, and peaks.

import {locale, t} from './i18n.js';

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
	const format = new Intl.RelativeTimeFormat(locale.value, {numeric: 'auto'});
	if (size < 3600) return format.format(Math.round(seconds / 60), 'minute');
	if (size < 86400) return format.format(Math.round(seconds / 3600), 'hour');
	if (size < 30 * 86400) return format.format(Math.round(seconds / 86400), 'day');
	return date(iso);
}

/**
 * A day: "23 November 2025".
 * @param {string} iso
 */
export function date(iso) {
	const then = Date.parse(iso);
	if (Number.isNaN(then)) return '';
	return new Intl.DateTimeFormat(locale.value, {dateStyle: 'long'}).format(then);
}

/**
 * A count where there is little room: "1.2K".
 * @param {number} n
 */
export function short(n) {
	return new Intl.NumberFormat(locale.value, {notation: 'compact', maximumFractionDigits: 1}).format(n);
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
