import {test} from 'node:test';
import assert from 'node:assert/strict';
import {barsBefore, grid, heights, placeholder, timeAt} from '../js/bars.js';

for (const [width, ratio, thick, want] of [
	[400, 1, 3, {bar: 3, gap: 1, step: 4, count: 100}],
	[399, 1, 3, {bar: 3, gap: 1, step: 4, count: 100}],
	[398, 1, 3, {bar: 3, gap: 1, step: 4, count: 99}],
	[800, 2, 2, {bar: 4, gap: 2, step: 6, count: 133}],
	[525, 1.5, 2, {bar: 3, gap: 2, step: 5, count: 105}],
	[0, 1, 3, {bar: 3, gap: 1, step: 4, count: 0}],
]) {
	test(`grid of ${width} device pixels at ${ratio}`, () => assert.deepEqual(grid(width, ratio, thick), want));
}

test('a bar is as high as the loudest column it covers', () => {
	assert.deepEqual([...heights(Uint8Array.of(0, 200, 100, 50, 0, 0), 3)], [1, 0.5, 0]);
});

test('no peak is lost, whatever the number of bars', () => {
	const peaks = new Uint8Array(400);
	peaks[217] = 255;
	for (let count = 1; count <= 400; count++) {
		assert.equal(Math.max(...heights(peaks, count)), 1, `${count} bars`);
	}
});

test('more bars than columns slide from one to the next', () => {
	const got = [...heights(Uint8Array.of(0, 200), 4)];
	assert.deepEqual(got, [0, 0.25, 0.75, 1]);
});

test('near silence stays low', () => {
	assert.ok(Math.max(...heights(Uint8Array.of(3, 4, 2), 3)) < 0.1);
});

test('no peaks and no width give nothing to draw', () => {
	assert.deepEqual([...heights(new Uint8Array(), 3)], [0, 0, 0]);
	assert.equal(heights(Uint8Array.of(9), 0).length, 0);
});

test('a placeholder is low, calm and the same each time', () => {
	const bars = placeholder('0a1b2c', 300);
	assert.deepEqual(bars, placeholder('0a1b2c', 300));
	assert.ok(Math.min(...bars) > 0 && Math.max(...bars) < 0.6);
});

for (const [x, want] of [[100, 0], [150, 100000], [200, 200000], [20, 0], [999, 200000]]) {
	test(`time at ${x}`, () => assert.equal(timeAt(x, 100, 100, 200000), want));
}

for (const [ms, duration, want] of [[0, 1000, 0], [999, 1000, 99], [1000, 1000, 100], [5000, 1000, 100], [-5, 1000, 0], [5, 0, 0]]) {
	test(`bars before ${ms} of ${duration}`, () => assert.equal(barsBefore(ms, duration, 100), want));
}
