package db_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"

	"github.com/google/go-cmp/cmp"
)

func TestUserIsFoundByAnyName(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	u := addUser(t, d, "mina")
	view(t, d, func(tx *db.Tx) error {
		if got, err := tx.User(u.ID); err != nil || !cmp.Equal(got, u) {
			t.Errorf("User = %+v, %v; want %+v", got, err, u)
		}
		if got, moved, err := tx.UserByUsername("mina"); err != nil || moved || got.ID != u.ID {
			t.Errorf("UserByUsername = %+v, %t, %v", got, moved, err)
		}
		if got, moved, err := tx.UserByUsername("MINA"); err != nil || !moved || got.ID != u.ID {
			t.Errorf("in capitals: UserByUsername = %+v, %t, %v; want it moved", got, moved, err)
		}
		if got, err := tx.UserByEmail("Mina@Example.org"); err != nil || got.ID != u.ID {
			t.Errorf("UserByEmail = %+v, %v", got, err)
		}
		if n := tx.CountUsers(); n != 1 {
			t.Errorf("CountUsers = %d, want 1", n)
		}
		return nil
	})
}

func TestMissingUserIsNotFound(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	addUser(t, d, "mina")
	update(t, d, func(tx *db.Tx) error {
		for name, err := range map[string]error{
			"User":          second(tx.User(99)),
			"username":      third(tx.UserByUsername("nobody")),
			"no username":   third(tx.UserByUsername("")),
			"long username": third(tx.UserByUsername(string(make([]byte, 1<<20)))),
			"email":         second(tx.UserByEmail("nobody@example.org")),
			"no email":      second(tx.UserByEmail("")),
			"SetUser":       tx.SetUser(db.User{ID: 99, Username: "x", Email: "x"}),
			"Track":         second(tx.Track(99)),
			"slug":          third(tx.TrackBySlug(99, "x")),
			"SetTrack":      tx.SetTrack(db.Track{ID: 99, Slug: "x"}),
			"DropTrack":     tx.DropTrack(99),
			"AddTrack":      tx.AddTrack(db.Track{ID: 98, User: 99, Slug: "x"}),
			"Session":       second(tx.Session(99)),
			"SetSession":    tx.SetSession(db.Session{ID: 99}),
			"AddSession":    tx.AddSession(db.Session{ID: 97, User: 99}),
			"DropSession":   tx.DropSession(99),
			"Job":           second(tx.Job(99)),
			"SetJob":        tx.SetJob(db.Job{ID: 99}),
			"DropJob":       tx.DropJob(99),
		} {
			if !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s: got %v, want %v", name, err, db.ErrNotFound)
			}
		}
		return nil
	})
}

func second[T any](_ T, err error) error        { return err }
func third[T, U any](_ T, _ U, err error) error { return err }

func TestTakenNamesAreRefused(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	addUser(t, d, "junho")
	for name, change := range map[string]func(*db.User){
		"same username":      func(u *db.User) { u.Username = "mina" },
		"in capitals":        func(u *db.User) { u.Username = "Mina" },
		"same e-mail":        func(u *db.User) { u.Email = "mina@example.org" },
		"e-mail in capitals": func(u *db.User) { u.Email = "MINA@example.org" },
		"same id":            func(u *db.User) { u.ID = mina.ID },
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, d, db.ErrTaken, func(tx *db.Tx) error {
				u := newUser(tx, "new")
				change(&u)
				return tx.AddUser(u)
			})
		})
	}
	refused(t, d, db.ErrTaken, func(tx *db.Tx) error {
		mina.Email = "junho@example.org"
		return tx.SetUser(mina)
	})
	view(t, d, func(tx *db.Tx) error {
		if n := tx.CountUsers(); n != 2 {
			t.Errorf("CountUsers = %d, want 2", n)
		}
		return nil
	})
}

