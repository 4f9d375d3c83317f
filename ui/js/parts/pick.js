// Choosing a track or a playlist to attach.

import {h, tags, useEffect, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {me} from '../state.js';
import {Artwork} from './artwork.js';
import {Dialog, openDialog} from './dialog.js';
import {icon} from './icon.js';
import {Reach} from './track-card.js';
import {style} from '../style.js';
import '../texts.js';

await style('messages');

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../wire.d.ts').Playlist} Playlist */

/** Where there is something to choose from. */
const sources = {
	tracks: {path: '/api/me/tracks', text: 'pick.tracks', empty: 'pick.tracks_empty'},
	likes: {path: '/api/me/likes', text: 'pick.likes', empty: 'pick.likes_empty'},
	heard: {path: '/api/me/history', text: 'pick.heard', empty: 'pick.heard_empty'},
	playlists: {path: '/api/me/playlists', text: 'pick.playlists', empty: 'pick.playlists_empty'},
};

/** @typedef {keyof typeof sources} Source */

/**
 * Opens the choice.
 * @param {(what: {track?: Track, playlist?: Playlist}) => void} onPick
 */
export function pick(onPick) {
	openDialog((close) => h(Picker, {
		onClose: close,
		onPick: (what) => {
			close();
			onPick(what);
		},
	}));
}

/** @param {{onClose: () => void, onPick: (what: {track?: Track, playlist?: Playlist}) => void}} props */
function Picker({onClose, onPick}) {
	const [from, setFrom] = useState(/** @type {Source} */ (me.peek()?.tracks ? 'tracks' : 'heard')); // who has nothing yet sends what was heard
	return h(Dialog, {title: t('messages.attach'), onClose},
		tags.div({class: 'page-tabs', role: 'group', 'aria-label': t('pick.from')},
			Object.entries(sources).map(([name, {text}]) => tags.button({
				type: 'button', key: name, 'aria-pressed': name === from, onClick: () => setFrom(/** @type {Source} */ (name)),
			}, t(text)))),
		h(Things, {key: from, from, onPick}));
}

/** @param {{from: Source, onPick: (what: {track?: Track, playlist?: Playlist}) => void}} props */
function Things({from, onPick}) {
	const {path, empty} = sources[from];
	const [list, setList] = useState(/** @type {{items: (Track | Playlist)[], next?: string, busy: boolean, error: unknown}} */ ({items: [], busy: true, error: null}));
	const load = async () => {
		setList({...list, busy: true, error: null});
		try {
			const page = await api.get(path, {cursor: list.next, limit: 20});
			setList({items: [...list.items, ...page.items], next: page.next, busy: false, error: null});
		} catch (error) {
			setList({...list, busy: false, error});
		}
	};
	useEffect(() => void load(), []);
	return tags.div({class: 'pick'},
		tags.ul(list.items.map((one) => tags.li({key: one.id},
			tags.button({type: 'button', class: 'pick-row', onClick: () => onPick('audio' in one ? {track: one} : {playlist: one})},
				h(Artwork, {track: one, size: 'small'}),
				tags.span({class: 'pick-names'}, tags.b(one.title), tags.span({class: 'muted small'}, one.user.name)),
				h(Reach, {thing: one}))))),
		!list.items.length && !list.busy && !list.error && tags.p({class: 'muted'}, t(empty)),
		Boolean(list.error) && tags.p({class: 'failure', role: 'alert'}, icon('warning'), errorText(list.error)),
		list.busy && tags.p({class: 'muted', role: 'status'}, t('loading')),
		!list.busy && (list.next || Boolean(list.error)) && tags.button({type: 'button', class: 'button', onClick: () => void load()}, list.error ? t('retry') : t('list.more')));
}
