// Keeping tracks on this device, as menus and lists offer it.

import {tags} from '../html.js';
import {errorText} from '../api.js';
import {t} from '../i18n.js';
import {able, coming, drop, isKept, keep, kept, look, start} from '../offline.js';
import {me} from '../state.js';
import {icon} from './icon.js';
import {toast} from './toast.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */

if (able && kept.peek() === undefined) await look().catch(() => {});

/**
 * Keeps tracks, one after the other; the first failure ends it.
 * @param {Track[]} tracks
 * @param {string} title of them all
 */
export async function keepAll(tracks, title) {
	const wanted = tracks.filter((track) => track.stream.file && !isKept(track.id));
	toast(t('kept.begun', {title}), {kind: 'note'});
	try {
		for (const track of wanted) await keep(track);
		toast(t('kept.done', {title}));
		start();
	} catch (error) {
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

/** How far the fetching of a track is. @param {{track: Track}} props */
export function Coming({track}) {
	const part = coming.value[track.id];
	return part === undefined ? null : tags.span({class: 'row-when'}, tags.progress({max: 1, value: part, 'aria-label': t('kept.coming', {title: track.title})}));
}

/** The sign of what is kept. @param {{track: Track}} props */
export function KeptSign({track}) {
	return isKept(track.id) ? tags.span({class: 'row-when', title: t('kept.is')}, icon('check'), tags.span({class: 'hidden'}, t('kept.is'))) : null;
}
