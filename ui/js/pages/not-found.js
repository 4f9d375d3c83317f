// Nothing here: or nothing that this visitor may know of.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {Heading} from '../router.js';
import {Door} from '../parts/door.js';

/** @param {import('../router.js').PageProps} _ */
export default function NotFound(_) {
	return h(Door, {name: '404'},
		h(Heading, null, t('notfound.title')),
		tags.p({class: 'muted'}, t('notfound.text')),
		tags.div({class: 'actions start'}, tags.a({class: 'button main', href: '/'}, t('notfound.home'))));
}
