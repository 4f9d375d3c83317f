// The bar over a list of own tracks of which some are chosen, and what it opens.

import {h, tags, useRef, useState} from '../html.js';
import {errorText} from '../api.js';
import {change, erase, gather, illustrate} from '../batch.js';
import {t} from '../i18n.js';
import {learnPlaylist} from '../playlists.js';
import {navigate} from '../router.js';
import {house} from '../state.js';
import {style} from '../style.js';
import {numbered, retitled} from '../titles.js';
import {latest} from '../tracks.js';
import {Dialog, ask, openDialog} from './dialog.js';
import {Form, Text, demand} from './fields.js';
import {icon} from './icon.js';
import {Menu} from './menu.js';
import {Select} from './select.js';
import {toast} from './toast.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../wire.d.ts').TracksPatchChanges} Changes */
/** @typedef {import('../batch.js').Failure} Failure */

const {button, div, input, li, p, span, ul} = tags;

await style('batch');

const sights = ['public', 'followers', 'link', 'private'];

/** @param {string} text */
const tagList = (text) => text.split(',').map((tag) => tag.trim().replace(/^#+/, '')).filter(Boolean);

/** What all have alike; empty where they differ. @param {readonly Track[]} tracks @param {(track: Track) => string} of */
const alike = (tracks, of) => tracks.every((track) => of(track) === of(tracks[0])) ? of(tracks[0]) : '';

/**
 * @param {{tracks: readonly Track[], all: number, onAll: () => void, onNone: () => void, onBegin?: () => Promise<void>}} props
 *   tracks are the chosen ones in their order, all is how many there are to choose from; onBegin is waited for before they change.
 */
export function BatchBar({tracks, all, onAll, onNone, onBegin = async () => {}}) {
	const n = tracks.length, hidden = tracks.filter(({visibility}) => visibility === 'private' || visibility === 'link');
	return div({class: 'batch-bar', role: 'group', 'aria-label': t('batch.bar')},
		button({type: 'button', class: 'quiet', 'aria-label': t('batch.none'), title: t('batch.none'), onClick: onNone}, icon('close')),
		p({role: 'status'}, t('batch.chosen', {n})),
		n < all && button({type: 'button', class: 'text', onClick: onAll}, t('batch.all')),
		div({class: 'batch-acts'},
			button({type: 'button', class: 'button main', onClick: () => void onBegin().then(() => editMany(tracks))}, icon('edit'), t('batch.edit')),
			h(Menu, {
				label: t('batch.more'),
				items: () => [
					hidden.length > 0 && {label: t('batch.publish'), icon: 'globe', onPick: () => void onBegin().then(() => publishMany(hidden))},
					{label: t('batch.album'), icon: 'disc', onPick: () => listOf(tracks, 'album')},
					{label: t('batch.playlist'), icon: 'playlist', onPick: () => listOf(tracks, 'playlist')},
					{label: t('track.delete'), icon: 'trash', danger: true, onPick: () => void removeMany(tracks, onNone)},
				],
			})));
}

/** Tells what became of it. @param {readonly Track[]} tracks @param {Failure[]} failed @param {string} done */
function tell(tracks, failed, done) {
	if (!failed.length) toast(done);
	else openDialog((close) => h(Dialog, {title: t('batch.failed', {n: failed.length}), onClose: close},
		failed.length < tracks.length && p(t('batch.others', {n: tracks.length - failed.length})),
		h(Failures, {failed}),
		div({class: 'actions'}, button({type: 'button', class: 'button main', onClick: close}, t('close')))));
}

/** @param {{failed: readonly Failure[]}} props */
function Failures({failed}) {
	return ul({class: 'batch-failed'}, failed.map(({track, error}) => li({key: track.id}, tags.b(track.title), span({class: 'wrong'}, icon('warning'), errorText(error)))));
}

/** @param {readonly Track[]} tracks */
export async function publishMany(tracks) {
	try {
		tell(tracks, await change(tracks, {visibility: 'public'}), tracks.length === 1 ? t('upload.draft_done', {title: tracks[0].title}) : t('batch.published', {n: tracks.length}));
	} catch (error) {
		toast(errorText(error), {kind: 'error'});
	}
}

/** @param {readonly Track[]} tracks @param {() => void} onDone */
async function removeMany(tracks, onDone) {
	const n = tracks.length;
	if (!await ask({title: t('batch.delete_title', {n}), text: t('batch.delete_text'), yes: t('batch.delete_yes', {n}), danger: true})) return;
	const away = toast(t('batch.deleting', {n}), {kind: 'note'});
	const failed = await erase(tracks);
	away();
	onDone();
	tell(tracks, failed, t('batch.deleted', {n}));
}

/** @param {readonly Track[]} chosen @param {'album' | 'playlist'} kind */
function listOf(chosen, kind) {
	const album = kind === 'album' && numbered(chosen), tracks = album || chosen;
	openDialog((close) => {
		/** @param {Record<string, string>} values */
		const make = async (values) => {
			demand('title', values.title, 'title.empty');
			const made = learnPlaylist(await gather(tracks, {title: values.title, kind, visibility: values.visibility}));
			close();
			await navigate(made.url);
		};
		return h(Dialog, {title: kind === 'album' ? t('batch.album') : t('batch.playlist'), onClose: close, class: 'narrow'},
			p({class: 'muted'}, t(album ? 'batch.list_numbered' : 'batch.list_text', {n: tracks.length})),
			h(Form, {action: make, submit: t('playlist.make'), beside: button({type: 'button', class: 'button', onClick: close}, t('cancel'))},
				h(Text, {label: t('edit.title'), name: 'title', value: alike(tracks, ({album}) => album ?? ''), maxLength: 200}),
				h(Select, {label: t('playlist.visibility'), name: 'visibility', value: tracks.some(({visibility}) => visibility === 'public') ? 'public' : 'private', options: sights.map((value) => ({value, label: t(`reach.to_${value}`)}))})));
	});
}

/** Opens the dialog that changes tracks together. @param {readonly Track[]} tracks */
export function editMany(tracks) {
	openDialog((close) => h(Editor, {tracks, onClose: close}));
}

/** @param {{tracks: readonly Track[], onClose: () => void}} props */
function Editor({tracks: given, onClose}) {
	const [tracks] = useState(() => given.map((track) => latest(track) ?? track));
	const [rules, setRules] = useState({find: '', replace: '', numbers: false});
	const [picture, setPicture] = useState(/** @type {File | null} */ (null));
	const [done, setDone] = useState(/** @type {number | null} */ (null));
	const n = tracks.length, old = tracks.map(({title}) => title), titles = retitled(old, rules);
	const renamed = titles.map((title, i) => ({title, was: old[i]})).filter(({title, was}) => title !== was);
	const first = {
		artist: alike(tracks, ({artist}) => artist ?? ''), album: alike(tracks, ({album}) => album ?? ''), year: alike(tracks, ({year}) => `${year || ''}`),
	};
	const carried = [...new Set(tracks.flatMap((track) => track.tags))];

	/** @param {Record<string, string>} values */
	async function save(values) {
		/** @type {Changes} */
		const changes = {};
		const add = tagList(values.add_tags), drop = tagList(values.drop_tags);
		if (add.length) changes.add_tags = add;
		if (drop.length) changes.drop_tags = drop;
		if (values.visibility) changes.visibility = /** @type {Track['visibility']} */ (values.visibility);
		if (values.downloadable) changes.downloadable = values.downloadable === 'yes';
		if (values.artist !== first.artist) changes.artist = values.artist;
		if (values.album !== first.album) changes.album = values.album;
		if (values.year !== first.year) changes.year = Number(values.year) || 0;
		setDone(0);
		try {
			/** @type {Failure[]} */
			let failed = [];
			if (Object.keys(changes).length || renamed.length) failed = await change(tracks, changes, renamed.length ? titles : null, setDone);
			if (picture) {
				setDone(0);
				failed = [...failed, ...await illustrate(tracks.filter(({id}) => !failed.some(({track}) => track.id === id)), picture, setDone)];
			}
			onClose();
			tell(tracks, failed, t('batch.done', {n}));
		} finally {
			setDone(null);
		}
	}

	return h(Dialog, {title: t('batch.edit_heading', {n}), onClose, class: 'wide batch-dialog'},
		p({class: 'muted'}, t('batch.edit_text')),
		h(Form, {
			action: save, submit: t('batch.save', {n}), busy: done ? t('batch.saving', {done, n}) : t('saving'),
			beside: button({type: 'button', class: 'button', onClick: onClose}, t('cancel')),
		},
			div({class: 'batch-pair'},
				h(Text, {label: t('batch.add_tags'), name: 'add_tags', hint: t('edit.tags_hint'), optional: true}),
				h(Text, {label: t('batch.drop_tags'), name: 'drop_tags', hint: carried.length ? t('batch.carried', {tags: carried.slice(0, 12).join(', ')}) : t('batch.carried_none'), optional: true})),
			div({class: 'batch-pair'},
				h(Select, {label: t('edit.visibility'), name: 'visibility', value: '', options: [{value: '', label: t('batch.stay')}, ...sights.map((value) => ({value, label: t(`reach.to_${value}`)}))]}),
				h(Select, {label: t('edit.downloadable'), name: 'downloadable', value: '', options: [{value: '', label: t('batch.stay')}, {value: 'yes', label: t('batch.yes')}, {value: 'no', label: t('batch.no')}]})),
			div({class: 'batch-pair'},
				h(Text, {label: t('edit.artist'), name: 'artist', value: first.artist, maxLength: 200, optional: true, hint: first.artist || !tracks.some(({artist}) => artist) ? undefined : t('batch.differ')}),
				h(Text, {label: t('edit.album'), name: 'album', value: first.album, maxLength: 200, optional: true, hint: first.album || !tracks.some(({album}) => album) ? undefined : t('batch.differ')}),
				h(Text, {label: t('edit.year'), name: 'year', type: 'number', value: first.year, min: 0, max: 9999, optional: true, hint: first.year || !tracks.some(({year}) => year) ? undefined : t('batch.differ')})),
			h(Cover, {picture, onPick: setPicture}),
			tags.fieldset({class: 'field batch-titles'},
				tags.legend(t('batch.titles')),
				tags.label({class: 'option plain'},
					input({type: 'checkbox', name: 'numbers', onChange: (event) => setRules({...rules, numbers: event.currentTarget.checked})}),
					span(span({class: 'option-label'}, t('batch.numbers')), span({class: 'hint'}, t('batch.numbers_hint')))),
				div({class: 'batch-pair'},
					h(Text, {label: t('batch.find'), name: 'find', maxLength: 200, optional: true, onInput: (find) => setRules({...rules, find})}),
					h(Text, {label: t('batch.replace'), name: 'replace', maxLength: 200, optional: true, onInput: (replace) => setRules({...rules, replace})})),
				(rules.find || rules.numbers) && div({class: 'batch-preview', role: 'status'},
					p({class: 'small'}, renamed.length ? t('batch.renames', {n: renamed.length}) : t('batch.renames_none')),
					ul(renamed.slice(0, 5).map(({title, was}) => li({key: was}, tags.del(was), icon('forward'), tags.ins(title || '…')))))),
		));
}

/** One picture for all. @param {{picture: File | null, onPick: (picture: File | null) => void}} props */
function Cover({picture, onPick}) {
	const field = useRef(/** @type {HTMLInputElement | null} */ (null));
	const [wrong, setWrong] = useState('');
	return div({class: 'field picture-field batch-cover', role: 'group', 'aria-label': t('batch.picture')},
		div({class: 'picture-tools'},
			p({class: 'batch-label'}, t('batch.picture')),
			button({type: 'button', class: 'button', onClick: () => field.current?.click()}, icon('image'), picture ? t('picture.replace') : t('picture.choose')),
			picture && p({class: 'small'}, picture.name),
			picture && button({type: 'button', class: 'quiet', 'aria-label': t('batch.picture_none'), onClick: () => onPick(null)}, icon('close')),
			wrong && p({class: 'wrong', role: 'alert'}, icon('warning'), wrong),
			input({
				ref: field, type: 'file', accept: 'image/jpeg,image/png,image/webp,image/gif', hidden: true, 'aria-label': t('batch.picture'),
				onChange: (event) => {
					const file = event.currentTarget.files?.[0], most = house.peek()?.limits.picture_bytes ?? 0;
					event.currentTarget.value = '';
					setWrong(file && most && file.size > most ? t('error.picture.too_large') : '');
					if (file && !(most && file.size > most)) onPick(file);
				},
			})));
}
