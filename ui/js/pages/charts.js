// The charts: what was heard and liked most, this week or ever.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {Empty, Failed, More, useTracks} from '../parts/list.js';
import {Ranks} from '../parts/ranks.js';
import {RowsGhost} from '../parts/track-row.js';
import {Heading, rewrite, route} from '../router.js';
import {style} from '../style.js';
import '../texts.js';

await style('people');

/** @param {import('../router.js').PageProps} _ */
export default function Charts(_) {
	const period = route.value.query.get('period') === 'all' ? 'all' : 'week';
	/** @param {string} of @param {string} text */
	const tab = (of, text) => tags.a({
		href: `/charts?period=${of}`, 'aria-current': period === of ? 'page' : undefined,
		onClick: (event) => {
			if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
			event.preventDefault();
			rewrite(`/charts?period=${of}`);
		},
	}, text);
	return tags.div({class: 'charts'},
		tags.header({class: 'page-head'}, h(Heading, {}, t('charts.title')), tags.p({class: 'muted'}, t('charts.how'))),
		tags.nav({class: 'page-tabs', 'aria-label': t('charts.title')}, tab('week', t('charts.week')), tab('all', t('charts.always'))),
		h(List, {period, key: period}));
}

/** @param {{period: 'week' | 'all'}} props */
function List({period}) {
	const {list, items, more, retry} = useTracks(`/api/charts?period=${period}`);
	const {state, error} = list.value;
	if (!items.length) {
		return state === 'loading' ? h(RowsGhost, {}) : error ? h(Failed, {error, onRetry: retry})
			: h(Empty, {icon: 'chart', text: period === 'week' ? t('charts.empty_week') : t('charts.empty')}, tags.a({class: 'button main', href: '/discover'}, t('search.discover')));
	}
	return [h(Ranks, {tracks: items, more, label: period === 'week' ? t('charts.week') : t('charts.always')}), h(More, {list: list.value, onMore: retry})];
}
