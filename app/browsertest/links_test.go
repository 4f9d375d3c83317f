package browsertest

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/app/api/wire"
)

// item presses an item of a menu by its icon.
func item(menu, icon string) []step {
	return []step{
		run(`document.querySelector('` + menu + `').click()`), see(`.menu-list`),
		run(`document.querySelector('.menu-item use[href$="#` + icon + `"]').closest('.menu-item').click()`),
	}
}

// TestASecretLink is the whole way of a secret link: its owner makes it for a
// private track, with a password; a stranger opens it, hears the track, seeks in
// it and says something under a name; the owner sees that, and revokes it.
func TestASecretLink(t *testing.T) {
	browser := newTab(t, 4*time.Minute)
	axe := readAxe(t)
	keeper := newHouse(t)
	mina := keeper.signUp("mina@home.example", "Mina")
	track := mina.add(recording{file: "night train.mp3", sound: music(90, 2), patch: map[string]any{"title": "Night train", "visibility": "private"}})
	mina.drawn(track)
	keeper.do("PATCH", "/api/house", body(t, map[string]any{"visitors": false}), "application/json", http.StatusOK, nil) // and the house is closed

	owner := openWindow(t, browser, look{url: mina.url, token: mina.token, locale: "en"})
	guest := openWindow(t, browser, look{url: mina.url, locale: "en", theme: "light"})
	owner.size(desktop.width, desktop.height)
	guest.size(phone.width, phone.height)
	looks := func(w *window, name string) {
		for _, size := range []screen{small, phone, desktop} {
			w.size(size.width, size.height)
			w.do(painted, until(drawnWaves))
			for _, theme := range []string{"light", "dark"} {
				w.do(run(`document.documentElement.dataset.theme = '`+theme+`'`), painted)
				w.picture("link-"+name+"-"+size.String()+"-"+theme, false)
				for _, barrier := range w.barriers(axe, true, theme == "dark") {
					t.Errorf("%s, %v, %s: axe: %s", name, size, theme, barrier)
				}
			}
			w.do(run(`document.documentElement.dataset.theme = 'light'`))
			for _, fault := range w.faults("en", size) {
				t.Errorf("%s, %v: %s", name, size, fault)
			}
		}
	}

	// Nobody finds it yet.
	guest.show(mina.url + track.URL)
	guest.do(shows("is for its members"), until(`!document.body.innerText.includes('Night train')`))

	owner.show(mina.url + track.URL)
	owner.do(item(`.hero-tools .menu button`, "lock")...)
	owner.do(see(`dialog[open] .links-shut`), click(`dialog .button.main`), see(`dialog .link-editor [name="name"]`),
		until(`document.activeElement.name === 'name'`), chromedp.KeyEvent("For Jun"),
		click(`dialog [name="comments"]`), click(`dialog [name="asks"]`), see(`dialog [name="password"]`))
	looks(owner, "make")
	owner.do(click(`dialog form button[type="submit"]`), see(`dialog .wrong`), // a password is asked for, and none was given
		fill("password", "s3same"), click(`dialog form button[type="submit"]`), see(`dialog .link-card`), until(`!document.querySelector('.links-shut')`))
	looks(owner, "list")
	address := read[string](owner, `document.querySelector('.link-address input').value`)

	guest.show(address)
	guest.do(see(`form [name="password"]`))
	looks(guest, "asks")
	guest.do(fill("password", "sesame"), click(`form button[type="submit"]`), see(`form .wrong`),
		run(`document.querySelector('form [name=password]').select()`), fill("password", "s3same"), click(`form button[type="submit"]`),
		until(`location.pathname === '`+track.URL+`' && location.hash === ''`), shows("Night train"), shows("by a secret link from Mina"))
	looks(guest, "track")
	guest.do(run(`document.querySelector('main .play.big, main button.play').click()`), until(plays), clickMiddle(".wave-hero"), until(`heard.currentTime > 40 && !heard.seeking`), until(plays), run(`heard.pause()`))
	guest.do(chromedp.Reload(), shows("by a secret link from Mina"), // a reload in the closed house
		click(`.moment-write`), see(`.writer textarea`), until(`document.activeElement.localName === 'textarea'`), chromedp.KeyEvent("What a sound"),
		click(`.writer button[type="submit"]`), see(`.writer .wrong`), // a name is wanted
		until(`document.activeElement.autocomplete === 'name'`), chromedp.KeyEvent("Uncle Bo"))
	looks(guest, "write")
	guest.do(click(`.writer button[type="submit"]`), until(`!document.querySelector('.writer')`), shows("What a sound"), shows("Uncle Bo (guest)"))
	if n := read[int](guest, `document.querySelectorAll('.hero-tools .react').length`); n != 0 {
		t.Errorf("%d buttons for what a guest can't do", n)
	}

	owner.do(run(`document.querySelector('dialog .dialog-head button').click()`), shows("Uncle Bo (guest)"), shows("What a sound"))
	looks(owner, "said")
	owner.show(mina.url + "/notifications")
	owner.do(shows("Uncle Bo (guest) commented on Night train"))
	looks(owner, "notice")
	owner.show(mina.url + track.URL)
	owner.do(item(`.hero-tools .menu button`, "lock")...)
	owner.do(see(`dialog .link-card`), until(`document.querySelector('.link-facts').innerText.includes('1 listen')`))
	owner.do(item(`.link-card .menu button`, "edit")...)
	owner.do(see(`.link-card [name="name"]`), run(`document.querySelector('.link-card details').open = true`))
	looks(owner, "edit")
	owner.do(run(`document.querySelector('.link-card [name=most_plays]').value = '3'`), click(`.link-card form button[type="submit"]`),
		until(`document.querySelector('.link-facts')?.innerText.includes('1 of 3 listens')`))
	owner.do(item(`.link-card .menu button`, "trash")...)
	owner.do(see(`.link-revoke`), click(`.link-revoke [name="guests"]`))
	looks(owner, "revoke")
	owner.do(click(`.link-revoke button[type="submit"]`), until(`!document.querySelector('.link-card')`))

	guest.do(chromedp.Reload(), shows("is for its members"), until(`!document.querySelector('main').innerText.includes('Night train')`))
	guest.show(mina.url + "/")
	guest.show(address)
	guest.do(shows("This link leads nowhere"))
	looks(guest, "nowhere")
	keeper.do("PATCH", "/api/house", body(t, map[string]any{"visitors": true}), "application/json", http.StatusOK, nil)
	guest.show(mina.url + track.URL)
	guest.do(until(`document.querySelector('.door h1')`), until(`!document.querySelector('main').innerText.includes('Night train')`))
	var said wire.List[wire.Comment]
	mina.do("GET", "/api/tracks/"+track.ID+"/comments", nil, "", http.StatusOK, &said)
	if len(said.Items) != 0 {
		b, _ := json.Marshal(said)
		t.Errorf("the guest's words are still there: %s", b)
	}
	for name, w := range map[string]*window{"the owner": owner, "the guest": guest} {
		for _, c := range w.complaints("401", "400", "404") {
			t.Errorf("the browser of %s complains: %s", name, c)
		}
	}
}

