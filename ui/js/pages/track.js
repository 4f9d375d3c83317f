// A track: its artwork gives the page its colour, its waveform the shape.

import {h, tags, useEffect, useRef, useState} from '../html.js';
import {api} from '../api.js';
import {speaks, takeWanted, useTalk} from '../comments.js';
import {date, time} from '../format.js';
import {t} from '../i18n.js';
import {addShortcut} from '../keys.js';
import {Artwork, Avatar, useTint} from '../parts/artwork.js';
import {Comments} from '../parts/comments.js';
import {Lane} from '../parts/comments-lane.js';
import {Crowd} from '../parts/crowd.js';
import {Details} from '../parts/details.js';
import {HeroTitle} from '../parts/hero-title.js';
import {icon} from '../parts/icon.js';
import {Failed, Skeleton, useTracks} from '../parts/list.js';
import {Prose} from '../parts/prose.js';
import {useResource} from '../parts/resource.js';
import {PlayButton, Reactions, TagLink, TrackCards, TrackMenu, isCurrent} from '../parts/track-card.js';
import {HeroArt, OwnerTools} from '../parts/track-tools.js';
import {Waveform} from '../parts/waveform.js';
import {personAt} from '../people.js';
import {play, playFrom, playing, position, seek} from '../player.js';
import {Link, navigate, route} from '../router.js';
import {me} from '../state.js';
import {style as load} from '../style.js';
import {latest, learn, seenAt, useFreshWaveform} from '../tracks.js';
import {MembersOnly} from './gate.js';
import NotFound from './not-found.js';
import '../texts.js';

await load('comments');

/** @typedef {import('../wire.d.ts').Track} Track */

/** @param {import('../router.js').PageProps} props */
export default function TrackPage({params}) {
	const path = `/${params.username}/${params.slug}`;
	const {data, error, retry} = useResource(`/api/resolve?path=${encodeURIComponent(path)}`, (answer) => {
		if (answer.track) learn(answer.track);
		return answer;
	}, () => {
		const track = seenAt(path);
		return track && {track};
	});
	const given = /** @type {Track | undefined} */ (data?.track);
	useEffect(() => {
		if (data?.moved) void navigate(data.moved + location.search, {replace: true});
	}, [data]);
	const {status} = /** @type {any} */ (error) ?? {};
	if (error) return status === 404 ? h(NotFound, {params}) : status === 401 ? h(MembersOnly, {}) : h(Failed, {error, onRetry: retry});
	if (data && !given) return h(NotFound, {params});
	if (!given) return tags.div({class: 'waiting'}, h(Skeleton, {n: 1}));
	const track = latest(given);
	return !track ? h(NotFound, {params}) : track.stream.file ? h(Shown, {track}) : h(Label, {track});
}

/** What a keeper sees of a track that only others may hear: that it is there. @param {{track: Track}} props */
function Label({track}) {
	const style = useTint(track);
	return tags.article({class: 'track-page tinted', style},
		tags.header({class: 'hero'},
			tags.div({class: 'hero-art'}, h(Artwork, {track, size: 'large', eager: true})),
			tags.div({class: 'hero-head'},
				tags.p({class: 'hero-by'},
					h(Link, {href: track.user.url, class: 'person'}, h(Avatar, {user: track.user}), tags.span(track.user.name)),
					tags.time({dateTime: track.created, class: 'muted'}, date(track.created))),
				h(HeroTitle, {text: track.title, title: `${track.title} · ${track.user.name}`}),
				tags.div({class: 'hero-tools'}, h(TrackMenu, {track, class: 'button only'})))),
		tags.div({class: 'track-body'},
			tags.div({class: 'track-text'}, h(Later, {load: note, track})),
			h(Details, {track})));
}

