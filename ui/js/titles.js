// Titles of many tracks changed by one rule.

/**
 * A title without the number that files of albums begin with: "01 - ", "1. ",
 * "A2) ", "1-07 ". What may be a title by itself stays, as "99 Luftballons".
 * @param {string} title
 */
export function withoutNumber(title) {
	const found = /^\s*(?:\d-)?(?:[A-D]?\d{1,3})(?:\s+[-.):_–—]+\s*|[-.):_–—]+\s+|[-.):_–—]+(?!\d)|\s+)/u.exec(title);
	const certain = /^\s*(?:0\d|\d-\d\d\s|[A-D]?\d{1,3}\s*[-.):_–—])/u.test(title);
	const rest = found && certain ? title.slice(found[0].length).trim() : '';
	return rest || title;
}

/**
 * @param {readonly string[]} titles
 * @param {{find?: string, replace?: string, numbers?: boolean}} rules numbers: those in front go
 */
export function retitled(titles, {find = '', replace = '', numbers = false}) {
	return titles.map((title) => {
		const bare = numbers ? withoutNumber(title) : title;
		return find ? bare.split(find).join(replace).replace(/\s+/g, ' ').trim() : bare;
	});
}

const counted = new Intl.Collator(undefined, {numeric: true});

/**
 * Tracks as their files are numbered, "01 - Tide.mp3" before "02 - Ferry.mp3";
 * null where one of them has no number, or two have the same.
 * @template {{audio: {file_name?: string}}} T
 * @param {readonly T[]} tracks
 */
export function numbered(tracks) {
	const places = tracks.map(({audio}) => /^\s*(?:disc|cd)?\s*[A-D]?\d{1,3}(?:[-.]\d{1,3})?(?!\d)/iu.exec(audio.file_name ?? '')?.[0].trim() ?? '');
	if (places.includes('') || new Set(places).size < places.length) return null;
	return tracks.map((track, i) => ({track, place: places[i]})).sort((a, b) => counted.compare(a.place, b.place)).map(({track}) => track);
}
