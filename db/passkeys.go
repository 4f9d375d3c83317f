package db

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
)

// credentialKey is the place of a credential's id, which can be longer than a
// key may be.
func credentialKey(credential []byte) []byte {
	sum := sha256.Sum256(credential)
	return sum[:]
}

// Passkey gives the passkey with an id. ErrNotFound when there is none.
func (tx *Tx) Passkey(id ID) (Passkey, error) {
	p, err := load[Passkey](tx, inPasskeys, id)
	if err != nil {
		return Passkey{}, fmt.Errorf("passkey %s: %w", id, err)
	}
	return p, nil
}

// PasskeyByCredential gives the passkey that a credential's own id leads to.
// ErrNotFound when nobody has it.
func (tx *Tx) PasskeyByCredential(credential []byte) (Passkey, error) {
	key := credentialKey(credential)
	id, err := tx.loadID(inCredentials, key)
	var p Passkey
	if err == nil {
		p, err = load[Passkey](tx, inPasskeys, id)
		if errors.Is(err, ErrNotFound) || err == nil && string(p.Credential) != string(credential) {
			err = corrupt(inCredentials, key, errOtherRecord)
		}
	}
	if err != nil {
		return Passkey{}, fmt.Errorf("passkey by credential: %w", err)
	}
	return p, nil
}

// AddPasskey stores a new passkey of a user who is there, else ErrNotFound.
// ErrTaken when the credential is somebody's already.
func (tx *Tx) AddPasskey(p Passkey) error {
	return tx.change("add passkey", p.ID, func() error {
		if err := tx.checkNew(inPasskeys, p.ID); err != nil {
			return err
		}
		if err := tx.want(inUsers, "user", p.User); err != nil {
			return err
		}
		key := credentialKey(p.Credential)
		taken, err := tx.has(inCredentials, key)
		if err != nil {
			return err
		}
		if taken {
			return fmt.Errorf("the credential: %w", ErrTaken)
		}
		if err := tx.put(inCredentials, key, key1(p.ID)); err != nil {
			return err
		}
		if err := tx.put(inUserPasskeys, key2(p.User, p.ID), nil); err != nil {
			return err
		}
		return store(tx, inPasskeys, p.ID, &p)
	})
}

var errCredential = errors.New("the credential of a passkey can't change")

// SetPasskey stores a passkey that is there already, else ErrNotFound. Its user
// and its credential can't change.
func (tx *Tx) SetPasskey(p Passkey) error {
	return tx.change("set passkey", p.ID, func() error {
		old, err := load[Passkey](tx, inPasskeys, p.ID)
		if err != nil {
			return err
		}
		if p.User != old.User {
			return errOwner
		}
		if string(p.Credential) != string(old.Credential) {
			return errCredential
		}
		return store(tx, inPasskeys, p.ID, &p)
	})
}

// DropPasskey removes a passkey. ErrNotFound when there is none.
func (tx *Tx) DropPasskey(id ID) error {
	return tx.change("drop passkey", id, func() error {
		p, err := load[Passkey](tx, inPasskeys, id)
		if err != nil {
			return err
		}
		return tx.dropPasskey(&p)
	})
}

func (tx *Tx) dropPasskey(p *Passkey) error {
	if err := tx.del(inPasskeys, key1(p.ID)); err != nil {
		return err
	}
	if err := tx.del(inUserPasskeys, key2(p.User, p.ID)); err != nil {
		return err
	}
	return tx.del(inCredentials, credentialKey(p.Credential))
}

// PasskeysOf yields the passkeys of a user, the one that was made last first.
func (tx *Tx) PasskeysOf(user ID) iter.Seq2[Passkey, error] {
	w := &walk{tx: tx, b: inUserPasskeys, prefix: key1(user), back: true}
	return each(w, func(key, _ []byte) (Passkey, error) {
		id, err := lastID(inUserPasskeys, key)
		if err != nil {
			return Passkey{}, err
		}
		return led[Passkey](tx, inUserPasskeys, key, inPasskeys, id)
	})
}

// CountPasskeysOf counts the passkeys that let a user in.
func (tx *Tx) CountPasskeysOf(user ID) (n int, err error) {
	w := &walk{tx: tx, b: inUserPasskeys, prefix: key1(user)}
	for {
		ok, err := w.next()
		if err != nil {
			return 0, fmt.Errorf("passkeys of %s: %w", user, err)
		}
		if !ok {
			return n, nil
		}
		n++
	}
}

// DropPasskeysOf removes all passkeys of a user. Of one that can't be read the
// record stays, and nobody can use it.
func (tx *Tx) DropPasskeysOf(user ID) error {
	return tx.change("drop passkeys of", user, func() error { return tx.dropPasskeysOf(user) })
}

// dropFactorsOf removes what a user proved to be themselves by, besides the
// password.
func (tx *Tx) dropFactorsOf(user ID) error {
	if err := tx.del(inFactors, key1(user)); err != nil {
		return err
	}
	return tx.dropPasskeysOf(user)
}

func (tx *Tx) dropPasskeysOf(user ID) error {
	for p, err := range tx.PasskeysOf(user) {
		if err == nil {
			err = tx.dropPasskey(&p)
		}
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
	}
	return tx.purge(inUserPasskeys, key1(user), func(_, _ []byte) bool { return true }, nil)
}

// factors checks second factors and passkeys.
func (c *checker) factors() {
	c.entries(inFactors, func(key, value []byte) {
		var f Factor
		if err := decode(value, &f); err != nil || len(key) != 8 {
			return // it was told with the values
		}
		if string(key) != string(key1(f.User)) {
			c.wrong("the second factor of %x is %s's", key, f.User)
		}
		c.there(inUsers, f.User, inFactors)
	})
	all(c, records[Passkey](c.tx, inPasskeys, 0), func(p *Passkey) {
		c.note(p.ID)
		c.there(inUsers, p.User, inPasskeys)
		c.entry(inCredentials, credentialKey(p.Credential), key1(p.ID), p.ID)
		c.entry(inUserPasskeys, key2(p.User, p.ID), nil, p.ID)
	})
}
