// The start: texts, who and where we are, then the page of the address.

import {h, render} from './html.js';
import {locale, setLocale} from './i18n.js';
import {App} from './parts/shell.js';
import {start} from './router.js';
import {boot} from './state.js';

// The settings offer it, parts/installing.js: when somebody looks for it.
addEventListener('beforeinstallprompt', (event) => {
	event.preventDefault();
	/** @type {any} */ (globalThis).offer = event;
});

const root = /** @type {HTMLElement} */ (document.getElementById('app'));
const page = start();
await Promise.all([setLocale(locale.peek()), boot()]);
await page.catch(() => {});
render(h(App, {}), root);
