// Coming in by an account elsewhere: the buttons that lead there, what is said
// of those who come back without it, and the password that is asked for once
// when the address has an account already.

import {h, tags, useEffect, useState} from '../html.js';
import {api} from '../api.js';
import {has, t} from '../i18n.js';
import {Heading, rewrite, route} from '../router.js';
import {house} from '../state.js';
import {style} from '../style.js';
import '../texts.js';
import {Door} from './door.js';
import {Form, Password, demand} from './fields.js';
import {icon} from './icon.js';

await style('ways');

/** A provider's sign: its first letter. @param {string} title */
export const mark = (title) => tags.span({class: 'way-mark', 'aria-hidden': 'true'}, [...title][0]?.toUpperCase());

/**
 * The buttons that lead to the providers there are.
 * @param {{next: string | null, invite?: string}} props
 */
export function Providers({next, invite}) {
	const list = house.value?.providers ?? [];
	if (!list.length) return null;
	const query = new URLSearchParams();
	if (next && next !== '/') query.set('next', next);
	if (invite) query.set('invite', invite);
	return tags.div({class: 'ways'},
		list.map(({name, title}) => tags.a({
			key: name, class: 'button way', href: `/api/auth/openid/${encodeURIComponent(name)}/start${query.size ? `?${query}` : ''}`,
		}, mark(title), tags.span(t('ways.continue', {provider: title})))),
		tags.p({class: 'ways-or'}, tags.span(t('ways.or'))));
}

/**
 * What somebody came back with, which is taken out of the address at once.
 * @returns {{error: string, link: string}} link is a ticket
 */
export function useReturn() {
	const {query, hash} = route.value;
	const [came] = useState(() => ({error: query.get('error') ?? '', link: hash.startsWith('link=') ? hash.slice(5) : ''}));
	useEffect(() => {
		if (!came.error && !came.link) return;
		const rest = new URLSearchParams(query);
		rest.delete('error');
		rest.delete('provider');
		rewrite(location.pathname + (rest.size ? `?${rest}` : '') + (came.link ? '' : location.hash));
	}, []);
	return came;
}

/** Why somebody came back without being in. @param {{code: string}} props */
export function CameBack({code}) {
	if (!code) return null;
	const key = `error.${code}`;
	return tags.p({class: 'failure', role: 'alert'}, icon('warning'), has(key) ? t(key) : t('error.openid.token'));
}

/**
 * Asks for the password of the account that has the address.
 * @param {{ticket: string, onIn: (answer: import('../wire.d.ts').SignedIn) => Promise<unknown>}} props
 */
export function Linking({ticket, onIn}) {
	/** @param {Record<string, string>} values */
	const link = async (values) => {
		demand('password', values.password, 'password.empty');
		await onIn(await api.post('/api/auth/openid/link', {ticket, password: values.password}));
	};
	return h(Door, {},
		h(Heading, null, t('ways.link')),
		tags.p(t('ways.link_text')),
		h(Form, {action: link, submit: t('ways.link_do'), busy: t('signin.busy')},
			h(Password, {label: t('field.password'), name: 'password', autocomplete: 'current-password', hint: t('ways.link_hint')})),
		tags.div({class: 'actions start'}, tags.a({class: 'button', href: '/sign-in'}, t('ways.link_not'))));
}
