package app_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/db"
)

// TestKillsOfImports kills an open house again and again while it reads one
// library in place and copies another. The database checks clean after each, no
// file becomes two tracks, nothing half-made is left, and in the end all is
// there as if nothing had happened (SAFETY 2.6). EARSHOT_KILLS says how often.
func TestKillsOfImports(t *testing.T) {
	t.Parallel()
	kills := 3
	if n, err := strconv.Atoi(os.Getenv("EARSHOT_KILLS")); err == nil {
		kills = n
	} else if testing.Short() {
		kills = 2
	}
	dir, inPlace, copied := t.TempDir(), t.TempDir(), t.TempDir()
	fill := func(round int) {
		for i := range 40 {
			n := round*40 + i
			s := song{title: fmt.Sprint("Song ", n), album: fmt.Sprint("Album ", n/10), number: n%10 + 1, frames: 20, sound: uint64(n)}
			if n%20 == 0 {
				s.picture = painted(t, 300, 300)
			}
			put(t, inPlace, fmt.Sprintf("%d/%d.mp3", n/10, n), s.bytes())
			s.sound += 1 << 20
			put(t, copied, fmt.Sprintf("%d/%d.mp3", n/10, n), s.bytes())
		}
		old := time.Now().Add(-time.Hour)
		for _, top := range []string{inPlace, copied} {
			files, _ := filepath.Glob(filepath.Join(top, "*", "*.mp3"))
			for _, f := range files {
				if err := os.Chtimes(f, old, old); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	p := start(t, dir)
	k := p.keeper()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	read := func(wanted bool) {
		for _, args := range [][]string{{"-album-as-playlist", inPlace}, {"-album-as-playlist", "-copy", copied}} {
			cmd := exec.CommandContext(t.Context(), path, append([]string{"import", "-data", dir}, args...)...)
			if out, err := cmd.CombinedOutput(); wanted && err != nil {
				t.Errorf("import %q: %v\n%s", args, err, out)
			}
		}
	}
	check := func(round int) {
		d, err := db.Open(filepath.Join(dir, "earshot.db"), db.Options{ReadOnly: true})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		defer d.Close()
		if err := d.Check(context.Background()); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
	}
	for round := range kills {
		fill(round)
		var wg sync.WaitGroup
		wg.Go(func() { read(false) })
		time.Sleep(time.Duration(20+rand.IntN(500)) * time.Millisecond)
		p.cmd.Process.Signal(syscall.SIGKILL)
		p.cmd.Wait()
		wg.Wait()
		check(round)
		p = start(t, dir)
	}
	read(true)
	all := everything[wire.Track](p.person("keeper", k.token), "/api/me/tracks")
	seen, known := map[string]int{}, map[string]bool{}
	for _, tr := range all {
		seen[tr.Title]++
		known[tr.ID] = true
	}
	for n := range kills * 40 {
		if title := fmt.Sprint("Song ", n); seen[title] != 2 {
			t.Errorf("%s is there %d times, want once of each library", title, seen[title])
		}
	}
	folders, _ := filepath.Glob(filepath.Join(dir, "media", "tracks", "*"))
	for _, f := range folders {
		if !known[filepath.Base(f)] {
			t.Errorf("%s is left, and no track has it", f)
		}
	}
	if len(folders) != len(all) {
		t.Errorf("the files of %d tracks are there, and %d tracks", len(folders), len(all))
	}
	albums := everything[wire.Playlist](p.person("keeper", k.token), "/api/me/playlists")
	if len(albums) != 2*kills*4 {
		t.Errorf("%d albums, want %d", len(albums), 2*kills*4)
	}
	for _, a := range albums {
		if a.Tracks != 10 {
			t.Errorf("%s has %d tracks, want 10", a.Title, a.Tracks)
		}
	}
	// What was copied is whole.
	originals := 0
	for _, tr := range all {
		f, err := os.ReadFile(filepath.Join(dir, "media", "tracks", tr.ID, "audio.mp3"))
		if os.IsNotExist(err) {
			continue
		}
		var n int
		fmt.Sscanf(tr.Title, "Song %d", &n)
		want, err2 := os.ReadFile(filepath.Join(copied, fmt.Sprintf("%d/%d.mp3", n/10, n)))
		if err != nil || err2 != nil || !bytes.Equal(f, want) {
			t.Errorf("the copy of %s is another file: %v %v", tr.Title, err, err2)
		}
		originals++
	}
	if originals != kills*40 {
		t.Errorf("%d files were copied, want %d", originals, kills*40)
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.cmd.Wait()
	check(kills)
}
