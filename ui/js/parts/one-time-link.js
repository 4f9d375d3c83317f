// A link that the server tells once: to copy, or to scan with a phone.

import {h, tags, useState} from '../html.js';
import {t} from '../i18n.js';
import {Dialog, openDialog} from './dialog.js';
import {icon} from './icon.js';
import {QR} from './qr.js';
import {copy} from './track-actions.js';
import {style} from '../style.js';
import '../texts.js';

await style('keeping');

/** @typedef {import('../wire.d.ts').OneTimeLink} OneTimeLink */

/** A machine's name for itself, which leads nobody else anywhere. */
export const own = /^(localhost|127\.|\[::1\])/;

/** @param {{link: OneTimeLink, children?: import('../html.js').Child}} props children says what it is for. */
function Shown({link, children}) {
	const [copied, setCopied] = useState(false);
	const address = new URL(link.url, location.origin);
	return [
		tags.p(children),
		tags.div({class: 'link-box'},
			tags.input({
				type: 'text', readOnly: true, value: address.href, 'aria-label': t('link.address'),
				onFocus: (event) => event.currentTarget.select(),
			}),
			tags.button({type: 'button', class: 'button main', onClick: async () => setCopied(await copy(address.href))},
				icon(copied ? 'check' : 'link'), copied ? t('link.copied') : t('link.copy'))),
		own.test(address.host) && tags.p({class: 'banner small'}, icon('warning'), t('link.own')),
		tags.div({class: 'link-code'},
			h(QR, {code: link.qr, label: t('link.code')}),
			tags.p({class: 'muted small'}, t('link.scan'))),
		tags.p({class: 'muted small'}, t('link.once')),
	];
}

/**
 * Shows a link until it is closed.
 * @param {string} title
 * @param {import('../html.js').Child} text what it is for
 * @param {OneTimeLink} link
 */
export function showLink(title, text, link) {
	openDialog((close) => h(Dialog, {title, onClose: close, class: 'link-dialog'},
		h(Shown, {link}, text),
		tags.div({class: 'actions'}, tags.button({type: 'button', class: 'button', onClick: close}, t('link.close')))));
}
