package search_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/search"
)

// childFlag makes the test binary do one of the tasks below instead of testing,
// so that it can be killed.
const childFlag = "-earshot-child"

func child(args []string) int {
	tasks := map[string]func(dir string) error{"apply": childApply, "rebuild": childRebuild, "ask": childAsk}
	if err := tasks[args[0]](args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func childCommand(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(self, append([]string{childFlag}, args...)...)
}

// childApply puts one document in for every sequence, for ever, and says which
// are on the disk.
func childApply(dir string) error {
	ix, err := search.Open(search.Options{Rest: soon, Dir: dir})
	if err != nil {
		return err
	}
	ctx := context.Background()
	if ix.Reason() != search.Fine {
		if err := ix.Rebuild(ctx, 0, every(nil), nil); err != nil {
			return err
		}
	}
	go func() {
		for range ix.Persisted() {
			fmt.Println(ix.Seq())
		}
	}()
	for seq := ix.Seq() + 1; ; seq++ {
		if err := ix.Apply(ctx, seq, []search.Doc{track(seq, fmt.Sprint("w", seq))}, nil); err != nil {
			return err
		}
	}
}

// childRebuild makes the index anew for ever, with a document more each time,
// and says how many there are as soon as a Rebuild is done.
func childRebuild(dir string) error {
	ix, err := search.Open(search.Options{Rest: soon, Dir: dir})
	if err != nil {
		return err
	}
	for seq := ix.Seq() + 1; ; seq++ {
		if err := ix.Rebuild(context.Background(), seq, every(list(700+int(seq), numbered)), nil); err != nil {
			return err
		}
		fmt.Println(seq)
	}
}

// childAsk opens an index that may be damaged, asks it, changes it, and makes
// it anew. It says the reason that it was opened with.
func childAsk(dir string) error {
	ix, err := search.Open(search.Options{Rest: soon, Dir: dir})
	if err != nil {
		return err
	}
	reason := ix.Reason()
	ctx := context.Background()
	for _, text := range []string{"track", "number 17", "nmuber", "a", "숫자"} {
		hits, err := ix.Search(ctx, search.Query{Text: text, Typing: true, Most: 50, Created: [2]time.Time{time.Unix(1, 0)}})
		if errors.Is(err, search.ErrDamaged) {
			if ix.Reason() != search.Damaged {
				return fmt.Errorf("%v, but the reason is %v", err, ix.Reason())
			}
			continue
		}
		if err != nil {
			return err
		}
		if reason != search.Fine && hits.Total > 0 {
			return fmt.Errorf("an index that begins empty finds %d", hits.Total)
		}
	}
	err = ix.Apply(ctx, 100_000, []search.Doc{track(1, "another")}, []search.Ref{{Kind: search.Track, ID: 2}})
	if err != nil && !errors.Is(err, search.ErrDamaged) {
		return err
	}
	if err := ix.Rebuild(ctx, 7, every(list(50, numbered)), nil); err != nil {
		return err
	}
	hits, err := ix.Search(ctx, search.Query{Text: "track"})
	if err != nil || hits.Total != 50 || ix.Reason() != search.Fine || ix.Seq() != 7 {
		return fmt.Errorf("made anew: %d hits, %v, %v, %d", hits.Total, err, ix.Reason(), ix.Seq())
	}
	if err := ix.Close(); err != nil {
		return err
	}
	fmt.Println(reason)
	return nil
}

// killed runs a child until it is killed after a while, and gives the whole
// lines that it said.
func killed(t *testing.T, after time.Duration, args ...string) []string {
	t.Helper()
	cmd := childCommand(t, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	if stderr.Len() > 0 {
		t.Errorf("the child said: %s", stderr.String())
	}
	text := stdout.String()
	text = text[:strings.LastIndexByte(text, '\n')+1]
	var lines []string
	for scanner := bufio.NewScanner(strings.NewReader(text)); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	return lines
}

func cycles() int {
	if testing.Short() {
		return 3
	}
	return 12
}

func TestPersistedDocumentsSurviveKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var told uint64
	for range cycles() {
		for _, line := range killed(t, time.Duration(150+rand.IntN(600))*time.Millisecond, "apply", dir) {
			if _, err := fmt.Sscan(line, &told); err != nil {
				t.Fatal(err)
			}
		}
		ix, err := search.Open(search.Options{Rest: soon, Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if told > 0 && ix.Reason() != search.Fine {
			t.Errorf("after a kill the index is %v", ix.Reason())
		}
		if ix.Seq() < told {
			t.Errorf("the index is at %d, though it said %d", ix.Seq(), told)
		}
		if n, err := ix.Count(); err != nil || n != ix.Seq() {
			t.Errorf("at %d there are %d documents: %v", ix.Seq(), n, err)
		}
		for seq := uint64(1); seq <= told; seq += 1 + told/50 {
			if got := ids(t, ix, search.Query{Text: fmt.Sprint("w", seq)}); len(got) == 0 || got[0] != seq {
				t.Errorf("document %d was on the disk: got %v", seq, got)
			}
		}
		if err := ix.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d changes were on the disk", told)
	if told == 0 {
		t.Error("no child had time to write anything")
	}
}

func TestRebuildSurvivesKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var told uint64
	for range cycles() {
		for _, line := range killed(t, time.Duration(200+rand.IntN(1000))*time.Millisecond, "rebuild", dir) {
			if _, err := fmt.Sscan(line, &told); err != nil {
				t.Fatal(err)
			}
		}
		ix, err := search.Open(search.Options{Rest: soon, Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		n, err := ix.Count()
		switch {
		case err != nil:
			t.Error(err)
		case ix.Reason() == search.Fine && (n != 700+ix.Seq() || ix.Seq() < told):
			t.Errorf("the index is fine with %d documents at %d, after %d was told", n, ix.Seq(), told)
		case ix.Reason() != search.Fine && (told > 0 || n > 0):
			t.Errorf("the index is %v with %d documents, after %d was told", ix.Reason(), n, told)
		}
		if err := ix.Close(); err != nil {
			t.Fatal(err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*-*")); len(left) != 1 {
			t.Errorf("left behind: %q", left)
		}
	}
	t.Logf("%d rebuilds were done", told)
}
