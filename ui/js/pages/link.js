// A secret link: what it leads to opens by itself, or after its password. The
// code stands behind the # of the address, and goes nowhere but to this house.

import {h, tags, useEffect, useState} from '../html.js';
import {ApiError, api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {Door} from '../parts/door.js';
import {Form, Password, demand} from '../parts/fields.js';
import {icon} from '../parts/icon.js';
import {Heading, navigate, route} from '../router.js';
import '../texts.js';

/** @param {import('../router.js').PageProps} _ */
export default function LinkPage(_) {
	const code = route.value.hash;
	const [state, setState] = useState(/** @type {'opening' | 'asks' | 'nowhere' | 'failed'} */ ('opening'));
	const [problem, setProblem] = useState('');

	/** @param {string} [password] */
	const open = async (password) => {
		const opened = await api.post('/api/links/open', {code, password});
		// From now on a reload finds the house open for what the link leads to.
		document.documentElement.setAttribute('data-links', '');
		// The address with the code stays in no history.
		await navigate(opened.url, {replace: true});
	};
	const begin = async () => {
		setState('opening');
		try {
			await open();
		} catch (error) {
			if (error instanceof ApiError && error.code === 'link.password') return setState('asks');
			if (error instanceof ApiError && error.status === 404) return setState('nowhere');
			setProblem(errorText(error));
			setState('failed');
		}
	};
	useEffect(() => {
		if (code) void begin();
		else setState('nowhere');
	}, [code]);

	/** @param {Record<string, string>} values */
	const enter = async ({password}) => {
		demand('password', password, 'password.empty');
		try {
			await open(password);
		} catch (error) {
			if (!(error instanceof ApiError) || error.status !== 404) throw error;
			setState('nowhere');
		}
	};
	if (state === 'opening') {
		return h(Door, {}, h(Heading, null, t('link.opening')), tags.p({class: 'muted', role: 'status'}, t('loading')));
	}
	if (state === 'asks') {
		return h(Door, {},
			h(Heading, null, t('link.asks')),
			tags.p(t('link.asks_text')),
			h(Form, {action: enter, submit: t('link.open'), busy: t('link.opening_short')},
				h(Password, {label: t('link.password'), name: 'password', autocomplete: 'current-password'})));
	}
	if (state === 'failed') {
		return h(Door, {},
			h(Heading, null, t('link.failed')),
			tags.p({class: 'failure', role: 'alert'}, icon('warning'), problem),
			tags.div({class: 'actions start'}, tags.button({type: 'button', class: 'button main', onClick: () => void begin()}, t('retry'))));
	}
	return h(Door, {name: '404'},
		h(Heading, null, t('link.nowhere')),
		tags.p({class: 'muted'}, t('link.nowhere_text')),
		tags.div({class: 'actions start'}, tags.a({class: 'button main', href: '/'}, t('notfound.home'))));
}
