package app_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"earshot/app/config"
)

// TestRestoreDrill loses the whole database and puts the newest backup in its
// place, as the README says to.
func TestRestoreDrill(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.Backups.Every, c.Backups.Keep = 500*time.Millisecond, 2 })
	mina := h.keeper()
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	mina.drawn(track.ID)
	began := time.Now()
	var list []string
	for end := began.Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		list, _ = filepath.Glob(filepath.Join(h.dir, "backups", "*.db"))
		if len(list) > 2 {
			// Between a new copy and the thinning there may be one more.
			time.Sleep(100 * time.Millisecond)
			list, _ = filepath.Glob(filepath.Join(h.dir, "backups", "*.db"))
		}
		if len(list) == 2 && time.Since(began) > 4*time.Second {
			break
		}
	}
	if len(list) != 2 {
		t.Fatalf("after a while there are the backups %v, want the newest 2", list)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	newest, err := os.ReadFile(list[1])
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(list[1]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a backup has mode %v, want 0600 (%v)", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(h.dir, "earshot.db"), newest, 0o600); err != nil {
		t.Fatal(err)
	}
	h.open()
	mina.get("/api/me").want(200)
	mina.get("/api/tracks/" + track.ID + "/stream.mp4").want(200)
	if got := mina.drawn(track.ID); got.Waveform != "ready" || got.Peaks == "" {
		t.Errorf("after the restore the waveform is %q", got.Waveform)
	}
}
