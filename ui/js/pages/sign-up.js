// Make an account, where the keeper lets people.

import {h, tags, useEffect} from '../html.js';
import {api} from '../api.js';
import {t} from '../i18n.js';
import {Door, safeNext} from '../parts/door.js';
import {Form, Password, Text, demandAll} from '../parts/fields.js';
import {Providers} from '../parts/providers.js';
import {Heading, navigate, route} from '../router.js';
import {welcome} from '../session.js';
import {house, signedIn} from '../state.js';
import '../texts.js';

/** @param {import('../router.js').PageProps} _ */
export default function SignUp(_) {
	const next = safeNext(route.value.query.get('next'));
	const name = house.value?.name || 'Earshot';
	useEffect(() => {
		if (signedIn.peek()) void navigate(next, {replace: true});
	}, []);

	if (house.value?.sign_up !== 'open') {
		const invited = house.value?.sign_up === 'invited';
		return h(Door, {},
			h(Heading, null, invited ? t('signup.invited') : t('signup.closed')),
			tags.p(invited ? t('signup.invited_text') : t('signup.closed_text')),
			tags.div({class: 'actions start'}, tags.a({class: 'button main', href: '/sign-in'}, t('nav.signin'))));
	}

	return h(Door, {},
		h(Heading, {title: t('nav.signup')}, t('signup.title', {house: name})),
		h(Providers, {next}),
		h(JoinForm, {next}),
		tags.p(t('signup.have'), ' ', tags.a({href: '/sign-in'}, t('nav.signin'))));
}

/**
 * What somebody says to get an account.
 * @param {{next: string, invite?: string, onJoined?: () => void}} props next is where they go then, invite the code they come by.
 */
export function JoinForm({next, invite, onJoined}) {
	/** @param {Record<string, string>} values */
	const join = async (values) => {
		demandAll(values, {name: 'name.empty', email: 'email.empty', password: 'password.empty'});
		const answer = await api.post('/api/auth/sign-up', {
			name: values.name.trim(), email: values.email.trim(), password: values.password,
			age: Number(values.age) || undefined, gender: values.gender?.trim() || undefined, invite,
		});
		onJoined?.();
		// They have an account already, and it asks for a code.
		if (answer.ticket) return navigate(`/sign-in?next=${encodeURIComponent(next)}#ticket=${answer.ticket}`, {replace: true});
		await welcome(answer);
		await navigate(next, {replace: true});
	};
	return h(Form, {action: join, submit: t('signup.submit'), busy: t('signup.busy')},
		h(Text, {label: t('field.name'), name: 'name', autocomplete: 'name', maxLength: 60, hint: t('field.name_hint')}),
		h(Text, {label: t('field.email'), name: 'email', type: 'email', autocomplete: 'username', maxLength: 254, hint: t('field.email_hint'), autocapitalize: 'off', spellcheck: false}),
		h(Password, {label: t('field.password'), name: 'password', autocomplete: 'new-password', hint: t('field.password_hint')}),
		tags.details({class: 'fold'}, tags.summary(t('signup.more')),
			tags.p({class: 'hint'}, t('signup.more_hint')),
			tags.div({class: 'pair'},
				h(Text, {label: t('field.age'), name: 'age', type: 'number', min: 0, max: 150, optional: true}),
				h(Text, {label: t('field.gender'), name: 'gender', maxLength: 40, optional: true}))));
}
