package core

import (
	"context"
	"errors"
	"fmt"
	"time"

	"earshot/app/fault"
	"earshot/db"
)

const (
	releaseWithin = 366 * 24 * time.Hour // how far ahead a release may be set
	releasesRead  = 10_000               // that are looked at each time, those of the suspended among them
)

// markFor gives the mark that something has when it moves from one visibility
// to another. It orders streams and lists by when a thing was published, not by
// when it was made. What fewer people see from now on keeps its place; for those
// who see it for the first time it is new.
func markFor(tx *db.Tx, was db.Visibility, mark db.ID, is db.Visibility) db.ID {
	switch {
	case !is.Shown():
		return 0
	case was == db.Public && mark != 0:
		return mark
	}
	return tx.NewID()
}

// release checks a release of something that is to have a visibility, and
// brings it to the minute. The zero release is none.
func (c *Core) release(r db.Release, v db.Visibility) (db.Release, error) {
	if !r.Set() {
		return db.Release{}, nil
	}
	r.At = r.At.UTC().Truncate(time.Minute)
	now := c.now()
	switch {
	case v.Shown():
		return r, fault.New(fault.Conflict, "release.published", "It is published already. Make it private first.").In("release")
	case !r.As.Shown():
		return r, fault.New(fault.Invalid, "release.as", "A release is for everybody or for followers.").In("release")
	case !r.At.After(now):
		return r, fault.New(fault.Invalid, "release.past", "This moment has passed. Choose a later one.").In("release")
	case r.At.After(now.Add(releaseWithin)):
		return r, fault.New(fault.Invalid, "release.far", "A release can be at most a year ahead.").In("release")
	}
	return r, nil
}

func sameRelease(a, b db.Release) bool { return a.As == b.As && a.At.Equal(b.At) }

// ReleaseDue publishes what is to be published by now, each thing by itself. It
// is called at the start, for what came due meanwhile, and every few seconds.
// What belongs to a suspended account waits until that is reinstated. The clock
// is believed: one that jumps ahead publishes, one that begins in 1970 waits.
func (c *Core) ReleaseDue(ctx context.Context) error {
	due, err := c.due(ctx)
	if err != nil {
		return err
	}
	var wrong []error
	for _, thing := range due {
		err := c.act(ctx, func(tx *db.Tx, out *outgoing) error { return c.releaseNow(tx, out, thing) })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && !absent(err) {
			wrong = append(wrong, fmt.Errorf("release %s: %w", thing.ID, err))
		}
	}
	if len(due) > len(wrong) {
		c.wake() // some may have been announced
	}
	return errors.Join(wrong...)
}

// due lists what can be published now.
func (c *Core) due(ctx context.Context) (due []db.Thing, err error) {
	now := c.now()
	err = c.view(ctx, func(tx *db.Tx) error {
		due = nil
		owners := people{}
		for thing, err := range atMost(releasesRead, tx.Due(now)) {
			if c.unreadable(err, "release", 0) {
				continue
			}
			if err != nil {
				return err
			}
			owner, err := releaser(tx, thing, owners)
			if absent(err) || c.unreadable(err, "what is to be released", thing.ID) {
				continue
			}
			if err != nil {
				return err
			}
			if !owner.Disabled {
				due = append(due, thing)
			}
		}
		return nil
	})
	return due, err
}

// releaser finds whose a thing is that is to be released.
func releaser(tx *db.Tx, thing db.Thing, owners people) (db.User, error) {
	if thing.Kind == db.KindPlaylist {
		p, err := tx.Playlist(thing.ID)
		if err != nil {
			return db.User{}, err
		}
		return owners.find(tx, p.User)
	}
	t, err := tx.Track(thing.ID)
	if err != nil {
		return db.User{}, err
	}
	return owners.find(tx, t.User)
}

// releaseNow publishes one thing, if that is still to be.
func (c *Core) releaseNow(tx *db.Tx, out *outgoing, thing db.Thing) error {
	now := c.now()
	owner, err := releaser(tx, thing, people{})
	if err != nil || owner.Disabled {
		return err
	}
	is := func(r db.Release) bool { return r.Set() && !r.At.After(now) }
	if thing.Kind == db.KindPlaylist {
		p, err := tx.Playlist(thing.ID)
		if err != nil || !is(p.Release) {
			return err
		}
		publishPlaylist(tx, &p, p.Release.As)
		p.Updated = now
		return tx.SetPlaylist(p)
	}
	t, err := tx.Track(thing.ID)
	if err != nil || !is(t.Release) {
		return err
	}
	if err := c.publish(tx, &t, t.Release.As); err != nil {
		return err
	}
	t.Updated = now
	if err := tx.SetTrack(t); err != nil {
		return err
	}
	out.to(t.User, Event{Type: EventTrack, Track: t.ID, Waveform: t.Waveform})
	return nil
}
