package core

import (
	"context"

	"earshot/app/fault"
	"earshot/db"
)

// Suspend takes an account out of the house, with all that is theirs: for
// everybody but the keeper it is as if it were not there. Nothing is deleted.
func (c *Core) Suspend(ctx context.Context, me, id db.ID) (UserView, error) {
	var v UserView
	err := c.act(ctx, func(tx *db.Tx, _ *outgoing) error {
		a, err := c.keeper(tx, me)
		if err != nil {
			return err
		}
		v, err = c.suspend(tx, a, id)
		return err
	})
	if err == nil {
		c.suspended(me, id)
	}
	return v, err
}

// suspend makes the change; suspended has to follow when it is kept.
func (c *Core) suspend(tx *db.Tx, a asker, id db.ID) (UserView, error) {
	u, err := c.person(tx, a, id)
	if err != nil {
		return UserView{}, err
	}
	if u.Role == db.Keeper {
		return UserView{}, fault.New(fault.Conflict, "suspend.keeper", "A keeper can't be suspended. Make them a member first.")
	}
	u.Disabled = true
	if err := tx.SetUser(u); err != nil {
		return UserView{}, err
	}
	if _, err := tx.DropSessionsOf(id, 0); err != nil {
		return UserView{}, err
	}
	return c.viewUser(tx, a, u)
}

// suspended makes a suspension felt at once.
func (c *Core) suspended(me, id db.ID) {
	c.ended(id, everySession)
	c.note("account.suspended", "an account was suspended", "user", id, "keeper", me)
}

func everySession(db.ID) bool { return true }

// Reinstate ends a suspension.
func (c *Core) Reinstate(ctx context.Context, me, id db.ID) (UserView, error) {
	var v UserView
	err := c.update(ctx, func(tx *db.Tx) error {
		a, u, err := c.keeps(tx, me, id)
		if err != nil {
			return err
		}
		u.Disabled = false
		if err := tx.SetUser(u); err != nil {
			return err
		}
		v, err = c.viewUser(tx, a, u)
		return err
	})
	if err == nil {
		c.note("account.reinstated", "a suspension was ended", "user", id, "keeper", me)
	}
	return v, err
}

// Users lists everybody who has an account, the suspended too, the newest
// first, for the keeper. Accounts that are being deleted are gone.
func (c *Core) Users(ctx context.Context, me db.ID, p Paging) (Page[AccountView], error) {
	var page Page[AccountView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.keeper(tx, me)
		if err != nil {
			return err
		}
		page, err = collect(c, "users", p, tx.NewestUsers, func(u db.User) db.ID { return u.ID }, func(u db.User) (AccountView, bool, error) {
			if a.hides(u) {
				return AccountView{}, false, nil
			}
			v, err := c.viewAccount(tx, a, u)
			if err == nil {
				v.Factor, err = hasFactor(tx, u.ID)
			}
			return v, true, err
		})
		return err
	})
	return page, err
}
