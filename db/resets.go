package db

import (
	"errors"
	"fmt"
)

// Reset gives what lets a user choose a new password. ErrNotFound when there
// is none.
func (tx *Tx) Reset(user ID) (Reset, error) {
	r, err := load[Reset](tx, inResets, user)
	if err != nil {
		return Reset{}, fmt.Errorf("reset of %s: %w", user, err)
	}
	return r, nil
}

// ResetBySecret gives the reset whose link carries what has this SHA-256.
// ErrNotFound when there is none.
func (tx *Tx) ResetBySecret(sum []byte) (Reset, error) {
	user, err := tx.loadID(inResetSecrets, sum)
	var r Reset
	if err == nil {
		r, err = load[Reset](tx, inResets, user)
		if errors.Is(err, ErrNotFound) || err == nil && string(r.Secret) != string(sum) {
			err = corrupt(inResetSecrets, sum, errOtherRecord)
		}
	}
	if err != nil {
		return Reset{}, fmt.Errorf("reset by secret: %w", err)
	}
	return r, nil
}

// SetReset stores a reset of a user who is there, else ErrNotFound, in place
// of the one that the user may have. ErrTaken when the secret is another's.
func (tx *Tx) SetReset(r Reset) error {
	return tx.change("set reset", r.User, func() error {
		if err := tx.want(inUsers, "user", r.User); err != nil {
			return err
		}
		if err := tx.freeSecret(inResetSecrets, r.Secret); err != nil {
			return err
		}
		if err := tx.dropReset(r.User); err != nil {
			return err
		}
		if err := store(tx, inResets, r.User, &r); err != nil {
			return err
		}
		return tx.put(inResetSecrets, r.Secret, key1(r.User))
	})
}

// DropReset removes the reset of a user, if there is one.
func (tx *Tx) DropReset(user ID) error {
	return tx.change("drop reset", user, func() error { return tx.dropReset(user) })
}

func (tx *Tx) dropReset(user ID) error {
	old, err := load[Reset](tx, inResets, user)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case errors.Is(err, ErrCorrupt):
		// It can't be used any more; what leads to it goes by whom it leads to.
		mine := func(_, value []byte) bool { return string(value) == string(key1(user)) }
		if err := tx.purge(inResetSecrets, nil, mine, nil); err != nil {
			return err
		}
		return tx.del(inResets, key1(user))
	case err != nil:
		return err
	}
	if err := tx.del(inResetSecrets, old.Secret); err != nil {
		return err
	}
	return tx.del(inResets, key1(user))
}

// resets checks the resets and whose they are.
func (c *checker) resets() {
	all(c, records[Reset](c.tx, inResets, 0), func(r *Reset) {
		c.entry(inResetSecrets, r.Secret, key1(r.User), r.User)
		c.there(inUsers, r.User, inResets)
	})
}
