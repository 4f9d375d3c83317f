// The overview of the keeper's room: how the house is, what it stores, what it
// works on, and how phones reach it.

import {h, tags, useState} from '../html.js';
import {bytes, count} from '../amounts.js';
import {ago} from '../format.js';
import {t} from '../i18n.js';
import {Avatar} from '../parts/artwork.js';
import {icon} from '../parts/icon.js';
import {Failed} from '../parts/list.js';
import {own} from '../parts/one-time-link.js';
import {usePolled} from '../parts/poll.js';
import {QR} from '../parts/qr.js';
import {copy} from '../parts/track-actions.js';
import {Work} from '../parts/work.js';
import {Heading} from '../router.js';
import {style} from '../style.js';
import '../texts.js';

await Promise.all([style('numbers'), style('keeping')]);

/** @typedef {import('../wire.d.ts').Health} Health */
/** @typedef {import('../wire.d.ts').HealthCheck} Check */
/** @typedef {import('../wire.d.ts').Storage} Storage */
/** @typedef {import('../wire.d.ts').Jobs} Jobs */

/** What is said of each thing that was looked at. @type {Record<string, string>} */
const says = {
	'database.ok': 'health.database_ok', 'database.rotten': 'health.database_rotten',
	'disk.ok': 'health.disk_ok', 'disk.low': 'health.disk_low', 'disk.full': 'health.disk_full', 'disk.readonly': 'health.disk_readonly', 'disk.unknown': 'health.disk_unknown',
	'media.ok': 'health.media_ok', 'media.missing': 'health.media_missing',
	'libraries.ok': 'health.libraries_ok', 'libraries.none': 'health.libraries_none', 'libraries.away': 'health.libraries_away',
	'backups.ok': 'health.backups_ok', 'backups.soon': 'health.backups_soon', 'backups.none': 'health.backups_none', 'backups.old': 'health.backups_old',
	'backups.off': 'health.backups_off', 'backups.bad': 'health.backups_bad', 'backups.failed': 'health.backups_failed',
	'index.ok': 'health.index_ok', 'index.building': 'health.index_building', 'index.error': 'health.index_error',
	'jobs.ok': 'health.jobs_ok', 'jobs.waiting': 'health.jobs_waiting', 'jobs.failing': 'health.jobs_failing',
	'clock.ok': 'health.clock_ok', 'clock.unset': 'health.clock_unset', 'clock.behind': 'health.clock_behind',
	'memory.ok': 'health.memory_ok', 'memory.near': 'health.memory_near',
	'check.ok': 'health.check_ok', 'check.never': 'health.check_never', 'check.running': 'health.check_running', 'check.found': 'health.check_found',
};

/** Where something can be done about it. @type {Record<string, {href: string, text: string}>} */
const cures = {
	database: {href: '/keeper/backups', text: 'room.to_check'}, disk: {href: '/keeper/people', text: 'room.to_people'},
	libraries: {href: '/keeper/libraries', text: 'room.to_libraries'}, backups: {href: '/keeper/backups', text: 'room.to_backups'},
	index: {href: '/keeper/index', text: 'room.to_index'}, jobs: {href: '/keeper/jobs', text: 'room.to_jobs'}, check: {href: '/keeper/backups', text: 'room.to_check'},
};

/** @param {Check} check */
function sentence({code, message, number: n = 0}) {
	const key = says[code];
	return key ? t(key, code.startsWith('disk.') ? {size: bytes(n)} : {n}) : message;
}

/** @param {{}} _ */
export default function KeeperHome(_) {
	const health = usePolled('/api/health', /** @param {Health} _ */ (_) => false);
	const jobs = usePolled('/api/jobs', /** @param {Jobs} now */ (now) => now.items.some(({state}) => state === 'running'));
	const storage = usePolled('/api/storage', /** @param {Storage} now */ (now) => now.derived < 0);
	return tags.div({class: 'room-home'},
		tags.header({class: 'page-head'}, h(Heading, null, t('room.title')), tags.p({class: 'muted'}, t('room.lead'))),
		health.data ? h(Condition, {health: health.data}) : h(Wait, {error: health.error, retry: health.retry}),
		health.data && h(Now, {health: health.data, jobs: jobs.data}),
		storage.data ? h(Kept, {storage: storage.data}) : health.data && h(Wait, {error: storage.error, retry: storage.retry}),
		health.data && h(Reach, {health: health.data}),
		health.data && h(About, {health: health.data}));
}

