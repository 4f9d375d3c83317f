// What an app on this device asks for, from the code that was shown when its
// password was made. It stands behind the # of the address, where no server
// sees it, and goes from there at once.

import {base, h, tags} from '../html.js';
import {t} from '../i18n.js';
import {ForApp} from '../parts/keys.js';
import {useLinkCode} from '../parts/link-code.js';
import {Heading} from '../router.js';
import '../texts.js';

/** @param {import('../router.js').PageProps} _ */
export default function Connect(_) {
	const [code] = useLinkCode('connect');
	const given = new URLSearchParams(code), username = given.get('user'), secret = given.get('secret');
	if (!username || !secret) {
		return tags.div({class: 'settings'},
			tags.header({class: 'page-head'}, h(Heading, null, t('connect.none')), tags.p({class: 'muted'}, t('connect.none_text'))),
			tags.p(tags.a({class: 'button', href: '/settings/programs'}, t('connect.to'))));
	}
	return tags.div({class: 'settings'},
		tags.header({class: 'page-head'}, h(Heading, null, t('connect.title')), tags.p({class: 'muted'}, t('connect.text'))),
		tags.section({class: 'panel'}, h(ForApp, {address: `${location.origin}${base}/`, username, secret})));
}
