// People whom one may want to follow, each with the reason.

import {h, tags} from '../html.js';
import {api} from '../api.js';
import {t} from '../i18n.js';
import {latestPerson, learnPerson} from '../people.js';
import {rich} from '../rich.js';
import {Avatar} from './artwork.js';
import {FollowButton} from './follow.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Recommendation} Recommendation */

/**
 * Why somebody is shown, as one sentence.
 * @param {Recommendation} one
 * @param {number} [most] characters of each name and title
 */
export function why({reason, by, n = by.length, track}, most = 200) {
	/** @param {string} text */
	const strong = (text) => tags.b(text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);
	const [a, b] = by.map(({name}) => strong(name));
	if (reason === 'followed_by' && a) {
		if (n > 2 && b) return rich('why.followed_n', {a, b}, {n: n - 2});
		return b ? rich('why.followed_2', {a, b}) : rich('why.followed_1', {a});
	}
	if (reason === 'listened') return track ? rich('why.listened', {title: strong(track.title)}) : t('why.listened_some');
	return track ? rich('why.active', {title: strong(track.title)}) : t('why.active_some');
}

/**
 * Finds people and a place for them: below what is on the screen, so that
 * nothing moves.
 * @param {import('../html.js').Signal<{node: import('../html.js').VNode, at: number} | null>} strip
 */
export async function recommend(strip) {
	const {items: list} = await api.get('/api/recommendations/users', {limit: 10});
	const seen = [...document.querySelectorAll('.cards > *')].filter((card) => card.getBoundingClientRect().top < innerHeight);
	for (const {user} of list) learnPerson(user);
	if (list.length) strip.value = {node: h(PersonStrip, {list, key: 'people'}), at: Math.max(3, seen.length)};
}

/** @param {{list: Recommendation[]}} props */
function PersonStrip({list}) {
	return tags.li({class: 'strip', key: 'strip'},
		tags.section({'aria-labelledby': 'strip-title'},
			tags.header({class: 'strip-head'}, tags.h2({id: 'strip-title'}, t('people.title')), tags.a({href: '/people'}, t('people.all'))),
			tags.ul({class: 'strip-list'}, list.map((one) => h(Face, {key: one.user.id, one})))));
}

/** A person with the reason, in a strip. @param {{one: Recommendation}} props */
export function Face({one}) {
	const user = latestPerson(one.user);
	return user && tags.li({class: 'strip-person'},
		h(Avatar, {user, size: 'medium', class: 'row-face'}),
		tags.a({class: 'person-row-link', href: user.url}, user.name),
		tags.p({class: 'muted small strip-why'}, why(one, 32)),
		h(FollowButton, {user}));
}
