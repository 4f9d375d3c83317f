package app_test

import (
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
