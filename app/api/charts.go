package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/db"
)

type charted struct {
	Paged
	Period string `query:"period" enum:"week,all" default:"week" doc:"Today and the six days before, or all time."`
}

func (s *Server) getCharts(ctx context.Context, in *charted) (*wire.List[wire.Track], error) {
	period := db.Week
	if in.Period == "all" {
		period = db.Always
	}
	p, err := s.core.Chart(ctx, from(ctx).asker.User, period, in.core())
	return wireList(p, wireTrack), err
}