// TestASecretLinkToAPlaylist opens one in a house where visitors may look around.
func TestASecretLinkToAPlaylist(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	keeper := newHouse(t)
	mina := keeper.signUp("mina@home.example", "Mina")
	track := mina.add(recording{file: "night train.mp3", sound: music(60, 2), patch: map[string]any{"title": "Night train", "visibility": "link"}})
	hidden := mina.add(recording{file: "other.mp3", sound: music(20, 3), patch: map[string]any{"title": "Not for anybody", "visibility": "private"}})
	mina.drawn(track, hidden)
	var list wire.Playlist
	mina.do("POST", "/api/playlists", body(t, wire.NewPlaylist{Title: "For the train", Tracks: []string{track.ID, hidden.ID}}), "application/json", http.StatusCreated, &list)

	owner := openWindow(t, browser, look{url: mina.url, token: mina.token, locale: "ko"})
	guest := openWindow(t, browser, look{url: mina.url, locale: "en"})
	owner.size(phone.width, phone.height)
	guest.size(phone.width, phone.height)
	owner.show(mina.url + list.URL)
	owner.do(item(`.hero-tools .menu button`, "lock")...)
	owner.do(see(`dialog[open] .links-shut`), click(`dialog .links-shut button`), until(`!document.querySelector('.links-shut')`),
		click(`dialog .button.main`), see(`dialog .link-editor [name="name"]`), click(`dialog form button[type="submit"]`), see(`dialog .link-card`))
	owner.picture("link-playlist-owner-ko", false)
	address := read[string](owner, `document.querySelector('.link-address input').value`)

	guest.show(address)
	guest.do(until(`location.pathname === '`+list.URL+`'`), shows("For the train"), shows("Night train"), shows("by a secret link from Mina"),
		until(`!document.body.innerText.includes('Not for anybody')`))
	guest.picture("link-playlist-guest", false)
	guest.do(click(`main .play.big`), until(plays), run(`heard.pause()`),
		run(`[...document.querySelectorAll('.track-row a')].find((a) => a.pathname === '`+track.URL+`').click()`), shows("by a secret link from Mina"))
	if n := read[int](guest, `document.querySelectorAll('main .react').length`); n != 0 {
		t.Errorf("%d buttons for what a guest can't do", n)
	}
	for name, w := range map[string]*window{"the owner": owner, "the guest": guest} {
		for _, c := range w.complaints() {
			t.Errorf("the browser of %s complains: %s", name, c)
		}
	}
}
