// What is said of sound that this browser does not play, and the way out.

import {tags} from '../html.js';
import {codecs} from '../codecs.js';
import {t} from '../i18n.js';
import {plays} from '../engine.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */

/** @param {Track} track */
export function why({title, audio, stream}) {
	if (plays(audio.type)) return t('player.unplayable', {title});
	return t(stream.download ? 'player.no_codec_download' : 'player.no_codec', {codec: codecs[audio.codec] ?? audio.codec});
}

/** @param {Track} track */
export const wayOut = ({stream}) => stream.download && tags.a({class: 'text', href: stream.download, download: true}, t('track.download'));
