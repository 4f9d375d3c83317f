// What others have done: who follows, likes, reposts, comments and publishes.

import {classes, h, tags, useEffect} from '../html.js';
import {oneAtATime} from '../anew.js';
import {api} from '../api.js';
import {guest} from '../comments.js';
import {ago} from '../format.js';
import {t} from '../i18n.js';
import {setCounts} from '../live.js';
import {Artwork, Avatar} from '../parts/artwork.js';
import {FollowButton, PersonRow, RowsSkeleton} from '../parts/follow.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed, More, useList} from '../parts/list.js';
import {latestPerson, learnPerson} from '../people.js';
import {rich} from '../rich.js';
import {Heading} from '../router.js';
import {counts, events, me} from '../state.js';
import {style} from '../style.js';
import '../texts.js';

await style('people');

/** @typedef {import('../wire.d.ts').Notification} Notification */

const path = '/api/me/notifications';

/** @param {Notification} one */
const take = (one) => {
	one.actors.forEach(learnPerson);
	return one;
};

/** @param {import('../router.js').PageProps} _ */
export default function Notifications(_) {
	const {list, items, retry} = useList(path, take);
	const {state, error} = list.value;
	const newest = items[0];

	useEffect(() => {
		// What comes while one looks is put on top, and what is taken back goes.
		const renew = oneAtATime(async () => {
			const page = await api.get(path, {limit: 20}).catch(() => null);
			if (!page) return;
			const now = list.peek(), fresh = /** @type {Notification[]} */ (page.items).map(take);
			const seen = new Map(now.items.map((one) => [one.id, one]));
			// It stays marked as new until the page is left.
			const marked = fresh.map((one) => (seen.get(one.id)?.seen === false ? {...one, seen: false} : one));
			const known = new Set(fresh.map(({id}) => id)), last = fresh.at(-1);
			const older = last && page.next ? now.items.filter((one) => !known.has(one.id) && one.created < last.created) : [];
			list.value = {items: [...marked, ...older], next: older.length ? now.next : page.next, state: 'ready', error: null};
		});
		if (list.peek().items.length) void renew();
		const offs = [events.on('notice', renew), events.on('reset', renew)];
		return () => offs.forEach((off) => off());
	}, [list]);

	const unseen = newest && !newest.seen ? newest.id : '';
	useEffect(() => {
		if (!unseen) return undefined;
		const tell = () => {
			if (document.hidden) return;
			const before = counts.peek();
			counts.value = {...before, notifications: 0, follows: 0};
			api.post(`${path}/seen`, {up_to: unseen}).then(setCounts, () => (counts.value = before));
		};
		tell();
		document.addEventListener('visibilitychange', tell);
		return () => document.removeEventListener('visibilitychange', tell);
	}, [unseen]);

	return tags.div({class: 'notices'},
		tags.header({class: 'page-head with-tool'}, h(Heading, null, t('nav.notifications')),
			tags.a({class: 'quiet', href: '/settings#notify', 'aria-label': t('notices.settings')}, icon('settings'))),
		items.length
			? [
				tags.ul({class: 'notice-list'}, items.map((one) => h(Notice, {key: one.id, one}))),
				h(More, {list: list.value, onMore: retry}),
			]
			: state === 'loading' ? h(RowsSkeleton, {})
				: error ? h(Failed, {error, onRetry: retry})
					: h(Empty, {icon: 'bell', text: t('notices.empty')},
						tags.a({class: 'button main', href: '/people'}, icon('people'), t('people.title'))));
}

/** The sentences, by kind: of one person, of two, of more. */
const sentences = {
	follow: ['notices.follow_1', 'notices.follow_2', 'notices.follow_n'],
	like: ['notices.like_1', 'notices.like_2', 'notices.like_n'],
	repost: ['notices.repost_1', 'notices.repost_2', 'notices.repost_n'],
	comment: ['notices.comment_1', 'notices.comment_2', 'notices.comment_n'],
	comments: ['notices.comments_1', 'notices.comments_2', 'notices.comments_n'],
	reply: ['notices.reply_1', 'notices.reply_2', 'notices.reply_n'],
	mention: ['notices.mention_1', 'notices.mention_2', 'notices.mention_n'],
	list: ['notices.list_1', 'notices.list_2', 'notices.list_n'],
	new_track: ['notices.track', 'notices.track', 'notices.track'],
};

const signs = {follow: 'user', like: 'heart', repost: 'repost', comment: 'comment', reply: 'comment', mention: 'comment', new_track: 'waves'};

/** Where a notification leads. @param {Notification} one */
function leadsTo({kind, actors, n, track, playlist, comment}) {
	const thing = track?.url ?? playlist?.url;
	if (thing) return comment ? `${thing}?comment=${comment.id}` : thing;
	return kind === 'follow' && n > 1 && me.value ? `${me.value.url}?tab=followers` : actors[0]?.url ?? '/notifications';
}

/** @param {{one: Notification}} props */
function Notice({one}) {
	const {kind, n, track, playlist, comment, comments = 0} = one;
	const actors = [...one.actors, ...(one.guests ?? []).map(guest)];
	const [first, second] = actors, [person] = one.actors;
	const title = track?.title ?? playlist?.title ?? '';
	/** @param {string} text */
	const strong = (text) => tags.b(text);
	const many = kind === 'comment' && comments > n; // some wrote several
	// Somebody who is named may be all that is left of two.
	const sentence = rich(sentences[playlist && kind === 'like' ? 'list' : many ? 'comments' : kind][n > 2 ? 2 : second ? n - 1 : 0], {
		a: first && strong(first.name), b: second && strong(second.name), title: strong(title),
	}, {n: many && n < 3 ? comments : n - 1, comments});
	const single = kind === 'follow' && n === 1 && person ? latestPerson(person) : null;
	return tags.li({class: classes('notice-row', !one.seen && 'new')},
		!one.seen && tags.span({class: 'hidden'}, t('notices.new')),
		tags.span({class: 'notice-faces'},
			actors.slice(0, 2).map((user) => h(Avatar, {key: user.id || user.name, user, class: 'row-face'})),
			tags.span({class: 'notice-sign'}, icon(signs[kind]))),
		tags.div({class: 'notice-text'},
			tags.a({class: 'person-row-link', href: leadsTo(one)}, sentence),
			single && tags.p({class: 'muted small person-row-facts'},
				tags.span(t('person.tracks', {n: single.tracks})), tags.span(t('person.followers', {n: single.followers}))),
			comment && tags.p({class: 'notice-words'}, comment.text),
			tags.p({class: 'muted small'}, tags.time({dateTime: one.created}, ago(one.created)))),
		single && h(FollowButton, {user: single}),
		(track || playlist) && tags.span({class: 'notice-art', 'aria-hidden': 'true'}, h(Artwork, {track: {title, picture: (track ?? playlist)?.picture}, size: 'small'})),
		kind === 'follow' && n > 1 && tags.ul({class: 'notice-people'}, one.actors.map((user) => h(PersonRow, {key: user.id, user}))));
}
