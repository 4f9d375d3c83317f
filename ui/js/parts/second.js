// The second step of a sign-in: a code of the authenticator app, or a recovery
// code.

import {h, tags, useState} from '../html.js';
import {ApiError, api} from '../api.js';
import {t} from '../i18n.js';
import {Heading} from '../router.js';
import {style} from '../style.js';
import {Code, Form, demand} from './code.js';
import '../texts.js';

await style('security');

/**
 * @param {{ticket: string, onIn: (answer: import('../wire.d.ts').SignedIn) => Promise<unknown>, onBack: () => void}} props
 *   ticket is what the first step gave.
 */
export function SecondStep({ticket, onIn, onBack}) {
	const [recovery, setRecovery] = useState(false);
	const [late, setLate] = useState(false);
	/** @param {Record<string, string>} values */
	const enter = async (values) => {
		demand('code', values.code, recovery ? 'factor.no_recovery' : 'factor.no_code');
		let answer;
		try {
			answer = await api.post('/api/auth/factor', {ticket, code: values.code.trim()});
		} catch (error) {
			if (error instanceof ApiError && error.code === 'factor.ticket') setLate(true);
			throw error;
		}
		await onIn(answer);
	};
	return [
		h(Heading, {key: 'head'}, t('factor.step')),
		tags.p({key: 'lead', class: 'muted'}, recovery ? t('factor.step_recovery') : t('factor.step_text')),
		h(Form, {key: String(recovery), action: enter, submit: t('nav.signin'), busy: t('signin.busy')},
			h(Code, {recovery, focus: true})),
		tags.div({key: 'other', class: 'second-other'},
			!late && tags.button({type: 'button', class: 'text', onClick: () => setRecovery(!recovery)}, recovery ? t('factor.use_app') : t('factor.use_recovery')),
			tags.button({type: 'button', class: 'text', onClick: onBack}, t('factor.back'))),
		recovery && tags.p({key: 'lost', class: 'muted small'}, t('factor.lost')),
	];
}
