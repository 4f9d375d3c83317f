// What happens elsewhere, as it happens: one stream of events a browser. The
// tab that holds it hands the events to the others. Plain http knows no Web
// Locks, so a lease in the storage says which tab it is: whoever holds it
// writes a new time every two seconds, and another tab takes it over when that
// stops. Two holders at once do no harm for the moment that it lasts: events
// are numbered, and nobody takes one twice.

import {at, base, computed, effect, untracked} from './html.js';
import {api} from './api.js';
import {t} from './i18n.js';
import {navigate, route} from './router.js';
import {counts, events, listening, me, reached} from './state.js';
import {toast} from './parts/toast.js';

/** @typedef {import('./wire.d.ts').Event} Event */
/** @typedef {import('./wire.d.ts').State} State */
/** @typedef {{tab: string, who: string, at: number, last: string}} Lease */
/**
 * What tabs tell each other. who says whose events they are: '' for visitors.
 * @typedef {{who: string, event?: Event, id?: string, counts?: State, bye?: boolean, left?: boolean}} Word
 */

const leaseKey = `earshot${base}.live`, channelName = `earshot${base}.live`;
const types = /** @type {const} */ (['track', 'progress', 'gone', 'comment', 'notice', 'message', 'seen', 'reset']);

const beat = 2000;
/** How old a lease is when its tab is believed to be gone. */
const patience = 7000;
/** Behind other tabs the clock may tick once a minute only. */
const patienceHidden = 150_000;
/** A clock that stood still for so long was asleep, and its connection is dead. */
const asleep = 150_000;

const tab = Math.random().toString(36).slice(2);

/** Whose events are wanted: an id, '' for a visitor who sees comments, null for none. */
const wanted = computed(() => (me.value === undefined ? null : me.value ? me.value.id : listening.value > 0 ? '' : null));

let who = '';
/** @type {BroadcastChannel | null} */
let channel = null;
/** @type {EventSource | null} */
let source = null;
let leading = false;
let last = '';
let failures = 0;
let ticked = 0;
let beating = 0, contending = 0, retrying = 0, asking = 0;

/** @returns {Lease | null} */
function lease() {
	try {
		return JSON.parse(localStorage.getItem(leaseKey) ?? 'null');
	} catch {
		return null;
	}
}

/**
 * Writes the lease, and tells whether it could.
 * @param {string} holder this tab, or '' to let go
 */
function hold(holder) {
	try {
		localStorage.setItem(leaseKey, JSON.stringify({tab: holder, who, at: holder ? Date.now() : 0, last}));
		return true;
	} catch {
		return false;
	}
}

/** Whether tabs can find each other here. */
function together() {
	try {
		localStorage.setItem(`${leaseKey}.try`, '1');
		localStorage.removeItem(`${leaseKey}.try`);
		return 'BroadcastChannel' in globalThis;
	} catch {
		return false;
	}
}

/** Whether somebody else holds the stream of the same person. @param {Lease | null} found */
function held(found) {
	return Boolean(found) && found?.tab !== tab && found?.who === who
		&& Math.abs(Date.now() - found.at) < (document.hidden ? patienceHidden : patience);
}

/** Whether an event's number is later than that of the last one. @param {string} id */
function isNew(id) {
	const [boot, n] = id.split('-'), [lastBoot, lastN] = last.split('-');
	return !id || boot !== lastBoot || Number(n) > Number(lastN);
}

/** @param {Omit<Word, 'who'>} word */
const say = (word) => channel?.postMessage({who, ...word});

function tick() {
	const gap = Date.now() - ticked;
	ticked = Date.now();
	const found = lease();
	if (leading) {
		if (channel && held(found)) return resign();
		if (channel) hold(tab);
		if (gap > asleep) connect();
	} else if (!held(found)) {
		contend();
	}
}

/** Takes the lease, and the stream if nobody took it at the same time. */
function contend() {
	if (contending || leading) return;
	const before = lease();
	if (before?.who === who) last ||= before.last || '';
	// A tab that is seen goes first.
	contending = setTimeout(() => {
		if (held(lease())) {
			contending = 0;
			return;
		}
		// In a storage that is full by now no lease can be kept: tabs hold a stream each.
		const kept = hold(tab);
		contending = setTimeout(() => {
			contending = 0;
			if (!kept || lease()?.tab === tab) lead();
		}, 120);
	}, (document.hidden ? 400 : 0) + Math.random() * 120);
}

function lead() {
	leading = true;
	connect();
}

function resign() {
	leading = false;
	clearTimeout(retrying);
	source?.close();
	source = null;
}

function connect() {
	clearTimeout(retrying);
	source?.close();
	const from = last, mine = new EventSource(at(from ? `/api/events?last=${encodeURIComponent(from)}` : '/api/events'));
	source = mine;
	let opened = 0;
	mine.onopen = () => {
		opened = Date.now();
		reached.value = true;
		// Whoever cannot say what they had last may have missed something.
		if (!from) take({type: 'reset'}, '');
	};
	for (const type of types) mine.addEventListener(type, (message) => take(JSON.parse(message.data), message.lastEventId));
	mine.onerror = () => {
		if (mine !== source) return;
		mine.close();
		failures = opened && Date.now() - opened > 10_000 ? 0 : failures + 1;
		reached.value = failures < 3;
		// The answer may have been that the session is over, which the stream cannot say.
		if (failures > 1) refresh();
		retrying = setTimeout(connect, Math.min(60_000, 1000 * 2 ** failures) * (0.5 + Math.random()));
	};
}

