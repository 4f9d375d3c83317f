#!/bin/sh
# Makes preact.js anew from the exact versions below. Run it in this folder on
# a machine with node and npm, read the diff, and run `go test ./ui`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --no-audit --no-fund --save-exact \
	preact@11.2.0 @preact/signals@2.11.4 @preact/signals-core@1.14.5 esbuild@0.28.2 >/dev/null
cp "$here/preact.entry.mjs" entry.mjs
npx esbuild entry.mjs --bundle --minify --format=esm --target=es2022 \
	--legal-comments=none --outfile="$here/preact.js"
for part in preact @preact/signals @preact/signals-core; do
	printf '%s %s\n\n' "$part" "$(node -p "require('./node_modules/$part/package.json').version")"
	cat "node_modules/$part/LICENSE"
	printf '\n'
done >"$here/preact.LICENSE"
cd "$here" && sha256sum preact.js >preact.sha256
