// Uploads files as tus-js-client does, and tells line by line how it goes:
//
//	node tus.mjs FOLDER-OF-MODULES ENDPOINT TOKEN WAY FILE…
//
// The way is "plain" for one request a file, "pieces" for many, "abort" for many
// with a break after the first, and "slow" for many with a line told after each.
import {readFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {pathToFileURL} from 'node:url';

const [modules, endpoint, token, way, ...files] = process.argv.slice(2);
const {Upload} = await import(pathToFileURL(join(modules, 'node_modules/tus-js-client/lib.esm/node/index.js')).href);

async function send(path) {
	const bytes = await readFile(path), headers = {Authorization: `Bearer ${token}`};
	let broken = way !== 'abort';
	await new Promise((resolve, reject) => {
		const upload = new Upload(bytes, {
			endpoint, headers, metadata: {filename: basename(path), visibility: 'public'},
			chunkSize: way === 'plain' ? Infinity : way === 'slow' ? 64 << 10 : 16 << 10,
			uploadDataDuringCreation: way === 'pieces',
			retryDelays: [0, 300, 500, 1000, 1000, 2000, 2000, 3000, 3000, 5000],
			async onChunkComplete(size, sent) {
				console.log('came', sent);
				if (way === 'slow') await new Promise((done) => setTimeout(done, 50));
				if (broken) return;
				broken = true;
				await upload.abort();
				// As after a start of the program: nothing is known but the address.
				const rest = new Upload(bytes, {endpoint, headers, uploadUrl: upload.url, chunkSize: 50_000, onError: reject, onSuccess: () => resolve()});
				rest.start();
			},
			onError: reject, onSuccess: () => resolve(),
		});
		upload.options.onSuccess = () => { console.log('done', upload.url); resolve(); };
		upload.start();
	});
}

await Promise.all(files.map(send)).then(() => console.log('all'), (error) => {
	console.log('failed', String(error.message).replaceAll('\n', ' '));
	process.exitCode = 1;
});
