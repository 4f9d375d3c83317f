// What this device keeps, to be heard without the net.

import {h, tags, useEffect, useState} from '../html.js';
import {bytes as size} from '../amounts.js';
import {errorText} from '../api.js';
import {t} from '../i18n.js';
import {able, coming, drop, dropAll, kept, look, renew, room} from '../offline.js';
import {focusBeside} from '../parts/beside.js';
import {ask} from '../parts/dialog.js';
import {icon} from '../parts/icon.js';
import {Empty, Skeleton} from '../parts/list.js';
import {toast} from '../parts/toast.js';
import {isCurrent} from '../parts/track-card.js';
import {TrackRow} from '../parts/track-row.js';
import {playFrom, toggle} from '../player.js';
import {Heading, Link} from '../router.js';
import {signedIn} from '../state.js';
import {latest} from '../tracks.js';
import '../texts.js';

/** @param {import('../router.js').PageProps} _ */
export default function KeptPage(_) {
	const head = tags.div(h(Heading, {}, t('kept.title')), tags.p({class: 'muted'}, t('kept.lead')));
	if (!signedIn.value) return [tags.header({class: 'page-head'}, head), h(Empty, {icon: 'lock', text: t('kept.signin')}, h(Link, {href: '/sign-in?next=/you/kept', class: 'button main'}, t('nav.signin')))];
	if (!able) return [tags.header({class: 'page-head'}, head), h(Empty, {icon: 'lock', text: t('kept.insecure')})];
	return h(Shown, {head});
}

/** @param {{head: import('../html.js').Child}} props */
function Shown({head}) {
	const list = kept.value, tracks = list?.map(({track}) => latest(track) ?? track) ?? [];
	const [free, setFree] = useState(/** @type {{usage: number, quota: number} | null} */ (null));
	useEffect(() => void look().then(renew).catch(() => {}), []);
	useEffect(() => void room().then(setFree, () => {}), [list]);
	const all = (list ?? []).reduce((sum, one) => sum + one.bytes, 0);

	const clear = async () => {
		if (!await ask({title: t('kept.clear_title'), text: t('kept.clear_text'), yes: t('kept.clear'), danger: true})) return;
		try {
			await dropAll();
		} catch (error) {
			toast(errorText(error), {kind: 'error'});
		}
	};
	/** @param {string} id */
	const remove = async (id) => {
		const moveOn = focusBeside();
		await drop(id);
		moveOn();
	};

	return [
		tags.header({class: 'page-head lists-head'}, head,
			tracks.length > 0 && tags.button({type: 'button', class: 'button', onClick: () => void clear()}, icon('trash'), t('kept.clear'))),
		Object.keys(coming.value).length > 0 && tags.p({class: 'banner', role: 'status'}, icon('keep'), t('kept.fetching', {n: Object.keys(coming.value).length})),
		!list ? h(Skeleton, {})
			: !tracks.length ? h(Empty, {icon: 'keep', text: t('kept.none')}, tags.a({class: 'button', href: '/'}, t('playlist.find')))
				: [
					tags.ol({class: 'rows'}, tracks.map((track, i) => tags.li({key: track.id, class: isCurrent(track) ? 'track-row now' : 'track-row'}, h(TrackRow, {
						track, onPlay: () => (isCurrent(track) ? toggle() : playFrom(tracks, i)),
						beside: tags.span({class: 'row-when'}, size(list[i].bytes)),
						more: [{label: t('kept.drop'), icon: 'trash', onPick: () => void remove(track.id)}],
					})))),
					tags.p({class: 'muted small'}, free?.quota
						? t('kept.room', {n: tracks.length, size: size(all), free: size(Math.max(0, free.quota - free.usage))})
						: t('kept.sum', {n: tracks.length, size: size(all)})),
				],
	];
}
