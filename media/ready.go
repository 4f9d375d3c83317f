package media

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// ErrReadOnly: nothing can be written to the store's folder.
var ErrReadOnly = errors.New("media folder can't be written to")

// Ready says what keeps the store from giving files and taking new ones:
// ErrMissing, ErrReadOnly or ErrFull. It writes nothing.
func (s *Store) Ready() error {
	if _, err := s.root.Load().Stat(tracksDir); err != nil {
		return fmt.Errorf("%w: %w", ErrMissing, err)
	}
	switch err := mayWrite(s.dir); {
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return s.room(0)
}
