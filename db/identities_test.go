package db_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestIdentities(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, jun := addUser(t, d, "mina"), addUser(t, d, "jun")
	const issuer = "https://login.example.org"
	var first, second db.Identity
	update(t, d, func(tx *db.Tx) error {
		first = db.Identity{ID: tx.NewID(), User: mina.ID, Issuer: issuer, Subject: "1", Email: "mina@home.example"}
		second = db.Identity{ID: tx.NewID(), User: mina.ID, Issuer: issuer + strings.Repeat("/long", 300), Subject: "1"}
		return errors.Join(tx.AddIdentity(first), tx.AddIdentity(second))
	})
	update(t, d, func(tx *db.Tx) error {
		if err := tx.AddIdentity(db.Identity{ID: tx.NewID(), User: jun.ID, Issuer: issuer, Subject: "1"}); !errors.Is(err, db.ErrTaken) {
			t.Errorf("one account at an issuer for two users: got %v, want ErrTaken", err)
		}
		if err := tx.AddIdentity(db.Identity{ID: tx.NewID(), User: 12345, Issuer: issuer, Subject: "2"}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("an identity of nobody: got %v, want ErrNotFound", err)
		}
		for _, empty := range []db.Identity{{Issuer: issuer}, {Subject: "3"}} {
			empty.ID, empty.User = tx.NewID(), jun.ID
			if err := tx.AddIdentity(empty); err == nil {
				t.Errorf("%+v was stored", empty)
			}
		}
		got, err := tx.IdentityBySubject(issuer, "1")
		if err != nil || got.ID != first.ID {
			t.Errorf("by subject: got %+v, %v, want %s", got, err, first.ID)
		}
		for _, other := range [][2]string{{issuer, "2"}, {issuer + "/", "1"}, {strings.ToUpper(issuer), "1"}, {issuer, ""}} {
			if _, err := tx.IdentityBySubject(other[0], other[1]); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%q: got %v, want ErrNotFound", other, err)
			}
		}
		first.Email = "new@home.example"
		if err := tx.SetIdentity(first); err != nil {
			t.Error(err)
		}
		stolen := first
		stolen.User = jun.ID
		if err := tx.SetIdentity(stolen); err == nil {
			t.Error("an identity changed its owner")
		}
		var ids []db.ID
		for i, err := range tx.IdentitiesOf(mina.ID) {
			if err != nil {
				t.Error(err)
			}
			ids = append(ids, i.ID)
		}
		if !slices.Equal(ids, []db.ID{first.ID, second.ID}) {
			t.Errorf("identities of mina: got %v, want %v", ids, []db.ID{first.ID, second.ID})
		}
		return nil
	})
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
	update(t, d, func(tx *db.Tx) error { return tx.DropIdentity(second.ID) })
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
	update(t, d, func(tx *db.Tx) error { return tx.DropUser(mina.ID) })
	update(t, d, func(tx *db.Tx) error {
		if _, err := tx.IdentityBySubject(issuer, "1"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("of a user who is gone: got %v, want ErrNotFound", err)
		}
		return nil
	})
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
