// What the server works on, asked anew while the page is seen.

import {useEffect, useRef} from '../html.js';
import {api} from '../api.js';
import {useResource} from './resource.js';

/** How often it is asked while something runs, and while nothing does, in milliseconds. */
const often = 2000, seldom = 20_000;

/**
 * useResource that stays fresh.
 * @template T
 * @param {string} path
 * @param {(data: T) => boolean} moving whether something of it runs at this moment
 * @returns {{data: T | null, error: unknown, retry: () => void, set: (data: T) => void, renew: () => Promise<void>}}
 */
export function usePolled(path, moving) {
	const resource = useResource(path, (answer) => /** @type {T} */ (answer));
	const {data} = resource;
	const setter = useRef(resource.set);
	setter.current = resource.set;
	/** Counts what was set, so that an older answer never comes after a newer one. */
	const turn = useRef(0);
	/** @param {T} now */
	const set = (now) => {
		turn.current++;
		setter.current(now);
	};
	const renew = async () => {
		const mine = ++turn.current;
		const now = await api.get(path).catch(() => null);
		if (now && mine === turn.current) setter.current(now);
	};
	const kept = useRef(Boolean(data));
	useEffect(() => {
		if (kept.current) void renew(); // it was kept for the way back
	}, [path]);
	const there = Boolean(data), busy = data ? moving(data) : false;
	useEffect(() => {
		if (!there) return undefined;
		const look = () => {
			if (document.visibilityState === 'visible') void renew();
		};
		const timer = setInterval(look, busy ? often : seldom);
		document.addEventListener('visibilitychange', look);
		return () => {
			clearInterval(timer);
			document.removeEventListener('visibilitychange', look);
			turn.current++;
		};
	}, [there, busy, path]);
	return {...resource, set, renew};
}
