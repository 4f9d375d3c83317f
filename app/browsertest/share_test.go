package browsertest

import (
	"fmt"
	"image/color"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"earshot/app/api/wire"
)

// inFrame has each frame tell the page around it how it is.
const inFrame = `if (window !== top && location.protocol !== 'chrome-error:') {
	const make = document.createElement.bind(document), sounds = [];
	document.createElement = (name, ...rest) => {
		const one = make(name, ...rest);
		if (name === 'audio') sounds.push(one);
		return one;
	};
	setInterval(() => {
		const [audio] = sounds, box = (selector) => {
			const b = document.querySelector(selector)?.getBoundingClientRect();
			return b && [b.left + b.width / 2, b.top + b.height / 2, b.width, b.height];
		};
		if (!document.body) return;
		parent.postMessage({
			title: document.querySelector('.title')?.textContent, text: document.body.innerText, playing: Boolean(audio && !audio.paused && audio.readyState > 2), at: audio?.currentTime ?? 0,
			label: document.querySelector('.play')?.ariaLabel, said: document.querySelector('.wave input')?.getAttribute('aria-valuetext'), now: document.querySelector('.now')?.textContent,
			play: box('.play'), wave: box('.wave'), row: box('.list li:nth-child(2) button'), wide: document.documentElement.scrollWidth - innerWidth,
			kept: document.cookie + localStorage.length + sessionStorage.length, csp: window.cspReports, theme: document.documentElement.dataset.theme,
			dark: getComputedStyle(document.body).backgroundColor,
		}, '*');
	}, 50);
}`

// outside is a page of another site, with frames of the sizes given.
func outside(t testing.TB, frames ...string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		fmt.Fprintf(w, `<!doctype html><title>Elsewhere</title><body style="margin:20px;background:#ddd;font:16px sans-serif"><h1>Elsewhere</h1>%s<div class="toasts"></div><script>
			window.frame = {};
			addEventListener('message', (e) => { for (let i = 0; i < frames.length; i++) if (e.source === frames[i]) frame[i] = e.data; });
		</script>`, strings.Join(frames, "<p>"))
	}))
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return "http://localhost:" + port + "/" // the house is at 127.0.0.1, another site
}

// inside clicks with the mouse into a frame, where it says that something is.
func (w *window) inside(frame int, what string, across float64) {
	w.t.Helper()
	w.do(until(fmt.Sprintf(`frame[%d]?.%s`, frame, what)))
	at := read[[]float64](w, fmt.Sprintf(`(() => {
		const outer = document.querySelectorAll('iframe')[%d].getBoundingClientRect(), [x, y, width] = frame[%[1]d].%[2]s;
		return [outer.left + x + width * %[3]f, outer.top + y];
	})()`, frame, what, across))
	w.do(chromedp.MouseClickXY(at[0], at[1]))
}

