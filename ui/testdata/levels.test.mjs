import test from 'node:test';
import assert from 'node:assert/strict';
import {gain, target} from '../js/levels.js';

const piece = (loudness, ms = 1000, peak) => ({duration_ms: ms, measured: {loudness_lufs: loudness, true_peak_dbtp: peak}});
const near = (got, db) => assert.ok(Math.abs(20 * Math.log10(got) - db) < 1e-9, `${20 * Math.log10(got)} dB, want ${db}`);

test('loud tracks become softer, quiet ones stay', () => {
	near(gain([piece(target + 6)]), -6);
	near(gain([piece(target)]), 0);
	near(gain([piece(target - 9)]), 0);
});

test('what is not measured, or silent, stays as it is', () => {
	assert.equal(gain([]), 1);
	assert.equal(gain([{duration_ms: 1000}]), 1);
	assert.equal(gain([{duration_ms: 1000, measured: {}}]), 1);
	assert.equal(gain([piece(-70)]), 1);
});

test('peaks beyond full scale are brought down to it', () => {
	near(gain([piece(-30, 1000, 1.5)]), -1.5);
	near(gain([piece(target + 6, 1000, 1.5)]), -6);
});

test('an album is as loud as all of it together', () => {
	near(gain([piece(-10), piece(-10)]), target + 10);
	near(gain([piece(-10, 3000), piece(-10 + 10 * Math.log10(2), 1000)]), target + 10 - 10 * Math.log10(1.25));
	near(gain([piece(-10), {duration_ms: 9000}, piece(-70, 9000)]), target + 10);
});
