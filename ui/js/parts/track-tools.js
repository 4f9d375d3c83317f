// What stands about a track's picture and what its owner has at hand: the
// picture large, another one by dropping or choosing it, and the tools.

import {classes, h, tags, useEffect, useRef, useState} from '../html.js';
import {ApiError, api, errorText} from '../api.js';
import {date} from '../format.js';
import {t} from '../i18n.js';
import {house} from '../state.js';
import {learn} from '../tracks.js';
import {Artwork} from './artwork.js';
import {icon} from './icon.js';
import {toast} from './toast.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */

const {a, button, div, input, span} = tags;

/** Pictures that are taken; the server looks at what is in them. */
const kinds = ['image/jpeg', 'image/png', 'image/webp', 'image/gif'];

/** @param {Track} track @param {File} file */
async function replace(track, file) {
	const limit = house.peek()?.limits.picture_bytes ?? 0;
	try {
		if (limit && file.size > limit) throw new ApiError(413, {code: 'picture.too_large'});
		learn(await api.put(`/api/tracks/${track.id}/picture`, file));
		toast(t('artwork.replaced'));
	} catch (error) {
		toast(errorText(error), {kind: 'error'});
	}
}

/** @param {Track} track */
async function showLarge(track) {
	const {Dialog, openDialog} = await import('./dialog.js');
	openDialog((close) => h(Dialog, {title: track.title, onClose: close, class: 'art-dialog'},
		tags.img({src: track.picture?.large, alt: t('artwork.of', {title: track.title}), width: 600, height: 600})));
}

/**
 * The picture: it opens large, and its owner may let another one go over it.
 * @param {{track: Track}} props
 */
export function HeroArt({track}) {
	const place = useRef(/** @type {HTMLDivElement | null} */ (null));
	const [held, setHeld] = useState('');
	const may = track.can.edit;
	useEffect(() => {
		if (!may) return undefined;
		const end = new AbortController(), until = {signal: end.signal, capture: true};
		// A single picture is for here; music goes to the uploads, as everywhere.
		const ours = (/** @type {DragEvent} */ event) => {
			const files = [...event.dataTransfer?.items ?? []].filter((one) => one.kind === 'file');
			return files.length === 1 && kinds.includes(files[0].type);
		};
		const over = (/** @type {DragEvent} */ event) => event.target instanceof Node && Boolean(place.current?.contains(event.target));
		/** @param {DragEvent} event */
		const move = (event) => {
			if (!ours(event)) return;
			event.preventDefault();
			event.stopImmediatePropagation();
			if (event.dataTransfer) event.dataTransfer.dropEffect = over(event) ? 'copy' : 'none';
			setHeld(over(event) ? 'over' : 'near');
		};
		addEventListener('dragenter', move, until);
		addEventListener('dragover', move, until);
		addEventListener('dragleave', (event) => {
			if (!event.relatedTarget) setHeld('');
		}, until);
		addEventListener('drop', (event) => {
			setHeld('');
			if (!ours(event)) return;
			event.preventDefault();
			event.stopImmediatePropagation();
			const [file] = event.dataTransfer?.files ?? [];
			if (file && over(event)) void replace(track, file);
		}, until);
		return () => end.abort();
	}, [may, track.id]);
	const art = h(Artwork, {track, size: 'large', eager: true});
	return div({class: classes('hero-art', held && `art-${held}`), ref: place},
		track.picture ? button({type: 'button', class: 'art-open', 'aria-label': t('artwork.open', {title: track.title}), onClick: () => void showLarge(track)}, art) : art,
		held && div({class: 'art-drop', 'aria-hidden': 'true'}, icon('image'), span(t('artwork.drop'))));
}

/** What the owner does with a track, together in one row. @param {{track: Track}} props */
export function OwnerTools({track}) {
	const chooser = useRef(/** @type {HTMLInputElement | null} */ (null));
	const {visibility, release} = track;
	const edit = async () => (await import('./track-actions.js')).edit(track);
	const links = async () => (await import('./links.js')).showLinks({track});
	const reach = release ? t('reach.on', {date: date(release.at)}) : visibility === 'public' ? t('owner.public') : t(`reach.is_${visibility}`);
	return div({class: 'owner-tools', role: 'group', 'aria-label': t('owner.tools')},
		button({type: 'button', class: 'button edits', onClick: () => void edit()}, icon('edit'), t('track.edit')),
		button({type: 'button', class: 'button', 'aria-label': t('owner.reach', {reach}), onClick: () => void edit()},
			icon(release ? 'clock' : {public: 'globe', followers: 'people', link: 'link', private: 'lock'}[visibility]), reach),
		a({class: 'button', href: `/numbers/${track.id}`}, icon('chart'), t('numbers.do')),
		button({type: 'button', class: 'button', onClick: () => chooser.current?.click()}, icon('image'), t('owner.artwork')),
		button({type: 'button', class: 'button', onClick: () => void links()}, icon('lock'), t('links.title')),
		input({
			ref: chooser, type: 'file', accept: kinds.join(','), hidden: true, 'aria-label': t('owner.artwork'),
			onChange: (event) => {
				const [file] = event.currentTarget.files ?? [];
				if (file) void replace(track, file);
				event.currentTarget.value = '';
			},
		}));
}
