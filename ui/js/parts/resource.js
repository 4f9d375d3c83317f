// One thing of the server that a page is about, kept for the way back.

import {useEffect} from '../html.js';
import {api} from '../api.js';
import {useRemembered} from '../router.js';

/**
 * Fetches what an address of the API gives; an empty address waits.
 * @template T
 * @param {string} path
 * @param {(answer: any) => T} [take] what to keep of the answer
 * @returns {{data: T | null, error: unknown, retry: () => void, set: (data: T) => void}}
 */
export function useResource(path, take = (answer) => answer) {
	const kept = useRemembered(`one ${path}`, () => ({data: /** @type {T | null} */ (null), error: /** @type {unknown} */ (null)}));
	const load = async () => {
		try {
			kept.value = {data: take(await api.get(path)), error: null};
		} catch (error) {
			kept.value = {data: null, error};
		}
	};
	useEffect(() => {
		if (path && !kept.peek().data) void load();
	}, [kept, path]);
	return {
		...kept.value,
		retry: () => void load(),
		set: (data) => {
			kept.value = {data, error: null};
		},
	};
}
