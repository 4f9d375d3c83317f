// What was typed and not sent yet: kept for each place it was typed in, also
// when another page is looked at or this one is loaded again.

import {base} from './html.js';
import {me} from './state.js';

/** @typedef {{text: string, ms?: number}} Draft */

const key = `earshot${base}.drafts`;

/** @returns {{owner: string, all: Record<string, Draft>}} */
function stored() {
	const owner = me.peek()?.id ?? '';
	try {
		const held = JSON.parse(sessionStorage.getItem(key) ?? 'null');
		if (held?.owner === owner && held.all) return held;
	} catch {
		// Nothing of use was kept.
	}
	return {owner, all: {}};
}

/** When the storage is full or forbidden this has to do. */
let held = /** @type {{owner: string, all: Record<string, Draft>} | null} */ (null);

function drafts() {
	if (held?.owner !== (me.peek()?.id ?? '')) held = stored();
	return held;
}

/** @param {string} place @returns {Draft | undefined} */
export function draftOf(place) {
	return drafts().all[place];
}

/** @param {string} place @param {Draft | null} draft null when it was sent or given up */
export function keepDraft(place, draft) {
	const now = drafts();
	if (draft?.text.trim()) now.all[place] = draft;
	else delete now.all[place];
	try {
		sessionStorage.setItem(key, JSON.stringify(now));
	} catch {
		// It holds until the page is closed.
	}
}
