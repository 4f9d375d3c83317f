// What stands around every page: header, tabs on phones, the player's place,
// notes and dialogs.

import {at, h, signal, tags, useEffect, useErrorBoundary, useRef, useState} from '../html.js';
import {errorText} from '../api.js';
import {t} from '../i18n.js';
import {Link, Outlet, loading, path, route} from '../router.js';
import {boot, bootError, counts, house, mayListen, me} from '../state.js';
import {Avatar} from './artwork.js';
import {icon} from './icon.js';
import {Empty} from './list.js';
import {Menu} from './menu.js';

/** @typedef {import('../html.js').Child} Child */
/** @typedef {import('../../vendor/preact.js').Component<{}>} Plain */

/** What the first look does without, and comes right after it. */
const late = signal(/** @type {Record<string, Plain>} */ ({}));

async function loadLate() {
	const [{PlayerBar}, {Dialogs}, {Toasts}] = await Promise.all([import('./player-bar.js'), import('./dialog.js'), import('./toast.js')]);
	late.value = {PlayerBar, Dialogs, Toasts};
	await import('../ahead.js');
	(await import('../live.js')).listen();
	const {Net} = await import('./net.js');
	late.value = {...late.peek(), Net};
}

/** @param {{name: 'PlayerBar' | 'Dialogs' | 'Toasts' | 'Net'}} props */
function Late({name}) {
	const part = late.value[name];
	return part ? h(part, {}) : null;
}

/** @param {{}} _ */
function Account(_) {
	const who = me.value;
	if (!who) {
		return [
			house.value?.sign_up === 'open' && h(Link, {href: '/sign-up', class: 'place join'}, t('nav.signup')),
			h(Link, {href: '/sign-in', class: 'button'}, t('nav.signin')),
		];
	}
	const {reports = 0, troubles = 0} = counts.value, all = reports + troubles, n = all > 98 ? '99+' : all; // only the keeper is told of any
	return h(Menu, {
		label: n ? t('nav.account_n', {name: who.name, n}) : t('nav.account', {name: who.name}), class: 'me',
		items: async () => (await import('./account.js')).items(who),
	}, h(Avatar, {user: who}), all > 0 && tags.b({class: 'count'}, n));
}

/**
 * Where what is new is found, with how much there is.
 * @param {string | undefined} look a class; without one the name is shown too, as tabs do
 * @param {'notifications' | 'messages'} what
 */
function news(look, what) {
	const n = counts.value[what], bell = what === 'notifications';
	return h(Link, {href: `/${what}`, key: what, class: look}, icon(bell ? 'bell' : 'letter'),
		tags.span({class: look && 'hidden'}, bell ? t('nav.notifications') : t('nav.messages')),
		n > 0 && [tags.b({class: 'count'}, n > 98 ? '99+' : n), tags.span({class: 'hidden'}, t('nav.new'))]);
}

/** @param {{bare: boolean}} props bare leaves only the name, before there is anywhere to go */
function Header({bare}) {
	const [scrolled, setScrolled] = useState(false);
	useEffect(() => {
		const look = () => setScrolled(scrollY > 4);
		addEventListener('scroll', look, {passive: true});
		return () => removeEventListener('scroll', look);
	}, []);
	return tags.header({class: scrolled ? 'header scrolled' : 'header'},
		tags.nav({'aria-label': t('nav.main')},
			tags.a({class: 'brand', href: '/'}, icon('mark'), tags.span(house.value?.name || 'Earshot')),
			!bare && [
				mayListen.value && [
					h(Search, {key: 'search'}),
					h(Link, {href: '/', class: 'place'}, t('nav.stream')),
					h(Link, {href: '/discover', class: 'place'}, t('nav.discover')),
				],
				me.value && [news('place', 'messages'), news('place', 'notifications')],
				tags.a({href: '/upload', class: 'button upload', 'aria-current': path.value === '/upload' ? 'page' : undefined},
					icon('upload'), tags.span(t('nav.upload'))),
				h(Account, {}),
			]));
}

/**
 * The field that searches. It sends people to the results by itself; what it
 * finds while they type comes late.
 * @param {{}} _
 */
