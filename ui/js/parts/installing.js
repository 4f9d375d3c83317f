// Earshot as an app on this device, as the settings offer it.

import {h, signal, tags} from '../html.js';
import {t} from '../i18n.js';
import {able, ready} from '../offline.js';
import {me} from '../state.js';
import {toast} from './toast.js';
import '../texts.js';

/** The browser's own offer, which main.js held back. @typedef {Event & {prompt: () => Promise<{outcome: string}>}} Offer */

const standalone = matchMedia('(display-mode: standalone)').matches;
const offer = signal(/** @type {Offer | undefined} */ (/** @type {any} */ (globalThis).offer));
addEventListener('beforeinstallprompt', (event) => (offer.value = /** @type {Offer} */ (event)));

/** @param {{}} _ */
export function Installing(_) {
	if (standalone) return tags.p({class: 'muted'}, t('install.done'), ' ', tags.a({href: '/you/kept'}, t('kept.title')));
	if (!able) return tags.p({class: 'muted small'}, t('install.insecure'));
	const apple = /iPad|iPhone|Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1;
	const install = async () => {
		const asked = await offer.value?.prompt();
		if (asked?.outcome !== 'accepted') return;
		offer.value = undefined;
		await ready();
		toast(t('install.done'));
	};
	return [
		tags.p({class: 'muted'}, t('install.text')),
		offer.value
			? tags.p(tags.button({type: 'button', class: 'button', onClick: () => void install().catch(() => {})}, t('install.do')))
			: tags.p({class: 'muted small'}, apple ? t('install.hint_apple') : t('install.hint_menu')),
		Boolean(me.value) && tags.p(tags.a({href: '/you/kept'}, t('kept.title'))),
	];
}

/** @param {{}} _ */
export function InstallPanel(_) {
	return tags.section({class: 'panel', id: 'app'}, tags.h2(t('install.title')), h(Installing, {}));
}
