package browsertest

import (
	"encoding/base64"
	"fmt"
	"image/color"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// dragged gives a script that holds files over something, and one that lets
// them go there, or pastes them.
func dragged(files map[string][]byte, kind, over string) (hold, release, paste step) {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, `held.items.add(new File([Uint8Array.from(atob(%q), (c) => c.charCodeAt(0))], %q, {type: %q}));`, base64.StdEncoding.EncodeToString(files[name]), name, kind)
	}
	do := func(events string) step {
		return run(`{ const held = new DataTransfer(); ` + b.String() + `
			for (const type of ` + events + `) document.querySelector('` + over + `').dispatchEvent(type === 'paste'
				? new ClipboardEvent(type, {clipboardData: held, bubbles: true, cancelable: true})
				: new DragEvent(type, {dataTransfer: held, bubbles: true, cancelable: true})); }`)
	}
	return do(`['dragenter', 'dragover']`), do(`['dragover', 'drop']`), do(`['paste']`)
}

// seen looks at what is on the screen, on a phone and a desktop, light and
// dark, in a language.
func (w *window) seen(axe, locale, name string) {
	w.t.Helper()
	shots := os.Getenv("EARSHOT_SHOTS") != ""
	for _, size := range []screen{small, desktop, phone} {
		w.size(size.width, size.height)
		for _, fault := range w.faults(locale, size) {
			w.t.Errorf("%s, %v: %s", name, size, fault)
		}
		w.picture(fmt.Sprintf("%s-%s-%v-light", name, locale, size), false)
		if size != phone && !shots {
			continue
		}
		for _, barrier := range w.barriers(axe, locale == "en" && size == phone, false) {
			w.t.Errorf("%s, %v: axe: %s", name, size, barrier)
		}
		w.do(run(`document.documentElement.dataset.theme = 'dark'`), painted)
		for _, barrier := range w.barriers(axe, locale == "en", true) {
			w.t.Errorf("%s, %v, dark: axe: %s", name, size, barrier)
		}
		w.picture(fmt.Sprintf("%s-%s-%v-dark", name, locale, size), false)
		w.do(run(`document.documentElement.dataset.theme = 'light'`))
	}
}

