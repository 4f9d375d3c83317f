// What is heard next: to look at, to jump in, to change.

import {classes, computed, h, signal, tags, useEffect, useRef, useState} from '../html.js';
import {t} from '../i18n.js';
import {time} from '../format.js';
import {move} from '../lineup.js';
import * as player from '../player.js';
import {clearQueue, unqueue} from '../undo.js';
import {Artwork} from './artwork.js';
import {Empty} from './list.js';
import {icon} from './icon.js';
import {Repeat, Shuffle} from './player-bar.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */

const {button, div, h2, li, ol, p, span} = tags;

/** Rows before and after the current one that are drawn at first. */
const around = {before: 40, after: 160};

/**
 * The row that is dragged: where it lay, how far it was moved in pixels, and
 * where it would be dropped.
 */
const drag = signal(/** @type {{from: number, by: number, to: number, high: number} | null} */ (null));

/** What a screen reader is told of the last move. */
const moved = signal('');

/** Moves a row and tells where it is now. @param {number} from @param {number} to */
function place(from, to) {
	const list = player.queue.peek(), track = list[from];
	if (!track || to < 0 || to >= list.length || to === from) return;
	move(from, to);
	moved.value = t('player.queue_moved', {title: track.title, n: to + 1, of: list.length});
}

const left = computed(() => player.queue.value.slice(player.index.value + 1).reduce((sum, track) => sum + track.duration_ms, 0));

/** @param {{onClose?: () => void}} props */
export function Queue({onClose}) {
	const list = player.queue.value, at = player.index.value;
	const [all, setAll] = useState(false);
	const [editing, setEditing] = useState(false);
	const from = all ? 0 : Math.max(0, at - around.before);
	const shown = all ? list : list.slice(from, at + around.after);
	const box = useRef(/** @type {HTMLDivElement | null} */ (null));

	useEffect(() => {
		moved.value = '';
		box.current?.querySelector('[aria-current]')?.scrollIntoView({block: 'center'});
	}, []);

	return div({class: classes('queue', editing && 'editing')},
		div({class: 'queue-head'},
			h2(t('player.queue')),
			p({class: 'queue-sum'}, player.station.value ? t('station.of', {name: player.station.value}) : at + 1 < list.length ? t('player.queue_sum', {n: list.length - at - 1, time: time(left.value)}) : t('player.queue_last')),
			// Where the bar has no room for them.
			h(Shuffle, {}), h(Repeat, {}),
			list.length > 1 && button({type: 'button', class: 'text queue-edit', 'aria-pressed': editing, onClick: () => setEditing(!editing)},
				editing ? t('player.queue_done') : t('player.queue_edit')),
			list.length > 1 && button({type: 'button', class: 'text', onClick: clearQueue}, t('player.queue_clear')),
			onClose && button({type: 'button', class: 'player-button', 'aria-label': t('player.queue_close'), onClick: onClose}, icon('close'))),
		p({class: 'hidden', role: 'status'}, moved.value),
		div({class: 'queue-list', ref: box},
			list.length === 0
				? h(Empty, {icon: 'queue', text: t('player.queue_empty')})
				: ol(shown.map((track, i) => h(Row, {key: track.id, track, i: from + i, count: list.length, now: from + i === at}))),
			shown.length < list.length && button({type: 'button', class: 'button queue-all', onClick: () => setAll(true)}, t('player.queue_all', {n: list.length}))));
}

