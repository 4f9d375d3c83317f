package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
)

type recommendationsQuery struct {
	Limit int `query:"limit" doc:"How many people; 10 when absent, never more than 30."`
}

func (s *Server) getRecommendations(ctx context.Context, in *recommendationsQuery) (*wire.List[wire.Recommendation], error) {
	list, err := s.core.Recommend(ctx, from(ctx).asker.User, in.Limit)
	return wireList(core.Page[core.Recommendation]{Items: list}, wireRecommendation), err
}

var whys = map[core.Why]string{core.FollowedByYours: "followed_by", core.Heard: "listened", core.Active: "active"}

func wireRecommendation(r core.Recommendation) wire.Recommendation {
	w := wire.Recommendation{User: wireUser(r.User), Reason: whys[r.Why], By: []wire.UserRef{}, N: r.N}
	for _, u := range r.By {
		w.By = append(w.By, wireUserRef(u))
	}
	if r.Track != nil {
		t := wireTrack(*r.Track)
		w.Track = &t
	}
	return w
}
