package browsertest

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// A scene is a page as somebody has it before them.
type scene struct {
	name    string
	in      *house // as whom: its token's, or a visitor's
	path    string
	act     func(w *window) // what is done there first
	sizes   []screen        // where it exists; everywhere when not set
	fails   []string        // what the console says that is no mistake
	visitor bool
	later   bool // a year after everything was uploaded
}

type screen struct {
	width, height int64
	axe           bool
}

var (
	small   = screen{320, 568, false}
	phone   = screen{390, 844, true}
	tablet  = screen{768, 1024, false}
	laptop  = screen{1280, 800, false}
	desktop = screen{1440, 900, true}
)

var phones, wide = []screen{small, phone, tablet}, []screen{laptop, desktop}

// press sends one key to whatever has the focus.
func press(key string) step {
	return chromedp.KeyEvent(key)
}

// run does something in the page itself, as a script would.
func run(expression string) step {
	return chromedp.Evaluate[chromedp.Void](expression)
}

// painted waits until what was changed is on the screen.
var painted step = chromedp.Evaluate[chromedp.Void](`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`, chromedp.EvalAwaitPromise)

// pick chooses a menu's n-th item.
func pick(button string, n string) []step {
	return []step{click(button), see(`.menu-list`), run(`document.querySelectorAll('.menu-list .menu-item')[` + n + `].click()`)}
}

