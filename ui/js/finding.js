// What was found, as people read it: the sums behind the search, without the
// page.

/** @typedef {import('./wire.d.ts').Hit} Hit */

/** Letters of which one says something: Korean syllables, their consonants, and ideographs. */
const dense = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/**
 * Whether enough was typed to look for it.
 * @param {string} text
 */
export function enough(text) {
	return dense.test(text) || [...text.trim()].length > 1;
}

/**
 * A text in its parts: those at even places are plain, the others are marked.
 * Ranges that do not fit the text are left out.
 * @param {string} text
 * @param {readonly (readonly number[])[]} marks begin and end of each part, in UTF-16 units
 * @returns {string[]}
 */
export function pieces(text, marks) {
	const parts = [];
	let at = 0;
	for (const [from, to] of marks) {
		if (!(from >= at && to > from && to <= text.length)) continue;
		parts.push(text.slice(at, from), text.slice(from, to));
		at = to;
	}
	return [...parts, text.slice(at)];
}

/** The thing of a hit. @param {Hit} hit */
function thing(hit) {
	return hit.track ?? hit.user ?? hit.playlist ?? hit.tag;
}

/** What a hit is called. @param {Hit} hit */
export function nameOf(hit) {
	return hit.track?.title ?? hit.user?.name ?? hit.playlist?.title ?? hit.tag?.name ?? '';
}

/** Where a hit leads. @param {Hit} hit */
export function addressOf(hit) {
	return thing(hit)?.url ?? '/';
}

/** A name for a hit that no other has. @param {Hit} hit */
export function idOf(hit) {
	return `${hit.kind} ${hit.track?.id ?? hit.user?.id ?? hit.playlist?.id ?? hit.tag?.name ?? ''}`;
}

/** What the results may be narrowed to, as the address and the API have it. */
export const filters = /** @type {const} */ (['kind', 'tag', 'duration', 'date', 'downloadable']);

/**
 * The address of the results, with what is set and nothing else.
 * @param {string} base
 * @param {URLSearchParams} from
 * @param {Record<string, string>} [changed] an empty text takes a filter away
 */
export function withFilters(base, from, changed = {}) {
	const to = new URLSearchParams();
	for (const name of ['q', ...filters]) {
		const value = changed[name] ?? from.get(name) ?? '';
		if (value) to.set(name, value);
	}
	return to.size ? `${base}?${to}` : base;
}
