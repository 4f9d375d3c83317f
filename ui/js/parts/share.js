// Giving something on: its link, at this time if wanted, as a code to scan, by
// message, by whatever the device has, and as a player for other pages.

import {at, classes, h, tags, useEffect, useId, useRef, useState} from '../html.js';
import {api} from '../api.js';
import {time} from '../format.js';
import {t} from '../i18n.js';
import {current, position} from '../player.js';
import {house, me} from '../state.js';
import {style} from '../style.js';
import {Artwork, Avatar, useTint} from './artwork.js';
import {Dialog, openDialog} from './dialog.js';
import {icon} from './icon.js';
import {own} from './one-time-link.js';
import {QR} from './qr.js';
import {signs} from './reach.js';
import {copy} from './track-actions.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../wire.d.ts').Playlist} Playlist */
/** @typedef {import('../wire.d.ts').User} User */
/** @typedef {import('../wire.d.ts').Shared} Shared */
/** @typedef {{track?: Track, playlist?: Playlist, user?: User}} Thing */

const {button, div, fieldset, iframe, input, label, legend, p, span, svg, path, textarea} = tags;

await style('share');

/**
 * Opens the dialog in which something is given on.
 * @param {Thing} thing
 */
export function showShare(thing) {
	openDialog((close) => h(Dialog, {title: t('share.title'), onClose: close, class: 'share'}, h(Share, {thing, close})));
}

/** Drawings that only this dialog has: a code, and brackets. */
const drawings = {
	code: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 14h2v2h-2zM14 18h2v2h-2zM18 18h2v2h-2z',
	embed: 'm9 7-5 5 5 5M15 7l5 5-5 5',
	feed: 'M5 11a8 8 0 0 1 8 8M5 5a14 14 0 0 1 14 14M6 18h.01',
};

