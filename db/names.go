package db

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// maxFormer is how many former names one thing keeps. The oldest is let go
// when there are more, so that nobody can hoard names by renaming.
const maxFormer = 32

// names is a set of unique names, with the former ones that still lead to the
// thing they once named: the usernames of the house, or the slugs of one user.
type names struct {
	index  bucket // prefix | name → owner | mark
	former bucket // owner | mark → name
	prefix []byte
}

var usernames = names{index: inUsernames, former: inFormerNames}

// slugsOf gives the slugs of a user's tracks.
func slugsOf(user ID) names {
	return names{index: inSlugs, former: inFormerSlugs, prefix: key1(user)}
}

// key gives the index key of a name that is in its folded form already.
func (n names) key(folded string) []byte {
	k := make([]byte, 0, len(n.prefix)+len(folded))
	return append(append(k, n.prefix...), folded...)
}

// find gives whom a name belongs to, and its mark if it is a former name.
func (n names) find(tx *Tx, name string) (owner, mark ID, err error) {
	folded := fold(name)
	if folded == "" || len(folded) > maxName {
		return 0, 0, ErrNotFound
	}
	return n.read(tx, n.key(folded))
}

func (n names) read(tx *Tx, key []byte) (owner, mark ID, err error) {
	p, err := tx.get(n.index, key)
	if err != nil {
		return 0, 0, err
	}
	if len(p) != 16 {
		return 0, 0, corrupt(n.index, key, nil)
	}
	return ID(binary.BigEndian.Uint64(p)), ID(binary.BigEndian.Uint64(p[8:])), nil
}

// check says ErrTaken when a name is, or once was, somebody else's than the
// owner's. It changes nothing.
func (n names) check(tx *Tx, owner ID, name string) error {
	folded := fold(name)
	if folded == "" || len(folded) > maxName {
		return fmt.Errorf("%q can't be a name: it has to have 1 to %d bytes", name, maxName)
	}
	has, _, err := n.read(tx, n.key(folded))
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	case has != owner:
		return fmt.Errorf("the name %q: %w", name, ErrTaken)
	}
	return nil
}

// take gives a name that was checked to an owner.
func (n names) take(tx *Tx, owner ID, name string) error {
	key := n.key(fold(name))
	_, mark, err := n.read(tx, key)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err == nil && mark != 0 { // taken back
		if err := tx.del(n.former, key2(owner, mark)); err != nil {
			return err
		}
	}
	return tx.put(n.index, key, key2(owner, ID(0)))
}

// move gives an owner another name that was checked; the old one becomes a
// former name.
func (n names) move(tx *Tx, owner ID, from, to string) error {
	old := fold(from)
	if old == fold(to) {
		return nil
	}
	if err := n.take(tx, owner, to); err != nil {
		return err
	}
	mark := tx.NewID()
	if err := tx.put(n.index, n.key(old), key2(owner, mark)); err != nil {
		return err
	}
	if err := tx.put(n.former, key2(owner, mark), []byte(old)); err != nil {
		return err
	}
	return n.trim(tx, owner, maxFormer)
}

// trim lets the oldest former names go, so that only the newest few stay.
func (n names) trim(tx *Tx, owner ID, keep int) error {
	w := &walk{tx: tx, b: n.former, prefix: key1(owner), back: true}
	for count := 1; ; count++ {
		ok, err := w.next()
		if err != nil || !ok {
			return err
		}
		if count <= keep {
			continue
		}
		if err := tx.del(n.index, n.key(string(w.value))); err != nil {
			return err
		}
		if err := tx.del(n.former, w.key); err != nil {
			return err
		}
	}
}

// drop lets go of all names of an owner.
func (n names) drop(tx *Tx, owner ID, current string) error {
	if err := n.trim(tx, owner, 0); err != nil {
		return err
	}
	return tx.del(n.index, n.key(fold(current)))
}
