// The own tracks, to look through and to change many at once.

import {classes, h, tags, useEffect, useRef} from '../html.js';
import {date, short, time} from '../format.js';
import {t} from '../i18n.js';
import {playing, toggle} from '../player.js';
import {Artwork} from '../parts/artwork.js';
import {BatchBar} from '../parts/batch-edit.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed, More, useTracks} from '../parts/list.js';
import {Menu} from '../parts/menu.js';
import {signs} from '../parts/reach.js';
import {useSelection} from '../parts/selecting.js';
import {isCurrent} from '../parts/track-card.js';
import {RowsGhost} from '../parts/track-row.js';
import {Heading, Link, rewrite, route} from '../router.js';
import {style} from '../style.js';
import {latest} from '../tracks.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */

const {a, button, div, form, header, input, label, li, nav, ol, span} = tags;

await Promise.all([style('batch'), style('people')]);

const filters = ['all', 'draft', 'public', 'followers', 'link', 'private'];
const most = 500;

/** @param {string} of @param {string} q */
const here = (of, q) => {
	const query = new URLSearchParams({...of !== 'all' && {of}, ...q && {q}});
	return `/you/tracks${query.size ? `?${query}` : ''}`;
};

/** @param {Track} track @param {string} of */
const fits = (track, of) => of === 'all' || (of === 'draft' ? Boolean(track.draft) : track.visibility === of);

/** @param {import('../router.js').PageProps} _ */
export default function Tracks(_) {
	const {query} = route.value, of = filters.find((one) => one === query.get('of')) ?? 'all', q = query.get('q') ?? '';
	const timer = useRef(0);
	useEffect(() => () => clearTimeout(timer.current), []);
	/** @param {string} text @param {number} ms */
	const seek = (text, ms) => {
		clearTimeout(timer.current);
		timer.current = setTimeout(() => rewrite(here(of, text.trim())), ms);
	};
	return div({class: 'my-tracks'},
		header({class: 'page-head with-tool'}, h(Heading, {}, t('mine.title')), h(Link, {href: '/upload', class: 'button'}, icon('upload'), t('stream.upload'))),
		form({
			class: 'mine-seek', role: 'search', onSubmit: (event) => {
				event.preventDefault();
				const field = event.currentTarget.elements.namedItem('q');
				if (field instanceof HTMLInputElement) seek(field.value, 0);
			},
		}, label({class: 'hidden', htmlFor: 'mine-q'}, t('mine.seek')), icon('search'),
		input({id: 'mine-q', name: 'q', type: 'search', defaultValue: q, placeholder: t('mine.seek'), maxLength: 100, autocomplete: 'off', onInput: (event) => seek(event.currentTarget.value, 300)})),
		nav({class: 'page-tabs', 'aria-label': t('mine.which')}, filters.map((one) => a({
			key: one, href: here(one, q), 'aria-current': one === of ? 'page' : undefined,
			onClick: (event) => {
				if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
				event.preventDefault();
				rewrite(here(one, q));
			},
		}, t(`mine.of_${one}`)))),
		h(List, {of, q, key: `${of} ${q}`}));
}

