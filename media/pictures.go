package media

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// pictureName is the file of one size of a picture.
func pictureName(version uint64, size int) string {
	return "picture-" + strconv.FormatUint(version, 10) + "-" + strconv.Itoa(size) + ".jpg"
}

// PutPicture keeps the sizes of a picture, JPEG by width in pixels, for a
// "tracks", "users" or "playlists" folder. The versions before it stay until DropPicture.
func (s *Store) PutPicture(kind, id string, version uint64, sizes map[int][]byte) error {
	dir, err := folder(kind, id)
	if err != nil {
		return fmt.Errorf("keep picture: %w", err)
	}
	if err := s.mkdir(dir); err != nil {
		return err
	}
	for size, b := range sizes {
		if err := s.put(dir, pictureName(version, size), b); err != nil {
			_ = s.DropPicture(kind, id, version)
			return err
		}
	}
	return full(s.syncDir(dir))
}

// Picture gives one size of one version of a picture. ErrMissing when there is
// none of that size.
func (s *Store) Picture(kind, id string, version uint64, size int) (*Stream, error) {
	dir, err := folder(kind, id)
	if err != nil {
		return nil, err
	}
	f, info, err := s.open(dir, pictureName(version, size))
	if err != nil {
		return nil, err
	}
	if !wholeJPEG(f, info.Size()) {
		f.Close()
		return nil, fmt.Errorf("picture %d of %s is not whole: %w", version, id, ErrMissing)
	}
	st := &Stream{
		ContentType: TypeJPEG,
		ETag:        fmt.Sprintf(`"%s-%d-%d"`, id, version, size),
		Mod:         info.ModTime(),
		file:        f,
	}
	st.addFile(0, info.Size())
	return st, nil
}

// wholeJPEG looks at the two ends of a file: browsers keep a picture for long,
// also one that was cut by a damaged disk.
func wholeJPEG(r io.ReaderAt, size int64) bool {
	var begin, end [2]byte
	if size < 4 {
		return false
	}
	if _, err := r.ReadAt(begin[:], 0); err != nil {
		return false
	}
	if _, err := r.ReadAt(end[:], size-2); err != nil && err != io.EOF {
		return false
	}
	return begin == [2]byte{0xff, 0xd8} && end == [2]byte{0xff, 0xd9}
}

// DropPicture removes all sizes of one version of a picture.
func (s *Store) DropPicture(kind, id string, version uint64) error {
	return s.dropPictures(kind, id, func(v string) bool { return v == strconv.FormatUint(version, 10) })
}

// KeepPicture removes all pictures of one thing but those of some versions; 0
// is none.
func (s *Store) KeepPicture(kind, id string, versions ...uint64) error {
	return s.dropPictures(kind, id, func(v string) bool {
		n, err := strconv.ParseUint(v, 10, 64)
		return err != nil || !slices.Contains(versions, n)
	})
}

// dropPictures removes the pictures of the versions that are named.
func (s *Store) dropPictures(kind, id string, named func(version string) bool) error {
	dir, err := folder(kind, id)
	if err != nil {
		return err
	}
	names, err := s.list(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		rest, isPicture := strings.CutPrefix(name, "picture-")
		version, _, _ := strings.Cut(rest, "-")
		if !isPicture || !named(version) {
			continue
		}
		if err := s.root.Load().Remove(dir + "/" + name); err != nil {
			return fmt.Errorf("remove picture: %w", err)
		}
	}
	return nil
}
