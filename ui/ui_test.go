package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func mustNew(t *testing.T, opt Options) *UI {
	t.Helper()
	u, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// get asks a handler and gives the answer and its body, unpacked.
func get(t *testing.T, h http.Handler, method, path string, header http.Header) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	answer := w.Result()
	var body io.Reader = answer.Body
	if answer.Header.Get("Content-Encoding") == "gzip" && method != http.MethodHead {
		unpacked, err := gzip.NewReader(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		body = unpacked
	}
	all, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(all)
}

func pageOf(u *UI, head Head) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { u.Page(w, r, head) })
}

func TestEveryAssetIsServedAsItIs(t *testing.T) {
	t.Parallel()
	u := mustNew(t, Options{})
	for name, f := range u.fixed.files {
		for _, packed := range []bool{false, true} {
			header := http.Header{}
			if packed {
				header.Set("Accept-Encoding", "br, gzip;q=0.8")
			}
			answer, body := get(t, u.Assets(), http.MethodGet, u.fixed.base+name, header)
			if answer.StatusCode != http.StatusOK || body != string(f.bytes) {
				t.Errorf("%s packed %v: status %d, %d bytes, want 200, %d bytes", name, packed, answer.StatusCode, len(body), len(f.bytes))
			}
			if got, want := answer.Header.Get("Cache-Control"), "public, max-age=31536000, immutable"; got != want {
				t.Errorf("%s: Cache-Control %q, want %q", name, got, want)
			}
			if got := answer.Header.Get("X-Content-Type-Options"); got != "nosniff" {
				t.Errorf("%s: X-Content-Type-Options %q, want nosniff", name, got)
			}
			if got, want := answer.Header.Get("Content-Type"), kinds[filepath.Ext(name)]; got != want {
				t.Errorf("%s: Content-Type %q, want %q", name, got, want)
			}
		}
	}
}

func TestAssetsRefuse(t *testing.T) {
	t.Parallel()
	u := mustNew(t, Options{})
	for _, test := range []struct {
		name, method, path string
		want               int
	}{
		{"another build's file", http.MethodGet, Prefix + "0123456789abcdef/js/main.js", http.StatusNotFound},
		{"no such file", http.MethodGet, u.fixed.base + "js/nothing.js", http.StatusNotFound},
		{"a folder", http.MethodGet, u.fixed.base + "js/", http.StatusNotFound},
		{"the page's template", http.MethodGet, u.fixed.base + "index.html", http.StatusNotFound},
		{"types for the checker", http.MethodGet, u.fixed.base + "js/wire.d.ts", http.StatusNotFound},
		{"a test of the app", http.MethodGet, u.fixed.base + "js/order.test.mjs", http.StatusNotFound},
		{"a way out", http.MethodGet, u.fixed.base + "../ui.go", http.StatusNotFound},
		{"only the prefix", http.MethodGet, Prefix, http.StatusNotFound},
		{"writing", http.MethodPost, u.fixed.base + "js/main.js", http.StatusMethodNotAllowed},
		{"a question for the head", http.MethodHead, u.fixed.base + "js/main.js", http.StatusOK},
	} {
		answer, body := get(t, u.Assets(), test.method, test.path, nil)
		if answer.StatusCode != test.want {
			t.Errorf("%s: status %d, want %d", test.name, answer.StatusCode, test.want)
		}
		if test.want == http.StatusNotFound && answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: a missing file may be cached: %q", test.name, answer.Header.Get("Cache-Control"))
		}
		if test.method == http.MethodHead && body != "" {
			t.Errorf("%s: %d bytes of body, want none", test.name, len(body))
		}
	}
}

func TestPageProtectsAndNames(t *testing.T) {
	t.Parallel()
	u := mustNew(t, Options{})
	head := Head{Status: 404, Title: `Night <train> & "co"`, Description: "A song.", URL: "https://music.example/mina/x", Image: "https://music.example/x.jpg"}
	answer, body := get(t, pageOf(u, head), http.MethodGet, "/mina/x", nil)
	if answer.StatusCode != 404 {
		t.Errorf("status %d, want 404", answer.StatusCode)
	}
	for name, want := range headers {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, want := range []string{
		"<title>Night &lt;train&gt; &amp; &#34;co&#34;</title>", `content="A song."`,
		`property="og:image" content="https://music.example/x.jpg"`, `property="og:url" content="https://music.example/mina/x"`,
		`<script type="module" src="` + u.fixed.base + `js/main.js"></script>`, u.fixed.base + "js/pages/track.js",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s:\n%s", want, body)
		}
	}
	for _, never := range []string{"<style", " style=", "unsafe-inline", "onclick"} {
		if strings.Contains(body+answer.Header.Get("Content-Security-Policy"), never) {
			t.Errorf("the page has %q, which its policy forbids", never)
		}
	}
	if scripts := strings.Count(body, "<script"); scripts != 1 {
		t.Errorf("%d scripts, want 1", scripts)
	}
}

