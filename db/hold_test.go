package db

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestADamagedFileIsLetGo opens a database whose list of free pages is spoilt,
// at which bbolt panics with the file mapped and locked: whoever repairs it in
// the same process must get it.
func TestADamagedFileIsLetGo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "earshot.db")
	d, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	h, err := readHead(f)
	if err == nil {
		_, err = f.WriteAt(make([]byte, h.pageSize), int64(h.freelist)*int64(h.pageSize))
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); !errors.Is(err, ErrDamaged) {
		t.Fatalf("opened with %v, want ErrDamaged", err)
	}
	release, err := Hold(path)
	if err != nil {
		t.Fatalf("hold it after that: %v", err)
	}
	release()
}
