package db_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestSessions(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	add := func(user db.ID, lasts, until time.Duration) db.Session {
		var s db.Session
		update(t, d, func(tx *db.Tx) error {
			s = db.Session{ID: tx.NewID(), User: user, Secret: []byte("sha"), Created: noon, Seen: noon,
				Expires: noon.Add(lasts), Until: noon.Add(until)}
			return tx.AddSession(s)
		})
		return s
	}
	of := func(user db.ID) (ids []db.ID) {
		view(t, d, func(tx *db.Tx) error {
			for s, err := range tx.SessionsOf(user) {
				if err != nil {
					return err
				}
				ids = append(ids, s.ID)
			}
			return nil
		})
		return ids
	}
	a, b := add(mina.ID, time.Hour, 24*time.Hour), add(mina.ID, 2*time.Hour, 24*time.Hour)
	c := add(mina.ID, 24*time.Hour, 90*time.Minute+time.Nanosecond*999) // the absolute end comes first
	e := add(junho.ID, time.Hour, time.Hour)
	if got, want := fmt.Sprint(of(mina.ID)), fmt.Sprint([]db.ID{c.ID, b.ID, a.ID}); got != want {
		t.Errorf("sessions %v, want %v", got, want)
	}

	update(t, d, func(tx *db.Tx) error { // a is used and lives longer
		a.Seen, a.Expires = noon.Add(30*time.Minute), noon.Add(3*time.Hour+time.Millisecond)
		return tx.SetSession(a)
	})
	expire := func(at time.Duration, most, want int) {
		t.Helper()
		update(t, d, func(tx *db.Tx) error {
			n, err := tx.DropExpiredSessions(noon.Add(at), most)
			if n != want {
				t.Errorf("%d sessions had ended after %s, want %d", n, at, want)
			}
			return err
		})
	}
	expire(59*time.Minute, 10, 0)
	expire(time.Hour, 10, 1) // e
	expire(2*time.Hour, 1, 1)
	expire(2*time.Hour, 10, 1)
	expire(3*time.Hour, 10, 0)
	if got, want := fmt.Sprint(of(mina.ID)), fmt.Sprint([]db.ID{a.ID}); got != want {
		t.Errorf("sessions left %v, want %v", got, want)
	}
	if got := of(junho.ID); len(got) != 0 {
		t.Errorf("session %s is still there: %v", e.ID, got)
	}
	expire(200*365*24*time.Hour, 10, 1)

	a, b, c = add(mina.ID, 1, 1), add(mina.ID, 1, 1), add(mina.ID, 1, 1)
	update(t, d, func(tx *db.Tx) error {
		n, err := tx.DropSessionsOf(mina.ID, b.ID)
		if n != 2 {
			t.Errorf("%d sessions dropped, want 2", n)
		}
		return err
	})
	if got, want := fmt.Sprint(of(mina.ID)), fmt.Sprint([]db.ID{b.ID}); got != want {
		t.Errorf("sessions left %v, want %v", got, want)
	}
	update(t, d, func(tx *db.Tx) error {
		if err := tx.DropSession(b.ID); err != nil {
			return err
		}
		n, err := tx.DropSessionsOf(mina.ID, 0)
		if n != 0 {
			t.Errorf("%d more sessions dropped, want 0", n)
		}
		return err
	})
}

func TestSessionsWithOddTimes(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	update(t, d, func(tx *db.Tx) error {
		for _, at := range []time.Time{{}, time.Unix(-5, 0), time.Unix(0, 0), noon.AddDate(900, 0, 0)} {
			if err := tx.AddSession(db.Session{ID: tx.NewID(), User: mina.ID, Expires: at, Until: at}); err != nil {
				return err
			}
		}
		n, err := tx.DropExpiredSessions(time.Unix(0, 0), 10)
		if n != 3 {
			t.Errorf("%d had ended in 1970, want 3", n)
		}
		return err
	})
}

