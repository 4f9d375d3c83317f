//go:build linux || darwin

package media

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// diskFree is how many bytes an ordinary program may still write there.
func diskFree(dir string) (uint64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, os.NewSyscallError("statfs", err)
	}
	return uint64(st.Bavail) * uint64(st.Bsize), nil
}

// diskTotal is how many bytes the disk of a folder has.
func diskTotal(dir string) (uint64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, os.NewSyscallError("statfs", err)
	}
	return st.Blocks * uint64(st.Bsize), nil
}

// readOnly tells whether nothing can be made in a folder (access(2), W_OK).
func readOnly(dir string) bool {
	err := syscall.Access(dir, 2)
	return errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EACCES)
}

// syncFolder makes the names in a folder last. Some network file systems
// decline; there is nothing better to do then.
func syncFolder(f *os.File) error {
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}

// linked says whether an open file still has a name.
func linked(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink > 0
}

// names is how many names a file has.
func names(info fs.FileInfo) int64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return max(1, int64(st.Nlink))
	}
	return 1
}

// mayWrite asks whether files may be made in a folder.
func mayWrite(dir string) error {
	const writeAndSearch = 2 | 1 // W_OK and X_OK of access(2)
	return syscall.Access(dir, writeAndSearch)
}
