package api

import (
	"context"
	"net/http"
	"time"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/app/fault"
	"earshot/db"
)

// linksHeader carries, for programs, what opening secret links gave; browsers
// have a cookie for it.
const linksHeader = "Earshot-Links"

// holding finds what a request brings of secret links. When a header and a
// cookie are sent, the header counts; of cookies sent twice none does.
func (s *Server) holding(r *http.Request) (h core.Holding, ok bool) {
	h.Looks = r.Method == http.MethodHead
	if h.Grants = r.Header.Get(linksHeader); h.Grants != "" {
		return h, true
	}
	h.Grants, ok = s.cookie(r, linksCookie)
	return h, ok
}

var linkStates = map[core.LinkState]string{core.LinkOpen: "open", core.LinkExpired: "expired", core.LinkUsedUp: "used_up"}

func wireLink(v core.LinkView) wire.Link {
	l := v.Link
	w := wire.Link{
		ID: l.ID.String(), Name: l.Name, URL: core.LinkPath + "#" + l.Code, Code: l.Code, Password: v.Asks,
		MostPlays: l.MostPlays, Plays: l.Plays, Download: l.Download, Comments: l.Comments,
		State: linkStates[v.State], Created: l.Created.UTC(),
	}
	if !l.Expires.IsZero() {
		w.Expires = l.Expires.UTC()
	}
	if !l.Used.IsZero() {
		w.Used = l.Used.UTC()
	}
	return w
}

// linkChange reads what an owner says of a link.
func linkChange(b wire.LinkPatch) (core.LinkChange, error) {
	c := core.LinkChange{
		Name: b.Name, Password: b.Password, MostPlays: b.MostPlays, Download: b.Download, Comments: b.Comments, Renew: b.Renew,
	}
	if b.Expires == nil {
		return c, nil
	}
	c.Expires = &time.Time{}
	if *b.Expires == "" {
		return c, nil
	}
	t, err := time.Parse(time.RFC3339, *b.Expires)
	if err != nil || t.IsZero() { // which would be never
		return c, fault.New(fault.Invalid, "link.expires", "This is no moment. Write it as 2030-01-31T18:00:00Z.").In("expires").Because(err)
	}
	c.Expires = &t
	return c, nil
}

// linksOf lists the links to a thing of a kind.
func (s *Server) linksOf(kind db.Kind) func(context.Context, *ByID) (*wire.List[wire.Link], error) {
	return func(ctx context.Context, in *ByID) (*wire.List[wire.Link], error) {
		id, err := pathID(in.ID)
		if err != nil {
			return nil, err
		}
		list, err := s.core.Links(ctx, from(ctx).asker.User, db.Thing{Kind: kind, ID: id})
		return &wire.List[wire.Link]{Items: wireAll(list, wireLink)}, err
	}
}

type newLink struct {
	ByID
	Body wire.LinkPatch
}

// addLink makes a link to a thing of a kind.
func (s *Server) addLink(kind db.Kind) func(context.Context, *newLink) (*wire.Link, error) {
	return func(ctx context.Context, in *newLink) (*wire.Link, error) {
		id, err := pathID(in.ID)
		if err != nil {
			return nil, err
		}
		change, err := linkChange(in.Body)
		if err != nil {
			return nil, err
		}
		v, err := s.core.AddLink(ctx, from(ctx).asker.User, db.Thing{Kind: kind, ID: id}, change)
		w := wireLink(v)
		return &w, err
	}
}

func (s *Server) patchLink(ctx context.Context, in *newLink) (*wire.Link, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	change, err := linkChange(in.Body)
	if err != nil {
		return nil, err
	}
	v, err := s.core.EditLink(ctx, from(ctx).asker.User, id, change)
	w := wireLink(v)
	return &w, err
}

type linkGone struct {
	ByID
	Comments bool `query:"comments" doc:"Remove what visitors said who came by it too."`
}

func (s *Server) deleteLink(ctx context.Context, in *linkGone) (*none, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.core.DropLink(ctx, from(ctx).asker.User, id, in.Comments)
}

func (s *Server) postLinkOpen(ctx context.Context, in *body[wire.OpenLink]) (*wire.Opened, error) {
	ex := from(ctx)
	o, err := s.core.OpenLink(ctx, ex.asker.User, in.Body.Code, in.Body.Password, ex.client)
	if err != nil {
		return nil, err
	}
	s.setCookie(ctx, linksCookie, o.Grants, core.GrantsFor)
	w := &wire.Opened{Grants: o.Grants}
	if o.Playlist != nil {
		p := wirePlaylist(*o.Playlist)
		w.Kind, w.ID, w.URL, w.Title, w.User = "playlist", p.ID, p.URL, p.Title, p.User
		return w, nil
	}
	t := wireTrack(*o.Track)
	w.Kind, w.ID, w.URL, w.Title, w.User = "track", t.ID, t.URL, t.Title, t.User
	return w, nil
}
