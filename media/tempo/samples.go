package tempo

import "math"

// Samples finds the tempo from samples. Make one with NewSamples.
//
// The bands are octaves: a tree of half-band filters, each of which parts what
// is left into an upper half, a band, and a lower one, at half the rate. That
// is cheaper than a Fourier transform and as good for the purpose. The filters
// are Butterworth ones of order 5, as the sum and difference of two all-pass
// filters: see P. P. Vaidyanathan, "Multirate Systems and Filter Banks", 1993,
// section 5.3.
type Samples struct {
	meter    *Meter
	channels int
	thin     int // samples that are taken together, at high rates
	splits   int
	halves   [Bands - 1]half
	frame    []float32
	filled   int
	sum      float32
	summed   int
}

// NewSamples makes a Samples.
func NewSamples(sampleRate, channels int) *Samples {
	s := &Samples{channels: max(channels, 1), thin: 1}
	rate := float64(max(sampleRate, 1))
	for rate/float64(s.thin) > 50000 {
		s.thin++
	}
	rate /= float64(s.thin)
	// The lowest band is below 125 to 250 Hz.
	for low := rate / 2; s.splits < len(s.halves) && low > 250; low /= 2 {
		s.splits++
	}
	s.frame = make([]float32, 4<<s.splits)
	s.meter = New(rate / float64(len(s.frame)))
	return s
}

// Add takes samples of all channels in turn.
func (s *Samples) Add(samples []float32) {
	for n := len(samples) / s.channels; n > 0; {
		now := min(n, len(s.frame)-s.filled)
		frame := s.frame[s.filled:]
		switch {
		case s.thin == 1 && s.channels == 1:
			copy(frame[:now], samples)
			s.filled += now
		case s.thin == 1 && s.channels == 2:
			for i := range frame[:now] {
				frame[i] = samples[2*i] + samples[2*i+1]
			}
			s.filled += now
		default:
			now = min(n, (len(s.frame)-s.filled)*s.thin-s.summed)
			for i := range now {
				for _, v := range samples[i*s.channels:][:s.channels] {
					s.sum += v
				}
				if s.summed++; s.summed == s.thin {
					s.frame[s.filled] = s.sum
					s.filled++
					s.sum, s.summed = 0, 0
				}
			}
		}
		samples = samples[now*s.channels:]
		n -= now
		if s.filled == len(s.frame) {
			s.measure()
			s.filled = 0
		}
	}
}

func (s *Samples) measure() {
	var bands [Bands]float32
	x := s.frame
	for i := range s.splits {
		// The highest band comes last.
		bands[s.splits-i] = s.halves[i].split(x)
		x = x[:len(x)/2]
	}
	for _, v := range x {
		bands[0] += v * v
	}
	if sum := bands[0] + bands[1]; sum-sum != 0 {
		s.halves = [Bands - 1]half{}
	}
	s.meter.Add(&bands)
}

// Result is the beats a minute of what was added so far, 0 where the confidence
// is less than Sure. The confidence is from 0 to 1.
func (s *Samples) Result() (bpm, confidence float64) { return s.meter.Result() }

// half is the state of a half-band filter: input and output of each all-pass.
type half struct{ x0, y0, x1, y1 float32 }

// The all-pass filters (a + 1/z) / (1 + a/z) of a Butterworth half-band filter
// of order 5: a is tan²(π/10) and tan²(2π/10).
var (
	pass0 = float32(math.Pow(math.Tan(math.Pi/10), 2))
	pass1 = float32(math.Pow(math.Tan(2*math.Pi/10), 2))
)

// split puts the lower half of the band of x into its first half, and gives the
// energy of the upper one.
func (h *half) split(x []float32) (upper float32) {
	x0, y0, x1, y1 := h.x0, h.y0, h.x1, h.y1
	a, b := pass0, pass1
	for i := 0; i+1 < len(x); i += 2 {
		v1, v0 := x[i], x[i+1]
		y0 = a*(v0-y0) + x0
		y1 = b*(v1-y1) + x1
		x0, x1 = v0, v1
		x[i/2] = (y0 + y1) / 2
		d := (y0 - y1) / 2
		upper += d * d
	}
	// Too soft to matter, and slow to reckon with.
	if y0*y0+y1*y1+x0*x0+x1*x1 < 1e-30 {
		x0, y0, x1, y1 = 0, 0, 0, 0
	}
	*h = half{x0, y0, x1, y1}
	return upper
}
