// Folders of music that are tracks here, their imports, and lists that are taken
// in, for the keeper.

import {classes, h, tags, useState} from '../html.js';
import {ApiError, api, errorText} from '../api.js';
import {ago} from '../format.js';
import {has, locale, t} from '../i18n.js';
import {Avatar} from '../parts/artwork.js';
import {ask, openDialog} from '../parts/dialog.js';
import {RowsSkeleton} from '../parts/follow.js';
import {lastOf} from '../parts/folders.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed} from '../parts/list.js';
import {Menu} from '../parts/menu.js';
import {usePolled} from '../parts/poll.js';
import {signs} from '../parts/reach.js';
import {toast} from '../parts/toast.js';
import {told} from '../parts/told.js';
import {ImportProgress} from '../parts/work.js';
import {Heading} from '../router.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Library} Library */
/** @typedef {import('../wire.d.ts').Import} Import */
/** @typedef {import('../wire.d.ts').Problem} Problem */
/** @typedef {{items: Library[]}} Libraries */

/** Whether an import goes on. @param {Import | undefined} one */
const goes = (one) => one?.state === 'running' || one?.state === 'waiting';

/** @param {{}} _ */
export default function KeeperLibraries(_) {
	const libraries = usePolled('/api/libraries', /** @param {Libraries} now */ (now) => now.items.some((one) => goes(one.import)));
	const imports = usePolled('/api/imports', /** @param {{items: Import[]}} now */ (now) => now.items.some(goes));
	const lists = (imports.data?.items ?? []).filter((one) => !one.library_id);
	const items = libraries.data?.items ?? [];
	const renew = async () => {
		await Promise.all([libraries.renew(), imports.renew()]);
	};
	const add = async () => {
		const {NewLibrary} = await import('../parts/new-library.js');
		openDialog((close) => h(NewLibrary, {close, onMade: renew}));
	};
	const list = async () => {
		const {NewList} = await import('../parts/new-library.js');
		openDialog((close) => h(NewList, {close, onMade: renew}));
	};
	const buttons = [
		tags.button({key: 'add', type: 'button', class: 'button main', onClick: () => void add()}, icon('plus'), t('library.add')),
		tags.button({key: 'list', type: 'button', class: 'button', onClick: () => void list()}, icon('playlist'), t('import.list')),
	];
	return tags.div({class: 'room-libraries'},
		tags.header({class: 'page-head'}, h(Heading, null, t('room.libraries')), tags.p({class: 'muted'}, t('library.lead'))),
		!libraries.data ? libraries.error ? h(Failed, {error: libraries.error, onRetry: libraries.retry}) : h(RowsSkeleton, {n: 3})
			: items.length ? [
				tags.div({class: 'actions start', key: 'do'}, buttons),
				tags.ul({class: 'libraries', key: 'all', 'aria-label': t('room.libraries')}, items.map((one) => h(One, {key: one.id, one, renew}))),
			] : h(Empty, {icon: 'folder', text: t('library.none')}, tags.div({class: 'actions'}, buttons)),
		lists.length > 0 && tags.section({class: 'room-lists'}, tags.h2(t('import.lists')),
			tags.ul({class: 'libraries'}, lists.map((one) => tags.li({key: one.id, class: 'panel library'},
				tags.p({class: 'library-name'}, icon('playlist'), tags.b(lastOf(one.path)), tags.span({class: 'muted small'}, ago(one.created))),
				h(Reading, {one, renew, again: undefined}))))));
}

/** @param {{one: Library, renew: () => Promise<void>}} props */
function One({one, renew}) {
	const reading = goes(one.import);
	const scan = async () => {
		try {
			await api.post(`/api/libraries/${one.id}/scan`);
			await renew();
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		}
	};
	const remove = async () => {
		const text = one.copy ? t('library.remove_copied', {n: one.files}) : t('library.remove_text', {n: one.files});
		if (!await ask({title: t('library.remove_title', {name: lastOf(one.path)}), text, yes: t('library.remove'), danger: true})) return;
		try {
			await api.del(`/api/libraries/${one.id}`);
			toast(t('library.removed'));
			await renew();
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		}
	};
	const change = async () => {
		const {ChangeLibrary} = await import('../parts/new-library.js');
		openDialog((close) => h(ChangeLibrary, {one, close, onMade: renew}));
	};
	return tags.li({class: classes('panel library', one.away && 'away')},
		tags.div({class: 'library-head'},
			tags.span({class: 'library-sign'}, icon('folder')),
			tags.div({class: 'library-names'}, tags.h2(lastOf(one.path)), tags.p({class: 'muted small'}, tags.code(one.path))),
			h(Menu, {
				label: t('library.menu', {name: lastOf(one.path)}), class: 'button only',
				items: () => [
					{label: t('library.change'), icon: 'settings', onPick: () => void change()},
					{label: t('library.remove'), icon: 'trash', danger: true, onPick: () => void remove()},
				],
			})),
		one.away && tags.p({class: 'banner library-away'}, icon('warning'), t('library.away')),
		tags.div({class: 'library-facts small'},
			tags.a({class: 'person', href: one.user.url}, h(Avatar, {user: one.user}), tags.span(one.user.name)),
			tags.span(tags.b(t('person.tracks', {n: one.files}))),
			tags.span({class: 'chip'}, icon(signs[one.visibility]), t(`reach.to_${one.visibility}`)),
			tags.span({class: 'chip'}, one.copy ? t('library.copied') : t('library.in_place')),
			one.watch && tags.span({class: 'chip'}, icon('station'), t('library.watched')),
			one.albums && tags.span({class: 'chip'}, icon('disc'), t('library.albums'))),
		// That it is away is said above, and is why nothing came of it.
		one.import && !(one.away && one.import.state === 'failed') ? h(Reading, {one: one.import, renew, again: scan})
			: tags.div({class: 'actions start'}, tags.button({type: 'button', class: 'button', onClick: () => void scan()}, icon('repeat'), t('library.scan'))),
		!reading && one.scanned && tags.p({class: 'muted small'}, t('library.scanned', {ago: ago(one.scanned)})));
}

