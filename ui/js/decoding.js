// Waveforms that the server cannot make, because it does not decode AAC: the
// owner's browser decodes the file, measures it and tells the server. One
// after the other, so that no more than one lies in memory.

import {at, signal} from './html.js';
import {ApiError, api} from './api.js';
import {base64, measurement} from './columns.js';
import {learn} from './tracks.js';

/** @typedef {import('./wire.d.ts').Track} Track */
/**
 * What is being done for a track, how much of that, and why it failed: long
 * and undecodable are for good, an ApiError may pass.
 * @typedef {{stage: 'waiting' | 'fetching' | 'decoding' | 'measuring' | 'sending' | 'failed', share: number, why: '' | 'long' | 'undecodable' | ApiError}} Work
 */

/** By track. @type {import('./html.js').Signal<ReadonlyMap<string, Work>>} */
export const works = signal(new Map());

/** @type {Promise<unknown>} */
let turn = Promise.resolve();

/** @param {Track} track @param {Work | null} work */
function tell(track, work) {
	const all = new Map(works.peek());
	if (work) all.set(track.id, work);
	else all.delete(track.id);
	works.value = all;
}

/**
 * Makes the waveform of a track that wants one, unless that is under way.
 * @param {Track} track @param {Blob} [file] Its file, where that is at hand.
 */
export function draw(track, file) {
	const before = works.peek().get(track.id);
	if (before && before.stage !== 'failed') return;
	tell(track, {stage: 'waiting', share: 0, why: ''});
	turn = turn.then(() => make(track, file)).then(() => tell(track, null), (error) => {
		tell(track, {stage: 'failed', share: 0, why: error === 'long' || error === 'undecodable' || error instanceof ApiError ? error : new ApiError(0, {code: 'internal'})});
	});
}

/** Whether a failure is one that a second try would only meet again. @param {Work} work */
export const final = ({why}) => why === 'long' || why === 'undecodable';

/**
 * How many bytes decoded sound may take: a small part of the device's memory,
 * as far as it tells of that. The decoder takes as much again.
 */
function room() {
	const {deviceMemory} = /** @type {{deviceMemory?: number}} */ (/** @type {unknown} */ (navigator));
	return ((deviceMemory ?? (matchMedia('(pointer: coarse)').matches ? 2 : 6)) * 2 ** 30) / 8;
}

/** @param {Track} track @param {Blob} [file] */
async function make(track, file) {
	const rate = track.audio.sample_rate;
	if ((track.duration_ms / 1000) * rate * track.audio.channels * 4 > room()) throw 'long';
	tell(track, {stage: 'fetching', share: 0, why: ''});
	const bytes = file ? await read(file) : await fetched(track);
	tell(track, {stage: 'decoding', share: 0, why: ''});
	let sound;
	try {
		// At the file's own rate, so that nothing is made of it.
		sound = await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes);
	} catch {
		throw 'undecodable';
	}
	const {length, numberOfChannels} = sound;
	if (length === 0) throw 'undecodable';
	const channels = Array.from({length: numberOfChannels}, (_, i) => sound.getChannelData(i));
	const work = measurement(length, sound.sampleRate, numberOfChannels);
	for (let from = 0; from < length;) {
		tell(track, {stage: 'measuring', share: from / length, why: ''});
		for (const until = performance.now() + 12; from < length && performance.now() < until; from += 16384) work.add(channels, from, Math.min(length, from + 16384));
		await breath();
	}
	const {levels, min, max, fine, loudness} = work.result();
	tell(track, {stage: 'sending', share: 1, why: ''});
	/** @type {import('./wire.d.ts').NewPeaks} */
	const peaks = {
		sample_rate: sound.sampleRate, samples: length, levels: base64(levels), min: base64(min), max: base64(max), fine: base64(fine),
		loudness_lufs: Math.round(100 * loudness) / 100,
	};
	try {
		learn(await api.put(`/api/tracks/${track.id}/peaks`, peaks));
	} catch (error) {
		// Another tab was faster.
		if (!(error instanceof ApiError) || error.status !== 409) throw error;
		learn(await api.get(`/api/tracks/${track.id}`));
	}
}

/** @param {Blob} file */
async function read(file) {
	try {
		return await file.arrayBuffer();
	} catch {
		throw new ApiError(0, {code: 'upload.unreadable'});
	}
}

/** @param {Track} track */
async function fetched(track) {
	let answer;
	try {
		answer = await fetch(at(track.stream.file));
		if (answer.ok) return await answer.arrayBuffer();
	} catch {
		throw new ApiError(0, {code: 'offline'});
	}
	throw new ApiError(answer.status, (await answer.json().catch(() => null))?.error ?? {});
}

/**
 * Lets the page be drawn and used. Timers would take seconds in a tab that is
 * not seen, and scheduler.yield() would go before whatever else waits.
 */
function breath() {
	return new Promise((done) => {
		const {port1, port2} = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			done(undefined);
		};
		port2.postMessage(0);
	});
}