/** @param {{track: Track, i: number, count: number, now: boolean}} props */
function Row({track, i, count, now}) {
	const element = useRef(/** @type {HTMLLIElement | null} */ (null));
	const held = drag.value;

	/** @param {PointerEvent} event */
	function grab(event) {
		if (event.button !== 0 || !element.current) return;
		event.preventDefault();
		const high = element.current.getBoundingClientRect().height;
		const scroller = element.current.closest('.queue-list');
		const fromY = event.clientY, fromScroll = scroller?.scrollTop ?? 0;
		let y = fromY, frame = 0;
		const end = new AbortController();
		const lay = () => {
			const by = y - fromY + (scroller?.scrollTop ?? 0) - fromScroll;
			drag.value = {from: i, by, high, to: Math.min(count - 1, Math.max(0, i + Math.round(by / high)))};
		};
		// Near an edge the list goes on by itself, the faster the nearer.
		const roll = () => {
			frame = 0;
			const edge = scroller?.getBoundingClientRect();
			if (!scroller || !edge) return;
			const over = y < edge.top + 56 ? y - edge.top - 56 : Math.max(0, y - edge.bottom + 56);
			if (!over) return;
			const before = scroller.scrollTop;
			scroller.scrollTop += Math.sign(over) * Math.min(16, 2 + Math.abs(over) / 4);
			if (scroller.scrollTop === before) return;
			lay();
			frame = requestAnimationFrame(roll);
		};
		/** @param {PointerEvent} now */
		const follow = (now) => {
			y = now.clientY;
			lay();
			frame ||= requestAnimationFrame(roll);
		};
		const drop = (/** @type {boolean} */ keep) => {
			end.abort();
			cancelAnimationFrame(frame);
			const last = drag.peek();
			drag.value = null;
			if (keep && last) place(last.from, last.to);
		};
		drag.value = {from: i, by: 0, to: i, high};
		addEventListener('pointermove', follow, {signal: end.signal});
		addEventListener('pointerup', () => drop(true), {signal: end.signal});
		addEventListener('pointercancel', () => drop(false), {signal: end.signal});
	}

	/** Moves this row and keeps the focus, which a moved element loses. @param {number} to @param {EventTarget | null} on */
	function step(to, on) {
		place(i, to);
		requestAnimationFrame(() => {
			if (!(on instanceof HTMLElement)) return;
			on.focus();
			element.current?.scrollIntoView({block: 'nearest'});
		});
	}

	/** Takes this row away; the focus goes to the next one's button, or to the one before. */
	function away() {
		const near = (element.current?.nextElementSibling ?? element.current?.previousElementSibling)?.querySelector('.queue-acts > :last-child');
		unqueue(track);
		if (near instanceof HTMLElement) requestAnimationFrame(() => near.focus());
	}

	let shift = 0;
	if (held) {
		if (i === held.from) shift = held.by;
		else if (i > held.from && i <= held.to) shift = -held.high;
		else if (i < held.from && i >= held.to) shift = held.high;
	}
	return li({
		ref: element, class: classes('queue-row', now && 'now', held && 'moving', held?.from === i && 'held'),
		'aria-current': now ? 'true' : undefined, style: {transform: shift ? `translateY(${shift}px)` : ''},
	},
		count > 1 && button({
			type: 'button', class: 'queue-grip', 'aria-label': t('player.queue_move', {title: track.title}), title: t('player.queue_move_how'),
			onPointerDown: grab,
			onKeyDown(event) {
				const to = {ArrowUp: i - 1, ArrowDown: i + 1, Home: 0, End: count - 1}[event.key];
				if (to === undefined) return;
				event.preventDefault();
				event.stopPropagation();
				step(to, event.currentTarget);
			},
		}, span(), span(), span()),
		button({
			type: 'button', class: 'queue-play', onClick: () => (now ? player.toggle() : player.jump(i)),
		},
			span({class: 'hidden'}, now && player.playing.value ? t('player.pause') : t('player.play')),
			span({class: 'queue-art'}, h(Artwork, {track, size: 'small'}), now && h(Beat, {})),
			span({class: 'player-names'}, span({class: 'player-title'}, track.title), span({class: 'player-by'}, track.artist || track.user.name)),
			span({class: 'queue-time'}, time(track.duration_ms))),
		div({class: 'queue-acts'},
			h(Act, {icon: 'up', text: t('player.queue_up', {title: track.title}), off: i === 0, act: (on) => step(i - 1, on)}),
			h(Act, {icon: 'down', text: t('player.queue_down', {title: track.title}), off: i === count - 1, act: (on) => step(i + 1, on)}),
			h(Act, {icon: 'close', text: t('player.queue_remove', {title: track.title}), off: false, act: away})));
}

/** @param {{icon: string, text: string, off: boolean, act: (on: EventTarget) => void}} props */
function Act({icon: name, text, off, act}) {
	return button({type: 'button', class: 'player-button', 'aria-label': text, title: text, 'aria-disabled': off, onClick: (event) => !off && act(event.currentTarget)}, icon(name));
}

/** Bars that move while the current track is heard. */
function Beat() {
	return span({class: classes('queue-beat', player.playing.value && !player.buffering.value && 'on'), 'aria-hidden': 'true'}, span(), span(), span());
}
