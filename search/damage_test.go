package search_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/search"
)

// damages are the ways in which a file rots, or is lost.
var damages = []struct {
	name string
	do   func(r *rand.Rand, path string, b []byte) error
}{
	{"removed", func(_ *rand.Rand, path string, _ []byte) error { return os.Remove(path) }},
	{"emptied", func(_ *rand.Rand, path string, _ []byte) error { return os.Truncate(path, 0) }},
	{"cut", func(r *rand.Rand, path string, b []byte) error { return os.Truncate(path, r.Int64N(int64(len(b)))) }},
	{"half", func(r *rand.Rand, path string, b []byte) error { return os.Truncate(path, int64(len(b)/2)) }},
	{"bit", func(r *rand.Rand, path string, b []byte) error {
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		return os.WriteFile(path, b, 0o600)
	}},
	{"zeros", func(r *rand.Rand, path string, b []byte) error {
		at := r.IntN(len(b)/512+1) * 512
		clear(b[min(at, len(b)):min(at+4096, len(b))])
		return os.WriteFile(path, b, 0o600)
	}},
	{"rubbish", func(r *rand.Rand, path string, b []byte) error {
		at := r.IntN(len(b)/4096+1) * 4096
		for i := at; i < min(at+4096, len(b)); i++ {
			b[i] = byte(r.Uint32())
		}
		return os.WriteFile(path, b, 0o600)
	}},
}

// TestDamagedFiles wants of every damaged index that it can be opened, asked,
// changed and made anew; at worst by the second process that tries.
func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	good := t.TempDir()
	ix, err := search.Open(search.Options{Rest: soon, Dir: good})
	if err != nil {
		t.Fatal(err)
	}
	build(t, ix, 5, list(1000, numbered))
	if err := ix.Apply(t.Context(), 6, []search.Doc{track(2000, "숫자")}, []search.Ref{{Kind: search.Track, ID: 3}}); err != nil {
		t.Fatal(err)
	}
	settled(t, ix, 6)
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	times := 4
	if testing.Short() {
		times = 1
	}
	said := map[string]int{}
	died := 0
	for _, damage := range damages {
		for _, pattern := range []string{"*-*/root.bolt", "*-*/*.zap", "*-*/seq"} {
			for range times {
				dir := t.TempDir()
				if err := os.CopyFS(dir, os.DirFS(good)); err != nil {
					t.Fatal(err)
				}
				files, err := filepath.Glob(filepath.Join(dir, pattern))
				if err != nil || len(files) == 0 {
					t.Fatalf("%s: %v", pattern, err)
				}
				path := files[r.IntN(len(files))]
				b, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := damage.do(r, path, b); err != nil {
					t.Fatal(err)
				}
				for try := range 2 {
					cmd := childCommand(t, "ask", dir)
					var stderr bytes.Buffer
					cmd.Stderr = &stderr
					out, err := cmd.Output()
					if err == nil {
						said[strings.TrimSpace(string(out))]++
						break
					}
					died++
					if try == 1 || !strings.Contains(stderr.String(), "SIGBUS") {
						t.Errorf("%s of %s: %v: %s", damage.name, filepath.Base(path), err, stderr.String())
						break
					}
				}
			}
		}
	}
	t.Logf("opened as %v; the process died %d times", said, died)
}

