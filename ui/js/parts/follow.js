// Following, wherever a person is shown.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {latestPerson, learnPerson, toggleFollow} from '../people.js';
import {me} from '../state.js';
import {Avatar} from './artwork.js';
import {icon} from './icon.js';
import {Empty, Failed, More, useList} from './list.js';
import {style} from '../style.js';
import '../texts.js';

await style('people');

/** @typedef {import('../wire.d.ts').User} User */

/**
 * The button that follows: one press, back with another. There is none for
 * oneself, and none for those whom one blocks.
 * @param {{user: User, class?: string}} props
 */
export function FollowButton({user: given, class: name = ''}) {
	const user = latestPerson(given);
	if (!user || user.id === me.value?.id || user.relation.blocked || user.suspended) return null;
	const on = Boolean(user.relation.following), who = {name: user.name};
	const [text, label] = on ? [t('follow.on'), t('follow.on_who', who)]
		: user.relation.follows_me ? [t('follow.back'), t('follow.back_who', who)] : [t('follow.do'), t('follow.do_who', who)];
	return tags.button({
		type: 'button', class: `button follow ${on ? 'on' : 'main'} ${name}`, 'aria-pressed': on, 'aria-label': label,
		onClick: () => void toggleFollow(user),
	}, icon(on ? 'check' : 'plus'), tags.span(text));
}

/** How the two stand to each other, in a word. @param {{user: User}} props */
export function Relation({user: given}) {
	const user = latestPerson(given);
	const {follows_me: theirs, following: mine} = user?.relation ?? {};
	return theirs ? tags.span({class: 'chip'}, mine ? t('follow.mutual') : t('follow.theirs')) : null;
}

/**
 * A person in a list: picture, name, what there is of them, and the button.
 * @param {{user: User, children?: import('../html.js').Child, beside?: import('../html.js').Child}} props
 *   children stands below, beside in place of the button.
 */
export function PersonRow({user: given, children, beside}) {
	const user = latestPerson(given);
	if (!user) return null;
	return tags.li({class: 'person-row'},
		h(Avatar, {user, class: 'row-face'}),
		tags.div({class: 'person-row-text'},
			tags.p({class: 'person-row-name'},
				tags.a({class: 'person-row-link', href: user.url}, user.name), h(Relation, {user})),
			tags.p({class: 'muted small person-row-facts'},
				tags.span(t('person.tracks', {n: user.tracks})), tags.span(t('person.followers', {n: user.followers})))),
		beside ?? h(FollowButton, {user}),
		children && tags.p({class: 'muted small person-why'}, children));
}

/**
 * The people of an address of the API, with an empty state.
 * @param {{path: string, label: string, empty: string, children?: import('../html.js').Child}} props
 *   children is the one thing to do where there is nobody.
 */
export function PersonList({path, label, empty, children}) {
	const {list, items, retry} = useList(path, learnPerson);
	const {state, error} = list.value;
	if (!items.length) {
		return state === 'loading' ? h(RowsSkeleton, {}) : error ? h(Failed, {error, onRetry: retry}) : h(Empty, {icon: 'people', text: empty}, children);
	}
	return [
		tags.ul({class: 'person-rows', 'aria-label': label}, items.map((user) => h(PersonRow, {key: user.id, user}))),
		h(More, {list: list.value, onMore: retry}),
	];
}

/** Grey shapes in place of rows that are on their way. @param {{n?: number}} props */
export function RowsSkeleton({n = 5}) {
	return tags.div({class: 'person-rows', 'aria-busy': 'true'}, tags.p({class: 'hidden', role: 'status'}, t('loading')),
		Array.from({length: n}, (_, i) => tags.div({class: 'person-row ghost', key: i, 'aria-hidden': 'true'},
			tags.span({class: 'avatar row-face'}),
			tags.div({class: 'person-row-text'}, tags.span({class: 'line'}), tags.span({class: 'line long'})))));
}
