// Below an own playlist: finding tracks and putting them in. Below any: what
// else its owner made.

import {h, tags, useEffect, useId, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {enough} from '../finding.js';
import {t} from '../i18n.js';
import {learnPlaylist} from '../playlists.js';
import {learn} from '../tracks.js';
import {Artwork} from './artwork.js';
import {icon} from './icon.js';
import {PlaylistCards} from './playlist-cards.js';
import {toast} from './toast.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Playlist} Playlist */
/** @typedef {import('../wire.d.ts').Track} Track */

const {button, details, div, input, label, li, p, section, span, summary, ul} = tags;

/**
 * @param {{playlist: Playlist, has: readonly Track[], open: boolean, onAdd: (track: Track) => void}} props
 *   has are the tracks that are in it.
 */
export function AddTracks({playlist, has, open: empty, onAdd}) {
	// It stays open as the list fills.
	const [open] = useState(empty);
	// It lies at the foot of a page: what it opens comes into sight.
	return details({class: 'fold add-tracks', open, onToggle: ({currentTarget}) => currentTarget.open && !open && currentTarget.scrollIntoView({block: 'start', behavior: 'smooth'})}, summary(icon('plus'), t('playlist.add_tracks')), h(Finder, {playlist, has, onAdd}));
}

/** @param {{playlist: Playlist, has: readonly Track[], onAdd: (track: Track) => void}} props */
function Finder({playlist, has, onAdd}) {
	const id = useId();
	const [text, setText] = useState('');
	const [found, setFound] = useState(/** @type {Track[] | null} */ (null));
	const [wrong, setWrong] = useState('');
	const [busy, setBusy] = useState('');
	useEffect(() => {
		const end = new AbortController();
		const asked = text.trim();
		// Nothing typed: the own tracks, which is what goes into an album.
		const timer = setTimeout(async () => {
			try {
				/** @type {Track[]} */
				const tracks = enough(asked)
					? (await api.get('/api/search', {q: asked, kind: 'track', limit: 20})).items.flatMap((/** @type {import('../wire.d.ts').Hit} */ {track}) => track ?? [])
					: (await api.get('/api/me/tracks', {limit: 20})).items;
				if (!end.signal.aborted) {
					setWrong('');
					setFound(tracks.map(learn));
				}
			} catch (error) {
				if (!end.signal.aborted) setWrong(errorText(error));
			}
		}, asked ? 250 : 0);
		return () => {
			clearTimeout(timer);
			end.abort();
		};
	}, [text]);
	/** @param {Track} track */
	const add = async (track) => {
		if (busy) return;
		setBusy(track.id);
		try {
			learnPlaylist(await api.put(`/api/playlists/${playlist.id}/tracks/${track.id}`, {}));
			onAdd(track);
			toast(t('playlist.added', {title: track.title}));
		} catch (error) {
			toast(errorText(error), {kind: 'error'});
		}
		setBusy('');
	};
	const shown = (found ?? []).filter((track) => !has.some((one) => one.id === track.id));
	return div({class: 'adder'},
		label({htmlFor: id, class: 'hidden'}, t('playlist.add_search')),
		input({id, type: 'search', value: text, placeholder: t('playlist.add_search'), autocomplete: 'off', maxLength: 200, onInput: (event) => setText(event.currentTarget.value)}),
		wrong && p({class: 'wrong', role: 'alert'}, icon('warning'), wrong),
		found && !shown.length && enough(text) && p({class: 'muted', role: 'status'}, t('playlist.add_none')),
		ul({class: 'adder-list'}, shown.map((track) => li({key: track.id},
			button({type: 'button', class: 'adder-row', 'aria-disabled': busy === track.id, onClick: () => void add(track)},
				h(Artwork, {track, size: 'small'}),
				span({class: 'player-names'}, span({class: 'player-title'}, track.title), span({class: 'player-by'}, track.artist || track.user.name)),
				span({class: 'adder-mark'}, icon('plus'), span({class: 'hidden'}, t('playlist.add'))))))));
}

/** What else the owner made, of the same kind. @param {{playlist: Playlist}} props */
export function Others({playlist}) {
	const [others, setOthers] = useState(/** @type {Playlist[]} */ ([]));
	const {user, kind, id} = playlist;
	useEffect(() => {
		let here = true;
		// Without them the page is whole.
		void api.get(`/api/users/${user.id}/playlists`, {kind, limit: 7}).then((page) => {
			if (here) setOthers(page.items.map(learnPlaylist));
		}, () => {});
		return () => void (here = false);
	}, [user.id, kind]);
	const shown = others.filter((one) => one.id !== id).slice(0, 6);
	if (!shown.length) return null;
	const title = t(kind === 'album' ? 'playlist.more_albums' : 'playlist.more_lists', {name: user.name});
	return section({class: 'more-lists', 'aria-label': title}, tags.h2(title), h(PlaylistCards, {playlists: shown, by: false}));
}
