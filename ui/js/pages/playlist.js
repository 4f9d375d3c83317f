// A playlist or an album: what it is, and its tracks in their order.

import {classes, h, signal, tags, useEffect, useRef, useSignal} from '../html.js';
import {api, errorText} from '../api.js';
import {date, short} from '../format.js';
import {t} from '../i18n.js';
import {Artwork, Avatar, useTint} from '../parts/artwork.js';
import {focusBeside} from '../parts/beside.js';
import {HeroTitle} from '../parts/hero-title.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed, More, Skeleton, useTracks} from '../parts/list.js';
import {Menu} from '../parts/menu.js';
import {AddTracks, Others} from '../parts/playlist-add.js';
import {summary} from '../parts/playlist-cards.js';
import {Prose} from '../parts/prose.js';
import {useResource} from '../parts/resource.js';
import {toast} from '../parts/toast.js';
import {TrackRow} from '../parts/track-row.js';
import {Reach, TagLink, isCurrent} from '../parts/track-card.js';
import {expectAlbum, playFrom, playing, queue, toggle} from '../player.js';
import {latestPlaylist, learnPlaylist, likePlaylist, playlistAt} from '../playlists.js';
import {Link, navigate} from '../router.js';
import {me} from '../state.js';
import {latest, learn} from '../tracks.js';
import {MembersOnly} from './gate.js';
import NotFound from './not-found.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Playlist} Playlist */
/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../parts/list.js').Listed<Track>} Tracks */

const {article, button, div, header, li, ol, p, section, span} = tags;

/** @param {import('../router.js').PageProps} props */
export default function PlaylistPage({params}) {
	const path = `/${params.username}/playlists/${params.slug}`;
	const {data, error, retry} = useResource(`/api/resolve?path=${encodeURIComponent(path)}`, (answer) => {
		if (answer.playlist) learnPlaylist(answer.playlist);
		return answer;
	}, () => {
		const playlist = playlistAt(path);
		return playlist && {playlist};
	});
	const given = /** @type {Playlist | undefined} */ (data?.playlist);
	useEffect(() => {
		if (data?.moved) void navigate(data.moved + location.search, {replace: true});
	}, [data]);
	const {status} = /** @type {any} */ (error) ?? {};
	if (error) return status === 404 ? h(NotFound, {params}) : status === 401 ? h(MembersOnly, {}) : h(Failed, {error, onRetry: retry});
	if (data && !given) return h(NotFound, {params});
	if (!given) return div({class: 'waiting'}, h(Skeleton, {n: 2}));
	const playlist = latestPlaylist(given);
	return playlist ? h(Shown, {playlist}) : h(NotFound, {params});
}

