// The own account and this device.

import {base, h, tags, useEffect, useState} from '../html.js';
import {api, errorText} from '../api.js';
import {chooseLocale, chooseTheme} from '../chosen.js';
import {languages, locale, setLocale, t} from '../i18n.js';
import {listShown, shortcutsOn} from '../keys.js';
import {Avatar} from '../parts/artwork.js';
import {Banner} from '../parts/banner.js';
import {focusBeside} from '../parts/beside.js';
import {Connected} from '../parts/connected.js';
import {ask} from '../parts/dialog.js';
import {Area, Choice, Form, Password, PictureField, Text, demand} from '../parts/fields.js';
import {icon} from '../parts/icon.js';
import {InstallPanel} from '../parts/installing.js';
import {Failed, More, useList} from '../parts/list.js';
import {Scrobbler, scrobbling} from '../parts/scrobbler.js';
import {toast} from '../parts/toast.js';
import {MyUsage} from '../parts/usage.js';
import {learnPerson, setBlocked} from '../people.js';
import {Heading, navigate, route} from '../router.js';
import {welcome} from '../session.js';
import {house, me, theme} from '../state.js';
import {style} from '../style.js';
import '../texts.js';

await style('people');

/** @typedef {import('../wire.d.ts').Me} Me */

/** @param {import('../router.js').PageProps} _ */
export default function Settings(_) {
	const who = me.value, {hash} = route.value;
	useEffect(() => {
		// The page was scrolled to its top a moment ago.
		if (hash) requestAnimationFrame(() => document.getElementById(hash)?.scrollIntoView());
	}, [hash]);
	return tags.div({class: 'settings settings-page'},
		tags.header({class: 'page-head'}, h(Heading, null, t('nav.settings')),
			who && tags.div({class: 'muted'}, tags.p(who.email), h(MyUsage, {}))),
		who && h(Ways, {who}),
		tags.div({class: 'settings-body'},
			who && h(Profile, {who}),
			who && !who.proxy && h(Email, {who}),
			who && (who.proxy ? h(Section, {title: t('field.password'), text: t('proxy.text'), id: 'account'}) : h(PasswordForm, {})),
			who && !who.proxy && h(Connected, {}),
			who && !who.proxy && h(Security, {}),
			who && h(Programs, {}),
			who && h(Private, {who}),
			who && h(Told, {who}),
			h(Device, {}),
			h(InstallPanel, {}),
			h(Listening, {}),
			who && h(Scrobbler, {}),
			who && h(Feeds, {}),
			who && h(Blocked, {}),
			who?.keeper && h(House, {}),
			who && h(Section, {title: t('takeout.title'), text: t('takeout.text'), id: 'takeout'},
				tags.p(tags.a({class: 'button', href: '/api/me/export', download: ''}, icon('download'), t('takeout.do'))),
				tags.p({class: 'muted small'}, t('takeout.hint'))),
			who && h(Leave, {who, open: hash === 'leave'}),
			h(About, {keeper: Boolean(who?.keeper)})));
}

/** The sections, each by its place in the page. */
const ways = [
	['profile', 'settings.profile', 'user'], ['account', 'settings.account', 'letter'], ['security', 'security.title', 'lock'], ['programs', 'programs.title', 'station'],
	['private', 'settings.private', 'info'], ['notify', 'nav.notifications', 'bell'], ['device', 'settings.device', 'theme'],
	['app', 'install.title', 'keep'], ['listen', 'settings.listen', 'volume'], ['scrobbler', 'scrobbler.title', 'send'], ['feeds', 'feeds.settings', 'station'], ['blocked', 'block.list', 'block'], ['house', 'room.title', 'shield'],
	['takeout', 'settings.takeout', 'download'], ['leave', 'leave.title', 'trash'], ['about', 'settings.about', 'info'],
];

/** The way to each section. @param {{who: Me}} props */
function Ways({who}) {
	const shown = ways.filter(([id]) => (id !== 'house' || who.keeper) && (id !== 'security' || !who.proxy) && (id !== 'scrobbler' || scrobbling.value));
	return tags.nav({class: 'settings-ways', 'aria-label': t('settings.sections')},
		shown.map(([id, text, sign]) => tags.a({
			key: id, href: `#${id}`,
			onClick: () => document.getElementById(id)?.scrollIntoView(), // also where the address names it already
		}, icon(sign), tags.span(t(text)))));
}

