// The pages before the music: a picture on one side, a few words or a form on
// the other.

import {h, tags} from '../html.js';
import {house} from '../state.js';
import {Artwork} from './artwork.js';

/**
 * @param {{name?: string, children?: import('../html.js').Child}} props
 *   name is what the picture is drawn from, the house's when absent.
 */
export function Door({name, children}) {
	return tags.div({class: 'door'},
		tags.div({class: 'door-art', 'aria-hidden': 'true'}, h(Artwork, {track: {title: name ?? house.value?.name ?? 'Earshot'}})),
		tags.div({class: 'door-text'}, children));
}

/**
 * Where to go after a sign-in: an own address, or the front page.
 * @param {string | null} wanted
 */
export function safeNext(wanted) {
	return wanted && /^\/(?![/\\\s])/.test(wanted) ? wanted : '/';
}
