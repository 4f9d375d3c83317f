// Stations: music that goes on by itself from a track or a tag.

import {api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {playFrom, queue} from '../player.js';
import {learn} from '../tracks.js';
import {toast} from './toast.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */

/** How many pages in a row may bring nothing new before it ends. */
const patience = 5;

/**
 * Plays the first track of a station, and the others after it as they are
 * needed. None comes twice, whatever else was put into the queue.
 * @param {{track: Track} | {tag: string}} from
 */
export async function startStation(from) {
	const path = 'track' in from ? `/api/stations/tracks/${from.track.id}` : `/api/stations/tags/${encodeURIComponent(from.tag)}`;
	const name = 'track' in from ? from.track.title : `#${from.tag}`;
	/** @type {string | undefined} */
	let next;
	let begun = false;
	const page = async () => {
		const {items, next: cursor} = await api.get(path, {cursor: next, limit: 20});
		next = cursor || undefined;
		begun = true;
		return /** @type {Track[]} */ (items.map(learn));
	};
	const more = async () => {
		for (let i = 0; i < patience && (next || !begun); i++) {
			const known = new Set(queue.peek().map(({id}) => id));
			const fresh = (await page()).filter(({id}) => !known.has(id));
			if (fresh.length) return fresh;
		}
		return [];
	};
	try {
		const first = await page();
		if (!first.length) {
			toast(t('station.empty'), {kind: 'note'});
			return;
		}
		playFrom(first, 0, 0, more, name);
		toast(t('station.started', {name}));
	} catch (error) {
		toast(errorText(error), {kind: 'error'});
	}
}
