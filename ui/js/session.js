// Signing in and out.

import {api} from './api.js';
import {house, me} from './state.js';

/**
 * Takes over the account of a fresh sign-in.
 * @param {import('./wire.d.ts').SignedIn} answer
 */
export async function welcome(answer) {
	document.documentElement.setAttribute('data-session', '');
	me.value = answer.me;
	house.value = await api.get('/api/house').catch(() => house.peek());
}

/** Ends the session here and on the server. */
export async function signOut() {
	await (await import('./undo.js')).settle();
	await api.post('/api/auth/sign-out');
	document.documentElement.removeAttribute('data-session');
	me.value = null;
}