/** @param {keyof typeof drawings} name */
const drawing = (name) => svg({class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true'},
	path({d: drawings[name], fill: 'none', stroke: 'currentColor', 'stroke-width': 1.8, 'stroke-linejoin': 'round', 'stroke-linecap': 'round'}));

/**
 * A time as people write it, in seconds; NaN for what is none.
 * @param {string} text "1:23", "1:02:03" or "83"
 */
function seconds(text) {
	const parts = text.trim().split(':');
	if (parts.length > 3 || !parts.every((part) => /^\d{1,5}$/.test(part))) return NaN;
	return parts.reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** A line to be copied. @param {{value: string, label: string, long?: boolean, main?: boolean}} props */
export function Copied({value, label: name, long = false, main = false}) {
	const [done, setDone] = useState('');
	const field = useRef(/** @type {HTMLInputElement | HTMLTextAreaElement | null} */ (null));
	const act = async () => {
		if (await copy(value)) return setDone(value);
		// By hand, then: it is marked already.
		field.current?.focus();
		field.current?.select();
		return setDone('');
	};
	const copied = done === value;
	/** @type {any} */
	const look = {
		ref: field, readOnly: true, value, 'aria-label': name, spellcheck: false,
		onFocus: (/** @type {FocusEvent & {currentTarget: HTMLInputElement | HTMLTextAreaElement}} */ event) => event.currentTarget.select(),
	};
	return div({class: classes('share-copy', long && 'long')},
		long ? textarea({...look, rows: 3}) : input({...look, type: 'text'}),
		button({type: 'button', class: classes('button', main && 'main'), onClick: () => void act()},
			icon(copied ? 'check' : 'link'), span({role: 'status'}, copied ? t('link.copied') : t('link.copy'))));
}

/** @param {{thing: Thing, close: () => void}} props */
function Share({thing, close}) {
	const {track, playlist, user} = thing;
	const what = /** @type {Track | Playlist | User} */ (track ?? playlist ?? user);
	const name = track?.title ?? playlist?.title ?? user?.name ?? '';
	const by = track?.artist || track?.user.name || playlist?.user.name || `@${user?.username}`;
	const sight = track?.visibility ?? playlist?.visibility ?? 'public';
	const mine = (track ?? playlist)?.can.edit;
	const heard = track && current.peek()?.id === track.id ? position.peek() : 0;
	const [moment, setMoment] = useState(time(heard));
	const [from, setFrom] = useState(false);
	const [panel, setPanel] = useState(/** @type {'' | 'code' | 'embed'} */ (''));
	const [shared, setShared] = useState(/** @type {Shared | null} */ (null));
	const wanted = seconds(moment), wrong = from && (!(wanted >= 0) || wanted * 1000 >= (track?.duration_ms ?? 0));
	const address = what.url + (from && !wrong && wanted > 0 ? `?t=${wanted}` : '');

	useEffect(() => {
		let here = true;
		// How others reach the house, the house knows best.
		api.get('/api/share', {path: address, origin: location.origin}).then((answer) => here && setShared(answer), () => {});
		return () => {
			here = false;
		};
	}, [address]);
	const origin = shared ? new URL(shared.url).origin : location.origin;
	const link = new URL(address, origin).href;
	const visitors = Boolean(house.value?.visitors);
	const open = sight === 'public' && visitors;
	const embeds = open && !user && (playlist || track?.embeddable);
	const hint = sight !== 'public' ? t(`share.only_${sight}`) : !visitors ? t('share.only_members') : '';
	/** @param {typeof panel} which */
	const turn = (which) => () => setPanel(panel === which ? '' : which);
	const tint = useTint(track ?? playlist ?? {title: user?.username ?? '', picture: user?.picture});

	const body = useRef(/** @type {HTMLDivElement | null} */ (null));
	// What was asked for comes into sight where the sheet is full.
	useEffect(() => {
		if (panel) body.current?.lastElementChild?.scrollIntoView({block: 'nearest'});
	}, [panel, Boolean(shared)]);

	return div({class: 'share-body tinted', style: tint, ref: body},
		div({class: 'share-what'},
			user ? h(Avatar, {user, size: 'medium'}) : h(Artwork, {track: /** @type {Track} */ (track ?? playlist), size: 'medium', eager: true}),
			div({class: 'share-names'}, p({class: 'share-name'}, name), p({class: 'muted small'}, by))),
		h(Copied, {value: link, label: t('share.link'), main: true}),
		track && div({class: 'share-from'},
			label({class: 'option plain'},
				input({type: 'checkbox', checked: from, onChange: (event) => setFrom(event.currentTarget.checked)}),
				span(t('share.from'))),
			input({
				type: 'text', value: moment, 'aria-label': t('share.from_at'), inputmode: 'numeric', autocomplete: 'off', maxLength: 8, 'aria-invalid': wrong || undefined,
				onInput: (event) => {
					setMoment(event.currentTarget.value);
					setFrom(true);
				},
			}),
			wrong && p({class: 'wrong small', role: 'alert'}, t('share.from_wrong', {length: time(track.duration_ms)}))),
		hint && p({class: 'banner small'}, icon(sight === 'public' ? 'lock' : signs[sight]), span(hint)),
		own.test(new URL(link).host) && p({class: 'banner small'}, icon('warning'), t('link.own')),
		div({class: 'share-ways'},
			h(Way, {text: t('share.code'), on: panel === 'code', onPick: turn('code')}, drawing('code')),
			!track && h(Way, {text: t('feeds.way'), onPick: () => {
				close();
				void import('./feeds.js').then(({showFeeds}) => showFeeds(playlist ? {playlist} : {user: /** @type {User} */ (user)}));
			}}, drawing('feed')),
			embeds && h(Way, {text: t('share.embed'), on: panel === 'embed', onPick: turn('embed')}, drawing('embed')),
			me.value && sight === 'public' && !user && h(Way, {text: t('share.message'), onPick: () => {
				close();
				void import('./send-to.js').then(({sendTo}) => sendTo({track, playlist}));
			}}, icon('letter')),
			mine && h(Way, {text: t('share.secret'), onPick: () => {
				close();
				void import('./links.js').then(({showLinks}) => showLinks(/** @type {any} */ (track ? {track} : {playlist})));
			}}, icon('lock')),
			'share' in navigator && h(Way, {text: t('share.device'), onPick: () => void navigator.share({title: name, url: link}).catch(() => {})}, icon('upload'))),
		panel === 'code' && div({class: 'share-code'},
			shared ? h(QR, {code: shared.qr, label: t('link.code')}) : p({class: 'muted', role: 'status'}, t('loading')),
			p({class: 'muted small'}, t('link.scan'))),
		panel === 'embed' && h(Embed, {thing, name: `${name} – ${by}`, origin, from: from && !wrong ? wanted : 0}));
}

/** @param {{text: string, on?: boolean, onPick: () => void, children?: import('../html.js').Child}} props */
function Way({text, on, onPick, children}) {
	return button({type: 'button', class: 'share-way', 'aria-expanded': on, onClick: onPick}, span({class: 'share-sign'}, children), span(text));
}

/** The themes of the player. */
const themes = ['auto', 'light', 'dark'];

/** @param {{thing: Thing, name: string, origin: string, from: number}} props */
function Embed({thing: {track, playlist}, name, origin, from}) {
	const [theme, setTheme] = useState('auto');
	const group = useId();
	const tall = track ? 166 : 400;
	const query = new URLSearchParams();
	if (theme !== 'auto') query.set('theme', theme);
	if (from > 0) query.set('t', String(from));
	const where = at(`/embed/${track ? 'tracks' : 'playlists'}/${track?.id ?? playlist?.id}${query.size ? `?${query}` : ''}`);
	const quoted = (/** @type {string} */ text) => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');
	const code = `<iframe src="${quoted(origin + where)}" width="100%" height="${tall}" title="${quoted(name)}" loading="lazy" allow="autoplay" style="border:0;border-radius:12px"></iframe>`;
	return div({class: 'share-embed'},
		fieldset({class: 'share-themes'}, legend(t('share.theme')),
			themes.map((one) => label({key: one}, input({type: 'radio', name: group, checked: one === theme, onChange: () => setTheme(one)}), span(t(`share.theme_${one}`))))),
		iframe({src: where, class: 'share-frame', height: String(tall), title: t('share.preview'), loading: 'lazy', key: where}),
		h(Copied, {value: code, label: t('share.embed_code'), long: true}),
		p({class: 'muted small'}, t('share.embed_hint')));
}
