// The player at the foot of every page; on a phone a slim one. It opens to the
// whole screen, which comes when it is first touched.

import {base, classes, computed, effect, h, signal, tags, useEffect, useRef} from '../html.js';
import {ApiError, errorText} from '../api.js';
import {t} from '../i18n.js';
import {time} from '../format.js';
import {Link, navigate, path} from '../router.js';
import {cycleRepeat, setShuffled, setVolume, toggleMute} from '../lineup.js';
import {hasVolume} from '../engine.js';
import * as player from '../player.js';
import {addShortcut, listShown} from '../keys.js';
import {like} from '../react.js';
import {me} from '../state.js';
import {style as sheet} from '../style.js';
import {latest} from '../tracks.js';
import {sleeps, speed} from '../tuning.js';
import {join} from '../system.js';
import {Artwork, useTint} from './artwork.js';
import {DropArea, UploadPill} from './drop.js';
import {icon} from './icon.js';
import {Waveform} from './waveform.js';

/** @typedef {import('../wire.d.ts').Track} Track */

const {button, div, input, p, section, span} = tags;

const room = matchMedia('(min-width: 52rem)');
const wide = signal(room.matches);
room.addEventListener('change', () => (wide.value = room.matches));

/** What lies over the page: the whole player, the queue in it, the queue beside a wide page, or nothing. */
export const opened = signal(/** @type {'' | 'full' | 'lined' | 'queue'} */ (''));

/** Whether the whole player is on the screen. */
const whole = () => opened.value === 'full' || opened.value === 'lined';

/**
 * A part that comes when it is first wanted; null until it is there.
 * @template T
 * @param {() => unknown} wanted @param {() => Promise<T>} load @param {() => void} [failed]
 */
function late(wanted, load, failed = () => {}) {
	const part = signal(/** @type {T | null} */ (null));
	effect(() => {
		if (wanted() && !part.value) load().then((loaded) => (part.value = loaded), failed);
	});
	return part;
}

function sounded() {
	try {
		return localStorage.getItem(`earshot${base}.heard`);
	} catch {
		return ''; // No storage, no memory.
	}
}

const loadFull = () => import('./full-player.js');
const full = late(whole, loadFull, () => (opened.value = ''));
/** Fetches it before a finger is lifted. */
const warm = () => void loadFull().catch(() => {});
const queue = late(() => opened.value === 'queue', () => import('./queue.js'), () => (opened.value = ''));
/** What was heard on another device, for those who are signed in. */
const elsewhere = late(() => me.value, () => import('../resume.js'));
/** What counts listens, and brings back the queue of the last visit: nothing is there to do before something sounds, or did. */
late(() => player.playing.value || sounded(), () => import('../heard.js'));
const keyList = late(() => listShown.value, () => import('./key-list.js'), () => (listShown.value = false));

// Going somewhere else closes what covers it; the queue beside it may stay.
effect(() => {
	void path.value;
	const now = opened.peek();
	if (now !== 'queue' || !wide.peek()) opened.value = '';
});
effect(() => {
	if (!wide.value && opened.peek() === 'queue') opened.value = '';
});

const second = computed(() => Math.floor(player.position.value / 1000) * 1000);

function likeCurrent() {
	const track = player.current.peek();
	if (track && !track.by_link) like(latest(track) ?? track);
}

/** Goes to the track's page, with the composer open at this moment. The whole player has its own. */
async function commentNow() {
	const track = player.current.peek();
	if (!track) return;
	if (whole()) return (await loadFull()).write();
	const {wantComposer} = await import('../comments.js');
	wantComposer(track.id, player.position.peek());
	await navigate(track.url);
}

addShortcut({keys: ['l'], text: 'keys.like', act: likeCurrent});
addShortcut({keys: ['c'], text: 'keys.comment', act: () => void commentNow()});

/** Whether the player's own styles are there: nobody needs them before something was chosen. */
const dressed = signal(false);
effect(() => {
	if (!dressed.value && (player.current.value || listShown.value)) void sheet('player').then(() => (dressed.value = true));
});