/** @param {{of: string, q: string}} props */
function List({of, q}) {
	const {list, items, more, retry} = useTracks(`/api/me/tracks?${new URLSearchParams({of, q})}`);
	const tracks = items.flatMap((one) => latest(one) ?? []).filter((one) => fits(one, of));
	const {there, set, box} = useSelection(tracks.map(({id}) => id));
	const {state, error} = list.value;
	if (!tracks.length) {
		if (error) return h(Failed, {error, onRetry: retry});
		if (state !== 'ready') return h(RowsGhost, {});
		if (list.value.next) return h(More, {list: list.value, onMore: retry});
		return h(Empty, {text: q ? t('mine.none_found', {q}) : of === 'all' ? t('mine.none') : t(`mine.none_${of === 'draft' ? 'draft' : 'such'}`)},
			of === 'all' && !q && a({class: 'button main', href: '/upload'}, icon('upload'), t('stream.upload')));
	}
	/** Those further down, too, as many as may be changed at once. */
	async function chooseAll() {
		let all = tracks;
		for (let before = -1; list.peek().next && all.length < most && before !== list.peek().items.length;) {
			before = list.peek().items.length;
			all = (await more().catch(() => list.peek().items)).flatMap((one) => latest(one) ?? []).filter((one) => fits(one, of));
		}
		set(all.slice(0, most).map(({id}) => id));
	}
	const chosen = tracks.filter(({id}) => there.has(id)).slice(0, most);
	return [
		div({class: 'mine-head', key: 'head'},
			h(All, {some: chosen.length > 0, all: chosen.length === most || chosen.length === tracks.length && !list.value.next, onAll: () => void chooseAll(), onNone: () => set([])}),
			span({class: 'mine-col title', 'aria-hidden': 'true'}, t('edit.title')), span({class: 'mine-col', 'aria-hidden': 'true'}, t('mine.sight')),
			span({class: 'mine-col n', 'aria-hidden': 'true'}, t('mine.plays')), span({class: 'mine-col n', 'aria-hidden': 'true'}, t('mine.length')), span({class: 'mine-col n', 'aria-hidden': 'true'}, t('mine.added'))),
		ol({class: 'mine-list', key: 'list', 'aria-label': t('mine.title')}, tracks.map((track) => h(Row, {key: track.id, track, tracks, on: there.has(track.id), box: box(track.id, track.title)}))),
		h(More, {key: 'more', list: list.value, onMore: retry}),
		chosen.length > 0 && h(BatchBar, {key: 'bar', tracks: chosen, all: list.value.next ? most : Math.min(most, tracks.length), onAll: () => void chooseAll(), onNone: () => set([])}),
	];
}

/** The box that chooses all. @param {{some: boolean, all: boolean, onAll: () => void, onNone: () => void}} props */
function All({some, all, onAll, onNone}) {
	const box = useRef(/** @type {HTMLInputElement | null} */ (null));
	useEffect(() => {
		if (box.current) box.current.indeterminate = some && !all;
	});
	return label({class: 'pick-box'}, input({ref: box, type: 'checkbox', 'aria-label': t('batch.all'), checked: some && all, onClick: () => (some && all ? onNone() : onAll())}));
}

/** @param {{track: Track, tracks: readonly Track[], on: boolean, box: import('../html.js').Child}} props */
function Row({track, tracks, on, box}) {
	const sounds = isCurrent(track) && playing.value;
	return li({class: classes('mine-row', on && 'on')},
		box,
		button({type: 'button', class: 'row-play', 'aria-label': sounds ? t('track.pause', {title: track.title}) : t('track.play', {title: track.title}), onClick: () => toggle(track, tracks)},
			h(Artwork, {track, size: 'small'}), span({class: classes('row-sign', isCurrent(track) && 'on')}, icon(sounds ? 'pause' : 'play'))),
		div({class: 'player-names row-names'},
			h(Link, {href: track.url, class: 'player-title'}, track.title),
			span({class: 'player-by'}, [track.artist, track.album, track.tags.length && track.tags.map((tag) => `#${tag}`).join(' ')].filter(Boolean).join(' · ') || track.user.name)),
		span({class: 'mine-sight'}, span({class: classes('chip', track.visibility === 'public' && 'ok')}, icon(track.release ? 'clock' : track.draft ? 'edit' : signs[track.visibility]),
			track.release ? t('reach.on', {date: date(track.release.at)}) : track.draft ? t('mine.draft') : t(`mine.is_${track.visibility}`))),
		span({class: 'mine-n plays'}, span({class: 'hidden'}, t('mine.plays'), ' '), short(track.counts.plays)),
		span({class: 'mine-n'}, time(track.duration_ms)),
		span({class: 'mine-n added'}, date(track.created)),
		h(Menu, {label: t('track.menu', {title: track.title}), items: async () => (await import('../parts/track-actions.js')).actions(track)}));
}
