// Forms: fields with their label, hint and error, and a form that shows what
// the server found wrong where it is.

import {classes, createContext, h, tags, useContext, useEffect, useId, useRef, useState} from '../html.js';
import {ApiError, errorText} from '../api.js';
import {t} from '../i18n.js';
import {icon} from './icon.js';

/** @typedef {import('../html.js').Child} Child */
/** @typedef {{field: string, text: string}} Wrong */

const Problem = createContext(/** @type {Wrong[]} */ ([]));

/**
 * A form that runs an action and names its failures, one or the errors of an
 * AggregateError: below the field each is about, else above the button.
 * @param {{
 *   action: (values: Record<string, string>, form: HTMLFormElement) => Promise<unknown>,
 *   submit: string, busy?: string, class?: string, children?: Child, beside?: Child,
 * }} props beside stands next to the button.
 */
export function Form({action, submit, busy, class: name, children, beside}) {
	const [wrong, setWrong] = useState(/** @type {Wrong[]} */ ([]));
	const [running, setRunning] = useState(false);
	const form = useRef(/** @type {HTMLFormElement | null} */ (null));
	useEffect(() => {
		if (!wrong.length) return;
		const target = form.current?.querySelector('[aria-invalid=true], .failure');
		if (target instanceof HTMLElement) target.focus();
	}, [wrong]);

	/** @param {SubmitEvent & {currentTarget: HTMLFormElement}} event */
	const onSubmit = async (event) => {
		event.preventDefault();
		if (running) return;
		const element = event.currentTarget;
		/** @type {Record<string, string>} */
		const values = {};
		for (const [key, value] of new FormData(element)) if (typeof value === 'string') values[key] = value;
		setRunning(true);
		setWrong([]);
		try {
			await action(values, element);
		} catch (error) {
			setWrong((error instanceof AggregateError ? error.errors : [error]).map((one) => ({
				field: one instanceof ApiError && element.elements.namedItem(one.field) ? one.field : '', text: errorText(one),
			})));
		} finally {
			setRunning(false);
		}
	};

	return h(Problem.Provider, {value: wrong},
		tags.form({ref: form, class: classes('form', name), noValidate: true, onSubmit, method: 'post'},
			children,
			wrong.filter(({field}) => !field).map(({text}) => tags.p({class: 'failure', role: 'alert', tabIndex: -1, key: text}, icon('warning'), text)),
			tags.div({class: 'actions'}, beside,
				tags.button({type: 'submit', class: 'button main', 'aria-disabled': running}, running ? busy ?? t('saving') : submit))));
}

/**
 * The ids and texts that belong to one field.
 * @param {string} name
 * @param {string | undefined} hint
 */
export function useField(name, hint) {
	const id = useId();
	const error = useContext(Problem).find(({field}) => field === name)?.text ?? '';
	const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
	return {
		id, error,
		props: {id, name, 'aria-invalid': error ? true : undefined, 'aria-describedby': described || undefined},
		notes: [
			hint && tags.p({class: 'hint', id: `${id}-hint`}, hint),
			error && tags.p({class: 'wrong', id: `${id}-error`}, icon('warning'), error),
		],
	};
}

/**
 * A line of text. Optional fields say so; the others are all wanted.
 * @param {{
 *   label: string, name: string, type?: 'text' | 'email' | 'number', value?: string | number, hint?: string,
 *   optional?: boolean, autocomplete?: string, maxLength?: number, min?: number, max?: number, spellcheck?: boolean,
 *   autocapitalize?: 'off' | 'words' | 'sentences', list?: string, prefix?: string, inputmode?: 'numeric', readOnly?: boolean, onInput?: (value: string) => void,
 * }} props
 */
export function Text({label, hint, optional, value, onInput, prefix, type = 'text', ...rest}) {
	const field = useField(rest.name, hint);
	const input = tags.input({
		...rest, ...field.props, type, defaultValue: value, required: !optional,
		inputmode: type === 'number' ? 'numeric' : rest.inputmode,
		onInput: onInput && ((event) => onInput(event.currentTarget.value)),
	});
	return tags.div({class: 'field'},
		tags.label({htmlFor: field.id}, label, optional && tags.span({class: 'optional'}, t('field.optional'))),
		prefix ? tags.div({class: 'prefixed'}, tags.span({'aria-hidden': 'true'}, prefix), input) : input,
		field.notes);
}

/**
 * Text of several lines.
 * @param {{label: string, name: string, value?: string, hint?: string, rows?: number, maxLength?: number, optional?: boolean}} props
 */
export function Area({label, hint, value, rows = 4, optional, ...rest}) {
	const field = useField(rest.name, hint);
	return tags.div({class: 'field'},
		tags.label({htmlFor: field.id}, label, optional && tags.span({class: 'optional'}, t('field.optional'))),
		tags.textarea({...rest, ...field.props, rows, defaultValue: value}), field.notes);
}

