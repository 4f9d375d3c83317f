package db_test

import (
	"errors"
	"fmt"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"

	"github.com/google/go-cmp/cmp"
)

func TestTrackListsAndCounters(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	a := addTrack(t, d, mina.ID, "a", db.Public)
	b := addTrack(t, d, junho.ID, "b", db.Public)
	c := addTrack(t, d, mina.ID, "c", db.Private)
	e := addTrack(t, d, mina.ID, "e", db.Public)

	lists := func(all, minas, public, junhos string, counts [3]uint64) {
		t.Helper()
		view(t, d, func(tx *db.Tx) error {
			for _, l := range []struct{ name, got, want string }{
				{"public", slugs(tx.PublicTracks(0)), all},
				{"of mina", slugs(tx.TracksOf(mina.ID, 0)), minas},
				{"public of mina", slugs(tx.PublicTracksOf(mina.ID, 0)), public},
				{"of junho", slugs(tx.TracksOf(junho.ID, 0)), junhos},
			} {
				if l.got != l.want {
					t.Errorf("%s: got %q, want %q", l.name, l.got, l.want)
				}
			}
			u, err := tx.User(mina.ID)
			if got := [3]uint64{u.Tracks, u.PublicTracks, u.Bytes}; got != counts {
				t.Errorf("counters %d, want %d", got, counts)
			}
			return err
		})
	}
	lists("e b a ", "e c a ", "e a ", "b ", [3]uint64{3, 2, 3000})

	update(t, d, func(tx *db.Tx) error { // c becomes public, last of all
		c.Visibility, c.Published = db.Public, tx.NewID()
		return tx.SetTrack(c)
	})
	lists("c e b a ", "e c a ", "c e a ", "b ", [3]uint64{3, 3, 3000})

	update(t, d, func(tx *db.Tx) error { // a becomes private, and is another file
		a.Visibility, a.Published, a.Audio.Size = db.Private, 0, 5000
		return tx.SetTrack(a)
	})
	lists("c e b ", "e c a ", "c e ", "b ", [3]uint64{3, 2, 7000})

	update(t, d, func(tx *db.Tx) error { return tx.DropTrack(e.ID) })
	lists("c b ", "c a ", "c ", "b ", [3]uint64{2, 1, 6000})

	view(t, d, func(tx *db.Tx) error {
		if got := slugs(tx.PublicTracks(c.Published)); got != "b " {
			t.Errorf("before c: %q, want b", got)
		}
		if got := slugs(tx.PublicTracks(b.Published)); got != "" {
			t.Errorf("before b: %q, want nothing", got)
		}
		if got := slugs(tx.TracksOf(mina.ID, c.ID)); got != "a " {
			t.Errorf("of mina before c: %q, want a", got)
		}
		if got := slugs(tx.PublicTracksOf(mina.ID, c.Published)); got != "" {
			t.Errorf("public of mina before c: %q, want nothing", got)
		}
		if got := slugs(tx.TracksOf(99, 0)); got != "" {
			t.Errorf("of nobody: %q", got)
		}
		if n := tx.CountTracks(); n != 3 {
			t.Errorf("CountTracks = %d, want 3", n)
		}
		got, err := tx.Track(c.ID)
		if diff := cmp.Diff(c, got); diff != "" {
			t.Errorf("track c (-want +got):\n%s", diff)
		}
		return err
	})
}

