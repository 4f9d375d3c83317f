// The secret links to an own track or playlist: made, copied, changed, revoked.

import {classes, h, tags, useEffect, useRef, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {ago} from '../format.js';
import {locale, t} from '../i18n.js';
import {learnPlaylist} from '../playlists.js';
import {style} from '../style.js';
import {learn} from '../tracks.js';
import {Dialog, openDialog} from './dialog.js';
import {Check, Form, Password, Text, demand, useField} from './fields.js';
import {icon} from './icon.js';
import {Failed} from './list.js';
import {Menu} from './menu.js';
import {own} from './one-time-link.js';
import {toast} from './toast.js';
import {shareAddress} from './track-actions.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Link} Link */
/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../wire.d.ts').Playlist} Playlist */
/** @typedef {{track: Track} | {playlist: Playlist}} Thing */

const {button, div, input, li, p, span, ul} = tags;

await style('links');

/**
 * Opens the list of secret links.
 * @param {Thing} thing
 */
export function showLinks(thing) {
	openDialog((close) => h(Dialog, {title: t('links.title'), onClose: close, class: 'wide'}, h(Links, {thing})));
}

/** @param {Thing} thing */
const pathOf = (thing) => ('track' in thing ? `/api/tracks/${thing.track.id}` : `/api/playlists/${thing.playlist.id}`);

/** A moment, short: "3 Dec 2026, 18:00". @param {string} iso */
const moment = (iso) => new Intl.DateTimeFormat(locale.value, {dateStyle: 'medium', timeStyle: 'short'}).format(Date.parse(iso));

/** @param {Link} link */
const nameOf = (link) => link.name || t('links.nameless');

/** @param {{thing: Thing}} props */
function Links({thing}) {
	const isTrack = 'track' in thing;
	const [list, setList] = useState(/** @type {Link[] | null} */ (null));
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [shut, setShut] = useState((isTrack ? thing.track : thing.playlist).visibility === 'private');
	/** What is written: a new link, one that is changed, one that is revoked. */
	const [at, setAt] = useState(/** @type {{what: 'new' | 'edit' | 'revoke', id: string} | null} */ (null));
	const [fresh, setFresh] = useState('');
	const head = useRef(/** @type {HTMLParagraphElement | null} */ (null));

	const load = async () => {
		setError(null);
		try {
			setList((await api.get(`${pathOf(thing)}/links`)).items);
		} catch (why) {
			setError(why);
		}
	};
	useEffect(() => void load(), []);
	/** Closes what is written, and takes the focus back to the beginning. */
	const back = () => {
		setAt(null);
		requestAnimationFrame(() => head.current?.focus({preventScroll: true}));
	};
	/** Lets links open what was private until now. */
	const letIn = async () => {
		const answer = await api.patch(pathOf(thing), {visibility: 'link'});
		if (isTrack) learn(answer);
		else learnPlaylist(answer);
		setShut(false);
	};
	/** @param {Link} link */
	const changed = (link) => {
		setList((now) => (now ?? []).map((one) => (one.id === link.id ? link : one)));
		back();
	};

	return [
		p({class: 'muted', ref: head, tabIndex: -1}, isTrack ? t('links.text_track') : t('links.text_playlist')),
		shut && at?.what !== 'new' && div({class: 'banner links-shut'}, icon('lock'), span(t('links.shut')),
			button({
				type: 'button', class: 'button tiny', onClick: () => void letIn().catch((why) => toast(errorText(why), {kind: 'error'})),
			}, t('links.unshut'))),
		at?.what === 'new'
			? h(Editor, {
				shut, onClose: back,
				save: async (values) => {
					if (shut && values.unshut) await letIn();
					const made = await api.post(`${pathOf(thing)}/links`, values.patch);
					setList((now) => [made, ...now ?? []]);
					setFresh(made.id);
					back();
				},
			})
			: !at && button({type: 'button', class: 'button main', onClick: () => setAt({what: 'new', id: ''})}, icon('plus'), t('links.make')),
		!at && list && list.length > 0 && own.test(new URL(list[0].url, location.origin).host) && p({class: 'banner small'}, icon('warning'), t('link.own')),
		error ? h(Failed, {error, onRetry: () => void load()})
			: !list ? p({class: 'muted', role: 'status'}, t('loading'))
				: list.length > 0 && ul({class: 'links', 'aria-label': t('links.title')}, list.map((link) => li({key: link.id, class: classes('link-card', link.state !== 'open' && 'over', link.id === fresh && 'link-new')},
					at?.id === link.id && at.what === 'edit'
						? h(Editor, {
							link, onClose: back,
							save: async ({patch}) => changed(await api.patch(`/api/links/${link.id}`, patch)),
						})
						: at?.id === link.id && at.what === 'revoke'
							? h(Revoke, {
								link, onClose: back,
								revoke: async (comments) => {
									await api.del(`/api/links/${link.id}`, {comments: comments || undefined});
									setList((now) => (now ?? []).filter((one) => one.id !== link.id));
									toast(t('links.revoked'));
									back();
								},
							})
							: h(Card, {
								link,
								onEdit: () => setAt({what: 'edit', id: link.id}),
								onRevoke: () => setAt({what: 'revoke', id: link.id}),
							})))),
	];
}

/** @param {{link: Link, onEdit: () => void, onRevoke: () => void}} props */
function Card({link, onEdit, onRevoke}) {
	const address = new URL(link.url, location.origin).href;
	/** @type {[string, string | false | undefined][]} icon and text */
	const facts = [
		['lock', link.password && t('links.has_password')],
		['clock', link.expires && (link.state === 'expired' ? t('links.expired', {at: moment(link.expires)}) : t('links.until', {at: moment(link.expires)}))],
		['download', link.download && t('links.may_download')],
		['comment', link.comments && t('links.may_comment')],
	];
	const heard = link.most_plays > 0 ? t('links.plays_of', {n: link.plays, most: link.most_plays}) : t('links.plays', {n: link.plays});
	return [
		div({class: 'link-head', key: 'head'},
			span({class: 'link-name'}, nameOf(link)),
			link.state !== 'open' && span({class: 'chip'}, link.state === 'expired' ? t('links.state_expired') : t('links.state_used')),
			h(Menu, {
				label: t('links.menu', {name: nameOf(link)}),
				items: () => [
					{label: t('links.edit'), icon: 'edit', onPick: onEdit},
					{label: t('links.revoke'), icon: 'trash', danger: true, onPick: onRevoke},
				],
			})),
		div({class: 'link-address', key: 'address'},
			input({type: 'text', readOnly: true, value: address, 'aria-label': t('links.address', {name: nameOf(link)}), onFocus: (event) => event.currentTarget.select()}),
			button({type: 'button', class: 'button', onClick: () => void shareAddress(link.url, t('links.title'), t('links.copied'))}, icon('link'), t('links.copy'))),
		p({class: 'muted small link-facts', key: 'facts'},
			span(icon('play'), heard, link.used && ` · ${t('links.last', {when: ago(link.used)})}`),
			facts.map(([sign, text]) => text && span({key: sign}, icon(sign), text))),
	];
}

/**
 * The form of a new link, or of one that is changed.
 * @param {{
 *   link?: Link, shut?: boolean, onClose: () => void,
 *   save: (values: {patch: Record<string, unknown>, unshut: boolean}) => Promise<unknown>,
 * }} props
 */
function Editor({link, shut, onClose, save}) {
	const [asks, setAsks] = useState(Boolean(link?.password));
	const [anew, setAnew] = useState(!link?.password);
	const box = useRef(/** @type {HTMLDivElement | null} */ (null));
	useEffect(() => {
		const first = box.current?.querySelector('input');
		first?.focus();
	}, []);
	/** @param {Record<string, string>} values */
	const action = async (values) => {
		/** @type {Record<string, unknown>} */
		const patch = {
			name: values.name, most_plays: Math.max(0, Math.floor(Number(values.most_plays) || 0)),
			download: values.download === 'on', comments: values.comments === 'on',
		};
		const end = values.expires ? new Date(values.expires) : null;
		const was = link?.expires ? local(link.expires) : '';
		if (values.expires !== was) patch.expires = end && !Number.isNaN(end.getTime()) ? end.toISOString() : '';
		if (!asks) {
			if (link?.password) patch.password = '';
		} else if (anew) {
			demand('password', values.password, 'password.empty');
			patch.password = values.password;
		}
		if (values.renew === 'on') patch.renew = true;
		return save({patch, unshut: values.unshut === 'on'});
	};
	return div({class: 'link-editor', ref: box},
		h(Form, {
			action, submit: link ? t('save') : t('links.make'),
			beside: button({type: 'button', class: 'button', onClick: onClose}, t('cancel')),
		},
			h(Text, {label: t('links.name'), name: 'name', value: link?.name ?? '', maxLength: 80, hint: t('links.name_hint'), optional: true}),
			shut && h(Check, {label: t('links.unshut_too'), name: 'unshut', checked: true, hint: t('links.unshut_hint')}),
			h(Check, {label: t('links.download'), name: 'download', checked: link?.download ?? false, hint: t('links.download_hint')}),
			h(Check, {label: t('links.comments'), name: 'comments', checked: link?.comments ?? false, hint: t('links.comments_hint')}),
			div({class: 'field'}, tags.label({class: 'option plain'},
				input({type: 'checkbox', name: 'asks', checked: asks, onChange: (event) => setAsks(event.currentTarget.checked)}),
				span({class: 'option-label'}, t('links.password')))),
			asks && (anew
				? h(Password, {label: t('field.password'), name: 'password', hint: t('links.password_hint'), autocomplete: 'new-password'})
				: button({type: 'button', class: 'text', onClick: () => setAnew(true)}, t('links.password_anew'))),
			tags.details({class: 'fold', open: Boolean(link?.expires || link?.most_plays)}, tags.summary(t('links.limits')),
				h(Moment, {value: link?.expires ? local(link.expires) : ''}),
				h(Text, {label: t('links.most'), name: 'most_plays', type: 'number', min: 0, value: link?.most_plays || '', hint: t('links.most_hint'), optional: true}),
				link && h(Check, {label: t('links.renew'), name: 'renew', hint: t('links.renew_hint')}))));
}

/** A moment as the browser's field has it, in the time of this device. @param {string} iso */
function local(iso) {
	const at = new Date(iso);
	return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** When the link ends. @param {{value: string}} props */
function Moment({value}) {
	const field = useField('expires', undefined);
	return div({class: 'field'},
		tags.label({htmlFor: field.id}, t('links.expires'), span({class: 'optional'}, t('field.optional'))),
		input({...field.props, type: 'datetime-local', defaultValue: value}), field.notes);
}

/** @param {{link: Link, onClose: () => void, revoke: (comments: boolean) => Promise<unknown>}} props */
function Revoke({link, onClose, revoke}) {
	const yes = useRef(/** @type {HTMLDivElement | null} */ (null));
	useEffect(() => yes.current?.querySelector('button')?.focus(), []);
	return div({class: 'link-revoke', ref: yes, role: 'group', 'aria-label': t('links.revoke')},
		p(tags.b(t('links.revoke_sure', {name: nameOf(link)}))), p({class: 'muted'}, t('links.revoke_text')),
		h(Form, {
			action: (values) => revoke(values.guests === 'on'), submit: t('links.revoke_yes'), class: 'danger-form',
			beside: button({type: 'button', class: 'button', onClick: onClose}, t('cancel')),
		}, link.comments && h(Check, {label: t('links.revoke_comments'), name: 'guests'})));
}
