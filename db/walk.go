package db

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"

	bolt "go.etcd.io/bbolt"
)

// walk goes over the keys of a bucket that begin with a prefix, in either
// direction. The transaction may change anything between two steps.
type walk struct {
	tx     *Tx
	b      bucket
	prefix []byte
	back   bool
	key    []byte // the key it stands on, or the bound it starts beyond
	value  []byte // the payload there
	cursor *bolt.Cursor
	writes uint64
	listed bool
	left   [][]byte // when listed: the keys to come, the next one last
}

// next goes one step on. ErrCorrupt is about one entry: the next step goes
// on behind it. Any other error ends the walk.
func (w *walk) next() (ok bool, err error) {
	if err := w.tx.usable(); err != nil {
		return false, err
	}
	defer w.tx.guard(w.b, &err)
	var k, v []byte
	switch {
	case w.listed || w.back && w.tx.deleted[w.b]:
		k, v = w.pop()
	case w.cursor == nil || w.writes != w.tx.writes:
		w.cursor = w.tx.bucket(w.b).Cursor()
		w.writes = w.tx.writes
		if k, v, err = w.place(); err != nil {
			return false, err
		}
	case w.back:
		k, v = w.cursor.Prev()
	default:
		k, v = w.cursor.Next()
	}
	if k == nil {
		return false, nil
	}
	if w.key != nil {
		if order := bytes.Compare(k, w.key); order == 0 || (order < 0) != w.back {
			err := outOfOrder(w.b)
			w.tx.fail(err)
			return false, err
		}
	}
	payload, err := unseal(w.b, k, v)
	if !bytes.HasPrefix(k, w.prefix) {
		// The end, unless it is a rotten key that only looks like it.
		return false, err
	}
	if len(k) > maxKey {
		return false, fmt.Errorf("%w: bucket %s: a key has %d bytes", ErrDamaged, w.b, len(k))
	}
	w.key = append(w.key[:0], k...)
	if err != nil {
		return true, err
	}
	w.value = append(w.value[:0], payload...)
	return true, nil
}

// place puts the cursor on the first entry beyond the bound, or beyond the
// key that the walk stood on when the transaction changed something.
func (w *walk) place() (k, v []byte, err error) {
	if w.back {
		bound := w.bound()
		k, v = w.cursor.Seek(bound)
		if k != nil {
			if _, err := unseal(w.b, k, v); err != nil {
				return nil, nil, err
			}
		}
		// Not Last: it never comes back from a bucket of empty pages.
		k, v = w.cursor.Prev()
		return k, v, nil
	}
	bound := w.key
	if bound == nil {
		bound = w.prefix
	}
	if !w.tx.deleted[w.b] && len(bound) > 0 {
		// A rotten key just before the bound could be the one to begin with.
		w.cursor.Seek(bound)
		if k, v := w.cursor.Prev(); k != nil {
			if _, err := unseal(w.b, k, v); err != nil {
				return nil, nil, err
			}
		}
	}
	if k, v = w.cursor.Seek(bound); w.key != nil && bytes.Equal(k, bound) {
		k, v = w.cursor.Next()
	}
	return k, v, nil
}

// bound gives the key that a walk backwards stays below.
func (w *walk) bound() []byte {
	if w.key != nil {
		return w.key
	}
	if k := after(w.prefix); k != nil {
		return k
	}
	return bytes.Repeat([]byte{0xFF}, maxKey)
}

// pop gives the next entry of a walk backwards in a transaction that has
// removed something: going back, bbolt takes a page that has become empty for
// the beginning. So the keys are listed going forward, and what is removed
// before its turn is left out.
func (w *walk) pop() (k, v []byte) {
	if !w.listed {
		w.listed = true
		bound := w.bound()
		c := w.tx.bucket(w.b).Cursor()
		for k, _ := c.Seek(w.prefix); k != nil && len(k) <= maxKey && bytes.Compare(k, bound) < 0; k, _ = c.Next() {
			w.left = append(w.left, bytes.Clone(k))
		}
	}
	for len(w.left) > 0 {
		k = w.left[len(w.left)-1]
		w.left = w.left[:len(w.left)-1]
		if v = w.tx.bucket(w.b).Get(k); v != nil {
			return k, v
		}
	}
	return nil, nil
}

// after gives the first key behind all that begin with a prefix; nil is the
// end of the bucket.
func after(prefix []byte) []byte {
	k := bytes.Clone(prefix)
	for i := len(k) - 1; i >= 0; i-- {
		if k[i]++; k[i] != 0 {
			return k[:i+1]
		}
	}
	return nil
}

// each yields what read makes of every step of a walk. A corrupt entry is
// yielded as an error, and the walk goes on behind it if the caller does; any
// other error is the last thing that is yielded.
func each[T any](w *walk, read func(key, value []byte) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		w := *w // a sequence may be ranged over again
		w.key = bytes.Clone(w.key)
		var none T
		for {
			ok, err := w.next()
			if err == nil && !ok {
				return
			}
			item := none
			if err == nil {
				item, err = read(w.key, w.value)
			}
			if err != nil {
				if !yield(none, err) || !ok || !errors.Is(err, ErrCorrupt) {
					return
				}
				continue
			}
			if !yield(item, nil) {
				return
			}
		}
	}
}

// records yields the records of a bucket by id, oldest first, behind one id.
func records[T any](tx *Tx, b bucket, behind ID) iter.Seq2[T, error] {
	w := &walk{tx: tx, b: b}
	if behind != 0 {
		w.key = key1(behind)
	}
	return each(w, func(key, value []byte) (record T, err error) {
		if err := decode(value, &record); err != nil {
			return record, corrupt(b, key, err)
		}
		return record, nil
	})
}

// lastID reads the id that a key ends with.
func lastID(b bucket, key []byte) (ID, error) {
	if len(key) < 8 {
		return 0, corrupt(b, key, nil)
	}
	return ID(binary.BigEndian.Uint64(key[len(key)-8:])), nil
}

// led loads the record that an index entry leads to. One that is missing makes
// the entry corrupt.
func led[T any](tx *Tx, index bucket, key []byte, b bucket, id ID) (T, error) {
	record, err := load[T](tx, b, id)
	if errors.Is(err, ErrNotFound) {
		return record, corrupt(index, key, errOtherRecord)
	}
	return record, err
}
