// The API, readable: made in the browser from /api/openapi.json. What is folded
// is drawn only when it is opened.

import {at, base, h, tags, useEffect, useMemo, useRef, useState} from '../html.js';
import {t} from '../i18n.js';
import {icon} from '../parts/icon.js';
import {Failed} from '../parts/list.js';
import {useResource} from '../parts/resource.js';
import {toast} from '../parts/toast.js';
import {copy} from '../parts/track-actions.js';
import {Heading, rewrite, route} from '../router.js';
import {style} from '../style.js';
import '../texts.js';

await style('docs');

/** @typedef {Record<string, any>} Any a piece of an OpenAPI document */
/** @typedef {[name: string, type: string, text: string]} Row */
/** @typedef {{method: string, path: string, op: Any}} One */

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];

/**
 * Follows a reference within the document.
 * @param {Any} doc @param {Any | undefined} node @returns {Any}
 */
function follow(doc, node) {
	for (let i = 0; i < 8 && typeof node?.$ref === 'string'; i++) {
		node = node.$ref.slice(2).split('/').reduce((/** @type {Any | undefined} */ at, key) => at?.[key], doc);
	}
	return node ?? {};
}

/** @param {Any | undefined} node the name of the type that a reference names */
const nameOf = (node) => String(node?.$ref ?? '').split('/').at(-1) ?? '';

/**
 * A type in a few words: "Track", "string or null", "list of Track".
 * @param {Any | undefined} schema @returns {string}
 */
function kind(schema) {
	if (!schema) return '';
	if (schema.$ref) return nameOf(schema);
	const all = [schema.type ?? []].flat();
	const named = all.map((type) => type === 'array' ? `${kind(schema.items)}[]` : schema.enum ? schema.enum.map((/** @type {unknown} */ v) => JSON.stringify(v)).join(' | ') : type);
	return named.join(' | ') + (schema.format ? ` (${schema.format})` : '');
}

/** @param {string} text with `code` in it */
const withCode = (text) => text.split('`').map((piece, i) => (i % 2 ? tags.code(piece) : piece));

/**
 * A value of a type: what is wanted, or all where nothing is.
 * @param {Any} doc @param {Any | undefined} schema @param {number} [depth] @returns {unknown}
 */
function example(doc, schema, depth = 0) {
	const whole = follow(doc, schema), type = [whole.type ?? []].flat().find((one) => one !== 'null');
	if (whole.enum) return whole.enum[0];
	if (whole.format === 'date-time') return '2026-12-31T18:00:00Z';
	switch (type) {
		case 'boolean': return true;
		case 'integer': case 'number': return whole.minimum ?? 0;
		case 'array': return depth > 3 ? [] : [example(doc, whole.items, depth + 1)];
		case 'object': {
			const names = Object.keys(whole.properties ?? {}), wanted = names.filter((name) => whole.required?.includes(name));
			return depth > 3 ? {} : Object.fromEntries((wanted.length ? wanted : names).map((name) => [name, example(doc, whole.properties[name], depth + 1)]));
		}
		default: return '…';
	}
}

/** Where the API is, from outside. */
const home = location.origin + base;

/**
 * A command for a terminal.
 * @param {Any} doc @param {One} one
 */
function command(doc, {method, path, op}) {
	const parts = ['curl'];
	if (method === 'head') parts.push('-I');
	else if (method !== 'get') parts.push(`-X ${method.toUpperCase()}`);
	if (scopesOf(op).length || (op.security ?? []).some((/** @type {Any} */ way) => 'bearer' in way)) parts.push('-H "Authorization: Bearer $TOKEN"');
	const [[type, media] = ['', {}]] = /** @type {[string, Any][]} */ (Object.entries(follow(doc, op.requestBody).content ?? {}));
	if (type === 'application/json') {
		parts.push('-H "Content-Type: application/json"', `-d '${JSON.stringify(example(doc, media.schema))}'`);
	} else if (type) {
		parts.push('--data-binary @file');
	}
	// In a shell {id} would mean something else.
	parts.push(`"${home}${path.replace(/\{(\w+)\}/g, (_, name) => `$${name.toUpperCase()}`)}"`);
	return parts.join(' ');
}

/** The scopes of which a token needs one. @param {Any} op @returns {string[]} */
const scopesOf = (op) => (op.security ?? []).flatMap((/** @type {Any} */ way) => way.token ?? []);

/** @param {import('../router.js').PageProps} _ */
export default function Docs(_) {
	const {data: doc, error, retry} = useResource('/api/openapi.json');
	return tags.div({class: 'docs'},
		tags.header({class: 'page-head'}, h(Heading, null, t('docs.title')),
			tags.p({class: 'muted'}, t('docs.lead'), ' ', tags.a({href: '/api/openapi.json', download: 'openapi.json'}, 'openapi.json'))),
		h(Start, {}),
		error ? h(Failed, {error, onRetry: retry})
			: doc ? h(Document, {doc}) : tags.p({role: 'status'}, t('loading')));
}

