// What stands in place of a page that cannot be shown yet.

import {base, h, tags, useEffect} from '../html.js';
import {t} from '../i18n.js';
import {Door} from '../parts/door.js';
import {Heading, navigate} from '../router.js';
import {boot, house} from '../state.js';

const tokenKey = `earshot${base}.setup`;

/** The token of the set-up link that was opened in this tab; empty without one. */
export function setupToken() {
	try {
		return sessionStorage.getItem(tokenKey) ?? '';
	} catch {
		return '';
	}
}

/** Keeps the token until this tab is closed; an empty one forgets it. @param {string} token */
export function keepSetupToken(token) {
	try {
		if (token) sessionStorage.setItem(tokenKey, token);
		else sessionStorage.removeItem(tokenKey);
	} catch {
		// Without a storage the link only has to be opened again after a reload.
	}
}

/** The keeper's account is not made yet. @param {{}} _ */
export function SetupNeeded(_) {
	return h(Door, {},
		h(Heading, null, t('gate.setup')),
		setupToken()
			? tags.div({class: 'actions start'}, tags.a({class: 'button main', href: '/setup'}, t('gate.setup_go')))
			: [
				tags.p(t('gate.setup_text')),
				tags.p({class: 'muted'}, t('gate.setup_lost')),
				tags.div({class: 'actions start'},
					tags.button({type: 'button', class: 'button main', onClick: () => void boot()}, t('gate.setup_again'))),
			]);
}

/** Only those who are signed in may listen. @param {{}} _ */
export function MembersOnly(_) {
	const next = `?next=${encodeURIComponent(location.pathname + location.search)}`;
	return h(Door, {},
		h(Heading, null, t('gate.members', {house: house.value?.name || 'Earshot'})),
		tags.p(house.value?.sign_up === 'open' ? t('gate.members_open') : t('gate.members_closed')),
		tags.div({class: 'actions start'},
			tags.a({class: 'button main', href: `/sign-in${next}`}, t('nav.signin')),
			house.value?.sign_up === 'open' && tags.a({class: 'button', href: `/sign-up${next}`}, t('nav.signup'))));
}

/** The page is about the own account: signs in first. @param {{}} _ */
export function SignInNeeded(_) {
	useEffect(() => void navigate(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`, {replace: true}), []);
	return null;
}
