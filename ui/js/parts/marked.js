// A name with the parts that a search found in it.

import {tags} from '../html.js';
import {nameOf, pieces} from '../finding.js';

/** @param {{hit: import('../wire.d.ts').Hit}} props */
export function Marked({hit}) {
	return pieces(nameOf(hit), hit.marks).map((part, i) => (i % 2 ? tags.mark({key: i}, part) : part));
}
