package app_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/media/mp3/mp3test"
)

// soundFile reads one of the files that testdata/sound/make.sh made.
func soundFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "sound", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wave builds a WAV file of a tone: 16 bits, 44.1 kHz, two channels.
func wave(samples int) []byte {
	const rate, channels = 44100, 2
	le := binary.LittleEndian
	size := samples * channels * 2
	b := append([]byte("RIFF"), le.AppendUint32(nil, uint32(36+size))...)
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00\x02\x00"...)
	b = le.AppendUint32(b, rate)
	b = le.AppendUint32(b, rate*channels*2)
	b = append(b, channels*2, 0, 16, 0)
	b = le.AppendUint32(append(b, "data"...), uint32(size))
	for i := range samples {
		v := uint16(int16(12_000 * math.Sin(2*math.Pi*440*float64(i)/rate)))
		b = le.AppendUint16(le.AppendUint16(b, v), v)
	}
	return b
}

// format is a kind of file with two and a half seconds of sound.
type format struct {
	name     string
	file     []byte
	codec    string
	mime     string // of its stream
	ext      string
	bits     int
	waveform string
}

func formats(t testing.TB) []format {
	return []format{
		{"WAV", wave(110_250), "wav", "audio/wav", "wav", 16, "ready"},
		{"FLAC", soundFile(t, "tone.flac"), "flac", "audio/flac", "flac", 16, "ready"},
		{"FLAC in Ogg", soundFile(t, "tone-flac.ogg"), "flac", "audio/ogg", "ogg", 16, "ready"},
		{"Ogg Vorbis", soundFile(t, "tone.ogg"), "vorbis", "audio/ogg", "ogg", 0, "ready"},
		{"Opus", soundFile(t, "tone.opus"), "opus", "audio/ogg", "opus", 0, "ready"},
		{"M4A", soundFile(t, "tone.m4a"), "aac", "audio/mp4", "m4a", 0, "wanted"},
	}
}

