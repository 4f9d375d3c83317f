package core

import (
	"context"
	"errors"
	"sync"
	"time"

	"earshot/db"
)

// What a listen by a secret link is: whoever opened the link asks for the sound
// of its thing. It lasts for twice the length of the track, or of the owner's
// tracks of the playlist, ten minutes at least: seeking, pausing and hearing it
// once more is the same listen. A link that is good for so many listens lets a
// running one end, and begins no further one.
const (
	listenLeast = 10 * time.Minute
	listensMost = 10_000 // that are known to run
)

// listens knows which listens by secret links are running. It is of one start
// of the house.
type listens struct {
	counting sync.Mutex // held while one is being counted, so that none is counted twice

	mu    sync.Mutex
	until map[[8]byte]time.Duration // by the number of the opening
}

func newListens() *listens { return &listens{until: map[[8]byte]time.Duration{}} }

// runs tells whether a listen is running.
func (l *listens) runs(number [8]byte, now time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	until, ok := l.until[number]
	return ok && now < until
}

// began notes a listen that lasts until then.
func (l *listens) began(number [8]byte, now, until time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.until) >= listensMost {
		for n, end := range l.until {
			if end <= now {
				delete(l.until, n)
			}
		}
	}
	for n := range l.until {
		if len(l.until) < listensMost {
			break
		}
		delete(l.until, n) // any: it is counted once more
	}
	l.until[number] = until
}

// listening is a listen by a secret link that may have to be counted.
type listening struct {
	link   held
	lasts  time.Duration
	needed bool // nothing but the link lets the asker hear
}

// listens finds by which link the asker hears a track; nil for none. Owners
// listen to their own as they like.
func (a asker) listens(t db.Track, owner db.User) (*listening, error) {
	thing := db.Thing{Kind: db.KindTrack, ID: t.ID}
	list := a.openers(owner.ID, thing)
	if a.is(owner.ID) || len(list) == 0 {
		return nil, nil
	}
	l := &listening{link: list[0], needed: a.byLink(owner, thing, t.Visibility)}
	length := t.Audio.Duration
	if l.link.Thing.Kind == db.KindPlaylist {
		counts, err := a.tx.PlaylistCounts(l.link.Thing.ID)
		if err != nil {
			return nil, err
		}
		length = max(length, int64(counts.OwnTime))
	}
	l.lasts = max(listenLeast, 2*time.Duration(length)*time.Microsecond)
	return l, nil
}

// listen counts a listen by a secret link, unless it is running already.
// ErrNotFound when the link was used up meanwhile.
func (c *Core) listen(ctx context.Context, l *listening) error {
	if h, _ := ctx.Value(holdingKey{}).(Holding); l == nil || h.Looks {
		return nil
	}
	number := l.link.grant.number
	if c.listens.runs(number, c.pace()) {
		return nil
	}
	c.listens.counting.Lock()
	defer c.listens.counting.Unlock()
	if c.listens.runs(number, c.pace()) {
		return nil
	}
	err := c.update(ctx, func(tx *db.Tx) error {
		now, err := tx.Link(l.link.ID)
		if err != nil {
			return err
		}
		if usedUp(now) {
			return ErrNotFound
		}
		now.Plays++
		now.Used = c.now()
		return tx.SetLink(now)
	})
	switch {
	case err == nil:
	case absent(err) && !l.needed:
		return nil // everybody may hear it
	case errors.Is(err, errFull) && l.link.MostPlays == 0:
		c.log.Warn("a listen by a secret link can't be counted", "link", l.link.ID, "error", err)
	default:
		return err
	}
	c.listens.began(number, c.pace(), c.pace()+l.lasts)
	return nil
}
