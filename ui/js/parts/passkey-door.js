// Signing in by a passkey, on the page of the other ways in.

import {tags, useEffect, useRef, useState} from '../html.js';
import {ApiError, errorText} from '../api.js';
import {t} from '../i18n.js';
import {able, belongs, question, showPasskey} from '../passkeys.js';
import {style} from '../style.js';
import {icon} from './icon.js';
import '../texts.js';

await style('security');

/**
 * The button, and what the browser offers by itself in the field of the e-mail
 * address.
 * @param {{onIn: (answer: import('../wire.d.ts').SignedIn) => Promise<unknown>}} props
 */
export function PasskeyDoor({onIn}) {
	const [wrong, setWrong] = useState('');
	const [busy, setBusy] = useState(false);
	const [there, setThere] = useState(false);
	const waiting = useRef(/** @type {AbortController | null} */ (null));

	/** Waits for a passkey to be picked in the field. @param {import('../wire.d.ts').PasskeyAsk} [asked] */
	const offer = async (asked) => {
		const mine = waiting.current = new AbortController();
		if (!await PublicKeyCredential.isConditionalMediationAvailable?.().catch(() => false) || mine.signal.aborted) return;
		try {
			await onIn(await showPasskey({asked, signal: mine.signal, autofill: true}));
		} catch (error) {
			// What nobody asked for must not complain, unless something was picked.
			if (mine.signal.aborted || !(error instanceof ApiError) || !error.status) return;
			setWrong(errorText(error));
		}
	};
	useEffect(() => {
		let gone = false;
		if (able()) {
			// Where the server has no passkeys at this address there is nothing to offer.
			question().then((asked) => {
				if (gone || !belongs(asked.site)) return;
				setThere(true);
				void offer(asked);
			}).catch(() => {});
		}
		return () => {
			gone = true;
			waiting.current?.abort();
		};
	}, []);

	const enter = async () => {
		waiting.current?.abort();
		setBusy(true);
		setWrong('');
		try {
			await onIn(await showPasskey());
		} catch (error) {
			setWrong(errorText(error));
			setBusy(false);
			void offer();
		}
	};
	return there && tags.div({class: 'passkey-door'},
		tags.p({class: 'or', 'aria-hidden': 'true'}, tags.span(t('passkey.or'))),
		tags.button({type: 'button', class: 'button', 'aria-disabled': busy, onClick: () => busy || void enter()}, icon('lock'), t('passkey.signin')),
		wrong && tags.p({class: 'wrong', role: 'alert'}, icon('warning'), wrong));
}
