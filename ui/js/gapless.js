// Tracks that follow one another without a gap, to the sample: one element
// plays them from one media source. The server tells of each how many samples
// its encoder and decoder put before the sound, and how many are heard; so each
// is laid down exactly behind the one before it, and what is too much is cut
// off by the append window (Media Source Extensions, 3.5.10).
//
// Only engine.js uses this, and goes on without it when anything fails.

/** @typedef {import('./wire.d.ts').Track} Track */

/**
 * A track on the line, in seconds of the element.
 * @typedef {object} Stretch
 * @property {Track} track
 * @property {number} zero Where it begins.
 * @property {number} end Where it ends: exact as soon as the server told.
 */

/**
 * What is being written, from a time of a stretch on.
 * @typedef {object} Pen
 * @property {Stretch} stretch
 * @property {number} ms
 * @property {number} byte The next one that is asked for.
 * @property {number} total Bytes of all; 0 before the first answer.
 * @property {string | null} etag
 * @property {Uint8Array<ArrayBuffer> | null} held What there was no room for.
 */

const kind = 'audio/mpeg';
/** Seconds before the first track, since nothing may be laid down before 0. */
const base = 10;
/** How much is asked for at once, in bytes: little at first, so that it is soon heard. */
const piece = 256 << 10, small = 64 << 10;
/**
 * Samples that every decoder is late by. Those behind a media source leave them
 * out by themselves, as measured in Chromium, so that the sound comes earlier.
 */
const decoderDelay = 529;
/** Seconds that are held after and before what is heard. */
const ahead = 45, behind = 30;

/** @type {typeof MediaSource | undefined} */
const Source = /** @type {any} */ (globalThis).ManagedMediaSource ?? globalThis.MediaSource;

/** Whether this browser can do it. */
export const able = Source?.isTypeSupported?.(kind) === true;

/** Whether one track may lie behind another. @param {Track} a @param {Track} b */
export function fit(a, b) {
	return Boolean(a.stream.mp3 && b.stream.mp3) && a.audio.sample_rate === b.audio.sample_rate && a.audio.channels === b.audio.channels;
}

/** @typedef {ReturnType<typeof line>} Line */

/**
 * Has an element play a track from a time on, and what follows it.
 * @param {HTMLAudioElement} audio @param {Track} first @param {number} from Milliseconds.
 * @param {(track: Track) => Track | null} follows What follows a track without a gap.
 * @param {() => void} failed It can't go on.
 */
