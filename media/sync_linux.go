package media

import (
	"errors"

	"golang.org/x/sys/unix"
)

// syncAll makes everything that was written to the store's disk last
// (syncfs(2), Linux 5.8 and later tell of errors); done is false where the
// system can't.
func (s *Store) syncAll() (done bool, err error) {
	f, err := s.root.Load().Open(".")
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = unix.Syncfs(int(f.Fd()))
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) {
		return false, nil
	}
	return err == nil, err
}
