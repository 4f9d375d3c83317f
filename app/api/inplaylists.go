package api

import (
	"context"

	"earshot/app/api/wire"
)

func (s *Server) getInPlaylists(ctx context.Context, in *listOf) (*wire.List[wire.Playlist], error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.core.InPlaylists(ctx, from(ctx).asker.User, id, in.core())
	return wireList(p, wirePlaylist), err
}
