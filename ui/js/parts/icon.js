// Icons from the sprite. They say nothing by themselves: whatever holds one
// has a name of its own.

import {tags} from '../html.js';

const sprite = new URL('../../icons.svg', import.meta.url).pathname;

/**
 * @param {string} name a symbol of icons.svg
 * @param {string} [extra] another class
 */
export function icon(name, extra) {
	return tags.svg({class: extra ? `icon ${extra}` : 'icon', 'aria-hidden': 'true', focusable: 'false'},
		tags.use({href: `${sprite}#${name}`}));
}
