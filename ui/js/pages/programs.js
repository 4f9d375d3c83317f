// What other programs come in by: app passwords for music apps, and tokens for
// programs of one's own.

import {h, tags, useEffect, useRef, useState} from '../html.js';
import {ApiError, api, errorText} from '../api.js';
import {ago, date} from '../format.js';
import {t} from '../i18n.js';
import {focusBeside} from '../parts/beside.js';
import {Dialog, ask, openDialog} from '../parts/dialog.js';
import {Check, Form, Password, Text, demand} from '../parts/fields.js';
import {icon} from '../parts/icon.js';
import {ForApp, Value} from '../parts/keys.js';
import {Failed} from '../parts/list.js';
import {own} from '../parts/one-time-link.js';
import {QR} from '../parts/qr.js';
import {useResource} from '../parts/resource.js';
import {toast} from '../parts/toast.js';
import {Heading, route} from '../router.js';
import {me} from '../state.js';
import {style} from '../style.js';
import '../texts.js';

await style('programs');
await style('security');

/** @typedef {import('../wire.d.ts').Key} Key */
/** @typedef {import('../wire.d.ts').MadeKey} MadeKey */
/** @typedef {import('../html.js').Child} Child */

/** @param {import('../router.js').PageProps} _ */
export default function Programs(_) {
	const {hash} = route.value;
	useEffect(() => {
		if (hash) requestAnimationFrame(() => document.getElementById(hash)?.scrollIntoView());
	}, [hash]);
	return tags.div({class: 'settings programs'},
		tags.header({class: 'page-head'},
			tags.a({class: 'security-up', href: '/settings'}, icon('back'), t('nav.settings')),
			h(Heading, null, t('programs.title')),
			tags.p({class: 'muted'}, t('programs.lead'), ' ', t('programs.ends'))),
		h(AppPasswords, {}),
		h(Tokens, {}));
}

/** @param {{id: string, title: string, text: Child, children?: Child}} props */
function Section({id, title, text, children}) {
	return tags.section({class: 'panel', id}, tags.h2(title), tags.p({class: 'muted'}, text), children);
}

/** The keys of a kind. @param {'app' | 'api'} kind */
const useKeys = (kind) => useResource(`/api/me/keys?kind=${kind}`, (answer) => /** @type {Key[]} */ (answer.items));

/**
 * What is told this once, with the focus on its heading.
 * @param {{title: string, onDone: () => void, children?: Child}} props
 */
function Once({title, onDone, children}) {
	const head = useRef(/** @type {HTMLHeadingElement | null} */ (null));
	useEffect(() => head.current?.focus(), []);
	return tags.div({class: 'key-once'},
		tags.h3({ref: head, tabIndex: -1}, title),
		children,
		tags.p({class: 'key-note'}, icon('info'), tags.span(t('programs.once'))),
		tags.div({class: 'actions start'}, tags.button({type: 'button', class: 'button main', onClick: onDone}, icon('check'), t('programs.done'))));
}

/** The password once more, where the account has one. @param {{}} _ */
function Again(_) {
	return me.value?.password && [
		tags.input({key: 'who', type: 'text', name: 'username', autocomplete: 'username', value: me.value.email, hidden: true, readOnly: true}),
		h(Password, {key: 'password', label: t('settings.password_current'), name: 'password', autocomplete: 'current-password', hint: t('security.again')}),
	];
}

/**
 * Makes a key.
 * @param {'app' | 'api'} kind @param {Record<string, string>} values @param {object} [more]
 * @returns {Promise<MadeKey>}
 */
async function make(kind, values, more) {
	const missing = [];
	if (!values.name.trim()) missing.push(new ApiError(400, {code: 'key.name', field: 'name'}));
	if (me.peek()?.password && !values.password) missing.push(new ApiError(400, {code: 'password.empty', field: 'password'}));
	if (missing.length) throw new AggregateError(missing);
	return api.post('/api/me/keys', {kind, name: values.name.trim(), password: values.password, origin: location.origin, ...more});
}

