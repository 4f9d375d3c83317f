package loudness

import (
	"math"
	"time"
)

// Granules of MPEG audio Layer III (ISO/IEC 11172-3, 2.4.3.4).
const (
	granule = 576 // samples
	lows    = 16  // lines that are given one by one
	// synthesisDelay is how much later than its subband samples the sound of a
	// granule comes out of the polyphase filter of a decoder: the middle of its
	// window of 512 samples.
	synthesisDelay = 240
)

// Spectral measures loudness from the energies of Layer III granules: each
// band's energy times |K(f)|², averaged over the band. That gives integrated
// loudness to about 0.1 LU for most sound, for a sixth of the work of decoding.
//
// It fails for sound that is mainly below 40 Hz, where K is steep within one
// line: see Result. Make one with NewSpectral.
type Spectral struct {
	layouts        []layout
	low            [lows]float64 // |K|² of each of the lowest lines
	all, first     gate          // with and without line 0
	was, wasFirst  float64       // energies of the last granule
	sum, sumFirst  float64       // squares of the step that is being filled
	begin, end, at int64         // of that step, and how far it is filled
	granules       int64
	skip, samples  int64
	rate           int64
	ends           edges
}

type layout struct {
	weights []float64 // of each band
	under   []share   // what of the lowest lines lies in each band
	above   []float64 // weight of each band's part that is not in the lowest lines
}

// share is a range of the lowest lines.
type share struct{ from, to int }

// NewSpectral makes a Spectral for granules of 576 samples.
//
// layouts has the edges of the bands in Hz for each layout a granule may have:
// the lower one of each band and the upper one of the last. skip is how many
// samples of the decoder's output come before the sound (those that the
// encoder and the decoder delay it by), samples how many belong to it, or 0
// where all that follow do.
func NewSpectral(sampleRate int, layouts [][]float64, skip, samples int64) *Spectral {
	s := &Spectral{rate: int64(max(sampleRate, stepsPerSecond)), skip: skip, samples: samples, at: -skip + synthesisDelay}
	k := weightingAt(max(sampleRate, minRate))
	line := float64(sampleRate) / (2 * granule)
	average := func(from, to float64) float64 { return k.average(from/float64(sampleRate), to/float64(sampleRate)) }
	for i := range s.low {
		s.low[i] = average(float64(i)*line, float64(i+1)*line)
	}
	for _, edges := range layouts {
		var l layout
		for i := 0; i+1 < len(edges); i++ {
			from, to := edges[i], edges[i+1]
			l.weights = append(l.weights, average(from, to))
			in := share{min(lows, int(math.Round(from/line))), min(lows, int(math.Round(to/line)))}
			l.under = append(l.under, in)
			if rest := max(from, lows*line); in.from < in.to && rest < to {
				l.above = append(l.above, average(rest, to))
			} else {
				l.above = append(l.above, l.weights[i])
			}
		}
		s.layouts = append(s.layouts, l)
	}
	s.end = s.rate / stepsPerSecond
	s.ends = newEdges()
	return s
}

// average is the mean of |K(f)|² from one frequency to another, both as a share
// of the sample rate.
func (k *weighting) average(from, to float64) float64 {
	if to <= from {
		return k.gain(from)
	}
	// Simpson's rule in steps of at most half a line.
	n := max(8, 2*int(math.Ceil((to-from)*2*2*granule)))
	h := (to - from) / float64(n)
	sum := k.gain(from) + k.gain(to)
	for i := 1; i < n; i++ {
		sum += float64(2+2*(i%2)) * k.gain(from+float64(i)*h)
	}
	return sum * h / 3 / (to - from)
}

// Add measures the next granule: the mean squares (full scale 1) of its bands,
// summed over the channels, and those of lines 0 to 15, which are in the bands
// too. low is empty or all 0 where there are none, in short blocks. A granule
// that could not be read is all 0.
func (s *Spectral) Add(layout int, bands, low []float32) {
	if layout < 0 || layout >= len(s.layouts) {
		layout, bands, low = 0, nil, nil
	}
	l := &s.layouts[layout]
	bands = bands[:min(len(bands), len(l.weights))]
	low = low[:min(len(low), lows)]
	lines := 0.0
	for _, v := range low {
		lines += float64(v)
	}
	energy, weighted := 0.0, 0.0
	first := 0.0
	if lines > 0 {
		for i, v := range low {
			weighted += float64(v) * s.low[i]
		}
		first = float64(low[0])
	}
	for i, v := range bands {
		v := float64(v)
		energy += v
		if in := l.under[i]; lines > 0 && in.from < in.to {
			for _, n := range low[min(in.from, len(low)):min(in.to, len(low))] {
				v -= float64(n)
			}
			weighted += max(0, v) * l.above[i]
		} else {
			weighted += v * l.weights[i]
		}
	}
	if !(energy < math.MaxFloat32) || !(weighted < math.MaxFloat32) {
		energy, weighted, first = 0, 0, 0
	}
	without := weighted
	if lines > 0 {
		without -= first * s.low[0]
	}

	// The window of a granule reaches over its own 576 samples and the next
	// ones: half of its energy is heard in each.
	s.spread((s.was+weighted)/2, (s.wasFirst+without)/2)
	s.was, s.wasFirst = weighted, without

	// Most of a granule's energy lies in the middle of its window.
	middle := s.granules*granule + granule/2 + synthesisDelay - s.skip
	s.ends.add(energy-first, middle, middle+granule)
	s.granules++
}

// spread puts a mean square at the next 576 samples.
func (s *Spectral) spread(all, first float64) {
	to := s.at + granule
	if s.at < 0 {
		s.at = min(0, to)
	}
	if s.samples > 0 {
		to = max(s.at, min(to, s.samples))
	}
	for s.at < to {
		until := min(to, s.end)
		n := float64(until - s.at)
		s.sum += all * n
		s.sumFirst += first * n
		s.at = until
		if s.at == s.end {
			length := float64(s.end - s.begin)
			s.all.add(s.sum / length)
			s.first.add(s.sumFirst / length)
			s.sum, s.sumFirst, s.begin = 0, 0, s.end
			s.end = (s.all.steps + 1) * s.rate / stepsPerSecond
		}
	}
}

// Result is the integrated loudness (LUFS, at least Silence) and the range (LU)
// of what was added so far, and the integrated loudness without line 0, the
// lowest 1/1152 of the sample rate. Where the two differ by more than 0.3 LU,
// the sound is of a kind that only decoding measures.
func (s *Spectral) Result() (integrated, lra, withoutFirst float64) {
	last := *s
	last.spread(s.was/2, s.wasFirst/2) // as decoders do for one granule more
	step := float64(last.end - last.begin)
	filled := float64(last.at-last.begin) / step
	integrated, lra = last.all.result(last.sum/step, filled)
	withoutFirst, _ = last.first.result(last.sumFirst/step, filled)
	return integrated, lra, withoutFirst
}

// Ends is about how long it is silent at the start and at the end, as Ends has
// it, to about 20 ms.
func (s *Spectral) Ends() (lead, tail time.Duration) {
	length := s.samples
	if length <= 0 {
		length = max(0, s.granules*granule-s.skip)
	}
	return s.ends.result(length, s.rate)
}
