package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
)

// StationPaged is Paged for a station, whose cursor carries what was given.
type StationPaged struct {
	Cursor string `query:"cursor" maxLength:"4096" doc:"next of the page before; absent for a new session, which has an order of its own."`
	Limit  int    `query:"limit" doc:"Items a page; 20 when absent, never more than 100."`
}

func (p StationPaged) core() core.Paging { return core.Paging{Cursor: p.Cursor, Limit: p.Limit} }

type trackStation struct {
	ByID
	StationPaged
}

func (s *Server) getTrackStation(ctx context.Context, in *trackStation) (*wire.List[wire.Track], error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.core.TrackStation(ctx, from(ctx).asker.User, id, in.core())
	return wireList(p, wireTrack), err
}

type tagStation struct {
	ByTag
	StationPaged
}

func (s *Server) getTagStation(ctx context.Context, in *tagStation) (*wire.List[wire.Track], error) {
	p, err := s.core.TagStation(ctx, from(ctx).asker.User, in.Tag, in.core())
	return wireList(p, wireTrack), err
}
