// Whole sentences with names and titles in them that look like what they are.

import {t} from './i18n.js';

/** @typedef {import('./html.js').Child} Child */

/**
 * The text of a key, with elements in the place of some of its {names}.
 * @param {string} key
 * @param {Record<string, Child>} nodes by name
 * @param {Record<string, string | number>} [params] plain ones, as t() takes them
 * @returns {Child[]}
 */
export function rich(key, nodes, params = {}) {
	const names = Object.keys(nodes);
	const marked = t(key, {...params, ...Object.fromEntries(names.map((name, i) => [name, `\0${i}\0`]))});
	return marked.split('\0').map((part, i) => (i % 2 ? nodes[names[Number(part)]] : part));
}
