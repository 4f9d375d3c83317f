// A button that opens a short list of things to do. The list's own code is
// fetched when one is opened.

import {h, tags, useRef, useState} from '../html.js';
import {errorText} from '../api.js';
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
	/** Whether it is to be open: its list takes a moment to come. */
	const wanted = useRef(false);
	const open = async () => {
		wanted.current = true;
		try {
			const [{MenuList}, entries] = await Promise.all([import('./menu-list.js'), items()]);
			if (wanted.current) setList(h(MenuList, {label, items: entries, root, onClose: close}));
		} catch (error) {
			wanted.current = false;
			(await import('./toast.js')).toast(errorText(error), {kind: 'error'});
		}
	};
	const close = (back = true) => {
		wanted.current = false;
		setList(null);
		if (back) button.current?.focus();
	};
	return tags.div({
		class: 'menu', ref: root,
		onKeyDown: (event) => {
			if (event.key !== 'Escape' || !wanted.current) return;
			event.preventDefault();
			close();
		},
	},
		tags.button({
			type: 'button', ref: button, class: name ?? 'quiet', 'aria-label': label, 'aria-haspopup': 'menu',
			'aria-expanded': Boolean(list), onClick: () => (wanted.current ? close() : void open()),
		}, children ?? icon('more')),
		list);
}
