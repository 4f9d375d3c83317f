// What this device keeps of the house: the app itself, so that it starts
// without the net, and the tracks that were chosen. Only a secure context can
// do that: an https address, or this very machine.

import {at, base, effect, signal, tags} from './html.js';
import {ApiError, api} from './api.js';
import {t} from './i18n.js';
import {path} from './router.js';
import {me} from './state.js';
import './texts.js';

/** @typedef {import('./wire.d.ts').Track} Track */
/** What is known of a track that is kept. @typedef {{owner: string, track: Track, bytes: number, since: string, files: string[]}} Kept */

/** Whether this browser, at this address, can keep anything. */
export const able = isSecureContext && 'serviceWorker' in navigator && 'caches' in globalThis;

const keptName = `earshot${base} kept`, pageName = `earshot${base} page`, sharedName = `earshot${base} shared`;
/** @param {string} id */
const entry = (id) => at(`/_/kept/${id}`);

/**
 * The tracks that are kept here for who is signed in, the newest first;
 * undefined until that is known.
 * @type {import('./html.js').Signal<Kept[] | undefined>}
 */
export const kept = signal(/** @type {Kept[] | undefined} */ (undefined));

/**
 * Those that are being fetched, and how much of each is here, from 0 to 1.
 * @type {import('./html.js').Signal<Record<string, number>>}
 */
export const coming = signal(/** @type {Record<string, number>} */ ({}));

/** Has the browser run the worker from now on. */
export async function install() {
	if (!able) return;
	const address = at('/_/worker.js');
	// The page's policy has scripts come from nowhere else than this one address.
	const trust = /** @type {any} */ (globalThis).trustedTypes?.createPolicy('earshot', {
		createScriptURL: (/** @type {string} */ url) => {
			if (url !== address) throw new TypeError(url);
			return url;
		},
	});
	await navigator.serviceWorker.register(trust ? trust.createScriptURL(address) : address, {scope: `${base}/`});
}

/** @type {Promise<void> | undefined} */
let installed;
/** The same, once. */
export const ready = () => (installed ??= install());

/** @returns {Promise<Kept[]>} all that is kept, whoever's it is */
async function all() {
	const cache = await caches.open(keptName);
	const keys = (await cache.keys()).filter(({url}) => new URL(url).pathname.startsWith(entry('')));
	const found = await Promise.all(keys.map(async (key) => (await cache.match(key))?.json()));
	return found.filter(Boolean).sort((a, b) => (a.since < b.since ? 1 : -1));
}

/** Reads anew what is kept. */
export async function look() {
	if (!able) return;
	const found = await all(), who = me.peek()?.id;
	kept.value = found.filter(({owner}) => owner === who);
}

/** @param {string} id */
export const isKept = (id) => Boolean(kept.value?.some(({track}) => track.id === id));

/** What the browser lets this house have, in bytes. */
export async function room() {
	const {usage = 0, quota = 0} = await navigator.storage?.estimate?.() ?? {};
	return {usage, quota};
}

/**
 * Keeps a track on this device. Failures are ApiErrors: kept.full, or those of
 * the server.
 * @param {Track} track
 * @returns {Promise<boolean>} whether it is here now; false when it was given up
 */
export async function keep(track) {
	const owner = me.peek()?.id;
	if (!owner || track.id in coming.peek()) return false;
	if (isKept(track.id)) return true;
	coming.value = {...coming.peek(), [track.id]: 0};
	const wanted = () => track.id in coming.peek();
	/** @type {string[]} */
	const files = [];
	const cache = await caches.open(keptName);
	try {
		await ready();
		const {usage, quota} = await room();
		if (quota && usage + 1.1 * track.audio.bytes > quota) throw new ApiError(507, {code: 'kept.full'});
		// Without this the browser may drop all of it when its disk is full.
		await navigator.storage?.persist?.().catch(() => false);
		for (const address of Object.values(track.picture ?? {})) {
			const answer = await ask(address);
			await cache.put(at(address), answer);
			files.push(address);
		}
		const sound = track.stream.mp4 ?? track.stream.file, answer = await ask(sound);
		const size = Number(answer.headers.get('Content-Length')) || track.audio.bytes;
		let bytes = 0;
		const counted = answer.body?.pipeThrough(new TransformStream({
			transform(piece, out) {
				bytes += piece.byteLength;
				if (!wanted()) throw new DOMException('given up', 'AbortError');
				coming.value = {...coming.peek(), [track.id]: Math.min(1, bytes / size)};
				out.enqueue(piece);
			},
		}));
		files.push(sound);
		await cache.put(at(sound), new Response(counted, {headers: {'Content-Type': answer.headers.get('Content-Type') ?? track.audio.type}}));
		if (!wanted()) throw new DOMException('given up', 'AbortError');
		// Last: what has no entry is not kept.
		await cache.put(entry(track.id), Response.json({owner, track, bytes, since: new Date().toISOString(), files}));
		return true;
	} catch (error) {
		await Promise.all(files.map((address) => cache.delete(at(address))));
		if (!wanted()) return false;
		throw /** @type {any} */ (error)?.name === 'QuotaExceededError' ? new ApiError(507, {code: 'kept.full'}) : error;
	} finally {
		const {[track.id]: _, ...rest} = coming.peek();
		coming.value = rest;
		await look();
	}
}

