import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {mock, test} from 'node:test';

const source = readFileSync(new URL('../worker.js', import.meta.url), 'utf8');
const origin = 'https://home.example';

/** The worker on a device of its own: net answers, full says whether the device has no room. */
function device({net, full = () => false}) {
	const all = new Map(), address = (request) => new URL(typeof request === 'string' ? request : request.url, origin).href;
	const caches = {
		async open(name) {
			if (!all.has(name)) all.set(name, new Map());
			const held = all.get(name);
			return {
				match: async (request) => held.get(address(request))?.clone(),
				put: async (request, answer) => {
					if (full()) throw new DOMException('no room', 'QuotaExceededError');
					held.set(address(request), answer);
				},
				delete: async (request) => held.delete(address(request)),
				keys: async () => [...held.keys()].map((url) => ({url})),
			};
		},
		delete: async (name) => all.delete(name),
	};
	const on = {};
	const self = {addEventListener: (type, act) => (on[type] = act)};
	new Function('build', 'self', 'caches', 'fetch', 'location', source)({base: '', files: []}, self, caches, net, {origin});
	return {
		all,
		/** What the worker answers; undefined when it leaves it to the browser. */
		ask(path, more = {}) {
			let answer;
			on.fetch({request: {url: origin + path, method: 'GET', mode: 'cors', headers: new Headers(), ...more}, respondWith: (given) => (answer = given)});
			return answer;
		},
	};
}

const fine = (text) => Object.defineProperty(new Response(text), 'type', {value: 'basic'});

test('a full device is no reason not to show the page', async () => {
	const {ask} = device({net: async () => fine('hello'), full: () => true});
	assert.equal(await (await ask('/', {mode: 'navigate'})).text(), 'hello');
	assert.equal(await (await ask('/api/me')).text(), 'hello');
});

test('whose session is over is forgotten, however late that is told', async () => {
	mock.timers.enable({apis: ['setTimeout']});
	let tell = (/** @type {Response} */ _) => {};
	let net = async () => fine('mina');
	const {all, ask} = device({net: () => net()});
	await ask('/api/me');
	assert.equal(all.get('earshot page').size, 1);
	net = () => new Promise((resolve) => (tell = resolve));
	const shown = ask('/api/me');
	for (let i = 0; i < 20; i++) await Promise.resolve();
	mock.timers.tick(10_000);
	assert.equal(await (await shown).text(), 'mina');
	tell(new Response('', {status: 401}));
	await new Promise((resolve) => setImmediate(resolve));
	assert.equal(all.get('earshot page').size, 0);
	mock.timers.reset();
});

test('answers with errors are not kept', async () => {
	const {all, ask} = device({net: async () => new Response('no', {status: 503})});
	assert.equal((await ask('/', {mode: 'navigate'})).status, 503);
	assert.equal((await ask('/api/house')).status, 503);
	assert.equal(all.get('earshot page').size, 0);
});

test('what is shared does not pile up', async () => {
	const {all, ask} = device({net: async () => fine('')});
	const form = async (name) => {
		const data = new FormData();
		data.append('audio', new File(['x'], name));
		return data;
	};
	for (const name of ['one.mp3', 'two.mp3', 'three.mp3']) {
		// Only browsers know from where the address of the redirect goes on.
		await ask('/share', {method: 'POST', mode: 'navigate', formData: () => form(name)}).catch(() => {});
	}
	assert.equal(all.get('earshot shared').size, 1);
});

test('addresses of others, of the API and of players in frames pass by', () => {
	const {ask} = device({net: async () => fine('')});
	for (const [path, more] of [
		['/embed/tracks/1', {mode: 'navigate'}], ['/api/tracks/1/card.jpg', {mode: 'navigate'}], ['/api/me/queue', {}], ['/api/me', {method: 'PATCH'}],
		['/_/worker.js', {}], ['/share/x', {method: 'POST'}],
	]) assert.equal(ask(path, more), undefined, path);
});
