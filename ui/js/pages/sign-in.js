// Sign in.

import {h, tags, useEffect, useState, within} from '../html.js';
import {api} from '../api.js';
import {t} from '../i18n.js';
import {Door, safeNext} from '../parts/door.js';
import {Form, Password, Text, demandAll} from '../parts/fields.js';
import {CameBack, Linking, Providers, useReturn} from '../parts/providers.js';
import {Heading, navigate, rewrite, route} from '../router.js';
import {welcome} from '../session.js';
import {house, signedIn} from '../state.js';
import '../texts.js';

/** @param {import('../router.js').PageProps} _ */
export default function SignIn(_) {
	const next = route.value.query.get('next');
	const [step, setStep] = useState(/** @type {{ticket: string, View: typeof import('../parts/second.js').SecondStep} | null} */ (null));
	const [Passkey, setPasskey] = useState(/** @type {{View: typeof import('../parts/passkey-door.js').PasskeyDoor} | null} */ (null));
	const came = useReturn();
	useEffect(() => {
		if (signedIn.peek()) return void navigate(safeNext(next), {replace: true});
		// Doors that lead elsewhere and back bring the ticket where no server sees it.
		const ticket = /^ticket=([\w-]+)$/.exec(route.peek().hash)?.[1];
		if (ticket) {
			rewrite(location.pathname + location.search);
			void second(ticket);
		}
		if (window.isSecureContext && 'PublicKeyCredential' in window) {
			void import('../parts/passkey-door.js').then(({PasskeyDoor: View}) => setPasskey({View})).catch(() => {});
		}
	}, []);

	/** @param {string} ticket */
	const second = async (ticket) => setStep({ticket, View: (await import('../parts/second.js')).SecondStep});
	/** @param {import('../wire.d.ts').SignedIn} answer */
	const come = async (answer) => {
		came.link = ''; // it works once
		if (answer.ticket) return second(answer.ticket);
		await welcome(answer);
		await navigate(safeNext(next), {replace: true});
	};
	if (came.link && !step) return h(Linking, {ticket: came.link, onIn: come});

	/** @param {Record<string, string>} values */
	const enter = async (values) => {
		demandAll(values, {email: 'email.empty', password: 'password.empty'});
		await come(await api.post('/api/auth/sign-in', {email: values.email.trim(), password: values.password}));
	};
	if (step) return h(Door, {}, h(step.View, {ticket: step.ticket, onIn: come, onBack: () => setStep(null)}));
	return h(Door, {},
		h(Heading, null, t('signin.title')),
		next && within(next) === '/upload' && tags.p({class: 'muted'}, t('signin.for_upload')),
		h(CameBack, {code: came.error}),
		h(Providers, {next}),
		h(Form, {action: enter, submit: t('nav.signin'), busy: t('signin.busy')},
			h(Text, {label: t('field.email'), name: 'email', type: 'email', autocomplete: 'username webauthn', maxLength: 254, autocapitalize: 'off', spellcheck: false}),
			h(Password, {label: t('field.password'), name: 'password', autocomplete: 'current-password'})),
		Passkey && h(Passkey.View, {onIn: come}),
		tags.p(t('forgot.title'), ' ', tags.a({href: '/reset'}, t('forgot.link'))),
		house.value?.sign_up === 'open' && tags.p(t('signin.new'), ' ',
			tags.a({href: next ? `/sign-up?next=${encodeURIComponent(next)}` : '/sign-up'}, t('nav.signup'))));
}
