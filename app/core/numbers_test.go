package core

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

// TestTopOfMany finds the best of very many tracks that were all heard on many
// days, however old it is among those that are looked at.
func TestTopOfMany(t *testing.T) {
	t.Parallel()
	const tracks, days = 150, 60
	d := dbtest.Open(t)
	a := asker{}
	var best db.ID
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		a.user = db.User{ID: tx.NewID(), Username: "mina", Email: "mina@home.example"}
		errs := []error{tx.AddUser(a.user)}
		for i := range tracks {
			tr := db.Track{ID: tx.NewID(), User: a.user.ID, Slug: fmt.Sprint("t", i)}
			errs = append(errs, tx.AddTrack(tr))
			n := db.Plays{Plays: 1, Visitors: 1}
			if i == 0 {
				best, n.Visitors = tr.ID, 3
			}
			for day := range days {
				errs = append(errs, tx.AddPlays(tr.ID, db.Day(20_000+day*400/days), n))
			}
		}
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.View(t.Context(), func(tx *db.Tx) error {
		c := &Core{log: slog.New(slog.DiscardHandler)}
		top, err := c.top(tx, a, 20_000)
		if err != nil || len(top) != topTracks || top[0].Track.ID != best {
			t.Fatalf("the top has %d tracks, want %d, with %s before all: %v", len(top), topTracks, best, err)
		}
		for i, v := range top[2:] { // of equal ones the newer track first
			if v.Track.ID > top[1+i].Track.ID {
				t.Errorf("%s comes before the newer %s", top[1+i].Track.ID, v.Track.ID)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestHeatOfMany counts no more comments of a column than are worth it, and all
// in those behind it.
func TestHeatOfMany(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	tr := db.Track{Slug: "t", Audio: db.Audio{Duration: 100_000_000}}
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		u := db.User{ID: tx.NewID(), Username: "mina", Email: "mina@home.example"}
		tr.ID, tr.User = tx.NewID(), u.ID
		errs := []error{tx.AddUser(u), tx.AddTrack(tr)}
		for i := range columnRead + 50 {
			errs = append(errs, tx.AddComment(db.Comment{ID: tx.NewID(), Track: tr.ID, User: u.ID, Position: 7_000_000 + int64(i)}))
		}
		errs = append(errs, tx.AddComment(db.Comment{ID: tx.NewID(), Track: tr.ID, User: u.ID, Position: 8_500_000}))
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.View(t.Context(), func(tx *db.Tx) error {
		h, err := (&Core{log: slog.New(slog.DiscardHandler)}).heat(tx, tr)
		if err != nil || h.Comments[7] != columnRead || h.Comments[8] != 1 {
			t.Fatalf("got %+v, %v, want %d comments and 1", h, err, columnRead)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