/** The player, once something was chosen, and what else works on every page. */
export function PlayerBar() {
	const track = dressed.value ? player.current.value : null;
	const style = useTint(track ?? {title: ''});
	useEffect(join, []);
	const Resume = elsewhere.value?.part.value;
	return [
		Resume && h(Resume, {key: 'resume'}),
		track && section({class: 'player tinted', 'aria-label': t('player.region'), style, key: 'player'},
			h(Trouble, {}),
			wide.value ? h(Wide, {track}) : h(Slim, {track})),
		track && whole() && full.value && h(full.value.FullPlayer, {track, style, key: 'full'}),
		track && wide.value && opened.value === 'queue' && h(QueuePanel, {style, key: 'queue'}),
		h(UploadPill, {key: 'sent'}),
		h(DropArea, {key: 'drop'}),
		dressed.value && keyList.value && h(keyList.value.KeyList, {key: 'keys'}),
	];
}

/** What a sound that this browser does not play is told with. */
const mute = late(() => player.error.value?.code === 'unplayable', () => import('./unplayable.js'));

/** @param {{code: string, track: Track}} what */
function problem({code, track}) {
	if (code === 'offline') return t('player.offline');
	if (code === 'unplayable') return mute.value?.why(track);
	if (code === 'media.missing') return t('player.missing', {title: track.title});
	if (code === 'not_found') return t('player.gone', {title: track.title});
	return errorText(new ApiError(0, {code}));
}

/**
 * Why nothing is heard, and what can be done. The empty line is always there:
 * a screen reader tells what comes into it.
 */
export function Trouble() {
	const what = player.error.value;
	return div({class: classes('player-trouble', what && 'on')},
		what && icon('warning'),
		p({role: 'status'}, what && problem(what)),
		what && div({class: 'player-cure'},
			what.code === 'unplayable' && mute.value?.wayOut(what.track),
			button({type: 'button', class: 'text', onClick: () => player.play()}, t('player.again')),
			player.hasNext.value && button({type: 'button', class: 'text', onClick: player.next}, t('player.skip'))));
}

/** @param {{track: Track}} props */
function Wide({track}) {
	return div({class: 'player-wide'},
		div({class: 'player-what'},
			h(Link, {href: track.url, class: 'player-art', 'aria-label': track.title}, h(Artwork, {track, size: 'small'})),
			h(Names, {track})),
		h(Controls, {}),
		div({class: 'player-seek'},
			span({class: 'player-time'}, h(Now, {})),
			h(Waveform, {track, size: 'bar', key: track.id}),
			span({class: 'player-time'}, time(track.duration_ms))),
		div({class: 'player-more'},
			div({class: 'player-near'}, h(Like, {track}), h(Talk, {track}), h(Tune, {})),
			h(Volume, {}),
			button({
				type: 'button', class: classes('player-button', opened.value === 'queue' && 'on'), 'aria-label': t('player.queue'),
				'aria-expanded': opened.value === 'queue', onClick: () => (opened.value = opened.peek() === 'queue' ? '' : 'queue'),
			}, icon('queue')),
			button({
				type: 'button', class: 'player-button player-whole', 'aria-haspopup': 'dialog', 'aria-label': t('player.open'), title: t('player.open'),
				onPointerEnter: warm, onFocus: warm, onClick: () => (opened.value = 'full'),
			}, icon('up'))));
}

/** @param {{track: Track}} props */
function Slim({track}) {
	let from = 0;
	return div({
		class: 'player-slim', onPointerDown: warm,
		onTouchStart: (event) => (from = event.touches[0].clientY),
		onTouchEnd(event) {
			if (from - event.changedTouches[0].clientY > 32) opened.value = 'full';
		},
	},
		h(Line, {}),
		button({type: 'button', class: 'player-open', 'aria-haspopup': 'dialog', onFocus: warm, onClick: () => (opened.value = 'full')},
			span({class: 'hidden'}, t('player.open')),
			h(Artwork, {track, size: 'small'}),
			span({class: 'player-names'}, span({class: 'player-title'}, track.title), span({class: 'player-by'}, track.artist || track.user.name))),
		h(Like, {track}),
		h(PlayPause, {}),
		h(Skip, {by: 1}));
}

/** @param {{track: Track}} props */
export function Like({track}) {
	const on = (latest(track) ?? track).liked;
	return !track.by_link && button({
		type: 'button', class: classes('player-button player-like', on && 'on'), 'aria-pressed': on, 'aria-label': t('like.do', {title: track.title}),
		title: t('keys.like'), onClick: likeCurrent,
	}, icon(on ? 'heart-on' : 'heart'));
}

/** Opens what sets how things sound; the dot says that it is not as always. */
export function Tune() {
	const on = speed.value !== 1 || sleeps.value;
	return button({
		type: 'button', class: classes('player-button player-tune', on && 'on'), 'aria-haspopup': 'dialog', 'aria-label': t('player.tune'), title: t('player.tune'),
		onClick: async () => (await import('./tuning.js')).tune(),
	}, icon('settings'));
}

