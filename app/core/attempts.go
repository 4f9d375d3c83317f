package core

import (
	"context"
	"errors"
	"sync"
	"time"

	"earshot/app/auth"
	"earshot/db"
)

// How the counts of attempts are kept: what changed is gathered and written at
// most about once a second, and only when something did.
const (
	attemptsEvery  = time.Second
	attemptsAtOnce = 1000   // tallies in one transaction
	attemptsKept   = 50_000 // of each kind, the most that a table holds
)

// attempts are the limits on what may be tried so often only, and how far they
// are written down.
type attempts struct {
	book    *auth.Book
	writing sync.Mutex
	told    time.Time // when it was last said that they can't be written

	mu      sync.Mutex
	wrote   bool
	written time.Duration // by pace

	limited flood
}

// LoadAttempts takes back what was counted before the last end. What can't be
// read counts as nothing. It is called before the Core is used.
func (c *Core) LoadAttempts(ctx context.Context) error {
	now := c.now()
	var drop []db.Tally
	n := map[uint8]int{}
	err := c.db.View(ctx, func(tx *db.Tx) error {
		for t, err := range tx.Tallies() {
			if err != nil && !c.unreadable(err, "tally of kind", db.ID(t.Kind)) {
				return err
			}
			n[t.Kind]++
			if err != nil || n[t.Kind] > attemptsKept || !c.attempts.book.Restore(auth.Tally{
				Kind: auth.Counted(t.Kind), Key: t.Key, N: int32(min(t.N, 1<<30)), Age: t.Age, Wait: t.Wait,
			}, now.Sub(t.Saved)) {
				drop = append(drop, t)
			}
		}
		return nil
	})
	if err != nil || len(drop) == 0 {
		return err
	}
	return c.db.UpdateFreeing(ctx, func(tx *db.Tx) error {
		for _, t := range drop {
			if err := tx.DropTally(t.Kind, t.Key); err != nil {
				return err
			}
		}
		return nil
	})
}

// countAttempt writes what was counted just now, unless something was written
// within the last second: then WriteAttempts does. So a lone wrong password is on
// the disk before its answer, and of many within a second those after the first
// can be lost when the power goes.
func (c *Core) countAttempt(ctx context.Context) {
	if c.attempts.due(c.pace()) {
		_ = c.WriteAttempts(context.WithoutCancel(ctx)) // the next second tries again
	}
}

// due says whether it is time to write, and if so, that it is being done.
func (a *attempts) due(now time.Duration) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if ago := now - a.written; a.wrote && ago >= 0 && ago < attemptsEvery {
		return false
	}
	a.wrote, a.written = true, now
	return true
}

// WriteAttempts writes which attempts were counted since it was last called. It
// is called once a second. That it can't, as on a full disk, is said once a
// minute; the counts stay in memory meanwhile.
func (c *Core) WriteAttempts(ctx context.Context) error {
	a := &c.attempts
	a.writing.Lock()
	defer a.writing.Unlock()
	list := a.book.Take(attemptsAtOnce)
	if len(list) == 0 {
		return nil
	}
	a.due(c.pace())
	now := c.now()
	err := c.db.Update(ctx, func(tx *db.Tx) error { // guessing takes no reserve
		for _, t := range list {
			var err error
			if t.N > 0 {
				err = tx.SetTally(db.Tally{Kind: uint8(t.Kind), Key: t.Key, N: uint32(t.N), Age: t.Age, Wait: t.Wait, Saved: now})
			} else {
				err = tx.DropTally(uint8(t.Kind), t.Key)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return nil
	}
	a.book.Return(list)
	if ago := now.Sub(a.told); ago >= 0 && ago < tellAgain {
		return nil
	}
	a.told = now
	return err
}

// FlushAttempts writes all of them, before the house closes.
func (c *Core) FlushAttempts(ctx context.Context) error {
	for range attemptsKept / attemptsAtOnce {
		err := c.WriteAttempts(ctx)
		if errors.Is(err, db.ErrFull) || errors.Is(err, db.ErrReadOnly) {
			return nil // the counts are lost, and nothing else
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sweepAttempts lets go of what counts no more.
func (c *Core) sweepAttempts() { c.attempts.book.Sweep() }