func TestPageKnowsItsReader(t *testing.T) {
	t.Parallel()
	u := mustNew(t, Options{})
	for _, test := range []struct{ name, accept, cookie, want string }{
		{"nothing said", "", "", `<html lang="en" data-theme="auto">`},
		{"Korean browser", "ko-KR,ko;q=0.9,en;q=0.8", "", `<html lang="ko" data-theme="auto">`},
		{"French browser", "fr", "", `<html lang="en" data-theme="auto">`},
		{"chosen here", "ko", "locale=en; theme=dark", `<html lang="en" data-theme="dark">`},
		{"nonsense chosen", "ko;;;q=x", "locale=\"><b>; theme=pink", `<html lang="en" data-theme="auto">`},
		{"signed in", "", "earshot_session=abc", `<html lang="en" data-theme="auto" data-session>`},
		{"signed in over TLS", "", "__Host-earshot_session=abc", `<html lang="en" data-theme="auto" data-session>`},
		{"signed out", "", "earshot_session=", `<html lang="en" data-theme="auto">`},
		{"a megabyte of languages", strings.Repeat("ko,", 300_000), "", `<html lang="`},
	} {
		header := http.Header{}
		header.Set("Accept-Language", test.accept)
		header.Set("Cookie", test.cookie)
		_, body := get(t, pageOf(u, Head{}), http.MethodGet, "/", header)
		if !strings.Contains(body, test.want) {
			t.Errorf("%s: want %s in\n%s", test.name, test.want, body[:200])
		}
	}
}

func TestHashFollowsTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, embedded); err != nil {
		t.Fatal(err)
	}
	u := mustNew(t, Options{Dir: dir})
	before, err := u.current()
	if err != nil {
		t.Fatal(err)
	}
	if want := mustNew(t, Options{}).fixed.base; before.base != want {
		t.Errorf("base of the same files %s, want %s", before.base, want)
	}
	if err := os.WriteFile(filepath.Join(dir, "css", "base.css"), []byte("html{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	answer, body := get(t, pageOf(u, Head{}), http.MethodGet, "/", nil)
	if strings.Contains(body, before.base) || answer.StatusCode != http.StatusOK {
		t.Errorf("the page still names the old files under %s", before.base)
	}
	answer, body = get(t, u.Assets(), http.MethodGet, before.base+"css/base.css", nil)
	if body != "html{}" || answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("from a folder: got %q, Cache-Control %q, want the new file and no-store", body, answer.Header.Get("Cache-Control"))
	}
	if err := os.Remove(filepath.Join(dir, "js", "html.js")); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "js/html.js") {
		t.Errorf("a lacking module: %v, want an error that names it", err)
	}
	if answer, _ := get(t, pageOf(u, Head{}), http.MethodGet, "/", nil); answer.StatusCode != http.StatusInternalServerError {
		t.Errorf("a lacking module: status %d, want 500", answer.StatusCode)
	}
}

func TestVendoredCodeIsWhatWasMade(t *testing.T) {
	t.Parallel()
	code, err := os.ReadFile("vendor/preact.js")
	if err != nil {
		t.Fatal(err)
	}
	noted, err := os.ReadFile("vendor/preact.sha256")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(code)
	if got, want := hex.EncodeToString(sum[:]), strings.Fields(string(noted))[0]; got != want {
		t.Errorf("vendor/preact.js has hash %s, want %s; ui/vendor/make.sh makes both", got, want)
	}
	if bytes.Contains(code, []byte("eval(")) || bytes.Contains(code, []byte("Function(")) {
		t.Error("vendor/preact.js makes code from text")
	}
}

