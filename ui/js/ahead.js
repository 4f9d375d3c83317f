// Links are followed within the app, and pages are fetched before that. Until
// this module is there, which is a moment, a link loads its page anew.

import {base, within} from './html.js';
import {navigate, warm} from './router.js';

/**
 * The link to a page of this app that an event is about.
 * @param {Event} event
 */
function linkOf({target}) {
	const link = target instanceof Element ? target.closest('a[href]') : null;
	return link instanceof HTMLAnchorElement && link.origin === location.origin && link.pathname.startsWith(`${base}/`)
		&& !/^\/(_|api(?!\/docs$))\//.test(within(link.pathname)) ? link : null;
}

/** @param {Event} event */
function ahead(event) {
	const link = linkOf(event);
	if (link) warm(link.pathname);
}

for (const sign of ['pointerover', 'touchstart', 'focusin']) document.addEventListener(sign, ahead, {passive: true});

document.addEventListener('click', (event) => {
	const link = linkOf(event);
	if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
		|| event.defaultPrevented || link.target || link.hasAttribute('download')) return;
	const here = link.pathname === location.pathname && link.search === location.search;
	if (here && link.hash) return;
	event.preventDefault();
	void navigate(link.href, {replace: here});
});
