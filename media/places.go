package media

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Place is where an original lies that is not in the store's own folder: in a
// folder of somebody's, in which nothing is ever written, renamed or removed.
type Place struct {
	Root string // an absolute folder, which may itself be a link; "" for the store's own
	Path string // below it, with slashes
	// SHA256 of the file that is meant. Another one under its name is not taken
	// for it. nil: whatever is there.
	SHA256 []byte
}

func (p Place) away() bool { return p.Root != "" }

// OpenAt opens a plain file elsewhere for reading. Links in the path that lead
// out of the root are not followed; the file itself must be none. A pipe or a
// device does not make the server wait. Whatever is wrong is ErrMissing, but
// for ErrBusy.
//
// The root is opened each time and not kept: a disk that is mounted later is
// found, and one that nobody listens to can be taken away.
func (s *Store) OpenAt(at Place) (*os.File, fs.FileInfo, error) {
	f, info, err := openAt(at)
	if exhausted(err) {
		s.files.empty(false)
		f, info, err = openAt(at)
	}
	switch {
	case err == nil || errors.Is(err, ErrMissing):
	case exhausted(err):
		err = fmt.Errorf("%w: %w", ErrBusy, err)
	default:
		err = fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return f, info, err
}

func openAt(at Place) (*os.File, fs.FileInfo, error) {
	name := filepath.FromSlash(at.Path)
	if !filepath.IsAbs(at.Root) || !filepath.IsLocal(name) {
		return nil, nil, fmt.Errorf("%q is not below %q: %w", at.Path, at.Root, ErrMissing)
	}
	root, err := os.OpenRoot(at.Root)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	info, err := root.Lstat(name)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is not a plain file: %w", at.Path, ErrMissing)
	}
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	opened, err := f.Stat()
	if err != nil || !os.SameFile(info, opened) {
		f.Close()
		return nil, nil, fmt.Errorf("%s changed while it was opened: %w", at.Path, ErrMissing)
	}
	return f, opened, nil
}

// Visit reads a file elsewhere to its end, and gives it as if it had been
// received, but that Keep leaves it where it is and Discard does nothing to it.
// ErrMissing also when it changes meanwhile.
func (s *Store) Visit(ctx context.Context, at Place) (*Incoming, error) {
	f, info, err := s.OpenAt(at)
	if err != nil {
		return nil, err
	}
	in := &Incoming{store: s, file: f, size: info.Size(), at: at, info: info}
	if err := in.read(ctx); err != nil {
		f.Close()
		return nil, fmt.Errorf("read %s: %w", at.Path, err)
	}
	return in, nil
}

func (in *Incoming) read(ctx context.Context) error {
	sum := sha256.New()
	buf := make([]byte, copyPiece)
	for off := int64(0); off < in.size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := in.file.ReadAt(buf[:min(int64(len(buf)), in.size-off)], off)
		sum.Write(buf[:n])
		off += int64(n)
		if err != nil && (!errors.Is(err, io.EOF) || off < in.size) {
			return fmt.Errorf("%w: %w", ErrMissing, err)
		}
	}
	in.sum = sum.Sum(nil)
	return in.unchanged()
}

// unchanged wants a visited file to be as it was.
func (in *Incoming) unchanged() error {
	now, err := in.file.Stat()
	if err == nil && (now.Size() != in.size || !now.ModTime().Equal(in.info.ModTime())) {
		err = errors.New("it is being written")
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return nil
}

// InPlace says whether the file stays where it is.
func (in *Incoming) InPlace() bool { return in.at.away() }

// Adopt makes a file elsewhere the audio of a track, where it is: Visit and
// Keep in one.
func (s *Store) Adopt(ctx context.Context, id string, at Place, c Content) error {
	in, err := s.Visit(ctx, at)
	if err != nil {
		return err
	}
	defer in.Discard()
	return s.Keep(in, id, c)
}

// adopt is settle for a file that stays where it is: only what is known of it
// is kept.
func (s *Store) adopt(in *Incoming, dir string, idx []byte) error {
	if err := in.unchanged(); err != nil {
		return err
	}
	if err := s.mkdir(dir); err != nil {
		return err
	}
	if err := s.put(dir, indexName, idx); err != nil {
		return err
	}
	in.kept = true
	in.file.Close()
	return full(s.syncDir(dir))
}

// Forget drops what is in memory of a track, such as when its file was moved.
// What is being streamed goes on.
func (s *Store) Forget(id string) { s.tracks.drop(id) }

// place asks where the original of a track is.
func (s *Store) place(id string) (Place, error) {
	if s.where == nil {
		return Place{}, nil
	}
	return s.where(id)
}
