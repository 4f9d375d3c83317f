package browsertest

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/app/api/wire"
)

// A kind is one of file other than MP3, and how one is made of a WAV.
type kind struct {
	codec, name, ext string
	says             string // in the details
	tool             string
	args             []string // %i and %o stand for the files
	rate             int      // of what is encoded
}

var kinds = []kind{
	{codec: "wav", name: "WAV", ext: "wav", says: "WAV, 16-bit", rate: 44100},
	{codec: "flac", name: "FLAC", ext: "flac", says: "FLAC, 16-bit", tool: "flac", args: []string{"--silent", "-o", "%o", "%i"}, rate: 44100},
	{codec: "vorbis", name: "Ogg Vorbis", ext: "ogg", says: "Ogg Vorbis", tool: "oggenc", args: []string{"-Q", "-q", "4", "-o", "%o", "%i"}, rate: 44100},
	{codec: "opus", name: "Opus", ext: "opus", says: "Opus", tool: "opusenc", args: []string{"--quiet", "--bitrate", "96", "%i", "%o"}, rate: 48000},
	{codec: "aac", name: "AAC", ext: "m4a", says: "AAC", tool: "ffmpeg", args: []string{"-v", "error", "-y", "-i", "%i", "-c:a", "aac", "-b:a", "128k", "%o"}, rate: 44100},
}