/** A form that stands in the page, with the focus on its first field. @param {{children: Child}} props */
function Inline({children}) {
	const box = useRef(/** @type {HTMLDivElement | null} */ (null));
	useEffect(() => box.current?.querySelector('input')?.focus(), []);
	return tags.div({class: 'key-form', ref: box}, children);
}

/** @param {{}} _ */
function AppPasswords(_) {
	const {data, error, retry, set} = useKeys('app');
	const [writes, setWrites] = useState(false);
	const [made, setMade] = useState(/** @type {MadeKey | null} */ (null));
	return h(Section, {id: 'apps', title: t('apppass.title'), text: t('apppass.text')},
		made ? h(Once, {title: t('apppass.made'), onDone: () => setMade(null)},
			h(ForApp, {address: made.address, username: made.username, secret: made.secret}),
			own.test(new URL(made.address, location.origin).host) && tags.p({class: 'banner small'}, icon('warning'), t('programs.own')),
			made.qr && tags.div({class: 'key-scan'}, h(QR, {code: made.qr, label: t('apppass.qr'), class: 'security-qr'}), tags.p({class: 'muted'}, t('apppass.scan'))))
			: writes ? h(Inline, null, h(Form, {
				submit: t('apppass.make'), beside: tags.button({type: 'button', class: 'button', onClick: () => setWrites(false)}, t('cancel')),
				action: async (values) => {
					const answer = await make('app', values);
					set([answer.key, ...data ?? []]);
					setWrites(false);
					setMade({...answer, address: new URL(answer.address, location.origin).href});
				},
			}, h(Text, {label: t('programs.name'), name: 'name', maxLength: 60, hint: t('apppass.name_hint'), autocomplete: 'off'}), h(Again, {})))
				: tags.div({class: 'actions start'}, tags.button({type: 'button', class: data?.length ? 'button' : 'button main', onClick: () => setWrites(true)}, icon('plus'), t('apppass.make'))),
		h(Keys, {data, error, retry, set, sign: 'lock', label: t('apppass.title')}));
}

const scopes = /** @type {const} */ (['read', 'write', 'messages', 'keep']);
const scopeTexts = /** @type {const} */ ({read: 'token.read', write: 'token.write', messages: 'token.messages', keep: 'token.keep'});
const scopeHints = /** @type {const} */ ({read: 'token.read_hint', write: 'token.write_hint', messages: 'token.messages_hint', keep: 'token.keep_hint'});

/** @param {{}} _ */
function Tokens(_) {
	const {data, error, retry, set} = useKeys('api');
	const [writes, setWrites] = useState(false);
	const [made, setMade] = useState(/** @type {MadeKey | null} */ (null));
	const mine = scopes.filter((scope) => scope !== 'keep' || me.value?.keeper);
	return h(Section, {id: 'tokens', title: t('token.title'), text: [t('token.text'), ' ', tags.a({href: '/api/docs'}, t('token.docs'))]},
		made ? h(Once, {title: t('token.made'), onDone: () => setMade(null)},
			tags.dl({class: 'key-values'},
				h(Value, {label: t('token.token'), value: made.secret, long: true}),
				h(Value, {label: t('token.try'), value: command(made), long: true})))
			: writes ? h(Inline, null, h(Form, {
				submit: t('token.make'), beside: tags.button({type: 'button', class: 'button', onClick: () => setWrites(false)}, t('cancel')),
				action: async (values) => {
					const chosen = mine.filter((scope) => values[scope] === 'on');
					if (!chosen.length) demand('read', '', 'key.scopes');
					const answer = await make('api', values, {scopes: chosen, days: Number(values.days)});
					set([answer.key, ...data ?? []]);
					setWrites(false);
					setMade(answer);
				},
			},
				h(Text, {label: t('programs.name'), name: 'name', maxLength: 60, hint: t('token.name_hint'), autocomplete: 'off'}),
				tags.fieldset({class: 'field key-scopes'}, tags.legend(t('token.scopes')),
					mine.map((scope) => h(Check, {key: scope, label: t(scopeTexts[scope]), name: scope, checked: scope === 'read', hint: t(scopeHints[scope])})),
					tags.p({class: 'key-note'}, icon('shield'), tags.span(t('token.never')))),
				tags.div({class: 'field'}, tags.label({htmlFor: 'key-days'}, t('token.days')),
					tags.select({id: 'key-days', name: 'days'}, [['90', t('token.days_90')], ['30', t('token.days_30')], ['365', t('token.days_365')], ['0', t('token.days_0')]]
						.map(([value, text]) => tags.option({key: value, value}, text)))),
				h(Again, {})))
				: tags.div({class: 'actions start'}, tags.button({type: 'button', class: 'button', onClick: () => setWrites(true)}, icon('plus'), t('token.make'))),
		h(Keys, {data, error, retry, set, sign: 'settings', label: t('token.title')}));
}

