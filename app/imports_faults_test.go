package app_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/korean"

	"earshot/app/api/wire"
)

// TestFilesBeingWrittenWait looks through a library into which a file is being
// copied: it is left until nothing was written to it for a while.
func TestFilesBeingWrittenWait(t *testing.T) {
	t.Parallel()
	h := (&house{cost: 4, quiet: 2 * time.Second}).begin(t)
	k := h.keeper()
	dir := t.TempDir()
	whole := song{title: "Whole", sound: 1, frames: 2000}.bytes()
	old := time.Now().Add(-time.Hour)
	put(t, dir, "there.mp3", song{title: "There", sound: 2}.bytes())
	if err := os.Chtimes(filepath.Join(dir, "there.mp3"), old, old); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "whole.mp3"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	half := len(whole) / 2
	if _, err := f.Write(whole[:half]); err != nil {
		t.Fatal(err)
	}
	end := make(chan struct{})
	var copying sync.WaitGroup
	copying.Go(func() {
		for at := half; at < len(whole); at++ {
			select {
			case <-end:
				f.Write(whole[at:])
				f.Chmod(0o600)
				if f.Close() == nil {
					os.Chtimes(filepath.Join(dir, "whole.mp3"), old, old) // as cp -p does
				}
				return
			case <-time.After(20 * time.Millisecond):
				f.Write(whole[at : at+1])
			}
		}
	})
	said := h.imports(dir)
	close(end)
	copying.Wait()
	says(t, said, "1 added", "1 refused", "whole.mp3: This file is still being written. It is taken the next time.")
	if mine := k.mine(); len(mine) != 1 {
		t.Errorf("half a file became a track: %v", mine)
	}
	says(t, h.imports(dir), "1 added, 1 the same.")
	if got := k.mine()["Whole"]; got.DurationMS < 50_000 {
		t.Errorf("the track is %d ms long", got.DurationMS)
	}
	h.whole()
}

func TestListsMakePlaylists(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k, mina := h.keeper(), h.member("mina")
	dir := t.TempDir()
	list := "file,title,album,playlist,user,visibility\n"
	for i, row := range []string{
		"A,LP,Best of,,", "B,LP,,,", "C,,Best  OF,,", "D,Single,Best of,mina,private", "E,,Best of,mina,private", "A again,LP,,,",
	} {
		sound := uint64(i)
		if strings.HasPrefix(row, "A again") {
			sound = 0
		}
		put(t, dir, fmt.Sprintf("%d.mp3", i), sounding(sound, 60))
		list += fmt.Sprintf("%d.mp3,%s\n", i, row)
	}
	put(t, dir, "list.csv", []byte(list))
	titles := func(p *person, kind string) map[string]string {
		var all wire.List[wire.Playlist]
		p.get("/api/me/playlists?kind=" + kind).want(200).into(&all)
		got := map[string]string{}
		for _, l := range all.Items {
			var tracks wire.List[wire.Track]
			p.get("/api/playlists/" + l.ID + "/tracks").want(200).into(&tracks)
			for _, tr := range tracks.Items {
				got[l.Title+" "+l.Visibility] += tr.Title
			}
		}
		return got
	}
	for range 2 { // the second time changes nothing
		h.imports("-album-as-playlist", "-csv", filepath.Join(dir, "list.csv"))
		for _, c := range []struct {
			who  *person
			kind string
			want map[string]string
		}{
			{k, "playlist", map[string]string{"Best of public": "AC"}}, {k, "album", map[string]string{"LP public": "AB"}},
			{mina, "playlist", map[string]string{"Best of private": "DE"}}, {mina, "album", map[string]string{}},
		} {
			if got := titles(c.who, c.kind); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%ss of %s: %v, want %v", c.kind, c.who.name, got, c.want)
			}
		}
	}
	// One more row later goes behind the others.
	put(t, dir, "9.mp3", sounding(9, 60))
	put(t, dir, "list.csv", []byte(list+"9.mp3,Z,,best of,,\n"))
	h.imports("-csv", filepath.Join(dir, "list.csv"))
	if got := titles(k, "playlist")["Best of public"]; got != "ACZ" {
		t.Errorf("after one more row: %q", got)
	}
	h.whole()
}

