package core

import (
	"context"
	"errors"
	"fmt"
	"time"

	"earshot/db"
	"earshot/media"
)

// JobLate is the kind of the job that makes the waveforms of what was imported,
// one track after the other, when nobody waits for another waveform. There is
// one at most. Its Done is behind which id it looks.
const JobLate = "analyse-late"

// queueLate has the tracks behind an id looked at that wait for a waveform.
func (c *Core) queueLate(tx *db.Tx, behind db.ID) error {
	for j, err := range tx.JobsAbout(0) {
		if err != nil {
			return err
		}
		if j.Kind == JobLate {
			if j.Done <= behind && j.After.IsZero() {
				return nil
			}
			j.Done, j.After = min(j.Done, behind), time.Time{}
			return tx.SetJob(j)
		}
	}
	return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobLate, Done: behind, Created: c.now()})
}

// Late makes the waveforms of imported tracks. What is wrong with one track
// alone is no error: the others have their turn.
func (c *Core) Late(ctx context.Context, job db.Job, progress func(float64)) error {
	away := db.ID(0) // the first whose file is not there now
	for first := true; ; first = false {
		now, t, last, err := c.nextLate(ctx, job.ID)
		if err != nil {
			return err
		}
		switch {
		case t.ID == 0:
		case first && job.Attempts > remeasureStarts && job.Done == now.Done:
			c.log.Error("the server ended several times while a waveform was made; the track goes without", "track", t.ID)
			if err := c.fade(ctx, t.ID); err != nil {
				return err
			}
		default:
			there, err := c.lateOne(ctx, t)
			if err != nil {
				return err
			}
			if !there && away == 0 {
				away = t.ID
			}
		}
		over := false
		err = c.db.Update(ctx, func(tx *db.Tx) error {
			is, err := tx.Job(job.ID)
			if err != nil || is.Done != now.Done { // more came meanwhile
				return err
			}
			if over = last == now.Done; !over {
				is.Done = last
				return tx.SetJob(is)
			}
			if err := tx.DropJob(is.ID); err != nil {
				return err
			}
			if away != 0 {
				if err := tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobLate, Done: away - 1, After: c.now().Add(again), Created: c.now()}); err != nil {
					return err
				}
			}
			return c.queueRemeasure(tx)
		})
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if over {
			c.wake()
			return nil
		}
		if progress != nil {
			progress(0)
		}
	}
}

// queueRemeasure has decoded what was measured quickly, unless that goes on
// already.
func (c *Core) queueRemeasure(tx *db.Tx) error {
	for j, err := range tx.JobsAbout(0) {
		if err != nil {
			return err
		}
		if j.Kind == JobRemeasure && j.Done == 0 {
			return nil
		}
	}
	return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobRemeasure, Created: c.now()})
}

// nextLate finds the next track that waits for a waveform which no job of its
// own will make, and how far it looked.
func (c *Core) nextLate(ctx context.Context, id db.ID) (job db.Job, found db.Track, last db.ID, err error) {
	err = c.db.View(ctx, func(tx *db.Tx) error {
		var err error
		if job, err = tx.Job(id); err != nil {
			return err
		}
		last = job.Done
		n := 0
		for t, err := range tx.Tracks(job.Done) {
			if c.unreadable(err, "track", 0) {
				continue
			}
			if err != nil {
				return err
			}
			if last = t.ID; t.Waveform == db.WaveformPending {
				own, err := hasOwnJob(tx, t.ID)
				if err != nil {
					return err
				}
				if !own {
					found = t
					return nil
				}
			}
			if n++; n == remeasureLook {
				return nil
			}
		}
		return nil
	})
	return job, found, last, err
}

func hasOwnJob(tx *db.Tx, track db.ID) (bool, error) {
	for j, err := range tx.JobsAbout(track) {
		if err != nil || j.Kind == JobAnalyse || j.Kind == JobAnalyseLong {
			return err == nil, err
		}
	}
	return false, nil
}

// lateOne makes one waveform; there is false when the file is not there now.
func (c *Core) lateOne(ctx context.Context, t db.Track) (there bool, err error) {
	err = errHollow
	if !isHollow(t.Audio) {
		r, e := c.measureSafely(ctx, t.ID, measurePatiently)
		if err = e; err == nil {
			err = c.keepMeasured(ctx, t.ID, r, nil)
		}
	}
	switch {
	case err == nil, errors.Is(err, errDeleted):
		return true, nil
	case ctx.Err() != nil, errors.Is(err, media.ErrFull), errors.Is(err, db.ErrFull), errors.Is(err, media.ErrBusy):
		return true, fmt.Errorf("make the waveform of %s: %w", t.ID, err)
	case errors.Is(err, media.ErrMissing):
		return false, nil
	}
	c.log.Warn("no waveform could be made", "track", t.ID, "error", err)
	return true, c.fade(ctx, t.ID)
}

// fade leaves a track without a waveform.
func (c *Core) fade(ctx context.Context, id db.ID) error {
	return c.setTrack(ctx, id, func(_ *db.Tx, t *db.Track) error {
		t.Waveform = db.WaveformFailed
		return nil
	})
}

// LateFailed lets the rest wait.
func (c *Core) LateFailed(ctx context.Context, job db.Job, cause error) error {
	c.log.Warn("the waveforms of what was imported have to wait", "error", cause)
	err := c.db.Update(ctx, func(tx *db.Tx) error {
		now, err := tx.Job(job.ID)
		if err != nil {
			return err
		}
		if err := tx.DropJob(now.ID); err != nil {
			return err
		}
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: JobLate, Done: now.Done, After: c.now().Add(again), Created: c.now()})
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}
