import {readFile} from 'node:fs/promises';
import {test} from 'node:test';
import assert from 'node:assert/strict';

Object.assign(globalThis, {
	document: {documentElement: {lang: 'en'}},
	fetch: async (/** @type {URL} */ url) => ({ok: true, json: async () => JSON.parse(await readFile(url, 'utf8'))}),
});
const {date, short} = await import('../js/format.js');
const {setLocale, t} = await import('../js/i18n.js');

for (const code of /** @type {const} */ (['en', 'ko'])) {
	test(`a day and a number are written as Intl does, in ${code}`, async () => {
		await setLocale(code);
		const days = new Intl.DateTimeFormat(code, {dateStyle: 'long'});
		for (let i = 0; i < 366; i += 5) {
			const day = new Date(2024, 0, 1 + i, 12);
			assert.equal(date(day.toISOString()), days.format(day));
		}
		for (const n of [0, 1, 12, 999, 1000, 1234, 12345]) {
			assert.equal(short(n), new Intl.NumberFormat(code, {notation: 'compact', maximumFractionDigits: 1}).format(n));
			assert.ok(t('error.limited_for', {n}).includes(new Intl.NumberFormat(code).format(n)));
		}
	});
}

test('what is no day is not written', () => assert.equal(date('soon'), ''));
