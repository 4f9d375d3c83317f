package browsertest

import (
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/app/api/wire"
	"earshot/media/mp3/mp3test"
)

// hostile are texts that become something else where a page takes text for
// markup, an address or a template. The ones that run set window.pwned.
var hostile = []string{
	`<script>window.pwned=1</script>`,
	`<img src=x onerror=window.pwned=1>`,
	`"><svg onload=window.pwned=1>`,
	`javascript:window.pwned=1`,
	`</title><script>window.pwned=1</script>`,
	`' autofocus onfocus=window.pwned=1 x='`,
	"${window.pwned=1}{{constructor.pwned=1}}",
	"song\u202e3pm.exe\u2066 pwned\u200f",
}

const hostileText = `javascript:window.pwned=1 <a href="javascript:window.pwned=1">here</a>
http://ok.example/"onmouseover="window.pwned=1 and https://ok.example/?q=<script>window.pwned=1</script>
JAVASCRIPT://ok.example/%0Awindow.pwned=1 data:text/html,<script>window.pwned=1</script> vbscript:pwned
https://javascript:window.pwned=1@ok.example/ http:// https://[ ftp://ok.example/pwned //ok.example/pwned 0:01 1:99`

// tagged is a file of music every text of whose tags is s, and whose picture
// is a drawing with a script in it.
func tagged(s string, seed int) []byte {
	seven := func(n int) []byte {
		return []byte{byte(n >> 21 & 127), byte(n >> 14 & 127), byte(n >> 7 & 127), byte(n & 127)}
	}
	var frames []byte
	add := func(id string, body ...string) {
		b := "\x03" + strings.Join(body, "")
		frames = append(append(append(append(frames, id...), seven(len(b))...), 0, 0), b...)
	}
	for _, id := range strings.Fields(`TIT1 TIT2 TIT3 TPE1 TPE2 TPE3 TPE4 TALB TCON TCOM TEXT TPUB TCOP TENC TSSE TOWN TRSN TOPE TOAL TOFN TDRC TRCK TPOS TBPM TKEY TLAN TMOO TSRC`) {
		add(id, s)
	}
	add("TXXX", s, "\x00", s)
	add("WXXX", s, "\x00", s)
	add("COMM", "eng", s, "\x00", s)
	add("USLT", "eng", s, "\x00", s)
	add("APIC", "image/svg+xml\x00\x03", s, "\x00", `<svg xmlns="http://www.w3.org/2000/svg" onload="window.pwned=1"><script>window.pwned=1</script></svg>`)
	return slices.Concat(mp3test.ID3v2(4, frames), music(12, seed), mp3test.ID3v1(s))
}

//go:embed testdata/names.js
var namesScript string

// harmless checks that a page shows what was said to it as text, and nothing
// of it became more: see testdata/names.js.
func (w *window) harmless(where string, shown ...string) {
	w.t.Helper()
	for _, fault := range read[[]string](w, "("+namesScript+")()") {
		w.t.Errorf("%s: %s", where, fault)
	}
	for _, want := range shown {
		if !read[bool](w, fmt.Sprintf(`document.body.innerText.includes(%q)`, want)) {
			w.t.Errorf("%s: %q is not on the page", where, want)
		}
	}
}

