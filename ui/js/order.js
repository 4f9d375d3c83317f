// The order in which a list of tracks is heard: shuffle, repeat, and changes
// while it plays. Values go in, new values come out; nothing is changed in
// place, and nothing here knows of sound or of the page.

/**
 * @template {{id: string}} T
 * @typedef {object} Order
 * @property {T[]} list What is heard, in the order it is heard. No track is in it twice.
 * @property {T[]} source The same tracks in the order of the list they came from.
 * @property {number} index Place in list of the track being heard; -1 when list is empty.
 * @property {boolean} shuffled
 */

/** @typedef {'off' | 'all' | 'one'} Repeat */
/** @typedef {() => number} Random */

/** @template {{id: string}} T @returns {Order<T>} */
export function nothing() {
	return {list: [], source: [], index: -1, shuffled: false};
}

/**
 * Starts with item i of a list. When shuffled, that item comes first and all
 * others follow in random order.
 * @template {{id: string}} T
 * @param {readonly T[]} list @param {number} i @param {boolean} shuffled
 * @param {Random} [random]
 * @returns {Order<T>}
 */
export function begin(list, i, shuffled, random = Math.random) {
	const first = list[i] ?? list[0];
	if (!first) return {...nothing(), shuffled};
	const source = unique(list);
	const index = source.findIndex((one) => one.id === first.id);
	const order = {list: source, source, index, shuffled: false};
	return shuffled ? shuffle(order, true, random) : order;
}

/**
 * Turns shuffling on (what is heard now stays, all else is mixed behind it)
 * or off (the order of the source is back).
 * @template {{id: string}} T
 * @param {Order<T>} order @param {boolean} on @param {Random} [random]
 * @returns {Order<T>}
 */
export function shuffle(order, on, random = Math.random) {
	const now = order.list[order.index];
	if (!now) return {...order, shuffled: on};
	if (on) {
		const rest = mix(order.list.filter((one) => one.id !== now.id), random);
		return {...order, list: [now, ...rest], index: 0, shuffled: true};
	}
	return {...order, list: order.source, index: place(order.source, now.id), shuffled: false};
}

/**
 * Adds the next page of the source; tracks already present are left where
 * they are.
 * @template {{id: string}} T
 * @param {Order<T>} order @param {readonly T[]} items @param {Random} [random]
 * @returns {Order<T>}
 */
export function append(order, items, random = Math.random) {
	const known = new Set(order.list.map((one) => one.id));
	const fresh = unique(items).filter((one) => !known.has(one.id));
	if (fresh.length === 0) return order;
	return {
		...order,
		list: [...order.list, ...(order.shuffled ? mix(fresh, random) : fresh)],
		source: [...order.source, ...fresh],
		index: order.list.length === 0 ? 0 : order.index,
	};
}

/**
 * Puts a track directly behind the one being heard, taking it from wherever
 * it stood. The track being heard itself is not moved.
 * @template {{id: string}} T
 * @param {Order<T>} order @param {T} track
 * @returns {Order<T>}
 */
export function insertNext(order, track) {
	const now = order.list[order.index];
	if (!now) return begin([track], 0, order.shuffled);
	if (now.id === track.id) return order;
	/** @param {T[]} list */
	const placed = (list) => {
		const rest = list.filter((one) => one.id !== track.id);
		rest.splice(place(rest, now.id) + 1, 0, track);
		return rest;
	};
	const list = placed(order.list);
	return {...order, list, source: placed(order.source), index: place(list, now.id)};
}

/**
 * Takes a track out. If it was the one being heard, index then names the one
 * that followed it, or the new last one.
 * @template {{id: string}} T
 * @param {Order<T>} order @param {string} id
 * @returns {Order<T>}
 */
export function remove(order, id) {
	const at = place(order.list, id);
	if (at < 0) return order;
	const list = order.list.filter((one) => one.id !== id);
	const source = order.source.filter((one) => one.id !== id);
	const index = at < order.index ? order.index - 1 : order.index;
	return {...order, list, source, index: Math.min(index, list.length - 1)};
}

/**
 * Moves an item of the list; what is heard goes on being heard.
 * @template {{id: string}} T
 * @param {Order<T>} order @param {number} from @param {number} to
 * @returns {Order<T>}
 */
export function move(order, from, to) {
	const {length} = order.list;
	const inside = from >= 0 && from < length && to >= 0 && to < length;
	if (!inside || from === to) return order;
	const now = order.list[order.index];
	const list = order.list.slice();
	list.splice(to, 0, ...list.splice(from, 1));
	return {
		...order,
		list,
		source: order.shuffled ? order.source : list,
		index: now ? place(list, now.id) : order.index,
	};
}

/**
 * Swaps in the new state of a track.
 * @template {{id: string}} T
 * @param {Order<T>} order @param {T} track
 * @returns {Order<T>}
 */
export function replace(order, track) {
	if (place(order.list, track.id) < 0) return order;
	/** @param {T} one */
	const swap = (one) => (one.id === track.id ? track : one);
	return {...order, list: order.list.map(swap), source: order.source.map(swap)};
}

/**
 * The index reached by going forward (1) or back (-1); -1 when the list ends
 * there. Repeating one track binds only the end of that track, not a person
 * who asks for the next.
 * @template {{id: string}} T
 * @param {Order<T>} order @param {1 | -1} by @param {Repeat} repeat
 * @param {boolean} [asked] Whether a person asked, rather than the track ending.
 * @returns {number}
 */
export function step(order, by, repeat, asked = true) {
	const {length} = order.list;
	if (length === 0) return -1;
	if (repeat === 'one' && !asked) return order.index;
	const to = order.index + by;
	if (to >= 0 && to < length) return to;
	return repeat === 'off' ? -1 : (to + length) % length;
}

/** @template {{id: string}} T @param {readonly T[]} list @param {string} id */
function place(list, id) {
	return list.findIndex((one) => one.id === id);
}

/** @template {{id: string}} T @param {readonly T[]} list @returns {T[]} */
function unique(list) {
	return [...new Map(list.map((one) => [one.id, one])).values()];
}

/**
 * Fisher and Yates: every order is equally likely.
 * @template T
 * @param {T[]} list @param {Random} random @returns {T[]}
 */
function mix(list, random) {
	const mixed = list.slice();
	for (let i = mixed.length - 1; i > 0; i--) {
		const j = Math.floor(random() * (i + 1));
		const held = /** @type {T} */ (mixed[i]);
		mixed[i] = /** @type {T} */ (mixed[j]);
		mixed[j] = held;
	}
	return mixed;
}
