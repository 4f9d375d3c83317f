// One file on its way to the server, in pieces (tus 1.0): what came stays there
// when the line breaks, and the rest follows. Small files come whole, each in one
// request.

import {at} from './html.js';
import {ApiError, api, failure} from './api.js';
import {Sha256} from './sha256.js';
import {meter} from './transfer.js';
import {uploads} from './uploads.js';
import './texts.js';

/** @typedef {import('./wire.d.ts').Track} Track */
/** @typedef {import('./wire.d.ts').PartialUpload} PartialUpload */
/** @typedef {import('./uploads.js').Upload} Upload */
/** @typedef {(part: Partial<import('./uploads.js').Progress>) => void} Tell */

// Pieces take about so long, in milliseconds, and have so many bytes. Many
// proxies let through 1 MB, or 50.
const paceOf = 6000, first = 4 << 20, least = 512 << 10, greatest = 32 << 20;
/** How many times in a row a piece may fail while there is a network. */
const patience = 12;
/** Larger files are not looked for before they are sent. */
const mostRead = 384 << 20;
const readAtOnce = 256 << 10;
const kind = 'application/offset+octet-stream';
/** Files up to here come whole where the line lets them through in the time of a piece. */
const small = first;
let atOnce = 1 << 20;
/** So much of small files that wait is read ahead, to ask for many of them at once. */
const readAhead = 16 << 20, asksFor = 50;
/** @type {WeakMap<File, string>} */
const wholes = new WeakMap();
/** Sums of files that wait, and are not here. @type {Set<string>} */
const strange = new Set();
/** Sums of files whose turn has come. @type {Set<string>} */
const begun = new Set();
let asking = Promise.resolve();

/** @param {AbortSignal} signal */
function unlessStopped(signal) {
	if (signal.aborted) throw new DOMException('', 'AbortError');
}

/**
 * Waits, but not for longer than it takes the network to come back.
 * @param {number} ms @param {AbortSignal} signal
 */
function rest(ms, signal) {
	return new Promise((resolve, reject) => {
		const end = new AbortController(), until = {signal: end.signal};
		const timer = setTimeout(done, ms);
		function done() {
			clearTimeout(timer);
			end.abort();
			if (signal.aborted) reject(new DOMException('', 'AbortError'));
			else resolve(undefined);
		}
		addEventListener('online', done, until);
		signal.addEventListener('abort', done, until);
		if (signal.aborted) done();
	});
}

/** Whether another try may go better. @param {unknown} error */
const passes = (error) => error instanceof ApiError && (error.status === 0 && error.code !== 'upload.unreadable' || error.status >= 500 && error.status !== 507
	|| ['upload.interrupted', 'upload.offset', 'upload.busy'].includes(error.code));

/**
 * A request, of which the progress is told. Without an answer it has status 0.
 * @param {string} method @param {string} url @param {Record<string, string>} headers @param {AbortSignal} signal
 * @param {Blob} [body] @param {(sent: number) => void} [onSent]
 * @returns {Promise<{status: number, header: (name: string) => string | null, json: any}>}
 */
function ask(method, url, headers, signal, body, onSent) {
	return new Promise((resolve, reject) => {
		const request = new XMLHttpRequest();
		const abort = () => request.abort();
		request.open(method, at(url));
		request.setRequestHeader('Accept', 'application/json');
		request.setRequestHeader('Tus-Resumable', '1.0.0');
		for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
		if (onSent) request.upload.onprogress = (event) => onSent(event.loaded);
		request.onabort = () => reject(new DOMException('', 'AbortError'));
		request.onloadend = () => {
			signal.removeEventListener('abort', abort);
			let json = null;
			try {
				json = JSON.parse(request.responseText);
			} catch {
				// Told by its status.
			}
			resolve({status: request.status, header: (name) => request.getResponseHeader(name), json});
		};
		signal.addEventListener('abort', abort);
		if (signal.aborted) reject(new DOMException('', 'AbortError'));
		else request.send(body ?? null);
	});
}

/** @param {Blob} piece */
async function bytesOf(piece) {
	try {
		return new Uint8Array(await piece.arrayBuffer());
	} catch {
		throw new ApiError(0, {code: 'upload.unreadable'});
	}
}

