package loudness

import "math"

// How far a sample looks: taps of a phase of the interpolating filter.
const (
	taps = 24
	// run is the number of samples that are passed over together where their
	// largest one says that none of them can matter. History of one run is kept
	// before the samples of a chunk, for the filter.
	run = 32
)

// phase is one phase of the interpolating filter, and the sums of the absolute
// values of its taps: of all, of all but the two in the middle, and of all but
// the eight in the middle. With the largest sample they bound what the taps
// that were not looked at can add.
type phase struct {
	h               [taps]float64
	all, but2, but8 float64
}

// truePeak finds the largest value of the curve that goes through the samples:
// 4 times oversampled up to 48 kHz, twice up to 96 kHz, and as it is above
// (BS.1770-4, annex 2, wants at least 192 kHz or about that). The filter is
// sin(πt)/(πt) under a Kaiser window (β 6) of 24 samples, twice as long as the
// one that is printed in the annex and so flatter: within 0.1 dB up to 0.44 of
// the sample rate. Its first phase is the samples themselves.
//
// Most places need no filter: they are passed over where the sum of the
// absolute values of the taps shows that they can't be above the largest value
// yet. What is found is exact all the same.
type truePeak struct {
	phases []phase
	all    float64 // the largest sum of absolute values of a phase
	peak   float64
}

func newTruePeak(sampleRate int) truePeak {
	factor := 1
	switch {
	case sampleRate <= 48000:
		factor = 4
	case sampleRate <= 96000:
		factor = 2
	}
	var t truePeak
	for i := 1; i < factor; i++ {
		t.phases = append(t.phases, phaseAt(float64(i)/float64(factor)))
		t.all = max(t.all, t.phases[i-1].all)
	}
	return t
}

// phaseAt is the filter for a place between two samples: 0 is the left one.
func phaseAt(place float64) (p phase) {
	const β = 6
	sum := 0.0
	for i := range p.h {
		x := place - float64(i-(taps/2-1))
		w := x / (taps / 2)
		p.h[i] = math.Sin(math.Pi*x) / (math.Pi * x) * bessel(β*math.Sqrt(max(0, 1-w*w)))
		sum += p.h[i]
	}
	for i := range p.h {
		p.h[i] /= sum
		p.all += math.Abs(p.h[i])
	}
	for i, h := range p.h {
		if i < taps/2-1 || i > taps/2 {
			p.but2 += math.Abs(h)
		}
		if i < taps/2-4 || i > taps/2+3 {
			p.but8 += math.Abs(h)
		}
	}
	// A hair more than they are, for the rounding of sums.
	p.all, p.but2, p.but8 = p.all+1e-12, p.but2+1e-12, p.but8+1e-12
	return p
}

// bessel is the modified Bessel function of the first kind and order 0.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-17; k++ {
		term *= x / 2 / k * (x / 2 / k)
		sum += term
	}
	return sum
}

// add looks at a channel's samples: those from run on are new, the ones before
// were the last of what was looked at. Their number is a multiple of run.
func (t *truePeak) add(x []float64) {
	before := largest(x[:run])
	for at := run; at < len(x); at += run {
		peak := largest(x[at : at+run])
		t.peak = max(t.peak, peak)
		both := max(before, peak)
		before = peak
		if both*t.all > t.peak {
			t.between(x[at-run:at+run], both)
		}
	}
}

func largest(x []float64) (peak float64) {
	for _, v := range x {
		peak = max(peak, math.Abs(v))
	}
	return peak
}

// between looks at the places between samples of two runs, one run of places
// that all taps reach.
func (t *truePeak) between(x []float64, peak float64) {
	for n := range t.phases {
		p := &t.phases[n]
		if p.all*peak <= t.peak {
			continue
		}
		left, right := p.h[taps/2-1], p.h[taps/2]
		// What the middle taps must come to at least.
		two, eight := t.peak-p.but2*peak, t.peak-p.but8*peak
		before := x[taps/2-1]
		for i := range run {
			after := x[i+taps/2]
			if math.Abs(left*before+right*after) > two {
				w := (*[taps]float64)(x[i : i+taps])
				if middle := p.middle(w); math.Abs(middle) > eight {
					if v := math.Abs(middle + p.outer(w)); v > t.peak {
						t.peak = v
						two, eight = t.peak-p.but2*peak, t.peak-p.but8*peak
					}
				}
			}
			before = after
		}
	}
}

// middle is what the eight taps in the middle come to.
func (p *phase) middle(x *[taps]float64) float64 {
	const m = taps/2 - 4
	h := &p.h
	return (h[m]*x[m] + h[m+1]*x[m+1] + h[m+2]*x[m+2] + h[m+3]*x[m+3]) +
		(h[m+4]*x[m+4] + h[m+5]*x[m+5] + h[m+6]*x[m+6] + h[m+7]*x[m+7])
}

// outer is what the other taps come to.
func (p *phase) outer(x *[taps]float64) float64 {
	const m = taps/2 - 4
	var a, b float64
	for i := range m {
		a += p.h[i] * x[i]
		b += p.h[m+8+i] * x[m+8+i]
	}
	return a + b
}

// flush looks at the places that need samples from after the end, which are 0.
func (t *truePeak) flush(channels [][]float64) {
	for _, x := range channels {
		clear(x[run : 2*run])
		t.add(x[:2*run])
	}
}