/**
 * A first command for a terminal that the token is good for.
 * @param {MadeKey} made
 */
function command({secret, address, key}) {
	const home = new URL(address, location.origin).href, may = key.scopes ?? [];
	const [path, more] = may.includes('read') ? ['api/me', ''] : may.includes('write') ? ['api/tracks?name=song.mp3', ' --data-binary @song.mp3']
		: may.includes('messages') ? ['api/conversations', ''] : ['api/storage', ''];
	return `curl -H "Authorization: Bearer ${secret}"${more} "${home}${path}"`;
}

/**
 * The list of a kind, each to be renamed and removed.
 * @param {{data: Key[] | null, error: unknown, retry: () => void, set: (keys: Key[]) => void, sign: string, label: string}} props
 */
function Keys({data, error, retry, set, sign, label}) {
	if (error) return h(Failed, {error, onRetry: retry});
	if (!data) return tags.p({class: 'muted', role: 'status'}, t('loading'));
	/** @param {Key} key */
	const rename = (key) => openDialog((close) => h(Dialog, {title: t('programs.rename'), onClose: close, class: 'narrow'},
		h(Form, {
			submit: t('save'), beside: tags.button({type: 'button', class: 'button', onClick: close}, t('cancel')),
			action: async (values) => {
				demand('name', values.name, 'key.name');
				const renamed = await api.patch(`/api/me/keys/${key.id}`, {name: values.name.trim()});
				set(data.map((one) => one.id === key.id ? renamed : one));
				close();
			},
		}, h(Text, {label: t('programs.name'), name: 'name', value: key.name, maxLength: 60, autocomplete: 'off'}))));
	/** @param {Key} key */
	const remove = async (key) => {
		const moveOn = focusBeside();
		if (!await ask({title: t('programs.remove_title', {name: key.name}), text: t('programs.remove_text'), yes: t('programs.remove'), danger: true})) return;
		try {
			await api.del(`/api/me/keys/${key.id}`);
			set(data.filter((one) => one.id !== key.id));
			moveOn();
			toast(t('programs.removed', {name: key.name}));
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		}
	};
	return data.length > 0 && tags.ul({class: 'rows', 'aria-label': label}, data.map((key) => tags.li({key: key.id, class: 'row security-row'},
		icon(sign),
		tags.div({class: 'row-text'},
			tags.p(key.name, key.expired && [' ', tags.span({class: 'chip'}, t('programs.expired'))]),
			tags.p({class: 'muted small'},
				!key.used ? t('programs.unused', {date: date(key.created)})
					: key.client ? t('programs.used_by', {client: key.client, when: ago(key.used)}) : t('programs.used', {when: ago(key.used)}),
				key.expires && !key.expired && [' · ', t('programs.until', {date: date(key.expires)})]),
			key.scopes && tags.p({class: 'muted small'}, scopes.filter((scope) => key.scopes?.includes(scope)).map((scope) => t(scopeTexts[scope])).join(' · '))),
		tags.div({class: 'security-tools'},
			tags.button({type: 'button', class: 'quiet', 'aria-label': t('programs.rename_one', {name: key.name}), onClick: () => rename(key)}, icon('edit')),
			tags.button({type: 'button', class: 'quiet', 'aria-label': t('programs.remove_one', {name: key.name}), onClick: () => void remove(key)}, icon('trash'))))));
}
