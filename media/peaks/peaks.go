// Package peaks draws the loudness of a track over its length: up to 1,800
// columns, each with the RMS level of its stretch and the extremes in it.
package peaks

import (
	"errors"
	"math"
)

const (
	// MaxColumns is the most columns a track has.
	MaxColumns = 1800
	// OverviewColumns is the most columns an overview has.
	OverviewColumns = 400

	minSamplesPerPixel = 32
)

var (
	// ErrUnsupported is for kinds of mp3 that can't be decoded here, MPEG-2.5
	// being one. The track plays without a waveform.
	ErrUnsupported = errors.New("no waveform can be made of this kind of mp3")
	// ErrUndecodable is for files whose frames hold too much rubbish.
	ErrUndecodable = errors.New("too many frames can't be decoded")
	// ErrFormat is for bytes that are not a whole peaks file of this version.
	ErrFormat = errors.New("not a peaks file")
)

// Peaks is the waveform of a track. RMS, Min and Max have a column each.
//
// RMS is what is drawn. Loudness is relative to the loudest column, since what
// is to be seen is the course of a track and not how it was mastered:
//
//	RMS = 255 * (level / Loudest) ^ 0.75
//
// The exponent lifts quiet passages a little (-20 dB is 18 % of the height
// instead of 10) and still leaves verse and chorus apart. Loudest is never
// less than a level of -50 dB, so silence and noise stay flat.
type Peaks struct {
	SampleRate      int     // Hz
	SamplesPerPixel int     // samples of one channel in a column; the last one may be shorter
	Samples         int64   // of one channel, in all that is heard
	Sampled         bool    // long track: only short stretches of each column were listened to
	Loudest         uint16  // RMS level that is drawn as 255, of 32768
	RMS             []uint8 // see above; 0 also where nothing could be decoded
	Min, Max        []int8  // extremes of all channels, of 128
}

// quietest is the least Loudest: -50 dB below full scale.
const quietest = 104

// columnsFor divides samples: how many there are in a column, and how many
// columns.
func columnsFor(samples int64) (perPixel, columns int) {
	samples = max(samples, 1)
	n := max((samples+MaxColumns-1)/MaxColumns, minSamplesPerPixel)
	return int(n), int((samples + n - 1) / n)
}

// draw sets Loudest and RMS from levels (RMS, of 32768).
func (p *Peaks) draw(levels []float64) {
	top := float64(quietest)
	for _, l := range levels {
		top = max(top, l)
	}
	p.Loudest = uint16(min(math.Ceil(top), math.MaxUint16))
	p.RMS = make([]uint8, len(levels))
	for i, l := range levels {
		p.RMS[i] = uint8(min(math.Round(255*math.Pow(l/float64(p.Loudest), 0.75)), 255))
	}
}

// Level gives back the RMS level of a column, of 1 for full scale, to about a
// hundredth of Loudest.
func (p *Peaks) Level(column int) float64 {
	return math.Pow(float64(p.RMS[column])/255, 1/0.75) * float64(p.Loudest) / 32768
}

// Overview is RMS in at most OverviewColumns columns, each the mean of those
// it stands for.
func (p *Peaks) Overview() []byte {
	n := min(len(p.RMS), OverviewColumns)
	out := make([]byte, n)
	for i := range out {
		from, to := i*len(p.RMS)/n, (i+1)*len(p.RMS)/n
		sum := (to - from) / 2
		for _, v := range p.RMS[from:to] {
			sum += int(v)
		}
		out[i] = byte(sum / (to - from))
	}
	return out
}
