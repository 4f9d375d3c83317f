// Files may be dropped anywhere in the app, or pasted; and what is being sent
// shows on every page. What is done with them comes when the first are near.

import {h, signal, tags, useEffect} from '../html.js';
import {t} from '../i18n.js';
import {Link, path} from '../router.js';
import {going, share, uploads} from '../uploads.js';

/** The kinds of the files that are held over the window; null while none are. */
const over = signal(/** @type {string[] | null} */ (null));

/** @type {import('../html.js').Signal<typeof import('./dropping.js') | null>} */
const late = signal(/** @type {typeof import('./dropping.js') | null} */ (null));
const wake = async () => late.value ??= await import('./dropping.js');

/** The veil that says where files may be let go. */
export function DropArea() {
	useEffect(() => {
		const end = new AbortController(), until = {signal: end.signal};
		/** @param {'dragenter' | 'dragover' | 'drop'} type @param {(event: DragEvent, held: DataTransfer) => void} act */
		const on = (type, act) => addEventListener(type, (event) => {
			const {dataTransfer: held} = event;
			if (!held?.types.includes('Files') || event.defaultPrevented) return;
			// Left to itself the browser would go to the file.
			event.preventDefault();
			act(event, held);
		}, until);
		on('dragenter', ({target}, {items}) => {
			const kinds = [...items].filter(({kind}) => kind === 'file').map(({type}) => type);
			void wake().then(({veils}) => (over.value = veils(target) ? kinds : null)).catch(() => {});
		});
		on('dragover', ({target}, held) => (held.dropEffect = late.value?.takes(target, [...held.items].map(({type}) => type)) ? 'copy' : 'none'));
		// Entering a child comes before leaving its parent: what leaves the
		// window names nothing it goes to.
		addEventListener('dragleave', (event) => {
			if (!event.relatedTarget) over.value = null;
		}, until);
		on('drop', ({target}, {items, files}) => {
			over.value = null;
			// Both are gone when this is over.
			const plain = [...files], entries = [...items].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry?.() ?? null : null));
			void wake().then(({take}) => take(target, entries, plain)).catch(() => {});
		});
		addEventListener('paste', (event) => {
			const plain = [...event.clipboardData?.files ?? []], {target} = event;
			if (!plain.length || event.defaultPrevented || target instanceof Element && target.closest('input, textarea, [contenteditable]')) return;
			event.preventDefault();
			void wake().then(({take}) => take(target, [], plain)).catch(() => {});
		}, until);
		return () => end.abort();
	}, []);
	return over.value && late.value && h(late.value.Veil, {kinds: over.value});
}

/** What is being sent, on every page but the one that tells more. */
export function UploadPill() {
	const now = share.value;
	if (now === null || path.value === '/upload') return null;
	const count = uploads.value.filter((one) => going.includes(one.progress.value.stage)).length;
	return h(Link, {href: '/upload', class: 'upload-pill'},
		tags.span({class: 'upload-ring', 'aria-hidden': 'true', style: {'--share': now.toFixed(3)}}),
		tags.span(t('upload.pill', {n: count, percent: Math.floor(now * 100)})));
}
