// One track in a list, with its waveform to play in.

import {classes, h, tags, useEffect, useMemo, useState} from '../html.js';
import {ago, date, short} from '../format.js';
import {t} from '../i18n.js';
import {current, playing, toggle} from '../player.js';
import {Link} from '../router.js';
import {me} from '../state.js';
import {latest, useFreshWaveform} from '../tracks.js';
import {Artwork, useTint} from './artwork.js';
import {icon} from './icon.js';
import {Menu} from './menu.js';
import {Waveform} from './waveform.js';

/** @typedef {import('../wire.d.ts').Track} Track */

/**
 * Whether a track is the one in the player.
 * @param {Track} track
 */
export function isCurrent(track) {
	return current.value?.id === track.id;
}

/**
 * Plays or pauses a track.
 * @param {{track: Track, list?: readonly Track[], more?: () => Promise<Track[]>, class?: string}} props
 *   list is what is played after it.
 */
export function PlayButton({track, list, more, class: name}) {
	const on = isCurrent(track) && playing.value;
	return tags.button({
		type: 'button', class: classes('play', name), 'aria-label': on ? t('track.pause', {title: track.title}) : t('track.play', {title: track.title}),
		onClick: () => toggle(track, list, more),
	}, icon(on ? 'pause' : 'play'));
}

/** Who sees what not all see. @param {{thing: {visibility: string, release?: {at: string}}}} props */
export function Reach({thing: {visibility, release}}) {
	if (visibility === 'public') return null;
	return tags.span({class: 'chip'}, icon(release ? 'clock' : {followers: 'people', link: 'link'}[visibility] ?? 'lock'),
		release ? t('reach.on', {date: date(release.at)}) : t(`reach.is_${visibility}`));
}

/**
 * What may be done with a track, in a menu.
 * @param {{track: Track, class?: string}} props
 */
export function TrackMenu({track, class: name}) {
	return h(Menu, {
		label: t('track.menu', {title: track.title}), class: name,
		items: async () => (await import('./track-actions.js')).actions(track),
	});
}

/**
 * A button that likes or reposts, with how many did.
 * @param {{what: 'like' | 'repost', on: boolean, n: number, text: string, track: Track, class?: string}} props
 */
function React({what, on, n, text, track, class: name = 'react'}) {
	return tags.button({
		type: 'button', class: classes(name, on && 'on'), 'aria-pressed': on, title: text,
		onClick: async () => (await import('../react.js'))[what](track),
	}, icon(on && what === 'like' ? 'heart-on' : what === 'like' ? 'heart' : 'repost'), tags.span({class: 'hidden'}, text), n > 0 && tags.span(short(n)));
}

/**
 * Whether one likes a track, whether one passed it on, and how many did.
 * @param {{track: Track, class?: string}} props
 */
export function Reactions({track, class: name}) {
	const {title, counts} = track;
	return [
		h(React, {what: 'like', on: track.liked, n: counts.likes, text: t('like.do', {title}), track, class: name}),
		track.visibility === 'public' && track.user.id !== me.value?.id
			&& h(React, {what: 'repost', on: track.reposted, n: counts.reposts, text: t('repost.do', {title}), track, class: name}),
	];
}

/** A tag that leads to what carries it. @param {{tag: string}} props */
export function TagLink({tag}) {
	return tags.a({class: 'chip', href: `/tags/${encodeURIComponent(tag)}`}, tag);
}

/**
 * @param {{track: Track, list: readonly Track[], more?: () => Promise<Track[]>, by?: boolean, lead?: boolean}} props
 *   by says whether the person is named; lead makes the card a large one.
 */
export function TrackCard({track: given, list, more, by = true, lead = false}) {
	const track = latest(given);
	useFreshWaveform(track);
	const style = useTint(track ?? given);
	if (!track) return null;
	const {counts} = track, who = given.reposted_by;
	return tags.li({class: classes('card tinted', lead && 'lead', isCurrent(track) && 'current'), style},
		tags.a({class: 'card-art', href: track.url, tabIndex: -1, 'aria-hidden': 'true'},
			h(Artwork, {track, size: lead ? 'large' : 'medium', eager: lead})),
		h(PlayButton, {track, list, more}),
		tags.div({class: 'card-head'},
			tags.div({class: 'card-names'},
				who && tags.p({class: 'card-by via'}, icon('repost'), h(Link, {href: who.url}, t('repost.by', {name: who.name})), tags.time({dateTime: given.since}, ago(given.since))),
				tags.p({class: 'card-by'},
					by && h(Link, {href: track.user.url}, track.user.name),
					!by && track.artist && tags.span(track.artist),
					tags.time({dateTime: track.created}, ago(track.created))),
				tags.h2({class: 'card-title'}, h(Link, {href: track.url}, track.title))),
			h(TrackMenu, {track})),
		tags.div({class: 'card-wave'}, // A canvas is painted anew when the artwork's colour is known.
			h(Waveform, {key: style['--hue'], track, list, more, size: lead ? 'hero' : 'card'})),
		tags.div({class: 'card-foot'},
			h(Reactions, {track}),
			counts.plays > 0 && tags.span({class: 'react'}, icon('play'), tags.span({class: 'hidden'}, t('track.plays')), short(counts.plays)),
			counts.comments > 0 && tags.a({class: 'react', href: `${track.url}#comments`}, icon('comment'), tags.span({class: 'hidden'}, t('track.comments')), short(counts.comments)),
			h(Reach, {thing: track}),
			track.tags.slice(0, 4).map((tag) => h(TagLink, {tag, key: tag}))));
}

/** How many cards are made at once. */
const step = 2;

/**
 * @param {{tracks: Track[], more: () => Promise<Track[]>, by?: boolean, lead?: boolean, between?: import('../html.js').VNode | null, at?: number}} props
 *   between is a list item with a key that stands after so many cards.
 */
export function TrackCards({tracks, more, by, lead = false, between, at = 0}) {
	// The first fill a screen; the others come in steps, between which the page
	// answers. Who comes back to a place further down needs all at once.
	const [shown, setShown] = useState(history.state?.scroll ? Infinity : step), whole = shown >= tracks.length;
	useEffect(() => {
		if (whole) return undefined;
		const soon = setTimeout(() => setShown(shown + step));
		return () => clearTimeout(soon);
	}, [shown, whole]);
	// One that is there already is not made again by the next step.
	const made = useMemo(() => /** @type {import('../html.js').VNode[]} */ ([]), [tracks, by, lead]);
	for (let i = made.length; i < tracks.length && i < shown; i++) {
		made.push(h(TrackCard, {key: tracks[i].id, track: tracks[i], list: tracks, more, by, lead: lead && i === 0}));
	}
	const cards = [...made];
	if (between && at <= cards.length) cards.splice(at, 0, between);
	// What stands below, and fetches more when it is seen, is kept away until then.
	return tags.ol({class: 'cards', 'aria-busy': !whole || undefined, style: whole ? undefined : {paddingBottom: `${14 * (tracks.length - shown)}rem`}}, cards);
}
