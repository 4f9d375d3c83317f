package peaks

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"earshot/media/mp3"
)

const (
	// wholeGranules is how much is decoded at most: 10 minutes at 44.1 kHz. A
	// longer track is listened to at places spread over each column.
	wholeGranules = 46_000
	// At a place two granules are decoded, and this many of the samples of the
	// second are counted: the last two thirds, into which nothing rings of
	// what was decoded before.
	placeGranules = 2
	placeSamples  = 384

	// Trouble that is borne: as many bad frames as good ones, and these.
	badFrames = 100

	progressEvery = 50 * time.Millisecond
)

// Analyse decodes the file that x is the index of and makes its waveform.
// Decoding takes bounded time however long the file is, and a few megabytes of
// memory. What can't be decoded is a hole in the waveform; when that is most of
// what was tried, the error is ErrUndecodable. Kinds of mp3 that are not
// decoded at all give ErrUnsupported. Errors of r and ctx are wrapped.
//
// progress, which may be nil, is told the share done at most 20 times a
// second, from the goroutine that called, and 1 at the end.
func Analyse(ctx context.Context, r io.ReaderAt, x *mp3.Index, progress func(float64)) (*Peaks, error) {
	if x.Version() == mp3.MPEG25 {
		return nil, fmt.Errorf("%w: %v", ErrUnsupported, x.Version())
	}
	return newAnalysis(r, x, wholeGranules).run(ctx, progress)
}

func (a *analysis) run(ctx context.Context, progress func(float64)) (*Peaks, error) {
	tell := throttle(progress)
	steps := a.plan()
	for done, s := range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		tell(float64(done) / float64(len(steps)))
		if err := a.stretch(ctx, s, tell, float64(done)/float64(len(steps)), 1/float64(len(steps))); err != nil {
			return nil, err
		}
	}
	if a.good == 0 {
		return nil, ErrUndecodable
	}
	if progress != nil {
		progress(1)
	}
	return a.peaks(), nil
}

// throttle lets a report through every progressEvery.
func throttle(progress func(float64)) func(float64) {
	if progress == nil {
		return func(float64) {}
	}
	last := time.Now()
	return func(share float64) {
		if now := time.Now(); now.Sub(last) >= progressEvery {
			last = now
			progress(share)
		}
	}
}

// analysis is one run of Analyse.
type analysis struct {
	x       *mp3.Index
	frames  *frames
	dec     decoder
	next    int   // the frame after the one that was decoded last
	budget  int   // granules that may be decoded
	perFrm  int   // samples of one channel in a frame
	skip    int64 // samples of the decoded sound that are not heard
	samples int64 // heard

	perPixel int
	sampled  bool
	columns  []column

	good, bad int // frames
}

// column gathers what was heard in it.
type column struct {
	squares  float64 // sum over both channels
	n        int64   // how many that is
	min, max int16
}

func newAnalysis(r io.ReaderAt, x *mp3.Index, budget int) *analysis {
	a := &analysis{x: x, budget: budget, perFrm: x.SamplesPerFrame(), samples: max(x.Samples(), 1)}
	if x.Tagged() {
		a.skip = int64(x.Delay() + mp3.DecoderDelay)
	}
	var columns int
	a.perPixel, columns = columnsFor(a.samples)
	a.columns = make([]column, columns)
	a.sampled = x.Frames() > a.wholeFrames()
	chunk := 64 << 10
	if a.sampled {
		chunk = 8 << 10
	}
	a.frames = newFrames(r, x, chunk)
	return a
}

func (a *analysis) granules() int { return a.perFrm / 576 }

func (a *analysis) wholeFrames() int { return a.budget / a.granules() }

// span is frames from first up to, not with, end, of which the last samples
// are counted.
type span struct {
	first, end int
	samples    int
}

