// How loud tracks are played beside one another.

/** @typedef {{duration_ms: number, measured?: {loudness_lufs?: number, true_peak_dbtp?: number}}} Piece */

/**
 * The loudness that tracks are brought to, in LUFS. Louder ones are played more
 * softly; quieter ones stay as they are, so that nothing is ever clipped.
 */
export const target = -16;

/**
 * What the amplitude of tracks is multiplied with, that belong together as they
 * are: from 0 to 1. Their loudness is that of all their sound (the mean of the
 * power, as ITU-R BS.1770-4 has it), and true peaks beyond full scale are
 * brought down to it. Tracks that were not measured say nothing.
 * @param {readonly Piece[]} pieces
 */
export function gain(pieces) {
	let power = 0, length = 0, peak = 0;
	for (const {measured, duration_ms: ms} of pieces) {
		if (measured?.loudness_lufs === undefined || measured.loudness_lufs <= -70) continue;
		power += ms * 10 ** (measured.loudness_lufs / 10);
		length += ms;
		peak = Math.max(peak, measured.true_peak_dbtp ?? 0);
	}
	return length ? Math.min(1, 10 ** ((target - 10 * Math.log10(power / length)) / 20), 10 ** (-peak / 20)) : 1;
}
