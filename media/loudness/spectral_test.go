package loudness

import (
	"math"
	"testing"
	"time"
)

// Three bands: one that is all in the lowest lines, one partly, one above.
var threeBands = Layout{[]float64{0, 306.25, 995.3125, 22050}, 44100. / 1152}

// A tone of 1 kHz or so at -20 dBFS in one channel, as energies.
func addTone(s *Spectral, granules int, hz float64) {
	var low [lows]float32
	var bands [3]float32
	const ms = 0.005
	for i := range threeBands.Edges[1:] {
		if hz >= threeBands.Edges[i] && hz < threeBands.Edges[i+1] {
			bands[i] = ms
		}
	}
	if line := int(hz / (44100. / 1152)); line < lows {
		low[line] = ms
	}
	for range granules {
		s.Add(0, bands[:], low[:])
	}
}

func TestSpectralOfTones(t *testing.T) {
	t.Parallel()
	k := weightingAt(44100)
	for _, hz := range []float64{100, 200, 400, 600} {
		s := NewSpectral(44100, []Layout{threeBands}, 1105, 0)
		addTone(s, 1000, hz)
		integrated, lra, doubt := s.Result()
		if want := lufs(0.005 * k.gain(hz/44100)); math.Abs(integrated-want) > 0.3 || lra > 0.01 || doubt > 0.01 {
			t.Errorf("%g Hz: %.3f, want %.3f; range %g, doubt %g", hz, integrated, want, lra, doubt)
		}
	}
	// In a wide band, by what K is in it on the average.
	s := NewSpectral(44100, []Layout{threeBands}, 0, 0)
	addTone(s, 1000, 5000)
	if integrated, _, _ := s.Result(); math.Abs(integrated-lufs(0.005*k.average(995.3125/44100, 0.5))) > 0.01 {
		t.Errorf("5 kHz: %.3f", integrated)
	}
}

func TestSpectralOfLittle(t *testing.T) {
	t.Parallel()
	for granules := range 40 {
		s := NewSpectral(44100, []Layout{threeBands}, 1105, 0)
		addTone(s, granules, 400)
		integrated, lra, doubt := s.Result()
		if math.IsNaN(integrated) || lra != 0 || doubt > 0.01 || (granules > 0) != (integrated > -30) {
			t.Errorf("%d granules: %.3f, range %g, doubt %g", granules, integrated, lra, doubt)
		}
	}
	s := NewSpectral(44100, []Layout{threeBands}, 0, 44100)
	for range 76 {
		s.Add(0, make([]float32, 3), nil)
	}
	if integrated, lra, doubt := s.Result(); integrated != Silence || lra != 0 || doubt != 0 {
		t.Errorf("silence: %g, %g, %g", integrated, lra, doubt)
	}
	if lead, tail := s.Ends(); lead != time.Second || tail != 0 {
		t.Errorf("silence is silent for %v and %v", lead, tail)
	}
}

func TestSpectralTakesAnything(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, layouts := range [][]Layout{nil, {{}}, {threeBands}, {{[]float64{5, 4, 3, 0}, -1}}, {threeBands, {}}} {
		for _, rate := range []int{0, 1, 8000, 192000} {
			s := NewSpectral(rate, layouts, 5000, 100_000)
			for n := range 400 {
				s.Add(n%4-1, []float32{nan, inf, 1, -1, math.MaxFloat32}[n%3:], nil)
				s.Add(n%4-1, []float32{0.1, 0.1, 0.1, 0.1}, make([]float32, n%20))
				s.Add(n%4-1, nil, []float32{inf, nan, -1, 15: 2})
			}
			integrated, lra, doubt := s.Result()
			for _, v := range []float64{integrated, lra, doubt} {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%d Hz, %v: %g, %g, %g", rate, layouts, integrated, lra, doubt)
				}
			}
			s.Ends()
		}
	}
}
