// What can be taken back for a while: it is gone from the screen at once, and
// the server is asked only when the note about it goes.

import {at, effect, signal, untracked} from './html.js';
import {ApiError, errorText, failure} from './api.js';
import {t} from './i18n.js';
import {change, begin, clearQueue as emptyQueue, current, lined, playing, position, remove as takeOut} from './player.js';
import {me} from './state.js';
import {toast} from './parts/toast.js';
import './texts.js';

/** @typedef {import('./wire.d.ts').Track} Track */

/** How long something can be taken back, in milliseconds. */
const usual = 6000;
/** Whoever is at the notes is given more. */
const more = 2000;

/**
 * @typedef {object} Doing
 * @property {string} text What the note says.
 * @property {string} path Of the API; it is sent a DELETE.
 * @property {() => (() => void) | void} hide Takes it off the screen; what it gives ends that.
 * @property {() => void} back Brings it back.
 * @property {(answer: any) => unknown} [sent] The server did it.
 * @property {string} [id] Of what lists leave out meanwhile, by vanishing.
 * @property {number} [wait] In milliseconds.
 * @property {(why: string) => string} [refused] What to tell when the server does not do it.
 */
/** @typedef {{send: () => Promise<void>, undo: () => void, forget: () => void}} Waiting */

/** @type {Set<Waiting>} */
const waiting = new Set();

/**
 * Ids of what is on its way out: lists that may be loaded anew meanwhile leave
 * it out.
 * @type {import('./html.js').Signal<ReadonlySet<string>>}
 */
export const vanishing = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/** @param {string} id @param {boolean} on */
function vanish(id, on) {
	const now = new Set(vanishing.peek());
	if (on) now.add(id);
	else now.delete(id);
	vanishing.value = now;
}

/**
 * Asks the server, also when the page is on its way out. What is not there any
 * more is done.
 * @param {string} path
 */
async function send(path) {
	let answer;
	try {
		answer = await fetch(at(path), {method: 'DELETE', keepalive: true, credentials: 'same-origin', headers: {Accept: 'application/json'}});
	} catch {
		throw new ApiError(0, {code: 'offline'});
	}
	const json = await answer.json().catch(() => null);
	if (!answer.ok && answer.status !== 404) throw failure(answer.status, json, answer.headers.get('Retry-After'));
	return answer.ok ? json : null;
}

/**
 * Does something that can be undone for a while. Gives what undoes it.
 * @param {Doing} doing
 * @returns {() => void}
 */
export function undoable({text, path, hide, back, sent, id, wait = usual, refused = (why) => t('undo.refused', {why})}) {
	const before = document.activeElement;
	let open = true;
	if (id) vanish(id, true);
	const release = hide();
	const close = () => {
		open = false;
		clearTimeout(timer);
		waiting.delete(one);
	};
	const restore = () => {
		release?.();
		if (id) vanish(id, false);
		back();
	};
	/** @type {Waiting} */
	const one = {
		async send() {
			if (!open) return;
			close();
			drop();
			try {
				const answer = await send(path);
				release?.();
				await sent?.(answer);
				if (id) vanish(id, false);
			} catch (error) {
				restore();
				toast(refused(errorText(error)), {kind: 'error'});
			}
		},
		undo() {
			if (!open) return;
			close();
			restore();
			drop();
			requestAnimationFrame(() => {
				const {activeElement: now} = document;
				if (now && now !== document.body) return;
				const to = before?.isConnected && before !== document.body ? before : document.querySelector('h1');
				if (to instanceof HTMLElement) to.focus({preventScroll: true});
			});
		},
		forget() {
			if (!open) return;
			close();
			restore();
			drop();
		},
	};
	waiting.add(one);
	const drop = toast(text, {action: {label: t('undo'), run: one.undo}, gone: () => void one.send()});
	const over = () => {
		if (document.querySelector('.toasts:hover, .toasts:focus-within')) timer = setTimeout(over, more);
		else void one.send();
	};
	let timer = setTimeout(over, wait);
	return one.undo;
}

/** Does at once what could still be undone. */
export async function settle() {
	await Promise.all([...waiting].map((one) => one.send()));
}

addEventListener('pagehide', () => void settle());
// On phones a page that is not looked at may end without a word.
document.addEventListener('visibilitychange', () => {
	if (document.hidden) void settle();
});
document.addEventListener('keydown', (event) => {
	if (event.key.toLowerCase() !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.defaultPrevented) return;
	const {target} = event, last = [...waiting].at(-1);
	if (!last || (target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select')))) return;
	event.preventDefault();
	last.undo();
});

// Another account must not do it.
let owner = me.peek()?.id;
effect(() => {
	const now = me.value?.id;
	if (now === owner) return;
	owner = now;
	untracked(() => {
		for (const one of [...waiting]) one.forget();
	});
});

/**
 * Does something that changes the queue. Gives what brings the old one back, as
 * long as nothing else was done to it.
 * @param {() => void} act
 */
export function queueAround(act) {
	const before = lined.peek(), ms = position.peek(), on = playing.peek(), heard = current.peek()?.id;
	act();
	const ids = () => lined.peek().list.map((one) => one.id).join();
	const then = ids(), stays = current.peek()?.id === heard;
	return () => {
		if (ids() !== then || before.list.length === lined.peek().list.length) return;
		const index = before.list.findIndex((one) => one.id === current.peek()?.id);
		if (stays) change({...before, index: index < 0 ? before.index : index});
		else begin(before, ms, on);
	};
}

/** @param {string} text @param {() => void} act */
function reordered(text, act) {
	toast(text, {action: {label: t('undo'), run: queueAround(act)}});
}

/** Takes a track out of the queue. @param {Track} track */
export function unqueue(track) {
	reordered(t('player.queue_removed', {title: track.title}), () => takeOut(track.id));
}

/** Empties the queue but for the current track. */
export function clearQueue() {
	reordered(t('player.queue_cleared'), emptyQueue);
}
