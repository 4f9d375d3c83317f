package analysis

import (
	"math"

	"earshot/media/peaks"
)

// drawing gathers the waveforms of a track, as its samples go by.
type drawing struct {
	rate        int
	at, samples int64 // heard of what was announced
	over, fine  grid
}

// grid is the columns of one waveform.
type grid struct {
	perPixel    int64
	levels      []float32
	lows, highs []int8 // nil where extremes are not known

	// Of the column that is being gathered:
	column    int
	n         int64   // samples of one channel so far
	squares   float64 // the sum over them, of the mean of all channels
	low, high float32
}

// newDrawing begins waveforms of so many samples.
func newDrawing(rate int, samples int64, extremes bool) *drawing {
	d := &drawing{rate: rate, samples: max(samples, 1)}
	perPixel, n := peaks.Columns(d.samples)
	d.over = newGrid(perPixel, n, extremes)
	perPixel, n = peaks.FineColumns(rate, d.samples)
	d.fine = newGrid(perPixel, n, extremes)
	return d
}

func newGrid(perPixel, n int, extremes bool) grid {
	g := grid{perPixel: int64(perPixel), levels: make([]float32, n)}
	if extremes {
		g.lows, g.highs = make([]int8, n), make([]int8, n)
	}
	return g
}

// add takes samples of all channels in turn. Those beyond what was announced
// have no column.
func (d *drawing) add(samples []float32, channels int) {
	for len(samples) > 0 && d.at < d.samples {
		n := d.upTo(int64(len(samples) / channels))
		squares, low, high := measure(samples[:n*int64(channels)])
		d.take(n, squares/float64(channels), low, high)
		samples = samples[n*int64(channels):]
	}
}

// sixths spreads mean squares, of 192 samples each, from at on, and gives where
// they end. What lies before the beginning is not heard.
func (d *drawing) sixths(at int64, meanSquares []float64) int64 {
	for _, v := range meanSquares {
		if !(v < math.MaxFloat32) {
			v = 0
		}
		if at += sixth; at > 0 {
			d.spread(min(sixth, at), v)
		}
	}
	return at
}

// spread takes n samples of which only the mean square is known.
func (d *drawing) spread(n int64, meanSquare float64) {
	for n > 0 && d.at < d.samples {
		part := d.upTo(n)
		d.take(part, meanSquare*float64(part), 0, 0)
		n -= part
	}
}

// upTo is how many of n samples lie in the present columns.
func (d *drawing) upTo(n int64) int64 {
	return min(n, d.over.perPixel-d.over.n, d.fine.perPixel-d.fine.n, d.samples-d.at)
}

func (d *drawing) take(n int64, squares float64, low, high float32) {
	d.over.take(n, squares, low, high)
	d.fine.take(n, squares, low, high)
	d.at += n
}

func (g *grid) take(n int64, squares float64, low, high float32) {
	if g.n == 0 {
		g.low, g.high = low, high
	}
	g.low, g.high = min(g.low, low), max(g.high, high)
	g.n += n
	g.squares += squares
	if g.n == g.perPixel {
		g.flush()
	}
}

// flush ends a column.
func (g *grid) flush() {
	if g.n == 0 {
		return
	}
	g.levels[g.column] = float32(math.Sqrt(g.squares / float64(g.n)))
	if g.lows != nil {
		g.lows[g.column], g.highs[g.column] = peaks.Extreme(g.low), peaks.Extreme(g.high)
	}
	g.column++
	g.n, g.squares = 0, 0
}

// result gives both waveforms. Columns that nothing was heard of are 0.
func (d *drawing) result() (over, fine *peaks.Peaks, err error) {
	d.over.flush()
	d.fine.flush()
	if over, err = d.over.peaks(d); err == nil {
		fine, err = d.fine.peaks(d)
	}
	return over, fine, err
}

func (g *grid) peaks(d *drawing) (*peaks.Peaks, error) {
	return peaks.New(d.rate, int(g.perPixel), d.samples, g.levels, g.lows, g.highs)
}

// measure gives the sum of the squares of samples, and their extremes.
func measure(samples []float32) (squares float64, low, high float32) {
	if len(samples) == 0 {
		return 0, 0, 0
	}
	low, high = samples[0], samples[0]
	// Few enough for float32 to add up to one part in a million.
	for len(samples) > 0 {
		part := samples[:min(len(samples), 64)]
		samples = samples[len(part):]
		var sum float32
		for _, v := range part {
			sum += v * v
			if v < low {
				low = v
			}
			if v > high {
				high = v
			}
		}
		squares += float64(sum)
	}
	return squares, low, high
}