// TestHostileNames says everything that can be said to a house in words that
// would be scripts, and looks at every page that shows them (SAFETY F8, F33).
func TestHostileNames(t *testing.T) {
	browser := newTab(t, 4*time.Minute)
	keeper := newHouse(t)
	const script, image = `<script>window.pwned=1</script>`, `<img src=x onerror=window.pwned=1>`
	keeper.do("PATCH", "/api/house", body(t, map[string]any{"name": image}), "application/json", http.StatusOK, nil)
	keeper.do("PATCH", "/api/me", body(t, map[string]any{"name": `"><svg onload=window.pwned=1>`, "bio": hostileText, "gender": script}), "application/json", http.StatusOK, nil)
	keeper.signInAs(t, "<script>window.pwned=1</script>")

	tracks := make([]wire.Track, len(hostile))
	for i, s := range hostile {
		tags := []string{image, s}
		if len(s) > 40 {
			tags = tags[:1]
		}
		tracks[i] = keeper.add(recording{file: s + ".mp3", sound: tagged(s, i), patch: map[string]any{"description": s + "\n" + hostileText, "tags": tags, "downloadable": true}})
		if plain := !strings.ContainsRune(s, '\u202e'); plain && (tracks[i].Title != s || tracks[i].Artist != s || tracks[i].Album != s) {
			t.Errorf("the tags of %q did not arrive: %q by %q on %q", s, tracks[i].Title, tracks[i].Artist, tracks[i].Album)
		}
	}
	keeper.drawn(tracks...)
	first, person := tracks[0], tracks[0].User.URL

	t.Run("as the server writes them", func(t *testing.T) {
		for _, path := range append(urls(tracks), "/", person, "/sign-up", "/"+url.PathEscape(script), "/?q="+url.QueryEscape(script)) {
			html := keeper.page(t, path)
			lower := strings.ToLower(html)
			if n := strings.Count(lower, "<script") - strings.Count(lower, `<script type="application/ld+json">`); n != 1 { // a block of data is none
				t.Errorf("%s: %d scripts in the page, want 1", path, n)
			}
			for _, never := range []string{"<img", "<svg", "</title><", "<a ", "onload=window.pwned=1>"} {
				if strings.Contains(lower, never) {
					t.Errorf("%s: the page has %s in it", path, never)
				}
			}
		}
	})

	t.Run("as a visitor meets them", func(t *testing.T) {
		t.Parallel()
		w := openWindow(t, browser, look{url: keeper.url, locale: "en"})
		w.size(phone.width, phone.height)
		w.show(keeper.url + "/")
		w.harmless("stream", script, image, hostile[2])
		for i, track := range tracks {
			w.show(keeper.url + track.URL)
			if i < 7 {
				w.harmless("track", hostile[i], "javascript:window.pwned=1 <a href=")
				if title := read[string](w, `document.title`); !strings.HasPrefix(title, hostile[i]+" · ") {
					t.Errorf("the tab of %q is named %q", hostile[i], title)
				}
			} else {
				w.harmless("track with turned letters", "song3pm.exe pwned")
			}
		}
		w.do(click(`main button.play`), until(plays), click(`.player-open`), see(`.player-full[open] canvas`))
		w.harmless("full player")
		w.do(click(`.player-full-head button:last-child`), see(`.player-full .queue-row`))
		w.harmless("queue on a phone", hostile[0])
		w.show(keeper.url + person)
		w.harmless("person", hostile[2], `<a href="javascript:window.pwned=1">`)
		w.show(keeper.url + "/sign-up?next=" + url.QueryEscape("javascript:window.pwned=1"))
		w.harmless("sign-up", image)
		w.show(keeper.url + "/" + url.PathEscape(script) + "/" + url.PathEscape(image))
		w.harmless("not found")
		for _, path := range []string{first.Stream.MP3, first.Stream.MP4, "/api/tracks/" + first.ID + "/peaks.json", "/api/tracks/" + first.ID} {
			w.do(chromedp.Navigate(keeper.url + path))
			if got := read[string](w, `document.contentType + ' ' + window.pwned`); !strings.HasSuffix(got, " undefined") || strings.Contains(got, "html") || strings.Contains(got, "xml") {
				t.Errorf("%s is shown as %s", path, got)
			}
		}
		for _, c := range w.complaints("404", "/stream.mp") {
			t.Errorf("the browser complains: %s", c)
		}
	})

	t.Run("as the owner has them", func(t *testing.T) {
		t.Parallel()
		w := openWindow(t, browser, look{url: keeper.url, token: keeper.token, locale: "ko"})
		w.size(desktop.width, desktop.height)
		w.show(keeper.url + "/")
		w.do(click(`main button.play`), until(plays), click(`.player-more > button`), see(`.player-panel .queue-row`))
		w.harmless("stream with player and queue", script, image)
		w.do(click(`.header .me`), see(`.menu-list`))
		w.harmless("account menu")
		w.show(keeper.url + "/settings")
		w.harmless("settings")
		w.show(keeper.url + "/settings/security")
		w.do(see(`.row`))
		w.harmless("security")
		for _, track := range tracks[:3] {
			w.show(keeper.url + track.URL)
			w.harmless("own track", track.Title)
			w.do(click(`.owner-tools .edits`), see(`dialog[open] form`))
			w.harmless("editor")
			w.do(click(`dialog form button[type="submit"]`), see(`.toast`))
			w.harmless("note that it was saved", track.Title)
			w.do(pick(`.hero-tools .menu button`, `document.querySelectorAll('.menu-list .menu-item').length - 1`)...)
			w.do(see(`.toast button.text`))
			w.harmless("note that it was deleted", track.Title)
			w.do(click(`.toast button.text`), until(`!document.querySelector('.toast button.text')`))
		}
		folder := t.TempDir()
		good, bad := filepath.Join(folder, "<img src=x onerror=window.pwned=1>.mp3"), filepath.Join(folder, "\"><svg onload=window.pwned=1> \u202e.mp3")
		for path, b := range map[string][]byte{good: tagged(script, 9), bad: []byte("no music")} {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		w.show(keeper.url + "/upload")
		w.do(chromedp.SetUploadFiles(chromedp.CSS(`main input[type="file"][multiple]`), []string{good, bad}),
			see(`.upload-card.done form`), see(`.upload-card.failed .wrong`))
		w.harmless("upload", `<img src=x onerror=window.pwned=1>.mp3`, `"><svg onload=window.pwned=1>`, script)
		w.do(click(`.upload-card.done form button[type="submit"]`), see(`.upload-saved`))
		w.harmless("upload, saved", script)
		for _, c := range w.complaints("415", "400") {
			t.Errorf("the browser complains: %s", c)
		}
	})
}

func urls(tracks []wire.Track) []string {
	var list []string
	for _, track := range tracks {
		list = append(list, track.URL)
	}
	return list
}

// page gives a page's document as a visitor gets it.
func (h *house) page(t *testing.T, path string) string {
	t.Helper()
	res, err := http.Get(h.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// signInAs opens one more session of the keeper's, by a program of that name.
func (h *house) signInAs(t *testing.T, program string) {
	t.Helper()
	req, err := http.NewRequest("POST", h.url+"/api/auth/sign-in", strings.NewReader(`{"email":"keeper@home.example","password":"correct horse battery"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", program)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("sign in: status %d", res.StatusCode)
	}
}
