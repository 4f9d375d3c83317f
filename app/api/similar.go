package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
)

type similarQuery struct {
	ByID
	Limit int `query:"limit" doc:"How many tracks; 10 when absent, never more than 30."`
}

func (s *Server) getSimilar(ctx context.Context, in *similarQuery) (*wire.List[wire.Similar], error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	list, err := s.core.Similar(ctx, from(ctx).asker.User, id, in.Limit)
	return wireList(core.Page[core.SimilarView]{Items: list}, wireSimilar), err
}
