// Who may see something: the choice with its release, what is said of it, and
// what the server is told.

import {Fragment, h, tags, useState} from '../html.js';
import {ApiError} from '../api.js';
import {locale, t} from '../i18n.js';
import {style} from '../style.js';
import {Check, Choice, useField} from './fields.js';
import {icon} from './icon.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../wire.d.ts').Playlist} Playlist */
/** @typedef {import('../wire.d.ts').Release} Release */
/** @typedef {Track['visibility']} Sight */
/** @typedef {'track' | 'playlist'} Kind */

const {div, input, label, option, p, select} = tags;

await style('reach');

/** The icon of each visibility, the widest first. @type {Record<Sight, string>} */
export const signs = {public: 'globe', followers: 'people', link: 'link', private: 'lock'};

/** Whether something waits to be published. @param {string} sight */
const hidden = (sight) => sight === 'private' || sight === 'link';

/** @param {Kind} kind */
const options = (kind) => /** @type {Sight[]} */ (Object.keys(signs)).map((value) => ({
	value, label: t(`reach.to_${value}`), icon: signs[value],
	hint: kind === 'playlist' && value === 'public' ? t('playlist.public_hint') : t(`reach.hint_${value}`),
}));

/** A moment as the browser's field has it: local time, to the minute. @param {Date} at */
function local(at) {
	/** @param {number} n */
	const two = (n) => String(n).padStart(2, '0');
	return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** @param {number} days from now, at a time when people are up */
function ahead(days) {
	const at = new Date();
	at.setDate(at.getDate() + days);
	at.setHours(9, 0, 0, 0);
	return local(at);
}

/**
 * What the form has of a release, to begin with.
 * @param {Release | undefined} release
 * @returns {Record<string, string>}
 */
export function planOf(release) {
	return release ? {release_on: 'on', release: local(new Date(release.at)), release_as: release.as} : {};
}

/**
 * The choice who sees something, and for what is hidden when that ends.
 * @param {{
 *   kind: Kind, value: string, plan: Record<string, string>, onPick?: (value: string) => void, onPlan?: (on: boolean) => void,
 * }} props plan is what planOf gave, or what the form has by now.
 */
export function ReachField({kind, value, plan, onPick, onPlan}) {
	const [sight, setSight] = useState(value);
	const [on, setOn] = useState(plan.release_on === 'on');
	return h(Fragment, null,
		h(Choice, {
			legend: kind === 'track' ? t('edit.visibility') : t('playlist.visibility'), name: 'visibility', value, options: options(kind),
			onPick: (picked) => {
				setSight(picked);
				onPick?.(picked);
			},
		}),
		hidden(sight) && div({class: 'reach-plan', onChange: ({target}) => {
			if (!(target instanceof HTMLInputElement) || target.name !== 'release_on') return;
			setOn(target.checked);
			onPlan?.(target.checked);
		}},
			h(Check, {label: t('reach.plan'), name: 'release_on', checked: on}),
			on && h(When, {plan})));
}

/** @param {{plan: Record<string, string>}} props */
function When({plan}) {
	const at = useField('release', t('reach.zone', {zone: Intl.DateTimeFormat(locale.value).resolvedOptions().timeZone}));
	const as = useField('release_as', undefined);
	return div({class: 'reach-when'},
		div({class: 'field'},
			label({htmlFor: at.id}, t('reach.at')),
			input({...at.props, type: 'datetime-local', defaultValue: plan.release || ahead(1), min: local(new Date()), max: ahead(365), required: true}),
			at.notes),
		div({class: 'field'},
			label({htmlFor: as.id}, t('reach.as')),
			select(as.props, ['public', 'followers'].map((one) => option({
				value: one, key: one, selected: one === (plan.release_as ?? 'public'),
			}, t(`reach.to_${one}`))))));
}

/**
 * What a form with a ReachField says, as the server takes it.
 * @param {Record<string, string>} values
 * @param {{release?: Release}} [before] what is changed, if it is there already
 * @returns {{visibility: string, release?: Release | null}}
 */
export function reachOf(values, before) {
	const {visibility} = values;
	const was = before?.release;
	if (!hidden(visibility)) return {visibility}; // which cancels what was planned
	if (values.release_on !== 'on') return was ? {visibility, release: null} : {visibility};
	const at = new Date(values.release);
	if (Number.isNaN(at.getTime())) throw new ApiError(400, {code: 'release.empty', field: 'release'});
	if (was && planOf(was).release === values.release && was.as === values.release_as) return {visibility};
	return {visibility, release: {at: at.toISOString(), as: values.release_as === 'followers' ? 'followers' : 'public'}};
}

/** A release as a sentence. @param {Release} release */
function planned({at, as}) {
	const when = new Intl.DateTimeFormat(locale.value, {dateStyle: 'full', timeStyle: 'short'}).format(Date.parse(at));
	return as === 'public' ? t('reach.goes_public', {when}) : t('reach.goes_followers', {when});
}

/**
 * What the page of a track says of who hears it.
 * @param {{track: Track}} props
 */
export function ReachNote({track}) {
	return p({class: 'banner reach-note'}, icon(signs[track.visibility]),
		tags.span(t(`reach.note_${track.stream.file ? track.visibility : 'label'}`), track.release && tags.span({class: 'reach-planned'}, icon('clock'), planned(track.release))));
}
