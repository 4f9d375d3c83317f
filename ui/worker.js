// The service worker: what makes an installed Earshot start without the net,
// play what was kept on the device, and take what other apps share with it. It
// runs only where somebody asked for one of these (js/offline.js). Everything
// else passes by untouched.
//
// The server puts `build` before this text: the base of all addresses, and the
// addresses of the app's files.

/** @type {any} */
const self_ = self;
const {base, files} = build;
const names = {files: `earshot${base} files ${files[0] ?? ''}`, page: `earshot${base} page`, kept: `earshot${base} kept`, shared: `earshot${base} shared`};
/** How long an answer may take when an older one is at hand, in milliseconds. */
const patience = 6000;

self_.addEventListener('install', (event) => {
	self_.skipWaiting();
	event.waitUntil((async () => {
		const cache = await caches.open(names.files), page = await caches.open(names.page);
		await Promise.all([cache.addAll(files), renew(page, `${base}/`)]);
	})());
});

self_.addEventListener('activate', (event) => {
	event.waitUntil((async () => {
		const mine = Object.values(names);
		// Another house below the same host has caches of its own.
		const old = (await caches.keys()).filter((name) => name.startsWith(`earshot${base} `) && !mine.includes(name));
		await Promise.all([...old.map((name) => caches.delete(name)), self_.clients.claim()]);
	})());
});

self_.addEventListener('fetch', (event) => {
	const {request} = event, url = new URL(request.url), path = url.pathname;
	if (url.origin !== location.origin || !path.startsWith(`${base}/`)) return;
	const within = path.slice(base.length);
	if (request.method === 'POST' && within === '/share') return event.respondWith(receive(request));
	if (request.method !== 'GET') return;
	if (within.startsWith('/_/')) {
		if (files.includes(path)) event.respondWith(stored(names.files, request));
	} else if (request.mode === 'navigate') {
		if (!/^\/(api|rest|embed|trust|tls|metrics|healthz|readyz|feeds?)(\/|$)/.test(within) || within === '/api/docs') event.respondWith(page(request, within));
	} else if (within === '/api/me' || within === '/api/house') {
		event.respondWith(fresh(request));
	} else if (/^\/api\/tracks\/[^/]+\/(stream|picture)/.test(within)) {
		event.respondWith(kept(request));
	} else if (within === '/api/resolve' || /^\/api\/tracks\/[^/]+$/.test(within)) {
		event.respondWith(known(request, url, within));
	}
});

/** An answer of the net if it comes in time, else what falls in. @param {Promise<Response>} answer @param {Response | undefined} old */
async function soon(answer, old) {
	if (!old) return answer;
	const late = new Promise((resolve) => setTimeout(() => resolve(old), patience));
	return Promise.race([answer.catch(() => old), late]);
}

/** Keeps an answer where there is room: a full device is no reason not to show it. @param {Cache} cache @param {string} address @param {Response} answer */
const put = (cache, address, answer) => cache.put(address, answer).catch(() => {});

/** Asks for an address and keeps a good answer. @param {Cache} cache @param {string} address */
async function renew(cache, address) {
	const answer = await fetch(address, {credentials: 'same-origin'});
	if (answer.ok && !answer.redirected) await cache.put(address, answer);
}

/** A page: the app's own, from the last time it came, where the net has none. @param {Request} request @param {string} within */
async function page(request, within) {
	const cache = await caches.open(names.page), home = `${base}/`;
	const answer = await soon(fetch(request), await cache.match(home));
	if (within === '/' && answer.ok && !answer.redirected && answer.type === 'basic') await put(cache, home, answer.clone());
	return answer;
}

/** A file of the app. @param {string} name @param {Request} request */
async function stored(name, request) {
	return await (await caches.open(name)).match(request.url) ?? fetch(request);
}

/** Who and where we are: as the server says, or as it said last. @param {Request} request */
async function fresh(request) {
	const cache = await caches.open(names.page), old = await cache.match(request.url);
	// Also what comes too late to be shown counts: whose session is over is not known here any more.
	return soon(fetch(request).then(async (answer) => {
		if (answer.ok) await put(cache, request.url, answer.clone());
		else if (answer.status === 401 && old) await cache.delete(request.url);
		return answer;
	}), old);
}

/** The sound and the pictures of tracks: those that are kept, else the net's. @param {Request} request */
async function kept(request) {
	const whole = await (await caches.open(names.kept)).match(request.url);
	if (!whole) return fetch(request);
	const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get('Range') ?? '');
	return range ? part(await whole.blob(), range, whole.headers.get('Content-Type') ?? '') : whole;
}

/** A range of what is kept (RFC 9110 §14). @param {Blob} blob @param {RegExpExecArray} range @param {string} type */
function part(blob, [, first, last], type) {
	const from = first ? Number(first) : Math.max(0, blob.size - Number(last));
	const to = first && last ? Math.min(Number(last), blob.size - 1) : blob.size - 1;
	if (from > to || !first && !last) return new Response(null, {status: 416, headers: {'Content-Range': `bytes */${blob.size}`}});
	return new Response(blob.slice(from, to + 1), {status: 206, headers: {
		'Content-Type': type, 'Content-Length': String(to + 1 - from), 'Content-Range': `bytes ${from}-${to}/${blob.size}`, 'Accept-Ranges': 'bytes',
	}});
}

/** What a page asks of a track: without the net, what was known of one that is kept. @param {Request} request @param {URL} url @param {string} within */
async function known(request, url, within) {
	try {
		return await fetch(request);
	} catch (error) {
		const cache = await caches.open(names.kept);
		for (const key of await cache.keys()) {
			if (!new URL(key.url).pathname.startsWith(`${base}/_/kept/`)) continue;
			const {track} = await (await cache.match(key))?.json() ?? {};
			if (within === `/api/tracks/${track?.id}`) return Response.json(track);
			if (within === '/api/resolve' && url.searchParams.get('path') === decodeURI(track?.url.slice(base.length))) return Response.json({track});
		}
		throw error;
	}
}

/** Files that another app shares: put aside for the upload page. @param {Request} request */
async function receive(request) {
	await caches.delete(names.shared); // what nobody took: it must not pile up
	const cache = await caches.open(names.shared);
	let n = 0;
	try {
		const form = await request.formData();
		for (const file of form.getAll('audio')) {
			if (!(file instanceof File) || !file.size) continue;
			await cache.put(`${base}/_/shared/${Date.now()}-${n++}`, new Response(file, {headers: {
				'Content-Type': file.type || 'application/octet-stream', 'X-Name': encodeURIComponent(file.name),
			}}));
		}
	} catch {
		n = 0;
	}
	return Response.redirect(`${base}/upload?shared=${n || 'none'}`, 303);
}
