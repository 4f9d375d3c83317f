package browsertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"earshot/app/api/wire"
	"earshot/media/mp3/mp3test"
)

// line is a network between a browser and a house: it may be slow, let only so
// much through at once, and break.
type line struct {
	http.Handler
	url     string
	rate    atomic.Int64 // bytes a second that a request's body comes with; 0: as it comes
	most    atomic.Int64 // bytes that a body may have; 0: any number
	broken  atomic.Bool
	bodies  atomic.Int64 // bytes of pieces that went through
	uploads atomic.Int64 // requests that bring files, or ask about them
}

func newLine(t *testing.T, h *house) *line {
	t.Helper()
	target, err := url.Parse(h.url)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{}
	forward := &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }}
	forward.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.broken.Load() {
			panic(http.ErrAbortHandler)
		}
		if most := l.most.Load(); most > 0 && r.ContentLength > most {
			http.Error(w, "<h1>413 Request Entity Too Large</h1>", http.StatusRequestEntityTooLarge)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/api/uploads") || r.Method == http.MethodPost && r.URL.Path == "/api/tracks" {
			l.uploads.Add(1)
		}
		if r.Method == http.MethodPatch {
			r.Body = &slowly{r.Body, l}
		}
		forward.ServeHTTP(w, r)
	}))
	server.Config.ConnState = func(c net.Conn, _ http.ConnState) {
		if t, ok := c.(*net.TCPConn); ok {
			t.SetReadBuffer(64 << 10)
		}
	}
	server.Start()
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	l.url = server.URL
	return l
}

type slowly struct {
	io.ReadCloser
	l *line
}

func (s *slowly) Read(b []byte) (int, error) {
	if s.l.broken.Load() {
		return 0, io.ErrUnexpectedEOF
	}
	if rate := s.l.rate.Load(); rate > 0 {
		b = b[:min(len(b), max(1, int(rate/20)))]
		time.Sleep(50 * time.Millisecond)
	}
	n, err := s.ReadCloser.Read(b)
	s.l.bodies.Add(int64(n))
	return n, err
}

