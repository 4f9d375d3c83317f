package app_test

import (
	"strings"
	"testing"

	"earshot/app/api/wire"
	"earshot/db"
)

// TestNoticesAreNotPushedOut follows, likes and reposts over and over: what a
// member was told before must not go by that.
func TestNoticesAreNotPushedOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	list := made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: "List", Visibility: "public"}))
	paths := []string{
		"/api/users/" + mina.me.ID + "/follow", "/api/tracks/" + track.ID + "/like",
		"/api/tracks/" + track.ID + "/repost", "/api/playlists/" + list.ID + "/like",
	}
	for range 5 {
		for _, path := range paths {
			jun.delete(path).want(200)
			jun.put(path, nil).want(200)
		}
	}
	mina.told("like:jun* repost:jun* like:jun* follow:jun*")
	h.change(func(tx *db.Tx) error {
		id, err := db.ParseID(mina.me.ID)
		if err != nil {
			return err
		}
		n := 0
		for _, err := range tx.Notifications(id, 0) {
			if err != nil {
				return err
			}
			n++
		}
		if n != len(paths) {
			t.Errorf("%d notifications are kept, want %d", n, len(paths))
		}
		return nil
	})
	h.check()
}

// TestTakingBackWhatIsNotToBeSeen has jun like, repost and comment. Then the
// things are hidden from him: he can still take back what he did, and learns
// nothing of them by it.
func TestTakingBackWhatIsNotToBeSeen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	block, unblock := func() { mina.put(user(jun, "block"), nil).want(204) }, func() { mina.delete(user(jun, "block")).want(204) }
	shows := func(visibility string) func() {
		return func() {
			for _, path := range []string{"/api/me/tracks", "/api/me/playlists"} {
				for _, i := range list[struct{ ID string }](mina, path, "100") {
					mina.patch(strings.Replace(path, "/me", "", 1)+"/"+i.ID, map[string]string{"visibility": visibility}).want(200)
				}
			}
		}
	}
	suspend, reinstate := func() { k.put(user(mina, "suspension"), nil).want(200) }, func() {
		k.delete(user(mina, "suspension")).want(200)
		mina.become(mina.post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}), 200)
	}
	for name, way := range map[string]struct{ hide, show func() }{
		"a block": {block, unblock}, "privacy": {shows("private"), shows("public")}, "a suspension": {suspend, reinstate},
	} {
		tr := mina.sing("song", "public")
		pl := mina.compile("list", "public", tr)
		said := jun.say(tr.ID, 0, "Well")
		ties := []string{track(tr, "like"), track(tr, "repost"), playlist(pl, "like")}
		for _, path := range ties {
			jun.put(path, nil).want(200)
		}
		way.hide()
		for _, path := range ties {
			jun.put(path, nil).fails(404, "not_found")
			if got := string(jun.delete(path).want(200).body); strings.Contains(got, "true") || !strings.Contains(got, "s\":0") {
				t.Errorf("%s: DELETE %s: got %s", name, path, got)
			}
			gone := jun.delete(path).fails(404, "not_found")
			if absent := jun.delete(strings.NewReplacer(tr.ID, never, pl.ID, never).Replace(path)); told(gone) != told(absent) {
				t.Errorf("%s: DELETE %s again: got\n%s, what never was\n%s", name, path, told(gone), told(absent))
			}
		}
		jun.patch("/api/comments/"+said.ID, wire.CommentPatch{Text: "Changed"}).fails(404, "not_found")
		jun.delete("/api/comments/" + said.ID).want(204)
		jun.delete("/api/comments/"+said.ID).fails(404, "not_found")
		way.show()
		if got := as[wire.Track](mina.get(track(tr))).Counts; got.Likes != 0 || got.Reposts != 0 || got.Comments != 0 {
			t.Errorf("%s: the counts of the track: got %+v", name, got)
		}
		if got := as[wire.Playlist](mina.get(playlist(pl))); got.Likes != 0 {
			t.Errorf("%s: the playlist has %d likes", name, got.Likes)
		}
		mina.told("")
	}
	h.check()
}