// TestEveryFormat uploads a file of each format, under a name that says
// something else, and plays it as the file it is.
func TestEveryFormat(t *testing.T) {
	t.Parallel()
	for _, f := range formats(t) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.keeper()
			mina, jun := h.member("mina"), h.member("jun")
			track := mina.upload("night.mp3", f.file, "public")
			at := "/api/tracks/" + track.ID
			a := track.Audio
			if a.Codec != f.codec || a.Bytes != int64(len(f.file)) || a.Bits != f.bits || a.SampleRate < 44100 || a.Channels == 0 || a.Bitrate < 10_000 {
				t.Errorf("got audio %+v", a)
			}
			if kind, _, _ := strings.Cut(a.Type, ";"); kind != f.mime {
				t.Errorf("got type %q, want %s", a.Type, f.mime)
			}
			if track.DurationMS != 2500 {
				t.Errorf("got %d ms, want 2500", track.DurationMS)
			}
			if s := track.Stream; s.File != at+"/stream" || s.MP4 != "" || s.MP3 != "" {
				t.Errorf("got streams %+v", s)
			}

			whole := jun.get(track.Stream.File).want(200)
			if !bytes.Equal(whole.body, f.file) || whole.header.Get("Content-Type") != f.mime || whole.header.Get("Accept-Ranges") != "bytes" {
				t.Errorf("the stream: got %d bytes, %v", len(whole.body), whole.header)
			}
			part := jun.get(track.Stream.File, "Range", "bytes=100-299").want(206)
			if !bytes.Equal(part.body, f.file[100:300]) || part.header.Get("Content-Type") != f.mime {
				t.Errorf("a range: got %d bytes, %v", len(part.body), part.header)
			}
			if last := jun.get(track.Stream.File, "Range", "bytes=-50").want(206); !bytes.Equal(last.body, f.file[len(f.file)-50:]) {
				t.Error("the last bytes are not those of the file")
			}
			jun.get(track.Stream.File, "Range", "bytes=99999999-").want(416)
			etag := whole.header.Get("Etag")
			jun.get(track.Stream.File, "If-None-Match", etag).want(304)
			for _, s := range []string{"/stream.mp4", "/stream.mp3", "/stream.mp3?t=1"} {
				jun.get(at+s).fails(404, "stream.none")
			}
			mina.patch(at, wire.TrackPatch{Downloadable: ptr(true), Title: ptr("Night: train"), Artist: ptr("Mina")}).want(200)
			saved := jun.get(at + "/download").want(200)
			if d := saved.header.Get("Content-Disposition"); !strings.Contains(d, "Mina - Night_ train."+f.ext) && !strings.Contains(d, "Mina%20-%20Night_%20train."+f.ext) || !bytes.Equal(saved.body, f.file) {
				t.Errorf("download: got %q", d)
			}

			drawn := mina.drawn(track.ID)
			if drawn.Waveform != f.waveform {
				t.Fatalf("got waveform %q, want %q", drawn.Waveform, f.waveform)
			}
			if n, err := h.app.Waiting(t.Context(), core.JobMeasure); n != 0 || err != nil {
				t.Errorf("%d jobs wait to measure what is measured, %v", n, err)
			}
			if f.waveform == "ready" {
				m := drawn.Measured
				if m == nil || !m.Exact || m.TruePeak == nil || m.Loudness == nil || *m.Loudness > -5 || *m.Loudness < -40 || drawn.Peaks == "" {
					t.Errorf("got measured %+v, peaks %q", m, drawn.Peaks)
				}
				for zoom, columns := range map[string][2]int{"": {1700, 1800}, "?zoom=overview": {1700, 1800}, "?zoom=fine": {25, 26}} {
					var p wire.Peaks
					jun.get(at + "/peaks.json" + zoom).want(200).into(&p)
					if p.Length < columns[0] || p.Length > columns[1] || len(p.Data) != 2*p.Length || slices.Max(p.Data) < 5 {
						t.Errorf("peaks%s: got %d columns up to %d", zoom, p.Length, slices.Max(p.Data))
					}
				}
			} else {
				if drawn.Measured != nil || drawn.Peaks != "" {
					t.Errorf("got measured %+v, peaks %q", drawn.Measured, drawn.Peaks)
				}
				jun.get(at+"/peaks.json").fails(404, "peaks.none")
				if n, err := h.app.Waiting(t.Context(), core.JobAnalyse); n != 0 || err != nil {
					t.Errorf("%d jobs wait for what can't be decoded, %v", n, err)
				}
			}
			for _, zoom := range []string{"FINE", "coarse", "fine,overview", "1"} {
				jun.get(at+"/peaks.dat?zoom="+zoom).fails(400, "zoom.invalid")
			}

			// What is derived is made again from the file, whose content counts.
			folder := filepath.Join(h.dir, "media", "tracks", track.ID)
			if _, err := os.Stat(filepath.Join(folder, "audio."+f.ext)); err != nil {
				t.Error(err)
			}
			if err := h.close(); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(filepath.Join(folder, "frames.idx")); err != nil {
				t.Fatal(err)
			}
			h.open()
			again := jun.get(track.Stream.File).want(200)
			if !bytes.Equal(again.body, f.file) || again.header.Get("Etag") != etag || again.header.Get("Content-Type") != f.mime {
				t.Errorf("after its index was lost: got %d bytes, %v", len(again.body), again.header)
			}
			if err := os.WriteFile(filepath.Join(folder, "audio."+f.ext), tone(100), 0o600); err != nil {
				t.Fatal(err)
			}
			jun.get(track.Stream.File).fails(404, "media.missing")

			mina.delete(at).want(204)
			jun.get(track.Stream.File).fails(404, "not_found")
			if left := h.files(); len(left) > 0 {
				t.Errorf("after deleting there is still %v", left)
			}
		})
	}
}

// TestFormatsCountForQuotas: what is stored counts, in every format.
func TestFormatsCountForQuotas(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	sum := int64(0)
	for i, f := range formats(t) {
		mina.upload("x", f.file, "private")
		sum += int64(len(f.file))
		var me wire.Me
		if mina.get("/api/me").want(200).into(&me); int64(me.UsedBytes) != sum || int(me.Tracks) != i+1 {
			t.Errorf("after the %s: %d tracks and %d bytes are counted, want %d and %d", f.name, me.Tracks, me.UsedBytes, i+1, sum)
		}
	}
}

