package core

import (
	"context"
	"errors"
	"time"

	"earshot/app/auth"
	"earshot/app/fault"
	"earshot/db"
)

// The bounds of an invite.
const (
	maxNote     = 100
	maxUses     = 1000
	minInvite   = time.Hour
	maxInvite   = 366 * 24 * time.Hour
	maxInvites  = 500 // of the house
	inviteLives = 7 * 24 * time.Hour
)

// NewInvite is what a keeper says of an invite.
type NewInvite struct {
	Note  string        // whom it is for; only keepers see it
	Uses  uint64        // how many accounts it makes; 1 when 0
	Lives time.Duration // a week when 0
	Ever  bool          // it never ends by itself
}

// InviteState says whether an invite still lets somebody in.
type InviteState uint8

// The states of an invite.
const (
	InviteGood    InviteState = iota
	InviteUsed                // as often as it may be
	InviteExpired             //
	InviteVoid                // who made it is no keeper any more
)

// InviteView is an invite as keepers see it.
type InviteView struct {
	Invite db.Invite
	State  InviteState
	By     db.User
	Users  []db.User // whom it let in, if they are still there
	Code   string    // what its link carries; only when it was just made
}

// errInvite answers for every code that lets nobody in: one that is unknown,
// expired, used up, taken back, or of who is no keeper any more.
var errInvite = fault.New(fault.Forbidden, "invite.invalid", "This invite is not valid any more. Ask whoever sent it for a new one.")

var errClosed = fault.New(fault.Forbidden, "signup.closed", "The keeper of this Earshot has not opened it for new accounts. Ask them.")

// MakeInvite makes an invite. The code is told this once.
func (c *Core) MakeInvite(ctx context.Context, me db.ID, n NewInvite) (InviteView, error) {
	i := db.Invite{User: me, Note: line(n.Note), Uses: max(n.Uses, 1)}
	if err := bounded("note", i.Note, maxNote); err != nil {
		return InviteView{}, err
	}
	if i.Uses > maxUses {
		return InviteView{}, fault.New(fault.Invalid, "invite.uses", "An invite makes 1 to 1000 accounts.").In("uses")
	}
	if n.Lives == 0 {
		n.Lives = inviteLives
	}
	if n.Lives < minInvite || n.Lives > maxInvite {
		return InviteView{}, fault.New(fault.Invalid, "invite.lives", "An invite is good for an hour at least and a year at most, or for ever.").In("hours")
	}
	code := auth.NewCode()
	i.Secret, i.Created = auth.HashCode(code), c.now()
	if !n.Ever {
		i.Expires = i.Created.Add(n.Lives)
	}
	var v InviteView
	err := c.update(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		n := 0
		for range tx.Invites(0) {
			n++
		}
		if n >= maxInvites {
			return fault.New(fault.Conflict, "invite.many", "There are 500 invites already. Take back those that are not needed any more.")
		}
		i.ID = tx.NewID()
		if err := tx.AddInvite(i); err != nil {
			return err
		}
		var err error
		v, err = c.viewInvite(tx, i)
		return err
	})
	v.Code = code
	if err == nil {
		c.note("invite.made", "an invite was made", "invite", i.ID, "keeper", me, "uses", i.Uses)
	}
	return v, err
}

// Invites lists the invites of the house, the newest first.
func (c *Core) Invites(ctx context.Context, me db.ID, p Paging) (Page[InviteView], error) {
	var page Page[InviteView]
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		var err error
		page, err = collect(c, "invites", p, tx.Invites, func(i db.Invite) db.ID { return i.ID }, func(i db.Invite) (InviteView, bool, error) {
			v, err := c.viewInvite(tx, i)
			return v, true, err
		})
		return err
	})
	return page, err
}

// shownOfInvite is how many of those who came by an invite are named.
const shownOfInvite = 50

// viewInvite shows an invite to a keeper.
func (c *Core) viewInvite(tx *db.Tx, i db.Invite) (InviteView, error) {
	v := InviteView{Invite: i}
	var err error
	if v.By, err = tx.User(i.User); err != nil && !isNotFound(err) {
		return v, err
	}
	v.State = c.stateOf(i, v.By)
	for _, id := range i.Accounts {
		u, err := tx.User(id)
		if isNotFound(err) || err == nil && u.Leaving || c.unreadable(err, "user", id) {
			continue
		}
		if err != nil {
			return v, err
		}
		if v.Users = append(v.Users, u); len(v.Users) == shownOfInvite {
			break
		}
	}
	return v, nil
}

// stateOf decides whether an invite of a user lets somebody in.
func (c *Core) stateOf(i db.Invite, by db.User) InviteState {
	switch {
	case i.Used >= i.Uses:
		return InviteUsed
	case !i.Expires.IsZero() && !c.now().Before(i.Expires):
		return InviteExpired
	case by.Role != db.Keeper || by.Disabled:
		return InviteVoid
	}
	return InviteGood
}

