// The player on the whole screen: the artwork, the large waveform, what people
// said at the moment that is heard, and all that can be done with the track.

import {classes, computed, effect, h, signal, tags, useEffect, useMemo, useRef, useState} from '../html.js';
import {api} from '../api.js';
import {Talk, byMoment, said, speaks} from '../comments.js';
import {hasVolume} from '../engine.js';
import {short, time} from '../format.js';
import {t} from '../i18n.js';
import * as player from '../player.js';
import {repost} from '../react.js';
import {Link, claimSteps, navigate, path} from '../router.js';
import {events, me} from '../state.js';
import {style as sheet} from '../style.js';
import {latest, useFreshWaveform} from '../tracks.js';
import {Artwork, Avatar} from './artwork.js';
import {merge} from './comments-lane.js';
import {Writer} from './comments-write.js';
import {icon} from './icon.js';
import {Controls, Like, Names, Trouble, Tune, Volume, opened} from './player-bar.js';
import {Queue} from './queue.js';
import {Toasts, toast} from './toast.js';
import {TrackMenu} from './track-card.js';
import {Waveform} from './waveform.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../comments.js').Said} Said */

const {button, dialog, div, li, p, span, ul} = tags;

await Promise.all([sheet('comments'), sheet('full-player')]);

/** How long a comment is shown, and how much of that it fades, in milliseconds. */
const shown = 6000, fading = 500;

/** Comments at once. */
const most = 3;

const second = computed(() => Math.floor(player.position.value / 1000) * 1000);
const beat = computed(() => Math.floor(player.position.value / 250) * 250);

/** Where the composer is open, in milliseconds, or nowhere. */
const writing = signal(/** @type {number | null} */ (null));

/** Opens the composer at this moment. */
export function write() {
	opened.value = 'full';
	writing.value = player.position.peek();
}

// What covers the page has entries of its own in the history, one for the
// player and one for the queue in it: Back closes them and leaves the page
// where it is. They carry the key of the page's own entry.

/** Entries that the history is to have. */
const levels = {'': 0, queue: 0, full: 1, lined: 2};
let stepping = false;
/** What is done once the page's own entry is reached. */
let then = () => {};

function follow() {
	if (stepping) return;
	const want = levels[opened.peek()], have = history.state?.cover ?? 0;
	if (want < have) {
		stepping = true;
		history.go(want - have);
		return;
	}
	if (want > have) history.replaceState({...history.state, scroll: scrollY}, '');
	for (let cover = have + 1; cover <= want; cover++) history.pushState({...history.state, cover}, '');
	then();
	then = () => {};
}
effect(() => {
	void opened.value;
	follow();
});

claimSteps(() => {
	const covers = opened.peek() === 'full' || opened.peek() === 'lined';
	if (stepping) {
		stepping = false;
	} else if (covers && history.state?.key === key) {
		opened.value = /** @type {const} */ (['', 'full', 'lined'])[history.state.cover ?? 0];
	} else {
		return false;
	}
	follow();
	return true;
});

/** Of the history entry that is covered. */
let key = '';
effect(() => {
	if (opened.value === 'full') key = history.state?.key;
});

/**
 * What is said on a track, as far as it is heard.
 * @param {Track} track
 */
function useLive(track) {
	const talk = useMemo(() => new Talk(track), [track.id]);
	useEffect(() => {
		if (track.counts.comments > 0) void talk.loadMarks();
		const ends = [
			events.on('comment', ({track: at}) => {
				if (at !== track.id) return;
				// What is near is asked for anew; until then it stays.
				talk.near.value = {...talk.near.peek(), from: 0, to: 0};
				talk.remark();
			}),
			effect(() => {
				void talk.marks.value;
				void talk.reach(second.value);
			}),
		];
		return () => {
			for (const end of ends) end();
		};
	}, [talk]);
	return talk;
}

/**
 * Lets a finger pull the whole down until it closes.
 * @param {{current: HTMLElement | null}} element
 */