/** @param {{track: Track}} props */
function Shown({track}) {
	const style = useTint(track);
	useFreshWaveform(track);
	const {items} = useTracks(`/api/users/${track.user.id}/tracks`);
	const rest = items.filter((one) => one.id !== track.id).slice(0, 5);
	const talk = useTalk(track);
	const {query, hash} = route.value;
	const pointed = query.get('comment') ?? '';
	const [said, setSaid] = useState(0);
	const asked = Math.min(track.duration_ms, (Number(query.get('t')) || 0) * 1000 || said);
	const heard = isCurrent(track) && playing.value;
	const [begun, setBegun] = useState(false);
	useEffect(() => {
		if (heard) setBegun(true);
	}, [heard]);
	const start = begun || heard ? 0 : asked;

	/** @param {number} ms */
	const playAt = (ms) => (isCurrent(track) ? seek(ms) : playFrom([track, ...rest], 0, ms));
	const begin = () => {
		playAt(start);
		play();
	};
	// A notification leads to one comment, a card to all of them.
	useEffect(() => {
		if (!pointed) return;
		void talk.reveal(pointed).then(async (one) => {
			if (!one) return void (await import('../parts/toast.js')).toast(t('comments.gone_here'), {kind: 'error'});
			if (one.whole) return;
			talk.pinned.value = {said: one, n: 1};
			setSaid(one.position_ms);
		});
	}, [pointed]);
	useEffect(() => {
		if (hash === 'comments') requestAnimationFrame(() => document.getElementById('comments')?.scrollIntoView());
	}, [hash]);
	useEffect(() => {
		const ms = takeWanted(track.id);
		if (ms !== null && speaks(track)) talk.writing.value = ms;
	}, [track.id]);
	const own = track.user.id === me.value?.id;
	const canWrite = speaks(track);
	useEffect(() => {
		if (!canWrite) return;
		return addShortcut({keys: ['c'], text: 'keys.comment', act: () => (talk.writing.value ??= isCurrent(track) ? position.peek() : asked)});
	}, [talk, canWrite, asked]);
	/** @param {'likers' | 'reposters'} which */
	const people = async (which) => (await import('../parts/people-list.js')).showPeople(track, which);

	const [near, setNear] = useState(/** @type {typeof import('../parts/zoom.js') | null} */ (null));
	const far = track.duration_ms > 240_000 && track.waveform === 'ready';
	const zoom = async () => setNear(near ? null : await import('../parts/zoom.js'));

	const share = async () => (await import('../parts/track-actions.js')).share(track);

	return tags.article({class: 'track-page tinted', style},
		tags.header({class: 'hero'},
			h(HeroArt, {track}),
			tags.div({class: 'hero-head'},
				tags.p({class: 'hero-by'},
					h(Link, {href: track.user.url, class: 'person'}, h(Avatar, {user: track.user}), tags.span(track.user.name)),
					(me.value || !track.by_link) && h(Follow, {user: track.user, key: track.user.id}),
					tags.time({dateTime: track.created, class: 'muted'}, date(track.created))),
				h(HeroTitle, {text: track.title, title: `${track.title} · ${track.user.name}`}),
				track.artist && track.artist !== track.user.name && tags.p({class: 'hero-artist'}, track.artist),
				track.by_link && tags.p(tags.span({class: 'chip'}, icon('link'), t('link.banner', {name: track.user.name}))),
				tags.p({class: 'hero-stats'},
					track.counts.plays > 0 && tags.span(t('track.plays_n', {n: track.counts.plays})),
					track.counts.likes > 0 && !track.by_link && tags.button({type: 'button', onClick: () => void people('likers')}, t('track.likes_n', {n: track.counts.likes})),
					track.counts.reposts > 0 && !track.by_link && tags.button({type: 'button', onClick: () => void people('reposters')}, t('track.reposts_n', {n: track.counts.reposts}))),
				tags.div({class: 'hero-tools'},
					start > 0
						? [
							tags.button({type: 'button', class: 'play big', 'aria-label': t('track.play_from', {title: track.title, time: time(start)}), onClick: begin}, icon('play')),
							tags.span({class: 'chip from', 'aria-hidden': 'true'}, t('track.from', {time: time(start)})),
						]
						: h(PlayButton, {track, list: [track, ...rest], class: 'big'}),
					!track.by_link && h(Reactions, {track, class: 'button react'}),
					!track.by_link && tags.button({type: 'button', class: 'button slim', title: t('track.share'), onClick: () => void share()}, icon('link'), tags.span(t('track.share'))),
					track.stream.download && tags.a({class: 'button slim', title: t('track.download'), href: track.stream.download, download: true}, icon('download'), tags.span(t('track.download'))),
					far && tags.button({type: 'button', class: 'button only', 'aria-pressed': Boolean(near), 'aria-label': t('zoom.do'), title: t('zoom.do'), onClick: () => void zoom()}, icon('waves')),
					!track.by_link && h(TrackMenu, {track, class: 'button only'}))),
			far && near && h(near.Zoom, {track, playAt, start, key: track.id}),
			tags.div({class: 'hero-wave'}, h(Waveform, {key: style['--hue'], track, list: [track, ...rest], size: 'hero'}), h(Crowd, {talk, track}),
				own && h(Later, {load: ownHeat, track}),
				own && track.waveform === 'wanted' && h(Later, {load: drawnHere, track}),
				start > 0 && tags.span({class: 'wave-mark', 'aria-hidden': 'true', style: {'--at': String(start / track.duration_ms)}})),
			h(Lane, {talk, track, playAt, asked: start})),
		tags.div({class: 'track-body'},
			tags.div({class: 'track-text'},
				track.can.edit && h(OwnerTools, {track}),
				track.visibility !== 'public' && h(Later, {load: note, track}),
				track.description
					? h(Prose, {text: track.description, length: track.duration_ms, onTime: playAt})
					: track.can.edit && tags.p({class: 'muted'}, t('track.no_description')),
				track.tags.length > 0 && tags.ul({class: 'chips', 'aria-label': t('track.tags')},
					track.tags.map((tag) => tags.li({key: tag}, h(TagLink, {tag}))))),
			h(Comments, {talk, track, playAt}),
			h(Details, {track})),
		!track.by_link && h(Later, {load: inPlaylists, track, key: `lists ${track.id}`}),
		!track.by_link && h(Later, {load: similar, track, key: track.id}),
		rest.length > 0 && tags.section({class: 'others'},
			tags.h2(t('track.others', {name: track.user.name})),
			h(TrackCards, {tracks: rest, more: async () => [], by: false})));
}