/** @param {{playlist: Playlist}} props */
function Shown({playlist}) {
	const style = useTint(playlist);
	const {list, items, more, retry} = useTracks(`/api/playlists/${playlist.id}/tracks`);
	const {state, error} = list.value;
	useEffect(() => {
		if (playlist.kind === 'album') expectAlbum();
	}, [playlist.kind]);
	const heard = items.some(isCurrent);
	const on = heard && playing.value;
	/** Whether what is lined up is this list, and not one of its tracks that was heard elsewhere. */
	const lined = () => heard && (items.length < 2 || items.filter(({id}) => queue.peek().some((one) => one.id === id)).length > 1);
	/** @param {'sharePlaylist' | 'editPlaylist' | 'removePlaylist'} what */
	const act = async (what) => (await import('../parts/playlist-actions.js'))[what](playlist);
	const own = playlist.can.edit;

	return article({class: 'playlist-page tinted', style},
		header({class: 'hero'},
			div({class: 'hero-art'}, h(Cover, {playlist, items})),
			div({class: 'hero-head'},
				p({class: 'hero-by'},
					h(Link, {href: playlist.user.url, class: 'person'}, h(Avatar, {user: playlist.user}), span(playlist.user.name)),
					tags.time({dateTime: playlist.updated, class: 'muted'}, t('playlist.updated', {date: date(playlist.updated)}))),
				h(HeroTitle, {text: playlist.title, title: `${playlist.title} · ${playlist.user.name}`}),
				playlist.by_link && p(span({class: 'chip'}, icon('link'), t('link.banner', {name: playlist.user.name}))),
				p({class: 'muted list-sum'}, h(Reach, {thing: playlist}), span([summary(playlist), years(items)].filter(Boolean).join(' · '))),
				div({class: 'hero-tools'},
					items.length > 0 && button({
						type: 'button', class: 'play big', 'aria-label': on ? t('track.pause', {title: playlist.title}) : t('playlist.play', {title: playlist.title}),
						onClick: () => (on || lined() ? toggle() : playFrom(items, 0, 0, more)),
					}, icon(on ? 'pause' : 'play')),
					items.length > 1 && button({
						type: 'button', class: 'button slim', onClick: async () => {
							(await import('../lineup.js')).setShuffled(true);
							playFrom(items, Math.floor(Math.random() * items.length), 0, more);
						},
					}, icon('shuffle'), span(t('playlist.shuffle'))),
					!playlist.by_link && button({
						type: 'button', class: classes('button react', playlist.liked && 'on'), 'aria-pressed': playlist.liked, title: t('like.do', {title: playlist.title}),
						onClick: () => likePlaylist(playlist),
					}, icon(playlist.liked ? 'heart-on' : 'heart'), span({class: 'hidden'}, t('like.do', {title: playlist.title})), playlist.likes > 0 && span(short(playlist.likes))),
					!playlist.by_link && button({type: 'button', class: 'button slim', onClick: () => void act('sharePlaylist')}, icon('link'), span(t('track.share'))),
					own && button({type: 'button', class: 'button slim', onClick: () => void act('editPlaylist')}, icon('edit'), span(t('track.edit'))),
					!playlist.by_link && (playlist.can.delete || Boolean(me.value)) && h(Menu, {
						label: t('track.menu', {title: playlist.title}), class: 'button only',
						items: async () => [
							...(await import('../parts/keep.js')).playlistItems(playlist),
							Boolean(me.peek()) && playlist.visibility === 'public' && {
								label: t('send.do'), icon: 'send', onPick: () => void import('../parts/send-to.js').then(({sendTo}) => sendTo({playlist})),
							},
							{label: t('track.share'), icon: 'link', onPick: () => void act('sharePlaylist')},
							own && {label: t('links.title'), icon: 'lock', onPick: () => void import('../parts/links.js').then(({showLinks}) => showLinks({playlist}))},
							own && {label: t('track.edit'), icon: 'edit', onPick: () => void act('editPlaylist')},
							!own && Boolean(me.peek()) && {
								label: t('comments.report'), icon: 'flag',
								onPick: () => void import('../parts/report.js').then(({report}) => report({kind: 'playlist', id: playlist.id, name: playlist.title})),
							},
							playlist.can.delete && {label: t('track.delete'), icon: 'trash', danger: true, onPick: () => void act('removePlaylist')},
						],
					})),
				playlist.description && h(Prose, {text: playlist.description}),
				playlist.tags.length > 0 && tags.ul({class: 'chips', 'aria-label': t('track.tags')},
					playlist.tags.map((tag) => li({key: tag}, h(TagLink, {tag})))))),
		section({'aria-label': t('playlist.tracks', {title: playlist.title})},
			state === 'loading' && !items.length ? h(Skeleton, {n: 3})
				: !items.length && error ? h(Failed, {error, onRetry: retry})
					: !items.length ? h(Empty, {icon: 'playlist', text: own ? t('playlist.empty_own') : t('playlist.empty')},
						tags.a({class: 'button', href: '/'}, t('playlist.find')))
						: [h(Rows, {playlist, list, items, more}), h(More, {list: list.value, onMore: retry})]),
		own && state === 'ready' && !error && h(AddTracks, {
			playlist, has: items, open: !items.length,
			// What comes after the last page that was loaded comes with the next one.
			onAdd: (track) => !list.peek().next && (list.value = {...list.peek(), items: [...list.peek().items, track]}),
		}),
		!playlist.by_link && h(Others, {playlist, key: playlist.id}));
}

/**
 * Its own picture, or those of four of its tracks; an album has that of its first.
 * @param {{playlist: Playlist, items: readonly Track[]}} props
 */
function Cover({playlist, items}) {
	const seen = new Set();
	const four = playlist.own_picture || playlist.kind === 'album' ? [] : items.filter(({picture, colour}) => {
		const key = picture && (colour || picture.small);
		return key && !seen.has(key) && seen.add(key);
	}).slice(0, 4);
	return four.length < 4 ? h(Artwork, {track: playlist, size: 'large', eager: true})
		: div({class: 'mosaic'}, four.map((track) => h(Artwork, {key: track.id, track, size: 'medium', eager: true})));
}

