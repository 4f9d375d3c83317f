// What of the stream comes late: whose tracks it shows, for those who follow
// somebody, and what stands where there are none.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {rewrite} from '../router.js';
import {me} from '../state.js';
import {style} from '../style.js';
import '../texts.js';
import {icon} from './icon.js';
import {Empty} from './list.js';

await style('people');

/** What the tab of the browser is called. @param {string} of */
export const title = (of) => (of === 'all' ? t('stream.of_all') : t('stream.of_followed'));

/** The followed, or everybody; the address keeps which. @param {{of: string}} props */
export function Choice({of}) {
	/** @param {string} href @param {string} to */
	const tab = (href, to) => tags.a({
		href, 'aria-current': of === to ? 'page' : undefined,
		onClick: (event) => {
			if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
			event.preventDefault();
			rewrite(href);
		},
	}, title(to));
	return tags.nav({class: 'page-tabs', 'aria-label': t('stream.of')}, tab('/', 'followed'), tab('/?of=all', 'all'));
}

/** @param {{of: string, people?: import('../html.js').Child}} props people are those whom one may want to follow. */
export function Nothing({of, people}) {
	return h(Empty, {text: of === 'all' ? me.value ? t('stream.empty') : t('stream.empty_visitor') : t('stream.empty_followed')},
		of === 'all' ? tags.a({class: 'button main', href: '/upload'}, icon('upload'), t('stream.upload'))
			: tags.a({class: 'button main', href: '/?of=all'}, t('stream.empty_all')),
		people && tags.ul({class: 'cards'}, people));
}
