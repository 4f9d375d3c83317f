package app_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/config"
	"earshot/app/core"
	"earshot/db"
	"earshot/media/mp3/mp3test"
)

// libraryRows of the matrix: what only the keeper has to do with.
func libraryRows() []access {
	return []access{
		//                                                                                 N    U    Fo   O    B    A
		{"GET /api/folders", "", no, 401, 403, 403, 403, 403, 200},
		{"GET /api/folders", "/api/folders?path=/etc", no, 401, 403, 403, 403, 403, 403},
		{"GET /api/libraries", "", no, 401, 403, 403, 403, 403, 200},
		{"POST /api/libraries", "", wire.NewLibrary{Path: "/etc", Visibility: "public"}, 401, 403, 403, 403, 403, 403},
		{"PATCH /api/libraries/{id}", "/api/libraries/{never}", wire.LibraryPatch{}, 401, 403, 403, 403, 403, 404},
		{"DELETE /api/libraries/{id}", "/api/libraries/{never}", no, 401, 403, 403, 403, 403, 404},
	}
}

// shelf is a folder of music outside of the house.
type shelf struct {
	t   testing.TB
	dir string
}

func newShelf(t testing.TB) shelf {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return shelf{t, filepath.Join(dir, "music")}
}

// allowed lets keepers choose in the shelf.
func (s shelf) allowed(c *config.Config) {
	c.Library.Folders, c.Library.Scan = []string{filepath.Dir(s.dir)}, 0
}