/** The years that the tracks are of, on one line. @param {readonly Track[]} tracks */
function years(tracks) {
	const all = tracks.map(({year}) => year ?? 0).filter(Boolean);
	if (!all.length) return '';
	const from = Math.min(...all), to = Math.max(...all);
	return from === to ? String(from) : `${from}\u2060–\u2060${to}`;
}

/**
 * A track that is being moved: where it stood, where it would stand, and for
 * a drag how far it was pulled and how high a row is.
 */
const held = signal(/** @type {{id: string, from: number, to: number, by: number, high: number, keys: boolean} | null} */ (null));

/**
 * The tracks; their owner moves and removes them.
 * @param {{playlist: Playlist, list: import('../html.js').Signal<Tracks>, items: Track[], more: () => Promise<Track[]>}} props
 */
function Rows({playlist, list, items, more}) {
	const own = playlist.can.edit;
	const told = useSignal('');
	/**
	 * Changes go to the server one after the other; sure is what stood there
	 * before those that wait.
	 */
	const line = useRef({end: Promise.resolve(), waiting: 0, refused: false, sure: items});

	/** @param {Track[]} now */
	const show = (now) => {
		list.value = {...list.peek(), items: now};
	};
	/** The list as the server has it, as far as it was loaded. */
	const anew = async () => {
		/** @type {Tracks['items']} */
		const all = [];
		/** @type {string | undefined} */
		let next;
		do {
			const page = await api.get(`/api/playlists/${playlist.id}/tracks`, {limit: 50, cursor: next});
			all.push(...page.items.map(learn));
			next = page.next || undefined;
		} while (next && all.length < list.peek().items.length);
		list.value = {items: all, next, state: 'ready', error: null};
	};
	/**
	 * @param {() => Promise<Playlist>} send @param {Track[]} before what was shown until now
	 */
	const change = (send, before) => {
		const now = line.current;
		if (now.waiting++ === 0) Object.assign(now, {refused: false, sure: before});
		now.end = now.end.then(async () => {
			try {
				learnPlaylist(await send());
			} catch (error) {
				now.refused = true;
				toast(errorText(error), {kind: 'error'});
			}
			// What others of these changes did stays done.
			if (--now.waiting === 0 && now.refused) await anew().catch(() => show(now.sure));
		});
		return now.end;
	};
	/** @param {number} from @param {number} to */
	const move = async (from, to) => {
		const before = list.peek().items.filter(latest);
		const track = before[from];
		if (!track || from === to || to < 0 || to >= before.length) return;
		const now = before.toSpliced(from, 1).toSpliced(to, 0, track);
		show(now);
		told.value = t('playlist.moved', {title: track.title, place: to + 1, n: Math.max(playlist.tracks, now.length)});
		// Behind the last one that is loaded comes the next page's first.
		const behind = now[to + 1] || !list.peek().next ? Promise.resolve(now) : more();
		behind.catch(() => {}); // Then the move fails too.
		await change(async () => api.put(`/api/playlists/${playlist.id}/tracks/${track.id}`, {before: (await behind)[to + 1]?.id}), before);
	};
	/** @param {Track} track */
	const remove = (track) => {
		const before = list.peek().items;
		const at = before.findIndex(({id}) => id === track.id);
		const path = `/api/playlists/${playlist.id}/tracks/${track.id}`;
		const moveOn = focusBeside();
		show(before.toSpliced(at, 1));
		moveOn();
		void change(() => api.del(path), before);
		const undo = () => {
			const now = list.peek().items;
			const next = before.slice(at + 1).find(({id}) => now.some((one) => one.id === id));
			const place = next ? now.findIndex(({id}) => id === next.id) : now.length;
			show(now.toSpliced(place, 0, track));
			void change(() => api.put(path, {before: next?.id}), now);
		};
		toast(t('playlist.removed', {title: track.title}), {action: {label: t('undo'), run: undo}});
	};

	return [
		p({class: 'hidden', role: 'status', key: 'told'}, told.value),
		own && items.length > 1 && p({class: 'hidden', id: 'grip-help', key: 'help'}, t('playlist.grip_help')),
		ol({class: 'rows', key: 'rows'}, items.map((track, i) => h(Row, {
			key: track.id, track: latest(track) ?? track, i, n: items.length, own,
			onPlay: () => (isCurrent(track) ? toggle() : playFrom(items, i, 0, more)),
			onMove: move, onRemove: remove, tell: (text) => (told.value = text),
		}))),
	];
}

