// An OpenID Connect issuer that Earshot has no part in: oidc-provider with its
// own pages for signing in. Whoever signs in as "mina" has the address
// mina@home.example; "unproved" has one that nobody has confirmed.
//
//	node issuer.mjs FOLDER PORT CALLBACK
//
// FOLDER holds node_modules. It prints "ready", and makes new keys each time.

import {generateKeyPairSync} from 'node:crypto';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const [folder, port, callback] = process.argv.slice(2);
const {default: Provider} = await import(pathToFileURL(join(folder, 'node_modules/oidc-provider/lib/index.js')).href);
const {privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048});
const kid = `key-${process.pid}`;

const provider = new Provider(`http://127.0.0.1:${port}`, {
	clients: [{client_id: 'earshot', client_secret: 'a secret & more', redirect_uris: [callback], response_types: ['code'], grant_types: ['authorization_code']}],
	claims: {openid: ['sub'], email: ['email', 'email_verified'], profile: ['name']},
	cookies: {keys: ['for a test alone']},
	features: {devInteractions: {enabled: true}},
	findAccount: (_, id) => ({
		accountId: id,
		claims: () => ({sub: id, email: `${id}@home.example`, email_verified: id !== 'unproved', name: id[0].toUpperCase() + id.slice(1)}),
	}),
	jwks: {keys: [{...privateKey.export({format: 'jwk'}), kid, use: 'sig', alg: 'RS256'}]},
	pkce: {required: () => true},
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