/** An event of the own stream, for all tabs. @param {Event} event @param {string} id */
function take(event, id) {
	if (id && !isNew(id)) return;
	last = event.type === 'reset' ? id : id || last;
	say({event, id});
	deliver(event);
}

/** What happened while this tab was not seen; more than this is asked for anew. */
/** @type {Event[]} */
let waiting = [];
const most = 40;

/** @param {Event} event */
function deliver(event) {
	if (leading && ['notice', 'message', 'seen', 'reset'].includes(event.type)) refresh();
	if (!document.hidden) return events.tell(event);
	waiting = waiting.filter((one) => one.type !== event.type || one.track !== event.track || one.comment !== event.comment || one.conversation !== event.conversation);
	waiting = waiting.length < most ? [...waiting, event] : [{type: 'reset'}];
}

/** Asks what is to be counted, once for all that happens in a moment. */
function refresh() {
	if (!who || asking) return;
	asking = setTimeout(async () => {
		asking = 0;
		const asker = who;
		const state = await api.get('/api/me/state').catch(() => null);
		if (state && asker === who) setCounts(state);
	}, document.hidden ? 1500 : 250);
}

/**
 * Takes over what there is to be counted, in all tabs.
 * @param {State} state
 */
export function setCounts(state) {
	if (!who) return; // An answer that came after the sign-out.
	show(state);
	say({counts: state});
}

/** Whether it was counted before: only what comes later is announced. */
let known = false;

/** Takes away the note of a message, which would lie over what one answers in. */
let announced = () => {};

/** @param {State} state */
function show(state) {
	const more = known && state.messages > counts.peek().messages, {sender} = state;
	known = true;
	counts.value = state;
	if (!more || !sender || document.hidden || !me.peek()?.notify?.message || route.peek().name.startsWith('/messages')) return;
	announced();
	announced = toast(t('messages.came', {name: sender.name}), {
		action: {label: t('messages.open'), run: () => void navigate(`/messages/to/${encodeURIComponent(sender.username)}`)},
	});
}

/** @param {MessageEvent<Word>} message */
function hear({data}) {
	if (data.left || data.who !== who) {
		// Another account is signed in there, and so here.
		if (data.left ? data.who === who : data.who && who) void api.get('/api/me').then((now) => (me.value = now), () => {});
		return;
	}
	if (data.bye) contend();
	if (data.counts) show(data.counts);
	if (data.event && isNew(data.id ?? '')) {
		last = data.id || last;
		deliver(data.event);
	}
}

function onShown() {
	if (document.hidden || !beating) return;
	const missed = waiting;
	waiting = [];
	for (const event of missed) events.tell(event);
	// A tab that slept may have been told nothing.
	if (Date.now() - ticked > 30_000) refresh();
	tick();
}

const onOnline = () => {
	if (leading) connect();
};

/** @param {string} as */
function join(as) {
	who = as;
	last = '';
	failures = 0;
	ticked = Date.now();
	known = false;
	if (together()) {
		channel = new BroadcastChannel(channelName);
		channel.onmessage = hear;
	}
	refresh();
	if (!channel) lead();
	// What is on the screen was asked for before this tab could hear.
	else if (held(lease())) events.tell({type: 'reset'});
	else contend();
	beating = setInterval(tick, beat);
}

/** @param {boolean} [left] whether the person is another one now */
function leave(left) {
	clearInterval(beating);
	clearTimeout(contending);
	clearTimeout(asking);
	beating = contending = asking = 0;
	waiting = [];
	const led = leading;
	resign();
	if (led && lease()?.tab === tab) hold('');
	if (left) say({left});
	if (led) say({bye: true});
	channel?.close();
	channel = null;
	who = '';
}

/** Begins; called once, when the first page is seen. */
export function listen() {
	effect(() => {
		const as = wanted.value;
		return untracked(() => {
			if (as === null) return undefined;
			join(as);
			return () => untracked(() => {
				// A visitor who hears no comments any more is still the same.
				leave(wanted.peek() !== as && Boolean(as || wanted.peek()));
				counts.value = {notifications: 0, follows: 0, messages: 0};
			});
		});
	});
	effect(() => {
		if (route.value.name.startsWith('/messages')) untracked(() => announced());
	});
	document.addEventListener('visibilitychange', onShown);
	addEventListener('online', onOnline);
	// A page that is put aside lets go of the stream, and takes it up when it comes back.
	let aside = false;
	const putAside = () => {
		if (aside || wanted.peek() === null) return;
		aside = true;
		leave();
	};
	const comeBack = () => {
		const as = wanted.peek();
		if (!aside) return;
		aside = false;
		if (as === null) return;
		const before = last;
		join(as);
		last = before;
		// Meanwhile another account may have signed in.
		if (as) void api.get('/api/me').then((now) => now.id !== me.peek()?.id && (me.value = now), () => {});
	};
	addEventListener('pagehide', putAside);
	document.addEventListener('freeze', putAside);
	addEventListener('pageshow', comeBack);
	document.addEventListener('resume', comeBack);
}
