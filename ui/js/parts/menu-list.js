// The open list of a menu: arrow keys walk, Escape closes, and the focus
// returns to the button.

import {classes, tags, useEffect, useRef} from '../html.js';
import {icon} from './icon.js';

/**
 * @param {{
 *   label: string, items: import('./menu.js').Items,
 *   root: {current: HTMLElement | null}, onClose: (back?: boolean) => void,
 * }} props root holds the button too; onClose is told whether the focus is to go back.
 */
export function MenuList({label, items, root, onClose}) {
	const entries = () => [...root.current?.querySelectorAll('[role=menuitem]') ?? []];
	/** @param {number} i */
	const focus = (i) => {
		const all = entries();
		const entry = all[(i + all.length) % all.length];
		if (entry instanceof HTMLElement) entry.focus();
	};

	const list = useRef(/** @type {HTMLDivElement | null} */ (null));
	useEffect(() => {
		// Opens where there is more room, scrolls where that is too little, and
		// stays between the sides.
		const place = () => {
			const {current: shown} = list;
			if (!shown) return;
			shown.classList.remove('upwards');
			shown.style.maxHeight = shown.style.insetInlineEnd = '';
			const box = shown.getBoundingClientRect(), button = root.current?.getBoundingClientRect() ?? box;
			const dock = shown.closest('dialog') ? null : document.querySelector('.dock')?.getBoundingClientRect();
			const head = shown.closest('dialog, .header') ? 0 : document.querySelector('.header')?.getBoundingClientRect().bottom ?? 0;
			const below = (dock?.height ? dock.top : innerHeight) - box.top - 8, above = button.top - Math.max(0, head) - 12;
			const upwards = box.height > below && above > below;
			shown.classList.toggle('upwards', upwards);
			// Half an entry at the edge tells that there are more.
			const room = Math.max(120, upwards ? above : below), row = shown.firstElementChild?.clientHeight || room;
			shown.style.maxHeight = `${box.height > room ? (Math.floor((room - 6) / row - .5) + .5) * row + 6 : room}px`;
			if (box.left < 8) shown.style.insetInlineEnd = `${box.left - 8}px`;
		};
		place();
		addEventListener('resize', place);
		focus(0);
		/** @param {Event} event */
		const outside = (event) => {
			if (event.target instanceof Node && !root.current?.contains(event.target)) onClose(false);
		};
		document.addEventListener('pointerdown', outside);
		return () => {
			removeEventListener('resize', place);
			document.removeEventListener('pointerdown', outside);
		};
	}, []);

	/** @param {KeyboardEvent} event */
	const onKeyDown = (event) => {
		const at = entries().indexOf(/** @type {Element} */ (document.activeElement));
		/** @type {Record<string, () => void>} */
		const keys = {
			Escape: onClose, ArrowDown: () => focus(at + 1), ArrowUp: () => focus(at - 1), Home: () => focus(0), End: () => focus(-1),
		};
		if (event.key === 'Tab') return onClose(false);
		// Letters and Space mean this list, not the player.
		event.stopPropagation();
		if (!Object.hasOwn(keys, event.key)) return;
		event.preventDefault();
		keys[event.key]();
	};

	return tags.div({ref: list, class: 'menu-list', role: 'menu', 'aria-label': label, onKeyDown},
		items.map((item) => {
			if (!item) return null;
			const look = {role: 'menuitem', tabIndex: -1, key: item.label, class: classes('menu-item', item.danger && 'danger')};
			const pick = () => {
				onClose(!item.href);
				item.onPick?.();
			};
			return item.href
				? tags.a({...look, href: item.href, download: item.download, onClick: pick}, icon(item.icon), item.label)
				: tags.button({...look, type: 'button', onClick: pick}, icon(item.icon), item.label);
		}));
}
