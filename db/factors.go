package db

import (
	"errors"
	"fmt"
)

// Factor gives a user's second factor, confirmed or not. ErrNotFound when the
// user has none.
func (tx *Tx) Factor(user ID) (Factor, error) {
	f, err := load[Factor](tx, inFactors, user)
	if err == nil && f.User != user {
		err = corrupt(inFactors, key1(user), errOtherRecord)
	}
	if err != nil {
		return Factor{}, fmt.Errorf("second factor of %s: %w", user, err)
	}
	return f, nil
}

// SetFactor stores the second factor of a user who is there, else ErrNotFound,
// in place of the one the user had.
func (tx *Tx) SetFactor(f Factor) error {
	return tx.change("set second factor of", f.User, func() error {
		if err := tx.want(inUsers, "user", f.User); err != nil {
			return err
		}
		return store(tx, inFactors, f.User, &f)
	})
}

// DropFactor removes a user's second factor, one that can't be read too. had
// says whether there was one.
func (tx *Tx) DropFactor(user ID) (had bool, err error) {
	err = tx.change("drop second factor of", user, func() error {
		if had, err = tx.has(inFactors, key1(user)); errors.Is(err, ErrCorrupt) {
			had, err = true, nil
		}
		if err != nil || !had {
			return err
		}
		return tx.del(inFactors, key1(user))
	})
	return had, err
}
