//go:build !linux

package media

// syncAll says that the system can't sync a disk as a whole.
func (s *Store) syncAll() (done bool, err error) { return false, nil }
