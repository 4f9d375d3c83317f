import {test} from 'node:test';
import assert from 'node:assert/strict';
import {enough, pieces, withFilters} from '../js/finding.js';

for (const [text, want] of [
	['', false], ['a', false], [' a ', false], ['ab', true], ['ㅂ', true], ['밤', true], ['夜', true], ['👍', false], ['a b', true],
]) {
	test(`${JSON.stringify(text)} is ${want ? '' : 'not '}enough to look for`, () => assert.equal(enough(text), want));
}

for (const [text, marks, want] of [
	['Night train', [[0, 5]], ['', 'Night', ' train']],
	['Night train', [[0, 5], [6, 11]], ['', 'Night', ' ', 'train', '']],
	['Night train', [], ['Night train']],
	['🎵 밤기차', [[3, 6]], ['🎵 ', '밤기차', '']],
	['short', [[2, 99]], ['short']],
	['back', [[2, 3], [0, 1]], ['ba', 'c', 'k']],
	['none', [[1, 1]], ['none']],
]) {
	test(`${text} with ${JSON.stringify(marks)}`, () => assert.deepEqual(pieces(text, marks), want));
}

test('the address holds what is set, and nothing else', () => {
	const from = new URLSearchParams('q=밤 기차&kind=track&tag=rain&strange=1');
	assert.equal(withFilters('/search', from, {tag: '', date: 'week'}), `/search?${new URLSearchParams({q: '밤 기차', kind: 'track', date: 'week'})}`);
	assert.equal(withFilters('/search', new URLSearchParams()), '/search');
});
