//go:build !linux && !darwin

package search

import "os"

// lock can't keep others out here; the database's own lock does.
func lock(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
}

// syncDir does nothing: folders can't be synced here.
func syncDir(string) error { return nil }