// encode makes a file of a clock.
func (f kind) encode(t testing.TB, c *clock) []byte {
	t.Helper()
	if f.tool == "" {
		return c.wav()
	}
	tool := need(t, "", f.tool)
	in, out := filepath.Join(t.TempDir(), "clock.wav"), filepath.Join(t.TempDir(), "clock."+f.ext)
	if err := os.WriteFile(in, c.wav(), 0o600); err != nil {
		t.Fatal(err)
	}
	args := make([]string, len(f.args))
	for i, a := range f.args {
		args[i] = map[string]string{"%i": in, "%o": out}[a]
		if args[i] == "" {
			args[i] = a
		}
	}
	if msg, err := exec.Command(tool, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v: %s", f.tool, args, err, msg)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// encodeAll makes a file of each format, in the order of kinds.
func encodeAll(t testing.TB, clocks map[int]*clock) [][]byte {
	t.Helper()
	for _, f := range kinds {
		if f.tool != "" {
			need(t, "", f.tool)
		}
	}
	encoded := make([][]byte, len(kinds))
	var wg sync.WaitGroup
	for i, f := range kinds {
		wg.Go(func() { encoded[i] = f.encode(t, clocks[f.rate]) })
	}
	wg.Wait()
	return encoded
}

// TestExactSeekInOtherFormats is TestExactSeek for the files that browsers play
// as they are: what is heard after a seek is what stands there in the recording.
// In Ogg Vorbis it is as near as Chromium comes by itself, a few packets off.
func TestExactSeekInOtherFormats(t *testing.T) {
	t.Parallel() // it waits for sound more than it computes
	tab := newTab(t, 4*time.Minute)
	clocks := map[int]*clock{44100: newClock(44100, clockLong, 7), 48000: newClock(48000, clockLong, 8)}
	encoded := encodeAll(t, clocks)
	h := newHouse(t)
	r := newRig(t, tab, h.url+"/healthz")
	r.calibrate(clocks[44100], serveFile(t, "audio/wav", clocks[44100].wav()))
	for i, f := range kinds {
		track := h.add(recording{file: "clock." + f.ext, sound: encoded[i]})
		if long := time.Duration(track.DurationMS) * time.Millisecond; (long - clockLong*time.Second).Abs() > 100*time.Millisecond {
			t.Errorf("%s: %v long, want %d s", f.name, long, clockLong)
		}
		m := r.measure(clocks[f.rate], r.seeking(f.rate, h.url+track.Stream.File))
		median, worst := spread(m.errors)
		t.Logf("%-12s  median %6.2f ms, worst %6.2f ms, silent for %4.1f ms, %d request(s) a seek at most", f.name, median, worst, m.mute, m.requests)
		mostMedian, mostWorst := 1.0, 5.0 // the capture itself is a little off at times
		if f.codec == "vorbis" {
			mostMedian, mostWorst = 30, 250
		}
		if worst > mostWorst || median > mostMedian {
			t.Errorf("%s: median error %.2f ms and worst %.2f, want at most %.0f and %.0f", f.name, median, worst, mostMedian, mostWorst)
		}
	}
}

// envelope is the loudness of a clock in so many columns, as they are drawn.
func (c *clock) envelope(columns int) []float64 {
	out := make([]float64, columns)
	for i := range out {
		part := c.samples[i*len(c.samples)/columns : (i+1)*len(c.samples)/columns]
		var sum float64
		for _, v := range part {
			sum += float64(v) * float64(v)
		}
		out[i] = math.Pow(sum/float64(len(part)), 0.375)
	}
	return out
}

// likeness is the correlation of two rows of numbers.
func likeness(a, b []float64) float64 {
	n := float64(len(a))
	var sa, sb, saa, sbb, sab float64
	for i := range a {
		sa, sb, saa, sbb, sab = sa+a[i], sb+b[i], saa+a[i]*a[i], sbb+b[i]*b[i], sab+a[i]*b[i]
	}
	return (n*sab - sa*sb) / math.Sqrt((n*saa-sa*sa)*(n*sbb-sb*sb))
}

var ebur128 = regexp.MustCompile(`I:\s+(-?[\d.]+) LUFS`)

// TestOtherFormatsAreUploadedPlayedAndTold puts a file of each format into the
// upload page and plays each on its own page. The waveform of the M4A is made
// by the browser, kept, and true; so is its loudness.
func TestOtherFormatsAreUploadedPlayedAndTold(t *testing.T) {
	t.Parallel() // it waits for sound more than it computes
	browser := newTab(t, 5*time.Minute)
	axe := readAxe(t)
	clocks := map[int]*clock{44100: newClock(44100, 60, 7), 48000: newClock(48000, 60, 8)}
	encoded := encodeAll(t, clocks)
	folder := t.TempDir()
	var files []string
	for i, f := range kinds {
		file := filepath.Join(folder, "night train in "+f.codec+"."+f.ext)
		if err := os.WriteFile(file, encoded[i], 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	out, _ := exec.Command(need(t, "", "ffmpeg"), "-nostats", "-i", files[4], "-af", "ebur128", "-f", "null", "-").CombinedOutput()
	found := ebur128.FindAllSubmatch(out, -1)
	if len(found) == 0 {
		t.Fatalf("ffmpeg tells no loudness:\n%s", out)
	}
	loudness, _ := strconv.ParseFloat(string(found[len(found)-1][1]), 64)

	h := newHouse(t)
	keeper := &member{house: h}
	keeper.sits(t, browser, desktop, "/upload")
	w := keeper.w
	w.do(until(`document.querySelector('main input[type=file]')?.accept.includes('.flac')`), finds(`.chooser`, "FLAC"))
	w.picture("upload-formats", false)
	w.do(chromedp.SetUploadFiles(chromedp.CSS(`main input[type="file"][multiple]`), files),
		until(`document.querySelectorAll('.upload-card.done').length === 5`), until(`document.querySelectorAll('.upload-card .wave-ready, .upload-card.line.drawn').length === 5`))
	for _, size := range []screen{phone, desktop} {
		w.size(size.width, size.height)
		for _, fault := range w.faults("en", size) {
			t.Errorf("upload, %v: %s", size, fault)
		}
	}
	w.do(tap(`.upload-sum button`, "Publish"), until(`document.querySelectorAll('.upload-saved').length === 5`))
	w.picture("upload-formats-saved", true)
	w.stayed()

	var list wire.List[wire.Track]
	var me wire.Me
	h.do("GET", "/api/me", nil, "", http.StatusOK, &me)
	h.do("GET", "/api/users/"+me.ID+"/tracks", nil, "", http.StatusOK, &list)
	tracks := map[string]wire.Track{}
	for _, track := range list.Items {
		tracks[track.Audio.Codec] = track
	}
	for _, f := range kinds {
		track, ok := tracks[f.codec]
		if !ok {
			t.Errorf("%s is not in the stream", f.name)
			continue
		}
		w.show(h.url + track.URL)
		w.do(until(`document.querySelector('.wave-hero.wave-ready canvas')`), finds(`.details`, f.says), finds(`.measured`, "LUFS"),
			click(`main button.play`), until(plays), until(`heard.currentSrc.endsWith('/stream')`))
		w.do(hears(0.5), until(`heard.currentTime > 29 && heard.currentTime < 34 && !heard.seeking`), until(plays),
			finds(`.hero-wave .wave-now`, "0:3"), run(`heard.pause()`), until(`!document.querySelector('.player-trouble.on')`))
		for _, size := range []screen{phone, desktop} {
			w.size(size.width, size.height)
			w.do(until(drawnWaves))
			for _, theme := range []string{"light", "dark"} {
				w.do(run(`document.documentElement.dataset.theme = '` + theme + `'`))
				for _, barrier := range w.barriers(axe, true, theme == "dark") {
					t.Errorf("%s, %v, %s: axe: %s", f.name, size, theme, barrier)
				}
				w.picture("track-"+f.codec+"-"+size.String()+"-"+theme, true)
			}
			for _, fault := range w.faults("en", size) {
				t.Errorf("%s, %v: %s", f.name, size, fault)
			}
		}
	}

	aac := tracks["aac"]
	peaks, err := base64.StdEncoding.DecodeString(aac.Peaks)
	if err != nil || len(peaks) < 300 {
		t.Fatalf("the peaks of the M4A: %d bytes (%v)", len(peaks), err)
	}
	drawn := make([]float64, len(peaks))
	for i, v := range peaks {
		drawn[i] = float64(v)
	}
	r := likeness(drawn, clocks[44100].envelope(len(peaks)))
	t.Logf("the waveform that the browser drew is like the recording to %.4f", r)
	if r < 0.995 {
		t.Errorf("the waveform that the browser drew is like the recording to %.4f, want 0.995", r)
	}
	if aac.Measured == nil || aac.Measured.Loudness == nil || math.Abs(*aac.Measured.Loudness-loudness) > 0.15 {
		t.Errorf("loudness by the browser: %+v, want %.1f", aac.Measured, loudness)
	} else {
		t.Logf("loudness by the browser: %.2f LUFS, ffmpeg says %.1f", *aac.Measured.Loudness, loudness)
	}
	w.do(chromedp.Reload(), until(`performance.getEntriesByType('navigation')[0]?.type === 'reload' && document.querySelector('.wave-hero.wave-ready canvas')`))
	w.fine()
}

// TestWaveformsThatTheBrowserOwes uploads an M4A past the page: others see a
// calm line, the owner's browser makes up for it on the track's page, says so,
// and says why when it cannot.
func TestWaveformsThatTheBrowserOwes(t *testing.T) {
	browser := newTab(t, 3*time.Minute)
	aac := kinds[4]
	need(t, "", aac.tool)
	file := aac.encode(t, newClock(44100, 20, 7))
	h := newHouse(t)
	jun := h.joins("jun")
	track := jun.add(recording{file: "tide.m4a", sound: file, patch: map[string]any{"title": "Slow tide"}})
	if track.Waveform != "wanted" {
		t.Fatalf("the waveform is %s, want wanted", track.Waveform)
	}
	visitor := openWindow(t, browser, look{url: h.url, locale: "en"})
	visitor.size(phone.width, phone.height)
	visitor.show(h.url + "/")
	visitor.do(see(`.card .wave-wanted canvas`))
	visitor.picture("wanted-card", false)
	visitor.show(h.url + track.URL)
	visitor.do(see(`.wave-hero.wave-wanted canvas`), click(`main button.play`), until(plays), run(`heard.pause()`))
	visitor.picture("wanted-track", false)
	for _, fault := range visitor.faults("en", phone) {
		t.Errorf("a visitor sees: %s", fault)
	}
	if read[bool](visitor, `Boolean(document.querySelector('.drawn-here'))`) {
		t.Error("a visitor's browser draws the waveform of somebody else")
	}
	visitor.fine()

	jun.sits(t, browser, desktop, "/")
	jun.w.holds()
	jun.w.do(run(`{
		window.decode = OfflineAudioContext.prototype.decodeAudioData;
		OfflineAudioContext.prototype.decodeAudioData = () => Promise.reject(new Error('no'));
	}`), tap(`.card a`, "Slow tide"), finds(`.drawn-here`, "cannot decode"))
	jun.w.picture("drawn-here-failed", false)
	for _, size := range []screen{small, phone, desktop} {
		jun.w.size(size.width, size.height)
		for _, fault := range jun.w.faults("en", size) {
			t.Errorf("%v: %s", size, fault)
		}
	}
	jun.w.picture("drawn-here-failed", false)

	jun.w.show(h.url + "/")
	jun.w.do(run(`Object.defineProperty(navigator, 'deviceMemory', {value: 0.01, configurable: true})`), tap(`.card a`, "Slow tide"), finds(`.drawn-here`, "too long for this browser"))

	jun.w.show(h.url + "/")
	jun.w.holds()
	jun.w.do(hold(`/stream$`), tap(`.card a`, "Slow tide"), finds(`.drawn-here`, "This browser is drawing the waveform"))
	jun.w.size(phone.width, phone.height)
	jun.w.picture("drawn-here", false)
	jun.w.do(release, see(`.wave-hero.wave-ready canvas`), until(`!document.querySelector('.drawn-here')`), finds(`.measured`, "LUFS"))
	visitor.show(h.url + track.URL)
	visitor.do(see(`.wave-hero.wave-ready canvas`))
	// A canvas that the graphics card forgot is painted anew.
	visitor.do(until(drawnWaves), run(`{ const canvas = document.querySelector('.wave-hero canvas'); canvas.getContext('2d').reset(); canvas.dispatchEvent(new Event('contextrestored')); }`))
	for _, fault := range visitor.faults("en", laptop) {
		t.Errorf("after the canvas was forgotten: %s", fault)
	}
	jun.w.fine()
	visitor.fine()
}

// TestSoundThatTheBrowserDoesNotPlay is a browser that knows no Ogg: it says so
// with the format's name, offers the download where there is one, and goes on
// to the next track.
func TestSoundThatTheBrowserDoesNotPlay(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	vorbis := kinds[2]
	need(t, "", vorbis.tool)
	h := newHouse(t)
	mina := h.joins("mina")
	mina.song("Night train", 20, 2)
	track := h.add(recording{file: "tide.ogg", sound: vorbis.encode(t, newClock(44100, 20, 7)), patch: map[string]any{"title": "Slow tide", "downloadable": true}})
	h.drawn(track)
	mina.w = openWindow(t, browser, look{url: h.url, token: mina.token, locale: "en"})
	_, err := chromedp.Call(mina.w.tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `{
		const real = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'src'), plays = HTMLMediaElement.prototype.canPlayType;
		HTMLMediaElement.prototype.canPlayType = function (type) { return type.includes('ogg') ? '' : plays.call(this, type); };
		Object.defineProperty(HTMLMediaElement.prototype, 'src', {
			get() { return this.said ?? ''; },
			set(address) { this.said = new URL(address, location).href; real.set.call(this, address.endsWith('/stream') ? '/api/tracks/` + track.ID + `/peaks.dat' : address); },
		});
	}`})
	if err != nil {
		t.Fatal(err)
	}
	mina.w.size(phone.width, phone.height)
	mina.w.show(h.url + track.URL)
	mina.w.do(click(`main button.play`), finds(`.player-trouble`, "This browser does not play Ogg Vorbis. Download the track to hear it."), finds(`.player-trouble a`, "Download"))
	mina.w.picture("unplayable-phone", false)
	for _, fault := range mina.w.faults("en", phone) {
		t.Errorf("phone: %s", fault)
	}
	mina.w.size(desktop.width, desktop.height)
	mina.w.picture("unplayable-desktop", false)
	for _, fault := range mina.w.faults("en", desktop) {
		t.Errorf("desktop: %s", fault)
	}
	if got := read[string](mina.w, `document.querySelector('.player-trouble a').getAttribute('href')`); got != track.Stream.Download || got == "" {
		t.Errorf("the way out leads to %q, want %q", got, track.Stream.Download)
	}

	h.do("PATCH", "/api/tracks/"+track.ID, body(t, map[string]any{"downloadable": false}), "application/json", http.StatusOK, nil)
	mina.w.show(h.url + "/")
	mina.w.do(tap(`.card button.play`, "Night train"), until(plays), tap(`.card button.play`, "Slow tide"), finds(`.player-trouble`, "This browser does not play Ogg Vorbis. Another browser may."), lacks(`.player-trouble a`, "Download"),
		title("Night train"), until(plays))
	mina.w.fine()
}

// TestFormatsThatAreRefused names what a file is, whether the browser sees it
// or the server, and what to do.
func TestFormatsThatAreRefused(t *testing.T) {
	browser := newTab(t, time.Minute)
	folder := t.TempDir()
	aiff := append([]byte("FORM\x00\x00\x10\x00AIFFCOMM"), make([]byte, 4096)...)
	var files []string
	for name, b := range map[string][]byte{"tape.aiff": aiff, "phone.wav": plain(2, 2, 44100, 4), "letter.flac": bytes.Repeat([]byte("This is a letter, not a song. "), 200)} {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	h := newHouse(t)
	keeper := &member{house: h}
	keeper.sits(t, browser, phone, "/upload")
	keeper.w.do(chromedp.SetUploadFiles(chromedp.CSS(`main input[type="file"][multiple]`), files),
		finds(`.upload-card.failed`, "tape.aiff"), finds(`.upload-card.failed .wrong`, "This file is AIFF, which browsers do not play. Convert it to FLAC or MP3"),
		finds(`.upload-card.failed`, "phone.wav"), finds(`.upload-card.failed .wrong`, "This file is WAV (ADPCM)"),
		finds(`.upload-card.failed`, "letter.flac"), finds(`.upload-card.failed .wrong`, "There is no sound in this file"))
	keeper.w.picture("upload-refused", false)
	keeper.w.fine("415", "400")
}

// TestWaveformFromNear enlarges the waveform of a long track, follows the sound
// in it, and seeks by clicking, pulling and keys.
func TestWaveformFromNear(t *testing.T) {
	t.Parallel() // it waits for sound more than it computes
	browser := newTab(t, 3*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	mina := h.joins("mina")
	short, long := h.song("Hallway", 30, 1), h.song("Night train", 300, 2)
	mina.sits(t, browser, desktop, short.URL)
	if read[bool](mina.w, `Boolean(document.querySelector('.hero-tools [aria-pressed][title="Enlarge the waveform"]'))`) {
		t.Error("a short track's waveform can be enlarged")
	}
	mina.w.show(h.url + long.URL)
	mina.w.do(tap(`.hero-tools button`, "Enlarge the waveform"), see(`.zoom-wave canvas`), click(`main button.play`), until(plays), hears(0.5), until(`heard.currentTime > 148 && !heard.seeking`), until(plays))
	for _, size := range []screen{desktop, phone} {
		mina.w.size(size.width, size.height)
		for _, theme := range []string{"light", "dark"} {
			mina.w.do(run(`document.documentElement.dataset.theme = '`+theme+`'`), painted)
			mina.w.picture("zoom-"+size.String()+"-"+theme, false)
			for _, barrier := range mina.w.barriers(axe, true, theme == "dark") {
				t.Errorf("%v, %s: axe: %s", size, theme, barrier)
			}
		}
		for _, fault := range mina.w.faults("en", size) {
			t.Errorf("%v: %s", size, fault)
		}
	}
	mina.w.size(desktop.width, desktop.height)
	mina.w.do(run(`heard.pause()`), until(`heard.paused`))
	where := func() float64 { return read[float64](mina.w, `heard.currentTime`) }
	box := func() [4]float64 {
		return read[[4]float64](mina.w, `(() => { const one = document.querySelector('.zoom-wave'); one.scrollIntoView({block: 'center', behavior: 'instant'}); const {left, top, width, height} = one.getBoundingClientRect(); return [left, top, width, height]; })()`)
	}
	// 250 pixels are five seconds.
	before, b := where(), box()
	mina.w.do(chromedp.MouseClickXY(b[0]+b[2]/2+250, b[1]+b[3]/2), until(fmt.Sprintf(`Math.abs(heard.currentTime - %f) < 0.15 && !heard.seeking`, before+5)))
	before = where()
	mouse := func(kind input.DispatchMouseEventType, x, y float64) step {
		return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
			_, err := cdp.Call(ctx, target, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1})
			return chromedp.Void{}, err
		}
	}
	x, y := b[0]+b[2]/2, b[1]+b[3]/2
	mina.w.do(mouse(input.DispatchMouseEventTypeMousePressed, x, y), mouse(input.DispatchMouseEventTypeMouseMoved, x+100, y), mouse(input.DispatchMouseEventTypeMouseMoved, x+150, y), mouse(input.DispatchMouseEventTypeMouseReleased, x+150, y),
		until(fmt.Sprintf(`Math.abs(heard.currentTime - %f) < 0.15 && !heard.seeking`, before-3)))
	before = where()
	mina.w.do(run(`document.querySelector('.zoom-wave input').focus()`), press(kb.ArrowRight), until(fmt.Sprintf(`Math.abs(heard.currentTime - %f) < 0.15 && !heard.seeking`, before+0.5)))
	mina.w.do(tap(`.hero-tools button`, "Enlarge the waveform"), until(`!document.querySelector('.zoom-wave')`))
	mina.w.fine()
}

// TestOtherFormatsOutliveTheNetwork takes the network away while a WAV plays and
// somebody seeks in it: it is heard from there when the network is back. Where
// the browser gives up, as on a server that is too busy, the player says so and
// tries again.
func TestOtherFormatsOutliveTheNetwork(t *testing.T) {
	t.Parallel() // it waits for sound more than it computes
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	keeper := &member{house: h}
	track := h.add(recording{file: "clock.wav", sound: newClock(44100, clockLong, 7).wav(), patch: map[string]any{"title": "Slow tide"}})
	h.drawn(track)
	keeper.w = openWindow(t, browser, look{url: h.url, token: h.token, locale: "en"})
	w := keeper.w
	if _, err := chromedp.Call(w.tab, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	_, err := chromedp.Call(w.tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `{
		const {set, get} = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'src'), ask = window.fetch;
		window.busy = 0;
		Object.defineProperty(HTMLMediaElement.prototype, 'src', {
			get() { return this.said ?? get.call(this); },
			set(address) { this.said = new URL(address, location).href; set.call(this, busy > 0 ? '/healthz' : address); },
		});
		window.fetch = async (url, init) => String(url).endsWith('/stream') && busy-- > 0
			? new Response('{"error": {"code": "busy", "message": "Busy."}}', {status: 503}) : ask(url, init);
	}`})
	if err != nil {
		t.Fatal(err)
	}
	link := func(off bool, rate float64) step {
		return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
			_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
				MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: rate, UploadThroughput: -1}},
			})
			return chromedp.Void{}, err
		}
	}
	w.size(desktop.width, desktop.height)
	w.show(h.url + track.URL)
	w.mark()
	// Slowly, so that the file is not all there when the network goes.
	w.do(link(false, 400_000), click(`main button.play`), until(plays), link(true, 400_000), hears(0.8), until(`heard.seeking || heard.readyState < 3`),
		see(`.player-play.waits`), link(false, -1), until(`heard.currentTime > 243 && heard.currentTime < 275 && !heard.paused && heard.readyState >= 3`),
		until(`!document.querySelector('.player-trouble.on')`))
	w.stayed()

	w.show(h.url + track.URL + "?t=100")
	w.do(run(`busy = 2`), click(`main button.play`), finds(`.player-trouble`, "busy"), until(`busy <= 0 && heard.currentTime > 100 && heard.currentTime < 130`), until(plays),
		until(`!document.querySelector('.player-trouble.on')`))
	w.fine("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED")
}

