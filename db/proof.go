package db

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"time"
)

// Proof is what was found in a file that was read in full: every page, every
// seal, every record. Sum and Size tell whether another file is the same.
type Proof struct {
	Size     int64  // bytes
	Sum      uint32 // CRC-32C of them
	Schema   int
	Records  uint64 // values, those of indexes too
	Users    uint64
	Tracks   uint64
	Comments uint64    // replies too
	Newest   time.Time // when the newest of what is in it was made; zero of a file without anything
	Took     time.Duration
}

// Prove reads a database file in full, changes nothing, and opens it as a house
// would. Several may read a file at once, but nobody may write to it. Its
// errors are those of Open and Check; what is wrong with the file is
// ErrDamaged, ErrCorrupt or ErrInconsistent.
func Prove(ctx context.Context, path string) (Proof, error) {
	p, err := prove(ctx, path)
	if err != nil {
		return p, fmt.Errorf("prove %s: %w", path, plain(err))
	}
	return p, nil
}

// Count is Prove without opening the file: nobody's lock is in its way.
func Count(ctx context.Context, path string) (Proof, error) {
	f, err := os.Open(path)
	if err != nil {
		return Proof{}, err
	}
	defer f.Close()
	p, err := read(ctx, f, newest(), nil)
	if err != nil {
		return p, fmt.Errorf("read %s: %w", path, plain(err))
	}
	return p, nil
}

func prove(ctx context.Context, path string) (p Proof, err error) {
	began := time.Now()
	f, err := os.Open(path)
	if err != nil {
		return p, err
	}
	defer f.Close()
	if p, err = read(ctx, f, newest(), nil); err != nil {
		return p, err
	}
	sum := crc32.New(castagnoli)
	if p.Size, err = io.Copy(&patient{ctx: ctx, w: sum}, io.NewSectionReader(f, 0, 1<<62)); err != nil {
		return p, err
	}
	p.Sum = sum.Sum32()
	err = p.open(ctx, path)
	p.Took = time.Since(began)
	return p, err
}

// open opens a proven file as a house would, and follows some of its records
// by their indexes.
func (p *Proof) open(ctx context.Context, path string) error {
	if p.Schema != newest() {
		return nil // another version's ways; its pages and seals were right
	}
	d, err := open(path, Options{ReadOnly: true})
	if err != nil {
		return err
	}
	err = d.View(ctx, func(tx *Tx) error { return tx.follow(samples) })
	return errors.Join(err, d.Close())
}

// newest is the version that new files have.
func newest() int { return len(migrations()) + 1 }

// read reads a file in full, but for the sum. Most is the newest version that is
// known. Bear is asked about each value
// that is not right; nil bears none.
func read(ctx context.Context, f *os.File, most int, bear func(error) error) (p Proof, err error) {
	info, err := f.Stat()
	if err != nil {
		return p, err
	}
	h, err := readHead(f)
	if err != nil {
		return p, err
	}
	p.Size = info.Size()
	schema, err := schemaOf(ctx, f, h)
	if err != nil {
		return p, err
	}
	if p.Schema = int(schema); p.Schema > most {
		return p, fmt.Errorf("%w: its version is %d, this program knows up to %d", ErrNewer, schema, most)
	}
	check := checkValue(&p, p.Schema == newest())
	return p, (&pageWalk{ctx: ctx, f: f, h: h, full: true, each: func(name string, key, value []byte) error {
		err := check(name, key, value)
		if bear != nil && errors.Is(err, ErrCorrupt) {
			return bear(err)
		}
		return err
	}}).run()
}

// errFound ends a walk that has what it looked for.
var errFound = errors.New("found")

// schemaOf reads the version of a file without opening it.
func schemaOf(ctx context.Context, f io.ReaderAt, h head) (schema uint32, err error) {
	err = (&pageWalk{ctx: ctx, f: f, h: h, only: inMeta.String(), full: true, each: func(_ string, key, value []byte) error {
		if string(key) != string(schemaKey) {
			return nil
		}
		p, err := unseal(inMeta, key, value)
		if err == nil && len(p) != 4 {
			err = corrupt(inMeta, schemaKey, nil)
		}
		if err != nil {
			return err
		}
		schema = binary.BigEndian.Uint32(p)
		return errFound
	}}).run()
	switch {
	case errors.Is(err, errFound):
		return schema, nil
	case err == nil:
		return 0, fmt.Errorf("%w: it holds no version", ErrDamaged)
	}
	return 0, fmt.Errorf("read the version: %w", err)
}

// samples is how many users, tracks and comments a proof follows.
const samples = 200

// follow looks some records up by their indexes, spread over all of them.
func (tx *Tx) follow(n int) error {
	lost := func(b bucket, id ID, where string) error {
		return fmt.Errorf("%w: %s of %s can't be found by its %s", ErrInconsistent, id, b, where)
	}
	err := sampled(tx, inUsers, n, func(u *User) error {
		got, moved, err := tx.UserByUsername(u.Username)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err != nil || moved || got.ID != u.ID {
			return lost(inUsers, u.ID, "name")
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = sampled(tx, inTracks, n, func(t *Track) error {
		got, moved, err := tx.TrackBySlug(t.User, t.Slug)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err != nil || moved || got.ID != t.ID {
			return lost(inTracks, t.ID, "name")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sampled(tx, inComments, n, func(m *Comment) error {
		b, key := inTrackThreads, key2(m.Track, m.ID)
		if m.Parent != 0 {
			b, key = inReplies, key2(m.Parent, m.ID)
		}
		there, err := tx.has(b, key)
		if err == nil && !there {
			return lost(inComments, m.ID, "place")
		}
		return err
	})
}

// sampled looks at about n records of a bucket. Ids rise with time, so that
// equal steps of them are spread over the bucket's life.
func sampled[T any](tx *Tx, b bucket, n int, look func(*T) error) error {
	first, last, err := tx.span(b, nil)
	if err != nil || last == 0 {
		return err
	}
	step := max((last-first)/ID(n), 1)
	for at := first - 1; at < last; {
		var next ID
		for r, err := range records[T](tx, b, at) {
			if err != nil {
				return err
			}
			next = recordID(&r)
			if err := look(&r); err != nil {
				return err
			}
			break
		}
		if next == 0 {
			return nil
		}
		at = max(next, at+step)
	}
	return nil
}

func recordID(record any) ID {
	switch r := record.(type) {
	case *User:
		return r.ID
	case *Track:
		return r.ID
	case *Comment:
		return r.ID
	}
	return 0
}