/** @param {{track: Track}} props */
function Talk({track}) {
	return track.comments && button({
		type: 'button', class: 'player-button player-talk', 'aria-label': t('keys.comment'), title: t('keys.comment'), onClick: () => void commentNow(),
	}, icon('comment'));
}

/** The queue beside the page, on wide screens. @param {{style: Record<string, string>}} props */
function QueuePanel({style}) {
	const element = useRef(/** @type {HTMLElement | null} */ (null));
	useEffect(() => {
		const before = document.activeElement;
		element.current?.focus();
		return () => {
			if (before instanceof HTMLElement && (document.activeElement === document.body || element.current?.contains(document.activeElement))) before.focus();
		};
	}, []);
	return section({
		ref: element, class: 'player-panel tinted', style, tabIndex: -1, 'aria-label': t('player.queue'),
		onKeyDown(event) {
			if (event.key !== 'Escape') return;
			event.stopPropagation();
			opened.value = '';
		},
	}, queue.value && h(queue.value.Queue, {onClose: () => (opened.value = '')}));
}

/** @param {{track: Track}} props */
export function Names({track}) {
	return div({class: 'player-names'},
		h(Link, {href: track.url, class: 'player-title'}, track.title),
		h(Link, {href: track.user.url, class: 'player-by'}, track.artist || track.user.name));
}

export function Controls() {
	return div({class: 'player-controls'}, h(Shuffle, {}), h(Skip, {by: -1}), h(PlayPause, {}), h(Skip, {by: 1}), h(Repeat, {}));
}

function PlayPause() {
	const on = player.playing.value;
	return button({
		type: 'button', class: classes('player-button player-play', on && player.buffering.value && 'waits'),
		'aria-label': on ? t('player.pause') : t('player.play'), onClick: () => player.toggle(),
	}, icon(on ? 'pause' : 'play'));
}

/** @param {{by: 1 | -1}} props */
function Skip({by}) {
	const none = by === 1 && !player.hasNext.value;
	return button({
		type: 'button', class: 'player-button', 'aria-disabled': none,
		'aria-label': by === 1 ? t('player.next') : t('player.previous'),
		onClick: () => (by === 1 ? player.next() : player.previous()),
	}, icon(by === 1 ? 'next' : 'previous'));
}

export function Volume() {
	if (!hasVolume) return null;
	const silent = player.muted.value || player.volume.value === 0;
	const level = Math.round((silent ? 0 : player.volume.value) * 100);
	return div({class: 'player-volume'},
		button({
			type: 'button', class: 'player-button', 'aria-label': t('player.mute'), 'aria-pressed': silent, onClick: toggleMute,
		}, icon(silent ? 'mute' : 'volume')),
		input({
			type: 'range', min: 0, max: 100, step: 1, value: level, 'aria-label': t('player.volume'), 'aria-valuetext': t('player.percent', {percent: level}),
			style: {'--level': `${level}%`}, onInput: (event) => setVolume(Number(event.currentTarget.value) / 100),
		}));
}

function Now() {
	return time(second.value);
}

/** The thin line of the slim player. */
function Line() {
	const element = useRef(/** @type {HTMLSpanElement | null} */ (null));
	useEffect(() => effect(() => {
		const share = player.duration.value > 0 ? player.position.value / player.duration.value : 0;
		element.current?.style.setProperty('transform', `scaleX(${share.toFixed(4)})`);
	}), []);
	return span({class: 'player-line', 'aria-hidden': 'true'}, span({ref: element}));
}

/** Whether tracks are heard in turn or mixed. */
export function Shuffle() {
	const mixed = player.shuffled.value;
	return button({
		type: 'button', class: classes('player-button player-mode', mixed && 'on'), 'aria-pressed': mixed,
		'aria-label': t('player.shuffle'), title: t('player.shuffle'), onClick: () => setShuffled(!mixed),
	}, icon('shuffle'));
}

/** Whether what was heard comes again. */
export function Repeat() {
	const again = player.repeat.value;
	return button({
		type: 'button', class: classes('player-button player-mode', again !== 'off' && 'on'),
		'aria-label': t(`player.repeat_${again}`), title: t(`player.repeat_${again}`), onClick: cycleRepeat,
	}, icon(again === 'one' ? 'repeat-one' : 'repeat'));
}
