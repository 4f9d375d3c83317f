// The own password once more, before what a device that somebody left open must
// not do.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {me} from '../state.js';
import {Dialog, openDialog} from './dialog.js';
import {Form, Password, demand} from './fields.js';
import '../texts.js';

/**
 * Asks for the own password, then does something. What that refuses is shown there.
 * @param {{title: string, text: import('../html.js').Child, submit: string, danger?: boolean, act: (password: string) => Promise<unknown>}} what
 */
export function withPassword({title, text, submit, danger, act}) {
	const has = me.peek()?.password; // else the server wants to see that one came in a moment ago
	openDialog((close) => h(Dialog, {title, onClose: close, class: 'narrow'},
		tags.p(text),
		h(Form, {
			submit, class: danger ? 'grave' : '',
			action: async (values) => {
				if (has) demand('password', values.password, 'password.empty');
				await act(values.password ?? '');
				close();
			},
		},
			has && tags.input({type: 'text', name: 'username', autocomplete: 'username', value: me.peek()?.email, hidden: true, readOnly: true}),
			has && h(Password, {label: t('keeper.password'), name: 'password', autocomplete: 'current-password', hint: t('keeper.password_hint')}))));
}
