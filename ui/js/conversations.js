// Conversations and what is said in them: kept while the app is open, made
// anew by events, and with what could not be sent yet.

import {base, effect, signal} from './html.js';
import {oneAtATime} from './anew.js';
import {ApiError, api, errorText} from './api.js';
import {setCounts} from './live.js';
import {learnPerson} from './people.js';
import {me} from './state.js';
import {learn} from './tracks.js';

/** @typedef {import('./wire.d.ts').Conversation} Conversation */
/** @typedef {import('./wire.d.ts').Message} Message */
/** @typedef {import('./wire.d.ts').Track} Track */
/** @typedef {import('./wire.d.ts').Playlist} Playlist */
/** @typedef {import('./wire.d.ts').UserRef} UserRef */
/** @typedef {{track?: Track, playlist?: Playlist}} Attached */
/** @typedef {Attached & {key: string, text: string, failed: string, created: string}} Unsent */

/** @typedef {import('./parts/list.js').Listed<Conversation>} Listed */

/** @type {() => Listed} */
const nothing = () => ({items: [], next: undefined, state: 'loading', error: null});

/**
 * The own conversations, the newest first.
 * @type {import('./html.js').Signal<Listed>}
 */
export const conversations = signal(nothing());

/** Whose conversations these are: nobody finds those of another account. */
let owner = me.peek()?.id;

/** Fetches the first page anew; what follows it stays. */
export const renewList = oneAtATime(async () => {
	const asker = owner;
	try {
		const page = await api.get('/api/conversations', {limit: 20});
		if (asker !== owner) return;
		const fresh = /** @type {Conversation[]} */ (page.items), known = new Set(fresh.map(({id}) => id));
		const {items, next} = conversations.peek();
		const older = page.next && items.length ? items.filter(({id}) => !known.has(id)) : [];
		conversations.value = {items: [...fresh, ...older], next: older.length ? next : page.next, state: 'ready', error: null};
	} catch (error) {
		if (asker === owner) conversations.value = {...conversations.peek(), state: 'ready', error};
	}
});

/** Fetches the next page. */
export async function moreList() {
	const {next, state} = conversations.peek(), asker = owner;
	if (state === 'more') return;
	if (!next) return renewList();
	conversations.value = {...conversations.peek(), state: 'more', error: null};
	try {
		const page = await api.get('/api/conversations', {cursor: next, limit: 20});
		const now = conversations.peek(), known = new Set(now.items.map(({id}) => id));
		// Meanwhile the list may have begun anew, and goes on elsewhere.
		if (asker !== owner || now.next !== next) return;
		conversations.value = {
			items: [...now.items, ...page.items.filter((/** @type {Conversation} */ {id}) => !known.has(id))], next: page.next, state: 'ready', error: null,
		};
	} catch (error) {
		if (asker === owner) conversations.value = {...conversations.peek(), state: 'ready', error};
	}
}

/** @param {Message} message */
function take(message) {
	if (message.track) learn(message.track);
	return message;
}

const unsentKey = `earshot${base}.unsent`;

/**
 * What was not sent when the page was left.
 * @param {string | undefined} who
 * @returns {Record<string, Unsent[]>}
 */
function storedUnsent(who) {
	try {
		const held = JSON.parse(sessionStorage.getItem(unsentKey) ?? 'null');
		return held?.owner === who ? held.all : {};
	} catch {
		return {};
	}
}

let serial = 0;

/** One conversation as it is on the screen. */
export class Thread {
	/** @param {string} key id of a conversation, or @ and a username */
	constructor(key) {
		this.key = key;
		/** @type {import('./html.js').Signal<Conversation | null>} */
		this.about = signal(/** @type {Conversation | null} */ (null));
		/** @type {import('./html.js').Signal<UserRef | null>} */
		this.person = signal(/** @type {UserRef | null} */ (null));
		/** The oldest first. @type {import('./html.js').Signal<Message[]>} */
		this.messages = signal(/** @type {Message[]} */ ([]));
		/** @type {import('./html.js').Signal<{next?: string, ready: boolean, busy: boolean, error: unknown}>} */
		this.state = signal({next: /** @type {string | undefined} */ (undefined), ready: false, busy: false, error: /** @type {unknown} */ (null)});
		/** What is on its way or was refused. @type {import('./html.js').Signal<Unsent[]>} */
		this.unsent = signal(/** @type {Unsent[]} */ ([]));
		/** @type {Promise<unknown>} */
		this.sending = Promise.resolve();
		this.flying = 0;
		this.stale = false;
		/** Whoever writes here: what fails because the session is over is kept for them. */
		this.owner = owner;
		/** Counts what changes the messages: an answer from before it is not taken. */
		this.turn = 0;
		/** Asks what stands in it now. */
		this.renew = oneAtATime(() => this.#renew());
	}

	/** @param {Partial<{next?: string, ready: boolean, busy: boolean, error: unknown}>} change */
	set(change) {
		this.state.value = {...this.state.peek(), ...change};
	}

	async #renew() {
		// What is on its way would be shown twice.
		if (this.flying) {
			this.stale = true;
			return;
		}
		try {
			const about = await this.#ask();
			this.about.value = about;
			if (about.with) this.person.value = about.with;
			if (!this.state.peek().ready) this.unsent.value = storedUnsent(this.owner)[this.person.peek()?.id ?? ''] ?? [];
			if (about.id) await this.#fetch(about.id);
			this.set({ready: true, error: null});
		} catch (error) {
			this.set({error});
		}
	}

