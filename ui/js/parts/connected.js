// The accounts elsewhere that let one in, in the settings.

import {h, tags, useEffect} from '../html.js';
import {api, errorText} from '../api.js';
import {ago} from '../format.js';
import {t} from '../i18n.js';
import {rewrite, route} from '../router.js';
import {house, me} from '../state.js';
import {focusBeside} from './beside.js';
import {ask} from './dialog.js';
import {Failed} from './list.js';
import {CameBack, mark, useReturn} from './providers.js';
import {useResource} from './resource.js';
import {toast} from './toast.js';
import {withPassword} from './with-password.js';

/** @typedef {import('../wire.d.ts').Identity} Identity */

/** @param {{}} _ */
export function Connected(_) {
	const {data, error, retry, set} = useResource('/api/me/identities', (answer) => /** @type {Identity[]} */ (answer.items));
	const came = useReturn();
	const providers = house.value?.providers ?? [];
	const done = route.value.query.get('connected');
	useEffect(() => {
		if (!done) return;
		toast(t('ways.connected', {provider: providers.find(({name}) => name === done)?.title ?? done}));
		rewrite('/settings#connected');
	}, [done]);
	if (!providers.length && !data?.length) return null;

	/** @param {string} name @param {string} [password] */
	const leave = async (name, password) => {
		const {redirect} = await api.post(`/api/me/identities/${encodeURIComponent(name)}`, {password, next: `/settings?connected=${encodeURIComponent(name)}#connected`});
		location.assign(redirect);
	};
	/** @param {string} name @param {string} title */
	const connect = (name, title) => {
		if (!me.value?.password) { // then the session has to be a fresh one
			leave(name).catch((failed) => toast(errorText(failed), {kind: 'error'}));
			return;
		}
		withPassword({
			title: t('ways.connect_one', {provider: title}), text: t('ways.connect_text', {provider: title}), submit: t('ways.connect'),
			act: (password) => leave(name, password),
		});
	};
	/** @param {Identity} one */
	const disconnect = async (one) => {
		const moveOn = focusBeside();
		if (!await ask({title: t('ways.disconnect_sure', {provider: one.title}), text: t('ways.disconnect_text'), yes: t('ways.disconnect'), danger: true})) return;
		try {
			await api.del(`/api/me/identities/${one.id}`);
			set((data ?? []).filter(({id}) => id !== one.id));
			moveOn();
			toast(t('ways.disconnected', {provider: one.title}));
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		}
	};
	const rest = providers.filter(({name}) => !data?.some(({provider}) => provider === name));
	return tags.section({class: 'panel', id: 'connected'},
		tags.h2(t('ways.title')),
		tags.p({class: 'muted'}, t('ways.text')),
		h(CameBack, {code: came.error}),
		Boolean(error) && h(Failed, {error, onRetry: retry}),
		!data && !error && tags.p({class: 'muted', role: 'status'}, t('loading')),
		data && tags.ul({class: 'rows'},
			data.map((one) => tags.li({key: one.id, class: 'row way-row'}, mark(one.title),
				tags.div({class: 'row-text'},
					tags.p(one.title),
					one.email && tags.p({class: 'muted small'}, one.email),
					tags.p({class: 'muted small'}, one.provider ? t('ways.used', {when: ago(one.used)}) : t('ways.gone'))),
				tags.button({
					type: 'button', class: 'button', 'aria-label': t('ways.disconnect_one', {provider: one.title}), onClick: () => void disconnect(one),
				}, t('ways.disconnect')))),
			rest.map(({name, title}) => tags.li({key: name, class: 'row way-row'}, mark(title),
				tags.div({class: 'row-text'}, tags.p(title), tags.p({class: 'muted small'}, t('ways.not_connected'))),
				tags.button({
					type: 'button', class: 'button', 'aria-label': t('ways.connect_one', {provider: title}), onClick: () => connect(name, title),
				}, t('ways.connect'))))));
}