// TestExactNumbersComeByThemselves shows rough numbers of a track, as they are
// before all of it was decoded, and then the exact ones, without a reload.
func TestExactNumbersComeByThemselves(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	jun := h.joins("jun")
	track := jun.song("Night train", 70, 3)
	for end := time.Now().Add(time.Minute); track.Measured == nil || !track.Measured.Exact; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the track is not measured exactly: %+v", track.Measured)
		}
		jun.do("GET", "/api/tracks/"+track.ID, nil, "", http.StatusOK, &track)
	}
	for _, locale := range []string{"en", "ko"} {
		w := openWindow(t, browser, look{url: h.url, token: jun.token, locale: locale})
		_, err := chromedp.Call(w.tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `{
			const real = window.fetch;
			window.fetch = async (url, init) => {
				const answer = await real(url, init);
				if (window.decoded || !String(url).includes('/api/') || String(url).includes('/events')) return answer;
				const text = await answer.text();
				return new Response(text && text.replaceAll(/"measured":\{[^}]*\}/g, '"measured":{"exact":false,"loudness_lufs":-12.34,"range_lu":7.25,"tempo_bpm":121.7,"silence_start_ms":420,"silence_end_ms":2100}'), {status: answer.status, headers: answer.headers});
			};
		}`})
		if err != nil {
			t.Fatal(err)
		}
		w.size(desktop.width, desktop.height)
		w.show(h.url + track.URL)
		w.mark()
		w.do(finds(`.measured`, "−12.3 LUFS"), finds(`.measured`, "122 BPM"), see(`.measured-rough`), click(`.measured-help > summary`))
		for _, size := range []screen{small, phone, desktop} {
			w.size(size.width, size.height)
			w.do(run(`document.querySelector('.details').scrollIntoView({block: 'center', behavior: 'instant'})`), painted)
			w.picture("measured-"+locale+"-"+size.String(), false)
			for _, fault := range w.faults(locale, size) {
				t.Errorf("%s, %v: %s", locale, size, fault)
			}
		}
		w.do(run(`window.decoded = true`))
		jun.do("PATCH", "/api/tracks/"+track.ID, body(t, map[string]any{"artist": "Jun in " + locale}), "application/json", http.StatusOK, nil)
		w.do(finds(`.measured`, "dBTP"), until(`!document.querySelector('.measured-rough')`), lacks(`.measured`, "−12.3"))
		w.stayed()
		w.fine()
	}
}
