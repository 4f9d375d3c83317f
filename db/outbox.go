package db

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Change says that a thing was added, changed or removed, for search to
// follow. Of one thing only the last change is kept.
type Change struct {
	Seq  uint64 // rises with every change in the house
	Kind Kind
	ID   ID
}

func dirtyKey(kind Kind, id ID) []byte {
	return binary.BigEndian.AppendUint64([]byte{byte(kind)}, uint64(id))
}

// mark notes in the outbox that a thing has changed.
func (tx *Tx) mark(kind Kind, id ID) error {
	key := dirtyKey(kind, id)
	was, err := tx.loadID(inDirty, key)
	if err == nil {
		err = tx.del(inOutbox, key1(was))
	} else if errors.Is(err, ErrNotFound) {
		err = nil
	}
	if err != nil {
		return err
	}
	tx.marked = true
	s := tx.changeState()
	s.seq++
	if err := tx.put(inOutbox, key1(s.seq), key); err != nil {
		return err
	}
	return tx.put(inDirty, key, key1(s.seq))
}

// Seq gives the sequence of the last change in the house, cleared or not.
func (tx *Tx) Seq() uint64 { return tx.readState().seq }

// Changes gets a token when the outbox has grown. Growings that nobody waited
// for are one.
func (d *DB) Changes() <-chan struct{} { return d.changes }

// Outbox gives changes in their order, those with a sequence above the one
// given (0: from the first), at most so many.
func (tx *Tx) Outbox(above uint64, most int) ([]Change, error) {
	w := &walk{tx: tx, b: inOutbox}
	if above != 0 {
		w.key = key1(above)
	}
	var changes []Change
	for len(changes) < most {
		ok, err := w.next()
		if err == nil && ok && (len(w.key) != 8 || len(w.value) != 9) {
			err = corrupt(inOutbox, w.key, nil)
		}
		if err != nil {
			return nil, fmt.Errorf("outbox: %w", err)
		}
		if !ok {
			break
		}
		changes = append(changes, Change{
			Seq:  binary.BigEndian.Uint64(w.key),
			Kind: Kind(w.value[0]),
			ID:   ID(binary.BigEndian.Uint64(w.value[1:])),
		})
	}
	return changes, nil
}

// ClearOutbox removes changes that were dealt with. One whose thing has
// changed again since it was read stays, with its new sequence.
func (tx *Tx) ClearOutbox(changes []Change) error {
	for _, c := range changes {
		if err := tx.clearChange(c); err != nil {
			return fmt.Errorf("clear outbox: %w", err)
		}
	}
	return nil
}

func (tx *Tx) clearChange(c Change) error {
	key := dirtyKey(c.Kind, c.ID)
	seq, err := tx.loadID(inDirty, key)
	if errors.Is(err, ErrNotFound) || err == nil && uint64(seq) != c.Seq {
		return nil
	}
	if err != nil {
		return err
	}
	if err := tx.del(inDirty, key); err != nil {
		return err
	}
	return tx.del(inOutbox, key1(c.Seq))
}
