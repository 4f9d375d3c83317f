package api

import (
	"context"
	"math"
	"time"

	"earshot/app/api/wire"
)

type listen struct {
	ByID
	Body wire.Listen
}

func (s *Server) postPlay(ctx context.Context, in *listen) (*wire.Listened, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	ex := from(ctx)
	heard := time.Duration(min(in.Body.ListenedMS, time.Hour.Milliseconds())) * time.Millisecond
	counted, err := s.core.Play(ctx, ex.asker.User, id, heard, ex.client)
	return &wire.Listened{Counted: counted}, err
}

type stop struct {
	ByID
	Body wire.Stop
}

func (s *Server) postStop(ctx context.Context, in *stop) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	ex := from(ctx)
	milliseconds := func(n int64) time.Duration {
		return time.Duration(min(n, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
	}
	return nil, s.core.Stop(ctx, ex.asker.User, id, milliseconds(in.Body.PositionMS), milliseconds(in.Body.ListenedMS), ex.client)
}

func (s *Server) getHistory(ctx context.Context, in *Paged) (*wire.List[wire.Track], error) {
	p, err := s.core.History(ctx, from(ctx).asker.User, in.core())
	return wireList(p, wireTrack), err
}

func (s *Server) deleteHistory(ctx context.Context, _ *struct{}) (*none, error) {
	return nil, s.core.ForgetListens(ctx, from(ctx).asker.User)
}

func (s *Server) deleteHistoryEntry(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.ForgetListen(ctx, from(ctx).asker.User, id)
}
