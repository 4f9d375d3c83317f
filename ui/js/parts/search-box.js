// What the search field shows while people type: a list box that the arrow
// keys walk through while the focus stays in the field.

import {classes, effect, h, tags, untracked, useEffect, useRef, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {addressOf, enough, idOf} from '../finding.js';
import {t} from '../i18n.js';
import {navigate, route} from '../router.js';
import {forgetSearches, keepSearch, refreshSearches, searches} from '../searches.js';
import {style} from '../style.js';
import {Artwork, Avatar} from './artwork.js';
import {icon} from './icon.js';
import {Marked} from './marked.js';
import '../texts.js';

await style('finding');

/** @typedef {import('../wire.d.ts').Hit} Hit */
/**
 * A line of the list: it leads to an address, or does something.
 * @typedef {{id: string, href?: string, act?: () => void, show: import('../html.js').Child}} Line
 */

/** How long nothing is typed before it is looked for, in milliseconds. */
const pause = 120;

/** @param {string} text */
const results = (text) => `/search?q=${encodeURIComponent(text.trim())}`;

/** @param {{form: {current: HTMLFormElement | null}}} props */
export function SearchBox({form}) {
	const [text, setText] = useState(() => form.current?.querySelector('input')?.value ?? '');
	const [shown, setShown] = useState(true);
	const [hits, setHits] = useState(/** @type {{of: string, items: Hit[], building: boolean} | null} */ (null));
	const [failed, setFailed] = useState(/** @type {unknown} */ (null));
	const [at, setAt] = useState(-1);
	const typed = text.trim(), looks = enough(typed);

	// What is typed is looked for after a short pause; late answers are dropped.
	useEffect(() => {
		if (!shown || !looks) return undefined;
		let here = true;
		const timer = setTimeout(() => {
			api.get('/api/search/suggest', {q: typed, limit: 7}).then((found) => {
				if (!here) return;
				setFailed(null);
				setHits({of: typed, items: found.items, building: found.building !== undefined});
			}, (error) => {
				if (here) setFailed(error);
			});
		}, pause);
		return () => {
			here = false;
			clearTimeout(timer);
		};
	}, [typed, shown, looks]);

	useEffect(refreshSearches, [shown]);

	/** @type {Line[]} */
	const lines = [];
	if (!typed) {
		for (const one of searches.value) {
			lines.push({id: `past ${one}`, href: results(one), show: [tags.span({class: 'seek-sign'}, icon('clock')), tags.span({class: 'seek-text'}, one)]});
		}
		if (lines.length) lines.push({id: 'forget', act: forgetSearches, show: [tags.span({class: 'seek-sign'}, icon('close')), tags.span({class: 'seek-text'}, t('search.forget'))]});
	} else {
		// While the next answer is on its way, the last one stays.
		if (looks && hits) for (const hit of hits.items) lines.push({id: idOf(hit), href: addressOf(hit), show: h(Found, {hit})});
		lines.push({id: 'all', href: results(typed), show: [tags.span({class: 'seek-sign'}, icon('search')), tags.span({class: 'seek-text'}, t('search.all', {text: typed}))]});
	}
	const now = Math.min(at, lines.length - 1);
	const expanded = shown && lines.length > 0;

	const close = (leave = false) => {
		setShown(false);
		setAt(-1);
		if (!leave) return;
		form.current?.classList.remove('open');
		form.current?.querySelector('input')?.blur();
	};
	/** @param {Line} line @param {boolean} [follow] whether the browser does not do that itself */
	const choose = (line, follow = false) => {
		if (line.act) {
			line.act();
			setAt(-1);
			return;
		}
		keepSearch(line.id.startsWith('past ') ? line.id.slice(5) : typed);
		const field = form.current?.querySelector('input');
		if (field) field.value = '';
		close(true);
		if (follow && line.href) void navigate(line.href);
	};

	// What the listeners of the field see is what is on the screen.
	const seen = useRef({lines, now, typed, expanded, close, choose});
	seen.current = {lines, now, typed, expanded, close, choose};
	useEffect(() => {
		const box = form.current, field = box?.querySelector('input');
		if (!box || !field) return undefined;
		const end = new AbortController(), {signal} = end;
		field.setAttribute('role', 'combobox');
		field.setAttribute('aria-autocomplete', 'list');
		field.setAttribute('aria-controls', 'seek-list');
		field.addEventListener('input', () => {
			setText(field.value);
			setAt(-1);
			setShown(true);
		}, {signal});
		const show = () => {
			setText(field.value);
			setShown(true);
		};
		field.addEventListener('focus', show, {signal});
		field.addEventListener('click', show, {signal});
		// A phone that puts its keys away leaves the list to be read.
		/** @param {EventTarget | null} to */
		const gone = (to) => {
			if (!(to instanceof Node) || box.contains(to)) return;
			seen.current.close();
			box.classList.remove('open');
		};
		box.addEventListener('focusout', (event) => gone(event.relatedTarget), {signal});
		document.addEventListener('pointerdown', (event) => gone(event.target), {signal});
		box.addEventListener('submit', (event) => {
			event.preventDefault();
			if (!field.value.trim()) return;
			keepSearch(field.value);
			seen.current.close(true);
			void navigate(results(field.value));
		}, {signal});
		field.addEventListener('keydown', (event) => {
			// These keys also end or walk through what an input method composes.
			if (event.isComposing || event.keyCode === 229) return;
			const {lines: all, now: place, expanded: open} = seen.current;
			if (event.key === 'Escape') {
				event.preventDefault();
				// First the list, then what was typed, then the field itself.
				if (open && field.value) return seen.current.close();
				if (field.value) {
					field.value = '';
					setText('');
					return;
				}
				return leave(box, seen.current.close);
			}
			if (event.key === 'Enter' && open && all[place]) {
				event.preventDefault();
				return seen.current.choose(all[place], true);
			}
			if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
			event.preventDefault();
			setShown(true);
			// Beyond either end is the field.
			const n = all.length + 1, by = event.key === 'ArrowDown' ? 1 : -1;
			const next = (open ? place + 1 + by + n : by === 1 ? 1 : n - 1) % n - 1;
			setAt(next);
			// The next key may come before this is drawn.
			seen.current = {...seen.current, now: next, expanded: n > 1};
		}, {signal});
		return () => end.abort();
	}, []);
	useEffect(() => {
		const field = form.current?.querySelector('input');
		field?.setAttribute('aria-expanded', String(expanded));
		if (expanded && now >= 0) field?.setAttribute('aria-activedescendant', `seek-${now}`);
		else field?.removeAttribute('aria-activedescendant');
		if (now >= 0) document.getElementById(`seek-${now}`)?.scrollIntoView({block: 'nearest'});
	}, [expanded, now]);

	// Another page closes it, by the back button, too: at once, since it may be
	// opened again on the new one before that is drawn.
	useEffect(() => {
		let {key} = route.peek();
		return effect(() => {
			if (route.value.key === key) return;
			key = route.value.key;
			untracked(() => seen.current.close());
			form.current?.classList.remove('open');
		});
	}, []);

	const current = hits?.of === typed;
	return [
		tags.button({
			type: 'button', class: 'quiet seek-close', 'aria-label': t('search.close'), key: 'close',
			onClick: () => form.current && leave(form.current, close),
		}, icon('close')),
		tags.p({class: 'hidden', role: 'status', key: 'said'}, shown && looks && current ? t('search.suggested', {n: hits.items.length}) : ''),
		tags.div({class: classes('seek-panel', !(shown && (expanded || !typed)) && 'shut', !lines.length && 'bare'), key: 'panel'},
			!typed && (lines.length ? tags.p({class: 'seek-head', id: 'seek-head'}, t('search.recent')) : tags.p({class: 'seek-note muted small'}, t('search.hint'))),
			looks && current && hits.items.length === 0 && tags.p({class: 'seek-note muted small'}, hits.building ? t('search.none_yet') : t('search.none_short')),
			looks && Boolean(failed) && tags.p({class: 'seek-note wrong'}, icon('warning'), errorText(failed)),
			tags.div({id: 'seek-list', role: 'listbox', 'aria-label': typed ? t('search.suggestions') : t('search.recent'), class: 'seek-list'},
				lines.map((line, i) => {
					const look = {
						key: line.id, id: `seek-${i}`, role: 'option', tabIndex: -1, 'aria-selected': i === now, class: classes('seek-line', i === now && 'at', line.act && 'muted'),
						// The focus stays in the field.
						onMouseDown: (/** @type {MouseEvent} */ event) => event.preventDefault(),
						onClick: (/** @type {MouseEvent} */ event) => {
							if (!event.metaKey && !event.ctrlKey && !event.shiftKey) choose(line);
						},
					};
					return line.href ? tags.a({...look, href: line.href}, line.show) : tags.button({...look, type: 'button'}, line.show);
				}))),
	];
}

/**
 * Closes the field; the focus goes to what opened it.
 * @param {HTMLFormElement} box @param {(leave: boolean) => void} close
 */
function leave(box, close) {
	close(true);
	const button = box.parentElement?.querySelector('.seek-open');
	if (button instanceof HTMLElement && button.checkVisibility()) button.focus();
}

/** @param {{hit: Hit}} props */
function Found({hit}) {
	const {track, user, playlist, tag} = hit;
	return [
		tags.span({class: 'seek-sign'}, user ? h(Avatar, {user}) : track ?? playlist ? h(Artwork, {track: /** @type {any} */ (track ?? playlist), size: 'small'}) : icon('hash')),
		tags.span({class: 'seek-text'},
			tags.span({class: 'seek-name'}, h(Marked, {hit})),
			tags.span({class: 'seek-by'},
				track && t('search.track_by', {name: track.artist || track.user.name}),
				user && `@${user.username}`,
				playlist && t(playlist.kind === 'album' ? 'search.album_by' : 'search.playlist_by', {name: playlist.user.name}),
				tag && t('tag.tracks', {n: tag.tracks}))),
	];
}
