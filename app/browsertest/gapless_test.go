package browsertest

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"earshot/app/api/wire"
)

const (
	sineRate = 44100
	sineHz   = 100 // a period of 10 ms, so that a jump of up to 5 ms either way is seen as what it is
)

// cutSine is an album of one sine that goes through all its tracks, cut where
// no frame ends. The tracks are of so many seconds; the titles are One, Two, Three.
func (h *house) cutSine(t *testing.T, seconds ...float64) (tracks []wire.Track) {
	t.Helper()
	from := 0
	var pieces []*clock
	for _, s := range seconds {
		c := &clock{rate: sineRate, samples: make([]float32, int(s*sineRate))}
		for i := range c.samples {
			c.samples[i] = float32(0.5 * math.Sin(2*math.Pi*sineHz*float64(from+i)/sineRate))
		}
		from += len(c.samples)
		pieces = append(pieces, c)
	}
	tracks = make([]wire.Track, len(pieces))
	for i := len(pieces) - 1; i >= 0; i-- { // the newest is heard first
		name := []string{"One", "Two", "Three"}[i]
		tracks[i] = h.add(recording{file: name + ".mp3", sound: pieces[i].encode(t, "-b", "128"), patch: map[string]any{"title": name, "album": "Whole"}})
	}
	h.drawn(tracks...)
	return tracks
}

// tapped has a window's decks play into an audio graph that keeps what comes:
// as taps, pairs of a frame and samples.
func (w *window) tapped() {
	w.t.Helper()
	read[bool](w, `(async () => {
		const tap = 'registerProcessor("tap", class extends AudioWorkletProcessor {' +
			'process(inputs) { if (inputs[0][0]) this.port.postMessage(inputs[0][0].slice()); return true; } });';
		const context = new AudioContext({sampleRate: 44100});
		await context.audioWorklet.addModule(URL.createObjectURL(new Blob([tap], {type: 'text/javascript'})));
		const node = new AudioWorkletNode(context, 'tap', {channelCount: 1, channelCountMode: 'explicit'});
		window.taps = [];
		node.port.onmessage = (event) => taps.push(event.data);
		for (const deck of decks) context.createMediaElementSource(deck).connect(node);
		node.connect(context.destination);
		await context.resume();
		return true;
	})()`)
}

// caught gives what came since the taps were emptied.
func (w *window) caught() []float32 {
	w.t.Helper()
	text := read[string](w, `(() => {
		const all = new Float32Array(taps.reduce((n, one) => n + one.length, 0));
		taps.reduce((n, one) => (all.set(one, n), n + one.length), 0);
		const bytes = new Uint8Array(all.buffer);
		let text = '';
		for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
		return btoa(text);
	})()`)
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		w.t.Fatal(err)
	}
	s := make([]float32, len(b)/4)
	for i := range s {
		s[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return s
}

// seam gives the longest silence within a sine, and by how much its phase
// strays from the beginning to the end, both in milliseconds.
func seam(s []float32) (silence, jump float64) {
	for len(s) > 0 && math.Abs(float64(s[0])) < 0.02 {
		s = s[1:]
	}
	run, longest := 0, 0
	for _, v := range s {
		if run++; math.Abs(float64(v)) >= 0.02 {
			run = 0
		}
		longest = max(longest, run)
	}
	const window = sineRate / 10 // ten periods
	phase := func(from int) float64 {
		var re, im float64
		for i := from; i < from+window; i++ {
			at := 2 * math.Pi * sineHz * float64(i) / sineRate
			re += float64(s[i]) * math.Sin(at)
			im += float64(s[i]) * math.Cos(at)
		}
		return math.Atan2(im, re)
	}
	if len(s) < 4*window {
		return math.Inf(1), math.Inf(1)
	}
	d := math.Remainder(phase(len(s)-2*window)-phase(window), 2*math.Pi)
	return float64(longest) / sineRate * 1000, d / (2 * math.Pi) * 1000 / sineHz
}

const joined = `heard.src.startsWith('blob:')`

// openGapless opens an album in a window in which the sound can be caught.
func openGapless(t *testing.T, h *house, tracks []wire.Track) *window {
	t.Helper()
	var ids []string
	for _, track := range tracks {
		ids = append(ids, track.ID)
	}
	var album wire.Playlist
	h.do("POST", "/api/playlists", body(t, map[string]any{"title": "Sine", "kind": "album", "visibility": "public", "tracks": ids}), "application/json", http.StatusCreated, &album)
	w := openWindow(t, newTab(t, 2*time.Minute), look{url: h.url, token: h.token, locale: "en"})
	if _, err := chromedp.Call(w.tab, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true}); err != nil {
		t.Fatal(err)
	}
	w.size(laptop.width, laptop.height)
	w.show(h.url + album.URL)
	w.do(until(`window.decks?.length === 2`), until(`performance.getEntriesByType('resource').some((one) => one.name.endsWith('/gapless.js'))`))
	return w
}

