// Everybody who has an account, for the keeper.

import {h, tags} from '../html.js';
import {date} from '../format.js';
import {t} from '../i18n.js';
import {PersonRow, RowsSkeleton} from '../parts/follow.js';
import {Failed, More, useList} from '../parts/list.js';
import {Menu} from '../parts/menu.js';
import {latestPerson, learnPerson} from '../people.js';
import {Heading} from '../router.js';
import {me} from '../state.js';
import '../texts.js';
import NotFound from './not-found.js';

/** @param {import('../router.js').PageProps} props */
export default function KeeperPeople({params}) {
	return me.value?.keeper ? h(List, {}) : h(NotFound, {params});
}

/** @param {{}} _ */
function List(_) {
	const {list, items, retry} = useList('/api/users', learnPerson);
	const {error} = list.value;
	return tags.div({class: 'people-page'},
		tags.header({class: 'page-head'}, h(Heading, null, t('keeper.people')), tags.p({class: 'muted'}, t('keeper.people_lead'))),
		items.length ? [
			tags.ul({class: 'person-rows', 'aria-label': t('keeper.people')}, items.map((user) => h(Row, {key: user.id, user}))),
			h(More, {list: list.value, onMore: retry}),
		] : error ? h(Failed, {error, onRetry: retry}) : h(RowsSkeleton, {}));
}

/** @param {{user: import('../wire.d.ts').User}} props */
function Row({user: given}) {
	const user = latestPerson(given);
	if (!user) return null;
	const mark = user.keeper ? t('person.keeper') : user.suspended && t('reports.suspended');
	return h(PersonRow, {
		user,
		beside: user.keeper ? false : h(Menu, {
			label: t('person.menu', {name: user.name}), class: 'button only',
			items: async () => (await import('../parts/person-actions.js')).keeping(user),
		}),
	}, tags.span(t('person.since', {date: date(user.created)})), mark && [' ', tags.span({class: 'chip'}, mark)]);
}
