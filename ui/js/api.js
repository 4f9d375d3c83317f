// The door to the server: JSON in, JSON out, failures as ApiError.

import {at} from './html.js';
import {has, t} from './i18n.js';

/** A failure the server named, or one of the network (status 0). */
export class ApiError extends Error {
	/**
	 * @param {number} status HTTP status, 0 when no answer came
	 * @param {{code?: string, field?: string, about?: string, message?: string, request?: string}} detail
	 * @param {number} [retryAfter] seconds
	 */
	constructor(status, detail, retryAfter = 0) {
		super(detail.message || `HTTP ${status}`);
		this.name = 'ApiError';
		this.status = status;
		this.code = detail.code || (status ? 'internal' : 'offline');
		this.field = detail.field || '';
		this.about = detail.about || '';
		this.request = detail.request || '';
		this.retryAfter = retryAfter;
	}
}

/**
 * Reads the failure out of an answer's body and headers.
 * @param {number} status
 * @param {unknown} body parsed JSON, or anything else
 * @param {string | null} retryAfter the header
 */
export function failure(status, body, retryAfter) {
	const detail = /** @type {any} */ (body)?.error;
	return new ApiError(status, detail && typeof detail === 'object' ? detail : {}, Number(retryAfter) || 0);
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body] a Blob is sent as it is, anything else as JSON
 * @returns {Promise<any>} the parsed answer, null when it has no body
 */
async function send(method, path, body) {
	/** @type {RequestInit} */
	const init = {method, headers: {Accept: 'application/json'}, credentials: 'same-origin'};
	if (body instanceof Blob) {
		init.body = body;
		init.headers = {Accept: 'application/json', 'Content-Type': body.type || 'application/octet-stream'};
	} else if (body !== undefined) {
		init.body = JSON.stringify(body);
		init.headers = {Accept: 'application/json', 'Content-Type': 'application/json'};
	}
	let answer;
	try {
		answer = await fetch(at(path), init);
	} catch {
		throw new ApiError(0, {code: 'offline'});
	}
	const text = await answer.text().catch(() => {
		if (answer.ok) throw new ApiError(0, {code: 'offline'}); // cut off half-way
		return '';
	});
	let json = null;
	try {
		json = text ? JSON.parse(text) : null;
	} catch {
		if (answer.ok) throw new ApiError(answer.status, {code: 'internal'});
	}
	if (!answer.ok) {
		const error = failure(answer.status, json, answer.headers.get('Retry-After'));
		if (answer.status === 401 && error.code === 'signin.needed') for (const tell of lost) tell();
		throw error;
	}
	return json;
}

/** @type {Set<() => void>} */
const lost = new Set();

/**
 * Calls fn when the server says that nobody is signed in.
 * @param {() => void} fn
 */
export function onSignedOut(fn) {
	lost.add(fn);
}

/**
 * @param {string} path
 * @param {Record<string, string | number | boolean | undefined>} [params]
 */
function withParams(path, params) {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(params ?? {})) if (value !== undefined) query.set(name, String(value));
	return query.size ? `${path}${path.includes('?') ? '&' : '?'}${query}` : path;
}

export const api = {
	/** @param {string} path @param {Record<string, string | number | boolean | undefined>} [params] @returns {Promise<any>} */
	get: (path, params) => send('GET', withParams(path, params)),
	/** @param {string} path @param {unknown} [body] @returns {Promise<any>} */
	post: (path, body) => send('POST', path, body),
	/** @param {string} path @param {unknown} [body] @returns {Promise<any>} */
	patch: (path, body) => send('PATCH', path, body),
	/** @param {string} path @param {unknown} [body] @returns {Promise<any>} */
	put: (path, body) => send('PUT', path, body),
	/** @param {string} path @param {Record<string, string | number | boolean | undefined>} [params] @returns {Promise<any>} */
	del: (path, params) => send('DELETE', withParams(path, params)),
};

/**
 * What to tell people about a failure: the thing and the cure, in their
 * language. A code without a text shows the server's own sentence.
 * @param {unknown} error
 * @returns {string}
 */
export function errorText(error) {
	if (!(error instanceof ApiError)) return t('error.internal');
	const {retryAfter: wait} = error;
	if (error.code === 'limited' && wait) return wait < 60 ? t('error.limited_soon', {n: wait}) : t('error.limited_for', {n: Math.ceil(wait / 60)});
	const {about} = error, key = `error.${error.code}${about && '_named'}`;
	return has(key) ? t(key, {about}) : error.message;
}
