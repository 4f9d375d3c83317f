import {test} from 'node:test';
import assert from 'node:assert/strict';
import {base64, columnsFor, integrated, measurement, weighting} from '../js/columns.js';

/** Sound of so many seconds in all channels. */
const tone = (hz, level, rate, seconds, channels = 2) => Array.from({length: channels}, () =>
	Float32Array.from({length: rate * seconds}, (_, i) => level * Math.sin((2 * Math.PI * hz * i) / rate)));

/** Measures sound, given in pieces of a size. */
function measure(sound, rate, piece = 1e9) {
	const m = measurement(sound[0].length, rate, sound.length);
	for (let at = 0; at < sound[0].length; at += piece) m.add(sound, at, Math.min(sound[0].length, at + piece));
	return m.result();
}

for (const [samples, each, columns] of [[1, 32, 1], [33, 32, 2], [57600, 32, 1800], [57601, 33, 1746], [10_000_000, 5556, 1800]]) {
	test(`${samples} samples make ${columns} columns`, () => assert.deepEqual(columnsFor(samples), {each, columns}));
}

test('the filters for 48 kHz are those of the standard', () => {
	const want = [
		1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585,
		1, -2, 1, -1.99004745483398, 0.99007225036621,
	];
	weighting(48000).forEach((value, i) => assert.ok(Math.abs(value - want[i]) < 1e-6, `${i}: ${value}`));
});

for (const rate of [22050, 44100, 48000, 96000]) {
	// BS.1770-4: 997 Hz at full scale in one channel is -3.01 LKFS; in two it is 0.
	test(`a tone has its loudness at ${rate} Hz`, () => {
		assert.ok(Math.abs(measure(tone(997, 1, rate, 5, 1), rate).loudness + 3.01) < (rate < 40000 ? 0.05 : 0.02));
		assert.ok(Math.abs(measure(tone(997, 0.1, rate, 5), rate).loudness + 20) < (rate < 40000 ? 0.05 : 0.02));
	});
}

test('silence and what is too short have no loudness', () => {
	assert.equal(measure([new Float32Array(48000)], 48000).loudness, -70);
	assert.equal(measure(tone(997, 1, 48000, 0.2), 48000).loudness, -70);
});

test('what is quiet beside the rest is left out', () => {
	const loud = 10 ** ((-20 + 0.691) / 10), quiet = 10 ** ((-40 + 0.691) / 10);
	const powers = [...Array(100).fill(loud), ...Array(400).fill(quiet)];
	assert.ok(Math.abs(integrated(powers) + 20) < 0.1);
});

test('columns have level, lowest and highest', () => {
	const sound = [new Float32Array(64), new Float32Array(64)];
	sound[0].fill(1, 0, 32);
	sound[1].fill(-1, 0, 32);
	sound[0].fill(0.5, 32);
	const {levels, min, max, fine} = measure(sound, 48000);
	assert.deepEqual([...levels], [65535, Math.round(65535 * Math.sqrt(0.125))]);
	assert.deepEqual([[...min], [...max]], [[-128, 0], [127, 64]]);
	assert.equal(fine.length, 1);
	assert.equal(fine[0], Math.round(65535 * Math.sqrt((64 + 8) / 128)));
});

test('pieces make no difference', () => {
	const sound = tone(440, 0.5, 44100, 3);
	const whole = measure(sound, 44100);
	for (const piece of [1000, 4410, 4411, 65536]) {
		const other = measure(sound, 44100, piece);
		assert.deepEqual(other.levels, whole.levels);
		assert.deepEqual(other.fine, whole.fine);
		assert.ok(Math.abs(other.loudness - whole.loudness) < 1e-9);
	}
	assert.equal(whole.fine.length, 30);
});

test('numbers become bytes, the low one first', () => {
	assert.equal(base64(Uint16Array.of(1, 65534)), btoa('\x01\x00\xfe\xff'));
	assert.equal(base64(Int8Array.of(-128, 127)), btoa('\x80\x7f'));
});
