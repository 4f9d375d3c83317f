package core

import (
	"context"
	"errors"
	"time"

	"earshot/app/fault"
	"earshot/db"
)

// freshFor is how young a session has to be to stand for a password.
const freshFor = 10 * time.Minute

var errAgain = fault.New(fault.Forbidden, "reauth.needed", "Sign out and in again first, so that it is sure that it is you.")

// prove makes sure that it is really the user who asks for what a stolen
// session must not do (ASVS 5.0, 7.5.1): by the password, or, where the account
// has none, by having come in a moment ago. It gives the account as it was then.
func (c *Core) prove(ctx context.Context, who Asker, password string, from Client) (db.User, error) {
	var u db.User
	if who.Key != 0 {
		return u, errKeyShut
	}
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, who.User)
		if err != nil {
			return err
		}
		if u = a.user; len(u.PasswordHash) > 0 {
			return nil
		}
		return c.fresh(tx, who)
	})
	if err != nil || len(u.PasswordHash) == 0 {
		return u, err
	}
	ok, err := c.try(ctx, u.Email, u.PasswordHash, password, from)
	if err == nil && !ok {
		c.note("password.refused", "a password that was asked for again was wrong", "user", u.ID, "from", from.Address)
		err = fault.New(fault.Invalid, "password.wrong", "The password is not right.").In("password")
	}
	return u, err
}

// fresh wants the session that asks to be young enough to stand for a password;
// one that was made in the future is not. Whom the proxy names has none: it
// vouches for each request anew.
func (c *Core) fresh(tx *db.Tx, who Asker) error {
	if who.Key != 0 {
		return errKeyShut
	}
	if who.Session == 0 && c.proxy.On {
		return nil
	}
	s, err := tx.Session(who.Session)
	if errors.Is(err, db.ErrNotFound) {
		return errAgain
	}
	if err != nil {
		return err
	}
	if age := c.now().Sub(s.Created); s.User != who.User || age < -time.Minute || age > freshFor {
		return errAgain
	}
	return nil
}

// sameAccount wants an account to have the password still that was proved.
func sameAccount(now, proved db.User) error {
	if string(now.PasswordHash) != string(proved.PasswordHash) {
		return fault.New(fault.Conflict, "password.wrong", "The password was changed a moment ago.").In("password")
	}
	return nil
}