func (s shelf) put(name string, b []byte) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// state is what is to stay as it was: of each file and folder its mode, time
// and content.
func (s shelf) state() string {
	s.t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %v %d %v", path, info.Mode(), info.Size(), info.ModTime())
		if info.Mode().IsRegular() {
			file, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %x", sha256.Sum256(file))
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return b.String()
}

// sang builds a few seconds of a tone of its own, with a title.
func sang(title string, line int) []byte {
	f := mp3test.Format{SampleRate: 44100, Bitrate: 128}
	body := slices.Concat(id3Frame("TIT2", append([]byte{3}, title...)), id3Frame("TPE1", append([]byte{3}, "하현우"...)))
	return slices.Concat(mp3test.ID3v2(3, body), f.Build(mp3test.Tones(mp3test.Tone{Line: line, Gain: 190}, 115)...))
}

// library makes the shelf a library and waits until it is read.
func (p *person) library(s shelf, n wire.NewLibrary) wire.Library {
	p.h.t.Helper()
	n.Path = s.dir
	if n.Visibility == "" {
		n.Visibility = "public"
	}
	var l wire.Library
	p.post("/api/libraries", n).want(201).into(&l)
	return p.read(l)
}

// read waits until no import of a library waits or runs.
func (p *person) read(l wire.Library) wire.Library {
	p.h.t.Helper()
	return p.until(l, "it is read", func(l wire.Library) bool {
		return l.Import != nil && l.Import.State != "waiting" && l.Import.State != "running"
	})
}

func (p *person) until(l wire.Library, what string, ok func(wire.Library) bool) wire.Library {
	p.h.t.Helper()
	for range 1200 {
		var list wire.List[wire.Library]
		p.get("/api/libraries").want(200).into(&list)
		for _, now := range list.Items {
			if now.ID == l.ID {
				if l = now; ok(now) {
					return now
				}
			}
		}
		time.Sleep(25 * time.Millisecond)
	}
	p.h.t.Fatalf("%s: still not; the library is %+v, its import %+v", what, l, l.Import)
	return l
}

// titled finds one of the own tracks by its title.
func (p *person) titled(title string) (t wire.Track, ok bool) {
	p.h.t.Helper()
	var list wire.List[wire.Track]
	p.get("/api/me/tracks?limit=100").want(200).into(&list)
	for _, t := range list.Items {
		if t.Title == title {
			return t, true
		}
	}
	return t, false
}

func (p *person) mustHave(title string) wire.Track {
	p.h.t.Helper()
	t, ok := p.titled(title)
	if !ok {
		p.h.t.Fatalf("there is no track %q", title)
	}
	return t
}

// arrives waits until there is a track of that title.
func (p *person) arrives(title string) wire.Track {
	p.h.t.Helper()
	for range 1200 {
		if t, ok := p.titled(title); ok {
			return t
		}
		time.Sleep(25 * time.Millisecond)
	}
	p.h.t.Fatalf("the track %q does not come", title)
	return wire.Track{}
}

// TestLibraryInPlace lives with a library for a while: tracks of it are heard
// like any others, and whatever happens to them, its files stay as they were,
// to the time of their last change.
func TestLibraryInPlace(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	one, two := sang("One", 20), sang("Two", 30)
	s.put("band/album/01 one.mp3", one)
	s.put("band/album/02 two.mp3", two)
	s.put("notes.txt", []byte("not music"))
	before := s.state()
	h := newHouse(t, s.allowed)
	keeper := h.keeper()
	l := keeper.library(s, wire.NewLibrary{})
	if l.Files != 2 || l.Import.Added != 2 || l.Away || l.Path != s.dir || l.User.ID != keeper.me.ID {
		t.Fatalf("the library is %+v, its import %+v", l, l.Import)
	}
	track := keeper.drawn(keeper.mustHave("One").ID)
	at := "/api/tracks/" + track.ID
	if track.Waveform != "ready" || track.Artist != "하현우" {
		t.Errorf("the track is %+v", track)
	}
	for _, path := range h.files() {
		if strings.Contains(path, "audio.") {
			t.Errorf("a copy is in the house: %s", path)
		}
	}
	raw := track.Stream.File
	if got := keeper.get(raw).want(200); !bytes.Equal(got.body, one) {
		t.Error("what is played is not the file")
	}
	if got := keeper.get(raw, "Range", "bytes=100-199").want(206); !bytes.Equal(got.body, one[100:200]) {
		t.Error("a part of it is not that of the file")
	}
	if got := keeper.get(at + "/download").want(200); !bytes.Equal(got.body, one) {
		t.Error("what is downloaded is not the file")
	}
	var me wire.Me
	if keeper.get("/api/me").want(200).into(&me); me.UsedBytes != 0 {
		t.Errorf("it counts against the quota: %d bytes", me.UsedBytes)
	}
	// A quota of one track leaves room for an upload beside the library's two.
	keeper.put("/api/users/"+me.ID+"/quota", wire.QuotaChange{MostTracks: 1, MostBytes: 1_000_000}).want(200)
	up := keeper.upload("three.mp3", sang("Three", 40), "public")
	keeper.post("/api/tracks?name=four.mp3", sang("Four", 50)).fails(403, "quota.tracks")
	keeper.put("/api/users/"+me.ID+"/quota", wire.QuotaChange{}).want(200)

	title := "Renamed"
	keeper.patch(at, wire.TrackPatch{Title: &title}).want(200)
	keeper.put(at+"/picture", artwork(t)).want(200)
	keeper.delete("/api/tracks/" + up.ID).want(204)
	keeper.delete("/api/tracks/" + keeper.mustHave("Two").ID).want(204)
	keeper.post("/api/libraries/"+l.ID+"/scan", nil).want(201)
	if l = keeper.read(l); l.Files != 1 {
		t.Errorf("after a track was deleted: %+v", l)
	}
	if _, ok := keeper.titled("Two"); ok {
		t.Error("a deleted track came back")
	}
	h.reopen()
	if got := keeper.get(raw).want(200); !bytes.Equal(got.body, one) {
		t.Error("after a restart other bytes are played")
	}
	if s.state() != before {
		t.Errorf("the library was\n%snow it is\n%s", before, s.state())
	}
	keeper.delete("/api/libraries/" + l.ID).want(204)
	h.idle(core.JobRemoveLibrary)
	keeper.get(at).want(404)
	keeper.get(raw).want(404)
	keeper.delete("/api/libraries/" + l.ID).want(404)
	if s.state() != before {
		t.Errorf("the library was\n%safter it was removed it is\n%s", before, s.state())
	}
	for _, path := range h.files() {
		if strings.Contains(path, track.ID) {
			t.Errorf("left of the track is %s", path)
		}
	}
	// It can be one again, and all is as new.
	if l := keeper.library(s, wire.NewLibrary{}); l.Files != 2 {
		t.Errorf("again: %+v", l)
	}
}

// A library that is copied leaves its tracks when it is removed.
func TestLibraryCopied(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.put("one.mp3", sang("One", 20))
	h := newHouse(t, s.allowed)
	keeper := h.keeper()
	mina := h.member("mina")
	l := keeper.library(s, wire.NewLibrary{Copy: true, UserID: mina.me.ID, Visibility: "private"})
	track := mina.mustHave("One")
	if track.Visibility != "private" {
		t.Errorf("it is %s", track.Visibility)
	}
	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	mina.get(track.Stream.File).want(200)
	keeper.delete("/api/libraries/" + l.ID).want(204)
	h.idle(core.JobRemoveLibrary)
	mina.get(track.Stream.File).want(200)
}

// TestLibraryRefusals: a library has nothing to do with the house's own folder,
// with other libraries, or with what the settings do not name.
func TestLibraryRefusals(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	top := filepath.Dir(s.dir)
	s.put("in/side/one.mp3", sang("One", 20))
	s.put("beside/two.mp3", sang("Two", 30))
	outside := t.TempDir()
	for link, to := range map[string]string{"out": outside, "etc": "/etc", "loop": filepath.Join(top, "loop"), "same": filepath.Join(s.dir, "in")} {
		if err := os.Symlink(to, filepath.Join(top, link)); err != nil {
			t.Fatal(err)
		}
	}
	h := newHouse(t, s.allowed, func(c *config.Config) { c.Data = filepath.Join(top, "house", "data") })
	keeper, mina := h.keeper(), h.member("mina")
	add := func(path string) answer {
		return keeper.post("/api/libraries", wire.NewLibrary{Path: path, Visibility: "public"})
	}
	in := filepath.Join(s.dir, "in")
	add(in).want(201)
	for _, c := range []struct {
		path   string
		status int
		code   string
	}{
		{"", 400, "folder.empty"},
		{"music", 400, "folder.relative"},
		{"/srv/\x00", 400, "folder.relative"},
		{"/" + strings.Repeat("x/", 2000) + "y", 403, "folder.outside"},
		{"/etc", 403, "folder.outside"},
		{"/", 403, "folder.outside"},
		{outside, 403, "folder.outside"},
		{filepath.Join(s.dir, "../../../../../etc"), 403, "folder.outside"},
		{filepath.Join(top, "out"), 403, "folder.outside"},
		{filepath.Join(top, "etc"), 403, "folder.outside"},
		{filepath.Join(top, "loop"), 404, "folder.missing"},
		{filepath.Join(top, "none"), 404, "folder.missing"},
		{filepath.Join(s.dir, "beside/two.mp3"), 400, "folder.file"},
		{filepath.Join(top, "house", "data"), 400, "library.data"},
		{filepath.Join(top, "house", "data", "media"), 400, "library.data"},
		{filepath.Join(top, "house"), 400, "library.above"},
		{top, 400, "library.above"},
		{in, 409, "library.taken"},
		{in + "/../in/", 409, "library.taken"},
		{filepath.Join(top, "same"), 409, "library.taken"},
		{filepath.Join(in, "side"), 409, "library.inside"},
		{s.dir, 409, "library.around"},
	} {
		if got := add(c.path); got.status != c.status || got.code() != c.code {
			t.Errorf("%q: got %d %s, want %d %s", c.path, got.status, got.code(), c.status, c.code)
		}
	}
	add(filepath.Join(s.dir, "beside")).want(201)
	keeper.post("/api/libraries", wire.NewLibrary{Path: s.dir, Visibility: "public", UserID: "0000000000000"}).want(404)
	keeper.put("/api/users/"+mina.me.ID+"/suspension", nil).want(200)
	s.put("../more/x.mp3", sang("More", 50))
	keeper.post("/api/libraries", wire.NewLibrary{Path: filepath.Join(top, "more"), Visibility: "public", UserID: mina.me.ID}).fails(400, "library.user")
}

// TestFolders: a keeper goes through the folders that the settings name, and no
// others.
func TestFolders(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	top := filepath.Dir(s.dir)
	s.put("a/1.mp3", nil)
	s.put("a/2.FLAC", nil)
	s.put("a/cover.jpg", nil)
	s.put("a/.hidden.mp3", nil)
	s.put(".trash/1.mp3", nil)
	s.put("Ä음악/1.mp3", nil)
	if err := os.Symlink("/etc", filepath.Join(s.dir, "link")); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, func(c *config.Config) {
		c.Library.Folders = []string{top, "/no/such/folder"}
		c.Data = filepath.Join(s.dir, "data")
	})
	keeper := h.keeper()
	look := func(path string) (f wire.Folder) {
		t.Helper()
		keeper.get("/api/folders?path=" + url.QueryEscape(path)).want(200).into(&f)
		return f
	}
	if f := look(""); f.Path != "" || !slices.Equal(f.Folders, []string{top}) {
		t.Errorf("the list: %+v", f)
	}
	if f := look(top); f.Path != top || f.Parent == nil || *f.Parent != "" || !slices.Equal(f.Folders, []string{"music"}) {
		t.Errorf("at the top: %+v", f)
	}
	if f := look(s.dir); f.Parent == nil || *f.Parent != top || !slices.Equal(f.Folders, []string{"a", "Ä음악"}) || f.Audio != 0 {
		t.Errorf("in music: %+v", f)
	}
	if f := look(filepath.Join(s.dir, "a")); f.Audio != 2 || len(f.Folders) != 0 || f.More {
		t.Errorf("in a: %+v", f)
	}
	for path, code := range map[string]string{
		"/": "folder.outside", "/etc": "folder.outside", filepath.Join(s.dir, "link"): "folder.outside", "a": "folder.relative",
		filepath.Join(s.dir, "b"): "folder.missing", filepath.Join(s.dir, "a/1.mp3"): "folder.file", "/no/such/folder/x": "folder.missing",
		filepath.Join(top, "..") + "/x": "folder.outside",
	} {
		if got := keeper.get("/api/folders?path=" + url.QueryEscape(path)); got.code() != code {
			t.Errorf("%s: got %d %s, want %s", path, got.status, got.code(), code)
		}
	}
}

