// What there is to discover: charts, what one may like, tags and people.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {Avatar} from '../parts/artwork.js';
import {FollowButton} from '../parts/follow.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed} from '../parts/list.js';
import {Face} from '../parts/person-strip.js';
import {Ranks} from '../parts/ranks.js';
import {useResource} from '../parts/resource.js';
import {Shelf, ShelfTrack} from '../parts/shelf.js';
import {likeness} from '../parts/similar.js';
import {latestPerson, learnPerson} from '../people.js';
import {rich} from '../rich.js';
import {Heading} from '../router.js';
import {house, me} from '../state.js';
import {style} from '../style.js';
import {latest, learn} from '../tracks.js';
import '../texts.js';

await style('finding');

/** @typedef {import('../wire.d.ts').Home} Home */
/** @typedef {import('../wire.d.ts').Track} Track */

/** @param {Home} home */
function learned(home) {
	for (const track of [home.week, home.always, home.newest, ...home.tags.map((one) => one.tracks)].flat()) learn(track);
	for (const {track, tracks} of home.because) for (const one of [{track}, ...tracks]) learn(one.track);
	for (const user of [...home.people, ...home.follow.map((one) => one.user)]) learnPerson(user);
	return home;
}

/** @param {import('../router.js').PageProps} _ */
export default function Discover(_) {
	const {data, error, retry} = useResource('/api/home', learned);
	return tags.div({class: 'discover'},
		tags.header({class: 'page-head'},
			h(Heading, {title: t('nav.discover')}, t('discover.title')),
			tags.p({class: 'muted'}, t('discover.lead', {house: house.value?.name || 'Earshot'})),
			Boolean(data?.newest.length) && tags.button({type: 'button', class: 'button main', onClick: () => import('../parts/first-play.js').then((one) => one.playSomething())}, icon('play'), t('guide.play'))),
		data ? h(Shown, {home: data}) : error ? h(Failed, {error, onRetry: retry}) : h(Ghost, {}));
}

/** @param {readonly Track[]} list */
const there = (list) => list.filter(latest);

/** @param {{home: Home}} props */
function Shown({home}) {
	const week = there(home.week), always = there(home.always), newest = there(home.newest);
	const nothing = !newest.length && !week.length && !always.length;
	if (nothing && !home.follow.length && !home.people.length) {
		return h(Empty, {icon: 'compass', text: t('discover.empty')}, tags.a({class: 'button main', href: '/upload'}, icon('upload'), t('stream.upload')));
	}
	/** @param {string} name @param {readonly Track[]} list @param {{href: string, text: string}} [all] */
	const shelf = (name, list, all) => list.length > 0 && h(Shelf, {title: name, name, all, key: name}, list.map((track) => h(ShelfTrack, {key: track.id, track, list})));
	const [first, ...others] = home.because.filter(({tracks, track}) => latest(track) && tracks.length);
	return [
		h(Charts, {week, always}),
		first && h(Because, {one: first}),
		home.tags.length > 0 && tags.section({class: 'discover-tags', 'aria-labelledby': 'tags-title'},
			tags.h2({id: 'tags-title'}, t('discover.tags')),
			tags.ul({class: 'chips'}, home.tags.map(({tag}) => tags.li({key: tag.name}, tags.a({class: 'chip tag', href: tag.url}, icon('hash'), tag.name))))),
		shelf(t('discover.newest'), newest, {href: me.value?.following ? '/?of=all' : '/', text: t('discover.all')}),
		others.map((one) => h(Because, {one, key: one.track.id})),
		home.follow.length > 0 && h(Shelf, {title: t('people.title'), name: t('people.title'), all: {href: '/people', text: t('people.all')}, class: 'people', key: 'follow'},
			home.follow.map((one) => h(Face, {one, key: one.user.id}))),
		home.tags.map(({tag, tracks}) => there(tracks).length > 1 && h(Shelf, {
			key: `#${tag.name}`, title: tags.a({href: tag.url}, `#${tag.name}`), name: `#${tag.name}`, all: {href: tag.url, text: t('discover.all')},
		}, there(tracks).map((track) => h(ShelfTrack, {key: track.id, track, list: there(tracks)})))),
		home.people.length > 0 && h(Shelf, {title: t('discover.people'), name: t('discover.people'), class: 'people', key: 'people'},
			home.people.map((user) => h(Newcomer, {user, key: user.id}))),
	];
}

/** The top of the week's chart and of all time, beside each other where there is room. @param {{week: Track[], always: Track[]}} props */
function Charts({week, always}) {
	/** @param {string} period @param {string} title @param {Track[]} list */
	const top = (period, title, list) => list.length > 0 && tags.section({class: 'discover-chart', key: period, 'aria-labelledby': `top-${period}`},
		tags.header({class: 'shelf-head'},
			tags.div({class: 'shelf-names'}, tags.h2({id: `top-${period}`}, title)),
			tags.a({class: 'shelf-all', href: `/charts?period=${period}`}, t('discover.chart'))),
		h(Ranks, {tracks: list.slice(0, 5), label: title}));
	return (week.length || always.length) ? tags.div({class: 'discover-charts'}, top('week', t('charts.week'), week), top('all', t('charts.always'), always)) : null;
}

/** @param {{one: import('../wire.d.ts').Because}} props */
function Because({one: {track, tracks}}) {
	const list = there(tracks.map((one) => one.track));
	return list.length > 0 && h(Shelf, {
		title: rich('discover.because', {title: tags.a({href: track.url}, track.title)}), name: t('discover.because', {title: track.title}),
	}, tracks.map((one) => h(ShelfTrack, {key: one.track.id, track: one.track, list, why: likeness(one)})));
}

/** Somebody who is new here. @param {{user: import('../wire.d.ts').User}} props */
function Newcomer({user: given}) {
	const user = latestPerson(given);
	return user && tags.li({class: 'strip-person'},
		h(Avatar, {user, size: 'medium', class: 'row-face'}),
		tags.a({class: 'person-row-link', href: user.url}, user.name),
		tags.p({class: 'muted small strip-why'}, t('person.tracks', {n: user.tracks})),
		h(FollowButton, {user}));
}

/** Grey shapes in place of shelves that are on their way. @param {{}} _ */
function Ghost(_) {
	return tags.div({'aria-busy': 'true'}, tags.p({class: 'hidden', role: 'status'}, t('loading')),
		[0, 1, 2].map((i) => tags.div({class: 'shelf ghost', key: i, 'aria-hidden': 'true'},
			tags.span({class: 'line long'}),
			tags.div({class: 'shelf-row'}, [0, 1, 2, 3, 4].map((j) => tags.div({class: 'shelf-track', key: j}, tags.span({class: 'artwork'}), tags.span({class: 'line long'}), tags.span({class: 'line'})))))));
}
