package search_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"testing"
	"time"

	"earshot/search"

	"go.uber.org/goleak"
)

// soon is for tests that wait for the disk.
const soon = time.Millisecond

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childFlag {
		os.Exit(child(os.Args[2:]))
	}
	goleak.VerifyTestMain(m)
}

// open opens an index that is closed with the test.
func open(t testing.TB, dir string) *search.Index {
	t.Helper()
	ix, err := search.Open(search.Options{Rest: soon, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ix.Close(); err != nil {
			t.Error(err)
		}
	})
	return ix
}

// build fills an index with documents.
func build(t testing.TB, ix *search.Index, seq uint64, docs []search.Doc) {
	t.Helper()
	if err := ix.Rebuild(context.Background(), seq, every(docs), nil); err != nil {
		t.Fatal(err)
	}
}

func every(docs []search.Doc) iter.Seq2[search.Doc, error] {
	return func(yield func(search.Doc, error) bool) {
		for _, d := range docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// track is a public track with a title, names and tags.
func track(id uint64, title string, names ...string) search.Doc {
	return search.Doc{
		Ref: search.Ref{Kind: search.Track, ID: id}, Owner: 1, Public: true, Title: title, Names: names,
		Created: time.Unix(1_700_000_000, 0), Duration: 200 * time.Second,
	}
}

// ids gives the ids of what a query finds, best first.
func ids(t testing.TB, ix *search.Index, q search.Query) []uint64 {
	t.Helper()
	if q.Most == 0 {
		q.Most = 20
	}
	hits, err := ix.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("search %q: %v", q.Text, err)
	}
	list := []uint64{}
	for _, h := range hits.Items {
		if h.Score <= 0 {
			t.Errorf("%q: hit %d has the score %v", q.Text, h.ID, h.Score)
		}
		list = append(list, h.ID)
	}
	return list
}

// settled waits until everything up to a sequence is on the disk.
func settled(t testing.TB, ix *search.Index, seq uint64) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for ix.Seq() < seq {
		select {
		case <-ix.Persisted():
		case <-deadline:
			t.Fatalf("the index is at %d after ten seconds, not at %d", ix.Seq(), seq)
		}
	}
}

func list(n int, text func(int) string) []search.Doc {
	docs := make([]search.Doc, n)
	for i := range docs {
		docs[i] = track(uint64(i+1), text(i))
	}
	return docs
}

func numbered(i int) string { return fmt.Sprintf("Track number %d", i) }

// TestWritingsAreApart applies changes one after the other: they are found at
// once, and wait for the disk together.
func TestWritingsAreApart(t *testing.T) {
	t.Parallel()
	ix, err := search.Open(search.Options{Rest: time.Hour, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := ix.Rebuild(t.Context(), 1, every(list(3, numbered)), nil); err != nil {
		t.Fatal(err)
	}
	for seq := uint64(10); seq < 30; seq++ {
		if err := ix.Apply(t.Context(), seq, []search.Doc{track(seq, fmt.Sprint("w", seq))}, nil); err != nil {
			t.Fatal(err)
		}
		if got := ids(t, ix, search.Query{Text: fmt.Sprint("w", seq)}); len(got) == 0 || got[0] != seq {
			t.Errorf("document %d is not found: %v", seq, got)
		}
	}
	if ix.Seq() == 29 {
		t.Error("each change is written by itself")
	}
	if err := ix.Close(); err != nil { // within its time
		t.Fatal(err)
	}
}