// plan says what is listened to.
func (a *analysis) plan() []span {
	total := a.x.Frames()
	if !a.sampled {
		return []span{{0, total, total * a.perFrm}}
	}
	length := placeGranules / a.granules()
	perColumn := max(1, a.wholeFrames()/length/len(a.columns))
	part := float64(a.perPixel) / float64(perColumn)
	spans := make([]span, 0, perColumn*len(a.columns))
	for c := range a.columns {
		for i := range perColumn {
			// Somewhere in the i-th part of the column, a golden section on
			// from the one before: even steps would beat time with the music.
			_, shift := math.Modf(float64(len(spans)) * (math.Phi - 1))
			at := float64(a.skip) + float64(c)*float64(a.perPixel) + part*(float64(i)+shift)
			end := int(at/float64(a.perFrm)) + 1
			end = max(length, min(end, total))
			spans = append(spans, span{end - length, end, placeSamples})
		}
	}
	return spans
}

// warmUp is how many frames must be decoded so that the next one is right: a
// granule overlaps into the next one, and the filter bank rings for as long.
func (a *analysis) warmUp() int {
	if a.granules() == 1 {
		return 2
	}
	return 1
}

// stretch decodes the frames of s and counts what counts of them.
func (a *analysis) stretch(ctx context.Context, s span, tell func(float64), base, part float64) error {
	warm := 0 // frames still to be decoded before they count
	for i := s.first; i < s.end; i++ {
		if (i-s.first)&15 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			tell(base + part*float64(i-s.first)/float64(s.end-s.first))
		}
		frame, n, err := a.frames.frame(i, a.dec.d == nil || i != a.next)
		if err != nil {
			return fmt.Errorf("read frame %d: %w", i, err)
		}
		a.next = i + 1
		pcm, ok := a.dec.decode(frame, n)
		if !ok {
			if a.bad++; a.bad > badFrames+a.good {
				return ErrUndecodable
			}
			a.dec = decoder{}
			warm = a.warmUp() // the next frames miss what overlaps into them
			continue
		}
		a.good++
		if warm > 0 {
			warm--
			continue
		}
		if left := (s.end - i) * a.perFrm; left-s.samples < a.perFrm {
			a.count(i, max(0, left-s.samples), pcm)
		}
	}
	return nil
}

// count adds frame i, decoded to 16-bit samples of two channels, to the
// columns it lies in, but for its first samples.
func (a *analysis) count(i, from int, pcm []byte) {
	pcm = pcm[from*4:]
	at := int64(i)*int64(a.perFrm) + int64(from) - a.skip
	if at < 0 {
		pcm = pcm[min(-at*4, int64(len(pcm))):]
		at = 0
	}
	for len(pcm) >= 4 && at < a.samples {
		c := at / int64(a.perPixel)
		n := min(min((c+1)*int64(a.perPixel), a.samples)-at, int64(len(pcm)/4))
		a.columns[c].add(pcm[:n*4])
		pcm = pcm[n*4:]
		at += n
	}
}

func (c *column) add(pcm []byte) {
	lo, hi := c.min, c.max
	var squares int64 // at most 2^30 each, 2304 of them
	for i := 0; i+2 <= len(pcm); i += 2 {
		v := int16(uint16(pcm[i]) | uint16(pcm[i+1])<<8)
		lo, hi = min(lo, v), max(hi, v)
		squares += int64(v) * int64(v)
	}
	c.min, c.max = lo, hi
	c.squares += float64(squares)
	c.n += int64(len(pcm) / 2)
}

// peaks makes the result of what was gathered.
func (a *analysis) peaks() *Peaks {
	p := &Peaks{
		SampleRate: a.x.SampleRate(), SamplesPerPixel: a.perPixel, Samples: a.samples, Sampled: a.sampled,
		Min: make([]int8, len(a.columns)), Max: make([]int8, len(a.columns)),
	}
	levels := make([]float64, len(a.columns))
	for i, c := range a.columns {
		if c.n == 0 {
			continue
		}
		levels[i] = math.Sqrt(c.squares / float64(c.n))
		p.Min[i], p.Max[i] = int8(c.min>>8), int8(c.max>>8)
	}
	p.draw(levels)
	return p
}
