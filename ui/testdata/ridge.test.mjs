import assert from 'node:assert/strict';
import {test} from 'node:test';
import {columns, hottest, ridge} from '../js/ridge.js';

const marks = (...list) => list.map(([position_ms, n]) => ({position_ms, n, comment: String(position_ms)}));

test('few comments make no ridge', () => {
	assert.equal(ridge([], 60_000), null);
	assert.equal(ridge(marks([0, 1], [10_000, 3], [20_000, 3]), 60_000), null);
	assert.equal(ridge(marks([10_000, 50]), 60_000), null);
	assert.equal(ridge(marks([0, 5], [1, 5], [2, 5]), 0), null);
	assert.equal(hottest(marks([0, 1], [10_000, 3], [20_000, 3]), 60_000), -1);
});

test('the ridge is highest where most is said, also by many who say it side by side', () => {
	const one = marks([5_000, 1], [30_000, 9], [50_000, 2]);
	const heights = ridge(one, 60_000);
	assert.equal(heights.length, columns);
	assert.ok(Math.abs(heights.indexOf(Math.max(...heights)) - 60) <= 1);
	assert.equal(hottest(one, 60_000), 30_000);
	assert.equal(hottest(marks([5_000, 3], [40_000, 2], [40_500, 2], [41_000, 2]), 60_000), 40_000);
});

test('the ends of a track are within it', () => {
	const ends = marks([0, 9], [30_000, 1], [60_000, 12]);
	assert.ok(ridge(ends, 60_000).every(Number.isFinite));
	assert.equal(hottest(ends, 60_000), 60_000);
	assert.equal(hottest(marks([0, 12], [30_000, 1], [60_000, 3]), 60_000), 0);
});
