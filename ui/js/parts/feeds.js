// Feeds for podcast apps and readers: the public one of a person, a playlist or
// a tag, and private ones, which are made, copied and taken away.

import {Fragment, at, classes, h, tags, useEffect, useRef, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {ago} from '../format.js';
import {t} from '../i18n.js';
import {house, me} from '../state.js';
import {style} from '../style.js';
import {Dialog, openDialog} from './dialog.js';
import {icon} from './icon.js';
import {Failed} from './list.js';
import {own} from './one-time-link.js';
import {QR} from './qr.js';
import {Copied} from './share.js';
import {toast} from './toast.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Feed} Feed */
/** @typedef {import('../wire.d.ts').QR} Code */
/** @typedef {{user: import('../wire.d.ts').User} | {playlist: import('../wire.d.ts').Playlist} | {tag: string}} Thing */

const {a, button, div, h3, li, p, section, span, ul} = tags;

await style('feeds');

/**
 * Opens the dialog in which something is followed from a podcast app.
 * @param {Thing} thing
 */
export function showFeeds(thing) {
	openDialog((close) => h(Dialog, {title: t('feeds.title'), onClose: close, class: 'feeds'}, h(Feeds, {thing})));
}

/** Opens the list of the own private feeds. */
export function showMyFeeds() {
	openDialog((close) => h(Dialog, {title: t('feeds.mine'), onClose: close, class: 'feeds'}, h(Mine, {})));
}

/** Where this browser reaches the house. */
const origin = location.origin;

/** What the server calls it, and where its public feed is. @param {Thing} thing */
function named(thing) {
	if ('user' in thing) return {kind: 'user', of: thing.user.id, path: `/feeds/users/${thing.user.id}.rss`, open: true};
	if ('playlist' in thing) return {kind: 'playlist', of: thing.playlist.id, path: `/feeds/playlists/${thing.playlist.id}.rss`, open: thing.playlist.visibility === 'public'};
	return {kind: 'tag', of: thing.tag, path: `/feeds/tags/${encodeURIComponent(thing.tag)}.rss`, open: true};
}

/** @param {{thing: Thing}} props */
function Feeds({thing}) {
	const {kind, of, path, open} = named(thing);
	const shown = open && Boolean(house.value?.visitors);
	return div({class: 'feeds-body'},
		p({class: 'muted'}, t('feeds.text')),
		h(Own, {}),
		shown ? section(h3(t('feeds.public')), p({class: 'muted small'}, t('feeds.public_text')), h(Public, {path}))
			: p({class: 'banner small'}, icon('lock'), span(open ? t('feeds.members') : t('feeds.hidden'))),
		me.value && section(h3(t('feeds.private')), p({class: 'muted small'}, t('feeds.private_text')), h(List, {kind, of})));
}

/** What is wrong with addresses that lead nowhere but here. @param {{}} _ */
function Own(_) {
	const [there, setThere] = useState('');
	useEffect(() => {
		api.get('/api/share', {path: '/', origin}).then((answer) => setThere(new URL(answer.url).host), () => {});
	}, []);
	return own.test(there) && p({class: 'banner small'}, icon('warning'), t('link.own'));
}

/** The address of a public feed. @param {{path: string}} props */
function Public({path}) {
	const [shared, setShared] = useState(/** @type {import('../wire.d.ts').Shared | null} */ (null));
	useEffect(() => {
		api.get('/api/share', {path, origin}).then(setShared, () => {});
	}, [path]);
	return h(Address, {url: shared?.url ?? new URL(at(path), origin).href, label: t('feeds.public_address'), find: async () => shared?.qr});
}

/**
 * The address of a feed, to copy and to scan.
 * @param {{url: string, label: string, find: () => Promise<Code | undefined>, children?: import('../html.js').Child}} props
 */
function Address({url, label, find, children}) {
	const [code, setCode] = useState(/** @type {Code | null} */ (null));
	const turn = async () => {
		try {
			setCode(code ? null : await find() ?? null);
		} catch (error) {
			toast(errorText(error), {kind: 'error'});
		}
	};
	return [
		h(Copied, {value: url, label}),
		div({class: 'feeds-more'},
			button({type: 'button', class: 'button tiny', 'aria-expanded': Boolean(code), onClick: () => void turn()}, t('share.code')),
			children),
		code && div({class: 'share-code'}, h(QR, {code, label: t('feeds.code')}), p({class: 'muted small'}, t('feeds.scan'))),
	];
}

/** The own private feeds, or those of one thing. @param {{kind?: string, of?: string}} props */
function List({kind, of}) {
	const [list, setList] = useState(/** @type {Feed[] | null} */ (null));
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [busy, setBusy] = useState(false);
	const head = useRef(/** @type {HTMLDivElement | null} */ (null));
	const wanted = kind ?? 'stream', what = of ?? '';
	const alike = (/** @type {string} */ text) => text.normalize('NFKC').toLowerCase();
	const load = () => api.get('/api/me/feeds', {origin}).then((answer) => setList(answer.items), setError);
	useEffect(() => void load(), []);
	if (error) return h(Failed, {error, onRetry: () => (setError(null), void load())});
	if (!list) return p({class: 'muted', role: 'status'}, t('loading'));
	const shown = kind ? list.filter((one) => one.kind === kind && alike(one.of ?? '') === alike(what)) : list;
	const has = list.some((one) => one.kind === wanted && (!kind || shown.includes(one)));
	const make = async () => {
		setBusy(true);
		try {
			const made = await api.post('/api/me/feeds', {kind: wanted, of: what || undefined, origin});
			setList((now) => [{...made, qr: undefined}, ...now ?? []]);
		} catch (why) {
			toast(errorText(why), {kind: 'error'});
		}
		setBusy(false);
	};
	/** @param {Feed} feed */
	const remove = async (feed) => {
		try {
			await api.del(`/api/me/feeds/${feed.id}`);
			setList((now) => (now ?? []).filter(({id}) => id !== feed.id));
			toast(t('feeds.removed'));
			head.current?.focus({preventScroll: true});
		} catch (why) {
			toast(errorText(why), {kind: 'error'});
		}
	};
	return div({class: 'feeds-list', ref: head, tabIndex: -1},
		shown.length > 0 && ul({'aria-label': t('feeds.private')}, shown.map((feed) => li({key: feed.id}, h(One, {feed, titled: !kind, onRemove: () => remove(feed)})))),
		!shown.length && !kind && p({class: 'muted'}, t('feeds.none')),
		button({type: 'button', class: classes('button', !has && 'main'), disabled: busy, onClick: () => void make()},
			icon('plus'), kind ? has ? t('feeds.another') : t('feeds.make') : t('feeds.make_stream')));
}

/** @param {{feed: Feed, titled: boolean, onRemove: () => Promise<void>}} props */
function One({feed, titled, onRemove}) {
	const [sure, setSure] = useState(false);
	const name = feed.kind === 'stream' ? t('feeds.stream') : feed.title || t('feeds.gone');
	const used = feed.used ? t('feeds.used', {when: ago(feed.used), app: feed.client || '–'}) : t('feeds.unused', {when: ago(feed.created)});
	return h(Fragment, null,
		titled && p({class: 'feeds-name'}, feed.page ? a({href: feed.page}, name) : name),
		p({class: 'muted small'}, feed.gone && feed.title ? t('feeds.gone') : used),
		sure ? div({class: 'feeds-sure', role: 'group', 'aria-label': t('feeds.sure')},
			p(t('feeds.sure')),
			button({type: 'button', class: 'button danger', autofocus: true, onClick: () => void onRemove()}, t('feeds.remove')),
			button({type: 'button', class: 'button', onClick: () => setSure(false)}, t('cancel')))
			: h(Address, {
				url: feed.url, label: t('feeds.private_address', {name}),
				find: async () => (await api.get(`/api/me/feeds/${feed.id}`, {origin})).qr,
			}, button({type: 'button', class: 'button tiny', onClick: () => setSure(true)}, icon('trash'), t('feeds.remove'))));
}

/** @param {{}} _ */
function Mine(_) {
	return div({class: 'feeds-body'}, p({class: 'muted'}, t('feeds.mine_text')), h(Own, {}), h(List, {}));
}
