// People whom the asker may want to follow, and why.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {PersonRow, RowsSkeleton} from '../parts/follow.js';
import {icon} from '../parts/icon.js';
import {Empty, Failed} from '../parts/list.js';
import {why} from '../parts/person-strip.js';
import {useResource} from '../parts/resource.js';
import {learnPerson} from '../people.js';
import {Heading} from '../router.js';
import {me} from '../state.js';
import '../texts.js';

/** @typedef {import('../wire.d.ts').Recommendation} Recommendation */

/** @param {import('../router.js').PageProps} _ */
export default function People(_) {
	const {data, error, retry} = useResource('/api/recommendations/users?limit=30', ({items}) => {
		for (const {user} of items) learnPerson(user);
		return /** @type {Recommendation[]} */ (items);
	});
	return tags.div({class: 'people-page'},
		tags.header({class: 'page-head'}, h(Heading, null, t('people.title')), tags.p({class: 'muted'}, t('people.lead'))),
		error ? h(Failed, {error, onRetry: retry})
			: !data ? h(RowsSkeleton, {})
				: !data.length ? h(Empty, {icon: 'people', text: t('people.empty')},
					tags.a({class: 'button main', href: '/'}, t('notfound.home')))
					: tags.ul({class: 'person-rows', 'aria-label': t('people.title')}, data.map((one) => h(PersonRow, {key: one.user.id, user: one.user}, why(one)))),
		me.value && tags.p({class: 'people-own'},
			tags.a({class: 'button', href: `${me.value.url}?tab=following`}, icon('people'), t('people.following'))));
}
