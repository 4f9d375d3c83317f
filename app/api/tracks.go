package api

import (
	"context"
	"net/url"
	"strings"

	"earshot/app/api/wire"
	"earshot/app/core"
)

type streamQuery struct {
	Paged
	Of string `query:"of" enum:"followed,all" doc:"followed: what those whom the asker follows publish and repost, and the own tracks; all: the newest public tracks. When absent, followed for those who follow somebody, all for others."`
}

var streams = map[string]core.StreamOf{"": core.StreamUsual, "followed": core.StreamFollowed, "all": core.StreamAll}

func (s *Server) getStream(ctx context.Context, in *streamQuery) (*wire.List[wire.Track], error) {
	p, err := s.core.Stream(ctx, from(ctx).asker.User, streams[in.Of], in.core())
	return wireList(p, wireTrack), err
}

func (s *Server) getMyTracks(ctx context.Context, in *Paged) (*wire.List[wire.Track], error) {
	p, err := s.core.MyTracks(ctx, from(ctx).asker.User, in.core())
	return wireList(p, wireTrack), err
}

type userTracks struct {
	ByID
	Paged
}

func (s *Server) getUserTracks(ctx context.Context, in *userTracks) (*wire.List[wire.Track], error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.core.UserTracks(ctx, from(ctx).asker.User, id, in.core())
	return wireList(p, wireTrack), err
}

func (s *Server) getTrack(ctx context.Context, in *ByID) (*wire.Track, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.core.Track(ctx, from(ctx).asker.User, id)
	w := wireTrack(v)
	return &w, err
}

type trackPatch struct {
	ByID
	Body wire.TrackPatch
}

func (s *Server) patchTrack(ctx context.Context, in *trackPatch) (*wire.Track, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	change := core.TrackChange{
		Title: b.Title, Slug: b.Slug, Description: b.Description, Artist: b.Artist, Album: b.Album,
		Year: b.Year, Tags: b.Tags, Downloadable: b.Downloadable, Comments: b.Comments, Embeddable: b.Embeddable,
	}
	if b.Visibility != nil {
		v := visibility(*b.Visibility)
		change.Visibility = &v
	}
	change.Release = releaseOf(b.Release)
	v, err := s.core.EditTrack(ctx, from(ctx).asker.User, id, change)
	w := wireTrack(v)
	return &w, err
}

func (s *Server) deleteTrack(ctx context.Context, in *ByID) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.DeleteTrack(ctx, from(ctx).asker.User, id)
}

func (s *Server) deleteTrackPicture(ctx context.Context, in *ByID) (*wire.Track, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.core.SetTrackPicture(ctx, from(ctx).asker.User, id, nil)
	w := wireTrack(v)
	return &w, err
}

type resolveQuery struct {
	Path string `query:"path" required:"true" maxLength:"600" doc:"Path of a page: /<username>, /<username>/<track-slug> or /<username>/playlists/<slug>."`
}

func (s *Server) getResolve(ctx context.Context, in *resolveQuery) (*wire.Resolved, error) {
	found, err := s.core.Resolve(ctx, from(ctx).asker.User, in.Path)
	if err != nil {
		return nil, err
	}
	out := &wire.Resolved{Moved: movedTo(found)}
	if found.Track != nil {
		t := wireTrack(*found.Track)
		out.Track = &t
		return out, nil
	}
	if found.Playlist != nil {
		p := wirePlaylist(*found.Playlist)
		out.Playlist = &p
		return out, nil
	}
	u := wireUser(found.User)
	out.User = &u
	return out, nil
}

// movedTo is the escaped present address of what was found under a former one.
func movedTo(found core.Found) string {
	if found.Moved == "" {
		return ""
	}
	return (&url.URL{Path: "/" + strings.TrimPrefix(found.Moved, "/")}).EscapedPath()
}
