package core

import (
	"context"

	"earshot/db"
)

// LikeView is how a like stands after it was changed.
type LikeView struct {
	Liked bool
	Likes uint64 // how many there are now
}

// LikeTrack makes the asker like a track, whose owner is told. Liking again
// changes nothing.
func (c *Core) LikeTrack(ctx context.Context, me, id db.ID) (LikeView, error) {
	n, err := c.tie(ctx, me, id, trackLikes)
	return LikeView{Liked: err == nil, Likes: n}, err
}

// UnlikeTrack ends a like; of a track that the asker sees there need be none.
func (c *Core) UnlikeTrack(ctx context.Context, me, id db.ID) (LikeView, error) {
	n, err := c.untie(ctx, me, id, trackLikes)
	return LikeView{Likes: n}, err
}

// LikePlaylist makes the asker like a playlist, whose owner is told.
func (c *Core) LikePlaylist(ctx context.Context, me, id db.ID) (LikeView, error) {
	n, err := c.tie(ctx, me, id, playlistLikes)
	return LikeView{Liked: err == nil, Likes: n}, err
}

// UnlikePlaylist is UnlikeTrack for a playlist.
func (c *Core) UnlikePlaylist(ctx context.Context, me, id db.ID) (LikeView, error) {
	n, err := c.untie(ctx, me, id, playlistLikes)
	return LikeView{Likes: n}, err
}

// ties are a way in which people tie themselves to tracks or playlists.
type ties struct {
	kind   db.Kind
	notice db.Notice // what the owner is told
	mark   func(tx *db.Tx, user, id db.ID) (db.ID, error)
	join   func(tx *db.Tx, user, id db.ID) (mark db.ID, added bool, err error)
	leave  func(tx *db.Tx, user, id db.ID) (dropped bool, err error)
	count  func(tx *db.Tx, id db.ID) (uint64, error)
	may    func(a asker, owner db.User, v db.Visibility) error // nil where seeing is enough
}

var (
	trackLikes = ties{
		kind: db.KindTrack, notice: db.NoticeLike,
		mark: (*db.Tx).LikeMark, join: (*db.Tx).Like, leave: (*db.Tx).Unlike,
		count: func(tx *db.Tx, id db.ID) (uint64, error) {
			counts, err := tx.TrackCounts(id)
			return counts.Likes, err
		},
	}
	playlistLikes = ties{
		kind: db.KindPlaylist, notice: db.NoticeLike,
		mark: (*db.Tx).PlaylistLikeMark, join: (*db.Tx).LikePlaylist, leave: (*db.Tx).UnlikePlaylist,
		count: func(tx *db.Tx, id db.ID) (uint64, error) {
			counts, err := tx.PlaylistCounts(id)
			return counts.Likes, err
		},
	}
)

// tie ties the asker to a thing and tells its owner, and gives how many are
// tied to it.
func (c *Core) tie(ctx context.Context, me, id db.ID, s ties) (n uint64, err error) {
	err = c.act(ctx, func(tx *db.Tx, out *outgoing) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		owner, v, err := s.owner(tx, id)
		if err != nil {
			return err
		}
		if a.sight(owner, db.Thing{Kind: s.kind, ID: id}, v) < whole {
			return ErrNotFound
		}
		if s.may != nil {
			if err := s.may(a, owner, v); err != nil {
				return err
			}
		}
		mark, added, err := s.join(tx, me, id)
		if err == nil && added {
			err = c.notify(tx, out, db.Notification{
				User: owner.ID, Kind: s.notice, Actor: me, Thing: db.Thing{Kind: s.kind, ID: id}, Mark: mark,
			})
		}
		if err != nil {
			return err
		}
		n, err = s.count(tx, id)
		return err
	})
	return n, err
}

// untie ends a tie. One's own doing can be taken back also where the thing is
// not to be seen any more; how many others are tied to it is not told then.
func (c *Core) untie(ctx context.Context, me, id db.ID, s ties) (n uint64, err error) {
	err = c.act(ctx, func(tx *db.Tx, out *outgoing) error {
		n = 0
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		owner, v, err := s.owner(tx, id)
		if err != nil {
			return err
		}
		mark, err := s.mark(tx, me, id)
		if err != nil {
			return err
		}
		sees := a.sight(owner, db.Thing{Kind: s.kind, ID: id}, v) == whole
		if !sees && mark == 0 {
			return ErrNotFound
		}
		if _, err := s.leave(tx, me, id); err != nil {
			return err
		}
		if err := unnotify(tx, out, owner.ID, mark); err != nil || !sees {
			return err
		}
		n, err = s.count(tx, id)
		return err
	})
	return n, err
}

// owner finds whose a thing is, and who may see it.
func (s ties) owner(tx *db.Tx, id db.ID) (owner db.User, v db.Visibility, err error) {
	if s.kind == db.KindPlaylist {
		p, err := tx.Playlist(id)
		if err != nil {
			return owner, v, err
		}
		owner, err = tx.User(p.User)
		return owner, p.Visibility, err
	}
	t, err := tx.Track(id)
	if err != nil {
		return owner, v, err
	}
	owner, err = tx.User(t.User)
	return owner, t.Visibility, err
}

// Likers lists who likes a track, the newest like first.
func (c *Core) Likers(ctx context.Context, me, id db.ID, p Paging) (Page[UserView], error) {
	return c.aroundTrack(ctx, me, id, func(tx *db.Tx, a asker) (Page[UserView], error) {
		return c.pagePeople(tx, a, "likers/"+id.String(), p, of(tx.Likers, id), fromOf)
	})
}

// aroundTrack reads a list of people around a track that the asker sees whole.
func (c *Core) aroundTrack(ctx context.Context, me, id db.ID, list func(*db.Tx, asker) (Page[UserView], error)) (Page[UserView], error) {
	var page Page[UserView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		if _, _, err := c.track(tx, a, id, whole); err != nil {
			return err
		}
		page, err = list(tx, a)
		return err
	})
	return page, err
}

// Likes lists the tracks that a person likes, the newest like first.
func (c *Core) Likes(ctx context.Context, me, user db.ID, p Paging) (Page[TrackView], error) {
	return c.tracksOf(ctx, me, user, func(tx *db.Tx, a asker) (Page[TrackView], error) {
		return c.pageEdges(tx, a, "likes/"+user.String(), p, of(tx.Likes, user))
	})
}

// tracksOf reads a list of tracks that belongs to a person whom the asker may
// know of. Nobody has a list of their own without an account.
func (c *Core) tracksOf(ctx context.Context, me, user db.ID, list func(*db.Tx, asker) (Page[TrackView], error)) (Page[TrackView], error) {
	var page Page[TrackView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.asker(tx, me)
		if err != nil {
			return err
		}
		if _, err := c.person(tx, a, user); err != nil {
			return err
		}
		page, err = list(tx, a)
		return err
	})
	c.draw(page.Items...)
	return page, err
}

// LikedPlaylists lists the playlists that the asker likes, the newest like
// first.
func (c *Core) LikedPlaylists(ctx context.Context, me db.ID, p Paging) (Page[PlaylistView], error) {
	var page Page[PlaylistView]
	err := c.view(ctx, func(tx *db.Tx) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		owners, left := people{}, surveyed
		page, err = collect(c, "playlistlikes/"+me.String(), p, of(tx.PlaylistLikes, me), markOf, func(e db.Edge) (PlaylistView, bool, error) {
			return c.seenPlaylist(tx, a, e.To, owners, &left)
		})
		return err
	})
	return page, err
}