// TestEmbedded is the player on a page of another site: it plays and seeks, by
// mouse and keyboard, goes on with a playlist, is counted, keeps nothing, and
// ends when its owner says so.
func TestEmbedded(t *testing.T) {
	browser := newTab(t, 2*time.Minute, chromedp.Flag("disable-site-isolation-trials", true), chromedp.Flag("disable-features", "site-per-process,IsolateOrigins,Translate,LocalNetworkAccessChecks"))
	keeper := newHouse(t)
	mina := keeper.signUp("mina@home.example", "Mina")
	art := picture(t, color.RGBA{220, 90, 40, 255}, color.RGBA{60, 20, 120, 255})
	song := mina.add(recording{file: "night train.mp3", sound: music(60, 2), patch: map[string]any{"title": "Night train", "tags": []string{"night"}}, picture: art})
	short := mina.add(recording{file: "short.mp3", sound: music(3, 1), patch: map[string]any{"title": "짧은 노래"}})
	mina.drawn(song, short)
	var list wire.Playlist
	mina.do("POST", "/api/playlists", body(t, map[string]any{"title": "Two for the road", "visibility": "public", "tracks": []string{short.ID, song.ID}}), "application/json", http.StatusCreated, &list)

	elsewhere := outside(t,
		`<iframe src="`+mina.url+`/embed/tracks/`+song.ID+`?t=5&theme=dark" width="600" height="166" style="border:0" allow="autoplay"></iframe>`,
		`<iframe src="`+mina.url+`/embed/playlists/`+list.ID+`?theme=light" width="320" height="300" style="border:0" allow="autoplay"></iframe>`,
		`<iframe src="`+mina.url+`/embed/tracks/`+song.ID+`" width="320" height="160" style="border:0"></iframe>`,
		`<iframe src="`+mina.url+`/" width="320" height="60" style="border:0"></iframe>`)
	w := openWindow(t, browser, look{url: elsewhere})
	if _, err := chromedp.Call(w.tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: inFrame}); err != nil {
		t.Fatal(err)
	}
	w.size(900, 1100)
	w.do(chromedp.Navigate(elsewhere), until(`frame[0]?.title === 'Night train' && frame[0].now === '0:05' && frame[1]?.row && frame[2]?.title`))
	w.picture("embed", false)
	if got := read[string](w, `frame[0].theme + ' ' + frame[1].theme + ' ' + frame[2].theme`); got != "dark light auto" {
		t.Errorf("the themes are %s", got)
	}
	w.inside(0, "play", 0)
	w.do(until(`frame[0].playing && frame[0].at > 5 && frame[0].at < 30 && frame[0].label === 'Pause: Night train'`))
	w.inside(0, "wave", 0.1)
	w.do(until(`frame[0].at > 33 && frame[0].at < 45 && frame[0].playing`))
	w.do(press("ArrowRight"), until(`frame[0].at > 38`), press(" "), until(`!frame[0].playing && frame[0].label === 'Play: Night train'`))
	if said := read[string](w, `frame[0].said`); !strings.HasSuffix(said, " of 1:00") && !strings.HasSuffix(said, " of 0:59") {
		t.Errorf("the position is told as %q", said)
	}
	w.inside(1, "play", 0)
	w.do(until(`frame[1].playing && frame[1].title === '짧은 노래'`), until(`frame[1].playing && frame[1].title === 'Night train'`))
	w.picture("embed-playing", false)
	w.inside(1, "row", 0)
	w.do(until(`!frame[1].playing`))
	if got := read[[]any](w, `[0, 1, 2].flatMap((i) => [frame[i].kept, frame[i].wide > 0, ...frame[i].csp]).filter((one) => one && one !== '00')`); len(got) > 0 {
		t.Errorf("kept, too wide or against the policy: %v", got)
	}
	if cookies, err := chromedp.Call(w.tab, storage.GetCookies, storage.GetCookiesParams{}); err != nil || len(cookies.Cookies) > 0 {
		t.Errorf("cookies: %v, %v", cookies, err)
	}
	if read[bool](w, `Boolean(frame[3]?.text?.trim())`) {
		t.Error("the app itself can be framed")
	}
	for end := time.Now().Add(20 * time.Second); short.Counts.Plays == 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the listen was not counted")
		}
		mina.do("GET", "/api/tracks/"+short.ID, nil, "", http.StatusOK, &short)
	}

	mina.do("PATCH", "/api/tracks/"+song.ID, body(t, map[string]any{"embeddable": false}), "application/json", http.StatusOK, nil)
	w.do(chromedp.Reload(), until(`frame[0]?.text?.includes('does not show it on other sites') && !frame[1]?.row && frame[1]?.title`))
	w.picture("embed-off", false)
	w.fine("Refused to display", "frame-ancestors", "X-Frame-Options", "403", "favicon")
}

