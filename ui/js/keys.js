// Keys that work anywhere but where people type. They can be switched off:
// single letters get in the way of speech input and of slips.

import {base, classes, effect, h, signal, tags, useEffect, useRef} from './html.js';
import {t} from './i18n.js';
import {toggleMute} from './lineup.js';
import {openSearch} from './parts/search-open.js';
import * as player from './player.js';

const {button, dd, dialog, div, dl, dt, h2, kbd, p, span} = tags;

const storageKey = `earshot${base}.keys`;

/**
 * @typedef {object} Shortcut
 * @property {string[]} keys As KeyboardEvent.key has them, letters small; "Shift+" before those that need it.
 * @property {string} text Key of the words that say what it does.
 * @property {() => void} act
 */

function stored() {
	try {
		return localStorage.getItem(storageKey) !== 'off';
	} catch {
		return true;
	}
}

/** Whether the keys work. Kept for this device. */
export const shortcutsOn = signal(stored());

effect(() => {
	try {
		if (shortcutsOn.value) localStorage.removeItem(storageKey);
		else localStorage.setItem(storageKey, 'off');
	} catch {
		// Then it holds until the page is closed.
	}
});

/** Whether the list of keys is on the screen. */
export const listShown = signal(false);

/** @type {import('./html.js').Signal<readonly Shortcut[]>} */
const known = signal([
	{keys: [' ', 'k'], text: 'keys.play', act: () => player.toggle()},
	{keys: ['ArrowLeft'], text: 'keys.back', act: () => player.seekBy(-5000)},
	{keys: ['ArrowRight'], text: 'keys.forward', act: () => player.seekBy(5000)},
	{keys: ['Shift+ArrowLeft'], text: 'keys.previous', act: player.previous},
	{keys: ['Shift+ArrowRight'], text: 'keys.next', act: player.next},
	{keys: ['m'], text: 'keys.mute', act: toggleMute},
	{keys: ['/'], text: 'keys.search', act: openSearch},
	{keys: ['?'], text: 'keys.list', act: () => (listShown.value = !listShown.peek())},
]);

/**
 * Adds a key for as long as a page needs it; gives a function that takes it
 * away.
 * @param {Shortcut} shortcut
 */
export function addShortcut(shortcut) {
	known.value = [...known.peek(), shortcut];
	return () => {
		known.value = known.peek().filter((one) => one !== shortcut);
	};
}

const typed = 'input:not([type=range], [type=checkbox], [type=radio], [type=button], [type=submit], [type=file]), textarea, select, [contenteditable]:not([contenteditable=false])';
const pressed = 'button, a[href], summary, input, [role=button], [role=menuitem], [role=tab], [role=option]';

/** @param {KeyboardEvent} event */
function name(event) {
	const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
	return event.shiftKey && key.length > 1 ? `Shift+${key}` : key;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
	if (!shortcutsOn.peek() || event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
	const at = event.target instanceof Element ? event.target : document.body;
	if (at.closest(typed)) return;
	// What is focused keeps the keys it needs itself.
	const pressing = event.key === ' ' && at.closest(pressed) && !at.matches('[type=range]');
	const steering = event.key.startsWith('Arrow') && !event.shiftKey && at.matches('[type=range], [type=radio], [role=tab], [role=menuitem]');
	if (pressing || steering) return;
	const wanted = name(event);
	const open = document.querySelector('dialog[open]:modal');
	if (open && wanted !== '?' && !open.classList.contains('player-full')) return;
	const found = known.peek().findLast((one) => one.keys.includes(wanted)); // A page's own come before those of all pages.
	if (!found || (event.repeat && !event.key.startsWith('Arrow'))) return;
	event.preventDefault();
	found.act();
}

addEventListener('keydown', onKey);

/** How a key is written on this keyboard's caps. @param {string} key */
function cap(key) {
	const caps = {' ': t('keys.space'), ArrowLeft: '←', ArrowRight: '→', Shift: t('keys.shift')};
	return Object.hasOwn(caps, key) ? caps[/** @type {keyof typeof caps} */ (key)] : key.toUpperCase();
}

/** @param {{keys: string[]}} props */
function Caps({keys}) {
	return keys.map((key, i) => [
		i > 0 && span({class: 'keys-or'}, t('keys.or')),
		key.split('+').map((part) => kbd(cap(part))),
	]);
}

/** The list of keys, as a dialog; the app shows it once. */
export function KeyList() {
	const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
	const shown = listShown.value;
	useEffect(() => {
		if (shown) element.current?.showModal();
		else element.current?.close();
	}, [shown]);
	if (!shown) return null;
	return dialog({
		ref: element, class: 'keys', 'aria-labelledby': 'keys-title',
		onClose: () => (listShown.value = false),
		onClick: (event) => event.target === event.currentTarget && (listShown.value = false),
	},
		div({class: 'keys-body'},
			h2({id: 'keys-title'}, t('keys.title')),
			dl(known.value.filter((one, i, all) => all.findIndex(({text}) => text === one.text) === i).map((one) => div({key: one.text}, dt(h(Caps, {keys: one.keys})), dd(t(one.text))))),
			p({class: 'keys-note'}, t('keys.note')),
			button({type: 'button', class: classes('button'), autofocus: true, onClick: () => (listShown.value = false)}, t('keys.close')),
		),
	);
}
