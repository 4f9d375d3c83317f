// The field for a code: six digits, or a recovery code.

import {h, tags, useEffect, useRef} from '../html.js';
import {t} from '../i18n.js';
import {Text} from './fields.js';
import '../texts.js';

export {Form, demand} from './fields.js';

/**
 * Six digits are sent as soon as they are there.
 * @param {{recovery?: boolean, either?: boolean, focus?: boolean}} props either takes both kinds of codes.
 */
export function Code({recovery = false, either = false, focus = false}) {
	const place = useRef(/** @type {HTMLDivElement | null} */ (null));
	const sent = useRef('');
	const input = () => place.current?.querySelector('input');
	useEffect(() => {
		if (focus) input()?.focus({preventScroll: true});
	}, []);
	/** @param {string} value */
	const onInput = (value) => {
		const digits = value.replace(/\s/g, '');
		if (recovery || either || !/^\d{6}$/.test(digits) || sent.current === digits) return;
		sent.current = digits;
		input()?.form?.requestSubmit();
	};
	return tags.div({ref: place, class: 'code-field'}, h(Text, {
		label: recovery ? t('factor.recovery') : t('factor.code'), name: 'code', autocomplete: 'one-time-code', maxLength: recovery || either ? 24 : 7,
		autocapitalize: 'off', spellcheck: false, inputmode: recovery || either ? undefined : 'numeric',
		hint: either ? t('factor.either') : undefined, onInput,
	}));
}
