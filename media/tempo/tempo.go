// Package tempo finds how many beats a minute music has, from energies of
// eight bands (Meter, and Groups for those of MPEG audio Layer III) or from
// samples (Samples).
//
// A beat is where energy rises. For each band the rises of the logarithm of its
// energy are taken, which makes soft cymbals count like loud drums, and summed
// over the bands. In windows of 13 s, the autocorrelation of that sum shows the
// times after which it repeats; the mean over the windows is all that is kept,
// so that a day takes no more memory than a minute (about 100 KB). The
// period is the one whose multiples, 1 to 4, repeat best, preferring those near
// 120 beats a minute (log-normal, one octave wide). See M. E. P. Davies and M. D.
// Plumbley, "Context-dependent beat tracking of musical audio", 2007, for the
// multiples, and D. Ellis, "Beat tracking by dynamic programming", 2007, for the
// prior.
//
// What a beat is and what half a beat is, listeners don't agree on either: the
// answer may be double or half of what is counted by some, more so below 70 and
// above 160. Music whose tempo wanders or changes, and sound without beats, has
// no tempo here.
package tempo

import "math"

// Bands is how many bands a Meter takes.
const Bands = 8

// Sure is the confidence that a tempo has at least, to be given.
const Sure = 0.3

const (
	slowest, fastest = 50, 200 // beats a minute that are looked for
	multiples        = 4
	windowSeconds    = 13
	longest          = multiples * 60.0 / slowest // seconds, of the repetitions looked at
)

// Meter takes band energies at a fixed rate. Make one with New.
type Meter struct {
	rate    float64
	window  [][Bands]float32
	filled  int
	sums    []float64 // of the windows' autocorrelations, by lag in frames
	windows float64
	rises   []float64
	smooth  []float64
}

// New makes a Meter for a number of frames a second: 30 or more; about 80 is
// best.
func New(rate float64) *Meter {
	rate = min(max(rate, 1), 1000)
	n := int(windowSeconds * rate)
	return &Meter{
		rate:   rate,
		window: make([][Bands]float32, n),
		sums:   make([]float64, int(longest*rate)+3),
		rises:  make([]float64, n),
		smooth: make([]float64, n),
	}
}

// Add takes the energies of the next frame, of any scale. Bands that are always
// 0 don't count.
func (m *Meter) Add(bands *[Bands]float32) {
	frame := &m.window[m.filled]
	for b, v := range bands {
		if !(v > 0 && v <= math.MaxFloat32) {
			v = 0
		}
		frame[b] = v
	}
	if m.filled++; m.filled == len(m.window) {
		m.correlate(m.window)
		half := len(m.window) / 2
		copy(m.window, m.window[half:])
		m.filled -= half
	}
}

// correlate adds the autocorrelation of the rises in a window.
func (m *Meter) correlate(window [][Bands]float32) {
	n := len(window)
	if float64(n) < 4*m.rate {
		return
	}
	rises, smooth := m.rises[:n], m.smooth[:n]
	clear(rises)
	var means [Bands]float64
	total := 0.0
	for i := range window {
		for b, v := range window[i] {
			means[b] += float64(v) / float64(n)
			total += float64(v) / float64(n)
		}
	}
	for b, mean := range means {
		if mean <= total*1e-7 {
			continue
		}
		// What is far below the mean is as good as nothing.
		floor := mean * 0.01
		// The energy of a frame alone depends on where in their course the waves
		// of low tones are.
		at := func(i int) float64 {
			return float64(window[max(i-1, 0)][b])/4 + float64(window[i][b])/2 + float64(window[min(i+1, n-1)][b])/4
		}
		was := math.Log(at(0) + floor)
		for i := 1; i < n; i++ {
			is := math.Log(at(i) + floor)
			if is > was {
				rises[i] += is - was
			}
			was = is
		}
	}
	m.windows++
	// Over half a second, only what is more than usual is a beat.
	around := max(1, int(m.rate/4))
	sum, from, to := 0.0, 0, 0
	for i := range rises {
		for ; to < min(n, i+around+1); to++ {
			sum += rises[to]
		}
		for ; from < i-around; from++ {
			sum -= rises[from]
		}
		smooth[i] = max(0, rises[i]-sum/float64(to-from))
	}
	mean := 0.0
	for i := range rises {
		rises[i] = smooth[max(i-1, 0)]/4 + smooth[i]/2 + smooth[min(i+1, n-1)]/4
		mean += rises[i]
	}
	mean /= float64(n)
	power := 0.0
	for i := range rises {
		rises[i] -= mean
		power += rises[i] * rises[i]
	}
	// Drums come to about 2, soft noise to 0.05: what comes to less than this is
	// a ripple in something steady.
	if power < 0.005*float64(n) {
		return
	}
	for lag := range min(len(m.sums), n-n/4) {
		sum := 0.0
		for i, v := range rises[lag:] {
			sum += v * rises[i]
		}
		m.sums[lag] += sum / power * float64(n) / float64(n-lag)
	}
}

