// The order in which tracks are heard.

import {classes, tags} from '../html.js';
import {t} from '../i18n.js';
import {cycleRepeat, setShuffled} from '../lineup.js';
import * as player from '../player.js';
import {icon} from './icon.js';

const {button} = tags;

export function Shuffle() {
	const mixed = player.shuffled.value;
	return button({
		type: 'button', class: classes('player-button player-mode', mixed && 'on'), 'aria-pressed': mixed,
		'aria-label': t('player.shuffle'), title: t('player.shuffle'), onClick: () => setShuffled(!mixed),
	}, icon('shuffle'));
}

export function Repeat() {
	const again = player.repeat.value;
	return button({
		type: 'button', class: classes('player-button player-mode', again !== 'off' && 'on'),
		'aria-label': t(`player.repeat_${again}`), title: t(`player.repeat_${again}`), onClick: cycleRepeat,
	}, icon(again === 'one' ? 'repeat-one' : 'repeat'));
}
