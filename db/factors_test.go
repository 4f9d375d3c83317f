package db_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestFactors(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	want := db.Factor{User: mina.ID, Secret: []byte("secret"), Recovery: [][]byte{{1}, {2}}, Created: noon}
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { _, err := tx.Factor(mina.ID); return err })
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { return tx.SetFactor(db.Factor{User: 99}) })
	update(t, d, func(tx *db.Tx) error { return tx.SetFactor(want) })
	want.Confirmed, want.Step, want.Recovery = true, 12345, want.Recovery[1:]
	update(t, d, func(tx *db.Tx) error { return tx.SetFactor(want) })
	view(t, d, func(tx *db.Tx) error {
		got, err := tx.Factor(mina.ID)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the factor (-want +got):\n%s", diff)
		}
		return err
	})
	for _, want := range []bool{true, false} {
		update(t, d, func(tx *db.Tx) error {
			had, err := tx.DropFactor(mina.ID)
			if had != want {
				t.Errorf("dropped: %t, want %t", had, want)
			}
			return err
		})
	}
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { _, err := tx.Factor(mina.ID); return err })
}

func addPasskey(t *testing.T, d *db.DB, user db.ID, credential string) (p db.Passkey) {
	t.Helper()
	update(t, d, func(tx *db.Tx) error {
		p = db.Passkey{ID: tx.NewID(), User: user, Name: credential, Credential: []byte(credential), Key: []byte("key"), Created: noon}
		return tx.AddPasskey(p)
	})
	return p
}

func TestPasskeys(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, junho := addUser(t, d, "mina"), addUser(t, d, "junho")
	phone, laptop, other := addPasskey(t, d, mina.ID, "phone"), addPasskey(t, d, mina.ID, "laptop"), addPasskey(t, d, junho.ID, "other")
	of := func(user db.ID) (names string) {
		view(t, d, func(tx *db.Tx) error {
			for p, err := range tx.PasskeysOf(user) {
				if err != nil {
					return err
				}
				names += p.Name + " "
			}
			passkeys, err := tx.CountPasskeysOf(user)
			names += fmt.Sprint(passkeys)
			return err
		})
		return names
	}
	if got, want := of(mina.ID), "laptop phone 2"; got != want {
		t.Errorf("passkeys %q, want %q", got, want)
	}
	refused(t, d, db.ErrTaken, func(tx *db.Tx) error {
		return tx.AddPasskey(db.Passkey{ID: tx.NewID(), User: junho.ID, Credential: []byte("phone")})
	})
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error {
		return tx.AddPasskey(db.Passkey{ID: tx.NewID(), User: 99, Credential: []byte("new")})
	})
	phone.Name, phone.Count = "my phone", 7
	update(t, d, func(tx *db.Tx) error { return tx.SetPasskey(phone) })
	for _, changed := range []db.Passkey{{ID: phone.ID, User: junho.ID, Credential: phone.Credential}, {ID: phone.ID, User: mina.ID, Credential: []byte("x")}} {
		if err := d.Update(t.Context(), func(tx *db.Tx) error { return tx.SetPasskey(changed) }); err == nil {
			t.Errorf("a passkey was given %+v", changed)
		}
	}
	view(t, d, func(tx *db.Tx) error {
		got, err := tx.PasskeyByCredential([]byte("phone"))
		if diff := cmp.Diff(phone, got); diff != "" {
			t.Errorf("the passkey (-want +got):\n%s", diff)
		}
		return err
	})
	update(t, d, func(tx *db.Tx) error { return tx.DropPasskey(laptop.ID) })
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { _, err := tx.PasskeyByCredential([]byte("laptop")); return err })
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { return tx.DropPasskey(laptop.ID) })

	// They go with their user.
	update(t, d, func(tx *db.Tx) error {
		return tx.SetFactor(db.Factor{User: mina.ID, Secret: []byte("s"), Created: noon})
	})
	update(t, d, func(tx *db.Tx) error { return tx.DropUser(mina.ID) })
	if got, want := of(mina.ID), "0"; got != want {
		t.Errorf("of a user who is gone: %q, want %q", got, want)
	}
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { _, err := tx.Factor(mina.ID); return err })
	refused(t, d, db.ErrNotFound, func(tx *db.Tx) error { _, err := tx.Passkey(phone.ID); return err })
	if got, want := of(junho.ID), "other 1"; got != want {
		t.Errorf("of another user: %q, want %q", got, want)
	}
	_ = other
}

// Whatever is wrong with passkeys and second factors, Check finds it.
func TestCheckFindsSpoiltFactors(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina := addUser(t, d, "mina")
	p := addPasskey(t, d, mina.ID, "phone")
	update(t, d, func(tx *db.Tx) error {
		return tx.SetFactor(db.Factor{User: mina.ID, Secret: []byte("s"), Created: noon})
	})
	spoilIndexes(t, d, "credentials", "userpasskeys")
	key := func(id db.ID) []byte { return binary.BigEndian.AppendUint64(nil, uint64(id)) }
	for _, b := range []string{"factors", "passkeys"} {
		var whole []byte
		view(t, d, func(tx *db.Tx) (err error) {
			_, whole, err = db.First(tx, b)
			whole = append([]byte{}, whole...)
			return err
		})
		unsound(t, d, "a stray entry of "+b,
			func(tx *db.Tx) error { return db.Put(tx, b, key(p.ID+99), whole) },
			func(tx *db.Tx) error { return db.Put(tx, b, key(p.ID+99), nil) })
	}
}
