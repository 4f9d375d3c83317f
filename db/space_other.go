//go:build !linux

package db

import "os"

// freeSpace is not known here; writing finds out.
func freeSpace(string) (free uint64, ok bool) { return 0, false }

// allocate can't take space without writing here.
func allocate(*os.File, int64) bool { return false }

// cannotSyncDir lets folders be where the system does not sync them.
func cannotSyncDir(error) bool { return true }
