// The focus of a page whose parts come and go by themselves: it does not fall
// back to the page's beginning when what held it is replaced or leaves a list.

import {useEffect, useRef} from '../html.js';

/**
 * Hands the focus on when what had it goes: to what stands beside its entry of a
 * list, or to what came in its place, or to the page's heading.
 * @template {HTMLElement} E
 * @returns {{current: E | null}} ref of the element whose parts it watches
 */
export function useKeptFocus() {
	const root = useRef(/** @type {E | null} */ (null));
	useEffect(() => {
		const within = root.current;
		if (!within) return undefined;
		/** What has the focus, and what that is in, up to the root. @type {Element[]} */
		let path = [];
		/** @param {Event} event */
		const note = ({type, target}) => {
			path = [];
			if (type !== 'focusin' || !(target instanceof Element) || !within.contains(target)) return;
			for (let at = target; at !== within && at.parentElement; at = at.parentElement) path.push(at);
		};
		const watch = new MutationObserver((changes) => {
			if (!path.length || path[0].isConnected || document.activeElement !== document.body) return;
			const entry = path.find((one) => one.localName === 'li'), gone = entry && !entry.isConnected && changes.find(({removedNodes}) => [...removedNodes].includes(entry));
			const places = [...gone ? [gone.nextSibling, gone.previousSibling] : [], ...path.filter((one) => one.isConnected)];
			const to = places.map((one) => one instanceof Element && one.isConnected && one.querySelector('button, a[href]')).find(Boolean) || document.querySelector('h1');
			if (to instanceof HTMLElement) to.focus({preventScroll: to.localName === 'h1'});
		});
		watch.observe(within, {childList: true, subtree: true});
		document.addEventListener('focusin', note);
		document.addEventListener('pointerdown', note);
		return () => {
			watch.disconnect();
			document.removeEventListener('focusin', note);
			document.removeEventListener('pointerdown', note);
		};
	}, []);
	return root;
}
