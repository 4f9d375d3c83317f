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
