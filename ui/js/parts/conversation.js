// A conversation: the newest message at the bottom, older ones above.

import {classes, h, tags, useEffect, useRef, useState} from '../html.js';
import {ApiError, api, errorText} from '../api.js';
import {Thread, threadOf} from '../conversations.js';
import {draftOf, keepDraft} from '../drafts.js';
import {locale, t} from '../i18n.js';
import {learnPerson, latestPerson} from '../people.js';
import {play, playFrom, seek} from '../player.js';
import {Heading, loading, rewrite} from '../router.js';
import {events} from '../state.js';
import {style} from '../style.js';
import {undoable, vanishing} from '../undo.js';
import {Attached} from './attached.js';
import {Avatar} from './artwork.js';
import {focusBeside} from './beside.js';
import {icon} from './icon.js';
import {Empty, Failed} from './list.js';
import {Menu} from './menu.js';
import {Prose} from './prose.js';
import {isCurrent} from './track-card.js';
import '../texts.js';

await style('messages');

/** @typedef {import('../wire.d.ts').Message} Message */
/** @typedef {import('../conversations.js').Attached} AttachedThing */
/** @typedef {import('../conversations.js').Unsent} Unsent */

/** What is attached to what is being written, by account and conversation. @type {Map<string, AttachedThing>} */
const held = new Map();

/** @param {string} iso @param {Intl.DateTimeFormatOptions} options */
const written = (iso, options) => new Intl.DateTimeFormat(locale.value, options).format(Date.parse(iso));

/** @param {string} iso */
const dayOf = (iso) => new Date(iso).toDateString();

/** A day as it stands between messages. @param {string} iso */
function dayName(iso) {
	const days = Math.round((Date.parse(new Date().toDateString()) - Date.parse(dayOf(iso))) / 86_400_000);
	if (days < 2) return new Intl.RelativeTimeFormat(locale.value, {numeric: 'auto'}).format(-days, 'day');
	return written(iso, {dateStyle: 'full'});
}

/** @param {{place: string}} props place is an id, or @ and a username */
export function Conversation({place}) {
	const thread = threadOf(place);
	const about = thread.about.value, person = thread.person.value, {ready, error} = thread.state.value;
	const name = person?.name ?? t('messages.deleted_user');

	useEffect(() => {
		void thread.renew();
		const renew = (/** @type {{conversation?: string}} */ {conversation}) => {
			const id = thread.about.peek()?.id;
			if (!conversation || !id || conversation === id) void thread.renew();
		};
		const offs = [events.on('message', renew), events.on('seen', renew), events.on('reset', renew)];
		return () => offs.forEach((off) => off());
	}, [thread]);
	useEffect(() => {
		// The first message gives the conversation its own address.
		// Whoever is on the way to another page keeps its address.
		if (about?.id && place.startsWith('@') && !loading.peek()) rewrite(`/messages/${about.id}`);
	}, [about?.id]);
	useEffect(() => {
		const see = () => thread.see();
		see();
		document.addEventListener('visibilitychange', see);
		return () => document.removeEventListener('visibilitychange', see);
	}, [thread, thread.messages.value]);

	const label = person ? t('messages.with', {name}) : ready ? t('messages.with_gone') : t('nav.messages');
	if (error && !ready) {
		const absent = error instanceof ApiError && error.status === 404;
		return tags.section({class: 'thread'},
			tags.header({class: 'thread-head'}, h(Back, {}), h(Heading, {class: 'thread-name'}, t('nav.messages'))),
			absent ? h(Empty, {icon: 'letter', text: t('messages.absent')}, tags.a({class: 'button', href: '/messages'}, t('messages.all')))
				: h(Failed, {error, onRetry: () => void thread.renew()}));
	}
	return tags.section({class: 'thread', 'aria-label': label},
		tags.header({class: 'thread-head'},
			h(Back, {}),
			person && tags.a({class: 'thread-face', href: person.url, tabIndex: -1, 'aria-hidden': 'true'}, h(Avatar, {user: person})),
			h(Heading, {class: 'thread-name', title: person ? t('messages.with', {name}) : undefined},
				person ? tags.a({href: person.url}, name) : ready ? name : t('loading')),
			person && h(Menu, {
				label: t('person.menu', {name}),
				items: async () => {
					const user = learnPerson(await api.get(`/api/users/${person.id}`));
					return (await import('./person-actions.js')).actions(latestPerson(user) ?? user);
				},
			})),
		h(Messages, {thread, name, label, ready}),
		ready && (about?.can_write ? h(Composer, {thread, name, key: thread.key})
			: tags.p({class: 'thread-shut'}, icon('info'), person ? t('messages.shut', {name}) : t('messages.gone'))));
}

