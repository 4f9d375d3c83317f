package core

import (
	"context"
	"errors"

	"earshot/app/fault"
	"earshot/db"
)

// asker is who asks, as the rules see them.
type asker struct {
	user db.User // zero for a visitor
}

func (a asker) visitor() bool { return a.user.ID == 0 }
func (a asker) keeper() bool  { return a.user.Role == db.Keeper && !a.visitor() }

// asker finds who asks. A visitor is turned away with signin.needed when the
// keeper closed the house to them; so is an account that is gone or disabled.
func (c *Core) asker(tx *db.Tx, me db.ID) (asker, error) {
	if me == 0 {
		house, err := tx.House()
		if err == nil && !house.Visitors {
			err = ErrSignIn
		}
		return asker{}, err
	}
	u, err := tx.User(me)
	if errors.Is(err, db.ErrNotFound) || err == nil && u.Disabled {
		return asker{}, ErrSignIn
	}
	return asker{user: u}, err
}

// member is asker for what visitors can't do.
func (c *Core) member(tx *db.Tx, me db.ID) (asker, error) {
	if me == 0 {
		return asker{}, ErrSignIn
	}
	return c.asker(tx, me)
}

// keeper is asker for what only the keeper does.
func (c *Core) keeper(tx *db.Tx, me db.ID) (asker, error) {
	a, err := c.member(tx, me)
	if err == nil && !a.keeper() {
		return a, errForbid
	}
	return a, err
}

// sight is how much of a track somebody may know.
type sight uint8

const (
	hidden sight = iota // not even that it exists
	label               // title, owner, size: for the keeper's housekeeping, never the sound
	whole               // everything
)

// sees decides how much of a track the asker may know. It is the one place
// that does: audio, waveform, picture, lists and counts all follow it.
func (a asker) sees(t db.Track) sight {
	switch {
	case !a.visitor() && t.User == a.user.ID, t.Visibility == db.Public:
		return whole
	case a.keeper():
		return label
	}
	return hidden
}

func (a asker) edits(t db.Track) bool   { return !a.visitor() && t.User == a.user.ID }
func (a asker) deletes(t db.Track) bool { return a.edits(t) || a.keeper() }
func (a asker) downloads(t db.Track) bool {
	return a.edits(t) || a.sees(t) == whole && t.Downloadable
}

// track finds a track that the asker may see at least so much of; anything
// else answers as if it had never existed.
func (c *Core) track(tx *db.Tx, a asker, id db.ID, least sight) (db.Track, error) {
	t, err := tx.Track(id)
	if err != nil {
		return t, err
	}
	if a.sees(t) < least {
		return db.Track{}, ErrNotFound
	}
	return t, nil
}

// ownTrack finds a track that the asker may change.
func (c *Core) ownTrack(tx *db.Tx, me, id db.ID) (asker, db.Track, error) {
	a, err := c.member(tx, me)
	if err != nil {
		return a, db.Track{}, err
	}
	t, err := c.track(tx, a, id, label)
	if err != nil {
		return a, t, err
	}
	if !a.edits(t) {
		return a, t, fault.New(fault.Forbidden, "forbidden", "Only the owner of a track can change it.")
	}
	return a, t, nil
}

// MayEnter tells whether somebody may look around at all.
func (c *Core) MayEnter(ctx context.Context, me db.ID) error {
	return c.view(ctx, func(tx *db.Tx) error {
		_, err := c.asker(tx, me)
		return err
	})
}

// MayKeep tells whether somebody is the keeper.
func (c *Core) MayKeep(ctx context.Context, me db.ID) error {
	return c.view(ctx, func(tx *db.Tx) error {
		_, err := c.keeper(tx, me)
		return err
	})
}
