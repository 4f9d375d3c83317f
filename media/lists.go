package media

import (
	"errors"
	"fmt"
	"io/fs"
)

// listsDir holds the lists of tracks that are still to be taken in, by the id
// of the import.
const listsDir = "lists"

// PutList keeps a list until DropList.
func (s *Store) PutList(id string, b []byte) error {
	if !validID(id) {
		return fmt.Errorf("keep list %q: not an id", id)
	}
	if err := s.mkdir(listsDir); err != nil {
		return err
	}
	if err := s.put(listsDir, id, b); err != nil {
		return err
	}
	return full(s.syncDir(listsDir))
}

// List gives a list of at most so many bytes. ErrMissing when it is not there.
func (s *Store) List(id string, limit int64) ([]byte, error) {
	if !validID(id) {
		return nil, fmt.Errorf("list %q: %w", id, ErrMissing)
	}
	return s.read(listsDir, id, limit)
}

// DropList removes a list. It need not be there.
func (s *Store) DropList(id string) error {
	if !validID(id) {
		return nil
	}
	err := s.root.Load().Remove(listsDir + "/" + id)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove list %s: %w", id, err)
	}
	return nil
}

// Lists gives the ids of the lists that are there.
func (s *Store) Lists() ([]string, error) { return s.list(listsDir) }
