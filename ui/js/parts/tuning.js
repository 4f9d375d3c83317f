// How things sound: speed, sleep timer, loudness, crossfade.

import {classes, h, tags, useEffect, useId, useState} from '../html.js';
import {hasVolume} from '../engine.js';
import {t} from '../i18n.js';
import {last} from '../player.js';
import {crossfade, level, longestCrossfade, sleepAfter, sleepAt, speed, speeds} from '../tuning.js';
import {Dialog, openDialog} from './dialog.js';
import '../texts.js';

const {div, fieldset, input, label, legend, p, span} = tags;

/** Opens the dialog. */
export function tune() {
	openDialog((close) => h(Tuning, {onClose: close}));
}

/** @param {number} rate */
const times = (rate) => t('tuning.times', {rate});

/** @param {{onClose: () => void}} props */
function Tuning({onClose}) {
	const seconds = crossfade.value;
	const id = useId();
	return h(Dialog, {title: t('tuning.title'), onClose, class: 'narrow'},
		h(Chips, {
			legend: t('tuning.speed'), value: String(speed.value), options: speeds.map((rate) => [String(rate), times(rate)]),
			onPick: (value) => (speed.value = Number(value)),
		}),
		h(Sleep, {}),
		hasVolume && h(Chips, {
			legend: t('tuning.level'), value: level.value, hint: t(`tuning.level_${level.value}_hint`),
			options: [['album', t('tuning.level_album')], ['track', t('tuning.level_track')], ['off', t('tuning.off')]],
			onPick: (value) => (level.value = /** @type {import('../tuning.js').Level} */ (value)),
		}),
		hasVolume && div({class: 'tune'},
			label({htmlFor: id}, t('tuning.crossfade')),
			div({class: 'tune-slide'},
				input({
					id, type: 'range', min: 0, max: longestCrossfade, step: 1, value: seconds, 'aria-describedby': `${id}-hint`,
					'aria-valuetext': seconds ? t('tuning.seconds', {n: seconds}) : t('tuning.off'),
					onInput: (event) => (crossfade.value = Number(event.currentTarget.value)),
				}),
				span({class: 'tune-value', 'aria-hidden': 'true'}, seconds ? t('tuning.seconds', {n: seconds}) : t('tuning.off'))),
			p({class: 'hint', id: `${id}-hint`}, t('tuning.crossfade_hint'))));
}

/** When it ends by itself. */
function Sleep() {
	const [, tick] = useState(0);
	const at = sleepAt.value;
	useEffect(() => {
		if (at === null) return undefined;
		const timer = setInterval(() => tick((n) => n + 1), 5000);
		return () => clearInterval(timer);
	}, [at]);
	const [picked, setPicked] = useState('');
	const value = last.value ? 'track' : at === null ? 'off' : picked;
	return h(Chips, {
		legend: t('tuning.sleep'), value,
		hint: at === null ? '' : t('tuning.sleep_left', {n: Math.max(1, Math.ceil((at - Date.now()) / 60_000))}),
		options: [['off', t('tuning.off')], ...[15, 30, 45, 60].map((n) => [String(n), t('tuning.minutes', {n})]), ['track', t('tuning.sleep_track')]],
		onPick: (now) => {
			setPicked(now);
			sleepAfter(now === 'off' ? null : now === 'track' ? now : Number(now));
		},
	});
}

/** @param {{legend: string, value: string, hint?: string, options: string[][], onPick: (value: string) => void}} props */
function Chips({legend: name, value, hint, options, onPick}) {
	const id = useId();
	return fieldset({class: 'tune', 'aria-describedby': hint ? id : undefined},
		legend(name),
		div({class: 'tune-chips'}, options.map(([key, text]) => label({class: classes('tune-chip', key === value && 'on'), key},
			input({type: 'radio', name: id, value: key, checked: key === value, onChange: () => onPick(/** @type {string} */ (key))}),
			span(text)))),
		hint && p({class: 'hint', id, role: 'status'}, hint));
}
