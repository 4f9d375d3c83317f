// A shelf: a row of things that goes on beyond the side of the screen. It is
// moved by touch, by the wheel, by its buttons, or by walking through it with
// the keys.

import {classes, h, tags, useEffect, useId, useRef, useState} from '../html.js';
import {t} from '../i18n.js';
import {Link} from '../router.js';
import {style} from '../style.js';
import {latest} from '../tracks.js';
import {Artwork, useTint} from './artwork.js';
import {icon} from './icon.js';
import {PlayButton, isCurrent} from './track-card.js';
import '../texts.js';

await style('finding');

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../html.js').Child} Child */

/**
 * @param {{title: Child, name: string, all?: {href: string, text: string}, lead?: Child, class?: string, children?: Child}} props
 *   name is the title as plain text, for the buttons.
 */
export function Shelf({title, name, all, lead, class: look, children}) {
	const id = useId();
	const row = useRef(/** @type {HTMLUListElement | null} */ (null));
	const [ends, setEnds] = useState({first: true, last: true});
	useEffect(() => {
		const shown = row.current;
		if (!shown) return undefined;
		const look = () => {
			const far = shown.scrollWidth - shown.clientWidth;
			setEnds({first: shown.scrollLeft < 4, last: shown.scrollLeft > far - 4});
		};
		look();
		const size = new ResizeObserver(look);
		size.observe(shown);
		shown.addEventListener('scroll', look, {passive: true});
		return () => {
			size.disconnect();
			shown.removeEventListener('scroll', look);
		};
	}, []);
	/** @param {1 | -1} by */
	const go = (by) => row.current?.scrollBy({left: by * row.current.clientWidth * 0.85, behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'});
	/** @param {1 | -1} by @param {boolean} off */
	const arrow = (by, off) => tags.button({
		type: 'button', class: 'quiet', 'aria-disabled': off, 'aria-label': by === 1 ? t('shelf.on', {name}) : t('shelf.back', {name}), onClick: () => go(by),
	}, icon(by === 1 ? 'forward' : 'back'));
	return tags.section({class: classes('shelf', look), 'aria-labelledby': id},
		tags.header({class: 'shelf-head'},
			tags.div({class: 'shelf-names'}, tags.h2({id}, title), lead && tags.p({class: 'muted small'}, lead)),
			all && tags.a({class: 'shelf-all', href: all.href}, all.text),
			!(ends.first && ends.last) && tags.div({class: 'shelf-arrows'}, arrow(-1, ends.first), arrow(1, ends.last))),
		tags.ul({class: 'shelf-row', ref: row}, children));
}

/**
 * A track on a shelf.
 * @param {{track: Track, list: readonly Track[], why?: Child}} props
 */
export function ShelfTrack({track: given, list, why}) {
	const track = latest(given);
	const style = useTint(track ?? given);
	return track && tags.li({class: classes('shelf-track tinted', isCurrent(track) && 'current'), style},
		tags.div({class: 'shelf-art'},
			tags.a({href: track.url, tabIndex: -1, 'aria-hidden': 'true'}, h(Artwork, {track})),
			h(PlayButton, {track, list})),
		tags.h3({class: 'card-title'}, h(Link, {href: track.url}, track.title)),
		tags.p({class: 'card-by'}, h(Link, {href: track.user.url}, track.user.name)),
		why && tags.p({class: 'muted small shelf-why'}, why));
}
