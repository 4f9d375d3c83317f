package db_test

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"

	"earshot/db"
)

// TestForgettingGoesOn spoils the traces of one thing that is gone: what is
// gone behind it is forgotten all the same, and the error is told in the end.
func TestForgettingGoesOn(t *testing.T) {
	t.Parallel()
	d, err := db.OpenForgetful(quickDir(t)+"/earshot.db", 1)
	if err != nil {
		t.Fatal(err)
	}
	mina, jun, sora := addUser(t, d, "mina"), addUser(t, d, "jun"), addUser(t, d, "sora")
	var tracks []db.ID
	for _, slug := range []string{"one", "two", "three", "four"} {
		tracks = append(tracks, addTrack(t, d, mina.ID, slug, db.Public).ID)
	}
	update(t, d, func(tx *db.Tx) error {
		for _, track := range tracks {
			for _, user := range []db.ID{mina.ID, jun.ID, sora.ID} {
				if _, _, err := tx.Like(user, track); err != nil {
					return err
				}
			}
		}
		return nil
	})
	// What likes of jun, who goes first, count can't be read on one track, and is
	// too little on another.
	update(t, d, func(tx *db.Tx) error { return errors.Join(tx.DropUser(jun.ID), tx.DropTrack(tracks[1])) })
	update(t, d, func(tx *db.Tx) error {
		return errors.Join(db.Put(tx, "counts", keyOf(tracks[2]), []byte("rot")), db.Put(tx, "counts", keyOf(tracks[3]), make([]byte, 32)))
	})
	var failed error
	for n := 0; ; n++ {
		var more bool
		err := d.Update(context.Background(), func(tx *db.Tx) (err error) {
			more, err = tx.Forget(10)
			return err
		})
		if err == nil && !more {
			t.Fatal("it is not told that the likes of jun can't be forgotten")
		}
		if err != nil && failed != nil {
			if !errors.Is(err, db.ErrInconsistent) {
				t.Errorf("got %v, want %v", err, db.ErrInconsistent)
			}
			break
		}
		if failed = err; n > 20 {
			t.Fatal("there is no end to it")
		}
	}
	view(t, d, func(tx *db.Tx) error {
		for _, c := range []struct {
			what string
			id   db.ID
			want bool
		}{{"jun", jun.ID, true}, {"two", tracks[1], false}} {
			if going, err := tx.Going(c.id); going != c.want || err != nil {
				t.Errorf("%s is going: %t, %v", c.what, going, err)
			}
		}
		return nil
	})
	unsoundToTheEnd(t, d)
}

// keyOf is the key of a record.
func keyOf(id db.ID) []byte { return binary.BigEndian.AppendUint64(nil, uint64(id)) }