const ownHeat = async () => (await import('../parts/heat.js')).OwnHeat;
const drawnHere = async () => (await import('../parts/drawn-here.js')).OwnDrawing;
const note = async () => (await import('../parts/reach.js')).ReachNote;
const inPlaylists = async () => (await import('../parts/in-playlists.js')).InPlaylists;
const similar = async () => (await import('../parts/similar.js')).SimilarTracks;

/**
 * What is fetched when its place comes near the screen.
 * @param {{load: () => Promise<import('../../vendor/preact.js').Component<{track: Track}>>, track: Track}} props
 */
function Later({load, track}) {
	const place = useRef(/** @type {HTMLDivElement | null} */ (null));
	const [part, setPart] = useState(/** @type {{show: import('../../vendor/preact.js').Component<{track: Track}>} | null} */ (null));
	useEffect(() => {
		const watch = new IntersectionObserver(([entry]) => {
			if (!entry.isIntersecting) return;
			watch.disconnect();
			void load().then((show) => setPart({show}), () => {});
		}, {rootMargin: '400px'});
		if (place.current) watch.observe(place.current);
		return () => watch.disconnect();
	}, []);
	return tags.div({ref: place}, part && h(part.show, {track}));
}

/** The button that follows comes later, to a place that is kept for it. @param {{user: Track['user']}} props */
function Follow({user}) {
	const [found, setFound] = useState(/** @type {import('../html.js').Child} */ (null));
	const own = me.value?.id === user.id;
	useEffect(() => {
		if (own) return undefined;
		let here = true;
		Promise.all([import('../parts/follow.js'), personAt(user.username) ?? api.get(`/api/users/${user.id}`)]).then(([{FollowButton}, person]) => {
			if (here) setFound(h(FollowButton, {user: person, class: 'tiny'}));
		}, () => {});
		return () => {
			here = false;
		};
	}, [user.id, own, me.value?.id]);
	return own ? null : tags.span({class: 'hero-follow'}, found);
}
