package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
)

// ByTag is the input of an operation on one tag.
type ByTag struct {
	Tag string `path:"tag" maxLength:"200" doc:"Its name, in any case and form of letters."`
}

func (s *Server) getTags(ctx context.Context, in *Paged) (*wire.List[wire.Tag], error) {
	p, err := s.core.Tags(ctx, from(ctx).asker.User, in.core())
	return wireList(p, wireTag), err
}

func (s *Server) getTag(ctx context.Context, in *ByTag) (*wire.TagPage, error) {
	p, err := s.core.TagPage(ctx, from(ctx).asker.User, in.Tag)
	return &wire.TagPage{Tag: wireTag(p.TagView), Related: wireAll(p.Related, wireTag)}, err
}

type tagTracks struct {
	ByTag
	Paged
	Order string `query:"order" enum:"newest,popular" doc:"newest: the last published first, also when absent; popular: of the newest 500 those that are played and liked most."`
}

var trackOrders = map[string]core.TrackOrder{"": core.NewestFirst, "newest": core.NewestFirst, "popular": core.PopularFirst}

func (s *Server) getTagTracks(ctx context.Context, in *tagTracks) (*wire.List[wire.Track], error) {
	p, err := s.core.TagTracks(ctx, from(ctx).asker.User, in.Tag, trackOrders[in.Order], in.core())
	return wireList(p, wireTrack), err
}
