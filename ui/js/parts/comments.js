// The comments under a track: by moment or the newest first, with their
// replies beneath them.

import {base, classes, computed, effect, h, tags, useEffect, useMemo, useRef, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {speaks} from '../comments.js';
import {draftOf} from '../drafts.js';
import {ago, time} from '../format.js';
import {t} from '../i18n.js';
import {current, position} from '../player.js';
import {Link, path} from '../router.js';
import {me} from '../state.js';
import {undoable, vanishing} from '../undo.js';
import {Avatar} from './artwork.js';
import {Here} from './comments-lane.js';
import {Writer, sendAtOnce} from './comments-write.js';
import {icon} from './icon.js';
import {Empty, Failed} from './list.js';
import {Menu} from './menu.js';
import {Prose} from './prose.js';
import {toast} from './toast.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../comments.js').Talk} Talk */
/** @typedef {import('../comments.js').Said} Said */

const {button, div, h2, li, ol, p, section, span} = tags;

const followKey = `earshot${base}.follow`;
/** How long the list stays where somebody has moved it, in milliseconds. */
const handsOff = 5000;

/** Whether one likes the list to go along, on this device. */
function followed() {
	try {
		return localStorage.getItem(followKey) === 'yes';
	} catch {
		return false;
	}
}

/** @param {boolean} on */
function keepFollowed(on) {
	try {
		if (on) localStorage.setItem(followKey, 'yes');
		else localStorage.removeItem(followKey);
	} catch {
		// Then it is so for this page only.
	}
}

