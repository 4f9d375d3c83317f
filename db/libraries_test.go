package db_test

import (
	"bytes"
	"errors"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

// addLibrary makes a library of a user with a file for each track.
func addLibrary(t *testing.T, d *db.DB, user db.ID, path string, tracks ...db.ID) db.Library {
	t.Helper()
	var l db.Library
	update(t, d, func(tx *db.Tx) error {
		l = db.Library{ID: tx.NewID(), User: user, Path: path, Created: noon}
		if err := tx.AddLibrary(l); err != nil {
			return err
		}
		for _, id := range tracks {
			if err := tx.SetFile(db.File{Library: l.ID, Path: "x/" + id.String() + ".mp3", Track: id, Size: 10}); err != nil {
				return err
			}
		}
		return nil
	})
	return l
}

// A deleted track leaves its file known, so that it does not come back by
// itself; a user takes libraries along, and a library its files, not tracks.
func TestWhatIsLeftOfFiles(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina, jun := addUser(t, d, "mina"), addUser(t, d, "jun")
	one, two := addTrack(t, d, jun.ID, "one", db.Public), addTrack(t, d, jun.ID, "two", db.Public)
	l, other := addLibrary(t, d, mina.ID, "/music", one.ID), addLibrary(t, d, jun.ID, "/more", two.ID)
	update(t, d, func(tx *db.Tx) error { return tx.DropTrack(one.ID) })
	view(t, d, func(tx *db.Tx) error {
		f, err := tx.File(l.ID, "x/"+one.ID.String()+".mp3")
		is, err2 := tx.Library(l.ID)
		if f.Track != 0 || f.Refusal != db.RefusalRemoved || f.Size != 10 || is.Files != 0 || is.Refused != 0 {
			t.Errorf("left are %+v and %+v", f, is)
		}
		return errors.Join(err, err2)
	})
	update(t, d, func(tx *db.Tx) error { return tx.DropUser(mina.ID) })
	update(t, d, func(tx *db.Tx) error { return tx.DropLibrary(other.ID) })
	view(t, d, func(tx *db.Tx) error {
		for _, id := range []db.ID{l.ID, other.ID} {
			if _, err := tx.Library(id); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("a library is still there: %v", err)
			}
		}
		if _, err := tx.FileOf(two.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the track is of a file: %v", err)
		}
		_, err := tx.Track(two.ID)
		return err
	})
	sound(t, d)
}

// What a track sounded like that can't be read any more is not listed for ever.
func TestLostTrackLeavesItsFile(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t)
	mina := addUser(t, d, "mina")
	lost := addTrack(t, d, mina.ID, "lost", db.Public)
	update(t, d, func(tx *db.Tx) error {
		lost.Audio.Sound = bytes.Repeat([]byte{3}, 32)
		return tx.SetTrack(lost)
	})
	l := addLibrary(t, d, mina.ID, "/music", lost.ID)
	update(t, d, func(tx *db.Tx) error {
		key, _, err := db.First(tx, "tracks")
		return errors.Join(err, db.Put(tx, "tracks", key, []byte{1, 2, 3}))
	})
	update(t, d, func(tx *db.Tx) error {
		_, err := tx.DropLost(mina.ID)
		return err
	})
	view(t, d, func(tx *db.Tx) error {
		f, err := tx.File(l.ID, "x/"+lost.ID.String()+".mp3")
		if f.Track != 0 {
			t.Errorf("the file is still %+v", f)
		}
		return err
	})
	forgetAll(t, d, 100)
	sound(t, d)
}

// Whatever is wrong with libraries, their files and counters, and the list of
// sounds, Check finds it.
func TestCheckFindsSpoiltLibraries(t *testing.T) {
	t.Parallel()
	d := dbtest.OpenAt(t, quickDir(t)+"/earshot.db", db.Options{})
	mina := addUser(t, d, "mina")
	tr := addTrack(t, d, mina.ID, "one", db.Public)
	update(t, d, func(tx *db.Tx) error {
		tr.Audio.Sound = bytes.Repeat([]byte{3}, 32)
		return tx.SetTrack(tr)
	})
	l := addLibrary(t, d, mina.ID, "/music", tr.ID)
	spoilIndexes(t, d, "librarypaths", "trackfiles", "sounds", "files")
	for _, c := range []struct {
		name  string
		alter func(*db.Library)
	}{
		{"counter of files", func(l *db.Library) { l.Files = 5 }},
		{"counter of the refused", func(l *db.Library) { l.Refused = 5 }},
		{"owner who is nobody", func(l *db.Library) { l.User = 99 }},
	} {
		was, spoilt := l, l
		was.Files, spoilt.Files = 1, 1
		c.alter(&spoilt)
		unsound(t, d, c.name,
			func(tx *db.Tx) error { return db.PutLibrary(tx, spoilt) },
			func(tx *db.Tx) error { return db.PutLibrary(tx, was) })
	}
}
