package api

import (
	"context"

	"earshot/app/api/wire"
)

func (s *Server) getHome(ctx context.Context, _ *struct{}) (*wire.Home, error) {
	h, err := s.core.Home(ctx, from(ctx).asker.User)
	w := &wire.Home{
		Tags: []wire.TagShelf{}, Because: []wire.Because{},
		Week: wireAll(h.Week, wireTrack), Always: wireAll(h.Always, wireTrack), Newest: wireAll(h.Newest, wireTrack),
		People: wireAll(h.People, wireUser), Follow: wireAll(h.Follow, wireRecommendation),
	}
	for _, shelf := range h.Tags {
		w.Tags = append(w.Tags, wire.TagShelf{Tag: wireTag(shelf.Tag), Tracks: wireAll(shelf.Tracks, wireTrack)})
	}
	for _, because := range h.Because {
		w.Because = append(w.Because, wire.Because{Track: wireTrack(because.Track), Tracks: wireAll(because.Tracks, wireSimilar)})
	}
	return w, err
}