/** A command to copy. @param {{text: string}} props */
function Command({text}) {
	const take = async () => {
		if (await copy(text)) toast(t('docs.copied'));
	};
	return tags.div({class: 'doc-command'},
		tags.pre({tabIndex: 0, role: 'group', 'aria-label': t('docs.example')}, tags.code(text)),
		tags.button({type: 'button', class: 'button tiny', onClick: () => void take()}, t('docs.copy')));
}

/** What one has to know before. @param {{}} _ */
function Start(_) {
	return tags.section({class: 'panel doc-start'}, tags.h2(t('docs.start')),
		tags.ol(
			tags.li(tags.p(t('docs.start_token'), ' ', tags.a({href: '/settings/programs#tokens'}, t('docs.start_open')))),
			tags.li(tags.p(t('docs.start_send')), h(Command, {text: `TOKEN=earshot_…\ncurl -H "Authorization: Bearer $TOKEN" "${home}/api/me"`})),
			tags.li(tags.p(t('docs.start_upload')), h(Command, {text: `curl -H "Authorization: Bearer $TOKEN" --data-binary @song.flac "${home}/api/tracks?name=song.flac"`}))),
		tags.details({class: 'fold'}, tags.summary(t('docs.rules')),
			tags.ul({class: 'doc-rules'}, [t('docs.rule_errors', {shape: '`{"error":{"code","field","message"}}`'}), t('docs.rule_hidden'), t('docs.rule_pages'), t('docs.rule_busy'), t('docs.rule_times')]
				.map((text, i) => tags.li({key: i}, withCode(text))))));
}

/** @param {{doc: Any}} props */
function Document({doc}) {
	const [find, setFind] = useState('');
	const {hash} = route.value;
	const all = useMemo(() => {
		/** @type {One[]} */
		const list = [];
		for (const [path, item] of Object.entries(/** @type {Any} */ (doc.paths ?? {}))) {
			for (const method of methods) if (item[method]) list.push({method, path, op: item[method]});
		}
		return list;
	}, [doc]);
	useEffect(() => {
		// What is meant may not be among what was looked for.
		if (hash) setFind('');
		if (hash) requestAnimationFrame(() => document.getElementById(hash)?.scrollIntoView());
	}, [hash, doc]);
	const words = find.toLowerCase().split(/\s+/).filter(Boolean);
	const found = all.filter(({method, path, op}) => words.every((word) => `${method} ${path} ${op.summary}`.toLowerCase().includes(word)));
	/** @type {Map<string, One[]>} */
	const groups = new Map();
	for (const one of found) {
		const group = one.op.tags?.[0] ?? one.path.split('/')[2] ?? '';
		groups.set(group, [...groups.get(group) ?? [], one]);
	}
	const names = [...groups.keys()].sort();
	const schemas = Object.entries(/** @type {Any} */ (doc.components?.schemas ?? {}));
	return tags.div({class: 'doc-body'},
		tags.div({class: 'doc-side'},
			tags.label({class: 'doc-find'}, tags.span({class: 'doc-label'}, t('docs.find')),
				tags.input({type: 'search', value: find, autocomplete: 'off', spellcheck: false, onInput: (event) => setFind(event.currentTarget.value)})),
			tags.p({class: 'muted small', role: 'status'}, t('docs.found', {n: found.length})),
			tags.nav({class: 'doc-groups', 'aria-label': t('docs.groups')}, names.map((group) => tags.a({key: group, href: `#group-${group}`}, group)))),
		tags.div({class: 'doc-main'},
			names.map((group) => tags.section({class: 'panel', key: group, id: `group-${group}`}, tags.h2(group),
				(groups.get(group) ?? []).map((one) => h(Operation, {key: one.method + one.path, doc, one, open: hash === one.op.operationId})))),
			!find && schemas.length > 0 && tags.section({class: 'panel'}, tags.h2(t('docs.types')),
				schemas.map(([name, schema]) => h(Fold, {key: name, id: `type-${name}`, open: hash === `type-${name}`, head: tags.code(name), inner: () => h(Properties, {doc, schema})})))));
}

/**
 * Something that is drawn when it is opened.
 * @param {{id: string, open: boolean, class?: string, head: import('../html.js').Child, inner: () => import('../html.js').Child}} props
 */
function Fold({id, open, class: look = '', head, inner}) {
	const [seen, setSeen] = useState(open);
	const element = useRef(/** @type {HTMLDetailsElement | null} */ (null));
	useEffect(() => {
		if (open && element.current) element.current.open = true;
	}, [open]);
	return tags.details({class: `fold ${look}`, id, ref: element, onToggle: () => element.current?.open && setSeen(true)},
		tags.summary(head), seen && inner());
}

