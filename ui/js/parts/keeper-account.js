// What the keeper does with an account: its role, its space, a link for a new
// password.

import {h, tags, useState} from '../html.js';
import {bytes, count} from '../amounts.js';
import {api} from '../api.js';
import {t} from '../i18n.js';
import {house, me} from '../state.js';
import {Dialog, openDialog} from './dialog.js';
import {Choice, Form, Password, Text, demand} from './fields.js';
import {showLink} from './one-time-link.js';
import {keeping} from './person-actions.js';
import {toast} from './toast.js';
import {gigabyte} from './usage.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Account} Account */

/**
 * @param {Account} account
 * @param {(now: Account) => void} onChange
 * @returns {import('./menu.js').Items}
 */
export function accountItems(account, onChange) {
	return [
		!account.suspended && {label: t('reset.make'), icon: 'link', onPick: () => makeReset(account, onChange)},
		{label: t('quota.change'), icon: 'disc', onPick: () => changeQuota(account, onChange)},
		account.keeper
			? {label: t('role.to_member'), icon: 'user', onPick: () => changeRole(account, 'member', onChange)}
			: !account.suspended && {label: t('role.to_keeper'), icon: 'settings', onPick: () => changeRole(account, 'keeper', onChange)},
		...keeping(account),
	];
}

/**
 * Asks the keeper for the own password, then does something. Who has none has to
 * have come in a moment ago, which the server looks at.
 * @param {{title: string, text: import('../html.js').Child, submit: string, danger?: boolean, act: (password: string) => Promise<unknown>}} what
 */
function withPassword({title, text, submit, danger, act}) {
	const has = me.peek()?.password;
	openDialog((close) => h(Dialog, {title, onClose: close, class: 'narrow'},
		tags.p(text),
		h(Form, {
			submit, class: danger ? 'grave' : '',
			action: async (values) => {
				if (has) demand('password', values.password, 'password.empty');
				await act(values.password ?? '');
				close();
			},
		},
			has && tags.input({type: 'text', name: 'username', autocomplete: 'username', value: me.peek()?.email, hidden: true, readOnly: true}),
			has && h(Password, {label: t('keeper.password'), name: 'password', autocomplete: 'current-password', hint: t('keeper.password_hint')}))));
}

/** @param {Account} account @param {(now: Account) => void} onChange */
function makeReset(account, onChange) {
	const {name} = account;
	withPassword({
		title: t('reset.make_title', {name}), text: t('reset.make_text', {name}), submit: t('reset.make_do'),
		act: async (password) => {
			const link = await api.post(`/api/users/${account.id}/reset`, {password, origin: location.origin});
			onChange({...account, reset_until: link.expires});
			showLink(t('reset.link_title', {name}), t('reset.link_text', {name}), link);
		},
	});
}

/** @param {Account} account @param {'member' | 'keeper'} role @param {(now: Account) => void} onChange */
function changeRole(account, role, onChange) {
	const {name} = account, up = role === 'keeper', self = account.id === me.peek()?.id;
	withPassword({
		title: up ? t('role.keeper_title', {name}) : t('role.member_title', {name}),
		text: up ? t('role.keeper_text', {name}) : self ? t('role.self_text') : t('role.member_text', {name}),
		submit: up ? t('role.to_keeper') : t('role.to_member'), danger: !up,
		act: async (password) => {
			const now = await api.put(`/api/users/${account.id}/role`, {role, password});
			onChange(now);
			const mine = me.peek();
			if (self && mine) me.value = {...mine, keeper: up};
			toast(up ? t('role.keeper_done', {name}) : t('role.member_done', {name}));
		},
	});
}

/** @param {Account} account @param {(now: Account) => void} onChange */
function changeQuota(account, onChange) {
	openDialog((close) => h(Quotas, {account, close, onChange}));
}

/** @param {number} n */
const kind = (n) => n > 0 ? 'own' : n < 0 ? 'any' : 'house';

/** @param {{account: Account, close: () => void, onChange: (now: Account) => void}} props */
function Quotas({account, close, onChange}) {
	const [space, setSpace] = useState(kind(account.most_bytes)), [number, setNumber] = useState(kind(account.most_tracks));
	const {quota_bytes: size, quota_tracks: tracks} = house.value?.limits ?? {};
	/** @param {string} houses */
	const options = (houses) => [
		{value: 'house', label: t('quota.house', {most: houses})}, {value: 'own', label: t('quota.own')}, {value: 'any', label: t('quota.any')},
	];
	/** @param {string} which @param {string} amount @param {number} unit */
	const most = (which, amount, unit) => which === 'any' ? -1 : which === 'own' ? Math.round(Number(amount) * unit) : 0;
	return h(Dialog, {title: t('quota.title', {name: account.name}), onClose: close},
		h(Form, {
			submit: t('save'),
			action: async (values) => {
				if (space === 'own') demand('gigabytes', positive(values.gigabytes), 'quota.number');
				if (number === 'own') demand('number', positive(values.number), 'quota.number');
				onChange(await api.put(`/api/users/${account.id}/quota`, {
					most_bytes: most(space, values.gigabytes, gigabyte), most_tracks: most(number, values.number, 1),
				}));
				toast(t('settings.saved'));
				close();
			},
		},
			h(Choice, {legend: t('quota.bytes'), name: 'space', value: space, options: options(size ? bytes(size) : t('quota.none')), onPick: setSpace}),
			space === 'own' && h(Text, {label: t('quota.gigabytes'), name: 'gigabytes', type: 'number', min: 0, value: account.most_bytes > 0 ? account.most_bytes / gigabyte : ''}),
			h(Choice, {legend: t('quota.tracks'), name: 'tracks', value: number, options: options(tracks ? count(tracks) : t('quota.none')), onPick: setNumber}),
			number === 'own' && h(Text, {label: t('quota.most_tracks'), name: 'number', type: 'number', min: 1, value: account.most_tracks > 0 ? account.most_tracks : ''})));
}

/** What was typed when it is more than nothing, else nothing. @param {string} text */
const positive = (text) => Number(text) > 0 ? text : '';
