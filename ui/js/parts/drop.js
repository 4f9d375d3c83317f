// Files may be dropped anywhere in the app, or pasted; the first that come near
// bring the code for it. And what is being sent shows on every page.

import {h, signal, tags, useEffect} from '../html.js';
import {t} from '../i18n.js';
import {Link, path} from '../router.js';
import {going, share, uploads} from '../uploads.js';

const late = signal(/** @type {typeof import('./dropping.js') | null} */ (null));

/** The veil that says where files may be let go. */
export function DropArea() {
	useEffect(() => {
		for (const type of ['dragenter', 'dragover', 'drop', 'paste']) {
			addEventListener(type, (event) => {
				const {target, dataTransfer, clipboardData} = /** @type {DragEvent & ClipboardEvent} */ (event), held = dataTransfer ?? clipboardData;
				if (late.peek() || !held?.types.includes('Files')) return;
				// Left to itself the browser would go to the file.
				if (dataTransfer) event.preventDefault();
				const files = [...held.files], kinds = [...held.items].map((item) => item.type);
				import('./dropping.js').then((module) => (late.value = module).begin(type, target, files, kinds), () => {});
			});
		}
	}, []);
	return late.value && h(late.value.DropArea, {});
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
