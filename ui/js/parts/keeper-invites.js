// The invites of the house: making them, who came by them, taking them back.

import {h, tags} from '../html.js';
import {ApiError, api, errorText} from '../api.js';
import {date} from '../format.js';
import {t} from '../i18n.js';
import {rich} from '../rich.js';
import {house} from '../state.js';
import {style} from '../style.js';
import {focusBeside} from './beside.js';
import {Dialog, ask, openDialog} from './dialog.js';
import {Choice, Form, Text} from './fields.js';
import {RowsSkeleton} from './follow.js';
import {icon} from './icon.js';
import {Empty, Failed, More, useList} from './list.js';
import {showLink} from './one-time-link.js';
import {toast} from './toast.js';
import '../texts.js';

await style('keeping');

/** @typedef {import('../wire.d.ts').Invite} Invite */

/** @param {{}} _ */
export function Invites(_) {
	const {list, items, retry} = useList('/api/invites', (/** @type {Invite} */ one) => one);
	const {state, error} = list.value, way = house.value?.sign_up;
	/** @param {Invite} made */
	const onMade = (made) => {
		list.value = {...list.peek(), items: [made, ...list.peek().items]};
	};
	/** @param {Invite} one */
	const revoke = async (one) => {
		if (!await ask({title: t('invite.revoke_title'), text: t('invite.revoke_text'), yes: t('invite.revoke'), danger: true})) return;
		const moveOn = focusBeside();
		try {
			await api.del(`/api/invites/${one.id}`);
			list.value = {...list.peek(), items: list.peek().items.filter(({id}) => id !== one.id)};
			moveOn();
			toast(t('invite.revoked'));
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		}
	};
	const make = tags.button({type: 'button', class: 'button main', onClick: () => openDialog((close) => h(Maker, {close, onMade}))}, icon('plus'), t('invite.make'));
	return tags.div({class: 'invites'},
		way === 'closed' && tags.p({class: 'banner'}, icon('lock'), tags.span(rich('invite.closed', {settings: tags.a({href: '/keeper/settings'}, t('room.settings'))}))),
		way === 'open' && tags.p({class: 'banner'}, icon('info'), tags.span(rich('invite.open', {settings: tags.a({href: '/keeper/settings'}, t('room.settings'))}))),
		items.length ? [
			tags.div({class: 'actions start'}, make),
			tags.ul({class: 'invite-list', 'aria-label': t('invite.list')}, items.map((one) => h(Row, {key: one.id, one, onRevoke: () => void revoke(one)}))),
			h(More, {list: list.value, onMore: retry}),
		] : state === 'loading' ? h(RowsSkeleton, {n: 3}) : error ? h(Failed, {error, onRetry: retry})
			: h(Empty, {icon: 'letter', text: t('invite.none')}, make));
}

/** Why an invite lets nobody in any more. */
const ended = {good: 'invite.good', used: 'invite.used', expired: 'invite.expired', void: 'invite.void'};

/** @param {{one: Invite, onRevoke: () => void}} props */
function Row({one, onRevoke}) {
	const name = one.note || t('invite.nameless'), good = one.state === 'good';
	return tags.li({class: good ? 'panel invite-row' : 'panel invite-row over'},
		tags.div({class: 'invite-text'},
			tags.p({class: 'invite-name'}, tags.b(name), tags.span({class: 'chip'}, good && icon('check'), t(ended[one.state]))),
			tags.p({class: 'muted small invite-facts'},
				tags.span(t('invite.uses_of', {used: one.used, uses: one.uses})),
				tags.span(one.expires ? t('invite.until', {date: date(one.expires)}) : t('invite.ever')),
				one.by && tags.span(rich('invite.by', {name: tags.a({href: one.by.url}, one.by.name)}))),
			one.users.length > 0 && tags.p({class: 'small invite-facts'}, tags.span({class: 'muted'}, t('invite.came')),
				one.users.map((user) => tags.a({key: user.id, href: user.url}, user.name)))),
		tags.button({type: 'button', class: 'button', 'aria-label': t(good ? 'invite.revoke_one' : 'invite.remove_one', {name}), onClick: onRevoke},
			icon('trash'), t(good ? 'invite.revoke' : 'invite.remove')));
}

/** @param {{close: () => void, onMade: (made: Invite) => void}} props */
function Maker({close, onMade}) {
	/** @param {Record<string, string>} values */
	const make = async (values) => {
		const uses = Number(values.uses);
		if (!Number.isInteger(uses) || uses < 1 || uses > 1000) throw new ApiError(400, {code: 'invite.uses', field: 'uses'});
		const made = await api.post('/api/invites', {
			note: values.note.trim(), uses, hours: Number(values.hours), origin: location.origin,
		});
		onMade(made.invite);
		close();
		showLink(t('invite.link_title'), t('invite.link_text', {n: made.invite.uses}), made.link);
	};
	return h(Dialog, {title: t('invite.make'), onClose: close},
		h(Form, {action: make, submit: t('invite.make_do')},
			h(Text, {label: t('invite.note'), name: 'note', maxLength: 100, hint: t('invite.note_hint'), optional: true, autocomplete: 'off'}),
			h(Text, {label: t('invite.uses'), name: 'uses', type: 'number', min: 1, max: 1000, value: 1}),
			h(Choice, {
				legend: t('invite.lives'), name: 'hours', value: '168',
				options: [
					{value: '1', label: t('invite.hour')}, {value: '24', label: t('invite.day')}, {value: '168', label: t('invite.week')},
					{value: '720', label: t('invite.month')}, {value: '-1', label: t('invite.never')},
				],
			})));
}
