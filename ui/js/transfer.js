// Facts about a file on its way to the server: whether it is worth sending,
// and how long it will take.

/** Beginnings of files that the server would only refuse after all of it was sent. */
const beginnings = [
	{code: 'upload.unsupported', about: 'AIFF', at: 0, bytes: [0x46, 0x4f, 0x52, 0x4d]}, // FORM: AIFF
	{code: 'upload.unsupported', about: 'WMA', at: 0, bytes: [0x30, 0x26, 0xb2, 0x75]}, // ASF: WMA
	{code: 'upload.unsupported', about: 'Monkey’s Audio', at: 0, bytes: [0x4d, 0x41, 0x43, 0x20]}, // MAC: Monkey's Audio
	{code: 'upload.unsupported', about: 'WavPack', at: 0, bytes: [0x77, 0x76, 0x70, 0x6b]}, // wvpk: WavPack
	{code: 'upload.not_audio', about: 'JPEG', at: 0, bytes: [0xff, 0xd8, 0xff]},
	{code: 'upload.not_audio', about: 'PNG', at: 0, bytes: [0x89, 0x50, 0x4e, 0x47]},
	{code: 'upload.not_audio', about: 'GIF', at: 0, bytes: [0x47, 0x49, 0x46, 0x38]},
	{code: 'upload.not_audio', about: 'WebP', at: 8, bytes: [0x57, 0x45, 0x42, 0x50]}, // RIFF…WEBP
	{code: 'upload.not_audio', about: 'PDF', at: 0, bytes: [0x25, 0x50, 0x44, 0x46]},
	{code: 'upload.not_audio', about: 'ZIP', at: 0, bytes: [0x50, 0x4b, 0x03, 0x04]},
	{code: 'upload.unsupported', about: 'Matroska (WebM)', at: 0, bytes: [0x1a, 0x45, 0xdf, 0xa3]},
];

/**
 * Why a file will be refused, as a code of the API and the name of what it is;
 * null when it may well be taken. The server looks closely; this only saves sending in vain.
 * @param {Uint8Array} head The file's first bytes, 12 are enough.
 * @param {number} size @param {number} limit In bytes; 0 is none known.
 * @returns {{code: string, about?: string} | null}
 */
export function refusal(head, size, limit) {
	if (size === 0) return {code: 'upload.empty'};
	if (limit > 0 && size > limit) return {code: 'upload.too_large'};
	return beginnings.find(({at, bytes}) => bytes.every((byte, i) => head[at + i] === byte)) ?? null;
}

/** Whether a name looks like one of a file that can be heard; used to pick from folders. @param {string} name */
export function soundsLike(name) {
	return /\.(mp3|mp2|mpga|wav|flac|ogg|oga|opus|m4a|m4b|aac|aiff?)$/i.test(name);
}

/**
 * Measures a transfer over its last five seconds.
 * @param {number} size Bytes to send.
 */
export function meter(size) {
	/** @type {{at: number, sent: number}[]} */
	const seen = [];
	return {
		/**
		 * @param {number} sent Bytes sent by now.
		 * @param {number} at Milliseconds on any steady clock.
		 * @returns {{rate: number, left: number | null}} Bytes a second, and
		 * seconds until all is sent; null while that would be a guess.
		 */
		tell(sent, at) {
			seen.push({at, sent});
			while (seen.length > 2 && at - (seen[1]?.at ?? at) > 5000) seen.shift();
			const first = seen[0];
			const took = first ? at - first.at : 0;
			if (!first || took < 800) return {rate: 0, left: null};
			const rate = ((sent - first.sent) * 1000) / took;
			return {rate, left: rate > 0 ? Math.ceil((size - sent) / rate) : null};
		},
	};
}
