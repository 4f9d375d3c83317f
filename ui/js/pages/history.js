// What one has heard, the last listen first. Only oneself sees it.

import {h, tags} from '../html.js';
import {api, errorText} from '../api.js';
import {ago} from '../format.js';
import {t} from '../i18n.js';
import {focusBeside} from '../parts/beside.js';
import {ask} from '../parts/dialog.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed, More, Skeleton, useTracks} from '../parts/list.js';
import {toast} from '../parts/toast.js';
import {isCurrent} from '../parts/track-card.js';
import {TrackRow} from '../parts/track-row.js';
import {playFrom, toggle} from '../player.js';
import {Heading, Link} from '../router.js';
import {signedIn} from '../state.js';
import {style} from '../style.js';
import {latest} from '../tracks.js';
import {undoable, vanishing} from '../undo.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */

await style('playlists');

/** @param {import('../router.js').PageProps} _ */
export default function History(_) {
	return signedIn.value ? h(Shown, {}) : [
		tags.header({class: 'page-head'}, h(Heading, {}, t('history.title'))),
		h(Empty, {icon: 'clock', text: t('history.signin')}, h(Link, {href: '/sign-in?next=/history', class: 'button main'}, t('nav.signin'))),
	];
}

function Shown() {
	const {list, items: all, more, retry} = useTracks('/api/me/history');
	const items = all.filter(({id}) => !vanishing.value.has(`heard ${id}`));
	const {state, error} = list.value;

	const clear = async () => {
		if (await ask({title: t('history.clear_title'), text: t('history.clear_text'), yes: t('history.clear'), danger: true})) {
			const before = list.peek();
			list.value = {...before, items: [], next: undefined};
			try {
				await api.del('/api/me/history');
			} catch (why) {
				list.value = before;
				toast(errorText(why), {kind: 'error'});
			}
		}
	};
	/** @param {Track} track */
	const remove = (track) => {
		const moveOn = focusBeside();
		undoable({
			id: `heard ${track.id}`, text: t('history.removed', {title: track.title}), path: `/api/me/history/${track.id}`,
			hide() {},
			back() {},
			sent: () => (list.value = {...list.peek(), items: list.peek().items.filter(({id}) => id !== track.id)}),
		});
		moveOn();
	};

	return [
		tags.header({class: 'page-head lists-head'},
			tags.div(h(Heading, {}, t('history.title')), tags.p({class: 'muted'}, t('history.lead'))),
			items.length > 0 && tags.button({type: 'button', class: 'button', onClick: () => void clear()}, icon('trash'), t('history.clear'))),
		state === 'loading' && !items.length ? h(Skeleton, {})
			: !items.length && error ? h(Failed, {error, onRetry: retry})
				: !items.length ? h(Empty, {icon: 'clock', text: t('history.empty')}, tags.a({class: 'button', href: '/'}, t('playlist.find')))
					: [
						tags.ol({class: 'rows'}, items.map((given, i) => {
							const track = latest(given) ?? given;
							return tags.li({key: track.id, class: isCurrent(track) ? 'track-row now' : 'track-row'}, h(TrackRow, {
								track, onPlay: () => (isCurrent(track) ? toggle() : playFrom(items, i, 0, more)),
								beside: tags.time({class: 'row-when', dateTime: given.since}, ago(given.since)),
								more: [{label: t('history.remove'), icon: 'close', onPick: () => remove(track)}],
							}));
						})),
						h(More, {list: list.value, onMore: retry}),
					],
	];
}
