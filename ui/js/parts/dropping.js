// What is done with files that are dropped or pasted: music goes to the upload
// page, a picture into the field it is dropped on.

import {classes, h, signal, tags, useEffect} from '../html.js';
import {t} from '../i18n.js';
import {navigate, path} from '../router.js';
import {signedIn} from '../state.js';
import {soundsLike} from '../transfer.js';
import {icon} from './icon.js';
import {toast} from './toast.js';
import '../texts.js';

/** Whether a content type is surely none of something to hear; unknown ones may be, as folders are. @param {string} type */
const silent = (type) => /^(image|text|font)\/|^application\/(?!ogg|octet)/.test(type);

/** The field for a picture that something is held over. @param {EventTarget | null} target @returns {HTMLInputElement | null | undefined} */
const pictureAt = (target) => target instanceof Element ? target.closest('.picture-field')?.querySelector('input[type="file"]') : null;

/** Behind an open dialog nothing is dropped. */
const covered = () => Boolean(document.querySelector('dialog[open]:not(.player-full)'));

/** The kinds of the files that are held over the window; null while none are. */
const over = signal(/** @type {string[] | null} */ (null));

/** @param {EventTarget | null} target @param {string[]} kinds content types, as far as the browser tells */
const hold = (target, kinds) => (over.value = pictureAt(target) || covered() ? null : kinds);

/** Whether files may be let go here. @param {EventTarget | null} target @param {string[]} kinds */
const takes = (target, kinds) => Boolean(pictureAt(target)) || signedIn.peek() && !covered() && !(kinds.length && kinds.every(silent));

/** Whether files that are pasted here mean the page, not a field. @param {EventTarget | null} target */
const loose = (target) => !(target instanceof Element && target.closest('input, textarea, [contenteditable]'));

/** Goes on with what came before this was there. @param {string} type @param {EventTarget | null} target @param {File[]} files @param {string[]} kinds */
export function begin(type, target, files, kinds) {
	if (type.startsWith('drag')) hold(target, kinds);
	else if (type === 'drop' || loose(target)) void take(target, [], files);
}

/** The veil that says where files may be let go. */
export function DropArea() {
	useEffect(() => {
		const end = new AbortController(), until = {signal: end.signal};
		/** @param {'dragenter' | 'dragover' | 'drop'} type @param {(event: DragEvent, held: DataTransfer) => void} act */
		const on = (type, act) => addEventListener(type, (event) => {
			const {dataTransfer: held} = event;
			if (!held?.types.includes('Files') || event.defaultPrevented) return;
			event.preventDefault();
			act(event, held);
		}, until);
		/** @param {DataTransfer} held */
		const kindsOf = ({items}) => [...items].filter(({kind}) => kind === 'file').map(({type}) => type);
		on('dragenter', ({target}, held) => hold(target, kindsOf(held)));
		on('dragover', ({target}, held) => (held.dropEffect = takes(target, kindsOf(held)) ? 'copy' : 'none'));
		// Entering a child comes before leaving its parent: what leaves the
		// window names nothing it goes to.
		addEventListener('dragleave', (event) => {
			if (!event.relatedTarget) over.value = null;
		}, until);
		on('drop', ({target}, {items, files}) => {
			over.value = null;
			// Both are gone when this is over.
			const plain = [...files], entries = [...items].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry?.() ?? null : null));
			void take(target, entries, plain);
		});
		addEventListener('paste', (event) => {
			const plain = [...event.clipboardData?.files ?? []], {target} = event;
			if (!plain.length || event.defaultPrevented || !loose(target)) return;
			event.preventDefault();
			void take(target, [], plain);
		}, until);
		return () => end.abort();
	}, []);
	return over.value && h(Veil, {kinds: over.value});
}

/** @param {{kinds: string[]}} props */
function Veil({kinds}) {
	const no = !signedIn.value ? t('upload.signin') : kinds.length > 0 && kinds.every(silent) && t('upload.drop_silent');
	const n = kinds.filter((kind) => !silent(kind)).length;
	return tags.div({class: classes('drop', no && 'no'), role: 'status'},
		tags.div({class: 'drop-frame'}, icon(no ? 'warning' : 'upload'),
			tags.p(no || (n ? t('upload.drop_n', {n}) : t('upload.drop_now')))));
}

/**
 * Takes what was let go.
 * @param {EventTarget | null} target @param {readonly (FileSystemEntry | null)[]} entries @param {readonly File[]} plain
 */
async function take(target, entries, plain) {
	const field = pictureAt(target);
	if (field) {
		const picture = plain.find(({type}) => type.startsWith('image/')), into = new DataTransfer();
		if (!picture) return;
		into.items.add(picture);
		field.files = into.files;
		field.dispatchEvent(new Event('change', {bubbles: true}));
		return;
	}
	if (covered()) return;
	if (!signedIn.peek()) {
		toast(t('upload.signin'), {kind: 'note', action: {label: t('nav.signin'), run: () => void navigate('/sign-in')}});
		return;
	}
	const {add, filesOf} = await import('../sending.js');
	const all = await filesOf(entries, plain), good = all.filter(({name, type}) => soundsLike(name) || !silent(type));
	if (good.length) add(good);
	if (good.length < all.length || !good.length) toast(good.length ? t('upload.drop_left', {n: all.length - good.length}) : t('upload.drop_silent'), {kind: 'note'});
	if (good.length && path.peek() !== '/upload') void navigate('/upload');
}
