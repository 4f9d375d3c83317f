// What was searched for lately, kept on this device for the one who did.

import {base, signal} from './html.js';
import {me} from './state.js';

const storageKey = `earshot${base}.searches`;
const most = 8;

/** @returns {string[]} */
function stored() {
	try {
		const held = JSON.parse(localStorage.getItem(storageKey) ?? 'null');
		const mine = held?.owner === (me.peek()?.id ?? '') && Array.isArray(held.list);
		return mine ? held.list.filter((/** @type {unknown} */ one) => typeof one === 'string').slice(0, most) : [];
	} catch {
		return [];
	}
}

/** The newest first. @type {import('./html.js').Signal<readonly string[]>} */
export const searches = signal(/** @type {readonly string[]} */ ([]));

/** Reads what another tab or account may have left. */
export function refreshSearches() {
	searches.value = stored();
}

/** @param {readonly string[]} list */
function keep(list) {
	searches.value = list;
	try {
		if (list.length) localStorage.setItem(storageKey, JSON.stringify({owner: me.peek()?.id ?? '', list}));
		else localStorage.removeItem(storageKey);
	} catch {
		// A full or forbidden storage costs only the memory of it.
	}
}

/** @param {string} text */
export function keepSearch(text) {
	const one = text.trim();
	if (one) keep([one, ...stored().filter((other) => other !== one)].slice(0, most));
}

/** Forgets them all. */
export function forgetSearches() {
	keep([]);
}
