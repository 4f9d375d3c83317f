package dbtest_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestFillMakesTheSameAgain(t *testing.T) {
	t.Parallel()
	spec := dbtest.Spec{Users: 50, Tracks: 700, Seed: 9}
	read := func(seed uint64) (all string) {
		d := dbtest.OpenAt(t, filepath.Join(t.TempDir(), "earshot.db"), db.Options{})
		spec := spec
		spec.Seed = seed
		made, err := dbtest.Fill(t.Context(), d, spec)
		if err != nil {
			t.Fatal(err)
		}
		if len(made.Users) != spec.Users || len(made.Tracks) != spec.Tracks {
			t.Errorf("made %d users and %d tracks, want %d and %d", len(made.Users), len(made.Tracks), spec.Users, spec.Tracks)
		}
		public := 0
		err = d.View(t.Context(), func(tx *db.Tx) error {
			for _, id := range made.Tracks {
				tr, err := tx.Track(id)
				if err != nil {
					return err
				}
				all += fmt.Sprintln(tr)
			}
			for u, err := range tx.Users(0) {
				if err != nil {
					return err
				}
				all += fmt.Sprintln(u)
				public += int(u.PublicTracks)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if public < 600 || public > 660 {
			t.Errorf("%d tracks are public, want about 630", public)
		}
		return all
	}
	first, again, other := read(9), read(9), read(10)
	if first != again {
		t.Error("the same seed made other records")
	}
	if first == other {
		t.Error("another seed made the same records")
	}
}

func TestFillMakesAsMuchAsAskedFor(t *testing.T) {
	t.Parallel()
	spec := dbtest.Spec{Users: 60, Tracks: 300, Follows: 400, Playlists: 30, Comments: 2500, Likes: 2100, Reposts: 50, Plays: 2300,
		Messages: 70, Notifications: 90, Seed: 3}
	read := func() (all string) {
		d := dbtest.OpenAt(t, filepath.Join(t.TempDir(), "earshot.db"), db.Options{})
		made, err := dbtest.Fill(t.Context(), d, spec)
		if err != nil {
			t.Fatal(err)
		}
		var got dbtest.Spec
		var most uint64
		err = d.View(t.Context(), func(tx *db.Tx) error {
			for _, id := range made.Users {
				c, err := tx.UserCounts(id)
				if err != nil {
					return err
				}
				got.Follows += int(c.Following)
				got.Playlists += int(c.Playlists)
				got.Comments += int(c.Comments)
				for _, err := range tx.Notifications(id, 0) {
					if err != nil {
						return err
					}
					got.Notifications++
				}
			}
			for _, id := range made.Tracks {
				c, err := tx.TrackCounts(id)
				if err != nil {
					return err
				}
				got.Likes += int(c.Likes)
				got.Reposts += int(c.Reposts)
				got.Plays += int(c.Plays)
				most = max(most, c.Comments)
			}
			for _, id := range made.Conversations {
				for m, err := range tx.Messages(id, 0) {
					if err != nil {
						return err
					}
					got.Messages++
					all += m.Text
				}
			}
			for _, id := range made.Comments {
				c, err := tx.Comment(id)
				if err != nil {
					return err
				}
				all += fmt.Sprintln(c)
			}
			for _, id := range made.Playlists {
				p, err := tx.Playlist(id)
				if err != nil {
					return err
				}
				all += fmt.Sprintln(p)
			}
			first, err := tx.UserCounts(made.Users[0])
			if first.Following != 59 {
				t.Errorf("the first user follows %d, want all 59 others", first.Following)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got.Users, got.Tracks, got.Seed = len(made.Users), len(made.Tracks), spec.Seed
		if got != spec {
			t.Errorf("made %+v, want %+v", got, spec)
		}
		if most < 200 {
			t.Errorf("the track that is spoken of most has %d comments", most)
		}
		return all
	}
	if first, again := read(), read(); first != again {
		t.Error("the same seed made other records")
	}
}

func TestFillCantMakeMoreThanThereCanBe(t *testing.T) {
	t.Parallel()
	for _, spec := range []dbtest.Spec{
		{Tracks: 1}, {Comments: 1}, {Users: 1, Comments: 1}, {Users: 1, Messages: 1}, {Users: 3, Follows: 7}, {Users: 2, Likes: 1},
	} {
		d := dbtest.Open(t)
		if _, err := dbtest.Fill(t.Context(), d, spec); err == nil {
			t.Errorf("%+v was filled", spec)
		}
	}
}