/** @param {{error: unknown, retry: () => void}} props */
function Wait({error, retry}) {
	return error ? h(Failed, {error, onRetry: retry})
		: tags.div({class: 'panel ghost', 'aria-busy': 'true'}, tags.p({class: 'hidden', role: 'status'}, t('loading')),
			tags.span({class: 'line long', 'aria-hidden': 'true'}), tags.span({class: 'line', 'aria-hidden': 'true'}));
}

/** How the house is, in one line, and what to do. @param {{health: Health}} props */
function Condition({health}) {
	const wrong = health.checks.filter(({state}) => state !== 'ok'), right = health.checks.filter(({state}) => state === 'ok');
	const bad = wrong.filter(({state}) => state === 'bad').length;
	const state = bad ? 'bad' : wrong.length ? 'warn' : 'ok';
	wrong.sort((a, b) => Number(b.state === 'bad') - Number(a.state === 'bad'));
	return tags.section({class: `room-state ${state}`, 'aria-labelledby': 'room-state'},
		tags.div({class: 'room-state-head'},
			tags.span({class: 'room-sign'}, icon(state === 'ok' ? 'check' : 'warning')),
			tags.div(
				tags.h2({id: 'room-state'}, state === 'ok' ? t('room.well') : bad ? t('room.bad', {n: wrong.length}) : t('room.warn', {n: wrong.length})),
				tags.p({class: 'muted'}, t('room.since', {ago: ago(health.started)})))),
		wrong.length > 0 && tags.ul({class: 'troubles'}, wrong.map((check) => tags.li({key: check.name, class: check.state},
			icon(check.state === 'bad' ? 'warning' : 'info'),
			tags.p(sentence(check)),
			cures[check.name] && tags.a({class: 'button', href: cures[check.name].href}, t(cures[check.name].text))))),
		right.length > 0 && tags.details({class: 'fold'},
			tags.summary(t('room.looked', {n: right.length})),
			tags.ul({class: 'rights'}, right.map((check) => tags.li({key: check.name}, icon('check'), tags.span(sentence(check)))))));
}

/** @param {{health: Health, jobs: Jobs | null}} props */
function Now({health, jobs}) {
	const running = jobs?.items.filter(({state}) => state === 'running') ?? [];
	const waiting = (jobs?.waiting ?? []).reduce((sum, {count: n}) => sum + n, 0) - running.length;
	/** @param {number} n @param {string} text */
	const tile = (n, text) => tags.div({class: 'tile'}, tags.b(count(n)), tags.span({class: 'tile-name'}, text));
	return tags.section({class: 'room-now', 'aria-label': t('room.now')},
		tags.h2(t('room.now')),
		tags.div({class: 'tiles'},
			tile(health.listeners, t('room.listening')), tile(health.tabs, t('room.tabs')), tile(health.users, t('keeper.accounts')), tile(health.tracks, t('room.tracks'))),
		running.length > 0 && tags.ul({class: 'works'}, running.map((job) => h(Work, {key: job.id, job}))),
		running.length + waiting > 0
			? tags.p({class: 'small'}, tags.a({href: '/keeper/jobs'}, waiting > 0 ? t('room.waiting', {n: waiting}) : t('room.to_jobs')))
			: jobs && tags.p({class: 'muted small'}, t('room.idle')));
}

