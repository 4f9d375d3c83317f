// Files on their way to the server, for the pages to show. sending.js moves them.

import {computed, signal} from './html.js';

/** @typedef {import('./api.js').ApiError} ApiError */
/** @typedef {import('./wire.d.ts').Track} Track */
/** @typedef {import('./wire.d.ts').PartialUpload} PartialUpload */
/**
 * waiting for its turn; being read, whether it is here already; known: it is,
 * and people are asked; sending; paused by them; all sent and being looked at by
 * the server; done; failed. A cancelled one is gone.
 * @typedef {'waiting' | 'reading' | 'known' | 'sending' | 'paused' | 'checking' | 'done' | 'failed'} Stage
 */
/**
 * @typedef {object} Progress
 * @property {Stage} stage
 * @property {number} sent Bytes.
 * @property {number} rate Bytes a second.
 * @property {number | null} left Seconds; null while nobody can know.
 * @property {ApiError | null} error Why it failed.
 * @property {boolean} held It waits for the network, or for the server to be back.
 * @property {Track | null} track What it became, or, when known, what it is already.
 */
/**
 * @typedef {object} Upload
 * @property {number} id Unique on this page.
 * @property {File} file
 * @property {import('./html.js').Signal<Progress>} progress
 * @property {import('./html.js').Signal<boolean>} saved Whether what was said of it is on the server.
 * @property {import('./html.js').Signal<string>} visibility What it is to be.
 * @property {string} address Where its pieces go; empty until the server knows of it.
 * @property {PartialUpload | null} before What came of it at an earlier visit.
 * @property {boolean} anyway It is sent though it is here already.
 * @property {import('./html.js').Signal<boolean | null>} open Whether its form is shown; null while nobody said.
 * @property {Record<string, string> | null} draft What was said of it so far, by field; kept while people look at other pages.
 */

/** All files of this visit, in the order they were chosen. */
export const uploads = signal(/** @type {readonly Upload[]} */ ([]));

/** Files of earlier visits, or of other devices, of which the server waits for the rest. */
export const unfinished = signal(/** @type {readonly PartialUpload[]} */ ([]));

export const going = ['waiting', 'reading', 'sending', 'checking'];

/** Whether leaving now would stop something. */
export const busy = computed(() => uploads.value.some((one) => going.includes(one.progress.value.stage)));

/** Share of what was chosen that is sent, 0 to 1, while something is under way; else null. */
export const share = computed(() => {
	if (!busy.value) return null;
	let sent = 0, all = 0;
	for (const one of uploads.value) {
		const now = one.progress.value;
		if (!going.includes(now.stage)) continue;
		sent += now.sent;
		all += one.file.size;
	}
	return all > 0 ? sent / all : 0;
});
