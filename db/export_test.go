package db

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// OpenWithSteps opens a file with migrations of a test's own behind the real
// ones.
func OpenWithSteps(path string, steps ...func(*Tx) error) (*DB, error) {
	own := migrations()
	for _, s := range steps {
		own = append(own, s)
	}
	return Open(path, Options{steps: own})
}

// OpenForgetful opens a file that forgets only so many traces of a thing
// together with it.
func OpenForgetful(path string, atOnce int) (*DB, error) {
	return Open(path, Options{atOnce: atOnce})
}

// PutSecret stores a secret's bytes as they are.
func PutSecret(tx *Tx, name string, b []byte) error {
	return tx.put(inSecrets, []byte(name), b)
}

// Newest gives the version that a new file has.
func Newest() int { return len(migrations()) + 1 }

// Schema gives the version that an open file has.
func Schema(d *DB) int { return int(d.schema) }

// UsedBytes gives how much of the file is in use.
func UsedBytes(d *DB) (int64, error) {
	h, err := readHead(d.file)
	return int64(h.high) * h.pageSize, err
}

// ReservePath gives where the reserve of a database is.
func ReservePath(path string) string { return filepath.Clean(path) + ".reserve" }

// First gives the first entry of a bucket.
func First(tx *Tx, bucket string) (key, payload []byte, err error) {
	w := &walk{tx: tx, b: bucketNamed(bucket)}
	ok, err := w.next()
	if err == nil && !ok {
		err = ErrNotFound
	}
	return w.key, w.value, err
}

// Put stores an entry past all that keeps the file right; a nil payload
// removes it.
func Put(tx *Tx, bucket string, key, payload []byte) error {
	if payload == nil {
		return tx.del(bucketNamed(bucket), key)
	}
	return tx.put(bucketNamed(bucket), key, payload)
}

// Counters gives the counters of a thing as they stand in the file.
func Counters(tx *Tx, id ID) ([]byte, error) {
	p, err := tx.get(inCounts, key1(id))
	return slices.Clone(p), err
}

// PutComment, PutPlaylist and PutLibrary store records in the same way.
func PutComment(tx *Tx, c Comment) error   { return store(tx, inComments, c.ID, &c) }
func PutPlaylist(tx *Tx, p Playlist) error { return store(tx, inPlaylists, p.ID, &p) }
func PutLibrary(tx *Tx, l Library) error   { return store(tx, inLibraries, l.ID, &l) }

// PlaylistLikers is Likers for a playlist.
func (tx *Tx) PlaylistLikers(playlist, before ID) iter.Seq2[Edge, error] {
	return playlistLikes.to(tx, playlist, before)
}

// Going says whether traces of a thing are still to be removed.
func (tx *Tx) Going(id ID) (bool, error) {
	going, err := tx.has(inGone, key1(id))
	if err != nil {
		return false, fmt.Errorf("going %s: %w", id, err)
	}
	return going, nil
}

// Writes gives how many entries a transaction wrote or removed so far.
func Writes(tx *Tx) int { return int(tx.writes) }

func bucketNamed(name string) bucket {
	return bucket(slices.Index(bucketNames[:], name))
}

// PutTag stores the record of a tag in the same way, under a name.
func PutTag(tx *Tx, name string, t Tag) error { return storeAt(tx, inTags, []byte(name), &t) }

// Get gives an entry as it stands in the file.
func Get(tx *Tx, bucket string, key []byte) ([]byte, error) {
	p, err := tx.get(bucketNamed(bucket), key)
	return slices.Clone(p), err
}

// ChartAnew empties the charts and the sums of users, and fills them as the
// migration does.
func ChartAnew(tx *Tx) error {
	for _, b := range []bucket{inCharts, inScores, inPointDays} {
		if _, err := tx.forgetKeys(b, nil, 1<<30); err != nil {
			return err
		}
	}
	for u, err := range tx.Users(0) {
		if err != nil {
			return err
		}
		n, err := tx.counters(u.ID, userCounters)
		if err != nil {
			return err
		}
		clear(n[userSums:])
		if err := tx.put(inCounts, key1(u.ID), numbers(n)); err != nil {
			return err
		}
	}
	return chartAll(tx)
}

// SetClock gives a database another clock.
func SetClock(d *DB, now func() time.Time) { d.now = now }

// Entries gives all that is in a file, by bucket and key.
func Entries(path string) (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h, err := readHead(f)
	if err != nil {
		return nil, err
	}
	return all, (&pageWalk{ctx: context.Background(), f: f, h: h, full: true, each: func(name string, key, value []byte) error {
		if all[name] == nil {
			all[name] = map[string]string{}
		}
		all[name][string(key)] = string(value[sealSize:])
		return nil
	}}).run()
}

// AllComments yields every comment and reply.
func AllComments(tx *Tx) iter.Seq2[Comment, error] { return records[Comment](tx, inComments, 0) }

// Spill puts entries of two buckets through a spill with pieces of so many
// bytes.
func Spill(dir string, piece int, fill func(add func(which int, key, payload []byte)), take func(which int, key, payload []byte)) error {
	buckets := [2]bucket{inTracks, inUsernames}
	s := newSpill(dir)
	s.piece = piece
	defer s.close()
	fill(func(which int, key, payload []byte) { s.add(buckets[which], key, payload) })
	return s.each(func(list []value) error {
		for _, v := range list {
			take(slices.Index(buckets[:], v.b), v.key, v.payload)
		}
		return nil
	})
}