/** @param {{}} _ */
function Back(_) {
	return tags.a({class: 'quiet thread-back', href: '/messages', 'aria-label': t('messages.all')}, icon('back'));
}

/** @param {{thread: Thread, name: string, label: string, ready: boolean}} props */
function Messages({thread, name, label, ready}) {
	const list = thread.messages.value.filter(({id}) => !vanishing.value.has(`message ${id}`)), unsent = thread.unsent.value, {next, busy, error} = thread.state.value;
	const box = useRef(/** @type {HTMLDivElement | null} */ (null)), inner = useRef(/** @type {HTMLDivElement | null} */ (null));
	const top = useRef(/** @type {HTMLDivElement | null} */ (null));
	const [below, setBelow] = useState(false);
	const last = list.at(-1), newest = useRef('');
	const said = last && !last.mine ? last : undefined;
	const first = useRef(said?.id);

	useEffect(() => {
		if (!next || !top.current) return undefined;
		const watch = new IntersectionObserver(([entry]) => {
			if (entry.isIntersecting) void thread.older();
		}, {root: box.current, rootMargin: '400px'});
		watch.observe(top.current);
		return () => watch.disconnect();
	}, [next, list.length]);

	useEffect(() => {
		// Places are counted from the bottom: what comes above moves nothing, and
		// what comes below must not move those who read above.
		const scroller = box.current, all = inner.current;
		if (!scroller || !all) return undefined;
		let height = all.offsetHeight, seen = thread.messages.peek().at(-1)?.id ?? '';
		const size = new ResizeObserver(() => {
			const grown = all.offsetHeight - height, now = thread.messages.peek().at(-1);
			height = all.offsetHeight;
			if (!now || now.id === seen) return;
			seen = now.id;
			if (scroller.scrollTop > -60) return;
			scroller.scrollTop -= grown;
			setBelow(!now.mine);
		});
		size.observe(all);
		return () => size.disconnect();
	}, [thread]);
	newest.current = last?.id ?? '';

	useEffect(() => {
		if (unsent.length && box.current) box.current.scrollTop = 0;
	}, [unsent.length]);

	/** @type {import('../html.js').Child[]} */
	const rows = [];
	let day = '';
	const lastSeen = list.findLast((one) => one.mine && one.seen)?.id;
	list.forEach((one, i) => {
		if (dayOf(one.created) !== day) rows.push(tags.li({class: 'thread-day', key: `day ${dayOf(one.created)}`}, dayName(one.created)));
		day = dayOf(one.created);
		const after = list[i + 1];
		const ends = !after || after.mine !== one.mine || dayOf(after.created) !== day || Date.parse(after.created) - Date.parse(one.created) > 300_000;
		rows.push(h(Said, {key: one.id, one, name, ends, seen: one.id === lastSeen, thread}));
	});
	return tags.div({
		class: 'thread-scroll', ref: box, tabIndex: 0, role: 'region', 'aria-label': label, 'aria-busy': !ready,
		onScroll: (event) => event.currentTarget.scrollTop > -60 && setBelow(false),
	},
		tags.div({ref: inner, class: 'thread-inner'},
			next && tags.div({class: 'thread-older', ref: top},
				tags.button({type: 'button', class: 'button', 'aria-disabled': busy, onClick: () => void thread.older()},
					busy ? t('loading') : error ? t('retry') : t('messages.older'))),
			Boolean(error) && ready && tags.p({class: 'failure'}, icon('warning'), errorText(error)),
			ready && !list.length && !unsent.length && h(Empty, {icon: 'letter', text: t('messages.begin', {name})}),
			tags.ol({class: 'thread-list'}, rows, unsent.map((one) => h(Pending, {key: one.key, one, thread})))),
		tags.p({class: 'hidden', role: 'status'}, said && said.id !== first.current ? t('messages.says', {name, text: said.text || t('messages.sent_thing')}) : ''),
		below && tags.button({
			type: 'button', class: 'button main thread-below',
			onClick: () => {
				if (box.current) box.current.scrollTop = 0;
				setBelow(false);
			},
		}, icon('down'), t('messages.below')));
}

/**
 * What is said, with the time codes of the track that lies beside it.
 * @param {{one: Message | Unsent}} props
 */
