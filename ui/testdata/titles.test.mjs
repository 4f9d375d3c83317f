import {test} from 'node:test';
import assert from 'node:assert/strict';
import {retitled, withoutNumber} from '../js/titles.js';

for (const [title, want] of [
	['01 - Night train', 'Night train'],
	['01. Night train', 'Night train'],
	['1 – Night train', 'Night train'],
	['07 Night train', 'Night train'],
	['07_Night train', 'Night train'],
	['A2) Night train', 'Night train'],
	['1-07 Night train', 'Night train'],
	['01 - 99 Luftballons', '99 Luftballons'],
	['99 Luftballons', '99 Luftballons'],
	['1979', '1979'],
	['2001: Odyssey', '2001: Odyssey'],
	['50-50', '50-50'],
	['1.5 seconds', '1.5 seconds'],
	['3-2-1 Go', '3-2-1 Go'],
	['01 - ', '01 - '],
	['밤기차', '밤기차'],
	['02. 밤기차', '밤기차'],
]) {
	test(`${title} without its number`, () => assert.equal(withoutNumber(title), want));
}

test('what is found is replaced everywhere, and no space is left over', () => {
	assert.deepEqual(retitled(['a (demo) b', 'c (demo)'], {find: '(demo)', replace: ''}), ['a b', 'c']);
	assert.deepEqual(retitled(['01 - x.y'], {find: '.', replace: ' ', numbers: true}), ['x y']);
	assert.deepEqual(retitled(['01 - x'], {}), ['01 - x']);
});
