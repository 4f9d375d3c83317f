package db_test

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"earshot/db"
	"earshot/db/dbtest"
)

// large makes a database once for all benchmarks.
type large struct {
	spec   dbtest.Spec
	once   sync.Once
	dir    string
	filled dbtest.Filled
	err    error
}

var (
	made = large{spec: dbtest.Spec{Users: 10_000, Tracks: 100_000, Seed: 1}}
	// crowded takes two minutes to make.
	crowded = large{spec: dbtest.Spec{Users: 10_000, Tracks: 100_000, Follows: 500_000, Playlists: 20_000, Comments: 1_000_000,
		Likes: 1_000_000, Reposts: 100_000, Plays: 300_000, Messages: 100_000, Notifications: 200_000, Seed: 1}}
)

func (l *large) make() {
	if l.dir, l.err = os.MkdirTemp("", "earshot-bench-"); l.err != nil {
		return
	}
	d, err := db.Open(filepath.Join(l.dir, "earshot.db"), db.Options{})
	if err != nil {
		l.err = err
		return
	}
	l.filled, l.err = dbtest.Fill(context.Background(), d, l.spec)
	if err := d.Close(); l.err == nil {
		l.err = err
	}
}

func openLarge(b *testing.B) (*db.DB, dbtest.Filled) { return made.open(b) }

func (l *large) open(b *testing.B) (*db.DB, dbtest.Filled) {
	b.Helper()
	l.once.Do(l.make)
	if l.err != nil {
		b.Fatal(l.err)
	}
	d, err := db.Open(filepath.Join(l.dir, "earshot.db"), db.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.Close() })
	return d, l.filled
}

// copied is open for a copy that the benchmark may change.
func (l *large) copied(b *testing.B) (*db.DB, dbtest.Filled) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "copy.db")
	d, filled := l.open(b)
	if _, err := d.Snapshot(context.Background(), path); err != nil {
		b.Fatal(err)
	}
	d, err := db.Open(path, db.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.Close() })
	return d, filled
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childFlag {
		os.Exit(child(os.Args[2:]))
	}
	code := m.Run()
	for _, l := range []*large{&made, &crowded} {
		if l.dir != "" {
			os.RemoveAll(l.dir)
		}
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
	d, filled := made.copied(b)
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
	d, filled := made.copied(b)
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

// page reads the first of a list.
func BenchmarkSalvage100k(b *testing.B)    { made.salvage(b) }
func BenchmarkCrowdedSalvage(b *testing.B) { crowded.salvage(b) }

func (l *large) salvage(b *testing.B) {
	d, _ := l.copied(b)
	size, err := d.Size()
	if err := errors.Join(err, d.Close()); err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	b.SetBytes(size) // MB/s of the damaged file
	for i := 0; b.Loop(); i++ {
		said, err := db.Salvage(b.Context(), d.Path(), filepath.Join(dir, strconv.Itoa(i)), db.Salvaging{})
		if err := errors.Join(err, said.Left); err != nil {
			b.Fatal(err)
		}
	}
}

func page[T any](most int, seq iter.Seq2[T, error]) error {
	n := 0
	for _, err := range seq {
		if err != nil {
			return err
		}
		if n++; n == most {
			break
		}
	}
	return nil
}

// BenchmarkCrowded reads what pages need, of the things that have the most.
func BenchmarkCrowded(b *testing.B) {
	d, f := crowded.open(b)
	busy, popular := f.Users[0], f.Tracks[0]
	var middle db.Comment // of what is said on the popular track
	err := d.View(context.Background(), func(tx *db.Tx) (err error) {
		for _, popular = range f.Tracks {
			if t, err := tx.Track(popular); err != nil || t.Visibility == db.Public {
				break
			}
		}
		counts, err := tx.TrackCounts(popular)
		if err != nil {
			return err
		}
		b.Logf("the popular track has %+v", counts)
		for c, err := range tx.NewestComments(popular, f.Comments[len(f.Comments)/2]) {
			middle = c
			return err
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		read func(tx *db.Tx) error
	}{
		{"following 20", func(tx *db.Tx) error { return page(20, tx.Following(busy, 0)) }},
		{"following 5000", func(tx *db.Tx) error { return page(5000, tx.Following(busy, 0)) }},
		{"follow marks 20", func(tx *db.Tx) error {
			for i := range 20 {
				if _, err := tx.FollowMark(busy, f.Users[i*97]); err != nil {
					return err
				}
			}
			return nil
		}},
		{"likers 20", func(tx *db.Tx) error { return page(20, tx.Likers(popular, 0)) }},
		{"activity 20", func(tx *db.Tx) error { return page(20, tx.Activity(0)) }},
		{"comments at 50", func(tx *db.Tx) error { return page(50, tx.CommentsAt(popular, middle.Position, middle.ID)) }},
		{"newest comments 50", func(tx *db.Tx) error { return page(50, tx.NewestComments(popular, middle.ID)) }},
		{"moments, all", func(tx *db.Tx) error { return page(0, tx.Moments(popular)) }},
		{"counts 20", func(tx *db.Tx) error {
			for i := range 20 {
				if _, err := tx.TrackCounts(f.Tracks[i*997]); err != nil {
					return err
				}
			}
			return nil
		}},
		{"playlists with 20", func(tx *db.Tx) error { return page(20, tx.PlaylistsWith(popular)) }},
		{"inbox 20", func(tx *db.Tx) error { return page(20, tx.Inbox(busy, 0)) }},
		{"notifications 20", func(tx *db.Tx) error { return page(20, tx.Notifications(busy, 0)) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := d.View(context.Background(), c.read); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCrowdedWrites does what people do, one transaction each.
func BenchmarkCrowdedWrites(b *testing.B) {
	d, f := crowded.copied(b)
	i := 0
	some := func(list []db.ID) db.ID {
		i += 7919
		return list[i%len(list)]
	}
	for _, c := range []struct {
		name string
		do   func(tx *db.Tx) error
	}{
		{"like", func(tx *db.Tx) error {
			_, _, err := tx.Like(some(f.Users), some(f.Tracks))
			return err
		}},
		{"follow", func(tx *db.Tx) error {
			_, _, err := tx.Follow(some(f.Users), some(f.Users))
			return err
		}},
		{"comment", func(tx *db.Tx) error {
			return tx.AddComment(newComment(tx, some(f.Tracks), some(f.Users), 5, "now"))
		}},
		{"listens 200", func(tx *db.Tx) error {
			for range 200 {
				user, track := some(f.Users), some(f.Tracks)
				if err := tx.Listen(user, track, 500); err != nil {
					return err
				}
				if err := tx.AddPlays(track, db.DayOf(noon), db.Plays{Plays: 1}); err != nil {
					return err
				}
			}
			return nil
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := d.Update(context.Background(), c.do); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	// Last, since it takes away what the others need: the popular tracks go.
	next := 0
	b.Run("drop a popular track", func(b *testing.B) {
		for b.Loop() {
			if err := d.Update(context.Background(), func(tx *db.Tx) error { return tx.DropTrack(f.Tracks[next]) }); err != nil {
				b.Fatal(err)
			}
			next++
		}
	})
	b.Run("forget 500", func(b *testing.B) {
		for b.Loop() {
			err := d.Update(context.Background(), func(tx *db.Tx) error {
				more, err := tx.Forget(500)
				if err == nil && !more {
					next++
					err = tx.DropTrack(f.Tracks[next])
				}
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkCrowdedCheck(b *testing.B) {
	d, _ := crowded.open(b)
	for b.Loop() {
		if err := d.Check(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
