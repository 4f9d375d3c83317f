package app_test

import (
	"encoding/base64"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/app/api/wire"
	"earshot/app/core"
)

// browserPeaks is the waveform of so many samples as a browser sends it.
func browserPeaks(rate int, samples int64) wire.NewPeaks {
	perPixel := max((samples+1799)/1800, 32)
	n := (samples + perPixel - 1) / perPixel
	tenth := int64(rate / 10)
	level := func(n int64) string {
		var b []byte
		for i := range n {
			b = binary.LittleEndian.AppendUint16(b, uint16(20_000*(i+1)/n))
		}
		return base64.StdEncoding.EncodeToString(b)
	}
	extreme := func(v byte) string {
		return base64.StdEncoding.EncodeToString(filled(v, int(n)))
	}
	return wire.NewPeaks{
		SampleRate: rate, Samples: samples, Levels: level(n), Min: extreme(0x90), Max: extreme(0x70), // -112 and 112
		Fine: level((samples + tenth - 1) / tenth), Loudness: ptr(-12.345),
	}
}

func filled(v byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = v
	}
	return b
}

// TestPeaksOfABrowser uploads what the server can't decode, and gives it the
// waveform as the owner's browser does.
func TestPeaksOfABrowser(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	track := mina.upload("night.m4a", soundFile(t, "tone.m4a"), "public")
	at := "/api/tracks/" + track.ID
	samples := int64(track.Audio.SampleRate) * 5 / 2
	good := browserPeaks(track.Audio.SampleRate, samples)

	h.visitor().put(at+"/peaks", good).fails(401, "signin.needed")
	jun.put(at+"/peaks", good).fails(403, "forbidden")
	k.put(at+"/peaks", good).fails(403, "forbidden")
	made := mina.upload("other.mp3", tone(40), "public")
	mina.put("/api/tracks/"+made.ID+"/peaks", good).fails(409, "peaks.made")
	mina.drawn(made.ID)
	mina.put("/api/tracks/"+made.ID+"/peaks", good).fails(409, "peaks.made")

	for name, change := range map[string]func(*wire.NewPeaks){
		"of another length":       func(p *wire.NewPeaks) { *p = browserPeaks(p.SampleRate, samples*2) },
		"a second too long":       func(p *wire.NewPeaks) { *p = browserPeaks(p.SampleRate, samples+int64(p.SampleRate)) },
		"a column less":           func(p *wire.NewPeaks) { p.Levels = p.Levels[:len(p.Levels)-4] },
		"no columns":              func(p *wire.NewPeaks) { p.Levels, p.Min, p.Max = "", "", "" },
		"other extremes":          func(p *wire.NewPeaks) { p.Min = p.Min[:len(p.Min)-4] },
		"levels above extremes":   func(p *wire.NewPeaks) { p.Min, p.Max = muted(p.Min), muted(p.Max) },
		"no base64":               func(p *wire.NewPeaks) { p.Levels = "*" + p.Levels[1:] },
		"base64 with a line":      func(p *wire.NewPeaks) { p.Max = p.Max[:8] + "\n" + p.Max[8:] },
		"another fine one":        func(p *wire.NewPeaks) { p.Fine = p.Fine[:8] },
		"samples beyond counting": func(p *wire.NewPeaks) { p.Samples = 1 << 62 },
		"a rate of its own":       func(p *wire.NewPeaks) { p.SampleRate = 96000 },
	} {
		p := good
		change(&p)
		if a := mina.put(at+"/peaks", p); a.status != 400 || a.code() != "peaks.invalid" {
			t.Errorf("%s: got %d %s", name, a.status, shorten(a.body))
		}
	}
	for name, change := range map[string]func(*wire.NewPeaks){
		"no rate":    func(p *wire.NewPeaks) { p.SampleRate = 0 },
		"no samples": func(p *wire.NewPeaks) { p.Samples = 0 },
		"too loud":   func(p *wire.NewPeaks) { p.Loudness = ptr(21.0) },
		"too many":   func(p *wire.NewPeaks) { p.Levels = strings.Repeat("A", 4804) },
	} {
		p := good
		change(&p)
		if a := mina.put(at+"/peaks", p); a.status != 400 || a.code() != "bad_request" {
			t.Errorf("%s: got %d %s", name, a.status, shorten(a.body))
		}
	}
	mina.do("PUT", at+"/peaks", filled(' ', 7_000_000), "Content-Type", "application/json").want(413)
	if got := mina.drawn(track.ID); got.Waveform != "wanted" {
		t.Errorf("after all that was refused the waveform is %q", got.Waveform)
	}

	pages := mina.listen("/api/events")
	pages.place()
	drawn := as[wire.Track](mina.put(at+"/peaks", good))
	if drawn.Waveform != "ready" || drawn.Peaks == "" || drawn.Measured == nil || drawn.Measured.Exact || *drawn.Measured.Loudness != -12.35 && *drawn.Measured.Loudness != -12.34 ||
		drawn.Measured.TruePeak != nil || drawn.Measured.Range != nil {
		t.Errorf("got %s, %+v", drawn.Waveform, drawn.Measured)
	}
	if e := pages.next("track"); e.Track != track.ID || e.State != "ready" {
		t.Errorf("the pages were told %+v", e)
	}
	first := jun.get(at + "/peaks.dat").want(200)
	var fine wire.Peaks
	if jun.get(at + "/peaks.json?zoom=fine").want(200).into(&fine); fine.Length != 25 {
		t.Errorf("the fine waveform has %d columns, want 25", fine.Length)
	}

	// Decoded at another rate and a little longer, without a fine one: it is
	// made to fit, and takes the place of what was there.
	other := browserPeaks(48000, 48000*3-1000)
	other.Fine, other.Loudness = "", nil
	other.Max = base64.StdEncoding.EncodeToString(filled(0x71, base64.StdEncoding.DecodedLen(len(other.Max))))
	if again := as[wire.Track](mina.put(at+"/peaks", other)); again.Waveform != "ready" || again.Measured != nil {
		t.Errorf("again: got %s, %+v", again.Waveform, again.Measured)
	}
	second := jun.get(at + "/peaks.dat").want(200)
	if len(second.body) != len(first.body) || second.header.Get("Etag") == first.header.Get("Etag") {
		t.Errorf("the second waveform has %d bytes and ETag %s, the first %d and %s", len(second.body), second.header.Get("Etag"), len(first.body), first.header.Get("Etag"))
	}
	jun.get(at+"/peaks.json?zoom=fine").fails(404, "peaks.none")

	// A waveform that is lost is wanted again.
	h.reopen()
	if err := os.Remove(filepath.Join(h.dir, "media", "tracks", track.ID, "peaks")); err != nil {
		t.Fatal(err)
	}
	if got := mina.drawn(track.ID); got.Waveform != "wanted" || got.Measured != nil {
		t.Errorf("lost: got %s, %+v", got.Waveform, got.Measured)
	}
	if n, err := h.app.Waiting(t.Context(), core.JobAnalyse); n != 0 || err != nil {
		t.Errorf("%d jobs wait for what can't be decoded, %v", n, err)
	}
	mina.put(at+"/peaks", good).want(200)

	mina.delete(at).want(204)
	mina.put(at+"/peaks", good).fails(404, "not_found")
	for _, f := range h.files() {
		if strings.Contains(f, track.ID) {
			t.Errorf("after deleting there is still %s", f)
		}
	}
}

func muted(base64 string) string {
	return strings.Repeat("A", len(base64)/4*4-4) + base64[len(base64)/4*4-4:]
}
