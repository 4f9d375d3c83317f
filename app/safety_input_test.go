package app_test

import (
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"earshot/app/api/wire"
	"earshot/media/mp3/mp3test"
)

// TestF3_ListsTakeNoOtherParameters: what a list can be asked is what the
// document says. Nothing else is listened to, so nothing can be sorted or
// filtered by what is not for the asker.
func TestF3_ListsTakeNoOtherParameters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := 0
	for _, row := range matrix() {
		method, path := row.question()
		if method != "GET" || row.o != 200 || path == "/api/events" || path == "/api/me/export" { // which looks at none either, and not often
			continue
		}
		for _, query := range []string{
			"sort=password_hash", "order_by=email", "filter=email", "email=x", "where=1", "q%27=1", "role=1", "keeper=true", "visibility=private", "private=true",
			"user=" + w.ids["mina"], "owner=x", "_sort=id", "fields=email", "include=sessions", "expand=*", "offset=1", "start=-1",
		} {
			full := w.fill(path)
			if strings.Contains(full, "?") {
				full += "&" + query
			} else {
				full += "?" + query
			}
			a, plain := w.jun.get(full), w.jun.get(w.fill(path))
			// Streams and pictures look at none; what is JSON refuses those it does not know.
			if told(a) != told(plain) && a.status != 400 && !strings.Contains(path, "/stations/") {
				t.Errorf("GET %s answers %d %s, and without %s %d %s", full, a.status, shorten(a.body), query, plain.status, shorten(plain.body))
			}
			w.holdsBack(w.jun, full, a)
			n++
		}
	}
	if n < 500 {
		t.Errorf("only %d were asked", n)
	}
}

// TestF4_NobodySetsWhatIsNotTheirs sends with every write of the API the fields
// that only the house may set: each is refused, and nothing is changed.
func TestF4_NobodySetsWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.all(w.mina)
	n := 0
	for _, row := range matrix() {
		method, path := row.question()
		raw, isText := row.filled(w.fill).(string)
		if method == "GET" || !isText || row.o == 0 || row.o >= 400 {
			continue
		}
		var body map[string]any
		if json.Unmarshal([]byte(raw), &body) != nil {
			continue
		}
		for field, value := range map[string]any{
			"id": never, "user": w.ids["jun"], "owner": w.ids["jun"], "user_id": w.ids["jun"], "keeper": true, "role": 1, "is_admin": true, "admin": true,
			"created": "2001-01-01T00:00:00Z", "password_hash": "x", "email": "x@y.z", "used_bytes": 0, "suspended": false, "session": never, "__proto__": map[string]any{"keeper": true},
		} {
			if _, own := body[field]; own {
				continue
			}
			more := map[string]any{field: value}
			for k, v := range body {
				more[k] = v
			}
			n++
			if a := w.mina.do(method, w.fill(path), more); a.status != 400 {
				t.Errorf("%s %s with %s: got %d %s", method, path, field, a.status, shorten(a.body))
			}
		}
	}
	if n < 200 {
		t.Errorf("only %d fields were tried", n)
	}
	if now := w.all(w.mina); now != before {
		t.Errorf("something was changed:\n%s", differ(before, now))
	}
}

// TestF7_PicturesHaveFixedSizes: a thousand sizes leave no more files than
// there were.
func TestF7_PicturesHaveFixedSizes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	tr := k.drawn(k.upload("song.mp3", tagged(t, "Song"), "public").ID)
	k.put("/api/me/picture", artwork(t)).want(200)
	before := h.files()
	sizes := []string{"-1", "0", "1e9", "abc", "1000000000", "0100", "+100", "100.0", "100px", "%31%30%30", "9223372036854775808", ""}
	for i := range 1000 {
		sizes = append(sizes, fmt.Sprint(i+1))
	}
	right := 0
	for _, of := range []string{"/api/tracks/" + tr.ID, "/api/users/" + k.me.ID} {
		for _, size := range sizes {
			switch a := k.get(of + "/picture/" + size); a.status {
			case 200:
				right++
			case 404:
			default:
				t.Errorf("%s, size %q: got %d", of, size, a.status)
			}
		}
	}
	if right < 6 || right > 12 { // other ways to write a hundred lead to the same file
		t.Errorf("%d sizes were served", right)
	}
	if after := h.files(); !slices.Equal(before, after) {
		t.Errorf("files before %v, after %v", before, after)
	}
}

