package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

// TestInVeryManyPlaylists: of a track in thousands of private playlists only so
// many are looked at, and what is told of them is that there is nothing more.
func TestInVeryManyPlaylists(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	var song db.ID
	const private = inPlaylistsRead + 10
	lists := map[int]string{0: "behind", 20: "old", private - 1: "new"} // those that are public
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		u := db.User{ID: tx.NewID(), Username: "mina", Email: "mina@home.example"}
		tr := db.Track{ID: tx.NewID(), User: u.ID, Slug: "t", Visibility: db.Public, Published: tx.NewID()}
		song = tr.ID
		errs := []error{tx.AddUser(u), tx.AddTrack(tr), tx.SetHouse(db.House{Visitors: true})}
		for i := range private {
			p := db.Playlist{ID: tx.NewID(), User: u.ID, Slug: fmt.Sprint("p", i), Visibility: db.Private}
			if title, shown := lists[i]; shown {
				p.Title, p.Visibility, p.Published = title, db.Public, tx.NewID()
			}
			errs = append(errs, tx.AddPlaylist(p), tx.SetPlaylistTracks(p.ID, []db.ID{song}))
		}
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &Core{db: d, log: slog.New(slog.DiscardHandler)}
	page, err := c.InPlaylists(context.Background(), 0, song, Paging{})
	if err != nil || len(page.Items) != 2 || page.Items[0].Playlist.Title != "new" || page.Items[1].Playlist.Title != "old" || page.Next != "" {
		t.Errorf("got %+v, %v", page, err)
	}
}
