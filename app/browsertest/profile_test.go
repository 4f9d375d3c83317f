package browsertest

import (
	"image/color"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/app/api/wire"
)

// TestProfile hangs a banner, pins a track, fills an album from its page, and
// looks at what a visitor is shown of it.
func TestProfile(t *testing.T) {
	browser := newTab(t, 3*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	h.do("PATCH", "/api/me", body(t, map[string]any{"bio": "I keep the house and the tape machine.\nNight trains: https://example.com/trains"}), "application/json", http.StatusOK, nil)
	h.do("PUT", "/api/me/picture", picture(t, color.RGBA{40, 60, 140, 255}, color.RGBA{240, 180, 90, 255}), "image/jpeg", http.StatusOK, nil)
	var tracks []wire.Track
	for i, title := range []string{"Hallway, 4 a.m.", "간이역", "Slow tide"} {
		tracks = append(tracks, h.add(recording{file: "take.mp3", sound: music(20+float64(i), i), patch: map[string]any{"title": title, "year": 2019 + i},
			picture: picture(t, color.RGBA{uint8(90 * i), 70, 90, 255}, color.RGBA{250, 200, 120, 255})}))
	}
	h.drawn(tracks...)
	var album, other wire.Playlist
	h.do("POST", "/api/playlists", body(t, map[string]any{"title": "Night trains", "kind": "album", "visibility": "public", "tracks": []string{tracks[0].ID, tracks[1].ID}}), "application/json", http.StatusCreated, &album)
	h.do("POST", "/api/playlists", body(t, map[string]any{"title": "Day trains", "kind": "album", "visibility": "public", "tracks": []string{tracks[2].ID}}), "application/json", http.StatusCreated, &other)
	file := filepath.Join(t.TempDir(), "banner.jpg")
	if err := os.WriteFile(file, picture(t, color.RGBA{20, 90, 110, 255}, color.RGBA{230, 120, 80, 255}), 0o600); err != nil {
		t.Fatal(err)
	}
	page := tracks[0].User.URL
	few := []screen{small, phone, desktop}
	scene{name: "profile-own-bare", in: h, path: page, sizes: []screen{phone}, act: func(w *window) { w.do(see(`.profile-banner.bare`)) }}.
		inspect(t, openWindow(t, browser, scene{in: h}.look("en")), "en", axe)

	hung := `document.querySelector('.profile-banner img')?.naturalWidth > 0`
	own := scene{name: "profile-own", in: h, path: page, sizes: few, act: func(w *window) {
		w.do(see(`.profile-banner.bare`), chromedp.SetUploadFiles(chromedp.CSS(`.profile-banner input`), []string{file}), until(hung))
		// The last card is the oldest track: it is first once it is pinned.
		w.do(run(`[...document.querySelectorAll('.card .menu button')].at(-1).click()`), see(`.menu-list`),
			run(`[...document.querySelectorAll('.menu-list [role=menuitem]')].find((one) => one.textContent.includes('Pin')).click()`),
			until(`document.querySelector('.pinned-sign + .card.lead .card-title')?.textContent === 'Hallway, 4 a.m.'`),
			until(`document.querySelectorAll('.card').length === 3`))
	}}
	own.inspect(t, openWindow(t, browser, own.look("en")), "en", axe)
	seen := scene{name: "profile", in: h, visitor: true, path: page, sizes: []screen{phone, desktop}, act: func(w *window) {
		w.do(until(hung), see(`.pinned-sign + .card.lead`), until(`!document.querySelector('.banner-tools')`))
	}}
	seen.inspect(t, openWindow(t, browser, seen.look("ko")), "ko", axe)
	list := scene{name: "profile-album", in: h, path: album.URL, sizes: few, act: func(w *window) {
		w.do(see(`.more-lists .list-card`), click(`.add-tracks summary`), see(`.adder-row`), click(`.adder-row`),
			until(`document.querySelectorAll('.track-row').length === 3`), until(`document.querySelectorAll('.adder-row').length === 0`))
	}}
	list.inspect(t, openWindow(t, browser, list.look("en")), "en", axe)
	settings := scene{name: "profile-settings", in: h, path: "/settings#notify", sizes: few, act: func(w *window) {
		w.do(see(`.settings-ways a`), until(`Math.abs(document.getElementById('notify').getBoundingClientRect().top) < 200`), until(hung))
	}}
	settings.inspect(t, openWindow(t, browser, settings.look("en")), "en", axe)
}
