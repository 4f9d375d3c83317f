// The first run: the one-time link of the server's console makes the keeper's
// account and asks who may come in.

import {h, tags, useEffect, useState} from '../html.js';
import {ApiError, api} from '../api.js';
import {t} from '../i18n.js';
import {Door} from '../parts/door.js';
import {Choice, Form, Password, Text, demandAll} from '../parts/fields.js';
import {Heading, navigate, rewrite, route} from '../router.js';
import {welcome} from '../session.js';
import {house} from '../state.js';
import {SetupNeeded, keepSetupToken, setupToken} from './gate.js';
import '../texts.js';

/** @param {import('../router.js').PageProps} _ */
export default function Setup(_) {
	const [token, setToken] = useState(setupToken);
	const given = route.value.hash;
	useEffect(() => {
		if (!given) return;
		setToken(given);
		keepSetupToken(given);
		// Nobody is to read it over a shoulder or find it in the history.
		rewrite('/setup');
	}, [given]);

	const done = Boolean(house.value && !house.value.setup);
	useEffect(() => {
		if (done) keepSetupToken('');
	}, [done]);

	if (done) {
		return h(Door, {},
			h(Heading, null, t('setup.done')),
			tags.p(t('setup.done_text')),
			tags.div({class: 'actions start'}, tags.a({class: 'button main', href: '/sign-in'}, t('nav.signin'))));
	}
	if (!token && !given) return h(SetupNeeded, {});

	/** @param {Record<string, string>} values */
	const begin = async (values) => {
		demandAll(values, {
			house: 'house.empty', name: 'name.empty', email: 'email.empty', password: 'password.empty',
			sign_up: 'choice.empty', visitors: 'choice.empty',
		});
		try {
			await welcome(await api.post('/api/setup', {
				token, house: values.house.trim(), name: values.name.trim(), email: values.email.trim(), password: values.password,
				sign_up: values.sign_up, visitors: values.visitors === 'yes',
			}));
		} catch (error) {
			// A link that is not valid any more is not worth keeping.
			if (error instanceof ApiError && error.code === 'setup.token') keepSetupToken('');
			throw error;
		}
		keepSetupToken('');
		await navigate('/', {replace: true});
	};
	return h(Door, {},
		h(Heading, {title: t('setup.short')}, t('setup.title')),
		tags.p({class: 'muted'}, t('setup.text')),
		h(Form, {action: begin, submit: t('setup.submit'), busy: t('setup.busy')},
			h(Text, {label: t('house.name'), name: 'house', value: '', maxLength: 60, hint: t('house.name_hint')}),
			h(Text, {label: t('field.name'), name: 'name', autocomplete: 'name', maxLength: 60, hint: t('field.name_hint')}),
			h(Text, {label: t('field.email'), name: 'email', type: 'email', autocomplete: 'username', maxLength: 254, hint: t('field.email_hint'), autocapitalize: 'off', spellcheck: false}),
			h(Password, {label: t('field.password'), name: 'password', autocomplete: 'new-password', hint: t('field.password_hint')}),
			h(SignUpChoice, {}), h(VisitorChoice, {})));
}

/** Who may make an account. @param {{value?: string}} props */
export function SignUpChoice({value}) {
	return h(Choice, {
		legend: t('house.signup'), name: 'sign_up', value,
		options: [
			{value: 'closed', label: t('house.signup_closed'), hint: t('house.signup_closed_hint')},
			{value: 'invited', label: t('house.signup_invited'), hint: t('house.signup_invited_hint')},
			{value: 'open', label: t('house.signup_open'), hint: t('house.signup_open_hint')},
		],
	});
}

/** Who may listen. @param {{value?: string}} props */
export function VisitorChoice({value}) {
	return h(Choice, {
		legend: t('house.visitors'), name: 'visitors', value,
		options: [
			{value: 'no', label: t('house.visitors_no'), hint: t('house.visitors_no_hint')},
			{value: 'yes', label: t('house.visitors_yes'), hint: t('house.visitors_yes_hint')},
		],
	});
}
