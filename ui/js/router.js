// Addresses and pages; scroll and data are kept for the way back.

import {at, computed, effect, h, signal, tags, useEffect, useRef, within} from './html.js';
import {counts, house, me} from './state.js';

/** @typedef {import('./html.js').Child} Child */
/** @typedef {{params: Record<string, string>}} PageProps */
/** @typedef {import('../vendor/preact.js').Component<PageProps>} Page */

/**
 * The addresses there are, and their modules in pages/; the first that fits
 * counts. ui/preload.go reads this table too, one route a line.
 * @type {Record<string, string>}
 */
const routes = {
	'/': 'stream',
	'/setup': 'setup',
	'/sign-in': 'sign-in',
	'/sign-up': 'sign-up',
	'/invite': 'invite',
	'/reset': 'reset',
	'/upload': 'upload',
	'/settings': 'settings',
	'/settings/security': 'security',
	'/settings/programs': 'programs',
	'/settings/connect': 'connect',
	'/you': 'you',
	'/you/kept': 'kept',
	'/you/tracks': 'tracks',
	'/people': 'people',
	'/notifications': 'notifications',
	'/messages': 'messages',
	'/messages/:id': 'messages',
	'/messages/to/:username': 'messages',
	'/keeper': 'keeper',
	'/keeper/:part': 'keeper',
	'/discover': 'discover',
	'/charts': 'charts',
	'/search': 'search',
	'/tags/:tag': 'tag',
	'/numbers': 'numbers',
	'/numbers/:id': 'numbers',
	'/likes': 'likes',
	'/history': 'history',
	'/playlists': 'playlists',
	'/link': 'link',
	'/api/docs': 'docs',
	'/:username': 'person',
	'/:username/:slug': 'track',
	'/:username/playlists/:slug': 'playlist',
};

/** @param {string} module @returns {Promise<{default: Page}>} */
const load = (module) => import(`./pages/${module}.js`);

/**
 * @typedef {object} Route
 * @property {string} path of the address, decoded
 * @property {URLSearchParams} query
 * @property {string} hash without its #
 * @property {string} name the route's pattern
 * @property {Record<string, string>} params
 * @property {string} key of the history entry
 * @property {Page | null} page null until the first module is there
 */

/**
 * The page on the screen; it changes once its module is loaded.
 * @type {import('./html.js').Signal<Route>}
 */
export const route = signal(/** @type {Route} */ ({
	path: '', query: new URLSearchParams(), hash: '', name: '', params: {}, key: '', page: null,
}));

/** Whether a page is being fetched. */
export const loading = signal(false);

/** The address without query and hash. */
export const path = computed(() => route.value.path);

/**
 * @param {string} pattern
 * @param {string} pathname as the address has it: parts may hold encoded slashes
 */
function match(pattern, pathname) {
	const want = pattern.split('/'), got = pathname.split('/');
	if (want.length !== got.length) return null;
	/** @type {Record<string, string>} */
	const params = {};
	for (let i = 0; i < want.length; i++) {
		if (want[i].startsWith(':')) {
			if (!got[i]) return null;
			params[want[i].slice(1)] = decode(got[i]);
		} else if (want[i] !== got[i]) {
			return null;
		}
	}
	return params;
}

/** @param {string} pathname */
function decode(pathname) {
	try {
		return decodeURIComponent(pathname);
	} catch {
		return pathname;
	}
}

/** @param {string} pathname as the address has it */
function find(pathname) {
	const trimmed = within(pathname).replace(/\/+$/, '') || '/';
	for (const name in routes) {
		const params = match(name, trimmed);
		if (params) return {name, module: routes[name], params};
	}
	return {name: '*', module: 'not-found', params: {}};
}

/**
 * Fetches a page ahead.
 * @param {string} pathname
 */
export const warm = (pathname) => void load(find(pathname).module).catch(() => {});

/** What pages left for the way back; of the newest 40 entries. */
/** @type {Map<string, Map<string, any>>} */
const memory = new Map();

// Nobody finds on the way back what another account saw.
const who = computed(() => me.value?.id);
effect(() => {
	void who.value;
	memory.clear();
});

/** @param {string} key */
function memoryOf(key) {
	const found = memory.get(key) ?? new Map();
	memory.delete(key);
	memory.set(key, found);
	for (const old of memory.keys()) {
		if (memory.size <= 40) break;
		memory.delete(old);
	}
	return found;
}

/**
 * A signal that belongs to the current history entry: going back finds it as
 * it was left.
 * @template T
 * @param {string} name
 * @param {() => T} make
 * @returns {import('./html.js').Signal<T>}
 */
