package app_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app"
	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
	"earshot/media/mp3/mp3test"
)

// song is a file of music as it lies in folders: an mp3 with tags.
type song struct {
	title, artist, album string
	number               int
	sound                uint64 // which sound it is
	frames               int    // 26 ms each; 0 for 3 seconds
	picture              []byte
	words                string // a comment
}

// bytes writes the file.
func (s song) bytes() []byte {
	text := func(id, v string) []byte {
		if v == "" {
			return nil
		}
		return id3Frame(id, append([]byte{3}, v...))
	}
	body := slices.Concat(text("TIT2", s.title), text("TPE1", s.artist), text("TALB", s.album))
	if s.number > 0 {
		body = append(body, text("TRCK", fmt.Sprint(s.number))...)
	}
	if s.words != "" {
		body = append(body, id3Frame("COMM", append([]byte("\x03eng\x00"), s.words...))...)
	}
	if s.picture != nil {
		body = append(body, id3Frame("APIC", slices.Concat([]byte("\x00image/png\x00\x03\x00"), s.picture))...)
	}
	return slices.Concat(mp3test.ID3v2(3, body), sounding(s.sound, cmpOr(s.frames, 115)))
}

func cmpOr(n, other int) int {
	if n == 0 {
		return other
	}
	return n
}

// sounding gives frames of silence that differ from those of any other number:
// in the private bits that decoders pass over.
func sounding(n uint64, frames int) []byte {
	b := slices.Clone(tone(frames))
	binary.BigEndian.PutUint64(b[len(b)-8:], n)
	return b
}

// put writes a file of a folder of music.
func put(t testing.TB, dir, path string, b []byte) {
	t.Helper()
	p := filepath.Join(dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// command does a task as the command line does, and gives what it says.
func (h *house) command(verb string, args ...string) (string, error) {
	h.t.Helper()
	var out strings.Builder
	o := app.Options{Config: h.cfg, Version: "test", HashCost: h.cost, Now: h.now, Pace: h.pace, Quiet: h.quiet, Log: h.app.Log()}
	err := app.Do(h.t.Context(), o, app.Task{Verb: verb, Args: args, Dir: h.t.TempDir()}, &out)
	return out.String(), err
}

// imports has a folder imported by the command line, and gives what it says.
func (h *house) imports(args ...string) string {
	h.t.Helper()
	said, err := h.command("import", args...)
	if err != nil {
		h.t.Fatalf("import %q: %v\n%s", args, err, said)
	}
	return said
}

// says wants words in what was said.
func says(t testing.TB, said string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(said, w) {
			t.Errorf("%q is not in:\n%s", w, said)
		}
	}
}

// mine gives somebody's tracks by title.
func (p *person) mine() map[string]wire.Track {
	p.h.t.Helper()
	all := map[string]wire.Track{}
	for next := ""; ; {
		var list wire.List[wire.Track]
		p.get("/api/me/tracks?limit=100&cursor=" + next).want(200).into(&list)
		for _, t := range list.Items {
			all[t.Title] = t
		}
		if next = list.Next; next == "" {
			return all
		}
	}
}

// whole wants the database of a house to be consistent.
func (h *house) whole() {
	h.t.Helper()
	if err := h.app.Check(context.Background()); err != nil {
		h.t.Errorf("the database: %v", err)
	}
}

func TestFolderBecomesTracks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	dir := t.TempDir()
	put(t, dir, "Mina/Rain/01 one.mp3", song{title: "One", artist: "Mina", album: "Rain", number: 1, sound: 1}.bytes())
	put(t, dir, "Mina/Rain/02 two.mp3", song{title: "Two", artist: "Mina", album: "Rain", number: 2, sound: 2, words: "said"}.bytes())
	put(t, dir, "Mina/Rain/Cover.JPG", painted(t, 64, 64))
	put(t, dir, "loose_song.mp3", sounding(3, 115))
	put(t, dir, "Zoo/twin.mp3", song{title: "Twin", sound: 1}.bytes())
	put(t, dir, "notes.txt", []byte("no audio"))
	put(t, dir, "broken.mp3", []byte("no audio"))
	put(t, dir, ".hidden.mp3", sounding(4, 115))
	put(t, dir, "@eaDir/x.mp3", sounding(5, 115))
	if err := os.Symlink("/etc", filepath.Join(dir, "etc")); err != nil {
		t.Fatal(err)
	}

	if _, err := h.command("import", dir+"/nowhere", dir); err == nil || !strings.Contains(err.Error(), "/nowhere: There is no such folder") {
		t.Errorf("a folder that is not there: %v", err)
	}
	if said := h.imports("-dry-run", dir); !strings.Contains(said, "3 added") || !strings.Contains(said, "1 duplicates, 1 refused") {
		t.Errorf("a dry run says %q", said)
	}
	if n := len(k.mine()); n != 0 {
		t.Errorf("a dry run made %d tracks", n)
	}
	said := h.imports("-album-as-playlist", dir)
	says(t, said, "3 added", "1 duplicates, 1 refused", "broken.mp3: This file is not audio that Earshot knows", "twin.mp3: Its sound is there already")
	mine := k.mine()
	if len(mine) != 3 {
		t.Fatalf("tracks: %v", mine)
	}
	two := mine["Two"]
	if two.Artist != "Mina" || two.Album != "Rain" || two.Description != "said" || two.Visibility != "public" || two.Picture == nil {
		t.Errorf("track from tags: %+v", two)
	}
	if _, ok := mine["loose song"]; !ok {
		t.Errorf("a file without tags is not called by its name: %v", mine)
	}
	var albums wire.List[wire.Playlist]
	k.get("/api/me/playlists?kind=album").want(200).into(&albums)
	if len(albums.Items) != 1 || albums.Items[0].Title != "Rain" || albums.Items[0].Tracks != 2 {
		t.Errorf("albums: %+v", albums.Items)
	}
	// It is heard from where it lies, and drawn.
	k.get("/api/tracks/" + two.ID + "/stream").want(200)
	if k.drawn(two.ID).Waveform != "ready" {
		t.Error("an imported track is not drawn")
	}
	for _, f := range h.files() {
		if strings.Contains(f, "audio.") {
			t.Errorf("%s was copied", f)
		}
	}

	// A second time changes nothing, and tells the same.
	again := h.imports("-album-as-playlist", dir)
	says(t, again, "0 added, 3 the same, 1 duplicates, 1 refused", "broken.mp3: This file is not audio that Earshot knows")
	h.whole()
}

