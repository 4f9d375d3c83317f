package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/db"
)

// indexFiles lists the files of the search index, the largest first.
func indexFiles(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, "index"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	size := func(path string) int64 {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	slices.SortStableFunc(files, func(a, b string) int { return int(size(b) - size(a)) })
	return files
}

// TestIndexHeals damages the folder of the index in all ways that were seen:
// the house opens, and soon finds what it found before.
func TestIndexHeals(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keeper := h.keeper()
	mina := h.member("mina")
	for i := range 12 {
		mina.sing(fmt.Sprintf("Harbour %d", i), []string{"public", "private"}[i%2])
	}
	keeper.settled()
	want := found(mina.search("harbour"))
	each := func(change func(path string, b []byte) []byte) func(string) {
		return func(dir string) {
			for _, path := range indexFiles(t, dir) {
				b, err := os.ReadFile(path)
				if err == nil {
					err = os.WriteFile(path, change(path, b), 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	damages := map[string]func(dir string){
		"removed":   func(dir string) { os.RemoveAll(filepath.Join(dir, "index")) },
		"emptied":   each(func(string, []byte) []byte { return nil }),
		"cut":       each(func(_ string, b []byte) []byte { return b[:len(b)/2] }),
		"cut short": each(func(_ string, b []byte) []byte { return b[:max(len(b)-1, 0)] }),
		"garbage":   each(func(_ string, b []byte) []byte { return []byte(strings.Repeat("rubbish ", len(b)/8+1)) }),
		"a file is a folder": func(dir string) {
			path := indexFiles(t, dir)[0]
			os.Remove(path)
			os.Mkdir(path, 0o700)
		},
	}
	for i := range len(indexFiles(t, h.dir)) {
		damages[fmt.Sprintf("file %d removed", i)] = func(dir string) {
			if files := indexFiles(t, dir); i < len(files) {
				os.Remove(files[i])
			}
		}
	}
	for name, damage := range damages {
		if err := h.close(); err != nil {
			t.Fatal(err)
		}
		damage(h.dir)
		h.open()
		for _, p := range []*person{keeper, mina} {
			p.h = h
		}
		began := time.Now()
		mina.finds("harbour", want)
		keeper.settled()
		mina.finds("harbour", want) // also when it was found rotten, and made anew, only now
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
		// It follows on.
		song := mina.sing("Lighthouse", "public")
		mina.finds("lighthouse", "t:Lighthouse")
		mina.delete(track(song)).want(204)
		mina.finds("lighthouse", "")
	}
}

// TestIndexHealsRot flips bits in all files of the index. That may even kill the
// program while it opens them: the next start then knows.
func TestIndexHealsRot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	keeper := p.keeper()
	for i := range 12 {
		keeper.sing(fmt.Sprintf("Harbour %d", i), []string{"public", "private"}[i%2])
	}
	keeper.settled()
	want := found(keeper.search("harbour"))
	finds := func() (string, error) {
		req, err := http.NewRequest("GET", p.url+"/api/search?q=harbour", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+keeper.token)
		res, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
		if err != nil {
			return "", err
		}
		defer res.Body.Close()
		var f wire.Found
		err = json.NewDecoder(res.Body).Decode(&f)
		return found(f), err
	}
	for range 6 {
		p.cmd.Process.Signal(syscall.SIGTERM)
		p.cmd.Wait()
		for _, path := range indexFiles(t, dir) {
			b, err := os.ReadFile(path)
			if err == nil && len(b) > 0 {
				b[rand.IntN(len(b))] ^= 1 << rand.IntN(8)
				err = os.WriteFile(path, b, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		p = start(t, dir)
		deaths := 0
		for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
			got, err := finds()
			if got == want && time.Since(began) > time.Second { // by then the rot is found
				break
			}
			if err != nil && deaths < 3 {
				deaths++
				p.cmd.Process.Kill()
				p.cmd.Wait()
				p = start(t, dir)
			}
			if time.Since(began) > 30*time.Second {
				t.Fatalf("after %d deaths: got %q (%v), want %q; it says %s", deaths, got, err, want, p.out)
			}
		}
	}
}

// TestIndexOfAnOlderCopy puts an older database beside a newer index.
func TestIndexOfAnOlderCopy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keeper := h.keeper()
	mina := h.member("mina")
	mina.sing("Before", "public")
	keeper.settled()
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	copied, err := os.ReadFile(filepath.Join(h.dir, "earshot.db"))
	if err != nil {
		t.Fatal(err)
	}
	h.open()
	mina.sing("Afterwards", "public")
	mina.finds("afterwards", "t:Afterwards")
	keeper.settled()
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.dir, "earshot.db"), copied, 0o600); err != nil {
		t.Fatal(err)
	}
	h.open()
	mina.finds("before", "t:Before")
	mina.finds("afterwards", "")
	mina.sing("Once more", "public")
	mina.finds("once more", "t:Once more")
}

// TestIndexOvertaken puts an older database beside a newer index, and writes
// more than the copy lacks before the index can be made anew.
func TestIndexOvertaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keeper := h.keeper()
	mina := h.member("mina")
	keeper.settled()
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(h.dir, "earshot.db")
	copied, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	h.open()
	for i := range 3 {
		mina.sing(fmt.Sprintf("Lost %d", i), "public")
	}
	mina.finds("lost", "t:Lost 0, t:Lost 1, t:Lost 2")
	keeper.settled()
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, copied, 0o600); err != nil {
		t.Fatal(err)
	}
	h.open()
	var want []string
	for i := range 8 { // while the index is made anew, and further than the old one
		want = append(want, "t:"+mina.sing(fmt.Sprintf("Harbour %d", i), "public").Title)
	}
	h.reopen()
	mina.finds("harbour", strings.Join(want, ", "))
	mina.finds("lost", "")
	keeper.settled()
}

// reindexed runs "earshot reindex" and gives what it prints.
func reindexed(t *testing.T, dir string) string {
	t.Helper()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "reindex", "-data", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("earshot reindex: %v: %s", err, out)
	}
	return string(out)
}

// TestReindex makes the index anew from the command line, of a house that is
// closed and of one that is open, and from the keeper's page.
func TestReindex(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	keeper := p.keeper()
	for i := range 5 {
		keeper.sing(fmt.Sprintf("Harbour %d", i), "public")
	}
	keeper.settled()
	want := found(keeper.search("harbour"))
	ends := func() {
		t.Helper()
		for range 500 {
			if i := as[wire.Index](keeper.get("/api/search/index")); !i.Building && i.Reason == "asked" {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Fatal("the index was not made anew")
	}
	if out := reindexed(t, dir); !strings.Contains(out, "while it serves") {
		t.Errorf("of an open house: got %q", out)
	}
	ends()
	keeper.post("/api/search/index/rebuild", nil).want(204)
	ends()
	if got := found(keeper.search("harbour")); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	p.cmd.Wait()
	if out := reindexed(t, dir); !strings.Contains(out, "was made anew: 6 things") {
		t.Errorf("of a closed house: got %q", out)
	}
	p = start(t, dir)
	keeper = p.person("keeper", keeper.token)
	if got := found(keeper.search("harbour")); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestReindexWhileThingsChange changes things while the index of a large house
// is made anew: they are found at once, and afterwards.
func TestReindexWhileThingsChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	keeper := h.keeper()
	mina := h.member("mina")
	h.change(func(tx *db.Tx) error {
		for i := range 8000 {
			if err := tx.AddPlaylist(db.Playlist{ID: tx.NewID(), User: id(t, keeper.me.ID), Title: fmt.Sprint("Harbour ", i), Slug: fmt.Sprint("harbour-", i)}); err != nil {
				return err
			}
		}
		return nil
	})
	keeper.settled()
	keeper.post("/api/search/index/rebuild", nil).want(204)
	state := func() wire.Index { return as[wire.Index](keeper.get("/api/search/index")) }
	for range 500 {
		if state().Building {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	list := made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: "Lighthouse", Visibility: "public"}))
	mina.finds("lighthouse", "p:Lighthouse")
	if !state().Building {
		t.Error("it was found only when the index was made")
	}
	mina.patch(playlist(list), wire.PlaylistPatch{Title: ptr("Beacon")}).want(200)
	for state().Building {
		time.Sleep(20 * time.Millisecond)
	}
	mina.finds("beacon", "p:Beacon")
	mina.finds("lighthouse", "")
	keeper.settled()
}

// TestKillIndexing kills the program at random moments while things change and
// the index is made anew: afterwards everything that was acknowledged is found.
func TestKillIndexing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, dir)
	keeper := p.keeper()
	rounds := 10
	if testing.Short() {
		rounds = 2
	}
	titles := map[string]string{} // of tracks, by id
	for round := range rounds {
		for i := range 3 {
			song := keeper.sing(fmt.Sprintf("Harbour r%dn%d", round, i), "public")
			titles[song.ID] = song.Title
		}
		if round%2 == 0 {
			keeper.post("/api/search/index/rebuild", nil).want(204)
		}
		for id := range titles {
			title := fmt.Sprintf("Changed r%d %s", round, id)
			keeper.patch("/api/tracks/"+id, wire.TrackPatch{Title: &title}).want(200)
			titles[id] = title
			break
		}
		time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
		p.cmd.Process.Signal(syscall.SIGKILL)
		p.cmd.Wait()
		p = start(t, dir)
		keeper = p.person("keeper", keeper.token)
		keeper.settled()
		for id, title := range titles {
			f := keeper.search(title, "&kind=track")
			if !slices.ContainsFunc(f.Items, func(hit wire.Hit) bool { return hit.Track.ID == id && hit.Track.Title == title }) {
				t.Fatalf("round %d: %q is not found any more", round, title)
			}
		}
	}
}
