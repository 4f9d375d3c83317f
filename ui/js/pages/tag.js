// A tag: the tracks that carry it, and the tags near it.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed, More, Skeleton, useTracks} from '../parts/list.js';
import {useResource} from '../parts/resource.js';
import {startStation} from '../parts/station.js';
import {TrackCards} from '../parts/track-card.js';
import {Heading, rewrite, route} from '../router.js';
import {style} from '../style.js';
import NotFound from './not-found.js';
import '../texts.js';

await style('people');
await style('finding');

/** @param {import('../router.js').PageProps} props */
export default function Tag({params}) {
	const path = `/api/tags/${encodeURIComponent(params.tag)}`;
	const {data, error, retry} = useResource(path, (answer) => /** @type {import('../wire.d.ts').TagPage} */ (answer));
	if (error) return /** @type {any} */ (error).status === 404 ? h(Gone, {tag: params.tag, params}) : h(Failed, {error, onRetry: retry});
	const order = route.value.query.get('order') === 'popular' ? 'popular' : 'newest';
	const name = data?.name ?? params.tag, here = `/tags/${encodeURIComponent(params.tag)}`;
	/** @param {string} of @param {string} text */
	const tab = (of, text) => tags.a({
		href: of === 'newest' ? here : `${here}?order=${of}`, 'aria-current': order === of ? 'page' : undefined,
		onClick: (event) => {
			if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
			event.preventDefault();
			rewrite(event.currentTarget.href);
		},
	}, text);
	return tags.div({class: 'tag-page'},
		tags.header({class: 'page-head'},
			h(Heading, {title: `#${name}`}, tags.span({class: 'tag-sign', 'aria-hidden': 'true'}, '#'), name),
			tags.p({class: 'muted'}, data ? t('tag.tracks', {n: data.tracks}) : t('loading')),
			tags.div({class: 'hero-tools'},
				tags.button({type: 'button', class: 'button main', onClick: () => void startStation({tag: name})}, icon('station'), t('station.start')),
				tags.a({class: 'button', href: `/search?q=${encodeURIComponent(name)}`}, icon('search'), t('tag.search')),
				data && tags.button({type: 'button', class: 'button', onClick: async () => (await import('../parts/feeds.js')).showFeeds({tag: name})}, icon('forward'), t('feeds.way'))),
			data && data.related.length > 0 && tags.div({class: 'tag-related'},
				tags.h2({class: 'small muted', id: 'related'}, t('tag.related')),
				tags.ul({class: 'chips', 'aria-labelledby': 'related'}, data.related.map((one) => tags.li({key: one.name}, tags.a({class: 'chip tag', href: one.url}, icon('hash'), one.name)))))),
		tags.nav({class: 'page-tabs', 'aria-label': t('tag.order')}, tab('newest', t('tag.newest')), tab('popular', t('tag.popular'))),
		h(Tracks, {path: `${path}/tracks?order=${order}`, key: order}));
}

/** @param {{path: string}} props */
function Tracks({path}) {
	const {list, items, more, retry} = useTracks(path);
	const {state, error} = list.value;
	return items.length ? [h(TrackCards, {tracks: items, more}), h(More, {list: list.value, onMore: retry})]
		: state === 'loading' ? h(Skeleton, {}) : error ? h(Failed, {error, onRetry: retry})
			: h(Empty, {icon: 'hash', text: t('tag.empty')}, tags.a({class: 'button main', href: '/discover'}, t('search.discover')));
}

/** No track that may be heard carries it. @param {{tag: string, params: Record<string, string>}} props */
function Gone({tag, params}) {
	if (!tag.trim()) return h(NotFound, {params});
	return [
		tags.header({class: 'page-head'}, h(Heading, {title: `#${tag}`}, tags.span({class: 'tag-sign', 'aria-hidden': 'true'}, '#'), tag)),
		h(Empty, {icon: 'hash', text: t('tag.gone', {tag})}, tags.a({class: 'button main', href: `/search?q=${encodeURIComponent(tag)}`}, icon('search'), t('tag.search'))),
	];
}
