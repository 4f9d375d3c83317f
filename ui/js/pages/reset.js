// A new password: by the link that one has, or else how to get one.

import {h, tags, useEffect, useState} from '../html.js';
import {ApiError, api, errorText} from '../api.js';
import {locale, t} from '../i18n.js';
import {Door} from '../parts/door.js';
import {Form, Password, Text, demand} from '../parts/fields.js';
import {useLinkCode} from '../parts/link-code.js';
import {toast} from '../parts/toast.js';
import {Heading, navigate} from '../router.js';
import {welcome} from '../session.js';
import {house} from '../state.js';
import '../texts.js';

/** @param {import('../router.js').PageProps} _ */
export default function ResetPage(_) {
	const [code, forget] = useLinkCode('reset');
	return code ? h(Choose, {code, forget, key: code}) : h(Forgot, {});
}

/** @param {{code: string, forget: () => void}} props */
function Choose({code, forget}) {
	const [name, setName] = useState('');
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [again, setAgain] = useState(0);
	useEffect(() => {
		setError(null);
		api.post('/api/auth/reset/check', {code}).then((offer) => setName(offer.name), setError);
	}, [code, again]);
	if (error) {
		const passing = error instanceof ApiError && (!error.status || error.status === 429 || error.status >= 500);
		return h(Door, {},
			h(Heading, null, t('reset.bad')),
			tags.p({role: 'alert'}, errorText(error)),
			tags.div({class: 'actions start'},
				tags.button({type: 'button', class: 'button main', onClick: () => (passing ? setAgain(again + 1) : forget())}, passing ? t('retry') : t('reset.other')),
				tags.a({class: 'button', href: '/sign-in'}, t('nav.signin'))));
	}
	/** @param {Record<string, string>} values */
	const choose = async (values) => {
		demand('password', values.password, 'password.empty');
		const answer = await api.post('/api/auth/reset', {code, password: values.password});
		forget();
		// A second factor is asked for where one is set up.
		const {ticket} = /** @type {{ticket?: string}} */ (answer);
		if (ticket) return navigate(`/sign-in#ticket=${encodeURIComponent(ticket)}`, {replace: true});
		await welcome(answer);
		toast(t('reset.done'));
		return navigate('/', {replace: true});
	};
	return h(Door, {},
		h(Heading, {title: t('reset.title')}, name ? t('reset.title_of', {name}) : t('reset.title')),
		tags.p({class: 'muted'}, t('reset.text')),
		h(Form, {action: choose, submit: t('reset.submit'), busy: t('signin.busy')},
			h(Password, {label: t('settings.password_new'), name: 'password', autocomplete: 'new-password', hint: t('field.password_hint')})));
}

/** @param {{}} _ */
function Forgot(_) {
	const [sent, setSent] = useState('');
	const back = tags.p(tags.a({href: '/sign-in'}, t('forgot.back')));
	if (!house.value?.mails) {
		return h(Door, {}, h(Heading, null, t('forgot.title')), tags.p(t('forgot.ask')), tags.p({class: 'muted'}, t('forgot.keeper')), back);
	}
	if (sent) {
		return h(Door, {}, h(Heading, null, t('forgot.sent')), tags.p({role: 'status'}, t('forgot.sent_text', {email: sent})), back);
	}
	return h(Door, {},
		h(Heading, null, t('forgot.title')),
		tags.p({class: 'muted'}, t('forgot.text')),
		h(Form, {
			submit: t('forgot.submit'), busy: t('saving'),
			action: async (values) => {
				demand('email', values.email, 'email.empty');
				await api.post('/api/auth/forgot', {email: values.email.trim(), language: locale.value});
				setSent(values.email.trim());
			},
		}, h(Text, {label: t('field.email'), name: 'email', type: 'email', autocomplete: 'username', maxLength: 254, autocapitalize: 'off', spellcheck: false})),
		back);
}
