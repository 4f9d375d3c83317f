// Where the focus goes when what held it leaves a list.

/**
 * Looks at the entry of a list that has the focus. Called once the entry goes,
 * the function that it gives hands the focus to what stands beside it, or to
 * the page's heading when nothing is left.
 * @returns {() => void}
 */
export function focusBeside() {
	const entry = document.activeElement?.closest('li');
	const beside = [entry?.nextElementSibling, entry?.previousElementSibling];
	return () => requestAnimationFrame(() => {
		const {activeElement: now} = document;
		// Whoever went on to something else meanwhile stays there.
		if (!entry || (now && now !== document.body)) return;
		const to = beside.map((one) => one?.isConnected && one.querySelector('button, a[href]')).find(Boolean) || document.querySelector('h1');
		if (to instanceof HTMLElement) to.focus({preventScroll: true});
	});
}
