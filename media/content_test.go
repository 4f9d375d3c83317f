//go:build unix

package media

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/media/audio"
	"earshot/media/mediatest"
	"earshot/media/peaks"
)

// wave builds a WAV file of so many bytes of sound: 16 bits, one channel.
func wave(size int, seed byte) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(i/2) * seed
	}
	return mediatest.WAV(mediatest.PCM, 44100, 1, 16, data)
}

// What is no mp3 is kept and given as it is; nothing is made of its frames.
func TestOtherFormats(t *testing.T) {
	t.Parallel()
	s, dir := open(t, StoreOptions{})
	file := wave(100_000, 3)
	keep(t, s, trackA, file)
	raw, err := s.StreamRaw(trackA)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if got := content(t, raw); !bytes.Equal(got, file) || raw.ContentType != "audio/wav" {
		t.Errorf("raw stream: %d bytes of %s, want the file's %d", len(got), raw.ContentType, len(file))
	}
	for name, open := range map[string]func() (*Stream, error){
		"mp3":  func() (*Stream, error) { return s.StreamMP3(trackA) },
		"mp4":  func() (*Stream, error) { return s.StreamMP4(trackA) },
		"from": func() (*Stream, error) { return s.StreamFrom(trackA, time.Second) },
	} {
		if _, err := open(); !errors.Is(err, ErrNoStream) {
			t.Errorf("%s: got %v, want ErrNoStream", name, err)
		}
	}
	sound, err := s.Sound(trackA)
	if err != nil {
		t.Fatal(err)
	}
	defer sound.Close()
	if sound.Codec != audio.WAV || sound.Samples != 50_000 || sound.SampleRate != 44100 || sound.Size != int64(len(file)) || sound.Index != nil {
		t.Errorf("got %+v", sound)
	}
	want := "tracks/" + trackA + "/audio.wav tracks/" + trackA + "/frames.idx"
	if got := strings.Join(files(t, dir), " "); got != want {
		t.Errorf("files: %s, want %s", got, want)
	}
}

