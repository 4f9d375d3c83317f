package core

import (
	"bytes"
	"context"
	"errors"
	"math"
	"time"

	"earshot/db"
	"earshot/media"
)

// How many tracks' sounds one transaction notes, and how long it waits for as
// many.
const (
	sumsAtOnce = 50
	sumsWithin = 10 * time.Second
)

// summed is what a track sounds like, and what it was read of.
type summed struct {
	id     db.ID
	sha256 []byte
	sound  []byte
}

// SumSounds finds out what the tracks from before sound like, so that a file
// that comes again is known. The job notes how far it came; after a while it
// ends, with a new one behind what else was queued meanwhile.
func (c *Core) SumSounds(ctx context.Context, job db.Job) error {
	began, kept := time.Now(), time.Now()
	var found []summed
	for last := job.Done; ; {
		t, upTo, err := c.nextTrack(ctx, last, unsummed)
		if err != nil {
			return err
		}
		end := upTo == last
		last = upTo
		if t.ID != 0 {
			sound, err := c.sumOf(t)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case errors.Is(err, media.ErrBusy), errors.Is(err, media.ErrMissing) && c.media.Bare(): // its disk is not mounted yet
				return err
			case err != nil:
				c.log.Info("what a track sounds like can't be summed up", "track", t.ID, "error", err)
			default:
				found = append(found, summed{t.ID, t.Audio.SHA256, sound})
			}
		}
		over := time.Since(began) >= remeasureFor
		if !end && !over && len(found) < sumsAtOnce && time.Since(kept) < sumsWithin {
			continue
		}
		if err := c.keepSums(ctx, job.ID, found, last, over && !end); err != nil {
			return err
		}
		if end {
			c.log.Info("of all tracks it is known what they sound like")
			return nil
		}
		if over {
			c.wake()
			return nil
		}
		found, kept = found[:0], time.Now()
	}
}

// unsummed tells whether it is not known what a track sounds like.
func unsummed(t db.Track) bool { return len(t.Audio.Sound) == 0 }

func (c *Core) sumOf(t db.Track) ([]byte, error) {
	s, err := c.media.Sound(t.ID.String())
	if err != nil {
		return nil, err
	}
	defer s.Close()
	sum, err := media.SoundSum(s, s.Size, s.Content)
	return sum[:], err
}

// keepSums notes what tracks sound like, and how far the job is. With on, a new
// job goes on from there.
func (c *Core) keepSums(ctx context.Context, job db.ID, list []summed, last db.ID, on bool) error {
	return c.db.Update(ctx, func(tx *db.Tx) error {
		for _, s := range list {
			t, err := tx.Track(s.id)
			if isNotFound(err) || err == nil && (len(t.Audio.Sound) > 0 || !bytes.Equal(t.Audio.SHA256, s.sha256)) {
				continue // deleted meanwhile, or another file
			}
			if err == nil {
				t.Audio.Sound = s.sound
				err = tx.SetTrack(t)
			}
			if err != nil {
				return err
			}
		}
		now, err := tx.Job(job)
		if err != nil {
			return err
		}
		now.Done = last
		if on {
			now.Done = math.MaxUint64
			if err := tx.AddJob(db.Job{ID: tx.NewID(), Kind: db.JobSum, Done: last, Created: c.now()}); err != nil {
				return err
			}
		}
		return tx.SetJob(now)
	})
}

// SumSoundsFailed lets the rest of the tracks wait.
func (c *Core) SumSoundsFailed(ctx context.Context, job db.Job, cause error) error {
	c.log.Warn("the tracks from before have to wait to be summed up", "error", cause)
	return c.db.Update(ctx, func(tx *db.Tx) error {
		now, err := tx.Job(job.ID)
		if err != nil {
			return err
		}
		from := now.Done
		now.Done = math.MaxUint64
		if err := tx.SetJob(now); err != nil {
			return err
		}
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: db.JobSum, Done: from, After: c.now().Add(again), Created: c.now()})
	})
}
