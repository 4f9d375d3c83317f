// What an invite's link opens: who invites, and the way in.

import {h, tags, useEffect, useState} from '../html.js';
import {ApiError, api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {Door} from '../parts/door.js';
import {useLinkCode} from '../parts/link-code.js';
import {CameBack, Providers, useReturn} from '../parts/providers.js';
import {Heading} from '../router.js';
import {house, me} from '../state.js';
import {JoinForm} from './sign-up.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').InviteOffer} Offer */

/** @param {import('../router.js').PageProps} _ */
export default function InvitePage(_) {
	const [code, forget] = useLinkCode('invite');
	const came = useReturn();
	const [offer, setOffer] = useState(/** @type {Offer | null} */ (null));
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const [again, setAgain] = useState(0);
	const who = me.value;
	useEffect(() => {
		setError(null);
		if (!code || who) return;
		api.post('/api/auth/invite/check', {code}).then(setOffer, setError);
	}, [code, Boolean(who), again]);

	if (who) {
		return h(Door, {},
			h(Heading, null, t('invite.in')),
			tags.p(t('invite.in_text', {name: who.name})),
			tags.div({class: 'actions start'}, tags.a({class: 'button main', href: '/'}, t('notfound.home'))));
	}
	if (!code || error) {
		const passing = error instanceof ApiError && (!error.status || error.status === 429 || error.status >= 500);
		return h(Door, {},
			h(Heading, null, code ? t('invite.bad') : t('invite.lost')),
			h(CameBack, {code: came.error}),
			tags.p({role: 'alert'}, code ? errorText(error) : t('invite.lost_text')),
			tags.div({class: 'actions start'},
				passing && tags.button({type: 'button', class: 'button main', onClick: () => setAgain(again + 1)}, t('retry')),
				house.value?.sign_up === 'open' && tags.a({class: 'button main', href: '/sign-up'}, t('nav.signup')),
				tags.a({class: 'button', href: '/sign-in'}, t('nav.signin'))));
	}
	if (!offer) return h(Door, {}, h(Heading, null, t('invite.title')), tags.p({class: 'muted', role: 'status'}, t('loading')));
	return h(Door, {name: offer.house},
		h(Heading, {title: t('invite.title')}, t('invite.offer', {name: offer.by, house: offer.house})),
		tags.p({class: 'muted'}, t('invite.offer_text')),
		h(CameBack, {code: came.error}),
		h(Providers, {next: '/', invite: code}),
		h(JoinForm, {next: '/', invite: code, onJoined: forget}),
		tags.p(t('signup.have'), ' ', tags.a({href: '/sign-in'}, t('nav.signin'))));
}
