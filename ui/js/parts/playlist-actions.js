// What may be done with playlists: make, fill, change, delete.

import {classes, effect, h, tags, useEffect, useId, useRef, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {forgetPlaylist, latestPlaylist, learnPlaylist} from '../playlists.js';
import {invite} from '../react.js';
import {here, navigate} from '../router.js';
import {house, me} from '../state.js';
import {style} from '../style.js';
import {undoable} from '../undo.js';
import {Artwork} from './artwork.js';
import {Dialog, openDialog} from './dialog.js';
import {Area, Choice, Form, PictureField, Text, demand} from './fields.js';
import {icon} from './icon.js';
import {Failed, More, useList} from './list.js';
import {summary} from './playlist-cards.js';
import {ReachField, planOf, reachOf, signs} from './reach.js';
import {toast} from './toast.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Playlist} Playlist */
/** @typedef {import('../wire.d.ts').Track} Track */

const {button, div, form, input, label, li, p, span, ul} = tags;

await style('playlists');

/** @param {string} text comma-separated */
const tagList = (text) => text.split(',').map((tag) => tag.trim().replace(/^#+/, '')).filter(Boolean);

const kinds = () => [
	{value: 'playlist', label: t('playlist.playlist')},
	{value: 'album', label: t('playlist.album')},
];

/**
 * Opens the dialog that puts a track into playlists.
 * @param {Track} track
 * @param {() => void} [done] when it is closed
 */
export function addToPlaylist(track, done = () => {}) {
	if (!me.peek()) return invite(t('playlist.signin'));
	openDialog((end) => {
		const close = () => {
			end();
			done();
		};
		return h(Dialog, {title: t('playlist.add_heading'), onClose: close, class: 'narrow'}, h(Adder, {track, close}));
	});
}

/** @param {{track: Track, close: () => void}} props */
function Adder({track, close}) {
	const {list, items, retry} = useList(`/api/me/playlists?track=${track.id}`, (/** @type {Playlist} */ one) => one);
	const {state, error} = list.value;
	useEffect(() => {
		// When it was open before, much may have changed since.
		if (list.peek().state !== 'ready') return;
		list.value = {items: [], next: undefined, state: 'loading', error: null};
		retry();
	}, []);
	const field = useRef(/** @type {HTMLInputElement | null} */ (null));
	const [wrong, setWrong] = useState('');
	const [hidden, setHidden] = useState(false);
	const [busy, setBusy] = useState('');
	const id = useId();

	/** @param {Playlist} now */
	const show = (now) => {
		list.value = {...list.peek(), items: list.peek().items.map((one) => (one.id === now.id ? now : one))};
	};
	/** @param {Playlist} playlist */
	const toggle = async (playlist) => {
		if (busy) return;
		setBusy(playlist.id);
		setWrong('');
		show({...playlist, has: !playlist.has});
		try {
			const path = `/api/playlists/${playlist.id}/tracks/${track.id}`;
			const now = playlist.has ? await api.del(path) : await api.put(path, {});
			show({...learnPlaylist(now), has: !playlist.has});
		} catch (why) {
			show(playlist);
			setWrong(errorText(why));
		}
		setBusy('');
	};
	/** Makes the playlist that was named, with the track in it; false when that failed. */
	const make = async () => {
		const title = field.current?.value ?? '';
		if (busy) return false;
		setBusy('new');
		setWrong('');
		try {
			demand('title', title, 'title.empty');
			const made = learnPlaylist(await api.post('/api/playlists', {title, visibility: hidden ? 'private' : 'public', tracks: [track.id]}));
			list.value = {...list.peek(), items: [{...made, has: true}, ...list.peek().items]};
			if (field.current) field.current.value = '';
			setBusy('');
			return true;
		} catch (why) {
			setWrong(errorText(why));
			field.current?.focus();
		}
		setBusy('');
		return false;
	};
	// What was typed is meant, whichever button is pressed.
	const done = async () => {
		if (!field.current?.value.trim() || await make()) close();
	};
	/** @param {SubmitEvent} event */
	const onSubmit = (event) => {
		event.preventDefault();
		void make();
	};

	return [
		p({class: 'muted adder-track'}, track.title),
		form({class: 'adder-new', noValidate: true, onSubmit},
			label({htmlFor: id, class: 'hidden'}, t('playlist.new_title')),
			input({ref: field, id, type: 'text', maxLength: 200, placeholder: t('playlist.new_title'), 'aria-invalid': Boolean(wrong) && busy === 'new', autocomplete: 'off'}),
			button({type: 'submit', class: 'button', 'aria-disabled': busy === 'new'}, icon('plus'), t('playlist.make')),
			label({class: 'option plain'},
				input({type: 'checkbox', checked: hidden, onChange: (event) => setHidden(event.currentTarget.checked)}),
				span(span({class: 'option-label'}, t('playlist.new_private')),
					span({class: 'hint'}, hidden ? t('playlist.new_private_hint') : t('playlist.new_public_hint'))))),
		wrong && p({class: 'wrong', role: 'alert'}, icon('warning'), wrong),
		state === 'loading' && !items.length ? p({class: 'muted', role: 'status'}, t('loading'))
			: !items.length && error ? h(Failed, {error, onRetry: retry})
				: ul({class: 'adder-list', 'aria-label': t('playlist.mine')}, items.map((playlist) => li({key: playlist.id},
					button({type: 'button', class: classes('adder-row', playlist.has && 'on'), 'aria-pressed': Boolean(playlist.has), onClick: () => void toggle(playlist)},
						h(Artwork, {track: playlist, size: 'small'}),
						span({class: 'player-names'}, span({class: 'player-title'}, playlist.title),
							span({class: 'player-by'}, playlist.visibility !== 'public' && icon(signs[playlist.visibility]), summary(playlist))),
						span({class: 'adder-mark', 'aria-hidden': 'true'}, icon(playlist.has ? 'check' : 'plus')))))),
		h(More, {list: list.value, onMore: retry}),
		div({class: 'actions'}, button({type: 'button', class: 'button main', 'aria-disabled': busy === 'new', onClick: () => void done()}, t('playlist.done'))),
	];
}

/** Opens the dialog that makes a playlist, and goes to it. */
export function newPlaylist() {
	openDialog((close) => {
		/** @param {Record<string, string>} values */
		const make = async (values) => {
			demand('title', values.title, 'title.empty');
			const made = learnPlaylist(await api.post('/api/playlists', {title: values.title, kind: values.kind, ...reachOf(values)}));
			close();
			await navigate(made.url);
		};
		return h(Dialog, {title: t('playlist.new'), onClose: close},
			h(Form, {action: make, submit: t('playlist.make'), beside: button({type: 'button', class: 'button', onClick: close}, t('cancel'))},
				h(Text, {label: t('edit.title'), name: 'title', maxLength: 200}),
				h(Choice, {legend: t('playlist.kind'), name: 'kind', value: 'playlist', options: kinds()}),
				h(ReachField, {kind: 'playlist', value: 'public', plan: {}})));
	});
}

/** @param {Playlist} playlist */
export async function sharePlaylist(playlist) {
	(await import('./share.js')).showShare({playlist});
}

/** @param {Playlist} playlist */
export function editPlaylist(playlist) {
	openDialog((close) => h(Editor, {playlist, onClose: close}));
}

/** @param {{playlist: Playlist, onClose: () => void}} props */
function Editor({playlist: given, onClose}) {
	const playlist = latestPlaylist(given) ?? given;
	const [first] = useState(playlist);

	/** @param {Record<string, string>} values */
	const save = async (values) => {
		demand('title', values.title, 'title.empty');
		const saved = learnPlaylist(await api.patch(`/api/playlists/${playlist.id}`, {
			title: values.title, slug: values.slug === first.slug ? undefined : values.slug, description: values.description,
			tags: tagList(values.tags), kind: values.kind, ...reachOf(values, first),
		}));
		onClose();
		toast(t('edit.saved', {title: saved.title}));
		if (here(given.url) && saved.url !== given.url) void navigate(saved.url, {replace: true});
	};
	const remove = () => {
		onClose();
		void removePlaylist(playlist);
	};
	return h(Dialog, {title: t('playlist.edit_heading'), onClose, class: 'wide'},
		h(PictureField, {
			label: t('edit.picture'), has: Boolean(playlist.own_picture), limit: house.value?.limits.picture_bytes ?? 0,
			current: h(Artwork, {track: playlist, size: 'medium', class: 'edit-art'}),
			onPut: async (file) => learnPlaylist(await api.put(`/api/playlists/${playlist.id}/picture`, file)),
			onDrop: async () => learnPlaylist(await api.del(`/api/playlists/${playlist.id}/picture`)),
		}),
		!playlist.own_picture && p({class: 'hint'}, t('playlist.picture_hint')),
		h(Form, {action: save, submit: t('save'), beside: [
			button({type: 'button', class: 'button apart', key: 'delete', onClick: remove}, icon('trash'), t('track.delete')),
			button({type: 'button', class: 'button', key: 'cancel', onClick: onClose}, t('cancel')),
		]},
			h(Text, {label: t('edit.title'), name: 'title', value: first.title, maxLength: 200}),
			h(Choice, {legend: t('playlist.kind'), name: 'kind', value: first.kind, options: kinds()}),
			h(Area, {label: t('edit.description'), name: 'description', value: first.description, maxLength: 5000, rows: 4, optional: true}),
			h(Text, {label: t('edit.tags'), name: 'tags', value: first.tags.join(', '), hint: t('edit.tags_hint'), optional: true}),
			h(ReachField, {kind: 'playlist', value: first.visibility, plan: planOf(first.release)}),
			h(Text, {
				label: t('edit.slug'), name: 'slug', value: first.slug, maxLength: 80, hint: t('edit.slug_hint'),
				prefix: `/${first.user.username}/playlists/`, autocapitalize: 'off', spellcheck: false,
			})));
}

/**
 * Deletes; for a while it can be undone.
 * @param {Playlist} playlist
 */
export function removePlaylist(playlist) {
	const was = latestPlaylist(playlist) ?? playlist;
	undoable({
		text: t('delete.done', {title: playlist.title}), path: `/api/playlists/${playlist.id}`, wait: 10_000,
		hide() {
			if (here(playlist.url)) void navigate('/playlists', {replace: true});
			return effect(() => void (latestPlaylist(playlist) && forgetPlaylist(playlist.id)));
		},
		back: () => void learnPlaylist(was),
	});
}
