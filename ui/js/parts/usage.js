// How much of what one may keep is used.

import {h, tags, useEffect} from '../html.js';
import {bytes, count} from '../amounts.js';
import {api} from '../api.js';
import {t} from '../i18n.js';
import {me} from '../state.js';
import {style} from '../style.js';
import '../texts.js';

await style('keeping');

/** @typedef {import('../wire.d.ts').Quota} Quota */

/** In bytes. */
export const gigabyte = 1e9;

/** @param {{used: number, tracks: number, quota: Quota}} props */
export function Usage({used, tracks, quota}) {
	const share = Math.max(quota.bytes ? used / quota.bytes : 0, quota.tracks ? tracks / quota.tracks : 0);
	const text = [
		quota.bytes ? t('usage.bytes_of', {used: bytes(used), most: bytes(quota.bytes)}) : t('usage.bytes', {used: bytes(used)}),
		quota.tracks ? t('usage.tracks_of', {used: count(tracks), most: count(quota.tracks)}) : t('usage.tracks', {n: tracks}),
	].join(' · ');
	return tags.span({class: share >= 1 ? 'usage full' : 'usage'},
		tags.span(text),
		share > 0 && tags.progress({max: 1, value: Math.min(1, share), 'aria-label': text}));
}

/** The own use, as it is now. @param {{}} _ */
export function MyUsage(_) {
	const who = me.value;
	useEffect(() => {
		// Uploads and deletions change it without a word.
		void api.get('/api/me').then((now) => {
			if (me.peek()?.id === now.id) me.value = now;
		}, () => {});
	}, []);
	return who ? h(Usage, {used: who.used_bytes, tracks: who.tracks, quota: who.quota}) : null;
}
