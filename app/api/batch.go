package api

import (
	"context"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

// maxBatch is the size of a change of many tracks: 500 titles of 200 characters.
const maxBatch = 1 << 20

type myTracks struct {
	Paged
	Of string `query:"of" enum:"all,draft,private,link,followers,public" doc:"draft: private, never published, and not waiting for a release; all when absent."`
	Q  string `query:"q" maxLength:"100" doc:"What title, artist or album are to contain."`
}

func (in *myTracks) core() core.TracksOf {
	of := core.TracksOf{Words: in.Q}
	switch in.Of {
	case "", "all":
	case "draft":
		of.Draft = true
	default:
		v := visibility(in.Of)
		of.Visibility = &v
	}
	return of
}

// trackChange gives core what a patch says.
func trackChange(b wire.TrackPatch) core.TrackChange {
	change := core.TrackChange{
		Title: b.Title, Slug: b.Slug, Description: b.Description, Artist: b.Artist, Album: b.Album,
		Year: b.Year, Tags: b.Tags, Downloadable: b.Downloadable, Comments: b.Comments, Embeddable: b.Embeddable,
	}
	if b.Visibility != nil {
		v := visibility(*b.Visibility)
		change.Visibility = &v
	}
	change.Release = releaseOf(b.Release)
	return change
}

type tracksPatch struct {
	Body wire.TracksPatch
}

func (s *Server) patchMyTracks(ctx context.Context, in *tracksPatch) (*wire.TracksPatched, error) {
	b := in.Body
	out := &wire.TracksPatched{Items: []wire.Track{}, Failed: []wire.TrackFailed{}}
	fail := func(id string, err error) {
		out.Failed = append(out.Failed, wire.TrackFailed{ID: id, Error: s.fail(ctx, err).Detail})
	}
	change := trackChange(wire.TrackPatch{
		Artist: b.Changes.Artist, Album: b.Changes.Album, Year: b.Changes.Year, Visibility: b.Changes.Visibility,
		Downloadable: b.Changes.Downloadable, Comments: b.Changes.Comments, Release: b.Changes.Release,
	})
	change.AddTags = b.Changes.AddTags
	var ids []db.ID
	var titles []string
	for i, text := range b.IDs {
		id, err := pathID(text)
		if err != nil {
			fail(text, err)
			continue
		}
		ids = append(ids, id)
		if i < len(b.Titles) {
			titles = append(titles, b.Titles[i])
		}
	}
	if len(b.Titles) > 0 && len(b.Titles) != len(b.IDs) {
		titles, ids = b.Titles, nil // core says what is wrong
	}
	edited, refused, err := s.core.EditTracks(ctx, from(ctx).asker.User, ids, titles, b.Changes.DropTags, change)
	if err != nil {
		return nil, err
	}
	out.Items = wireAll(edited, wireTrack)
	for _, r := range refused {
		fail(r.ID.String(), r.Fault)
	}
	return out, nil
}
