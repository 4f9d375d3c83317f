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
// line: see the doubt of Result. Make one with NewSpectral.
type Spectral struct {
	layouts        []layout
	low            [lows]float64 // weights of the lowest lines of long blocks
	shape          [lows]float64 // energies of the lowest lines lately, in long blocks
	all, more      gate          // without and with line 0
	was, wasMore   float64       // energies of the last granule
	sum, sumMore   float64       // squares of the step that is being filled
	begin, end, at int64         // of that step, and how far it is filled
	granules       int64
	skip, samples  int64
	rate           int64
	ends           edges
}

// Layout is how the bands and lines of a granule lie.
type Layout struct {
	Edges []float64 // Hz: the lower edge of each band and the upper one of the last
	Line  float64   // Hz: how wide each of the lowest lines is
}

// layout is how much bands and lines weigh.
type layout struct {
	low   [lows]float64 // weights of the lowest lines
	long  bool          // they are those of long blocks
	first float64       // |K|² averaged over line 0 there
	under []share       // what of the lowest lines lies in each band
	above []float64     // weight of each band's part that is not in the lowest lines
}

// share is a range of the lowest lines.
type share struct{ from, to int }

// NewSpectral makes a Spectral for granules of 576 samples.
//
// layouts are those that a granule may have. skip is how many samples of the
// decoder's output come before the sound (those that the encoder and the decoder
// delay it by), samples how many belong to it, or 0 where all that follow do.
func NewSpectral(sampleRate int, layouts []Layout, skip, samples int64) *Spectral {
	s := &Spectral{rate: int64(max(sampleRate, stepsPerSecond)), skip: skip, samples: samples, at: -skip + synthesisDelay}
	k := weightingAt(max(sampleRate, minRate))
	average := func(from, to float64) float64 { return k.average(from/float64(sampleRate), to/float64(sampleRate)) }
	for _, bands := range layouts {
		line := bands.Line
		var l layout
		if l.long = line < 1.5*float64(sampleRate)/(2*granule); l.long {
			l.low = k.lines(line / float64(sampleRate))
			l.first = average(0, line)
			s.low = l.low
		} else {
			for i := range l.low {
				l.low[i] = average(float64(i)*line, float64(i+1)*line)
			}
		}
		for i := 0; i+1 < len(bands.Edges); i++ {
			from, to := bands.Edges[i], bands.Edges[i+1]
			in := share{lineAt(from / line), lineAt(to / line)}
			l.under = append(l.under, in)
			if rest := max(from, lows*line); in.from < in.to && rest < to {
				from = rest
			}
			l.above = append(l.above, average(from, to))
		}
		s.layouts = append(s.layouts, l)
	}
	s.end = s.rate / stepsPerSecond
	s.ends = newEdges()
	return s
}

// lineAt is the number of the lowest line that begins nearest to a place among
// them, or how many there are.
func lineAt(place float64) int { return max(0, min(lows, int(math.Round(place)))) }

