package db_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

// large makes a database of 10,000 users and 100,000 tracks once for all
// benchmarks, and gives a path to a copy that is the benchmark's own.
type large struct {
	once   sync.Once
	dir    string
	filled dbtest.Filled
	err    error
}

var made large

func (l *large) make() {
	if l.dir, l.err = os.MkdirTemp("", "earshot-bench-"); l.err != nil {
		return
	}
	d, err := db.Open(filepath.Join(l.dir, "earshot.db"), db.Options{})
	if err != nil {
		l.err = err
		return
	}
	l.filled, l.err = dbtest.Fill(context.Background(), d, dbtest.Spec{Users: 10_000, Tracks: 100_000, Seed: 1})
	if err := d.Close(); l.err == nil {
		l.err = err
	}
}

func openLarge(b *testing.B) (*db.DB, dbtest.Filled) {
	b.Helper()
	made.once.Do(made.make)
	if made.err != nil {
		b.Fatal(made.err)
	}
	d, err := db.Open(filepath.Join(made.dir, "earshot.db"), db.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.Close() })
	return d, made.filled
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childFlag {
		os.Exit(child(os.Args[2:]))
	}
	code := m.Run()
	if made.dir != "" {
		os.RemoveAll(made.dir)
	}
	os.Exit(code)
}

func BenchmarkFill100k(b *testing.B) {
	for b.Loop() {
		d, err := db.Open(filepath.Join(b.TempDir(), "earshot.db"), db.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := dbtest.Fill(context.Background(), d, dbtest.Spec{Users: 10_000, Tracks: 100_000, Seed: 1}); err != nil {
			b.Fatal(err)
		}
		d.Close()
	}
}

// BenchmarkAddTrack adds 200 tracks a transaction, as an import does, to a
// file of 100,000.
func BenchmarkAddTrack200(b *testing.B) {
	path := filepath.Join(b.TempDir(), "copy.db")
	d, filled := openLarge(b)
	if _, err := d.Snapshot(context.Background(), path); err != nil {
		b.Fatal(err)
	}
	d, err := db.Open(path, db.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	for b.Loop() {
		err := d.Update(context.Background(), func(tx *db.Tx) error {
			for range 200 {
				id := tx.NewID()
				t := db.Track{ID: id, User: filled.Users[uint64(id)%10_000], Slug: id.String(), Title: "Night train",
					Visibility: db.Public, Published: tx.NewID(), Created: id.Time(), Updated: id.Time()}
				if err := tx.AddTrack(t); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSetTrack(b *testing.B) {
	path := filepath.Join(b.TempDir(), "copy.db")
	d, filled := openLarge(b)
	if _, err := d.Snapshot(context.Background(), path); err != nil {
		b.Fatal(err)
	}
	d, err := db.Open(path, db.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	i := 0
	for b.Loop() {
		i += 7919
		err := d.Update(context.Background(), func(tx *db.Tx) error {
			t, err := tx.Track(filled.Tracks[i%len(filled.Tracks)])
			if err != nil {
				return err
			}
			t.Title += "!"
			return tx.SetTrack(t)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTrack(b *testing.B) {
	d, filled := openLarge(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i += 7919
		err := d.View(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Track(filled.Tracks[i%len(filled.Tracks)])
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPublicTracksPage20(b *testing.B) {
	d, filled := openLarge(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i += 7919
		err := d.View(context.Background(), func(tx *db.Tx) error {
			n := 0
			for _, err := range tx.PublicTracks(filled.Tracks[1000+i%99_000]) {
				if err != nil {
					return err
				}
				if n++; n == 20 {
					break
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen100k(b *testing.B) {
	d, _ := openLarge(b)
	path := d.Path()
	d.Close()
	for b.Loop() {
		d, err := db.Open(path, db.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSnapshot100k(b *testing.B) {
	d, _ := openLarge(b)
	for b.Loop() {
		info, err := d.Snapshot(context.Background(), filepath.Join(b.TempDir(), "snapshot.db"))
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(info.Size)
	}
}

func BenchmarkCheck100k(b *testing.B) {
	d, _ := openLarge(b)
	for b.Loop() {
		if err := d.Check(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
