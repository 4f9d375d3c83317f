package db

import (
	"errors"
	"fmt"
	"iter"
)

// Key gives the key with an id. ErrNotFound when there is none.
func (tx *Tx) Key(id ID) (Key, error) {
	k, err := load[Key](tx, inKeys, id)
	if err != nil {
		return Key{}, fmt.Errorf("key %s: %w", id, err)
	}
	return k, nil
}

// KeyByHash gives the key whose secret has a SHA-256. ErrNotFound when there is
// none.
func (tx *Tx) KeyByHash(hash []byte) (Key, error) {
	id, err := tx.loadID(inKeyHashes, hash)
	var k Key
	if err == nil {
		k, err = load[Key](tx, inKeys, id)
		if errors.Is(err, ErrNotFound) || err == nil && string(k.Hash) != string(hash) {
			err = corrupt(inKeyHashes, hash, errOtherRecord)
		}
	}
	if err != nil {
		return Key{}, fmt.Errorf("key by hash: %w", err)
	}
	return k, nil
}

// AddKey stores a new key of a user who is there, else ErrNotFound. ErrTaken
// when another has its secret.
func (tx *Tx) AddKey(k Key) error {
	return tx.change("add key", k.ID, func() error {
		if err := tx.checkNew(inKeys, k.ID); err != nil {
			return err
		}
		if err := tx.want(inUsers, "user", k.User); err != nil {
			return err
		}
		if err := tx.freeSecret(inKeyHashes, k.Hash); err != nil {
			return err
		}
		if err := tx.put(inKeyHashes, k.Hash, key1(k.ID)); err != nil {
			return err
		}
		if err := tx.put(inUserKeys, key2(k.User, k.ID), nil); err != nil {
			return err
		}
		return store(tx, inKeys, k.ID, &k)
	})
}

// SetKey stores a key that is there already, else ErrNotFound. Its user and its
// secret can't change.
func (tx *Tx) SetKey(k Key) error {
	return tx.change("set key", k.ID, func() error {
		old, err := load[Key](tx, inKeys, k.ID)
		if err != nil {
			return err
		}
		if k.User != old.User {
			return errOwner
		}
		if string(k.Hash) != string(old.Hash) {
			return errSecret
		}
		return store(tx, inKeys, k.ID, &k)
	})
}

// DropKey removes a key. ErrNotFound when there is none.
func (tx *Tx) DropKey(id ID) error {
	return tx.change("drop key", id, func() error {
		k, err := load[Key](tx, inKeys, id)
		if err != nil {
			return err
		}
		return tx.dropKey(&k)
	})
}

func (tx *Tx) dropKey(k *Key) error {
	if err := tx.del(inKeys, key1(k.ID)); err != nil {
		return err
	}
	if err := tx.del(inUserKeys, key2(k.User, k.ID)); err != nil {
		return err
	}
	return tx.del(inKeyHashes, k.Hash)
}

// KeysOf yields the keys of a user, the one that was made last first.
func (tx *Tx) KeysOf(user ID) iter.Seq2[Key, error] {
	w := &walk{tx: tx, b: inUserKeys, prefix: key1(user), back: true}
	return each(w, func(key, _ []byte) (Key, error) {
		id, err := lastID(inUserKeys, key)
		if err != nil {
			return Key{}, err
		}
		return led[Key](tx, inUserKeys, key, inKeys, id)
	})
}

// DropKeysOf removes the keys of a user, but for one. Of a key that can't be
// read the record stays, and nobody can use it.
func (tx *Tx) DropKeysOf(user, except ID) error {
	return tx.change("drop keys of", user, func() error {
		for k, err := range tx.KeysOf(user) {
			if err == nil && k.ID != except {
				err = tx.dropKey(&k)
			}
			if err != nil && !errors.Is(err, ErrCorrupt) {
				return err
			}
		}
		return tx.purge(inUserKeys, key1(user), func(key, _ []byte) bool { return string(key) != string(key2(user, except)) }, nil)
	})
}

// keys checks the keys.
func (c *checker) keys() {
	all(c, records[Key](c.tx, inKeys, 0), func(k *Key) {
		c.note(k.ID)
		c.there(inUsers, k.User, inKeys)
		c.entry(inKeyHashes, k.Hash, key1(k.ID), k.ID)
		c.entry(inUserKeys, key2(k.User, k.ID), nil, k.ID)
	})
}
