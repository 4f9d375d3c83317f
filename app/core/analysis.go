package core

import (
	"context"
	"errors"
	"fmt"
	"time"

	"earshot/db"
	"earshot/media"
	"earshot/media/peaks"
)

// JobAnalyse is the kind of job that makes a track's waveform.
const JobAnalyse = "analyse"

// ErrNoWaveform says that trying again will not make a waveform either.
var ErrNoWaveform = errors.New("no waveform can be made of this track")

// Analyse makes the waveform of the track that a job is about. A track of
// which none can be made is ErrNoWaveform.
func (c *Core) Analyse(ctx context.Context, job db.Job, progress func(float64)) error {
	var t db.Track
	err := c.db.View(ctx, func(tx *db.Tx) (err error) {
		t, err = tx.Track(job.Subject)
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	p, err := c.analyse(ctx, t.ID.String(), progress)
	if errors.Is(err, peaks.ErrUnsupported) || errors.Is(err, peaks.ErrUndecodable) {
		return fmt.Errorf("%w: %w", ErrNoWaveform, err)
	}
	if err != nil {
		return err
	}
	if err := c.media.PutPeaks(t.ID.String(), p); err != nil {
		return fmt.Errorf("keep the waveform of %s: %w", t.ID, err)
	}
	return c.setWaveform(ctx, t.ID, db.WaveformReady)
}

// analyse reads the audio and makes its peaks.
func (c *Core) analyse(ctx context.Context, id string, progress func(float64)) (*peaks.Peaks, error) {
	x, err := c.media.Index(id)
	if err != nil {
		return nil, err
	}
	f, err := c.media.Open(id)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return peaks.Analyse(ctx, f, x, progress)
}

// analyseAgain is how long an analysis rests that failed for a reason which may
// pass: a full disk, or one that is not mounted. No job may wait for longer.
const analyseAgain = time.Hour

// AnalyseFailed notes that a track has no waveform; it plays all the same.
func (c *Core) AnalyseFailed(ctx context.Context, job db.Job, cause error) error {
	if errors.Is(cause, media.ErrFull) || errors.Is(cause, media.ErrMissing) || errors.Is(cause, db.ErrFull) {
		c.log.Warn("the waveform has to wait", "track", job.Subject, "error", cause)
		return c.queueAnalysis(ctx, job.Subject, c.now().Add(analyseAgain))
	}
	c.log.Warn("no waveform could be made", "track", job.Subject, "error", cause)
	return c.setWaveform(ctx, job.Subject, db.WaveformFailed)
}

// redraw queues the analysis of a track whose waveform was lost, if its sound
// is there, and says whether it did.
func (c *Core) redraw(id db.ID) bool {
	f, err := c.media.Open(id.String())
	if err != nil {
		return false
	}
	f.Close()
	ctx := context.Background()
	if err := c.queueAnalysis(ctx, id, time.Time{}); err != nil {
		c.log.Warn("a lost waveform can't be made again", "track", id, "error", err)
		return false
	}
	c.wake()
	return true
}

// queueAnalysis makes a track wait for its analysis, which begins no earlier
// than a moment.
func (c *Core) queueAnalysis(ctx context.Context, id db.ID, after time.Time) error {
	err := c.db.Update(ctx, func(tx *db.Tx) error {
		t, err := tx.Track(id)
		if err != nil {
			return err
		}
		if t.Waveform == db.WaveformPending && after.IsZero() {
			return nil // somebody else was first
		}
		t.Waveform = db.WaveformPending
		if err := tx.SetTrack(t); err != nil {
			return err
		}
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobAnalyse, Subject: id, After: after, Created: c.now()})
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil // deleted meanwhile
	}
	return err
}

// AnalyseProgress tells the owner's open pages how far an analysis is.
func (c *Core) AnalyseProgress(job db.Job, share float64) {
	var owner db.ID
	err := c.db.View(context.Background(), func(tx *db.Tx) error {
		t, err := tx.Track(job.Subject)
		owner = t.User
		return err
	})
	if err == nil {
		c.events.send(owner, Event{Type: EventProgress, Track: job.Subject, Progress: share})
	}
}

func (c *Core) setWaveform(ctx context.Context, id db.ID, w db.Waveform) error {
	var t db.Track
	err := c.db.Update(ctx, func(tx *db.Tx) (err error) {
		if t, err = tx.Track(id); err != nil {
			return err
		}
		t.Waveform = w
		return tx.SetTrack(t)
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil // deleted meanwhile
	}
	if err == nil {
		c.tell(t)
	}
	return err
}