func TestMovedFilesKeepTheirComments(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	dir := t.TempDir()
	put(t, dir, "a/one.mp3", song{title: "One", sound: 1}.bytes())
	put(t, dir, "a/two.mp3", song{title: "Two", sound: 2}.bytes())
	put(t, dir, "a/three.mp3", song{title: "Three", sound: 3}.bytes())
	h.imports(dir)
	one, two := k.mine()["One"], k.mine()["Two"]
	k.post("/api/tracks/"+one.ID+"/comments", wire.NewComment{Text: "stays"}).want(201)

	rename := func(from, to string) {
		t.Helper()
		p := filepath.Join(dir, to)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, from), p); err != nil {
			t.Fatal(err)
		}
	}
	rename("a/one.mp3", "b/eins.mp3")
	// Two that change places.
	rename("a/two.mp3", "swap")
	rename("a/three.mp3", "a/two.mp3")
	rename("swap", "a/three.mp3")
	says(t, h.imports(dir), "0 added", "3 moved")
	if mine := k.mine(); len(mine) != 3 || mine["One"].ID != one.ID || mine["Two"].ID != two.ID {
		t.Errorf("after moving: %v", mine)
	}
	var comments wire.List[wire.Comment]
	k.get("/api/tracks/" + one.ID + "/comments").want(200).into(&comments)
	if len(comments.Items) != 1 {
		t.Errorf("comments after moving: %v", comments.Items)
	}
	for _, id := range []string{one.ID, two.ID} {
		k.get("/api/tracks/" + id + "/stream").want(200)
	}
	says(t, h.imports(dir), "0 added, 3 the same.")

	// Gone, and back.
	rename("b/eins.mp3", "../"+filepath.Base(dir)+".away")
	says(t, h.imports(dir), "2 the same, 1 missing")
	k.get("/api/tracks/"+one.ID+"/stream").fails(404, "media.missing")
	rename("../"+filepath.Base(dir)+".away", "c/uno.mp3")
	says(t, h.imports(dir), "1 moved")
	k.get("/api/tracks/" + one.ID + "/stream").want(200)
	h.whole()
}

