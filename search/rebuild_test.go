package search

import (
	"errors"
	"iter"
	"testing"
)

// oneDoc gives a document, after something has been done.
func oneDoc(first func()) iter.Seq2[Doc, error] {
	return func(yield func(Doc, error) bool) {
		first()
		yield(Doc{Ref: Ref{Track, 1}, Public: true, Title: "night"}, nil)
	}
}

// TestDamageAtTheEnd: an index whose damage is told of when the last of it has
// just been written is not Fine.
func TestDamageAtTheEnd(t *testing.T) {
	t.Parallel()
	ix, err := Open(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second takes the place of a damaged one
		err := ix.Rebuild(t.Context(), 1, oneDoc(func() {
			v := ix.now
			told := false
			v.signal = func() {
				if !told {
					told = true
					v.breaks(ErrDamaged)
				}
			}
		}), nil)
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("rebuild: %v", err)
		}
		if got := ix.Reason(); got != Damaged {
			t.Errorf("got %v, want %v", got, Damaged)
		}
	}
	if err := ix.Rebuild(t.Context(), 2, oneDoc(func() {}), nil); err != nil || ix.Reason() != Fine {
		t.Errorf("made anew: %v, %v", ix.Reason(), err)
	}
	// A report that comes later still is heard too.
	ix.now.breaks(ErrDamaged)
	ix.now.reason.Store(uint32(Fine))
	if _, err := ix.Search(t.Context(), Query{Text: "night", Most: 1}); !errors.Is(err, ErrDamaged) || ix.Reason() != Damaged {
		t.Errorf("broken: %v, %v", ix.Reason(), err)
	}
	if err := ix.Close(); err != nil {
		t.Error(err)
	}
}

// TestPanicOfDocuments: documents that end in a panic leave nothing behind.
func TestPanicOfDocuments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ix, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	fails := func() {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Error("the panic was lost")
			}
		}()
		_ = ix.Rebuild(t.Context(), 1, oneDoc(func() { panic("no more documents") }), nil)
	}
	for _, want := range []Reason{Missing, Fine} {
		fails()
		if got := ix.Reason(); got != want || ix.next != nil {
			t.Errorf("got %v, want %v; the next is %v", got, want, ix.next)
		}
		if folders, _ := ix.folders(); len(folders) != 1 {
			t.Errorf("left behind: %v", folders)
		}
		if err := ix.Rebuild(t.Context(), 2, oneDoc(func() {}), nil); err != nil {
			t.Error(err)
		}
	}
	if err := ix.Close(); err != nil {
		t.Error(err)
	}
}