// TestLaws forbids what the page's policy would break or what the look would
// suffer from.
func TestLaws(t *testing.T) {
	t.Parallel()
	u := mustNew(t, Options{})
	inScripts := map[string]*regexp.Regexp{
		"makes HTML from text":        regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|setHTML`),
		"makes code from text":        regexp.MustCompile(`\beval\(|new Function`),
		"writes a style as text":      regexp.MustCompile(`cssText|setAttribute\('style'`),
		"needs a secure context":      regexp.MustCompile(`serviceWorker|crypto\.subtle|randomUUID|wakeLock`),
		"names a host":                regexp.MustCompile(`https?://[a-z]`),
		"makes a second sound source": regexp.MustCompile(`new Audio\(`),
	}
	// Who may, because it is what they are for.
	allowed := map[string]string{"js/engine.js": "makes a second sound source", "js/offline.js": "needs a secure context", "js/parts/net.js": "needs a secure context"}
	inStyles := map[string]*regexp.Regexp{
		"names a colour (tokens.css does)": regexp.MustCompile(`#[0-9a-fA-F]{6}\b|\boklch\(`),
		"fetches something":                regexp.MustCompile(`url\(|@import`),
	}
	for name, f := range u.fixed.files {
		laws := map[string]map[string]*regexp.Regexp{".js": inScripts, ".css": inStyles}[filepath.Ext(name)]
		if strings.HasPrefix(name, "vendor/") || name == "css/tokens.css" {
			continue
		}
		for what, law := range laws {
			if found := law.Find(f.bytes); found != nil && allowed[name] != what {
				t.Errorf("%s %s: %s", name, what, found)
			}
		}
	}
}

// TestBudget holds the first look to 22 modules, 45 KB of modules and 90 KB
// in all, gzipped, and every other page to the modules it really needs.
func TestBudget(t *testing.T) {
	t.Parallel()
	u := mustNew(t, Options{})
	size := func(names ...string) (sum int) {
		for _, name := range names {
			f := u.fixed.files[name]
			if small := f.gzip(); small != nil {
				sum += len(small)
			} else {
				sum += len(f.bytes)
			}
		}
		return sum
	}
	modules := u.fixed.modules.closure(entry, u.fixed.modules.page("/"))
	if len(modules) > 22 {
		t.Errorf("the first route has %d modules, want at most 22: %v", len(modules), modules)
	}
	scripts := size(modules...)
	if scripts > 45<<10 {
		t.Errorf("the first route's modules are %d bytes, want at most %d", scripts, 45<<10)
	}
	var rest []string
	for name := range u.fixed.files {
		if path.Dir(name) == "css" { // css/late comes with the pages that need it
			rest = append(rest, name)
		}
	}
	// What the shell fetches late counts as part of the page.
	late := u.fixed.modules.closure("js/parts/player-bar.js", "js/parts/dialog.js")
	late = slices.DeleteFunc(late, func(name string) bool { return slices.Contains(modules, name) })
	whole := scripts + size(late...) + size(rest...) + size("locales/ko.json", "icons.svg", "icon.svg")
	if whole > 90_000 {
		t.Errorf("the first page is %d bytes, want at most 90000", whole)
	}
	t.Logf("first route: %d modules, %d bytes; with late parts, styles, texts and icons %d bytes", len(modules), scripts, whole)
}

func TestRoutesHaveTheirModules(t *testing.T) {
	t.Parallel()
	g := mustNew(t, Options{}).fixed.modules
	for _, test := range []struct{ address, want string }{
		{"/", "js/pages/stream.js"}, {"/upload", "js/pages/upload.js"}, {"/mina", "js/pages/person.js"},
		{"/mina/night-train", "js/pages/track.js"}, {"/api/docs", "js/pages/docs.js"}, {"/a/b/c", ""}, {"/mina/", ""},
		{"/tags/ac%2Fdc", "js/pages/tag.js"}, {"/tags/ac/dc", ""},
	} {
		if got := g.page(test.address); got != test.want {
			t.Errorf("module of %s: %q, want %q", test.address, got, test.want)
		}
	}
}

func TestAppOwnsItsPages(t *testing.T) {
	t.Parallel()
	u := mustNew(t, Options{})
	for address, want := range map[string]bool{
		"/": true, "/settings": true, "/notifications": true, "/messages": true, "/messages/abc": true, "/messages/to/mina": true,
		"/keeper/reports": true, "/keeper/people": true, "/discover": true, "/search": true, "/tags/ac%2Fdc": true, "/numbers/abc": true, "/mina": false, "/mina/night-train": false, "/messages/to/mina/x": false, "/notifications/x": false, "": false,
	} {
		if got := u.Owns(address); got != want {
			t.Errorf("%q is the app's own: %v, want %v", address, got, want)
		}
	}
}
