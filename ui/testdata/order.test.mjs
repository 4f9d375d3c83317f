import {test} from 'node:test';
import assert from 'node:assert/strict';
import * as order from '../js/order.js';

const of = (...ids) => ids.map((id) => ({id}));
const ids = (list) => list.map((one) => one.id).join('');
const abcd = of('a', 'b', 'c', 'd');
// A source of chance that always takes the first: a fixed, uneven mix.
const zero = () => 0;

test('begin starts at the item asked for, and drops doubles', () => {
	const o = order.begin(of('a', 'b', 'a', 'c'), 3, false);
	assert.equal(ids(o.list), 'abc');
	assert.equal(o.index, 2);
});

test('begin with an index outside starts at the front; with nothing it is empty', () => {
	assert.equal(order.begin(abcd, 9, false).index, 0);
	assert.equal(order.begin([], 0, true).index, -1);
});

test('begin while shuffled keeps the item asked for in front', () => {
	const o = order.begin(abcd, 2, true, zero);
	assert.equal(o.list[0].id, 'c');
	assert.equal(ids(o.source), 'abcd');
	assert.equal([...ids(o.list)].sort().join(''), 'abcd');
});

test('shuffle off brings the source back without moving what is heard', () => {
	let o = order.begin(abcd, 1, true, zero);
	o = {...o, index: 2};
	const heard = o.list[2].id;
	o = order.shuffle(o, false);
	assert.equal(ids(o.list), 'abcd');
	assert.equal(o.list[o.index].id, heard);
});

test('mixing is fair enough that every track gets every place', () => {
	const seen = new Set();
	for (let i = 0; i < 400; i++) {
		order.begin(abcd, 0, true).list.forEach((one, at) => seen.add(one.id + at));
	}
	assert.equal(seen.size, 1 + 9); // a is always first; b, c, d stand anywhere behind it.
});

test('append skips what is there, and mixes only the new page', () => {
	const o = order.append(order.begin(of('a', 'b'), 0, true, zero), of('b', 'c', 'd', 'e'), zero);
	assert.equal(ids(o.source), 'abcde');
	assert.equal(ids(o.list.slice(0, 2)), 'ab');
	assert.equal(ids(o.list.slice(2)), 'dec');
});

test('append to nothing makes the first item the current one', () => {
	assert.equal(order.append(order.nothing(), abcd).index, 0);
});

test('insertNext takes a track from where it stands', () => {
	const o = order.insertNext(order.begin(abcd, 2, false), {id: 'a'});
	assert.equal(ids(o.list), 'bcad');
	assert.equal(o.list[o.index].id, 'c');
});

for (const [name, at, id, list, heard] of [
	['before the current one', 2, 'a', 'bcd', 'c'],
	['the current one: the following is next', 1, 'b', 'acd', 'c'],
	['the current one at the end', 3, 'd', 'abc', 'c'],
	['after the current one', 1, 'd', 'abc', 'b'],
	['one that is not there', 1, 'x', 'abcd', 'b'],
]) {
	test(`remove ${name}`, () => {
		const o = order.remove(order.begin(abcd, at, false), id);
		assert.equal(ids(o.list), list);
		assert.equal(o.list[o.index].id, heard);
	});
}

test('removing the last track leaves nothing', () => {
	assert.equal(order.remove(order.begin(of('a'), 0, false), 'a').index, -1);
});

test('move keeps what is heard, and a moved source stays moved', () => {
	const o = order.move(order.begin(abcd, 1, false), 3, 0);
	assert.equal(ids(o.list), 'dabc');
	assert.equal(o.list[o.index].id, 'b');
	assert.equal(ids(order.shuffle(order.shuffle(o, true), false).list), 'dabc');
	assert.equal(order.move(o, 0, 9), o);
});

for (const [name, at, by, repeat, asked, want] of [
	['forward', 0, 1, 'off', true, 1],
	['past the end', 3, 1, 'off', true, -1],
	['past the end, repeating all', 3, 1, 'all', true, 0],
	['before the start', 0, -1, 'off', true, -1],
	['before the start, repeating all', 0, -1, 'all', true, 3],
	['end of a track, repeating one', 2, 1, 'one', false, 2],
	['asked for the next, repeating one', 2, 1, 'one', true, 3],
]) {
	test(`step ${name}`, () => {
		assert.equal(order.step(order.begin(abcd, at, false), by, repeat, asked), want);
	});
}

test('replace changes both orders', () => {
	const o = order.replace(order.begin(abcd, 0, true), {id: 'c', title: 'new'});
	assert.equal(o.list.find((one) => one.id === 'c').title, 'new');
	assert.equal(o.source[2].title, 'new');
});
