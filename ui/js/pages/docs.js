// The API, readable: made in the browser from /api/openapi.json.

import {h, tags} from '../html.js';
import {t} from '../i18n.js';
import {icon} from '../parts/icon.js';
import {Failed} from '../parts/list.js';
import {useResource} from '../parts/resource.js';
import {Heading} from '../router.js';

/** @typedef {Record<string, any>} Any a piece of an OpenAPI document */
/** @typedef {[name: string, type: string, text: string]} Row */

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head'];

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

/** @param {import('../router.js').PageProps} _ */
export default function Docs(_) {
	const {data: doc, error, retry} = useResource('/api/openapi.json');
	return tags.div({class: 'docs'},
		tags.header({class: 'page-head'}, h(Heading, null, t('docs.title')),
			tags.p({class: 'muted'}, t('docs.lead'), ' ', tags.a({href: '/api/openapi.json', download: 'openapi.json'}, 'openapi.json'))),
		error ? h(Failed, {error, onRetry: retry})
			: doc ? h(Document, {doc}) : tags.p({role: 'status'}, t('loading')));
}

/** @param {{doc: Any}} props */
function Document({doc}) {
	/** @type {Map<string, {method: string, path: string, op: Any}[]>} */
	const groups = new Map();
	for (const [path, item] of Object.entries(/** @type {Any} */ (doc.paths ?? {}))) {
		for (const method of methods) {
			const op = item[method];
			if (!op) continue;
			const group = op.tags?.[0] ?? path.split('/')[2] ?? '';
			groups.set(group, [...groups.get(group) ?? [], {method, path, op}]);
		}
	}
	const schemas = Object.entries(/** @type {Any} */ (doc.components?.schemas ?? {}));
	return [
		doc.info?.description && tags.p({class: 'prose'}, withCode(doc.info.description)),
		[...groups].map(([group, ops]) => tags.section({class: 'panel', key: group}, tags.h2(group),
			ops.map((one) => h(Operation, {key: one.method + one.path, doc, ...one})))),
		schemas.length > 0 && tags.section({class: 'panel'}, tags.h2(t('docs.types')),
			schemas.map(([name, schema]) => tags.details({key: name, class: 'fold', id: `type-${name}`},
				tags.summary(tags.code(name)), h(Properties, {doc, schema})))),
	];
}

/** @param {{doc: Any, method: string, path: string, op: Any}} props */
function Operation({doc, method, path, op}) {
	const body = Object.entries(follow(doc, op.requestBody).content ?? {});
	const answers = Object.entries(/** @type {Any} */ (op.responses ?? {}));
	const parameters = (op.parameters ?? []).map((/** @type {Any} */ one) => follow(doc, one));
	return tags.details({class: 'fold operation'},
		tags.summary(tags.span({class: `method ${method}`}, method.toUpperCase()), tags.code(path), tags.span({class: 'muted'}, op.summary)),
		op.description && tags.p(withCode(op.description)),
		parameters.length > 0 && h(Rows, {
			title: t('docs.parameters'),
			rows: parameters.map((/** @type {Any} */ one) => [one.name, `${one.in}, ${kind(one.schema)}`, one.description]),
		}),
		body.length > 0 && h(Rows, {
			title: t('docs.body'), rows: body.map(([type, media]) => /** @type {Row} */ ([type, kind(media.schema), ''])),
		}),
		body.map(([type, media]) => follow(doc, media.schema).properties && h(Properties, {key: type, doc, schema: media.schema})),
		h(Rows, {
			title: t('docs.answers'),
			rows: answers.map(([status, answer]) => {
				const [type, media] = Object.entries(/** @type {Any} */ (follow(doc, answer).content ?? {}))[0] ?? [];
				return /** @type {Row} */ ([status, [type, kind(media?.schema)].filter(Boolean).join(' '), follow(doc, answer).description]);
			}),
		}));
}

/** @param {{doc: Any, schema: Any}} props */
function Properties({doc, schema}) {
	const whole = follow(doc, schema);
	const wanted = new Set(whole.required ?? []);
	const rows = Object.entries(/** @type {Any} */ (whole.properties ?? {})).map(([name, one]) =>
		/** @type {Row} */ ([name + (wanted.has(name) ? '' : '?'), kind(one), one.description ?? '']));
	return rows.length ? h(Rows, {title: nameOf(schema) || t('docs.fields'), rows}) : tags.p({class: 'muted'}, icon('info'), kind(whole));
}

/** @param {{title: string, rows: Row[]}} props */
function Rows({title, rows}) {
	return tags.div({class: 'doc-rows'}, tags.h3(title),
		tags.dl(rows.map(([name, type, text]) => tags.div({key: name}, tags.dt(tags.code(name)), tags.dd(tags.code({class: 'muted'}, type), text && tags.p(withCode(text)))))));
}
