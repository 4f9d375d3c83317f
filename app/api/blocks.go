package api

import (
	"context"

	"earshot/app/api/wire"
)

func (s *Server) putBlock(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.Block(ctx, from(ctx).asker.User, id)
}

func (s *Server) deleteBlock(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.Unblock(ctx, from(ctx).asker.User, id)
}

func (s *Server) getBlocks(ctx context.Context, in *Paged) (*wire.List[wire.User], error) {
	p, err := s.core.Blocked(ctx, from(ctx).asker.User, in.core())
	return wireList(p, wireUser), err
}
