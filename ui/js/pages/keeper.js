// The keeper's room: one frame around its pages, each fetched when it is first
// opened.

import {h, signal, tags, useEffect, useRef} from '../html.js';
import {t} from '../i18n.js';
import {icon} from '../parts/icon.js';
import {useKeptFocus} from '../parts/kept.js';
import {Failed} from '../parts/list.js';
import {Link} from '../router.js';
import {counts, me} from '../state.js';
import {style} from '../style.js';
import NotFound from './not-found.js';
import '../texts.js';

await style('keeper');

/** @typedef {import('../router.js').Page} Page */

/** @type {Record<string, {text: string, icon: string, load: () => Promise<{default: Page}>}>} */
const parts = {
	'': {text: 'room.overview', icon: 'shield', load: () => import('./keeper-home.js')},
	people: {text: 'keeper.accounts', icon: 'people', load: () => import('./keeper-people.js')},
	reports: {text: 'nav.reports', icon: 'flag', load: () => import('./keeper-reports.js')},
	libraries: {text: 'room.libraries', icon: 'folder', load: () => import('./keeper-libraries.js')},
	backups: {text: 'room.backups', icon: 'disc', load: () => import('./keeper-backups.js')},
	jobs: {text: 'room.jobs', icon: 'clock', load: () => import('./keeper-jobs.js')},
	index: {text: 'index.title', icon: 'search', load: () => import('./keeper-index.js')},
	settings: {text: 'nav.settings', icon: 'settings', load: () => import('./keeper-settings.js')},
};

/** The pages that were fetched. */
const pages = signal(/** @type {Record<string, Page>} */ ({}));
/** What kept the last one from being fetched. */
const failed = signal(/** @type {unknown} */ (null));

/** @param {string} name */
async function open(name) {
	if (pages.peek()[name]) return;
	failed.value = null;
	try {
		const page = (await parts[name].load()).default;
		pages.value = {...pages.peek(), [name]: page};
	} catch (error) {
		failed.value = error;
	}
}

/** @param {import('../router.js').PageProps} props */
export default function Keeper({params}) {
	const name = params.part ?? '';
	if (!me.value?.keeper || !Object.hasOwn(parts, name)) return h(NotFound, {params});
	return h(Room, {name, params});
}

/** @param {{name: string, params: Record<string, string>}} props */
function Room({name, params}) {
	useEffect(() => void open(name), [name]);
	const page = pages.value[name], root = /** @type {{current: HTMLDivElement | null}} */ (useKeptFocus());
	return tags.div({class: 'room'},
		h(Ways, {name}),
		tags.div({class: 'room-page', ref: root},
			page ? h(page, {params}) : failed.value ? h(Failed, {error: failed.value, onRetry: () => void open(name)}) : tags.p({class: 'muted', role: 'status', 'aria-busy': 'true'}, t('loading'))));
}

/** The ways to the other pages of the room. @param {{name: string}} props */
function Ways({name}) {
	const list = useRef(/** @type {HTMLElement | null} */ (null));
	useEffect(() => {
		// On a phone not all of them have room: the one that leads here is seen.
		const nav = list.current, here = nav?.querySelector('[aria-current]');
		if (nav && here instanceof HTMLElement) nav.scrollLeft = here.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
	}, [name]);
	const {reports = 0, troubles = 0} = counts.value;
	return tags.nav({class: 'room-ways', 'aria-label': t('room.title'), ref: list},
		Object.entries(parts).map(([part, {text, icon: sign}]) => {
			const n = part === 'reports' ? reports : part ? 0 : troubles;
			return h(Link, {key: part, href: part ? `/keeper/${part}` : '/keeper'}, icon(sign), tags.span(t(text)), n > 0 && tags.b({class: 'count'}, n > 98 ? '99+' : n));
		}));
}
