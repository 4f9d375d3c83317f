// Styles that the first page does without: css/late/ holds them, and whoever
// needs one waits for it before it is seen.

/** @type {Map<string, Promise<void>>} */
const sheets = new Map();

/**
 * Links css/late/<name>.css once. A page's module awaits it, so that nobody
 * sees the page without it; a sheet that does not come must not keep the page.
 * @param {string} name
 * @returns {Promise<void>}
 */
export function style(name) {
	let sheet = sheets.get(name);
	if (!sheet) {
		const {href} = new URL(`../css/late/${name}.css`, import.meta.url);
		// The page may link it.
		sheet = [...document.styleSheets].some((one) => one.href === href) ? Promise.resolve() : new Promise((resolve) => {
			const link = document.createElement('link');
			link.rel = 'stylesheet';
			link.href = href;
			link.onload = () => resolve();
			link.onerror = () => resolve();
			document.head.append(link);
		});
		sheets.set(name, sheet);
	}
	return sheet;
}