/** How things sound here. @param {{}} _ */
function Listening(_) {
	return h(Section, {title: t('settings.listen'), text: t('settings.listen_text'), id: 'listen'},
		tags.div({class: 'actions start'}, tags.button({
			type: 'button', class: 'button', onClick: async () => (await import('../parts/tuning.js')).tune(),
		}, icon('volume'), t('settings.listen_open'))));
}

/** The way to what podcast apps follow. @param {{}} _ */
function Feeds(_) {
	return h(Section, {title: t('feeds.settings'), text: t('feeds.lead'), id: 'feeds'},
		tags.div({class: 'actions start'}, tags.button({
			type: 'button', class: 'button', onClick: async () => (await import('../parts/feeds.js')).showMyFeeds(),
		}, icon('station'), t('feeds.open'))));
}

/** What runs here, which is the keeper's business alone. @param {{keeper: boolean}} props */
function About({keeper}) {
	const [version, setVersion] = useState('');
	useEffect(() => {
		if (keeper) void api.get('/api/health').then((now) => setVersion(now.version), () => {});
	}, [keeper]);
	return h(Section, {title: t('settings.about'), text: t('settings.about_text'), id: 'about'},
		version && tags.p(t('settings.version', {version})),
		tags.p({class: 'settings-links'},
			tags.button({type: 'button', class: 'text', onClick: () => (listShown.value = true)}, t('settings.keys')),
			tags.a({href: '/api/docs'}, t('settings.api'))));
}

/**
 * @param {{title: string, text?: string, id?: string, children?: import('../html.js').Child}} props
 */
function Section({title, text, id, children}) {
	return tags.section({class: 'panel', id}, tags.h2(title), text && tags.p({class: 'muted'}, text), children);
}

/** @param {{who: Me}} props */
function Profile({who}) {
	/** @param {Record<string, string>} values */
	const save = async (values) => {
		demand('name', values.name, 'name.empty');
		me.value = await api.patch('/api/me', {
			name: values.name.trim(), bio: values.bio, username: values.username === who.username ? undefined : values.username.trim(),
		});
		toast(t('settings.saved'));
	};
	return h(Section, {title: t('settings.profile'), id: 'profile'},
		tags.div({class: 'field'}, h(Banner, {banner: who.banner, own: true}), tags.p({class: 'hint'}, t('banner.hint'))),
		h(PictureField, {
			label: t('settings.picture'), has: Boolean(who.picture), limit: house.value?.limits.picture_bytes ?? 0,
			current: h(Avatar, {user: who, size: 'medium', class: 'large'}),
			onPut: async (file) => {
				me.value = await api.put('/api/me/picture', file);
			},
			onDrop: async () => {
				me.value = await api.del('/api/me/picture');
			},
		}),
		h(Form, {action: save, submit: t('save')},
			h(Text, {label: t('field.name'), name: 'name', value: who.name, maxLength: 60, autocomplete: 'name'}),
			h(Text, {label: t('field.username'), name: 'username', value: who.username, readOnly: who.proxy, maxLength: 40, hint: t('field.username_hint'), prefix: '/', autocapitalize: 'off', spellcheck: false, autocomplete: 'off'}),
			h(Area, {label: t('field.bio'), name: 'bio', value: who.bio, maxLength: 1000, optional: true})));
}

/** What one may be told of. */
const kinds = /** @type {const} */ ({
	follow: 'notify.follow', comment: 'notify.comment', reply: 'notify.reply', mention: 'notify.mention',
	like: 'notify.like', repost: 'notify.repost', new_track: 'notify.new_track', message: 'notify.message',
});

/** Which notifications are wanted; each choice is kept at once. @param {{who: Me}} props */
function Told({who}) {
	/** @param {keyof typeof kinds} kind @param {boolean} on */
	const change = async (kind, on) => {
		me.value = {...who, notify: {...who.notify, [kind]: on}};
		try {
			await api.patch('/api/me', {notify: {[kind]: on}});
		} catch (failed) {
			// Other choices may have been made meanwhile.
			const now = me.peek();
			if (now?.id === who.id) me.value = {...now, notify: {...now.notify, [kind]: !on}};
			toast(errorText(failed), {kind: 'error'});
		}
	};
	return h(Section, {title: t('nav.notifications'), text: t('notify.text'), id: 'notify'},
		tags.div({class: 'checks'}, Object.entries(kinds).map(([kind, text]) => tags.label({class: 'option plain', key: kind},
			tags.input({
				type: 'checkbox', checked: who.notify[/** @type {keyof typeof kinds} */ (kind)],
				onChange: (event) => void change(/** @type {keyof typeof kinds} */ (kind), event.currentTarget.checked),
			}),
			tags.span({class: 'option-label'}, t(text))))));
}

