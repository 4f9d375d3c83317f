// Asking the keeper to look at something.

import {h, tags} from '../html.js';
import {api} from '../api.js';
import {t} from '../i18n.js';
import {invite} from '../react.js';
import {me} from '../state.js';
import {Dialog, openDialog} from './dialog.js';
import {Area, Choice, Form, demand} from './fields.js';
import {toast} from './toast.js';
import '../texts.js';

/** What things are called in the dialog's title. */
const titles = {track: 'report.title_track', playlist: 'report.title_playlist', comment: 'report.title_comment', user: 'report.title_user'};

/** Why, as it stands in the dialog and on the keeper's page. */
export const reasons = {
	spam: 'report.spam', abuse: 'report.abuse', copyright: 'report.copyright', sexual: 'report.sexual', other: 'report.other',
};

/**
 * Opens the dialog that reports something.
 * @param {{kind: 'track' | 'playlist' | 'comment' | 'user', id: string, name: string}} what
 *   name is a title, a person's name, or the beginning of a comment
 */
export function report(what) {
	if (!me.peek()) return invite(t('report.signin'));
	openDialog((close) => h(ReportDialog, {...what, onClose: close}));
}

/** @param {{kind: 'track' | 'playlist' | 'comment' | 'user', id: string, name: string, onClose: () => void}} props */
function ReportDialog({kind, id, name, onClose}) {
	/** @param {Record<string, string>} values */
	const send = async (values) => {
		demand('reason', values.reason, 'choice.empty');
		await api.post('/api/reports', {kind, id, reason: values.reason, text: values.text.trim() || undefined});
		onClose();
		toast(t('report.sent'));
	};
	return h(Dialog, {title: t(titles[kind], {name: name.length > 60 ? `${name.slice(0, 59)}…` : name}), onClose},
		tags.p({class: 'muted'}, t('report.lead')),
		h(Form, {
			action: send, submit: t('report.send'), busy: t('report.sending'),
			beside: tags.button({type: 'button', class: 'button', onClick: onClose}, t('cancel')),
		},
			h(Choice, {legend: t('report.why'), name: 'reason', options: Object.entries(reasons).map(([value, key]) => ({value, label: t(key)}))}),
			h(Area, {label: t('report.text'), name: 'text', maxLength: 1000, rows: 3, optional: true, hint: t('report.text_hint')})));
}
