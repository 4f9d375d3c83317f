//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package db

import (
	"os"
	"syscall"
)

// lockFile takes the lock that bbolt takes (flock(2)), or fails at once.
func lockFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// unlockFile gives the lock back. Closing is not enough where the file is still
// mapped into memory.
func unlockFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
