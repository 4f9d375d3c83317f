package loudness

import "time"

// Quiet is what counts as silence at the ends of a sound: a mean square, over
// 10 ms and summed over the channels, of less than -60 dBFS.
//
// Digital silence and dither (-90 dBFS and below) are silence by this, and the
// noise of most recordings and good tape; the surface noise of a record (-55 to
// -45 dBFS) is sound, as what is to be heard between it and the needle's drop
// can't be told from a soft beginning.
const Quiet = -60.0

const quietSquare = 1e-6

// Ends finds how long it is silent at both ends of a sound, from samples, to
// 10 ms. A constant offset is not sound: each window's own mean is taken from
// it first. Make one with NewEnds.
type Ends struct {
	rate     int64
	channels int
	windows  int64 // that were filled
	begin    int64 // of the one that is being filled
	end      int64
	at       int64
	edges    edges
	loud     bool // the window is, so that the rest of it can be passed over
	sum      []float64
	square   float64
}

// NewEnds makes an Ends.
func NewEnds(sampleRate, channels int) *Ends {
	e := &Ends{rate: int64(max(sampleRate, windowsPerSecond)), channels: max(channels, 1), edges: newEdges()}
	e.sum = make([]float64, e.channels)
	e.end = e.rate / windowsPerSecond
	return e
}

const windowsPerSecond = 100

// Add looks at samples of all channels in turn, full scale being ±1.
func (e *Ends) Add(samples []float32) {
	for n := int64(len(samples) / e.channels); n > 0; {
		// Often enough to stop early where it is loud.
		now := min(n, e.end-e.at, 64)
		if e.loud {
			now = min(n, e.end-e.at)
		} else {
			e.look(samples[:int(now)*e.channels])
			e.loud = e.variance(now) >= quietSquare
		}
		samples = samples[int(now)*e.channels:]
		e.at += now
		n -= now
		if e.at == e.end {
			e.edges.mark(e.loud, e.begin, e.end)
			clear(e.sum)
			e.square, e.loud = 0, false
			e.windows++
			e.begin = e.end
			e.end = (e.windows + 1) * e.rate / windowsPerSecond
		}
	}
}

func (e *Ends) look(samples []float32) {
	square := e.square
	if e.channels == 2 {
		l, r := e.sum[0], e.sum[1]
		for i := 0; i+1 < len(samples); i += 2 {
			a, b := float64(samples[i]), float64(samples[i+1])
			l += a
			r += b
			square += a*a + b*b
		}
		e.sum[0], e.sum[1] = l, r
	} else {
		for c := range e.sum {
			sum := e.sum[c]
			for i := c; i < len(samples); i += e.channels {
				v := float64(samples[i])
				sum += v
				square += v * v
			}
			e.sum[c] = sum
		}
	}
	e.square = square
}

// variance is what the window comes to so far, over its whole length; it only
// grows. The first more samples were looked at but are not counted in at yet.
func (e *Ends) variance(more int64) float64 {
	n := float64(e.at - e.begin + more)
	v := e.square
	for _, sum := range e.sum {
		v -= sum * sum / n
	}
	return v / float64(e.end-e.begin)
}

// Result is the silence at the start and at the end of what was added so far.
// Where all of it is silent, it is all at the start.
func (e *Ends) Result() (lead, tail time.Duration) {
	last := e.edges
	if e.at > e.begin {
		last.mark(e.loud, e.begin, e.at)
	}
	return last.result(e.at, e.rate)
}

// edges is where sound that is not silence begins and ends, in samples.
type edges struct{ first, last int64 }

func newEdges() edges { return edges{first: -1} }

func (e *edges) add(meanSquare float64, from, to int64) { e.mark(meanSquare >= quietSquare, from, to) }

func (e *edges) mark(loud bool, from, to int64) {
	if loud {
		if e.first < 0 {
			e.first = max(0, from)
		}
		e.last = max(0, to)
	}
}

func (e *edges) result(length, rate int64) (lead, tail time.Duration) {
	first, last := min(e.first, length), min(e.last, length)
	if first < 0 {
		first, last = length, length
	}
	return duration(first, rate), duration(length-last, rate)
}

func duration(samples, rate int64) time.Duration {
	return time.Duration(samples/rate)*time.Second + time.Duration(samples%rate)*time.Second/time.Duration(rate)
}