// TestDroppedAnywhereAndChangedTogether drops files on the stream, changes them
// together while they are drafts, types into one, goes on with it in another
// browser, and publishes.
func TestDroppedAnywhereAndChangedTogether(t *testing.T) {
	browser := newTab(t, 4*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	mina := h.joins("mina")
	mina.sits(t, browser, phone, "/")
	w := mina.w
	files := map[string][]byte{"01 - One.mp3": music(3, 1), "02 - Two.mp3": music(3, 2), "03 - Three.mp3": music(3, 3)}

	// What is no music, and what is let go behind a dialog, goes nowhere.
	hold, release, paste := dragged(map[string][]byte{"cover.png": {1}}, "image/png", "main")
	w.do(painted, painted, hold, finds(`.drop.no`, "These are not sound files"), release, finds(`.toast`, "These are not sound files"), until(`!document.querySelector('.drop') && location.pathname === '/'`))
	w.do(click(`.toast .quiet`), until(`!document.querySelector('.toast')`), paste, finds(`.toast`, "These are not sound files"), click(`.toast .quiet`))
	hold, release, _ = dragged(files, "audio/mpeg", "main")
	w.mark()
	w.do(hold, finds(`.drop`, "Drop to upload 3 files"))
	w.picture("drop-veil", false)
	w.do(release, until(`location.pathname === '/upload'`), until(`document.querySelectorAll('.upload-card.done').length === 3`))
	w.stayed()
	// One has its form, the others are a line each.
	w.do(until(`document.querySelectorAll('.upload-card.done.line').length === 2 && document.querySelector('.upload-card.done form')`))

	// All three, by the keyboard.
	w.do(run(`document.querySelector('.upload-card .pick-box input').focus()`),
		run(`document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', ctrlKey: true, bubbles: true, cancelable: true}))`), finds(`.batch-bar`, "3 selected"))
	w.seen(axe, "en", "batch-upload")
	w.do(tap(`.batch-bar button`, "Edit"), see(`dialog[open] [name="add_tags"]`))
	hold, release, _ = dragged(map[string][]byte{"cover.jpg": sleeve(t)}, "image/jpeg", "dialog .picture-field")
	w.do(fill("add_tags", "#night, rain"), fill("album", "Night trains"), fill("year", "2026"), click(`dialog [name="numbers"]`), finds(`.batch-preview`, "3 titles change"),
		hold, until(`!document.querySelector('.drop')`), release, finds(`.batch-cover`, "cover.jpg"))
	w.seen(axe, "en", "batch-edit")
	w.do(tap(`dialog button.main`, "Change 3 tracks"), finds(`.toast`, "3 tracks changed"), until(`!document.querySelector('dialog[open]')`))
	mine := func(query string) []wire.Track {
		var list wire.List[wire.Track]
		mina.do("GET", "/api/me/tracks"+query, nil, "", http.StatusOK, &list)
		return list.Items
	}
	titles := []string{}
	for _, one := range mine("?of=draft") {
		titles = append(titles, one.Title)
		if one.Album != "Night trains" || one.Year != 2026 || !slices.Equal(one.Tags, []string{"night", "rain"}) || one.Picture == nil {
			t.Errorf("changed to %+v", one)
		}
	}
	if slices.Sort(titles); !slices.Equal(titles, []string{"One", "Three", "Two"}) {
		t.Errorf("titles: %q", titles)
	}

	// What is typed into one is there in another browser, where it is published.
	w.do(tap(`.upload-card.line button[aria-label^="Edit: "]`, ""), until(`document.querySelectorAll('.upload-card form').length === 2`),
		run(`{ const one = [...document.querySelectorAll('.upload-card [name="description"]')].at(-1); one.focus(); one.value = 'For the last train'; one.dispatchEvent(new Event('input', {bubbles: true})); }`),
		finds(`.upload-yet`, "What you type is saved"))
	other := openWindow(t, browser, look{url: h.url, token: mina.token, locale: "en"})
	other.size(phone.width, phone.height)
	other.show(h.url + "/upload")
	other.do(until(`document.querySelectorAll('.draft').length === 3`))
	other.seen(axe, "en", "drafts")
	if n := len(slices.DeleteFunc(mine("?of=draft"), func(one wire.Track) bool { return one.Description != "For the last train" })); n != 1 {
		t.Errorf("%d drafts have what was typed", n)
	}
	other.do(tap(`.draft button.main`, "Publish"), finds(`.toast`, "is published"), until(`document.querySelectorAll('.draft').length === 2`))
	other.fine()

	// The rest at once.
	w.do(tap(`.upload-sum button`, "Publish all"), until(`document.querySelectorAll('.upload-card.line .upload-saved').length === 3`))
	w.seen(axe, "en", "batch-published")
	published := []string{}
	for _, one := range mine("?of=public") {
		published = append(published, one.Title)
		if !slices.Equal(one.Tags, []string{"night", "rain"}) {
			t.Errorf("published as %+v", one)
		}
	}
	if slices.Sort(published); !slices.Equal(published, titles) {
		t.Errorf("published: %q", published)
	}
	w.fine()
}

// sleeve is a picture.
func sleeve(t *testing.T) []byte {
	return picture(t, color.RGBA{40, 60, 140, 255}, color.RGBA{240, 180, 90, 255})
}

// TestYourTracks chooses a range of the own tracks, makes an album of it, and
// deletes it.
func TestYourTracks(t *testing.T) {
	browser := newTab(t, 4*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	for i, title := range []string{"Rain on the pier", "A night train that never arrives at the station", "밤기차", "Harbour", "Last"} {
		patch := map[string]any{"title": title, "album": "Night trains", "tags": []string{"rain", "night"}}
		if i == 3 {
			patch["visibility"] = "followers"
		}
		h.add(recording{file: fmt.Sprintf("%d.mp3", i), sound: music(3, i), patch: patch})
	}
	h.do("POST", "/api/tracks?name=Sketch.mp3", music(3, 9), "audio/mpeg", http.StatusCreated, nil)
	k := &member{house: h}
	k.sits(t, browser, desktop, "/you/tracks")
	w := k.w
	w.do(until(`document.querySelectorAll('.mine-row').length === 6`), finds(`.mine-row .chip`, "Draft"))
	w.do(click(`.mine-row:nth-child(2) .pick-box input`), run(`document.querySelector('.mine-row:nth-child(4) .pick-box input').dispatchEvent(new MouseEvent('click', {shiftKey: true, bubbles: true}))`), finds(`.batch-bar`, "3 selected"))
	w.do(run(`scrollTo(0, 1e6)`)) // the bar lies over nothing there
	w.seen(axe, "en", "your-tracks")
	w.do(tap(`.batch-bar .menu > button`, ""), tap(`.menu-list [role=menuitem]`, "Make an album"), see(`dialog[open] [name="title"]`), until(`document.querySelector('dialog [name="title"]').value === 'Night trains'`),
		tap(`dialog button.main`, ""), until(`location.pathname.includes('/playlists/')`), until(`document.querySelectorAll('.track-row').length === 3`),
		until(`[...document.querySelectorAll('.track-row .player-title')].map((one) => one.textContent).join() === '밤기차,Harbour,Last'`)) // as their files are numbered
	w.show(h.url + "/you/tracks")
	w.do(tap(`.page-tabs a`, "Drafts"), until(`document.querySelectorAll('.mine-row').length === 1`),
		click(`.mine-row .menu > button`), tap(`.menu-list [role=menuitem]`, "Publish"), finds(`.toast`, "Sketch"), until(`!document.querySelector('.mine-row')`), tap(`.page-tabs a`, "All"),
		run(`{ const q = document.querySelector('#mine-q'); q.value = 'PIER'; q.dispatchEvent(new Event('input', {bubbles: true})); }`), until(`document.querySelectorAll('.mine-row').length === 1`),
		run(`{ const q = document.querySelector('#mine-q'); q.value = ''; q.dispatchEvent(new Event('input', {bubbles: true})); }`), until(`document.querySelectorAll('.mine-row').length === 6`),
		click(`.mine-head .pick-box input`), finds(`.batch-bar`, "6 selected"),
		tap(`.batch-bar .menu > button`, ""), tap(`.menu-list [role=menuitem]`, "Delete"), tap(`dialog button.danger`, "Delete 6 tracks"), finds(`.toast`, "6 tracks deleted"), finds(`.empty`, "You have uploaded nothing yet"))
	w.fine()

	ko := openWindow(t, browser, look{url: h.url, token: h.token, locale: "ko"})
	h.add(recording{file: "비.mp3", sound: music(3, 20)})
	h.add(recording{file: "01 - 밤기차.mp3", sound: music(3, 21)})
	ko.show(h.url + "/you/tracks")
	ko.do(click(`.mine-head .pick-box input`), see(`.batch-bar`))
	ko.seen(axe, "ko", "your-tracks")
	ko.do(click(`.batch-bar .button.main`), see(`dialog[open] form`))
	ko.seen(axe, "ko", "batch-edit")
}

// TestNewcomersHearSomethingAtOnce counts what a newcomer presses from the form
// of a new account to a playing track, and looks at what a keeper of an empty
// house and a visitor find.
func TestNewcomersHearSomethingAtOnce(t *testing.T) {
	browser := newTab(t, 4*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	empty := &member{house: h}
	empty.sits(t, browser, phone, "/")
	empty.w.do(finds(`.guide-ways a`, "Upload files"), finds(`.guide-ways a`, "Use a folder of this server"))
	empty.w.seen(axe, "en", "guide-house")
	empty.w.do(click(`.guide-ways a[href="/keeper/libraries"]`), until(`location.pathname === '/keeper/libraries'`))
	for i := range 4 {
		h.drawn(h.add(recording{file: fmt.Sprintf("take %d.mp3", i), sound: music(30, i), patch: map[string]any{"title": titles[i]}}))
	}

	w := openWindow(t, browser, look{url: h.url, locale: "en"})
	w.size(phone.width, phone.height)
	w.show(h.url + "/sign-up")
	w.do(run(`{ window.clicks = 0; addEventListener('click', (event) => event.isTrusted && clicks++, true); }`),
		fill("name", "Nara"), fill("email", "nara@home.example"), fill("password", "a long enough one"),
		tap(`main form button[type="submit"]`, ""), until(`location.pathname === '/'`), finds(`.guide`, "Welcome to Our house"))
	w.do(tap(`.guide button.main`, "Play something"), until(plays))
	if n := read[int](w, `clicks`); n > 3 {
		t.Errorf("%d clicks from the form to the sound, want at most 3", n)
	}
	w.do(see(`.guide-mark.done`), until(`document.querySelector('.guide .main').pathname === '/people'`)) // what comes next stands out
	w.seen(axe, "en", "guide")
	if n := read[int](w, `new Set([...document.querySelectorAll('.card')].map((card) => card.querySelector('h2, h3')?.textContent)).size`); n != 4 {
		t.Errorf("%d tracks below the guide", n)
	}
	// Closed, it stays closed.
	w.do(click(`.guide header .quiet`), until(`!document.querySelector('.guide')`))
	w.show(h.url + "/")
	w.do(see(`.card`), until(`!document.querySelector('.guide')`))
	w.fine()

	// A visitor, who may not upload, is told so, and has something to hear too.
	v := openWindow(t, browser, look{url: h.url, locale: "ko"})
	v.size(phone.width, phone.height)
	v.show(h.url + "/discover")
	hold, release, _ := dragged(map[string][]byte{"a.mp3": music(3, 8)}, "audio/mpeg", "main")
	v.do(painted, painted, hold, finds(`.drop.no`, "로그인"), release, finds(`.toast`, "로그인"), until(`location.pathname === '/discover'`))
	v.do(tap(`.page-head button.main`, "아무거나 재생"), until(plays))
	v.fine()
}