func TestHouse(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	want := db.House{Name: "우리 집", SignUp: db.SignUpOpen, Visitors: true}
	update(t, d, func(tx *db.Tx) error {
		if h, err := tx.House(); err != nil || h != (db.House{}) {
			t.Errorf("House = %+v, %v; want none", h, err)
		}
		return tx.SetHouse(want)
	})
	view(t, d, func(tx *db.Tx) error {
		h, err := tx.House()
		if h != want {
			t.Errorf("House = %+v, want %+v", h, want)
		}
		return err
	})
}

func TestSecretIsMadeOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	view(t, d, func(tx *db.Tx) error {
		if _, err := tx.Secret("tokens", 32); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("before it was made: %v, want %v", err, db.ErrNotFound)
		}
		return nil
	})
	var first, other []byte
	update(t, d, func(tx *db.Tx) (err error) {
		if first, err = tx.Secret("tokens", 32); err != nil {
			return err
		}
		other, err = tx.Secret("cursors", 32)
		return err
	})
	if len(first) != 32 || bytes.Equal(first, make([]byte, 32)) || bytes.Equal(first, other) {
		t.Errorf("secrets %x and %x are not random", first, other)
	}
	view(t, d, func(tx *db.Tx) error {
		again, err := tx.Secret("tokens", 32)
		if !bytes.Equal(first, again) {
			t.Errorf("again it is %x, want %x", again, first)
		}
		if _, err := tx.Secret("tokens", 16); err == nil {
			t.Error("a secret of another size was given")
		}
		return err
	})
}

func TestOutboxFollowsEveryChange(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	a := addTrack(t, d, mina.ID, "a", db.Public)
	b := addTrack(t, d, mina.ID, "b", db.Private)
	read := func(above uint64, most int) (changes []db.Change) {
		view(t, d, func(tx *db.Tx) (err error) {
			changes, err = tx.Outbox(above, most)
			return err
		})
		return changes
	}
	want := func(name string, got []db.Change, want ...db.Change) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	user := db.Change{Seq: 1, Kind: db.KindUser, ID: mina.ID}
	ofA, ofB := db.Change{Seq: 2, Kind: db.KindTrack, ID: a.ID}, db.Change{Seq: 3, Kind: db.KindTrack, ID: b.ID}
	want("all", read(0, 10), user, ofA, ofB)
	want("above 1", read(1, 10), ofA, ofB)
	want("two", read(0, 2), user, ofA)
	want("above all", read(3, 10))

	batch := read(0, 2)
	update(t, d, func(tx *db.Tx) error { return tx.SetTrack(a) }) // meanwhile
	update(t, d, func(tx *db.Tx) error { return tx.ClearOutbox(batch) })
	ofA.Seq = 4
	want("after clearing", read(0, 10), ofB, ofA)
	update(t, d, func(tx *db.Tx) error { return tx.DropTrack(b.ID) })
	ofB.Seq = 5
	want("after a drop", read(0, 10), ofA, ofB)
	update(t, d, func(tx *db.Tx) error { return tx.ClearOutbox(read0(tx)) })
	want("in the end", read(0, 10))
	view(t, d, func(tx *db.Tx) error {
		if got := tx.Seq(); got != 5 {
			t.Errorf("Seq = %d, want 5", got)
		}
		return nil
	})
}

func read0(tx *db.Tx) []db.Change {
	changes, _ := tx.Outbox(0, 100)
	return changes
}

func TestJobs(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	var first, second db.Job
	update(t, d, func(tx *db.Tx) error {
		first = db.Job{ID: tx.NewID(), Kind: "analyse", Subject: 5, Created: noon}
		second = db.Job{ID: tx.NewID(), Kind: "backup", Created: noon}
		return errors.Join(tx.AddJob(second), tx.AddJob(first))
	})
	update(t, d, func(tx *db.Tx) error {
		first.Attempts, first.Error, first.After = 1, "the disk is busy", noon.Add(time.Minute)
		return tx.SetJob(first)
	})
	view(t, d, func(tx *db.Tx) error {
		var got []db.Job
		for j, err := range tx.Jobs() {
			if err != nil {
				return err
			}
			got = append(got, j)
		}
		if want := []db.Job{first, second}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
		return nil
	})
	update(t, d, func(tx *db.Tx) error { return errors.Join(tx.DropJob(first.ID), tx.DropJob(second.ID)) })
}
