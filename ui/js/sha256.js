// SHA-256 (FIPS 180-4), for files that are read piece by piece. The browser's own
// wants all of a file in memory, and is not there on plain http.

const k = new Int32Array(64);
const start = new Int32Array(8);
{
	// The fractions of the cube and square roots of the first primes.
	let n = 0;
	for (let candidate = 2; n < 64; candidate++) {
		let prime = true;
		for (let i = 2; i * i <= candidate; i++) if (candidate % i === 0) prime = false;
		if (!prime) continue;
		if (n < 8) start[n] = (Math.sqrt(candidate) % 1) * 2 ** 32;
		k[n++] = (Math.cbrt(candidate) % 1) * 2 ** 32;
	}
}

export class Sha256 {
	#state = start.slice();
	#block = new Uint8Array(64);
	#filled = 0;
	#length = 0;

	/** @param {Uint8Array} bytes */
	update(bytes) {
		this.#length += bytes.length;
		let from = 0;
		if (this.#filled > 0) {
			from = Math.min(64 - this.#filled, bytes.length);
			this.#block.set(bytes.subarray(0, from), this.#filled);
			this.#filled += from;
			if (this.#filled < 64) return this;
			blocks(this.#state, this.#block, 0, 64);
			this.#filled = 0;
		}
		const whole = from + ((bytes.length - from) & ~63);
		blocks(this.#state, bytes, from, whole);
		this.#block.set(bytes.subarray(whole));
		this.#filled = bytes.length - whole;
		return this;
	}

	/** What was read so far has this sum, in hex; more may follow. */
	hex() {
		const state = this.#state.slice(), tail = new Uint8Array(this.#filled < 56 ? 64 : 128);
		tail.set(this.#block.subarray(0, this.#filled));
		tail[this.#filled] = 0x80;
		new DataView(tail.buffer).setBigUint64(tail.length - 8, BigInt(this.#length) * 8n);
		blocks(state, tail, 0, tail.length);
		return [...state].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
	}
}

const w = new Int32Array(64);

/** @param {Int32Array} state @param {Uint8Array} bytes @param {number} from @param {number} to */
function blocks(state, bytes, from, to) {
	let [h0 = 0, h1 = 0, h2 = 0, h3 = 0, h4 = 0, h5 = 0, h6 = 0, h7 = 0] = state;
	for (; from < to; from += 64) {
		for (let i = 0, at = from; i < 16; i++, at += 4) {
			w[i] = (/** @type {number} */ (bytes[at]) << 24) | (/** @type {number} */ (bytes[at + 1]) << 16)
				| (/** @type {number} */ (bytes[at + 2]) << 8) | /** @type {number} */ (bytes[at + 3]);
		}
		for (let i = 16; i < 64; i++) {
			const x = /** @type {number} */ (w[i - 15]), y = /** @type {number} */ (w[i - 2]);
			w[i] = (/** @type {number} */ (w[i - 16]) + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ (x >>> 3))
				+ /** @type {number} */ (w[i - 7]) + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ (y >>> 10))) | 0;
		}
		let a = h0, b = h1, c = h2, d = h3, e = h4, f = h5, g = h6, h = h7;
		for (let i = 0; i < 64; i++) {
			const t1 = (h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + ((e & f) ^ (~e & g))
				+ /** @type {number} */ (k[i]) + /** @type {number} */ (w[i])) | 0;
			const t2 = (((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
			h = g; g = f; f = e; e = (d + t1) | 0;
			d = c; c = b; b = a; a = (t1 + t2) | 0;
		}
		h0 = (h0 + a) | 0; h1 = (h1 + b) | 0; h2 = (h2 + c) | 0; h3 = (h3 + d) | 0;
		h4 = (h4 + e) | 0; h5 = (h5 + f) | 0; h6 = (h6 + g) | 0; h7 = (h7 + h) | 0;
	}
	state.set([h0, h1, h2, h3, h4, h5, h6, h7]);
}
