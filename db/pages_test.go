package db

import (
	"bytes"
	"context"
	"errors"
	"hash/fnv"
	"os"
	"path/filepath"
	"testing"
)

// sign gives both meta pages of a file their checksums, so that the fuzzer gets
// beyond them.
func sign(b []byte, pageSize int) {
	for _, at := range []int{0, pageSize} {
		if len(b) < at+pageHeader+metaSize {
			return
		}
		m := b[at+pageHeader:]
		order.PutUint32(m, metaMagic)
		order.PutUint32(m[4:], metaVersion)
		sum := fnv.New64a()
		sum.Write(m[:56])
		order.PutUint64(m[56:], sum.Sum64())
	}
}

// FuzzPages walks whatever bytes it is given as a file. It has to end, without
// a panic, in little memory.
func FuzzPages(f *testing.F) {
	const pageSize = 1024 // a small one lets the fuzzer reach everything
	page := func(id uint64, flags, count uint16, overflow uint32, rest ...byte) []byte {
		p := make([]byte, pageSize)
		order.PutUint64(p, id)
		order.PutUint16(p[8:], flags)
		order.PutUint16(p[10:], count)
		order.PutUint32(p[12:], overflow)
		copy(p[pageHeader:], rest)
		return p
	}
	meta := func(id uint64) []byte {
		p := page(id, 4, 0, 0)
		order.PutUint32(p[pageHeader+8:], pageSize)
		order.PutUint64(p[pageHeader+16:], 3) // root
		order.PutUint64(p[pageHeader+32:], 2) // freelist
		order.PutUint64(p[pageHeader+40:], 6) // high water
		order.PutUint64(p[pageHeader+48:], id)
		return p
	}
	u32 := func(n ...uint32) (b []byte) {
		for _, n := range n {
			b = order.AppendUint32(b, n)
		}
		return b
	}
	// One bucket, "meta", of a branch with one leaf that holds one key.
	root := append(u32(bucketLeaf, 16, 4, bucketHead), "meta\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	branch := append(u32(16, 1, 5, 0), 'k')
	leaf := append(u32(0, 16, 1, 3), "kval"...)
	file := bytes.Join([][]byte{meta(0), meta(1), page(2, freelistPage, 0, 0), page(3, leafPage, 1, 0, root...),
		page(4, branchPage, 1, 0, branch...), page(5, leafPage, 1, 0, leaf...)}, nil)
	sign(file, pageSize)
	f.Add(file)
	walkAll := func(b []byte, full bool) (values int, err error) {
		heads, err := readHeads(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return 0, err
		}
		for _, h := range heads {
			if h.high > uint64(len(b))/uint64(h.pageSize) || h.root >= h.high || h.freelist >= h.high {
				return 0, ErrDamaged // as readHead does
			}
			w := &pageWalk{ctx: context.Background(), f: bytes.NewReader(b), h: h, full: full,
				each: func(string, []byte, []byte) error { values++; return nil }}
			if err := w.run(); err != nil {
				return values, err
			}
		}
		return values, nil
	}
	if n, err := walkAll(file, true); err != nil || n != 2 {
		f.Fatalf("the seed has %d values: %v", n, err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 64<<10 {
			return
		}
		sign(b, pageSize)
		for _, full := range []bool{false, true} {
			if _, err := walkAll(b, full); err != nil && !errors.Is(err, ErrDamaged) {
				t.Errorf("got %v, want %v", err, ErrDamaged)
			}
		}
	})
}

// TestSkeletonSeesCircles wants a branch that leads back to where it hangs
// refused at open: walking it would never end.
func TestSkeletonSeesCircles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "earshot.db")
	d, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Update(t.Context(), func(tx *Tx) error {
		for range 5000 {
			if err := tx.AddJob(Job{ID: tx.NewID(), Kind: "analyse"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for at := 0; at < len(content); at += os.Getpagesize() {
		p := content[at:]
		if order.Uint16(p[8:]) != branchPage || order.Uint64(p) != uint64(at/os.Getpagesize()) {
			continue
		}
		rotten := bytes.Clone(content)
		copy(rotten[at+pageHeader+8:], p[:8]) // its first child is the page itself
		copied := filepath.Join(t.TempDir(), "earshot.db")
		if err := os.WriteFile(copied, rotten, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Open(copied, Options{})
		if err == nil {
			// The branch may be one that is not in use any more.
			if err := errors.Join(d.Check(t.Context()), d.Close()); err != nil {
				t.Errorf("page %d: opened, and then: %v", at/os.Getpagesize(), err)
			}
			continue
		}
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("page %d: got %v, want %v", at/os.Getpagesize(), err, ErrDamaged)
		}
		tried++
	}
	if tried == 0 {
		t.Error("the file has no branch page to try with")
	}
}
