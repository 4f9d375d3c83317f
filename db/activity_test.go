package db_test

import (
	"errors"
	"fmt"
	"iter"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestActivityFollowsWhatIsPublicAndReposted(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	a, b := addTrack(t, d, mina.ID, "a", db.Public), addTrack(t, d, mina.ID, "b", db.Private)
	names := map[db.ID]string{mina.ID: "mina", junho.ID: "junho", a.ID: "a", b.ID: "b"}
	told := func(seq iter.Seq2[db.Activity, error]) string {
		var s string
		last := ^db.ID(0)
		for act, err := range seq {
			if err != nil {
				return fmt.Sprint(s, err)
			}
			if act.Mark >= last {
				s += "not newest first: "
			}
			last = act.Mark
			s += fmt.Sprint(names[act.User], map[db.ActivityKind]string{db.Published: " made ", db.Reposted: " reposted "}[act.Kind], names[act.Track], ", ")
		}
		return s
	}
	set := func(tr *db.Track, visibility db.Visibility) func(tx *db.Tx) error {
		return func(tx *db.Tx) error {
			tr.Visibility, tr.Published = visibility, 0
			if visibility == db.Public {
				tr.Published = tx.NewID()
			}
			return tx.SetTrack(*tr)
		}
	}
	for _, c := range []struct {
		name      string
		do        func(tx *db.Tx) error
		all, mina string
	}{
		{"one is public", func(*db.Tx) error { return nil }, "mina made a, ", "mina made a, "},
		{"reposted by two", func(tx *db.Tx) error {
			return errors.Join(third(tx.Repost(junho.ID, a.ID)), third(tx.Repost(mina.ID, a.ID)), third(tx.Repost(mina.ID, a.ID)))
		}, "mina reposted a, junho reposted a, mina made a, ", "mina reposted a, mina made a, "},
		{"the other becomes public", set(&b, db.Public),
			"mina made b, mina reposted a, junho reposted a, mina made a, ", "mina made b, mina reposted a, mina made a, "},
		{"changed, it stays in its place", func(tx *db.Tx) error {
			a.Title = "another"
			return tx.SetTrack(a)
		}, "mina made b, mina reposted a, junho reposted a, mina made a, ", "mina made b, mina reposted a, mina made a, "},
		{"private again, its reposts stay", set(&a, db.Private),
			"mina made b, mina reposted a, junho reposted a, ", "mina made b, mina reposted a, "},
		{"public again, it is new", set(&a, db.Public),
			"mina made a, mina made b, mina reposted a, junho reposted a, ", "mina made a, mina made b, mina reposted a, "},
		{"a repost is taken back", func(tx *db.Tx) error { return second(tx.Unrepost(mina.ID, a.ID)) },
			"mina made a, mina made b, junho reposted a, ", "mina made a, mina made b, "},
		{"dropped, it takes its reposts with it", func(tx *db.Tx) error { return tx.DropTrack(a.ID) }, "mina made b, ", "mina made b, "},
	} {
		update(t, d, c.do)
		view(t, d, func(tx *db.Tx) error {
			if got := told(tx.Activity(0)); got != c.all {
				t.Errorf("%s: %q, want %q", c.name, got, c.all)
			}
			if got := told(tx.ActivityOf(mina.ID, 0)); got != c.mina {
				t.Errorf("%s: mina's is %q, want %q", c.name, got, c.mina)
			}
			// Pages of one give the same.
			for _, list := range []func(db.ID) iter.Seq2[db.Activity, error]{tx.Activity, func(before db.ID) iter.Seq2[db.Activity, error] { return tx.ActivityOf(mina.ID, before) }} {
				whole, pages, before := told(list(0)), "", db.ID(0)
				for more := true; more; {
					more = false
					for act, err := range list(before) {
						if err != nil {
							return err
						}
						pages += told(func(yield func(db.Activity, error) bool) { yield(act, nil) })
						before, more = act.Mark, true
						break
					}
				}
				if pages != whole {
					t.Errorf("%s: in pages it is %q, whole %q", c.name, pages, whole)
				}
			}
			return nil
		})
		sound(t, d)
	}
}

// The mark of a track is no repost's either.
func TestAMarkOfARepostIsTaken(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	a := addTrack(t, d, mina.ID, "a", db.Public)
	update(t, d, func(tx *db.Tx) error {
		mark, _, err := tx.Repost(mina.ID, a.ID)
		b := newTrack(tx, mina.ID, "b", db.Public)
		b.Published = mark
		if err := tx.AddTrack(b); !errors.Is(err, db.ErrTaken) {
			t.Errorf("got %v, want %v", err, db.ErrTaken)
		}
		return err
	})
}
