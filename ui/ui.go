// Package ui is the browser app and its file server. What lies in this folder
// is what browsers get: plain modules, styles, texts and drawings, with no
// build step. All of them live under one address that holds the hash of
// everything and may be cached for ever; the page itself is never cached.
package ui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed index.html worker.js icon.svg icons.svg icons css js/*.js js/*/*.js locales vendor/preact.js
var embedded embed.FS

// Prefix is the path under which Assets is to be mounted.
const Prefix = "/_/"

// kinds holds the content type of each kind of file that is served. A file of
// another kind (types for the checker, tests) is not part of the app.
var kinds = map[string]string{
	".css":         "text/css; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".webmanifest": "application/manifest+json",
}

// Options say where the app's files come from.
type Options struct {
	// Dir is a folder that holds this package's files. They are read anew for
	// every page, for work on the app itself. Empty means the files that were
	// built into the program.
	Dir string
	// Base is the path below which people reach the app, such as "/earshot";
	// empty at the root of a host.
	Base string
}

// UI serves the app. It is safe for concurrent use.
type UI struct {
	dir   string
	place string // Options.Base
	fixed *build // nil when files are read from dir
}

// New prepares the app. It fails when the folder lacks a part of the app.
func New(opt Options) (*UI, error) {
	u := &UI{dir: opt.Dir, place: opt.Base}
	b, err := u.load()
	if err != nil {
		return nil, fmt.Errorf("prepare the browser app: %w", err)
	}
	if opt.Dir == "" {
		u.fixed = b
	}
	return u, nil
}

// build is one state of the app's files.
type build struct {
	base    string // address of the files below Options.Base, ending in a slash
	files   map[string]*file
	styles  []string // addresses, in the order they are to be linked
	modules graph
	page    string // index.html
	worker  string // worker.js
}

// file is one file as it is served.
type file struct {
	kind  string
	bytes []byte
	gzip  func() []byte // nil when it is not smaller; made once
}

// load reads all files.
func (u *UI) load() (*build, error) {
	var from fs.FS = embedded
	if u.dir != "" {
		from = os.DirFS(u.dir)
	}
	return read(from)
}

func read(from fs.FS) (*build, error) {
	b := &build{files: map[string]*file{}}
	hash := sha256.New()
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		kind, ok := kinds[path.Ext(name)]
		if !ok || name == "worker.js" || strings.Contains(path.Base(name), ".test.") {
			return nil
		}
		bytes, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(hash, "%s %d\n", name, len(bytes))
		hash.Write(bytes)
		b.files[name] = &file{kind: kind, bytes: bytes, gzip: sync.OnceValue(func() []byte { return squeeze(bytes) })}
		return nil
	})
	if err != nil {
		return nil, err
	}
	b.base = Prefix + hex.EncodeToString(hash.Sum(nil))[:16] + "/"
	for name := range b.files {
		if path.Dir(name) == "css" {
			b.styles = append(b.styles, b.base+name)
		}
	}
	slices.Sort(b.styles)
	if b.modules, err = newGraph(b.files); err != nil {
		return nil, err
	}
	page, err := fs.ReadFile(from, "index.html")
	if err != nil {
		return nil, err
	}
	worker, err := fs.ReadFile(from, "worker.js")
	b.page, b.worker = string(page), string(worker)
	return b, err
}

// current gives the files to serve now.
func (u *UI) current() (*build, error) {
	if u.fixed != nil {
		return u.fixed, nil
	}
	return u.load()
}

// asset gives the file that an address names, or nil. Files of another build
// than the present one are not found, so that no browser mixes two builds;
// from a folder any build's address names the file as it is now.
func (u *UI) asset(address string) *file {
	if u.fixed != nil {
		name, ok := strings.CutPrefix(address, u.fixed.base)
		if !ok {
			return nil
		}
		return u.fixed.files[name]
	}
	_, name, _ := strings.Cut(strings.TrimPrefix(address, Prefix), "/")
	kind, ok := kinds[path.Ext(name)]
	if !ok || !fs.ValidPath(name) {
		return nil
	}
	bytes, err := fs.ReadFile(os.DirFS(u.dir), name)
	if err != nil {
		return nil
	}
	return &file{kind: kind, bytes: bytes, gzip: func() []byte { return nil }}
}

// Assets serves the files below Prefix.
func (u *UI) Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := u.asset(r.URL.Path)
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		if r.URL.Path == workerAt && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			u.worker(w, r)
			return
		}
		if f == nil {
			header.Set("Cache-Control", "no-store")
			http.Error(w, "There is no such file.", http.StatusNotFound)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			header.Set("Allow", "GET, HEAD")
			http.Error(w, "Files can only be read.", http.StatusMethodNotAllowed)
			return
		}
		if u.fixed != nil {
			header.Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			header.Set("Cache-Control", "no-store")
		}
		header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		f.write(w, r)
	})
}