/** @param {Element} target */
function bring(target) {
	target.scrollIntoView({block: 'center', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth'});
}

/**
 * Keeps the comment of the moment that is heard in the middle of the screen,
 * unless the page was just moved by hand or something is being written.
 * @param {Talk} talk
 */
function useFollow(talk) {
	const on = talk.follow.value;
	useEffect(() => {
		talk.follow.value = followed() && talk.order.peek() === 'position';
	}, [talk]);
	useEffect(() => {
		if (!on) return undefined;
		let moved = 0, brought = '';
		const end = new AbortController(), until = {signal: end.signal, passive: true};
		const hand = () => (moved = Date.now());
		addEventListener('wheel', hand, until);
		addEventListener('touchmove', hand, until);
		addEventListener('keydown', ({key}) => ['PageUp', 'PageDown', 'Home', 'End'].includes(key) && hand(), until);
		const stop = effect(() => {
			const id = talk.now.value;
			void talk.list.value; // It may be there only now.
			if (!id || id === brought || Date.now() - moved < handsOff || document.activeElement?.closest('form, dialog')) return;
			const element = document.getElementById(`comment-${id}`);
			if (element) {
				brought = id;
				bring(element);
			} else {
				void talk.fetchNear(id);
			}
		});
		return () => {
			end.abort();
			stop();
		};
	}, [talk, on]);
}

/**
 * @param {{talk: Talk, track: Track, playAt: (ms: number) => void}} props
 */
export function Comments({talk, track, playAt}) {
	const list = talk.list.value, order = talk.order.value;
	const {items, state, error} = list;
	const all = items.flatMap((one) => [one, ...one.first]), n = track.counts.comments - all.filter(({id}) => vanishing.value.has(`comment ${id}`)).length;
	useFollow(talk);
	const follows = talk.follow.value;
	const toggle = () => {
		keepFollowed(!follows);
		talk.follow.value = !follows;
		if (!follows && order !== 'position') void talk.startOver('position');
	};
	/** @param {'position' | 'newest'} value */
	const sort = (value) => {
		if (order === value) return;
		if (value === 'newest') talk.follow.value = false;
		void talk.startOver(value);
	};
	/** @param {'position' | 'newest'} value @param {string} text */
	const tab = (value, text) => button({
		type: 'button', class: 'chip', 'aria-pressed': order === value, onClick: () => sort(value),
	}, text);
	return section({class: 'comments', id: 'comments', 'aria-labelledby': 'comments-title'},
		div({class: 'comments-head'},
			h2({id: 'comments-title', tabIndex: -1}, n > 0 ? t('comments.title_n', {n}) : t('comments.title')),
			n > 1 && div({class: 'chips', role: 'group', 'aria-label': t('comments.order')},
				tab('position', t('comments.by_moment')), tab('newest', t('comments.newest')),
				button({type: 'button', class: 'chip follow-along', role: 'switch', 'aria-checked': follows, title: t('comments.follow_hint'), onClick: toggle},
					icon(follows ? 'check' : 'waves'), t('comments.follow')))),
		!track.comments && p({class: 'banner'}, icon('info'), track.can.edit ? t('comments.off_own') : t('comments.off')),
		list.from > 0 && all.length < track.counts.comments && order === 'position' && state !== 'loading' && button({type: 'button', class: 'button comments-start', onClick: () => void talk.startOver('position')},
			icon('up'), t('comments.from_start')),
		state === 'loading' && !items.length ? h(Waiting, {})
			: !items.length && error ? h(Failed, {error, onRetry: () => void talk.load()})
				: !items.length ? track.comments && h(None, {talk, track})
					: ol({class: 'said-list'}, items.filter(shown).map((comment) => h(Thread, {key: comment.id, talk, track, comment, playAt}))),
		h(Fresh, {talk}),
		items.length > 0 && Boolean(error) && p({class: 'failure', role: 'alert'}, icon('warning'), errorText(error)),
		items.length > 0 && list.next && button({
			type: 'button', class: 'button comments-more', 'aria-disabled': state === 'more', onClick: () => state !== 'more' && void talk.load(),
		}, state === 'more' ? t('loading') : t('comments.more')));
}

/** Whether a comment is to be seen: one that is being deleted leaves its place only for its replies. @param {Said} comment */
const shown = ({id, replies}) => replies > 0 || !vanishing.value.has(`comment ${id}`);

/** @param {{talk: Talk, track: Track}} props */
function None({talk, track}) {
	const heard = current.value?.id === track.id;
	return h(Empty, {icon: 'comment', text: t('comments.none')}, speaks(track)
		? button({type: 'button', class: 'button main', onClick: () => (talk.writing.value = heard ? position.peek() : 0)}, icon('comment'), span(h(Here, {heard, asked: 0})))
		: !track.by_link && h(Link, {href: `/sign-in?next=${encodeURIComponent(path.value)}`, class: 'button'}, t('comments.signin')));
}

function Waiting() {
	return div({class: 'said-list', 'aria-busy': 'true'}, p({class: 'hidden', role: 'status'}, t('loading')),
		[0, 1, 2].map((i) => div({class: 'said ghost', key: i, 'aria-hidden': 'true'},
			span({class: 'avatar'}), div({class: 'said-body'}, span({class: 'line'}), span({class: 'line long'})))));
}

/** What came meanwhile, at the edge of the screen. @param {{talk: Talk}} props */
function Fresh({talk}) {
	const n = talk.fresh.value.length;
	return div({class: 'fresh', role: 'status'},
		n > 0 && button({type: 'button', class: 'button main', onClick: () => talk.showFresh()}, icon('comment'), t('comments.fresh', {n})));
}

/** @param {{talk: Talk, track: Track, comment: Said, playAt: (ms: number) => void}} props */
function Thread({talk, track, comment, playAt}) {
	const place = `reply ${comment.id}`;
	const [replying, setReplying] = useState(/** @type {{text: string, name?: string} | null} */ (null));
	const [loading, setLoading] = useState(false);
	const opener = useRef(/** @type {HTMLElement | null} */ (null));
	const may = speaks(track);

	/** @param {Said} to @param {Element} from */
	const reply = (to, from) => {
		opener.current = from instanceof HTMLElement ? from : null;
		setReplying({text: to.parent && to.user?.username ? `@${to.user.username} ` : '', name: to.user?.name});
	};
	const all = async () => {
		setLoading(true);
		await talk.loadReplies(comment).catch((error) => toast(errorText(error), {kind: 'error'}));
		setLoading(false);
	};
	const rest = comment.replies - comment.first.length;
	return li({class: 'thread'},
		h(One, {talk, track, comment, playAt, onReply: may && comment.user ? (from) => reply(comment, from) : undefined}),
		(comment.first.length > 0 || replying) && ol({class: 'replies', 'aria-label': comment.user ? t('comments.replies', {name: comment.user.name}) : t('comments.replies_gone')},
			comment.first.filter(shown).map((one) => li({key: one.id}, h(One, {talk, track, comment: one, playAt, onReply: may ? (from) => reply(one, from) : undefined}))),
			rest > 0 && !comment.all && li({key: 'all'}, button({type: 'button', class: 'text', 'aria-disabled': loading, onClick: () => !loading && void all()},
				loading ? t('loading') : t('comments.all_replies', {n: comment.replies}))),
			replying && li({key: 'write'}, h(Writer, {
				key: replying.text, place, label: replying.name ? t('comments.reply_to', {name: replying.name}) : t('comments.reply'), submit: t('comments.reply'), first: replying.text,
				guest: track.can.speak,
				send(text, ms, guest) {
					const sent = talk.post({text, parent: comment.id, guest});
					if (guest !== undefined) return sent;
					sendAtOnce(place, text, ms, sent, () => setReplying({text: '', name: comment.user?.name}));
					return Promise.resolve();
				},
				onClose() {
					setReplying(null);
					opener.current?.focus();
				},
			}))),
		!replying && may && draftOf(place) && button({type: 'button', class: 'text', onClick: () => setReplying({text: '', name: comment.user?.name})}, icon('edit'), t('comments.draft')));
}

/** What is long shows its beginning until more is wanted. @param {{children?: import('../html.js').Child}} props */
function Folded({children}) {
	const box = useRef(/** @type {HTMLDivElement | null} */ (null));
	const [long, setLong] = useState(false);
	const [open, setOpen] = useState(false);
	useEffect(() => {
		const element = box.current?.firstElementChild;
		if (!element) return undefined;
		// A line more than is shown is not worth a button.
		const size = new ResizeObserver(() => setLong(element.scrollHeight > parseFloat(getComputedStyle(element).lineHeight) * 9.5));
		size.observe(element);
		return () => size.disconnect();
	}, []);
	return [
		div({
			ref: box, class: classes(long && !open && 'folded'), key: 'text',
			// Keys reach what is folded away, too.
			onFocusIn: (event) => long && event.target instanceof HTMLElement && event.target.offsetTop > event.currentTarget.offsetTop + event.currentTarget.clientHeight && setOpen(true),
		}, children),
		long && button({type: 'button', class: 'text unfold', key: 'more', 'aria-expanded': open, onClick: () => setOpen(!open)}, open ? t('comments.less') : t('list.more')),
	];
}

/**
 * One comment or reply.
 * @param {{talk: Talk, track: Track, comment: Said, playAt: (ms: number) => void, onReply?: (from: Element) => void}} props
 */
function One({talk, track, comment, playAt, onReply}) {
	const {user, id} = comment;
	const [editing, setEditing] = useState(false);
	const element = useRef(/** @type {HTMLDivElement | null} */ (null));
	const lit = talk.lit.value === id;
	const now = useMemo(() => computed(() => talk.now.value === id), [talk, id]).value;
	useEffect(() => {
		const target = element.current;
		if (!lit || !target) return;
		// The comment is what was looked for: it is brought to the eye and named.
		bring(target);
		target.focus({preventScroll: true});
		const timer = setTimeout(() => (talk.lit.value = ''), 3000);
		return () => clearTimeout(timer);
	}, [lit]);

	if (!user || vanishing.value.has(`comment ${id}`)) return div({class: 'said empty-place', id: `comment-${id}`}, span({class: 'avatar none', 'aria-hidden': 'true'}), p({class: 'said-body muted'}, t('comments.gone')));

	/** Deletes; for a while it can be undone. */
	const remove = () => {
		const stays = comment.replies > 0; // its place does
		undoable({
			id: `comment ${id}`, text: t('comments.deleted'), path: `/api/comments/${id}`,
			hide() {
				if (stays) talk.count(-1);
				else talk.drop(id);
			},
			back() {
				if (!stays && !talk.find(id)) talk.insert(comment);
				talk.count(1);
			},
			async sent() {
				if (!stays) return;
				talk.replace({...comment, user: undefined, text: ''});
				await talk.heard(id);
			},
		});
		document.getElementById('comments-title')?.focus({preventScroll: true});
	};
	const address = `${track.url}?comment=${id}`;
	/** @returns {import('./menu.js').Items} */
	const items = () => [
		Boolean(comment.can_edit) && {label: t('comments.edit'), icon: 'edit', onPick: () => setEditing(true)},
		{label: t('comments.link'), icon: 'link', onPick: () => void import('./track-actions.js').then(({shareAddress}) => shareAddress(address, t('comments.link')))},
		Boolean(me.peek()) && user.id !== me.peek()?.id && !track.by_link && {
			label: t('comments.report'), icon: 'flag', onPick: () => void import('./report.js').then(({report}) => report({kind: 'comment', id, name: comment.text})),
		},
		Boolean(comment.can_delete) && {label: t('comments.delete'), icon: 'trash', danger: true, onPick: remove},
	];
	const at = time(comment.position_ms);
	return div({
		class: classes('said', lit && 'lit', now && 'now'), id: `comment-${id}`, ref: element, tabIndex: -1, role: 'group',
		'aria-label': comment.whole ? t('comments.whole_by', {name: user.name}) : t('comments.mark', {name: user.name, time: at}), 'aria-current': now || undefined,
	},
		user.url ? h(Link, {href: user.url, class: 'said-face', 'aria-label': user.name}, h(Avatar, {user})) : span({class: 'said-face'}, h(Avatar, {user})),
		div({class: 'said-body'},
			p({class: 'said-head'},
				user.url ? h(Link, {href: user.url, class: 'said-name'}, user.name) : span({class: 'said-name'}, user.name),
				!comment.parent && (comment.whole ? span({class: 'muted whole'}, t('comments.whole')) : button({type: 'button', class: 'timecode', 'aria-label': t('track.play_at', {time: at}), onClick: () => playAt(comment.position_ms)}, at)),
				tags.time({dateTime: comment.created, class: 'muted'}, comment.sending ? t('comments.sending') : ago(comment.created)),
				comment.edited && span({class: 'muted'}, t('comments.edited'))),
			editing ? h(Writer, {
				place: `edit ${id}`, label: t('comments.edit'), submit: t('save'), first: comment.text,
				send: async (text) => talk.add(await api.patch(`/api/comments/${id}`, {text})),
				onClose() {
					setEditing(false);
					element.current?.focus();
				},
			}) : h(Folded, {key: comment.text}, h(Prose, {text: comment.text, length: track.duration_ms, onTime: playAt, people: true})),
			onReply && !editing && !comment.sending && button({type: 'button', class: 'text', onClick: (event) => onReply(event.currentTarget)}, t('comments.reply'))),
		!comment.sending && h(Menu, {label: t('comments.menu', {name: user.name}), items}));
}
