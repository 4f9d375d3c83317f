package audio

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"earshot/media/mediatest"
)

// sumOf is the sum of a file's sound.
func sumOf(t testing.TB, b []byte) string {
	t.Helper()
	info, x, err := Identify(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := Sum(bytes.NewReader(b), int64(len(b)), info, x)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum[:])
}

func id3v2(n int) []byte {
	return append([]byte{'I', 'D', '3', 4, 0, 0, 0, 0, byte(n >> 7), byte(n & 0x7f)}, make([]byte, n)...)
}

func id3v1(title string) []byte {
	b := make([]byte, 128)
	copy(b, "TAG"+title)
	return b
}

// What programs change that write tags leaves the sum of the sound as it is,
// and any other sound has another one.
func TestSumOfSound(t *testing.T) {
	t.Parallel()
	const metadata = "-metadata title=Other -metadata artist=Nobody -metadata comment=" // and a text of some length
	ffmpeg := func(ext, options string) func(testing.TB, []byte) []byte {
		return func(t testing.TB, b []byte) []byte {
			args := strings.Fields("ffmpeg -v error -y -i IN -map 0:a -c copy " + metadata + strings.Repeat("x", 9000) + " " + options + " OUT")
			return outside(t, b, ext, args...)
		}
	}
	// tool runs a program that changes a file where it is.
	tool := func(ext string, argv ...string) func(testing.TB, []byte) []byte {
		return func(t testing.TB, b []byte) []byte {
			script := append([]string{"sh", "-c", `cp "$1" "$2" && shift && out="$1" && shift && "$@" "$out"`, "x", "IN", "OUT"}, argv...)
			return outside(t, b, ext, script...)
		}
	}
	in := func(front, back []byte) func(testing.TB, []byte) []byte {
		return func(_ testing.TB, b []byte) []byte { return slices.Concat(front, b, back) }
	}
	retag := map[string][]func(testing.TB, []byte) []byte{
		"MP3":         {ffmpeg("mp3", "-id3v2_version 3 -write_id3v1 1"), ffmpeg("mp3", "-id3v2_version 4 -write_xing 0"), in(id3v2(5000), id3v1("x"))},
		"WAV":         {ffmpeg("wav", "-write_bext 1"), in(id3v2(300), []byte("LIST\x04\x00\x00\x00INFO"))},
		"FLAC":        {ffmpeg("flac", ""), tool("flac", "metaflac", "--set-tag=TITLE=Other", "--add-seekpoint=1s"), tool("flac", "metaflac", "--remove-all", "--dont-use-padding"), in(id3v2(300), id3v1("x"))},
		"FLAC in Ogg": {ffmpeg("oga", ""), ffmpeg("flac", "")},
		"Vorbis":      {ffmpeg("ogg", ""), tool("ogg", "vorbiscomment", "-w", "-t", "TITLE="+strings.Repeat("long ", 20000))},
		"Opus":        {ffmpeg("opus", ""), ffmpeg("opus", "-page_duration 200000")},
		"AAC":         {ffmpeg("m4a", ""), ffmpeg("m4a", "-movflags +faststart"), ffmpeg("m4a", "-movflags +frag_keyframe+empty_moov -frag_duration 500000"), ffmpeg("m4a", "-movflags +dash -frag_duration 300000")},
	}
	wav := cd()
	other := slices.Clone(wav)
	for i := 60000; i < 90000; i++ {
		other[i] ^= 0x15
	}
	for _, s := range samples {
		if retag[s.name] == nil {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := outside(t, wav, s.ext, slices.Clone(s.argv)...)
			sum := sumOf(t, b)
			for i, change := range retag[s.name] {
				changed := change(t, b)
				if bytes.Equal(changed, b) {
					t.Errorf("%d: nothing was changed", i)
				}
				if got := sumOf(t, changed); got != sum {
					t.Errorf("%d: the sum is another one with other tags", i)
				}
			}
			if sumOf(t, outside(t, other, s.ext, slices.Clone(s.argv)...)) == sum {
				t.Error("another sound has the same sum")
			}
		})
	}
}

// The same bytes are another sound at another rate.
func TestSumKnowsTheRate(t *testing.T) {
	t.Parallel()
	data := bytes.Repeat([]byte{1, 2, 3, 4}, 5000)
	sums := map[string]bool{}
	for _, b := range [][]byte{
		mediatest.WAV(mediatest.PCM, 44100, 2, 16, data),
		mediatest.WAV(mediatest.PCM, 48000, 2, 16, data),
		mediatest.WAV(mediatest.PCM, 44100, 1, 16, data),
		mediatest.WAV(mediatest.PCM, 44100, 1, 32, data),
		mediatest.WAV(mediatest.Float, 44100, 1, 32, data),
		mediatest.WAV(6, 44100, 1, 8, data), // A-law
		mediatest.WAV(7, 44100, 1, 8, data), // µ-law
	} {
		sums[sumOf(t, b)] = true
	}
	if len(sums) != 7 {
		t.Errorf("%d sums, want 7", len(sums))
	}
}

// A file that was cut since it was looked at has no sum.
func TestSumOfCutFile(t *testing.T) {
	t.Parallel()
	b := cd()
	info, x, err := Identify(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Sum(bytes.NewReader(b[:len(b)/2]), int64(len(b)), info, x); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

// FuzzSum: whatever the bytes, Sum ends, with a sum or a known error, and
// having read about as much as the file has.
func FuzzSum(f *testing.F) {
	f.Add(cd()[:2000])
	f.Add(hostileFLAC())
	for _, name := range []string{
		"../m4a/testdata/aac.m4a", "../m4a/testdata/fragment.m4a", "../ogg/testdata/vorbis.ogg", "../ogg/testdata/flac.oga", "../ogg/testdata/celt.opus",
	} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		size := int64(len(b))
		info, x, err := Identify(bytes.NewReader(b), size)
		if err != nil {
			return
		}
		r := &counting{r: bytes.NewReader(b)}
		_, err = Sum(r, size, info, x)
		for _, known := range []error{nil, ErrDamaged, ErrEmpty, io.ErrUnexpectedEOF} {
			if errors.Is(err, known) {
				if r.read > 64*size+32<<20 {
					t.Fatalf("%d bytes were read of %d", r.read, size)
				}
				return
			}
		}
		t.Fatal(err)
	})
}

// counting counts what is read.
type counting struct {
	r    io.ReaderAt
	read int64
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.read += int64(n)
	return n, err
}