function Words({one: {text, track}}) {
	/** @param {number} ms */
	const onTime = (ms) => {
		if (!track) return;
		if (!isCurrent(track)) return playFrom([track], 0, ms);
		seek(ms);
		play();
	};
	return h(Prose, {text: text ?? '', length: track?.duration_ms, onTime: track && onTime});
}

/** @param {{one: Message, name: string, ends: boolean, seen: boolean, thread: Thread}} props ends: the last of those written in one go */
function Said({one, name, ends, seen, thread}) {
	const remove = () => {
		const moveOn = focusBeside();
		undoable({
			id: `message ${one.id}`, text: t('messages.deleted'), path: `/api/conversations/${one.conversation}/messages/${one.id}`,
			hide() {},
			back() {},
			sent: () => thread.removed(one),
		});
		moveOn();
	};
	const clock = written(one.created, {timeStyle: 'short'});
	return tags.li({class: classes('said', one.mine && 'mine', ends && 'ends')},
		tags.span({class: 'hidden'}, one.mine ? t('messages.you_said') : t('messages.they_said', {name})),
		tags.div({class: 'said-what'},
			h(Attached, {what: one}),
			one.text && tags.div({class: 'bubble', title: clock}, h(Words, {one}))),
		one.mine && tags.button({type: 'button', class: 'quiet said-delete', 'aria-label': t('messages.delete_one', {time: clock}), onClick: remove}, icon('trash')),
		(ends || seen) && tags.p({class: 'said-when muted'},
			ends && tags.time({dateTime: one.created}, clock), seen && tags.span(icon('check'), t('messages.seen'))));
}

/** A message on its way, or refused. @param {{one: Unsent, thread: Thread}} props */
function Pending({one, thread}) {
	return tags.li({class: classes('said mine ends', one.failed ? 'refused' : 'flying')},
		tags.div({class: 'said-what'}, h(Attached, {what: one}), one.text && tags.div({class: 'bubble'}, h(Words, {one}))),
		one.failed
			? tags.div({class: 'said-when'},
				tags.p({class: 'wrong', role: 'alert'}, icon('warning'), one.failed === 'offline' ? t('messages.unsent') : one.failed),
				tags.button({type: 'button', class: 'text', onClick: () => thread.again(one.key)}, t('retry')),
				tags.button({type: 'button', class: 'text', onClick: () => thread.giveUp(one.key)}, t('messages.discard')))
			: tags.p({class: 'said-when muted', role: 'status'}, t('messages.sending')));
}

const touch = matchMedia('(pointer: coarse)');

/** @param {{thread: Thread, name: string}} props */
function Composer({thread, name}) {
	const place = `message ${thread.person.peek()?.id}`, key = `${thread.owner} ${place}`;
	const [text, setText] = useState(() => draftOf(place)?.text ?? '');
	const [attached, setAttached] = useState(/** @type {AttachedThing | null} */ (held.get(key) ?? null));
	const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
	/** @param {string} value */
	const write = (value) => {
		setText(value);
		keepDraft(place, value.trim() ? {text: value} : null);
	};
	/** @param {AttachedThing | null} thing */
	const attach = (thing) => {
		setAttached(thing);
		if (thing) held.set(key, thing);
		else held.delete(key);
		field.current?.focus();
	};
	useEffect(() => {
		if (!touch.matches) field.current?.focus({preventScroll: true});
	}, []);
	const send = () => {
		const words = text.trim();
		if (!words && !attached) return field.current?.focus();
		void thread.send(words, attached ?? {});
		write('');
		attach(null);
	};
	return tags.form({
		class: 'composer',
		onSubmit: (event) => {
			event.preventDefault();
			send();
		},
	},
		attached && tags.div({class: 'composer-attached'}, h(Attached, {what: attached}),
			tags.button({type: 'button', class: 'quiet', 'aria-label': t('messages.detach'), onClick: () => attach(null)}, icon('close'))),
		tags.button({
			type: 'button', class: 'quiet', 'aria-label': t('messages.attach'),
			onClick: async () => (await import('./pick.js')).pick(attach),
		}, icon('plus')),
		tags.textarea({
			ref: field, rows: 1, value: text, maxLength: 2000, 'aria-label': t('messages.write', {name}), placeholder: t('messages.placeholder'),
			onInput: (event) => write(event.currentTarget.value),
			onKeyDown: (event) => {
				if (event.key !== 'Enter' || event.shiftKey || event.isComposing || touch.matches) return;
				event.preventDefault();
				send();
			},
		}),
		tags.button({type: 'submit', class: 'play composer-send', 'aria-label': t('messages.send'), 'aria-disabled': !text.trim() && !attached}, icon('send')));
}

