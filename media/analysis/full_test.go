package analysis

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"testing"
	"time"

	"earshot/media/audio"
)

func fullOf(t testing.TB, p *pcm) *Result {
	t.Helper()
	r, err := Full(t.Context(), &reader{p: p}, int64(p.frames()), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheWaveformIsThatOfTheSamples(t *testing.T) {
	t.Parallel()
	p := tones(44100, stretch{1000, 0.5, 20}, stretch{300, 0, 5}, stretch{440, 0.1, 15.05})
	r := fullOf(t, p)
	if len(r.Peaks.RMS) != 1799 || r.Peaks.SamplesPerPixel != 982 || len(r.Fine.RMS) != 401 || r.Fine.SamplesPerPixel != 4410 || r.Peaks.Estimated {
		t.Fatalf("%d columns of %d, %d fine ones of %d", len(r.Peaks.RMS), r.Peaks.SamplesPerPixel, len(r.Fine.RMS), r.Fine.SamplesPerPixel)
	}
	for _, w := range []struct {
		from, to float64 // seconds
		level    float64
	}{{0.1, 19.9, 0.5}, {20.1, 24.9, 0}, {25.1, 40, 0.1}} {
		for i := range r.Fine.RMS {
			if at := float64(i) / 10; at < w.from || at > w.to {
				continue
			}
			want := int(math.Round(w.level * 128))
			if math.Abs(r.Fine.Level(i)-w.level/math.Sqrt2) > 0.003 || int(r.Fine.Max[i]) < want-1 || int(r.Fine.Max[i]) > want || int(r.Fine.Min[i]) > 1-want || int(r.Fine.Min[i]) < -want-1 {
				t.Fatalf("at %d tenths: level %.4f, %d to %d, want %.4f", i, r.Fine.Level(i), r.Fine.Min[i], r.Fine.Max[i], w.level/math.Sqrt2)
			}
		}
	}
	if math.Abs(r.TruePeak-20*math.Log10(0.5)) > 0.1 || !r.Exact || r.Holes != 0 {
		t.Errorf("true peak %.2f dBTP, exact %v, %d holes", r.TruePeak, r.Exact, r.Holes)
	}
}

// A sine of 997 Hz at -23 dBFS in both channels is -23 LUFS.
func TestLoudnessOfATone(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{22050, 44100, 48000, 96000, 192_000} {
		r := fullOf(t, tones(rate, stretch{997, math.Pow(10, -23.0/20), 5}))
		if math.Abs(r.Loudness+23) > 0.05 {
			t.Errorf("%d Hz: %.3f LUFS, want -23", rate, r.Loudness)
		}
	}
}

func TestSilenceAtTheEnds(t *testing.T) {
	t.Parallel()
	r := fullOf(t, tones(44100, stretch{0, 0, 1.5}, stretch{440, 0.3, 4}, stretch{0, 0, 2.25}))
	if d := r.Lead - 1500*time.Millisecond; d.Abs() > 20*time.Millisecond {
		t.Errorf("%v of silence at the start, want 1.5s", r.Lead)
	}
	if d := r.Tail - 2250*time.Millisecond; d.Abs() > 20*time.Millisecond {
		t.Errorf("%v of silence at the end, want 2.25s", r.Tail)
	}
}

// Where more or less comes than was announced the columns stay as announced,
// and the measures are of what came.
func TestOtherLengthsThanAnnounced(t *testing.T) {
	t.Parallel()
	p := tones(44100, stretch{440, 0.3, 10})
	want := fullOf(t, p)
	for _, announced := range []int64{1, 441_000 / 2, 441_000 - 1, 441_001, 441_000 * 3, 0, -5} {
		r, err := Full(t.Context(), &reader{p: p}, announced, nil)
		if err != nil {
			t.Fatalf("%d: %v", announced, err)
		}
		if r.Peaks.Samples != max(announced, 1) || r.Fine.Samples != max(announced, 1) || r.Loudness != want.Loudness || r.TruePeak != want.TruePeak {
			t.Errorf("%d announced: columns for %d, %.2f LUFS, want %.2f", announced, r.Peaks.Samples, r.Loudness, want.Loudness)
		}
		if announced == 441_000*3 && (r.Fine.Level(50) < 0.2 || r.Fine.Level(99) < 0.2 || r.Fine.Level(100) != 0 || r.Fine.Level(299) != 0) {
			t.Errorf("what did not come is drawn: %v", r.Fine.RMS)
		}
	}
}

// strange gives what no sound is made of.
type strange struct {
	reader
	values []float32
	err    error
}

func (s *strange) Read(dst []float32) (int, error) {
	if len(s.values) == 0 {
		return 0, s.err
	}
	n := copy(dst, s.values)
	s.values = s.values[n:]
	return n, nil
}

func TestNumbersThatAreNoSound(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	values := slices.Repeat([]float32{0.1, -0.1, nan, inf, -inf, 1e30, -1e38, 0.1}, 44100)
	r, err := Full(t.Context(), &strange{reader: reader{p: silence(44100, 1)}, values: values, err: io.EOF}, int64(len(values)/2), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []float64{r.Loudness, r.Range, r.TruePeak, r.Tempo, r.Confidence} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("got %+v", r.Measures)
		}
	}
	if r.Peaks.Level(3) > 0.11 {
		t.Errorf("level %v", r.Peaks.Level(3))
	}
}

func TestBeyondFullScaleIsDrawnAsFullScale(t *testing.T) {
	t.Parallel()
	r := fullOf(t, tones(44100, stretch{440, 4, 2}))
	if slices.Max(r.Peaks.Max) != 127 || slices.Min(r.Peaks.Min) != -128 || r.Peaks.Loudest != 32768 || r.TruePeak < 11.9 {
		t.Errorf("%d to %d, loudest %d, true peak %.1f", slices.Min(r.Peaks.Min), slices.Max(r.Peaks.Max), r.Peaks.Loudest, r.TruePeak)
	}
}

func TestSilence(t *testing.T) {
	t.Parallel()
	r := fullOf(t, silence(44100, 3))
	if r.Loudness != -70 || r.TruePeak != -70 || r.Tempo != 0 || r.Range != 0 || slices.Max(r.Peaks.RMS) != 0 {
		t.Errorf("got %+v", r.Measures)
	}
}

func TestWhatEndsAMeasurement(t *testing.T) {
	t.Parallel()
	nothing := &strange{reader: reader{p: silence(44100, 1)}, err: io.EOF}
	if _, err := Full(t.Context(), nothing, 44100, nil); !errors.Is(err, ErrUndecodable) {
		t.Errorf("nothing: got %v, want %v", err, ErrUndecodable)
	}
	broken := &strange{reader: reader{p: silence(44100, 1)}, values: make([]float32, 5000), err: io.ErrClosedPipe}
	if _, err := Full(t.Context(), broken, 44100, nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a broken disk: got %v, want %v", err, io.ErrClosedPipe)
	}
	ctx, cancel := context.WithCancel(t.Context())
	endless := &endlessly{func() { cancel() }}
	if _, err := Full(ctx, endless, 44100, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v, want %v", err, context.Canceled)
	}
}

// endlessly never ends, but calls something each time.
type endlessly struct{ then func() }

func (e *endlessly) SampleRate() int { return 48000 }
func (e *endlessly) Channels() int   { return 1 }
func (e *endlessly) Read(dst []float32) (int, error) {
	e.then()
	return len(dst), nil
}

// What is told rises, comes at most 20 times a second, and ends with 1.
func TestProgress(t *testing.T) {
	t.Parallel()
	var told []float64
	var last time.Time
	p := tones(44100, stretch{440, 0.3, 120})
	_, err := Full(t.Context(), audio.Reader(&reader{p: p}), int64(p.frames()), func(share float64) {
		if now := time.Now(); share < 1 && now.Sub(last) < progressEvery {
			t.Errorf("told %v after the one before", now.Sub(last))
		} else {
			last = now
		}
		told = append(told, share)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(told) == 0 || told[len(told)-1] != 1 || !slices.IsSorted(told) || told[0] < 0 {
		t.Errorf("told %v", told)
	}
}
