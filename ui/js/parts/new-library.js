// The dialogs that make a folder a library, change one, and take a list in.

import {h, tags, useEffect, useRef, useState} from '../html.js';
import {ApiError, api} from '../api.js';
import {t} from '../i18n.js';
import {me} from '../state.js';
import {Dialog} from './dialog.js';
import {Check, Choice, Form, demand, useField} from './fields.js';
import {FolderField} from './folders.js';
import {signs} from './reach.js';
import {Select} from './select.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Library} Library */
/** @typedef {{close: () => void, onMade: () => Promise<void>}} Made */

/** The largest list, in bytes. */
const mostList = 5 << 20;

/** Whose tracks they become. @param {{}} _ */
function Whose(_) {
	const who = me.value;
	const [people, setPeople] = useState(/** @type {{id: string, name: string}[]} */ ([]));
	useEffect(() => void (async () => {
		/** @type {string | undefined} */
		let cursor;
		const all = [];
		for (let i = 0; i < 5; i++) {
			/** @type {{items: import('../wire.d.ts').Account[], next?: string} | null} */
			const page = await api.get('/api/users', {cursor, limit: 100}).catch(() => null);
			if (!page) break;
			all.push(...page.items.filter((one) => !one.suspended));
			if (!(cursor = page.next)) break;
		}
		setPeople(all);
	})(), []);
	return h(Select, {
		label: t('library.whose'), name: 'user', value: who?.id,
		options: [...who ? [{value: who.id, label: t('library.mine', {name: who.name})}] : [], ...people.filter(({id}) => id !== who?.id).map(({id, name}) => ({value: id, label: name}))],
	});
}

/** @param {{value: string}} props */
function Seen({value}) {
	return h(Choice, {
		legend: t('library.visibility'), name: 'visibility', value,
		options: /** @type {Library['visibility'][]} */ (Object.keys(signs)).map((sight) => ({value: sight, label: t(`reach.to_${sight}`), icon: signs[sight]})),
	});
}

/** @param {Made} props */
export function NewLibrary({close, onMade}) {
	/** @param {Record<string, string>} values */
	const make = async (values) => {
		demand('path', values.path, 'library.path');
		await api.post('/api/libraries', {
			path: values.path.trim(), user_id: values.user || undefined, visibility: values.visibility,
			albums: values.albums === 'on', copy: values.copy === 'copy', watch: values.watch === 'on',
		});
		close();
		await onMade();
	};
	return h(Dialog, {title: t('library.add'), onClose: close},
		h(Form, {action: make, submit: t('library.add_do')},
			h(FolderField, {label: t('library.path'), name: 'path', hint: t('library.path_hint')}),
			h(Whose, {}),
			h(Choice, {
				legend: t('library.how'), name: 'copy', value: 'place',
				options: [{value: 'place', label: t('library.in_place'), hint: t('library.in_place_hint')}, {value: 'copy', label: t('library.copied'), hint: t('library.copied_hint')}],
			}),
			h(Seen, {value: 'public'}),
			tags.div(
				h(Check, {label: t('library.albums'), name: 'albums', checked: true, hint: t('library.albums_hint')}),
				h(Check, {label: t('library.watched'), name: 'watch', checked: true, hint: t('library.watch_hint')}))));
}

/** @param {Made & {one: Library}} props */
export function ChangeLibrary({one, close, onMade}) {
	/** @param {Record<string, string>} values */
	const save = async (values) => {
		await api.patch(`/api/libraries/${one.id}`, {visibility: values.visibility, albums: values.albums === 'on', watch: values.watch === 'on'});
		close();
		await onMade();
	};
	return h(Dialog, {title: t('library.change'), onClose: close},
		tags.p({class: 'muted'}, t('library.change_text')),
		h(Form, {action: save, submit: t('save')},
			h(Seen, {value: one.visibility}),
			tags.div(
				h(Check, {label: t('library.albums'), name: 'albums', checked: one.albums, hint: t('library.albums_hint')}),
				h(Check, {label: t('library.watched'), name: 'watch', checked: one.watch, hint: t('library.watch_hint')}))));
}

/** The bytes of a file in base64. @param {File} file @returns {Promise<string>} */
function base64(file) {
	return new Promise((resolve, reject) => {
		const reader = new FileReader();
		reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
		reader.onerror = () => reject(new ApiError(400, {code: 'import.file', field: 'csv'}));
		reader.readAsDataURL(file);
	});
}

/** @param {{file: File | null, onPick: (file: File | null) => void}} props */
function FileField({file, onPick}) {
	const field = useField('csv', t('import.file_hint'));
	const input = useRef(/** @type {HTMLInputElement | null} */ (null));
	return tags.div({class: 'field'},
		tags.label({htmlFor: field.id}, t('import.file')),
		tags.input({...field.props, ref: input, type: 'file', accept: '.csv,text/csv,text/plain', class: 'file-input', onChange: (event) => onPick(event.currentTarget.files?.[0] ?? null)}),
		file && tags.p({class: 'hidden', role: 'status'}, file.name),
		field.notes);
}

/** @param {Made} props */
export function NewList({close, onMade}) {
	const [file, setFile] = useState(/** @type {File | null} */ (null));
	/** @param {Record<string, string>} values */
	const make = async (values) => {
		if (!file) throw new ApiError(400, {code: 'import.file', field: 'csv'});
		if (file.size > mostList) throw new ApiError(413, {code: 'import.large', field: 'csv'});
		demand('folder', values.folder, 'library.path');
		await api.post('/api/imports', {
			folder: values.folder.trim(), name: file.name, user_id: values.user || undefined, visibility: values.visibility,
			albums: values.albums === 'on', csv: await base64(file),
		});
		close();
		await onMade();
	};
	return h(Dialog, {title: t('import.list'), onClose: close},
		tags.p({class: 'muted'}, t('import.list_text')),
		h(Form, {action: make, submit: t('import.list_do')},
			h(FileField, {file, onPick: setFile}),
			h(FolderField, {label: t('import.folder'), name: 'folder', hint: t('import.folder_hint')}),
			h(Whose, {}),
			h(Seen, {value: 'public'}),
			h(Check, {label: t('library.albums'), name: 'albums', checked: true, hint: t('library.albums_hint')})));
}
