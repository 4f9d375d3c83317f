package core

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"earshot/app/auth"
	"earshot/app/fault"
	"earshot/db"
)

// queueMost is how many tracks a stored queue has at most.
const queueMost = 1000

// PlayQueueView is what somebody was listening to last, as far as they see its
// tracks now.
type PlayQueueView struct {
	Tracks   []TrackView   // those asked for, of Total
	From     int           // place of the first of them among all
	Current  int           // place of the current one among all
	Total    int           // 0: nothing is stored
	Position time.Duration // in the current one
	Device   string        // by what it was stored, such as "Firefox on Linux"
	Changed  time.Time     // in microseconds; it tells stored queues apart
}

// NewPlayQueue is a queue to be stored.
type NewPlayQueue struct {
	Tracks   []db.ID // as they are played
	Current  int     // which of them
	Position time.Duration

	By string // what stores it, where that is told by more than its requests

	// Over, unless it is zero, is when that queue was stored which this one is
	// to replace: if another was stored since, it stays.
	Over time.Time
}

// PlayQueue gives what the asker was listening to last. Most is how many tracks
// around the current one are wanted at most; 0 is all. Tracks that are gone or
// not for the asker are left out. Where the current one is, the next that is
// there takes its place, from its beginning, and behind the last one the first.
func (c *Core) PlayQueue(ctx context.Context, me db.ID, most int) (PlayQueueView, error) {
	waiting, ok := c.plays.queue(me)
	var v PlayQueueView
	err := c.viewHeld(ctx, me, func(tx *db.Tx, a asker) error {
		if a.visitor() {
			return ErrSignIn
		}
		q := waiting
		if !ok {
			var err error
			if q, err = tx.Queue(me); errors.Is(err, db.ErrNotFound) {
				return nil
			} else if err != nil {
				return err
			}
		}
		seen, current, position, err := c.seenQueue(tx, a, q)
		if err != nil || len(seen) == 0 {
			return err
		}
		v = PlayQueueView{Current: current, Total: len(seen), Position: position, Device: q.Device, Changed: q.Changed}
		if 0 < most && most < len(seen) {
			v.From = min(max(0, current-most/4), len(seen)-most)
			seen = seen[v.From : v.From+most]
		}
		for _, s := range seen {
			t, err := c.viewTrack(tx, a, s.track, s.owner)
			if err != nil {
				return err
			}
			v.Tracks = append(v.Tracks, t)
		}
		return nil
	})
	c.draw(v.Tracks...)
	return v, err
}

type queued struct {
	track db.Track
	owner db.User
}

// seenQueue gives the tracks of a queue that are there for the asker, which of
// them is the current one, and the position in it.
func (c *Core) seenQueue(tx *db.Tx, a asker, q db.Queue) (seen []queued, current int, position time.Duration, err error) {
	owners := people{}
	for i, id := range q.Tracks {
		if i == q.Current {
			current, position = len(seen), time.Duration(q.Position)*time.Microsecond
		}
		t, err := tx.Track(id)
		var owner db.User
		if err == nil {
			owner, err = owners.find(tx, t.User)
		}
		if c.unreadable(err, "track of a queue", id) {
			err = db.ErrNotFound
		}
		switch {
		case errors.Is(err, db.ErrNotFound) || err == nil && a.sees(t, owner) < whole:
			if i == q.Current {
				position = 0
			}
		case err != nil:
			return nil, 0, 0, err
		default:
			seen = append(seen, queued{t, owner})
		}
	}
	if current >= len(seen) {
		current, position = 0, 0
	}
	return seen, current, position, nil
}

