import {test} from 'node:test';
import assert from 'node:assert/strict';
import {area, barsOf, beforeEnd, ceiling, summit} from '../js/days.js';

/** @param {number} n */
const days = (n) => Array.from({length: n}, (_, i) => ({day: `day ${i}`, plays: i, listeners: 0, likes: 0, reposts: 0, comments: 0, downloads: 0}));

test('a month has a bar a day', () => {
	const bars = barsOf(days(30), 'plays');
	assert.equal(bars.length, 30);
	assert.deepEqual(bars[29], {from: 'day 29', to: 'day 29', n: 29});
});

test('a year has a bar a week, which ends with the last day, and loses nothing', () => {
	const bars = barsOf(days(365), 'plays');
	assert.equal(bars.length, 53);
	assert.deepEqual(bars[52], {from: 'day 358', to: 'day 364', n: 358 * 7 + 21});
	assert.deepEqual(bars[0], {from: 'day 0', to: 'day 0', n: 0});
	assert.equal(bars.reduce((sum, {n}) => sum + n, 0), 364 * 365 / 2);
});

for (const [most, want] of [[0, 1], [1, 1], [3, 3], [7, 8], [11, 15], [26, 30], [81, 100], [100, 100], [101, 150], [999, 1000]]) {
	test(`${most} is measured against ${want}`, () => assert.equal(ceiling(most), want));
}

test('the highest column reaches the top, and nothing goes beyond it', () => {
	assert.equal(area([0, 2, 1]), 'M0 100L0 100.0H1L1 0.0H2L2 50.0H3V100Z');
	assert.equal(area([1, 9], 1), 'M0 100L0 0.0H1L1 0.0H2V100Z');
	assert.equal(area([0, 0]), 'M0 100L0 100.0H1L1 100.0H2V100Z');
});

test('where the most is', () => {
	assert.equal(summit([0, 0, 3, 1]), 0.625);
	assert.equal(summit([0, 0]), -1);
	assert.equal(summit([]), -1);
});

test('who listens to the end does not stop', () => {
	assert.deepEqual(beforeEnd([1, 2, 9]), {early: [1, 2], whole: 0.75, all: 12});
	assert.deepEqual(beforeEnd([]), {early: [], whole: 0, all: 0});
});
