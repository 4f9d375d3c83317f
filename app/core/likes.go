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
	return c.likeTrack(ctx, me, id, func(tx *db.Tx, out *outgoing, t db.Track) error {
		mark, added, err := tx.Like(me, id)
		if err != nil || !added {
			return err
		}
		return c.notify(tx, out, db.Notification{
			User: t.User, Kind: db.NoticeLike, Actor: me, Thing: db.Thing{Kind: db.KindTrack, ID: id}, Mark: mark,
		})
	})
}

// UnlikeTrack ends a like; there need be none.
func (c *Core) UnlikeTrack(ctx context.Context, me, id db.ID) (LikeView, error) {
	return c.likeTrack(ctx, me, id, func(tx *db.Tx, out *outgoing, t db.Track) error {
		mark, err := tx.LikeMark(me, id)
		if err != nil {
			return err
		}
		if _, err := tx.Unlike(me, id); err != nil {
			return err
		}
		return unnotify(tx, out, t.User, mark)
	})
}

func (c *Core) likeTrack(ctx context.Context, me, id db.ID, change func(*db.Tx, *outgoing, db.Track) error) (LikeView, error) {
	var v LikeView
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
		mark, err := tx.LikeMark(me, id)
		v = LikeView{Liked: mark != 0, Likes: counts.Likes}
		return err
	})
	return v, err
}

// LikePlaylist makes the asker like a playlist, whose owner is told.
func (c *Core) LikePlaylist(ctx context.Context, me, id db.ID) (LikeView, error) {
	return c.likePlaylist(ctx, me, id, func(tx *db.Tx, out *outgoing, p db.Playlist) error {
		mark, added, err := tx.LikePlaylist(me, id)
		if err != nil || !added {
			return err
		}
		return c.notify(tx, out, db.Notification{
			User: p.User, Kind: db.NoticeLike, Actor: me, Thing: db.Thing{Kind: db.KindPlaylist, ID: id}, Mark: mark,
		})
	})
}

// UnlikePlaylist ends a like of a playlist; there need be none.
func (c *Core) UnlikePlaylist(ctx context.Context, me, id db.ID) (LikeView, error) {
	return c.likePlaylist(ctx, me, id, func(tx *db.Tx, out *outgoing, p db.Playlist) error {
		mark, err := tx.PlaylistLikeMark(me, id)
		if err != nil {
			return err
		}
		if _, err := tx.UnlikePlaylist(me, id); err != nil {
			return err
		}
		return unnotify(tx, out, p.User, mark)
	})
}

func (c *Core) likePlaylist(ctx context.Context, me, id db.ID, change func(*db.Tx, *outgoing, db.Playlist) error) (LikeView, error) {
	var v LikeView
	err := c.act(ctx, func(tx *db.Tx, out *outgoing) error {
		a, err := c.member(tx, me)
		if err != nil {
			return err
		}
		p, _, err := c.playlist(tx, a, id, whole)
		if err != nil {
			return err
		}
		if err := change(tx, out, p); err != nil {
			return err
		}
		counts, err := tx.PlaylistCounts(id)
		if err != nil {
			return err
		}
		mark, err := tx.PlaylistLikeMark(me, id)
		v = LikeView{Liked: mark != 0, Likes: counts.Likes}
		return err
	})
	return v, err
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
