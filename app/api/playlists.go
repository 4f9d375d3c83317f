package api

import (
	"context"
	"net/http"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

// playlist renders one playlist.
func playlist(v core.PlaylistView, err error) (*wire.Playlist, error) {
	w := wirePlaylist(v)
	return &w, err
}

func (s *Server) postPlaylist(ctx context.Context, in *body[wire.NewPlaylist]) (*wire.Playlist, error) {
	b := in.Body
	n := core.NewPlaylist{Title: b.Title, Kind: playlistKind(b.Kind), Visibility: visibility(b.Visibility)}
	if b.Release != nil {
		n.Release = db.Release{At: b.Release.At, As: visibility(b.Release.As)}
	}
	for _, text := range b.Tracks {
		id, err := pathID(text)
		if err != nil {
			return nil, err
		}
		n.Tracks = append(n.Tracks, id)
	}
	return playlist(s.core.AddPlaylist(ctx, from(ctx).asker.User, n))
}

func (s *Server) getPlaylist(ctx context.Context, in *ByID) (*wire.Playlist, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return playlist(s.core.Playlist(ctx, from(ctx).asker.User, id))
}

type playlistPatch struct {
	ByID
	Body wire.PlaylistPatch
}

func (s *Server) patchPlaylist(ctx context.Context, in *playlistPatch) (*wire.Playlist, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	change := core.PlaylistChange{Title: b.Title, Slug: b.Slug, Description: b.Description, Tags: b.Tags}
	if b.Kind != nil {
		k := playlistKind(*b.Kind)
		change.Kind = &k
	}
	if b.Visibility != nil {
		v := visibility(*b.Visibility)
		change.Visibility = &v
	}
	change.Release = releaseOf(b.Release)
	return playlist(s.core.EditPlaylist(ctx, from(ctx).asker.User, id, change))
}

func (s *Server) deletePlaylist(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.DeletePlaylist(ctx, from(ctx).asker.User, id)
}

func (s *Server) getPlaylistTracks(ctx context.Context, in *listOf) (*wire.List[wire.Track], error) {
	return s.tracks(ctx, in, s.core.PlaylistTracks)
}

// ByTrack is the input of an operation on one track of a playlist.
type ByTrack struct {
	ByID
	Track string `path:"track" maxLength:"64"`
}

func (in ByTrack) ids() (id, track db.ID, err error) {
	if id, err = pathID(in.ID); err == nil {
		track, err = pathID(in.Track)
	}
	return id, track, err
}

type playlistPlace struct {
	ByTrack
	Body wire.PlaylistPlace
}

func (s *Server) putPlaylistTrack(ctx context.Context, in *playlistPlace) (*wire.Playlist, error) {
	id, track, err := in.ids()
	var before db.ID
	if err == nil && in.Body.Before != "" {
		before, err = pathID(in.Body.Before)
	}
	if err != nil {
		return nil, err
	}
	return playlist(s.core.PlaceTrack(ctx, from(ctx).asker.User, id, track, before))
}

func (s *Server) deletePlaylistTrack(ctx context.Context, in *ByTrack) (*wire.Playlist, error) {
	id, track, err := in.ids()
	if err != nil {
		return nil, err
	}
	return playlist(s.core.DisplaceTrack(ctx, from(ctx).asker.User, id, track))
}

// OfKind is the part of a query that says which playlists are meant.
type OfKind struct {
	Kind string `query:"kind" enum:"playlist,album" doc:"Only these; all when absent."`
}

func (f OfKind) filter() core.PlaylistFilter {
	if f.Kind == "" {
		return core.PlaylistFilter{}
	}
	k := playlistKind(f.Kind)
	return core.PlaylistFilter{Kind: &k}
}

type myPlaylists struct {
	Paged
	OfKind
	Track string `query:"track" maxLength:"64" doc:"Id of a track: has tells which of the playlists it is in."`
}

func (s *Server) getMyPlaylists(ctx context.Context, in *myPlaylists) (*wire.List[wire.Playlist], error) {
	f := in.filter()
	if in.Track != "" {
		id, err := pathID(in.Track)
		if err != nil {
			return nil, err
		}
		f.Track = id
	}
	p, err := s.core.MyPlaylists(ctx, from(ctx).asker.User, f, in.core())
	return wireList(p, wirePlaylist), err
}

type userPlaylists struct {
	ByID
	Paged
	OfKind
}

func (s *Server) getUserPlaylists(ctx context.Context, in *userPlaylists) (*wire.List[wire.Playlist], error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.core.UserPlaylists(ctx, from(ctx).asker.User, id, in.filter(), in.core())
	return wireList(p, wirePlaylist), err
}

// putPlaylistPicture replaces a playlist's artwork with the image in the body.
func (s *Server) putPlaylistPicture(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r.PathValue("id"))
	if err != nil {
		return err
	}
	in := newPatientReader(w, r, uploadWithin)
	view, err := s.core.SetPlaylistPicture(r.Context(), from(r.Context()).asker.User, id, in)
	if err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusOK, wirePlaylist(view))
}

func (s *Server) deletePlaylistPicture(ctx context.Context, in *ByID) (*wire.Playlist, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return playlist(s.core.SetPlaylistPicture(ctx, from(ctx).asker.User, id, nil))
}
