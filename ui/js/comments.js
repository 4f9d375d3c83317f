// What is said on one track: the list of comments, the marks along the
// waveform, and the comment of the moment that is heard.

import {batch, signal, useEffect} from './html.js';
import {oneAtATime} from './anew.js';
import {ApiError, api} from './api.js';
import {t} from './i18n.js';
import {useRemembered} from './router.js';
import {events, me} from './state.js';
import {latest, learn} from './tracks.js';
import './texts.js';

/** @typedef {import('./wire.d.ts').Track} Track */
/** @typedef {import('./wire.d.ts').Mark} Mark */
/** @typedef {Omit<import('./wire.d.ts').Comment, 'first'> & {first: Said[], all?: boolean, sending?: boolean}} Said all says that every reply is there; sending that it is on its way. */
/** @typedef {'position' | 'newest'} Order */
/**
 * @typedef {object} Listed
 * @property {Said[]} items
 * @property {string | undefined} next cursor; undefined at the end
 * @property {number} from where a list by moments begins, in milliseconds
 * @property {'loading' | 'more' | 'ready'} state
 * @property {unknown} error what the last load failed with, else null
 */

/** How long a comment is that of the moment, in milliseconds. */
const shown = 6000;
const page = 20;
/** How many are asked for anew after a gap. */
const most = 200;
/** Counts what was sent. */
let unsent = 0;

/**
 * Somebody who came by a secret link, as a person without a page.
 * @param {string} name
 * @returns {import('./wire.d.ts').UserRef}
 */
export const guest = (name) => ({id: '', username: '', name: t('guest.name', {name}), url: ''});

/** @param {any} comment @returns {Said} */
export const said = (comment) => ({...comment, user: comment.guest ? guest(comment.guest) : comment.user, first: (comment.first ?? []).map(said)});

/** Whether the asker may comment on a track, as a member or as a guest. @param {Track} track */
export const speaks = (track) => track.comments && (me.value ? track.can.comment || !track.by_link : Boolean(track.can.speak));

/** Where a comment stands among the moments: behind all when it is about the whole track. @param {Said} one */
const placeOf = (one) => (one.whole ? Number.MAX_SAFE_INTEGER : one.position_ms);

/** @param {Said} a @param {Said} b by moment, then by age */
export const byMoment = (a, b) => placeOf(a) - placeOf(b) || (a.created < b.created ? -1 : a.created > b.created ? 1 : 0);

/**
 * Changes the page without moving what is read: the first comment on the
 * screen stays where it is.
 * @param {() => void} change
 */
function still(change) {
	const all = [...document.querySelectorAll('.said')];
	const first = all.find((one) => one.getBoundingClientRect().bottom > 80);
	const before = first?.getBoundingClientRect().top ?? 0;
	change();
	if (!first || before > innerHeight || all[0].getBoundingClientRect().top > 80) return;
	requestAnimationFrame(() => {
		if (first.isConnected) scrollBy({top: first.getBoundingClientRect().top - before, behavior: 'instant'});
	});
}