/** Whom one blocks. @param {{}} _ */
function Blocked(_) {
	const {list, items, retry} = useList('/api/me/blocks', learnPerson);
	const {state, error} = list.value;
	/** @param {import('../wire.d.ts').User} user */
	const unblock = async (user) => {
		const moveOn = focusBeside();
		try {
			await setBlocked(user, false);
			list.value = {...list.peek(), items: list.peek().items.filter(({id}) => id !== user.id)};
			moveOn();
			toast(t('block.undone', {name: user.name}));
		} catch (failed) {
			toast(errorText(failed), {kind: 'error'});
		}
	};
	return h(Section, {title: t('block.list'), id: 'blocked', text: items.length ? undefined : state === 'ready' && !error ? t('block.none') : undefined},
		!items.length && Boolean(error) && h(Failed, {error, onRetry: retry}),
		!items.length && state === 'loading' && tags.p({class: 'muted', role: 'status'}, t('loading')),
		items.length > 0 && tags.ul({class: 'rows'}, items.map((user) => tags.li({key: user.id, class: 'row'},
			h(Avatar, {user}),
			tags.div({class: 'row-text'}, tags.a({href: user.url}, user.name)),
			tags.button({type: 'button', class: 'button', 'aria-label': t('block.undo_one', {name: user.name}), onClick: () => void unblock(user)}, t('block.undo'))))),
		h(More, {list: list.value, onMore: retry}));
}

/** Deleting the own account. @param {{who: Me, open: boolean}} props */
function Leave({who, open}) {
	/** @param {Record<string, string>} values */
	const leave = async (values) => {
		if (who.password) demand('password', values.password, 'password.empty');
		if (!await ask({title: t('leave.sure'), text: t('leave.sure_text'), yes: t('leave.do'), danger: true})) return;
		await api.post('/api/me/delete', {password: values.password ?? ''});
		document.documentElement.removeAttribute('data-session');
		me.value = null;
		toast(t('leave.done'));
		await navigate('/', {replace: true});
	};
	return h(Section, {title: t('leave.title'), id: 'leave', text: who.keeper ? t('leave.keeper') : undefined},
		tags.details({class: 'fold', open},
			tags.summary(t('leave.open')),
			tags.div({class: 'leave'},
				tags.p(tags.b(t('leave.goes')), ' ', t('leave.goes_text')),
				tags.p(tags.b(t('leave.stays')), ' ', t('leave.stays_text')),
				tags.p({class: 'muted'}, t('leave.copy'))),
			h(Form, {action: leave, submit: t('leave.do'), busy: t('leave.busy'), class: 'grave'},
				tags.input({type: 'text', name: 'username', autocomplete: 'username', value: who.email, hidden: true, readOnly: true}),
				who.password && h(Password, {label: t('field.password'), name: 'password', autocomplete: 'current-password', hint: t('leave.password')}))));
}

/** Whether a language was chosen here. */
const chosenLocale = () => /(^|; )locale=/.test(document.cookie);

/** Takes the language that the browser asks for, also the next time. */
async function followDevice() {
	document.cookie = `locale=; Path=${base}/; Max-Age=0; SameSite=Lax`;
	const wanted = navigator.languages.map((tag) => tag.split('-')[0]).find((code) => Object.hasOwn(languages, code));
	await setLocale(/** @type {keyof typeof languages} */ (wanted ?? 'en'));
}

/** Language and colours, on this device. @param {{}} _ */
function Device(_) {
	return h(Section, {title: t('settings.device'), text: t('settings.device_text'), id: 'device'},
		h(Choice, {
			legend: t('settings.language'), name: 'language', value: chosenLocale() ? locale.value : 'auto',
			options: [{value: 'auto', label: t('settings.language_auto')}, ...Object.entries(languages).map(([value, label]) => ({value, label}))],
			onPick: (value) => void (value === 'auto' ? followDevice() : chooseLocale(/** @type {keyof typeof languages} */ (value))),
		}),
		h(Choice, {
			legend: t('settings.theme'), name: 'theme', value: theme.value,
			options: [
				{value: 'auto', label: t('settings.theme_auto')},
				{value: 'light', label: t('settings.theme_light')},
				{value: 'dark', label: t('settings.theme_dark')},
			],
			onPick: (value) => chooseTheme(/** @type {import('../state.js').Theme} */ (value)),
		}),
		h(Choice, {
			legend: t('keys.setting'), name: 'keys', value: shortcutsOn.value ? 'on' : 'off', hint: t('keys.setting_hint'),
			options: [{value: 'on', label: t('keys.on')}, {value: 'off', label: t('keys.off')}],
			onPick: (value) => (shortcutsOn.value = value === 'on'),
		}),
		// The page is none of the app's: it works before any certificate is trusted.
		house.value?.trust && tags.p(tags.a({href: '/trust', target: '_self'}, t('settings.trust'))));
}

