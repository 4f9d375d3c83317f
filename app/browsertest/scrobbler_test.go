package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"earshot/app"
	"earshot/app/api/wire"

	"github.com/chromedp/chromedp"
)

// TestScrobbling connects an account with a server that takes listens, sees how
// that goes, gives a new token when the old one is good no more, and leaves.
func TestScrobbling(t *testing.T) {
	browser := newTab(t, 4*time.Minute)
	axe := readAxe(t)
	known := make(chan string, 1) // the token that is good
	known <- "good"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		good := <-known
		known <- good
		ok := r.Header.Get("Authorization") == "Token "+good
		switch {
		case r.Method == "GET":
			fmt.Fprintf(w, `{"valid":%v,"user_name":"mina_hears_everything"}`, ok)
		case ok:
			fmt.Fprint(w, `{"status":"ok"}`)
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(server.Close)
	h := newHouse(t, func(o *app.Options) {
		o.Config.Scrobbling.Servers = []string{"https://api.listenbrainz.org", server.URL}
	})
	h.upload("One.mp3", music(12, 1))
	h.upload("Two.mp3", music(12, 2))
	var list wire.List[wire.Track]
	h.do("GET", "/api/me/tracks", nil, "", http.StatusOK, &list)
	listen := func(n int, what string, ok func(wire.Scrobbler) bool) {
		h.do("POST", "/api/tracks/"+list.Items[n].ID+"/plays", body(t, wire.Listen{ListenedMS: 30_000}), "application/json", http.StatusOK, nil)
		var now wire.Scrobbler
		for end := time.Now().Add(time.Minute); !ok(now); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("not %s after a minute: %+v", what, now)
			}
			h.do("GET", "/api/me/scrobbler", nil, "", http.StatusOK, &now)
		}
	}
	at := func(w *window) { w.do(run(`document.querySelector('#scrobbler').scrollIntoView()`)) }
	few := []screen{small, phone, desktop}
	look := func(name string, act func(w *window)) {
		for _, locale := range []string{"en", "ko"} {
			s := scene{name: "scrobbler-" + name, in: h, path: "/settings", sizes: few, act: func(w *window) {
				w.do(see(`#scrobbler h2`))
				if act != nil {
					act(w)
				}
				at(w)
			}}
			w := openWindow(t, browser, s.look(locale))
			s.inspect(t, w, locale, axe)
			for _, size := range few { // as it is scrolled to
				w.size(size.width, size.height)
				at(w)
				w.picture(s.name+"-"+locale+"-"+size.String()+"-there", false)
			}
		}
	}
	look("none", nil)
	w := openWindow(t, browser, scene{in: h}.look("en"))
	w.show(h.url + "/settings")
	w.do(see(`#scrobbler [name="token"]`), until(`document.querySelector('.settings-ways a[href="#scrobbler"]')`),
		until(`document.querySelector('#scrobbler a[target=_blank]').href.startsWith('https://listenbrainz.org/')`),
		click(`#scrobbler .option:nth-of-type(2)`), until(`!document.querySelector('#scrobbler a[target=_blank]')`),
		click(`#scrobbler button[type="submit"]`), see(`#scrobbler .wrong`),
		chromedp.SendKeys(chromedp.CSS(`#scrobbler [name="token"]`), "bad"), click(`#scrobbler button[type="submit"]`),
		until(`document.querySelector('#scrobbler .wrong')?.innerText.includes('does not know this token')`),
		run(`document.querySelector('#scrobbler [name="token"]').value = ''`), fill("token", "good"), click(`#scrobbler button[type="submit"]`),
		until(`document.querySelector('#scrobbler .row')?.innerText.includes('mina_hears_everything')`))
	listen(0, "sent", func(now wire.Scrobbler) bool { return now.Sent == 1 })
	look("connected", nil)
	<-known
	known <- "another"
	listen(1, "paused", func(now wire.Scrobbler) bool { return now.Paused && now.Waiting == 1 })
	look("paused", nil)
	w.do(run(`location.reload()`), until(`document.querySelector('#scrobbler .row')?.innerText.includes('Sent one listen.')`),
		see(`#scrobbler .failure`), fill("token", "another"), click(`#scrobbler button[type="submit"]`),
		until(`!document.querySelector('#scrobbler .failure') && !document.querySelector('#scrobbler form')`))
	w.do(click(`#scrobbler .row .button`), see(`dialog[open] .danger`), click(`dialog[open] .danger`),
		see(`#scrobbler [name="token"]`), until(`!document.querySelector('#scrobbler .row')`))
	var now wire.Scrobbler
	h.do("GET", "/api/me/scrobbler", nil, "", http.StatusOK, &now)
	if now.Connected {
		t.Errorf("still connected: %+v", now)
	}
}
