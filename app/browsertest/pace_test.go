package browsertest

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/media/mp3/mp3test"
)

// TestAFolderGoesOnByItself: who has uploaded so much that the house asks to
// wait sees the rest of the files wait, and go in by themselves.
func TestAFolderGoesOnByItself(t *testing.T) {
	h := newHouse(t)
	for range 100 { // all that go in at once
		h.do("POST", "/api/tracks?name=x.mp3", []byte("no music"), "audio/mpeg", http.StatusUnsupportedMediaType, nil)
	}
	folder := t.TempDir()
	var files []string
	for i := range 3 {
		files = append(files, filepath.Join(folder, fmt.Sprintf("piece %d.mp3", i)))
		b := mp3test.Format{SampleRate: 44100, Bitrate: 128}.Build(mp3test.Tones(mp3test.Tone{Line: 20 + i, Gain: 190}, 200)...)
		if err := os.WriteFile(files[i], b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := openWindow(t, newTab(t, 2*time.Minute), look{url: h.url, token: h.token, locale: "en"})
	w.show(h.url + "/upload")
	w.do(chromedp.SetUploadFiles(chromedp.CSS(`main input[type="file"][multiple]`), files), until(`document.querySelectorAll('.upload-card.done').length === 3`))
	if n := read[int](w, `document.querySelectorAll('.upload-card.failed').length`); n > 0 {
		t.Errorf("%d files failed", n)
	}
	for _, c := range w.complaints("429") {
		t.Errorf("the browser complains: %s", c)
	}
}
