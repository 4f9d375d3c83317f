package db_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"earshot/db"
)

// shelves is what the model knows of libraries.
type shelves struct {
	libraries map[db.ID]db.Library
	files     map[place]db.File
}

type place struct {
	library db.ID
	path    string
}

func newShelves() shelves {
	return shelves{libraries: map[db.ID]db.Library{}, files: map[place]db.File{}}
}

// someSound gives one of a few sounds, or none.
func (m *model) someSound() []byte {
	if n := m.rand.IntN(8); n > 0 {
		return bytes.Repeat([]byte{byte(n)}, 32)
	}
	return nil
}

func (m *model) fileGone(track db.ID) {
	for at, f := range m.files {
		if f.Track == track {
			f.Track, f.Refusal, f.Why = 0, db.RefusalRemoved, ""
			m.files[at] = f
		}
	}
}

func (m *model) libraryGone(id db.ID) {
	delete(m.libraries, id)
	maps.DeleteFunc(m.files, func(at place, _ db.File) bool { return at.library == id })
}

func (m *model) librariesGone(user db.ID) {
	for id, l := range m.libraries {
		if l.User == user {
			m.libraryGone(id)
		}
	}
}

// isTaken says whether a path is a library's.
func (m *model) isTaken(path string) bool {
	for _, l := range m.libraries {
		if l.Path == path {
			return true
		}
	}
	return false
}

// ofTrack finds the file that a track is of.
func (m *model) ofTrack(track db.ID) (place, bool) {
	for at, f := range m.files {
		if f.Track == track {
			return at, true
		}
	}
	return place{}, false
}

// setting says what SetFile has to answer.
func (m *model) setting(f db.File) error {
	if _, there := m.libraries[f.Library]; !there {
		return db.ErrNotFound
	}
	if f.Track == 0 {
		return nil
	}
	if _, there := m.tracks[f.Track]; !there {
		return db.ErrNotFound
	}
	if at, there := m.ofTrack(f.Track); there && at != (place{f.Library, f.Path}) {
		return db.ErrTaken
	}
	return nil
}

func (m *model) someFile() db.File {
	f := db.File{Library: m.any(ids(m.libraries)), Path: fmt.Sprint("a/", m.rand.IntN(30)), Size: m.rand.Int64N(1000)}
	switch m.rand.IntN(4) {
	case 0:
		f.Refusal, f.Why = "upload.not_audio", "It is not."
	case 1:
	default:
		f.Track = m.any(ids(m.tracks))
	}
	return f
}

// shelfStep does one random thing with libraries.
func (m *model) shelfStep(tx *db.Tx) error {
	switch m.rand.IntN(10) {
	case 0:
		l := db.Library{ID: tx.NewID(), User: m.any(ids(m.users)), Path: fmt.Sprint("/music/", m.rand.IntN(20)), Created: noon, Files: 7}
		_, there := m.users[l.User]
		switch {
		case !there:
			return verdict("AddLibrary", tx.AddLibrary(l), db.ErrNotFound)
		case m.isTaken(l.Path):
			return verdict("AddLibrary", tx.AddLibrary(l), db.ErrTaken)
		}
		m.libraries[l.ID] = l
		return verdict("AddLibrary", tx.AddLibrary(l), nil)
	case 1:
		l, there := m.libraries[m.any(ids(m.libraries))]
		was := l.Path
		l.Path, l.Watch, l.Refused = fmt.Sprint("/music/", m.rand.IntN(20)), !l.Watch, 99
		switch {
		case !there:
			return verdict("SetLibrary", tx.SetLibrary(l), db.ErrNotFound)
		case l.Path != was && m.isTaken(l.Path):
			return verdict("SetLibrary", tx.SetLibrary(l), db.ErrTaken)
		}
		m.libraries[l.ID] = l
		return verdict("SetLibrary", tx.SetLibrary(l), nil)
	case 2:
		id := m.any(ids(m.libraries))
		if _, there := m.libraries[id]; !there || m.rand.IntN(3) > 0 {
			return nil
		}
		m.libraryGone(id)
		return verdict("DropLibrary", tx.DropLibrary(id), nil)
	case 3:
		f := m.someFile()
		at := place{f.Library, f.Path}
		if _, there := m.files[at]; !there {
			return verdict("DropFile", tx.DropFile(f.Library, f.Path), db.ErrNotFound)
		}
		delete(m.files, at)
		return verdict("DropFile", tx.DropFile(f.Library, f.Path), nil)
	case 4:
		from, f := m.someFile(), m.someFile()
		was, there := m.files[place{from.Library, from.Path}]
		if !there {
			return verdict("MoveFile", tx.MoveFile(from.Library, from.Path, f), db.ErrNotFound)
		}
		f.Track, f.Refusal, f.Why = was.Track, was.Refusal, was.Why
		if _, there := m.libraries[f.Library]; !there {
			return nil
		}
		delete(m.files, place{from.Library, from.Path})
		m.files[place{f.Library, f.Path}] = f
		return verdict("MoveFile", tx.MoveFile(from.Library, from.Path, f), nil)
	}
	f := m.someFile()
	want := m.setting(f)
	if want == nil {
		m.files[place{f.Library, f.Path}] = f
	}
	return verdict("SetFile", tx.SetFile(f), want)
}

