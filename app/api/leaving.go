package api

import (
	"context"

	"earshot/app/api/wire"
)

func (s *Server) postDeleteMe(ctx context.Context, in *body[wire.AccountDeletion]) (*none, error) {
	ex := from(ctx)
	if err := s.core.DeleteMe(ctx, ex.asker, in.Body.Password, ex.client); err != nil {
		return nil, err
	}
	s.setSession(ctx, "")
	return nil, nil
}

func (s *Server) deleteUser(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.DeleteUser(ctx, from(ctx).asker.User, id)
}
