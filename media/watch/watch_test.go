package watch

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// watched is a watcher whose words are heard.
type watched struct {
	*Watcher
	t    testing.TB
	told chan string
	log  *buffer
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newWatched(t testing.TB, o Options) *watched {
	t.Helper()
	w := &watched{t: t, told: make(chan string, 1000), log: &buffer{}}
	o.Changed, o.Log = func(root string) { w.told <- root }, slog.New(slog.NewTextHandler(w.log, nil))
	if o.Quiet == 0 {
		o.Quiet = 20 * time.Millisecond
	}
	w.Watcher = New(o)
	t.Cleanup(w.Close)
	return w
}

// hears waits until a root is told of, and no more is.
func (w *watched) hears(root, after string) {
	w.t.Helper()
	for {
		select {
		case got := <-w.told:
			if got == root {
				return
			}
		case <-time.After(20 * time.Second):
			w.t.Fatalf("nothing was heard of %s after %s", root, after)
		}
	}
}

// drain forgets what is still being told of what happened so far.
func (w *watched) drain() {
	for {
		select {
		case <-w.told:
		case <-time.After(300 * time.Millisecond):
			return
		}
	}
}

func write(t testing.TB, elem ...string) {
	t.Helper()
	path := filepath.Join(elem...)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestChangesAreNoticed(t *testing.T) {
	t.Parallel()
	one, two := t.TempDir(), t.TempDir()
	write(t, one, "deep/er/old.mp3")
	w := newWatched(t, Options{})
	w.Set([]string{one, two})
	steps := []struct {
		name, root string
		do         func() error
	}{
		{"a new file", one, func() error { write(t, one, "new.mp3"); return nil }},
		{"one in a folder that was there", one, func() error { write(t, one, "deep/er/new.mp3"); return nil }},
		{"new folders", two, func() error { write(t, two, "a/b/c/new.mp3"); return nil }},
		{"one in a new folder", two, func() error { write(t, two, "a/b/c/more.mp3"); return nil }},
		{"a file renamed", two, func() error { return os.Rename(filepath.Join(two, "a/b/c/more.mp3"), filepath.Join(two, "a/b/x.mp3")) }},
		{"a folder renamed", two, func() error { return os.Rename(filepath.Join(two, "a/b"), filepath.Join(two, "d")) }},
		{"one in the renamed folder", two, func() error { write(t, two, "d/c/last.mp3"); return nil }},
		{"a file removed", one, func() error { return os.Remove(filepath.Join(one, "new.mp3")) }},
		{"a folder removed", one, func() error { return os.RemoveAll(filepath.Join(one, "deep")) }},
		{"the same folder anew", one, func() error { write(t, one, "deep/er/again.mp3"); return nil }},
		{"another in it", one, func() error { write(t, one, "deep/er/and.mp3"); return nil }},
	}
	for _, s := range steps {
		w.drain()
		if err := s.do(); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		w.hears(s.root, s.name)
	}
}

// What is not named any more is not watched; a folder that took the place of
// another is, when it is named again.
func TestSetAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	write(t, one, "a.mp3")
	write(t, two, "a.mp3")
	w := newWatched(t, Options{})
	w.Set([]string{one, two, filepath.Join(dir, "none")})
	w.Set([]string{two})
	write(t, one, "b.mp3")
	write(t, two, "b.mp3")
	w.hears(two, "a new file")
	w.drain()
	if err := os.Rename(two, two+".away"); err != nil {
		t.Fatal(err)
	}
	write(t, two, "other.mp3")
	w.Set([]string{two})
	w.drain()
	write(t, two, "more.mp3")
	w.hears(two, "another folder came in its place")
	for len(w.told) > 0 {
		if got := <-w.told; got == one {
			t.Error("told of what was not to be watched any more")
		}
	}
}

// With too many folders, those that are watched go on being so, and one
// sentence says that not all are.
func TestTooManyFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		write(t, dir, name, "x.mp3")
	}
	w := newWatched(t, Options{Most: 2})
	w.Set([]string{dir})
	write(t, dir, "f/x.mp3")
	w.hears(dir, "a new folder")
	write(t, dir, "g/x.mp3")
	w.hears(dir, "another new folder")
	if n := strings.Count(w.log.String(), "than can be watched"); n != 1 {
		t.Errorf("said %d times: %s", n, w.log)
	}
}

// A watcher can be closed at any time, and used after.
func TestClose(t *testing.T) {
	t.Parallel()
	w := newWatched(t, Options{})
	w.Set([]string{t.TempDir()})
	w.Close()
	w.Close()
	w.Set([]string{t.TempDir()})
}
