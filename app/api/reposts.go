package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

// reposted answers a change of a repost.
func (s *Server) reposted(ctx context.Context, in *ByID, change func(ctx context.Context, me, id db.ID) (core.RepostView, error)) (*wire.Reposted, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := change(ctx, from(ctx).asker.User, id)
	return &wire.Reposted{Reposted: v.Reposted, Reposts: v.Reposts}, err
}

func (s *Server) putRepost(ctx context.Context, in *ByID) (*wire.Reposted, error) {
	return s.reposted(ctx, in, s.core.Repost)
}

func (s *Server) deleteRepost(ctx context.Context, in *ByID) (*wire.Reposted, error) {
	return s.reposted(ctx, in, s.core.Unrepost)
}

func (s *Server) getReposters(ctx context.Context, in *listOf) (*wire.List[wire.User], error) {
	return s.people(ctx, in, s.core.Reposters)
}

func (s *Server) getUserReposts(ctx context.Context, in *listOf) (*wire.List[wire.Track], error) {
	return s.tracks(ctx, in, s.core.Reposts)
}
