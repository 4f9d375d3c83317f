package db_test

import (
	"errors"
	"fmt"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestHistoryKeepsTheLastListens(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	var tracks []db.ID
	for i := range 6 {
		tracks = append(tracks, addTrack(t, d, mina.ID, fmt.Sprint("t", i), db.Public).ID)
	}
	for _, c := range []struct {
		name string
		do   func(tx *db.Tx) error
		want string
	}{
		{"nothing was heard", func(*db.Tx) error { return nil }, ""},
		{"three", func(tx *db.Tx) error {
			return errors.Join(tx.Listen(mina.ID, tracks[2], 4), tx.Listen(mina.ID, tracks[0], 4), tx.Listen(mina.ID, tracks[1], 4))
		}, "0>1 0>0 0>2 "},
		{"heard again, it moves up", func(tx *db.Tx) error { return tx.Listen(mina.ID, tracks[2], 4) }, "0>2 0>1 0>0 "},
		{"the newest again", func(tx *db.Tx) error { return tx.Listen(mina.ID, tracks[2], 4) }, "0>2 0>1 0>0 "},
		{"four are kept", func(tx *db.Tx) error {
			return errors.Join(tx.Listen(mina.ID, tracks[3], 4), tx.Listen(mina.ID, tracks[4], 4))
		}, "0>4 0>3 0>2 0>1 "},
		{"heard again, none goes", func(tx *db.Tx) error { return tx.Listen(mina.ID, tracks[1], 4) }, "0>1 0>4 0>3 0>2 "},
		{"fewer are kept", func(tx *db.Tx) error { return tx.Listen(mina.ID, tracks[5], 2) }, "0>5 0>1 "},
		{"another's is another's", func(tx *db.Tx) error {
			return errors.Join(tx.Listen(junho.ID, tracks[0], 1), second(tx.ForgetListen(junho.ID, tracks[1])))
		}, "0>5 0>1 "},
		{"one is forgotten", func(tx *db.Tx) error {
			dropped, err := tx.ForgetListen(mina.ID, tracks[5])
			again, err2 := tx.ForgetListen(mina.ID, tracks[5])
			if !dropped || again {
				t.Errorf("forgotten: %t, again: %t", dropped, again)
			}
			return errors.Join(err, err2)
		}, "0>1 "},
		{"what is not there can't be heard", func(tx *db.Tx) error {
			for _, err := range []error{tx.Listen(mina.ID, 99, 4), tx.Listen(99, tracks[0], 4), tx.AddPlays(99, db.DayOf(noon), db.Plays{Plays: 1})} {
				if !errors.Is(err, db.ErrNotFound) {
					t.Errorf("got %v, want %v", err, db.ErrNotFound)
				}
			}
			return nil
		}, "0>1 "},
		{"a dropped track goes", func(tx *db.Tx) error { return tx.DropTrack(tracks[1]) }, ""},
		{"and makes room", func(tx *db.Tx) error {
			return errors.Join(tx.Listen(mina.ID, tracks[0], 2), tx.Listen(mina.ID, tracks[2], 2))
		}, "0>2 0>0 "},
	} {
		update(t, d, c.do)
		view(t, d, func(tx *db.Tx) error {
			if got := ends(tx.History(mina.ID, 0), []db.ID{mina.ID}, tracks); got != c.want {
				t.Errorf("%s: the history is %q, want %q", c.name, got, c.want)
			}
			return nil
		})
		sound(t, d)
	}
}

func TestHistoryIsEmptiedInSteps(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	update(t, d, func(tx *db.Tx) error {
		for i := range 25 {
			tr := newTrack(tx, mina.ID, fmt.Sprint("t", i), db.Public)
			if err := errors.Join(tx.AddTrack(tr), tx.Listen(mina.ID, tr.ID, 100), tx.Listen(junho.ID, tr.ID, 100)); err != nil {
				return err
			}
		}
		return nil
	})
	for step, want := range []bool{true, true, false, false} {
		update(t, d, func(tx *db.Tx) error {
			more, err := tx.ForgetListens(mina.ID, 10)
			if more != want {
				t.Errorf("step %d: more is %t, want %t", step, more, want)
			}
			return err
		})
		sound(t, d)
	}
	view(t, d, func(tx *db.Tx) error {
		n := 0
		for _, err := range tx.History(junho.ID, 0) {
			if err != nil {
				return err
			}
			n++
		}
		if n != 25 {
			t.Errorf("another's history has %d entries, want 25", n)
		}
		return nil
	})
}

func TestPlaysAreAdded(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	a, b := addTrack(t, d, mina.ID, "a", db.Public), addTrack(t, d, mina.ID, "b", db.Private)
	for range 2 {
		update(t, d, func(tx *db.Tx) error {
			return errors.Join(tx.AddPlays(a.ID, db.DayOf(noon), db.Plays{Plays: 2}), tx.AddPlays(a.ID, db.DayOf(noon), db.Plays{Plays: 0}), tx.AddPlays(b.ID, db.DayOf(noon), db.Plays{Plays: 1}), tx.AddPlays(a.ID, db.DayOf(noon), db.Plays{Plays: 5}), third(tx.Like(mina.ID, a.ID)))
		})
	}
	a.Title = "another" // the counters are not the record's
	update(t, d, func(tx *db.Tx) error { return tx.SetTrack(a) })
	view(t, d, func(tx *db.Tx) error {
		as, err := tx.TrackCounts(a.ID)
		bs, err2 := tx.TrackCounts(b.ID)
		none, err3 := tx.TrackCounts(99)
		if as != (db.TrackCounts{Plays: 14, Likes: 1}) || bs != (db.TrackCounts{Plays: 2}) || none != (db.TrackCounts{}) {
			t.Errorf("counted are %+v, %+v, %+v", as, bs, none)
		}
		return errors.Join(err, err2, err3)
	})
}