/**
 * The sums of a file and of its beginning, in hex; of the whole only where that
 * does not take long.
 * @param {File} file @param {number} beginning @param {AbortSignal} signal
 */
async function sumsOf(file, beginning, signal) {
	const sum = new Sha256(), until = file.size <= mostRead ? file.size : beginning;
	let begins = '';
	for (let from = 0; from < until;) {
		unlessStopped(signal);
		const to = Math.min(from + readAtOnce, from < beginning ? beginning : until);
		sum.update(await bytesOf(file.slice(from, to)));
		if (to === beginning) begins = sum.hex();
		from = to;
	}
	return {whole: until === file.size ? sum.hex() : '', begins};
}

/**
 * The track that a file is already, if any.
 * @param {string} sum @param {AbortSignal} signal @returns {Promise<Track | undefined>}
 */
async function find(sum, signal) {
	begun.add(sum); // and may be here soon: its like asks by itself
	if (strange.delete(sum)) return undefined;
	const sums = new Set([sum]);
	let room = readAhead;
	for (const {file, progress, anyway, before} of uploads.peek()) {
		if (sums.size >= asksFor) break;
		if (!['waiting', 'reading'].includes(progress.peek().stage) || anyway || before || file.size > small || (room -= file.size) < 0) continue;
		const whole = wholes.get(file) ?? await sumsOf(file, 0, signal).then((of) => of.whole, () => ''); // told when its turn comes
		unlessStopped(signal);
		if (!whole) continue;
		wholes.set(file, whole);
		if (!begun.has(whole) && !strange.has(whole)) sums.add(whole);
	}
	/** @type {{items: {sha256: string, track: Track}[]}} */
	const {items} = await api.post('/api/uploads/known', {sha256: [...sums]});
	for (const one of sums) if (one !== sum && !items.some(({sha256}) => sha256 === one)) strange.add(one);
	return items.find(({sha256}) => sha256 === sum)?.track;
}

/** The same, one after the other. @param {string} sum @param {AbortSignal} signal */
function known(sum, signal) {
	const answer = asking.then(() => find(sum, signal));
	asking = answer.then(() => {}, () => {});
	return answer;
}

/** @param {string} text */
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/**
 * Brings a file to the server, for as long as it takes, and gives the track that
 * it became, or the one that it is already. Throws an ApiError, or an AbortError
 * when it was stopped.
 * @param {Upload} one @param {Tell} tell @param {AbortSignal} signal
 * @returns {Promise<{track: Track, known: boolean}>}
 */
