package api

import (
	"context"
	"unicode/utf16"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

type searchQuery struct {
	Cursor       string `query:"cursor" maxLength:"4096" doc:"next of the page before; absent for the first."`
	Limit        int    `query:"limit" doc:"Items a page; 20 when absent, never more than 100."`
	Q            string `query:"q" doc:"Words to find. All of them have to be in what is found; the last one may be the beginning of a word."`
	Kind         string `query:"kind" enum:"track,user,playlist,tag" doc:"Only things of this kind."`
	Tag          string `query:"tag" doc:"Only tracks that carry this tag."`
	Duration     string `query:"duration" enum:"short,medium,long,very_long" doc:"Only tracks under 2 minutes, under 10, under 30, or longer ones."`
	Date         string `query:"date" enum:"week,month,year,older" doc:"Only tracks of the last 7, 30 or 365 days, or older ones."`
	Downloadable bool   `query:"downloadable" doc:"Only tracks that their owners offer for download."`
}

func (s *Server) getSearch(ctx context.Context, in *searchQuery) (*wire.Found, error) {
	q := core.SearchFor{Text: in.Q, Tag: in.Tag, Downloadable: in.Downloadable, Kind: keyOf(hitKinds, in.Kind), Length: keyOf(lengths, in.Duration), Age: keyOf(ages, in.Date)}
	v, err := s.core.Search(ctx, from(ctx).asker.User, q, core.Paging{Cursor: in.Cursor, Limit: in.Limit})
	return wireFound(v), err
}

type suggestQuery struct {
	Q     string `query:"q" doc:"What was typed so far."`
	Limit int    `query:"limit" doc:"How many things; 8 when absent, never more than 20."`
}

func (s *Server) getSuggest(ctx context.Context, in *suggestQuery) (*wire.Found, error) {
	v, err := s.core.Suggest(ctx, from(ctx).asker.User, in.Q, in.Limit)
	return wireFound(v), err
}

func (s *Server) getIndex(ctx context.Context, _ *struct{}) (*wire.Index, error) {
	state, err := s.core.Index(ctx, from(ctx).asker.User)
	return &wire.Index{
		Documents: state.Documents, Waiting: state.Waiting, Building: state.Building, Progress: state.Progress,
		Reason: state.Reason, Bytes: state.Bytes, Error: state.Error,
	}, err
}

func (s *Server) postRebuild(ctx context.Context, _ *struct{}) (*none, error) {
	return nil, s.core.Reindex(ctx, from(ctx).asker.User)
}

var (
	hitKinds = map[db.Kind]string{db.KindTrack: "track", db.KindUser: "user", db.KindPlaylist: "playlist", db.KindTag: "tag"}
	lengths  = map[core.Length]string{core.Short: "short", core.Medium: "medium", core.Long: "long", core.VeryLong: "very_long"}
	ages     = map[core.Age]string{core.ThisWeek: "week", core.ThisMonth: "month", core.ThisYear: "year", core.Older: "older"}
)

func wireFound(v core.FoundView) *wire.Found {
	w := &wire.Found{Items: make([]wire.Hit, 0, len(v.Items)), Next: v.Next, Building: v.Building, Counts: wire.HitCounts{
		Tracks: v.Counts[db.KindTrack], People: v.Counts[db.KindUser], Playlists: v.Counts[db.KindPlaylist], Tags: v.Counts[db.KindTag], More: v.More,
	}}
	for _, hit := range v.Items {
		w.Items = append(w.Items, wireHit(hit))
	}
	if v.Facets != nil {
		w.Facets = wireFacets(v.Facets)
	}
	return w
}

func wireHit(v core.HitView) wire.Hit {
	w := wire.Hit{Kind: hitKinds[v.Kind], Marks: marks16(v.Title, v.Marks)}
	switch {
	case v.Track != nil:
		t := wireTrack(*v.Track)
		w.Track = &t
	case v.User != nil:
		u := wireUser(*v.User)
		w.User = &u
	case v.Playlist != nil:
		p := wirePlaylist(*v.Playlist)
		w.Playlist = &p
	case v.Tag != nil:
		t := wireTag(*v.Tag)
		w.Tag = &t
	}
	return w
}

func wireFacets(f *core.Facets) *wire.Facets {
	w := &wire.Facets{Tags: []wire.Facet{}, Durations: wireFacet(f.Lengths, lengths), Dates: wireFacet(f.Ages, ages), Downloadable: f.Downloadable}
	for _, tag := range f.Tags {
		w.Tags = append(w.Tags, wire.Facet{Name: tag.Of, N: tag.N})
	}
	return w
}

func wireFacet[K comparable](list []core.Facet[K], words map[K]string) []wire.Facet {
	w := make([]wire.Facet, 0, len(list))
	for _, f := range list {
		w = append(w, wire.Facet{Name: words[f.Of], N: f.N})
	}
	return w
}

// marks16 turns places in the bytes of a text into places in its UTF-16, which
// is what browsers count.
func marks16(text string, marks [][2]int) [][2]int {
	out := make([][2]int, 0, len(marks))
	at, units := 0, 0
	to := func(byte int) int {
		for _, r := range text[at:byte] {
			units += utf16.RuneLen(r)
		}
		at = byte
		return units
	}
	for _, m := range marks {
		begin := to(m[0])
		out = append(out, [2]int{begin, to(m[1])})
	}
	return out
}
