package db_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestTallies(t *testing.T) {
	t.Parallel()
	path := quickDir(t) + "/earshot.db"
	d := dbtest.OpenAt(t, path, db.Options{})
	saved := time.Date(1970, 1, 1, 0, 0, 12, 345_000, time.UTC) // a board that does not know the time
	want := []db.Tally{
		{Kind: 1, Key: 7, N: 5, Age: 3 * time.Minute, Wait: 15 * time.Second, Saved: saved},
		{Kind: 1, Key: 1<<64 - 1, N: 1, Saved: noon},
		{Kind: 2, Key: 7, N: 1<<32 - 1, Age: 90 * 24 * time.Hour, Saved: noon},
	}
	update(t, d, func(tx *db.Tx) error {
		return errors.Join(tx.SetTally(want[2]), tx.SetTally(want[1]), tx.SetTally(db.Tally{Kind: 1, Key: 7, N: 4}), tx.SetTally(want[0]),
			tx.SetTally(db.Tally{Kind: 3, Key: 1, N: 1}), tx.DropTally(3, 1), tx.DropTally(3, 2))
	})
	tallies := func() (list []db.Tally, broken int) {
		view(t, d, func(tx *db.Tx) error {
			for t, err := range tx.Tallies() {
				if errors.Is(err, db.ErrCorrupt) {
					broken++
				} else if err != nil {
					return err
				} else {
					list = append(list, t)
				}
			}
			return nil
		})
		return list, broken
	}
	if got, _ := tallies(); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
	key := func(kind, last byte) []byte { return []byte{kind, 0, 0, 0, 0, 0, 0, 0, last} }
	unsound(t, d, "a tally of nothing",
		func(tx *db.Tx) error { return db.Put(tx, "attempts", key(1, 8), make([]byte, 28)) },
		func(tx *db.Tx) error { return db.Put(tx, "attempts", key(1, 8), nil) })
	// One that can't be read hides no other, and can be removed.
	update(t, d, func(tx *db.Tx) error { return db.Put(tx, "attempts", key(1, 8), []byte("x")) })
	if got, broken := tallies(); !slices.Equal(got, want) || broken != 1 {
		t.Errorf("beside one that can't be read: got %+v and %d broken", got, broken)
	}
	update(t, d, func(tx *db.Tx) error {
		for t, err := range tx.Tallies() {
			if err != nil {
				return tx.DropTally(t.Kind, t.Key)
			}
		}
		return errors.New("none is broken")
	})
	if got, broken := tallies(); !slices.Equal(got, want) || broken != 0 {
		t.Errorf("without it: got %+v and %d broken", got, broken)
	}
}