function Search(_) {
	const form = useRef(/** @type {HTMLFormElement | null} */ (null));
	const [box, setBox] = useState(/** @type {typeof import('./search-box.js') | null} */ (null));
	const wake = () => void import('./search-box.js').then(setBox, () => {});
	return [
		tags.button({
			type: 'button', class: 'quiet seek-open', 'aria-label': t('search.open'),
			onClick: () => {
				// At once: a phone shows its keys only for what was touched.
				form.current?.classList.add('open');
				form.current?.querySelector('input')?.focus();
			},
		}, icon('search')),
		tags.form({class: 'seek', role: 'search', action: at('/search'), ref: form, onFocusIn: wake},
			icon('search'),
			tags.input({
				type: 'search', name: 'q', autocomplete: 'off', autocapitalize: 'none', spellcheck: false, enterkeyhint: 'search', maxLength: 200,
				'aria-label': t('search.label'), placeholder: t('search.label'),
			}),
			box && h(box.SearchBox, {form})),
	];
}

/** The four tabs of phones. @param {{}} _ */
function Tabs(_) {
	/** @param {string} href @param {string} name @param {string} text */
	const tab = (href, name, text) => h(Link, {href, key: href}, icon(name), tags.span(text));
	const who = me.value;
	return tags.nav({class: 'tabs', 'aria-label': t('nav.tabs')},
		tab('/', 'waves', t('nav.stream')),
		tab('/discover', 'compass', t('nav.discover')),
		who
			? [news('', 'notifications'), news('', 'messages')]
			: [tab('/sign-in', 'signin', t('nav.signin')), tab('/settings', 'settings', t('nav.settings'))]);
}

/** The bar at the bottom; its height is known to the styles as --dock. @param {{bare: boolean}} props */
function Dock({bare}) {
	const element = useRef(/** @type {HTMLDivElement | null} */ (null));
	useEffect(() => {
		const dock = element.current;
		if (!dock) return;
		const size = new ResizeObserver(() => document.documentElement.style.setProperty('--dock', `${dock.offsetHeight}px`));
		size.observe(dock);
		return () => size.disconnect();
	}, []);
	return tags.div({class: 'dock', ref: element}, h(Late, {name: 'PlayerBar'}), !bare && h(Tabs, {}));
}

/** Pages for those who may not listen, too. */
const openPages = /^(\*|\/(setup|sign-in|sign-up|invite|reset|settings(\/connect)?|api\/docs|link)$)/;

/** Pages for members. */
const memberPages = /^\/(upload|you|people|numbers|notifications|messages|keeper|likes|history|playlists|settings\/(security|programs))(\/|$)/;

/** What the main column shows. @param {{}} _ */
function Page(_) {
	const [problem, forget] = useErrorBoundary();
	useEffect(forget, [route.value.key]);
	const place = house.value;
	if (bootError.value) {
		return h(Empty, {icon: 'warning', text: tags.h1({class: 'plain'}, errorText(bootError.value))},
			tags.button({type: 'button', class: 'button main', onClick: () => void boot()}, t('retry')));
	}
	if (!place || me.value === undefined || !route.value.page) return null;
	if (problem) return h(Empty, {icon: 'warning', text: tags.h1({class: 'plain'}, errorText(problem))});
	const {name} = route.value, held = name.startsWith('/:username/') && 'links' in document.documentElement.dataset;
	if (place.setup && name !== '/setup') return h(Gate, {name: 'SetupNeeded'});
	if (!mayListen.value && !held && !openPages.test(name)) return h(Gate, {name: 'MembersOnly'});
	if (!me.value && memberPages.test(name)) return h(Gate, {name: 'SignInNeeded'});
	return h(Outlet, null);
}

/** A page of pages/gate.js in place of the asked one. @param {{name: 'SetupNeeded' | 'MembersOnly' | 'SignInNeeded'}} props */
function Gate({name}) {
	const [gate, setGate] = useState(/** @type {typeof import('../pages/gate.js') | null} */ (null));
	useEffect(() => void import('../pages/gate.js').then(setGate), []);
	return gate ? h(gate[name], {}) : null;
}

/** The whole app. @param {{}} _ */
export function App(_) {
	const bare = Boolean(house.value?.setup);
	useEffect(() => void loadLate().catch(() => {}), []);
	return [
		tags.a({class: 'skip', href: '#main'}, t('nav.skip')),
		loading.value && tags.div({class: 'progress-line', role: 'progressbar', 'aria-label': t('loading')}),
		h(Header, {bare}),
		h(Late, {name: 'Net'}),
		tags.main({class: 'column', id: 'main', tabIndex: -1}, h(Page, {})),
		h(Dock, {bare}),
		h(Late, {name: 'Toasts'}),
		h(Late, {name: 'Dialogs'}),
	];
}

