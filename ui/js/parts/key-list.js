// The list of the keys that work anywhere.

import {h, tags, useEffect, useRef} from '../html.js';
import {t} from '../i18n.js';
import {known, listShown} from '../keys.js';

const {button, dd, dialog, div, dl, dt, h2, kbd, p, span} = tags;

/** How a key is written on this keyboard's caps. @param {string} key */
function cap(key) {
	const caps = {' ': t('keys.space'), ArrowLeft: '←', ArrowRight: '→', Shift: t('keys.shift')};
	return Object.hasOwn(caps, key) ? caps[/** @type {keyof typeof caps} */ (key)] : key.toUpperCase();
}

/** @param {{keys: string[]}} props */
function Caps({keys}) {
	return keys.map((key, i) => [
		i > 0 && span({class: 'keys-or'}, t('keys.or')),
		key.split('+').map((part) => kbd(cap(part))),
	]);
}

/** The list of keys, as a dialog; the app shows it once. */
export function KeyList() {
	const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
	const shown = listShown.value;
	useEffect(() => {
		if (shown) element.current?.showModal();
		else element.current?.close();
	}, [shown]);
	if (!shown) return null;
	return dialog({
		ref: element, class: 'keys', 'aria-labelledby': 'keys-title',
		onClose: () => (listShown.value = false),
		onClick: (event) => event.target === event.currentTarget && (listShown.value = false),
	},
		div({class: 'keys-body'},
			h2({id: 'keys-title'}, t('keys.title')),
			dl(known.value.filter((one, i, all) => all.findIndex(({text}) => text === one.text) === i).map((one) => div({key: one.text}, dt(h(Caps, {keys: one.keys})), dd(t(one.text))))),
			p({class: 'keys-note'}, t('keys.note')),
			button({type: 'button', class: 'button', autofocus: true, onClick: () => (listShown.value = false)}, t('keys.close')),
		),
	);
}
