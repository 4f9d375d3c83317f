// The track that a profile shows first.

import {api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {learnPerson, personAt} from '../people.js';
import {me} from '../state.js';
import {toast} from './toast.js';
import '../texts.js';

/** Pins an own track, or no track. @param {string} id empty for none */
async function pin(id) {
	try {
		const now = /** @type {import('../wire.d.ts').Me} */ (await api.patch('/api/me', {pinned: id}));
		me.value = now;
		const shown = personAt(now.username);
		if (shown) learnPerson({...shown, pinned: now.pinned});
		return true;
	} catch (error) {
		toast(errorText(error), {kind: 'error'});
		return false;
	}
}

/**
 * Pins an own track, or no longer.
 * @param {import('../wire.d.ts').Track} track
 */
export async function togglePin(track) {
	const before = me.peek()?.pinned?.id ?? '';
	const on = before !== track.id;
	if (!await pin(on ? track.id : '')) return;
	toast(on ? t('pin.done', {title: track.title}) : t('pin.undone', {title: track.title}), {
		action: {label: t('undo'), run: () => void pin(before)},
	});
}
