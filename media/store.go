package media

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"sync/atomic"
	"syscall"
)

// Store is the folder that holds all media. It is safe for concurrent use.
type Store struct {
	dir    string
	root   atomic.Pointer[os.Root]
	log    *slog.Logger
	floor  uint64
	free   func(dir string) (uint64, error)
	where  func(id string) (Place, error)
	tracks *trackCache
	files  handles
}

// StoreOptions has nothing that is required: the zero value
// is what a house runs with.
type StoreOptions struct {
	// Cache is how many bytes of frame indexes and MP4 headers are kept in
	// memory; 0 is 16 MiB.
	Cache int64
	// Floor is how many bytes of the disk uploads leave free; 0 is 64 MiB,
	// less than 0 is none.
	Floor int64
	// Log hears of what was repaired; nil for nobody.
	Log *slog.Logger
	// Free replaces the look at how much space the disk has left.
	Free func(dir string) (uint64, error)
	// Where tells where the original of a track is, once when the track is
	// loaded; the zero Place is the store's own folder. nil: all are there.
	Where func(id string) (Place, error)
}

const (
	defaultCache = 16 << 20
	defaultFloor = 64 << 20
)

// The folders of a store.
const (
	incomingDir  = "incoming"
	tracksDir    = "tracks"
	usersDir     = "users"
	playlistsDir = "playlists"
)

// OpenStore opens the store in a folder, which is made when it is missing. The
// folder itself may be a symbolic link; nothing in it is followed.
func OpenStore(dir string, opt StoreOptions) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make media folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open media folder: %w", err)
	}
	s := &Store{dir: dir, log: opt.Log, floor: defaultFloor, free: diskFree, where: opt.Where}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.root.Store(root)
	if opt.Floor != 0 {
		s.floor = uint64(max(opt.Floor, 0))
	}
	if opt.Free != nil {
		s.free = opt.Free
	}
	if opt.Cache == 0 {
		opt.Cache = defaultCache
	}
	s.files.idle = make(map[*track][]*handle)
	s.tracks = newTrackCache(opt.Cache, s.files.drop)
	for _, d := range []string{incomingDir, tracksDir, usersDir, playlistsDir} {
		if err := s.mkdir(d); err != nil {
			root.Close()
			return nil, err
		}
	}
	return s, nil
}

// Close lets go of the folder. Open streams go on.
func (s *Store) Close() error {
	s.files.empty(true)
	return s.root.Load().Close()
}

// Free is how many bytes the disk has left for this program.
func (s *Store) Free() (uint64, error) { return s.free(s.dir) }

// room fails with ErrFull unless the disk holds n more bytes above the floor.
// A disk that does not say is taken at its writes' word.
func (s *Store) room(n int64) error {
	free, err := s.Free()
	if err == nil && free < s.floor+uint64(n) {
		return fmt.Errorf("%d bytes are left: %w", free, ErrFull)
	}
	return nil
}

// validID says whether an id may name a folder: digits and small letters only.
func validID(id string) bool {
	if len(id) == 0 || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// folder is where the files of a track, user or playlist lie.
func folder(kind, id string) (string, error) {
	if kind != tracksDir && kind != usersDir && kind != playlistsDir || !validID(id) {
		return "", fmt.Errorf("%s %q: %w", kind, id, ErrMissing)
	}
	return kind + "/" + id, nil
}

// open opens a file for reading. It must be a plain file, in a plain folder,
// under this very name: links are not followed, and a pipe does not make the
// server wait. Anything else is ErrMissing.
func (s *Store) open(dir, name string) (*os.File, fs.FileInfo, error) {
	f, info, err := s.openIn(s.root.Load(), dir, name)
	switch {
	case err == nil:
	case exhausted(err):
		s.files.empty(false) // what is open in reserve is better used now
		if f, info, err = s.openIn(s.root.Load(), dir, name); exhausted(err) {
			err = fmt.Errorf("%w: %w", ErrBusy, err)
		}
	case s.remounted():
		f, info, err = s.openIn(s.root.Load(), dir, name)
	}
	return f, info, err
}

func (s *Store) openIn(root *os.Root, dir, name string) (*os.File, fs.FileInfo, error) {
	full := dir + "/" + name
	missing := func(err error) error {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP) {
			return fmt.Errorf("open %s: %w", full, ErrMissing)
		}
		return err
	}
	if info, err := root.Lstat(dir); err != nil {
		return nil, nil, missing(err)
	} else if !info.IsDir() {
		return nil, nil, fmt.Errorf("%s is not a folder: %w", dir, ErrMissing)
	}
	info, err := root.Lstat(full)
	if err != nil {
		return nil, nil, missing(err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is not a plain file: %w", full, ErrMissing)
	}
	f, err := root.OpenFile(full, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, missing(err)
	}
	opened, err := f.Stat()
	if err != nil || !os.SameFile(info, opened) {
		f.Close()
		return nil, nil, fmt.Errorf("%s changed while it was opened: %w", full, ErrMissing)
	}
	return f, opened, nil
}

// remounted looks whether another folder has taken the store's place, as when
// a disk is mounted after the start, and moves over to it.
func (s *Store) remounted() bool {
	old := s.root.Load()
	now, err := os.Stat(s.dir)
	if err != nil {
		return false
	}
	if was, err := old.Stat("."); err == nil && os.SameFile(was, now) {
		return false
	}
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return false
	}
	if !s.root.CompareAndSwap(old, root) {
		root.Close()
		return true
	}
	old.Close()
	return true
}

