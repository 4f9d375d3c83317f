// A QR code, dark on white whatever the page looks like, as cameras want it.

import {tags} from '../html.js';

/** The quiet zone around a code (ISO/IEC 18004), in modules. */
const quiet = 4;

/** @param {{code: import('../wire.d.ts').QR, label: string, class?: string}} props */
export function QR({code: {size, path}, label, class: look}) {
	const side = size + 2 * quiet;
	return tags.svg({class: look, viewBox: `${-quiet} ${-quiet} ${side} ${side}`, role: 'img', 'aria-label': label}, tags.path({d: path}));
}
