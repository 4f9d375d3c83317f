// What of the stream comes late: whose tracks it shows, for those who follow
// somebody, and what stands where there are none.

import {base, classes, h, signal, tags} from '../html.js';
import {t} from '../i18n.js';
import {current} from '../player.js';
import {rewrite} from '../router.js';
import {house, me} from '../state.js';
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
	if (of === 'all') return me.value?.keeper ? h(EmptyHouse, {}) : h(Empty, {text: me.value ? t('stream.empty') : t('stream.empty_visitor')},
		tags.a({class: 'button main', href: '/upload'}, icon('upload'), t('stream.upload')));
	return h(Empty, {text: t('stream.empty_followed')},
		tags.div({class: 'actions'}, h(Play, {main: true}), tags.a({class: 'button', href: '/?of=all'}, t('stream.empty_all'))),
		people && tags.ul({class: 'cards'}, people));
}

/** The first thing that a keeper does. @param {{}} _ */
function EmptyHouse(_) {
	return tags.section({class: 'guide first', 'aria-labelledby': 'guide-title'},
		icon('disc'),
		tags.h2({id: 'guide-title'}, t('guide.house')),
		tags.p({class: 'muted'}, t('guide.house_text')),
		tags.ul({class: 'guide-ways'},
			tags.li(tags.a({href: '/upload'}, icon('upload'), tags.span(tags.b(t('guide.files')), tags.span({class: 'muted small'}, t('guide.files_text'))))),
			tags.li(tags.a({href: '/keeper/libraries'}, icon('folder'), tags.span(tags.b(t('guide.folder')), tags.span({class: 'muted small'}, t('guide.folder_text')))))));
}

/** Starts something to hear. @param {{main: boolean}} props main: as large as what is to be done next */
function Play({main}) {
	return tags.button({type: 'button', class: classes('button', main && 'main'), 'aria-label': t('guide.play'), onClick: async () => (await import('./first-play.js')).playSomething()}, icon('play'), t(main ? 'guide.play' : 'player.play'));
}

const key = `earshot${base}.guide`;
const dismissed = signal(false);
try {
	dismissed.value = localStorage.getItem(key) === 'off';
} catch {
	// It is shown, and may be closed until the page is.
}

/** Where to begin, for members who are new, once there is something to hear. @param {{}} _ */
export function Guide(_) {
	const who = me.value;
	if (!who || dismissed.value) return null;
	const done = [Boolean(current.value), who.following > 0, who.tracks > 0], next = done.indexOf(false);
	/** @param {number} i */
	const mark = (i) => tags.span({class: classes('guide-mark', done[i] && 'done'), 'aria-hidden': 'true'}, done[i] ? icon('check') : i + 1);
	/** @param {number} i */
	const look = (i) => classes('button', i === next && 'main');
	return tags.section({class: 'guide', 'aria-labelledby': 'guide-title'},
		tags.header(
			tags.h2({id: 'guide-title'}, t('guide.title', {house: house.value?.name || 'Earshot'})),
			tags.button({
				type: 'button', class: 'quiet', 'aria-label': t('guide.close'), title: t('guide.close'),
				onClick: () => {
					dismissed.value = true;
					try {
						localStorage.setItem(key, 'off');
					} catch {
						// Until the page is closed.
					}
					document.querySelector('h1')?.focus({preventScroll: true});
				},
			}, icon('close'))),
		tags.ol(
			tags.li(mark(0), tags.p(tags.b(t('guide.hear')), tags.span({class: 'muted small'}, t('guide.hear_text'))), h(Play, {main: next === 0})),
			tags.li(mark(1), tags.p(tags.b(t('guide.follow')), tags.span({class: 'muted small'}, t('guide.follow_text'))), tags.a({class: look(1), href: '/people'}, t('guide.follow_do'))),
			tags.li(mark(2), tags.p(tags.b(t('guide.share')), tags.span({class: 'muted small'}, t('guide.share_text'))), tags.a({class: look(2), href: '/upload'}, t('nav.upload')))));
}
