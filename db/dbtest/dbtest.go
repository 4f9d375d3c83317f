// Package dbtest gives tests a database, empty or large.
package dbtest

import (
	"context"
	"path/filepath"
	"testing"

	"earshot/db"
)

// Open gives an empty database in a folder of the test. At the test's end it
// is checked in full, and closed.
func Open(t testing.TB) *db.DB {
	t.Helper()
	return OpenAt(t, filepath.Join(t.TempDir(), "earshot.db"), db.Options{})
}

// OpenAt is Open for a path and options. It may be a file that is there. A
// test may close the database itself; it is then not checked.
func OpenAt(t testing.TB, path string, opt db.Options) *db.DB {
	t.Helper()
	d, err := db.Open(path, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// context.Background: the test's own has ended by now.
		if err := d.Check(context.Background()); err != nil && !isClosed(err) {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}
