// What is copied into an app or a terminal: a value with its name and a button.

import {classes, h, tags, useRef, useState} from '../html.js';
import {t} from '../i18n.js';
import {icon} from './icon.js';
import {toast} from './toast.js';
import {copy} from './track-actions.js';
import {style} from '../style.js';
import '../texts.js';

await style('programs');

/**
 * A value to copy. Whoever copies it by a selection has it bare, too: groups
 * stand apart by their margins.
 * @param {{label: string, value: string, groups?: boolean, long?: boolean, hint?: string}} props
 */
export function Value({label, value, groups, long, hint}) {
	const [copied, setCopied] = useState(false);
	const shown = useRef(/** @type {HTMLElement | null} */ (null));
	const take = async () => {
		if (await copy(value)) {
			setCopied(true);
			toast(t('programs.copied'));
			return;
		}
		if (shown.current) getSelection()?.selectAllChildren(shown.current);
		toast(t('programs.by_hand'), {kind: 'error'});
	};
	return tags.div({class: classes('key-value', groups && 'key-large', long && 'key-long')},
		tags.dt(label),
		tags.dd(
			tags.code({ref: shown}, groups ? value.match(/.{1,4}/g)?.map((four, i) => [i > 0 && tags.wbr(), tags.span({key: i}, four)]) : value),
			tags.button({type: 'button', class: 'button', 'aria-label': t('programs.copy_one', {what: label}), onClick: () => void take()},
				icon(copied ? 'check' : 'link'), t('programs.copy')),
			hint && tags.p({class: 'muted small'}, hint)));
}

/**
 * All that an app asks for.
 * @param {{address: string, username: string, secret: string}} props
 */
export function ForApp({address, username, secret}) {
	return tags.dl({class: 'key-values'},
		h(Value, {label: t('programs.address'), value: address}),
		h(Value, {label: t('programs.username'), value: username}),
		h(Value, {label: t('apppass.password'), value: secret, groups: true, hint: t('apppass.letters')}));
}