/**
 * A password that can be made visible.
 * @param {{label: string, name: string, hint?: string, autocomplete: 'current-password' | 'new-password'}} props
 */
export function Password({label, hint, ...rest}) {
	const field = useField(rest.name, hint);
	const [plain, setPlain] = useState(false);
	return tags.div({class: 'field'},
		tags.label({htmlFor: field.id}, label),
		tags.div({class: 'password'},
			tags.input({...rest, ...field.props, type: plain ? 'text' : 'password', required: true, spellcheck: false, autocapitalize: 'off'}),
			tags.button({type: 'button', class: 'text', 'aria-pressed': plain, onClick: () => setPlain(!plain)},
				plain ? t('field.hide') : t('field.show'))),
		field.notes);
}

/**
 * One of several; without a value none is chosen yet.
 * @param {{
 *   legend: string, name: string, value?: string, hint?: string,
 *   options: {value: string, label: string, hint?: string, icon?: string}[], onPick?: (value: string) => void,
 * }} props
 */
export function Choice({legend, name, value, hint, options, onPick}) {
	const field = useField(name, hint);
	return tags.fieldset({class: 'field choice', 'aria-describedby': field.props['aria-describedby']},
		tags.legend(legend),
		tags.div({class: classes('options', options.every((option) => !option.hint && option.label.length < (/[\u1100-\uffff]/.test(option.label) ? 11 : 20)) && 'short')}, options.map((option, i) => tags.label({class: 'option', key: option.value},
			tags.input({
				type: 'radio', name, value: option.value, defaultChecked: option.value === value, required: true,
				'aria-invalid': field.error && !i ? true : undefined, onChange: onPick && (() => onPick(option.value)),
			}),
			option.icon && icon(option.icon),
			tags.span(tags.span({class: 'option-label'}, option.label), option.hint && tags.span({class: 'hint'}, option.hint))))),
		field.notes);
}

/**
 * Yes or no.
 * @param {{label: string, name: string, checked?: boolean, hint?: string}} props
 */
export function Check({label, name, checked, hint}) {
	const field = useField(name, hint);
	return tags.div({class: 'field'},
		tags.label({class: 'option plain'},
			tags.input({...field.props, type: 'checkbox', defaultChecked: checked}),
			tags.span({class: 'option-label'}, label)),
		field.notes);
}

/**
 * Throws the failure of a wanted field that is empty, as the server would.
 * @param {string} name
 * @param {string} value
 * @param {string} code
 */
export function demand(name, value, code) {
	if (!value?.trim()) throw new ApiError(400, {code, field: name});
}

/**
 * Throws the failures of all wanted fields that are empty.
 * @param {Record<string, string>} values
 * @param {Record<string, string>} codes What is said of each that is missing.
 */
export function demandAll(values, codes) {
	const missing = Object.entries(codes).filter(([field]) => !values[field]?.trim()).map(([field, code]) => new ApiError(400, {code, field}));
	if (missing.length) throw new AggregateError(missing);
}

/**
 * A picture to choose, replace or take away at once.
 * @param {{
 *   label: string, current: Child, has: boolean, limit: number,
 *   onPut: (file: File) => Promise<unknown>, onDrop: () => Promise<unknown>,
 * }} props limit in bytes
 */
export function PictureField({label, current, has, limit, onPut, onDrop}) {
	const input = useRef(/** @type {HTMLInputElement | null} */ (null));
	const [state, setState] = useState({busy: false, error: ''});
	/** @param {() => Promise<unknown>} act */
	const run = async (act) => {
		setState({busy: true, error: ''});
		try {
			await act();
			setState({busy: false, error: ''});
		} catch (error) {
			setState({busy: false, error: errorText(error)});
		}
	};
	/** @param {File | undefined} file */
	const choose = (file) => file && run(() => {
		if (limit && file.size > limit) throw new ApiError(413, {code: 'picture.too_large'});
		return onPut(file);
	});
	return tags.div({class: 'field picture-field', role: 'group', 'aria-label': label},
		current,
		tags.div({class: 'picture-tools'},
			tags.button({type: 'button', class: 'button', 'aria-disabled': state.busy, onClick: () => input.current?.click()},
				icon('image'), state.busy ? t('saving') : has ? t('picture.replace') : t('picture.choose')),
			has && tags.button({type: 'button', class: 'button', onClick: () => void run(onDrop)}, t('picture.remove')),
			tags.input({
				ref: input, type: 'file', accept: 'image/jpeg,image/png,image/webp,image/gif', hidden: true, 'aria-label': label,
				onChange: (event) => {
					void choose(event.currentTarget.files?.[0]);
					event.currentTarget.value = '';
				},
			}),
			state.error && tags.p({class: 'wrong', role: 'alert'}, icon('warning'), state.error)));
}
