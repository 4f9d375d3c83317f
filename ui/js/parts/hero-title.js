// The title of a page, in smaller steps the longer it is: what can be done
// stays in sight.

import {classes, h} from '../html.js';
import {Heading} from '../router.js';
import {style} from '../style.js';

await style('hero');

/** Letters that are twice as wide. */
const wide = /[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uff00-\uff60]/gu;

/** @param {{text: string, title?: string}} props title is the window's */
export function HeroTitle({text, title}) {
	const width = [...text].length + (text.match(wide)?.length ?? 0);
	return h(Heading, {class: classes('hero-title', width > 100 ? 'longest' : width > 50 && 'long'), title}, text);
}
