package core

import (
	"errors"

	"earshot/db"
)

// noticesKept is how many notifications each user keeps.
const noticesKept = 1000

// notify tells a user what another has done, unless the kind is not wanted, a
// block stands between the two, it is the user's own doing, or the user is
// gone. The id and the time are filled in.
func (c *Core) notify(tx *db.Tx, out *outgoing, n db.Notification) error {
	if n.User == n.Actor || n.User == 0 {
		return nil
	}
	u, err := tx.User(n.User)
	if errors.Is(err, db.ErrNotFound) || err == nil && (u.Disabled || u.Muted.Has(n.Kind)) {
		return nil
	}
	if err != nil {
		return err
	}
	if blocked, err := barred(tx, n.User, n.Actor); err != nil || blocked {
		return err
	}
	n.ID, n.Created = tx.NewID(), c.now()
	if err := tx.AddNotification(n, noticesKept); err != nil {
		return err
	}
	out.to(n.User, Event{Type: EventNotice})
	return nil
}

// barred tells whether a block, in either direction, stands between two users.
func barred(tx *db.Tx, a, b db.ID) (bool, error) {
	mark, err := tx.BlockMark(a, b)
	if err != nil || mark != 0 {
		return mark != 0, err
	}
	mark, err = tx.BlockMark(b, a)
	return mark != 0, err
}
