package app_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/app/api/wire"
	"earshot/app/config"
	"earshot/app/core"
)

// TestNobodyImportsWhatTheHouseKeeps: the keeper does not hear what members keep
// to themselves, and does not get it as an own track either, by a list whose
// folder has the house in it, or by one of the house's own folders.
func TestNobodyImportsWhatTheHouseKeeps(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	top := filepath.Dir(s.dir)
	data := filepath.Join(top, "house", "data")
	s.put("one.mp3", sang("One", 20))
	h := newHouse(t, s.allowed, func(c *config.Config) { c.Data = data })
	keeper, mina := h.keeper(), h.member("mina")
	secret := mina.upload("secret.mp3", sang("Secret", 30), "private")
	if err := errors.Join(os.Symlink(data, filepath.Join(top, "link")), os.Symlink("/etc/nothing/here", filepath.Join(top, "out"))); err != nil {
		t.Fatal(err)
	}
	list := func(folder, file string) answer {
		return keeper.post("/api/imports", wire.NewImport{Folder: folder, Name: "list.csv",
			CSV: base64.StdEncoding.EncodeToString([]byte("title,file\nTaken," + file + "\nOwn,one.mp3\n"))})
	}
	inside := "media/tracks/" + secret.ID + "/audio.mp3"
	for _, folder := range []string{data, filepath.Join(data, "media"), filepath.Join(top, "link")} {
		list(folder, inside).fails(400, "library.data")
		keeper.get("/api/folders?path="+url.QueryEscape(folder)).fails(400, "library.data")
	}
	for folder, file := range map[string]string{top: "house/data/" + inside, filepath.Dir(data): "data/" + inside} {
		var i wire.Import
		list(folder, file).want(201).into(&i)
		h.idle(core.JobImport)
		keeper.get("/api/imports/" + i.ID).want(200).into(&i)
		var problems wire.List[wire.Problem]
		keeper.get("/api/imports/" + i.ID + "/problems").want(200).into(&problems)
		if len(problems.Items) == 0 || problems.Items[0].Code != "file.missing" {
			t.Errorf("%s: the import is %+v with %+v", folder, i, problems.Items)
		}
	}
	keeper.mustHave("Own")
	if taken, ok := keeper.titled("Taken"); ok {
		t.Errorf("the keeper has %+v, which is mina's own", taken)
	}
	// A link out of the folders tells nothing of what is there.
	for _, path := range []string{"out", "link/../../out"} {
		if got := keeper.get("/api/folders?path=" + url.QueryEscape(filepath.Join(top, path))); got.status == 200 {
			t.Errorf("%s: got %d", path, got.status)
		}
	}
	if err := os.Symlink("/etc", filepath.Join(top, "etc")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"etc", "etc/passwd", "etc/no-such-thing"} {
		keeper.get("/api/folders?path="+url.QueryEscape(filepath.Join(top, path))).fails(403, "folder.outside")
	}
}

// TestLibraryThatBecomesALink: whoever owns a library's folder can't have the
// server read what only the server may, by a link in the folder's place.
func TestLibraryThatBecomesALink(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	top := filepath.Dir(s.dir)
	s.put("one.mp3", sang("One", 20))
	h := newHouse(t, s.allowed, func(c *config.Config) { c.Data = filepath.Join(top, "house") })
	keeper, mina := h.keeper(), h.member("mina")
	l := keeper.library(s, wire.NewLibrary{})
	one := keeper.drawn(keeper.mustHave("One").ID)
	secret := mina.upload("secret.mp3", sang("Secret", 30), "private")
	elsewhere := newShelf(t)
	elsewhere.put("two.mp3", sang("Two", 40))
	for name, to := range map[string]string{"the house's": filepath.Join(top, "house", "media"), "another's": elsewhere.dir} {
		if err := errors.Join(os.Rename(s.dir, s.dir+".was"), os.Symlink(to, s.dir)); err != nil {
			t.Fatal(err)
		}
		keeper.post("/api/libraries/"+l.ID+"/scan", nil).want(201)
		now := keeper.read(l)
		if !now.Away || now.Import.State != "failed" || !strings.Contains(now.Import.Error, "link") {
			t.Errorf("%s: the library is %+v, its import %+v", name, now, now.Import)
		}
		for _, title := range []string{"Secret", "Two", "secret", "audio"} {
			if taken, ok := keeper.titled(title); ok {
				t.Errorf("%s: the keeper has %+v", name, taken)
			}
		}
		if err := errors.Join(os.Remove(s.dir), os.Rename(s.dir+".was", s.dir)); err != nil {
			t.Fatal(err)
		}
		keeper.post("/api/libraries/"+l.ID+"/scan", nil).want(201)
		if now := keeper.read(l); now.Away || now.Import.State != "done" || now.Import.Missing != 0 {
			t.Errorf("it is back: the library is %+v, its import %+v", now, now.Import)
		}
	}
	keeper.get(one.Stream.File).want(200)
	keeper.get("/api/tracks/"+secret.ID+"/stream").fails(404, "not_found")
}

// TestNobodyReservesTheDisk: whoever announces much and sends nothing keeps room
// for one file from others, and for all of them from nobody but themselves.
func TestNobodyReservesTheDisk(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.MaxUpload = 1 << 50 })
	keeper, mina, jun := h.keeper(), h.member("mina"), h.member("jun")
	var s wire.Storage
	keeper.get("/api/storage").want(200).into(&s)
	if s.Free < 1<<30 {
		t.Skip("this disk has too little room, or does not tell")
	}
	for range 4 {
		mina.begins(int(s.Free/5), "much.wav")
	}
	mina.announces(int(s.Free/5), "more.wav").fails(507, "disk.full")
	jun.begins(int(s.Free/4), "one.wav")
}

// TestWhoTakesTheirThingsSlowlyKeepsNobodyWaiting: somebody who does not read
// what is sent has one of the two places in which people are sent their things,
// not both.
func TestWhoTakesTheirThingsSlowlyKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	mina.upload("long.mp3", tone(40_000), "private") // more than connections hold
	req, err := http.NewRequest("GET", h.url+"/api/me/export", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+mina.token)
	slow, err := (&http.Client{}).Do(req)
	if err != nil || slow.StatusCode != 200 {
		t.Fatalf("the first: %v, %v", slow, err)
	}
	defer slow.Body.Close()
	mina.get("/api/me/export").fails(503, "busy")
	jun.get("/api/me/export").want(200)
}
