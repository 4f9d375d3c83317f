// Whether the house can be reached, told in one line while it can't. It comes
// to everybody and is needed seldom: what it needs then comes when all is well.

import {effect, h, signal, tags} from '../html.js';
import {errorText, ApiError} from '../api.js';
import {boot, bootError, events, reached} from '../state.js';
import {icon} from './icon.js';

const offline = signal(!navigator.onLine);
addEventListener('offline', () => (offline.value = true));
addEventListener('online', () => (offline.value = false));

/** What is kept on this device; only where the browser runs the worker already, or this is an installed app. */
const kept = signal(/** @type {typeof import('../offline.js') | null} */ (null));
if (navigator.serviceWorker?.controller || isSecureContext && matchMedia('(display-mode: standalone)').matches) {
	void import('../offline.js').then((module) => {
		kept.value = module;
		module.start();
	}, () => {});
}

let away = false;
effect(() => {
	const now = offline.value || !reached.value;
	if (away && !now) {
		// What failed meanwhile is asked for again.
		events.tell({type: 'reset'});
		dispatchEvent(new Event('back'));
		if (bootError.peek()) void boot();
	}
	away = now;
});

/** The line below the header. @param {{}} _ */
export function Net(_) {
	if (!offline.value && reached.value) return null;
	return tags.p({class: 'banner net', role: 'status'}, icon('warning'),
		tags.span(errorText(new ApiError(0, {})), ' ', kept.value && h(kept.value.Way, {})));
}
