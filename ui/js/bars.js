// The sums behind a waveform: which bars a width holds, how high each is, and
// which time lies where.

/**
 * A bar and the gap behind it, in whole device pixels, so that edges are sharp.
 * @param {number} width Of the canvas, in device pixels.
 * @param {number} ratio Device pixels in a CSS pixel.
 * @param {number} thick Width of a bar in CSS pixels.
 */
export function grid(width, ratio, thick) {
	const bar = Math.max(1, Math.round(thick * ratio));
	const gap = Math.max(1, Math.round(ratio));
	const count = Math.max(0, Math.floor((width + gap) / (bar + gap)));
	return {bar, gap, step: bar + gap, count};
}

/**
 * The height of each bar, from 0 to 1: the loudest of the columns it stands
 * for. The loudest of all reaches the top, unless the whole track is so quiet
 * that the picture would claim otherwise.
 * @param {Uint8Array} peaks Loudness of each column, 0 to 255.
 * @param {number} count @returns {Float32Array}
 */
export function heights(peaks, count) {
	const out = new Float32Array(count);
	if (peaks.length === 0 || count === 0) return out;
	let top = 48;
	for (const peak of peaks) if (peak > top) top = peak;
	const each = peaks.length / count;
	for (let i = 0; i < count; i++) {
		out[i] = each >= 1 ? loudest(peaks, i * each, (i + 1) * each) / top : between(peaks, (i + 0.5) * each - 0.5) / top;
	}
	return out;
}

/**
 * Bars that stand in for a waveform that is still being made: a calm swell,
 * the same each time for the same track.
 * @param {string} id @param {number} count @returns {Float32Array}
 */
export function placeholder(id, count) {
	let seed = 7;
	for (const sign of id) seed = (seed * 31 + sign.charCodeAt(0)) % 9973;
	const out = new Float32Array(count);
	for (let i = 0; i < count; i++) {
		const wave = Math.sin(i * 0.19 + seed) + Math.sin(i * 0.067 + seed * 2) + 0.6 * Math.sin(i * 1.7 + seed * 3);
		out[i] = 0.26 + 0.08 * wave;
	}
	return out;
}

/**
 * The time under a point, in milliseconds.
 * @param {number} x @param {number} left @param {number} width @param {number} duration
 */
export function timeAt(x, left, width, duration) {
	if (width <= 0) return 0;
	return Math.round(Math.min(1, Math.max(0, (x - left) / width)) * duration);
}

/**
 * How many bars lie wholly before a time.
 * @param {number} ms @param {number} duration @param {number} count
 */
export function barsBefore(ms, duration, count) {
	if (duration <= 0) return 0;
	return Math.min(count, Math.max(0, Math.floor((ms / duration) * count)));
}

/** @param {Uint8Array} peaks @param {number} from @param {number} to */
function loudest(peaks, from, to) {
	let most = 0;
	for (let i = Math.floor(from); i < Math.min(peaks.length, Math.ceil(to)); i++) {
		most = Math.max(most, peaks[i] ?? 0);
	}
	return most;
}

/** @param {Uint8Array} peaks @param {number} at */
function between(peaks, at) {
	const i = Math.max(0, Math.floor(at));
	const a = peaks[i] ?? 0, b = peaks[i + 1] ?? a;
	return a + (b - a) * Math.min(1, Math.max(0, at - i));
}
