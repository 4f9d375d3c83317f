//go:build unix

package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"earshot/media/mp3/mp3test"
)

// elsewhere is a folder of files, and a store whose tracks lie in it.
type elsewhere struct {
	*Store
	dir, root string
	places    map[string]Place
}

func openElsewhere(t testing.TB) *elsewhere {
	t.Helper()
	e := &elsewhere{root: t.TempDir(), places: map[string]Place{}}
	e.Store, e.dir = open(t, StoreOptions{Where: func(id string) (Place, error) { return e.places[id], nil }})
	return e
}

// adopt makes a file of the folder a track.
func (e *elsewhere) adopt(t testing.TB, id, name string, b []byte) {
	t.Helper()
	e.write(t, name, b)
	at := Place{Root: e.root, Path: name}
	in, err := e.Visit(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Discard()
	c, err := Identify(in, in.Size())
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Keep(in, id, c); err != nil {
		t.Fatal(err)
	}
	at.SHA256 = in.SHA256()
	e.places[id] = at
}

func (e *elsewhere) write(t testing.TB, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(e.root, name)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(e.root, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// wants streams a track and wants bytes of a file, or ErrMissing for nil.
func (e *elsewhere) wants(t testing.TB, what, id string, b []byte) {
	t.Helper()
	s, err := e.StreamRaw(id)
	if b == nil {
		if !errors.Is(err, ErrMissing) {
			t.Errorf("%s: got %v, want %v", what, err, ErrMissing)
		}
		return
	}
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	defer s.Close()
	if !bytes.Equal(content(t, s), b) {
		t.Errorf("%s: other bytes", what)
	}
}

func song(seed uint64) []byte { return stereo.Build(stereo.Uneven(200, seed)...) }

// An original elsewhere streams in all forms, and stays when its track goes;
// of it only the index is in the store.
func TestOriginalElsewhere(t *testing.T) {
	t.Parallel()
	e := openElsewhere(t)
	one := song(2)
	e.adopt(t, trackA, "some band/01 song.mp3", one)
	e.wants(t, "there", trackA, one)
	for name, open := range streams(e.Store, trackA) {
		if s, err := open(); err != nil {
			t.Errorf("%s: %v", name, err)
		} else {
			s.Close()
		}
	}
	if got := files(t, e.dir); len(got) != 1 || got[0] != "tracks/"+trackA+"/frames.idx" {
		t.Errorf("in the store: %q", got)
	}
	if err := e.Drop(trackA); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(e.root, "some band/01 song.mp3")); err != nil || !bytes.Equal(b, one) {
		t.Errorf("the original: %v", err)
	}
	if in, err := e.Visit(t.Context(), e.places[trackA]); err != nil {
		t.Error(err)
	} else {
		in.Discard()
		in.Discard()
		if err := e.Keep(in, trackA, Content{}); err == nil {
			t.Error("a discarded file was kept")
		}
	}
	if _, err := os.Stat(filepath.Join(e.root, "some band/01 song.mp3")); err != nil {
		t.Error(err)
	}
}

// Whatever becomes of a file elsewhere, nobody hears anything but what was
// taken in, and all is back when it is.
func TestChangedElsewhere(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} { // the index
		e := openElsewhere(t)
		one, two := song(2), song(9)
		for _, name := range []string{"a.mp3", "b.mp3"} {
			id := map[string]string{"a.mp3": trackA, "b.mp3": trackB}[name]
			e.adopt(t, id, name, map[string][]byte{"a.mp3": one, "b.mp3": two}[name])
			if lost {
				if err := os.RemoveAll(filepath.Join(e.dir, "tracks", id)); err != nil {
					t.Fatal(err)
				}
			}
		}
		at := filepath.Join(e.root, "a.mp3")
		steps := []struct {
			name string
			do   func() error
			want []byte
		}{
			{"another of the same name", func() error { return os.WriteFile(at, two, 0o600) }, nil},
			{"cut", func() error { return os.Truncate(at, 4000) }, nil},
			{"gone", func() error { return os.Remove(at) }, nil},
			{"a folder", func() error { return os.Mkdir(at, 0o700) }, nil},
			{"no folder", func() error { return os.Remove(at) }, nil},
			{"a pipe", func() error { return syscall.Mkfifo(at, 0o600) }, nil},
			{"a link to the other", func() error { return errors.Join(os.Remove(at), os.Symlink("b.mp3", at)) }, nil},
			{"a link to the outside", func() error { return errors.Join(os.Remove(at), os.Symlink("/etc/passwd", at)) }, nil},
			{"a link to itself", func() error { return errors.Join(os.Remove(at), os.Symlink("a.mp3", at)) }, nil},
			{"renamed over", func() error { return errors.Join(os.Remove(at), os.Link(filepath.Join(e.root, "b.mp3"), at)) }, nil},
			{"back", func() error { return errors.Join(os.Remove(at), os.WriteFile(at, one, 0o600)) }, one},
			{"the whole folder away", func() error { return os.Rename(e.root, e.root+".away") }, nil},
			{"an empty folder in its place", func() error { return os.Mkdir(e.root, 0o700) }, nil},
			{"all back", func() error { return errors.Join(os.Remove(e.root), os.Rename(e.root+".away", e.root)) }, one},
		}
		for i, step := range steps {
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			if i == 0 { // written within the clock's step
				later := time.Now().Add(3 * time.Second)
				if err := os.Chtimes(at, later, later); err != nil {
					t.Fatal(err)
				}
			}
			if step.name == "the whole folder away" {
				e.files.empty(false) // what was just heard is still open, and still the same
			}
			e.wants(t, step.name, trackA, step.want)
		}
		e.wants(t, "the other", trackB, two)
	}
}

// What leads out of the folder is not opened, by whatever name.
func TestNotOutOfTheFolder(t *testing.T) {
	t.Parallel()
	e := openElsewhere(t)
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "x.mp3"), song(1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(e.root, "out")); err != nil {
		t.Fatal(err)
	}
	e.write(t, "in/x.mp3", song(1))
	if err := os.Symlink("in", filepath.Join(e.root, "within")); err != nil {
		t.Fatal(err)
	}
	for _, at := range []Place{
		{Root: e.root, Path: "out/x.mp3"},
		{Root: e.root, Path: "../" + filepath.Base(outside) + "/x.mp3"},
		{Root: e.root, Path: filepath.Join(outside, "x.mp3")},
		{Root: e.root, Path: "in/../../x.mp3"},
		{Root: e.root, Path: ""},
		{Root: e.root, Path: "."},
		{Root: e.root, Path: "in\x00/x.mp3"},
		{Root: "relative", Path: "x.mp3"},
		{Root: "", Path: "x.mp3"},
	} {
		if f, _, err := e.OpenAt(at); !errors.Is(err, ErrMissing) {
			t.Errorf("%q: %v", at, err)
			if f != nil {
				f.Close()
			}
		}
	}
	f, _, err := e.OpenAt(Place{Root: e.root, Path: "within/x.mp3"})
	if err != nil {
		t.Fatalf("a link that stays inside: %v", err)
	}
	f.Close()
}

