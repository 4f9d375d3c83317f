package db

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
)

var houseKey = []byte("house")

// House gives what the keeper has decided; the zero House before anything was.
func (tx *Tx) House() (House, error) {
	p, err := tx.get(inHouse, houseKey)
	if errors.Is(err, ErrNotFound) {
		return House{}, nil
	}
	var h House
	if err == nil {
		if err = decode(p, &h); err != nil {
			err = corrupt(inHouse, houseKey, err)
		}
	}
	if err != nil {
		return House{}, fmt.Errorf("house: %w", err)
	}
	return h, nil
}

// SetHouse stores what the keeper has decided.
func (tx *Tx) SetHouse(h House) error {
	p, err := encode(&h)
	if err == nil {
		err = tx.put(inHouse, houseKey, p)
	}
	if err != nil {
		return fmt.Errorf("set house: %w", err)
	}
	return nil
}

// Secret gives the random key of a name, of so many bytes; it is made when it
// is asked for first. In a View one that was not made yet is ErrNotFound.
func (tx *Tx) Secret(name string, size int) ([]byte, error) {
	p, err := tx.get(inSecrets, []byte(name))
	if errors.Is(err, ErrNotFound) && tx.write {
		p = make([]byte, size)
		rand.Read(p) // never fails: crypto/rand.Read
		err = tx.put(inSecrets, []byte(name), p)
	}
	if err == nil && len(p) != size {
		err = fmt.Errorf("it has %d bytes, not %d", len(p), size)
	}
	if err != nil {
		return nil, fmt.Errorf("secret %q: %w", name, err)
	}
	return bytes.Clone(p), nil
}
