// Likes and reposts: shown at once, taken back when the server does not take
// them.

import {t} from './i18n.js';
import {api, errorText} from './api.js';
import {navigate} from './router.js';
import {me} from './state.js';
import {latest, learn} from './tracks.js';
import {toast} from './parts/toast.js';

/** @typedef {import('./wire.d.ts').Track} Track */
/** @typedef {{on: boolean, n: number}} Stand */

/** What is being sent: of several presses in a row the last one counts. @type {Set<string>} */
const sending = new Set();

/**
 * Turns something that is counted on or off.
 * @param {string} path of the API; PUT turns it on, DELETE off
 * @param {() => Stand | null} now how it stands on the screen; null when the thing is gone
 * @param {(stand: Stand) => void} show
 * @param {(answer: any) => Stand} read
 */
export async function turn(path, now, show, read) {
	let sure = now();
	if (!sure) return;
	show({on: !sure.on, n: Math.max(0, sure.n + (sure.on ? -1 : 1))});
	if (sending.has(path)) return;
	sending.add(path);
	try {
		for (let wish = now(); wish && wish.on !== sure.on; wish = now()) sure = read(await (wish.on ? api.put : api.del)(path));
		show(sure);
	} catch (error) {
		show(sure);
		toast(errorText(error), {kind: 'error'});
	} finally {
		sending.delete(path);
	}
}

/**
 * Leads those who are not signed in there, and back afterwards.
 * @param {string} text
 */
export function invite(text) {
	const next = encodeURIComponent(location.pathname + location.search);
	toast(text, {kind: 'note', action: {label: t('nav.signin'), run: () => void navigate(`/sign-in?next=${next}`)}});
}

/** @param {Track} track */
export function like(track) {
	if (!me.peek()) return invite(t('like.signin'));
	void turn(`/api/tracks/${track.id}/like`, () => {
		const now = latest(track);
		return now && {on: now.liked, n: now.counts.likes};
	}, ({on, n}) => {
		const now = latest(track);
		if (now) learn({...now, liked: on, counts: {...now.counts, likes: n}});
	}, (answer) => ({on: answer.liked, n: answer.likes}));
}

/** @param {Track} track */
export function repost(track) {
	if (!me.peek()) return invite(t('repost.signin'));
	void turn(`/api/tracks/${track.id}/repost`, () => {
		const now = latest(track);
		return now && {on: now.reposted, n: now.counts.reposts};
	}, ({on, n}) => {
		const now = latest(track);
		if (now) learn({...now, reposted: on, counts: {...now.counts, reposts: n}});
	}, (answer) => ({on: answer.reposted, n: answer.reposts}));
}
