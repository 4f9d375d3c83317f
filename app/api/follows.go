package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

// followed answers a change of a follow.
func (s *Server) followed(ctx context.Context, in *ByID, change func(ctx context.Context, me, id db.ID) (core.FollowView, error)) (*wire.Following, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := change(ctx, from(ctx).asker.User, id)
	return &wire.Following{Following: v.Following, Followers: v.Followers}, err
}

func (s *Server) putFollow(ctx context.Context, in *ByID) (*wire.Following, error) {
	return s.followed(ctx, in, s.core.Follow)
}

func (s *Server) deleteFollow(ctx context.Context, in *ByID) (*wire.Following, error) {
	return s.followed(ctx, in, s.core.Unfollow)
}

func (s *Server) postFollowToggle(ctx context.Context, in *ByID) (*wire.Following, error) {
	return s.followed(ctx, in, s.core.ToggleFollow)
}

// listOf is the input of a list that belongs to one thing.
type listOf struct {
	ByID
	Paged
}

// people answers with a list of people around one thing.
func (s *Server) people(ctx context.Context, in *listOf, list func(ctx context.Context, me, id db.ID, p core.Paging) (core.Page[core.UserView], error)) (*wire.List[wire.User], error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	p, err := list(ctx, from(ctx).asker.User, id, in.core())
	return wireList(p, wireUser), err
}

func (s *Server) getFollowers(ctx context.Context, in *listOf) (*wire.List[wire.User], error) {
	return s.people(ctx, in, s.core.Followers)
}

func (s *Server) getFollowing(ctx context.Context, in *listOf) (*wire.List[wire.User], error) {
	return s.people(ctx, in, s.core.Following)
}
