package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"earshot/app/core"
	"earshot/app/fault"
	"earshot/app/feed"
	"earshot/db"
	"earshot/ui"
)

// page answers with the browser app. The answer's status and title follow what
// the address stands for, as far as the asker may know.
func (s *Server) page(w http.ResponseWriter, r *http.Request) error {
	path := r.URL.Path
	tag, isTag := tagAt(r.URL)
	switch {
	case path == "/share" && r.Method == http.MethodPost:
		// The installed app takes what is shared with it before it is sent. Where
		// it does not yet run in the browser's background, nothing is lost but a try.
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, s.at("/upload?shared=again"), http.StatusSeeOther)
		return nil
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		badMethod(w, []string{http.MethodGet, http.MethodHead})
		return nil
	case path == "/healthz":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Write([]byte("ok\n"))
		return nil
	case path == "/readyz":
		s.ready(w, r)
		return nil
	case path == "/metrics" && s.meters != nil:
		return s.showMetrics(w, r)
	case s.ofTrust(path):
		s.trust(w, r)
		return nil
	case path == "/favicon.ico" || path == "/robots.txt":
		s.ui.Assets().ServeHTTP(w, r)
		return nil
	case path == "/app.webmanifest":
		return s.manifest(w, r)
	case strings.HasPrefix(path, embedPath):
		return s.embedPage(w, r)
	case isTag:
		return s.tagPage(w, r, tag)
	case path == "/":
		s.ui.Page(w, r, s.front(r))
		return nil
	case s.ui.Owns(r.URL.EscapedPath()):
		s.ui.Page(w, r, ui.Head{})
		return nil
	case !addressed(path):
		s.ui.Page(w, r, ui.Head{Status: http.StatusNotFound})
		return nil
	}
	found, err := s.core.Resolve(r.Context(), from(r.Context()).asker.User, path)
	f := fault.Of(err)
	switch {
	case err != nil && (f.Kind == fault.NotFound || f.Kind == fault.Invalid):
		s.ui.Page(w, r, ui.Head{Status: http.StatusNotFound})
	case err != nil && f.Kind == fault.Unauthenticated:
		s.ui.Page(w, r, ui.Head{}) // the house is closed to visitors: the app asks to sign in
	case err != nil:
		return err
	case found.Moved != "":
		to := s.at(movedTo(found))
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, to, http.StatusFound)
	default:
		head, err := s.preview(r, found, headOf(found))
		if err != nil {
			return err
		}
		// As the app asks: without a slash at the end, and with those within a name as they are.
		if !strings.HasSuffix(path, "/") && !strings.Contains(strings.ToUpper(r.URL.EscapedPath()), "%2F") {
			head.Asks = append(head.Asks, "/api/resolve?path="+component(path))
			if found.Track == nil && found.Playlist == nil && r.URL.RawQuery == "" {
				headOfProfile(&head, found.User)
			}
		}
		s.ui.Page(w, r, head)
	}
	return nil
}

// headOfProfile adds what a person's page asks for and shows first.
func headOfProfile(head *ui.Head, v core.UserView) {
	u := wireUser(v)
	switch {
	case v.Relation.Blocked || v.User.Disabled:
	case v.Relation.Me:
		head.Asks = append(head.Asks, "/api/me/tracks?limit=20")
	default:
		head.Asks = append(head.Asks, "/api/users/"+u.ID+"/tracks?limit=20")
	}
	if u.Picture != nil {
		head.Shows = []ui.Width{{Address: u.Picture.Medium, Pixels: 300}, {Address: u.Picture.Large, Pixels: 600}}
	}
}

// front is the head of the first page: what the app will ask first is told, so
// that the browser asks at once. When that can't be told nothing is lost.
func (s *Server) front(r *http.Request) ui.Head {
	if r.URL.RawQuery != "" {
		return ui.Head{}
	}
	const first = "/api/stream?of=%s&limit=20"
	if me := from(r.Context()).asker.User; me != 0 {
		who, err := s.core.Account(r.Context(), me)
		switch {
		case err != nil:
			return ui.Head{}
		case who.Counts.Following > 0:
			return ui.Head{Asks: []string{fmt.Sprintf(first, "followed")}}
		}
		return ui.Head{Asks: []string{fmt.Sprintf(first, "all")}}
	}
	if h, err := s.core.House(r.Context()); err != nil || h.Setup || !h.Visitors {
		return ui.Head{}
	}
	return ui.Head{Asks: []string{fmt.Sprintf(first, "all")}}
}

// component escapes as encodeURIComponent does (ECMA-262 §19.2.6.4).
func component(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.!~*'()", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// tagAt reads the address of a tag's page. The name may have a slash in it, as
// %2F.
func tagAt(u *url.URL) (name string, ok bool) {
	escaped, ok := strings.CutPrefix(u.EscapedPath(), "/tags/")
	if !ok || escaped == "" || strings.Contains(escaped, "/") {
		return "", false
	}
	name, err := url.PathUnescape(escaped)
	return name, err == nil
}

// tagPage answers with the page of a tag.
func (s *Server) tagPage(w http.ResponseWriter, r *http.Request, name string) error {
	tag, err := s.core.Tag(r.Context(), from(r.Context()).asker.User, name)
	switch f := fault.Of(err); {
	case err == nil:
		head := ui.Head{Title: "#" + tag.Tag.Name}
		house, err := s.core.House(r.Context())
		if origin := s.originFor(r.Context()); err == nil && house.Visitors && origin != "" {
			head.Feed = origin + s.at(feed.Address(db.Thing{Kind: db.KindTag}, db.Alike(tag.Tag.Name), ""))
		}
		s.ui.Page(w, r, head)
	case f.Kind == fault.NotFound:
		s.ui.Page(w, r, ui.Head{Status: http.StatusNotFound})
	case f.Kind == fault.Unauthenticated:
		s.ui.Page(w, r, ui.Head{})
	default:
		return err
	}
	return nil
}

// addressed tells whether a path can be the address of a user, a track or a
// playlist.
func addressed(path string) bool {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	return len(parts) <= 2 || len(parts) == 3 && parts[1] == core.PlaylistsPath
}

// headOf names the page of what was found.
func headOf(found core.Found) ui.Head {
	if t := found.Track; t != nil && t.ByLink || found.Playlist != nil && found.Playlist.ByLink {
		return ui.Head{} // what is secret stands in no page that something may keep
	}
	if t := found.Track; t != nil {
		return ui.Head{Title: t.Track.Title + " – " + t.Owner.Name, Description: t.Track.Description}
	}
	if p := found.Playlist; p != nil {
		return ui.Head{Title: p.Playlist.Title + " – " + p.Owner.Name, Description: p.Playlist.Description}
	}
	u := found.User.User
	return ui.Head{Title: u.Name, Description: u.Bio}
}

// getDocs shows the API's document.
func (s *Server) getDocs(w http.ResponseWriter, r *http.Request) error {
	s.ui.Page(w, r, ui.Head{Title: "API – Earshot"})
	return nil
}

// manifest answers with what a device needs to install the app.
func (s *Server) manifest(w http.ResponseWriter, r *http.Request) error {
	h, err := s.core.House(r.Context())
	if err != nil {
		return err
	}
	s.ui.Manifest(w, r, h.Name)
	return nil
}
