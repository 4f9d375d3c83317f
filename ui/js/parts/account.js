// What the account's menu offers.

import {errorText} from '../api.js';
import {t} from '../i18n.js';
import {able, dropAll} from '../offline.js';
import {navigate} from '../router.js';
import {signOut} from '../session.js';
import {counts} from '../state.js';
import {toast} from './toast.js';
import '../texts.js';

/** Ends the session and goes to the front page. */
async function leave() {
	try {
		await signOut();
		const gone = dropAll().catch(() => {});
		toast(t('signout.done'));
		await navigate('/');
		await gone;
	} catch (error) {
		toast(errorText(error), {kind: 'error'});
	}
}

/**
 * @param {import('../wire.d.ts').Me} who
 * @returns {import('./menu.js').Items}
 */
export function items(who) {
	const {reports = 0, troubles = 0} = counts.peek(), n = reports + troubles;
	return [
		{label: t('nav.profile'), icon: 'user', href: who.url},
		{label: t('mine.title'), icon: 'waves', href: '/you/tracks'},
		{label: t('playlists.title'), icon: 'playlist', href: '/playlists'},
		{label: t('likes.title'), icon: 'heart', href: '/likes'},
		{label: t('history.title'), icon: 'clock', href: '/history'},
		able && {label: t('kept.title'), icon: 'keep', href: '/you/kept'},
		{label: t('numbers.title'), icon: 'chart', href: '/numbers'},
		{label: t('nav.people'), icon: 'people', href: '/people'},
		who.keeper && {label: n ? t('room.title_n', {n}) : t('room.title'), icon: 'lock', href: '/keeper'},
		{label: t('nav.settings'), icon: 'settings', href: '/settings'},
		!who.proxy && {label: t('nav.signout'), icon: 'signout', onPick: () => void leave()},
	];
}