/** What is said on a track. */
export class Talk {
	/** @param {Track} track */
	constructor(track) {
		this.track = track;
		this.path = `/api/tracks/${track.id}/comments`;
		/** @type {import('./html.js').Signal<Listed>} */
		this.list = signal({items: [], next: undefined, from: 0, state: 'loading', error: /** @type {unknown} */ (null)});
		this.order = signal(/** @type {Order} */ ('position'));
		this.marks = signal(/** @type {readonly Mark[]} */ ([]));
		/** Came while somebody reads, and waits until it is asked for. */
		this.fresh = signal(/** @type {readonly Said[]} */ ([]));
		/** The comment that was pressed in the lane or asked for by the address. */
		this.pinned = signal(/** @type {{said: Said, n: number} | null} */ (null));
		/** Id of the comment that is to be seen in the list. */
		this.lit = signal('');
		/** Id of the comment of the moment that is heard. */
		this.now = signal('');
		/** Whether the list goes along with what is heard. */
		this.follow = signal(false);
		/** Where the composer is open: a moment in milliseconds, or nowhere. */
		this.writing = signal(/** @type {number | null} */ (null));
		/** Known comments by moment, all from one time to another. */
		this.near = signal({from: 0, to: 0, items: /** @type {readonly Said[]} */ ([])});
		this.asking = false;
		this.askAgain = 0;
		this.turn = 0;
		/** Comments that are being asked for, each with how often. @type {Map<string, number>} */
		this.hearing = new Map();
		/** After a gap in the events: what is there is asked for anew. */
		this.renew = oneAtATime(() => this.#renew());
		/** Asks for the marks and the number of comments. */
		this.loadMarks = oneAtATime(() => this.#loadMarks());
		this.marksTimer = 0;
		/** The number of comments that was told last, and how often it was counted here. */
		this.number = track.counts.comments;
		this.counted = 0;
		this.begun = false;
	}

	/** Loads the first page and the marks; on the way back, what came meanwhile. */
	begin() {
		if (this.begun) return void this.renew();
		this.begun = true;
		void this.load();
		if (this.track.counts.comments > 0) void this.loadMarks();
	}

	/** Loads the next page, or the first one. */
	async load() {
		const mine = this.turn;
		const {items, next, from} = this.list.peek();
		const order = this.order.peek();
		this.list.value = {...this.list.peek(), state: items.length ? 'more' : 'loading', error: null};
		try {
			const got = await api.get(this.path, {order, cursor: next, limit: page, from_ms: order === 'position' && from > 0 && !next ? from : undefined});
			if (mine !== this.turn) return;
			const known = new Set(this.list.peek().items.map((one) => one.id));
			const fresh = got.items.map(said).filter((/** @type {Said} */ one) => !known.has(one.id));
			const all = [...this.list.peek().items, ...fresh];
			if (order === 'position') all.sort(byMoment);
			this.list.value = {items: all, next: got.next || undefined, from, state: 'ready', error: null};
			if (all.length && !this.marks.peek().length) this.remark();
			// The first page by moments is also what is near its beginning.
			if (order === 'position' && !next) this.near.value = {from, to: got.next ? placeOf(all.at(-1) ?? all[0]) : Infinity, items: all};
		} catch (error) {
			if (mine === this.turn) this.list.value = {...this.list.peek(), state: 'ready', error};
		}
	}

	/** @param {Order} order @param {number} [from] */
	async startOver(order, from = 0) {
		this.turn++;
		batch(() => {
			this.order.value = order;
			this.fresh.value = [];
			this.list.value = {items: [], next: undefined, from, state: 'loading', error: null};
		});
		await this.load();
	}

	async #loadMarks() {
		const {counted} = this;
		try {
			const {items, comments} = await api.get(`${this.path}/marks`);
			batch(() => {
				this.marks.value = items.map((/** @type {Mark} */ mark) => (mark.guest ? {...mark, user: guest(mark.guest)} : mark));
				// What was counted meanwhile may not be in it, and is asked for soon.
				if (counted === this.counted) this.#tell(comments);
			});
		} catch {
			// The lane stays as it is.
		}
	}

	/** Soon, and once for many changes. */
	remark() {
		clearTimeout(this.marksTimer);
		this.marksTimer = setTimeout(() => void this.loadMarks(), 400);
	}

	/**
	 * The comment of a moment.
	 * @param {number} ms
	 * @returns {Said | null}
	 */
	at(ms) {
		const {items} = this.near.value;
		let low = 0, high = items.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (placeOf(items[middle]) <= ms) low = middle + 1;
			else high = middle;
		}
		while (low > 0 && !items[low - 1].user) low--;
		const found = items[low - 1];
		return found && ms - found.position_ms < shown ? found : null;
	}

	/** Fetches what is said near a moment before it is heard. @param {number} ms */
	async reach(ms) {
		const {from, to} = this.near.peek();
		if (this.asking || Date.now() < this.askAgain || (ms >= from && ms + 10_000 < to) || !this.marks.peek().length) return;
		this.asking = true;
		const start = Math.max(0, Math.floor(ms) - shown);
		try {
			const got = await api.get(this.path, {order: 'position', from_ms: start, limit: 50});
			const items = got.items.map(said);
			// A crowd larger than a page is passed over.
			const end = got.next ? Math.max(placeOf(items[items.length - 1]), ms + 11_000) : Infinity;
			this.near.value = {from: start, to: end, items};
		} catch {
			this.askAgain = Date.now() + 15_000;
		} finally {
			this.asking = false;
		}
	}

