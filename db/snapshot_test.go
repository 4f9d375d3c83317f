package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

func TestSnapshotWhileWriting(t *testing.T) {
	t.Parallel()
	copies := 50
	if testing.Short() {
		copies = 5
	}
	dir := quickDir(t)
	d := dbtest.OpenAt(t, filepath.Join(dir, "earshot.db"), db.Options{})
	mina := addUser(t, d, "mina")
	var mu sync.Mutex
	var acknowledged []db.ID
	ctx, cancel := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				var id db.ID
				err := d.Update(context.Background(), func(tx *db.Tx) error {
					tr := newTrack(tx, mina.ID, fmt.Sprint(w, "-", i), db.Public)
					id = tr.ID
					return tx.AddTrack(tr)
				})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acknowledged = append(acknowledged, id)
				mu.Unlock()
			}
		})
	}
	path := filepath.Join(dir, "snapshot.db")
	for range copies {
		mu.Lock()
		before := len(acknowledged)
		mu.Unlock()
		info, err := d.Snapshot(t.Context(), path)
		if err != nil {
			t.Error(err)
			break
		}
		s, err := db.Open(path, db.Options{ReadOnly: true})
		if err != nil {
			t.Error(err)
			break
		}
		if size, err := s.Size(); err != nil || size != info.Size || info.Path != path || info.Records == 0 {
			t.Errorf("info is %+v of a file of %d bytes (%v)", info, size, err)
		}
		view(t, s, func(tx *db.Tx) error {
			mu.Lock()
			defer mu.Unlock()
			for _, id := range acknowledged[:before] {
				if _, err := tx.Track(id); err != nil {
					return err
				}
			}
			return nil
		})
		if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
			t.Error(err)
		}
	}
	cancel()
	writers.Wait()
	t.Logf("%d tracks were written meanwhile", len(acknowledged))
	if left, _ := filepath.Glob(filepath.Join(dir, "*"+db.PartialSuffix)); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestSnapshotIsAWholeHouse(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	if _, err := dbtest.Fill(t.Context(), d, dbtest.Spec{Users: 10, Tracks: 100, Seed: 2}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s.db")
	if err := os.WriteFile(path, []byte("an older one"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Snapshot(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	s := dbtest.OpenAt(t, path, db.Options{}) // as after putting it in the place of the old file
	addUser(t, s, "somebody-new")
	if _, err := d.Snapshot(t.Context(), filepath.Join(t.TempDir(), "none", "s.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing folder: got %v, want %v", err, os.ErrNotExist)
	}
}

func TestPartialsAreSwept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mine := filepath.Join(dir, "earshot.db.123"+db.PartialSuffix)
	other := filepath.Join(dir, "mine"+db.PartialSuffix)
	folder := filepath.Join(dir, "earshot.db.folder"+db.PartialSuffix)
	if err := errors.Join(os.WriteFile(mine, nil, 0o600), os.WriteFile(other, nil, 0o600), os.Mkdir(folder, 0o700)); err != nil {
		t.Fatal(err)
	}
	dbtest.OpenAt(t, filepath.Join(dir, "earshot.db"), db.Options{})
	for path, want := range map[string]bool{mine: false, other: true, folder: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v, want it to stay: %t", filepath.Base(path), err, want)
		}
	}
}