// oddIDs are what somebody may write where an id belongs.
var oddIDs = []string{
	"..%2f..%2fearshot.db", "%2e%2e", "%2e%2e%2f%2e%2e", "..%5c..%5c", "Li4vZWFyc2hvdC5kYg", "%00", "0", "-1", "1", "null", "undefined", "*", "%25", "%27%20OR%201=1", "0000000000000",
	"zzzzzzzzzzzzz", "00000000000001", strings.Repeat("0", 64), strings.Repeat("9", 65), "%F0%9F%8E%A7", "..;", "me", "file:%2f%2f%2fetc%2fpasswd", "ＡＢＣ",
}

// TestF11_AnIDIsNoPath: whatever stands in the place of an id names nothing, or
// is no id; it opens no file and breaks nothing.
func TestF11_AnIDIsNoPath(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	var doc document
	k.get("/api/openapi.json").want(200).into(&doc)
	place := regexp.MustCompile(`\{(id|track|message)\}`)
	n := 0
	for path, methods := range doc.Paths {
		if !place.MatchString(path) {
			continue
		}
		for method := range methods {
			for _, id := range oddIDs {
				full := place.ReplaceAllLiteralString(path, id)
				full = regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllLiteralString(full, "100")
				var body any
				if method != "get" && method != "delete" {
					body = "{}"
				}
				a := k.do(strings.ToUpper(method), full, body, "Tus-Resumable", "1.0.0")
				n++
				if a.status != 404 && a.status != 400 && a.status != 405 && !(a.status == 307 || a.status == 301) {
					t.Errorf("%s %s: got %d %s", method, full, a.status, shorten(a.body))
				}
				if s := string(a.body); strings.Contains(s, h.dir) || strings.Contains(s, "root:") || strings.Contains(s, ".go:") {
					t.Errorf("%s %s tells %s", method, full, s)
				}
			}
		}
	}
	if n < 1000 {
		t.Errorf("only %d were asked", n)
	}
	if log := h.log.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("something went wrong: %s", shorten([]byte(log[strings.Index(log, "level=ERROR"):])))
	}
}

// TestF12_NamesBecomeNoPaths: what people call things never becomes the name of
// a file, in or out of the data folder.
func TestF12_NamesBecomeNoPaths(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	beside, err := os.ReadDir(filepath.Dir(h.dir))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"../../x.mp3", "/etc/passwd", "..\\..\\x.mp3", "C:\\x.mp3", "x\x00.mp3", "CON", ".", "..", "~/x", "$(x)", "-rf", strings.Repeat("x", 3000), "\u202egpj.mp3", "a\nb.mp3"} {
		var tr wire.Track
		a := k.post("/api/tracks?visibility=public&name="+url.QueryEscape(name), tagged(t, name))
		if a.status != 201 {
			t.Errorf("%q: got %d %s", name, a.status, a.body)
			continue
		}
		a.into(&tr)
		k.drawn(tr.ID)
		k.patch("/api/tracks/"+tr.ID, wire.TrackPatch{Title: ptr("../" + fmt.Sprint(i)), Album: ptr(name), Downloadable: ptr(true)})
		l := made[wire.Playlist](k.post("/api/playlists", wire.NewPlaylist{Title: "../../list " + fmt.Sprint(i)}))
		k.put("/api/playlists/"+l.ID+"/picture", artwork(t)).want(200)
		got := k.get("/api/tracks/" + tr.ID + "/download").want(200).header.Get("Content-Disposition")
		if !strings.HasPrefix(got, `attachment; filename="`) || strings.ContainsAny(got, "/\\\n\r\x00") {
			t.Errorf("%q is offered as %q", name, got)
		}
	}
	own := regexp.MustCompile(`^media/(tracks|playlists|users|incoming|marks|changing)[a-z]*(/[0-9a-z-]+)*(/[a-z0-9.-]+)?$`)
	for _, f := range h.files() {
		if !own.MatchString(filepath.ToSlash(f)) {
			t.Errorf("there is a file %q", f)
		}
	}
	if after, err := os.ReadDir(filepath.Dir(h.dir)); err != nil || len(after) != len(beside) {
		t.Errorf("beside the data folder there were %d entries, now %d (%v)", len(beside), len(after), err)
	}
}