// SetPlayQueue stores what the asker is listening to, and gives when it did. It is
// written within about a second, as plays are. Stored is false when another was
// stored meanwhile, which stays; changed is that one's then.
func (c *Core) SetPlayQueue(ctx context.Context, me db.ID, n NewPlayQueue, from Client) (changed time.Time, stored bool, err error) {
	switch {
	case len(n.Tracks) == 0 || len(n.Tracks) > queueMost:
		return changed, false, fault.New(fault.Invalid, "queue.size", "A queue has 1 to 1,000 tracks.").In("tracks")
	case n.Current < 0 || n.Current >= len(n.Tracks):
		return changed, false, fault.New(fault.Invalid, "queue.current", "The current track is not one of the queue.").In("current")
	}
	q := db.Queue{User: me, Tracks: slices.Clone(n.Tracks), Current: n.Current, Device: cmp.Or(cut(line(n.By), maxClient), auth.Device(from.Device)), Changed: c.now().UTC().Truncate(time.Microsecond)}
	for {
		flights := c.plays.flown()
		before, err := c.queueBefore(ctx, &q, n)
		if err != nil {
			return changed, false, err
		}
		if changed, stored, err = c.plays.setQueue(q, before, n.Over, flights); !errors.Is(err, errFlown) {
			if stored {
				c.playsOn(ctx, me, n.Tracks[n.Current])
			}
			return changed, stored, err
		}
	}
}

// queueBefore checks a queue that is to be stored, and gives when the one that
// is written was; zero when there is none.
func (c *Core) queueBefore(ctx context.Context, q *db.Queue, n NewPlayQueue) (before time.Time, err error) {
	err = c.viewHeld(ctx, q.User, func(tx *db.Tx, a asker) error {
		if a.visitor() {
			return ErrSignIn
		}
		t, _, err := c.track(tx, a, n.Tracks[n.Current], whole)
		if err != nil {
			return err
		}
		if q.Position, err = position(t, n.Position); err != nil {
			return err
		}
		old, err := tx.Queue(q.User)
		if errors.Is(err, db.ErrNotFound) || c.unreadable(err, "queue", q.User) {
			return nil // it is replaced
		}
		before = old.Changed
		return err
	})
	return before, err
}

// DropPlayQueue forgets what the asker was listening to; nothing need be stored.
func (c *Core) DropPlayQueue(ctx context.Context, me db.ID) error {
	c.plays.writing.Lock()
	defer c.plays.writing.Unlock()
	c.plays.forgetQueue(me)
	return c.free(ctx, func(tx *db.Tx) error {
		if _, err := c.member(tx, me); err != nil {
			return err
		}
		return tx.DropQueue(me)
	})
}

// queue gives the queue of somebody that is not written yet, if there is one.
func (p *plays) queue(me db.ID) (q db.Queue, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if q, ok = p.waiting.queues[me]; !ok {
		q, ok = p.flyingQueues[me]
	}
	return q, ok
}

// flown tells how often something was written.
func (p *plays) flown() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.flights
}

// errFlown says that what was read of the database may be older than what is in
// it by now.
var errFlown = errors.New("queues were written meanwhile")

// setQueue has a queue written, unless it is to go over another than the one
// that is stored. Before is when the one that is written was, as it was read
// after so many flights.
func (p *plays) setQueue(q db.Queue, before, over time.Time, flights uint64) (changed time.Time, stored bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if flights != p.flights {
		return before, false, errFlown
	}
	if f, ok := p.flyingQueues[q.User]; ok {
		before = f.Changed
	}
	w, waits := p.waiting.queues[q.User]
	if waits {
		before = w.Changed
	}
	if !over.IsZero() && before.After(over) {
		return before, false, nil
	}
	if !q.Changed.After(before) { // the clock was set back, or two came at once
		q.Changed = before.Add(time.Microsecond)
	}
	if !waits && len(p.waiting.queues) >= lateQueues {
		return before, false, fault.New(fault.Unavailable, "busy", "Too much is going on at this moment. Try again in a few seconds.").After(5 * time.Second)
	}
	p.waiting.queues[q.User] = q
	return q.Changed, true, nil
}

// forgetQueue takes somebody's queue out of what is still to be written.
func (p *plays) forgetQueue(me db.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiting.queues, me)
}
