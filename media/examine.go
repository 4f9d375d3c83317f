package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// Original is what a record says of an original.
type Original struct {
	Size   int64
	SHA256 []byte
}

// Examine holds the audio of a track against what was kept of it and what its
// record says: its size and a fingerprint, and with sums all of its bytes. What
// is wrong comes as ErrMissing, with what it is.
func (s *Store) Examine(ctx context.Context, id string, want Original, sums bool) error {
	a, err := s.Sound(id)
	if err != nil {
		return err
	}
	defer a.Close()
	t, err := s.track(id)
	if err != nil {
		return err
	}
	switch {
	case a.Size != want.Size:
		return fmt.Errorf("its file has %d bytes, the record says %d: %w", a.Size, want.Size, ErrMissing)
	case len(want.SHA256) == len(t.sum) && !bytes.Equal(t.sum[:], want.SHA256):
		return fmt.Errorf("its file is another than the record says: %w", ErrMissing)
	case !sums:
		return nil
	}
	h := sha256.New()
	for at := int64(0); at < a.Size; {
		n, err := io.Copy(h, io.NewSectionReader(a, at, min(a.Size-at, 4<<20)))
		if err == nil && n == 0 {
			err = io.ErrUnexpectedEOF
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("its file can't be read: %w", err)
		}
		at += n
	}
	if !bytes.Equal(h.Sum(nil), want.SHA256) {
		return fmt.Errorf("the bytes of its file have changed (SHA-256): %w", ErrMissing)
	}
	return nil
}

// Folders lists the ids under which files of a kind are kept, as found on disk.
func (s *Store) Folders(kind string) ([]string, error) {
	if kind != tracksDir && kind != usersDir && kind != playlistsDir {
		return nil, fmt.Errorf("list %q: %w", kind, ErrMissing)
	}
	return s.list(kind)
}

// HasAudio tells whether a folder holds anything that can't be made again.
func (s *Store) HasAudio(kind, id string) (bool, error) {
	names, err := s.list(kind + "/" + id)
	if err != nil {
		return true, nil // whatever it is, it is nothing to be removed
	}
	for _, name := range names {
		if name != indexName && name != peaksName && name != fineName && !strings.HasPrefix(name, "picture-") {
			return true, nil
		}
	}
	return false, nil
}

// asideDir is where folders are put that belong to nothing.
const asideDir = "lost+found"

// SetAside moves a folder out of the way, and tells where it is now, below the
// media folder's parent.
func (s *Store) SetAside(kind, id string) (string, error) {
	if err := s.mkdir(asideDir); err != nil {
		return "", err
	}
	s.tracks.drop(id)
	to := asideDir + "/" + kind + "-" + id
	for i := 2; ; i++ {
		if _, err := s.root.Load().Lstat(to); errors.Is(err, fs.ErrNotExist) {
			break
		}
		to = fmt.Sprintf("%s/%s-%s-%d", asideDir, kind, id, i)
	}
	if err := s.root.Load().Rename(kind+"/"+id, to); err != nil {
		return "", fmt.Errorf("set aside: %w", err)
	}
	return "media/" + to, errors.Join(s.syncDir(asideDir), s.syncDir(kind))
}