// repeats is how well the rises repeat after a number of frames, -1 to 1.
func (m *Meter) repeats(lag float64) float64 {
	i := int(lag)
	if i+1 >= len(m.sums) {
		return 0
	}
	part := lag - float64(i)
	return m.sums[i]*(1-part) + m.sums[i+1]*part
}

// score is how well they repeat after the multiples of a period.
func (m *Meter) score(period float64) float64 {
	sum := 0.0
	for k := 1.0; k <= multiples; k++ {
		sum += m.repeats(k * period)
	}
	return sum / multiples
}

// Result is the beats a minute of what was added so far, 0 where the confidence
// is less than Sure. The confidence is from 0 to 1.
func (m *Meter) Result() (bpm, confidence float64) {
	last := *m
	last.sums = append([]float64(nil), m.sums...)
	// The rest, where it is more than what was in the window before already.
	if m.windows == 0 || m.filled > len(m.window)*3/4 {
		last.rises = make([]float64, len(m.rises))
		last.smooth = make([]float64, len(m.smooth))
		last.correlate(m.window[:m.filled])
	}
	if last.windows == 0 {
		return 0, 0
	}
	for i := range last.sums {
		last.sums[i] /= last.windows
	}
	return last.best()
}

func (m *Meter) best() (bpm, confidence float64) {
	const step = 1.0025
	best := 0.0
	for b := float64(slowest); b <= fastest; b *= step {
		octaves := math.Log2(b / 120)
		if s := m.score(60*m.rate/b) * math.Exp(-octaves*octaves/2); s > best {
			best, bpm = s, b
		}
	}
	if bpm == 0 {
		return 0, 0
	}
	// Beats that are all alike are beats, not halves.
	period := 60 * m.rate / bpm
	if 2*bpm <= fastest && m.score(period/2) > 0.9*m.score(period) {
		period /= 2
	}
	period = m.refine(period)
	bpm = 60 * m.rate / period
	confidence = m.confidence(period)
	if confidence < Sure {
		return 0, confidence
	}
	return bpm, confidence
}

// refine moves a period to where its furthest multiple that is looked at
// repeats best.
func (m *Meter) refine(period float64) float64 {
	for k := 1.0; k <= 8; k *= 2 {
		near := k * period
		reach := int(max(2, near*0.02))
		at := int(math.Round(near))
		if at+reach+1 >= len(m.sums) {
			break
		}
		top := at
		for i := max(1, at-reach); i <= at+reach; i++ {
			if m.sums[i] > m.sums[top] {
				top = i
			}
		}
		// The top of the parabola through three values.
		a, b, c := m.sums[top-1], m.sums[top], m.sums[top+1]
		if d := a - 2*b + c; b > a && b >= c && d < 0 {
			period = (float64(top) + (a-c)/2/d) / k
		}
	}
	return period
}

func (m *Meter) confidence(period float64) float64 {
	return min(1, max(0, m.score(period)*1.5))
}