// song writes a file of so many megabytes.
func song(t *testing.T, folder, name string, megabytes int) (path string, content []byte) {
	t.Helper()
	tone := mp3test.Format{SampleRate: 44100, Bitrate: 320}.Build(mp3test.Tones(mp3test.Tone{Line: 20, Gain: 190}, 1000)...)
	content = append(content, mp3test.ID3v2(3, append([]byte("TIT2\x00\x00\x00"+string(rune(len(name)+1))+"\x00\x00\x03"), name...))...)
	for len(content) < megabytes<<20 {
		content = append(content, tone...)
	}
	path = filepath.Join(folder, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, content
}

func choosing(files ...string) step {
	return chromedp.SetUploadFiles(chromedp.CSS(`.chooser input[type="file"]`), files)
}

// tracksOf gives the own tracks, each with the sum of its file.
func (h *house) tracksOf() (list wire.List[wire.Track], sums []string) {
	h.t.Helper()
	h.do("GET", "/api/me/tracks", nil, "", http.StatusOK, &list)
	for _, tr := range list.Items {
		res, err := http.NewRequest("GET", h.url+"/api/tracks/"+tr.ID+"/stream", nil)
		if err != nil {
			h.t.Fatal(err)
		}
		res.Header.Set("Authorization", "Bearer "+h.token)
		got, err := http.DefaultClient.Do(res)
		if err != nil {
			h.t.Fatal(err)
		}
		b, _ := io.ReadAll(got.Body)
		got.Body.Close()
		sums = append(sums, fmt.Sprintf("%x", sha256.Sum256(b)))
	}
	return list, sums
}

// TestUploadsSurviveTheLine uploads while the line breaks, with a pause, and
// through a proxy that lets little through at once: what came is
// not sent twice, and the track is the file.
func TestUploadsSurviveTheLine(t *testing.T) {
	browser := newTab(t, 10*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	l := newLine(t, h)
	folder := t.TempDir()
	first, content := song(t, folder, "night train.mp3", 9)
	sum := func(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }
	w := openWindow(t, browser, look{url: l.url, token: h.token, locale: "en"})
	w.size(phone.width, phone.height)
	w.show(l.url + "/upload")
	w.mark()
	came := func(share float64) step {
		return until(fmt.Sprintf(`document.querySelector('.upload-card progress')?.value >= %f`, share*float64(len(content))))
	}

	// The line breaks, and is back; the browser knows of nothing.
	l.rate.Store(3 << 20)
	w.do(choosing(first), came(0.2))
	l.broken.Store(true)
	w.do(finds(`.upload-card`, "waiting for the network"))
	w.looks(t, axe, "held")
	l.rate.Store(0)
	l.broken.Store(false)
	w.do(see(`.upload-card.done form`))
	w.stayed()
	if sent := l.bodies.Load(); sent > int64(len(content))+6<<20 {
		t.Errorf("%d bytes were sent of a file of %d", sent, len(content))
	}
	if list, sums := h.tracksOf(); len(list.Items) != 1 || sums[0] != sum(content) {
		t.Errorf("got %d tracks, %v", len(list.Items), sums)
	}

	// The same file again is told before it is sent.
	before := l.bodies.Load()
	w.do(choosing(first), finds(`.upload-card.known`, "You have uploaded this before: night train"), until(`!document.querySelector('.upload-sum button')`))
	w.looks(t, axe, "known")
	if sent := l.bodies.Load() - before; sent > 0 {
		t.Errorf("%d bytes of it were sent", sent)
	}
	w.do(click(`.upload-card.known .upload-acts .quiet`), until(`!document.querySelector('.upload-card.known')`))
	w.do(choosing(first), see(`.upload-card.known`), tap(`.upload-card.known button`, "Upload again"), until(`document.querySelectorAll('.upload-card.done').length === 2`))

	// A browser that says it is offline, and a pause.
	second, content2 := song(t, folder, "second wind.mp3", 9)
	offline := func(off bool) step {
		return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
			_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
				MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}},
			})
			return chromedp.Void{}, err
		}
	}
	if _, err := chromedp.Call(w.tab, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	l.rate.Store(3 << 20)
	w.do(choosing(second), came(0.2), offline(true), finds(`.upload-card`, "waiting for the network"), offline(false), came(0.5),
		tap(`.upload-card.sending button`, ""), finds(`.upload-card.paused`, "paused"))
	w.looks(t, axe, "paused")
	sent := l.bodies.Load()
	w.do(run(`document.querySelector('.upload-card.paused [aria-label^="Go on"]').click()`))
	l.rate.Store(0)
	w.do(until(`document.querySelectorAll('.upload-card.done').length === 3`))
	if more := l.bodies.Load() - sent; more >= int64(len(content2)) {
		t.Errorf("%d bytes were sent after the pause, of a file of %d", more, len(content2))
	}
	w.stayed()

	// A proxy that lets no more through than 1 MB, and no second upload of it.
	l.most.Store(1 << 20)
	fifth, content5 := song(t, folder, "fifth element.mp3", 5)
	w.do(choosing(fifth), until(`document.querySelectorAll('.upload-card.done').length === 4`))
	if _, sums := h.tracksOf(); sums[0] != sum(content5) {
		t.Error("what went through the proxy is not the file")
	}
	for _, c := range w.complaints("Failed to load resource", "a dialog opens") {
		t.Errorf("the browser complains: %s", c)
	}
}

// looks takes pictures of the page, and looks for faults in it.
func (w *window) looks(t *testing.T, axe, name string) {
	t.Helper()
	for _, size := range []screen{phone, desktop} {
		w.size(size.width, size.height)
		for _, scheme := range []string{"light", "dark"} {
			if _, err := chromedp.Call(w.tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
			}); err != nil {
				t.Fatal(err)
			}
			w.size(size.width, size.height) // and waits until it is painted
			w.picture(fmt.Sprintf("uploads-%s-%d-%s", name, size.width, scheme), false)
			if (size == phone) != (scheme == "dark") {
				continue // looked at, but not twice by machines
			}
			for _, fault := range append(w.faults("en", size), w.barriers(axe, true, true)...) {
				t.Errorf("%s, %v, %s: %s", name, size, scheme, fault)
			}
		}
	}
	w.size(phone.width, phone.height)
}

