package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/app/api/wire"
)

// TestSweepTouchesNothingOfOtherDatabases starts on media that the database
// knows nothing of, as after it was lost or an older copy was put back: the
// files stay, through several starts and new uploads (SAFETY F35).
func TestSweepTouchesNothingOfOtherDatabases(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	mina := h.keeper()
	file := tagged(t, "Song")
	old := mina.upload("old.mp3", file, "public")
	mina.drawn(old.ID)
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	copied, err := os.ReadFile(filepath.Join(h.dir, "earshot.db"))
	if err != nil {
		t.Fatal(err)
	}
	h.open()
	newer := mina.upload("newer.mp3", file, "public")
	mina.drawn(newer.ID)
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.dir, "earshot.db"), copied, 0o600); err != nil {
		t.Fatal(err)
	}
	h.open()
	mina.get("/api/tracks/"+newer.ID).fails(404, "not_found")
	for range 3 {
		mina.drawn(mina.upload("more.mp3", file, "public").ID)
		h.reopen()
	}
	for _, id := range []string{old.ID, newer.ID} {
		got, err := os.ReadFile(filepath.Join(h.dir, "media", "tracks", id, "audio.mp3"))
		if err != nil || !bytes.Equal(got, file) {
			t.Errorf("the audio of %s was swept away: %v", id, err)
		}
	}
	if log := h.log.String(); !strings.Contains(log, "audio that the database knows nothing of") || !strings.Contains(log, "tracks=1") {
		t.Error("the log does not say that there is audio without a track")
	}
	mina.get("/api/tracks/" + old.ID + "/stream.mp4").want(200)
	var list wire.List[wire.Track]
	if mina.get("/api/me/tracks").want(200).into(&list); len(list.Items) != 4 {
		t.Errorf("got %d tracks, want 4", len(list.Items))
	}
}
