// Passkeys: what the browser makes and shows, as the server takes it (Web
// Authentication Level 3). They are there in a secure context alone: over
// https, or on the server's own machine.

import {ApiError, api} from './api.js';
import './texts.js';

/** @typedef {import('./wire.d.ts').PasskeyAsk} PasskeyAsk */

/** Whether this browser can have passkeys for this address, which has to be a name. */
export const able = () => window.isSecureContext && 'PublicKeyCredential' in window && !/^[\d.]+$|^\[/.test(location.hostname);

/** Whether passkeys of a site work at this address. @param {string} site */
export const belongs = (site) => location.hostname === site || location.hostname.endsWith(`.${site}`);

/** Asks for the question that a passkey answers. @returns {Promise<PasskeyAsk>} */
export const question = () => api.post('/api/auth/passkey/begin');

/** @param {string} text base64url */
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));

/** @param {ArrayBuffer | null} buffer */
const base64url = (buffer) => btoa(Array.from(new Uint8Array(buffer ?? new ArrayBuffer(0)), (b) => String.fromCharCode(b)).join(''))
	.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

/**
 * Says what the browser's failures mean here.
 * @param {unknown} error
 */
function explain(error) {
	const name = error instanceof DOMException ? error.name : '';
	const code = {NotAllowedError: 'passkey.cancelled', InvalidStateError: 'passkey.here', SecurityError: 'passkey.insecure', NotSupportedError: 'passkey.device'}[name];
	return code ? new ApiError(0, {code}) : error;
}

/**
 * Makes a passkey on this device, or on one that the browser reaches.
 * @param {{password?: string, name: string}} wish
 * @returns {Promise<import('./wire.d.ts').Passkey>}
 */
export async function makePasskey({password, name}) {
	/** @type {PasskeyAsk} */
	const ask = await api.post('/api/me/passkeys/begin', {password});
	let made;
	try {
		made = /** @type {PublicKeyCredential | null} */ (await navigator.credentials.create({publicKey: {
			challenge: bytes(ask.challenge),
			rp: {id: ask.site, name: ask.house || 'Earshot'},
			user: {id: bytes(ask.user ?? ''), name: ask.account ?? '', displayName: ask.name ?? ''},
			pubKeyCredParams: (ask.kinds ?? []).map((alg) => ({type: 'public-key', alg})),
			excludeCredentials: (ask.have ?? []).map((id) => ({type: 'public-key', id: bytes(id)})),
			authenticatorSelection: {residentKey: 'required', requireResidentKey: true, userVerification: 'required'},
			attestation: 'none',
			timeout: 4 * 60_000,
		}}));
	} catch (error) {
		throw explain(error);
	}
	if (!made) throw new ApiError(0, {code: 'passkey.cancelled'});
	const response = /** @type {AuthenticatorAttestationResponse} */ (made.response);
	return api.post('/api/me/passkeys', {
		paper: ask.paper, name, id: base64url(made.rawId), client_data: base64url(response.clientDataJSON),
		attestation: base64url(response.attestationObject), transports: response.getTransports?.() ?? [],
	});
}

/**
 * Signs in by a passkey. With autofill the browser offers passkeys in the field
 * of the e-mail address, and this waits until one is picked there.
 * @param {{asked?: PasskeyAsk, signal?: AbortSignal, autofill?: boolean}} [options] asked is a question that is there already.
 * @returns {Promise<import('./wire.d.ts').SignedIn>}
 */
export async function showPasskey({asked, signal, autofill = false} = {}) {
	const ask = asked ?? await question();
	let shown;
	try {
		shown = /** @type {PublicKeyCredential | null} */ (await navigator.credentials.get({
			signal, mediation: autofill ? 'conditional' : 'optional',
			publicKey: {challenge: bytes(ask.challenge), rpId: ask.site, userVerification: 'required', timeout: 4 * 60_000},
		}));
	} catch (error) {
		throw explain(error);
	}
	if (!shown) throw new ApiError(0, {code: 'passkey.cancelled'});
	const response = /** @type {AuthenticatorAssertionResponse} */ (shown.response);
	return api.post('/api/auth/passkey', {
		paper: ask.paper, id: base64url(shown.rawId), client_data: base64url(response.clientDataJSON),
		data: base64url(response.authenticatorData), signature: base64url(response.signature), user: base64url(response.userHandle),
	});
}
