package api

import (
	"context"
	"time"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

type queueAround struct {
	Most int `query:"most" minimum:"1" maximum:"1000" doc:"How many tracks around the current one; without it, all."`
}

func (s *Server) getQueue(ctx context.Context, in *queueAround) (*wire.PlayQueue, error) {
	v, err := s.core.PlayQueue(ctx, from(ctx).asker.User, in.Most)
	if err != nil {
		return nil, err
	}
	w := &wire.PlayQueue{Tracks: []wire.Track{}, From: v.From, Current: v.Current, Total: v.Total, PositionMS: v.Position.Round(time.Millisecond).Milliseconds(), Device: v.Device, Changed: v.Changed}
	for _, t := range v.Tracks {
		w.Tracks = append(w.Tracks, wireTrack(t))
	}
	return w, nil
}

func (s *Server) putQueue(ctx context.Context, in *body[wire.NewPlayQueue]) (*wire.PlayQueueStored, error) {
	ids := make([]db.ID, len(in.Body.Tracks))
	for i, text := range in.Body.Tracks {
		var err error
		if ids[i], err = pathID(text); err != nil {
			return nil, err
		}
	}
	ex := from(ctx)
	n := core.NewPlayQueue{Tracks: ids, Current: in.Body.Current, Position: milliseconds(in.Body.PositionMS)}
	if in.Body.Over != nil {
		n.Over = *in.Body.Over
	}
	changed, stored, err := s.core.SetPlayQueue(ctx, ex.asker.User, n, ex.client)
	return &wire.PlayQueueStored{Stored: stored, Changed: changed}, err
}

func (s *Server) deleteQueue(ctx context.Context, _ *struct{}) (*none, error) {
	return nil, s.core.DropPlayQueue(ctx, from(ctx).asker.User)
}
