package core

import (
	"context"
	"errors"

	"earshot/app/fault"
	"earshot/db"
)

// maxBlocked is how many people one may block. Whatever somebody asks for
// reads all of them.
const maxBlocked = 1000

// Block keeps a person and the asker apart: neither sees, follows or writes to
// the other any more. Blocking again changes nothing.
func (c *Core) Block(ctx context.Context, me, id db.ID) error {
	return c.act(ctx, func(tx *db.Tx, out *outgoing) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		if a.is(id) {
			return fault.New(fault.Invalid, "block.self", "Nobody can block themselves.")
		}
		if _, err := c.profile(tx, a, id); err != nil {
			return err
		}
		if a.blocks[id]&mine != 0 {
			return nil
		}
		blocked := 0
		for _, b := range a.blocks {
			if b&mine != 0 {
				blocked++
			}
		}
		if blocked >= maxBlocked {
			return fault.New(fault.Conflict, "block.many", "You block 1,000 people already, which is as many as can be.")
		}
		if _, err := tx.Block(me, id); err != nil {
			return err
		}
		return errors.Join(unfollow(tx, out, me, id), unfollow(tx, out, id, me))
	})
}

// Unblock lets a person go again. It works on whoever is blocked, also when
// their page can't be opened for another reason.
func (c *Core) Unblock(ctx context.Context, me, id db.ID) error {
	return c.update(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		dropped, err := tx.Unblock(me, id)
		if err != nil || dropped || a.is(id) {
			return err
		}
		_, err = c.profile(tx, a, id)
		return err
	})
}

// Blocked lists whom the asker blocks, the newest block first. Who blocks the
// asker in turn is among them: it is the one place to let them go.
func (c *Core) Blocked(ctx context.Context, me db.ID, p Paging) (Page[UserView], error) {
	var page Page[UserView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		page, err = collect(c, "blocks/"+me.String(), p, of(tx.Blocking, me), markOf, func(e db.Edge) (UserView, bool, error) {
			u, err := tx.User(e.To)
			if errors.Is(err, db.ErrNotFound) || err == nil && (u.Leaving || u.Disabled && !a.keeper()) {
				return UserView{}, false, nil
			}
			if err != nil {
				return UserView{}, false, err
			}
			v, err := c.viewUser(tx, a, u)
			v.Since = e.Mark.Time()
			return v, true, err
		})
		return err
	})
	return page, err
}