// TestAnAlbumHasNoGaps hears a sine that is cut into three tracks go through
// the first seam, and takes it from the audio graph. Then the listener goes
// about on both sides of the second.
func TestAnAlbumHasNoGaps(t *testing.T) {
	h := newHouse(t)
	w := openGapless(t, h, h.cutSine(t, 6.1234, 9.0567, 7))
	w.tapped()
	w.do(click(`main button.play`), until(plays), until(current+` === 'One'`), until(joined))
	w.do(until(`heard.currentTime > 13`), run(`taps.length = 0`), until(current+` === 'Two'`), until(`heard.currentTime > 18`))
	silence, jump := seam(w.caught())
	t.Logf("at the seam: silent for %.2f ms, off by %.3f ms", silence, jump)
	if silence >= 5 || math.Abs(jump) >= 5 {
		t.Errorf("silent for %.2f ms, off by %.3f ms at the seam, want less than 5", silence, jump)
	}
	if n := read[int](w, set); n != 1 {
		t.Errorf("%d decks hold something, want one", n)
	}

	// The clock is that of the track, and leads to its beginning and back.
	w.do(click(`.player-controls button[aria-label="Previous track"]`), until(current+` === 'One'`), until(plays))
	w.do(click(`.player-controls button[aria-label="Next track"]`), until(current+` === 'Two'`), until(plays), until(joined))
	w.do(ahead, until(`!heard.seeking`), until(plays), click(`.player-play`), until(`heard.paused`))
	at := read[float64](w, `heard.currentTime`)
	w.do(click(`.player-play`), until(plays), until(fmt.Sprintf(`heard.currentTime > %f`, at)), until(current+` === 'Three'`), until(plays))
	w.do(until(`heard.ended || heard.paused`))
	w.fine()
}

// TestWithoutAMediaSourceItGoesOn: where it fails in the middle, the listener
// loses neither track nor place.
func TestWithoutAMediaSourceItGoesOn(t *testing.T) {
	h := newHouse(t)
	w := openGapless(t, h, h.cutSine(t, 12, 3))
	w.do(run(`{ const real = SourceBuffer.prototype.appendBuffer; let n = 0; SourceBuffer.prototype.appendBuffer = function (b) { if (++n > 1) throw new DOMException('x', 'InvalidStateError'); return real.call(this, b); }; }`),
		click(`main button.play`), until(plays), until(current+` === 'One'`), until(`!(`+joined+`) && heard.currentTime > 0.5`), until(plays),
		press("\u0020"))
	w.fine()
}

// TestTheQueueChangesNearTheEnd takes out what lies behind a track already:
// the one after it is heard.
func TestTheQueueChangesNearTheEnd(t *testing.T) {
	h := newHouse(t)
	tracks := h.cutSine(t, 8, 8, 8)
	w := openGapless(t, h, tracks)
	w.tapped()
	w.do(click(`main button.play`), until(plays), until(joined), until(`heard.buffered.length === 1 && heard.buffered.end(0) > 30`))
	read[bool](w, fmt.Sprintf(`import(performance.getEntriesByType('resource').find((one) => one.name.endsWith('/js/player.js')).name).then((player) => { player.remove(%q); return true; })`, tracks[1].ID))
	w.do(until(current+` === 'Three'`), until(plays), until(joined))
	silence, jump := seam(w.caught())
	t.Logf("after a change: silent for %.2f ms, off by %.3f ms", silence, jump)
	if silence >= 5 || math.Abs(jump) >= 5 {
		t.Errorf("silent for %.2f ms, off by %.3f ms after a change, want less than 5", silence, jump)
	}
	w.fine()
}
