// What people wrote, as they wrote it: line breaks, links that are safe to
// follow, time codes that seek, and people who are named.

import {tags} from '../html.js';
import {t} from '../i18n.js';

/** Web addresses, time codes that stand alone, and @usernames. */
const special = /(https?:\/\/[^\s<>"'`]+)|(?<![\d:.])((?:\d{1,2}:)?\d{1,3}:[0-5]\d)(?![\d:])|(?<![\p{L}\p{N}_/-])@([\p{L}\p{N}](?:[\p{L}\p{N}_-]{0,38}[\p{L}\p{N}]))/giu;

/**
 * A username without the Korean particle behind Latin letters: "mina에게".
 * @param {string} name
 */
function bare(name) {
	return name.replace(/^([\w-]*\w)\p{Script=Hangul}{1,3}$/u, '$1');
}

/**
 * A position named in a text, such as "1:23" or "1:02:03", in milliseconds.
 * @param {string} text one time code
 */
function parseTime(text) {
	return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) * 1000;
}

/**
 * An address without the punctuation that ends the sentence around it.
 * @param {string} text
 */
function trimAddress(text) {
	let end = text.length;
	while (end > 0) {
		const c = text[end - 1];
		const opened = c === ')' && text.slice(0, end).split('(').length >= text.slice(0, end).split(')').length;
		if (!'.,;:!?)…\''.includes(c) || opened) break;
		end--;
	}
	return text.slice(0, end);
}

/** @param {string} text */
function isAddress(text) {
	try {
		return /^https?:$/.test(new URL(text).protocol);
	} catch {
		return false;
	}
}

/**
 * @param {{text: string, length?: number, onTime?: (ms: number) => void, people?: boolean}} props
 *   length is the track's in milliseconds: later times are no time codes; people
 *   says that @usernames lead to them.
 */
export function Prose({text, length = 0, onTime, people = false}) {
	/** @type {import('../html.js').Child[]} */
	const out = [];
	let at = 0;
	for (const found of text.matchAll(special)) {
		const [whole, link, code, name] = found;
		if (link) {
			const address = trimAddress(link);
			if (!isAddress(address)) continue;
			out.push(text.slice(at, found.index), tags.a({href: address, target: '_blank', rel: 'noopener noreferrer nofollow ugc'}, address));
			at = found.index + address.length;
		} else if (name) {
			if (!people) continue;
			const who = bare(name);
			out.push(text.slice(at, found.index), tags.a({href: `/${encodeURIComponent(who)}`, class: 'mention'}, `@${who}`));
			at = found.index + 1 + who.length;
		} else if (onTime && parseTime(code) < length) {
			const ms = parseTime(code);
			out.push(text.slice(at, found.index),
				tags.button({type: 'button', class: 'timecode', 'aria-label': t('track.play_at', {time: code}), onClick: () => onTime(ms)}, code));
			at = found.index + whole.length;
		}
	}
	out.push(text.slice(at));
	return tags.div({class: 'prose'}, out);
}
