// What the server says in its own words, which are English: on a page in another
// language it stands behind the house's sentence.

import {tags} from '../html.js';
import {locale} from '../i18n.js';

/**
 * @param {string} sentence in the language of the page
 * @param {string | undefined} words of the server, about the same
 * @param {boolean} [whole] whether the server's words say all that the sentence says
 */
export function told(sentence, words, whole = false) {
	if (!words) return tags.span(sentence);
	return whole && locale.value === 'en' ? tags.span(words) : tags.span(sentence, ' ', tags.span({lang: 'en', class: 'told'}, words));
}
