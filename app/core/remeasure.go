package core

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"time"

	"earshot/db"
	"earshot/media"
	"earshot/media/analysis"
	"earshot/media/audio"
)

// How long Remeasure goes on before it lets others have their turn, how many
// tracks it looks through at once, and how often it begins with a track in which
// the server dies.
const (
	remeasureFor    = 10 * time.Minute
	remeasureLook   = 500
	remeasureStarts = 3
)

// Remeasure measures the mp3s of the house that nobody has measured yet, or
// quickly only. The job notes how far it came; after a while it ends, with a
// new one behind what else was queued meanwhile.
func (c *Core) Remeasure(ctx context.Context, job db.Job) error {
	began := time.Now()
	for first := true; ; first = false {
		t, last, err := c.nextTrack(ctx, job.Done, unmeasured)
		if err != nil {
			return err
		}
		if last == job.Done {
			c.log.Info("all tracks are measured")
			return nil
		}
		switch {
		case t.ID == 0:
		case first && job.Attempts > remeasureStarts:
			c.log.Error("the server ended several times while a track was measured; it is left as it is", "track", t.ID)
		default:
			if err := c.remeasure(ctx, t); err != nil {
				return err
			}
		}
		job.Done = last
		over := time.Since(began) >= remeasureFor
		err = c.db.Update(ctx, func(tx *db.Tx) error {
			now, err := tx.Job(job.ID)
			if err != nil {
				return err
			}
			if over {
				return c.remeasureOn(tx, now, last, time.Time{})
			}
			now.Done = last
			return tx.SetJob(now)
		})
		if err != nil || over {
			c.wake()
			return err
		}
	}
}

// remeasureOn queues a new job that goes on behind an id. The one before has
// nothing left to do, should it be begun again.
func (c *Core) remeasureOn(tx *db.Tx, before db.Job, from db.ID, after time.Time) error {
	before.Done = math.MaxUint64
	if err := tx.SetJob(before); err != nil {
		return err
	}
	return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobRemeasure, Done: from, After: after, Created: c.now()})
}

// unmeasured tells whether Remeasure has to do with a track.
func unmeasured(t db.Track) bool {
	return t.Audio.Codec == string(audio.MP3) && t.Measured.Level <= db.MeasuredQuickly && t.Waveform != db.WaveformPending
}

// nextTrack finds the next track behind an id that is wanted; none there is a
// track without an id. last is how far it looked: no farther than behind when
// there are no more tracks.
func (c *Core) nextTrack(ctx context.Context, behind db.ID, wanted func(db.Track) bool) (found db.Track, last db.ID, err error) {
	last = behind
	err = c.db.View(ctx, func(tx *db.Tx) error {
		n := 0
		for t, err := range tx.Tracks(behind) {
			if c.unreadable(err, "track", 0) {
				continue
			}
			if err != nil {
				return err
			}
			last = t.ID
			if wanted(t) {
				found = t
				return nil
			}
			if n++; n == remeasureLook {
				return nil
			}
		}
		return nil
	})
	return found, last, err
}

// remeasure does what Analyse and Measure do for a track. What is wrong with
// the track alone is no error: the others have their turn.
func (c *Core) remeasure(ctx context.Context, t db.Track) error {
	for _, how := range []measuring{measurePatiently, measureExactly} {
		if how == measurePatiently && t.Measured.Level != db.Unmeasured {
			continue
		}
		r, err := c.measureSafely(ctx, t.ID, how)
		if err == nil {
			err = c.keepMeasured(ctx, t.ID, r, nil)
		}
		switch {
		case err == nil && r.Exact, errors.Is(err, errDeleted):
			return nil
		case err == nil:
		case ctx.Err() != nil, errors.Is(err, media.ErrFull), errors.Is(err, db.ErrFull), errors.Is(err, media.ErrBusy):
			return err
		case errors.Is(err, media.ErrMissing) && c.media.Bare(): // its disk is not mounted yet
			return err
		default:
			c.log.Warn("a track can't be measured", "track", t.ID, "error", err)
			return nil
		}
	}
	return nil
}

// measureSafely is measure, with an error for a panic.
func (c *Core) measureSafely(ctx context.Context, id db.ID, how measuring) (r *analysis.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("measuring a track panicked", "track", id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return c.measure(ctx, id, how, nil)
}

// RemeasureFailed lets the rest of the tracks wait.
func (c *Core) RemeasureFailed(ctx context.Context, job db.Job, cause error) error {
	c.log.Warn("the tracks from before have to wait to be measured", "error", cause)
	return c.db.Update(ctx, func(tx *db.Tx) error {
		now, err := tx.Job(job.ID)
		if err != nil {
			return err
		}
		return c.remeasureOn(tx, now, now.Done, c.now().Add(again))
	})
}
