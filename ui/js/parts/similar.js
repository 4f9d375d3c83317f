// Tracks that are like another, each with the reason in words.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {toggle} from '../player.js';
import {style} from '../style.js';
import {latest, learn} from '../tracks.js';
import {icon} from './icon.js';
import {useResource} from './resource.js';
import {startStation} from './station.js';
import {RowsGhost, TrackRow} from './track-row.js';
import '../texts.js';

await style('finding');

/** @typedef {import('../wire.d.ts').Similar} Similar */
/** @typedef {import('../wire.d.ts').Track} Track */

/**
 * Why a track is like the other, as one sentence.
 * @param {Similar} one
 */
export function likeness({track, reason, tags: shared = [], playlist, n = 0}) {
	if (reason === 'likers') return t('similar.likers', {n});
	if (reason === 'playlist') {
		if (!playlist) return t('similar.playlist_some');
		return n > 1 ? t('similar.playlist_n', {title: playlist.title, n: n - 1}) : t('similar.playlist', {title: playlist.title});
	}
	if (reason === 'tags') {
		const [a, b] = shared;
		if (!a) return t('similar.tags_some');
		return b ? t('similar.tags_2', {a, b}) : t('similar.tags_1', {a});
	}
	return t('similar.owner', {name: track.user.name});
}

/** @param {{track: Track}} props */
export function SimilarTracks({track}) {
	const {data, error, retry} = useResource(`/api/tracks/${track.id}/similar?limit=8`, (answer) => {
		for (const one of /** @type {Similar[]} */ (answer.items)) learn(one.track);
		return /** @type {Similar[]} */ (answer.items);
	});
	const list = (data ?? []).map((one) => one.track);
	if (data && !data.length) return null;
	return tags.section({class: 'similar', 'aria-labelledby': 'similar-title'},
		tags.header({class: 'similar-head'},
			tags.h2({id: 'similar-title'}, t('similar.title')),
			tags.button({type: 'button', class: 'button', onClick: () => void startStation({track})}, icon('station'), t('station.start'))),
		error ? tags.p({class: 'similar-failed'}, t('similar.failed'), ' ', tags.button({type: 'button', class: 'text', onClick: retry}, t('retry')))
			: data ? tags.ul({class: 'rows similar-rows'}, data.map((one) => {
				const now = latest(one.track);
				return now && tags.li({class: 'track-row', key: now.id}, h(TrackRow, {
					track: now, onPlay: () => toggle(now, list), below: tags.span({class: 'row-why'}, likeness(one)),
				}));
			})) : h(RowsGhost, {n: 4}));
}
