package search_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"earshot/search"
)

// smallDisk gives a folder on a file system of its own of 8 MiB, in memory.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("a small file system can't be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestFullDisk: the index goes on answering, says that a Rebuild had no space,
// and catches up when there is some again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	ix, err := search.Open(search.Options{Rest: soon, Dir: filepath.Join(dir, "index")})
	if err != nil {
		t.Fatal(err)
	}
	build(t, ix, 1, list(300, numbered))
	hog, err := os.Create(filepath.Join(dir, "hog"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = hog.Write(make([]byte, 4096))
	}
	if err := hog.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := ix.Rebuild(ctx, 2, every(list(900, numbered)), nil); !errors.Is(err, search.ErrFull) {
		t.Errorf("rebuild: got %v, want %v", err, search.ErrFull)
	}
	// A change is found, though it is not on the disk yet.
	if err := ix.Apply(ctx, 3, []search.Doc{track(1000, "meanwhile")}, nil); err != nil {
		t.Errorf("apply: %v", err)
	}
	if got := ids(t, ix, search.Query{Text: "meanwhile"}); len(got) != 1 {
		t.Errorf("meanwhile: got %v", got)
	}
	time.Sleep(300 * time.Millisecond)
	if ix.Seq() != 1 {
		t.Errorf("on a full disk the index is at %d", ix.Seq())
	}
	if err := os.Remove(hog.Name()); err != nil {
		t.Fatal(err)
	}
	settled(t, ix, 3)
	build(t, ix, 4, list(900, numbered))
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
}