// TestPages looks at every page, in both languages, on five sizes of screen,
// light and dark: that it fits and is whole, that nothing complains, and that
// axe finds no barrier.
func TestPages(t *testing.T) {
	browser := newTab(t, 12*time.Minute)
	axe := readAxe(t)

	filled := newHouse(t)
	town := seed(t, filled)
	crowd := gather(t, town)
	jun := filled.signUp("jun@home.example", "Jun")
	jun.do("PATCH", "/api/me", body(t, map[string]any{"username": "jun"}), "application/json", http.StatusOK, nil)
	bare := newHouse(t)
	bare.do("PATCH", "/api/house", body(t, map[string]any{"sign_up": "closed"}), "application/json", http.StatusOK, nil)
	shut := newHouse(t)
	shut.do("PATCH", "/api/house", body(t, map[string]any{"visitors": false}), "application/json", http.StatusOK, nil)
	studio := newHouse(t) // the only one in which scenes leave something behind
	unset := emptyHouse(t)

	folder := t.TempDir()
	files := map[string][]byte{
		"a_night_train_that_never_arrives_at_the_station_where_it_is_waited_for.mp3": music(70, 3),
		"no_music_at_all.mp3": []byte(strings.Repeat("This is a letter, not a song. ", 200)),
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(folder, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	choose := func(name string) step {
		return chromedp.SetUploadFiles(chromedp.CSS(`main input[type="file"][multiple]`), []string{filepath.Join(folder, name)})
	}
	// A song that nobody has uploaded before: what is here already is not sent.
	var songs atomic.Int64
	song := step(func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		name := "a_night_train_that_never_arrives_at_the_station_where_it_is_waited_for.mp3"
		n := strconv.FormatInt(songs.Add(1), 10)
		if err := os.Mkdir(filepath.Join(folder, n), 0o700); err != nil {
			return chromedp.Void{}, err
		}
		if err := os.WriteFile(filepath.Join(folder, n, name), append(bytes.Clone(files[name]), n...), 0o600); err != nil {
			return chromedp.Void{}, err
		}
		return choose(filepath.Join(n, name))(ctx, tab)
	})

	play := func(w *window) { w.do(click(`main button.play`), until(plays)) }
	full := func(w *window) { play(w); w.do(click(`.player-open`), see(`.player-full[open] canvas`)) }
	edit := func(w *window) {
		w.do(run(`(document.querySelector('.owner-tools .edits') ?? [...document.querySelectorAll('.hero-tools button.slim')].at(-1)).click()`), see(`dialog[open] form`))
	}
	own, foreign := town.own.URL, town.foreign.URL

	scenes := []scene{
		{name: "stream-empty-visitor", in: bare, visitor: true, path: "/"},
		{name: "stream-empty", in: bare, path: "/"},
		{name: "stream-visitor", in: filled, visitor: true, path: "/"},
		{name: "stream", in: town.member, path: "/"},
		{name: "stream-year-later", in: town.member, path: "/", later: true, sizes: []screen{small, phone, tablet, desktop}},
		{name: "stream-playing", in: town.member, path: "/", act: play},
		{name: "track", in: town.member, path: foreign},
		{name: "track-from", in: town.member, visitor: true, path: foreign + "?t=41"},
		{name: "track-own", in: town.member, path: own},
		{name: "track-own-menu", in: town.member, path: own, act: func(w *window) { w.do(click(`.hero-tools .menu button`), see(`.menu-list`)) }},
		{name: "track-edit", in: town.member, path: own, act: edit, sizes: []screen{small, phone, tablet, desktop}},
		{name: "track-edit-wrong", in: town.member, path: own, sizes: []screen{small, phone, desktop}, act: func(w *window) {
			edit(w)
			w.do(run(`document.querySelector('dialog details').open = true`), run(`document.querySelector('dialog [name=title]').value = ''`),
				click(`dialog form button[type="submit"]`), see(`dialog .wrong`))
		}},
		{name: "track-write", in: town.member, path: foreign, act: func(w *window) { w.do(click(`.moment-write`), see(`.writer textarea`)) }},
		{name: "track-said", in: town.member, path: foreign + "?t=42", sizes: []screen{small, phone, desktop}, act: func(w *window) {
			w.do(click(`main .play.big`), until(plays), see(`button.moment-line`), run(`heard.pause()`))
		}},
		{name: "track-reply", in: town.member, path: foreign + "?comment=" + crowd.said[0].ID, sizes: []screen{small, phone, desktop}, act: func(w *window) {
			w.do(see(`.replies .said`), run(`document.querySelector('.thread:has(.replies) .said-body > .text').click()`), see(`.replies .writer textarea`),
				run(`document.activeElement.blur()`), until(`!document.querySelector('.said.lit')`))
		}},
		{name: "track-comment-menu", in: town.member, path: foreign, sizes: []screen{small, phone, desktop}, act: func(w *window) {
			w.do(run(`document.querySelector('.said .menu').scrollIntoView({block: 'center'})`), run(`document.querySelector('.said .menu button').click()`), see(`.menu-list`))
		}},
		{name: "track-likers", in: town.member, path: foreign, sizes: []screen{small, phone, desktop}, act: func(w *window) { w.do(click(`.hero-stats button`), see(`dialog[open] .people-list li`)) }},
		{name: "track-quiet", in: town.member, path: crowd.quiet.URL, sizes: []screen{small, phone, desktop}},
		{name: "track-add", in: town.member, path: foreign, sizes: []screen{small, phone, desktop}, act: func(w *window) {
			w.do(run(`document.querySelector('.hero-tools .menu button').click()`), see(`.menu-list`),
				run(`document.querySelector('.menu-item use[href$="#playlist"]').closest('.menu-item').click()`), see(`dialog[open] .adder-row`))
		}},
		{name: "playlist", in: town.keeper, path: crowd.list.URL},
		{name: "playlist-visitor", in: town.keeper, visitor: true, path: crowd.list.URL, sizes: []screen{small, phone, desktop}},
		{name: "playlist-own", in: town.member, path: crowd.list.URL},
		{name: "playlist-row", in: town.member, path: crowd.list.URL, sizes: []screen{small, phone, desktop}, act: func(w *window) {
			w.do(run(`document.querySelector('.track-row .menu button').click()`), see(`.menu-list`))
		}},
		{name: "playlist-empty", in: town.member, path: crowd.secret.URL, sizes: []screen{small, phone, desktop}},
		{name: "playlist-edit", in: town.member, path: crowd.list.URL, act: edit, sizes: []screen{small, phone, desktop}},
		{name: "playlists", in: town.member, path: "/playlists"},
		{name: "playlists-liked-empty", in: town.member, path: "/playlists?tab=liked", sizes: []screen{small, phone, desktop}},
		{name: "playlists-empty", in: jun, path: "/playlists", sizes: []screen{small, phone, desktop}},
		{name: "playlist-new", in: jun, path: "/playlists", sizes: []screen{small, phone, desktop}, act: func(w *window) { w.do(click(`.lists-head button`), see(`dialog[open] form`)) }},
		{name: "likes", in: town.member, path: "/likes"},
		{name: "likes-empty", in: jun, path: "/likes", sizes: []screen{small, phone, desktop}},
		{name: "likes-visitor", in: filled, visitor: true, path: "/likes", sizes: []screen{small, phone, desktop}},
		{name: "history", in: town.member, path: "/history"},
		{name: "history-empty", in: jun, path: "/history", sizes: []screen{small, phone, desktop}},
		{name: "person", in: town.member, path: town.foreign.User.URL},
		{name: "person-own", in: town.member, path: "/you", act: func(w *window) { w.do(until(`location.pathname !== '/you'`), until(settled)) }},
		{name: "person-empty", in: town.member, path: "/jun"},
		{name: "upload", in: bare, path: "/upload"},
		{name: "upload-done", in: studio, path: "/upload", act: func(w *window) {
			w.do(song, see(`.upload-card.done form`), until(`document.querySelector('.upload-card .wave-ready')`))
		}},
		{name: "upload-failed", in: studio, path: "/upload", sizes: []screen{small, phone, desktop}, fails: []string{"415", "400"}, act: func(w *window) {
			w.do(choose("no_music_at_all.mp3"), see(`.upload-card.failed .wrong`))
		}},
		{name: "upload-saved", in: studio, path: "/upload", sizes: []screen{small, phone, desktop}, act: func(w *window) {
			w.do(song, see(`.upload-card.done form`), until(`document.querySelector('.upload-card .wave-ready')`),
				click(`.upload-card.done form button[type="submit"]`), see(`.upload-saved a`))
		}},
		{name: "settings", in: town.member, path: "/settings"},
		{name: "settings-keeper", in: town.keeper, path: "/settings", act: func(w *window) {
			w.do(run(`document.querySelector('.settings form [name=name]').value = ''`), click(`.settings form button[type="submit"]`), see(`.settings .wrong`))
		}},
		{name: "settings-visitor", in: filled, visitor: true, path: "/settings", sizes: []screen{small, phone, desktop}},
		{name: "sign-in", in: filled, visitor: true, path: "/sign-in"},
		{name: "sign-in-wrong", in: filled, visitor: true, path: "/sign-in", sizes: []screen{small, phone, desktop}, act: func(w *window) {
			w.do(click(`form button[type="submit"]`), see(`form .wrong`))
		}},
		{name: "sign-up", in: filled, visitor: true, path: "/sign-up", act: func(w *window) { w.do(run(`document.querySelector('details').open = true`)) }},
		{name: "sign-up-closed", in: bare, visitor: true, path: "/sign-up"},
		{name: "setup", in: unset, visitor: true, path: "/setup#" + unset.setup},
		{name: "setup-needed", in: unset, visitor: true, path: "/", sizes: []screen{small, phone, desktop}},
		{name: "setup-done", in: filled, visitor: true, path: "/setup", sizes: []screen{small, phone, desktop}},
		{name: "members-only", in: shut, visitor: true, path: "/"},
		{name: "not-found", in: filled, visitor: true, path: "/nobody/nothing", fails: []string{"404"}},
		{name: "api-docs", in: filled, visitor: true, path: "/api/docs"},
		{name: "api-docs-open", in: filled, visitor: true, path: "/api/docs", sizes: []screen{small, desktop}, act: func(w *window) {
			w.do(run(`for (const fold of [...document.querySelectorAll('details')].filter((_, i) => i % 9 === 1)) fold.open = true`))
		}},
		{name: "menu", in: town.member, path: "/", sizes: []screen{small, phone, desktop}, act: func(w *window) { w.do(click(`.header .me`), see(`.menu-list`)) }},
		{name: "queue", in: town.member, path: "/", sizes: wide, act: func(w *window) {
			w.size(laptop.width, laptop.height)
			play(w)
			w.do(click(`.player-more > button`), see(`.player-panel .queue-row`))
		}},
		{name: "keys", in: town.member, path: "/", sizes: wide, act: func(w *window) { w.do(press("?"), see(`dialog.keys[open]`)) }},
		{name: "player", in: town.member, path: "/", sizes: phones, act: full},
		{name: "player-sound", in: town.member, path: "/", sizes: phones, act: func(w *window) {
			full(w)
			w.do(click(`.player-full .player-tune`), see(`dialog[open] .tune-slide`), run(`document.querySelectorAll(".tune-chip input[value=\"15\"]")[0].click()`), finds(`.tune .hint`, "15"))
		}},
		{name: "player-queue", in: town.member, path: "/", sizes: phones, act: func(w *window) {
			full(w)
			w.do(click(`.player-full-head button:last-child`), see(`.player-full .queue-row`))
		}},
	}
	inspectAll(t, browser, axe, scenes)
}

func (s scene) look(locale string) look {
	l := look{url: s.in.url, token: s.in.token, locale: locale, theme: "light", later: s.later}
	if s.visitor {
		l.token = ""
	}
	return l
}

// inspectAll looks at scenes in both languages. The page is the same one in the
// second, and changes to it as by the settings; with pictures wanted it is loaded
// in it.
func inspectAll(t *testing.T, browser context.Context, axe string, scenes []scene) {
	t.Run("each", func(t *testing.T) {
		for _, s := range scenes {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				w := openWindow(t, browser, s.look("en"))
				s.inspect(t, w, "en", axe)
				if os.Getenv("EARSHOT_SHOTS") != "" {
					s.inspect(t, openWindow(t, browser, s.look("ko")), "ko", axe)
				} else if w.speak("ko") {
					s.measure(t, w, "ko", axe)
				}
			})
		}
	})
}