func TestChangedFiles(t *testing.T) {
	t.Parallel()
	c := newClock(time.Now())
	h := (&house{cost: 4, now: c.now}).begin(t)
	k := h.keeper()
	dir := t.TempDir()
	file := func(name string, s song) {
		t.Helper()
		put(t, dir, name, s.bytes())
		later := time.Now().Add(time.Duration(s.number) * time.Second)
		if err := os.Chtimes(filepath.Join(dir, name), later, later); err != nil {
			t.Fatal(err)
		}
	}
	file("tags.mp3", song{title: "Tags", sound: 1, number: 1})
	file("owned.mp3", song{title: "Owned", sound: 2, number: 1})
	file("mix.mp3", song{title: "Mix", sound: 3, number: 1})
	file("other.mp3", song{title: "Other", sound: 4, number: 1})
	h.imports(dir)
	was := k.mine()
	c.jump(time.Hour)
	k.patch("/api/tracks/"+was["Owned"].ID, wire.TrackPatch{Title: ptr("Mine")}).want(200)
	c.jump(time.Hour)
	file("tags.mp3", song{title: "New tags", artist: "Mina", sound: 1, number: 2})
	file("owned.mp3", song{title: "Not taken", artist: "Mina", sound: 2, number: 2})
	file("mix.mp3", song{title: "Remix", sound: 5, number: 2})                  // of the same length
	file("other.mp3", song{title: "Another", sound: 6, frames: 800, number: 2}) // of another
	says(t, h.imports(dir), "1 added, 0 the same, 3 changed")
	is := k.mine()
	for title, id := range map[string]string{"New tags": was["Tags"].ID, "Mine": was["Owned"].ID, "Remix": was["Mix"].ID, "Other": was["Other"].ID} {
		if is[title].ID != id {
			t.Errorf("%s is track %q, want %s; all: %v", title, is[title].ID, id, is)
		}
	}
	for _, title := range []string{"New tags", "Mine", "Remix", "Another"} {
		k.get("/api/tracks/" + is[title].ID + "/stream").want(200)
	}
	k.get("/api/tracks/"+is["Other"].ID+"/stream").fails(404, "media.missing")
	says(t, h.imports(dir), "0 added, 4 the same.")
	h.whole()
}

func TestRemovedTracksDoNotComeBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	dir := t.TempDir()
	put(t, dir, "one.mp3", song{title: "One", sound: 1}.bytes())
	put(t, dir, "two.mp3", song{title: "Two", sound: 2}.bytes())
	h.imports("-copy", dir)
	for title, tr := range k.mine() {
		if title == "One" {
			k.delete("/api/tracks/" + tr.ID).want(204)
		}
	}
	says(t, h.imports(dir), "0 added, 2 the same.")
	if n := len(k.mine()); n != 1 {
		t.Errorf("%d tracks, want 1", n)
	}
	// What was copied needs the folder no more.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	k.get("/api/tracks/" + k.mine()["Two"].ID + "/stream").want(200)
	said, err := h.command("import", dir)
	if err == nil {
		t.Errorf("a folder that is gone is imported: %s", said)
	}
	h.whole()
}

func TestImportTellsNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k, mina := h.keeper(), h.member("mina")
	mina.put("/api/users/"+k.me.ID+"/follow", nil).want(200)
	song0 := k.upload("mine.mp3", song{title: "Uploaded", sound: 99}.bytes(), "public")
	dir := t.TempDir()
	for i := range 5 {
		put(t, dir, fmt.Sprintf("%d.mp3", i), song{title: fmt.Sprint("Song ", i), sound: uint64(i)}.bytes())
	}
	h.imports(dir)
	var stream wire.List[wire.Track]
	mina.get("/api/stream").want(200).into(&stream)
	if len(stream.Items) != 6 || stream.Items[0].ID != song0.ID {
		t.Errorf("what is new does not come before what was there: %d tracks", len(stream.Items))
	}
	if n, err := h.app.Waiting(t.Context(), core.JobAnnounce); n != 0 || err != nil {
		t.Errorf("%d announcements wait: %v", n, err)
	}
	var after wire.Notifications
	mina.get("/api/me/notifications").into(&after)
	for _, n := range after.Items {
		if n.Track != nil && n.Track.ID != song0.ID {
			t.Errorf("mina is told of an imported track: %+v", n)
		}
	}
}