func TestSlugsAreUniqueWithinAUser(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	a := addTrack(t, d, mina.ID, "night-train", db.Public)
	addTrack(t, d, junho.ID, "night-train", db.Public)
	refused(t, d, db.ErrTaken, func(tx *db.Tx) error {
		return tx.AddTrack(newTrack(tx, mina.ID, "night-train", db.Private))
	})
	a.Slug = "밤기차"
	update(t, d, func(tx *db.Tx) error { return tx.SetTrack(a) })
	view(t, d, func(tx *db.Tx) error {
		for _, c := range []struct {
			slug  string
			moved bool
		}{
			{"밤기차", false}, {"night-train", true}, {"Night-Train", true},
			{"\u1107\u1161\u11b7\u1100\u1175\u110e\u1161", true}, // decomposed: led to the one form
		} {
			got, moved, err := tx.TrackBySlug(mina.ID, c.slug)
			if err != nil || got.ID != a.ID || moved != c.moved {
				t.Errorf("%q leads to %s, moved %t, %v", c.slug, got.ID, moved, err)
			}
		}
		for _, c := range []struct {
			user   db.ID
			slug   string
			except db.ID
			want   bool
		}{
			{mina.ID, "night-train", 0, true}, {mina.ID, "night-train", a.ID, false}, {mina.ID, "밤기차", 0, true},
			{mina.ID, "free", 0, false}, {junho.ID, "밤기차", 0, false},
		} {
			if got, err := tx.SlugTaken(c.user, c.slug, c.except); err != nil || got != c.want {
				t.Errorf("SlugTaken(%s, %q, %s) = %t, %v; want %t", c.user, c.slug, c.except, got, err, c.want)
			}
		}
		return nil
	})
	// With the track all its slugs are free again.
	update(t, d, func(tx *db.Tx) error {
		if err := tx.DropTrack(a.ID); err != nil {
			return err
		}
		return tx.AddTrack(newTrack(tx, mina.ID, "night-train", db.Private))
	})
}

func TestTrackKeepsItsOwner(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	a := addTrack(t, d, mina.ID, "a", db.Public)
	a.User = junho.ID
	if err := d.Update(t.Context(), func(tx *db.Tx) error { return tx.SetTrack(a) }); err == nil {
		t.Error("a track changed hands")
	}
}

func TestPublishedMarkIsUnique(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	a := addTrack(t, d, mina.ID, "a", db.Public)
	refused(t, d, db.ErrTaken, func(tx *db.Tx) error {
		b := newTrack(tx, mina.ID, "b", db.Public)
		b.Published = a.Published
		return tx.AddTrack(b)
	})
}

func TestListsMayBeChangedWhileTheyAreRead(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	update(t, d, func(tx *db.Tx) error {
		for i := range 500 {
			if err := tx.AddTrack(newTrack(tx, mina.ID, fmt.Sprint("t", i), db.Public)); err != nil {
				return err
			}
		}
		return nil
	})
	update(t, d, func(tx *db.Tx) error {
		seen := 0
		for tr, err := range tx.TracksOf(mina.ID, 0) {
			if err != nil {
				return err
			}
			if seen++; seen%2 == 0 {
				err = tx.DropTrack(tr.ID)
			} else {
				tr.Slug += "-renamed"
				err = tx.SetTrack(tr)
			}
			if err != nil {
				return err
			}
		}
		if seen != 500 {
			t.Errorf("%d tracks were seen, want 500", seen)
		}
		return nil
	})
	view(t, d, func(tx *db.Tx) error {
		if n := tx.CountTracks(); n != 250 {
			t.Errorf("%d tracks are left, want 250", n)
		}
		return nil
	})
}

func TestEverythingIsDroppedInOneTransaction(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	update(t, d, func(tx *db.Tx) error {
		for i := range 2000 {
			if err := tx.AddTrack(newTrack(tx, mina.ID, fmt.Sprint("t", i), db.Public)); err != nil {
				return err
			}
		}
		return nil
	})
	update(t, d, func(tx *db.Tx) error {
		n := 0
		for tr, err := range tx.PublicTracks(0) {
			if err == nil {
				n++
				err = tx.DropTrack(tr.ID)
			}
			if err != nil {
				return err
			}
			if n == 1500 {
				if got := len(slugs(tx.PublicTracks(0))); got != len(slugs(tx.TracksOf(mina.ID, 0))) || got < 500*3 {
					t.Errorf("with 500 left, the lists have %d bytes", got)
				}
			}
		}
		if got := slugs(tx.PublicTracks(0)) + slugs(tx.TracksOf(mina.ID, 0)) + slugs(tx.PublicTracksOf(mina.ID, 0)); n != 2000 || got != "" {
			t.Errorf("%d were dropped, want 2000; left are %q", n, got)
		}
		return tx.AddTrack(newTrack(tx, mina.ID, "t7", db.Public))
	})
	view(t, d, func(tx *db.Tx) error {
		if got := slugs(tx.PublicTracks(0)); got != "t7 " {
			t.Errorf("left are %q, want t7", got)
		}
		return nil
	})
}

func TestRefusedChangeLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t) // checked at the end
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	a := addTrack(t, d, mina.ID, "a", db.Public)
	b := addTrack(t, d, mina.ID, "b", db.Public)
	update(t, d, func(tx *db.Tx) error { // whoever sees ErrTaken may go on
		sameSlug, sameMark := newTrack(tx, mina.ID, "a", db.Public), newTrack(tx, mina.ID, "c", db.Public)
		sameMark.Published = a.Published
		b.Slug, b.Visibility, b.Published = "a", db.Private, 0
		rename, sameMail := junho, junho
		rename.Username, rename.Email = "mina", "new@example.org"
		sameMail.Username, sameMail.Email = "new", mina.Email
		newcomer := newUser(tx, "newcomer")
		newcomer.Email = mina.Email
		for name, err := range map[string]error{
			"AddTrack, slug": tx.AddTrack(sameSlug), "AddTrack, mark": tx.AddTrack(sameMark), "SetTrack": tx.SetTrack(b),
			"SetUser, name": tx.SetUser(rename), "SetUser, e-mail": tx.SetUser(sameMail), "AddUser": tx.AddUser(newcomer),
		} {
			if !errors.Is(err, db.ErrTaken) {
				t.Errorf("%s: got %v, want %v", name, err, db.ErrTaken)
			}
		}
		return nil
	})
	view(t, d, func(tx *db.Tx) error {
		if got := slugs(tx.PublicTracks(0)); got != "b a " || tx.CountUsers() != 2 {
			t.Errorf("public are %q, users %d; want b a and 2", got, tx.CountUsers())
		}
		return nil
	})
}

func TestASequenceMayBeRangedOverTwice(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	a := addTrack(t, d, mina.ID, "a", db.Public)
	addTrack(t, d, mina.ID, "b", db.Public)
	addTrack(t, d, mina.ID, "c", db.Public)
	view(t, d, func(tx *db.Tx) error {
		before := tx.TracksOf(mina.ID, a.ID+1)
		if first, again := slugs(before), slugs(before); first != "a " || again != first {
			t.Errorf("got %q, then %q; want a both times", first, again)
		}
		return nil
	})
}

func TestDropTrackDropsItsJobs(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	a, b := addTrack(t, d, mina.ID, "a", db.Public), addTrack(t, d, mina.ID, "b", db.Public)
	var ofA, ofB db.Job
	update(t, d, func(tx *db.Tx) error {
		ofA = db.Job{ID: tx.NewID(), Kind: "analyse", Subject: a.ID, Created: noon}
		ofB = db.Job{ID: tx.NewID(), Kind: "analyse", Subject: b.ID, Created: noon}
		return errors.Join(tx.AddJob(ofA), tx.AddJob(ofB))
	})
	update(t, d, func(tx *db.Tx) error { return tx.DropTrack(a.ID) })
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { return tx.SetJob(ofA) })
	view(t, d, func(tx *db.Tx) error {
		var left []db.ID
		for j, err := range tx.Jobs() {
			if err != nil {
				return err
			}
			left = append(left, j.ID)
		}
		if fmt.Sprint(left) != fmt.Sprint([]db.ID{ofB.ID}) {
			t.Errorf("jobs left %v, want %v", left, ofB.ID)
		}
		return nil
	})
}
