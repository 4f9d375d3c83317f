// A button that opens a short list of things to do.

import {classes, tags, useEffect, useId, useRef, useState} from '../html.js';
import {icon} from './icon.js';

/** @typedef {import('../html.js').Child} Child */
/**
 * One entry: a link when it has href, else a button.
 * @typedef {{label: string, icon: string, href?: string, download?: boolean, danger?: boolean, onPick?: () => void}} Item
 */

/**
 * Arrow keys walk, Escape closes, and the focus returns to the button.
 * @param {{label: string, items: () => (Item | false | null | undefined)[], class?: string, children?: Child}} props
 *   items is asked when the menu opens; children is what the button shows.
 */
export function Menu({label, items, class: name, children}) {
	const [open, setOpen] = useState(false);
	const root = useRef(/** @type {HTMLDivElement | null} */ (null));
	const button = useRef(/** @type {HTMLButtonElement | null} */ (null));
	const id = useId();

	const entries = () => [...root.current?.querySelectorAll('[role=menuitem]') ?? []];
	/** @param {number} i */
	const focus = (i) => {
		const all = entries();
		const entry = all[(i + all.length) % all.length];
		if (entry instanceof HTMLElement) entry.focus();
	};
	const close = (back = true) => {
		setOpen(false);
		if (back) button.current?.focus();
	};

	useEffect(() => {
		if (!open) return;
		focus(0);
		/** @param {Event} event */
		const outside = (event) => {
			if (event.target instanceof Node && !root.current?.contains(event.target)) close(false);
		};
		document.addEventListener('pointerdown', outside);
		return () => document.removeEventListener('pointerdown', outside);
	}, [open]);

	/** @param {KeyboardEvent} event */
	const onKeyDown = (event) => {
		if (!open) return;
		const at = entries().indexOf(/** @type {Element} */ (document.activeElement));
		/** @type {Record<string, () => void>} */
		const keys = {
			Escape: close, ArrowDown: () => focus(at + 1), ArrowUp: () => focus(at - 1), Home: () => focus(0), End: () => focus(-1),
		};
		if (event.key === 'Tab') return close(false);
		if (!Object.hasOwn(keys, event.key)) return;
		event.preventDefault();
		event.stopPropagation();
		keys[event.key]();
	};

	return tags.div({class: 'menu', ref: root, onKeyDown},
		tags.button({
			type: 'button', ref: button, class: name ?? 'quiet', 'aria-label': label, 'aria-haspopup': 'menu',
			'aria-expanded': open, 'aria-controls': open ? id : undefined, onClick: () => setOpen(!open),
		}, children ?? icon('more')),
		open && tags.div({class: 'menu-list', role: 'menu', id, 'aria-label': label},
			items().map((item) => {
				if (!item) return null;
				const look = {role: 'menuitem', tabIndex: -1, key: item.label, class: classes('menu-item', item.danger && 'danger')};
				const pick = () => {
					close(!item.href);
					item.onPick?.();
				};
				return item.href
					? tags.a({...look, href: item.href, download: item.download, onClick: pick}, icon(item.icon), item.label)
					: tags.button({...look, type: 'button', onClick: pick}, icon(item.icon), item.label);
			})));
}
