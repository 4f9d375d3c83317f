package core

import (
	"context"
	"errors"
	"strings"

	"earshot/app/fault"
	"earshot/db"
)

// Proxy says whether a proxy in front of the house signs people in. Then
// usernames are the proxy's, and nobody gives themselves another one.
type Proxy struct {
	On     bool
	Create bool // an account is made for a name that has none
}

var errProxyUnknown = fault.New(fault.Forbidden, "proxy.unknown",
	"The proxy in front of this Earshot signs you in by a name that has no account here. Ask the keeper.")

// nowhere ends the address of whom a proxy knows by a username: every account
// has one, and this leads to nobody (RFC 6761 §6.4).
const nowhere = "@proxy.invalid"

// ByProxy finds the account that a trusted proxy names, by its username or its
// e-mail address. There is no session: whoever the proxy names is let in anew
// with each request. Nobody is, before the house has its keeper.
func (c *Core) ByProxy(ctx context.Context, name string) (Asker, error) {
	name = strings.ToLower(line(name))
	var u db.User
	setup := false
	err := c.view(ctx, func(tx *db.Tx) (err error) {
		if setup = empty(tx); !setup {
			u, err = userCalled(tx, name)
		}
		return err
	})
	if errors.Is(err, ErrNotFound) && c.proxy.Create {
		u, err = c.makeByProxy(ctx, name)
	}
	switch {
	case errors.Is(err, ErrNotFound):
		return Asker{}, errProxyUnknown
	case err != nil || setup:
		return Asker{}, err
	case u.Leaving:
		return Asker{}, errProxyUnknown
	case u.Disabled:
		return Asker{}, errSuspended
	}
	return Asker{User: u.ID}, nil
}

// userCalled finds a user by username or e-mail address. No username has an @.
func userCalled(tx *db.Tx, name string) (u db.User, err error) {
	if strings.Contains(name, "@") {
		return tx.UserByEmail(name)
	}
	u, _, err = tx.UserByUsername(name)
	return u, err
}

// makeByProxy makes the account of a member whom only the proxy signs in. A
// name that can't be a username is refused, not changed: it would not be found
// the next time.
func (c *Core) makeByProxy(ctx context.Context, name string) (db.User, error) {
	made := db.User{Name: name, Email: name}
	byEmail := strings.Contains(name, "@")
	var err error
	if byEmail {
		made.Name, _, _ = strings.Cut(name, "@")
		made.Email, err = email(name)
	} else {
		made.Username, err = username(name)
	}
	if err != nil {
		return db.User{}, errProxyUnknown.Because(err)
	}
	made.Name = cut(made.Name, maxName)
	err = c.update(ctx, func(tx *db.Tx) error {
		// Another of the browser's requests may have been faster.
		u, err := userCalled(tx, name)
		if !errors.Is(err, db.ErrNotFound) {
			made = u
			return err
		}
		if byEmail {
			if made.Username, err = freeUsername(tx, made); err != nil {
				return err
			}
		} else if made.Email, err = addressless(tx, name); err != nil {
			return err
		}
		made.ID, made.Created = tx.NewID(), c.now()
		if err := tx.AddUser(made); err != nil {
			return err
		}
		c.note("account.made", "an account is made for whom the proxy signs in", "user", made.ID)
		return nil
	})
	return made, err
}

// addressless makes an address for an account, since every one has an address. It
// leads nowhere (RFC 6761 section 6.4), and may have been taken by somebody who
// signed up with it.
func addressless(tx *db.Tx, name string) (string, error) {
	local, err := unique(name, func(s string) (bool, error) {
		_, err := tx.UserByEmail(s + nowhere)
		if errors.Is(err, db.ErrNotFound) {
			return true, nil
		}
		return false, err
	})
	return local + nowhere, err
}
