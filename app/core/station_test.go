package core

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

// TestStationOfOneOwner plays on where all is by one owner: it looks for
// somebody else once, and gives every track.
func TestStationOfOneOwner(t *testing.T) {
	t.Parallel()
	const tracks = 60
	d := dbtest.Open(t)
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		u := db.User{ID: tx.NewID(), Username: "mina", Email: "mina@home.example"}
		err := tx.AddUser(u)
		for i := range tracks {
			tr := db.Track{ID: tx.NewID(), User: u.ID, Slug: fmt.Sprint("t", i), Visibility: db.Public, Published: tx.NewID()}
			err = errors.Join(err, tx.AddTrack(tr))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.View(t.Context(), func(tx *db.Tx) error {
		s := &station{c: &Core{log: slog.New(slog.DiscardHandler)}, tx: tx, owners: people{}, given: map[uint32]bool{}, rand: rand.New(rand.NewPCG(1, 2))}
		seen := map[db.ID]bool{}
		for n := range tracks {
			tr, found, err := s.next()
			if err != nil || !found || seen[tr.ID] {
				return fmt.Errorf("track %d is found %t, was given %t: %w", n, found, seen[tr.ID], err)
			}
			if s.alone != (n > 0) {
				return fmt.Errorf("track %d: the sweep was in vain %t", n, s.alone)
			}
			seen[tr.ID] = true
			s.give(tr)
		}
		if _, found, err := s.next(); found || err != nil {
			return fmt.Errorf("more than all is found: %t, %w", found, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
