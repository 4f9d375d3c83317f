// A ranked list: tracks with their place in large numerals.

import {classes, h, tags} from '../html.js';
import {latest} from '../tracks.js';
import {toggle} from '../player.js';
import {style} from '../style.js';
import {isCurrent} from './track-card.js';
import {TrackRow} from './track-row.js';

await style('finding');

/** @typedef {import('../wire.d.ts').Track} Track */

/** @param {{tracks: readonly Track[], label: string, more?: import('../player.js').More | null}} props */
export function Ranks({tracks, label, more = null}) {
	return tags.ol({class: 'rows ranks', 'aria-label': label}, tracks.map((given, i) => {
		const track = latest(given);
		return track && tags.li({key: track.id, class: classes('track-row', isCurrent(track) && 'now')},
			tags.span({class: classes('rank', i < 3 && 'top')}, i + 1),
			h(TrackRow, {track, onPlay: () => toggle(track, tracks, more)}));
	}));
}