// TestF27_APartOfAnotherThing asks for parts of things by way of others.
func TestF27_APartOfAnotherThing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.all(w.mina)
	for _, c := range []struct {
		p            *person
		method, path string
		body         any
		status       int
	}{
		{w.mina, "DELETE", "/api/conversations/{old-talk}/messages/{message}", nil, 404},
		{w.mina, "DELETE", "/api/conversations/{talk}/messages/{old-message}", nil, 404},
		{w.jun, "POST", "/api/tracks/{juns}/comments", wire.NewComment{Text: "x", Parent: w.ids["said"]}, 404},
		{w.jun, "POST", "/api/tracks/{juns}/comments", wire.NewComment{Text: "x", Parent: w.ids["whispered"]}, 404},
		{w.jun, "DELETE", "/api/me/sessions/{session}", nil, 404},
		{w.jun, "DELETE", "/api/playlists/{open}/tracks/{public}", nil, 403},
		{w.jun, "PUT", "/api/playlists/{juns-list}/tracks/{private}", wire.PlaylistPlace{}, 404},
		{w.jun, "DELETE", "/api/tracks/{juns-list}", nil, 404},
		{w.jun, "DELETE", "/api/playlists/{juns}", nil, 404},
		{w.jun, "DELETE", "/api/comments/{juns}", nil, 404},
		{w.mina, "POST", "/api/me/notifications/seen", wire.Seen{UpTo: w.jun.notices(1)[0].ID}, 0},
	} {
		a := c.p.do(c.method, w.fill(c.path), c.body)
		if c.status != 0 && a.status != c.status {
			t.Errorf("%s: %s %s: got %d %s, want %d", c.p.name, c.method, c.path, a.status, shorten(a.body), c.status)
		}
	}
	if now := w.all(w.mina); now != before && !strings.Contains(differ(before, now), "notifications") {
		t.Errorf("something was changed:\n%s", differ(before, now))
	}
}

