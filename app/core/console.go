package core

import (
	"context"
	"errors"
	"strings"

	"earshot/app/fault"
	"earshot/db"
)

// Console is what whoever has the machine may do to accounts: the command line.
// People are named by username or e-mail address.
type Console struct{ c *Core }

// Console gives the machine's own way in. No request from the network may reach
// it.
func (c *Core) Console() Console { return Console{c} }

// host acts for whoever has the machine: as a keeper without an account.
func host(tx *db.Tx) asker { return asker{tx: tx, host: true} }

// find finds who is named.
func (h Console) find(tx *db.Tx, who string) (db.User, error) {
	var u db.User
	var err error
	if strings.Contains(who, "@") {
		u, err = tx.UserByEmail(strings.ToLower(strings.TrimSpace(who)))
	} else {
		u, _, err = tx.UserByUsername(strings.ToLower(strings.TrimPrefix(strings.TrimSpace(who), "/")))
	}
	if isNotFound(err) || err == nil && u.Leaving {
		return u, fault.New(fault.NotFound, "not_found", "there is nobody called "+line(who)+`; "earshot user list" lists everybody`)
	}
	return u, err
}

// Users gives all accounts, the oldest first.
func (h Console) Users(ctx context.Context) ([]db.User, error) {
	var all []db.User
	err := h.c.view(ctx, func(tx *db.Tx) error {
		for u, err := range tx.Users(0) {
			if h.c.unreadable(err, "user", 0) {
				continue
			}
			if err != nil {
				return err
			}
			if !u.Leaving {
				all = append(all, u)
			}
		}
		return nil
	})
	return all, err
}

// User finds one account.
func (h Console) User(ctx context.Context, who string) (u db.User, err error) {
	err = h.c.view(ctx, func(tx *db.Tx) (err error) {
		u, err = h.find(tx, who)
		return err
	})
	return u, err
}

// Add makes an account without a password, and the link by which its owner
// chooses one. The first account has to be a keeper's.
func (h Console) Add(ctx context.Context, address, name string, role db.Role) (ResetLink, error) {
	address, err := email(address)
	if err != nil {
		return ResetLink{}, err
	}
	if name = line(name); name == "" {
		name, _, _ = strings.Cut(address, "@")
		name = cut(name, maxName)
	}
	if err := bounded("name", name, maxName); err != nil {
		return ResetLink{}, err
	}
	var link ResetLink
	err = h.c.update(ctx, func(tx *db.Tx) error {
		if empty(tx) && role != db.Keeper {
			return fault.New(fault.Conflict, "setup.first", "the first account has to be the keeper's: add -keeper")
		}
		u := db.User{Name: name, Email: address, Role: role}
		if u, err = h.c.enroll(tx, u); err != nil {
			return err
		}
		link, err = h.c.makeReset(tx, u, 0)
		return err
	})
	if errors.Is(err, db.ErrTaken) {
		return link, fault.New(fault.Conflict, "email.taken", "there is an account with this address already")
	}
	if err == nil {
		h.c.note("account.made", "an account was made on the command line", "user", link.User.ID, "keeper", role == db.Keeper)
	}
	return link, err
}

// Reset makes the link by which somebody chooses a new password.
func (h Console) Reset(ctx context.Context, who string) (ResetLink, error) {
	var link ResetLink
	err := h.c.update(ctx, func(tx *db.Tx) error {
		u, err := h.find(tx, who)
		if err != nil {
			return err
		}
		link, err = h.c.makeReset(tx, u, 0)
		return err
	})
	if err == nil {
		h.c.note("reset.made", "a link for a new password was made on the command line", "user", link.User.ID)
	}
	return link, err
}

// DropFactor takes the second factor away from somebody who lost it, a keeper
// too: without this, the only keeper who lost phone and codes stays outside.
func (h Console) DropFactor(ctx context.Context, who string) (db.User, error) {
	u, err := h.User(ctx, who)
	if err != nil {
		return u, err
	}
	return u, h.c.removeFactor(ctx, 0, u.ID, func(tx *db.Tx) error {
		_, err := tx.User(u.ID)
		return err
	})
}

// SetRole makes somebody a keeper or a member.
func (h Console) SetRole(ctx context.Context, who string, role db.Role) (db.User, error) {
	var u db.User
	err := h.c.update(ctx, func(tx *db.Tx) (err error) {
		if u, err = h.find(tx, who); err != nil {
			return err
		}
		u, err = h.c.setRole(tx, u, role)
		return err
	})
	if err == nil {
		h.c.noteRole(u.ID, role, 0)
	}
	return u, err
}

// Suspend takes somebody out of the house, as Core.Suspend does.
func (h Console) Suspend(ctx context.Context, who string) (db.User, error) {
	return h.change(ctx, who, func(tx *db.Tx, u db.User) error {
		_, err := h.c.suspend(tx, host(tx), u.ID)
		return err
	}, func(u db.User) { h.c.suspended(0, u.ID) })
}

// Restore ends a suspension.
func (h Console) Restore(ctx context.Context, who string) (db.User, error) {
	return h.change(ctx, who, func(tx *db.Tx, u db.User) error {
		u.Disabled = false
		return tx.SetUser(u)
	}, func(u db.User) {
		h.c.note("account.reinstated", "a suspension was ended on the command line", "user", u.ID)
	})
}

func (h Console) change(ctx context.Context, who string, do func(*db.Tx, db.User) error, after func(db.User)) (db.User, error) {
	var u db.User
	err := h.c.update(ctx, func(tx *db.Tx) (err error) {
		if u, err = h.find(tx, who); err != nil {
			return err
		}
		return do(tx, u)
	})
	if err == nil {
		after(u)
	}
	return u, err
}

// Remove deletes somebody's account with everything that is theirs, as
// Core.DeleteMe does. The last keeper stays.
func (h Console) Remove(ctx context.Context, who string) (db.User, error) {
	var u db.User
	err := h.c.leave(ctx, 0, func(tx *db.Tx) (_ asker, _ db.User, err error) {
		u, err = h.find(tx, who)
		return host(tx), u, err
	})
	return u, err
}
