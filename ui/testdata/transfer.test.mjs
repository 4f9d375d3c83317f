import {test} from 'node:test';
import assert from 'node:assert/strict';
import {meter, refusal, soundsLike} from '../js/transfer.js';

const head = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));

for (const [name, bytes, size, want] of [
	['an mp3 with tags', 'ID3\x04\0\0\0\0\0\0\0\0', 4e6, null],
	['an mp3 without', '\xff\xfb\x90\x64\0\0\0\0\0\0\0\0', 4e6, null],
	['something unknown is left to the server', 'what is this', 4e6, null],
	['a short file', 'ID', 2, null],
	['nothing', '', 0, 'upload.empty'],
	['too much', 'ID3\x04\0\0\0\0\0\0\0\0', 512e6 + 1, 'upload.too_large'],
	['wav', 'RIFF\0\0\0\0WAVE', 4e6, null],
	['flac', 'fLaC\0\0\0\x22\0\0\0\0', 4e6, null],
	['ogg', 'OggS\0\0\0\0\0\0\0\0', 4e6, null],
	['m4a', '\0\0\0\x20ftypM4A ', 4e6, null],
	['aiff', 'FORM\0\0\0\0AIFF', 4e6, 'upload.unsupported'],
	['wma', '\x30\x26\xb2\x75\x8e\x66\xcf\x11\0\0\0\0', 4e6, 'upload.unsupported'],
	['webp', 'RIFF\0\0\0\0WEBP', 4e6, 'upload.not_audio'],
	['jpeg', '\xff\xd8\xff\xe0\0\0\0\0\0\0\0\0', 4e6, 'upload.not_audio'],
	['zip', 'PK\x03\x04\0\0\0\0\0\0\0\0', 4e6, 'upload.not_audio'],
]) {
	test(`refusal of ${name}`, () => assert.equal(refusal(head(bytes), size, 512e6)?.code ?? null, want));
}

test('a refusal names the format', () => {
	assert.equal(refusal(head('FORM\0\0\0\0AIFF'), 4e6, 512e6)?.about, 'AIFF');
});

test('an unknown limit refuses nothing for its size', () => {
	assert.equal(refusal(head('ID3'), 1e12, 0), null);
});

test('files with music in them are told by name', () => {
	assert.ok(soundsLike('곡.MP3') && soundsLike('a.flac'));
	assert.ok(!soundsLike('cover.jpg') && !soundsLike('.DS_Store') && !soundsLike('mp3'));
});

test('a steady transfer is measured', () => {
	const m = meter(10_000_000);
	assert.deepEqual(m.tell(0, 0), {rate: 0, left: null});
	assert.deepEqual(m.tell(200_000, 200), {rate: 0, left: null});
	assert.deepEqual(m.tell(1_000_000, 1000), {rate: 1_000_000, left: 9});
});

test('only the last seconds count', () => {
	const m = meter(100_000_000);
	for (let s = 0; s <= 20; s++) m.tell(s * 1_000_000, s * 1000);
	let got;
	for (let s = 1; s <= 10; s++) got = m.tell(20_000_000 + s * 100_000, 20000 + s * 1000);
	assert.ok(Math.abs(got.rate - 100_000) < 1, `rate ${got.rate}`);
});

test('a transfer that stands still has no end in sight', () => {
	const m = meter(1000);
	m.tell(10, 0);
	assert.deepEqual(m.tell(10, 9000), {rate: 0, left: null});
});