// TestListOfWhatALibraryLost gives a list of files that a library had: the
// tracks that wait for them are those.
func TestListOfWhatALibraryLost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	dir, other := t.TempDir(), t.TempDir()
	put(t, dir, "one.mp3", song{title: "One", sound: 1}.bytes())
	put(t, dir, "two.mp3", song{title: "Two", sound: 2}.bytes())
	h.imports(dir)
	if err := os.Rename(filepath.Join(dir, "one.mp3"), filepath.Join(other, "one.mp3")); err != nil {
		t.Fatal(err)
	}
	put(t, other, "list.csv", []byte("file,title\none.mp3,First\n"))
	says(t, h.imports("-csv", filepath.Join(other, "list.csv")), "0 added, 1 the same.")
	if n := len(k.mine()); n != 2 {
		t.Errorf("%d tracks", n)
	}
	h.whole()
}

// TestMovedToAnotherLibrary moves a file from one library to another: its track
// goes along with all that is its own.
func TestMovedToAnotherLibrary(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	first, second := t.TempDir(), t.TempDir()
	put(t, first, "one.mp3", song{title: "One", sound: 1}.bytes())
	put(t, first, "stays.mp3", song{title: "Stays", sound: 2}.bytes())
	put(t, second, "other.mp3", song{title: "Other", sound: 3}.bytes())
	h.imports(first, second)
	one := k.mine()["One"]
	k.post("/api/tracks/"+one.ID+"/comments", wire.NewComment{Text: "stays"}).want(201)
	if err := os.Rename(filepath.Join(first, "one.mp3"), filepath.Join(second, "eins.mp3")); err != nil {
		t.Fatal(err)
	}
	says(t, h.imports(second), "0 added, 1 the same, 1 moved.")
	says(t, h.imports(first), "0 added, 1 the same.")
	if mine := k.mine(); len(mine) != 3 || mine["One"].ID != one.ID || mine["One"].Counts.Comments != 1 {
		t.Errorf("after moving: %+v", mine)
	}
	k.get("/api/tracks/" + one.ID + "/stream").want(200)
	h.whole()
}

func TestImportUpToTheQuota(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k, mina := h.keeper(), h.member("mina")
	dir := t.TempDir()
	for i := range 5 {
		put(t, dir, fmt.Sprintf("%d.mp3", i), song{title: fmt.Sprint("Song ", i), sound: uint64(i)}.bytes())
	}
	k.put("/api/users/"+mina.me.ID+"/quota", wire.QuotaChange{MostTracks: 3, MostBytes: -1}).want(200)
	before := len(h.files())
	for range 2 {
		if said, err := h.command("import", "-copy", "-as", "mina", dir); err == nil || !strings.Contains(err.Error(), "mina (mina) may not keep more here. Raise the quota") {
			t.Errorf("above the quota: %v, %s", err, said)
		}
		if n, left := len(mina.mine()), len(h.files())-before; n != 3 || left > 3*4 {
			t.Errorf("%d tracks with %d files", n, left)
		}
	}
	k.put("/api/users/"+mina.me.ID+"/quota", wire.QuotaChange{MostTracks: -1, MostBytes: -1}).want(200)
	says(t, h.imports(dir), "2 added, 3 the same.")
	h.whole()
}

// TestNamesAndFoldersThatCannotBeRead has what can't be read told of, while
// everything beside it comes in.
func TestNamesAndFoldersThatCannotBeRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	dir := t.TempDir()
	put(t, dir, "노래/밤 기차.mp3", song{title: "밤 기차", sound: 1}.bytes())
	put(t, dir, "\xb3\xeb\xb7\xa1.mp3", song{title: "EUC-KR", sound: 2}.bytes())
	put(t, dir, "\xb3\xeb/x.mp3", song{title: "In one", sound: 3}.bytes())
	put(t, dir, "closed/y.mp3", song{title: "Closed", sound: 4}.bytes())
	if os.Getuid() != 0 {
		h.imports(dir) // so that it is known, and not lost
		if err := os.Chmod(filepath.Join(dir, "closed"), 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(filepath.Join(dir, "closed"), 0o700) })
		says(t, h.imports(dir), "3 refused", "closed: This folder can't be read: permission denied.", "not in UTF-8")
		k.get("/api/tracks/" + k.mine()["Closed"].ID).want(200)
	} else {
		says(t, h.imports(dir), "2 added", "2 refused", "The name of this file, or of its folder, is not in UTF-8. Rename it")
	}
	if _, ok := k.mine()["밤 기차"]; !ok || len(k.mine()) != 2 {
		t.Errorf("tracks: %v", k.mine())
	}
	h.whole()
}

