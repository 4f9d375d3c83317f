package db

import (
	"errors"
	"fmt"
	"iter"
)

// RefusalRemoved is the Refusal of a file whose track somebody has deleted: it
// is not to be taken again.
const RefusalRemoved = "library.removed"

// taken says that a file is a track.
func (f *File) taken() bool { return f.Track != 0 }

// refused says that a file could not be taken. One that was, and whose track
// was deleted later, could.
func (f *File) refused() bool { return f.Track == 0 && f.Refusal != "" && f.Refusal != RefusalRemoved }

func fileKey(library ID, path string) []byte { return append(key1(library), pathKey(path)...) }

// File gives what is known of a file of a library. ErrNotFound when nothing is.
func (tx *Tx) File(library ID, path string) (File, error) {
	key := fileKey(library, path)
	f, err := loadAt[File](tx, inFiles, key)
	if err == nil && (f.Library != library || f.Path != path) {
		err = corrupt(inFiles, key, errOtherRecord)
	}
	if err != nil {
		return File{}, fmt.Errorf("file %q of library %s: %w", path, library, err)
	}
	return f, nil
}

// Files yields all files of a library in an order of their own, those behind
// the path given, whether there is such a file or not ("": from the first), so
// that many can be gone over in short transactions. As Users does.
func (tx *Tx) Files(library ID, after string) iter.Seq2[File, error] {
	w := &walk{tx: tx, b: inFiles, prefix: key1(library)}
	if after != "" {
		w.key = fileKey(library, after)
	}
	return each(w, func(key, value []byte) (f File, err error) {
		if err := decode(value, &f); err != nil {
			return File{}, corrupt(inFiles, key, err)
		}
		if f.Library != library {
			return File{}, corrupt(inFiles, key, errOtherRecord)
		}
		return f, nil
	})
}

// FileOf gives the file of a library that a track is, or was copied of.
// ErrNotFound when it is of none.
func (tx *Tx) FileOf(track ID) (File, error) {
	f, err := tx.fileOf(track)
	if err != nil {
		return File{}, fmt.Errorf("file of track %s: %w", track, err)
	}
	return f, nil
}

func (tx *Tx) fileOf(track ID) (File, error) {
	at, err := tx.get(inTrackFiles, key1(track))
	if err != nil {
		return File{}, err
	}
	if len(at) != 40 {
		return File{}, corrupt(inTrackFiles, key1(track), nil)
	}
	key := append([]byte(nil), at...)
	f, err := loadAt[File](tx, inFiles, key)
	if errors.Is(err, ErrNotFound) || err == nil && f.Track != track {
		err = corrupt(inTrackFiles, key1(track), errOtherRecord)
	}
	return f, err
}

// SetFile stores what is known of a file, known before or not, and counts it
// on its library's record. ErrNotFound when its library or track is not there,
// ErrTaken when the track is another file's.
func (tx *Tx) SetFile(f File) error {
	return tx.change("set file of library", f.Library, func() error { return tx.setFile(&f) })
}

func (tx *Tx) setFile(f *File) error {
	if f.Path == "" {
		return errNoPath
	}
	l, err := load[Library](tx, inLibraries, f.Library)
	if err != nil {
		return err
	}
	key := fileKey(f.Library, f.Path)
	old, err := loadAt[File](tx, inFiles, key)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if f.Track != 0 && f.Track != old.Track {
		if _, err := tx.get(inTracks, key1(f.Track)); err != nil {
			return fmt.Errorf("track %s: %w", f.Track, err)
		}
		taken, err := tx.has(inTrackFiles, key1(f.Track))
		if err == nil && taken {
			err = ErrTaken
		}
		if err != nil {
			return fmt.Errorf("track %s: %w", f.Track, err)
		}
	}
	if old.Track != f.Track {
		if old.Track != 0 {
			if err := tx.del(inTrackFiles, key1(old.Track)); err != nil {
				return err
			}
		}
		if f.Track != 0 {
			if err := tx.put(inTrackFiles, key1(f.Track), key); err != nil {
				return err
			}
		}
	}
	if err := tx.countFile(&l, &old, f); err != nil {
		return err
	}
	return storeAt(tx, inFiles, key, f)
}

// countFile moves the counters of a library from what a file was to what it
// is; the zero File is none.
func (tx *Tx) countFile(l *Library, was, is *File) error {
	files, refused := l.Files, l.Refused
	l.Files += one(is.taken()) - one(was.taken())
	l.Refused += one(is.refused()) - one(was.refused())
	if l.Files == files && l.Refused == refused {
		return nil
	}
	return store(tx, inLibraries, l.ID, l)
}

// MoveFile stores what is known of a file that was known under another path,
// and forgets that one. Errors are those of SetFile, and ErrNotFound when the
// former is not known.
func (tx *Tx) MoveFile(library ID, path string, f File) error {
	return tx.change("move file of library", library, func() error {
		if err := tx.dropFile(library, path); err != nil {
			return err
		}
		return tx.setFile(&f)
	})
}

// DropFile forgets a file of a library; its track stays. ErrNotFound when it
// is not known.
func (tx *Tx) DropFile(library ID, path string) error {
	return tx.change("drop file of library", library, func() error { return tx.dropFile(library, path) })
}

func (tx *Tx) dropFile(library ID, path string) error {
	key := fileKey(library, path)
	f, err := loadAt[File](tx, inFiles, key)
	if err != nil {
		return err
	}
	l, err := load[Library](tx, inLibraries, library)
	if err != nil {
		return err
	}
	if f.Track != 0 {
		if err := tx.del(inTrackFiles, key1(f.Track)); err != nil {
			return err
		}
	}
	if err := tx.countFile(&l, &f, &File{}); err != nil {
		return err
	}
	return tx.del(inFiles, key)
}

// leaveFile notes of the file that a track is of that the track was removed.
// The file itself is the keeper's.
func (tx *Tx) leaveFile(track ID) error {
	f, err := tx.fileOf(track)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case errors.Is(err, ErrCorrupt):
		return tx.del(inTrackFiles, key1(track)) // Check tells of the rest
	case err != nil:
		return err
	}
	f.Track, f.Refusal, f.Why = 0, RefusalRemoved, ""
	return tx.setFile(&f)
}