// TestLibraryAway: while its disk is elsewhere nothing of a library is lost,
// and all is there again when it is back.
func TestLibraryAway(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	one := sang("One", 20)
	s.put("one.mp3", one)
	h := newHouse(t, s.allowed, func(c *config.Config) { c.Library.Scan = 150 * time.Millisecond })
	keeper := h.keeper()
	l := keeper.library(s, wire.NewLibrary{})
	track := keeper.drawn(keeper.mustHave("One").ID)
	keeper.post("/api/tracks/"+track.ID+"/comments", wire.NewComment{Text: "hello", PositionMS: 500}).want(201)
	for _, empty := range []bool{false, true} { // what is left in its place
		if err := os.Rename(s.dir, s.dir+".away"); err != nil {
			t.Fatal(err)
		}
		if empty {
			if err := os.Mkdir(s.dir, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		keeper.until(l, "it is away", func(l wire.Library) bool { return l.Away })
		h.closeIdle()
		keeper.get(track.Stream.File).fails(404, "media.missing")
		var now wire.Track
		if keeper.get("/api/tracks/" + track.ID).want(200).into(&now); now.Counts.Comments != 1 || now.Waveform != "ready" {
			t.Errorf("the track is %+v", now)
		}
		h.reopen() // also when the house begins without the disk
		keeper.until(l, "it is away", func(l wire.Library) bool { return l.Away && l.Files == 1 })
		if empty {
			if err := os.Remove(s.dir); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Rename(s.dir+".away", s.dir); err != nil {
			t.Fatal(err)
		}
		keeper.until(l, "it is back", func(l wire.Library) bool { return !l.Away })
		if got := keeper.get(track.Stream.File).want(200); !bytes.Equal(got.body, one) {
			t.Error("when it is back, other bytes are played")
		}
	}
}

// closeIdle waits until what was heard just now is not open any more.
func (h *house) closeIdle() { time.Sleep(2500 * time.Millisecond) }

// TestLibraryWatched: what comes into a watched library becomes a track by
// itself, in folders that come, too; not so where it is not watched.
func TestLibraryWatched(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.put("one.mp3", sang("One", 20))
	h := (&house{cost: 4, quiet: 100 * time.Millisecond}).begin(t, s.allowed)
	keeper := h.keeper()
	l := keeper.library(s, wire.NewLibrary{})
	keeper.mustHave("One")
	on, off := true, false
	keeper.patch("/api/libraries/"+l.ID, wire.LibraryPatch{Watch: &on}).want(200)
	// The watch begins a moment after the answer.
	for i := range 200 {
		s.put(fmt.Sprint("begin/", i, ".txt"), nil)
		if keeper.read(l).Import.ID != l.Import.ID {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.put("new/folder/two.mp3", sang("Two", 30))
	track := keeper.arrives("Two")
	if err := os.Rename(filepath.Join(s.dir, "new"), filepath.Join(s.dir, "other")); err != nil {
		t.Fatal(err)
	}
	s.put("other/folder/three.mp3", sang("Three", 40))
	keeper.arrives("Three")
	keeper.read(l)
	keeper.get(track.Stream.File).want(200)
	keeper.patch("/api/libraries/"+l.ID, wire.LibraryPatch{Watch: &off, Albums: &on, Visibility: ptr("private")}).want(200)
	l = keeper.until(l, "it changed", func(l wire.Library) bool { return !l.Watch && l.Albums && l.Visibility == "private" })
	if got := keeper.mustHave("Two"); got.Visibility != "public" || got.ID != track.ID {
		t.Errorf("the track is %+v", got)
	}
}

// Whoever leaves takes libraries and the tracks in them along; the files stay.
func TestLibraryOfWhoLeaves(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.put("one.mp3", sang("One", 20))
	before := s.state()
	h := newHouse(t, s.allowed)
	keeper, mina := h.keeper(), h.member("mina")
	keeper.library(s, wire.NewLibrary{UserID: mina.me.ID})
	track := mina.mustHave("One")
	keeper.delete("/api/users/" + mina.me.ID).want(204)
	h.idle(core.JobLeave)
	keeper.get("/api/tracks/" + track.ID).want(404)
	var list wire.List[wire.Library]
	if keeper.get("/api/libraries").want(200).into(&list); len(list.Items) != 0 {
		t.Errorf("libraries: %+v", list.Items)
	}
	if s.state() != before {
		t.Error("the files are not as they were")
	}
}

// TestSumsOfOlderTracks: tracks from before are told by their sound after an
// update, and the work goes on where it was when the house was closed.
func TestSumsOfOlderTracks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	want := map[string]string{}
	for i, file := range [][]byte{sang("One", 20), sang("Two", 30), sang("Three", 40)} {
		id := mina.drawn(mina.upload(fmt.Sprint(i, ".mp3"), file, "private").ID).ID
		want[id] = h.soundOf(id)
	}
	if len(want) != 3 || want[""] != "" {
		t.Fatalf("sounds at the upload: %v", want)
	}
	h.app.StopMeasuring()
	h.inDB(func(tx *db.Tx) error {
		for tr, err := range tx.Tracks(0) {
			if err != nil {
				return err
			}
			tr.Audio.Sound = nil
			if err := tx.SetTrack(tr); err != nil {
				return err
			}
		}
		return tx.AddJob(db.Job{ID: tx.NewID(), Kind: db.JobSum, Created: time.Now()})
	})
	h.reopen()
	h.idle(db.JobSum)
	for id, sound := range want {
		if got := h.soundOf(id); got != sound || sound == "" {
			t.Errorf("%s sounds like %q, want %q", id, got, sound)
		}
	}
}

// inDB writes to the database past the rules.
func (h *house) inDB(do func(*db.Tx) error) {
	h.t.Helper()
	if err := h.app.InDB(do); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) soundOf(track string) (sound string) {
	h.t.Helper()
	id, err := db.ParseID(track)
	if err != nil {
		h.t.Fatal(err)
	}
	h.inDB(func(tx *db.Tx) error {
		t, err := tx.Track(id)
		sound = hex.EncodeToString(t.Audio.Sound)
		return err
	})
	return sound
}
