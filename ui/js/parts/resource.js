// One thing of the server that a page is about, kept for the way back.

import {useEffect} from '../html.js';
import {ApiError, api} from '../api.js';
import {useRemembered} from '../router.js';
import {style} from '../style.js';

// The pages that are about something are those that get printed.
void style('print');

/**
 * Fetches what an address of the API gives.
 * @template T
 * @param {string} path
 * @param {(answer: any) => T} [take] what to keep of the answer
 * @param {() => T | null} [guess] what to show until the answer is there
 * @returns {{data: T | null, error: unknown, retry: () => void, set: (data: T) => void}}
 */
export function useResource(path, take = (answer) => answer, guess = () => null) {
	const kept = useRemembered(`one ${path}`, () => ({data: guess(), error: /** @type {unknown} */ (null), asked: false}));
	const load = async () => {
		try {
			kept.value = {data: take(await api.get(path)), error: null, asked: true};
		} catch (error) {
			const {data} = kept.peek();
			const gone = error instanceof ApiError && error.status === 404;
			// What is shown already stays when only the network fails.
			kept.value = data && !gone ? {data, error: null, asked: true} : {data: null, error, asked: true};
		}
	};
	useEffect(() => {
		if (!kept.peek().asked) void load();
	}, [kept]);
	return {
		...kept.value,
		retry: () => void load(),
		set: (data) => {
			kept.value = {data, error: null, asked: true};
		},
	};
}
