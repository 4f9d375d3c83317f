// What another app shares with the installed one, taken over by the upload page.

import {t} from '../i18n.js';
import {takeShared} from '../offline.js';
import {rewrite} from '../router.js';
import {add} from '../sending.js';
import {toast} from './toast.js';
import '../texts.js';

/** Begins to send what was shared. */
export async function receive() {
	rewrite('/upload');
	const files = await takeShared();
	if (files.length) add(files);
	else toast(t('kept.shared_again'), {kind: 'error'});
}