	/** Lets a comment that is heard come into the list by moments. @param {string} id */
	async fetchNear(id) {
		const one = this.near.peek().items.find((each) => each.id === id);
		const {items, next, from, state} = this.list.peek();
		if (!one || state !== 'ready' || this.order.peek() !== 'position' || this.find(id)) return;
		const last = items.at(-1);
		// The next page, when that is where it is; else the list begins there.
		if (next && last && placeOf(one) >= placeOf(last) && items.length < most) await this.load();
		if (!this.find(id) && one.position_ms !== from) await this.startOver('position', one.position_ms);
	}

	/** @param {string} id @returns {Said | undefined} a comment or reply of the list */
	find(id) {
		for (const one of this.list.peek().items) {
			if (one.id === id) return one;
			const reply = one.first.find((two) => two.id === id);
			if (reply) return reply;
		}
		return undefined;
	}

	/** Counts comments at once; the marks bring what is true in the end. @param {number} by */
	count(by) {
		const track = latest(this.track);
		this.counted++;
		if (track) this.#tell(Math.max(0, track.counts.comments + by));
		this.remark();
	}

	/** Tells the whole app how many comments there are. @param {number} n */
	#tell(n) {
		this.number = n;
		const track = latest(this.track);
		if (track && track.counts.comments !== n) learn({...track, counts: {...track.counts, comments: n}});
	}

	/** The track came with another number, which may be an older one. @param {number} n */
	told(n) {
		if (n === this.number) return;
		this.number = n;
		this.remark();
	}

	/** Replaces what is known of a comment everywhere. @param {Said} comment */
	replace(comment) {
		/** @param {Said} one @returns {Said} */
		const swap = (one) => {
			if (one.id !== comment.id) return one.first.length ? {...one, first: one.first.map(swap)} : one;
			return one.all || one.first.length > comment.first.length ? {...comment, first: one.first, all: one.all} : comment;
		};
		batch(() => {
			this.list.value = {...this.list.peek(), items: this.list.peek().items.map(swap)};
			this.near.value = {...this.near.peek(), items: this.near.peek().items.map(swap)};
			this.fresh.value = this.fresh.peek().map(swap);
			const pinned = this.pinned.peek();
			if (pinned) this.pinned.value = {...pinned, said: swap(pinned.said)};
		});
	}

	/** Puts a comment where it belongs, if that part of the list is there. @param {Said} comment */
	insert(comment) {
		const {near} = this, {from, to} = near.peek();
		if (!comment.parent && placeOf(comment) >= from && placeOf(comment) < to && !near.peek().items.some((one) => one.id === comment.id)) {
			near.value = {...near.peek(), items: [...near.peek().items, comment].sort(byMoment)};
		}
		const list = this.list.peek();
		if (comment.parent) {
			this.list.value = {...list, items: list.items.map((one) => {
				if (one.id !== comment.parent || one.first.some((two) => two.id === comment.id)) return one;
				// Behind replies that are not on the screen it is only counted.
				const whole = one.first.length === one.replies;
				return {...one, replies: one.replies + 1, first: whole || comment.user?.id === me.peek()?.id ? [...one.first, comment] : one.first};
			})};
			return;
		}
		const items = list.items.filter((one) => one.id !== comment.id);
		if (this.order.peek() === 'newest') {
			items.unshift(comment);
		} else {
			const last = items.at(-1);
			const own = comment.user?.id === me.peek()?.id;
			// What lies beyond the pages that are there comes with them.
			if (!own && (placeOf(comment) < list.from || (list.next && last && byMoment(comment, last) > 0))) return;
			items.push(comment);
			items.sort(byMoment);
		}
		this.list.value = {...list, items};
	}

	/** Takes what oneself wrote. @param {any} answer */
	add(answer) {
		const comment = said(answer);
		const known = this.find(comment.id);
		batch(() => {
			if (known) this.replace(comment);
			else this.insert(comment);
			this.fresh.value = this.fresh.peek().filter((one) => one.id !== comment.id);
			if (!known) this.count(1);
		});
		this.remark();
		return comment;
	}

	/**
	 * Says something: a member's words stand there at once, and are taken away
	 * again if the server does not take them.
	 * @param {{text: string, position_ms?: number, parent?: string, guest?: string}} what
	 */
	async post(what) {
		const who = me.peek(), {parent, text} = what, {position_ms: ms = (parent && this.find(parent)?.position_ms) || 0} = what;
		const own = who && said({id: `unsent-${++unsent}`, track: this.track.id, parent, text, position_ms: ms, created: new Date().toISOString(), user: who, replies: 0, sending: true});
		if (own) this.insert(own);
		try {
			const answer = await api.post(this.path, what);
			return batch(() => {
				if (own) this.#leave(own.id);
				return this.add(answer);
			});
		} catch (error) {
			if (own) this.#leave(own.id);
			throw error;
		}
	}

	/** Takes note that a comment is gone. @param {string} id */
	drop(id) {
		this.hearing.delete(id); // What is on its way is not true any more.
		const known = this.find(id) ?? this.fresh.peek().find((one) => one.id === id);
		batch(() => {
			this.#leave(id);
			if (known) this.count(-1);
		});
		this.remark();
	}

	/** Takes a comment out of what is shown. @param {string} id */
	#leave(id) {
		const {items} = this.list.peek();
		batch(() => {
			this.list.value = {...this.list.peek(), items: items.filter((one) => one.id !== id).map((one) => {
				if (!one.first.some((two) => two.id === id)) return one;
				return {...one, replies: Math.max(0, one.replies - 1), first: one.first.filter((two) => two.id !== id)};
			}).filter((one) => one.user || one.replies > 0)}; // With its last reply the place of a deleted one goes.
			this.near.value = {...this.near.peek(), items: this.near.peek().items.filter((one) => one.id !== id)};
			this.fresh.value = this.fresh.peek().filter((one) => one.id !== id);
			if (this.pinned.peek()?.said.id === id) this.pinned.value = null;
		});
	}

	/** A comment is gone that somebody deleted. @param {string} id */
	gone(id) {
		still(() => this.drop(id));
	}

	/** Somebody wrote or changed a comment, or left only its place. @param {string} id */
	async heard(id) {
		const mine = (this.hearing.get(id) ?? 0) + 1;
		this.hearing.set(id, mine);
		try {
			const comment = said(await api.get(`/api/comments/${id}`));
			if (this.hearing.get(id) !== mine) return;
			this.remark();
			const known = [this.find(id), ...this.near.peek().items, ...this.fresh.peek()].find((one) => one?.id === id);
			if (known) {
				// For its replies, the place of a deleted one stays.
				if (known.user && !comment.user) this.count(-1);
				still(() => this.replace(comment));
				return;
			}
			// An old one that changed is on a page that was not asked for.
			if (!comment.user || comment.edited || Date.now() - Date.parse(comment.created) > 120_000) return;
			this.count(1);
			if (comment.user.id !== me.peek()?.id && this.inTheWay(comment)) this.fresh.value = [...this.fresh.peek(), comment];
			else still(() => this.insert(comment));
		} catch (error) {
			// Nobody can see it any more who could a moment ago.
			if (error instanceof ApiError && error.status === 404) still(() => this.drop(id));
		} finally {
			if (this.hearing.get(id) === mine) this.hearing.delete(id);
		}
	}

	/**
	 * Whether a new comment would push away what is being read: its place is
	 * on the screen, with something below it.
	 * @param {Said} comment
	 */
	inTheWay(comment) {
		if (document.hidden) return false;
		const {items, next} = this.list.peek();
		let follows;
		if (comment.parent) {
			const at = items.findIndex((one) => one.id === comment.parent);
			if (at < 0 || items[at].first.length !== items[at].replies) return false;
			follows = items[at + 1];
		} else if (this.order.peek() === 'newest') {
			follows = items[0];
		} else {
			follows = items.find((one) => byMoment(one, comment) > 0);
			if (!follows && next) return false;
		}
		const element = follows && document.getElementById(`comment-${follows.id}`);
		if (!element) return false;
		const {top} = element.getBoundingClientRect();
		return top > 0 && top < innerHeight;
	}

	/** Shows what came meanwhile. */
	showFresh() {
		const [first] = this.fresh.peek();
		batch(() => {
			for (const one of this.fresh.peek()) this.insert(one);
			this.fresh.value = [];
			this.lit.value = first?.parent && !this.find(first.id) ? first.parent : first?.id ?? '';
		});
	}

	/**
	 * Brings all replies of a comment.
	 * @param {Said} comment
	 */
	async loadReplies(comment) {
		/** @type {Said[]} */
		const all = [];
		/** @type {string | undefined} */
		let cursor;
		do {
			const got = await api.get(`/api/comments/${comment.id}/replies`, {limit: 50, cursor});
			all.push(...got.items.map(said));
			cursor = got.next || undefined;
		} while (cursor);
		const {list} = this;
		list.value = {...list.peek(), items: list.peek().items.map((one) => (one.id === comment.id ? {...one, first: all, replies: all.length, all: true} : one))};
	}

	/**
	 * Shows a comment in the list, wherever it is.
	 * @param {string} id
	 * @returns {Promise<Said | null>} the comment, or that which it replies to; null when it is gone
	 */
	async reveal(id) {
		/** @type {Said} */
		let one, top;
		try {
			one = this.find(id) ?? said(await api.get(`/api/comments/${id}`));
			top = one.parent ? this.find(one.parent) ?? said(await api.get(`/api/comments/${one.parent}`)) : one;
		} catch {
			return null;
		}
		if (!this.find(top.id)) {
			await this.startOver('position', top.whole ? this.track.duration_ms + 1 : top.position_ms);
			if (!this.find(top.id)) this.list.value = {...this.list.peek(), items: [top, ...this.list.peek().items]};
		}
		if (one.parent && !this.find(id)) await this.loadReplies(top).catch(() => {});
		this.lit.value = '';
		this.lit.value = this.find(id) ? id : top.id;
		return top;
	}

	async #renew() {
		const {items, state} = this.list.peek(), mine = this.turn;
		this.near.value = {from: 0, to: 0, items: []};
		this.remark();
		if (items.length > most || state !== 'ready') return;
		const order = this.order.peek(), {from} = this.list.peek();
		try {
			/** @type {Said[]} */
			const all = [];
			/** @type {string | undefined} */
			let next;
			do {
				const got = await api.get(this.path, {order, limit: 50, cursor: next, from_ms: order === 'position' && from > 0 && !next ? from : undefined});
				if (mine !== this.turn) return;
				all.push(...got.items.map(said));
				next = got.next || undefined;
			} while (next && all.length < items.length);
			still(() => (this.list.value = {items: all, next, from, state: 'ready', error: null}));
		} catch {
			// The next event brings news.
		}
	}
}

/**
 * What is said on a track, while its page is shown; on the way back it is as
 * it was left.
 * @param {Track} track
 */
export function useTalk(track) {
	const talk = useRemembered(`talk ${track.id}`, () => new Talk(track)).value;
	useEffect(() => {
		talk.begin();
		const ends = [
			events.on('comment', ({track: at, comment, gone}) => {
				if (at !== track.id || !comment) return;
				if (gone) talk.gone(comment);
				else void talk.heard(comment);
			}),
			events.on('reset', () => void talk.renew()),
		];
		return () => {
			for (const end of ends) end();
		};
	}, [talk]);
	const n = latest(track)?.counts.comments;
	useEffect(() => {
		if (n !== undefined) talk.told(n);
	}, [talk, n]);
	return talk;
}

/** The composer that is asked for on the way to a track's page. @type {{track: string, ms: number} | null} */
let wanted = null;

/** @param {string} track @param {number} ms */
export function wantComposer(track, ms) {
	wanted = {track, ms};
}

/** @param {string} track @returns {number | null} */
export function takeWanted(track) {
	const found = wanted?.track === track ? wanted.ms : null;
	wanted = null;
	return found;
}