// compareShelves holds libraries, files and sounds against the model.
func (m *model) compareShelves(tx *db.Tx) error {
	libraries, err := gather(tx.Libraries())
	if err != nil || len(libraries) != len(m.libraries) {
		return fmt.Errorf("%d libraries, want %d (%w)", len(libraries), len(m.libraries), err)
	}
	for _, l := range libraries {
		want := m.libraries[l.ID]
		want.Files, want.Refused = 0, 0
		byPath, err := tx.LibraryByPath(l.Path)
		if err != nil || byPath.ID != l.ID {
			return fmt.Errorf("%q leads to library %s (%w)", l.Path, byPath.ID, err)
		}
		got, err := gather(tx.Files(l.ID, ""))
		n := 0
		for at, f := range m.files {
			if at.library != l.ID {
				continue
			}
			n++
			switch {
			case f.Track != 0:
				want.Files++
			case f.Refusal != "" && f.Refusal != db.RefusalRemoved:
				want.Refused++
			}
			is, err := tx.File(l.ID, at.path)
			if err != nil || is != f {
				return fmt.Errorf("file %v is %v (%w), want %v", at, is, err, f)
			}
			if f.Track == 0 {
				continue
			}
			if of, err := tx.FileOf(f.Track); err != nil || of != f {
				return fmt.Errorf("the file of %s is %v (%w), want %v", f.Track, of, err, f)
			}
		}
		if err != nil || len(got) != n {
			return fmt.Errorf("library %s has %d files, want %d (%w)", l.ID, len(got), n, err)
		}
		if n > 1 {
			rest, err := gather(tx.Files(l.ID, got[0].Path))
			if err != nil || !slices.Equal(rest, got[1:]) {
				return fmt.Errorf("behind the first file: %v (%w), want %v", rest, err, got[1:])
			}
		}
		if fmt.Sprint(l) != fmt.Sprint(want) {
			return fmt.Errorf("library is %v, want %v", l, want)
		}
	}
	for n := range byte(8) {
		sum := bytes.Repeat([]byte{n}, 32)
		var want []db.ID
		for id, t := range m.tracks {
			if bytes.Equal(t.Audio.Sound, sum) {
				want = append(want, id)
			}
		}
		slices.SortFunc(want, cmp.Compare[db.ID])
		got, err := gather(tx.TracksOfSound(sum))
		if err != nil || !slices.Equal(got, want) {
			return fmt.Errorf("tracks of sound %d: %v (%w), want %v", n, got, err, want)
		}
	}
	for id := range m.tracks {
		if _, there := m.ofTrack(id); there {
			continue
		}
		if _, err := tx.FileOf(id); !errors.Is(err, db.ErrNotFound) {
			return fmt.Errorf("the file of %s, which has none: %w", id, err)
		}
	}
	return nil
}
