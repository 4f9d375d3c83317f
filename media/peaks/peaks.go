// Package peaks keeps the waveform of a track: columns, each with the RMS
// level of its stretch and the extremes in it. There is one of up to 1,800
// columns over the whole length, and a fine one of ten columns a second.
package peaks

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

const (
	// MaxColumns is the most columns of a waveform over the whole length.
	MaxColumns = 1800
	// OverviewColumns is the most columns an overview has.
	OverviewColumns = 400
	// MaxFineColumns is the most columns of a fine waveform: those of 60 hours,
	// and a little more for sample rates that can't be divided by ten.
	MaxFineColumns = 2_200_000

	minSamplesPerPixel = 32
	minRate, maxRate   = 8000, 192_000 // Hz
	maxSamples         = 1 << 40
)

// ErrFormat is for bytes and numbers that are no waveform.
var ErrFormat = errors.New("not a peaks file")

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
	Sampled         bool    // in old files, of a long track: only short stretches of each column were listened to
	Estimated       bool    // extremes are not known: Min and Max are the RMS level below and above 0
	Loudest         uint16  // RMS level that is drawn as 255, of 32768
	RMS             []uint8 // see above; 0 also where nothing could be decoded
	Min, Max        []int8  // extremes of all channels, of 128
}

// quietest is the least Loudest: -50 dB below full scale.
const quietest = 104

// Columns divides a track of so many samples into the columns of a waveform
// over its whole length: how many samples there are in one, and how many
// columns.
func Columns(samples int64) (perPixel, columns int) {
	samples = max(samples, 1)
	n := max(ceil(samples, MaxColumns), minSamplesPerPixel)
	return int(n), int(ceil(samples, n))
}

// FineColumns is Columns for the fine waveform: a tenth of a second each. Only
// beyond 60 hours they are longer.
func FineColumns(sampleRate int, samples int64) (perPixel, columns int) {
	samples = max(samples, 1)
	n := max(int64(math.Round(float64(sampleRate)/10)), ceil(samples, MaxFineColumns), 1)
	return int(n), int(ceil(samples, n))
}

// ceil is a/b, rounded up; a is 1 or more.
func ceil(a, b int64) int64 { return (a-1)/b + 1 }

// New makes a waveform of the RMS level of each column, of 1 for full scale,
// and its extremes, of 128. Without extremes it is Estimated. Levels above full
// scale count as full scale. The error wraps ErrFormat and tells what does not
// fit together.
func New(sampleRate, perPixel int, samples int64, levels []float32, lows, highs []int8) (*Peaks, error) {
	p := &Peaks{SampleRate: sampleRate, SamplesPerPixel: perPixel, Samples: samples, Min: lows, Max: highs}
	if lows == nil && highs == nil {
		p.Estimated = true
		p.Min, p.Max = make([]int8, len(levels)), make([]int8, len(levels))
		for i, l := range levels {
			p.Min[i], p.Max[i] = Extreme(-l), Extreme(l)
		}
	}
	p.draw(levels)
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, nil
}

// Extreme is a sample, of ±1 for full scale, as Min and Max have it.
func Extreme(sample float32) int8 {
	v := math.Floor(float64(sample) * 128)
	if v >= -128 && v <= 127 {
		return int8(v)
	}
	if v > 127 {
		return 127
	}
	return -128
}

// FromLevels makes a waveform over the whole length of what was measured
// elsewhere: the RMS level of each column in two bytes, little-endian, of 65535
// for full scale, and its extremes in a signed byte each. There have to be as
// many as Columns says, and no level may be above what its extremes leave room
// for. The error wraps ErrFormat.
func FromLevels(sampleRate int, samples int64, levels, lows, highs []byte) (*Peaks, error) {
	perPixel, n := Columns(samples)
	if len(levels) != 2*n || len(lows) != n || len(highs) != n {
		return nil, fmt.Errorf("%w: %d, %d and %d bytes for %d columns", ErrFormat, len(levels), len(lows), len(highs), n)
	}
	l, lo, hi := words(levels), make([]int8, n), make([]int8, n)
	for i := range n {
		lo[i], hi[i] = int8(lows[i]), int8(highs[i])
		// Whoever measures may round up or down.
		const slack = 2
		if room := max(-int(lo[i]), int(hi[i])) + slack; float64(l[i])*128 > float64(room) {
			return nil, fmt.Errorf("%w: the level of column %d is above its extremes", ErrFormat, i)
		}
	}
	return New(sampleRate, perPixel, samples, l, lo, hi)
}

// FineFromLevels is FromLevels for the fine waveform, whose extremes are not
// asked for. There have to be as many levels as FineColumns says.
func FineFromLevels(sampleRate int, samples int64, levels []byte) (*Peaks, error) {
	perPixel, n := FineColumns(sampleRate, samples)
	if len(levels) != 2*n {
		return nil, fmt.Errorf("%w: %d bytes for %d fine columns", ErrFormat, len(levels), n)
	}
	return New(sampleRate, perPixel, samples, words(levels), nil, nil)
}

func words(b []byte) []float32 {
	v := make([]float32, len(b)/2)
	for i := range v {
		v[i] = float32(binary.LittleEndian.Uint16(b[2*i:])) / math.MaxUint16
	}
	return v
}

// draw sets Loudest and RMS from levels, of 1 for full scale.
func (p *Peaks) draw(levels []float32) {
	var top float64
	for _, l := range levels {
		top = max(top, float64(l))
	}
	p.Loudest = uint16(min(max(math.Ceil(top*32768), quietest), 32768))
	p.RMS = make([]uint8, len(levels))
	for i, l := range levels {
		share := math.Sqrt(max(float64(l), 0) * 32768 / float64(p.Loudest))
		p.RMS[i] = uint8(min(math.Round(255*share*math.Sqrt(share)), 255))
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
		from, to := int(int64(i)*int64(len(p.RMS))/int64(n)), int(int64(i+1)*int64(len(p.RMS))/int64(n))
		sum := (to - from) / 2
		for _, v := range p.RMS[from:to] {
			sum += int(v)
		}
		out[i] = byte(sum / (to - from))
	}
	return out
}
