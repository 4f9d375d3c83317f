package media

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// marksDir holds an empty file <kind>-<id> for each track, user or playlist
// whose files are being made or taken away. A mark that is there at a start
// tells that a crash may have left something behind. Marks stand beside the
// files and not in the database: an older copy of it, put back, must not bring
// old marks back.
const marksDir = "changing"

// Mark notes, to stay, that the files of something are about to change.
func (s *Store) Mark(kind, id string) error {
	if _, err := folder(kind, id); err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	if err := s.mkdir(marksDir); err != nil {
		return err
	}
	f, err := s.root.Load().Create(marksDir + "/" + kind + "-" + id)
	if err != nil {
		return full(fmt.Errorf("mark %s %s: %w", kind, id, err))
	}
	if err := f.Close(); err != nil {
		return full(fmt.Errorf("mark %s %s: %w", kind, id, err))
	}
	return full(s.syncDir(marksDir))
}

// Unmark takes a mark away. It need not be there.
func (s *Store) Unmark(kind, id string) error {
	if _, err := folder(kind, id); err != nil {
		return fmt.Errorf("unmark: %w", err)
	}
	err := s.root.Load().Remove(marksDir + "/" + kind + "-" + id)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("unmark %s %s: %w", kind, id, err)
	}
	return nil
}

// Marked lists what is marked; ids are as found on disk, whatever they look
// like.
func (s *Store) Marked() ([]Marked, error) {
	names, err := s.list(marksDir)
	if err != nil {
		return nil, err
	}
	var list []Marked
	for _, name := range names {
		kind, id, _ := strings.Cut(name, "-")
		if _, err := folder(kind, id); err == nil {
			list = append(list, Marked{kind, id})
		}
	}
	return list, nil
}

// Marked is a track, user or playlist with a mark.
type Marked struct{ Kind, ID string } // "tracks", "users" or "playlists"

// SweepIncoming removes everything that was being received, but for the files in
// pieces that are to be kept, and says how many files that were. A nil keep
// keeps none. It must not run while anything is received.
func (s *Store) SweepIncoming(keep func(id string) bool) (int, error) {
	names, err := s.list(incomingDir)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, name := range names {
		if id, ok := partialID(name); ok && keep != nil && keep(id) {
			continue
		}
		if err := s.root.Load().RemoveAll(incomingDir + "/" + name); err != nil {
			return n, fmt.Errorf("sweep what was being received: %w", err)
		}
		n++
	}
	return n, nil
}

// Tracks lists the ids under which audio is kept, as found on disk.
func (s *Store) Tracks() ([]string, error) { return s.list(tracksDir) }
