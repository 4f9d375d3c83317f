// The people behind a count, in a dialog.

import {h, tags, useEffect, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {Link} from '../router.js';
import {Avatar} from './artwork.js';
import {Dialog, openDialog} from './dialog.js';
import {icon} from './icon.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').User} User */

/**
 * Shows who likes or reposted a track.
 * @param {{id: string}} track @param {'likers' | 'reposters'} which
 */
export function showPeople(track, which) {
	const title = which === 'likers' ? t('track.likers') : t('track.reposters');
	openDialog((close) => h(Dialog, {title, onClose: close, class: 'narrow'}, h(People, {path: `/api/tracks/${track.id}/${which}`, close})));
}

/** @param {{path: string, close: () => void}} props */
function People({path, close}) {
	const [list, setList] = useState(/** @type {{items: User[], next?: string, busy: boolean, error: unknown}} */ ({items: [], busy: true, error: null}));
	const load = async () => {
		setList({...list, busy: true, error: null});
		try {
			const got = await api.get(path, {cursor: list.next, limit: 50});
			setList({items: [...list.items, ...got.items], next: got.next || undefined, busy: false, error: null});
		} catch (error) {
			setList({...list, busy: false, error});
		}
	};
	useEffect(() => void load(), []);
	return [
		tags.ul({class: 'people-list', 'aria-busy': list.busy}, list.items.map((user) => tags.li({key: user.id, onClick: close},
			h(Link, {href: user.url, class: 'person'}, h(Avatar, {user}), tags.span(user.name)),
			tags.span({class: 'muted small'}, t('person.tracks', {n: user.tracks}))))),
		list.error ? tags.p({class: 'failure', role: 'alert'}, icon('warning'), errorText(list.error)) : null,
		list.busy && tags.p({class: 'muted', role: 'status'}, t('loading')),
		(list.next || Boolean(list.error)) && !list.busy && tags.button({type: 'button', class: 'button', onClick: () => void load()}, list.error ? t('retry') : t('list.more')),
	];
}
