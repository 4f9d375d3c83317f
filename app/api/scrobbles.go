package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
)

func (s *Server) getScrobbler(ctx context.Context, _ *struct{}) (*wire.Scrobbler, error) {
	v, err := s.core.Scrobbler(ctx, from(ctx).asker.User)
	return wireScrobbler(v), err
}

func (s *Server) putScrobbler(ctx context.Context, in *body[wire.NewScrobbler]) (*wire.Scrobbler, error) {
	v, err := s.core.ConnectScrobbler(ctx, from(ctx).asker, in.Body.Address, in.Body.Token)
	return wireScrobbler(v), err
}

func (s *Server) deleteScrobbler(ctx context.Context, _ *struct{}) (*none, error) {
	return nil, s.core.DisconnectScrobbler(ctx, from(ctx).asker)
}

func wireScrobbler(v core.ScrobblerView) *wire.Scrobbler {
	w := &wire.Scrobbler{Servers: []wire.ScrobbleServer{}}
	for _, s := range v.Servers {
		w.Servers = append(w.Servers, wire.ScrobbleServer(s))
	}
	if v.Address == "" {
		return w
	}
	w.Connected, w.Address, w.Title, w.Name, w.Since = true, v.Address, v.Title, v.Name, v.Created.UTC()
	w.Sent, w.Waiting, w.Error, w.Paused = int64(v.Sent), v.Waiting, v.Error, v.Paused
	if !v.Last.IsZero() {
		w.Last = v.Last.UTC()
	}
	if !v.Failed.IsZero() {
		w.Failed = v.Failed.UTC()
	}
	return w
}