export function line(audio, first, from, follows, failed) {
	const source = new /** @type {typeof MediaSource} */ (Source)();
	const address = URL.createObjectURL(source);
	/** @type {Stretch[]} */
	const stretches = [{track: first, zero: base, end: base + first.duration_ms / 1000}];
	/** The stretch that is heard. */
	let here = 0;
	/** @type {SourceBuffer | null} */
	let buffer = null;
	/** Null when the last stretch is written. @type {Pen | null} */
	let pen = null;
	/** Where to go on after all was thrown away. @type {{stretch: Stretch, ms: number} | null} */
	let wanted = {stretch: /** @type {Stretch} */ (stretches[0]), ms: from};
	/** Whether the stretches behind this many are to be thrown away; 0 for no. */
	let keep = 0;
	/** Where it is to begin: elements can't be told before they know anything. */
	let begin = base + from / 1000;
	let room = ahead, busy = false, closed = false, broken = false, retry = 0;
	/** What could not be fetched, and is left to be said when it is its turn. */
	let barred = '';
	let stop = new AbortController();

	source.addEventListener('sourceopen', () => {
		if (buffer || closed) return;
		try {
			buffer = source.addSourceBuffer(kind);
			buffer.addEventListener('error', () => (broken = true));
			source.duration = heard().end;
		} catch {
			return fail();
		}
		void fill();
	});
	// What is managed by the system is not sent to another device.
	if (Source !== globalThis.MediaSource) audio.disableRemotePlayback = true;
	audio.src = address;

	const heard = () => /** @type {Stretch} */ (stretches[here]);

	function fail() {
		if (closed) return;
		close();
		failed();
	}

	/** What follows a stretch, as far as it may lie behind it. @param {Stretch} one */
	function after(one) {
		const next = follows(one.track);
		return next && next.id !== barred && next.id !== one.track.id && fit(one.track, next) ? next : null;
	}

	/** Seconds up to which the sound is there. */
	function written() {
		const {buffered} = /** @type {SourceBuffer} */ (buffer);
		return buffered.length ? buffered.end(buffered.length - 1) : 0;
	}

	/** @param {number} at */
	function covers(at) {
		if (!buffer) return false;
		const {buffered} = buffer;
		for (let i = 0; i < buffered.length; i++) if (buffered.start(i) <= at && buffered.end(i) > at) return true;
		return false;
	}

	/** Writes on until enough is there. */
	async function fill() {
		if (busy || closed || !buffer) return;
		busy = true;
		try {
			while (!closed && await step());
		} catch {
			fail();
		}
		busy = false;
		if (wanted || keep) void fill(); // it came as the last step ended
	}

	/** Does the next thing there is to do; false when there is none. */
	async function step() {
		const to = /** @type {SourceBuffer} */ (buffer);
		if (wanted) {
			const {stretch, ms} = wanted;
			wanted = null;
			keep = 0;
			stop = new AbortController();
			stretches.length = stretches.indexOf(stretch) + 1;
			await remove(0, Infinity);
			to.abort();
			pen = open(stretch, ms);
			return true;
		}
		if (keep) {
			const last = /** @type {Stretch} */ (stretches[keep - 1]);
			stop = new AbortController();
			stretches.length = keep;
			keep = 0;
			await remove(last.end, Infinity);
			to.abort();
			pen = null;
			return true;
		}
		const began = audio.currentTime >= base, now = began ? audio.currentTime : begin;
		// What the system threw away is fetched again.
		if (began && !audio.seeking && written() > now + 1 && to.buffered.length && !covers(now + 0.1) && !covers(now)) {
			wanted = {stretch: heard(), ms: (now - heard().zero) * 1000};
			return true;
		}
		if (written() - now > room) return false;
		if (to.buffered.length && now - to.buffered.start(0) > 2 * behind) await remove(0, now - behind);
		if (!pen) {
			const last = /** @type {Stretch} */ (stretches[stretches.length - 1]), next = after(last);
			if (!next) {
				if (source.readyState === 'open') source.endOfStream();
				return false;
			}
			const stretch = {track: next, zero: last.end, end: last.end + next.duration_ms / 1000};
			stretches.push(stretch);
			pen = open(stretch, 0);
		}
		return write(pen);
	}

	/** @param {Stretch} stretch @param {number} ms @returns {Pen} */
	function open(stretch, ms) {
		return {stretch, ms, byte: 0, total: 0, etag: null, held: null};
	}

	/** Writes one piece. @param {Pen} mine */
	async function write(mine) {
		const to = /** @type {SourceBuffer} */ (buffer);
		let bytes = mine.held;
		if (!bytes) {
			try {
				bytes = await fetchPiece(mine);
				retry = 0;
			} catch {
				if (closed) return false;
				if (wanted || keep) return true;
				// A link that breaks off may be back before it is noticed.
				if (written() - audio.currentTime > 4 && retry < 20) {
					retry++;
					setTimeout(() => void fill(), 1000);
					return false;
				}
				if (mine.stretch === heard()) throw new Error('not to be had');
				barred = mine.stretch.track.id;
				keep = stretches.indexOf(mine.stretch);
				return true;
			}
			if (closed) return false;
			if (wanted || keep) return true;
		}
		try {
			to.appendBuffer(bytes);
		} catch (why) {
			if (/** @type {DOMException} */ (why).name !== 'QuotaExceededError') throw why;
			mine.held = bytes;
			room = Math.max(5, room / 2);
			if (audio.currentTime > base + 3) await remove(0, audio.currentTime - 2);
			return false;
		}
		mine.held = null;
		await idle();
		if (mine.byte >= mine.total && pen === mine) {
			to.abort(); // what is left of it in the parser belongs to nothing else
			pen = null;
		}
		return true;
	}

	/** @param {Pen} mine */
	async function fetchPiece(mine) {
		const {stretch, ms, byte} = mine, {track} = stretch;
		const last = byte + (byte ? piece : small) - 1;
		const answer = await fetch(`${track.stream.mp3}?t=${(ms / 1000).toFixed(3)}`, {headers: {Range: `bytes=${byte}-${last}`}, signal: stop.signal});
		const total = Number(answer.headers.get('Content-Range')?.split('/')[1]);
		const etag = answer.headers.get('ETag');
		if (answer.status !== 206 || !total || (byte && etag !== mine.etag)) throw new Error('not to be had');
		const bytes = new Uint8Array(await answer.arrayBuffer());
		if (!byte) await layDown(mine, Number(answer.headers.get('Earshot-Lead')), Number(answer.headers.get('Earshot-Samples')));
		mine.etag = etag;
		mine.total = total;
		mine.byte = byte + bytes.length;
		return bytes;
	}

	/**
	 * Says where what comes is to lie.
	 * @param {Pen} mine @param {number} lead @param {number} samples
	 */
	async function layDown({stretch, ms}, lead, samples) {
		const to = /** @type {SourceBuffer} */ (buffer);
		const rate = stretch.track.audio.sample_rate;
		if (!(samples > 0)) throw new Error('not to be had');
		const at = stretch.zero + Math.round((ms * rate) / 1000) / rate;
		const start = at - (lead - decoderDelay) / rate;
		await idle();
		stretch.end = at + samples / rate;
		to.timestampOffset = start;
		if (!(source.duration >= stretch.end)) source.duration = stretch.end;
		to.appendWindowStart = 0;
		to.appendWindowEnd = stretch.end;
		// Within a track, what leads to a time is good to have: the first
		// frames of it hold main data of those behind them.
		to.appendWindowStart = ms ? Math.max(stretch.zero, start) : at;
	}

	/** @param {number} start @param {number} end */
	async function remove(start, end) {
		await idle();
		buffer?.remove(start, end);
		await idle();
	}

	/** Waits until the buffer may be touched. */
	async function idle() {
		const to = /** @type {SourceBuffer} */ (buffer);
		if (to.updating) {
			const over = new AbortController(), until = {signal: over.signal};
			await new Promise((done) => {
				to.addEventListener('updateend', done, until);
				source.addEventListener('sourceclose', done, until);
			});
			over.abort();
		}
		if (broken || closed || source.readyState === 'closed') throw new Error('broken');
	}

	function close() {
		closed = true;
		stop.abort();
		URL.revokeObjectURL(address);
		if (Source !== globalThis.MediaSource) audio.disableRemotePlayback = false;
	}

	/** Goes to a time of the track that is heard. @param {number} ms */
	function seek(ms) {
		const to = heard().zero + ms / 1000;
		if (!covers(to)) {
			wanted = {stretch: heard(), ms: Math.round(ms)};
			stop.abort();
		}
		begin = to;
		if (audio.readyState >= HTMLMediaElement.HAVE_METADATA) audio.currentTime = to;
		void fill();
	}

	return {
		fill, close, seek,

		/** Milliseconds of the element before the track that is heard. */
		zero: () => heard().zero * 1000,

		/** Whether what is heard is already the track behind. */
		passed: () => here + 1 < stretches.length && audio.currentTime >= heard().end,

		/** Whether a track lies behind the one that is heard, or will. @param {Track} next */
		holds: (next) => after(heard())?.id === next.id,

		/**
		 * Makes the track behind the one that is heard; false when it is another.
		 * @param {Track} next
		 */
		go(next) {
			const one = stretches[here + 1];
			if (one?.track.id !== next.id || keep) return false;
			here++;
			if (audio.currentTime < one.zero) seek(0);
			return true;
		},

		/** What follows may be another now. */
		follow() {
			barred = '';
			for (let i = here; i + 1 < stretches.length; i++) {
				if (after(/** @type {Stretch} */ (stretches[i]))?.id === stretches[i + 1]?.track.id) continue;
				keep = i + 1;
				stop.abort();
				break;
			}
			void fill();
		},
	};
}
