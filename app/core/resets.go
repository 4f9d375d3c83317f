package core

import (
	"context"
	"errors"
	"time"

	"earshot/app/auth"
	"earshot/app/fault"
	"earshot/db"
)

const (
	// resetLives is how long somebody has to choose a new password by a link.
	resetLives = 24 * time.Hour
	// resetAhead is how far the clock may have gone back since: a link that was
	// made in a future that it has left must not work until then.
	resetAhead = time.Hour
)

// errReset answers for every code that resets no password: one that is
// unknown, expired, used, or replaced by a newer one.
var errReset = fault.New(fault.Forbidden, "reset.invalid", "This link is not valid any more. Ask for a new one.")

// ResetLink is a link by which somebody chooses a new password.
type ResetLink struct {
	User    db.User
	Code    string // what the link carries, told this once
	Expires time.Time
}

// MakeReset makes a link for a user, in place of the one before, after the
// asking keeper's password was given again: whoever has the link has the
// account. Nobody but the user ever knows a password.
func (c *Core) MakeReset(ctx context.Context, who Asker, id db.ID, password string, from Client) (ResetLink, error) {
	if err := c.again(ctx, who, id, password, from); err != nil {
		return ResetLink{}, err
	}
	var link ResetLink
	err := c.update(ctx, func(tx *db.Tx) error {
		_, u, err := c.keeps(tx, who.User, id)
		if err != nil {
			return err
		}
		link, err = c.makeReset(tx, u, who.User)
		return err
	})
	if err == nil {
		c.note("reset.made", "a link for a new password was made", "user", id, "keeper", who.User)
	}
	return link, err
}

// makeReset makes a link for a user; by is the keeper, or 0.
func (c *Core) makeReset(tx *db.Tx, u db.User, by db.ID) (ResetLink, error) {
	if u.Disabled {
		return ResetLink{}, fault.New(fault.Conflict, "reset.suspended", "This account is suspended. Let it back in first.")
	}
	code, now := auth.NewCode(), c.now()
	r := db.Reset{User: u.ID, Secret: auth.HashCode(code), By: by, Expires: now.Add(resetLives), Created: now}
	return ResetLink{User: u, Code: code, Expires: r.Expires}, tx.SetReset(r)
}

// goodReset finds whose password a code resets; errReset when nobody's.
func (c *Core) goodReset(tx *db.Tx, code string) (db.User, error) {
	r, err := tx.ResetBySecret(auth.HashCode(code))
	left := r.Expires.Sub(c.now())
	if isNotFound(err) || err == nil && (left <= 0 || left > resetLives+resetAhead) {
		return db.User{}, errReset
	}
	if err != nil {
		return db.User{}, err
	}
	u, err := tx.User(r.User)
	if isNotFound(err) || err == nil && u.Disabled {
		err = errReset
	}
	return u, err
}

// LookAtReset gives the name of whose password a code resets.
func (c *Core) LookAtReset(ctx context.Context, code string, from Client) (string, error) {
	u, err := c.redeem(ctx, from, errReset, func(tx *db.Tx) (db.User, error) { return c.goodReset(tx, code) })
	return u.Name, err
}

// ResetPassword sets the password that somebody chose who has a link. Every
// session of the user ends; the answer is a fresh one, or the ticket for a
// second factor. Passkeys and accounts at issuers let nobody in any more: they
// may be of whoever had the account before, or made it with somebody else's
// address. The second factor stays, or a mail would be all it takes.
func (c *Core) ResetPassword(ctx context.Context, code, password string, from Client) (SignedIn, error) {
	u, err := c.redeem(ctx, from, errReset, func(tx *db.Tx) (db.User, error) { return c.goodReset(tx, code) })
	if err != nil {
		return SignedIn{}, err
	}
	h, err := c.House(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	hash, err := c.hash(ctx, password, h.Name, u.Name, u.Email, u.Username)
	if err != nil {
		return SignedIn{}, err
	}
	var in SignedIn
	err = c.update(ctx, func(tx *db.Tx) error {
		now, err := c.goodReset(tx, code) // it works once
		if err != nil {
			return err
		}
		if err := c.setPassword(tx, &now, hash); err != nil {
			return err
		}
		if err := errors.Join(tx.DropIdentitiesOf(now.ID), tx.DropPasskeysOf(now.ID), tx.DropScrobbler(now.ID)); err != nil {
			return err
		}
		in, err = c.letIn(tx, now, db.DoorReset, from)
		return err
	})
	if err == nil {
		c.scrobbles.forget(u.ID)
		c.ended(u.ID, everySession)
		c.note("password.reset", "a password was chosen by a link", "user", u.ID, "from", from.Address)
	}
	return in, err
}

// setPassword stores a new password of a user, ends their sessions and the link
// for another one, and takes the keys away: who knew the old one may have made
// some.
func (c *Core) setPassword(tx *db.Tx, u *db.User, hash []byte) error {
	u.PasswordHash = hash
	if err := tx.SetUser(*u); err != nil {
		return err
	}
	if err := tx.DropReset(u.ID); err != nil {
		return err
	}
	if err := tx.DropKeysOf(u.ID, 0); err != nil {
		return err
	}
	_, err := tx.DropSessionsOf(u.ID, 0)
	return err
}
