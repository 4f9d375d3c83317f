// Everybody who has an account, and the invites, for the keeper.

import {h, tags} from '../html.js';
import {date} from '../format.js';
import {t} from '../i18n.js';
import {PersonRow, RowsSkeleton} from '../parts/follow.js';
import {Failed, More, useList} from '../parts/list.js';
import {Menu} from '../parts/menu.js';
import {Usage} from '../parts/usage.js';
import {latestPerson, learnPerson} from '../people.js';
import {Heading, rewrite, route} from '../router.js';
import {me} from '../state.js';
import '../texts.js';
import {Invites} from '../parts/keeper-invites.js';
import NotFound from './not-found.js';

/** @typedef {import('../wire.d.ts').Account} Account */

/** @param {import('../router.js').PageProps} props */
export default function KeeperPeople({params}) {
	const invites = route.value.query.get('view') === 'invites';
	if (!me.value?.keeper) return h(NotFound, {params});
	/** @param {string} href @param {boolean} on @param {string} text */
	const tab = (href, on, text) => tags.a({
		href, 'aria-current': on ? 'page' : undefined,
		onClick: (event) => {
			if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
			event.preventDefault();
			rewrite(href);
		},
	}, text);
	return tags.div({class: 'people-page'},
		tags.header({class: 'page-head'}, h(Heading, {title: t('keeper.people')}, t('keeper.people')), tags.p({class: 'muted'}, t('keeper.people_lead'))),
		tags.nav({class: 'page-tabs', 'aria-label': t('keeper.people')},
			tab('/keeper/people', !invites, t('keeper.accounts')), tab('/keeper/people?view=invites', invites, t('invite.list'))),
		invites ? h(Invites, {}) : h(List, {}));
}

/** @param {Account} account */
const learn = (account) => /** @type {Account} */ (learnPerson(account));

/** @param {{}} _ */
function List(_) {
	const {list, items, retry} = useList('/api/users', learn);
	const {error} = list.value;
	/** @param {Account} now */
	const onChange = (now) => {
		learnPerson(now);
		list.value = {...list.peek(), items: list.peek().items.map((one) => one.id === now.id ? now : one)};
	};
	return items.length ? [
		tags.ul({class: 'person-rows', 'aria-label': t('keeper.people')}, items.map((account) => h(Row, {key: account.id, account, onChange}))),
		h(More, {list: list.value, onMore: retry}),
	] : error ? h(Failed, {error, onRetry: retry}) : h(RowsSkeleton, {});
}

/** @param {{account: Account, onChange: (now: Account) => void}} props */
function Row({account: given, onChange}) {
	const user = latestPerson(given);
	if (!user) return null;
	// Who somebody is may have changed elsewhere; what only the keeper sees came with the list.
	const account = {...given, ...user};
	const mark = account.keeper ? t('person.keeper') : account.suspended && t('reports.suspended');
	return h(PersonRow, {
		user,
		beside: h(Menu, {
			label: t('person.menu', {name: user.name}), class: 'button only',
			items: async () => (await import('../parts/keeper-account.js')).accountItems(account, onChange),
		}),
	},
		tags.span({class: 'account-facts'}, tags.span({class: 'account-mail'}, account.email), tags.span(t('person.since', {date: date(user.created)})), mark && tags.span({class: 'chip'}, mark)),
		h(Usage, {used: account.used_bytes, tracks: account.used_tracks, quota: account.quota}),
		account.reset_until && Date.parse(account.reset_until) > Date.now() && tags.span(t('reset.out', {date: date(account.reset_until)})));
}
