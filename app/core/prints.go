package core

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"sync"

	"earshot/db"
)

// The bounds of what is remembered of people's files.
const (
	printsOf    = 8   // people
	printsAtA   = 500 // tracks that are read in one transaction
	printsFirst = 8   // bytes of a SHA-256 that are remembered
)

// prints remembers which files are whose tracks, by the beginning of their
// SHA-256, so that who uploads a folder of hundreds does not have all of their
// tracks read each time. What it says is looked up before it counts: a track
// may have changed, or be gone.
type prints struct {
	mu  sync.Mutex
	of  map[db.ID]*printed
	age uint64
}

type printed struct {
	mu     sync.Mutex
	last   db.ID // the newest track that was read
	tracks map[uint64]db.ID
	used   uint64 // under prints.mu
}

func (p *prints) get(user db.ID) *printed {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[db.ID]*printed{}
	}
	one := p.of[user]
	if one == nil {
		if len(p.of) >= printsOf {
			var oldest db.ID
			for id, other := range p.of {
				if oldest == 0 || other.used < p.of[oldest].used {
					oldest = id
				}
			}
			delete(p.of, oldest)
		}
		one = &printed{tracks: map[uint64]db.ID{}}
		p.of[user] = one
	}
	p.age++
	one.used = p.age
	return one
}

// Known gives those of the asker's own tracks whose original is one of some
// files, by the SHA-256 of their bytes, in the order of the asking.
func (c *Core) Known(ctx context.Context, me db.ID, sums [][]byte) ([]TrackView, error) {
	if _, err := c.Account(ctx, me); err != nil {
		return nil, err
	}
	mine := c.prints.get(me)
	mine.mu.Lock()
	defer mine.mu.Unlock()
	if err := c.readPrints(ctx, me, mine); err != nil {
		return nil, err
	}
	var found []TrackView
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		for _, sum := range sums {
			id, ok := mine.tracks[print(sum)]
			if !ok {
				continue
			}
			v, err := c.viewOf(tx, a, id)
			switch {
			case errors.Is(err, db.ErrNotFound), errors.Is(err, ErrNotFound), c.unreadable(err, "track", id):
				continue
			case err != nil:
				return err
			}
			if v.Owner.ID == me && bytes.Equal(v.Track.Audio.SHA256, sum) {
				found = append(found, v)
			}
		}
		return nil
	})
	return c.draw(found...), err
}

func print(sum []byte) uint64 {
	if len(sum) < printsFirst {
		return 0
	}
	return binary.BigEndian.Uint64(sum)
}

// readPrints reads the tracks that somebody has got since the last time.
func (c *Core) readPrints(ctx context.Context, user db.ID, into *printed) error {
	newest, before := into.last, db.ID(0)
	for more := true; more; {
		more = false
		n := 0
		err := c.view(ctx, func(tx *db.Tx) error {
			for t, err := range tx.TracksOf(user, before) {
				if c.unreadable(err, "track", 0) {
					continue
				}
				if err != nil {
					return err
				}
				if t.ID <= into.last {
					return nil
				}
				newest, before = max(newest, t.ID), t.ID
				into.tracks[print(t.Audio.SHA256)] = t.ID
				if n++; n >= printsAtA {
					more = true
					return nil
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	into.last = newest
	return nil
}
