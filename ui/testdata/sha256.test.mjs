import test from 'node:test';
import assert from 'node:assert/strict';
import {createHash, randomBytes} from 'node:crypto';
import {Sha256} from '../js/sha256.js';

test('sums are those of node for every length about the blocks', () => {
	const bytes = randomBytes(700);
	for (let n = 0; n <= 300; n++) {
		const want = createHash('sha256').update(bytes.subarray(0, n)).digest('hex');
		assert.equal(new Sha256().update(bytes.subarray(0, n)).hex(), want, `${n} bytes`);
	}
});

test('pieces of any length make the same sum, and it may be asked for on the way', () => {
	const bytes = randomBytes(100_000), sum = new Sha256();
	let at = 0;
	for (let step = 1; at < bytes.length; step = (step * 7 + 3) % 5000) {
		sum.update(bytes.subarray(at, at + step));
		at = Math.min(at + step, bytes.length);
		if (step % 3 === 0) assert.equal(sum.hex(), createHash('sha256').update(bytes.subarray(0, at)).digest('hex'));
	}
	assert.equal(sum.hex(), createHash('sha256').update(bytes).digest('hex'));
});
