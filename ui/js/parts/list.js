// Lists that go on: one page after the other by cursor, kept for the way back,
// with a real button where scrolling does not load.

import {h, tags, useEffect, useRef} from '../html.js';
import {ApiError, api, errorText} from '../api.js';
import {t} from '../i18n.js';
import {useRemembered} from '../router.js';
import {latest, learn} from '../tracks.js';
import {icon} from './icon.js';

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../html.js').Child} Child */
/**
 * @template [T=Track]
 * @typedef {object} Listed
 * @property {T[]} items
 * @property {string | undefined} next cursor; undefined at the end
 * @property {'loading' | 'more' | 'ready'} state
 * @property {unknown} error what the last load failed with, else null
 */

/**
 * The tracks of an address, page by page.
 * @param {string} path
 */
export function useTracks(path) {
	const tracks = useList(path, learn);
	// Without those that were deleted since.
	return {...tracks, items: tracks.items.filter(latest)};
}

/**
 * What an address lists, page by page.
 * @template {{id: string}} T
 * @param {string} path
 * @param {(item: T) => T} [take] sees each that comes
 * @param {(page: any) => T[]} [open] finds the items of a page
 */
export function useList(path, take = (item) => item, open = (page) => page.items) {
	const list = useRemembered(path, () => /** @type {Listed<T>} */ ({items: [], next: undefined, state: 'loading', error: null}));
	const busy = useRef(/** @type {Promise<T[]> | null} */ (null));

	/** @returns {Promise<T[]>} those that came */
	async function fetchPage() {
		const {items, next} = list.peek();
		list.value = {...list.peek(), state: items.length ? 'more' : 'loading', error: null};
		try {
			const page = await api.get(path, {cursor: next, limit: 20});
			// Meanwhile something may have come or gone; a list begun anew goes on by itself.
			const now = list.peek();
			if (now.next !== next) return [];
			const known = new Set(now.items.map(({id}) => id));
			/** @type {T[]} */
			const fresh = open(page).filter(({id}) => !known.has(id)).map((item) => take(item));
			list.value = {items: [...now.items, ...fresh], next: page.next || undefined, state: 'ready', error: null};
			return fresh;
		} catch (error) {
			list.value = {...list.peek(), state: 'ready', error};
			throw error;
		}
	}
	/** @returns {Promise<T[]>} */
	const load = () => busy.current ??= fetchPage().finally(() => {
		busy.current = null;
	});

	useEffect(() => {
		if (list.peek().state === 'loading') load().catch(() => {});
	}, [list]);

	return {
		list,
		items: list.value.items,
		/** Loads the next page, if there is one; gives all that are known then. */
		more: async () => {
			if (list.peek().next) await load();
			return list.peek().items;
		},
		retry: () => void load().catch(() => {}),
	};
}

/**
 * What stands below a list: the next page comes when this is scrolled to or
 * pressed, and a failed load is named.
 * @param {{list: Listed<any>, onMore: () => void}} props
 */
export function More({list, onMore}) {
	const end = useRef(/** @type {HTMLDivElement | null} */ (null));
	const wanted = Boolean(list.next) && !list.error;
	useEffect(() => {
		if (!wanted || !end.current) return;
		const watch = new IntersectionObserver(([entry]) => {
			if (entry.isIntersecting) onMore();
		}, {rootMargin: '600px'});
		watch.observe(end.current);
		return () => watch.disconnect();
	}, [wanted, list.items.length]);
	if (list.error && list.items.length) {
		return tags.div({class: 'more'}, tags.p({class: 'failure'}, icon('warning'), errorText(list.error)),
			tags.button({type: 'button', class: 'button', onClick: onMore}, t('retry')));
	}
	if (!list.next) return null;
	return tags.div({class: 'more', ref: end},
		tags.button({type: 'button', class: 'button', 'aria-disabled': list.state === 'more', onClick: onMore},
			list.state === 'more' ? t('loading') : t('list.more')));
}

/**
 * What is shown where there is nothing: one line and one thing to do.
 * @param {{icon?: string, text: Child, children?: Child}} props
 */
export function Empty({icon: name = 'waves', text, children}) {
	return tags.div({class: 'empty'}, icon(name), tags.div(text), children);
}

/**
 * A failed page: what is wrong, and a way to try again.
 * @param {{error: unknown, onRetry: () => void}} props
 */
export function Failed({error, onRetry}) {
	// parts/net.js tells when the house can be reached again.
	useEffect(() => {
		addEventListener('back', onRetry);
		return () => removeEventListener('back', onRetry);
	});
	return h(Empty, {icon: 'warning', text: tags.span({class: error instanceof ApiError && !error.status ? 'away' : ''}, errorText(error))},
		tags.button({type: 'button', class: 'button', onClick: onRetry}, t('retry')));
}

/**
 * Grey shapes in place of cards that are on their way.
 * @param {{n?: number}} props
 */
export function Skeleton({n = 4}) {
	return tags.div({class: 'cards', 'aria-busy': 'true'}, tags.p({class: 'hidden', role: 'status'}, t('loading')),
		Array.from({length: n}, (_, i) => tags.div({class: 'card ghost', key: i, 'aria-hidden': 'true'},
			tags.span({class: 'artwork card-art'}),
			tags.div({class: 'card-head'}, tags.span({class: 'line'}), tags.span({class: 'line long'})),
			tags.span({class: 'card-wave line'}))));
}
