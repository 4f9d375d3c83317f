// Short notes at the edge of the screen that go by themselves.

import {signal, tags} from '../html.js';
import {t} from '../i18n.js';
import {icon} from './icon.js';

/** A note is neither good nor bad news. @typedef {'ok' | 'note' | 'error'} Kind */
/** @typedef {{id: number, text: string, kind: Kind, action?: {label: string, run: () => void}, gone?: () => void}} Toast */

/** @type {import('../html.js').Signal<Toast[]>} */
const shown = signal(/** @type {Toast[]} */ ([]));
let last = 0;

/** @param {number} id */
function drop(id) {
	const one = shown.peek().find((toast) => toast.id === id);
	shown.value = shown.peek().filter((toast) => toast.id !== id);
	one?.gone?.();
}

/**
 * Shows a note. Those of failures stay until they are closed, and so do those
 * that want to know when they go. Gives a function that takes it away.
 * @param {string} text
 * @param {{kind?: Kind, action?: {label: string, run: () => void}, gone?: () => void}} [options]
 */
export function toast(text, {kind = 'ok', action, gone} = {}) {
	const id = ++last;
	const others = shown.peek().filter((old) => old.gone || old.text !== text);
	shown.value = [...others, {id, text, kind, action, gone}];
	if (others.length > 2) drop(others[0].id);
	if (kind !== 'error' && !gone) setTimeout(() => drop(id), action ? 8000 : 4500);
	return () => drop(id);
}

/** Where the notes are shown; screen readers are told of each. */
export function Toasts() {
	return tags.div({class: 'toasts', role: 'status', 'aria-live': 'polite'},
		shown.value.map(({id, text, kind, action}) => tags.div({key: id, class: `toast ${kind}`},
			icon({ok: 'check', note: 'info', error: 'warning'}[kind]),
			tags.p(text),
			action && tags.button({type: 'button', class: 'text', onClick: () => { action.run(); drop(id); }}, action.label),
			tags.button({type: 'button', class: 'quiet', 'aria-label': t('close'), onClick: () => drop(id)}, icon('close')))));
}
