// What the keeper decides about the house, without a restart, and what the file
// of settings says.

import {h, tags} from '../html.js';
import {api} from '../api.js';
import {t} from '../i18n.js';
import {Form, Text, demand} from '../parts/fields.js';
import {Failed} from '../parts/list.js';
import {Pauses} from '../parts/pauses.js';
import {useResource} from '../parts/resource.js';
import {toast} from '../parts/toast.js';
import {gigabyte} from '../parts/usage.js';
import {Heading} from '../router.js';
import {house} from '../state.js';
import {SignUpChoice, VisitorChoice} from './setup.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Settings} Settings */

/** @param {{}} _ */
export default function KeeperSettings(_) {
	const {data, error, retry, set} = useResource('/api/house/settings', (answer) => /** @type {Settings} */ (answer));
	return tags.div({class: 'room-settings'},
		tags.header({class: 'page-head'}, h(Heading, null, t('room.settings')), tags.p({class: 'muted'}, t('house.text'))),
		h(House, {}),
		data ? [h(Scans, {settings: data, onChange: set}), h(File, {settings: data})] : Boolean(error) && h(Failed, {error, onRetry: retry}));
}

/** @param {{}} _ */
function House(_) {
	const place = house.value;
	if (!place) return null;
	/** @param {Record<string, string>} values */
	const save = async (values) => {
		demand('name', values.name, 'house.empty');
		house.value = await api.patch('/api/house', {
			name: values.name.trim(), sign_up: values.sign_up, visitors: values.visitors === 'yes',
			quota_bytes: Math.max(0, Math.round(Number(values.quota_bytes) * gigabyte)), quota_tracks: Math.max(0, Math.round(Number(values.quota_tracks))),
		});
		toast(t('settings.saved'));
	};
	const {quota_bytes: size, quota_tracks: tracks} = place.limits;
	return tags.section({class: 'panel'}, tags.h2(t('house.title')),
		h(Form, {action: save, submit: t('save')},
			h(Text, {label: t('house.name'), name: 'name', value: place.name, maxLength: 60, hint: t('house.name_hint')}),
			h(SignUpChoice, {value: place.sign_up}),
			h(VisitorChoice, {value: place.visitors ? 'yes' : 'no'}),
			tags.div({class: 'pair'},
				h(Text, {label: t('house.quota_bytes'), name: 'quota_bytes', type: 'number', min: 0, value: size ? size / gigabyte : '', hint: t('house.quota_hint'), optional: true}),
				h(Text, {label: t('house.quota_tracks'), name: 'quota_tracks', type: 'number', min: 0, value: tracks ?? '', hint: t('house.quota_tracks_hint'), optional: true}))),
		tags.p(tags.a({href: '/keeper/people?view=invites'}, t('invite.go'))));
}

/** How often libraries are looked at. @param {{settings: Settings, onChange: (now: Settings) => void}} props */
function Scans({settings, onChange}) {
	/** @param {Record<string, string>} values */
	const save = async (values) => {
		await api.patch('/api/house', {scan_every_ms: Number(values.scan_every_ms)});
		onChange(await api.get('/api/house/settings'));
		toast(t('settings.saved'));
	};
	return tags.section({class: 'panel'}, tags.h2(t('room.libraries')), tags.p({class: 'muted'}, t('room.scan_text')),
		h(Form, {action: save, submit: t('save')},
			h(Pauses, {label: t('room.scan_every'), name: 'scan_every_ms', ms: settings.scan_every_ms, chosen: settings.chosen.scan_every, offer: [1, 6, 24, 168]})));
}

/** What is read at the start only. @param {{settings: Settings}} props */
function File({settings}) {
	return tags.section({class: 'panel'}, tags.h2(t('room.file')), tags.p({class: 'muted'}, t('room.file_text')),
		tags.dl({class: 'room-fixed'}, settings.fixed.map(({key, value}) => tags.div({key}, tags.dt(tags.code(key)), tags.dd(value ? tags.code(value) : tags.span({class: 'muted'}, t('room.file_none')))))),
		tags.p(tags.a({href: '/keeper/backups'}, t('room.to_backups'))));
}