// TestListInEUCKR gives a list through the keeper's room as Excel in Korea
// writes it.
func TestListInEUCKR(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	h := newHouse(t, s.allowed)
	k := h.keeper()
	s.put("밤기차.mp3", sounding(1, 115))
	text, err := korean.EUCKR.NewEncoder().Bytes([]byte("파일,제목,아티스트,재생목록\r\n밤기차.mp3,밤 기차,미나,모음\r\n없다.mp3,없다,,\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	var imp wire.Import
	k.post("/api/imports", wire.NewImport{Folder: s.dir, CSV: base64.StdEncoding.EncodeToString(text)}).want(201).into(&imp)
	for end := time.Now().Add(20 * time.Second); imp.State != "done"; time.Sleep(10 * time.Millisecond) {
		if k.get("/api/imports/" + imp.ID).want(200).into(&imp); time.Now().After(end) {
			t.Fatalf("import: %+v", imp)
		}
	}
	if got := k.mine()["밤 기차"]; imp.Added != 1 || imp.Refused != 1 || got.Artist != "미나" {
		t.Errorf("import: %+v, track %+v", imp, got)
	}
	var lists wire.List[wire.Playlist]
	if k.get("/api/me/playlists").want(200).into(&lists); len(lists.Items) != 1 || lists.Items[0].Title != "모음" {
		t.Errorf("playlists: %+v", lists.Items)
	}
}

func TestSoundCloudExport(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	dir := t.TempDir()
	put(t, dir, "tracks/moody-blue.mp3", sounding(1, 115))
	put(t, dir, "tracks/second.mp3", sounding(2, 115))
	put(t, dir, "data/tracks.json", []byte(`{"collection":[
		{"id":5,"kind":"track","title":"Moody Blue","description":"long","genre":"Jazz","tag_list":"\"late night\" live","created_at":"2013/05/18 20:05:26 +0000",
		 "sharing":"private","permalink":"moody-blue","permalink_url":"https://soundcloud.com/mina/moody-blue","user":{"id":1,"username":"mina"}},
		{"id":6,"title":"Second","sharing":"public","genre":"x","created_at":"2014/05/18 20:05:26 +0000"}]}`))
	put(t, dir, "data/comments.json", []byte(`[{"kind":"comment","id":9,"body":"this","timestamp":1500,"track_id":5,"user":{"username":"kim"}}]`))
	says(t, h.imports(dir), "2 added", "1 comments")
	mine := k.mine()
	if b := mine["Moody Blue"]; b.Visibility != "private" || b.Description != "long" || len(b.Tags) != 3 || b.Created.Year() != 2013 || b.Counts.Comments != 1 {
		t.Errorf("from the export: %+v", b)
	}
	if mine["Second"].Visibility != "public" {
		t.Errorf("the other: %+v", mine["Second"])
	}
	says(t, h.imports(dir), "0 added, 2 the same.")
	h.whole()
}

func TestLibraryCommand(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	dir, copied := t.TempDir(), t.TempDir()
	put(t, dir, "one.mp3", song{title: "One", sound: 1}.bytes())
	put(t, copied, "two.mp3", song{title: "Two", sound: 2}.bytes())
	h.imports(dir)
	h.imports("-copy", copied)
	library := func(args ...string) string {
		t.Helper()
		said, err := h.command("library", args...)
		if err != nil {
			t.Fatalf("library %q: %v", args, err)
		}
		return said
	}
	says(t, library("list"), "1       0        in place", "1       0        copied", dir, copied)
	for words, want := range map[string]string{
		"":                                "say what to do",
		"remove":                          "say which one folder",
		"remove " + dir:                   "give -yes if that is meant",
		"remove " + filepath.Dir(dir):     "is not a library",
		"list -x":                         "flag provided but not defined",
		"remove " + dir + " " + copied:    "say which one folder",
		"mend":                            "say what to do",
		"remove -yes " + dir + "/one.mp3": "is not a library",
	} {
		if said, err := h.command("library", strings.Fields(words)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("library %s: %v %s, want %q", words, err, said, want)
		}
	}
	says(t, library("remove", copied), copied+" is being removed; its files stay as they are.")
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	says(t, library("remove", dir, "-yes"), dir+" was removed; its files stay as they are.")
	h.open()
	if mine := k.mine(); len(mine) != 1 || mine["Two"].ID == "" {
		t.Errorf("tracks: %v", mine)
	}
	if said := library("list"); strings.Contains(said, dir) {
		t.Errorf("after removal:\n%s", said)
	}
	h.whole()
}
