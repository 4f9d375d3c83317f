package db

import (
	"errors"
	"fmt"
	"iter"
)

// What makes an upload impossible to store.
var errOffset = errors.New("an upload has from none to all of its bytes")

// Upload gives the upload in pieces with an id. ErrNotFound when there is none.
func (tx *Tx) Upload(id ID) (Upload, error) {
	u, err := load[Upload](tx, inUploads, id)
	if err != nil {
		return Upload{}, fmt.Errorf("upload %s: %w", id, err)
	}
	return u, nil
}

// Uploads yields all uploads in pieces, oldest first.
func (tx *Tx) Uploads() iter.Seq2[Upload, error] { return records[Upload](tx, inUploads, 0) }

// UploadsOf yields the uploads in pieces of a user, newest first.
func (tx *Tx) UploadsOf(user ID) iter.Seq2[Upload, error] {
	return each(&walk{tx: tx, b: inUserUploads, prefix: key1(user), back: true}, func(key, _ []byte) (Upload, error) {
		id, err := lastID(inUserUploads, key)
		if err != nil {
			return Upload{}, err
		}
		u, err := led[Upload](tx, inUserUploads, key, inUploads, id)
		if err == nil && u.User != user {
			return Upload{}, corrupt(inUserUploads, key, errOtherRecord)
		}
		return u, err
	})
}

// AddUpload stores a new upload in pieces of a user who is there, else
// ErrNotFound. ErrTaken when its id is another's.
func (tx *Tx) AddUpload(u Upload) error {
	return tx.change("add upload", u.ID, func() error {
		if err := tx.checkNew(inUploads, u.ID); err != nil {
			return err
		}
		if err := tx.want(inUsers, "user", u.User); err != nil {
			return err
		}
		if err := u.check(); err != nil {
			return err
		}
		if err := tx.put(inUserUploads, key2(u.User, u.ID), nil); err != nil {
			return err
		}
		return store(tx, inUploads, u.ID, &u)
	})
}

func (u *Upload) check() error {
	if u.Size < 0 || u.Offset < 0 || u.Offset > u.Size {
		return errOffset
	}
	return nil
}

// SetUpload stores an upload in pieces that is there already, else ErrNotFound.
// Its user can't change.
func (tx *Tx) SetUpload(u Upload) error {
	return tx.change("set upload", u.ID, func() error {
		old, err := load[Upload](tx, inUploads, u.ID)
		if err != nil {
			return err
		}
		if old.User != u.User {
			return errOwner
		}
		if err := u.check(); err != nil {
			return err
		}
		return store(tx, inUploads, u.ID, &u)
	})
}

// DropUpload removes an upload in pieces; the track that it became stays.
// ErrNotFound when there is none.
func (tx *Tx) DropUpload(id ID) error {
	return tx.change("drop upload", id, func() error {
		u, err := load[Upload](tx, inUploads, id)
		if err != nil {
			return err
		}
		if err := tx.del(inUserUploads, key2(u.User, id)); err != nil {
			return err
		}
		return tx.del(inUploads, key1(id))
	})
}

// dropUploadsOf removes the uploads in pieces of a user who goes, those too that
// can't be read.
func (tx *Tx) dropUploadsOf(user ID) error {
	return tx.purge(inUserUploads, key1(user), func(_, _ []byte) bool { return true }, func(key []byte) error {
		id, err := lastID(inUserUploads, key)
		if err != nil {
			return err
		}
		return tx.del(inUploads, key1(id))
	})
}

// uploads checks the uploads in pieces and whose they are. The track that one
// became may be gone.
func (c *checker) uploads() {
	all(c, c.tx.Uploads(), func(u *Upload) {
		c.note(u.ID)
		c.note(u.Track)
		c.there(inUsers, u.User, inUploads)
		c.entry(inUserUploads, key2(u.User, u.ID), nil, u.ID)
		if err := u.check(); err != nil {
			c.wrong("upload %s: %w", u.ID, err)
		}
	})
}
