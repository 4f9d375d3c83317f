package analysis

import (
	"context"
	"errors"
	"fmt"
	"io"

	"earshot/media/audio"
	"earshot/media/layer3"
	"earshot/media/loudness"
	"earshot/media/tempo"
)

// ErrUndecodable says that nothing, or next to nothing, of a track could be
// decoded.
var ErrUndecodable = errors.New("next to nothing of the sound can be decoded")

const (
	// chunk is how many values are read at a time at least: a quarter of a
	// second of most sound.
	chunk = 24 << 10
	// wild is beyond every sample that means something: full scale is 1, but
	// files of floating point hold what they like.
	wild = 1 << 10
)

// Full measures all samples of src, of which so many a channel were announced:
// the waveforms have columns for those, and everything else is of what was
// heard. It takes a few megabytes of memory however long the track is.
//
// When next to nothing of an mp3 could be decoded, or src is empty, the error is
// ErrUndecodable; holes of others are silence, and counted. Errors of
// src and ctx are wrapped. progress, which may be nil, is told the share done at
// most 20 times a second, from the goroutine that called, and 1 at the end.
func Full(ctx context.Context, src audio.Reader, samples int64, progress func(share float64)) (*Result, error) {
	return full(ctx, src, samples, throttle(progress))
}

func full(ctx context.Context, src audio.Reader, samples int64, tell *teller) (*Result, error) {
	rate, channels := src.SampleRate(), src.Channels()
	if rate <= 0 || channels <= 0 {
		return nil, fmt.Errorf("%w: %d channels of %d Hz", ErrUndecodable, channels, rate)
	}
	d := newDrawing(rate, samples, true)
	loud, beat, ends := loudness.New(rate, channels), tempo.NewSamples(rate, channels), loudness.NewEnds(rate, channels)
	buf := make([]float32, chunk/channels*channels)
	var heard int64 // of one channel
	for {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("measure: %w", err)
		}
		n, err := src.Read(buf)
		if errors.Is(err, io.EOF) && n == 0 {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("measure: read the sound: %w", err)
		}
		got := buf[:n]
		tame(got)
		d.add(got, channels)
		loud.Add(got)
		beat.Add(got)
		ends.Add(got)
		heard += int64(n / channels)
		tell.share(float64(heard) / float64(d.samples))
	}
	r := &Result{}
	r.Exact = true
	if h, ok := src.(interface{ Holes() int }); ok {
		r.Holes = h.Holes()
	}
	if heard == 0 {
		return nil, ErrUndecodable
	}
	if _, ok := src.(*layer3.Reader); ok && nothing(framesOf(heard, rate), r.Holes) {
		return nil, ErrUndecodable
	}
	r.Loudness, r.Range, r.TruePeak = loud.Result()
	r.Tempo, r.Confidence = beat.Result()
	r.Lead, r.Tail = ends.Result()
	var err error
	if r.Peaks, r.Fine, err = d.result(); err != nil {
		return nil, fmt.Errorf("draw the waveform: %w", err)
	}
	tell.end()
	return r, nil
}

// tame silences what is no sound: not a number, or beyond all reason.
func tame(samples []float32) {
	for i, v := range samples {
		if !(v > -wild && v < wild) {
			samples[i] = 0
		}
	}
}
