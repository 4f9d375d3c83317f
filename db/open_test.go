package db_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestOpenMakesAFileOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "earshot.db")
	for _, fresh := range []bool{true, false} {
		d, err := db.Open(path, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d.Fresh() != fresh || d.Path() != path {
			t.Errorf("Fresh = %t, want %t; Path = %s", d.Fresh(), fresh, d.Path())
		}
		if size, err := d.Size(); err != nil || size <= 0 {
			t.Errorf("Size = %d, %v", size, err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	names, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil || len(names) != 2 {
		t.Errorf("the folder holds %q, want the file and the reserve", names)
	}
}

func TestSecondOpenIsLocked(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	for _, readOnly := range []bool{false, true} {
		start := time.Now()
		_, err := db.Open(d.Path(), db.Options{ReadOnly: readOnly})
		if !errors.Is(err, db.ErrLocked) {
			t.Errorf("got %v, want %v", err, db.ErrLocked)
		}
		t.Log(time.Since(start), err)
	}
	addUser(t, d, "mina") // the first goes on
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "earshot.db")
	if _, err := db.Open(path, db.Options{ReadOnly: true}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: got %v, want %v", err, os.ErrNotExist)
	}
	d, err := db.Open(path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	u := addUser(t, d, "mina")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	a := dbtest.OpenAt(t, path, db.Options{ReadOnly: true})
	b := dbtest.OpenAt(t, path, db.Options{ReadOnly: true}) // several may read
	view(t, a, func(tx *db.Tx) error { return second(tx.User(u.ID)) })
	refused(t, b, db.ErrReadOnly, func(tx *db.Tx) error { return nil })
}

func TestOpenRefusesOddFiles(t *testing.T) {
	t.Parallel()
	good := filepath.Join(t.TempDir(), "earshot.db")
	d, err := db.Open(good, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	addUser(t, d, "mina")
	used, err := db.UsedBytes(d)
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	text := []byte(strings.Repeat("not a database\n", 4000))
	for name, content := range map[string][]byte{
		"empty":           {},
		"one byte":        {1},
		"text":            text,
		"zeros":           make([]byte, 1<<20),
		"one page":        whole[:page],
		"two pages":       whole[:2*page],
		"cut by one":      whole[:used-1],
		"cut in the meta": whole[:page+40],
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "earshot.db")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, readOnly := range []bool{false, true} {
				_, err := db.Open(path, db.Options{ReadOnly: readOnly})
				if !errors.Is(err, db.ErrDamaged) {
					t.Errorf("read only %t: got %v, want %v", readOnly, err, db.ErrDamaged)
				}
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != string(content) {
				t.Errorf("the refused file was changed (%v)", err)
			}
		})
	}
	t.Run("one meta page lost", func(t *testing.T) {
		for _, first := range []int{0, page} {
			content := append([]byte{}, whole...)
			clear(content[first : first+page])
			path := filepath.Join(t.TempDir(), "earshot.db")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			dbtest.OpenAt(t, path, db.Options{}) // the last change may be gone; the rest is whole
		}
	})
	t.Run("a folder", func(t *testing.T) {
		if _, err := db.Open(t.TempDir(), db.Options{}); err == nil {
			t.Error("a folder was opened")
		}
	})
	t.Run("no folder", func(t *testing.T) {
		if _, err := db.Open(filepath.Join(t.TempDir(), "none", "earshot.db"), db.Options{}); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v, want %v", err, os.ErrNotExist)
		}
	})
}

func TestFileCutWhileOpen(t *testing.T) {
	t.Parallel()
	for _, keep := range []int64{0, 100, 8192, 40_000} {
		path := filepath.Join(t.TempDir(), "earshot.db")
		d, err := db.Open(path, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dbtest.Fill(t.Context(), d, dbtest.Spec{Users: 20, Tracks: 500, Seed: 3}); err != nil {
			t.Fatal(err)
		}
		read := func(tx *db.Tx) (err error) {
			for _, e := range tx.PublicTracks(0) {
				err = errors.Join(err, e)
			}
			return err
		}
		// In the middle of a transaction the memory map faults …
		err = d.View(t.Context(), func(tx *db.Tx) error {
			if err := read(tx); err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(path, keep); err != nil {
				t.Fatal(err)
			}
			return read(tx)
		})
		if !errors.Is(err, db.ErrDamaged) {
			t.Errorf("cut to %d: got %v, want %v", keep, err, db.ErrDamaged)
		}
		// … and later none begins.
		for name, err := range map[string]error{
			"View":     d.View(t.Context(), read),
			"Update":   d.Update(t.Context(), read),
			"Check":    d.Check(t.Context()),
			"Snapshot": second(d.Snapshot(t.Context(), filepath.Join(t.TempDir(), "s.db"))),
		} {
			if !errors.Is(err, db.ErrDamaged) {
				t.Errorf("cut to %d: %s: got %v, want %v", keep, name, err, db.ErrDamaged)
			}
		}
		if err := d.Close(); err != nil {
			t.Errorf("cut to %d: close: %v", keep, err)
		}
	}
}

func TestFileCutWithinUpdate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "earshot.db")
	d, err := db.Open(path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	filled, err := dbtest.Fill(t.Context(), d, dbtest.Spec{Users: 20, Tracks: 500, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Update(t.Context(), func(tx *db.Tx) error {
		tr, err := tx.Track(filled.Tracks[0])
		if err != nil {
			return err
		}
		tr.Title = "changed"
		if err := tx.SetTrack(tr); err != nil {
			return err
		}
		return os.Truncate(path, 20_000) // the commit reads pages that are gone
	})
	if !errors.Is(err, db.ErrDamaged) {
		t.Errorf("got %v, want %v", err, db.ErrDamaged)
	}
	if err := d.Update(t.Context(), func(*db.Tx) error { return nil }); !errors.Is(err, db.ErrDamaged) {
		t.Errorf("the next Update: got %v, want %v", err, db.ErrDamaged)
	}
	if err := d.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func TestCorruptRecordInAList(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "earshot.db")
	d, err := db.Open(path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mina := addUser(t, d, "mina")
	addTrack(t, d, mina.ID, "before", db.Public)
	bad := addTrack(t, d, mina.ID, "needle-in-the-file", db.Public)
	addTrack(t, d, mina.ID, "behind", db.Public)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rotten := strings.ReplaceAll(string(content), "needle-in-the-file", "noodle-in-the-file")
	if err := os.WriteFile(path, []byte(rotten), 0o600); err != nil {
		t.Fatal(err)
	}
	if d, err = db.Open(path, db.Options{}); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	view(t, d, func(tx *db.Tx) error {
		got := slugs(tx.PublicTracks(0))
		if !strings.HasPrefix(got, "behind ") || !strings.Contains(got, "bucket tracks, key") {
			t.Errorf("got %q, want the newest track, then an error with bucket and key", got)
		}
		// Whoever goes on gets the rest.
		var good, wrong int
		for _, err := range tx.PublicTracks(0) {
			if errors.Is(err, db.ErrCorrupt) {
				wrong++
			} else if err == nil {
				good++
			}
		}
		if good != 2 || wrong != 1 {
			t.Errorf("%d good and %d corrupt, want 2 and 1", good, wrong)
		}
		for name, err := range map[string]error{
			"Track": second(tx.Track(bad.ID)), "TrackBySlug": third(tx.TrackBySlug(mina.ID, "needle-in-the-file")),
		} {
			if !errors.Is(err, db.ErrCorrupt) {
				t.Errorf("%s: got %v, want %v", name, err, db.ErrCorrupt)
			}
		}
		return nil
	})
	if err := d.Check(t.Context()); !errors.Is(err, db.ErrCorrupt) {
		t.Errorf("Check: got %v, want %v", err, db.ErrCorrupt)
	}
	copied := filepath.Join(t.TempDir(), "s.db")
	if _, err := d.Snapshot(t.Context(), copied); !errors.Is(err, db.ErrCorrupt) {
		t.Errorf("Snapshot: got %v, want %v", err, db.ErrCorrupt)
	}
	if left, _ := filepath.Glob(copied + "*"); len(left) != 0 {
		t.Errorf("a refused snapshot left %q", left)
	}
}

// TestF44_AFileThatMayGrowNoMore reaches the size that a small machine can map:
// writing is refused as on a full disk, reading and deleting go on.
func TestF44_AFileThatMayGrowNoMore(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, filepath.Join(quickDir(t), "earshot.db"), db.Options{})
	mina := addUser(t, d, "mina")
	size, err := d.Size()
	if err != nil {
		t.Fatal(err)
	}
	db.SetMost(d, int(size)+20<<20)
	var stored []db.ID
	for i := range 500 {
		var id db.ID
		err = d.Update(t.Context(), func(tx *db.Tx) error {
			tr := newTrack(tx, mina.ID, fmt.Sprint("track-", i), db.Public)
			id, tr.Description = tr.ID, strings.Repeat("long ", 50_000)
			return tx.AddTrack(tr)
		})
		if err != nil {
			break
		}
		stored = append(stored, id)
	}
	if !errors.Is(err, db.ErrFull) || len(stored) == 0 {
		t.Fatalf("after %d tracks: got %v, want %v", len(stored), err, db.ErrFull)
	}
	view(t, d, func(tx *db.Tx) error {
		if tx.CountTracks() != len(stored) {
			t.Errorf("%d tracks are there, want %d", tx.CountTracks(), len(stored))
		}
		return nil
	})
	for _, id := range stored[:len(stored)/2] {
		if err := d.UpdateFreeing(t.Context(), func(tx *db.Tx) error { return tx.DropTrack(id) }); err != nil {
			t.Fatalf("delete: %v", err)
		}
	}
	addTrack(t, d, mina.ID, "again", db.Public)
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