func TestListOfTracks(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	h := newHouse(t)
	k, mina := h.keeper(), h.member("mina")
	put(t, root, "one.mp3", sounding(1, 115))
	put(t, root, "sub/two.mp3", sounding(2, 115))
	put(t, root, "cover.png", painted(t, 32, 32))
	csv := "title,artist,description,tags,image,file,user\n" +
		"First,Somebody,About it,\"a, b\",cover.png,one.mp3,\n" +
		"Second,,,,,sub/two.mp3,mina\n" +
		"Third,,,,,missing.mp3,\n" +
		"Fourth,,,,,one.mp3,nobody-here\n" +
		"First again,,,,,one.mp3,\n"
	put(t, root, "list.csv", []byte(csv))
	said := h.imports("-csv", filepath.Join(root, "list.csv"), "-dry-run")
	says(t, said, "Would read", "2 added, 1 the same, 2 refused", "line 4", "line 5", "nobody called")
	if n := len(k.mine()) + len(mina.mine()); n != 0 {
		t.Errorf("a dry run made %d tracks", n)
	}
	said = h.imports("-csv", filepath.Join(root, "list.csv"))
	says(t, said, "2 added, 1 the same, 2 refused", "line 4", "line 5", "nobody called")
	first := k.mine()["First"]
	if first.Artist != "Somebody" || first.Description != "About it" || len(first.Tags) != 2 || first.Picture == nil {
		t.Errorf("from a row: %+v", first)
	}
	if _, ok := mina.mine()["Second"]; !ok {
		t.Errorf("mina has %v", mina.mine())
	}
	says(t, h.imports("-csv", filepath.Join(root, "list.csv")), "0 added, 3 the same, 2 refused")
	says(t, h.imports("-csv", filepath.Join(root, "list.csv"), "-dry-run"), "0 added, 3 the same, 2 refused")
	h.whole()
}

func TestYTDLPFolder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	dir := t.TempDir()
	put(t, dir, "A set [x1].mp3", sounding(1, 400))
	put(t, dir, "A set [x1].jpg", painted(t, 32, 32))
	put(t, dir, "A set [x1].info.json", []byte(`{"id":"x1","title":"A set","uploader":"Mina","description":"Long ago","tags":["House","deep house"],
		"upload_date":"20190405","extractor":"soundcloud","webpage_url":"https://example.org/x1",
		"comments":[{"id":"1","author":"Jun","text":"here","timestamp":1554422400,"parent":"root"},
		{"id":"2","author":"Sora","text":"at 0:04 it begins","timestamp":1554422500,"parent":"root"}]}`))
	said := h.imports(dir)
	says(t, said, "1 added", "2 comments")
	tr := k.mine()["A set"]
	if tr.Artist != "Mina" || tr.Description != "Long ago" || len(tr.Tags) != 2 || tr.Created.Year() != 2019 || tr.Picture == nil {
		t.Errorf("from the notes beside it: %+v", tr)
	}
	var comments wire.List[wire.Comment]
	k.get("/api/tracks/" + tr.ID + "/comments?order=newest").want(200).into(&comments)
	if len(comments.Items) != 2 || comments.Items[0].Guest == "" {
		t.Errorf("comments: %+v", comments.Items)
	}
	k.get("/api/tracks/" + tr.ID + "/comments/marks").want(200)
	k.delete("/api/comments/" + comments.Items[0].ID).want(204)
	says(t, h.imports(dir), "0 added, 1 the same.")
	h.whole()
	k.delete("/api/tracks/" + tr.ID).want(204)
	h.reopen()
	h.whole()
}

