package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/app/config"
)

// TestImportOnAFullDisk copies a library into a house whose disk fills up: the
// import says so, leaves nothing half-made, and goes on when there is room.
func TestImportOnAFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "90m")
	h := newHouse(t, func(c *config.Config) { c.Data = disk })
	k := h.keeper()
	h.app.StopMeasuring() // waveforms take their time, and room
	dir := t.TempDir()
	const many = 20
	for i := range many {
		put(t, dir, fmt.Sprintf("%02d.mp3", i), song{title: fmt.Sprint("Song ", i), sound: uint64(i), frames: 6000}.bytes())
	}
	hog := filepath.Join(disk, "hog") // the house leaves 64 MiB to others
	if err := os.WriteFile(hog, make([]byte, 12<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	before := len(h.files())
	said, err := h.command("import", "-copy", dir)
	if err == nil || !strings.Contains(err.Error(), "disk") {
		t.Fatalf("on a full disk: %v\n%s", err, said)
	}
	t.Log(err)
	some := len(k.mine())
	if some == many {
		t.Fatal("all had room")
	}
	audio := 0
	for _, f := range h.files() {
		if strings.Contains(f, "audio.") {
			audio++
		}
	}
	if audio != some {
		t.Errorf("%d files are there, and %d tracks; %d before", audio, some, before)
	}
	h.whole()
	if err := os.Remove(hog); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"18.mp3", "19.mp3"} { // for which there is none still
		if err := os.Remove(filepath.Join(dir, f)); err != nil {
			t.Fatal(err)
		}
	}
	said, err = h.command("import", dir)
	if now := len(k.mine()); now <= some {
		t.Errorf("with room again: %d tracks, %d before; %v\n%s", now, some, err, said)
	}
	h.whole()
}
