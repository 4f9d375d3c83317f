// Keeping tracks on this device, as menus and lists offer it.

import {api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {able, coming, drop, isKept, keep, kept, look, start} from '../offline.js';
import {me} from '../state.js';
import {toast} from './toast.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */

if (able && kept.peek() === undefined) await look().catch(() => {});

/**
 * Keeps tracks, one after the other; the first failure ends it. One that is
 * given up meanwhile is left out, and then they are not said to be all here.
 * @param {Track[]} tracks
 * @param {string} title of them all
 */
export async function keepAll(tracks, title) {
	const wanted = tracks.filter((track) => track.stream.file && !isKept(track.id));
	const away = toast(t('kept.begun', {title}), {kind: 'note'});
	try {
		let all = true;
		for (const track of wanted) all = await keep(track) && all;
		away();
		if (all) toast(t('kept.done', {title}));
		start();
	} catch (error) {
		away();
		toast(errorText(error), {kind: 'error'});
	}
}

/** @param {Track} track @returns {import('./menu.js').Items} */
export function keepItems(track) {
	if (!able || !me.peek() || !track.stream.file || track.by_link) return [];
	if (track.id in coming.peek()) return [{label: t('kept.stop'), icon: 'close', onPick: () => void drop(track.id)}];
	if (isKept(track.id)) return [{label: t('kept.drop'), icon: 'check', onPick: () => void drop(track.id).then(() => toast(t('kept.dropped', {title: track.title})))}];
	return [{label: t('kept.keep'), icon: 'keep', onPick: () => void keepAll([track], track.title)}];
}

/** All tracks of a playlist, up to 500. @param {import('../wire.d.ts').Playlist} playlist */
export async function keepPlaylist(playlist) {
	try {
		/** @type {Track[]} */
		const tracks = [];
		for (let next = ''; tracks.length < 500;) {
			const page = await api.get(`/api/playlists/${playlist.id}/tracks`, {cursor: next || undefined, limit: 50});
			tracks.push(...page.items);
			next = page.next ?? '';
			if (!next) break;
		}
		await keepAll(tracks, playlist.title);
	} catch (error) {
		toast(errorText(error), {kind: 'error'});
	}
}

/** What may be kept of a playlist. @param {import('../wire.d.ts').Playlist} playlist @returns {import('./menu.js').Items} */
export const playlistItems = (playlist) => (able && me.peek() && !playlist.by_link ? [{label: t('kept.keep'), icon: 'keep', onPick: () => void keepPlaylist(playlist)}] : []);