/**
 * @param {{
 *   track: Track, i: number, n: number, own: boolean, onPlay: () => void,
 *   onMove: (from: number, to: number) => void, onRemove: (track: Track) => void, tell: (text: string) => void,
 * }} props
 */
function Row({track, i, n, own, onPlay, onMove, onRemove, tell}) {
	const element = useRef(/** @type {HTMLLIElement | null} */ (null));
	const grip = useRef(/** @type {HTMLButtonElement | null} */ (null));
	const now = held.value;
	const mine = now?.id === track.id;

	/** @param {PointerEvent} event */
	function grab(event) {
		if (event.button !== 0 || !element.current) return;
		event.preventDefault();
		const high = element.current.getBoundingClientRect().height;
		const fromY = event.clientY, fromScroll = scrollY;
		const end = new AbortController();
		let y = fromY, frame = 0;
		const follow = () => {
			const by = y - fromY + scrollY - fromScroll;
			held.value = {id: track.id, from: i, by, high, to: Math.min(n - 1, Math.max(0, i + Math.round(by / high))), keys: false};
		};
		// Near the edges of the screen the page goes along.
		const pull = () => {
			if (y < 90) scrollBy(0, -9);
			else if (y > innerHeight - 150) scrollBy(0, 9);
			follow();
			frame = requestAnimationFrame(pull);
		};
		const drop = (/** @type {boolean} */ keep) => {
			end.abort();
			cancelAnimationFrame(frame);
			const last = held.peek();
			held.value = null;
			if (keep && last) onMove(last.from, last.to);
		};
		const {signal: until} = end;
		addEventListener('pointermove', (move) => {
			y = move.clientY;
		}, {signal: until});
		addEventListener('pointerup', () => drop(true), {signal: until});
		addEventListener('pointercancel', () => drop(false), {signal: until});
		addEventListener('keydown', (key) => key.key === 'Escape' && drop(false), {signal: until});
		frame = requestAnimationFrame(pull);
	}

	/** @param {KeyboardEvent} event */
	function onKeyDown(event) {
		const taken = held.peek();
		const by = {ArrowUp: -1, ArrowDown: 1}[event.key];
		if (event.key === ' ' || event.key === 'Enter') {
			event.preventDefault();
			if (taken) {
				held.value = null;
				onMove(taken.from, taken.to);
			} else {
				held.value = {id: track.id, from: i, to: i, by: 0, high: element.current?.getBoundingClientRect().height ?? 0, keys: true};
				tell(t('playlist.taken', {title: track.title, place: i + 1, n}));
			}
		} else if (taken && event.key === 'Escape') {
			held.value = null;
			tell(t('playlist.put_back', {title: track.title, place: i + 1}));
		} else if (taken && by) {
			const to = Math.min(n - 1, Math.max(0, taken.to + by));
			held.value = {...taken, to, by: (to - i) * taken.high};
			tell(t('playlist.at', {title: track.title, place: to + 1, n}));
			requestAnimationFrame(() => element.current?.scrollIntoView({block: 'nearest'}));
			event.preventDefault();
		} else return;
		event.stopPropagation();
	}

	let shift = 0;
	if (now) {
		if (mine) shift = now.by;
		else if (i > now.from && i <= now.to) shift = -now.high;
		else if (i < now.from && i >= now.to) shift = now.high;
	}
	return li({
		ref: element, class: classes('track-row', isCurrent(track) && 'now', now && 'moving', mine && 'held', mine && now?.keys && 'by-keys'),
		style: {transform: shift ? `translateY(${shift}px)` : ''},
	},
		own && n > 1 ? button({
			ref: grip, type: 'button', class: 'row-grip', 'aria-label': t('playlist.grip', {title: track.title}), 'aria-describedby': 'grip-help', 'aria-pressed': mine,
			onPointerDown: grab, onKeyDown, onBlur: () => held.peek()?.keys && (held.value = null),
		}, span(), span(), span()) : span({class: 'row-n', 'aria-hidden': 'true'}, i + 1),
		h(TrackRow, {
			track, onPlay,
			more: own ? [
				i > 0 && {label: t('playlist.up'), icon: 'up', onPick: () => onMove(i, i - 1)},
				i < n - 1 && {label: t('playlist.down'), icon: 'down', onPick: () => onMove(i, i + 1)},
				{label: t('playlist.remove'), icon: 'close', onPick: () => onRemove(track)},
			] : [],
		}));
}
