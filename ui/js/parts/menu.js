// A button that opens a short list of things to do. The list's own code is
// fetched when one is opened.

import {h, tags, useRef, useState} from '../html.js';
import {icon} from './icon.js';

/** @typedef {import('../html.js').Child} Child */
/**
 * One entry: a link when it has href, else a button.
 * @typedef {{label: string, icon: string, href?: string, download?: boolean, danger?: boolean, onPick?: () => void}} Item
 * @typedef {(Item | false)[]} Items
 */

/**
 * @param {{label: string, items: () => Items | Promise<Items>, class?: string, children?: Child}} props
 *   items is asked when the menu opens; children is what the button shows.
 */
export function Menu({label, items, class: name, children}) {
	const [list, setList] = useState(/** @type {Child} */ (null));
	const root = useRef(/** @type {HTMLDivElement | null} */ (null));
	const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
	const open = async () => {
		const [{MenuList}, entries] = await Promise.all([import('./menu-list.js'), items()]);
		setList(h(MenuList, {label, items: entries, root, onClose: close}));
	};
	const close = (back = true) => {
		setList(null);
		if (back) button.current?.focus();
	};
	return tags.div({class: 'menu', ref: root},
		tags.button({
			type: 'button', ref: button, class: name ?? 'quiet', 'aria-label': label, 'aria-haspopup': 'menu',
			'aria-expanded': Boolean(list), onClick: () => (list ? close() : void open()),
		}, children ?? icon('more')),
		list);
}
