// Messages: the conversations, and one of them beside the list or, on a
// phone, in place of it.

import {classes, h, tags, useEffect} from '../html.js';
import {errorText} from '../api.js';
import {conversations, moreList, renewList} from '../conversations.js';
import {ago} from '../format.js';
import {t} from '../i18n.js';
import {Avatar} from '../parts/artwork.js';
import {Conversation} from '../parts/conversation.js';
import {RowsSkeleton} from '../parts/follow.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed, More} from '../parts/list.js';
import {Heading, navigate, path} from '../router.js';
import {events} from '../state.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Conversation} Conversation */

/** @param {import('../router.js').PageProps} props */
export default function Messages({params}) {
	const place = params.username ? `@${params.username}` : params.id;
	useEffect(() => {
		void renewList();
		const renew = () => void renewList();
		const offs = [events.on('message', renew), events.on('seen', renew), events.on('reset', renew)];
		return () => offs.forEach((off) => off());
	}, []);
	return tags.div({class: classes('messages', place && 'open')},
		tags.section({class: 'talks', 'aria-label': t('messages.all')},
			tags.header({class: 'talks-head'},
				place ? tags.h2({class: 'talks-title'}, t('nav.messages')) : h(Heading, {class: 'talks-title'}, t('nav.messages')),
				tags.button({type: 'button', class: 'quiet', 'aria-label': t('messages.new'), onClick: () => void begin()}, icon('edit'))),
			h(List, {})),
		place ? h(Conversation, {place, key: place})
			: tags.div({class: 'thread-none'}, h(Empty, {icon: 'letter', text: t('messages.choose')})));
}

/** Chooses somebody to write to. */
async function begin() {
	const {choosePerson} = await import('../parts/send-to.js');
	choosePerson(t('messages.new'), ({username}) => void navigate(`/messages/to/${encodeURIComponent(username)}`));
}

/** @param {{}} _ */
function List(_) {
	const {items, state, error} = conversations.value;
	if (!items.length) {
		return state === 'loading' ? h(RowsSkeleton, {n: 4})
			: error ? h(Failed, {error, onRetry: () => void renewList()})
				: h(Empty, {icon: 'letter', text: t('messages.empty')},
					tags.button({type: 'button', class: 'button main', onClick: () => void begin()}, t('messages.new')));
	}
	return tags.div({class: 'talks-list'},
		tags.ul(items.map((one) => h(Talk, {key: String(one.id), one}))),
		error ? tags.p({class: 'failure'}, icon('warning'), errorText(error)) : null,
		h(More, {list: conversations.value, onMore: () => void moreList()}));
}

/** The last line of a conversation. @param {Conversation} one */
function lastLine({last}) {
	if (!last) return '';
	const title = last.track?.title ?? last.playlist?.title;
	const text = last.text || (title ? title : t('messages.sent_thing'));
	return last.mine ? t('messages.you', {text}) : text;
}

/** @param {{one: Conversation}} props */
function Talk({one}) {
	const {id, with: person, last, unread} = one, name = person?.name ?? t('messages.deleted_user');
	const here = path.value === `/messages/${id}` || (person && path.value === `/messages/to/${person.username}`);
	return tags.li({class: classes('talk', unread > 0 && 'unread')},
		h(Avatar, {user: person ?? {name: '?', username: '?'}, class: 'row-face'}),
		tags.div({class: 'talk-text'},
			tags.p({class: 'talk-top'},
				tags.a({class: 'person-row-link talk-name', href: `/messages/${id}`, 'aria-current': here ? 'page' : undefined}, name),
				last && tags.time({class: 'muted small', dateTime: last.created}, ago(last.created))),
			tags.p({class: 'talk-last'},
				last && !last.text && (last.track || last.playlist) && icon('waves'),
				tags.span(lastLine(one)),
				unread > 0 && tags.b({class: 'count'}, unread > 98 ? '99+' : unread, tags.span({class: 'hidden'}, t('messages.unread'))))));
}
