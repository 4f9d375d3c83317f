// What a search found: tabs of kinds, filters with how much each leaves, and
// the list. The address holds all of it.

import {classes, h, tags, useEffect} from '../html.js';
import {count} from '../amounts.js';
import {filters, idOf, withFilters} from '../finding.js';
import {t} from '../i18n.js';
import {FollowButton} from '../parts/follow.js';
import {Artwork, Avatar} from '../parts/artwork.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed, More, useList} from '../parts/list.js';
import {Marked} from '../parts/marked.js';
import {summary} from '../parts/playlist-cards.js';
import {useResource} from '../parts/resource.js';
import {openSearch} from '../parts/search-open.js';
import {RowsGhost, TrackRow} from '../parts/track-row.js';
import {latestPerson, learnPerson} from '../people.js';
import {toggle} from '../player.js';
import {latestPlaylist, learnPlaylist} from '../playlists.js';
import {Heading, rewrite, route, useRemembered} from '../router.js';
import {style} from '../style.js';
import {latest, learn} from '../tracks.js';
import '../texts.js';

await style('finding');

/** @typedef {import('../wire.d.ts').Hit} Hit */
/** @typedef {import('../wire.d.ts').Found} Found */
/** @typedef {Hit & {id: string}} Row */

/** @param {import('../router.js').PageProps} _ */
export default function Search(_) {
	const {query} = route.value;
	const asked = (query.get('q') ?? '').trim();
	useEffect(() => {
		const field = document.querySelector('.seek input');
		if (!(field instanceof HTMLInputElement)) return undefined;
		if (field !== document.activeElement) field.value = asked;
		return () => {
			if (field !== document.activeElement) field.value = '';
		};
	}, [asked]);
	return tags.div({class: 'finds'},
		tags.header({class: 'page-head'}, h(Heading, {}, asked ? t('search.title', {text: asked}) : t('search.label'))),
		asked ? h(Results, {query}) : h(Nothing, {}));
}

/** Before anything is searched for. @param {{}} _ */
function Nothing(_) {
	return [
		h(Empty, {icon: 'search', text: t('search.hint')},
			tags.button({type: 'button', class: 'button main', onClick: openSearch}, t('search.begin'))),
		h(PopularTags, {}),
	];
}

/** @param {{}} _ */
function PopularTags(_) {
	const {data} = useResource('/api/tags?limit=20', (answer) => /** @type {import('../wire.d.ts').Tag[]} */ (answer.items));
	return data?.length ? tags.section({class: 'finds-tags'}, tags.h2(t('discover.tags')),
		tags.ul({class: 'chips'}, data.map(({name, url}) => tags.li({key: name}, tags.a({class: 'chip tag', href: url}, icon('hash'), name))))) : null;
}

/** What the address asks for, of the filters that are known. @param {URLSearchParams} query */
const set = (query) => filters.filter((name) => query.get(name));

/** @param {Record<string, string>} changed */
const turn = (changed) => rewrite(withFilters('/search', route.peek().query, changed));

/** @param {{query: URLSearchParams}} props */
function Results({query}) {
	const path = withFilters('/api/search', query);
	// The numbers stay while the next list is on its way.
	const sums = useRemembered('sums', () => /** @type {Found | null} */ (null));
	return [
		h(Kinds, {query, counts: sums.value?.counts}),
		h(Filters, {query, facets: sums.value?.facets}),
		sums.value?.building !== undefined && tags.p({class: 'banner finds-note', role: 'status'}, icon('info'), t('search.building', {percent: Math.round(100 * sums.value.building)})),
		h(Rows, {path, key: path, query, onPage: (found) => {
			const {facets = sums.peek()?.facets} = found;
			sums.value = {...found, facets, items: []};
		}}),
	];
}

/** The kinds, and which of the counts each has. */
const kinds = /** @type {const} */ ([['', 'search.kind_all'], ['track', 'search.kind_track'], ['user', 'search.kind_user'], ['playlist', 'search.kind_playlist'], ['tag', 'search.kind_tag']]);

/** @param {{query: URLSearchParams, counts?: import('../wire.d.ts').HitCounts}} props */
function Kinds({query, counts}) {
	const kind = query.get('kind') ?? '';
	const n = counts && {'': counts.tracks + counts.people + counts.playlists + counts.tags, track: counts.tracks, user: counts.people, playlist: counts.playlists, tag: counts.tags};
	return tags.nav({class: 'page-tabs', 'aria-label': t('search.kinds')}, kinds.map(([name, text]) => tags.a({
		key: name, href: withFilters('/search', query, {kind: name}), 'aria-current': kind === name ? 'page' : undefined,
		onClick: (event) => {
			if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
			event.preventDefault();
			turn({kind: name});
		},
	}, t(text), n && tags.span({class: 'finds-n'}, counts?.more && n[name] ? t('search.at_least', {n: n[name]}) : count(n[name])))));
}

const durations = {short: 'search.short', medium: 'search.medium', long: 'search.long', very_long: 'search.very_long'};
const dates = {week: 'search.week', month: 'search.month', year: 'search.year', older: 'search.older'};

