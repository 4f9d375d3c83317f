// How the own account is kept: the second factor, passkeys, and where one is
// signed in.

import {h, tags, useEffect, useRef, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {ago, date} from '../format.js';
import {t} from '../i18n.js';
import {focusBeside} from '../parts/beside.js';
import {Code} from '../parts/code.js';
import {Dialog, ask, openDialog} from '../parts/dialog.js';
import {Form, Password, Text, demand} from '../parts/fields.js';
import {icon} from '../parts/icon.js';
import {Failed} from '../parts/list.js';
import {QR} from '../parts/qr.js';
import {useResource} from '../parts/resource.js';
import {toast} from '../parts/toast.js';
import {able, makePasskey} from '../passkeys.js';
import {Heading, navigate} from '../router.js';
import {me} from '../state.js';
import {style} from '../style.js';
import '../texts.js';

await style('security');

/** @typedef {import('../wire.d.ts').Security} Kept */
/** @typedef {import('../wire.d.ts').Passkey} Passkey */
/** @typedef {import('../wire.d.ts').Session} Session */
/** @typedef {import('../html.js').Child} Child */

/** @param {import('../router.js').PageProps} _ */
export default function Security(_) {
	const {data, error, retry, set} = useResource('/api/me/security', (answer) => /** @type {Kept} */ (answer));
	return tags.div({class: 'settings security'},
		tags.header({class: 'page-head'},
			tags.a({class: 'security-up', href: '/settings'}, icon('back'), t('nav.settings')),
			h(Heading, null, t('security.title')),
			tags.p({class: 'muted'}, t('security.lead'))),
		Boolean(error) && h(Failed, {error, onRetry: retry}),
		data && h(Second, {kept: data, set}),
		data && h(Passkeys, {kept: data, set}),
		h(Sessions, {}));
}

/** @param {{title: string, text?: Child, state?: Child, children?: Child}} props */
function Section({title, text, state, children}) {
	return tags.section({class: 'panel'},
		tags.div({class: 'security-head'}, tags.h2(title), state),
		text && tags.p({class: 'muted'}, text), children);
}

/** The password once more, where the account has one. @param {{kept: Kept}} props */
function Again({kept}) {
	return kept.password && [
		tags.input({key: 'who', type: 'text', name: 'username', autocomplete: 'username', value: me.value?.email, hidden: true, readOnly: true}),
		h(Password, {key: 'password', label: t('field.password'), name: 'password', autocomplete: 'current-password', hint: t('security.again')}),
	];
}

/** @param {Kept} kept @param {Record<string, string>} values */
function proof(kept, values) {
	if (!kept.password) return {};
	demand('password', values.password, 'password.empty');
	return {password: values.password};
}

/** @param {{kept: Kept, set: (kept: Kept) => void}} props */
function Second({kept, set}) {
	const [setup, setSetup] = useState(/** @type {import('../wire.d.ts').FactorSetup | 'password' | null} */ (null));
	const [codes, setCodes] = useState(/** @type {string[] | null} */ (null));
	const {on, left, since} = kept.factor;
	const chip = on ? tags.span({class: 'chip on'}, icon('check'), t('factor.on')) : tags.span({class: 'chip'}, t('factor.off'));

	if (codes) {
		return h(Section, {title: t('factor.title'), state: chip}, h(Recovery, {codes, onDone: () => setCodes(null)}));
	}
	if (on) {
		return h(Section, {title: t('factor.title'), state: chip, text: t('factor.on_text', {date: date(since)})},
			tags.p({class: left < 4 ? 'security-few' : 'security-left'}, left < 4 && icon('warning'),
				left ? t('factor.left', {n: left}) : t('factor.none_left')),
			tags.div({class: 'actions start'},
				tags.button({type: 'button', class: 'button', onClick: () => prompt(kept, {
					title: t('factor.codes_title'), text: t('factor.codes_text'), submit: t('factor.codes_do'),
					act: async (values) => {
						const answer = await api.post('/api/me/factor/codes', values);
						set({...kept, factor: {...kept.factor, left: answer.codes.length}});
						setCodes(answer.codes);
					},
				})}, t('factor.codes')),
				tags.button({type: 'button', class: 'button', onClick: () => prompt(kept, {
					title: t('factor.off_title'), text: t('factor.off_text'), submit: t('factor.off_do'), danger: true,
					act: async (values) => {
						await api.post('/api/me/factor/off', values);
						set({...kept, factor: {on: false, left: 0, since: ''}});
						toast(t('factor.off_done'));
					},
				})}, t('factor.off_do'))));
	}
	if (!setup) {
		return h(Section, {title: t('factor.title'), state: chip, text: t('factor.text')},
			tags.div({class: 'actions start'},
				tags.button({type: 'button', class: 'button main', onClick: () => setSetup('password')}, t('factor.begin'))));
	}
	const back = tags.button({type: 'button', class: 'button', onClick: () => setSetup(null)}, t('cancel'));
	if (setup === 'password') {
		return h(Section, {title: t('factor.title'), text: t('factor.text')},
			h(Form, {
				submit: t('factor.next'), beside: back,
				action: async (values) => setSetup(await api.post('/api/me/factor/begin', proof(kept, values))),
			}, h(Again, {kept})));
	}
	/** @param {Record<string, string>} values */
	const confirm = async (values) => {
		demand('code', values.code, 'factor.no_code');
		const answer = await api.post('/api/me/factor/confirm', {code: values.code.trim()});
		setSetup(null);
		setCodes(answer.codes);
		set({...kept, factor: {on: true, left: answer.codes.length, since: new Date().toISOString()}});
	};
	return h(Section, {title: t('factor.title')},
		tags.ol({class: 'security-steps'},
			tags.li(tags.p(t('factor.scan')),
				tags.div({class: 'security-scan'},
					h(QR, {code: setup.qr, label: t('factor.qr'), class: 'security-qr'}),
					tags.div({class: 'security-key'},
						tags.p({class: 'muted small'}, t('factor.type')),
						tags.code(setup.key.match(/.{1,4}/g)?.join(' ')),
						tags.p(tags.a({href: setup.uri}, t('factor.open')))))),
			tags.li(tags.p(t('factor.confirm')),
				h(Form, {action: confirm, submit: t('factor.do'), beside: back}, h(Code, {})))));
}

/**
 * The recovery codes, which are seen this once.
 * @param {{codes: string[], onDone: () => void}} props
 */
function Recovery({codes, onDone}) {
	const head = useRef(/** @type {HTMLHeadingElement | null} */ (null));
	useEffect(() => head.current?.focus(), []);
	const keep = () => {
		const link = document.createElement('a');
		link.href = URL.createObjectURL(new Blob([`${t('factor.file', {house: location.host, email: me.peek()?.email ?? ''})}\n\n${codes.join('\n')}\n`], {type: 'text/plain'}));
		link.download = `earshot-${location.hostname}.txt`;
		link.click();
		setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
	};
	return [
		tags.h3({key: 'head', ref: head, tabIndex: -1}, t('factor.keep')),
		tags.p({key: 'text', class: 'muted'}, t('factor.keep_text')),
		tags.ul({key: 'codes', class: 'security-codes'}, codes.map((code) => tags.li({key: code}, tags.code(code)))),
		tags.div({key: 'actions', class: 'actions start'},
			tags.button({type: 'button', class: 'button', onClick: keep}, icon('download'), t('factor.save')),
			tags.button({type: 'button', class: 'button main', onClick: onDone}, t('factor.kept'))),
	];
}

/**
 * Asks for password and code, and does something with both.
 * @param {Kept} kept
 * @param {{title: string, text: string, submit: string, danger?: boolean, act: (values: {password?: string, code: string}) => Promise<unknown>}} question
 */
function prompt(kept, {title, text, submit, danger, act}) {
	openDialog((close) => h(Dialog, {title, onClose: close, class: 'narrow'},
		tags.p(text),
		h(Form, {
			submit, class: danger ? 'grave' : '', beside: tags.button({type: 'button', class: 'button', onClick: close}, t('cancel')),
			action: async (values) => {
				const given = proof(kept, values);
				demand('code', values.code, 'factor.no_code');
				await act({...given, code: values.code.trim()});
				close();
			},
		}, h(Again, {kept}), h(Code, {either: true}))));
}

/** @param {{kept: Kept, set: (kept: Kept) => void}} props */
function Passkeys({kept, set}) {
	const here = able() && kept.passkey_origin === location.origin;
	const {passkeys} = kept;
	const add = () => openDialog((close) => h(Dialog, {title: t('passkey.add'), onClose: close, class: 'narrow'},
		tags.p(t('passkey.add_text')),
		h(Form, {
			submit: t('passkey.add_do'), busy: t('passkey.busy'), beside: tags.button({type: 'button', class: 'button', onClick: close}, t('cancel')),
			action: async (values) => {
				const made = await makePasskey({...proof(kept, values), name: values.name.trim()});
				set({...kept, passkeys: [made, ...passkeys]});
				close();
				toast(t('passkey.added', {name: made.name}));
			},
		}, h(Text, {label: t('passkey.name'), name: 'name', maxLength: 60, optional: true, hint: t('passkey.name_hint'), autocomplete: 'off'}), h(Again, {kept}))));

	/** @param {Passkey} key */
	const rename = (key) => openDialog((close) => h(Dialog, {title: t('passkey.rename'), onClose: close, class: 'narrow'},
		h(Form, {
			submit: t('save'), beside: tags.button({type: 'button', class: 'button', onClick: close}, t('cancel')),
			action: async (values) => {
				demand('name', values.name, 'passkey.unnamed');
				const renamed = await api.patch(`/api/me/passkeys/${key.id}`, {name: values.name.trim()});
				set({...kept, passkeys: passkeys.map((one) => one.id === key.id ? renamed : one)});
				close();
			},
		}, h(Text, {label: t('passkey.name'), name: 'name', value: key.name, maxLength: 60, autocomplete: 'off'}))));

	/** @param {Passkey} key */
	const remove = async (key) => {
		const moveOn = focusBeside();
		if (!await ask({title: t('passkey.remove_title', {name: key.name}), text: t('passkey.remove_text'), yes: t('passkey.remove'), danger: true})) return;
		try {
			await api.del(`/api/me/passkeys/${key.id}`);
			set({...kept, passkeys: passkeys.filter((one) => one.id !== key.id)});
			moveOn();
			toast(t('passkey.removed', {name: key.name}));
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		}
	};
	return h(Section, {title: t('passkey.title'), text: t('passkey.text')},
		passkeys.length > 0 && tags.ul({class: 'rows'}, passkeys.map((key) => tags.li({key: key.id, class: 'row security-row'},
			icon('lock'),
			tags.div({class: 'row-text'},
				tags.p(key.name),
				tags.p({class: 'muted small'}, key.used ? t('passkey.used', {when: ago(key.used)}) : t('passkey.made', {date: date(key.created)}),
					key.synced && [' · ', t('passkey.synced')])),
			tags.div({class: 'security-tools'},
				tags.button({type: 'button', class: 'quiet', 'aria-label': t('passkey.rename_one', {name: key.name}), onClick: () => rename(key)}, icon('edit')),
				tags.button({type: 'button', class: 'quiet', 'aria-label': t('passkey.remove_one', {name: key.name}), onClick: () => void remove(key)}, icon('trash')))))),
		here
			? tags.div({class: 'actions start'}, tags.button({type: 'button', class: passkeys.length ? 'button' : 'button main', onClick: add}, icon('plus'), t('passkey.add')))
			: tags.p({class: 'security-why'}, icon('info'), tags.span(kept.passkey_origin && kept.passkey_origin !== location.origin
				? t('passkey.elsewhere', {address: kept.passkey_origin})
				: kept.passkey_origin && window.isSecureContext ? t('passkey.browser') : t('passkey.http'))));
}

/** How a session was opened. */
const doors = /** @type {const} */ ({
	password: 'sessions.by_password', openid: 'sessions.by_openid', passkey: 'sessions.by_passkey', reset: 'sessions.by_reset',
});

/** @param {{}} _ */
function Sessions(_) {
	const {data, error, retry, set} = useResource('/api/me/sessions', (answer) => /** @type {Session[]} */ (answer.items));
	/** @param {() => Promise<unknown>} act @param {Session[]} rest */
	const end = async (act, rest) => {
		const moveOn = focusBeside();
		try {
			await act();
			set(rest);
			moveOn();
			toast(t('sessions.ended'));
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		}
	};
	const list = data ? [...data.filter((one) => one.current), ...data.filter((one) => !one.current)] : [];
	const endOthers = async () => {
		if (!await ask({title: t('sessions.end_all'), text: t('sessions.end_all_text'), yes: t('sessions.end_all'), danger: true})) return;
		await end(() => api.del('/api/me/sessions'), list.filter((one) => one.current));
	};
	const endAll = async () => {
		if (!await ask({title: t('sessions.end_every'), text: t('sessions.end_every_text'), yes: t('sessions.end_every'), danger: true})) return;
		try {
			await api.del('/api/me/sessions', {all: true});
			document.documentElement.removeAttribute('data-session');
			me.value = null;
			toast(t('signout.done'));
			await navigate('/sign-in', {replace: true});
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		}
	};
	return h(Section, {title: t('sessions.title'), text: t('sessions.text')},
		Boolean(error) && h(Failed, {error, onRetry: retry}),
		!data && !error && tags.p({class: 'muted', role: 'status'}, t('loading')),
		list.length > 0 && tags.ul({class: 'rows'}, list.map((one) => tags.li({key: one.id, class: 'row security-row'},
			icon('user'),
			tags.div({class: 'row-text'},
				tags.p(one.device || t('sessions.unknown'), one.current && [' ', tags.span({class: 'chip on'}, t('sessions.current'))]),
				tags.p({class: 'muted small'}, one.current ? t('sessions.now') : t('sessions.seen', {when: ago(one.seen)}),
					' · ', t('sessions.opened', {when: date(one.created)})),
				tags.p({class: 'muted small'}, t(doors[one.door]), one.address && [' · ', one.address])),
			!one.current && tags.button({
				type: 'button', class: 'button', 'aria-label': t('sessions.end_one', {device: one.device || t('sessions.unknown')}),
				onClick: () => void end(() => api.del(`/api/me/sessions/${one.id}`), list.filter((other) => other.id !== one.id)),
			}, t('sessions.end'))))),
		data && tags.div({class: 'actions start'},
			list.length > 1 && tags.button({type: 'button', class: 'button', onClick: () => void endOthers()}, t('sessions.end_all')),
			tags.button({type: 'button', class: 'button', onClick: () => void endAll()}, icon('signout'), t('sessions.end_every'))));
}
