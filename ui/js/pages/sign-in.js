// Sign in.

import {h, tags, useEffect} from '../html.js';
import {api} from '../api.js';
import {t} from '../i18n.js';
import {Door, safeNext} from '../parts/door.js';
import {Form, Password, Text, demandAll} from '../parts/fields.js';
import {Heading, navigate, route} from '../router.js';
import {welcome} from '../session.js';
import {house, signedIn} from '../state.js';
import '../texts.js';

/** @param {import('../router.js').PageProps} _ */
export default function SignIn(_) {
	const next = route.value.query.get('next');
	useEffect(() => {
		if (signedIn.peek()) void navigate(safeNext(next), {replace: true});
	}, []);

	/** @param {Record<string, string>} values */
	const enter = async (values) => {
		demandAll(values, {email: 'email.empty', password: 'password.empty'});
		await welcome(await api.post('/api/auth/sign-in', {email: values.email.trim(), password: values.password}));
		await navigate(safeNext(next), {replace: true});
	};
	return h(Door, {},
		h(Heading, null, t('signin.title')),
		next === '/upload' && tags.p({class: 'muted'}, t('signin.for_upload')),
		h(Form, {action: enter, submit: t('nav.signin'), busy: t('signin.busy')},
			h(Text, {label: t('field.email'), name: 'email', type: 'email', autocomplete: 'username', maxLength: 254, autocapitalize: 'off', spellcheck: false}),
			h(Password, {label: t('field.password'), name: 'password', autocomplete: 'current-password'})),
		tags.p(t('forgot.title'), ' ', tags.a({href: '/reset'}, t('forgot.link'))),
		house.value?.sign_up === 'open' && tags.p(t('signin.new'), ' ',
			tags.a({href: next ? `/sign-up?next=${encodeURIComponent(next)}` : '/sign-up'}, t('nav.signup'))));
}
