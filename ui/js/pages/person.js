// A person: who they are, how one stands to them, and what they put here.

import {classes, h, tags, useEffect, useState} from '../html.js';
import {api} from '../api.js';
import {date} from '../format.js';
import {t} from '../i18n.js';
import {Avatar, useTint} from '../parts/artwork.js';
import {Banner} from '../parts/banner.js';
import {FollowButton, PersonList, Relation} from '../parts/follow.js';
import {HeroTitle} from '../parts/hero-title.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed, More, Skeleton, useTracks} from '../parts/list.js';
import {Menu} from '../parts/menu.js';
import {Prose} from '../parts/prose.js';
import {useResource} from '../parts/resource.js';
import {TrackCards} from '../parts/track-card.js';
import {latestPerson, learnPerson, personAt, toggleFollow} from '../people.js';
import {navigate, rewrite, route} from '../router.js';
import {events, me} from '../state.js';
import {latest} from '../tracks.js';
import NotFound from './not-found.js';

/** @typedef {import('../wire.d.ts').User} User */
/** @typedef {import('../wire.d.ts').Track} Track */
/** @typedef {import('../html.js').Child} Child */

/** @param {import('../router.js').PageProps} props */
export default function Person({params}) {
	const {data, error, retry} = useResource(`/api/resolve?path=${encodeURIComponent(`/${params.username}`)}`, (answer) => {
		if (answer.user) learnPerson(answer.user);
		return answer;
	}, () => {
		const user = personAt(params.username);
		return user && {user};
	});
	const given = /** @type {User | undefined} */ (data?.user);
	useEffect(() => {
		if (data?.moved) void navigate(data.moved + location.search, {replace: true});
	}, [data]);
	const own = Boolean(given) && me.value?.id === given?.id;
	useEffect(() => {
		// How many tracks there are changes with every upload.
		if (own) void api.get('/api/me').then((now) => now.id === me.peek()?.id && (me.value = now), () => {});
	}, [own]);
	useEffect(() => events.on('reset', retry), [data]);
	if (error) return /** @type {any} */ (error).status === 404 ? h(NotFound, {params}) : h(Failed, {error, onRetry: retry});
	if (data && !given) return h(NotFound, {params});
	if (!given) return tags.div({class: 'waiting'}, h(Skeleton, {n: 2}));
	const user = latestPerson(given);
	if (!user) return h(NotFound, {params});
	// The own page shows the newest of what was changed in the settings.
	return own && me.value
		? h(Shown, {user: {...user, ...me.value, picture: me.value.picture, colour: me.value.colour, banner: me.value.banner, pinned: user.pinned, tracks: user.tracks}, own, hidden: Math.max(0, me.value.tracks - user.tracks)})
		: h(Shown, {user, own, hidden: 0});
}

/** @param {{user: User, own: boolean, hidden: number}} props hidden counts the private tracks, which only their owner sees. */
function Shown({user, own, hidden}) {
	const style = useTint({title: user.username, picture: user.picture, colour: user.colour});
	const {blocked} = user.relation;
	useEffect(() => {
		if (own || blocked) return undefined;
		// The keys come with the player, after the first look.
		const added = import('../keys.js').then(({addShortcut}) => addShortcut({
			keys: ['f'], text: 'keys.follow', act: () => toggleFollow(user),
		}));
		return () => void added.then((off) => off());
	}, [user.id, own, blocked]);
	return tags.div({class: 'person-page'},
		tags.header({class: classes('hero person-hero tinted', user.banner && !blocked && 'with-banner'), style},
			!blocked && h(Banner, {banner: user.banner, own}),
			h(Avatar, {
				user, size: 'large', class: 'huge',
				// ui/page.go has the browser fetch it ahead.
				more: user.picture && {srcset: `${user.picture.medium} 300w, ${user.picture.large} 600w`, sizes: 'clamp(96px, 22vw, 192px)'},
			}),
			tags.div({class: 'person-names'},
				h(HeroTitle, {text: user.name}),
				tags.p({class: 'person-facts muted'},
					tags.span(`@${user.username}`),
					tags.span(t('person.since', {date: date(user.created)})),
					user.keeper && tags.span({class: 'chip'}, t('person.keeper')),
					h(Relation, {user})),
				!blocked && tags.p({class: 'person-counts'},
					tags.a({href: user.url}, hidden ? t('person.both', {open: user.tracks, hidden}) : t('person.tracks', {n: user.tracks})),
					tags.a({href: `${user.url}?tab=followers`}, t('person.followers', {n: user.followers})),
					tags.a({href: `${user.url}?tab=following`}, t('person.following', {n: user.following}))),
				user.bio && h(Prose, {text: user.bio}),
				h(Tools, {user, own}))),
		user.suspended && tags.p({class: 'banner'}, icon('warning'), t('person.suspended', {name: user.name})),
		blocked
			? h(Empty, {icon: 'block', text: t('block.shown', {name: user.name})},
				tags.button({type: 'button', class: 'button', onClick: () => void act('unblock', user)}, t('block.undo')))
			: h(Tabs, {user, own}));
}

/**
 * @param {'unblock' | 'share'} what
 * @param {User} user
 */
const act = async (what, user) => (await import('../parts/person-actions.js'))[what](user);

/** @param {{user: User}} props */
const ShareButton = ({user}) => tags.button({type: 'button', class: 'button only', 'aria-label': t('track.share'), title: t('track.share'), onClick: () => void act('share', user)}, icon('link'));

