// Pages are fetched before their links are followed.

import {warm} from './router.js';

/** @param {Event} event */
function ahead({target}) {
	const link = target instanceof Element ? target.closest('a[href]') : null;
	if (link instanceof HTMLAnchorElement && link.origin === location.origin && !/^\/(_|api)\//.test(link.pathname)) warm(link.pathname);
}

for (const sign of ['pointerover', 'touchstart', 'focusin']) document.addEventListener(sign, ahead, {passive: true});
