package peaks

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"
)

func TestFineColumns(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rate              int
		samples           int64
		perPixel, columns int
	}{
		{44100, 0, 4410, 1}, {44100, 4410, 4410, 1}, {44100, 4411, 4410, 2}, {44100, 44100 * 60, 4410, 600},
		{11025, 11025 * 60, 1103, 600}, {8000, 1, 800, 1}, {192_000, 192_000 * 3600 * 60, 19200, 2_160_000},
		{8000, 8000 * 3600 * 600, 7855, 2_199_873}, // 600 hours
	} {
		perPixel, columns := FineColumns(tt.rate, tt.samples)
		if perPixel != tt.perPixel || columns != tt.columns || columns > MaxFineColumns {
			t.Errorf("%d samples at %d Hz: %d columns of %d, want %d of %d", tt.samples, tt.rate, columns, perPixel, tt.columns, tt.perPixel)
		}
	}
}

func TestExtremes(t *testing.T) {
	t.Parallel()
	for v, want := range map[float32]int8{0: 0, 1: 127, -1: -128, 0.5: 64, -0.5: -64, 0.999: 127, -0.001: -1, 3: 127, -3: -128, 1e30: 127, -1e30: -128} {
		if got := Extreme(v); got != want {
			t.Errorf("%g is %d, want %d", v, got, want)
		}
	}
}

// Where extremes are not known, the level stands for them.
func TestEstimated(t *testing.T) {
	t.Parallel()
	p, err := New(48000, 4800, 10_000, []float32{0, 0.5, 2}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Estimated || !slices.Equal(p.Min, []int8{0, -64, -128}) || !slices.Equal(p.Max, []int8{0, 64, 127}) || p.Loudest != 32768 {
		t.Errorf("got %+v", p)
	}
	if p, err := New(48000, 4800, 10_000, make([]float32, 3), make([]int8, 3), make([]int8, 3)); err != nil || p.Estimated {
		t.Errorf("known extremes: %+v, %v", p, err)
	}
}

// A level that New was told comes back, at any height.
func TestLevelsComeBack(t *testing.T) {
	t.Parallel()
	levels := []float32{0, 0.001, 0.01, 0.1, 0.25, 0.5}
	p, err := New(44100, 4410, 4410*6, levels, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range levels {
		if got := p.Level(i); math.Abs(got-float64(l)) > 0.005 {
			t.Errorf("%g came back as %g", l, got)
		}
	}
}

// measured is what a browser sends of a tone that fades in.
func measured(n int) (levels, lows, highs []byte) {
	for i := range n {
		level := float64(i) / float64(n) / math.Sqrt2
		levels = binary.LittleEndian.AppendUint16(levels, uint16(level*65535))
		v := level * math.Sqrt2
		lows, highs = append(lows, byte(Extreme(float32(-v)))), append(highs, byte(Extreme(float32(v))))
	}
	return levels, lows, highs
}

func TestFromLevels(t *testing.T) {
	t.Parallel()
	const rate, samples = 44100, 44100 * 90
	levels, lows, highs := measured(MaxColumns)
	p, err := FromLevels(rate, samples, levels, lows, highs)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.RMS) != MaxColumns || p.SamplesPerPixel != 2205 || p.Estimated || math.Abs(p.Level(900)-0.5/math.Sqrt2) > 0.003 ||
		p.Min[900] != -64 || p.Max[900] != 64 {
		t.Errorf("got %d columns of %d, the middle is %g, %d to %d", len(p.RMS), p.SamplesPerPixel, p.Level(900), p.Min[900], p.Max[900])
	}
	if _, err := p.MarshalBinary(); err != nil {
		t.Error(err)
	}
	fine, _, _ := measured(900)
	if p, err = FineFromLevels(rate, samples, fine); err != nil || len(p.RMS) != 900 || !p.Estimated {
		t.Errorf("fine: %d columns, %v", len(p.RMS), err)
	}

	above := slices.Clone(levels)
	binary.LittleEndian.PutUint16(above, 5000) // over extremes of 0
	turned := slices.Clone(lows)
	turned[900] = 100 // above the highest
	for name, made := range map[string]func() (*Peaks, error){
		"a level too few": func() (*Peaks, error) { return FromLevels(rate, samples, levels[2:], lows, highs) },
		"half a level":    func() (*Peaks, error) { return FromLevels(rate, samples, levels[1:], lows, highs) },
		"a column too many": func() (*Peaks, error) {
			return FromLevels(rate, samples, append(levels, 0, 0), append(lows, 0), append(highs, 0))
		},
		"no extremes":          func() (*Peaks, error) { return FromLevels(rate, samples, levels, nil, nil) },
		"a lowest too few":     func() (*Peaks, error) { return FromLevels(rate, samples, levels, lows[1:], highs) },
		"a highest too few":    func() (*Peaks, error) { return FromLevels(rate, samples, levels, lows, highs[1:]) },
		"a level above":        func() (*Peaks, error) { return FromLevels(rate, samples, above, lows, highs) },
		"upside down":          func() (*Peaks, error) { return FromLevels(rate, samples, levels, turned, highs) },
		"a rate of telephones": func() (*Peaks, error) { return FromLevels(4000, samples, levels, lows, highs) },
		"a rate of radars":     func() (*Peaks, error) { return FromLevels(400_000, samples, levels, lows, highs) },
		"no rate":              func() (*Peaks, error) { return FineFromLevels(0, samples, fine) },
		"other samples":        func() (*Peaks, error) { return FromLevels(rate, 100, levels, lows, highs) },
		"no samples":           func() (*Peaks, error) { return FromLevels(rate, 0, levels[:2], lows[:1], highs[:1]) },
		"samples below 0":      func() (*Peaks, error) { return FromLevels(rate, -1, levels[:2], lows[:1], highs[:1]) },
		"a hundred years":      func() (*Peaks, error) { return FromLevels(rate, 1<<50, levels, lows, highs) },
		"a fine one too few":   func() (*Peaks, error) { return FineFromLevels(rate, samples, fine[2:]) },
		"half a fine one":      func() (*Peaks, error) { return FineFromLevels(rate, samples, fine[1:]) },
		"no fine ones":         func() (*Peaks, error) { return FineFromLevels(rate, samples, nil) },
	} {
		if p, err := made(); !errors.Is(err, ErrFormat) || p != nil {
			t.Errorf("%s: got %v, want %v", name, err, ErrFormat)
		}
	}
}

func FuzzFromLevels(f *testing.F) {
	levels, lows, highs := measured(3)
	f.Add(44100, int64(90), levels, lows, highs)
	f.Fuzz(func(t *testing.T, rate int, samples int64, levels, lows, highs []byte) {
		for _, made := range []func() (*Peaks, error){
			func() (*Peaks, error) { return FromLevels(rate, samples, levels, lows, highs) },
			func() (*Peaks, error) { return FineFromLevels(rate, samples, levels) },
		} {
			p, err := made()
			if err != nil {
				if !errors.Is(err, ErrFormat) {
					t.Error(err)
				}
				continue
			}
			b, err := p.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			if err := new(Peaks).UnmarshalBinary(b); err != nil {
				t.Error(err)
			}
		}
	})
}