	/** @returns {Promise<Conversation>} */
	async #ask() {
		const id = this.about.peek()?.id;
		if (id) return api.get(`/api/conversations/${id}`);
		if (!this.key.startsWith('@')) return api.get(`/api/conversations/${this.key}`);
		const found = await api.get('/api/resolve', {path: `/${this.key.slice(1)}`});
		if (found.user) learnPerson(found.user);
		this.person.value = found.user ?? null;
		return api.get(`/api/users/${found.user?.id}/conversation`);
	}

	/** @param {string} id */
	async #fetch(id) {
		const {turn} = this;
		const page = await api.get(`/api/conversations/${id}/messages`, {limit: 30});
		// It was asked before something was sent or deleted.
		if (turn !== this.turn) {
			if (this.flying) this.stale = true;
			else void this.renew();
			return;
		}
		const fresh = /** @type {Message[]} */ (page.items).map(take).reverse();
		const before = this.messages.peek(), known = new Set(fresh.map((one) => one.id));
		// Older ones that were loaded stay, where the new page reaches to them.
		const joined = before.findIndex((one) => known.has(one.id));
		if (joined > 0 && page.next) {
			this.messages.value = [...before.slice(0, joined), ...fresh];
			return;
		}
		this.messages.value = fresh;
		this.set({next: page.next});
	}

	/** Fetches older messages. */
	async older() {
		const {next, busy} = this.state.peek(), id = this.about.peek()?.id;
		if (!next || busy || !id) return;
		this.set({busy: true, error: null});
		try {
			const page = await api.get(`/api/conversations/${id}/messages`, {cursor: next, limit: 30});
			// So much came meanwhile that the list began anew.
			if (this.state.peek().next !== next) return this.set({busy: false});
			const known = new Set(this.messages.peek().map((one) => one.id));
			const fresh = /** @type {Message[]} */ (page.items).filter((one) => !known.has(one.id)).map(take).reverse();
			this.messages.value = [...fresh, ...this.messages.peek()];
			this.set({next: page.next, busy: false});
		} catch (error) {
			this.set({busy: false, error});
		}
	}

	/** @param {Unsent[]} list */
	#keep(list) {
		this.unsent.value = list;
		const all = storedUnsent(this.owner), id = this.person.peek()?.id ?? '';
		if (list.length) all[id] = list.map((one) => ({...one, failed: one.failed || 'offline'}));
		else delete all[id];
		try {
			sessionStorage.setItem(unsentKey, JSON.stringify({owner: this.owner, all}));
		} catch {
			// It is kept until the page is closed.
		}
	}

	/**
	 * Shows a message at once, and sends it after those before it.
	 * @param {string} text @param {Attached} attached
	 */
	send(text, attached) {
		const one = {key: `${Date.now()}-${++serial}`, text, failed: '', created: new Date().toISOString(), ...attached};
		this.#keep([...this.unsent.peek(), one]);
		return this.#post(one);
	}

	/** @param {string} key */
	again(key) {
		const list = this.unsent.peek(), one = list.find((each) => each.key === key);
		if (!one?.failed) return;
		const next = {...one, failed: ''};
		this.#keep([...list.filter((each) => each.key !== key), next]);
		void this.#post(next);
	}

	/** @param {string} key */
	giveUp(key) {
		this.#keep(this.unsent.peek().filter((one) => one.key !== key));
	}

	/** @param {Unsent} one */
	#post({key, text, track, playlist}) {
		this.flying++;
		this.turn++;
		return this.sending = this.sending.then(async () => {
			try {
				// Another account must not say it.
				if (this.owner !== owner) throw new ApiError(401, {code: 'signin.needed'});
				const id = this.person.peek()?.id;
				const sent = await api.post(`/api/users/${id}/messages`, {text: text || undefined, track: track?.id, playlist: playlist?.id});
				this.giveUp(key);
				if (!this.messages.peek().some((each) => each.id === sent.id)) this.messages.value = [...this.messages.peek(), take(sent)];
				const about = this.about.peek();
				if (about && !about.id) this.about.value = {...about, id: sent.conversation};
			} catch (error) {
				this.#keep(this.unsent.peek().map((each) => (each.key === key ? {...each, failed: errorText(error)} : each)));
				this.stale = true;
			}
			this.flying--;
			void renewList();
			if (this.stale && !this.flying) {
				this.stale = false;
				void this.renew();
			}
		});
	}

	/** Takes note that an own message was deleted. @param {Message} message */
	removed({id}) {
		this.turn++;
		this.messages.value = this.messages.peek().filter((one) => one.id !== id);
		void this.renew();
		void renewList();
	}

	/** Tells that what came was seen. */
	see() {
		const about = this.about.peek(), last = this.messages.peek().findLast((one) => !one.mine);
		if (!about?.id || !about.unread || !last || document.hidden) return;
		this.about.value = {...about, unread: 0};
		const {id} = about, all = conversations.peek();
		conversations.value = {...all, items: all.items.map((one) => (one.id === id ? {...one, unread: 0} : one))};
		api.post(`/api/conversations/${id}/seen`, {up_to: last.id}).then(setCounts, () => {});
	}
}

/** @type {Map<string, Thread>} */
const threads = new Map();

/**
 * The conversation of an address; the last ones are kept.
 * @param {string} key id of a conversation, or @ and a username
 */
export function threadOf(key) {
	let found = threads.get(key);
	if (!found) for (const one of threads.values()) if (one.about.peek()?.id === key || `@${one.person.peek()?.username}` === key) found = one;
	found ??= new Thread(key);
	threads.delete(found.key);
	threads.set(found.key, found);
	for (const old of threads.keys()) {
		if (threads.size <= 12) break;
		threads.delete(old);
	}
	return found;
}

// Nobody finds what another account wrote.
effect(() => {
	const now = me.value?.id;
	if (now === owner) return;
	owner = now;
	conversations.value = nothing();
	threads.clear();
});
