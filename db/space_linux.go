package db

import (
	"errors"
	"os"
	"syscall"
)

// freeSpace gives the bytes that this process may still write to the file
// system of a folder.
func freeSpace(dir string) (free uint64, ok bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return uint64(s.Bavail) * uint64(s.Bsize), true
}

// allocate takes space for a file without writing it, where that is possible.
func allocate(f *os.File, size int64) bool {
	return syscall.Fallocate(int(f.Fd()), 0, 0, size) == nil
}

// cannotSyncDir says whether the file system has nothing to sync in folders.
func cannotSyncDir(err error) bool {
	return errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP)
}
