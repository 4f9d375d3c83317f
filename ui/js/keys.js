// Keys that work anywhere but where people type. They can be switched off:
// single letters get in the way of speech input and of slips.

import {base, effect, signal} from './html.js';
import {toggleMute} from './lineup.js';
import {openSearch} from './parts/search-open.js';
import * as player from './player.js';

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

/** All that work now. @type {import('./html.js').Signal<readonly Shortcut[]>} */
export const known = signal([
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
