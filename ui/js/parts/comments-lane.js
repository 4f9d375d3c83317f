// Below the large waveform: who said something when, and what was said at the
// moment that is heard, in a line of its own that never moves the page.

import {classes, computed, effect, h, tags, useEffect, useRef, useSignal, useState} from '../html.js';
import {api} from '../api.js';
import {said as take, speaks} from '../comments.js';
import {draftOf} from '../drafts.js';
import {short, time} from '../format.js';
import {t} from '../i18n.js';
import {current, playing, position} from '../player.js';
import {hottest} from '../ridge.js';
import {Link, path} from '../router.js';
import {Avatar} from './artwork.js';
import {Writer, sendAtOnce} from './comments-write.js';
import {Hottest} from './crowd.js';
import {icon} from './icon.js';
import {toast} from './toast.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../wire.d.ts').Mark} Mark */
/** @typedef {import('../comments.js').Talk} Talk */

const {button, div, p, span} = tags;

/** Width of a mark, in pixels; those that would overlap become one. */
const wide = 28;

const second = computed(() => Math.floor(position.value / 1000) * 1000);

/**
 * Marks that fit beside each other.
 * @param {readonly Mark[]} marks by moment @param {number} length of the track @param {number} width in pixels
 */
export function merge(marks, length, width) {
	/** @type {(Mark & {x: number})[]} */
	const out = [];
	for (const mark of marks) {
		const x = Math.min(width - wide / 2, Math.max(wide / 2, (mark.position_ms / Math.max(1, length)) * width));
		const last = out.at(-1);
		if (last && x - last.x < wide) last.n += mark.n;
		else out.push({...mark, x});
	}
	return out;
}

/**
 * The marks, the line and the composer.
 * @param {{talk: Talk, track: Track, playAt: (ms: number) => void, asked: number}} props
 *   asked is where the track would begin.
 */
export function Lane({talk, track, playAt, asked}) {
	const open = talk.writing.value;
	const opener = useRef(/** @type {HTMLButtonElement | null} */ (null));
	const heard = current.value?.id === track.id;
	const may = speaks(track);
	const kept = may && draftOf(`comment ${track.id}`);

	/** @param {boolean} sent */
	const close = (sent) => {
		talk.writing.value = null;
		if (!sent) requestAnimationFrame(() => opener.current?.focus());
	};
	/** @param {string} text @param {number} ms @param {string} [guest] */
	const send = async (text, ms, guest) => {
		const sent = post(text, ms, guest);
		if (guest !== undefined) return sent;
		sendAtOnce(`comment ${track.id}`, text, ms, sent, () => (talk.writing.value ??= ms));
	};
	/** @param {string} text @param {number} ms @param {string} [guest] */
	const post = async (text, ms, guest) => {
		const comment = await talk.post({text, position_ms: Math.round(ms), guest});
		talk.pinned.value = {said: comment, n: 1};
		toast(t('comments.sent', {time: time(comment.position_ms)}), {action: {label: t('comments.show'), run: () => void talk.reveal(comment.id)}});
		requestAnimationFrame(() => opener.current?.focus());
	};

	return div({class: 'talk'},
		h(Marks, {talk, track, playAt}),
		div({class: 'moment'},
			h(Moment, {talk, track, playAt}),
			track.comments && (may
				? button({
					type: 'button', ref: opener, class: 'button moment-write', 'aria-expanded': open !== null, 'aria-keyshortcuts': 'C',
					onClick: () => (talk.writing.value = open === null ? heard ? position.peek() : asked : null),
				}, icon(kept ? 'edit' : 'comment'), span(h(Here, {heard, asked})))
				: !track.by_link && h(Link, {href: `/sign-in?next=${encodeURIComponent(path.value)}`, class: 'button moment-write'}, icon('comment'), t('comments.signin')))),
		open !== null && h(Writer, {
			key: track.id, place: `comment ${track.id}`, label: t('comments.write'), submit: t('comments.send'), class: 'main-writer',
			at: open, length: track.duration_ms, guest: track.can.speak, send, onClose: close,
		}));
}

/** The moment one would write about. @param {{heard: boolean, asked: number}} props */
export function Here({heard, asked}) {
	return t('comments.write_at', {time: time(heard ? second.value : asked)});
}