func TestFormerUsernameLeadsOn(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	junho := addUser(t, d, "junho")
	rename := func(u *db.User, to string) error {
		return d.Update(t.Context(), func(tx *db.Tx) error {
			was := u.Username
			u.Username = to
			err := tx.SetUser(*u)
			if err != nil {
				u.Username = was
			}
			return err
		})
	}
	leads := func(name string, to db.ID, moved bool) {
		t.Helper()
		view(t, d, func(tx *db.Tx) error {
			u, m, err := tx.UserByUsername(name)
			if err != nil || u.ID != to || m != moved {
				t.Errorf("%q leads to %s, moved %t, %v; want %s, %t", name, u.ID, m, err, to, moved)
			}
			return nil
		})
	}
	if err := rename(&mina, "minah"); err != nil {
		t.Fatal(err)
	}
	leads("mina", mina.ID, true)
	leads("minah", mina.ID, false)
	if err := rename(&junho, "mina"); !errors.Is(err, db.ErrTaken) {
		t.Errorf("a former username of another: got %v, want %v", err, db.ErrTaken)
	}
	if err := rename(&mina, "mina"); err != nil {
		t.Errorf("the owner takes it back: %v", err)
	}
	leads("mina", mina.ID, false)
	leads("minah", mina.ID, true)
	if err := rename(&mina, "Mina"); err != nil { // only the case changes
		t.Error(err)
	}
	leads("mina", mina.ID, true)

	// The oldest former names are let go in the end, and others may have them.
	for i := range 40 {
		if err := rename(&mina, fmt.Sprintf("mina-%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := rename(&junho, "minah"); err != nil {
		t.Errorf("a name given up long ago: %v", err)
	}
	leads("minah", junho.ID, false)
	leads("mina-20", mina.ID, true)
}

func TestSetUserKeepsCounters(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	u := addUser(t, d, "mina")
	update(t, d, func(tx *db.Tx) error {
		if err := tx.AddTrack(newTrack(tx, u.ID, "a", db.Public)); err != nil {
			return err
		}
		u.Bio = "changed" // by somebody who read the user before
		u.Tracks = 99
		return tx.SetUser(u)
	})
	view(t, d, func(tx *db.Tx) error {
		got, err := tx.User(u.ID)
		if got.Tracks != 1 || got.PublicTracks != 1 || got.Bytes != 1000 || got.Bio != "changed" {
			t.Errorf("got %+v, want 1 track, 1 public, 1000 bytes, the new bio", got)
		}
		return err
	})
}

func TestUsersAreListedOldestFirst(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	var want []db.ID
	for i := range 5 {
		want = append(want, addUser(t, d, fmt.Sprint("user-", i)).ID)
	}
	for behind := -1; behind < 5; behind++ {
		var from db.ID
		if behind >= 0 {
			from = want[behind]
		}
		var got []db.ID
		view(t, d, func(tx *db.Tx) error {
			for u, err := range tx.Users(from) {
				if err != nil {
					return err
				}
				got = append(got, u.ID)
			}
			return nil
		})
		if fmt.Sprint(got) != fmt.Sprint(want[behind+1:]) {
			t.Errorf("behind %d: got %v, want %v", behind, got, want[behind+1:])
		}
	}
	for before := 0; before <= 5; before++ {
		var from db.ID
		if before < 5 {
			from = want[before]
		}
		older := slices.Clone(want[:before])
		slices.Reverse(older)
		var got []db.ID
		view(t, d, func(tx *db.Tx) error {
			for u, err := range tx.NewestUsers(from) {
				if err != nil {
					return err
				}
				got = append(got, u.ID)
			}
			return nil
		})
		if !slices.Equal(got, older) {
			t.Errorf("before %d: got %v, want %v", before, got, older)
		}
	}
}

func TestInvalidRecordsAreRefused(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	u := addUser(t, d, "mina")
	for name, add := range map[string]func(tx *db.Tx) error{
		"user without id":    func(tx *db.Tx) error { return tx.AddUser(db.User{Username: "x", Email: "x"}) },
		"user without name":  func(tx *db.Tx) error { return tx.AddUser(db.User{ID: tx.NewID(), Email: "x"}) },
		"user without email": func(tx *db.Tx) error { return tx.AddUser(db.User{ID: tx.NewID(), Username: "x"}) },
		"long username": func(tx *db.Tx) error {
			return tx.AddUser(db.User{ID: tx.NewID(), Username: string(make([]byte, 600)), Email: "x"})
		},
		"huge bio": func(tx *db.Tx) error {
			return tx.AddUser(db.User{ID: tx.NewID(), Username: "x", Email: "x", Bio: string(make([]byte, 2<<20))})
		},
		"public without a mark": func(tx *db.Tx) error {
			tr := newTrack(tx, u.ID, "x", db.Public)
			tr.Published = 0
			return tx.AddTrack(tr)
		},
		"private with a mark": func(tx *db.Tx) error {
			tr := newTrack(tx, u.ID, "x", db.Private)
			tr.Published = tx.NewID()
			return tx.AddTrack(tr)
		},
		"no slug": func(tx *db.Tx) error { return tx.AddTrack(newTrack(tx, u.ID, "", db.Public)) },
		"negative size": func(tx *db.Tx) error {
			return tx.AddTrack(db.Track{ID: 5, User: u.ID, Slug: "x", Audio: db.Audio{Size: -1}})
		},
	} {
		if err := d.Update(t.Context(), add); err == nil {
			t.Errorf("%s: stored, want an error", name)
		}
	}
}

func TestUserKeepsWhatIsMutedAndThatHeLeaves(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	u := addUser(t, d, "mina")
	u.Muted, u.Leaving, u.Disabled = 1<<db.NoticeLike|1<<db.NoticeNewTrack, true, true
	update(t, d, func(tx *db.Tx) error { return tx.SetUser(u) })
	view(t, d, func(tx *db.Tx) error {
		got, err := tx.User(u.ID)
		if diff := cmp.Diff(u, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if !got.Muted.Has(db.NoticeLike) || got.Muted.Has(db.NoticeFollow) {
			t.Errorf("muted are %b", got.Muted)
		}
		return err
	})
}

func TestDroppedUserLeavesNameAndAddressFree(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	var his, hers db.Session
	update(t, d, func(tx *db.Tx) error {
		mina.Username = "minah" // mina is a former name then
		his = db.Session{ID: tx.NewID(), User: junho.ID, Created: noon, Expires: noon, Until: noon}
		hers = db.Session{ID: tx.NewID(), User: mina.ID, Created: noon, Expires: noon, Until: noon}
		return errors.Join(tx.SetUser(mina), tx.AddSession(his), tx.AddSession(hers),
			tx.AddJob(db.Job{ID: tx.NewID(), Kind: "leave", Subject: mina.ID, Created: noon}))
	})
	update(t, d, func(tx *db.Tx) error { return tx.DropUser(mina.ID) })
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { return tx.DropUser(mina.ID) })
	view(t, d, func(tx *db.Tx) error {
		_, byID := tx.User(mina.ID)
		_, _, byName := tx.UserByUsername("minah")
		_, _, byFormer := tx.UserByUsername("mina")
		_, byEmail := tx.UserByEmail("mina@example.org")
		_, session := tx.Session(hers.ID)
		for what, err := range map[string]error{"the id": byID, "the name": byName, "the former name": byFormer,
			"the address": byEmail, "the session": session} {
			if !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s: got %v, want %v", what, err, db.ErrNotFound)
			}
		}
		for j, err := range tx.Jobs() {
			t.Errorf("a job is left: %+v, %v", j, err)
		}
		if n := tx.CountUsers(); n != 1 {
			t.Errorf("CountUsers = %d, want 1", n)
		}
		if going, err := tx.Going(mina.ID); going || err != nil {
			t.Errorf("somebody without traces is still going: %t, %v", going, err)
		}
		_, err := tx.Session(his.ID)
		return err
	})
	update(t, d, func(tx *db.Tx) error { return tx.AddUser(newUser(tx, "mina")) })
	changes := make(map[db.ID]bool)
	view(t, d, func(tx *db.Tx) error {
		list, err := tx.Outbox(0, 100)
		for _, c := range list {
			changes[c.ID] = true
		}
		return err
	})
	if !changes[mina.ID] {
		t.Error("search is not told who is gone")
	}
}

func TestUserWithBelongingsStays(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	tr := addTrack(t, d, mina.ID, "a", db.Private)
	p := db.Playlist{User: junho.ID, Slug: "p", Title: "p", Created: noon, Updated: noon}
	update(t, d, func(tx *db.Tx) error {
		p.ID = tx.NewID()
		return tx.AddPlaylist(p)
	})
	update(t, d, func(tx *db.Tx) error { // whoever is refused may go on
		if tx.DropUser(mina.ID) == nil || tx.DropUser(junho.ID) == nil {
			t.Error("a user with a track or a playlist was dropped")
		}
		return nil
	})
	update(t, d, func(tx *db.Tx) error {
		return errors.Join(tx.DropTrack(tr.ID), tx.DropPlaylist(p.ID), tx.DropUser(mina.ID), tx.DropUser(junho.ID))
	})
}

func TestDroppedUserIsForgottenInSteps(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	update(t, d, func(tx *db.Tx) error {
		for range 1000 {
			if err := tx.AddNotification(db.Notification{ID: tx.NewID(), User: mina.ID, Kind: db.NoticeLike, Actor: junho.ID, Created: noon}, 1000); err != nil {
				return err
			}
		}
		return tx.SeeNotices(mina.ID, 1<<60)
	})
	kept := tell(t, d, junho.ID, mina.ID, 10)
	update(t, d, func(tx *db.Tx) error { return tx.DropUser(mina.ID) })
	going := func(want bool) {
		t.Helper()
		view(t, d, func(tx *db.Tx) error {
			got, err := tx.Going(mina.ID)
			if got != want {
				t.Errorf("going is %t, want %t", got, want)
			}
			return err
		})
	}
	going(true)
	if n := len(told(t, d, mina.ID, 0)); n > 600 || n < 400 {
		t.Errorf("%d of 1000 notifications are left after the first step", n)
	}
	if err := d.Check(t.Context()); err != nil {
		t.Errorf("half-way: %v", err)
	}
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { return tx.SeeNotices(mina.ID, 1<<60) })
	forgetAll(t, d, 100)
	going(false)
	if got := told(t, d, mina.ID, 0); len(got) > 0 {
		t.Errorf("%d notifications are left", len(got))
	}
	if got := told(t, d, junho.ID, 0); len(got) != 1 || got[0] != kept {
		t.Errorf("junho is told %v, want %v", got, kept)
	}
}
