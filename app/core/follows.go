package core

import (
	"context"

	"earshot/app/fault"
	"earshot/db"
)

// maxFollowing is how many people one may follow.
const maxFollowing = 10_000

// FollowView is how a follow stands after it was changed.
type FollowView struct {
	Following bool
	Followers uint64 // how many the person has now
}

// Follow makes the asker follow a person, who is told. Following again changes
// nothing.
func (c *Core) Follow(ctx context.Context, me, id db.ID) (FollowView, error) {
	return c.changeFollow(ctx, me, id, func(bool) bool { return true })
}

// Unfollow ends a follow; there need be none.
func (c *Core) Unfollow(ctx context.Context, me, id db.ID) (FollowView, error) {
	return c.changeFollow(ctx, me, id, func(bool) bool { return false })
}

// ToggleFollow follows a person, or ends that.
func (c *Core) ToggleFollow(ctx context.Context, me, id db.ID) (FollowView, error) {
	return c.changeFollow(ctx, me, id, func(now bool) bool { return !now })
}

func (c *Core) changeFollow(ctx context.Context, me, id db.ID, wish func(now bool) bool) (FollowView, error) {
	var v FollowView
	err := c.act(ctx, func(tx *db.Tx, out *outgoing) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		if a.is(id) {
			return fault.New(fault.Invalid, "follow.self", "Nobody can follow themselves.")
		}
		if _, err := c.profile(tx, a, id); err != nil {
			return err
		}
		mark, err := tx.FollowMark(me, id)
		if err != nil {
			return err
		}
		v.Following = wish(mark != 0)
		switch {
		case v.Following && mark == 0:
			err = c.follow(tx, out, a, id)
		case !v.Following:
			err = unfollow(tx, out, me, id)
		}
		if err != nil {
			return err
		}
		counts, err := tx.UserCounts(id)
		v.Followers = counts.Followers
		return err
	})
	return v, err
}

// follow makes the asker follow a person whom they know of and do not follow.
func (c *Core) follow(tx *db.Tx, out *outgoing, a asker, id db.ID) error {
	if a.barred(id) {
		return fault.New(fault.Forbidden, "follow.blocked", "One of you blocks the other.")
	}
	counts, err := tx.UserCounts(a.user.ID)
	if err != nil {
		return err
	}
	if counts.Following >= maxFollowing {
		return fault.New(fault.Conflict, "follow.many", "You follow 10,000 people already, which is as many as can be.")
	}
	mark, _, err := tx.Follow(a.user.ID, id)
	if err != nil {
		return err
	}
	return c.notify(tx, out, db.Notification{User: id, Kind: db.NoticeFollow, Actor: a.user.ID, Mark: mark})
}

// unfollow ends a follow, if there is one, and takes back the notice of it.
func unfollow(tx *db.Tx, out *outgoing, who, whom db.ID) error {
	mark, err := tx.FollowMark(who, whom)
	if err != nil {
		return err
	}
	if _, err := tx.Unfollow(who, whom); err != nil {
		return err
	}
	return unnotify(tx, out, whom, mark)
}

// Followers lists who follows a person, the newest follow first.
func (c *Core) Followers(ctx context.Context, me, id db.ID, p Paging) (Page[UserView], error) {
	return c.aroundUser(ctx, me, id, func(tx *db.Tx, a asker) (Page[UserView], error) {
		return c.pagePeople(tx, a, "followers/"+id.String(), p, of(tx.Followers, id), fromOf)
	})
}

// Following lists whom a person follows, the newest follow first.
func (c *Core) Following(ctx context.Context, me, id db.ID, p Paging) (Page[UserView], error) {
	return c.aroundUser(ctx, me, id, func(tx *db.Tx, a asker) (Page[UserView], error) {
		return c.pagePeople(tx, a, "following/"+id.String(), p, of(tx.Following, id), toOf)
	})
}

// aroundUser reads a list of a person whom the asker may know of.
func (c *Core) aroundUser(ctx context.Context, me, id db.ID, list func(*db.Tx, asker) (Page[UserView], error)) (Page[UserView], error) {
	var page Page[UserView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		if _, err := c.person(tx, a, id); err != nil {
			return err
		}
		page, err = list(tx, a)
		return err
	})
	return page, err
}
