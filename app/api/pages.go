package api

import (
	"net/http"
	"strings"

	"earshot/app/core"
	"earshot/app/fault"
	"earshot/ui"
)

// page answers with the browser app. The answer's status and title follow what
// the address stands for, as far as the asker may know.
func (s *Server) page(w http.ResponseWriter, r *http.Request) error {
	path := r.URL.Path
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		badMethod(w, []string{http.MethodGet, http.MethodHead})
		return nil
	case path == "/healthz":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Write([]byte("ok\n"))
		return nil
	case path == "/favicon.ico" || path == "/robots.txt" || path == "/app.webmanifest":
		s.ui.Assets().ServeHTTP(w, r)
		return nil
	case s.ui.Owns(path):
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
		to := movedTo(found)
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		http.Redirect(w, r, to, http.StatusFound)
	default:
		s.ui.Page(w, r, headOf(found))
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
