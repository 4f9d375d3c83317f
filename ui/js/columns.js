// What the server finds out about sound that it can decode, found out here for
// sound that only the browser can: the waveform's columns and the loudness.

const most = 1800, least = 32;

/**
 * How many samples a column of a waveform stands for, and how many columns
 * there are.
 * @param {number} samples Of one channel.
 */
export function columnsFor(samples) {
	const each = Math.max(Math.ceil(samples / most), least);
	return {each, columns: Math.ceil(samples / each)};
}

/**
 * The two filters of K-weighting for a sample rate (ITU-R BS.1770-4, annex 1):
 * the head's shelf, then the high pass. The standard gives them for 48 kHz;
 * these are the analogue ones behind them, by the bilinear transform.
 * @param {number} rate Hz
 * @returns {number[]} b0, b1, b2, a1, a2 of each
 */
export function weighting(rate) {
	const gain = 3.999843853973347, share = 0.4996667741545416;
	let q = 0.7071752369554196, k = Math.tan((Math.PI * 1681.974450955533) / rate);
	const high = 10 ** (gain / 20), band = high ** share;
	let over = 1 + k / q + k * k;
	const shelf = [
		(high + (band * k) / q + k * k) / over, (2 * (k * k - high)) / over, (high - (band * k) / q + k * k) / over,
		(2 * (k * k - 1)) / over, (1 - k / q + k * k) / over,
	];
	q = 0.5003270373238773;
	k = Math.tan((Math.PI * 38.13547087602444) / rate);
	over = 1 + k / q + k * k;
	return [...shelf, 1, -2, 1, (2 * (k * k - 1)) / over, (1 - k / q + k * k) / over];
}

/**
 * How much each channel weighs in the loudness, in the order that browsers have
 * them: those beside and behind more, the one for low effects nothing.
 * @param {number} channels
 */
function weights(channels) {
	if (channels === 6) return [1, 1, 1, 0, 1.41, 1.41];
	return Array.from({length: channels}, (_, i) => (channels === 4 && i > 1 ? 1.41 : 1));
}

/**
 * Integrated loudness: blocks of 400 ms, each 100 ms after the one before,
 * those quieter than -70 LUFS left out, then those 10 LU quieter than the rest.
 * @param {ArrayLike<number>} powers Weighted mean square of each tenth of a second.
 * @returns {number} LUFS; -70 where nothing is above the gate
 */
export function integrated(powers) {
	/** @type {number[]} */
	const blocks = [];
	for (let i = 0; i + 4 <= powers.length; i++) blocks.push((powers[i] + powers[i + 1] + powers[i + 2] + powers[i + 3]) / 4);
	/** @param {number} gate */
	const mean = (gate) => {
		let sum = 0, n = 0;
		for (const power of blocks) {
			if (power <= gate) continue;
			sum += power;
			n++;
		}
		return n > 0 ? sum / n : 0;
	};
	const gate = 10 ** ((-70 + 0.691) / 10);
	const loud = mean(gate);
	if (loud === 0) return -70;
	return Math.max(-70, -0.691 + 10 * Math.log10(mean(Math.max(gate, loud / 10))));
}

/**
 * @typedef {object} Columns
 * @property {Uint16Array} levels RMS of all channels, 65535 for full scale.
 * @property {Int8Array} min @property {Int8Array} max Of all channels, of -128 and 127.
 * @property {Uint16Array} fine Like levels, one for each tenth of a second.
 * @property {number} loudness LUFS
 */

/**
 * A measurement that decoded sound is given to, piece by piece, without holding
 * any of it.
 * @param {number} samples Of one channel, in all.
 * @param {number} rate Hz @param {number} channels
 */
