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
