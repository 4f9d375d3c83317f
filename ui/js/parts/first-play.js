// Something to hear at once, for those who do not know where to begin.

import {api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {playFrom, queue} from '../player.js';
import {learn} from '../tracks.js';
import {toast} from './toast.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */

/**
 * Plays what is popular and new in turn, and goes on with what is like it.
 * @returns {Promise<boolean>} whether there is anything
 */
export async function playSomething() {
	try {
		/** @type {import('../wire.d.ts').Home} */
		const {week, always, newest} = await api.get('/api/home');
		const popular = week.length ? week : always;
		/** @type {Map<string, Track>} */
		const first = new Map();
		for (let i = 0; i < Math.max(popular.length, newest.length); i++) {
			for (const track of [popular[i], newest[i]]) if (track?.stream.file && !first.has(track.id)) first.set(track.id, learn(track));
		}
		const list = [...first.values()];
		if (!list.length) {
			toast(t('guide.nothing'), {kind: 'note'});
			return false;
		}
		/** @type {string | undefined} */
		let next;
		let ended = false;
		const more = async () => {
			if (ended) return [];
			const page = await api.get(`/api/stations/tracks/${list[0].id}`, {cursor: next, limit: 20});
			next = page.next || undefined;
			ended = !next;
			const known = new Set(queue.peek().map(({id}) => id));
			return /** @type {Track[]} */ (page.items.map(learn)).filter(({id}) => !known.has(id));
		};
		playFrom(list, 0, 0, more, t('guide.station'));
		return true;
	} catch (error) {
		toast(errorText(error), {kind: 'error'});
		return false;
	}
}