// average is the mean of |K(f)|² from one frequency to another, both as a share
// of the sample rate.
func (k *weighting) average(from, to float64) float64 {
	from, to = min(from, 0.5), min(to, 0.5)
	if !(to > from) {
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

// lines gives the weights of the lowest lines, whose width is given as a share of
// the sample rate.
//
// The energy of a tone is spread over the lines near it, as the window of the
// MDCT has it: where K is steep, |K|² at a line's own frequency is wrong for what
// leaks into it. So the weights are those that come nearest to |K(f)|² for tones
// of all f and phases: the least squares of Σ w(i) A(i,f) - |K(f)|², A being the part
// of a tone's energy that line i has, softer tones counting a little more.
func (k *weighting) lines(width float64) (w [lows]float64) {
	const (
		more = 8 // lines above, whose weights are what they are
		fine = 8 // tones a line
		soft = 0.1
	)
	var normal [lows][lows + 1]float64
	var flat [lows + more]float64
	for i := range flat {
		flat[i] = k.average(float64(i)*width, float64(i+1)*width)
	}
	for n := range (lows + more/2) * fine {
		f := (float64(n) + 0.5) / fine // in lines
		target := k.gain(f * width)
		var a [lows + more]float64
		total := 0.0
		for i := range a {
			at := float64(i) + 0.5
			a[i] = leak(at-f) + leak(at+f)
			total += a[i]
		}
		for i := range a {
			a[i] /= total
		}
		rest := target
		for i := lows; i < len(a); i++ {
			rest -= a[i] * flat[i]
		}
		for i := range lows {
			for j := range lows {
				normal[i][j] += a[i] * a[j] / (target + soft)
			}
			normal[i][lows] += a[i] * rest / (target + soft)
		}
	}
	for i := range lows {
		// Hardly more than needed to keep the weights from swinging.
		const hold = 1e-3 * fine
		normal[i][i] += hold / flat[i]
		normal[i][lows] += hold
	}
	solve(&normal)
	for i := range w {
		w[i] = max(0, normal[i][lows])
	}
	return w
}

// leak is the energy that the sine window of the MDCT gives to what is d lines
// away, of any scale.
func leak(d float64) float64 {
	if math.Abs(math.Abs(d)-0.5) < 1e-6 {
		return math.Pi * math.Pi / 16
	}
	v := math.Cos(math.Pi*d) / (1 - 4*d*d)
	return v * v
}

// solve solves linear equations by Gauss's elimination; the results are in the
// last column. The matrix is positive definite, so that no rows are swapped.
func solve(m *[lows][lows + 1]float64) {
	for i := range m {
		for j := range m {
			if j == i {
				continue
			}
			q := m[j][i] / m[i][i]
			for c := i; c <= lows; c++ {
				m[j][c] -= q * m[i][c]
			}
		}
	}
	for i := range m {
		m[i][lows] /= m[i][i]
	}
}

// Add measures the next granule: the mean squares (full scale 1) of its bands,
// summed over the channels, and those of the lowest 16 lines, which are in the
// bands too. A granule that could not be read is all 0.
func (s *Spectral) Add(layout int, bands, low []float32) {
	l := &layoutless
	if layout >= 0 && layout < len(s.layouts) {
		l = &s.layouts[layout]
	}
	bands = bands[:min(len(bands), len(l.above))]
	if len(low) < lows {
		low = none[:]
	}
	low = low[:lows]
	energy, lines, weighted, first := 0.0, 0.0, 0.0, 0.0
	switch {
	case l.long:
		for i, v := range low {
			v := float64(v)
			lines += v
			weighted += v * l.low[i]
			s.shape[i] = s.shape[i]*fading + v
		}
		first = float64(low[0])
	default:
		lines, weighted = s.short(l, low)
	}
	for i, v := range bands {
		v := float64(v)
		energy += v
		if in := l.under[i]; in.from < in.to {
			for _, n := range low[in.from:in.to] {
				v -= float64(n)
			}
			v = max(0, v)
		}
		weighted += v * l.above[i]
	}
	if !(energy < math.MaxFloat32) || !(weighted < math.MaxFloat32) || !(lines < math.MaxFloat32) {
		energy, weighted, first = 0, 0, 0
		clear(s.shape[:])
	}
	more := weighted + first*l.first
	// The window of a granule reaches over its own 576 samples and the next
	// ones: half of its energy is heard in each.
	s.spread((s.was+weighted)/2, (s.wasMore+more)/2)
	s.was, s.wasMore = weighted, more

	// Most of a granule's energy lies in the middle of its window.
	middle := s.granules*granule + granule/2 + synthesisDelay - s.skip
	s.ends.add(energy-first, middle, middle+granule)
	s.granules++
}

var (
	none       [lows]float32
	layoutless layout
)

// fading is how much of the shape is left a granule later: half after 0.5 s at
// 44.1 kHz.
const fading = 0.98

// steep is how many lines of short blocks are so low that K differs within them.
const steep = 6

// leaks is what of the energy of each line of a long block the lowest lines of
// a short one get, which are three times as wide, where what sounds is the same.
var leaks = func() (l [steep][lows]float64) {
	for j := range l {
		for i := range l[j] {
			at, f := float64(j)+0.5, (float64(i)+0.5)/3
			l[j][i] = leak(at-f) + leak(at+f)
		}
	}
	return l
}()

// short is the energy, and the weighted energy, of the lowest lines of a short
// block. What frequencies lie within each is taken to be as in the long blocks
// lately, or as in noise where there was little then.
func (s *Spectral) short(l *layout, low []float32) (sum, weighted float64) {
	for j, v := range low {
		v := float64(v)
		sum += v
		w := l.low[j]
		if j < steep && v > 0 {
			all, heard := v, v*w
			for i, leak := range leaks[j] {
				e := s.shape[i] * leak
				all += e
				heard += e * s.low[i]
			}
			w = heard / all
		}
		weighted += v * w
	}
	return sum, weighted
}

// spread puts a mean square at the next 576 samples.
func (s *Spectral) spread(all, more float64) {
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
		s.sumMore += more * n
		s.at = until
		if s.at == s.end {
			length := float64(s.end - s.begin)
			s.all.add(s.sum / length)
			s.more.add(s.sumMore / length)
			s.sum, s.sumMore, s.begin = 0, 0, s.end
			s.end = (s.all.steps + 1) * s.rate / stepsPerSecond
		}
	}
}

// Result is the integrated loudness (LUFS, at least Silence) and the range (LU)
// of what was added so far. doubt is by how many LU it would be louder if line
// 0, the lowest 1/1152 of the sample rate, counted as noise would. Where that is
// more than Doubtful, the sound is of a kind that only decoding measures.
func (s *Spectral) Result() (integrated, lra, doubt float64) {
	last := *s
	last.spread(s.was/2, s.wasMore/2) // as decoders do for one granule more
	step := float64(last.end - last.begin)
	filled := float64(last.at-last.begin) / step
	integrated, lra = last.all.result(last.sum/step, filled)
	more, _ := last.more.result(last.sumMore/step, filled)
	return integrated, lra, more - integrated
}

// Doubtful is the doubt, in LU, that no estimate should be trusted with.
const Doubtful = 0.3

// Ends is about how long it is silent at the start and at the end, as Ends has
// it, to about 20 ms.
func (s *Spectral) Ends() (lead, tail time.Duration) {
	length := s.samples
	if length <= 0 {
		length = max(0, s.granules*granule-s.skip)
	}
	return s.ends.result(length, s.rate)
}
