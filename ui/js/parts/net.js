// Whether the house can be reached, told in one line while it can't.

import {effect, signal, tags} from '../html.js';
import {t} from '../i18n.js';
import {able, inUse, kept, start} from '../offline.js';
import {path} from '../router.js';
import {boot, bootError, events, reached} from '../state.js';
import {icon} from './icon.js';
import {toast} from './toast.js';
import {style} from '../style.js';
import '../texts.js';

await style('offline');

// Elsewhere nothing is kept before somebody asks for it.
if (inUse()) start();

const offline = signal(!navigator.onLine);

addEventListener('offline', () => (offline.value = true));
addEventListener('online', () => (offline.value = false));

let away = false;
effect(() => {
	const now = offline.value || !reached.value;
	if (away && !now) {
		toast(t('net.back'), {kind: 'note'});
		// What failed meanwhile is asked for again.
		events.tell({type: 'reset'});
		dispatchEvent(new Event('back'));
		if (bootError.peek()) void boot();
	}
	away = now;
});

/** The line below the header. @param {{}} _ */
export function Net(_) {
	if (!offline.value && !!reached.value) return null;
	return tags.p({class: 'net', role: 'status'}, icon('warning'),
		tags.span(offline.value ? t('net.offline') : t('net.lost'), ' ',
			able && Boolean(kept.value?.length) && path.value !== '/you/kept' && tags.a({href: '/you/kept'}, t('net.kept'))));
}
