package db_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"
)

func sum(s string) []byte {
	b := sha256.Sum256([]byte(s))
	return b[:]
}

func TestInvites(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	kim, mina := addUser(t, d, "kim"), addUser(t, d, "mina")
	add := func(by db.User, secret string) (i db.Invite) {
		update(t, d, func(tx *db.Tx) error {
			i = db.Invite{ID: tx.NewID(), User: by.ID, Secret: sum(secret), Note: "For " + secret, Uses: 3, Expires: noon.Add(time.Hour), Created: noon}
			return tx.AddInvite(i)
		})
		return i
	}
	list := func() (ids []db.ID) {
		view(t, d, func(tx *db.Tx) error {
			for i, err := range tx.Invites(0) {
				if err != nil {
					return err
				}
				ids = append(ids, i.ID)
			}
			return nil
		})
		return ids
	}
	a, b := add(kim, "a"), add(mina, "b")
	if got, want := fmt.Sprint(list()), fmt.Sprint([]db.ID{b.ID, a.ID}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	refused(t, d, db.ErrTaken, func(tx *db.Tx) error {
		return tx.AddInvite(db.Invite{ID: tx.NewID(), User: kim.ID, Secret: sum("a"), Created: noon})
	})
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error {
		return tx.AddInvite(db.Invite{ID: tx.NewID(), User: 99, Secret: sum("c"), Created: noon})
	})
	for name, change := range map[string]func(*db.Invite){
		"secret": func(i *db.Invite) { i.Secret = sum("x") },
		"user":   func(i *db.Invite) { i.User = mina.ID },
	} {
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			other := a
			change(&other)
			return tx.SetInvite(other)
		})
		if err == nil {
			t.Errorf("the %s of an invite was changed", name)
		}
	}
	update(t, d, func(tx *db.Tx) error {
		a.Used, a.Accounts = 1, []db.ID{mina.ID}
		return tx.SetInvite(a)
	})
	view(t, d, func(tx *db.Tx) error {
		got, err := tx.InviteBySecret(sum("a"))
		if err != nil || got.ID != a.ID || got.Used != 1 {
			t.Errorf("got %v, %v", got, err)
		}
		if _, err := tx.InviteBySecret(sum("z")); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
		return nil
	})
	// Who goes takes along what was theirs, and is no more among who came.
	update(t, d, func(tx *db.Tx) error { return tx.DropUser(mina.ID) })
	view(t, d, func(tx *db.Tx) error {
		got, err := tx.Invite(a.ID)
		if err != nil || len(got.Accounts) != 0 || got.Used != 1 {
			t.Errorf("got %v, %v", got, err)
		}
		return nil
	})
	if got, want := fmt.Sprint(list()), fmt.Sprint([]db.ID{a.ID}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	update(t, d, func(tx *db.Tx) error { return tx.DropInvite(a.ID) })
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { return tx.DropInvite(a.ID) })
}

func TestResets(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, jun := addUser(t, d, "mina"), addUser(t, d, "jun")
	set := func(u db.User, secret string) func(*db.Tx) error {
		return func(tx *db.Tx) error {
			return tx.SetReset(db.Reset{User: u.ID, Secret: sum(secret), Expires: noon.Add(time.Hour), Created: noon})
		}
	}
	update(t, d, set(mina, "a"))
	update(t, d, set(mina, "b")) // in place of the first
	update(t, d, set(jun, "c"))
	refused(t, d, db.ErrTaken, set(jun, "b"))
	refused(t, d, db.ErrNotFound, set(db.User{ID: 99}, "d"))
	view(t, d, func(tx *db.Tx) error {
		if _, err := tx.ResetBySecret(sum("a")); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the former link: got %v, want ErrNotFound", err)
		}
		r, err := tx.ResetBySecret(sum("b"))
		if err != nil || r.User != mina.ID {
			t.Errorf("got %v, %v", r, err)
		}
		return nil
	})
	update(t, d, func(tx *db.Tx) error { return tx.DropReset(mina.ID) })
	update(t, d, func(tx *db.Tx) error { return tx.DropReset(mina.ID) }) // none is left
	update(t, d, func(tx *db.Tx) error { return tx.DropUser(jun.ID) })
	view(t, d, func(tx *db.Tx) error {
		for _, u := range []db.User{mina, jun} {
			if _, err := tx.Reset(u.ID); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s: got %v, want ErrNotFound", u.Name, err)
			}
		}
		return nil
	})
}

func TestCheckFindsSpoiltDoors(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	kim := addUser(t, d, "kim")
	update(t, d, func(tx *db.Tx) error {
		return errors.Join(
			tx.AddInvite(db.Invite{ID: tx.NewID(), User: kim.ID, Secret: sum("a"), Uses: 1, Created: noon}),
			tx.SetReset(db.Reset{User: kim.ID, Secret: sum("b"), Expires: noon, Created: noon}))
	})
	spoilIndexes(t, d, "invitesecrets", "resetsecrets")
	var i db.Invite
	view(t, d, func(tx *db.Tx) (err error) {
		i, err = tx.InviteBySecret(sum("a"))
		return err
	})
	set := func(i db.Invite) func(*db.Tx) error { return func(tx *db.Tx) error { return tx.SetInvite(i) } }
	over, strange := i, i
	over.Used = 2
	strange.Used, strange.Accounts = 1, []db.ID{99}
	unsound(t, d, "more uses than there are", set(over), set(i))
	unsound(t, d, "an account that is not there", set(strange), set(i))
}
