// The sums behind where along a track people comment most.

/** @typedef {import('./wire.d.ts').Mark} Mark */

export const columns = 120;
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
