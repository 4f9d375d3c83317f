// What is done with files that are dropped or pasted: music goes to the upload
// page, a picture into the field it is dropped on.

import {classes, tags} from '../html.js';
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

/** Whether the veil is shown for files that are held here. @param {EventTarget | null} target */
export const veils = (target) => !pictureAt(target) && !covered();

/** Whether files may be let go here. @param {EventTarget | null} target @param {string[]} kinds content types, as far as the browser tells */
export function takes(target, kinds) {
	if (pictureAt(target)) return true;
	return signedIn.peek() && !covered() && !(kinds.length && kinds.every(silent));
}

/** @param {{kinds: string[]}} props */
export function Veil({kinds}) {
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
export async function take(target, entries, plain) {
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
