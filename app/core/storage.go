package core

import (
	"cmp"
	"context"
	"os"
	"slices"
	"sync"
	"time"

	"earshot/db"
)

const (
	peopleShown  = 20
	measureAgain = 10 * time.Minute // how old what was measured may be
	readAtOnce   = 500              // tracks that one transaction reads
)

// Storage is what the house takes of its disk, in bytes.
type Storage struct {
	Free, Total int64 // of the disk; -1 when not known
	Database    int64
	Unused      int64 // within the database, free for what comes
	Index       int64
	Backups     int64
	Originals   int64 // audio in the house
	Libraries   int64 // audio elsewhere, read where it is
	Derived     int64 // -1 while it was not measured yet
	Uploading   int64
	People      []db.User // who keeps most of it in the house
}

// measured is what takes long to find out. It is found out in the background,
// when somebody asks and what is known is old.
type measured struct {
	ask chan struct{} // has an entry when somebody asked

	mu        sync.Mutex
	known     bool
	at        time.Duration // by the clock of paces
	derived   int64
	libraries int64
}

// MeasureStorage measures what takes long whenever it was asked for, until the
// context ends.
func (c *Core) MeasureStorage(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.measured.ask:
		}
		usage, err := c.media.Measure(ctx)
		var elsewhere int64
		if err == nil {
			elsewhere, err = c.inPlace(ctx)
		}
		m := &c.measured
		m.mu.Lock()
		if m.at = c.pace(); err == nil {
			m.known, m.derived, m.libraries = true, usage.Derived, elsewhere
		}
		m.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			c.log.Warn("what the house takes of its disk can't be measured", "error", err)
		}
	}
}

// inPlace counts the bytes of audio that stays where it is.
func (c *Core) inPlace(ctx context.Context) (n int64, err error) {
	for behind, more := db.ID(0), true; more && err == nil; {
		err = c.view(ctx, func(tx *db.Tx) error {
			read := 0
			for t, err := range tx.Tracks(behind) {
				if c.unreadable(err, "track", 0) {
					continue
				}
				if err != nil {
					return err
				}
				if t.Audio.InPlace {
					n += t.Audio.Size
				}
				behind = t.ID
				if read++; read == readAtOnce {
					return nil
				}
			}
			more = false
			return nil
		})
	}
	return n, err
}

// Storage tells what the house takes of its disk, for the keeper. It costs a
// look at the accounts and at a few files.
func (c *Core) Storage(ctx context.Context, me db.ID) (Storage, error) {
	s := Storage{Free: -1, Total: -1, Derived: -1}
	err := c.view(ctx, func(tx *db.Tx) error {
		if _, err := c.keeper(tx, me); err != nil {
			return err
		}
		for u, err := range tx.Users(0) {
			if c.unreadable(err, "user", 0) {
				continue
			}
			if err != nil {
				return err
			}
			s.Originals += int64(u.Bytes)
			if u.Tracks == u.InPlace || u.Leaving {
				continue
			}
			i, _ := slices.BinarySearchFunc(s.People, u, func(a, b db.User) int { return cmp.Compare(b.Bytes, a.Bytes) })
			if i < peopleShown {
				s.People = slices.Insert(s.People, i, u)
				s.People = s.People[:min(len(s.People), peopleShown)]
			}
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	if free, err := c.media.Free(); err == nil {
		s.Free = int64(free)
	}
	if total, err := c.media.Total(); err == nil {
		s.Total = int64(total)
	}
	if s.Database, err = c.db.Size(); err != nil {
		return s, err
	}
	s.Unused = c.db.Unused()
	if _, index, _ := c.index.now(); index != nil {
		s.Index = index.Size()
	}
	s.Uploading = c.media.Receiving()
	s.Backups = sizeOf(c.site.Backups)
	m := &c.measured
	m.mu.Lock()
	if m.known {
		s.Derived, s.Libraries = m.derived, m.libraries
	}
	old := !m.known || c.pace()-m.at > measureAgain
	m.mu.Unlock()
	if old {
		select {
		case m.ask <- struct{}{}:
		default: // somebody asked already
		}
	}
	return s, nil
}

// sizeOf counts the bytes of the files in a folder; 0 when there is none.
func sizeOf(dir string) (n int64) {
	if dir == "" {
		return 0
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			n += info.Size()
		}
	}
	return n
}
