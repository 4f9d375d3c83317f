// Dialogs over the page: the browser's own element, which keeps the focus
// inside and the page behind it out of reach.

import {h, signal, tags, useEffect, useId, useRef} from '../html.js';
import {t} from '../i18n.js';
import {icon} from './icon.js';

/** @typedef {import('../html.js').Child} Child */

/** @type {import('../html.js').Signal<{id: number, node: Child}[]>} */
const open = signal(/** @type {{id: number, node: Child}[]} */ ([]));
let last = 0;

/**
 * Shows a dialog until the given function is called.
 * @param {(close: () => void) => Child} make
 */
export function openDialog(make) {
	const id = ++last;
	const close = () => {
		open.value = open.value.filter((one) => one.id !== id);
	};
	open.value = [...open.value, {id, node: make(close)}];
}

/** Where dialogs are shown. */
export function Dialogs() {
	return open.value.map(({id, node}) => tags.div({key: id}, node));
}

/**
 * @param {{title: string, onClose: () => void, class?: string, children?: Child}} props
 */
export function Dialog({title, onClose, class: name = '', children}) {
	const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
	const id = useId();
	useEffect(() => {
		const before = document.activeElement;
		element.current?.showModal();
		return () => {
			// Whoever went on to something else meanwhile stays there.
			const lost = !document.activeElement || document.activeElement === document.body;
			const to = before?.isConnected && before !== document.body ? before : document.querySelector('h1');
			if (lost && to instanceof HTMLElement) to.focus({preventScroll: to !== before});
		};
	}, []);
	return tags.dialog({
		ref: element, class: `dialog ${name}`, 'aria-labelledby': id,
		onCancel: (event) => {
			if (event.target !== event.currentTarget) return;
			event.preventDefault();
			onClose();
		},
	},
		tags.div({class: 'dialog-head'}, tags.h2({id}, title),
			tags.button({type: 'button', class: 'quiet', 'aria-label': t('close'), onClick: onClose}, icon('close'))),
		tags.div({class: 'dialog-body'}, children));
}

/**
 * Asks a question that is answered with yes or no.
 * @param {{title: string, text: Child, yes: string, danger?: boolean}} question
 * @returns {Promise<boolean>} false when it was closed
 */
export function ask({title, text, yes, danger = false}) {
	return new Promise((resolve) => openDialog((close) => {
		const answer = (/** @type {boolean} */ value) => () => {
			close();
			resolve(value);
		};
		return h(Dialog, {title, onClose: answer(false), class: 'narrow'},
			tags.p(text),
			tags.div({class: 'actions'},
				tags.button({type: 'button', class: 'button', onClick: answer(false)}, t('cancel')),
				tags.button({type: 'button', class: danger ? 'button danger' : 'button main', onClick: answer(true)}, yes)));
	}));
}