func TestOpenReasons(t *testing.T) {
	t.Parallel()
	made := func(t *testing.T) (dir, folder string) {
		dir = t.TempDir()
		ix, err := search.Open(search.Options{Rest: soon, Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if ix.Reason() != search.Missing || ix.Seq() != 0 {
			t.Errorf("a new index: %v at %d", ix.Reason(), ix.Seq())
		}
		build(t, ix, 9, list(10, numbered))
		if ix.Reason() != search.Fine || ix.Seq() != 9 {
			t.Errorf("a built index: %v at %d", ix.Reason(), ix.Seq())
		}
		if err := ix.Close(); err != nil {
			t.Fatal(err)
		}
		folders, _ := filepath.Glob(filepath.Join(dir, "*-*"))
		if len(folders) != 1 {
			t.Fatalf("folders: %q", folders)
		}
		return dir, folders[0]
	}
	touch := func(path string) error { return os.WriteFile(path, nil, 0o600) }
	cases := []struct {
		name string
		do   func(dir, folder string) error
		want search.Reason
	}{
		{"nothing", func(string, string) error { return nil }, search.Fine},
		{"folder removed", func(_, folder string) error { return os.RemoveAll(folder) }, search.Missing},
		{"all removed", func(dir, _ string) error { return os.RemoveAll(dir) }, search.Missing},
		{"opening", func(_, folder string) error { return touch(filepath.Join(folder, "opening")) }, search.Damaged},
		{"building", func(_, folder string) error { return touch(filepath.Join(folder, "building")) }, search.Missing},
		{"another version", func(dir, folder string) error {
			return os.Rename(folder, filepath.Join(dir, strings.Repeat("0", 16)+"-1"))
		}, search.Version},
		{"told more than there is", func(_, folder string) error {
			return os.WriteFile(filepath.Join(folder, "seq"), search.SealSeq(10), 0o600)
		}, search.Damaged},
	}
	for _, c := range cases {
		dir, folder := made(t)
		if err := c.do(dir, folder); err != nil {
			t.Fatal(err)
		}
		ix, err := search.Open(search.Options{Rest: soon, Dir: dir})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := ix.Reason(); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
		n, err := ix.Count()
		if want := map[bool]uint64{true: 10}[c.want == search.Fine]; err != nil || n != want {
			t.Errorf("%s: %d documents, %v", c.name, n, err)
		}
		if folders, _ := filepath.Glob(filepath.Join(dir, "*-*")); len(folders) != 1 {
			t.Errorf("%s: left behind %q", c.name, folders)
		}
		if err := ix.Close(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestHistory: an index is used for the database alone that it was made from.
func TestHistory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		history string
		want    search.Reason
	}{
		{"", search.Missing},
		{"one", search.Foreign}, // it does not say what it was made from
		{"one", search.Fine},
		{"", search.Fine},
		{"other", search.Foreign},
		{"one", search.Foreign},
		{strings.Repeat("x", 64), search.Foreign},
		{strings.Repeat("x", 64), search.Fine},
	} {
		ix, err := search.Open(search.Options{Rest: soon, Dir: dir, History: c.history})
		if err != nil {
			t.Fatal(err)
		}
		n, err := ix.Count()
		if want := map[bool]uint64{true: 10}[c.want == search.Fine]; ix.Reason() != c.want || n != want || err != nil {
			t.Errorf("%q: %v, want %v; %d documents, %v", c.history, ix.Reason(), c.want, n, err)
		}
		if c.want != search.Fine {
			build(t, ix, 9, list(10, numbered))
		}
		if err := ix.Close(); err != nil {
			t.Fatal(err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*-*")); len(left) != 1 {
			t.Errorf("%q: left behind %q", c.history, left)
		}
	}
	if _, err := search.Open(search.Options{Rest: soon, Dir: dir, History: strings.Repeat("x", 65)}); err == nil {
		t.Error("a name that is too long was taken")
	}
}

// TestDistrust: what the caller does not trust is made anew, by the next start
// too if it was not before.
func TestDistrust(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	reopened := func(want search.Reason) *search.Index {
		t.Helper()
		ix, err := search.Open(search.Options{Rest: soon, Dir: dir, History: "one"})
		if err != nil {
			t.Fatal(err)
		}
		if ix.Reason() != want {
			t.Errorf("opened as %v, want %v", ix.Reason(), want)
		}
		return ix
	}
	ix := reopened(search.Missing)
	build(t, ix, 9, list(10, numbered))
	if err := ix.Distrust(); err != nil || ix.Reason() != search.Foreign {
		t.Errorf("distrusted: %v, %v", ix.Reason(), err)
	}
	if len(ids(t, ix, search.Query{Text: "number"})) == 0 {
		t.Error("it no longer answers")
	}
	wrong := errors.New("wrong")
	err := ix.Rebuild(t.Context(), 3, func(yield func(search.Doc, error) bool) { yield(search.Doc{}, wrong) }, nil)
	if !errors.Is(err, wrong) || ix.Reason() != search.Foreign {
		t.Errorf("after a failure: %v, %v", ix.Reason(), err)
	}
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	ix = reopened(search.Missing)
	build(t, ix, 9, list(10, numbered))
	if err := errors.Join(ix.Distrust(), ix.Close()); err != nil {
		t.Fatal(err)
	}
	ix = reopened(search.Missing)
	build(t, ix, 9, list(10, numbered))
	if err := ix.Distrust(); err != nil {
		t.Fatal(err)
	}
	build(t, ix, 10, list(10, numbered))
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	ix = reopened(search.Fine)
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	if err := ix.Distrust(); !errors.Is(err, search.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// TestNotTheIndex: what is wrong with the machine leaves the index alone.
func TestNotTheIndex(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ix := open(t, dir)
	build(t, ix, 9, list(10, numbered))
	if _, err := search.Open(search.Options{Rest: soon, Dir: dir}); !errors.Is(err, search.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	if n, err := ix.Count(); n != 10 || err != nil {
		t.Errorf("after a second Open: %d, %v", n, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := search.Open(search.Options{Rest: soon, Dir: file}); err == nil {
		t.Error("a file was opened as a folder")
	}
}

func TestNoRights(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root may do everything")
	}
	dir := t.TempDir()
	ix, err := search.Open(search.Options{Rest: soon, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	build(t, ix, 9, list(10, numbered))
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*-*", "*.zap"))
	for path, mode := range map[string]os.FileMode{files[0]: 0o600, filepath.Dir(files[0]): 0o700} {
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := search.Open(search.Options{Rest: soon, Dir: dir}); !errors.Is(err, os.ErrPermission) {
			t.Errorf("without a right to %s: got %v", path, err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	if again := open(t, dir); again.Reason() != search.Fine {
		t.Errorf("the index was not left alone: %v", again.Reason())
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ix, err := search.Open(search.Options{Rest: soon, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	build(t, ix, 1, []search.Doc{track(1, "first"), track(2, "second")})
	ctx := context.Background()
	if err := ix.Apply(ctx, 2, []search.Doc{track(1, "changed"), track(3, "third")}, []search.Ref{{Kind: search.Track, ID: 2}, {Kind: search.Track, ID: 99}}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"first": "[]", "changed": "[1]", "second": "[]", "third": "[3]"}
	check := func(ix *search.Index) {
		t.Helper()
		for text, want := range want {
			if got := fmt.Sprint(ids(t, ix, search.Query{Text: text})); got != want {
				t.Errorf("%s: got %s, want %s", text, got, want)
			}
		}
		if n, err := ix.Count(); n != 2 || err != nil {
			t.Errorf("count: %d, %v", n, err)
		}
	}
	check(ix)
	settled(t, ix, 2)
	if ix.Size() == 0 {
		t.Error("an index of no size")
	}
	if err := errors.Join(ix.Close(), ix.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := ix.Search(ctx, search.Query{Text: "x"}); !errors.Is(err, search.ErrClosed) {
		t.Errorf("search after close: %v", err)
	}
	if err := ix.Apply(ctx, 3, nil, nil); !errors.Is(err, search.ErrClosed) {
		t.Errorf("apply after close: %v", err)
	}
	if err := ix.Rebuild(ctx, 3, every(nil), nil); !errors.Is(err, search.ErrClosed) {
		t.Errorf("rebuild after close: %v", err)
	}
	again := open(t, dir)
	if again.Reason() != search.Fine || again.Seq() != 2 {
		t.Errorf("opened again: %v at %d", again.Reason(), again.Seq())
	}
	check(again)
}

// TestSeqNeverFalls: changes that are applied in another order than they were
// numbered in leave the index at the highest, also when it is opened again.
func TestSeqNeverFalls(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ix, err := search.Open(search.Options{Rest: soon, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	// A Rebuild alone may end below what was applied to the index that it made.
	err = ix.Rebuild(ctx, 2, func(yield func(search.Doc, error) bool) {
		if err := ix.Apply(ctx, 5, []search.Doc{track(1, "meanwhile")}, nil); err != nil {
			t.Error(err)
		}
		settled(t, ix, 5)
		yield(track(1, "night"), nil)
	}, nil)
	if err != nil || ix.Seq() != 2 {
		t.Errorf("made at %d: %v", ix.Seq(), err)
	}
	for i, seq := range []uint64{9, 7, 8} {
		if err := ix.Apply(ctx, seq, []search.Doc{track(uint64(10+i), "train")}, nil); err != nil {
			t.Fatal(err)
		}
		settled(t, ix, 9)
		if ix.Seq() != 9 {
			t.Errorf("after %d: at %d", seq, ix.Seq())
		}
	}
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir)
	if again.Reason() != search.Fine || again.Seq() != 9 {
		t.Errorf("opened again: %v at %d", again.Reason(), again.Seq())
	}
}

func TestRebuild(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ix := open(t, dir)
	build(t, ix, 1, list(700, numbered))
	ctx, cancel := context.WithCancel(context.Background())
	var steps []uint64
	seen := func(text string) int { return len(ids(t, ix, search.Query{Text: text})) }
	// The old one answers until the new one is complete.
	err := ix.Rebuild(ctx, 2, func(yield func(search.Doc, error) bool) {
		for i := range 650 {
			if i == 400 && (seen("number") == 0 || seen("other") > 0) {
				t.Error("the new index answers too early")
			}
			if i == 500 {
				if err := ix.Apply(ctx, 5, []search.Doc{track(5000, "meanwhile")}, nil); err != nil {
					t.Error(err)
				}
				if seen("meanwhile") != 1 {
					t.Error("what was applied meanwhile is not found")
				}
			}
			if !yield(track(uint64(i+1), "other"), nil) {
				return
			}
		}
	}, func(done uint64) { steps = append(steps, done) })
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(steps); got != "[300 600 650]" {
		t.Errorf("steps: %s", got)
	}
	if n, _ := ix.Count(); n != 650 || ix.Seq() != 2 || seen("number") > 0 || seen("other") == 0 {
		t.Errorf("after: %d documents at %d", n, ix.Seq())
	}
	// What fails leaves nothing behind.
	wrong := errors.New("wrong")
	err = ix.Rebuild(ctx, 3, func(yield func(search.Doc, error) bool) {
		_ = yield(track(1, "x"), nil) && yield(search.Doc{}, wrong)
	}, nil)
	if !errors.Is(err, wrong) {
		t.Errorf("got %v, want %v", err, wrong)
	}
	err = ix.Rebuild(ctx, 3, func(yield func(search.Doc, error) bool) {
		for i := 0; yield(track(uint64(i), "x"), nil); i++ {
			if i == 1000 {
				cancel()
			}
		}
	}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if n, _ := ix.Count(); n != 650 || ix.Seq() != 2 || ix.Reason() != search.Fine {
		t.Errorf("after failures: %d documents at %d, %v", n, ix.Seq(), ix.Reason())
	}
	if folders, _ := filepath.Glob(filepath.Join(dir, "*-*")); len(folders) != 1 {
		t.Errorf("left behind: %q", folders)
	}
}

// TestFirstBuild: where there was no index, the new one answers as far as it
// has come; and closing ends its making.
func TestFirstBuild(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ix, err := search.Open(search.Options{Rest: soon, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	err = ix.Rebuild(context.Background(), 2, func(yield func(search.Doc, error) bool) {
		for i := 0; ; i++ {
			if i == 700 {
				if got := ids(t, ix, search.Query{Text: "number"}); len(got) == 0 {
					t.Error("nothing is found while the first index is made")
				}
				if ix.Reason() != search.Missing {
					t.Errorf("meanwhile: %v", ix.Reason())
				}
				go func() { closed <- ix.Close() }()
			}
			if !yield(track(uint64(i+1), numbered(i)), nil) {
				return
			}
		}
	}, nil)
	if !errors.Is(err, search.ErrClosed) {
		t.Errorf("got %v, want %v", err, search.ErrClosed)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if again := open(t, dir); again.Reason() != search.Missing {
		t.Errorf("an unfinished index opens as %v", again.Reason())
	}
}
