// What may be done with a person: block, report, and for the keeper suspend
// and delete.

import {api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {forgetPerson, learnPerson, setBlocked} from '../people.js';
import {navigate} from '../router.js';
import {me} from '../state.js';
import {ask} from './dialog.js';
import {toast} from './toast.js';
import {withPassword} from './with-password.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').User} User */

/**
 * @param {User} user
 * @returns {import('./menu.js').Items}
 */
export function actions(user) {
	return [
		user.relation.blocked
			? {label: t('block.undo'), icon: 'block', onPick: () => void unblock(user)}
			: {label: t('block.do'), icon: 'block', onPick: () => void block(user)},
		{label: t('report.do'), icon: 'flag', onPick: async () => (await import('./report.js')).report({kind: 'user', id: user.id, name: user.name})},
		...keeping(user, () => void navigate('/', {replace: true})),
	];
}

/** Gives a person's page on. @param {User} user */
export async function share(user) {
	(await import('./share.js')).showShare({user});
}

/**
 * What only the keeper does.
 * @param {User} user
 * @param {() => void} [onGone] after the account was deleted
 * @returns {import('./menu.js').Items}
 */
export function keeping(user, onGone) {
	if (!me.peek()?.keeper || user.keeper) return [];
	return [
		user.suspended
			? {label: t('suspend.undo'), icon: 'check', onPick: () => void letBack(user)}
			: {label: t('suspend.do'), icon: 'lock', onPick: () => void suspend(user)},
		Boolean(user.two_factor) && {label: t('factor.remove'), icon: 'lock', onPick: () => removeFactor(user)},
		{label: t('account.delete_other'), icon: 'trash', danger: true, onPick: () => void remove(user, onGone)},
	];
}

/**
 * Does something that may fail, and says how it went.
 * @param {() => Promise<unknown>} act
 * @param {string} done
 */
async function attempt(act, done) {
	try {
		await act();
		toast(done);
		return true;
	} catch (error) {
		toast(errorText(error), {kind: 'error'});
		return false;
	}
}

/** Takes the second factor away from somebody who lost it. @param {User} user */
function removeFactor(user) {
	const {name} = user;
	withPassword({
		title: t('factor.remove_title', {name}), text: t('factor.remove_text'), submit: t('factor.remove_do'), danger: true,
		act: async (password) => {
			await api.post(`/api/users/${user.id}/factor/off`, {password});
			learnPerson({...user, two_factor: false});
			toast(t('factor.removed', {name}));
		},
	});
}

/** @param {User} user */
export async function block(user) {
	const {name} = user;
	if (!await ask({title: t('block.title', {name}), text: t('block.text', {name}), yes: t('block.do'), danger: true})) return;
	await attempt(() => setBlocked(user, true), t('block.done', {name}));
}

/** @param {User} user */
export const unblock = (user) => attempt(() => setBlocked(user, false), t('block.undone', {name: user.name}));

/**
 * Asks the keeper, then suspends the account.
 * @param {User} user
 */
export async function suspend(user) {
	const {name} = user;
	if (!await ask({title: t('suspend.title', {name}), text: t('suspend.text', {name}), yes: t('suspend.do'), danger: true})) return false;
	return attempt(async () => learnPerson(await api.put(`/api/users/${user.id}/suspension`)), t('suspend.done', {name}));
}

/** @param {User} user */
export const letBack = (user) => attempt(async () => learnPerson(await api.del(`/api/users/${user.id}/suspension`)), t('suspend.undone', {name: user.name}));

/** @param {User} user @param {() => void} [onGone] */
async function remove(user, onGone) {
	const {name} = user;
	if (!await ask({title: t('account.delete_other_title', {name}), text: t('account.delete_other_text', {name}), yes: t('account.delete_other'), danger: true})) return;
	if (!await attempt(() => api.del(`/api/users/${user.id}`), t('account.deleted_other', {name}))) return;
	forgetPerson(user.id);
	onGone?.();
}
