// The code of a one-time link: it stands behind the #, which no server and no
// other page sees, and goes from the address at once.

import {base, useEffect, useState} from '../html.js';
import {rewrite, route} from '../router.js';

/**
 * The code of the link that was opened in this tab; empty without one.
 * @param {string} name of what it is for
 * @returns {[string, () => void]} the code, and what forgets it
 */
export function useLinkCode(name) {
	const key = `earshot${base}.${name}`;
	const [code, setCode] = useState(() => read(key));
	const given = route.value.hash;
	useEffect(() => {
		if (!given) return;
		setCode(given);
		write(key, given);
		// Nobody is to read it over a shoulder or find it in the history.
		rewrite(route.peek().path);
	}, [given]);
	return [given || code, () => {
		write(key, '');
		setCode('');
	}];
}

/** @param {string} key */
function read(key) {
	try {
		return sessionStorage.getItem(key) ?? '';
	} catch {
		return '';
	}
}

/** Until this tab is closed; an empty code is forgotten. @param {string} key @param {string} code */
function write(key, code) {
	try {
		if (code) sessionStorage.setItem(key, code);
		else sessionStorage.removeItem(key);
	} catch {
		// Without a storage the link only has to be opened again after a reload.
	}
}
