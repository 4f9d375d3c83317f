package app_test

import (
	"net/http"
	"testing"
)

// TestPagesOfTheAppBelongToNobody asks for the app's own pages, and tries to
// take their first parts as a username.
func TestPagesOfTheAppBelongToNobody(t *testing.T) {
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	for path, want := range map[string]int{
		"/": 200, "/people": 200, "/notifications": 200, "/messages": 200, "/messages/anything": 200, "/messages/to/nobody": 200, "/keeper/reports": 200, "/keeper/people": 200,
		"/keeper":          200,
		"/notifications/1": 404, "/messages/to/a/b": 404, "/keeper/a/b": 404, "/nobody": 404,
	} {
		if got := mina.get(path).status; got != want {
			t.Errorf("GET %s: status %d, want %d", path, got, want)
		}
	}
	for _, name := range []string{"people", "notifications", "messages", "keeper", "settings", "upload", "you", "likes", "history",
		"discover", "charts", "search", "tags", "numbers"} {
		mina.patch("/api/me", map[string]any{"username": name}).fails(http.StatusConflict, "username.reserved")
	}
}