// TestPrivateFormatsLeakNowhere asks for every form of a private track in each
// format: to others there is nothing, not even the kind of file that it is.
func TestPrivateFormatsLeakNowhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	for _, f := range formats(t) {
		track := mina.upload("secret", f.file, "private")
		mina.drawn(track.ID)
		mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Downloadable: ptr(true)}).want(200)
		mina.get("/api/tracks/" + track.ID + "/stream").want(200)
		for _, p := range []*person{jun, k, h.visitor()} {
			for _, form := range []string{"/stream", "/stream.mp4", "/stream.mp3", "/stream.mp3?t=1", "/download", "/peaks.json", "/peaks.dat?zoom=fine"} {
				for _, method := range []string{"GET", "HEAD"} {
					got, want := p.do(method, "/api/tracks/"+track.ID+form, nil), p.do(method, "/api/tracks/"+never+form, nil)
					if got.status != 404 || told(got) != told(want) {
						t.Errorf("%s, %s %s of %s: got\n%s, what never was\n%s", p.name, method, form, f.name, told(got), told(want))
					}
				}
			}
		}
		sent := wire.NewPeaks{SampleRate: 44100, Samples: 1}
		if got, want := jun.put("/api/tracks/"+track.ID+"/peaks", sent), jun.put("/api/tracks/"+never+"/peaks", sent); got.status != 404 || told(got) != told(want) {
			t.Errorf("peaks for %s: got\n%s, what never was\n%s", f.name, told(got), told(want))
		}
		var label wire.Track
		if k.get("/api/tracks/" + track.ID).want(200).into(&label); label.Measured != nil || label.Stream.File != "" || label.Peaks != "" {
			t.Errorf("the keeper's label has %+v, %+v", label.Measured, label.Stream)
		}
	}
}

// TestContentCounts uploads files whose names say something else than what is
// in them: what browsers don't play is refused by name, the rest is what it is.
func TestContentCounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	if track := mina.upload("song.flac", tone(40), "private"); track.Audio.Codec != "mp3" || track.Audio.Type != "audio/mpeg" {
		t.Errorf("an mp3 called song.flac: got %+v", track.Audio)
	}
	flac := soundFile(t, "tone.flac")
	for _, c := range []struct {
		name string
		file []byte
		code string
		says string
	}{
		{"song.m4a", soundFile(t, "alac.m4a"), "upload.unsupported", `"about":"Apple Lossless"`},
		{"song.wav", soundFile(t, "adpcm.wav"), "upload.unsupported", `"about":"WAV (ADPCM)"`},
		{"song.mp3", soundFile(t, "tone.aiff"), "upload.unsupported", `"about":"AIFF"`},
		{"song.mp3", soundFile(t, "tone.wma"), "upload.unsupported", "WMA"},
		{"song.wav", wave(0), "upload.no_sound", ""},
		{"song.flac", slices.Concat(flac[:8], make([]byte, 4000)), "upload.damaged", ""},
		{"song.ogg", append([]byte("OggS"), make([]byte, 4000)...), "", ""},
		{"song.m4a", soundFile(t, "tone.m4a")[:40], "", ""},
		{"song.flac", artwork(t), "upload.not_audio", `"about":"PNG"`},
		{"song.opus", []byte(strings.Repeat("This is no sound. ", 1000)), "upload.not_audio", ""},
		{"song.wav", mp3test.Format{SampleRate: 44100, Bitrate: 128, Layer: mp3test.LayerII}.Silence(50), "upload.layer", ""},
	} {
		a := mina.post("/api/tracks?name="+c.name, c.file).want(415)
		if c.code != "" && a.code() != c.code || !strings.Contains(string(a.body), c.says) {
			t.Errorf("%s (%s): got %s", c.name, c.code, a.body)
		}
		if a.code() == "upload.unsupported" && !strings.Contains(string(a.body), "FLAC or MP3") {
			t.Errorf("%s: it does not say what to do: %s", c.name, a.body)
		}
	}
	var list wire.List[wire.Track]
	if mina.get("/api/me/tracks").want(200).into(&list); len(list.Items) != 1 {
		t.Errorf("got %d tracks, want 1", len(list.Items))
	}
}

// TestTagsOfEveryFormat reads the title where a format has a place for it.
func TestTagsOfEveryFormat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	for _, name := range []string{"tone.flac", "tone-flac.ogg", "tone.ogg", "tone.opus", "tone.m4a"} {
		if track := mina.upload("x.bin", soundFile(t, name), "private"); track.Title != "Tone" || track.Artist != "Earshot" {
			t.Errorf("%s: got %q by %q", name, track.Title, track.Artist)
		}
	}
}
