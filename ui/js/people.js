// How the asker stands to people: every button of a person agrees, and
// changes at once.

import {effect, signal} from './html.js';
import {api} from './api.js';
import {t} from './i18n.js';
import {invite, turn} from './react.js';
import {me} from './state.js';
import {undoable} from './undo.js';
import './texts.js';

/** @typedef {import('./wire.d.ts').User} User */
/** @typedef {import('./html.js').Signal<User | null>} UserSignal */

/** @type {Map<string, UserSignal>} */
const known = new Map();

/**
 * Takes note of a person as the server sent it.
 * @param {User} user
 * @returns {User}
 */
export function learnPerson(user) {
	const found = known.get(user.id);
	if (found) found.value = user;
	else known.set(user.id, signal(/** @type {User | null} */ (user)));
	return user;
}

/**
 * A person as they are now; null when the account is deleted.
 * @param {User} user
 * @returns {User | null}
 */
export function latestPerson(user) {
	if (!known.has(user.id)) learnPerson(user);
	return /** @type {UserSignal} */ (known.get(user.id)).value;
}

/**
 * The person of an address, if one was seen: the page need not wait.
 * @param {string} username
 */
export function personAt(username) {
	for (const one of known.values()) if (one.peek()?.username === username) return one.peek();
	return null;
}

/** How many more people the asker follows now. @param {number} by */
function countMine(by) {
	const now = me.peek();
	if (now && by) me.value = {...now, following: Math.max(0, now.following + by)};
}

/** Those who are followed no longer, as long as that can be undone. @type {Map<string, () => void>} */
const leaving = new Map();

/**
 * Follows somebody no longer; for a while it can be undone, so that nobody is
 * told of a follow that was there before.
 * @param {User} user
 */
function unfollow(user) {
	/** @param {boolean} on */
	const show = (on) => {
		const one = known.get(user.id)?.peek();
		if (one && Boolean(one.relation.following) !== on) learnPerson({...one, relation: {...one.relation, following: on}, followers: Math.max(0, one.followers + (on ? 1 : -1))});
	};
	countMine(-1);
	leaving.set(user.id, undoable({
		text: t('follow.ended', {name: user.name}), path: `/api/users/${user.id}/follow`, refused: (why) => t('follow.kept', {name: user.name, why}),
		// Also where the person comes anew meanwhile.
		hide: () => effect(() => void (known.get(user.id)?.value?.relation.following && show(false))),
		back() {
			leaving.delete(user.id);
			countMine(1);
			show(true);
		},
		sent(answer) {
			leaving.delete(user.id);
			const one = known.get(user.id)?.peek();
			if (one && answer) learnPerson({...one, relation: {...one.relation, following: answer.following}, followers: answer.followers});
		},
	}));
}

/**
 * Follows a person, or no longer: shown at once, and taken back if the server
 * does not take it.
 * @param {User} user
 */
export function toggleFollow(user) {
	if (!me.peek()) return invite(t('follow.signin'));
	const now = () => known.get(user.id)?.peek() ?? null;
	const stay = leaving.get(user.id);
	if (stay) return stay();
	if (now()?.relation.following) return unfollow(user);
	void turn(`/api/users/${user.id}/follow`, () => {
		const one = now();
		return one && {on: Boolean(one.relation.following), n: one.followers};
	}, ({on, n}) => {
		const one = now();
		if (!one) return;
		if (Boolean(one.relation.following) !== on) countMine(on ? 1 : -1);
		learnPerson({...one, relation: {...one.relation, following: on}, followers: n});
	}, (answer) => ({on: answer.following, n: answer.followers}));
}

/**
 * Blocks a person, or no longer.
 * @param {User} user
 * @param {boolean} on
 */
export async function setBlocked(user, on) {
	await (on ? api.put(`/api/users/${user.id}/block`) : api.del(`/api/users/${user.id}/block`));
	const one = latestPerson(user) ?? user;
	if (on && one.relation.following) countMine(-1);
	learnPerson({...one, relation: {...one.relation, blocked: on, following: on ? false : one.relation.following}});
	// Of somebody who blocks too there is nothing to be asked.
	await api.get(`/api/users/${user.id}`).then(learnPerson, () => {});
}

/**
 * Takes note that an account is gone.
 * @param {string} id
 */
export function forgetPerson(id) {
	const found = known.get(id);
	if (found) found.value = null;
}
