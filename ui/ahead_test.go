package ui

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestPagesBringWhatTheyBeginWith: a page links the styles and asks for the
// texts that its modules wait for, and none beside.
func TestPagesBringWhatTheyBeginWith(t *testing.T) {
	t.Parallel()
	u := mustNew(t, Options{Base: "/music"})
	for address, want := range map[string][]string{
		"/":        nil,
		"/mina":    {"hero", "people", "profile"},
		"/history": {"playlists"},
	} {
		a := u.fixed.ahead(address)
		got := slices.Clone(a.styles)
		slices.Sort(got)
		for i, name := range want {
			want[i] = u.fixed.base + "css/late/" + name + ".css"
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s begins with %q, want %q", address, got, want)
		}
		if late := address != "/"; a.texts != late {
			t.Errorf("%s brings the late texts: %v, want %v", address, a.texts, late)
		}
		w := httptest.NewRecorder()
		u.Page(w, httptest.NewRequest("GET", address, nil), Head{Shows: []Width{{"/a?v=1", 300}, {"/b?v=1", 600}}})
		page := w.Body.String()
		for _, sheet := range want {
			if !strings.Contains(page, `<link rel="stylesheet" href="/music`+sheet+`">`) {
				t.Errorf("%s does not link %s", address, sheet)
			}
		}
		if !strings.Contains(page, `imagesrcset="/music/a?v=1 300w, /music/b?v=1 600w"`) {
			t.Errorf("%s does not have its picture fetched ahead", address)
		}
	}
	person := string(u.fixed.files["js/pages/person.js"].bytes)
	if !strings.Contains(person, "sizes: '"+shownAt+"'") {
		t.Errorf("pages/person.js does not show the picture at %s", shownAt)
	}
}
