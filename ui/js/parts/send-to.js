// Sending a track or a playlist to somebody, and choosing whom to write to.

import {h, tags, useEffect, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {invite} from '../react.js';
import {navigate} from '../router.js';
import {me} from '../state.js';
import {style} from '../style.js';
import {Attached} from './attached.js';
import {Avatar} from './artwork.js';
import {Dialog, openDialog} from './dialog.js';
import {Area, Form} from './fields.js';
import {icon} from './icon.js';
import {toast} from './toast.js';
import '../texts.js';

await style('messages');

/** @typedef {import('../wire.d.ts').UserRef} UserRef */
/** @typedef {import('../wire.d.ts').Conversation} Conversation */
/** @typedef {{track?: import('../wire.d.ts').Track, playlist?: import('../wire.d.ts').Playlist}} Attached */

/**
 * Sends a track or a playlist to somebody who is chosen.
 * @param {Attached} what
 */
export function sendTo(what) {
	if (!me.peek()) return invite(t('send.signin'));
	const title = what.track?.title ?? what.playlist?.title ?? '';
	choosePerson(t('send.title', {title}), (user) => openDialog((close) => h(Letter, {what, user, onClose: close})));
}

/** @param {{what: Attached, user: UserRef, onClose: () => void}} props */
function Letter({what, user, onClose}) {
	/** @param {Record<string, string>} values */
	const send = async (values) => {
		const sent = await api.post(`/api/users/${user.id}/messages`, {
			text: values.text.trim() || undefined, track: what.track?.id, playlist: what.playlist?.id,
		});
		onClose();
		toast(t('send.done', {name: user.name}), {action: {label: t('messages.open'), run: () => void navigate(`/messages/${sent.conversation}`)}});
	};
	return h(Dialog, {title: t('send.to', {name: user.name}), onClose, class: 'narrow'},
		h(Attached, {what}),
		h(Form, {
			action: send, submit: t('messages.send'), busy: t('messages.sending'),
			beside: tags.button({type: 'button', class: 'button', onClick: onClose}, t('cancel')),
		}, h(Area, {label: t('send.text'), name: 'text', rows: 3, maxLength: 2000, optional: true})));
}

/**
 * Asks whom: those one writes with, then those one follows.
 * @param {string} title
 * @param {(user: UserRef) => void} onChoose
 */
export function choosePerson(title, onChoose) {
	openDialog((close) => h(Chooser, {
		title, onClose: close,
		onChoose: (user) => {
			close();
			onChoose(user);
		},
	}));
}

/** @param {{title: string, onClose: () => void, onChoose: (user: UserRef) => void}} props */
function Chooser({title, onClose, onChoose}) {
	const [people, setPeople] = useState(/** @type {UserRef[] | null} */ (null));
	const [wanted, setWanted] = useState('');
	const [trouble, setTrouble] = useState('');
	useEffect(() => {
		const id = me.peek()?.id;
		Promise.all([
			api.get('/api/conversations', {limit: 20}), api.get(`/api/users/${id}/following`, {limit: 100}), api.get(`/api/users/${id}/followers`, {limit: 50}),
		]).then(([talks, following, followers]) => {
			/** @type {Map<string, UserRef>} */
			const all = new Map();
			for (const {with: user, can_write: can} of /** @type {Conversation[]} */ (talks.items)) if (user && can) all.set(user.id, user);
			for (const user of [...following.items, ...followers.items]) if (!all.has(user.id)) all.set(user.id, user);
			setPeople([...all.values()]);
		}, (error) => setTrouble(errorText(error)));
	}, []);

	const words = wanted.trim().toLowerCase();
	const shown = (people ?? []).filter(({name, username}) => !words || name.toLowerCase().includes(words) || username.toLowerCase().includes(words.replace(/^@/, '')));
	// Anybody can be written to by their username.
	const other = /^@?[\p{L}\p{N}_-]{2,40}$/u.test(words) && !shown.some(({username}) => username === words.replace(/^@/, '')) ? words.replace(/^@/, '') : '';
	const look = async () => {
		setTrouble('');
		try {
			const {user} = await api.get('/api/resolve', {path: `/${other}`});
			if (user && user.id !== me.peek()?.id) onChoose(user);
			else setTrouble(t('send.nobody', {name: other}));
		} catch {
			setTrouble(t('send.nobody', {name: other}));
		}
	};
	return h(Dialog, {title, onClose, class: 'narrow'},
		tags.div({class: 'field'},
			tags.input({
				type: 'search', 'aria-label': t('send.whom'), placeholder: t('send.whom'), autocomplete: 'off', spellcheck: false, autocapitalize: 'off',
				onInput: (event) => {
					setWanted(event.currentTarget.value);
					setTrouble('');
				},
				onKeyDown: (event) => {
					if (event.key !== 'Enter' || event.isComposing) return;
					event.preventDefault();
					const exact = shown.find(({username}) => username === words.replace(/^@/, ''));
					if (shown.length) onChoose(exact ?? shown[0]);
					else if (other) void look();
				},
			})),
		trouble && tags.p({class: 'failure', role: 'alert'}, icon('warning'), trouble),
		!people && !trouble && tags.p({class: 'muted', role: 'status'}, t('loading')),
		tags.div({class: 'pick'},
			tags.ul(shown.map((user) => tags.li({key: user.id},
				tags.button({type: 'button', class: 'pick-row', onClick: () => onChoose(user)},
					h(Avatar, {user}), tags.span({class: 'pick-names'}, tags.b(user.name), tags.span({class: 'muted small'}, `@${user.username}`)))))),
			people && !people.length && !words && tags.p({class: 'muted'}, t('send.empty')),
			other && tags.button({type: 'button', class: 'pick-row', onClick: () => void look()}, icon('user'), tags.span({class: 'pick-names'}, t('send.other', {name: other})))));
}