function useSwipe(element) {
	useEffect(() => {
		const box = element.current;
		if (!box) return undefined;
		/** @type {{x: number, y: number, at: number} | null} */
		let from = null;
		let by = 0;
		const end = new AbortController(), listen = {signal: end.signal, passive: true};
		const release = () => {
			box.classList.remove('pulled');
			box.style.transform = '';
			from = null;
			by = 0;
		};
		box.addEventListener('touchstart', (event) => {
			const at = event.touches[0];
			const held = event.target instanceof Element && event.target.closest('.wave, input, textarea, .queue-list, .writer, .menu-list, .toasts');
			const scrolled = (box.querySelector('.full-body')?.scrollTop ?? 0) > 0;
			from = held || scrolled || event.touches.length > 1 ? null : {x: at.clientX, y: at.clientY, at: event.timeStamp};
		}, listen);
		box.addEventListener('touchmove', (event) => {
			if (!from) return;
			const at = event.touches[0];
			by = Math.max(0, at.clientY - from.y);
			if (by < 12 || Math.abs(at.clientX - from.x) > by) by = 0;
			box.classList.toggle('pulled', by > 0);
			box.style.transform = by ? `translateY(${by}px)` : '';
		}, listen);
		box.addEventListener('touchend', (event) => {
			const quick = from && by > 40 && by / Math.max(1, event.timeStamp - from.at) > 0.5;
			if (from && (by > 120 || quick)) opened.value = '';
			else release();
		}, listen);
		box.addEventListener('touchcancel', release, listen);
		return () => end.abort();
	}, []);
}

/** @param {{track: Track, style: Record<string, string>}} props */
export function FullPlayer({track: given, style}) {
	const track = latest(given) ?? given;
	const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
	const lined = opened.value === 'lined';
	useFreshWaveform(track);
	useSwipe(element);
	useEffect(() => {
		const before = document.activeElement;
		element.current?.showModal();
		// The composer closes first.
		element.current?.addEventListener('keydown', (event) => {
			if (event.key !== 'Escape' || writing.peek() === null) return;
			event.preventDefault();
			// By itself it does so only while the focus is in it.
			if (event.target instanceof Element && !event.target.closest('.full-writer')) writing.value = null;
		}, true);
		document.documentElement.classList.add('player-covers');
		return () => {
			writing.value = null;
			document.documentElement.classList.remove('player-covers');
			const back = before instanceof HTMLElement && before.isConnected && before !== document.body ? before : document.querySelector('.player-open, .player-whole');
			if (document.activeElement === document.body && back instanceof HTMLElement) back.focus({preventScroll: true});
		};
	}, []);
	useEffect(() => {
		writing.value = null;
	}, [track.id]);

	/** A link leaves the player first, so that the history has no entries that lead nowhere. @param {MouseEvent} event */
	function leave(event) {
		const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
		if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute('download') || link.origin !== location.origin
			|| event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
		event.preventDefault();
		const {href} = link, here = link.pathname === location.pathname && link.search === location.search;
		then = () => void navigate(href, {replace: here});
		opened.value = '';
	}

	return dialog({
		ref: element, class: 'player-full tinted', style, 'aria-label': t('player.region'), onClick: leave,
		onCancel(event) {
			if (event.target !== event.currentTarget) return;
			event.preventDefault();
			opened.value = lined ? 'full' : '';
		},
	},
		div({class: 'full-back', 'aria-hidden': 'true'}, h(Artwork, {track, size: 'small'})),
		div({class: 'player-full-head'},
			button({type: 'button', class: 'player-button', 'aria-label': t('player.close'), onClick: () => (opened.value = '')}, icon('down')),
			span({class: 'player-full-title'}, lined ? t('player.queue') : player.station.value ? t('station.of', {name: player.station.value}) : t('player.now')),
			button({
				type: 'button', class: classes('player-button', lined && 'on'), 'aria-label': t('player.queue'), 'aria-pressed': lined,
				onClick: () => (opened.value = lined ? 'full' : 'lined'),
			}, icon('queue'))),
		lined ? h(Queue, {}) : h(Body, {track, key: track.id}),
		h(Toasts, {}));
}

/** @param {{track: Track}} props */
function Body({track}) {
	const talk = useLive(track);
	const next = player.queue.value[player.index.value + 1];
	return div({class: 'full-body'},
		div({class: 'full-picture'},
			h(Artwork, {track, size: 'large', class: 'player-full-art', eager: true}),
			h(Live, {talk})),
		div({class: 'full-hand'},
			div({class: 'full-names'}, h(Names, {track}), h(Like, {track})),
			div({class: 'full-wave'},
				h(Waveform, {track, size: 'hero'}),
				h(Faces, {talk, track})),
			h(Trouble, {}),
			h(Controls, {}),
			h(Compose, {talk, track}),
			h(Acts, {track}),
			hasVolume && h(Volume, {}),
			next && button({type: 'button', class: 'full-next', onClick: () => (opened.value = 'lined')},
				span({class: 'full-next-what'}, t('player.then')),
				span({class: 'full-next-art'}, h(Artwork, {track: next, size: 'small'})),
				span({class: 'full-next-title'}, next.title),
				icon('up'))));
}