/** What of the disk the house takes. @param {{storage: Storage}} props */
function Kept({storage}) {
	const {free, total, originals, derived, database, index, backups, uploading, libraries, people} = storage;
	const known = /** @type {[string, string, number][]} */ ([
		['originals', t('storage.originals'), originals], ['derived', t('storage.derived'), derived], ['database', t('storage.database'), database],
		['index', t('index.title'), index], ['backups', t('room.backups'), backups], ['uploading', t('storage.uploading'), uploading],
	]).filter(([name, , size]) => size > 0 || name === 'originals' || name === 'derived');
	const used = known.reduce((sum, [, , size]) => sum + Math.max(0, size), 0);
	const others = total < 0 ? 0 : Math.max(0, total - free - used);
	const parts = [...known, ...total < 0 ? [] : /** @type {[string, string, number][]} */ ([['others', t('storage.others'), others], ['free', t('storage.free'), free]])];
	const said = total < 0 ? t('storage.used', {used: bytes(used)}) : t('storage.used_free', {used: bytes(used), free: bytes(free)});
	return tags.section({class: 'room-storage', 'aria-labelledby': 'room-storage'},
		tags.h2({id: 'room-storage'}, t('storage.title')),
		tags.p({class: 'storage-said'}, said),
		tags.div({class: 'storage-bar', 'aria-hidden': 'true'},
			parts.map(([name, , size]) => size > 0 && tags.span({key: name, class: `kept-${name}`, style: {flexGrow: String(size)}}))),
		tags.dl({class: 'storage-parts'}, parts.map(([name, text, size]) => tags.div({key: name},
			tags.dt(tags.span({class: `storage-dot kept-${name}`, 'aria-hidden': 'true'}), text), tags.dd(size < 0 ? t('storage.counting') : bytes(size))))),
		libraries > 0 && tags.p({class: 'muted small'}, t('storage.libraries', {size: bytes(libraries)})),
		people.length > 0 && tags.div({class: 'storage-people'},
			tags.h3(t('storage.people')),
			tags.ol(people.slice(0, 5).map(({user, bytes: size, tracks}) => tags.li({key: user.id},
				h(Avatar, {user}),
				tags.a({href: user.url, class: 'storage-name'}, user.name),
				tags.span({class: 'storage-share', 'aria-hidden': 'true'}, tags.span({style: {width: `${Math.max(1, 100 * size / Math.max(1, people[0].bytes))}%`}})),
				tags.span({class: 'muted small storage-size'}, t('storage.of_person', {size: bytes(size), n: tracks}))))),
			tags.p(tags.a({class: 'small', href: '/keeper/people'}, t('room.to_people')))));
}

/** Where phones reach the house. @param {{health: Health}} props */
function Reach({health}) {
	const [copied, setCopied] = useState('');
	const {addresses, qr} = health;
	const lonely = addresses.every((address) => own.test(new URL(address).host));
	return tags.section({class: 'room-reach panel', 'aria-labelledby': 'room-reach'},
		qr && !lonely && h(QR, {code: qr, label: t('room.code', {address: addresses[0]})}),
		tags.div(
			tags.h2({id: 'room-reach'}, t('room.reach')),
			tags.p({class: 'muted'}, lonely ? t('room.reach_none') : t('room.reach_text')),
			tags.ul({class: 'room-addresses'}, addresses.map((address) => tags.li({key: address},
				tags.a({href: address, target: '_self'}, address),
				tags.button({type: 'button', class: 'quiet', 'aria-label': copied === address ? t('link.copied') : t('room.copy', {address}), onClick: async () => setCopied(await copy(address) ? address : '')},
					icon(copied === address ? 'check' : 'link')))))));
}

/** @param {{health: Health}} props */
function About({health}) {
	const {version, system, memory, limit, files, schema} = health;
	/** @param {string} name @param {import('../html.js').Child} value */
	const fact = (name, value) => tags.div(tags.dt(name), tags.dd(value));
	return tags.details({class: 'fold room-about'},
		tags.summary(t('room.about')),
		tags.dl({class: 'room-facts'},
			fact(t('room.version'), version), fact(t('room.system'), `${system}, Go ${health.go}`),
			fact(t('room.memory'), limit > 0 ? t('room.memory_of', {used: bytes(memory), most: bytes(limit)}) : bytes(memory)),
			files >= 0 && fact(t('room.files'), count(files)), fact(t('room.schema'), String(schema)),
			fact(t('room.clock'), new Date(health.now).toLocaleString(document.documentElement.lang))));
}
