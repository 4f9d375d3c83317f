// The numbers of one's tracks, or of one of them: a picture of days, sums, and
// along the waveform where listening ends.

import {classes, h, signal, tags, useState} from '../html.js';
import {count} from '../amounts.js';
import {barsOf, ceiling, measures} from '../days.js';
import {locale, t} from '../i18n.js';
import {Artwork, useTint} from '../parts/artwork.js';
import {Heat} from '../parts/heat.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed} from '../parts/list.js';
import {useResource} from '../parts/resource.js';
import {TrackRow} from '../parts/track-row.js';
import {Waveform} from '../parts/waveform.js';
import {toggle} from '../player.js';
import {Heading, Link, rewrite, route} from '../router.js';
import {style} from '../style.js';
import {latest, learn} from '../tracks.js';
import NotFound from './not-found.js';
import '../texts.js';

await style('people');
await style('numbers');

/** @typedef {import('../wire.d.ts').Numbers} NumbersOf */
/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../days.js').Measure} Measure */
/** @typedef {import('../days.js').Bar} Bar */

const periods = [7, 30, 90, 365];

/** What is drawn; it stays from page to page. */
const measure = signal(/** @type {Measure} */ ('plays'));

/** @param {import('../router.js').PageProps} props */
export default function Numbers({params}) {
	return params.id ? h(OfTrack, {id: params.id, params}) : h(OfAll, {});
}

function days() {
	const asked = Number(route.value.query.get('days'));
	return periods.includes(asked) ? asked : 30;
}

/** @param {{id: string, params: Record<string, string>}} props */
function OfTrack({id, params}) {
	const {data, error, retry} = useResource(`/api/tracks/${id}`, (answer) => learn(/** @type {Track} */ (answer)));
	if (error) return /** @type {any} */ (error).status === 404 ? h(NotFound, {params}) : h(Failed, {error, onRetry: retry});
	const track = data && latest(data);
	if (data && !track) return h(NotFound, {params});
	return track ? h(Track, {track}) : h(Ghost, {});
}

/** @param {{track: Track}} props */
function Track({track}) {
	const tint = useTint(track);
	return tags.div({class: 'numbers tinted', style: tint},
		tags.header({class: 'page-head numbers-head'},
			tags.a({href: track.url, class: 'numbers-art', tabIndex: -1, 'aria-hidden': 'true'}, h(Artwork, {track, size: 'medium'})),
			tags.div(
				tags.p({class: 'muted small'}, h(Link, {href: '/numbers'}, t('numbers.title'))),
				h(Heading, {title: t('numbers.of', {title: track.title})}, h(Link, {href: track.url}, track.title)))),
		h(Shown, {path: `/api/tracks/${track.id}/numbers`, base: `/numbers/${track.id}`, tint: tint['--hue'], track}));
}

/** @param {{}} _ */
function OfAll(_) {
	return tags.div({class: 'numbers'},
		tags.header({class: 'page-head'}, h(Heading, {}, t('numbers.title')), tags.p({class: 'muted'}, t('numbers.lead'))),
		h(Shown, {path: '/api/me/numbers', base: '/numbers'}));
}

/** @param {{path: string, base: string, track?: Track, tint?: string}} props */
function Shown({path, base, track, tint}) {
	const n = days();
	return [
		tags.nav({class: 'page-tabs', 'aria-label': t('numbers.period')}, periods.map((one) => tags.a({
			key: one, href: `${base}?days=${one}`, 'aria-current': one === n ? 'page' : undefined,
			onClick: (event) => {
				if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
				event.preventDefault();
				rewrite(`${base}?days=${one}`);
			},
		}, one === 365 ? t('numbers.year') : t('numbers.days', {n: one})))),
		h(Days, {path: `${path}?days=${n}`, track, tint, key: n}),
	];
}

/** @param {{path: string, track?: Track, tint?: string}} props */
function Days({path, track, tint}) {
	const {data, error, retry} = useResource(path, (answer) => {
		for (const one of answer.top ?? []) learn(one);
		return /** @type {NumbersOf} */ (answer);
	});
	if (error) {
		return /** @type {any} */ (error).status === 403
			? h(Empty, {icon: 'lock', text: t('numbers.not_yours')}, tags.a({class: 'button', href: '/numbers'}, t('numbers.title')))
			: h(Failed, {error, onRetry: retry});
	}
	if (!data) return h(Ghost, {});
	const top = (data.top ?? []).filter(latest);
	const none = measures.every((one) => data.always[one] === 0);
	if (none && !track && !top.length) {
		return h(Empty, {icon: 'chart', text: t('numbers.empty')}, tags.a({class: 'button main', href: '/upload'}, icon('upload'), t('stream.upload')));
	}
	return [
		tags.div({class: 'tiles', role: 'group', 'aria-label': t('numbers.what')}, measures.map((one) => tags.button({
			type: 'button', key: one, class: classes('tile', measure.value === one && 'on'), 'aria-pressed': measure.value === one, onClick: () => (measure.value = one),
		}, tags.span({class: 'tile-name'}, t(names[one])), tags.b(count(data.sum[one])), tags.span({class: 'muted small'}, t('numbers.always', {n: data.always[one]}))))),
		h(Picture, {days: data.days}),
		h(Table, {days: data.days}),
		track && data.heat && tags.section({class: 'numbers-heat', 'aria-labelledby': 'heat-title'},
			tags.h2({id: 'heat-title'}, t('heat.heading')),
			h(Waveform, {track, size: 'hero', key: tint}),
			h(Heat, {heat: data.heat, track})),
		top.length > 0 && tags.section({class: 'numbers-top', 'aria-labelledby': 'top-title'},
			tags.h2({id: 'top-title'}, t('numbers.top')),
			tags.ol({class: 'rows'}, top.map((given) => {
				const one = latest(given);
				return one && tags.li({class: 'track-row', key: one.id}, h(TrackRow, {
					track: one, onPlay: () => toggle(one, top),
					beside: tags.a({class: 'quiet', href: `/numbers/${one.id}`, 'aria-label': t('numbers.of', {title: one.title})}, icon('chart')),
				}));
			}))),
	];
}

