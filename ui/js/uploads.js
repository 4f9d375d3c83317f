// Files on their way to the server: two at a time, the others wait. It goes
// on while people walk through the app, and ends with the page.

import {at, computed, effect, signal, untracked} from './html.js';
import {ApiError, failure} from './api.js';
import {house, me} from './state.js';
import {learn} from './tracks.js';
import {meter, refusal, soundsLike} from './transfer.js';

/** @typedef {import('./wire.d.ts').Track} Track */
/**
 * waiting for its turn; sending; all sent and being looked at by the server;
 * done; failed. A cancelled one is gone.
 * @typedef {'waiting' | 'sending' | 'checking' | 'done' | 'failed'} Stage
 */
/**
 * @typedef {object} Progress
 * @property {Stage} stage
 * @property {number} sent Bytes.
 * @property {number} rate Bytes a second.
 * @property {number | null} left Seconds; null while nobody can know.
 * @property {ApiError | null} error Why it failed.
 * @property {Track | null} track What it became.
 */
/**
 * @typedef {object} Upload
 * @property {number} id Unique on this page.
 * @property {File} file
 * @property {import('./html.js').Signal<Progress>} progress
 * @property {import('./html.js').Signal<boolean>} saved Whether what was said of it is on the server.
 * @property {import('./html.js').Signal<string>} visibility What it is to be.
 * @property {Record<string, string> | null} draft What was said of it so far, by field; kept while people look at other pages.
 */

const atOnce = 2;
const most = 500;
const still = {sent: 0, rate: 0, left: null, error: null, track: null};

/** All files of this visit, in the order they were chosen. */
export const uploads = signal(/** @type {readonly Upload[]} */ ([]));

/** Whether leaving now would lose something. */
export const busy = computed(() => uploads.value.some((one) => {
	const {stage} = one.progress.value;
	return stage === 'waiting' || stage === 'sending' || stage === 'checking';
}));

/** Share of what was chosen that is sent, 0 to 1, while something is under way; else null. */
export const share = computed(() => {
	if (!busy.value) return null;
	let sent = 0, all = 0;
	for (const one of uploads.value) {
		const now = one.progress.value;
		if (now.stage === 'failed' || now.stage === 'done') continue;
		sent += now.sent;
		all += one.file.size;
	}
	return all > 0 ? sent / all : 0;
});

let last = 0;
/** When the server takes files again, by performance.now(). */
let takes = 0;
/** @type {Map<number, XMLHttpRequest>} */
const open = new Map();

/** Queues files. @param {Iterable<File>} files */
export function add(files) {
	const fresh = [...files].slice(0, most).map((file) => ({
		id: ++last, file, progress: signal(/** @type {Progress} */ ({stage: 'waiting', ...still})), saved: signal(false), visibility: signal('public'), draft: null,
	}));
	uploads.value = [...uploads.peek(), ...fresh];
	for (const one of fresh) void check(one);
}

/** Ends an upload and forgets it. What it became, if anything, stays. @param {Upload} one */
export function dismiss(one) {
	uploads.value = uploads.peek().filter((other) => other !== one);
	open.get(one.id)?.abort();
	open.delete(one.id);
	advance();
}

/** Starts a failed one again, after those that wait. @param {Upload} one */
export function retry(one) {
	if (one.progress.peek().stage !== 'failed') return;
	uploads.value = [...uploads.peek().filter((other) => other !== one), one];
	one.progress.value = {stage: 'waiting', ...still};
	void check(one);
}

/**
 * The files in what was dropped, those in folders included if they sound like
 * music.
 * @param {DataTransfer} dropped @returns {Promise<File[]>}
 */
export async function filesOf(dropped) {
	// Entries must be asked for before the first wait: then the drop is over.
	const entries = [...dropped.items].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry?.() ?? null : null));
	const plain = [...dropped.files];
	if (!entries.some((entry) => entry?.isDirectory)) return plain;
	/** @type {File[]} */
	const found = [];
	for (const entry of entries) if (entry) await collect(entry, found, 0);
	return found;
}

