// What the account's menu offers.

import {errorText} from '../api.js';
import {t} from '../i18n.js';
import {navigate} from '../router.js';
import {signOut} from '../session.js';
import {counts} from '../state.js';
import {toast} from './toast.js';
import '../texts.js';

/** Ends the session and goes to the front page. */
async function leave() {
	try {
		await signOut();
		toast(t('signout.done'));
		await navigate('/');
	} catch (error) {
		toast(errorText(error), {kind: 'error'});
	}
}

/**
 * @param {import('../wire.d.ts').Me} who
 * @returns {import('./menu.js').Items}
 */
export function items(who) {
	const reports = counts.peek().reports ?? 0;
	return [
		{label: t('nav.profile'), icon: 'user', href: who.url},
		{label: t('playlists.title'), icon: 'playlist', href: '/playlists'},
		{label: t('likes.title'), icon: 'heart', href: '/likes'},
		{label: t('history.title'), icon: 'clock', href: '/history'},
		{label: t('numbers.title'), icon: 'chart', href: '/numbers'},
		{label: t('nav.people'), icon: 'people', href: '/people'},
		who.keeper && {label: reports ? t('nav.reports_n', {n: reports}) : t('nav.reports'), icon: 'flag', href: '/keeper/reports'},
		who.keeper && {label: t('keeper.people'), icon: 'lock', href: '/keeper/people'},
		who.keeper && {label: t('index.title'), icon: 'search', href: '/keeper/index'},
		{label: t('nav.settings'), icon: 'settings', href: '/settings'},
		!who.proxy && {label: t('nav.signout'), icon: 'signout', onPick: () => void leave()},
	];
}
