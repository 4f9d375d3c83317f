package db

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
)

// subjectKey is the place of an account at an issuer. Hashed, since an
// issuer's address may be longer than a key.
func subjectKey(issuer, subject string) []byte {
	sum := sha256.Sum256([]byte(issuer + "\x00" + subject))
	return sum[:]
}

// Identity gives the identity with an id. ErrNotFound when there is none.
func (tx *Tx) Identity(id ID) (Identity, error) {
	i, err := load[Identity](tx, inIdentities, id)
	if err != nil {
		return Identity{}, fmt.Errorf("identity %s: %w", id, err)
	}
	return i, nil
}

// IdentityBySubject gives the identity of an account at an issuer, each named
// to the letter. ErrNotFound when it lets nobody in; the error does not repeat
// what was asked for.
func (tx *Tx) IdentityBySubject(issuer, subject string) (Identity, error) {
	key := subjectKey(issuer, subject)
	id, err := tx.loadID(inSubjects, key)
	var i Identity
	if err == nil {
		i, err = led[Identity](tx, inSubjects, key, inIdentities, id)
		if err == nil && (i.Issuer != issuer || i.Subject != subject) {
			err = corrupt(inSubjects, key, errOtherRecord)
		}
	}
	if err != nil {
		return Identity{}, fmt.Errorf("identity by subject: %w", err)
	}
	return i, nil
}

// AddIdentity stores a new identity of a user who is there, else ErrNotFound.
// ErrTaken when the account at the issuer lets somebody in already.
func (tx *Tx) AddIdentity(i Identity) error {
	return tx.change("add identity", i.ID, func() error { return tx.addIdentity(&i) })
}

func (tx *Tx) addIdentity(i *Identity) error {
	if i.Issuer == "" || i.Subject == "" {
		return errors.New("an identity has an issuer and a subject")
	}
	if err := tx.checkNew(inIdentities, i.ID); err != nil {
		return err
	}
	if err := tx.want(inUsers, "user", i.User); err != nil {
		return err
	}
	key := subjectKey(i.Issuer, i.Subject)
	taken, err := tx.has(inSubjects, key)
	if err != nil {
		return err
	}
	if taken {
		return fmt.Errorf("the account at the issuer: %w", ErrTaken)
	}
	if err := store(tx, inIdentities, i.ID, i); err != nil {
		return err
	}
	if err := tx.put(inSubjects, key, key1(i.ID)); err != nil {
		return err
	}
	return tx.put(inUserIdentities, key2(i.User, i.ID), nil)
}

// SetIdentity stores an identity that is there already, else ErrNotFound. Whose
// it is, and what it is called at the issuer, can't change.
func (tx *Tx) SetIdentity(i Identity) error {
	return tx.change("set identity", i.ID, func() error {
		old, err := load[Identity](tx, inIdentities, i.ID)
		if err != nil {
			return err
		}
		if i.User != old.User || i.Issuer != old.Issuer || i.Subject != old.Subject {
			return errOwner
		}
		return store(tx, inIdentities, i.ID, &i)
	})
}

// DropIdentity removes an identity. ErrNotFound when there is none.
func (tx *Tx) DropIdentity(id ID) error {
	return tx.change("drop identity", id, func() error {
		i, err := load[Identity](tx, inIdentities, id)
		if err != nil {
			return err
		}
		return tx.dropIdentity(&i)
	})
}

func (tx *Tx) dropIdentity(i *Identity) error {
	if err := tx.del(inIdentities, key1(i.ID)); err != nil {
		return err
	}
	if err := tx.del(inSubjects, subjectKey(i.Issuer, i.Subject)); err != nil {
		return err
	}
	return tx.del(inUserIdentities, key2(i.User, i.ID))
}

// IdentitiesOf yields the identities of a user, the oldest first.
func (tx *Tx) IdentitiesOf(user ID) iter.Seq2[Identity, error] {
	w := &walk{tx: tx, b: inUserIdentities, prefix: key1(user)}
	return each(w, func(key, _ []byte) (Identity, error) {
		id, err := lastID(inUserIdentities, key)
		if err != nil {
			return Identity{}, err
		}
		return led[Identity](tx, inUserIdentities, key, inIdentities, id)
	})
}

// DropIdentitiesOf removes all identities of a user. One that can't be read
// stays: it lets nobody in.
func (tx *Tx) DropIdentitiesOf(user ID) error {
	for i, err := range tx.IdentitiesOf(user) {
		if errors.Is(err, ErrCorrupt) {
			continue
		}
		if err == nil {
			err = tx.dropIdentity(&i)
		}
		if err != nil {
			return fmt.Errorf("drop identities of %s: %w", user, err)
		}
	}
	return nil
}