/** @param {FileSystemEntry} entry @param {File[]} into @param {number} depth */
async function collect(entry, into, depth) {
	if (into.length >= most || depth > 8) return;
	if (entry.isFile) {
		const file = await new Promise((resolve) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, () => resolve(null)));
		if (file && (depth === 0 || soundsLike(file.name))) into.push(file);
		return;
	}
	const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
	for (;;) {
		/** @type {FileSystemEntry[]} */
		const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
		if (some.length === 0) return;
		for (const one of some) await collect(one, into, depth + 1);
	}
}

/** @param {Upload} one */
async function check(one) {
	let why;
	try {
		const head = new Uint8Array(await one.file.slice(0, 16).arrayBuffer());
		why = refusal(head, one.file.size, house.peek()?.limits.upload_bytes ?? 0);
	} catch {
		why = {code: 'upload.unreadable'};
	}
	if (why) fail(one, new ApiError(0, why));
	advance();
}

/** Sends what waits, as far as there is room. */
function advance() {
	if (performance.now() < takes) return;
	const stages = uploads.peek().map((one) => one.progress.peek().stage);
	let room = atOnce - stages.filter((stage) => stage === 'sending' || stage === 'checking').length;
	for (const one of uploads.peek()) {
		if (room <= 0) return;
		if (one.progress.peek().stage !== 'waiting') continue;
		room--;
		send(one);
	}
}

/** @param {Upload} one */
function send(one) {
	const request = new XMLHttpRequest();
	const measured = meter(one.file.size);
	open.set(one.id, request);
	set(one, {stage: 'sending', sent: 0});
	request.open('POST', at(`/api/tracks?name=${encodeURIComponent(one.file.name)}`));
	request.setRequestHeader('Accept', 'application/json');
	request.setRequestHeader('Content-Type', one.file.type || 'application/octet-stream');
	request.upload.onprogress = (event) => set(one, {sent: event.loaded, ...measured.tell(event.loaded, performance.now())});
	request.upload.onload = () => set(one, {stage: 'checking', sent: one.file.size, left: null});
	request.onload = () => finish(one, request);
	// A server that refuses early may hang up before its reason is read.
	request.onerror = () => fail(one, new ApiError(0, {code: navigator.onLine ? 'upload.interrupted' : 'offline'}));
	request.onloadend = () => {
		open.delete(one.id);
		advance();
	};
	request.send(one.file);
}

/** @param {Upload} one @param {XMLHttpRequest} request */
function finish(one, request) {
	let body = null;
	try {
		body = JSON.parse(request.responseText);
	} catch {
		// Told by its status below.
	}
	if (request.status === 201 && typeof body?.id === 'string') {
		set(one, {stage: 'done', sent: one.file.size, left: null, track: learn(body)});
		// On whatever page people are by now; if it fails, the track's page tries again.
		if (body.waveform === 'wanted') import('./decoding.js').then(({draw}) => draw(body, one.file), () => {});
	} else if (request.status === 429) { // a large folder goes on by itself, at the pace that the server asks for
		const pause = 1000 * (Number(request.getResponseHeader('Retry-After')) || 5);
		takes = performance.now() + pause;
		setTimeout(advance, pause + 50);
		set(one, {stage: 'waiting', ...still});
	} else {
		fail(one, failure(request.status, body, request.getResponseHeader('Retry-After')));
	}
}

/** @param {Upload} one @param {ApiError} error */
function fail(one, error) {
	set(one, {stage: 'failed', error, left: null, rate: 0});
}

/** @param {Upload} one @param {Partial<Progress>} part */
function set(one, part) {
	one.progress.value = {...one.progress.peek(), ...part};
}

/** @param {BeforeUnloadEvent} event */
function warn(event) {
	event.preventDefault();
}

effect(() => {
	if (!busy.value) return;
	addEventListener('beforeunload', warn);
	return () => removeEventListener('beforeunload', warn);
});

// Whoever signs in next starts with an empty list.
let owner = /** @type {string | undefined} */ (undefined);
effect(() => {
	const id = me.value?.id;
	untracked(() => {
		if (owner && id !== owner) for (const one of uploads.peek()) dismiss(one);
		owner = id;
	});
});