/** @param {{talk: Talk, track: Track, playAt: (ms: number) => void}} props */
function Marks({talk, track, playAt}) {
	const box = useRef(/** @type {HTMLDivElement | null} */ (null));
	const [width, setWidth] = useState(0);
	const [at, setAt] = useState(0);
	useEffect(() => {
		const size = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
		if (box.current) size.observe(box.current);
		return () => size.disconnect();
	}, []);
	const marks = width ? merge(talk.marks.value, track.duration_ms, width) : [];
	const pinned = talk.pinned.value?.said.position_ms ?? -1;

	/** @param {Mark} mark */
	const press = async (mark) => {
		playAt(mark.position_ms);
		const known = talk.find(mark.comment);
		try {
			const said = known ?? take(await api.get(`/api/comments/${mark.comment}`));
			talk.pinned.value = {said, n: mark.n};
		} catch {
			talk.remark();
		}
	};
	return div({
		ref: box, class: 'lane', role: 'group', 'aria-label': t('comments.lane'),
		onKeyDown(event) {
			const by = {ArrowLeft: -1, ArrowRight: 1, Home: -marks.length, End: marks.length}[event.key];
			if (!by || event.shiftKey) return;
			event.preventDefault();
			event.stopPropagation();
			const to = Math.min(marks.length - 1, Math.max(0, at + by));
			setAt(to);
			const target = event.currentTarget.children[to];
			if (target instanceof HTMLElement) target.focus();
		},
	}, marks.map((mark, i) => button({
		type: 'button', key: mark.comment, class: classes('mark', mark.position_ms === pinned && 'on'),
		style: {left: `${mark.x}px`}, tabIndex: i === Math.min(at, marks.length - 1) ? 0 : -1,
		onFocus: () => setAt(i),
		onClick: () => void press(mark),
	},
		span({class: 'hidden'}, mark.n > 1 || !mark.user ? t('comments.crowd', {n: mark.n, time: time(mark.position_ms)})
			: t('comments.mark', {name: mark.user.name, time: time(mark.position_ms)})),
		mark.user && h(Avatar, {user: mark.user}),
		mark.n > 1 && span({class: 'n', 'aria-hidden': 'true'}, mark.n > 99 ? '99+' : mark.n))));
}

/**
 * What was said at the moment that is heard, or at the mark that was pressed;
 * before anything is heard, where the most is said.
 * @param {{talk: Talk, track: Track, playAt: (ms: number) => void}} props
 */
function Moment({talk, track, playAt}) {
	const found = useSignal(/** @type {import('../comments.js').Said | null} */ (null));
	const heard = current.value?.id === track.id;
	useEffect(() => {
		if (!heard) return;
		const stop = effect(() => {
			const now = position.value;
			if (playing.value) void talk.reach(now);
			const pinned = talk.pinned.value;
			const apart = pinned ? now - pinned.said.position_ms : 0;
			if (pinned && playing.value && (apart < -2000 || apart > 6000)) talk.pinned.value = null;
			found.value = talk.at(now);
			talk.now.value = found.value?.id ?? '';
		});
		return () => {
			stop();
			talk.now.value = '';
		};
	}, [talk, heard]);
	const pinned = talk.pinned.value;
	const said = pinned?.said ?? (heard ? found.value : null);
	if (!said?.user) {
		if (!heard && hottest(talk.marks.value, track.duration_ms) >= 0) return h(Hottest, {talk, track, playAt});
		const idle = track.comments && (!heard || track.counts.comments === 0);
		return p({class: 'moment-line muted'}, idle ? t('comments.first') : '');
	}
	return button({type: 'button', class: 'moment-line', title: t('comments.show'), onClick: () => void talk.reveal(said.id)},
		span({class: 'hidden'}, t('comments.mark', {name: said.user.name, time: time(said.position_ms)})),
		h(Avatar, {user: said.user}),
		span({class: 'moment-who', 'aria-hidden': 'true'}, said.user.name),
		span({class: 'moment-text'}, said.text),
		pinned && pinned.n > 1 && span({class: 'chip'}, `+${short(pinned.n - 1)}`));
}

