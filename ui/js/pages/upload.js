// Uploading: choose or drop files, watch them go, say what they are.

import {classes, computed, h, tags, useEffect, useRef, useState} from '../html.js';
import {ApiError, api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {bytes, spokenTime} from '../amounts.js';
import {time} from '../format.js';
import {Heading, Link, route} from '../router.js';
import {house, me, signedIn} from '../state.js';
import {style} from '../style.js';
import {latest, learn, useFreshWaveform} from '../tracks.js';
import {add, dismiss, forget, look, pause, resume, retry, sendAnyway} from '../sending.js';
import {flush, keepTyped, kept, settle} from '../typed.js';
import {busy, unfinished, uploads} from '../uploads.js';
import {Artwork, useTint} from '../parts/artwork.js';
import {BatchBar} from '../parts/batch-edit.js';
import {Drafts} from '../parts/upload-drafts.js';
import {Area, Check, Form, PictureField, Text, demand} from '../parts/fields.js';
import {icon} from '../parts/icon.js';
import {useKeptFocus} from '../parts/kept.js';
import {Empty} from '../parts/list.js';
import {ReachField, planOf, reachOf, signs} from '../parts/reach.js';
import {useSelection} from '../parts/selecting.js';
import {toast} from '../parts/toast.js';
import {PlayButton, Reach, TagLink} from '../parts/track-card.js';
import {MyUsage} from '../parts/usage.js';
import {Waveform, analysed} from '../parts/waveform.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../uploads.js').Upload} Upload */
/** @typedef {import('../wire.d.ts').PartialUpload} PartialUpload */

const {button, div, h2, input, li, ol, p, progress, section, span} = tags;

await style('upload');

/** Fingers drag no files. */
const canDrop = matchMedia('(any-hover: hover)').matches;

/** Whether others find it, everybody or followers. @param {string} sight */
const shown = (sight) => sight === 'public' || sight === 'followers';

/** Failures that a second try would only meet again. */
const final = ['upload.empty', 'upload.not_audio', 'upload.layer', 'upload.free_format', 'upload.unsupported', 'upload.video', 'upload.no_sound', 'upload.damaged', 'upload.too_large', 'upload.unreadable', 'quota.bytes', 'quota.tracks'];

