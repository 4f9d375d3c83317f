package mp3test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"earshot/media/mediatest"
)

// mpg123 decodes a file with that program to float samples of the first
// channel, without trimming.
func mpg123(t *testing.T, file []byte, channels int) []float64 {
	t.Helper()
	mediatest.Need(t, "mpg123")
	name := filepath.Join(t.TempDir(), "a.mp3")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	var told bytes.Buffer
	cmd := exec.Command("mpg123", "-q", "-s", "--no-gapless", "-e", "f32", name)
	cmd.Stderr = &told
	out, err := cmd.Output()
	if err != nil || told.Len() > 0 {
		t.Fatalf("mpg123: %v: %s", err, told.Bytes())
	}
	var s []float64
	for i := 0; i+4 <= len(out); i += 4 * channels {
		s = append(s, float64(math.Float32frombits(binary.LittleEndian.Uint32(out[i:]))))
	}
	return s
}

// measure gives the amplitude and the frequency of a steady sine.
func measure(s []float64, rate int) (level, hz float64) {
	var sum float64
	var first, last, count int
	for i := 1; i < len(s); i++ {
		sum += s[i] * s[i]
		if s[i-1] < 0 && s[i] >= 0 {
			if count == 0 {
				first = i
			}
			last = i
			count++
		}
	}
	return math.Sqrt(2 * sum / float64(len(s)-1)), float64(count-1) * float64(rate) / float64(last-first)
}

func TestTones(t *testing.T) {
	t.Parallel()
	for i, f := range []Format{
		{SampleRate: 44100, Bitrate: 128, Mode: Joint},
		{SampleRate: 48000, Bitrate: 64, Mode: Mono, CRC: true},
		{SampleRate: 32000, Bitrate: 320, Mode: Dual, Fill: 1},
		{SampleRate: 22050, Bitrate: 64, Mode: Stereo, CRC: true, Fill: 2},
		{SampleRate: 24000, Bitrate: 160, Mode: Mono},
		{SampleRate: 16000, Bitrate: 56, Mode: Stereo},
		{SampleRate: 11025, Bitrate: 64, Mode: Mono, Fill: 3},
		{SampleRate: 8000, Bitrate: 32, Mode: Joint},
	} {
		for _, tone := range []Tone{{Line: 8, Gain: 206}, {Line: 21, Gain: 200}, {Line: 90, Gain: 190}} {
			t.Run(fmt.Sprint(f.SampleRate, "/", tone.Line), func(t *testing.T) {
				t.Parallel()
				const frames = 60
				list := Tones(tone, frames)
				if i%2 == 1 { // main data in the frame before
					for j := range list[1:] {
						list[j+1].Begin = 40
					}
				}
				s := mpg123(t, f.Build(list...), f.channels())
				if want := frames * f.SamplesPerFrame(); len(s) != want {
					t.Fatalf("%d samples, want %d", len(s), want)
				}
				level, hz := measure(s[4*f.SamplesPerFrame():], f.SampleRate)
				if want := tone.Level(); math.Abs(level/want-1) > 0.01 {
					t.Errorf("level %.4f, want %.4f", level, want)
				}
				if want := tone.Hz(f); math.Abs(hz/want-1) > 0.005 {
					t.Errorf("%.2f Hz, want %.2f", hz, want)
				}
			})
		}
	}
}

func TestSilence(t *testing.T) {
	t.Parallel()
	f := Format{SampleRate: 44100, Bitrate: 128, Mode: Stereo, CRC: true, Fill: 7}
	s := mpg123(t, f.Build(f.Uneven(100, 5)...), 2)
	if want := 100 * 1152; len(s) != want {
		t.Errorf("%d samples, want %d", len(s), want)
	}
	if loud := slices.Max(s); loud != 0 {
		t.Errorf("silence of level %g", loud)
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	f := Format{SampleRate: 44100, Bitrate: 128, Mode: Stereo}
	// 49 frames of 128 kbit/s are 20480 bytes exactly.
	if got := len(f.Silence(49)); got != 20480 {
		t.Errorf("49 frames are %d bytes, want 20480", got)
	}
	list := f.Uneven(50, 1)
	sum := 0
	for _, n := range f.Sizes(list...) {
		sum += n
	}
	if got := len(f.Build(list...)); got != sum {
		t.Errorf("built %d bytes, sizes say %d", got, sum)
	}
}

func TestRepeated(t *testing.T) {
	t.Parallel()
	r := Repeated{Head: []byte("ab"), Body: []byte("cde"), Times: 3, Tail: []byte("f")}
	const want = "abcdecdecdef"
	if got := r.Size(); got != int64(len(want)) {
		t.Fatalf("size %d, want %d", got, len(want))
	}
	for off := range len(want) {
		for n := range len(want) - off + 1 {
			b := make([]byte, n)
			got, err := r.ReadAt(b, int64(off))
			if err != nil || string(b[:got]) != want[off:off+n] {
				t.Errorf("ReadAt(%d, %d): %q, %v, want %q", off, n, b[:got], err, want[off:off+n])
			}
		}
	}
	if n, err := r.ReadAt(make([]byte, 4), 10); n != 2 || err == nil {
		t.Errorf("beyond the end: %d, %v, want 2 and an error", n, err)
	}
}