export function measurement(samples, rate, channels) {
	const {each, columns} = columnsFor(samples);
	const tenth = Math.round(rate / 10), tenths = Math.ceil(samples / tenth);
	const levels = new Uint16Array(columns), min = new Int8Array(columns), max = new Int8Array(columns);
	const fine = new Uint16Array(tenths), powers = new Float64Array(Math.floor(samples / tenth));
	const [b0, b1, b2, a1, a2, , , , c1, c2] = weighting(rate);
	const share = weights(channels);
	// Two numbers of memory for each of the two filters of each channel.
	const memory = new Float64Array(4 * channels);
	let at = 0, column = 0, squares = 0, low = 0, high = 0, tenthSquares = 0, tenthPower = 0;

	/** @param {number} sum @param {number} n */
	const level = (sum, n) => Math.min(65535, Math.round(65535 * Math.sqrt(sum / (n * channels))));
	/** @param {number} value */
	const byte = (value) => Math.min(127, Math.max(-128, Math.floor(value * 128)));

	/** Takes samples of every channel that end neither a column nor a tenth before their end. @param {readonly Float32Array[]} sound @param {number} from @param {number} to */
	function run(sound, from, to) {
		for (let c = 0; c < channels; c++) {
			const data = sound[c];
			let s1 = memory[4 * c], s2 = memory[4 * c + 1], s3 = memory[4 * c + 2], s4 = memory[4 * c + 3];
			let sum = 0, power = 0, lowest = low, highest = high;
			for (let i = from; i < to; i++) {
				const x = data[i];
				sum += x * x;
				if (x < lowest) lowest = x;
				else if (x > highest) highest = x;
				const y = b0 * x + s1;
				s1 = b1 * x - a1 * y + s2;
				s2 = b2 * x - a2 * y;
				const z = y + s3;
				s3 = s4 - 2 * y - c1 * z;
				s4 = y - c2 * z;
				power += z * z;
			}
			// What rings out must not become numbers too small to reckon with fast.
			memory[4 * c] = Math.abs(s1) < 1e-20 ? 0 : s1;
			memory[4 * c + 1] = Math.abs(s2) < 1e-20 ? 0 : s2;
			memory[4 * c + 2] = Math.abs(s3) < 1e-20 ? 0 : s3;
			memory[4 * c + 3] = Math.abs(s4) < 1e-20 ? 0 : s4;
			squares += sum;
			tenthSquares += sum;
			tenthPower += power * share[c];
			low = lowest;
			high = highest;
		}
	}

	return {
		/** @param {readonly Float32Array[]} sound @param {number} from @param {number} to The part of it that is new. */
		add(sound, from, to) {
			to = Math.min(to, from + samples - at);
			while (from < to) {
				const n = Math.min(to - from, each - (at % each), tenth - (at % tenth));
				run(sound, from, from + n);
				from += n;
				at += n;
				if (at % each === 0 || at === samples) {
					levels[column] = level(squares, at - column * each);
					min[column] = byte(low);
					max[column] = byte(high);
					column++;
					squares = low = high = 0;
				}
				if (at % tenth === 0 || at === samples) {
					const i = Math.ceil(at / tenth) - 1, whole = at - i * tenth;
					fine[i] = level(tenthSquares, whole);
					if (whole === tenth) powers[i] = tenthPower / tenth;
					tenthSquares = tenthPower = 0;
				}
			}
		},
		/** @returns {Columns} */
		result: () => ({levels, min, max, fine, loudness: integrated(powers)}),
	};
}

/**
 * Numbers as the base64 of their bytes, little-endian.
 * @param {Uint16Array | Int8Array} numbers
 */
export function base64(numbers) {
	const bytes = new Uint8Array(numbers.byteLength), view = new DataView(bytes.buffer);
	const {BYTES_PER_ELEMENT: size} = numbers;
	for (let i = 0; i < numbers.length; i++) {
		if (size === 2) view.setUint16(2 * i, numbers[i], true);
		else view.setInt8(i, numbers[i]);
	}
	let text = '';
	for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
	return btoa(text);
}
