// What the owner sees while this browser draws a waveform that the server
// cannot draw, and why it could not.

import {classes, h, tags, useEffect} from '../html.js';
import {errorText} from '../api.js';
import {draw, final, works} from '../decoding.js';
import {t} from '../i18n.js';
import {icon} from './icon.js';
import {style} from '../style.js';
import '../texts.js';

await style('details');

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../decoding.js').Work} Work */

/** @param {{track: Track, file?: Blob, class?: string}} props file is the track's, where it is at hand. */
export function DrawnHere({track, file, class: name}) {
	const wanted = track.waveform === 'wanted';
	useEffect(() => {
		const before = works.peek().get(track.id);
		if (wanted && !(before && final(before))) draw(track, file);
	}, [track.id, wanted]);
	const work = works.value.get(track.id);
	if (!wanted || !work) return null;
	const failed = work.stage === 'failed';
	return tags.div({class: classes('drawn-here small muted', name)},
		failed && icon('info'),
		tags.p({role: 'status'}, told(work)),
		failed && !final(work) && tags.button({type: 'button', class: 'text', onClick: () => draw(track, file)}, t('drawn.again')));
}

/** @param {Work} work */
function told({stage, share, why}) {
	if (why === 'long') return t('drawn.long');
	if (why === 'undecodable') return t('drawn.undecodable');
	if (why) return t('drawn.failed', {why: errorText(why)});
	// A status that changes with every percent would be read out without end.
	return stage === 'measuring' ? t('drawn.share', {percent: 25 * Math.floor(4 * share)}) : t('drawn.going');
}

/** The line on the track's own page. @param {{track: Track}} props */
export const OwnDrawing = ({track}) => h(DrawnHere, {track, class: 'wave-note'});
