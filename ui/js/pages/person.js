// A person: who they are, and what they put here.

import {h, tags, useEffect} from '../html.js';
import {api} from '../api.js';
import {date} from '../format.js';
import {t} from '../i18n.js';
import {Avatar, useTint} from '../parts/artwork.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed, More, Skeleton, useTracks} from '../parts/list.js';
import {Prose} from '../parts/prose.js';
import {useResource} from '../parts/resource.js';
import {TrackCards} from '../parts/track-card.js';
import {Heading, navigate} from '../router.js';
import {me} from '../state.js';
import NotFound from './not-found.js';

/** @typedef {import('../wire.d.ts').User} User */

/** @param {import('../router.js').PageProps} props */
export default function Person({params}) {
	const {data, error, retry} = useResource(`/api/resolve?path=${encodeURIComponent(`/${params.username}`)}`);
	const user = /** @type {User | undefined} */ (data?.user);
	useEffect(() => {
		if (data?.moved) void navigate(data.moved, {replace: true});
	}, [data]);
	const own = Boolean(user) && me.value?.id === user?.id;
	useEffect(() => {
		// How many tracks there are changes with every upload.
		if (own) void api.get('/api/me').then((now) => (me.value = now), () => {});
	}, [own]);
	if (error) return /** @type {any} */ (error).status === 404 ? h(NotFound, {params}) : h(Failed, {error, onRetry: retry});
	if (data && !user) return h(NotFound, {params});
	if (!user) return tags.div({class: 'waiting'}, h(Skeleton, {n: 2}));
	// The own page shows the newest of what was changed in the settings.
	return h(Shown, {user: own && me.value ? {...me.value, tracks: user.tracks} : user, own, hidden: own && me.value ? Math.max(0, me.value.tracks - user.tracks) : 0});
}

/** @param {{user: User, own: boolean, hidden: number}} props hidden counts the private tracks, which only their owner sees. */
function Shown({user, own, hidden}) {
	const {list, items, more, retry} = useTracks(own ? '/api/me/tracks' : `/api/users/${user.id}/tracks`);
	const {state, error} = list.value;
	const style = useTint({title: user.username, picture: user.picture});
	return tags.div({class: 'person-page'},
		tags.header({class: 'hero person-hero tinted', style},
			h(Avatar, {user, size: 'large', class: 'huge'}),
			tags.div({class: 'person-names'},
				h(Heading, {class: 'hero-title'}, user.name),
				tags.p({class: 'person-facts muted'},
					tags.span(`@${user.username}`),
					tags.span(hidden ? t('person.both', {open: user.tracks, hidden}) : t('person.tracks', {n: user.tracks})),
					tags.span(t('person.since', {date: date(user.created)})),
					user.keeper && tags.span({class: 'chip'}, t('person.keeper'))),
				user.bio && h(Prose, {text: user.bio}),
				own && tags.div({class: 'hero-tools'},
					tags.a({class: 'button', href: '/settings'}, icon('edit'), t('person.edit')),
					tags.a({class: 'button main', href: '/upload'}, icon('upload'), t('nav.upload'))))),
		tags.section({'aria-label': t('person.list', {name: user.name})},
			state === 'loading' && !items.length ? h(Skeleton, {n: 3})
				: !items.length && error ? h(Failed, {error, onRetry: retry})
					: !items.length ? h(Empty, {text: own ? t('person.empty_own') : t('person.empty', {name: user.name})},
						own ? tags.a({class: 'button main', href: '/upload'}, icon('upload'), t('stream.upload'))
							: tags.a({class: 'button', href: '/'}, t('notfound.home')))
						: [h(TrackCards, {tracks: items, more, by: false}), h(More, {list: list.value, onMore: retry})]));
}
