package db_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

// smallDisk gives a folder on a file system of its own of 24 MiB, in memory.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("a small file system can't be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	path := filepath.Join(dir, "earshot.db")
	d := dbtest.OpenAt(t, path, db.Options{})
	if info, err := os.Stat(db.ReservePath(path)); err != nil || info.Size() != 8<<20 {
		t.Fatalf("the reserve: %v, %v; want 8 MiB", info, err)
	}
	mina := addUser(t, d, "mina")

	var stored []db.ID
	fill := func() (err error) {
		for err == nil {
			var id db.ID
			err = d.Update(t.Context(), func(tx *db.Tx) error {
				tr := newTrack(tx, mina.ID, fmt.Sprint("track-", tx.Seq()), db.Public)
				tr.Description = strings.Repeat("words ", 20_000)
				id = tr.ID
				return tx.AddTrack(tr)
			})
			if err == nil {
				stored = append(stored, id)
			}
		}
		return err
	}
	if err := fill(); !errors.Is(err, db.ErrFull) {
		t.Fatalf("got %v, want %v", err, db.ErrFull)
	}
	// Another process takes the rest, to the last byte.
	hog, err := os.Create(filepath.Join(dir, "hog"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = hog.Write(make([]byte, 4096))
	}
	if err := hog.Close(); err != nil {
		t.Fatal(err)
	}

	// Reading goes on, and what was acknowledged is there.
	all := func() {
		t.Helper()
		view(t, d, func(tx *db.Tx) error {
			for _, id := range stored {
				if _, err := tx.Track(id); err != nil {
					return err
				}
			}
			if tx.CountTracks() != len(stored) {
				t.Errorf("%d tracks are there, %d were acknowledged", tx.CountTracks(), len(stored))
			}
			return nil
		})
		if err := d.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
	all()
	if _, err := d.Snapshot(t.Context(), filepath.Join(dir, "s.db")); !errors.Is(err, db.ErrFull) {
		t.Errorf("a snapshot: got %v, want %v", err, db.ErrFull)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "s.db*")); len(left) > 0 {
		t.Errorf("the refused snapshot left %q", left)
	}

	// Everything can be deleted.
	for len(stored) > 10 {
		id := stored[len(stored)-1]
		if err := d.UpdateFreeing(t.Context(), func(tx *db.Tx) error { return tx.DropTrack(id) }); err != nil {
			t.Fatalf("with %d tracks left: %v", len(stored), err)
		}
		stored = stored[:len(stored)-1]
	}
	all()

	// What needs more pages than are free in the file gets those of the reserve.
	// Now and then the first deletion was such a case already.
	_, err = os.Stat(db.ReservePath(path))
	given := errors.Is(err, os.ErrNotExist)
	if err := fill(); !errors.Is(err, db.ErrFull) {
		t.Fatalf("got %v, want %v", err, db.ErrFull)
	}
	runs := 0
	err = d.UpdateFreeing(t.Context(), func(tx *db.Tx) error {
		runs++
		for i := range 20 {
			tr, err := tx.Track(stored[i%len(stored)])
			if err != nil {
				return err
			}
			tr.Description = strings.Repeat(fmt.Sprint(i), 200_000)
			if err := tx.SetTrack(tr); err != nil {
				return err
			}
		}
		return nil
	})
	if !given && (err != nil || runs != 2) {
		t.Errorf("UpdateFreeing ran %d times: %v; want twice, the second time well", runs, err)
	}
	if _, err := os.Stat(db.ReservePath(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the reserve is still there: %v", err)
	}
	all()

	// And then there is space again, without a restart.
	if err := os.Remove(hog.Name()); err != nil {
		t.Fatal(err)
	}
	addTrack(t, d, mina.ID, "again", db.Public)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = dbtest.OpenAt(t, path, db.Options{})
	if free, err := freeOn(dir); err != nil || free >= 16<<20 {
		if _, err := os.Stat(db.ReservePath(path)); err != nil {
			t.Errorf("the reserve was not made again: %v", err)
		}
	}
}

func freeOn(dir string) (int64, error) {
	var s syscall.Statfs_t
	err := syscall.Statfs(dir, &s)
	return int64(s.Bavail) * int64(s.Bsize), err
}

func TestReadOnlyDisk(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	path := filepath.Join(dir, "earshot.db")
	d, err := db.Open(path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	addUser(t, d, "mina")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("it can't be made read-only: %v", err)
	}
	for _, p := range []string{path, filepath.Join(dir, "new.db")} {
		if _, err := db.Open(p, db.Options{}); !errors.Is(err, db.ErrReadOnly) {
			t.Errorf("%s: got %v, want %v", filepath.Base(p), err, db.ErrReadOnly)
		}
	}
	d = dbtest.OpenAt(t, path, db.Options{ReadOnly: true})
	view(t, d, func(tx *db.Tx) error {
		if tx.CountUsers() != 1 {
			t.Errorf("%d users, want 1", tx.CountUsers())
		}
		return nil
	})
}
