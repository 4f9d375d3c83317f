// Drafts: tracks that arrived, at whatever device, and were never published.

import {h, tags, useEffect, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {ago, time} from '../format.js';
import {Link} from '../router.js';
import {latest, learn} from '../tracks.js';
import {Artwork} from './artwork.js';
import {icon} from './icon.js';
import {toast} from './toast.js';
import {PlayButton} from './track-card.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */

const {button, div, h2, h3, header, li, ol, p, section} = tags;
const shown = 5;

/** @param {{without: ReadonlySet<string>}} props without are those that stand on the page already */
export function Drafts({without}) {
	const [found, setFound] = useState(/** @type {{items: Track[], next?: string} | null} */ (null));
	useEffect(() => {
		api.get('/api/me/tracks', {of: 'draft', limit: 20}).then((page) => {
			page.items.forEach(learn);
			setFound(page);
		}, () => {});
	}, []);
	const drafts = (found?.items ?? []).filter(({id}) => !without.has(id)).flatMap((one) => latest(one) ?? []).filter(({draft}) => draft);
	if (!drafts.length) return null;
	return section({class: 'drafts', 'aria-labelledby': 'drafts'},
		header({class: 'drafts-head'},
			div(h2({id: 'drafts'}, t('upload.drafts')), p({class: 'muted small'}, t('upload.drafts_text'))),
			(drafts.length > shown || found?.next) && h(Link, {href: '/you/tracks?of=draft', class: 'button'}, t('upload.drafts_all'))),
		ol({class: 'uploads'}, drafts.slice(0, shown).map((track) => h(Draft, {key: track.id, track}))));
}

/** @param {{track: Track}} props */
function Draft({track}) {
	const [running, setRunning] = useState(false);
	async function publish() {
		if (running) return;
		setRunning(true);
		try {
			const done = learn(await api.patch(`/api/tracks/${track.id}`, {visibility: 'public'}));
			toast(t('upload.draft_done', {title: done.title}));
			document.querySelector('h1')?.focus({preventScroll: true});
		} catch (error) {
			setRunning(false);
			toast(errorText(error), {kind: 'error'});
		}
	}
	return li({class: 'upload-card line draft'},
		h(Artwork, {track, size: 'small', class: 'draft-art'}),
		h(PlayButton, {track}),
		div({class: 'upload-title'}, h3(h(Link, {href: track.url}, track.title)), p({class: 'muted small'}, [time(track.duration_ms), ago(track.created)].join(' · '))),
		div({class: 'upload-acts'},
			button({type: 'button', class: 'button main', 'aria-disabled': running, 'aria-label': `${t('upload.publish')}: ${track.title}`, onClick: () => void publish()}, running ? t('saving') : t('upload.publish')),
			button({
				type: 'button', class: 'quiet', 'aria-label': `${t('track.edit')}: ${track.title}`, title: t('track.edit'),
				onClick: async () => (await import('./track-actions.js')).edit(track),
			}, icon('edit'))));
}