/** Whom an operation is for. @param {{op: Any}} props */
function For({op}) {
	const needs = scopesOf(op), ways = op.security ?? [];
	if (!ways.length) return tags.p({class: 'doc-for'}, icon('globe'), t('docs.open'));
	const text = needs.length ? t('docs.scope', {scopes: needs.join(` ${t('docs.or')} `)}) : t('docs.people');
	const visitors = ways.some((/** @type {Any} */ way) => !Object.keys(way).length);
	return tags.p({class: 'doc-for'}, icon('lock'), tags.span(text, visitors && needs.length > 0 && [' · ', t('docs.visitors')]));
}

/** @param {{doc: Any, one: One, open: boolean}} props */
function Operation({doc, one, open}) {
	const {method, path, op} = one;
	return h(Fold, {
		id: op.operationId, open, class: 'operation',
		head: [tags.span({class: `method ${method}`, key: 'method'}, method.toUpperCase()), tags.code({key: 'path'}, path), tags.span({class: 'muted', key: 'text'}, op.summary)],
		inner: () => h(Inside, {doc, one}),
	});
}

/** @param {{doc: Any, one: One}} props */
function Inside({doc, one}) {
	const {op} = one;
	const body = Object.entries(/** @type {Any} */ (follow(doc, op.requestBody).content ?? {}));
	const answers = Object.entries(/** @type {Any} */ (op.responses ?? {}));
	const parameters = (op.parameters ?? []).map((/** @type {Any} */ one) => follow(doc, one));
	const json = body.find(([type]) => type === 'application/json')?.[1], fields = json && follow(doc, json.schema).properties;
	return tags.div({class: 'doc-inside'},
		h(For, {op}),
		op.description && tags.p(withCode(op.description)),
		h(Command, {text: command(doc, one)}),
		parameters.length > 0 && h(Rows, {
			title: t('docs.parameters'),
			rows: parameters.map((/** @type {Any} */ one) => [one.name, [one.in, kind(one.schema), one.required && t('docs.required')].filter(Boolean).join(', '), one.description]),
		}),
		fields
			? h(Properties, {doc, schema: json.schema, title: `${t('docs.body')}: ${nameOf(json.schema)}`})
			: body.length > 0 && h(Rows, {
				title: t('docs.body'), rows: body.map(([type, media]) => /** @type {Row} */ ([type, kind(media.schema), ''])),
			}),
		fields && tags.div(tags.h3(t('docs.example_body')), h(Command, {text: JSON.stringify(example(doc, json.schema), null, '  ')})),
		h(Rows, {
			title: t('docs.answers'),
			rows: answers.map(([status, answer]) => {
				const [type, media] = Object.entries(/** @type {Any} */ (follow(doc, answer).content ?? {}))[0] ?? [];
				return /** @type {Row} */ ([status === 'default' ? '4xx, 5xx' : status, [type, kind(media?.schema)].filter(Boolean).join(' '), status === 'default' ? t('docs.error') : follow(doc, answer).description]);
			}),
		}),
		tags.p(tags.a({href: `#${op.operationId}`, onClick: (/** @type {Event} */ event) => {
			event.preventDefault();
			const here = `/api/docs#${op.operationId}`;
			rewrite(here);
			void copy(location.origin + at(here)).then((done) => done && toast(t('docs.copied')));
		}}, t('docs.link'))));
}

/** @param {{doc: Any, schema: Any, title?: string}} props */
function Properties({doc, schema, title}) {
	const whole = follow(doc, schema);
	const wanted = new Set(whole.required ?? []);
	const rows = Object.entries(/** @type {Any} */ (whole.properties ?? {})).map(([name, one]) =>
		/** @type {Row} */ ([name, [kind(one), wanted.has(name) && t('docs.required')].filter(Boolean).join(', '), one.description ?? '']));
	return rows.length ? h(Rows, {title: title ?? (nameOf(schema) || t('docs.fields')), rows}) : tags.p({class: 'muted'}, icon('info'), kind(whole));
}

/**
 * A type; those that the document has lead there.
 * @param {string} text
 */
function linked(text) {
	return text.split(/\b([A-Z]\w+)\b/).map((piece, i) => (i % 2 ? tags.a({key: i, href: `#type-${piece}`}, piece) : piece));
}

/** @param {{title: string, rows: Row[]}} props */
function Rows({title, rows}) {
	return tags.div({class: 'doc-rows'}, tags.h3(title),
		tags.dl(rows.map(([name, type, text]) => tags.div({key: name}, tags.dt(tags.code(name)), tags.dd(tags.code({class: 'muted'}, linked(type)), text && tags.p(withCode(text)))))));
}