/** How an import ended. @type {Record<Import['state'], string>} */
const ends = {waiting: 'import.waits', running: 'import.runs', done: 'import.done', stopped: 'import.stopped', failed: 'import.failed'};

/**
 * An import, as it goes or as it ended.
 * @param {{one: Import, renew: () => Promise<void>, again: (() => Promise<void>) | undefined}} props
 */
function Reading({one, renew, again}) {
	const stop = async () => {
		try {
			await api.del(`/api/imports/${one.id}`);
			await renew();
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		}
	};
	const facts = /** @type {[string, number][]} */ ([
		['import.added', one.added], ['import.changed', one.changed], ['import.moved', one.moved], ['import.duplicates', one.duplicates],
		['import.missing', one.missing], ['import.comments', one.comments], ['import.refused', one.refused],
	]).filter(([, n]) => n > 0);
	const going = goes(one);
	return tags.div({class: 'reading'},
		going ? h(ImportProgress, {one}) : tags.p({class: classes('reading-end', one.state === 'failed' && 'failure')},
			icon(one.state === 'done' ? 'check' : one.state === 'failed' ? 'warning' : 'info'),
			one.state === 'failed' ? told(t('import.failed'), one.error) : tags.span(one.state === 'done' && facts.every(([text]) => text === 'import.refused') ? t('import.same', {n: one.same}) : t(ends[one.state]))),
		facts.length > 0 && tags.ul({class: 'reading-facts'}, facts.map(([text, n]) => tags.li({key: text, class: text === 'import.refused' ? 'refused' : undefined}, t(text, {n})))),
		one.refused > 0 && !going && h(Problems, {one}),
		tags.div({class: 'actions start'}, going
			? tags.button({type: 'button', class: 'button', onClick: () => void stop()}, icon('close'), t('import.stop'))
			: again && tags.button({type: 'button', class: 'button', onClick: () => void again()}, icon('repeat'), one.state === 'stopped' ? t('import.go_on') : t('library.scan'))));
}

/**
 * Why something was not taken. The server's own sentence names more; in another
 * language it is told by its code, with the name that the sentence quotes.
 * @param {Problem} problem
 */
function why({code, message, path}) {
	if (locale.value === 'en') return message;
	const named = /[“"](.+?)[”"]/.exec(message)?.[1];
	return `${errorText(new ApiError(400, {code, message}))}${named && !path?.includes(named) && has(`error.${code}`) ? ` (${named})` : ''}`;
}

/** What was not taken, and why. @param {{one: Import}} props */
function Problems({one}) {
	const [list, setList] = useState(/** @type {{items: Problem[], next?: string, busy: boolean, error: unknown, begun: boolean}} */ ({items: [], busy: false, error: null, begun: false}));
	const load = async () => {
		setList({...list, busy: true, error: null, begun: true});
		try {
			const page = await api.get(`/api/imports/${one.id}/problems`, {cursor: list.next, limit: 20});
			setList({items: [...list.items, ...page.items], next: page.next || undefined, busy: false, error: null, begun: true});
		} catch (error) {
			setList({...list, busy: false, error, begun: true});
		}
	};
	return tags.details({
		class: 'fold problems',
		onToggle: (event) => {
			if (event.currentTarget.open && !list.begun) void load();
		},
	},
		tags.summary(t('import.problems', {n: one.refused})),
		tags.ul(list.items.map((problem, i) => tags.li({key: i},
			tags.p({class: 'problem-at'}, problem.line ? tags.b(t('import.line', {n: problem.line})) : null, problem.line && problem.path ? ' ' : null, problem.path && tags.code(problem.path)),
			tags.p({class: 'muted small'}, why(problem))))),
		list.busy && tags.p({class: 'muted', role: 'status'}, t('loading')),
		Boolean(list.error) && tags.p({class: 'failure', role: 'alert'}, icon('warning'), errorText(list.error)),
		!list.busy && (list.next || Boolean(list.error)) && tags.button({type: 'button', class: 'button', onClick: () => void load()}, list.error ? t('retry') : t('list.more')));
}
