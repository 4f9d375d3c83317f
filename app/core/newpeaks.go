package core

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"time"

	"earshot/app/fault"
	"earshot/db"
	"earshot/media"
	"earshot/media/peaks"
)

// NewPeaks is the waveform of a track as its owner's browser has decoded it.
// See wire.NewPeaks.
type NewPeaks struct {
	SampleRate int
	Samples    int64
	Levels     []byte // two a column
	Min, Max   []byte
	Fine       []byte // two a tenth of a second; nil for none
	Loudness   *float64
}

// peaksOff is how much the length of what a browser has decoded may differ
// from the file's: decoders leave out more or less of an encoder's delay.
const peaksOff = time.Second

// SetPeaks keeps the waveform of the asker's track that the server can't make
// itself.
func (c *Core) SetPeaks(ctx context.Context, me, id db.ID, n NewPeaks) (TrackView, error) {
	var none TrackView
	err := c.view(ctx, func(tx *db.Tx) error {
		_, _, err := c.peakless(tx, me, id)
		return err
	})
	if err != nil {
		return none, err
	}
	s, err := c.media.Sound(id.String())
	if errors.Is(err, media.ErrMissing) {
		return none, errMissing.Because(err)
	}
	if err != nil {
		return none, translate(err)
	}
	s.Close()
	whole, fine, err := n.fit(s.SampleRate, s.Samples)
	if err != nil {
		return none, err
	}
	v, err := c.keepPeaks(ctx, me, id, n.Loudness, whole, fine)
	if err != nil {
		return none, err
	}
	c.tell(v.Track)
	return c.draw(v)[0], nil
}

// keepPeaks keeps the waveform of the asker's track, and the loudness that came
// with it.
func (c *Core) keepPeaks(ctx context.Context, me, id db.ID, loudness *float64, whole, fine *peaks.Peaks) (v TrackView, err error) {
	c.keeping.Lock()
	defer c.keeping.Unlock()
	if err := c.media.PutPeaks(id.String(), whole, fine); err != nil {
		if t, e := c.toMeasure(ctx, id); e == nil && t.ID == 0 {
			return v, ErrNotFound.Because(err)
		}
		return v, translate(err)
	}
	err = c.update(ctx, func(tx *db.Tx) error {
		a, t, err := c.peakless(tx, me, id)
		if err != nil {
			return err
		}
		t.Waveform, t.Measured = db.WaveformReady, db.Measured{Level: db.MeasuredByOthers}
		if loudness != nil {
			t.Measured.Loudness = *loudness
		}
		if err := tx.SetTrack(t); err != nil {
			return err
		}
		v, err = c.viewOf(tx, a, id)
		return err
	})
	return v, err
}

// peakless finds the asker's track if its waveform is its owner's business.
func (c *Core) peakless(tx *db.Tx, me, id db.ID) (asker, db.Track, error) {
	a, t, err := c.ownTrack(tx, me, id)
	if err == nil && t.Waveform != db.WaveformWanted && t.Measured.Level != db.MeasuredByOthers {
		err = fault.New(fault.Conflict, "peaks.made", "The server makes the waveform of this track itself.")
	}
	return a, t, err
}

func badPeaks(field string, cause error) error {
	return fault.New(fault.Invalid, "peaks.invalid", "These numbers are no waveform of this track.").In(field).Because(cause)
}

// fit makes the two waveforms for a file of so many samples.
func (n NewPeaks) fit(rate int, samples int64) (whole, fine *peaks.Peaks, err error) {
	told := float64(n.Samples) / float64(n.SampleRate)
	if is := float64(samples) / float64(rate); !(math.Abs(told-is) < peaksOff.Seconds()) {
		return nil, nil, badPeaks("samples", errors.New("of another length"))
	}
	// They have to be right in themselves first.
	if whole, err = peaks.FromLevels(n.SampleRate, n.Samples, n.Levels, n.Min, n.Max); err != nil {
		return nil, nil, badPeaks("levels", err)
	}
	if len(n.Fine) > 0 {
		if fine, err = peaks.FineFromLevels(n.SampleRate, n.Samples, n.Fine); err != nil {
			return nil, nil, badPeaks("fine", err)
		}
	}
	if n.SampleRate == rate && n.Samples == samples {
		return whole, fine, nil
	}
	of := func(p *peaks.Peaks, levels []byte, perPixel, columns int) (*peaks.Peaks, error) {
		l, lo, hi := make([]float32, columns), make([]int8, columns), make([]int8, columns)
		for i := range columns {
			middle := (float64(i) + 0.5) * float64(perPixel) / float64(rate)
			from := int(middle * float64(p.SampleRate) / float64(p.SamplesPerPixel))
			if from >= len(p.RMS) {
				continue // behind its end there is silence
			}
			l[i], lo[i], hi[i] = float32(binary.LittleEndian.Uint16(levels[2*from:]))/math.MaxUint16, p.Min[from], p.Max[from]
		}
		if p.Estimated {
			lo, hi = nil, nil
		}
		return peaks.New(rate, perPixel, samples, l, lo, hi)
	}
	perPixel, columns := peaks.Columns(samples)
	if whole, err = of(whole, n.Levels, perPixel, columns); err != nil {
		return nil, nil, badPeaks("levels", err)
	}
	if fine != nil {
		perPixel, columns = peaks.FineColumns(rate, samples)
		if fine, err = of(fine, n.Fine, perPixel, columns); err != nil {
			return nil, nil, badPeaks("fine", err)
		}
	}
	return whole, fine, nil
}
