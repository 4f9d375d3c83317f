package loudness

import "math"

// biquad is (b0 + b1/z + b2/z²) / (1 + a1/z + a2/z²).
type biquad struct{ b0, b1, b2, a1, a2 float64 }

// The filters of BS.1770-4 at 48 kHz: table 1, the shelf that stands for the
// head, and table 2, the high pass ("RLB").
var (
	shelf48 = biquad{1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585}
	pass48  = biquad{1, -2, 1, -1.99004745483398, 0.99007225036621}
)

// at is the same analogue filter at another rate. The printed filter is taken
// back through the bilinear transform s = (1-1/z)/(1+1/z), which gives
//
//	H(s) = (n0 + n1 s + n2 s²) / (d0 + d1 s + d2 s²)
//
// whose corner is √(d0/d2) = tan(π f/48000), and goes through it again with the
// corner at the same f, gains unchanged.
func (q biquad) at(sampleRate float64) biquad {
	n0, n1, n2 := q.b0+q.b1+q.b2, 2*(q.b0-q.b2), q.b0-q.b1+q.b2
	d0, d1, d2 := 1+q.a1+q.a2, 2*(1-q.a2), 1-q.a1+q.a2
	was := math.Sqrt(d0 / d2)
	now := math.Tan(math.Atan(was) * 48000 / sampleRate)
	r := was / now // s at 48 kHz for s at the new rate
	n1, n2 = n1*r, n2*r*r
	d1, d2 = d1*r, d2*r*r
	a0 := d0 + d1 + d2
	return biquad{
		b0: (n0 + n1 + n2) / a0, b1: 2 * (n0 - n2) / a0, b2: (n0 - n1 + n2) / a0,
		a1: 2 * (d0 - d2) / a0, a2: (d0 - d1 + d2) / a0,
	}
}

// gain is |H|² where cosine is cos(2πf/rate).
func (q biquad) gain(cosine float64) float64 {
	// |c0 + c1 e^-iw + c2 e^-2iw|² = c0²+c1²+c2² + 2(c0c1+c1c2) cos w + 2 c0c2 cos 2w
	double := 2*cosine*cosine - 1
	square := func(c0, c1, c2 float64) float64 {
		return c0*c0 + c1*c1 + c2*c2 + 2*(c0*c1+c1*c2)*cosine + 2*c0*c2*double
	}
	return square(q.b0, q.b1, q.b2) / square(1, q.a1, q.a2)
}

// weighting is K at a rate: both filters, one after the other.
type weighting struct{ shelf, pass biquad }

// weightingAt gives the high pass its printed numerator at all rates, as
// libebur128 and ffmpeg do. That adds up to 0.2 dB at 8 kHz, which is what the
// transform takes from the shelf at 1 kHz there: a sine of 997 Hz comes within
// 0.05 dB of what it is at 48 kHz at all rates.
func weightingAt(sampleRate int) weighting {
	k := weighting{shelf48.at(float64(sampleRate)), pass48.at(float64(sampleRate))}
	k.pass.b0, k.pass.b1, k.pass.b2 = pass48.b0, pass48.b1, pass48.b2
	return k
}

// gain is |K(f)|² at a frequency as a share of the sample rate.
func (k *weighting) gain(f float64) float64 {
	c := math.Cos(2 * math.Pi * f)
	return k.shelf.gain(c) * k.pass.gain(c)
}

// memory is what the two filters of a channel hold (direct form II,
// transposed).
type memory struct{ a, b, c, d float64 }

// squares runs x through K and gives the sum of the squares of what comes out.
func (k *weighting) squares(x []float64, m *memory) (sum float64) {
	s, p := k.shelf, k.pass
	a, b, c, d := m.a, m.b, m.c, m.d
	for _, v := range x {
		y := s.b0*v + a
		a = s.b1*v - s.a1*y + b
		b = s.b2*v - s.a2*y
		w := p.b0*y + c
		c = p.b1*y - p.a1*w + d
		d = p.b2*y - p.a2*w
		sum += w * w
	}
	*m = memory{a, b, c, d}
	return sum
}

// squares2 is squares for two channels at once, which takes hardly longer than
// for one: each waits for its own last value.
func (k *weighting) squares2(x0, x1 []float64, m0, m1 *memory) (sum0, sum1 float64) {
	s, p := k.shelf, k.pass
	a0, b0, c0, d0 := m0.a, m0.b, m0.c, m0.d
	a1, b1, c1, d1 := m1.a, m1.b, m1.c, m1.d
	x1 = x1[:len(x0)]
	for i, v0 := range x0 {
		v1 := x1[i]
		y0 := s.b0*v0 + a0
		y1 := s.b0*v1 + a1
		a0 = s.b1*v0 - s.a1*y0 + b0
		a1 = s.b1*v1 - s.a1*y1 + b1
		b0 = s.b2*v0 - s.a2*y0
		b1 = s.b2*v1 - s.a2*y1
		w0 := p.b0*y0 + c0
		w1 := p.b0*y1 + c1
		c0 = p.b1*y0 - p.a1*w0 + d0
		c1 = p.b1*y1 - p.a1*w1 + d1
		d0 = p.b2*y0 - p.a2*w0
		d1 = p.b2*y1 - p.a2*w1
		sum0 += w0 * w0
		sum1 += w1 * w1
	}
	*m0, *m1 = memory{a0, b0, c0, d0}, memory{a1, b1, c1, d1}
	return sum0, sum1
}

// settle ends what is too soft to matter, before it becomes numbers that
// processors are slow with, and what is no number.
func (m *memory) settle() {
	size := math.Abs(m.a) + math.Abs(m.b) + math.Abs(m.c) + math.Abs(m.d)
	if !(size > 1e-30 && size < math.MaxFloat64) {
		*m = memory{}
	}
}