/** @param {{who: Me}} props */
function Private({who}) {
	/** @param {Record<string, string>} values */
	const save = async (values) => {
		me.value = await api.patch('/api/me', {age: Number(values.age) || 0, gender: values.gender.trim()});
		toast(t('settings.saved'));
	};
	return h(Section, {title: t('settings.private'), id: 'private', text: t('settings.private_text')},
		h(Form, {action: save, submit: t('save')},
			tags.div({class: 'pair'},
				h(Text, {label: t('field.age'), name: 'age', type: 'number', value: who.age || '', min: 0, max: 150, optional: true}),
				h(Text, {label: t('field.gender'), name: 'gender', value: who.gender ?? '', maxLength: 40, optional: true}))));
}

/** The address that one signs in with. @param {{who: Me}} props */
function Email({who}) {
	/** @param {Record<string, string>} values @param {HTMLFormElement} form */
	const save = async (values, form) => {
		demand('email', values.email, 'email.empty');
		if (who.password) demand('password', values.password, 'password.empty');
		me.value = await api.put('/api/me/email', {email: values.email.trim(), password: values.password ?? ''});
		form.reset();
		toast(t('settings.email_saved'));
	};
	return h(Section, {title: t('field.email'), text: t('field.email_hint'), id: 'account'},
		h(Form, {action: save, submit: t('settings.email_save')},
			h(Text, {label: t('settings.email_new'), name: 'email', type: 'email', value: who.email, autocomplete: 'email', maxLength: 254, autocapitalize: 'off', spellcheck: false}),
			who.password && h(Password, {label: t('settings.password_current'), name: 'password', autocomplete: 'current-password'})));
}

/** @param {{}} _ */
function PasswordForm(_) {
	const first = !me.value?.password; // who came by an account elsewhere has none
	/** @param {Record<string, string>} values @param {HTMLFormElement} form */
	const save = async (values, form) => {
		if (!first) demand('current', values.current, 'password.empty');
		demand('new', values.new, 'password.empty');
		await welcome(await api.put('/api/me/password', {current: values.current ?? '', new: values.new}));
		form.reset();
		toast(first ? t('ways.password_saved') : t('settings.password_saved'));
	};
	return h(Section, {title: t('field.password'), text: first ? t('ways.password_text') : t('settings.password_text')},
		h(Form, {action: save, submit: first ? t('ways.password_save') : t('settings.password_save')},
			tags.input({type: 'text', name: 'username', autocomplete: 'username', value: me.value?.email, hidden: true, readOnly: true}),
			!first && h(Password, {label: t('settings.password_current'), name: 'current', autocomplete: 'current-password'}),
			h(Password, {label: t('settings.password_new'), name: 'new', autocomplete: 'new-password', hint: t('field.password_hint')})));
}

/** The way to the page of second factor, passkeys and sessions. @param {{}} _ */
function Security(_) {
	return h(Section, {title: t('security.title'), text: t('security.lead'), id: 'security'},
		tags.div({class: 'actions start'}, tags.a({class: 'button', href: '/settings/security'}, icon('lock'), t('security.open'))));
}

/** The way to what other programs come in by. @param {{}} _ */
function Programs(_) {
	return h(Section, {title: t('programs.title'), text: t('programs.lead'), id: 'programs'},
		tags.div({class: 'actions start'}, tags.a({class: 'button', href: '/settings/programs'}, icon('station'), t('programs.open'))));
}

/** The way to what the keeper decides. @param {{}} _ */
function House(_) {
	return h(Section, {title: t('room.title'), text: t('room.lead'), id: 'house'},
		tags.div({class: 'actions start'}, tags.a({class: 'button', href: '/keeper/settings'}, icon('settings'), t('room.to_settings')), tags.a({class: 'button', href: '/keeper'}, icon('lock'), t('room.open'))));
}
