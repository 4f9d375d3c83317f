package browsertest

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"image/color"
)

// TestFeedsInThePage makes a private feed of a person, reads its code, and takes
// it away again.
func TestFeedsInThePage(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	axe := readAxe(t)
	keeper := newHouse(t)
	mina, jun := keeper.signUp("mina@home.example", "Mina"), keeper.signUp("jun@home.example", "Jun")
	art := picture(t, color.RGBA{220, 90, 40, 255}, color.RGBA{60, 20, 120, 255})
	song := mina.add(recording{file: "night train.mp3", sound: music(20, 2), patch: map[string]any{"title": "Night train", "tags": []string{"night"}}, picture: art})
	mina.drawn(song)
	w := openWindow(t, browser, look{url: jun.url, token: jun.token, locale: "en", theme: "light"})
	looks := func(name, locale string) {
		t.Helper()
		for i, size := range []screen{phone, small, desktop} {
			if i > 0 && os.Getenv("EARSHOT_SHOTS") == "" {
				break
			}
			w.size(size.width, size.height)
			w.do(painted)
			for _, theme := range []string{"light", "dark"} {
				w.do(run(`document.documentElement.dataset.theme = '`+theme+`'`), painted)
				w.picture("feeds-"+name+"-"+locale+"-"+size.String()+"-"+theme, false)
				for _, barrier := range w.barriers(axe, true, theme == "dark") {
					t.Errorf("%s, %v, %s: axe: %s", name, size, theme, barrier)
				}
			}
			for _, fault := range w.faults(locale, size) {
				t.Errorf("%s, %v: %s", name, size, fault)
			}
		}
		w.do(run(`document.documentElement.dataset.theme = 'light'`))
	}
	fetched := func() string {
		t.Helper()
		at := read[string](w, `document.querySelector('.feeds-list input').value`)
		res, err := http.Get(at)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.Status + " " + res.Header.Get("Content-Type")
	}
	w.size(phone.width, phone.height)
	w.show(jun.url + song.User.URL)
	w.do(run(`[...document.querySelectorAll('.hero-tools .button, .profile-tools .button, button')].find((one) => /^Share/.test(one.innerText + one.ariaLabel)).click()`),
		see(`dialog[open] .share-body`), tap(`.share-way`, "Podcast app"), see(`dialog.feeds[open] .feeds-body section input`), until(`document.querySelectorAll('.feeds-body section').length === 2`))
	if at := read[string](w, `document.querySelector('.feeds-body input').value`); !strings.HasSuffix(at, "/feeds/users/"+song.User.ID+".rss") {
		t.Errorf("the public feed is at %s", at)
	}
	looks("new", "en")
	w.do(tap(`.feeds-list > button`, "Make a private feed"), see(`.feeds-list li input`), tap(`.feeds-list .feeds-more button`, "QR code"), see(`.feeds-list .share-code svg path`))
	if got := fetched(); got != "200 OK application/rss+xml; charset=utf-8" {
		t.Errorf("its address answers %s", got)
	}
	looks("made", "en")
	address := read[string](w, `document.querySelector('.feeds-list input').value`)
	w.do(tap(`.feeds-list .feeds-more button`, "Take away"), see(`.feeds-sure`), tap(`.feeds-sure button`, "Take away"), until(`!document.querySelector('.feeds-list li')`))
	if res, err := http.Get(address); err != nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("its address still answers: %v, %v", res, err)
	}

	w = openWindow(t, browser, look{url: jun.url, token: jun.token, locale: "ko", theme: "light"})
	w.size(phone.width, phone.height)
	w.show(jun.url + "/settings#feeds")
	w.do(tap(`#feeds button`, "내 피드"), see(`dialog.feeds[open] .feeds-list > button`), tap(`.feeds-list > button`, "내 스트림 피드 만들기"), see(`.feeds-list li input`))
	looks("mine", "ko")
	w.show(jun.url + "/tags/night")
	w.do(tap(`.hero-tools button`, "팟캐스트 앱"), see(`dialog.feeds[open] .feeds-body section input`))
	looks("tag", "ko")
	w.fine()
}
