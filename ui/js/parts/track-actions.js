// What may be done with a track: share, edit, delete.

import {effect, h, tags, useState} from '../html.js';
import {api} from '../api.js';
import {t} from '../i18n.js';
import {enqueue, playNext} from '../lineup.js';
import {current} from '../player.js';
import {here, navigate} from '../router.js';
import {house, me} from '../state.js';
import {forget, latest, learn} from '../tracks.js';
import {queueAround, undoable} from '../undo.js';
import {Artwork} from './artwork.js';
import {Dialog, openDialog} from './dialog.js';
import {keepItems} from './keep.js';
import {Area, Check, Form, PictureField, Text, demand} from './fields.js';
import {ReachField, planOf, reachOf} from './reach.js';
import {toast} from './toast.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */

/**
 * What the asker may do with a track, as a menu shows it.
 * @param {Track} track
 * @returns {import('./menu.js').Items}
 */
export function actions(track) {
	const heard = Boolean(track.stream.file); // a keeper may know of a track that only others may hear
	const other = heard && current.peek()?.id !== track.id;
	/** @param {(track: Track) => void} act @param {string} done */
	const line = (act, done) => () => {
		const waits = Boolean(current.peek());
		act(track);
		if (waits) toast(done);
	};
	return [
		Boolean(track.draft) && track.can.edit && !track.release && {label: t('batch.publish'), icon: 'globe', onPick: () => void import('./batch-edit.js').then(({publishMany}) => publishMany([track]))},
		other && {label: t('track.next'), icon: 'next', onPick: line(playNext, t('track.next_done', {title: track.title}))},
		other && {label: t('track.enqueue'), icon: 'queue', onPick: line(enqueue, t('track.enqueued', {title: track.title}))},
		heard && Boolean(me.peek()) && !track.by_link && {
			label: t('playlist.add'), icon: 'playlist', onPick: () => void import('./playlist-actions.js').then(({addToPlaylist}) => addToPlaylist(track)),
		},
		Boolean(me.peek()) && track.visibility === 'public' && {
			label: t('send.do'), icon: 'send', onPick: () => void import('./send-to.js').then(({sendTo}) => sendTo({track})),
		},
		heard && !track.by_link && {label: t('station.start'), icon: 'station', onPick: () => void import('./station.js').then(({startStation}) => startStation({track}))},
		...keepItems(track),
		heard && !track.by_link && {label: t('track.share'), icon: 'link', onPick: () => void share(track)},
		track.can.edit && {label: t('links.title'), icon: 'lock', onPick: () => void import('./links.js').then(({showLinks}) => showLinks({track}))},
		Boolean(track.stream.download) && {label: t('track.download'), icon: 'download', href: track.stream.download, download: true},
		track.user.id === me.peek()?.id && {label: t('numbers.do'), icon: 'chart', href: `/numbers/${track.id}`},
		track.user.id === me.peek()?.id && {
			label: t(me.peek()?.pinned?.id === track.id ? 'pin.undo' : 'pin.do'), icon: 'pin', onPick: () => void import('./pin.js').then(({togglePin}) => togglePin(track)),
		},
		track.can.edit && {label: t('track.edit'), icon: 'edit', onPick: () => edit(track)},
		Boolean(me.peek()) && track.user.id !== me.peek()?.id && !track.by_link && {
			label: t('comments.report'), icon: 'flag', onPick: () => void import('./report.js').then(({report}) => report({kind: 'track', id: track.id, name: track.title})),
		},
		track.can.delete && {label: t('track.delete'), icon: 'trash', danger: true, onPick: () => void remove(track)},
	];
}

/**
 * Copies a text: with the clipboard where the browser gives one, else by a
 * selection, which also works on plain http.
 * @param {string} text
 */
export async function copy(text) {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		const field = document.createElement('textarea');
		field.value = text;
		field.className = 'hidden';
		field.setAttribute('aria-hidden', 'true');
		document.body.append(field);
		const before = document.activeElement;
		field.select();
		// Nothing newer copies without a secure context.
		const done = document.execCommand('copy');
		field.remove();
		if (before instanceof HTMLElement) before.focus();
		return done;
	}
}

/**
 * Gives an address of this house on: copied, or shown to be copied by hand.
 * @param {string} url
 * @param {string} title
 * @param {string} [done] what is said when it was copied
 */