// TestShareSheet gives a track on in each way there is.
func TestShareSheet(t *testing.T) {
	browser := newTab(t, 3*time.Minute)
	axe := readAxe(t)
	keeper := newHouse(t)
	mina := keeper.signUp("mina@home.example", "Mina")
	art := picture(t, color.RGBA{220, 90, 40, 255}, color.RGBA{60, 20, 120, 255})
	song := mina.add(recording{file: "night train.mp3", sound: music(90, 2), patch: map[string]any{"title": "Night train", "tags": []string{"night"}}, picture: art})
	secret := mina.add(recording{file: "secret.mp3", sound: music(20, 3), patch: map[string]any{"title": "A secret", "visibility": "private"}})
	mina.drawn(song, secret)
	open := func(w *window, at string) {
		w.t.Helper()
		w.show(mina.url + at)
		w.do(run(`[...document.querySelectorAll('.hero-tools .button')].find((one) => /Share|공유/.test(one.innerText + one.ariaLabel)).click()`), see(`dialog[open] .share-body`))
	}
	w := openWindow(t, browser, look{url: mina.url, token: mina.token, locale: "en", theme: "light"})
	looks := func(w *window, name, locale string, sizes ...screen) {
		w.t.Helper()
		themes := []string{"light", "dark"}
		if os.Getenv("EARSHOT_SHOTS") == "" { // what the pictures alone need is left out
			sizes, themes = sizes[:min(len(sizes), 2)], themes[:1]
			if name == "embed" && locale == "en" {
				themes = []string{"light", "dark"}
			}
		}
		for i, size := range sizes {
			w.size(size.width, size.height)
			w.do(painted)
			for _, theme := range themes {
				w.do(run(`document.documentElement.dataset.theme = '`+theme+`'`), painted)
				w.picture("share-"+name+"-"+locale+"-"+size.String()+"-"+theme, false)
				for _, barrier := range w.barriers(axe, i == 0, theme == "dark") {
					t.Errorf("%s, %v, %s: axe: %s", name, size, theme, barrier)
				}
			}
			w.do(run(`document.documentElement.dataset.theme = 'light'`))
			for _, fault := range w.faults(locale, size) {
				t.Errorf("%s, %v: %s", name, size, fault)
			}
		}
	}
	w.size(desktop.width, desktop.height)
	open(w, song.URL)
	ways := `[...document.querySelectorAll('.share-way')].map((one) => one.innerText).join()`
	if got := read[string](w, ways); !strings.HasPrefix(got, "QR code,Embed,Message,Secret link") {
		t.Errorf("the ways are %s", got)
	}
	w.do(click(`.share-copy .button`), until(`document.querySelector('.share-copy .button').innerText === 'Copied'`))
	w.do(run(`document.querySelector('.share-from [type=text]').select()`), chromedp.KeyEvent("1:13"),
		until(`document.querySelector('.share-copy input').value === '`+mina.url+song.URL+`?t=73' && document.querySelector('.share-from [type=checkbox]').checked`))
	w.size(small.width, small.height)
	w.do(tap(`.share-way`, "QR code"), see(`.share-code svg path`), until(`(() => { const code = document.querySelector('.share-code svg').getBoundingClientRect(); return code.top >= 0 && code.bottom <= innerHeight; })()`))
	w.size(desktop.width, desktop.height)
	looks(w, "code", "en", phone, small, desktop)
	w.do(run(`document.querySelector('.share-from [type=text]').select()`), chromedp.KeyEvent("9:99"), see(`.share-from .wrong`),
		run(`document.querySelector('.share-from [type=text]').select()`), chromedp.KeyEvent("0:07"), until(`!document.querySelector('.share-from .wrong')`),
		tap(`.share-way`, "Embed"), see(`.share-frame`), tap(`.share-themes label`, "Dark"),
		until(`document.querySelector('.share-frame').src.endsWith('/embed/tracks/`+song.ID+`?theme=dark&t=7')`),
		until(`document.querySelector('.share-frame').contentDocument?.querySelector('.now')?.textContent === '0:07'`))
	if code := read[string](w, `document.querySelector('.share-copy textarea').value`); !strings.HasPrefix(code, `<iframe src="`+mina.url+`/embed/tracks/`+song.ID+`?theme=dark&amp;t=7" `) {
		t.Errorf("the code is %s", code)
	}
	looks(w, "embed", "en", phone, small, desktop)
	open(w, secret.URL)
	if got := read[string](w, ways); strings.Contains(got, "Embed") || strings.Contains(got, "Message") || !strings.Contains(got, "Secret link") {
		t.Errorf("the ways of a private track are %s", got)
	}
	looks(w, "private", "en", phone)
	w.size(desktop.width, desktop.height)
	open(w, "/mina")
	looks(w, "person", "en", phone)
	w.fine()

	k := openWindow(t, browser, look{url: mina.url, locale: "ko", theme: "light"})
	k.size(phone.width, phone.height)
	open(k, song.URL)
	looks(k, "visitor", "ko", phone, small)
	k.do(tap(`.share-way`, "퍼가기"), see(`.share-frame`), until(`document.querySelector('.share-frame').contentDocument?.querySelector('.title')`))
	looks(k, "embed", "ko", phone)
	k.fine()
}
