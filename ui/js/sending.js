// Files on their way to the server: two at a time, the others wait. It goes
// on while people walk through the app. When it ends with the page, the server
// keeps what came, and the same file chosen again goes on from there.

import {effect, signal, untracked} from './html.js';
import {ApiError, api} from './api.js';
import {house, me} from './state.js';
import {learn} from './tracks.js';
import {refusal, soundsLike} from './transfer.js';
import {busy, going, unfinished, uploads} from './uploads.js';

/** @typedef {import('./wire.d.ts').PartialUpload} PartialUpload */
/** @typedef {import('./uploads.js').Upload} Upload */
/** @typedef {import('./uploads.js').Progress} Progress */

const atOnce = 2;
const most = 500;
const still = {sent: 0, rate: 0, left: null, error: null, held: false, track: null};

let last = 0;
/** Whose uploads these are. */
let owner = /** @type {string | undefined} */ (undefined);
/** When the server takes files again, by performance.now(). */
let takes = 0;
/** @type {Map<number, AbortController>} */
const open = new Map();

/** Queues files. @param {Iterable<File>} files */
export function add(files) {
	const fresh = [...files].slice(0, most).map((file) => ({
		id: ++last, file, progress: signal(/** @type {Progress} */ ({stage: 'waiting', ...still})), saved: signal(false), visibility: signal('public'),
		address: '', before: null, anyway: false, draft: null, open: signal(/** @type {boolean | null} */ (null)),
	}));
	uploads.value = [...uploads.peek(), ...fresh];
	void begin(fresh);
}

/** @param {readonly Upload[]} fresh */
async function begin(fresh) {
	await look().catch(() => {}); // then they are sent from their beginnings
	for (const one of fresh) {
		const before = unfinished.peek().find(({name, size}) => size === one.file.size && name === one.file.name);
		if (!before) continue;
		one.before = before;
		unfinished.value = unfinished.peek().filter((other) => other !== before);
	}
	for (const one of fresh) void check(one);
}

/** Asks the server what it waits for, besides what is under way here. */
export async function look() {
	const asker = owner, {items} = /** @type {{items: PartialUpload[]}} */ (await api.get('/api/uploads'));
	if (asker !== owner) return;
	const here = new Set(uploads.peek().flatMap((one) => [one.address, one.before?.url]));
	unfinished.value = items.filter(({url}) => !here.has(url));
}

/** Lets the server drop what came of a file. @param {PartialUpload} one */
export function forget(one) {
	unfinished.value = unfinished.peek().filter((other) => other !== one);
	drop(one.url);
}

/** @param {string} address */
function drop(address) {
	import('./pieces.js').then(({end}) => end(address)).catch(() => {}); // else it ends by itself, some day
}

/** Ends an upload and forgets it. What it became, if anything, stays. @param {Upload} one */
export function dismiss(one) {
	leave(one);
	const {stage} = one.progress.peek(), address = one.address || one.before?.url;
	if (address && stage !== 'done') drop(address);
	advance();
}

/** Forgets an upload here; what came of it stays on the server. @param {Upload} one */
function leave(one) {
	uploads.value = uploads.peek().filter((other) => other !== one);
	open.get(one.id)?.abort();
}

/** Starts a failed one again, after those that wait. @param {Upload} one */
export function retry(one) {
	if (one.progress.peek().stage !== 'failed') return;
	uploads.value = [...uploads.peek().filter((other) => other !== one), one];
	one.progress.value = {stage: 'waiting', ...still};
	void check(one);
}

/** Stops one until it is resumed. @param {Upload} one */
export function pause(one) {
	set(one, {stage: 'paused', held: false, rate: 0, left: null});
	open.get(one.id)?.abort();
	advance();
}

/** @param {Upload} one */
export function resume(one) {
	set(one, {stage: 'waiting'});
	advance();
}

/** Sends a file that is here already. @param {Upload} one */
export function sendAnyway(one) {
	one.anyway = true;
	set(one, {stage: 'waiting', track: null});
	advance();
}

/**
 * The files in what was dropped, those in folders included if they sound like
 * music. Both are to be asked for before the first wait: then the drop is over.
 * @param {readonly (FileSystemEntry | null)[]} entries @param {readonly File[]} plain
 * @returns {Promise<readonly File[]>}
 */
export async function filesOf(entries, plain) {
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
	let room = atOnce - stages.filter((stage) => stage !== 'waiting' && going.includes(stage)).length;
	for (const one of uploads.peek()) {
		if (room <= 0) return;
		if (one.progress.peek().stage !== 'waiting') continue;
		room--;
		void send(one);
	}
}

/** @param {Upload} one */
async function send(one) {
	const turn = new AbortController();
	open.set(one.id, turn);
	set(one, {stage: one.address || one.anyway ? 'sending' : 'reading'});
	try {
		const {carry} = await import('./pieces.js');
		const {track, known} = await carry(one, (part) => !turn.signal.aborted && set(one, part), turn.signal);
		if (turn.signal.aborted) return;
		if (known) {
			set(one, {stage: 'known', track, held: false});
			return;
		}
		set(one, {stage: 'done', sent: one.file.size, left: null, held: false, track: learn(track)});
		// On whatever page people are by now; if it fails, the track's page tries again.
		if (track.waveform === 'wanted') import('./decoding.js').then(({draw}) => draw(track, one.file), () => {});
	} catch (error) {
		if (turn.signal.aborted) return;
		const why = error instanceof ApiError ? error : new ApiError(0, {code: 'internal'});
		if (why.status !== 429) {
			fail(one, why);
			return;
		}
		// A large folder goes on by itself, at the pace that the server asks for.
		const wait = 1000 * (why.retryAfter || 5);
		takes = performance.now() + wait;
		setTimeout(advance, wait + 50);
		set(one, {stage: 'waiting', ...still});
	} finally {
		if (open.get(one.id) === turn) open.delete(one.id);
		advance();
	}
}

/** @param {Upload} one @param {ApiError} error */
function fail(one, error) {
	set(one, {stage: 'failed', error, left: null, rate: 0, held: false});
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
effect(() => {
	const id = me.value?.id;
	untracked(() => {
		if (owner && id !== owner) {
			for (const one of uploads.peek()) leave(one);
			unfinished.value = [];
		}
		owner = id;
	});
});
