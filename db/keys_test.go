package db_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"earshot/db"
	"earshot/db/dbtest"

	"github.com/google/go-cmp/cmp"
)

// TestProgramsMigration: a file from before other people's programs came in
// takes what they need, and has it when it is opened again; a user who goes
// takes all of it along.
func TestProgramsMigration(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("testdata", "schema-7.db"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(quickDir(t), "earshot.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.UnixMicro(1_700_000_000_000_001).UTC()
	var user, track db.ID
	var keys []db.Key
	d, err := db.Open(path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	update(t, d, func(tx *db.Tx) error {
		for u, err := range tx.Users(0) {
			if err != nil {
				return err
			}
			user = u.ID
		}
		for tr, err := range tx.Tracks(0) {
			if err != nil {
				return err
			}
			track = tr.ID
		}
		for i, kind := range []db.KeyKind{db.KeyApp, db.KeyAPI, db.KeyFeed} {
			k := db.Key{ID: tx.NewID(), User: user, Kind: kind, Name: "phone", Hash: []byte{31: byte(i)}, Created: now}
			keys = append(keys, k)
			if err := tx.AddKey(k); err != nil {
				return err
			}
		}
		if err := tx.AddKey(db.Key{ID: tx.NewID(), User: user, Name: "twin", Hash: keys[0].Hash}); !errors.Is(err, db.ErrTaken) {
			t.Errorf("a secret twice: %v", err)
		}
		if err := tx.AddScrobble(db.Scrobble{ID: tx.NewID(), User: user, Track: track}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a scrobble without a scrobbler: %v", err)
		}
		return errors.Join(
			tx.SetBookmark(db.Bookmark{User: user, Track: track, Position: 5, Created: now, Changed: now}),
			tx.SetRating(user, track, 4),
			tx.SetScrobbler(db.Scrobbler{User: user, Address: "https://listens.example", Created: now}),
			tx.AddScrobble(db.Scrobble{ID: tx.NewID(), User: user, Track: track, Heard: now}))
	})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = dbtest.OpenAt(t, path, db.Options{})
	view(t, d, func(tx *db.Tx) error {
		got, err := gather(tx.KeysOf(user))
		if err != nil {
			return err
		}
		if diff := cmp.Diff([]db.Key{keys[2], keys[1], keys[0]}, got); diff != "" {
			t.Errorf("keys (-want +got):\n%s", diff)
		}
		if k, err := tx.KeyByHash(keys[1].Hash); err != nil || k.ID != keys[1].ID {
			t.Errorf("by its hash: %+v, %v", k, err)
		}
		marks, err1 := gather(tx.BookmarksOf(user))
		stars, err2 := tx.Rating(user, track)
		waiting, err3 := gather(tx.Scrobbles(user))
		if err := errors.Join(err1, err2, err3); err != nil || len(marks) != 1 || marks[0].Position != 5 || stars != 4 || len(waiting) != 1 || !waiting[0].Heard.Equal(now) {
			t.Errorf("got %+v, %d stars, %+v, %v", marks, stars, waiting, err)
		}
		return nil
	})
	update(t, d, func(tx *db.Tx) error { return tx.DropKeysOf(user, keys[0].ID) })
	view(t, d, func(tx *db.Tx) error {
		if got, err := gather(tx.KeysOf(user)); err != nil || len(got) != 1 || got[0].ID != keys[0].ID {
			t.Errorf("all but one: %+v, %v", got, err)
		}
		return nil
	})
	update(t, d, func(tx *db.Tx) error {
		return errors.Join(tx.DropKey(keys[0].ID), tx.DropScrobbler(user), tx.SetRating(user, track, 0), tx.DropBookmark(user, track))
	})
	view(t, d, func(tx *db.Tx) error {
		if _, err := tx.KeyByHash(keys[0].Hash); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a dropped key: %v", err)
		}
		if waiting, err := gather(tx.Scrobbles(user)); err != nil || len(waiting) != 0 {
			t.Errorf("scrobbles of nobody: %+v, %v", waiting, err)
		}
		return nil
	})
}

// Whatever is wrong with keys and what leads to them, Check finds it; a key that
// can't be read lets nobody in, and goes with its user.
func TestCheckFindsSpoiltKeys(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina := addUser(t, d, "mina")
	k := db.Key{User: mina.ID, Kind: db.KeyAPI, Name: "script", Hash: []byte{31: 7}, Created: time.UnixMicro(1_700_000_000_000_000).UTC(), Scopes: db.ScopeRead}
	update(t, d, func(tx *db.Tx) error {
		k.ID = tx.NewID()
		return tx.AddKey(k)
	})
	spoilIndexes(t, d, "keyhashes", "userkeys")
	nobody := k
	nobody.User, nobody.Hash = 99, []byte{31: 8}
	update(t, d, func(tx *db.Tx) error {
		nobody.ID = tx.NewID()
		if err := tx.AddKey(nobody); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a key of nobody: %v", err)
		}
		if err := tx.SetKey(nobody); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a key that is not there: %v", err)
		}
		other := k
		other.Hash = nobody.Hash
		if err := tx.SetKey(other); err == nil {
			t.Error("the secret of a key can be changed")
		}
		return nil
	})
}
