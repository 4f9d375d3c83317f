// People whom the asker may want to follow.

import {h} from '../html.js';
import {t} from '../i18n.js';
import {Heading} from '../router.js';
import '../texts.js';

/** @param {import('../router.js').PageProps} _ */
export default function People(_) {
	return h(Heading, null, t('people.title'));
}
