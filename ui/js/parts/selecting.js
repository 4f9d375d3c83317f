// Choosing several of a list: one by one, a range with Shift, all.

import {h, tags, useRef, useState} from '../html.js';
import {t} from '../i18n.js';
import '../texts.js';

/**
 * @param {readonly string[]} ids in the order in which they are shown
 */
export function useSelection(ids) {
	const [chosen, setChosen] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
	const anchor = useRef('');
	const there = new Set(ids.filter((id) => chosen.has(id)));

	/** @param {string} id @param {boolean} on @param {boolean} range */
	const pick = (id, on, range) => {
		const next = new Set(there), from = range ? ids.indexOf(anchor.current) : -1, to = ids.indexOf(id);
		for (const one of from < 0 ? [id] : ids.slice(Math.min(from, to), Math.max(from, to) + 1)) next[on ? 'add' : 'delete'](one);
		anchor.current = id;
		setChosen(next);
	};
	/** @param {KeyboardEvent & {currentTarget: Element}} event @param {string} id */
	const onKeyDown = (event, id) => {
		if (event.key === 'Escape' && there.size) {
			event.preventDefault();
			setChosen(new Set());
		} else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
			event.preventDefault();
			setChosen(new Set(ids));
		} else if (event.shiftKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
			event.preventDefault();
			const next = ids[ids.indexOf(id) + (event.key === 'ArrowDown' ? 1 : -1)];
			if (!next) return;
			if (ids.indexOf(anchor.current) < 0) anchor.current = id;
			setChosen(new Set([...there, id, next]));
			const box = document.querySelector(`input[data-pick="${next}"]`);
			if (box instanceof HTMLElement) box.focus();
		}
	};
	return {
		there,
		set: (/** @type {Iterable<string>} */ some) => setChosen(new Set(some)),
		/** The box of one. @param {string} id @param {string} name */
		box: (id, name) => h(Box, {id, name, on: there.has(id), pick, onKeyDown}),
	};
}

/**
 * @param {{
 *   id: string, name: string, on: boolean, pick: (id: string, on: boolean, range: boolean) => void,
 *   onKeyDown: (event: KeyboardEvent & {currentTarget: Element}, id: string) => void,
 * }} props
 */
function Box({id, name, on, pick, onKeyDown}) {
	return tags.label({class: 'pick-box'},
		tags.input({
			type: 'checkbox', 'data-pick': id, checked: on, 'aria-label': t('batch.pick', {title: name}),
			onClick: (event) => pick(id, event.currentTarget.checked, event.shiftKey),
			onKeyDown: (event) => onKeyDown(event, id),
		}));
}
