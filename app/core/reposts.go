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
	n, err := c.tie(ctx, me, id, reposts)
	return RepostView{Reposted: err == nil, Reposts: n}, err
}

// Unrepost ends a repost; of a track that the asker sees there need be none.
func (c *Core) Unrepost(ctx context.Context, me, id db.ID) (RepostView, error) {
	n, err := c.untie(ctx, me, id, reposts)
	return RepostView{Reposts: n}, err
}

var reposts = ties{
	kind: db.KindTrack, notice: db.NoticeRepost,
	mark: (*db.Tx).RepostMark, join: (*db.Tx).Repost, leave: (*db.Tx).Unrepost,
	count: func(tx *db.Tx, id db.ID) (uint64, error) {
		counts, err := tx.TrackCounts(id)
		return counts.Reposts, err
	},
	may: func(a asker, owner db.User, v db.Visibility) error {
		if v != db.Public {
			return fault.New(fault.Conflict, "repost.private", "Only a public track can be reposted.")
		}
		if a.is(owner.ID) {
			return fault.New(fault.Invalid, "repost.own", "This track is yours: those who follow you have it already.")
		}
		return nil
	},
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