export async function shareAddress(url, title, done = t('share.copied')) {
	const address = new URL(url, location.origin).href;
	if (await copy(address)) {
		toast(done);
		return;
	}
	openDialog((close) => h(Dialog, {title, onClose: close, class: 'narrow'},
		tags.p(t('share.by_hand')),
		tags.input({type: 'text', readOnly: true, value: address, 'aria-label': t('share.address'), onFocus: (event) => event.currentTarget.select()})));
}

/**
 * Gives the track on.
 * @param {Track} track
 */
export async function share(track) {
	(await import('./share.js')).showShare({track});
}

/**
 * Deletes; for a while it can be undone.
 * @param {Track} track
 */
export function remove(track) {
	const was = latest(track) ?? track;
	let queueBack = () => {}, end = () => {};
	undoable({
		text: t('delete.done', {title: track.title}), path: `/api/tracks/${track.id}`, wait: 10_000,
		hide() {
			if (here(track.url)) void navigate(track.user.url, {replace: true});
			// Also where it comes anew meanwhile.
			queueBack = queueAround(() => (end = effect(() => void (latest(track) && forget(track.id)))));
			return () => end();
		},
		back() {
			learn(was);
			queueBack();
		},
	});
}

/**
 * Opens the editor.
 * @param {Track} track
 */
export function edit(track) {
	openDialog((close) => h(TrackEditor, {track, onClose: close}));
}

/** @param {string} text comma-separated */
const tagList = (text) => text.split(',').map((tag) => tag.trim().replace(/^#+/, '')).filter(Boolean);

/** @param {{track: Track, onClose: () => void}} props */
function TrackEditor({track: given, onClose}) {
	const track = latest(given) ?? given;
	const [first] = useState(track);

	/** @param {Record<string, string>} values */
	const save = async (values) => {
		demand('title', values.title, 'title.empty');
		const saved = learn(await api.patch(`/api/tracks/${track.id}`, {
			title: values.title, slug: values.slug === first.slug ? undefined : values.slug, description: values.description,
			artist: values.artist, album: values.album, year: Number(values.year) || 0, tags: tagList(values.tags),
			...reachOf(values, first), downloadable: values.downloadable === 'on', comments: values.comments === 'on', embeddable: values.embeddable === 'on',
		}));
		onClose();
		toast(t('edit.saved', {title: saved.title}));
		if (here(given.url) && saved.url !== given.url) void navigate(saved.url, {replace: true});
	};

	return h(Dialog, {title: t('edit.heading'), onClose, class: 'wide'},
		h(PictureField, {
			label: t('edit.picture'), has: Boolean(track.picture), limit: house.value?.limits.picture_bytes ?? 0,
			current: h(Artwork, {track, size: 'medium', class: 'edit-art'}),
			onPut: async (file) => learn(await api.put(`/api/tracks/${track.id}/picture`, file)),
			onDrop: async () => learn(await api.del(`/api/tracks/${track.id}/picture`)),
		}),
		h(Form, {
			action: save, submit: t('save'),
			beside: tags.button({type: 'button', class: 'button', onClick: onClose}, t('cancel')),
		},
			h(Text, {label: t('edit.title'), name: 'title', value: first.title, maxLength: 200}),
			h(Area, {label: t('edit.description'), name: 'description', value: first.description, maxLength: 5000, rows: 5, hint: t('edit.description_hint'), optional: true}),
			h(Text, {label: t('edit.tags'), name: 'tags', value: first.tags.join(', '), hint: t('edit.tags_hint'), optional: true}),
			h(ReachField, {kind: 'track', value: first.visibility, plan: planOf(first.release)}),
			h(Check, {label: t('edit.downloadable'), name: 'downloadable', checked: first.downloadable, hint: t('edit.downloadable_hint')}),
			h(Check, {label: t('edit.comments'), name: 'comments', checked: first.comments, hint: t('edit.comments_hint')}),
			h(Check, {label: t('edit.embeddable'), name: 'embeddable', checked: first.embeddable, hint: t('edit.embeddable_hint')}),
			tags.details({class: 'fold'}, tags.summary(t('edit.details')),
				h(Text, {label: t('edit.artist'), name: 'artist', value: first.artist ?? '', maxLength: 200, optional: true}),
				h(Text, {label: t('edit.album'), name: 'album', value: first.album ?? '', maxLength: 200, optional: true}),
				h(Text, {label: t('edit.year'), name: 'year', type: 'number', value: first.year || '', min: 0, max: 9999, optional: true}),
				h(Text, {label: t('edit.slug'), name: 'slug', value: first.slug, maxLength: 80, hint: t('edit.slug_hint'), prefix: `/${first.user.username}/`, autocapitalize: 'off', spellcheck: false}))));
}
