package app_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/config"
)

// smallDisk gives a folder on a file system of its own, in memory.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a small file system can't be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes the rest of a disk, to the last byte.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, piece := range []int{1 << 20, 4096, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, piece))
		}
	}
}

// TestFullDisk fills the disk below a house, first by uploads and then by
// another program: what needs space is refused with a sentence, everything
// else goes on, and room that is made is used without a new start (SAFETY 2.5).
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, "88m")
	h := newHouse(t, func(c *config.Config) { c.Data = dir })
	k := h.keeper()
	mina, phone, jun := h.member("mina"), h.signIn("mina"), h.member("jun")
	song := tagged(t, "Song")
	first := mina.upload("song.mp3", song, "public")
	hidden := mina.upload("song.mp3", song, "private")
	mina.drawn(first.ID)
	mina.drawn(hidden.ID)
	mina.put("/api/me/picture", artwork(t)).want(200)

	// Uploads stop while others still have 64 MiB.
	long := bytes.Repeat(tone(2000), 5)
	var stored []wire.Track
	for {
		a := mina.post("/api/tracks?name=long.mp3&visibility=public", long)
		if a.status != 201 {
			a.fails(507, "disk.full")
			break
		}
		var tr wire.Track
		a.into(&tr)
		if stored = append(stored, tr); len(stored) > 30 {
			t.Fatal("the disk does not fill up")
		}
	}
	if len(stored) == 0 {
		t.Fatal("nothing could be uploaded at all")
	}
	for _, tr := range stored {
		mina.drawn(tr.ID)
	}
	kept := len(h.files())

	hog := filepath.Join(dir, "hog")
	fill(t, hog)
	settles := func(what string) {
		t.Helper()
		for end := time.Now().Add(5 * time.Second); len(h.files()) != kept && time.Now().Before(end); {
			time.Sleep(20 * time.Millisecond)
		}
		if now := h.files(); len(now) != kept {
			t.Errorf("%s left files: %d before, %d after: %v", what, kept, len(now), now)
		}
	}
	mina.post("/api/tracks?name=song.mp3", song).fails(507, "disk.full")
	mina.put("/api/me/picture", artwork(t)).fails(507, "disk.full")
	mina.put("/api/tracks/"+first.ID+"/picture", artwork(t)).fails(507, "disk.full")
	settles("what was refused")

	// What is written to the database may find room in its file for a while.
	refused := map[string]bool{}
	for i := range 60 {
		for what, a := range map[string]answer{
			"a track's description": mina.patch("/api/tracks/"+stored[i%len(stored)].ID, wire.TrackPatch{Description: ptr(strings.Repeat(fmt.Sprint(i, " "), 1500))}),
			"a bio":                 mina.patch("/api/me", wire.MePatch{Bio: ptr(strings.Repeat(fmt.Sprint(i, " "), 200))}),
			"the house":             k.patch("/api/house", wire.HousePatch{Name: ptr(fmt.Sprint("House ", i))}),
		} {
			switch {
			case a.status == 507 && a.code() == "disk.full":
				refused[what] = true
			case a.status != 200:
				t.Fatalf("%s: got %d %s, want 200 or 507", what, a.status, a.body)
			}
		}
		if len(refused) == 3 {
			break
		}
		fill(t, hog)
	}
	if !refused["a track's description"] {
		t.Errorf("only %v was refused on a full disk", refused)
	}
	for what, a := range map[string]answer{
		"signing in": h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "jun@home.example", Password: password}),
		"signing up": h.visitor().post("/api/auth/sign-up", wire.SignUp{Email: "new@home.example", Password: password, Name: "new"}),
		"a password": jun.put("/api/me/password", wire.PasswordChange{Current: password, New: "another long one"}),
	} {
		if a.status != 507 && a.status/100 != 2 {
			t.Errorf("%s on a full disk: got %d %s, want 507", what, a.status, a.body)
		}
	}

	// Reading and playing go on.
	if !mina.hear(stored[0], 1<<40) {
		t.Error("a play on a full disk does not count")
	}
	for _, path := range []string{
		"/", "/api/stream", "/api/me/tracks", "/api/me/history", "/api/me/sessions", mina.me.URL,
		"/api/tracks/" + first.ID + "/stream.mp4", "/api/tracks/" + first.ID + "/stream.mp3?t=1", "/api/tracks/" + stored[0].ID + "/stream.mp3",
		"/api/tracks/" + first.ID + "/peaks.dat", "/api/tracks/" + first.ID + "/picture/300", "/api/users/" + mina.me.ID + "/picture/100",
	} {
		mina.get(path).want(200)
	}

	// Ending sessions and deleting need no space that is not there.
	mina.delete("/api/me/sessions").want(204)
	phone.get("/api/me").fails(401, "signin.needed")
	k.post("/api/auth/sign-out", nil).want(204)
	k.get("/api/me").fails(401, "signin.needed")
	fill(t, hog)
	mina.delete("/api/tracks/" + hidden.ID).want(204)
	mina.get("/api/tracks/"+hidden.ID).fails(404, "not_found")
	for _, tr := range stored {
		fill(t, hog)
		mina.delete("/api/tracks/" + tr.ID).want(204)
	}
	var list wire.List[wire.Track]
	if mina.get("/api/me/tracks").want(200).into(&list); len(list.Items) != 1 || list.Items[0].ID != first.ID {
		t.Errorf("after deleting all but one: got %d tracks", len(list.Items))
	}

	// Room again: no start is needed.
	if err := os.Remove(hog); err != nil {
		t.Fatal(err)
	}
	again := mina.upload("song.mp3", song, "public")
	if got := mina.drawn(again.ID); got.Waveform != "ready" {
		t.Errorf("with room again, the waveform of an upload is %q", got.Waveform)
	}
	mina.put("/api/me/picture", artwork(t)).want(200)
	mina.patch("/api/me", wire.MePatch{Bio: ptr("room again")}).want(200)
	h.signIn("mina")
	h.reopen()
	mina.get("/api/tracks/" + again.ID + "/stream.mp4").want(200)
	if folders, _ := filepath.Glob(filepath.Join(dir, "media", "tracks", "*")); len(folders) != 2 {
		t.Errorf("the files of %d tracks are there, want those of 2", len(folders))
	}
}