// speak changes the language of the page, and tells whether it has more than one.
func (w *window) speak(locale string) bool {
	w.t.Helper()
	return read[bool](w, `(async () => {
		const texts = performance.getEntriesByType('resource').find((one) => one.name.endsWith('/js/i18n.js'));
		if (texts) await (await import(texts.name)).setLocale(`+strconv.Quote(locale)+`);
		return Boolean(texts);
	})()`)
}

// inspect opens a scene and goes through the sizes and both themes without
// loading the page anew, as a person who turns the device does.
func (s scene) inspect(t *testing.T, w *window, locale, axe string) {
	t.Helper()
	first := phone
	if s.sizes != nil {
		first = s.sizes[min(1, len(s.sizes)-1)]
	}
	w.size(first.width, first.height)
	w.show(s.in.url + s.path)
	if s.act != nil {
		s.act(w)
	}
	s.measure(t, w, locale, axe)
}

// measure looks at what a window shows, in all sizes.
func (s scene) measure(t *testing.T, w *window, locale, axe string) {
	t.Helper()
	sizes := s.sizes
	if sizes == nil {
		sizes = []screen{small, phone, tablet, laptop, desktop}
	}
	// The second language has longer and shorter words, and is looked at where they
	// fit least. With pictures wanted it is seen whole.
	second := locale != "en" && os.Getenv("EARSHOT_SHOTS") == ""
	dimmed := false
	for i, size := range sizes {
		if second && i > 0 && size != laptop {
			continue
		}
		w.size(size.width, size.height)
		w.do(until(drawnWaves))
		at := func(what string) string { return s.name + "-" + locale + "-" + size.String() + "-" + what }
		for _, fault := range w.faults(locale, size) {
			t.Errorf("%v: %s", size, fault)
		}
		w.picture(at("light"), false)
		if size == phone || size == laptop {
			w.picture(at("light-whole"), true)
		}
		for _, barrier := range w.barriers(axe, size.axe && !(second && i > 0), false) {
			t.Errorf("%v, light: axe: %s", size, barrier)
		}
		// The theme moves nothing: its colours are looked at once.
		if second || (dimmed || !size.axe) && os.Getenv("EARSHOT_SHOTS") == "" {
			continue
		}
		dimmed = true
		w.do(run(`document.documentElement.dataset.theme = 'dark'`))
		for _, barrier := range w.barriers(axe, size.axe, true) {
			t.Errorf("%v, dark: axe: %s", size, barrier)
		}
		if size != desktop {
			w.do(until(drawnWaves))
			w.picture(at("dark"), false)
		}
		w.do(run(`document.documentElement.dataset.theme = 'light'`))
	}
	for _, c := range w.complaints(s.fails...) {
		t.Errorf("the browser complains: %s", c)
	}
}
