// How views are written: elements by tags.div(attributes?, ...children),
// components by h(Component, props, ...children). Everything else of the app
// takes the view library from here.

import {h, Signal} from '../vendor/preact.js';

export {
	h, Fragment, render, createContext,
	useState, useEffect, useRef, useMemo, useCallback, useContext, useId, useErrorBoundary,
	signal, computed, effect, batch, untracked, Signal, useSignal,
} from '../vendor/preact.js';

/** @typedef {import('../vendor/preact.js').Child} Child */
/** @typedef {import('../vendor/preact.js').VNode} VNode */
/**
 * @template T
 * @typedef {import('../vendor/preact.js').ReadonlySignal<T>} ReadonlySignal
 */

/** The path below which the house lives; empty at the root of a host. */
export const base = new URL(import.meta.url).pathname.split('/_/')[0];

/**
 * An own address with the base, which the server's have already: for links
 * (tags do that), requests and the router.
 * @param {string} url
 */
export const at = (url) => url[0] === '/' && !url.startsWith(`${base}/`) ? base + url : url;

/** The opposite. @param {string} url */
export const within = (url) => url.startsWith(`${base}/`) ? url.slice(base.length) : url;

/** @type {Record<string, (...args: any[]) => VNode>} */
const made = {};

/**
 * Whether a value is a set of attributes: a plain object, which no element,
 * list or signal is.
 * @param {any} value
 */
function isAttributes(value) {
	return value !== null && typeof value === 'object' && value.constructor === Object && !(value instanceof Signal);
}

/**
 * One function for each element. The first argument may be left out; null
 * stands for no attributes.
 * @type {import('../vendor/preact.js').Tags}
 */
export const tags = /** @type {any} */ (new Proxy(made, {
	get(_, name) {
		const tag = String(name);
		return made[tag] ??= (first, ...rest) => {
			if (first !== null && !isAttributes(first)) return h(tag, null, first, ...rest);
			return h(tag, first?.href ? {...first, href: at(first.href)} : first, ...rest);
		};
	},
}));

/**
 * Joins class names, leaving out what is falsy.
 * @param {...(string | false | null | undefined)} names
 */
export function classes(...names) {
	return names.filter(Boolean).join(' ');
}