export async function carry(one, tell, signal) {
	const {file} = one;
	let failures = 0;
	/** @param {unknown} error */
	async function again(error) {
		if (!passes(error)) throw error;
		if (navigator.onLine && ++failures > patience) throw new ApiError(0, {code: 'upload.interrupted'});
		await bytesOf(file.slice(0, 1)); // else it is the file that is gone
		tell({held: true, rate: 0, left: null});
		await rest(Math.min(20_000, 400 * 2 ** failures) * (0.75 + Math.random() / 2), signal);
	}
	/** @template T @param {() => Promise<T>} act @returns {Promise<T>} */
	async function patiently(act) {
		for (;;) {
			unlessStopped(signal);
			try {
				return await act();
			} catch (error) {
				await again(error);
			}
		}
	}

	if (!one.address && !one.anyway) {
		let before = one.before;
		if (before?.offset && !before.sha256) { // a piece still seems to come, of a page that is gone
			const {url} = before;
			await ask('HEAD', url, {}, signal);
			before = await api.get(url).catch(() => null);
		}
		const read = before ? '' : wholes.get(file), sums = read ? {whole: read, begins: ''} : await sumsOf(file, before?.offset ?? 0, signal);
		if (before && !before.ended && (before.offset === 0 || sums.begins === before.sha256)) one.address = before.url;
		one.before = null;
		if (sums.whole && !one.address) {
			let found = await patiently(() => known(sums.whole, signal));
			unlessStopped(signal);
			if (found) return {track: found, known: true};
			if (file.size <= Math.min(small, atOnce)) {
				const track = await whole();
				if (track) return {track, known: false};
				// Its answer may have been lost, not the file.
				found = await patiently(() => known(sums.whole, signal));
				unlessStopped(signal);
				if (found) return {track: found, known: false};
			}
		}
	}

	/** Sends all of it in one request; gives null when it is to come in pieces. @returns {Promise<Track | null>} */
	async function whole() {
		const {tell: pace} = meter(file.size), began = performance.now();
		tell({stage: 'sending', sent: 0, held: false});
		const a = await ask('POST', `/api/tracks?name=${encodeURIComponent(file.name)}`, {'Content-Type': 'application/octet-stream'}, signal, file, (sent) => {
			if (sent >= file.size) tell({stage: 'checking', sent: file.size, left: null, held: false});
			else tell({stage: 'sending', sent, held: false, ...pace(sent, performance.now())});
		});
		if (a.status === 201) {
			const took = Math.max(1, performance.now() - began);
			if (took > paceOf || file.size > atOnce / 4) atOnce = Math.max(least, Math.min(small, (file.size * paceOf) / took));
			return a.json;
		}
		if (a.status === 413 && !a.json?.error) { // of a proxy that lets no more through
			atOnce = least;
			return null;
		}
		const error = failure(a.status, a.json, a.header('Retry-After'));
		if (!passes(error)) throw error;
		await again(error);
		return null;
	}

	let step = first, measured = meter(file.size);
	/** Where to go on; null while that is not known. @type {number | null} */
	let offset = null;
	for (let anew = 0; ;) {
		if (!one.address) {
			offset = null;
			await patiently(async () => {
				const a = await ask('POST', '/api/uploads', {'Upload-Length': String(file.size), 'Upload-Metadata': `filename ${base64(file.name)}`}, signal);
				const address = a.header('Location');
				if (a.status !== 201 || !address) throw failure(a.status, a.json, a.header('Retry-After'));
				one.address = address;
			});
			offset = 0;
		}
		offset ??= await patiently(async () => {
			const a = await ask('HEAD', one.address, {}, signal);
			if (a.status === 200) return Number(a.header('Upload-Offset'));
			if (a.status === 404) return -1;
			throw failure(a.status, a.status === 409 ? {error: {code: 'upload.busy'}} : null, a.header('Retry-After'));
		});
		if (offset < 0 || offset >= file.size) {
			tell({stage: 'checking', sent: file.size, left: null, held: false});
			/** @type {PartialUpload | null} */
			const outcome = await patiently(() => api.get(one.address).catch((error) => {
				if (error instanceof ApiError && error.status === 404) return null;
				throw error;
			}));
			if (outcome?.track) return {track: outcome.track, known: false};
			if (outcome?.error) {
				one.address = '';
				throw new ApiError(415, outcome.error);
			}
			if (!outcome || outcome.ended) { // what was there is there no more
				if (++anew > 2) throw new ApiError(0, {code: 'upload.interrupted'});
				one.address = '';
				continue;
			}
		}
		const begin = offset < 0 ? 0 : offset;
		const piece = file.slice(begin, begin + step), last = begin + piece.size >= file.size;
		measured.tell(begin, performance.now());
		if (piece.size > 0) tell({stage: 'sending', sent: begin, held: false});
		const began = performance.now();
		const a = await ask('PATCH', one.address, {'Upload-Offset': String(begin), 'Content-Type': kind}, signal, piece, (sent) => {
			const now = Math.min(begin + sent, file.size);
			if (last && sent >= piece.size) tell({stage: 'checking', sent: file.size, left: null, held: false});
			else tell({stage: 'sending', sent: now, held: false, ...measured.tell(now, performance.now())});
		});
		if (a.status === 204) {
			offset = Number(a.header('Upload-Offset'));
			failures = 0;
			const took = Math.max(1, performance.now() - began);
			step = Math.round(Math.min(greatest, Math.max(least, Math.min(step * 2, (piece.size * paceOf) / took))));
			continue;
		}
		if (a.status === 413 && !a.json?.error && step > least) { // of a proxy that lets no more through
			step = Math.max(least, step >> 2);
			continue;
		}
		offset = null;
		if (a.status === 404) continue; // the answer to HEAD tells more
		const error = failure(a.status, a.json, a.header('Retry-After'));
		if (!passes(error)) {
			if (error.status === 415 || error.status === 413 || error.status === 400) one.address = '';
			throw error;
		}
		await again(error);
		measured = meter(file.size);
	}
}

/** Lets the server drop what came. @param {string} address */
export function end(address) {
	return ask('DELETE', address, {}, new AbortController().signal);
}