// read gives a whole small file of at most limit bytes.
func (s *Store) read(dir, name string, limit int64) ([]byte, error) {
	f, info, err := s.open(dir, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.Size() > limit {
		return nil, fmt.Errorf("%s/%s has %d bytes: %w", dir, name, info.Size(), ErrTooLarge)
	}
	b := make([]byte, info.Size())
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, fmt.Errorf("read %s/%s: %w", dir, name, err)
	}
	return b, nil
}

// temp makes a new empty file in incoming.
func (s *Store) temp() (f *os.File, name string, err error) {
	var id [10]byte
	_, _ = rand.Read(id[:]) // never fails
	name = incomingDir + "/" + base32.HexEncoding.EncodeToString(id[:])
	f, err = s.create(name)
	if errors.Is(err, fs.ErrNotExist) {
		s.remounted()
		if err := s.mkdir(incomingDir); err != nil {
			return nil, "", err
		}
		f, err = s.create(name)
	}
	if err != nil {
		if exhausted(err) {
			return nil, "", fmt.Errorf("make file: %w: %w", ErrBusy, err)
		}
		return nil, "", full(fmt.Errorf("make file: %w", err))
	}
	return f, name, nil
}

func (s *Store) create(name string) (*os.File, error) {
	return s.root.Load().OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

// put writes a file: whole under its name, or not at all.
func (s *Store) put(dir, name string, b []byte) error { return s.write(dir, name, b, true) }

// write is put. What is not lasting a power cut may leave empty or in part:
// files that tell when they are read, and can be made again.
func (s *Store) write(dir, name string, b []byte, lasting bool) error {
	f, temp, err := s.temp()
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil && lasting {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = s.root.Load().Rename(temp, dir+"/"+name)
	}
	if err != nil {
		_ = s.root.Load().Remove(temp)
		return full(fmt.Errorf("write %s/%s: %w", dir, name, err))
	}
	return nil
}

// mkdir makes a folder, if it is not there, and syncs the one above.
func (s *Store) mkdir(dir string) error {
	err := s.root.Load().Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) && path.Dir(dir) != "." {
		if err := s.mkdir(path.Dir(dir)); err != nil {
			return err
		}
		err = s.root.Load().Mkdir(dir, 0o700)
	}
	if err != nil {
		return full(fmt.Errorf("make folder: %w", err))
	}
	return s.syncDir(path.Dir(dir))
}

// syncDir makes the names in a folder last.
func (s *Store) syncDir(dir string) error {
	f, err := s.root.Load().Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return syncFolder(f)
}

// exhausted says whether no more files can be open.
func exhausted(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// full turns a disk's word for "full" into ours.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// Drop removes everything of a track, user or playlist that is in the store; an
// original elsewhere stays. What is not there is no error.
func (s *Store) Drop(id string) error {
	if !validID(id) {
		return nil
	}
	s.tracks.drop(id)
	for _, kind := range []string{tracksDir, usersDir, playlistsDir} {
		if err := s.root.Load().RemoveAll(kind + "/" + id); err != nil {
			return fmt.Errorf("remove media of %s: %w", id, err)
		}
	}
	return nil
}

func (s *Store) list(dir string) ([]string, error) {
	f, err := s.root.Load().Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list media: %w", err)
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("list media: %w", err)
	}
	return names, nil
}
