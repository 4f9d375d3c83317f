package media

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Tracks of one album share the files of its picture; each can lose its own, and
// get another, without the others hearing of it.
func TestPicturesOfAnAlbumAreKeptOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := OpenStore(dir, StoreOptions{Floor: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	jpeg := func(fill string) []byte {
		return []byte("\xff\xd8" + strings.Repeat(fill, 1000) + "\xff\xd9")
	}
	album := map[int][]byte{100: jpeg("s"), 300: jpeg("m"), 600: jpeg("l")}
	ids := []string{"aaaaaaaaaaaaa", "bbbbbbbbbbbbb", "ccccccccccccc"}
	file := func(id string, size int) string {
		return filepath.Join(dir, "tracks", id, pictureName(1, size))
	}
	holds := func(id string, want map[int][]byte) {
		t.Helper()
		for size, image := range want {
			p, err := s.Picture("tracks", id, 1, size)
			if err != nil {
				t.Errorf("%s at %d: %v", id, size, err)
				continue
			}
			var got bytes.Buffer
			err = p.WriteRange(&got, 0, p.Size)
			if p.Close(); err != nil || !bytes.Equal(got.Bytes(), image) {
				t.Errorf("%s at %d: %q (%v)", id, size, got.String(), err)
			}
		}
	}
	b := s.Batch()
	for _, id := range ids {
		if err := b.PutPicture("tracks", id, 1, album); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Sync(); err != nil {
		t.Fatal(err)
	}
	first, _ := os.Stat(file(ids[0], 600))
	for _, id := range ids {
		holds(id, album)
		if info, err := os.Stat(file(id, 600)); err != nil || !os.SameFile(info, first) {
			t.Errorf("%s has a file of its own (%v)", id, err)
		}
	}
	if u, err := s.Measure(t.Context()); err != nil || u.Derived < 2900 || u.Derived > 3012 {
		t.Errorf("they take %d bytes (%v), want those of one", u.Derived, err)
	}

	// Over a name that is there, whosever file it is.
	other := map[int][]byte{100: jpeg("x"), 300: jpeg("y"), 600: jpeg("z")}
	if err := b.PutPicture("tracks", ids[1], 1, other); err != nil {
		t.Fatal(err)
	}
	holds(ids[0], album)
	holds(ids[1], other)
	if err := b.PutPicture("tracks", ids[0], 1, other); err != nil {
		t.Fatal(err)
	}
	holds(ids[0], other)
	holds(ids[2], album)
	if err := b.PutPicture("tracks", ids[1], 1, album); err != nil {
		t.Fatal(err)
	}
	holds(ids[1], album)

	// What was first goes; it is written anew for those that come.
	if err := s.DropPicture("tracks", ids[0], 1); err != nil {
		t.Fatal(err)
	}
	late := "ddddddddddddd"
	if err := b.PutPicture("tracks", late, 1, album); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{ids[2], late} {
		holds(id, album)
	}
	if err := b.PutPicture("tracks", late, 1, map[int][]byte{100: nil}); err == nil {
		t.Error("kept an empty picture")
	}
}
