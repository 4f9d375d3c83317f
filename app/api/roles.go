package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/db"
)

func (s *Server) putRole(ctx context.Context, in *struct {
	ByID
	Body wire.RoleChange
}) (*wire.Account, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	role := db.Member
	if in.Body.Role == "keeper" {
		role = db.Keeper
	}
	ex := from(ctx)
	v, err := s.core.SetRole(ctx, ex.asker, id, role, in.Body.Password, ex.client)
	w := wireAccount(v)
	return &w, err
}

func (s *Server) putQuota(ctx context.Context, in *struct {
	ByID
	Body wire.QuotaChange
}) (*wire.Account, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	most := func(n int64) uint64 {
		if n < 0 {
			return db.NoQuota
		}
		return uint64(n)
	}
	v, err := s.core.SetQuota(ctx, from(ctx).asker.User, id, most(in.Body.MostBytes), most(in.Body.MostTracks))
	w := wireAccount(v)
	return &w, err
}
