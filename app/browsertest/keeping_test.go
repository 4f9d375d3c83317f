package browsertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/app"
	"earshot/app/api/wire"
)

// TestPagesOfUploads looks at many files at once, of which each is at another
// point of its way, in both languages.
func TestPagesOfUploads(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	h.do("POST", "/api/tracks?name=known.mp3", music(30, 5), "audio/mpeg", http.StatusCreated, nil)
	for i, locale := range []string{"en", "ko"} {
		t.Run(locale, func(t *testing.T) {
			t.Parallel()
			folder, l := t.TempDir(), newLine(t, h)
			put := func(name string, b []byte) string {
				path := filepath.Join(folder, name)
				if err := os.WriteFile(path, b, 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			large := func(name string) string { path, _ := song(t, folder, name, 9+i); return path }
			s := scene{name: "uploads-many", in: &house{t: t, url: l.url, token: h.token}, path: "/upload", sizes: []screen{phone, laptop}, fails: []string{"415", "400"}}
			s.act = func(w *window) {
				w.do(choosing(put("harbour.mp3", music(20, 7+i)), put("known.mp3", music(30, 5)), put("A letter that is no music at all, under a rather long name.mp3", []byte(strings.Repeat("This is a letter. ", 200))), put("empty.mp3", nil)),
					see(`.upload-card.done .wave-ready`), see(`.upload-card.known`), until(`document.querySelectorAll('.upload-card.failed .wrong').length === 2`))
				l.rate.Store(1 << 20)
				w.do(choosing(large("a night train that never arrives at the station where it is waited for.mp3"), large("비 오는 날 창문을 열고.mp3"), large("third.mp3"), large("fourth.mp3")),
					until(`document.querySelector('.upload-card.sending progress')?.value > 1e6`), run(`document.querySelector('.upload-card.sending .quiet').click()`),
					see(`.upload-card.paused`), see(`.upload-card.waiting`), until(`document.querySelectorAll('.upload-card.sending').length === 2`))
				l.rate.Store(16 << 10)
			}
			s.inspect(t, openWindow(t, browser, s.look(locale)), locale, axe)
		})
	}
}

// TestPagesOfTracksFromFolders looks at a track that came with what people said
// of it elsewhere, who have no account here, and at one whose disk is away.
func TestPagesOfTracksFromFolders(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	axe := readAxe(t)
	dir := t.TempDir()
	h := newHouse(t, func(o *app.Options) { o.Config.Library.Folders = []string{dir} })
	put := func(name string, b []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var said []map[string]any
	for i, text := range []string{"this drop at 1:02!!", "ID at 0:40 please?", "여기서 소름 돋았어요 0:41", "I was there when it was recorded and the whole room was floating, honestly nobody wanted to go home.", "0:15 what is this intro"} {
		name := []string{"Jun", "DJ Wilhelmina Aurora Featherstonehaugh-Montgomery", "밤기차 라디오"}[i%3]
		said = append(said, map[string]any{"id": fmt.Sprint(i), "author": name, "text": text, "timestamp": 1_554_422_400 + i, "parent": "root"})
	}
	notes, err := json.Marshal(map[string]any{"id": "x1", "title": "A set", "uploader": "Mina", "upload_date": "20190405", "extractor": "soundcloud", "comments": said})
	if err != nil {
		t.Fatal(err)
	}
	put("sets/A set [x1].mp3", music(70, 3))
	put("sets/A set [x1].info.json", notes)
	put("usb/Away.mp3", music(30, 5))
	for _, name := range []string{"sets", "usb"} {
		h.do("POST", "/api/libraries", body(t, wire.NewLibrary{Path: filepath.Join(dir, name), Visibility: "public"}), "application/json", http.StatusCreated, nil)
	}
	ways := map[string]string{}
	for end := time.Now().Add(time.Minute); len(ways) < 2; time.Sleep(50 * time.Millisecond) {
		var list wire.List[wire.Track]
		h.do("GET", "/api/me/tracks", nil, "", http.StatusOK, &list)
		for _, track := range list.Items {
			if track.Waveform == "ready" {
				ways[track.Title] = track.URL
			}
		}
		if time.Now().After(end) {
			t.Fatalf("the folders are not read: %v", ways)
		}
	}
	if err := os.Rename(filepath.Join(dir, "usb"), filepath.Join(dir, "elsewhere")); err != nil {
		t.Fatal(err)
	}
	for _, s := range []scene{
		{name: "track-guests", in: h, path: ways["A set"], act: func(w *window) { w.do(see(`.said`), see(`.mark`)) }},
		{name: "track-away", in: h, visitor: true, path: ways["Away"], fails: []string{"404"}, act: func(w *window) {
			w.do(click(`main .play.big`), see(`.player-trouble.on`))
		}},
	} {
		s.sizes = []screen{phone, laptop}
		for _, locale := range []string{"en", "ko"} {
			t.Run(s.name+"/"+locale, func(t *testing.T) {
				t.Parallel()
				s.inspect(t, openWindow(t, browser, s.look(locale)), locale, axe)
			})
		}
	}
}

// TestTheFocusStaysWhereItWas goes through the keeper's room and through uploads
// by keyboard: what had the focus goes with its row, with the empty state that
// it was in, or with its button, and the next key is not lost.
func TestTheFocusStaysWhereItWas(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	shelf := t.TempDir()
	for i, name := range []string{"music", "tapes"} {
		if err := os.MkdirAll(filepath.Join(shelf, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(shelf, name, "one.mp3"), music(5, i), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h := newHouse(t, func(o *app.Options) { o.Config.Library.Folders = []string{shelf} })
	h.joins("mina")
	l := newLine(t, h)
	w := openWindow(t, browser, look{url: l.url, token: h.token, locale: "en"})
	w.size(laptop.width, laptop.height)
	focus := func(selector, text string) step {
		return until(fmt.Sprintf(`(() => { const found = %s; found?.focus(); return found && document.activeElement === found; })()`, one(selector, text)))
	}
	on := func(selector string) step { return until(`document.activeElement.matches('` + selector + `')`) }

	w.show(l.url + "/keeper/libraries")
	w.do(focus(`.empty .main`, "Add a folder"), enter, on(`dialog button`), press("\x1b"), on(`.empty .main`), enter, see(`dialog form`))
	w.do(focus(`dialog [name=path]`, ""), press(filepath.Join(shelf, "music")), enter, finds(`.library h2`, "music"), lacks(`dialog`, ""), on(`h1, .actions .main`))
	h.do("POST", "/api/libraries", body(t, wire.NewLibrary{Path: filepath.Join(shelf, "tapes")}), "application/json", http.StatusCreated, nil)
	w.show(l.url + "/keeper/libraries")
	remove := func(name string) {
		w.do(focus(`.library .menu > button`, name), enter, on(`.menu-item`), focus(`.menu-item.danger`, "Remove"), enter, focus(`dialog .danger`, "Remove"), enter, lacks(`.library h2`, name))
	}
	remove("music")
	w.do(on(`.library .menu > button`))
	remove("tapes")
	w.do(on(`.empty button`))
	w.show(l.url + "/keeper/backups")
	w.do(focus(`.empty button`, "Back up now"), enter, finds(`.backup.good`, "Read in full"), on(`.backup-all .main`))
	w.show(l.url + "/keeper/people")
	w.do(focus(`.person-row .menu > button`, "mina"), enter, on(`.menu-item`), focus(`.menu-item.danger`, "Delete account"), enter, focus(`dialog .danger`, "Delete account"), enter,
		lacks(`.person-row`, "mina"), on(`.person-row *`))

	w.show(l.url + "/upload")
	folder := t.TempDir()
	first, _ := song(t, folder, "first.mp3", 6)
	second, _ := song(t, folder, "second.mp3", 6)
	l.rate.Store(256 << 10)
	w.do(choosing(first, second), until(`document.querySelectorAll('.upload-card.sending').length === 2`), focus(`.upload-acts button`, "Pause: first"), enter,
		until(`document.activeElement.ariaLabel.startsWith('Go on')`), enter, until(`document.activeElement.ariaLabel.startsWith('Pause: first')`))
	w.do(focus(`.upload-acts button`, "Cancel upload: first"), enter, until(`document.activeElement.ariaLabel.startsWith('Pause: second')`),
		focus(`.upload-acts button`, "Cancel upload: second"), enter, on(`h1`))
	w.fine("404", "Failed to load resource")
}
