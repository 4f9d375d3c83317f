// What is chosen for this device: the language and the look.

import {base} from './html.js';
import {setLocale} from './i18n.js';
import {theme} from './state.js';

/**
 * Changes the language and remembers it for a year on this device.
 * @param {import('./i18n.js').Language} code
 */
export async function chooseLocale(code) {
	await setLocale(code);
	document.cookie = `locale=${code}; Path=${base}/; Max-Age=31536000; SameSite=Lax`;
}

/**
 * Changes the theme and remembers it for a year on this device.
 * @param {import('./state.js').Theme} value
 */
export function chooseTheme(value) {
	theme.value = value;
	document.documentElement.dataset.theme = value;
	document.cookie = `theme=${value}; Path=${base}/; Max-Age=31536000; SameSite=Lax`;
}
