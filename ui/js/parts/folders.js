// Choosing a folder of the machine that the house runs on.

import {h, tags, useEffect, useRef, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {Dialog, openDialog} from './dialog.js';
import {useField} from './fields.js';
import {icon} from './icon.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Folder} Folder */

/** The last part of a path. @param {string} path */
export const lastOf = (path) => path.replace(/[/\\]+$/, '').split(/[/\\]/).at(-1) || path;

/** @param {{start: string, onClose: () => void, onPick: (path: string) => void}} props */
function Chooser({start, onClose, onPick}) {
	const [at, setAt] = useState(/** @type {Folder | null} */ (null));
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const head = useRef(/** @type {HTMLParagraphElement | null} */ (null));
	/** @param {string} path @param {boolean} [first] */
	const go = async (path, first) => {
		setError(null);
		try {
			setAt(await api.get('/api/folders', {path}));
			if (!first) head.current?.focus();
		} catch (failed) {
			if (first && path) return go('', true);
			setError(failed);
		}
		return undefined;
	};
	useEffect(() => void go(start, true), []);
	/** @param {string} name */
	const below = (name) => at?.path ? `${at.path.replace(/\/+$/, '')}/${name}` : name;
	const above = at?.parent ?? null;
	return h(Dialog, {title: t('folder.choose'), onClose},
		tags.p({class: 'folder-at', ref: head, tabIndex: -1}, icon('folder'), at?.path ? tags.code(at.path) : t('folder.roots')),
		Boolean(error) && tags.p({class: 'failure', role: 'alert'}, icon('warning'), errorText(error)),
		!at && !error && tags.p({class: 'muted', role: 'status'}, t('loading')),
		at && tags.ul({class: 'folder-list'},
			above !== null && tags.li({key: '..'}, tags.button({type: 'button', onClick: () => void go(above)}, icon('up'), t('folder.up'))),
			at.folders.map((name) => tags.li({key: name}, tags.button({type: 'button', onClick: () => void go(below(name))}, icon('folder'), tags.span(name))))),
		at?.more && tags.p({class: 'muted small'}, t('folder.more')),
		at && !at.path && !at.folders.length && tags.p({class: 'muted'}, t('folder.none')),
		at?.path && tags.p({class: 'muted small', role: 'status'}, t('folder.audio', {n: at.audio})),
		tags.div({class: 'actions'},
			tags.button({type: 'button', class: 'button', onClick: onClose}, t('cancel')),
			tags.button({type: 'button', class: 'button main', 'aria-disabled': !at?.path, onClick: () => at?.path && onPick(at.path)}, t('folder.take'))));
}

/**
 * A field with the path of a folder, and the way to choose one.
 * @param {{label: string, name: string, hint?: string, optional?: boolean}} props
 */
export function FolderField({label, name, hint, optional}) {
	const field = useField(name, hint);
	const [path, setPath] = useState('');
	const choose = () => openDialog((close) => h(Chooser, {
		start: path, onClose: close,
		onPick: (now) => {
			setPath(now);
			close();
		},
	}));
	return tags.div({class: 'field'},
		tags.label({htmlFor: field.id}, label, optional && tags.span({class: 'optional'}, t('field.optional'))),
		tags.div({class: 'folder-field'},
			tags.input({...field.props, type: 'text', value: path, autocomplete: 'off', autocapitalize: 'off', spellcheck: false, maxLength: 4096, required: !optional, onInput: (event) => setPath(event.currentTarget.value)}),
			tags.button({type: 'button', class: 'button', onClick: choose}, icon('folder'), t('folder.open'))),
		field.notes);
}
