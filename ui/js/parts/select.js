// One of several in a line of its own, where radio buttons would take too much
// room.

import {tags} from '../html.js';
import {useField} from './fields.js';

/**
 * @param {{
 *   label: string, name: string, value?: string, hint?: string,
 *   options: {value: string, label: string}[], onPick?: (value: string) => void,
 * }} props
 */
export function Select({label, name, value, hint, options, onPick}) {
	const field = useField(name, hint);
	return tags.div({class: 'field'},
		tags.label({htmlFor: field.id}, label),
		tags.select({...field.props, onChange: onPick && ((event) => onPick(event.currentTarget.value))},
			options.map((option) => tags.option({key: option.value, value: option.value, selected: option.value === value}, option.label))),
		field.notes);
}