/**
 * What is said at this moment. It comes and goes too fast to be read out: who
 * listens to a screen reader finds it here, and all of it on the track's page.
 * @param {{talk: Talk}} props
 */
function Live({talk}) {
	const now = beat.value;
	const items = talk.near.value.items.filter((one) => one.user && one.text && !one.whole && one.position_ms <= now && now - one.position_ms < shown).slice(-most);
	return ul({class: 'live', 'aria-label': t('player.live')},
		items.map((one) => li({key: one.id, class: classes('live-one', now - one.position_ms >= shown - fading && 'goes')},
			one.user && h(Avatar, {user: one.user}),
			p(span({class: 'live-who'}, one.user?.name), ' ', one.text))));
}

/** Who said something where, below the waveform. @param {{talk: Talk, track: Track}} props */
function Faces({talk, track}) {
	const box = useRef(/** @type {HTMLDivElement | null} */ (null));
	const [width, setWidth] = useState(0);
	useEffect(() => {
		const size = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
		if (box.current) size.observe(box.current);
		return () => size.disconnect();
	}, []);
	return div({ref: box, class: 'full-faces', 'aria-hidden': 'true'},
		width > 0 && merge(talk.marks.value, track.duration_ms, width).map((mark) => mark.user && span({key: mark.comment, class: 'full-face', style: {'--x': `${mark.x}px`}},
			h(Avatar, {user: mark.user}))));
}

/** @param {{talk: Talk, track: Track}} props */
function Compose({talk, track}) {
	const opener = useRef(/** @type {HTMLButtonElement | null} */ (null));
	const at = writing.value;
	if (!track.comments) return null;
	if (!speaks(track)) {
		return !track.by_link && !me.value && h(Link, {href: `/sign-in?next=${encodeURIComponent(path.value)}`, class: 'full-write'}, icon('comment'), t('comments.signin'));
	}
	/** @param {string} text @param {number} ms @param {string} [guest] */
	const send = async (text, ms, guest) => {
		const comment = said(await api.post(talk.path, {text, position_ms: Math.round(ms), guest}));
		const near = talk.near.peek();
		talk.near.value = {...near, items: [...near.items.filter((one) => one.id !== comment.id), comment].sort(byMoment)};
		talk.remark();
		toast(t('comments.sent', {time: time(comment.position_ms)}));
	};
	return [
		button({
			type: 'button', key: 'open', ref: opener, class: 'full-write', 'aria-expanded': at !== null, onClick: write,
		}, me.value ? h(Avatar, {user: me.value}) : icon('comment'), h(Here, {})),
		at !== null && div({class: 'full-writer', key: 'write'}, h(Writer, {
			place: `comment ${track.id}`, label: t('comments.write'), submit: t('comments.send'), at, length: track.duration_ms, guest: track.can.speak, send,
			onClose() {
				writing.value = null;
				requestAnimationFrame(() => opener.current?.focus());
			},
		})),
	];
}

/** The moment that one would write about. */
function Here() {
	return t('comments.write_at', {time: time(second.value)});
}

/** @param {{track: Track}} props */
function Acts({track}) {
	const member = Boolean(me.value) && !track.by_link;
	const act = (/** @type {string} */ name, /** @type {string} */ label, /** @type {() => unknown} */ run) => button({
		type: 'button', class: 'player-button', 'aria-label': label, title: label, onClick: run,
	}, icon(name));
	return div({class: 'player-acts'},
		track.visibility === 'public' && !track.by_link && track.user.id !== me.value?.id && button({
			type: 'button', class: classes('player-button', track.reposted && 'on'), 'aria-pressed': track.reposted, 'aria-label': t('repost.do', {title: track.title}),
			title: t('repost.do', {title: track.title}), onClick: () => repost(track),
		}, icon('repost')),
		member && act('playlist', t('player.add', {title: track.title}), async () => (await import('./playlist-actions.js')).addToPlaylist(track)),
		!track.by_link && act('link', t('player.share', {title: track.title}), async () => (await import('./track-actions.js')).share(track)),
		track.counts.comments > 0 && tags.a({class: 'player-button full-count', href: `${track.url}#comments`, 'aria-label': t('comments.title_n', {n: track.counts.comments})},
			icon('comment'), span({'aria-hidden': 'true'}, short(track.counts.comments))),
		h(Tune, {}),
		h(TrackMenu, {track, class: 'player-button'}));
}
