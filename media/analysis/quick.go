package analysis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"earshot/media/layer3"
	"earshot/media/loudness"
	"earshot/media/mp3"
	"earshot/media/peaks"
	"earshot/media/tempo"
)

const (
	// shortest is the length from which on the frequency domain tells enough, if
	// a column of the waveform has as many samples as narrowest: two and a half
	// granules. At half the sample rate that takes twice as long a track.
	shortest  = time.Minute
	narrowest = 5 * granule / 2
	// LowestRate is the sample rate, Hz, below which everything is decoded, which costs
	// little there: its granules are so long that loudness is off by 0.3 LU.
	LowestRate = 16_000

	granule = 576 // samples
	sixth   = 192 // of a granule's window
	// late is how much later the sound of a granule comes out of a decoder
	// than its place among the granules says: the polyphase filter's doing.
	late = 240
	// tellGranules is how many go by between looks at the context.
	tellGranules = 512
)

// Quick measures the mp3 that x is the index of in the frequency domain, for a
// sixth of the work of Full: the RMS levels of the waveforms (their extremes
// are Estimated), loudness to 0.2 LU or better, range, tempo and silence, but no
// true peak. Tracks of less than a minute (or of less than three, at low sample
// rates), those below 16 kHz, and sound that this can't measure,
// it decodes as Full does. Memory, errors and progress are as Full's.
func Quick(ctx context.Context, r io.ReaderAt, x *mp3.Index, progress func(share float64)) (*Result, error) {
	tell := throttle(progress)
	if perPixel, _ := peaks.Columns(x.Samples()); perPixel >= narrowest && x.Duration() >= shortest && x.SampleRate() >= LowestRate {
		res, sure, err := quick(ctx, r, x, tell)
		if err != nil || sure {
			return res, err
		}
	}
	return full(ctx, layer3.NewReader(r, x), x.Samples(), tell)
}

// quick is Quick whatever the sound; it says whether it is one that can be
// measured like this.
func quick(ctx context.Context, r io.ReaderAt, x *mp3.Index, tell *teller) (res *Result, sure bool, err error) {
	rate, channels, samples := x.SampleRate(), float64(x.Channels()), x.Samples()
	skip := int64(0)
	if x.Tagged() {
		skip = int64(x.Delay() + mp3.DecoderDelay)
	}
	d := newDrawing(rate, samples, false)
	var layouts []loudness.Layout
	var edges [][]float64
	for l := layer3.Long; l <= layer3.Mixed; l++ {
		edges = append(edges, layer3.Edges(rate, l))
		layouts = append(layouts, loudness.Layout{Edges: edges[l], Line: layer3.LineWidth(rate, l)})
	}
	loud := loudness.NewSpectral(rate, layouts, skip, d.samples)
	beat, groups := tempo.New(float64(rate)/granule), tempo.NewGroups(edges)
	var group [tempo.Bands]float32
	granules := int64(x.Frames()) * int64(x.SamplesPerFrame()/granule)
	energies := layer3.NewEnergies(r, x)
	var e layer3.Energy
	// The windows of two granules overlap: what they add up to is known from
	// sixth to sixth of a window.
	var times [6]float64
	at := late - skip // where the present one's window begins
	d.spread(at, 0)
	for n := int64(0); ; n++ {
		if n%tellGranules == 0 {
			if err := ctx.Err(); err != nil {
				return nil, false, fmt.Errorf("measure: %w", err)
			}
			tell.share(float64(n) / float64(granules))
		}
		err := energies.Next(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, false, fmt.Errorf("measure: read the frames: %w", err)
		}
		for i, v := range e.Times {
			times[i] += float64(v) / channels
		}
		at = d.sixths(at, times[:3])
		copy(times[:], times[3:])
		clear(times[3:])
		loud.Add(int(e.Layout), e.Bands[:], e.Low[:])
		groups.Group(int(e.Layout), e.Bands[:], &group)
		beat.Add(&group)
	}
	d.sixths(at, times[:3])

	res = &Result{}
	res.Holes = energies.Holes()
	if nothing(x.Frames(), res.Holes) {
		return nil, false, ErrUndecodable
	}
	var doubt float64
	if res.Loudness, res.Range, doubt = loud.Result(); doubt > loudness.Doubtful {
		return res, false, nil
	}
	res.Lead, res.Tail = loud.Ends()
	res.Tempo, res.Confidence = beat.Result()
	if res.Peaks, res.Fine, err = d.result(); err != nil {
		return nil, false, fmt.Errorf("draw the waveform: %w", err)
	}
	tell.end()
	return res, true, nil
}
