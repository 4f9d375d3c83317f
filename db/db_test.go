package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestUpdateIsAllOrNothing(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	stop := errors.New("stop")
	var id db.ID
	refused(t, d, stop, func(tx *db.Tx) error {
		u := newUser(tx, "mina")
		id = u.ID
		return errors.Join(tx.AddUser(u), stop)
	})
	func() {
		defer func() {
			if r := recover(); r != "oops" {
				t.Errorf("recovered %v, want the caller's own panic", r)
			}
		}()
		_ = d.Update(t.Context(), func(tx *db.Tx) error {
			if err := tx.AddUser(newUser(tx, "mina")); err != nil {
				return err
			}
			panic("oops")
		})
	}()
	view(t, d, func(tx *db.Tx) error {
		if _, err := tx.User(id); !errors.Is(err, db.ErrNotFound) || tx.CountUsers() != 0 {
			t.Errorf("User = %v, CountUsers = %d; want nothing there", err, tx.CountUsers())
		}
		return nil
	})
	addUser(t, d, "mina") // and it goes on
}

func TestContexts(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	never := func(*db.Tx) error {
		t.Error("the function was run")
		return nil
	}
	for name, err := range map[string]error{
		"View": d.View(ended, never), "Update": d.Update(ended, never), "UpdateFreeing": d.UpdateFreeing(ended, never),
		"Check": d.Check(ended), "Snapshot": second(d.Snapshot(ended, filepath.Join(t.TempDir(), "s.db"))),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want %v", name, err, context.Canceled)
		}
	}
	// One that waits for its turn gives up when its context ends.
	update(t, d, func(*db.Tx) error {
		short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if err := d.Update(short, never); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		return nil
	})
}

func TestViewChangesNothing(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	u := addUser(t, d, "mina")
	if err := d.View(t.Context(), func(tx *db.Tx) error { return tx.SetUser(u) }); err == nil {
		t.Error("SetUser worked in a View")
	}
	if err := d.View(t.Context(), func(tx *db.Tx) error { tx.NewID(); return nil }); err == nil {
		t.Error("NewID worked in a View")
	}
}

func TestTransactionIsUselessAfterItsEnd(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	u := addUser(t, d, "mina")
	var kept *db.Tx
	view(t, d, func(tx *db.Tx) error { kept = tx; return nil })
	if _, err := kept.User(u.ID); err == nil || errors.Is(err, db.ErrDamaged) {
		t.Errorf("got %v, want an error about the transaction", err)
	}
}

func TestClosedDatabase(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	if err := errors.Join(d.Close(), d.Close()); err != nil {
		t.Error(err)
	}
	nothing := func(*db.Tx) error { return nil }
	for name, err := range map[string]error{
		"View": d.View(t.Context(), nothing), "Update": d.Update(t.Context(), nothing), "Check": d.Check(t.Context()),
		"Snapshot": second(d.Snapshot(t.Context(), filepath.Join(t.TempDir(), "s.db"))),
	} {
		if !errors.Is(err, db.ErrClosed) {
			t.Errorf("%s: got %v, want %v", name, err, db.ErrClosed)
		}
	}
}

func TestReadersAndWritersTogether(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	done := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				err := d.View(context.Background(), func(tx *db.Tx) error {
					n := 0
					for _, err := range tx.PublicTracks(0) {
						if err != nil {
							return err
						}
						n++
					}
					if u, err := tx.User(mina.ID); err != nil || int(u.PublicTracks) != n || tx.CountTracks() != n {
						return fmt.Errorf("%d tracks, %d are counted on the user, %d in all (%w)", n, u.PublicTracks, tx.CountTracks(), err)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for w := range 4 {
		writers.Go(func() {
			for i := range 10 {
				err := d.Update(context.Background(), func(tx *db.Tx) error {
					return tx.AddTrack(newTrack(tx, mina.ID, fmt.Sprint(w, "-", i), db.Public))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
	close(done)
	readers.Wait()
}

func TestIDsNeverComeTwice(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "earshot.db")
	var last db.ID
	// The clock of each start, and how it stands later in it.
	for _, clocks := range [][]time.Time{
		{noon, noon.Add(time.Second)},
		{noon.AddDate(0, 0, -1), noon.AddDate(-50, 0, 0)},
		{time.Unix(0, 0), time.Unix(60, 0)},
		{noon.AddDate(10, 0, 0), noon},
		{noon, noon},
	} {
		now := clocks[0]
		d, err := db.Open(path, db.Options{Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		for _, now = range clocks {
			update(t, d, func(tx *db.Tx) error {
				for range 3 {
					id := tx.NewID()
					if id <= last {
						t.Errorf("at %s: %s came after %s", now, id, last)
					}
					last = id
				}
				return nil
			})
		}
		// An id from outside counts too.
		update(t, d, func(tx *db.Tx) error {
			last += 1000
			return tx.AddJob(db.Job{ID: last})
		})
		if err := errors.Join(d.Check(t.Context()), d.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFileIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "earshot.db")
	snapshot := filepath.Join(t.TempDir(), "s.db")
	for range 2 {
		d, err := db.Open(path, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Snapshot(t.Context(), snapshot); err != nil {
			t.Fatal(err)
		}
		for _, p := range []string{path, snapshot} {
			info, err := os.Stat(p)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != 0o600 {
				t.Errorf("%s has mode %o, want 600", filepath.Base(p), got)
			}
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o644); err != nil { // as after copying a snapshot back by hand
			t.Fatal(err)
		}
	}
}