// TestF30_NothingIsFetched: a picture that a file only names by its address is
// not fetched, nor is any address that somebody writes anywhere.
func TestF30_NothingIsFetched(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	var calls atomic.Int64
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			calls.Add(1)
			c.Close()
		}
	}()
	at := "http://" + ln.Addr().String() + "/picture.png"
	h := newHouse(t)
	k := h.keeper()
	file := slices.Concat(mp3test.ID3v2(3, slices.Concat(
		id3Frame("APIC", []byte("\x00-->\x00\x03\x00"+at)), id3Frame("WXXX", []byte("\x00\x00"+at)), id3Frame("WOAF", []byte(at)), id3Frame("LINK", []byte("APIC"+at+"\x00")), id3Frame("TIT2", []byte("\x00"+at)),
	)), tone(200))
	var tr wire.Track
	k.post("/api/tracks?visibility=public&name="+url.QueryEscape(at), file).want(201).into(&tr)
	if tr = k.drawn(tr.ID); tr.Picture != nil {
		t.Errorf("the track has a picture: %+v", tr.Picture)
	}
	k.patch("/api/tracks/"+tr.ID, wire.TrackPatch{Description: ptr(at), Title: ptr(at)}).want(200)
	k.patch("/api/me", wire.MePatch{Bio: ptr(at)}).want(200)
	k.say(tr.ID, 0, at)
	k.put("/api/me/picture", []byte(at))
	k.put("/api/me/picture", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><image href="`+at+`"/></svg>`)).want(415)
	k.put("/api/me/scrobbler", wire.NewScrobbler{Address: strings.TrimSuffix(at, "/picture.png"), Token: "x"}).want(400)
	k.get(tr.URL).want(200)
	if n := calls.Load(); n > 0 {
		t.Errorf("%d connections were made to %s", n, at)
	}
}

// TestF32_EveryTextHasALimit: the document says of every text that can be sent,
// and of every list, how long it may be; one more is refused. What stands in an
// address is within its 16 KiB, what is in a list within the 64 KiB of a request.
func TestF32_EveryTextHasALimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var doc struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct{ Schema map[string]any }
			}
		}
		Components struct{ Schemas map[string]map[string]any }
	}
	w.visitor().get("/api/openapi.json").want(200).into(&doc)
	limits, seen := 0, map[string]bool{}
	var look func(where string, s map[string]any)
	look = func(where string, s map[string]any) {
		if ref, _ := s["$ref"].(string); ref != "" {
			name := ref[strings.LastIndexByte(ref, '/')+1:]
			if !seen[name] {
				seen[name] = true
				look(name, doc.Components.Schemas[name])
			}
			return
		}
		props, _ := s["properties"].(map[string]any)
		for name, p := range props {
			look(where+"."+name, p.(map[string]any))
		}
		if items, _ := s["items"].(map[string]any); items != nil {
			if s["maxItems"] == nil {
				t.Errorf("%s: a list without a limit", where)
			}
			if items["$ref"] != nil {
				look(where+"[]", items)
			}
		}
		is := fmt.Sprint(s["type"])
		if strings.Contains(is, "string") && s["format"] != "binary" {
			limits++
			if s["maxLength"] == nil && s["enum"] == nil && s["format"] != "date-time" {
				t.Errorf("%s: a text without a limit", where)
			}
		}
		if strings.Contains(is, "object") && s["additionalProperties"] != false {
			t.Errorf("%s: takes fields that nobody knows", where)
		}
	}
	for path, methods := range doc.Paths {
		for method, o := range methods {
			for _, c := range o.RequestBody.Content {
				look(method+" "+path, c.Schema)
			}
		}
	}
	if limits < 40 {
		t.Errorf("only %d texts were found", limits)
	}
	// And one over each: the fields that the matrix's rows can be given.
	for _, row := range matrix() {
		method, path := row.question()
		raw, isText := row.filled(w.fill).(string)
		if method == "GET" || !isText || row.o == 0 {
			continue
		}
		o := doc.Paths[strings.SplitN(row.route, " ", 2)[1]][strings.ToLower(method)]
		ref, _ := o.RequestBody.Content["application/json"].Schema["$ref"].(string)
		who := map[bool]*person{true: w.keeper, false: w.mina}[row.o == 403]
		props, _ := doc.Components.Schemas[ref[strings.LastIndexByte(ref, '/')+1:]]["properties"].(map[string]any)
		for name, p := range props {
			most, has := p.(map[string]any)["maxLength"].(float64)
			if !has {
				continue
			}
			var body map[string]any
			json.Unmarshal([]byte(raw), &body)
			body[name] = strings.Repeat("x", int(most)+1)
			if a := who.do(method, w.fill(path), body); a.status != 400 && a.status != 413 {
				t.Errorf("%s %s with a %s of %d letters: got %d %s", method, path, name, int(most)+1, a.status, shorten(a.body))
			}
		}
	}
}

// TestF38_EveryListIsPaged: no list gives more than a hundred, whatever it is
// asked for.
func TestF38_EveryListIsPaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 101 {
		w.mina.post("/api/playlists", wire.NewPlaylist{Title: fmt.Sprint("List ", i), Visibility: "public"}).want(201)
	}
	var doc document
	w.visitor().get("/api/openapi.json").want(200).into(&doc)
	lists, full := 0, 0
	for _, row := range matrix() {
		method, path := row.question()
		if method != "GET" || row.o != 200 {
			continue
		}
		o := doc.Paths[strings.SplitN(row.route, " ", 2)[1]]["get"]
		if !slices.ContainsFunc(o.Parameters, func(p struct {
			Name, In string
			Required bool
		}) bool {
			return p.Name == "limit"
		}) {
			continue
		}
		lists++
		for _, limit := range []string{"1000000000", "-1", "0", "101", "9223372036854775807"} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			if strings.Contains(path, "limit=") {
				continue
			}
			a := w.mina.get(w.fill(path) + sep + "limit=" + limit)
			if a.status != 200 && a.status != 400 {
				t.Errorf("%s, limit %s: got %d", path, limit, a.status)
			}
			var page wire.List[json.RawMessage]
			json.Unmarshal(a.body, &page)
			if len(page.Items) > 100 {
				t.Errorf("%s, limit %s: %d items", path, limit, len(page.Items))
			}
			if len(page.Items) == 100 {
				full++
			}
		}
	}
	if lists < 20 || full == 0 {
		t.Errorf("%d lists were asked, %d gave a full page", lists, full)
	}
}

// TestF54_SearchKnowsNoSyntax: what other engines read as a pattern, a field or
// a group is nothing but words here.
func TestF54_SearchKnowsNoSyntax(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, q := range []string{
		"*", "?", "~9", "song~9", "/.*/", "owner:mina", "user:" + w.ids["mina"], "visibility:private", "private:true", "_id:*", "+song -song", "title:/.*/", "\"", "\\", "song^1000000",
		strings.Repeat("(", 5000), strings.Repeat("a ", 5000), strings.Repeat("가", 5000), "[1 TO 2]", "{!lucene}", "song AND secret", "sec*", "secr?t", "%", "_", "' OR 1=1 --", "\x00", "\xff\xfe",
	} {
		for _, path := range []string{"/api/search?q=", "/api/search/suggest?q="} {
			for _, p := range []*person{w.jun, w.visitor()} {
				a := p.get(path + url.QueryEscape(q))
				if a.status != 200 && a.status != 400 && a.status != 414 && a.status != 431 {
					t.Errorf("%s%.40q: got %d %s", path, q, a.status, shorten(a.body))
				}
				w.holdsBack(p, path+shorten([]byte(q)), a)
			}
		}
	}
}

// sources goes over the program's own Go files, but for tests.
func sources(t *testing.T, look func(path string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return filepath.SkipDir
		}
		if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			look(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestF6_NoWeakHashes: nothing of ours uses a hash that is broken, or a random
// source that can be foretold, or runs another program.
func TestF6_NoWeakHashes(t *testing.T) {
	t.Parallel()
	// Where chance need not be secret: in which order things are played or shown,
	// and in ids, which open nothing.
	chance := regexp.MustCompile(`^\.\./(db/(id|space)\.go|app/core/(events|station|similar|recommendations|stream|home|search|indexer|cataloguelists)\.go|app/mdns/|db/dbtest/|media/mp3/mp3test/|search/)`)
	n := 0
	sources(t, func(path string) {
		n++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			return
		}
		for _, i := range f.Imports {
			switch name := strings.Trim(i.Path.Value, `"`); name {
			case "os/exec": // but for what only tests import, by the table of arrows
				if !strings.HasPrefix(filepath.ToSlash(path), "../media/mediatest/") {
					t.Errorf("%s imports %s", path, name)
				}
			case "crypto/md5": // Subsonic's own, over secrets of 100 bits that are for it alone
				if filepath.ToSlash(path) != "../app/subsonic/subsonic.go" {
					t.Errorf("%s imports %s", path, name)
				}
			case "crypto/sha1": // in names of version 5 (RFC 9562 section 5.5), which podcasts have
				if filepath.ToSlash(path) != "../app/feed/feed.go" {
					t.Errorf("%s imports %s", path, name)
				}
			case "crypto/des", "crypto/rc4", "plugin", "net/http/pprof", "expvar", "net/http/cgi":
				t.Errorf("%s imports %s", path, name)
			case "math/rand", "math/rand/v2":
				if !chance.MatchString(filepath.ToSlash(path)) {
					t.Errorf("%s imports %s", path, name)
				}
			}
		}
	})
	if n < 100 {
		t.Errorf("only %d files were read", n)
	}
}

