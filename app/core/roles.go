package core

import (
	"context"

	"earshot/app/fault"
	"earshot/db"
)

// errSuspendedKeeper keeps somebody who is not let in from keeping the house.
var errSuspendedKeeper = fault.New(fault.Conflict, "role.suspended", "This account is suspended. Let it back in first.")

// SetRole makes a member a keeper, or a keeper a member again, after the
// asking keeper's password was given again. The last keeper stays.
func (c *Core) SetRole(ctx context.Context, who Asker, id db.ID, role db.Role, password string, from Client) (AccountView, error) {
	if err := c.again(ctx, who, id, password, from); err != nil {
		return AccountView{}, err
	}
	var v AccountView
	err := c.update(ctx, func(tx *db.Tx) error {
		a, u, err := c.keeps(tx, who.User, id)
		if err != nil {
			return err
		}
		if u, err = c.setRole(tx, u, role); err != nil {
			return err
		}
		v, err = c.viewAccount(tx, a, u)
		return err
	})
	if err == nil {
		c.noteRole(id, role, who.User)
	}
	return v, err
}

// setRole makes the change; noteRole has to follow when it is kept.
func (c *Core) setRole(tx *db.Tx, u db.User, role db.Role) (db.User, error) {
	if u.Role == role {
		return u, nil
	}
	if role == db.Keeper && u.Disabled {
		return u, errSuspendedKeeper
	}
	if err := c.mayLeave(tx, u); err != nil {
		return u, fault.New(fault.Conflict, "role.last", "A house can't be without its keeper. Make somebody else a keeper first.")
	}
	u.Role = role
	return u, tx.SetUser(u)
}

// noteRole makes it felt who keeps the house, and writes it down. What they
// listen to begins anew: it was let through by the role from before.
func (c *Core) noteRole(id db.ID, role db.Role, by db.ID) {
	c.ended(id, everySession)
	c.note("role", "a role was changed", "user", id, "keeper", role == db.Keeper, "by", by)
}

// again wants the password of a keeper once more, for what would hand the house
// or somebody's account to whoever found the keeper's device open. Who is meant
// is looked for first.
func (c *Core) again(ctx context.Context, who Asker, about db.ID, password string, from Client) error {
	err := c.view(ctx, func(tx *db.Tx) error {
		_, _, err := c.keeps(tx, who.User, about)
		return err
	})
	if err != nil {
		return err
	}
	_, err = c.prove(ctx, who, password, from)
	return err
}

// viewAccount shows an account to a keeper.
func (c *Core) viewAccount(tx *db.Tx, a asker, u db.User) (AccountView, error) {
	var v AccountView
	var err error
	if v.UserView, err = c.viewUser(tx, a, u); err != nil {
		return v, err
	}
	if v.Quota, err = quotaOf(tx, u); err != nil {
		return v, err
	}
	r, err := tx.Reset(u.ID)
	switch {
	case err == nil && c.now().Before(r.Expires):
		v.Reset = r
	case err != nil && !isNotFound(err):
		return v, err
	}
	return v, nil
}
