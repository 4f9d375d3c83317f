package media

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
)

// What is summed up in one go is what a look at the same file finds later.
func TestSumsOfOneGo(t *testing.T) {
	t.Parallel()
	b := make([]byte, 1<<20)
	rnd := rand.NewChaCha8([32]byte{1})
	_, _ = rnd.Read(b)
	for _, size := range []int{0, 1, 15, 4095, 4096, 4097, 4110, 4111, 4112, 8192, 61440, 65535, 65536, 65550, 65551, 65552, 69631, 69632, 69633, 128 << 10, 128<<10 + 1, 300_000, 999_999, 1 << 20} {
		for _, buf := range []int{0, 1, printSpan, printSpan + 1, 128 << 10, 1 << 20} {
			t.Run(fmt.Sprint(size, " through ", buf), func(t *testing.T) {
				r := bytes.NewReader(b[:size])
				got, err := SumsOf(r, int64(size), make([]byte, buf))
				if err != nil {
					t.Fatal(err)
				}
				print, err := fingerprint(r, int64(size))
				if err != nil || got.print != print {
					t.Errorf("the fingerprint is %x, want %x (%v)", got.print, print, err)
				}
				if got.SHA256 != sha256.Sum256(b[:size]) {
					t.Error("the SHA-256 is wrong")
				}
			})
		}
	}
	if _, err := SumsOf(bytes.NewReader(b), 2<<20, nil); err != nil {
		t.Errorf("a file that became shorter: %v", err)
	}
	if _, err := SumsOf(failing{}, 10, nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a file that can't be read: %v", err)
	}
}

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }
