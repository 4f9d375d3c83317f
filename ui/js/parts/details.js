// What is known of a track and its sound, for everybody who may hear it.

import {h, tags, useEffect} from '../html.js';
import {bytes, count} from '../amounts.js';
import {api} from '../api.js';
import {codecs} from '../codecs.js';
import {time} from '../format.js';
import {locale, t} from '../i18n.js';
import {events, me} from '../state.js';
import {style} from '../style.js';
import {learn} from '../tracks.js';
import {icon} from './icon.js';
import '../texts.js';

await style('details');

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../wire.d.ts').Measured} Measured */
/** @typedef {[name: string, value: string | false | undefined]} Row */

const {aside, dd, details, div, dl, dt, h2, p, summary} = tags;

/** The floor of what is measured: nothing is there. */
const silence = -70;

/** A number as it is measured: "−14.2". @param {number} n @param {boolean} [signed] */
const measure = (n, signed = false) => new Intl.NumberFormat(locale.value, {
	minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: signed ? 'exceptZero' : 'negative',
}).format(n).replace('-', '−');

/** While an own track's numbers are rough: takes the exact ones when they come. @param {Track} track */
function useFacts({id, user, measured, waveform}) {
	const waits = user.id === me.value?.id && !measured?.exact && waveform !== 'pending';
	useEffect(() => {
		if (!waits) return;
		return events.on('track', (event) => {
			if (event.track === id) void api.get(`/api/tracks/${id}`).then(learn, () => {});
		});
	}, [id, waits]);
}

/** @param {{track: Track}} props */
export function Details({track}) {
	const {audio, measured} = track;
	useFacts(track);
	const format = codecs[audio.codec] ?? audio.codec.toUpperCase();
	/** @type {Row[]} */
	const file = [
		[t('details.length'), time(track.duration_ms)],
		[t('details.album'), track.album],
		[t('details.year'), track.year ? String(track.year) : undefined],
		[t('details.format'), audio.bits ? t('details.bits', {codec: format, bits: audio.bits}) : format],
		[t('details.bitrate'), t(audio.variable && !audio.bits ? 'details.bitrate_mean' : 'details.bitrate_value', {rate: count(Math.round(audio.bitrate / 1000))})],
		[t('details.sound'), t(audio.channels === 1 ? 'details.mono' : audio.channels === 2 ? 'details.stereo' : 'details.channels', {rate: count(audio.sample_rate / 1000), channels: audio.channels})],
		[t('details.size'), bytes(audio.bytes)],
		[t('details.file'), audio.file_name],
	];
	return aside({class: 'details', 'aria-label': t('details.heading')},
		h(Rows, {rows: file}), measured && h(Sound, {measured, track}));
}

/** @param {{rows: Row[]}} props */
function Rows({rows}) {
	return dl(rows.filter(([, value]) => value).map(([name, value]) => div({key: name}, dt(name), dd(value || ''))));
}

/** What was measured. @param {{measured: Measured, track: Track}} props */
function Sound({measured, track}) {
	const {loudness_lufs: loudness, range_lu: range, true_peak_dbtp: peak, tempo_bpm: tempo} = measured;
	const start = measured.silence_start_ms ?? 0, end = measured.silence_end_ms ?? 0;
	const heard = loudness !== undefined && loudness > silence;
	/** @param {number} ms */
	const seconds = (ms) => measure(ms / 1000);
	const quiet = [start >= 100 && t('details.silence_start', {seconds: seconds(start)}), end >= 100 && t('details.silence_end', {seconds: seconds(end)})].filter(Boolean);
	/** @type {Row[]} */
	const rows = [
		[t('details.loudness'), loudness !== undefined && (heard ? t('details.loudness_value', {lufs: measure(loudness)}) : t('details.silent'))],
		[t('details.range'), heard && range !== undefined && t('details.range_value', {lu: measure(range)})],
		[t('details.peak'), peak !== undefined && peak > silence && t('details.peak_value', {db: measure(peak, true)})],
		[t('details.tempo'), Boolean(tempo) && t('details.tempo_value', {bpm: Math.round(tempo ?? 0)})],
		[t('details.silence'), quiet.join(', ')],
	];
	if (!rows.some(([, value]) => value)) return null;
	const rough = !measured.exact && track.audio.codec !== 'aac';
	return div({class: 'measured'},
		h2({class: 'small'}, t('details.measured')),
		h(Rows, {rows}),
		rough && p({class: 'small muted measured-rough'}, icon('clock'), t('details.rough')),
		details({class: 'fold measured-help'},
			summary(t('details.help')),
			div({class: 'small muted'},
				p(t('details.help_loudness')),
				range !== undefined && p(t('details.help_range')),
				peak !== undefined && p(t('details.help_peak')))));
}