// TestF53_WhatTheProgramIsMadeOf: handlers without access control and windows
// into the running program are not linked in, by no library either, and of
// libraries with a past only what came after it.
func TestF53_WhatTheProgramIsMadeOf(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", "earshot").Output()
	if err != nil {
		t.Skipf("go list: %v", err)
	}
	deps := strings.Fields(string(out))
	for _, bad := range []string{"github.com/blevesearch/bleve/v2/http", "github.com/blevesearch/bleve/v2/config", "net/http/pprof", "expvar", "github.com/dhowden/tag", "github.com/tcolgate/mp3"} {
		if slices.Contains(deps, bad) {
			t.Errorf("%s is part of the program", bad)
		}
	}
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for name, least := range map[string][3]int{"github.com/golang-jwt/jwt/v5": {5, 3, 1}, "golang.org/x/image": {0, 45, 0}} {
		m := regexp.MustCompile(regexp.QuoteMeta(name) + ` v(\d+)\.(\d+)\.(\d+)`).FindSubmatch(mod)
		if m == nil {
			continue
		}
		var v [3]int
		fmt.Sscan(string(m[1])+" "+string(m[2])+" "+string(m[3]), &v[0], &v[1], &v[2])
		if slices.Compare(v[:], least[:]) < 0 {
			t.Errorf("%s is %v, want %v or newer", name, v, least)
		}
	}
}
