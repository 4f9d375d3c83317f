// One track in a close list: a line with what it is and what may be done.

import {classes, h, tags} from '../html.js';
import {time} from '../format.js';
import {t} from '../i18n.js';
import {playing} from '../player.js';
import {Link} from '../router.js';
import {style} from '../style.js';
import {Artwork} from './artwork.js';
import {icon} from './icon.js';
import {Menu} from './menu.js';
import {isCurrent} from './track-card.js';

/** @typedef {import('../wire.d.ts').Track} Track */

await style('playlists');

const {button, div, p, span} = tags;

/**
 * What a row shows; the list item around it is its list's.
 * @param {{track: Track, onPlay: () => void, more?: import('./menu.js').Items, beside?: import('../html.js').Child, name?: import('../html.js').Child, below?: import('../html.js').Child}} props
 *   more are entries that the list adds to the track's menu; beside stands before the length; name in place of
 *   the title; below under the names.
 */
export function TrackRow({track, onPlay, more = [], beside, name, below}) {
	const now = isCurrent(track), on = now && playing.value;
	return [
		button({
			type: 'button', class: 'row-play', 'aria-label': on ? t('track.pause', {title: track.title}) : t('track.play', {title: track.title}), onClick: onPlay,
		}, h(Artwork, {track, size: 'small'}), span({class: classes('row-sign', now && 'on')}, icon(on ? 'pause' : 'play'))),
		div({class: 'player-names row-names'},
			h(Link, {href: track.url, class: 'player-title'}, name ?? track.title),
			h(Link, {href: track.user.url, class: 'player-by'}, track.artist || track.user.name),
			below),
		beside,
		span({class: 'row-time'}, time(track.duration_ms)),
		!track.by_link && button({
			type: 'button', class: classes('react', track.liked && 'on'), 'aria-pressed': track.liked, 'aria-label': t('like.do', {title: track.title}),
			onClick: async () => (await import('../react.js')).like(track),
		}, icon(track.liked ? 'heart-on' : 'heart')),
		h(Menu, {
			label: t('track.menu', {title: track.title}),
			items: async () => [...more, ...(await import('./track-actions.js')).actions(track)],
		}),
	];
}

/** Grey shapes in place of rows that are on their way. @param {{n?: number}} props */
export function RowsGhost({n = 6}) {
	return div({class: 'rows', 'aria-busy': 'true'}, p({class: 'hidden', role: 'status'}, t('loading')),
		Array.from({length: n}, (_, i) => div({class: 'track-row ghost', key: i, 'aria-hidden': 'true'},
			span({class: 'row-play artwork'}), div({class: 'row-names'}, span({class: 'line long'}), span({class: 'line'})))));
}