/** @param {{user: User, own: boolean}} props */
function Tools({user, own}) {
	if (own) {
		return tags.div({class: 'hero-tools'},
			tags.a({class: 'button', href: '/settings'}, icon('edit'), t('person.edit')),
			h(ShareButton, {user}),
			tags.a({class: 'button main', href: '/upload'}, icon('upload'), t('nav.upload')));
	}
	return tags.div({class: 'hero-tools'},
		h(FollowButton, {user}),
		!user.relation.blocked && !user.suspended && h(ShareButton, {user}),
		!user.relation.blocked && !user.suspended && tags.a({class: 'button slim', href: `/messages/to/${encodeURIComponent(user.username)}`}, icon('letter'), tags.span(t('person.message'))),
		me.value && h(Menu, {
			label: t('person.menu', {name: user.name}), class: 'button only',
			items: async () => (await import('../parts/person-actions.js')).actions(user),
		}));
}

/** The parts of the page, by their name in the address. */
const parts = {tracks: 'person.tab_tracks', playlists: 'person.tab_playlists', reposts: 'person.tab_reposts', likes: 'person.tab_likes'};

/** The tab that few open. @param {{user: User, own: boolean}} props */
function Playlists(props) {
	const [part, setPart] = useState(/** @type {typeof import('../parts/person-playlists.js') | null} */ (null));
	const [error, setError] = useState(/** @type {unknown} */ (null));
	const load = () => {
		setError(null);
		import('../parts/person-playlists.js').then(setPart, setError);
	};
	useEffect(load, []);
	return part ? h(part.PersonPlaylists, props) : error ? h(Failed, {error, onRetry: load}) : h(Skeleton, {n: 2});
}

/** @param {{user: User, own: boolean}} props */
function Tabs({user, own}) {
	const tab = route.value.query.get('tab') ?? 'tracks';
	if (tab === 'followers' || tab === 'following') return h(Follows, {user, own, tab, key: tab});
	const shown = Object.hasOwn(parts, tab) ? tab : 'tracks';
	const from = `/api/users/${user.id}`;
	return [
		tags.nav({class: 'page-tabs', 'aria-label': t('person.parts', {name: user.name})},
			Object.entries(parts).map(([name, key]) => tags.a({
				key: name, href: name === 'tracks' ? user.url : `${user.url}?tab=${name}`, 'aria-current': name === shown ? 'page' : undefined,
				onClick: (event) => {
					if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
					event.preventDefault();
					rewrite(event.currentTarget.href);
				},
			}, t(key)))),
		user.suspended && (shown === 'tracks' || shown === 'playlists') ? h(Empty, {icon: 'lock', text: t('person.empty_suspended', {name: user.name})})
			: shown === 'playlists' ? h(Playlists, {user, own, key: shown})
				: shown === 'reposts' ? h(Tracks, {
					path: `${from}/reposts`, label: t('person.list_reposts', {name: user.name}), by: true, key: shown,
					empty: own ? t('person.empty_reposts_own') : t('person.empty_reposts', {name: user.name}),
				})
					: shown === 'likes' ? h(Tracks, {
						path: own ? '/api/me/likes' : `${from}/likes`, label: t('person.list_likes', {name: user.name}), by: true, key: shown,
						empty: own ? t('person.empty_likes_own') : t('person.empty_likes', {name: user.name}),
					})
						: h(Tracks, {
							path: own ? '/api/me/tracks' : `${from}/tracks`, label: t('person.list', {name: user.name}), by: false, key: shown, pinned: user.pinned,
							empty: own ? t('person.empty_own') : t('person.empty', {name: user.name}), upload: own,
						}),
	];
}

/**
 * @param {{path: string, label: string, empty: string, by: boolean, upload?: boolean, pinned?: Track}} props
 *   pinned comes before all others.
 */
function Tracks({path, label, empty, by, upload, pinned}) {
	const {list, items: listed, more, retry} = useTracks(path);
	const first = pinned && latest(pinned);
	const items = first ? [first, ...listed.filter(({id}) => id !== first.id)] : listed;
	const {state, error} = list.value;
	return tags.section({'aria-label': label},
		state === 'loading' && !items.length ? h(Skeleton, {n: 3})
			: !items.length && error ? h(Failed, {error, onRetry: retry})
				: !items.length ? h(Empty, {text: empty},
					upload ? tags.a({class: 'button main', href: '/upload'}, icon('upload'), t('stream.upload'))
						: tags.a({class: 'button', href: '/'}, t('notfound.home')))
					: [
						h(TrackCards, {
							tracks: items, more, by, lead: Boolean(first), at: 0,
							between: first ? tags.li({class: 'pinned-sign', key: 'pinned'}, icon('pin'), tags.span(t('pin.sign'))) : null,
						}),
						h(More, {list: list.value, onMore: retry})]);
}

/** Who follows a person, or whom they follow. @param {{user: User, own: boolean, tab: 'followers' | 'following'}} props */
function Follows({user, own, tab}) {
	const path = `/api/users/${user.id}/${tab}`;
	const followers = tab === 'followers';
	const label = followers ? t('person.list_followers', {name: user.name}) : t('person.list_following', {name: user.name});
	return tags.section({class: 'follows'},
		tags.div({class: 'follows-head'},
			tags.a({class: 'quiet', href: user.url, 'aria-label': t('person.back', {name: user.name})}, icon('back')),
			tags.h2(label)),
		h(PersonList, {
			path, label,
			empty: followers
				? own ? t('person.empty_followers_own') : t('person.empty_followers', {name: user.name})
				: own ? t('person.empty_following_own') : t('person.empty_following', {name: user.name}),
		}, own ? tags.a({class: 'button main', href: followers ? '/upload' : '/people'}, followers ? t('stream.upload') : t('people.title'))
			: followers ? h(FollowButton, {user}) : tags.a({class: 'button', href: '/'}, t('notfound.home'))));
}