func TestImportsInTheKeepersRoom(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	h := newHouse(t)
	k, mina := h.keeper(), h.member("mina")
	put(t, root, "one.mp3", song{title: "One", sound: 1}.bytes())
	put(t, root, "bad.mp3", []byte("bad"))
	h.imports("-as", "mina", "-visibility", "private", root)
	var list wire.List[wire.Import]
	k.get("/api/imports").want(200).into(&list)
	if len(list.Items) != 1 || list.Items[0].State != "done" || list.Items[0].Added != 1 || list.Items[0].Refused != 1 {
		t.Fatalf("imports: %+v", list.Items)
	}
	id := list.Items[0].ID
	var problems wire.List[wire.Problem]
	k.get("/api/imports/" + id + "/problems").want(200).into(&problems)
	if len(problems.Items) != 1 || problems.Items[0].Path != "bad.mp3" || problems.Items[0].Code != "upload.not_audio" {
		t.Errorf("problems: %+v", problems.Items)
	}
	if one := mina.mine()["One"]; one.Visibility != "private" {
		t.Errorf("mina's track: %+v", one)
	}
	var scan wire.Import
	k.post("/api/libraries/"+list.Items[0].LibraryID+"/scan", nil).want(201).into(&scan)
	if scan.LibraryID != list.Items[0].LibraryID {
		t.Errorf("scan: %+v", scan)
	}
	k.delete("/api/imports/" + scan.ID).want(204)
	k.delete("/api/imports/" + id).want(204)
	k.post("/api/imports", wire.NewImport{Folder: root, CSV: base64.StdEncoding.EncodeToString([]byte("a"))}).fails(403, "folder.outside")
	mina.get("/api/imports/"+id).fails(403, "forbidden")
}

func TestImportGoesOnWhereItEnded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	dir := t.TempDir()
	const many = 300
	for i := range many {
		put(t, dir, fmt.Sprintf("%d/%03d.mp3", i/20, i), song{title: fmt.Sprint("Song ", i), album: fmt.Sprint("Album ", i/20), number: i%20 + 1, sound: uint64(i), frames: 20}.bytes())
	}
	// Stopped by whoever asked for it, at any moment.
	for stop := 1; ; stop++ {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(stop*40)*time.Millisecond)
		var out strings.Builder
		err := app.Do(ctx, app.Options{Config: h.cfg, Quiet: h.quiet, Log: h.app.Log()}, app.Task{Verb: "import", Args: []string{"-album-as-playlist", dir}, Dir: dir}, &out)
		cancel()
		if err == nil {
			break
		}
		if !strings.Contains(err.Error(), "stopped") && !strings.Contains(err.Error(), "takes no commands") { // it has just been opened
			t.Fatal(err)
		}
		if stop%2 == 0 {
			h.reopen()
		}
	}
	says(t, h.imports(dir), "300 the same.")
	if n := len(k.mine()); n != many {
		t.Errorf("%d tracks, want %d", n, many)
	}
	var albums wire.List[wire.Playlist]
	k.get("/api/me/playlists?kind=album&limit=100").want(200).into(&albums)
	if len(albums.Items) != many/20 {
		t.Errorf("%d albums, want %d", len(albums.Items), many/20)
	}
	for _, a := range albums.Items {
		if a.Tracks != 20 {
			t.Errorf("%s has %d tracks", a.Title, a.Tracks)
		}
	}
	h.whole()
}

var _ = db.Public

// On a terminal a bar shows how far a closed house is, and no log breaks it.
func TestTheBarHasItsLine(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	dir := t.TempDir()
	put(t, dir, "one.mp3", song{title: "One", sound: 1}.bytes())
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	for _, columns := range []int{80, 0} {
		var out, log strings.Builder
		o := app.Options{Config: h.cfg, Quiet: h.quiet, Log: slog.New(slog.NewTextHandler(&log, nil))}
		task := app.Task{Verb: "import", Args: []string{dir}, Dir: dir, Terminal: columns}
		if err := app.Do(t.Context(), o, task, &out); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "[") != (columns > 0) || (log.Len() == 0) != (columns > 0) {
			t.Errorf("with %d columns it says %q and logs %q", columns, out.String(), log.String())
		}
	}
	h.open()
}
