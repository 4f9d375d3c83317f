// Writing a comment, a reply or a change: one field that keeps what was typed
// until it is sent.

import {base, classes, tags, useEffect, useId, useRef, useState} from '../html.js';
import {ApiError, errorText} from '../api.js';
import {draftOf, keepDraft} from '../drafts.js';
import {time} from '../format.js';
import {t} from '../i18n.js';
import {icon} from './icon.js';
import {useMentions} from './mentions.js';
import {toast} from './toast.js';
import '../texts.js';

const {button, div, form, label, p, span, textarea} = tags;

const nameKey = `earshot${base}.guest`;

/** The name that a guest used last on this device. */
function lastName() {
	try {
		return localStorage.getItem(nameKey) ?? '';
	} catch {
		return '';
	}
}

/** @param {string} name */
function keepName(name) {
	try {
		localStorage.setItem(nameKey, name);
	} catch {
		// Then it is asked for again.
	}
}

/**
 * Sends what was written. What a member says stands there at once, so that the
 * field can close; if it is not taken, it is a draft again, and the field opens.
 * @param {string} place @param {string} text @param {number} ms
 * @param {Promise<unknown>} sent @param {() => void} open
 */
export function sendAtOnce(place, text, ms, sent, open) {
	const end = new AbortController(), keep = () => keepDraft(place, {text, ms});
	addEventListener('pagehide', keep, {signal: end.signal});
	sent.then(() => end.abort(), (error) => {
		end.abort();
		keep();
		toast(errorText(error), {kind: 'error'});
		open();
	});
}

/** The longest comment, in characters, and from where on the rest is counted. */
const most = 1000, near = 900;

/**
 * @param {{
 *   place: string, label: string, submit: string, first?: string, class?: string,
 *   at?: number, length?: number, guest?: boolean,
 *   send: (text: string, ms: number, guest?: string) => Promise<unknown>, onClose: (sent: boolean) => void,
 * }} props
 *   place names the draft; first is the text to begin with; at, with the track's
 *   length, the moment it is about, which can be moved; a guest says a name too.
 */
export function Writer({place, label: name, submit, first = '', class: extra, at, length = 0, guest = false, send, onClose}) {
	const [kept] = useState(() => draftOf(place));
	const [text, setText] = useState(kept?.text ?? first);
	const [ms, setMs] = useState(at === undefined ? 0 : Math.min(kept?.ms ?? at, length));
	const [error, setError] = useState('');
	const [sending, setSending] = useState(false);
	const [who, setWho] = useState(() => (guest ? lastName() : ''));
	const whoField = useRef(/** @type {HTMLInputElement | null} */ (null));
	const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
	const id = useId();
	const left = most - [...text].length;

	useEffect(() => {
		const element = field.current;
		element?.focus();
		element?.setSelectionRange(element.value.length, element.value.length);
		element?.form?.scrollIntoView({block: 'nearest'});
	}, []);
	/** At once: the page may be left before it is drawn again. @param {string} now @param {number} at */
	const keep = (now, at) => keepDraft(place, now === first ? null : {text: now, ms: at});

	const mentions = useMentions(field, (now) => {
		setText(now);
		keep(now, ms);
	});

	async function submitIt() {
		if (sending) return;
		if (!text.trim() || left < 0) {
			setError(errorText(new ApiError(400, {code: left < 0 ? 'comment.long' : 'comment.empty'})));
			field.current?.focus();
			return;
		}
		if (guest && !who.trim()) {
			setError(errorText(new ApiError(400, {code: 'guest.empty'})));
			whoField.current?.focus();
			return;
		}
		setSending(true);
		setError('');
		try {
			await send(text, ms, guest ? who : undefined);
			if (guest) keepName(who.trim());
			keepDraft(place, null);
			onClose(true);
		} catch (why) {
			setError(errorText(why));
			setSending(false);
			field.current?.focus();
		}
	}
	/** @param {number} by */
	const move = (by) => {
		const to = Math.min(length, Math.max(0, Math.floor(ms / 1000) * 1000 + by));
		setMs(to);
		keep(text, to);
	};

	return form({
		class: classes('writer', extra), noValidate: true, 'aria-label': name,
		onSubmit(event) {
			event.preventDefault();
			void submitIt();
		},
		onKeyDown(event) {
			if (event.key !== 'Escape' || event.isComposing) return;
			event.stopPropagation();
			onClose(false);
		},
	},
		div({class: 'writer-head'},
			label({htmlFor: id, class: 'writer-at'}, at === undefined ? name : t('comments.at', {time: time(ms)})),
			at !== undefined && [
				button({type: 'button', class: 'button tiny', 'aria-label': t('comments.earlier'), onClick: () => move(-1000)}, t('comments.minus')),
				button({type: 'button', class: 'button tiny', 'aria-label': t('comments.later'), onClick: () => move(1000)}, t('comments.plus')),
			],
			button({type: 'button', class: 'quiet', 'aria-label': t('close'), onClick: () => onClose(false)}, icon('close'))),
		guest && div({class: 'field guest-name'},
			label({htmlFor: `${id}-who`}, t('guest.who')),
			tags.input({
				ref: whoField, id: `${id}-who`, type: 'text', value: who, maxLength: 40, autocomplete: 'name',
				onInput(event) {
					setWho(event.currentTarget.value);
					setError('');
				},
			})),
		textarea({
			ref: field, id, rows: 2, value: text, placeholder: at === undefined ? undefined : name, 'aria-invalid': Boolean(error) || left < 0, 'aria-describedby': error ? `${id}-error` : undefined,
			enterkeyhint: 'send', autocapitalize: 'sentences', ...mentions.aria,
			onInput(event) {
				setText(event.currentTarget.value);
				keep(event.currentTarget.value, ms);
				setError('');
				mentions.look();
			},
			onKeyDown(event) {
				if (mentions.takes(event)) return;
				// Enter also ends the writing of a Korean syllable.
				if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
				event.preventDefault();
				void submitIt();
			},
		}),
		mentions.list,
		error && p({class: 'wrong', id: `${id}-error`, role: 'alert'}, icon('warning'), error),
		div({class: 'writer-foot'},
			span({class: classes('writer-left', left < 0 && 'over'), role: 'status'}, [...text].length >= near ? t('comments.left', {n: left}) : ''),
			button({type: 'submit', class: 'button main', 'aria-disabled': sending}, sending ? t('comments.sending') : submit)));
}
