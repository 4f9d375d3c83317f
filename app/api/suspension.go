package api

import (
	"context"

	"earshot/app/api/wire"
)

func (s *Server) putSuspension(ctx context.Context, in *ByID) (*wire.User, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.core.Suspend(ctx, from(ctx).asker.User, id)
	w := wireUser(v)
	return &w, err
}

func (s *Server) deleteSuspension(ctx context.Context, in *ByID) (*wire.User, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.core.Reinstate(ctx, from(ctx).asker.User, id)
	w := wireUser(v)
	return &w, err
}

func (s *Server) getUsers(ctx context.Context, in *Paged) (*wire.List[wire.Account], error) {
	p, err := s.core.Users(ctx, from(ctx).asker.User, in.core())
	return wireList(p, wireAccount), err
}