// DropInvite takes an invite back. Who came by it stays.
func (c *Core) DropInvite(ctx context.Context, me, id db.ID) error {
	err := c.free(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		return tx.DropInvite(id)
	})
	if err == nil {
		c.note("invite.revoked", "an invite was taken back", "invite", id, "keeper", me)
	}
	return err
}

// goodInvite finds the invite of a code, and who made it; errInvite when it
// lets nobody in.
func (c *Core) goodInvite(tx *db.Tx, code string) (db.Invite, db.User, error) {
	i, err := tx.InviteBySecret(auth.HashCode(code))
	if isNotFound(err) {
		return i, db.User{}, errInvite
	}
	if err != nil {
		return i, db.User{}, err
	}
	by, err := tx.User(i.User)
	if isNotFound(err) || err == nil && c.stateOf(i, by) != InviteGood {
		err = errInvite
	}
	return i, by, err
}

// useInvite counts a use of the invite that a new account comes by, in the
// transaction that makes the account; invited then says who it was. errInvite
// when the code lets nobody in.
func (c *Core) useInvite(tx *db.Tx, code string) error {
	i, _, err := c.goodInvite(tx, code)
	if err != nil {
		return err
	}
	i.Used++
	return tx.SetInvite(i)
}

// invited notes who came by an invite that was used just now; without a code
// it does nothing.
func (c *Core) invited(tx *db.Tx, code string, user db.ID) error {
	if code == "" {
		return nil
	}
	i, err := tx.InviteBySecret(auth.HashCode(code))
	if err != nil {
		return err
	}
	i.Accounts = append(i.Accounts, user)
	return tx.SetInvite(i)
}

// letSignUp decides, in the transaction that makes an account, whether it may
// be made, and counts the use of an invite. Where a proxy says who comes in,
// nobody else does: it might name them tomorrow.
func (c *Core) letSignUp(tx *db.Tx, house db.House, invite string) error {
	switch {
	case house.SignUp == db.SignUpClosed, c.proxy.On:
		return errClosed
	case invite != "":
		return c.useInvite(tx, invite)
	case house.SignUp == db.SignUpInvited:
		return errUninvited
	}
	return nil
}

var errUninvited = fault.New(fault.Forbidden, "signup.invited", "New accounts need an invite here. Ask the keeper for one.")

// maySignUp is letSignUp before anything is looked up or worked out, so that
// who may not come in learns nothing of who is there.
func (c *Core) maySignUp(ctx context.Context, h HouseView, invite string, from Client) error {
	switch {
	case h.Setup || h.SignUp == db.SignUpClosed, c.proxy.On:
		return errClosed
	case invite == "" && h.SignUp == db.SignUpInvited:
		return errUninvited
	case invite == "":
		return nil
	}
	_, err := c.redeem(ctx, from, errInvite, func(tx *db.Tx) (db.User, error) {
		_, by, err := c.goodInvite(tx, invite)
		return by, err
	})
	return err
}

// InviteOffer is what an invite says to whoever opens its link.
type InviteOffer struct {
	House string
	By    string // name of who invites
}

// LookAtInvite tells who invites with a code. Where the house is closed no
// invite is good.
func (c *Core) LookAtInvite(ctx context.Context, code string, from Client) (InviteOffer, error) {
	h, err := c.House(ctx)
	if err != nil {
		return InviteOffer{}, err
	}
	if h.Setup || h.SignUp == db.SignUpClosed {
		return InviteOffer{}, errClosed
	}
	by, err := c.redeem(ctx, from, errInvite, func(tx *db.Tx) (db.User, error) {
		_, by, err := c.goodInvite(tx, code)
		return by, err
	})
	return InviteOffer{House: h.Name, By: by.Name}, err
}

// redeem finds what a code of a link stands for. One that is not good, which
// find says by the fault bad, counts against the address it comes from.
func (c *Core) redeem(ctx context.Context, from Client, bad error, find func(tx *db.Tx) (db.User, error)) (db.User, error) {
	if wait := c.codes.Allow(from.Address); wait > 0 {
		return db.User{}, tooOften(wait)
	}
	var u db.User
	err := c.view(ctx, func(tx *db.Tx) (err error) {
		u, err = find(tx)
		return err
	})
	if err == nil {
		c.codes.Cancel(from.Address)
		return u, nil
	}
	if errors.Is(err, bad) {
		c.countAttempt(ctx)
		c.note("code.refused", "a code was refused", "code", fault.Of(err).Code, "from", from.Address)
	}
	return db.User{}, err
}

func isNotFound(err error) bool { return errors.Is(err, db.ErrNotFound) }
