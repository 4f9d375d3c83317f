package db_test

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
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

// TestDropLost has a user with tracks and playlists that can't be read: they go
// with all that led to them, and so does the user.
func TestDropLost(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina, jun := addUser(t, d, "mina"), addUser(t, d, "jun")
	shown, hidden, whole := addTrack(t, d, mina.ID, "shown", db.Public), addTrack(t, d, mina.ID, "hidden", db.Private), addTrack(t, d, mina.ID, "whole", db.Public)
	list := addPlaylist(t, d, mina.ID, "list", db.Public, shown.ID, whole.ID)
	juns := addPlaylist(t, d, jun.ID, "juns", db.Public, shown.ID, whole.ID)
	shown.Slug, shown.Tags, whole.Tags = "renamed", []string{"rock", "rare"}, []string{"Rock"}
	update(t, d, func(tx *db.Tx) error {
		if err := tx.SetTrack(whole); err != nil {
			return err
		}
		if _, _, err := tx.Like(jun.ID, shown.ID); err != nil {
			return err
		}
		if _, _, err := tx.LikePlaylist(jun.ID, list.ID); err != nil {
			return err
		}
		return errors.Join(tx.SetTrack(shown), tx.AddJob(db.Job{ID: tx.NewID(), Subject: shown.ID, Kind: "x"}))
	})
	rot(t, d, "tracks", shown.ID)
	rot(t, d, "tracks", hidden.ID)
	rot(t, d, "playlists", list.ID)
	update(t, d, func(tx *db.Tx) error {
		if err := tx.DropUser(mina.ID); err == nil {
			t.Fatal("a user who has tracks was dropped")
		}
		lost, err := tx.DropLost(mina.ID)
		if want := []db.Thing{{Kind: db.KindTrack, ID: shown.ID}, {Kind: db.KindTrack, ID: hidden.ID}, {Kind: db.KindPlaylist, ID: list.ID}}; !slices.Equal(lost, want) {
			t.Errorf("lost are %v, want %v", lost, want)
		}
		return err
	})
	update(t, d, func(tx *db.Tx) error {
		if err := tx.DropUser(mina.ID); err == nil {
			t.Fatal("a user who has a track was dropped")
		}
		if err := tx.DropTrack(whole.ID); err != nil {
			return err
		}
		_, err := tx.DropLost(mina.ID)
		return errors.Join(err, tx.DropUser(mina.ID))
	})
	view(t, d, func(tx *db.Tx) error {
		if tracks, err := tx.PlaylistTracks(juns.ID); len(tracks) != 0 || err != nil {
			t.Errorf("in the playlist of jun are %v, %v", tracks, err)
		}
		return nil
	})
	sound(t, d)
}
