package core

import (
	"context"

	"earshot/app/fault"
	"earshot/db"
)

// RepostView is how a repost stands after it was changed.
type RepostView struct {
	Reposted bool
	Reposts  uint64 // how many there are now
}

// Repost brings a track to those who follow the asker; its owner is told.
// Reposting again changes nothing.
func (c *Core) Repost(ctx context.Context, me, id db.ID) (RepostView, error) {
	return c.repost(ctx, me, id, func(tx *db.Tx, out *outgoing, t db.Track) error {
		if t.Visibility != db.Public {
			return fault.New(fault.Conflict, "repost.private", "A private track can't be reposted.")
		}
		if t.User == me {
			return fault.New(fault.Invalid, "repost.own", "This track is yours: those who follow you have it already.")
		}
		mark, added, err := tx.Repost(me, id)
		if err != nil || !added {
			return err
		}
		return c.notify(tx, out, db.Notification{
			User: t.User, Kind: db.NoticeRepost, Actor: me, Thing: db.Thing{Kind: db.KindTrack, ID: id}, Mark: mark,
		})
	})
}

// Unrepost ends a repost; there need be none.
func (c *Core) Unrepost(ctx context.Context, me, id db.ID) (RepostView, error) {
	return c.repost(ctx, me, id, func(tx *db.Tx, out *outgoing, t db.Track) error {
		mark, err := tx.RepostMark(me, id)
		if err != nil {
			return err
		}
		if _, err := tx.Unrepost(me, id); err != nil {
			return err
		}
		return unnotify(tx, out, t.User, mark)
	})
}

func (c *Core) repost(ctx context.Context, me, id db.ID, change func(*db.Tx, *outgoing, db.Track) error) (RepostView, error) {
	var v RepostView
	err := c.act(ctx, func(tx *db.Tx, out *outgoing) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		t, _, err := c.track(tx, a, id, whole)
		if err != nil {
			return err
		}
		if err := change(tx, out, t); err != nil {
			return err
		}
		counts, err := tx.TrackCounts(id)
		if err != nil {
			return err
		}
		mark, err := tx.RepostMark(me, id)
		v = RepostView{Reposted: mark != 0, Reposts: counts.Reposts}
		return err
	})
	return v, err
}

// Reposters lists who reposted a track, the newest repost first.
func (c *Core) Reposters(ctx context.Context, me, id db.ID, p Paging) (Page[UserView], error) {
	return c.aroundTrack(ctx, me, id, func(tx *db.Tx, a asker) (Page[UserView], error) {
		return c.pagePeople(tx, a, "reposters/"+id.String(), p, of(tx.Reposters, id), fromOf)
	})
}

// Reposts lists the tracks that a person reposted, the newest repost first.
func (c *Core) Reposts(ctx context.Context, me, user db.ID, p Paging) (Page[TrackView], error) {
	return c.tracksOf(ctx, me, user, func(tx *db.Tx, a asker) (Page[TrackView], error) {
		return c.pageEdges(tx, a, "reposts/"+user.String(), p, of(tx.Reposts, user))
	})
}