/** Texts typed as "tag, #tag" to a list. @param {string} text */
const tagList = (text) => text.split(',').map((tag) => tag.trim().replace(/^#+/, '')).filter(Boolean);

export default function UploadPage() {
	if (!signedIn.value) {
		return [
			h(Heading, {}, t('upload.heading')),
			h(Empty, {icon: 'upload', text: t('upload.signin')}, h(Link, {href: '/sign-in', class: 'button main'}, t('nav.signin'))),
		];
	}
	const list = uploads.value, root = useKeptFocus();
	useEffect(() => void look().catch(() => {}), []);
	useEffect(() => {
		if (route.peek().query.get('shared') !== null) void import('../parts/shared.js').then(({receive}) => receive()).catch(() => {});
	}, []);
	// What arrived can be changed together.
	const there = arrived.value, {there: picked, set, box} = useSelection(there.map(({id}) => id));
	const chosen = there.filter(({id}) => picked.has(id));
	/** @param {Upload} one */
	const boxOf = (one) => {
		const {stage, track} = one.progress.value;
		return there.length > 1 && stage === 'done' && track ? box(track.id, track.title) : null;
	};
	return section({ref: root, class: classes('upload-page', list.length > 0 && 'filled')},
		tags.header({class: 'upload-page-head'}, h(Heading, {}, t('upload.heading')), h(Link, {href: '/you/tracks', class: 'button'}, icon('waves'), t('mine.title'))),
		h(Chooser, {small: list.length > 0}),
		unfinished.value.length > 0 && h(Unfinished, {}),
		list.length > 0 && h(Summary, {}),
		ol({class: 'uploads'}, list.map((one) => h(Card, {key: one.id, one, box: boxOf(one)}))),
		chosen.length > 0 && h(BatchBar, {onBegin: keepAll, tracks: chosen, all: there.length, onAll: () => set(there.map(({id}) => id)), onNone: () => set([])}),
		h(Drafts, {without: new Set(there.map(({id}) => id))}));
}

/** @param {{small: boolean}} props */
function Chooser({small}) {
	const files = useRef(/** @type {HTMLInputElement | null} */ (null));
	const limit = house.value?.limits.upload_bytes ?? 0;
	const {bytes: most, tracks} = me.value?.quota ?? {}, limited = Boolean(most || tracks);
	const done = uploads.value.filter((one) => one.progress.value.stage === 'done').length;
	return div({class: classes('chooser', small && 'compact')},
		span({class: 'chooser-sign', 'aria-hidden': 'true'}, icon('upload')),
		div({class: 'chooser-text'},
			p({class: 'chooser-lead'}, canDrop ? t('upload.lead') : t('upload.lead_touch')),
			p({class: 'muted small'}, limit > 0 ? t('upload.formats_limit', {size: bytes(limit)}) : t('upload.formats')),
			limited && p({class: 'muted small'}, h(MyUsage, {key: `${done}`}))),
		button({type: 'button', class: classes('button', !small && 'main'), onClick: () => files.current?.click()},
			icon('plus'), small ? t('upload.choose_more') : t('upload.choose')),
		input({
			ref: files, type: 'file', multiple: true, accept: 'audio/*,.mp3,.wav,.flac,.ogg,.oga,.opus,.m4a,.aac', hidden: true, 'aria-label': t('upload.choose'),
			onChange: (event) => {
				add(event.currentTarget.files ?? []);
				event.currentTarget.value = '';
			},
		}));
}

/** What came of files at earlier visits, and goes on when they are chosen again. */
function Unfinished() {
	const files = useRef(/** @type {HTMLInputElement | null} */ (null));
	const list = unfinished.value;
	return section({class: 'upload-before'},
		h2(t('upload.before', {n: list.length})),
		p({class: 'muted small'}, canDrop ? t('upload.before_hint') : t('upload.before_hint_touch')),
		ol({class: 'uploads'}, list.map((one) => li({class: 'upload-card slim before', key: one.id},
			span({class: 'upload-sign', 'aria-hidden': 'true'}, icon('waves')),
			div({class: 'upload-what'},
				div({class: 'upload-head'}, p({class: 'upload-name'}, one.name),
					p({class: 'muted small'}, t('upload.before_sent', {sent: bytes(one.offset), size: bytes(one.size)}))),
				progress({'aria-label': t('upload.progress', {name: one.name}), max: one.size, value: one.offset})),
			div({class: 'upload-acts'},
				button({type: 'button', class: 'button', 'aria-label': `${t('upload.before_choose')}: ${one.name}`, onClick: () => files.current?.click()}, t('upload.before_choose')),
				button({type: 'button', class: 'quiet', 'aria-label': `${t('upload.before_drop')}: ${one.name}`, title: t('upload.before_drop'), onClick: () => forget(one)}, icon('close')))))),
		input({
			ref: files, type: 'file', multiple: true, accept: 'audio/*,.mp3,.wav,.flac,.ogg,.oga,.opus,.m4a,.aac', hidden: true, 'aria-label': t('upload.before_choose'),
			onChange: (event) => {
				add(event.currentTarget.files ?? []);
				event.currentTarget.value = '';
			},
		}));
}

/** How far all of it is, and what can be done with all at once. */
function Summary() {
	const stages = uploads.value.map((one) => one.progress.value.stage);
	const done = stages.filter((stage) => stage === 'done').length;
	const failed = stages.filter((stage) => stage === 'failed').length, known = stages.filter((stage) => stage === 'known').length;
	const n = unsaved.value.length;
	// What is not saved yet decides the button, and what was saved the last word.
	const open = n > 0 ? unsaved.value.every((one) => shown(one.visibility.value))
		: uploads.value.every(({progress: {value: {stage, track}}}) => stage !== 'done' || !track || shown((latest(track) ?? track).visibility));
	return div({class: 'upload-sum'},
		p({role: 'status'}, known > 0 && done + failed + known === stages.length ? t('upload.sum_known', {n: known})
			: done + failed < stages.length
			? t('upload.sum_going', {done, all: stages.length})
			: failed > 0 ? t('upload.sum_failed', {n: failed, done, all: stages.length})
				: n > 0 ? t('upload.sum_done', {n: done})
					: open ? t('upload.sum_published', {n: done}) : t('upload.sum_saved', {n: done})),
		n > 1 && button({type: 'button', class: 'button', onClick: saveAll},
			icon(open ? 'globe' : 'check'), open ? t('upload.publish_all', {n}) : t('upload.save_all')));
}

/** The tracks that arrived and whose details were not saved yet. */
const unsaved = computed(() => uploads.value.filter((one) => {
	const {stage, track} = one.progress.value;
	return stage === 'done' && track && latest(track) && !one.saved.value;
}));

/** Keeps what was typed so far: from here on the server's texts count. */
async function keepAll() {
	for (const one of uploads.peek()) {
		const id = one.progress.peek().track?.id;
		if (!id || !one.draft || one.progress.peek().track?.visibility !== 'private') continue;
		await flush(id);
		one.draft = null;
	}
}

/** What arrived and is still there. */
const arrived = computed(() => uploads.value.flatMap(({progress: {value: {stage, track}}}) => (stage === 'done' && track && latest(track)) || []));

/** The one whose form is shown by itself: the first that waits for it, once nothing is on its way any more. */
const foremost = computed(() => (uploads.value.length > 1 && busy.value ? null : unsaved.value[0] ?? null));

/** Saves all, those with an open form by that, which shows what is wrong. */
async function saveAll() {
	for (const one of unsaved.peek()) {
		const form = document.querySelector(`#upload-${one.id} form`);
		if (form instanceof HTMLFormElement) {
			form.requestSubmit();
			continue;
		}
		const {track} = one.progress.peek(), now = track && latest(track);
		if (!now) continue;
		try {
			await save(one, now, one.draft ?? {...said(now), visibility: one.visibility.peek()});
		} catch (error) {
			one.open.value = true;
			toast(`${now.title}: ${errorText(error)}`, {kind: 'error'});
		}
	}
}

/** What a draft says, but not who may hear it. @param {Record<string, string>} values */
const textsOf = (values) => ({artist: values.artist, description: values.description, tags: tagList(values.tags), downloadable: values.downloadable === 'on'});

/** @param {Upload} one @param {Track} track @param {Record<string, string>} values */
async function save(one, track, values) {
	demand('title', values.title, 'title.empty');
	await settle(track.id);
	learn(await api.patch(`/api/tracks/${track.id}`, {title: values.title, ...textsOf(values), ...reachOf(values, track)}));
	one.saved.value = true;
	one.open.value = null;
}

/** @param {{one: Upload, box: import('../html.js').Child}} props */
function Card({one, box}) {
	const now = one.progress.value;
	const given = now.stage === 'known' ? null : now.track;
	const track = given && latest(given);
	if (given && !track) {
		return li({class: 'upload-card slim'}, h(Head, {one, text: t('upload.deleted')}), h(Dismiss, {one, text: t('upload.hide')}));
	}
	if (track) return h(Done, {one, track, box});
	return li({class: classes('upload-card slim', now.stage)},
		span({class: 'upload-sign', 'aria-hidden': 'true'}, icon(now.stage === 'failed' ? 'warning' : 'waves')),
		div({class: 'upload-what'},
			h(Head, {one, text: told(one)}),
			now.stage === 'failed' && h(Why, {error: now.error}),
			now.stage === 'known' && now.track && p({class: 'upload-known'}, t('upload.known'), ' ', h(Link, {href: now.track.url}, now.track.title)),
			now.stage !== 'failed' && now.stage !== 'known' && progress({
				'aria-label': t('upload.progress', {name: one.file.name}), max: one.file.size,
				value: now.stage === 'checking' || now.stage === 'reading' ? undefined : now.sent,
			})),
		div({class: 'upload-acts'},
			now.stage === 'failed' && !final.includes(now.error?.code ?? '') && button({type: 'button', class: 'button', onClick: () => retry(one)}, t('upload.retry')),
			now.stage === 'known' && button({type: 'button', class: 'button', onClick: () => sendAnyway(one)}, t('upload.known_anyway')),
			['waiting', 'reading', 'sending', 'paused'].includes(now.stage) && h(Act, now.stage === 'paused'
				? {one, sign: 'play', text: t('upload.resume'), act: resume} : {one, sign: 'pause', text: t('upload.pause'), act: pause}),
			h(Dismiss, {one, text: now.stage === 'known' ? t('upload.known_leave') : now.stage === 'failed' ? t('upload.hide') : t('upload.cancel')})));
}

/** Why a file did not arrive. @param {{error: unknown}} props */
function Why({error}) {
	// Members are told to turn to the keeper, who need not turn to anybody.
	const room = error instanceof ApiError && error.code === 'disk.full' && me.value?.keeper;
	return p({class: 'wrong', role: 'alert'}, room ? [t('upload.disk_full'), ' ', h(Link, {key: 'room', href: '/keeper'}, t('room.open'))] : errorText(error));
}

/** @param {{one: Upload, text: string}} props */
function Head({one, text}) {
	return div({class: 'upload-head'}, p({class: 'upload-name'}, one.file.name), p({class: 'muted small'}, text));
}

/** @param {{one: Upload, text: string}} props */
function Dismiss({one, text}) {
	return h(Act, {one, sign: 'close', text, act: dismiss});
}

/** @param {{one: Upload, sign: string, text: string, act: (one: Upload) => void}} props */
function Act({one, sign, text, act}) {
	return button({type: 'button', class: 'quiet', 'aria-label': `${text}: ${one.file.name}`, title: text, onClick: () => act(one)}, icon(sign));
}

/** What is said of a file on its way. @param {Upload} one */
function told(one) {
	const {stage, sent, rate, left, held} = one.progress.value;
	const size = bytes(one.file.size);
	if (stage === 'waiting') return t('upload.waiting', {size});
	if (stage === 'checking') return t('upload.checking', {size});
	if (stage === 'failed' || stage === 'known') return size;
	if (stage === 'paused') return t('upload.paused', {sent: bytes(sent), size});
	if (held) return t('upload.held', {sent: bytes(sent), size});
	if (stage === 'reading') return t('upload.reading', {size});
	if (left === null) return t('upload.sent', {sent: bytes(sent), size});
	return t('upload.sent_rate', {sent: bytes(sent), size, rate: bytes(rate), left: spokenTime(left * 1000)});
}

/**
 * A file that arrived: a line, or its waveform and a form for what it is.
 * @param {{one: Upload, track: Track, box: import('../html.js').Child}} props
 */
function Done({one, track, box}) {
	useFreshWaveform(track);
	const style = useTint(track);
	const {saved, visibility} = one;
	const open = one.open.value ?? (foremost.value === one || saved.value && uploads.value.length === 1);
	const draft = one.draft ?? {...said(track), visibility: visibility.value};
	// What changes elsewhere is shown here too, unless something was typed.
	const base = useRef(''), sight = useRef(track.visibility);
	if (!one.draft) base.current = JSON.stringify([track.title, track.artist, track.tags, track.description]);
	useEffect(() => {
		if (sight.current === track.visibility) return;
		sight.current = track.visibility;
		saved.value = true; // also by the list, or on another page
	}, [track.visibility]);
	const [, setPlans] = useState(0);
	const card = useRef(/** @type {HTMLLIElement | null} */ (null));
	const before = useRef(saved.value), opened = useRef(open);
	useEffect(() => {
		if (saved.value === before.current) return;
		before.current = saved.value;
		// What was pressed is gone: the card stays in sight and keeps the focus.
		const next = card.current?.querySelector(saved.value ? '.upload-saved a, .upload-title a' : 'form input');
		if (document.activeElement === document.body && next instanceof HTMLElement) next.focus({preventScroll: true});
		card.current?.scrollIntoView({block: 'nearest'});
	}, [saved.value]);
	useEffect(() => {
		if (opened.current === open) return;
		opened.current = open;
		const next = card.current?.querySelector(open ? 'form input' : '.upload-acts button');
		if (one.open.peek() !== null && document.activeElement === document.body && next instanceof HTMLElement) next.focus({preventScroll: true});
	}, [open]);
	useEffect(() => () => void flush(track.id), [track.id]);

	/** @param {Event} event */
	function keep({target}) {
		const form = target instanceof Element && target.closest('form');
		if (!form) return;
		const values = one.draft = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
		if (track.visibility === 'private') keepTyped(track.id, {...values.title.trim() && {title: values.title}, ...textsOf(values)});
	}
	function editAgain() {
		one.draft = said(track);
		visibility.value = track.visibility;
		saved.value = false;
		one.open.value = true;
	}
	const [running, setRunning] = useState(false);
	async function publish() {
		if (running) return;
		setRunning(true);
		try {
			await save(one, track, one.draft ?? draft);
		} catch (error) {
			one.open.value = true;
			toast(errorText(error), {kind: 'error'});
		}
		setRunning(false);
	}
	const submit = shown(visibility.value) ? t('upload.publish') : draft.release_on === 'on' ? t('reach.plan_do') : t('upload.keep');
	const look = {id: `upload-${one.id}`, style, ref: card};

	if (!open) {
		return li({...look, class: classes('upload-card done line tinted', saved.value && 'saved', track.waveform === 'ready' && 'drawn')},
			box,
			h(PlayButton, {track}),
			div({class: 'upload-title'},
				h2(saved.value ? h(Link, {href: track.url}, track.title) : track.title),
				saved.value
					? p({class: 'upload-saved small'}, span({class: 'upload-as'}, icon('check'), t(`upload.as_${track.visibility}`)))
					: p({class: 'muted small'}, [time(track.duration_ms), t('upload.draft_line')].join(' · '))),
			div({class: 'upload-acts'},
				!saved.value && button({type: 'button', class: 'button main', 'aria-disabled': running, onClick: () => void publish(), 'aria-label': `${submit}: ${track.title}`}, running ? t('saving') : submit),
				button({type: 'button', class: 'quiet', 'aria-label': `${t('track.edit')}: ${track.title}`, title: t('track.edit'), onClick: () => (saved.value ? editAgain() : (one.open.value = true))}, icon('edit')),
				h(Dismiss, {one, text: t('upload.hide')})));
	}
	return li({...look, class: classes('upload-card done tinted', saved.value && 'saved')},
		div({class: 'upload-top'},
			box,
			saved.value && h(Link, {href: track.url, class: 'upload-art', 'aria-label': track.title}, h(Artwork, {track})),
			h(PlayButton, {track}),
			div({class: 'upload-title'},
				h2(saved.value ? h(Link, {href: track.url}, track.title) : track.title),
				p({class: 'muted small'}, [time(track.duration_ms), bytes(track.audio.bytes), !one.file.name.startsWith(track.title) && one.file.name].filter(Boolean).join(' · '))),
			uploads.value.length > 1 && button({type: 'button', class: 'quiet', 'aria-label': `${t('upload.fold')}: ${track.title}`, title: t('upload.fold'), onClick: () => (one.open.value = false)}, icon('up')),
			h(Dismiss, {one, text: t('upload.hide')})),
		h(Waveform, {track, size: 'card'}),
		h(Analysis, {track, file: one.file}),
		saved.value
			? div({class: 'upload-saved'},
				span({class: 'chip ok'}, icon(signs[track.visibility]), t(`upload.as_${track.visibility}`)),
				track.release && h(Reach, {thing: track}),
				track.tags.map((tag) => h(TagLink, {tag, key: tag})),
				h(Link, {href: track.url, class: 'button'}, t('upload.view')),
				button({type: 'button', class: 'text', onClick: editAgain}, t('upload.edit')))
			: div({class: 'upload-edit', onInput: keep, onFocusIn: () => (one.open.value ??= true)},
				h(PictureField, {
					label: t('edit.picture'), has: Boolean(track.picture), limit: house.value?.limits.picture_bytes ?? 0,
					current: h(Artwork, {track, size: 'medium', class: 'edit-art'}),
					onPut: async (file) => learn(await api.put(`/api/tracks/${track.id}/picture`, file)),
					onDrop: async () => learn(await api.del(`/api/tracks/${track.id}/picture`)),
				}),
				h(Form, {key: base.current, action: (values) => save(one, track, values), submit, busy: t('saving')},
					track.visibility === 'private' && p({class: 'upload-yet muted small'}, icon('lock'), t('upload.private_yet'), ' ', kept.value.has(track.id) ? t('upload.kept') : ''),
					h(Text, {label: t('edit.title'), name: 'title', value: draft.title, maxLength: 200}),
					h(Text, {label: t('edit.artist'), name: 'artist', value: draft.artist, maxLength: 200, optional: true}),
					h(Area, {label: t('edit.description'), name: 'description', value: draft.description, maxLength: 5000, rows: 3, hint: t('edit.description_hint'), optional: true}),
					h(Text, {label: t('edit.tags'), name: 'tags', value: draft.tags, hint: t('edit.tags_hint'), optional: true}),
					h(ReachField, {
						kind: 'track', value: visibility.peek(), plan: draft,
						onPick: (value) => (visibility.value = value), onPlan: () => setPlans((n) => n + 1),
					}),
					h(Check, {label: t('edit.downloadable'), name: 'downloadable', checked: draft.downloadable === 'on', hint: t('edit.downloadable_hint')}))));
}

/** What the server knows of a track, as the form has it. @param {Track} track @returns {Record<string, string>} */
function said(track) {
	return {
		title: track.title, artist: track.artist ?? '', description: track.description, tags: track.tags.join(', '),
		visibility: track.visibility, downloadable: track.downloadable ? 'on' : '', ...planOf(track.release),
	};
}

/**
 * What the server still does with it, or this browser.
 * @param {{track: Track, file: File}} props
 */
function Analysis({track, file}) {
	const [here, setHere] = useState(/** @type {typeof import('../parts/drawn-here.js') | null} */ (null));
	const wanted = track.waveform === 'wanted';
	useEffect(() => {
		if (wanted) import('../parts/drawn-here.js').then(setHere, () => {});
	}, [wanted]);
	if (track.waveform === 'failed') return p({class: 'muted small'}, icon('info'), t('upload.no_waveform'));
	if (wanted) return here && h(here.DrawnHere, {track, file, class: 'upload-analysis'});
	if (track.waveform !== 'pending') return null;
	const part = analysed.value.get(track.id);
	return p({class: 'upload-analysis muted small'}, part ? t('upload.drawing', {percent: Math.round(part * 100)}) : t('upload.drawing_wait'));
}
