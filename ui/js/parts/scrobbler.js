// Where listens are told besides here, in the settings.

import {h, signal, tags, useEffect, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {ago} from '../format.js';
import {t} from '../i18n.js';
import {style} from '../style.js';
import {focusBeside} from './beside.js';
import {ask} from './dialog.js';
import {Choice, Form, Text, demand} from './fields.js';
import {icon} from './icon.js';
import {Failed} from './list.js';
import {mark} from './providers.js';
import {useResource} from './resource.js';
import {toast} from './toast.js';

await style('ways');

/** @typedef {import('../wire.d.ts').Scrobbler} State */

/** Whether there is something to choose here, or to leave. */
export const scrobbling = signal(false);

/** What is said of each trouble. @type {Record<string, string>} */
const troubles = {
	'scrobbler.token': 'scrobbler.trouble_token', 'scrobbler.unreachable': 'scrobbler.trouble_unreachable', 'scrobbler.busy': 'scrobbler.trouble_busy',
	'scrobbler.answer': 'scrobbler.trouble_answer', 'scrobbler.address': 'scrobbler.trouble_address',
};

/** @param {{}} _ */
export function Scrobbler(_) {
	const {data, error, retry, set} = useResource('/api/me/scrobbler', (answer) => /** @type {State} */ (answer));
	const offered = Boolean(data && (data.connected || data.servers.length));
	useEffect(() => {
		scrobbling.value = offered;
	}, [offered]);
	if (!offered && !error) return null;
	return tags.section({class: 'panel', id: 'scrobbler'},
		tags.h2(t('scrobbler.title')),
		tags.p({class: 'muted'}, t('scrobbler.text')),
		Boolean(error) && h(Failed, {error, onRetry: retry}),
		data?.connected && h(Connection, {state: data, set, retry}),
		data && (!data.connected || data.paused || data.error === 'scrobbler.address') && data.servers.length > 0 && h(Connect, {state: data, set}),
		data && tags.p({class: 'muted small'}, t('scrobbler.private')));
}

/** @param {{state: State, set: (state: State) => void, retry: () => void}} props */
function Connection({state, set, retry}) {
	const server = state.title ?? '';
	const disconnect = async () => {
		const moveOn = focusBeside();
		if (!await ask({
			title: t('scrobbler.disconnect_sure', {server}), yes: t('scrobbler.disconnect'), danger: true,
			text: state.waiting ? t('scrobbler.disconnect_waiting', {n: state.waiting}) : t('scrobbler.disconnect_text'),
		})) return;
		try {
			await api.del('/api/me/scrobbler');
			set(await api.get('/api/me/scrobbler'));
			toast(t('scrobbler.disconnected', {server}));
			moveOn();
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		}
	};
	return [
		tags.ul({class: 'rows', key: 'state'}, tags.li({class: 'row way-row'}, mark(server),
			tags.div({class: 'row-text'},
				tags.p(server),
				state.name && tags.p({class: 'muted small'}, state.name),
				tags.p({class: 'muted small'}, state.sent ? t('scrobbler.sent', {n: state.sent}) : t('scrobbler.none'),
					state.last && ` ${t('scrobbler.last', {when: ago(state.last)})}`),
				state.waiting > 0 && tags.p({class: 'muted small'}, t('scrobbler.waiting', {n: state.waiting}))),
			state.error && !state.paused && tags.button({type: 'button', class: 'button', onClick: retry}, t('scrobbler.look')),
			tags.button({type: 'button', class: 'button', 'aria-label': t('scrobbler.disconnect_one', {server}), onClick: () => void disconnect()}, t('scrobbler.disconnect')))),
		state.error && tags.p({class: 'failure', key: 'trouble', role: 'status'}, icon('warning'), tags.span(t(troubles[state.error] ?? 'scrobbler.trouble_answer', {server}))),
	];
}

/** @param {{state: State, set: (state: State) => void}} props */
function Connect({state, set}) {
	const [first] = state.servers;
	const [address, choose] = useState(state.servers.some((one) => one.address === state.address) ? state.address : first?.address);
	const chosen = state.servers.find((one) => one.address === address), server = chosen?.title ?? '';
	/** @param {Record<string, string>} values @param {HTMLFormElement} form */
	const connect = async (values, form) => {
		demand('token', values.token, 'scrobbler.token_empty');
		set(await api.put('/api/me/scrobbler', {address, token: values.token.trim()}));
		form.reset();
		toast(t('scrobbler.connected', {server}));
	};
	return h(Form, {action: connect, submit: t('scrobbler.connect'), busy: t('scrobbler.connecting')},
		state.servers.length > 1 && h(Choice, {
			legend: t('scrobbler.server'), name: 'address', value: address, onPick: choose,
			options: state.servers.map((one) => ({value: one.address, label: one.title, hint: one.address})),
		}),
		tags.div(h(Text, {
			label: t('scrobbler.token'), name: 'token', autocomplete: 'off', autocapitalize: 'off', spellcheck: false, maxLength: 500,
			hint: chosen?.token_page ? undefined : t('scrobbler.token_hint', {server}),
		}), chosen?.token_page && tags.p({class: 'hint'},
			tags.a({href: chosen.token_page, target: '_blank', rel: 'noopener noreferrer'}, t('scrobbler.token_where', {server})))));
}
