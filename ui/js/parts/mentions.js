// People who are offered while somebody types @ and the beginning of a name.

import {classes, h, tags, useEffect, useId, useState} from '../html.js';
import {api} from '../api.js';
import {t} from '../i18n.js';
import {Avatar} from './artwork.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').User} User */

/** The beginning of a name right before the caret. */
const begun = /(?:^|[^\p{L}\p{N}_@/-])@([\p{L}\p{N}_-]{1,40})$/u;

/** How long nothing is typed before people are looked for, in milliseconds. */
const pause = 150;

/**
 * @param {{current: HTMLTextAreaElement | null}} field
 * @param {(text: string) => void} put takes the text with the name in it
 */
export function useMentions(field, put) {
	const [asked, setAsked] = useState('');
	const [people, setPeople] = useState(/** @type {User[]} */ ([]));
	const [at, setAt] = useState(0);
	const id = useId();
	useEffect(() => {
		setPeople([]);
		setAt(0);
		if (!asked) return undefined;
		let here = true;
		const timer = setTimeout(() => void api.get('/api/search', {q: asked, kind: 'user', limit: 6}).then((found) => {
			if (here) setPeople(found.items.flatMap((/** @type {import('../wire.d.ts').Hit} */ {user}) => user ?? []));
		}, () => {}), pause);
		return () => {
			here = false;
			clearTimeout(timer);
		};
	}, [asked]);

	const look = () => {
		const element = field.current;
		setAsked(element && element.selectionStart === element.selectionEnd ? begun.exec(element.value.slice(0, element.selectionStart))?.[1] ?? '' : '');
	};
	/** @param {User} user */
	const choose = (user) => {
		const element = field.current;
		if (!element) return;
		const caret = element.selectionStart, before = element.value.slice(0, caret - asked.length), after = element.value.slice(caret);
		const named = `${before}${user.username}${after.startsWith(' ') ? '' : ' '}`;
		element.value = named + after;
		element.focus();
		element.setSelectionRange(named.length, named.length);
		put(element.value);
		setAsked('');
	};
	return {
		look,
		/** Whether the list takes a key; the field then leaves it alone. @param {KeyboardEvent} event */
		takes(event) {
			if (!people.length || event.isComposing || event.keyCode === 229) return false;
			/** @type {Record<string, () => void>} */
			const keys = {
				ArrowDown: () => setAt((at + 1) % people.length), ArrowUp: () => setAt((at + people.length - 1) % people.length),
				Enter: () => choose(people[at]), Tab: () => choose(people[at]), Escape: () => setAsked(''),
			};
			if (event.shiftKey || !Object.hasOwn(keys, event.key)) return false;
			event.preventDefault();
			event.stopPropagation();
			keys[event.key]();
			return true;
		},
		/** What the field says of it. */
		aria: people.length ? {'aria-controls': id, 'aria-activedescendant': `${id}-${at}`} : {},
		list: people.length > 0 && tags.div({class: 'mentions', role: 'listbox', id, 'aria-label': t('comments.mentions')}, people.map((user, i) => tags.button({
			type: 'button', key: user.id, id: `${id}-${i}`, role: 'option', tabIndex: -1, 'aria-selected': i === at, class: classes('mention-line', i === at && 'at'),
			onMouseDown: (event) => event.preventDefault(), onClick: () => choose(user),
		}, h(Avatar, {user}), tags.span({class: 'mention-name'}, user.name), tags.span({class: 'muted small'}, `@${user.username}`)))),
	};
}
