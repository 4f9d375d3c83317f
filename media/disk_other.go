//go:build !linux && !darwin

package media

import (
	"errors"
	"io/fs"
	"os"
)

// diskFree is not known here.
func diskFree(string) (uint64, error) { return 0, errors.ErrUnsupported }

// diskTotal is not known here either.
func diskTotal(string) (uint64, error) { return 0, errors.ErrUnsupported }

// readOnly can't tell.
func readOnly(string) bool { return false }

// syncFolder does nothing: folders can't be synced here.
func syncFolder(*os.File) error { return nil }

// linked can't tell whether an open file still has a name: it is opened anew.
func linked(fs.FileInfo) bool { return false }

// names is how many names a file has: it can't tell.
func names(fs.FileInfo) int64 { return 1 }

// mayWrite does not know.
func mayWrite(string) error { return nil }
