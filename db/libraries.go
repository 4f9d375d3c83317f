package db

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
)

// Library gives the library with an id. ErrNotFound when there is none.
func (tx *Tx) Library(id ID) (Library, error) {
	l, err := load[Library](tx, inLibraries, id)
	if err != nil {
		return Library{}, fmt.Errorf("library %s: %w", id, err)
	}
	return l, nil
}

// LibraryByPath gives the library of a folder. ErrNotFound when it is none.
func (tx *Tx) LibraryByPath(path string) (Library, error) {
	key := pathKey(path)
	id, err := tx.loadID(inLibraryPaths, key)
	var l Library
	if err == nil {
		l, err = led[Library](tx, inLibraryPaths, key, inLibraries, id)
	}
	if err == nil && l.Path != path {
		err = corrupt(inLibraryPaths, key, errOtherRecord)
	}
	if err != nil {
		return Library{}, fmt.Errorf("library %q: %w", path, err)
	}
	return l, nil
}

// pathKey is what a path is kept under: paths may be longer than keys.
func pathKey(path string) []byte {
	sum := sha256.Sum256([]byte(path))
	return sum[:]
}

// Libraries yields all libraries, oldest first, as Users does.
func (tx *Tx) Libraries() iter.Seq2[Library, error] { return records[Library](tx, inLibraries, 0) }

var errNoPath = errors.New("it has no path")

// AddLibrary stores a new library of a user who is there, else ErrNotFound.
// ErrTaken when its path is a library already. Its counters begin at zero,
// whatever the record says.
func (tx *Tx) AddLibrary(l Library) error {
	return tx.change("add library", l.ID, func() error {
		if err := tx.checkNew(inLibraries, l.ID); err != nil {
			return err
		}
		if _, err := load[User](tx, inUsers, l.User); err != nil {
			return fmt.Errorf("user %s: %w", l.User, err)
		}
		if err := tx.checkPath(l.Path); err != nil {
			return err
		}
		l.Files, l.Refused = 0, 0
		if err := tx.put(inLibraryPaths, pathKey(l.Path), key1(l.ID)); err != nil {
			return err
		}
		return store(tx, inLibraries, l.ID, &l)
	})
}

// checkPath wants a path that is no library's.
func (tx *Tx) checkPath(path string) error {
	if path == "" {
		return errNoPath
	}
	taken, err := tx.has(inLibraryPaths, pathKey(path))
	if err == nil && taken {
		err = fmt.Errorf("the path: %w", ErrTaken)
	}
	return err
}

// SetLibrary stores a library that is there already, else ErrNotFound. Whose
// tracks its files become can't change; its counters stay as they are stored.
// ErrTaken when its new path is another's.
func (tx *Tx) SetLibrary(l Library) error {
	return tx.change("set library", l.ID, func() error {
		old, err := load[Library](tx, inLibraries, l.ID)
		if err != nil {
			return err
		}
		if l.User != old.User {
			return errOwner
		}
		if l.Path != old.Path {
			if err := tx.checkPath(l.Path); err != nil {
				return err
			}
			if err := tx.del(inLibraryPaths, pathKey(old.Path)); err != nil {
				return err
			}
			if err := tx.put(inLibraryPaths, pathKey(l.Path), key1(l.ID)); err != nil {
				return err
			}
		}
		l.Files, l.Refused = old.Files, old.Refused
		return store(tx, inLibraries, l.ID, &l)
	})
}

// DropLibrary removes a library with what is known of its files; their tracks
// stay. Where it has very many, DropFiles goes before. ErrNotFound when there
// is none.
func (tx *Tx) DropLibrary(id ID) error {
	return tx.change("drop library", id, func() error {
		l, err := load[Library](tx, inLibraries, id)
		if err != nil {
			return err
		}
		return tx.dropLibrary(&l)
	})
}

func (tx *Tx) dropLibrary(l *Library) error {
	// What can't be read goes too: it belongs to nothing any more.
	if err := tx.purgeFiles(l.ID); err != nil {
		return err
	}
	if err := tx.dropImportsOf(l.ID); err != nil {
		return err
	}
	if err := tx.del(inLibraryPaths, pathKey(l.Path)); err != nil {
		return err
	}
	return tx.del(inLibraries, key1(l.ID))
}

// purgeFiles removes all entries of a library's files, and those of tracks
// that lead to them.
func (tx *Tx) purgeFiles(library ID) error {
	w := &walk{tx: tx, b: inFiles, prefix: key1(library)}
	for {
		ok, err := w.next()
		if !ok {
			return err
		}
		if err != nil && !errors.Is(err, ErrCorrupt) {
			return err
		}
		var f File
		if err == nil && decode(w.value, &f) == nil && f.Track != 0 {
			if err := tx.del(inTrackFiles, key1(f.Track)); err != nil {
				return err
			}
		}
		if err := tx.del(inFiles, w.key); err != nil {
			return err
		}
	}
}

// dropLibrariesOf removes the libraries of a user who goes.
func (tx *Tx) dropLibrariesOf(user ID) error {
	for l, err := range tx.Libraries() {
		if errors.Is(err, ErrCorrupt) {
			continue // Check tells of it
		}
		if err == nil && l.User == user {
			err = tx.dropLibrary(&l)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// libraries checks every library, every file of one, and their counters.
func (c *checker) libraries() {
	type counters struct{ files, refused uint64 }
	counted := map[ID]counters{}
	c.entries(inFiles, func(key, value []byte) {
		var f File
		if len(key) != 40 || decode(value, &f) != nil {
			return // told of already
		}
		c.note(f.Scan)
		if string(fileKey(f.Library, f.Path)) != string(key) {
			c.wrong("file %q of library %s is kept under the key of another", f.Path, f.Library)
			return
		}
		if there, err := c.tx.has(inLibraries, key1(f.Library)); err == nil && !there {
			c.wrong("file %q is of library %s, which is not there", f.Path, f.Library)
		}
		n := counted[f.Library]
		n.files += one(f.taken())
		n.refused += one(f.refused())
		counted[f.Library] = n
		if f.Track == 0 {
			return
		}
		if there, err := c.tx.has(inTracks, key1(f.Track)); err == nil && !there {
			c.wrong("file %q of library %s is track %s, which is not there", f.Path, f.Library, f.Track)
		}
		c.entry(inTrackFiles, key1(f.Track), key, f.Track)
	})
	all(c, c.tx.Libraries(), func(l *Library) {
		c.note(l.ID)
		c.there(inUsers, l.User, inLibraries)
		c.entry(inLibraryPaths, pathKey(l.Path), key1(l.ID), l.ID)
		if n := counted[l.ID]; l.Files != n.files || l.Refused != n.refused {
			c.wrong("library %s is counted %d files and %d refused; it has %d and %d", l.ID, l.Files, l.Refused, n.files, n.refused)
		}
	})
}

func one(is bool) uint64 {
	if is {
		return 1
	}
	return 0
}