// A file that is written to while it is read is not taken half.
func TestVisitOfGrowingFile(t *testing.T) {
	t.Parallel()
	e := openElsewhere(t)
	e.write(t, "a.mp3", song(1))
	at := Place{Root: e.root, Path: "a.mp3"}
	in, err := e.Visit(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Identify(in, in.Size())
	if err != nil {
		t.Fatal(err)
	}
	e.write(t, "a.mp3", append(song(1), song(2)...))
	if err := e.Keep(in, trackA, c); !errors.Is(err, ErrMissing) {
		t.Errorf("kept: %v", err)
	}
	in.Discard()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Adopt(cancelled, trackA, at, c); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A file that has changed is taken anew; the rest of what is kept of its track
// stays, and Forget lets it be heard.
func TestAdoptAgain(t *testing.T) {
	t.Parallel()
	e := openElsewhere(t)
	e.adopt(t, trackA, "a.mp3", song(1))
	if err := os.WriteFile(filepath.Join(e.dir, "tracks", trackA, "peaks"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	again := append(mp3test.Rubbish(700, 3), song(1)...)
	e.adopt(t, trackA, "a.mp3", again)
	e.wants(t, "changed", trackA, again)
	if _, err := os.Stat(filepath.Join(e.dir, "tracks", trackA, "peaks")); err != nil {
		t.Error(err)
	}
	moved := e.places[trackA]
	moved.Path = "deep/er/b.mp3"
	e.write(t, moved.Path, again)
	if err := os.Remove(filepath.Join(e.root, "a.mp3")); err != nil {
		t.Fatal(err)
	}
	e.wants(t, "moved and not told", trackA, nil)
	e.places[trackA] = moved
	e.Forget(trackA)
	e.wants(t, "moved", trackA, again)
	if sum := sha256.Sum256(again); !bytes.Equal(sum[:], moved.SHA256) {
		t.Error("the sum is another one")
	}
}