/** What only tracks have. @param {{query: URLSearchParams, facets?: import('../wire.d.ts').Facets}} props */
function Filters({query, facets}) {
	const kind = query.get('kind');
	const on = set(query).filter((name) => name !== 'kind');
	if (kind && kind !== 'track' && !on.length) return null;
	if (!facets && !on.length) return tags.div({class: 'finds-filters'});
	const tag = query.get('tag') ?? '';
	const offered = (facets?.tags ?? []).filter(({name}) => name !== tag).slice(0, 8);
	const some = facets && (facets.durations.some(({n}) => n) || facets.tags.length > 0);
	if (!some && !on.length) return null;
	const free = query.get('downloadable') === 'true';
	return tags.div({class: 'finds-filters', role: 'group', 'aria-label': t('search.filters')},
		h(Select, {name: 'duration', label: t('search.duration'), any: t('search.any_length'), texts: durations, facets: facets?.durations, query}),
		h(Select, {name: 'date', label: t('search.date'), any: t('search.any_date'), texts: dates, facets: facets?.dates, query}),
		tags.button({
			type: 'button', class: classes('chip pill', free && 'on'), 'aria-pressed': free, onClick: () => turn({downloadable: free ? '' : 'true'}),
		}, icon('download'), t('search.free'), facets && tags.span({class: 'finds-n'}, count(facets.downloadable))),
		tag && tags.button({type: 'button', class: 'chip pill on', 'aria-pressed': true, onClick: () => turn({tag: ''})}, icon('hash'), tag, icon('close')),
		offered.map(({name, n}) => tags.button({type: 'button', class: 'chip pill', key: name, 'aria-pressed': false, onClick: () => turn({tag: name})},
			icon('hash'), name, tags.span({class: 'finds-n'}, count(n)))),
		on.length > 0 && tags.button({type: 'button', class: 'text', onClick: () => turn(Object.fromEntries(on.map((name) => [name, ''])))}, t('search.clear')));
}

/**
 * @param {{name: 'duration' | 'date', label: string, any: string, texts: Record<string, string>, facets?: import('../wire.d.ts').Facet[], query: URLSearchParams}} props
 */
function Select({name, label, any, texts, facets, query}) {
	const value = query.get(name) ?? '';
	/** @param {string} one */
	const n = (one) => facets?.find((facet) => facet.name === one)?.n ?? 0;
	return tags.select({
		class: classes('pill', value && 'on'), 'aria-label': label, value,
		onChange: (event) => turn({[name]: event.currentTarget.value}),
	},
		tags.option({value: ''}, any),
		Object.entries(texts).map(([one, text]) => tags.option({value: one, key: one, selected: one === value}, facets && !value ? t('search.with_n', {text: t(text), n: n(one)}) : t(text))));
}

/** @param {Hit} hit @returns {Row} */
function learned(hit) {
	if (hit.track) learn(hit.track);
	if (hit.user) learnPerson(hit.user);
	if (hit.playlist) learnPlaylist(hit.playlist);
	return {...hit, id: idOf(hit)};
}

/** @param {{path: string, query: URLSearchParams, onPage: (found: Found) => void}} props */
function Rows({path, query, onPage}) {
	const {list, items, retry} = useList(path, (/** @type {Row} */ row) => row, (found) => {
		onPage(found);
		return found.items.map(learned);
	});
	const {state, error} = list.value;
	if (!items.length) {
		return state === 'loading' ? h(RowsGhost, {}) : error ? h(Failed, {error, onRetry: retry}) : h(None, {query});
	}
	// What is played goes on with the tracks that were found.
	const tracks = items.flatMap(({track}) => (track && latest(track) ? [track] : []));
	return [
		tags.ul({class: 'rows finds-rows', 'aria-label': t('search.results')}, items.map((hit) => h(Line, {key: hit.id, hit, tracks}))),
		h(More, {list: list.value, onMore: retry}),
	];
}

/** @param {{hit: Row, tracks: import('../wire.d.ts').Track[]}} props */
function Line({hit, tracks}) {
	const name = h(Marked, {hit});
	if (hit.track) {
		const track = latest(hit.track);
		return track && tags.li({class: 'track-row'}, h(TrackRow, {track, name: track.title === hit.track.title ? name : track.title, onPlay: () => toggle(track, tracks)}));
	}
	if (hit.user) {
		const user = latestPerson(hit.user);
		return user && h(Other, {
			href: user.url, sign: h(Avatar, {user, class: 'row-face'}), name, facts: t('search.person', {username: user.username, n: user.followers}),
			beside: h(FollowButton, {user, class: 'tiny'}),
		});
	}
	if (hit.playlist) {
		const list = latestPlaylist(hit.playlist);
		return list && h(Other, {
			href: list.url, sign: h(Artwork, {track: list, size: 'small'}), name, facts: t('search.two', {a: summary(list), b: list.user.name}),
		});
	}
	return hit.tag ? h(Other, {href: hit.tag.url, sign: icon('hash'), name, facts: t('tag.tracks', {n: hit.tag.tracks})}) : null;
}

/**
 * A row of anything but a track.
 * @param {{href: string, sign: import('../html.js').Child, name: import('../html.js').Child, facts: string, beside?: import('../html.js').Child}} props
 */
function Other({href, sign, name, facts, beside}) {
	return tags.li({class: 'track-row find-row'},
		tags.span({class: 'find-sign', 'aria-hidden': 'true'}, sign),
		tags.div({class: 'player-names row-names'}, tags.a({class: 'player-title person-row-link', href}, name), tags.span({class: 'player-by'}, facts)),
		beside);
}

/** Nothing was found: what may help. @param {{query: URLSearchParams}} props */
function None({query}) {
	const narrowed = set(query);
	return h(Empty, {icon: 'search', text: [
		tags.p(t('search.none', {text: query.get('q') ?? ''})),
		tags.p({class: 'muted small finds-advice'}, narrowed.length ? t('search.advice_filters') : t('search.advice')),
	]},
		narrowed.length
			? tags.button({type: 'button', class: 'button main', onClick: () => turn(Object.fromEntries(narrowed.map((name) => [name, ''])))}, t('search.clear'))
			: tags.a({class: 'button main', href: '/discover'}, t('search.discover')));
}