/** @type {Record<Measure, string>} */
const names = {
	plays: 'numbers.plays', listeners: 'numbers.listeners', likes: 'numbers.likes',
	reposts: 'numbers.reposts', comments: 'numbers.comments', downloads: 'numbers.downloads',
};

/** @param {string} day YYYY-MM-DD @param {'short' | 'long'} [month] */
function dayName(day, month = 'short') {
	return new Intl.DateTimeFormat(locale.value, {day: 'numeric', month, timeZone: 'UTC'}).format(Date.parse(`${day}T00:00:00Z`));
}

/** @param {Bar} bar */
function barName({from, to}) {
	return from === to ? dayName(from, 'long') : t('numbers.week', {from: dayName(from), to: dayName(to)});
}

/** The days as bars. @param {{days: NumbersOf['days']}} props */
function Picture({days: list}) {
	const [over, setOver] = useState(-1);
	const bars = barsOf(list, measure.value);
	if (!bars.length) return null;
	const most = Math.max(...bars.map(({n}) => n)), high = ceiling(most);
	const best = bars.findLastIndex(({n}) => n === most);
	const told = bars[over] ?? (most > 0 ? bars[best] : null);
	const name = t(names[measure.value]);
	/** @param {PointerEvent} event */
	const point = (event) => {
		const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
		setOver(Math.min(bars.length - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * bars.length))));
	};
	return tags.figure({class: 'picture'},
		tags.figcaption({class: 'picture-said'}, told
			? t(bars[over] ? 'numbers.bar' : 'numbers.best', {when: barName(told), what: name, n: told.n})
			: t('numbers.none', {what: name})),
		tags.div({class: 'picture-box', onPointerMove: point, onPointerDown: point, onPointerLeave: () => setOver(-1)},
			tags.span({class: 'picture-high small muted', 'aria-hidden': 'true'}, count(high)),
			tags.svg({
				viewBox: `0 0 ${bars.length * 10} 100`, preserveAspectRatio: 'none', role: 'img', focusable: 'false',
				'aria-label': t('numbers.picture', {what: name, from: dayName(list[0].day ?? ''), to: dayName(list[list.length - 1].day ?? '')}),
			}, bars.map(({n}, i) => tags.rect({
				key: i, x: i * 10 + 1.2, width: 7.6, y: 100 - Math.max(n && 1.5, (100 * n) / high), height: Math.max(n && 1.5, (100 * n) / high),
				class: i === (bars[over] ? over : best) ? 'on' : undefined,
			})))),
		tags.div({class: 'picture-ends small muted', 'aria-hidden': 'true'}, tags.span(dayName(list[0].day ?? '')), tags.span(dayName(list[list.length - 1].day ?? ''))));
}

/** The same as a table, the newest day first. @param {{days: NumbersOf['days']}} props */
function Table({days: list}) {
	return tags.details({class: 'fold numbers-table'},
		tags.summary(t('numbers.table')),
		tags.div({class: 'table-box', tabIndex: 0, role: 'region', 'aria-label': t('numbers.table')},
			tags.table(
				tags.thead(tags.tr(tags.th({scope: 'col'}, t('numbers.day')), measures.map((one) => tags.th({scope: 'col', key: one}, t(names[one]))))),
				tags.tbody(list.toReversed().map((day) => tags.tr({key: day.day}, tags.th({scope: 'row'}, dayName(day.day ?? '')),
					measures.map((one) => tags.td({key: one}, count(day[one])))))))));
}

/** Grey shapes in place of numbers that are on their way. @param {{}} _ */
function Ghost(_) {
	return tags.div({class: 'ghost', 'aria-busy': 'true'}, tags.p({class: 'hidden', role: 'status'}, t('loading')),
		tags.div({class: 'tiles', 'aria-hidden': 'true'}, measures.map((one) => tags.span({class: 'tile', key: one}, tags.span({class: 'line'}), tags.span({class: 'line long'})))),
		tags.div({class: 'picture-box', 'aria-hidden': 'true'}));
}
