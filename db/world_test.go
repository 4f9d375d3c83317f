package db_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"testing"
	"time"

	"earshot/db"
)

var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

func update(t testing.TB, d *db.DB, fn func(*db.Tx) error) {
	t.Helper()
	if err := d.Update(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, d *db.DB, fn func(*db.Tx) error) {
	t.Helper()
	if err := d.View(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// refused wants an Update to fail with an error.
func refused(t testing.TB, d *db.DB, want error, fn func(*db.Tx) error) {
	t.Helper()
	if err := d.Update(context.Background(), fn); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func newUser(tx *db.Tx, name string) db.User {
	return db.User{ID: tx.NewID(), Username: name, Name: name, Email: name + "@example.org", Created: noon}
}

func addUser(t testing.TB, d *db.DB, name string) db.User {
	t.Helper()
	var u db.User
	update(t, d, func(tx *db.Tx) error {
		u = newUser(tx, name)
		return tx.AddUser(u)
	})
	return u
}

// newTrack makes a track of a thousand bytes.
func newTrack(tx *db.Tx, owner db.ID, slug string, visibility db.Visibility) db.Track {
	tr := db.Track{ID: tx.NewID(), User: owner, Slug: slug, Title: slug, Visibility: visibility,
		Audio: db.Audio{Codec: "mp3", Size: 1000, SHA256: []byte(slug)}, Created: noon, Updated: noon}
	if visibility.Shown() {
		tr.Published = tx.NewID()
	}
	return tr
}

func addTrack(t testing.TB, d *db.DB, owner db.ID, slug string, visibility db.Visibility) db.Track {
	t.Helper()
	var tr db.Track
	update(t, d, func(tx *db.Tx) error {
		tr = newTrack(tx, owner, slug, visibility)
		return tx.AddTrack(tr)
	})
	return tr
}

// slugs gives the slugs of a list of tracks, or what went wrong in it.
func slugs(seq iter.Seq2[db.Track, error]) string {
	var s string
	for tr, err := range seq {
		if err != nil {
			return fmt.Sprint(s, " ", err)
		}
		s += tr.Slug + " "
	}
	return s
}

// quickDir gives a folder in memory, if there is one, for tests that sync very
// often and need no disk.
func quickDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "earshot-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