/** @param {string} address */
async function ask(address) {
	let answer;
	try {
		answer = await fetch(at(address), {credentials: 'same-origin', cache: 'no-store'});
	} catch {
		throw new ApiError(0, {code: 'offline'});
	}
	if (!answer.ok) throw new ApiError(answer.status, (await answer.json().catch(() => ({}))).error ?? {});
	return answer;
}

/** Keeps a track no more, or ends its fetching. @param {string} id */
export async function drop(id) {
	const {[id]: under, ...rest} = coming.peek();
	if (under !== undefined) {
		coming.value = rest;
		return;
	}
	const cache = await caches.open(keptName), found = (await all()).find(({track}) => track.id === id);
	await cache.delete(entry(id));
	await Promise.all((found?.files ?? []).map((address) => cache.delete(at(address))));
	await look();
}

/** Keeps nothing any more, and nothing that is known of a person. */
export async function dropAll() {
	if (!able) return;
	coming.value = {};
	await Promise.all([keptName, pageName, sharedName].map((name) => caches.delete(name)));
	await look();
}

/** Brings what is known of the kept tracks up to date, and drops those that are not for us any more. */
export async function renew() {
	const cache = await caches.open(keptName);
	for (const one of kept.peek() ?? []) {
		try {
			const track = await api.get(`/api/tracks/${one.track.id}`);
			if (!track.stream.file) throw new ApiError(404, {});
			// New pictures have new addresses.
			const pictures = Object.values(/** @type {Track} */ (track).picture ?? {}).filter((address) => !one.files.includes(address));
			for (const address of pictures) await cache.put(at(address), await ask(address));
			// Meanwhile it may have been dropped.
			if (await cache.match(entry(track.id))) await cache.put(entry(track.id), Response.json({...one, track, files: [...one.files, ...pictures]}));
		} catch (error) {
			const status = error instanceof ApiError ? error.status : 0;
			if (status === 404 || status === 403) await drop(one.track.id);
			else if (!status || status === 401) return;
		}
	}
	await look();
}

/** The files that another app shared with this one; they are handed over once. */
export async function takeShared() {
	if (!able) return [];
	const cache = await caches.open(sharedName);
	const files = await Promise.all((await cache.keys()).map(async (key) => {
		const answer = await cache.match(key), name = decodeURIComponent(answer?.headers.get('X-Name') ?? '');
		return answer && new File([await answer.blob()], name || 'audio', {type: answer.headers.get('Content-Type') ?? ''});
	}));
	await caches.delete(sharedName);
	return files.filter((file) => file instanceof File);
}

let started = false;

/** Starts looking after what is kept; called once, after the first look. */
export function start() {
	if (!able || started) return;
	started = true;
	void ready().catch(() => {});
	let before = /** @type {string | undefined} */ (undefined);
	effect(() => {
		const who = me.value;
		if (who === undefined) return;
		if (who) {
			// The page that starts without the net is this person's from now on.
			if (before !== who.id) void caches.open(pageName).then(async (cache) => {
				const answer = await fetch(at('/'), {credentials: 'same-origin'});
				if (answer.ok) await cache.put(at('/'), answer);
			}).catch(() => {});
			before = who.id;
			void all().then(async (found) => {
				// What another account kept is not for this one's eyes.
				if (found.some(({owner}) => owner !== who.id)) await dropAll();
				await look();
				await renew();
			}).catch(() => {});
		} else {
			before = undefined;
			// Without the net nobody can be known to have left.
			void fetch(at('/api/me'), {cache: 'no-store'}).then(async ({status}) => {
				if (status === 401) await dropAll();
			}, () => {});
		}
	});
}

/** The way to what is kept, where anything is. @param {{}} _ */
export const Way = (_) => (kept.value?.length && path.value !== '/you/kept' ? tags.a({href: '/you/kept'}, t('net.kept')) : null);
