package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

// liked answers a change of a like.
func (s *Server) liked(ctx context.Context, in *ByID, change func(ctx context.Context, me, id db.ID) (core.LikeView, error)) (*wire.Liked, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := change(ctx, from(ctx).asker.User, id)
	return &wire.Liked{Liked: v.Liked, Likes: v.Likes}, err
}

func (s *Server) putTrackLike(ctx context.Context, in *ByID) (*wire.Liked, error) {
	return s.liked(ctx, in, s.core.LikeTrack)
}

func (s *Server) deleteTrackLike(ctx context.Context, in *ByID) (*wire.Liked, error) {
	return s.liked(ctx, in, s.core.UnlikeTrack)
}

func (s *Server) putPlaylistLike(ctx context.Context, in *ByID) (*wire.Liked, error) {
	return s.liked(ctx, in, s.core.LikePlaylist)
}

func (s *Server) deletePlaylistLike(ctx context.Context, in *ByID) (*wire.Liked, error) {
	return s.liked(ctx, in, s.core.UnlikePlaylist)
}

func (s *Server) getLikers(ctx context.Context, in *listOf) (*wire.List[wire.User], error) {
	return s.people(ctx, in, s.core.Likers)
}

func (s *Server) getMyLikes(ctx context.Context, in *Paged) (*wire.List[wire.Track], error) {
	me := from(ctx).asker.User
	p, err := s.core.Likes(ctx, me, me, in.core())
	return wireList(p, wireTrack), err
}

// tracks answers with a list of tracks that belongs to one thing.
func (s *Server) tracks(ctx context.Context, in *listOf, list func(ctx context.Context, me, id db.ID, p core.Paging) (core.Page[core.TrackView], error)) (*wire.List[wire.Track], error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	p, err := list(ctx, from(ctx).asker.User, id, in.core())
	return wireList(p, wireTrack), err
}

func (s *Server) getUserLikes(ctx context.Context, in *listOf) (*wire.List[wire.Track], error) {
	return s.tracks(ctx, in, s.core.Likes)
}

func (s *Server) getMyPlaylistLikes(ctx context.Context, in *Paged) (*wire.List[wire.Playlist], error) {
	p, err := s.core.LikedPlaylists(ctx, from(ctx).asker.User, in.core())
	return wireList(p, wirePlaylist), err
}
