// What another app shares with the installed one, taken over by the upload page.

import {t} from '../i18n.js';
import {takeShared} from '../offline.js';
import {rewrite} from '../router.js';
import {add} from '../sending.js';
import {ask} from './dialog.js';
import {toast} from './toast.js';
import '../texts.js';

/** How many names are told before the rest. */
const named = 5;

/**
 * Sends what was shared, once that is wanted: the browser does not tell whether
 * an app shared it or a page of another site had it posted here.
 */
export async function receive() {
	rewrite('/upload');
	const files = await takeShared(), n = files.length;
	if (!n) {
		toast(t('kept.shared_again'), {kind: 'error'});
		return;
	}
	const names = files.slice(0, named).map(({name}) => name.slice(0, 100));
	const text = t('kept.shared_text', {names: [...names, ...n > named ? ['…'] : []].join(', ')});
	if (await ask({title: t('kept.shared_ask', {n}), text, yes: t('upload.heading')})) add(files);
}
