// The offer to go on with what was heard on another device.

import {h, tags} from '../html.js';
import {ago, time} from '../format.js';
import {t} from '../i18n.js';
import {offer, pass, resume} from '../resume.js';
import {style} from '../style.js';
import {Artwork} from './artwork.js';
import {icon} from './icon.js';
import '../texts.js';

await style('resume');

const {button, div, p, section, span} = tags;

/** @param {{}} _ */
export function Resume(_) {
	const queue = offer.value, track = queue?.tracks[0];
	if (!queue || !track) return null;
	const {position_ms: ms, device} = queue, when = ago(queue.changed);
	return section({class: 'resume', 'aria-label': t('resume.region')},
		button({type: 'button', class: 'resume-play', 'aria-label': t('resume.play', {title: track.title}), onClick: () => void resume()}, icon('play')),
		span({class: 'resume-art', 'aria-hidden': 'true'}, h(Artwork, {track, size: 'small'})),
		div({class: 'resume-text'},
			p({class: 'resume-title'}, track.title),
			p({class: 'resume-from'}, ms < 1000 ? t('resume.region') : t('resume.at', {time: time(ms)}), span(' · ', device ? t('resume.from', {device, when}) : when))),
		button({type: 'button', class: 'quiet', 'aria-label': t('resume.pass'), title: t('resume.pass'), onClick: pass}, icon('close')));
}