export function useRemembered(name, make) {
	const key = route.value.key;
	const kept = useRef(/** @type {{at: string, signal: import('./html.js').Signal<T>} | null} */ (null));
	const at = `${key} ${name}`;
	if (kept.current?.at !== at) {
		const store = memoryOf(key);
		if (!store.has(name)) store.set(name, signal(make()));
		kept.current = {at, signal: store.get(name)};
	}
	return kept.current.signal;
}

let serial = 0;
let arrived = false;

/** A new name for a history entry; unique on this page load and across loads. */
const newKey = () => `${Date.now().toString(36)}-${serial++}`;

/** Where the browser is, as a route has it. */
const place = () => ({
	path: decode(within(location.pathname)), query: new URLSearchParams(location.search), hash: decode(location.hash.slice(1)),
});

/**
 * Whether an address of the server's is the one on the screen.
 * @param {string} url
 */
export const here = (url) => path.peek() === decode(within(url));

/**
 * Shows the address the browser is at.
 * @param {number} scroll where to, in pixels
 */
async function show(scroll) {
	const mine = ++serial;
	const {name, module, params} = find(location.pathname);
	loading.value = true;
	let page;
	try {
		page = (await load(module)).default;
	} catch (error) {
		// The server was renewed, and this build is gone.
		if (mine === serial && navigator.onLine && route.peek().page) location.reload();
		loading.value = false;
		throw error;
	}
	if (mine !== serial) return;
	loading.value = false;
	const first = !route.peek().page;
	arrived = !first;
	route.value = {
		...place(), name, params, key: history.state?.key ?? '', page,
	};
	requestAnimationFrame(() => window.scrollTo(0, scroll));
}

/** Keeps where the entry that is left was scrolled to. */
function keepScroll() {
	history.replaceState({...history.state, scroll: window.scrollY}, '');
}

/**
 * Goes to an address of this app.
 * @param {string} url
 * @param {{replace?: boolean}} [options]
 */
export function navigate(url, {replace = false} = {}) {
	url = at(url);
	if (replace) {
		history.replaceState({key: newKey(), scroll: 0}, '', url);
	} else {
		keepScroll();
		history.pushState({key: newKey(), scroll: 0}, '', url);
	}
	return show(0);
}

/**
 * Changes the address without changing the page.
 * @param {string} url
 */
export function rewrite(url) {
	history.replaceState(history.state, '', at(url));
	route.value = {...route.peek(), ...place()};
}

let taken = () => false;

/**
 * Lets what covers the page have the history's steps first, as far as they are its own.
 * @param {() => boolean} takes whether a step was
 */
export function claimSteps(takes) {
	taken = takes;
}

/** Starts routing; js/ahead.js follows links. */
export function start() {
	history.scrollRestoration = 'manual';
	if (!history.state?.key) history.replaceState({key: newKey(), scroll: 0}, '');
	window.addEventListener('popstate', () => {
		if (taken()) return;
		if (history.state?.key) return void show(history.state.scroll ?? 0);
		// A jump within the page: the entry is new, the page is not.
		history.replaceState({key: route.peek().key, scroll: 0}, '');
		rewrite(location.href);
	});
	window.addEventListener('pagehide', keepScroll);
	return show(history.state?.scroll ?? 0);
}

/**
 * A link within the app; marked when it leads here.
 * @param {{href: string, class?: string, children?: Child, 'aria-label'?: string, id?: string}} props
 */
export function Link({children, ...props}) {
	return tags.a({...props, 'aria-current': path.value === decode(within(props.href)) ? 'page' : undefined}, children);
}

/**
 * The page's heading. It names the tab, and takes the focus when the page was
 * reached from another one, so that a screen reader begins here.
 * @param {{title?: string, class?: string, children?: Child}} props title defaults to the text shown
 */
export function Heading({title, class: name, children}) {
	const element = useRef(/** @type {HTMLHeadingElement | null} */ (null));
	const shown = house.value?.name, n = counts.value.notifications + counts.value.messages;
	useEffect(() => {
		const text = title ?? element.current?.textContent ?? '';
		document.title = (n ? `(${n}) ` : '') + (shown && text !== shown ? `${text} · ${shown}` : text || 'Earshot');
	});
	useEffect(() => {
		if (!arrived) return;
		arrived = false;
		// Who types already is not interrupted.
		if (!document.activeElement?.matches('input, textarea')) element.current?.focus({preventScroll: true});
	}, []);
	return tags.h1({ref: element, tabIndex: -1, class: name}, children);
}

/** The page on the screen, a new one for every history entry. */
export function Outlet() {
	const {page, params, key} = route.value;
	return page ? h(page, {params, key}) : null;
}