// TestUploadsGoOnInAnotherBrowser chooses files again after the browser was
// closed in the middle.
func TestUploadsGoOnInAnotherBrowser(t *testing.T) {
	browser := newTab(t, 8*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	l := newLine(t, h)
	folder := t.TempDir()
	sum := func(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }
	var w *window
	anew := func() {
		t.Helper()
		if w != nil {
			l.rate.Store(16 << 10) // or the rest would come while the window closes
			w.close()
			l.rate.Store(0)
			for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) { // until the house has noticed
				var list wire.List[wire.PartialUpload]
				if h.do("GET", "/api/uploads", nil, "", http.StatusOK, &list); len(list.Items) == 1 && list.Items[0].Offset > 0 {
					break
				}
				if time.Now().After(end) {
					t.Fatalf("unfinished uploads: %+v", list.Items)
				}
			}
		}
		w = openWindow(t, browser, look{url: l.url, token: h.token, locale: "en"})
		w.size(phone.width, phone.height)
		w.show(l.url + "/upload")
	}
	anew()

	third, content3 := song(t, folder, "third time.mp3", 30)
	l.rate.Store(4 << 20)
	w.do(choosing(third), until(fmt.Sprintf(`document.querySelector('.upload-card progress')?.value >= %d`, 5<<20)))
	anew()
	w.do(finds(`.upload-before`, "third time.mp3"), finds(`.upload-before`, "One upload is not finished"))
	w.looks(t, axe, "before")
	sent := l.bodies.Load()
	w.do(choosing(third), see(`.upload-card.done form`), until(`!document.querySelector('.upload-before')`))
	if more := l.bodies.Load() - sent; more > int64(len(content3))-3<<20 {
		t.Errorf("%d bytes were sent after the reload, of a file of %d", more, len(content3))
	}
	if _, sums := h.tracksOf(); sums[0] != sum(content3) {
		t.Errorf("got %v", sums)
	}
	// Another file of the same name and size is sent from its beginning.
	fourth, content4 := song(t, folder, "fourth wall.mp3", 30)
	l.rate.Store(3 << 20)
	w.do(choosing(fourth), until(fmt.Sprintf(`document.querySelector('.upload-card.sending progress')?.value >= %d`, 5<<20)))
	anew()
	other := bytes.Clone(content4)
	copy(other[3<<20:], strings.Repeat("x", 400))
	if err := os.WriteFile(fourth, other, 0o600); err != nil {
		t.Fatal(err)
	}
	w.do(see(`.upload-before`), choosing(fourth), see(`.upload-card.done form`))
	if _, sums := h.tracksOf(); sums[0] != sum(other) {
		t.Error("two files were mixed")
	}
	for _, c := range w.complaints("Failed to load resource") {
		t.Errorf("the browser complains: %s", c)
	}
}

// TestSmallFilesTakeOneRequestEach chooses many small files, one of them known
// and one of them twice; then the page is loaded anew while more are sent.
func TestSmallFilesTakeOneRequestEach(t *testing.T) {
	browser := newTab(t, 3*time.Minute)
	h := newHouse(t)
	l := newLine(t, h)
	folder := t.TempDir()
	var files []string
	const n = 12
	for i := range n {
		files = append(files, filepath.Join(folder, fmt.Sprintf("piece %d.mp3", i)))
		if err := os.WriteFile(files[i], music(3, i%(n-1)), 0o600); err != nil { // the last is the first once more
			t.Fatal(err)
		}
	}
	h.do("POST", "/api/tracks?name=known.mp3", music(3, 5), "audio/mpeg", http.StatusCreated, nil)
	w := openWindow(t, browser, look{url: l.url, token: h.token, locale: "en"})
	w.show(l.url + "/upload")
	before := l.uploads.Load()
	w.do(choosing(files...), until(fmt.Sprintf(`document.querySelectorAll('.upload-card.done').length === %d && document.querySelectorAll('.upload-card.known').length === 2`, n-2)))
	// One for each that is sent; a look at the list, and at those that may be here.
	if asked := l.uploads.Load() - before; asked > n+2 {
		t.Errorf("%d requests were made for %d small files", asked, n)
	}
	if list, _ := h.tracksOf(); len(list.Items) != n-1 {
		t.Errorf("got %d tracks of %d different files", len(list.Items), n-1)
	}
	// Whoever loads the page anew while something is sent is asked whether to
	// leave, and goes on with the same file.
	large, content := song(t, folder, "large.mp3", 12)
	l.rate.Store(4 << 20)
	w.do(choosing(large), until(fmt.Sprintf(`document.querySelector('.upload-card.sending progress')?.value >= %d`, 5<<20)))
	asked := make(chan struct{}, 1)
	w.onDialog.Store(func() { asked <- struct{}{} })
	w.do(clickMiddle(`h1`)) // else no browser asks
	w.do(run(`setTimeout(() => location.reload())`))
	select {
	case <-asked:
	case <-time.After(20 * time.Second):
		t.Fatal("the page goes without asking")
	}
	w.accept(true)
	w.do(finds(`.upload-before`, "large.mp3"))
	l.rate.Store(0)
	sent := l.bodies.Load()
	w.do(choosing(large), see(`.upload-card.done form`), until(`!document.querySelector('.upload-before')`))
	if more := l.bodies.Load() - sent; more > int64(len(content))-3<<20 {
		t.Errorf("%d bytes were sent after the reload, of a file of %d", more, len(content))
	}
	for _, c := range w.complaints("a dialog opens", "Failed to load resource") {
		t.Errorf("the browser complains: %s", c)
	}
}

// accept answers the dialog that is open.
func (w *window) accept(yes bool) {
	w.t.Helper()
	if _, err := chromedp.Call(w.tab, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: yes}); err != nil {
		w.t.Fatalf("answer a dialog: %v", err)
	}
}
