// Every text people read comes from locales/*.json through t().

import {computed, signal} from './html.js';

/** @typedef {Record<string, string | Record<string, string>>} Catalogue */

/** The languages there are, each by its own name. */
export const languages = {en: 'English', ko: '한국어'};

/** @typedef {keyof typeof languages} Language */

/** @param {unknown} code @returns {code is Language} */
function isLanguage(code) {
	return typeof code === 'string' && Object.hasOwn(languages, code);
}

/**
 * The language in use. The server chose it from the cookie or from what the
 * browser asked for, and wrote it on the page.
 * @type {import('./html.js').Signal<Language>}
 */
export const locale = signal(isLanguage(document.documentElement.lang) ? document.documentElement.lang : 'en');

/** @type {import('./html.js').Signal<Catalogue>} */
const catalogue = signal({});
const plural = computed(() => new Intl.PluralRules(locale.value));

/** The folders that the texts are taken from; js/texts.js adds the second one. */
const folders = ['locales'];

/** @param {string} folder @param {Language} code */
async function texts(folder, code) {
	const answer = await fetch(new URL(`../${folder}/${code}.json`, import.meta.url));
	if (!answer.ok) throw new Error(`${folder} ${code}: ${answer.status}`);
	return answer.json();
}

/**
 * Loads a language's texts and changes to it.
 * @param {Language} code
 */
export async function setLocale(code) {
	catalogue.value = Object.assign({}, ...await Promise.all(folders.map((folder) => texts(folder, code))));
	locale.value = code;
	document.documentElement.lang = code;
}

/** Adds the texts that the first look does without. */
export async function addTexts() {
	folders.push('locales/late');
	const late = await texts('locales/late', locale.peek());
	catalogue.value = {...catalogue.peek(), ...late};
}

/**
 * Whether a text exists.
 * @param {string} key
 */
export function has(key) {
	return key in catalogue.value;
}

/**
 * The template of a key; with plural forms, the one for params.n.
 * @param {string} key
 * @param {Record<string, unknown>} params
 */
function template(key, params) {
	const found = catalogue.value[key];
	if (found === undefined) return key;
	if (typeof found === 'string') return found;
	return found[plural.value.select(Number(params.n))] ?? found.other ?? key;
}

/**
 * The text of a key, with {name} replaced by params.name. A text with plural
 * forms is chosen by params.n; numbers are written the language's way.
 * @param {string} key
 * @param {Record<string, string | number>} [params]
 * @returns {string}
 */
export function t(key, params = {}) {
	return template(key, params).replace(/\{(\w+)\}/g, (whole, name) => {
		const value = params[name];
		return value === undefined ? whole : typeof value !== 'number' || Number.isInteger(value) && value >= 0 && value < 1000 ? String(value)
			: new Intl.NumberFormat(locale.value).format(value);
	});
}