// What a file holds is told by its content, whatever it is called; the record
// alone says which file it was.
func TestContentDecides(t *testing.T) {
	t.Parallel()
	mp3, wav := stereo.Build(stereo.Uneven(100, 2)...), wave(100_000, 3)
	inA := func(dir, name string) string { return filepath.Join(dir, "tracks", trackA, name) }
	for _, test := range []struct {
		name   string
		kept   []byte
		damage func(dir string) error
		want   string // content type; "" for ErrMissing
	}{
		{"without its record", wav, func(d string) error { return os.Remove(inA(d, "frames.idx")) }, "audio/wav"},
		{"called mp3, without its record", wav, func(d string) error {
			return errors.Join(os.Remove(inA(d, "frames.idx")), os.Rename(inA(d, "audio.wav"), inA(d, "audio.mp3")))
		}, "audio/wav"},
		{"an mp3 called flac, without its record", mp3, func(d string) error {
			return errors.Join(os.Remove(inA(d, "frames.idx")), os.Rename(inA(d, "audio.mp3"), inA(d, "audio.flac")))
		}, TypeMP3},
		{"rubbish beside it, without its record", wav, func(d string) error {
			return errors.Join(os.Remove(inA(d, "frames.idx")), os.WriteFile(inA(d, "audio.mp3"), []byte("no sound"), 0o600))
		}, "audio/wav"},
		{"only rubbish, without its record", wav, func(d string) error {
			return errors.Join(os.Remove(inA(d, "frames.idx")), os.WriteFile(inA(d, "audio.wav"), []byte("no sound"), 0o600))
		}, ""},
		{"called mp3", wav, func(d string) error { return os.Rename(inA(d, "audio.wav"), inA(d, "audio.mp3")) }, ""},
		{"another of the same size", wav, func(d string) error { return os.WriteFile(inA(d, "audio.wav"), wave(100_000, 5), 0o600) }, ""},
		{"an mp3 in its place", wav, func(d string) error { return os.WriteFile(inA(d, "audio.wav"), mp3, 0o600) }, ""},
		{"a link in its place", wav, func(d string) error {
			return errors.Join(os.Remove(inA(d, "audio.wav")), os.Symlink("/etc/passwd", inA(d, "audio.wav")))
		}, ""},
		{"a link in its place, without its record", wav, func(d string) error {
			return errors.Join(os.Remove(inA(d, "frames.idx")), os.Remove(inA(d, "audio.wav")), os.Symlink("../"+trackB+"/audio.mp3", inA(d, "audio.wav")))
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, dir := open(t, StoreOptions{})
			keep(t, s, trackA, test.kept)
			keep(t, s, trackB, mp3)
			if err := test.damage(dir); err != nil {
				t.Fatal(err)
			}
			s.tracks.drop(trackA)
			for range 2 { // the second time from what the first has made
				st, err := s.StreamRaw(trackA)
				if test.want == "" {
					if !errors.Is(err, ErrMissing) {
						t.Errorf("got %v, want ErrMissing", err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if got := content(t, st); !bytes.Equal(got, test.kept) || st.ContentType != test.want {
					t.Errorf("got %d bytes of %s, want %s", len(got), st.ContentType, test.want)
				}
				st.Close()
				s.tracks.drop(trackA)
			}
		})
	}
}

// A record of layout 1 is of an mp3, and stays as it is.
func TestRecordOfLayout1(t *testing.T) {
	t.Parallel()
	s, dir := open(t, StoreOptions{})
	file := stereo.Build(stereo.Uneven(100, 2)...)
	keep(t, s, trackA, file)
	path := filepath.Join(dir, "tracks", trackA, "frames.idx")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := decodeRecord(b)
	if err != nil {
		t.Fatal(err)
	}
	old := append([]byte(recordSign1), b[len(recordSign):len(b)-4]...)
	at := len(recordSign) + 1 + len(trackA) + 8 + 32 + 16
	old = sealed(append(old[:at:at], old[at+8:]...)) // without the extension and the codec
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := decodeRecord(old)
	if err != nil || got.id != trackA || got.ext != "mp3" || got.sum != r.sum || got.content.Info != r.content.Info || got.content.Index.Frames() != 100 {
		t.Errorf("got %+v, %v; want %+v", got, err, r)
	}
	s.tracks.drop(trackA)
	st, err := s.StreamMP4(trackA)
	if err != nil {
		t.Fatal(err)
	}
	st.Close()
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, old) {
		t.Errorf("the old record was written anew (%v)", err)
	}
}

func TestFineWaveform(t *testing.T) {
	t.Parallel()
	s, dir := open(t, StoreOptions{})
	keep(t, s, trackA, stereo.Silence(10))
	made := func(samples int64, divide func(int64) (int, int)) *peaks.Peaks {
		t.Helper()
		perPixel, n := divide(samples)
		p, err := peaks.New(44100, perPixel, samples, make([]float32, n), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	fine := func(samples int64) (int, int) { return peaks.FineColumns(44100, samples) }
	const longest = 60 * 3600 * 44100
	p, f := made(longest, peaks.Columns), made(longest, fine)
	if err := s.PutPeaks(trackA, p, f); err != nil {
		t.Fatal(err)
	}
	got, err := s.FinePeaks(trackA)
	if err != nil || len(got.RMS) != 60*3600*10 {
		t.Errorf("of 60 hours: got %v", err)
	}
	if err := s.PutPeaks(trackA, p, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.FinePeaks(trackA); !errors.Is(err, ErrMissing) {
		t.Errorf("without one: got %v, want ErrMissing", err)
	}
	if err := errors.Join(s.PutPeaks(trackA, p, f), os.Truncate(filepath.Join(dir, "tracks", trackA, "peaks-fine"), 1000)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.FinePeaks(trackA); !errors.Is(err, ErrMissing) {
		t.Errorf("a broken one: got %v, want ErrMissing", err)
	}
	if _, err := s.Peaks(trackA); err != nil {
		t.Error(err)
	}
	if s.PutPeaks("0track000none", p, f) == nil {
		t.Error("a waveform was kept of a track that is not there")
	}
	if got := files(t, dir); len(got) != 4 {
		t.Errorf("files: %v", got)
	}
}
