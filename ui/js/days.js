// The sums behind the pictures of numbers: bars of days or weeks, and how high
// each is.

/** @typedef {import('./wire.d.ts').DayNumbers} DayNumbers */
/** @typedef {'plays' | 'listeners' | 'likes' | 'reposts' | 'comments' | 'downloads'} Measure */
/** @typedef {{from: string, to: string, n: number}} Bar */

/** What is counted, in the order it is shown. @type {readonly Measure[]} */
export const measures = ['plays', 'listeners', 'likes', 'reposts', 'comments', 'downloads'];

/**
 * One bar a day; where there are too many days to be seen, one a week, the
 * last of which ends with the last day.
 * @param {readonly DayNumbers[]} days the oldest first
 * @param {Measure} measure
 * @param {number} [most]
 * @returns {Bar[]}
 */
export function barsOf(days, measure, most = 92) {
	const each = days.length > most ? 7 : 1;
	/** @type {Bar[]} */
	const bars = [];
	for (let end = days.length; end > 0; end -= each) {
		const part = days.slice(Math.max(0, end - each), end);
		bars.unshift({from: part[0].day ?? '', to: part[part.length - 1].day ?? '', n: part.reduce((sum, day) => sum + day[measure], 0)});
	}
	return bars;
}

/**
 * The round number that the highest bar is measured against.
 * @param {number} most
 */
export function ceiling(most) {
	if (most <= 4) return Math.max(1, most);
	const step = 10 ** Math.floor(Math.log10(most));
	for (const times of [1, 1.5, 2, 3, 4, 5, 6, 8]) if (times * step >= most && (times * step) % 1 === 0) return times * step;
	return 10 * step;
}

/**
 * A line through columns as an area's outline, in a box of as many units as
 * there are columns, and 100 high; the highest reaches the top.
 * @param {readonly number[]} columns
 * @param {number} [most] what reaches the top; what is higher ends there
 */
export function area(columns, most = Math.max(1, ...columns)) {
	const steps = columns.map((n, i) => `L${i} ${(100 - (100 * Math.min(n, most)) / most).toFixed(1)}H${i + 1}`).join('');
	return `M0 100${steps}V100Z`;
}

/**
 * Where listening ends before the end, and the share of those who reach it.
 * Whole listens would leave nothing to be seen of the others.
 * @param {readonly number[]} stops
 */
export function beforeEnd(stops) {
	const early = stops.slice(0, -1), all = stops.reduce((sum, n) => sum + n, 0);
	return {early, whole: all ? (stops.at(-1) ?? 0) / all : 0, all};
}

/**
 * Where the most is, as a share of the whole; -1 where there is nothing.
 * @param {readonly number[]} columns
 */
export function summit(columns) {
	const most = Math.max(0, ...columns);
	return most > 0 ? (columns.indexOf(most) + 0.5) / columns.length : -1;
}
