// Files may be dropped anywhere in the app; and what is being sent shows on
// every page.

import {h, signal, tags, useEffect} from '../html.js';
import {t} from '../i18n.js';
import {Link, navigate, path} from '../router.js';
import {signedIn} from '../state.js';
import {going, share, uploads} from '../uploads.js';
import {icon} from './icon.js';

const {div, p, span} = tags;

/** Whether files are held over the window. */
const over = signal(false);

/** @param {DragEvent} event */
const hasFiles = (event) => Boolean(event.dataTransfer?.types.includes('Files'));

/** The veil that says where files may be let go. */
export function DropArea() {
	useEffect(() => {
		const end = new AbortController(), {signal: until} = end;
		// Entering a child comes before leaving its parent: what leaves the
		// window names nothing it goes to.
		addEventListener('dragenter', (event) => {
			if (hasFiles(event) && signedIn.peek()) over.value = true;
		}, {signal: until});
		addEventListener('dragover', (event) => {
			if (!hasFiles(event)) return;
			event.preventDefault();
			if (event.dataTransfer) event.dataTransfer.dropEffect = signedIn.peek() ? 'copy' : 'none';
		}, {signal: until});
		addEventListener('dragleave', (event) => {
			if (!event.relatedTarget) over.value = false;
		}, {signal: until});
		addEventListener('drop', async (event) => {
			over.value = false;
			if (!hasFiles(event) || !event.dataTransfer || event.defaultPrevented) return; // or some part of the page took them
			// Left to itself the browser would go to the file.
			event.preventDefault();
			if (!signedIn.peek()) return;
			const {items, files} = event.dataTransfer, plain = [...files];
			const entries = [...items].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry?.() ?? null : null));
			const {add, filesOf} = await import('../sending.js');
			add(await filesOf(entries, plain));
			if (path.peek() !== '/upload') void navigate('/upload');
		}, {signal: until});
		return () => end.abort();
	}, []);
	if (!over.value) return null;
	return div({class: 'drop', 'aria-hidden': 'true'},
		div({class: 'drop-frame'}, icon('upload'), p(t('upload.drop_now'))));
}

/** What is being sent, on every page but the one that tells more. */
export function UploadPill() {
	const now = share.value;
	if (now === null || path.value === '/upload') return null;
	const count = uploads.value.filter((one) => going.includes(one.progress.value.stage)).length;
	return h(Link, {href: '/upload', class: 'upload-pill'},
		span({class: 'upload-ring', 'aria-hidden': 'true', style: {'--share': now.toFixed(3)}}),
		span(t('upload.pill', {n: count, percent: Math.floor(now * 100)})));
}
