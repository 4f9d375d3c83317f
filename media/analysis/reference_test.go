package analysis

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"earshot/media/layer3"
	"earshot/media/mediatest"
	"earshot/media/mp3"
	"earshot/media/peaks"
)

// reference is what ffmpeg says of a file.
type reference struct {
	loudness, lra float64
	levels        []float64 // of the columns of its waveform
}

// heardByFFmpeg has ffmpeg decode a file and measure it (EBU R128).
func heardByFFmpeg(t testing.TB, path string, channels int, samples int64) reference {
	t.Helper()
	dir := t.TempDir()
	raw := mediatest.RunIn(t, dir, "ffmpeg", "-v", "error", "-nostdin", "-i", path,
		"-af", "ebur128=framelog=verbose:metadata=1,ametadata=print:file=log", "-f", "f32le", "-")
	var ref reference
	b, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	last := func(key string) float64 {
		i := bytes.LastIndex(b, []byte(key+"="))
		if i < 0 {
			t.Fatalf("ffmpeg tells no %s", key)
		}
		line, _, _ := strings.Cut(string(b[i+len(key)+1:]), "\n")
		v, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	ref.loudness, ref.lra = last("lavfi.r128.I"), last("lavfi.r128.LRA")

	perPixel, columns := peaks.Columns(samples)
	ref.levels = make([]float64, columns)
	if heard := len(raw) / 4 / channels; int64(heard) != samples {
		t.Logf("ffmpeg gives %d samples, of %d", heard, samples)
	}
	for c := range ref.levels {
		from, to := 4*channels*c*perPixel, min(4*channels*(c+1)*perPixel, len(raw))
		if from >= to {
			break
		}
		squares := 0.0
		for i := from; i < to; i += 4 {
			v := float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[i:])))
			squares += v * v
		}
		ref.levels[c] = math.Sqrt(squares / float64((to-from)/4))
	}
	return ref
}

func levelsOf(p *peaks.Peaks) []float64 {
	out := make([]float64, len(p.RMS))
	for i := range out {
		out[i] = p.Level(i)
	}
	return out
}

func mean(v []float64) (m float64) {
	for _, x := range v {
		m += x / float64(len(v))
	}
	return m
}

func correlation(x, y []float64) float64 {
	mx, my := mean(x), mean(y)
	var xx, yy, xy float64
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xx, yy, xy = xx+dx*dx, yy+dy*dy, xy+dx*dy
	}
	return xy / math.Sqrt(xx*yy)
}

// distance is the root mean square of what y differs from x, as a share of the
// mean of y.
func distance(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += (x[i] - y[i]) * (x[i] - y[i])
	}
	return math.Sqrt(sum/float64(len(x))) / mean(y)
}

// Both ways to measure are held to ffmpeg, on sounds that might be somebody's:
// loudness within 0.05 LU where all samples are decoded and 0.2 LU where they
// are not, and then a waveform that correlates by 0.99 with the true one.
func TestAgainstFFmpeg(t *testing.T) {
	t.Parallel()
	mediatest.Need(t, "lame", "ffmpeg")
	for _, piece := range pieces {
		t.Run(piece.name, func(t *testing.T) {
			t.Parallel()
			// It is not the encoder that is tested.
			b := piece.make(t).mp3(t, append([]string{"-q", "7"}, piece.encode...)...)
			r := bytes.NewReader(b)
			x, err := mp3.Scan(r, r.Size())
			if err != nil {
				t.Fatal(err)
			}
			want := heardByFFmpeg(t, file(t, "sound.mp3", b), x.Channels(), x.Samples())
			full, err := Full(t.Context(), layer3.NewReader(r, x), x.Samples(), nil)
			if err != nil {
				t.Fatal(err)
			}
			// Tracks under a minute would be decoded.
			quick, sure, err := quick(t.Context(), r, x, throttle(nil))
			if err != nil {
				t.Fatal(err)
			}
			if !sure {
				t.Error("the guard sends it to be decoded")
			}
			fullR, quickR := correlation(levelsOf(full.Peaks), want.levels), correlation(levelsOf(quick.Peaks), want.levels)
			t.Logf("%5.1f s: ffmpeg %6.2f LUFS %4.1f LU; all samples %+.3f %+.2f, r %.5f; quick %+.3f %+.2f, r %.5f, off by %.3f; tempo %.1f (%.2f), quick %.1f (%.2f)",
				x.Duration().Seconds(), want.loudness, want.lra, full.Loudness-want.loudness, full.Range-want.lra, fullR,
				quick.Loudness-want.loudness, quick.Range-want.lra, quickR, distance(levelsOf(quick.Peaks), want.levels), full.Tempo, full.Confidence, quick.Tempo, quick.Confidence)
			exact := 0.05
			if x.SampleRate() < LowestRate {
				exact = 0.1
			}
			if d := math.Abs(full.Loudness - want.loudness); !(d <= exact) {
				t.Errorf("all samples: %.3f LUFS, ffmpeg says %.3f", full.Loudness, want.loudness)
			}
			if !(fullR >= 0.9995) {
				t.Errorf("all samples: the waveform correlates by %.5f", fullR)
			}
			if x.SampleRate() < LowestRate { // the estimate is never given
				if res, err := Quick(t.Context(), r, x, nil); err != nil || !res.Exact || res.Loudness != full.Loudness {
					t.Errorf("it is estimated: %+v, %v", res, err)
				}
				return
			}
			if d := math.Abs(quick.Loudness - want.loudness); !(d <= 0.2) {
				t.Errorf("quick: %.3f LUFS, ffmpeg says %.3f", quick.Loudness, want.loudness)
			}
			if off := distance(levelsOf(quick.Peaks), want.levels); piece.flat && off > 0.06 {
				t.Errorf("quick: the waveform is off by %.3f of its height", off)
			} else if !piece.flat && !(quickR >= 0.99) {
				t.Errorf("quick: the waveform correlates by %.5f", quickR)
			}
			if !full.Exact || quick.Exact || full.Peaks.Estimated || !quick.Peaks.Estimated {
				t.Error("exact is the other one")
			}
		})
	}
}
