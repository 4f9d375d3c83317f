// What the whole app knows: who is signed in, the house, the theme, and what
// happens elsewhere.

import {computed, signal} from './html.js';
import {ApiError, api, onSignedOut} from './api.js';

/** @typedef {import('./wire.d.ts').Me} Me */
/** @typedef {import('./wire.d.ts').House} House */
/** @typedef {import('./wire.d.ts').Event} Event */
/** @typedef {'auto' | 'light' | 'dark'} Theme */

/**
 * The signed-in user; null for a visitor, undefined until the server told.
 * @type {import('./html.js').Signal<Me | null | undefined>}
 */
export const me = signal(/** @type {Me | null | undefined} */ (undefined));

/**
 * The house; undefined until the server told.
 * @type {import('./html.js').Signal<House | undefined>}
 */
export const house = signal(/** @type {House | undefined} */ (undefined));

/** Whether somebody is signed in. */
export const signedIn = computed(() => Boolean(me.value));

/** Whether this visitor may look and listen. */
export const mayListen = computed(() => signedIn.value || Boolean(house.value?.visitors));

/**
 * The failure that kept the app from starting, if one did.
 * @type {import('./html.js').Signal<unknown>}
 */
export const bootError = signal(/** @type {unknown} */ (null));

/**
 * Asks the server who and where we are. The page says whether a session
 * cookie came with it, so that visitors cost no refused request.
 */
export async function boot() {
	bootError.value = null;
	const asked = document.documentElement.hasAttribute('data-session') || me.peek() ? api.get('/api/me') : Promise.resolve(null);
	try {
		const [who, where] = await Promise.all([
			asked.catch((error) => {
				if (error instanceof ApiError && error.status === 401) return null;
				throw error;
			}),
			api.get('/api/house'),
		]);
		house.value = where;
		me.value = who;
	} catch (error) {
		bootError.value = error;
	}
}

onSignedOut(() => {
	document.documentElement.removeAttribute('data-session');
	if (me.peek()) me.value = null;
});

/** @param {string | undefined} value @returns {Theme} */
const themeOf = (value) => value === 'light' || value === 'dark' ? value : 'auto';

/**
 * The chosen theme; auto follows the device.
 * @type {import('./html.js').Signal<Theme>}
 */
export const theme = signal(themeOf(document.documentElement.dataset.theme));

/**
 * What the bell and the letter count; js/live.js keeps it true.
 * @type {import('./html.js').Signal<import('./wire.d.ts').State>}
 */
export const counts = signal(/** @type {import('./wire.d.ts').State} */ ({notifications: 0, follows: 0, messages: 0}));

/** @type {Map<string, Set<(event: Event) => void>>} */
const listeners = new Map();

/** Whether the house answers; js/live.js learns of it. */
export const reached = signal(true);

/** How many parts of the page want to know of comments. */
export const listening = signal(0);

/**
 * What happens elsewhere, as js/live.js hears of it. Who gets a "reset" asks
 * for the present state: too much was missed.
 */
export const events = {
	/**
	 * Calls fn with each event of a type; gives a function that stops it.
	 * @param {Event['type']} type
	 * @param {(event: Event) => void} fn
	 * @returns {() => void}
	 */
	on(type, fn) {
		const set = listeners.get(type) ?? new Set();
		listeners.set(type, set.add(fn));
		if (type === 'comment') listening.value++;
		return () => {
			if (set.delete(fn) && type === 'comment') listening.value--;
		};
	},
	/** @param {Event} event */
	tell(event) {
		for (const fn of [...listeners.get(event.type) ?? []]) fn(event);
	},
};
