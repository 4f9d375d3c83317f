package app_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
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

// restRow is one call about one thing, and the codes that it answers each kind
// of person with; -1 where it works. Nobody, and whoever comes with what is not
// good, is turned away alike by every one of them.
type restRow struct {
	verb, id              string
	owner, follower, user int // O, Fo and U
	blocked, keeper       int // B and A: one whom the owner blocks, and the keeper
}

// all and hers are what a thing that everybody sees, and one that its owner alone
// sees, answer with.
func forAll(verb, id string) restRow   { return restRow{verb, id, -1, -1, -1, 70, -1} }
func forHers(verb, id string) restRow  { return restRow{verb, id, -1, 70, 70, 70, 70} }
func forThose(verb, id string) restRow { return restRow{verb, id, -1, -1, 70, 70, 70} }

// TestSubsonicAccess: what is hidden is not found by any call, whoever asks for
// it, and a call that only keepers may make is forbidden to others.
func TestSubsonicAccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mina := w.mina
	makes := func(title, visibility string, ids ...string) string {
		return made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: title, Kind: "album", Visibility: visibility, Tracks: ids})).ID
	}
	w.ids["open-album"] = makes("An open album", "public", w.private.ID, w.public.ID)
	w.ids["shut-album"] = makes("A secret album", "private", w.private.ID)
	w.ids["followers-album"] = makes("A veiled album", "followers", w.followers.ID, w.private.ID)
	w.ids["link-album"] = makes("A cloaked album", "link", w.public.ID)
	mina.patch(track(w.public), wire.TrackPatch{Downloadable: ptr(true)}).want(200)
	mina.patch(track(w.followers), wire.TrackPatch{Downloadable: ptr(true)}).want(200)
	w.keeper.settled()

	var rows []restRow
	for _, verb := range []string{"getSong", "stream", "download", "getCoverArt", "getLyricsBySongId", "getSimilarSongs", "getAlbumInfo", "getArtistInfo2"} {
		rows = append(rows, forAll(verb, "tr-{public}"), forHers(verb, "tr-{private}"), forHers(verb, "tr-{unlisted}"), forHers(verb, "tr-{linked}"), forThose(verb, "tr-{followers}"))
	}
	for _, verb := range []string{"getAlbum", "getMusicDirectory", "getCoverArt", "getAlbumInfo2", "getSimilarSongs", "getArtistInfo", "getPlaylist"} {
		rows = append(rows, forAll(verb, "al-{open-album}"), forHers(verb, "al-{shut-album}"), forHers(verb, "al-{link-album}"), forThose(verb, "al-{followers-album}"))
	}
	for _, verb := range []string{"getPlaylist", "getCoverArt"} {
		rows = append(rows, forAll(verb, "pl-{open}"), forHers(verb, "pl-{shut}"), forHers(verb, "pl-{unlisted-list}"), forHers(verb, "pl-{linked-list}"), forThose(verb, "pl-{followers-list}"))
	}
	for _, verb := range []string{"getArtist", "getMusicDirectory", "getCoverArt", "getArtistInfo2", "getSimilarSongs2", "getTopSongs"} {
		rows = append(rows, forAll(verb, "ar-{mina}"))
	}
	// All that is hers without an album is hidden from others: so the album of it is.
	for _, verb := range []string{"getAlbum", "getMusicDirectory", "getCoverArt", "getSimilarSongs"} {
		rows = append(rows, forHers(verb, "lo-{mina}"))
	}
	rows = append(rows,
		restRow{"download", "tr-{juns}", 50, 50, -1, 50, 50}, // jun, whose it is, does not offer it
		restRow{"getUsers", "", 50, 50, 50, 50, -1}, restRow{"startScan", "", 50, 50, 50, 50, -1})
	for _, verb := range []string{"createUser", "deleteUser", "changePassword", "updateUser", "jukeboxControl", "refreshPodcasts", "createInternetRadioStation"} {
		rows = append(rows, restRow{verb, "", 50, 50, 50, 50, 50})
	}

	// What somebody marks or tells is by the same rule; these come last, for they leave marks.
	// What was marked before a block may be let go of after it, as in the browser.
	for _, verb := range []string{"star", "scrobble"} {
		rows = append(rows, forAll(verb, "tr-{public}"), forHers(verb, "tr-{private}"), forHers(verb, "tr-{unlisted}"), forThose(verb, "tr-{followers}"))
	}
	for _, verb := range []string{"star", "unstar"} {
		rows = append(rows, forAll(verb, "al-{open-album}"), forHers(verb, "al-{shut-album}"), forThose(verb, "pl-{followers-list}"))
	}
	rows = append(rows, forHers("createShare", "tr-{private}"), forHers("savePlayQueue", "tr-{private}"), forThose("savePlayQueue", "tr-{followers}"))

	people := []struct {
		name string
		p    *phone
		code func(restRow) int
	}{
		{"owner", mina.phone(), func(r restRow) int { return r.owner }},
		{"follower", w.sora.phone(), func(r restRow) int { return r.follower }},
		{"user", w.jun.phone(), func(r restRow) int { return r.user }},
		{"blocked", w.haru.phone(), func(r restRow) int { return r.blocked }},
		{"keeper", w.keeper.phone(), func(r restRow) int { return r.keeper }},
	}
	gone := w.member("gone").phone()
	if err := w.app.Core().DropKey(context.Background(), core.Asker{User: idOf(t, w.jun)}, gone.id); err == nil {
		t.Error("another's key was dropped")
	}
	lost := w.member("lost")
	old := lost.phone()
	if err := w.app.Core().DropKey(context.Background(), core.Asker{User: idOf(t, lost)}, old.id); err != nil {
		t.Fatal(err)
	}
	w.keeper.put("/api/users/"+w.member("sus2").me.ID+"/suspension", nil).want(200)
	bad := map[string]url.Values{
		"nobody":       {},
		"forged token": signedBy("mina", "0123456789abcdefghjk"),
		"dropped key":  signedBy(old.name, old.key),
		"other's key":  signedBy("mina", people[2].p.key),
		"a session":    {"apiKey": {mina.token}},
		"a wrong key":  {"apiKey": {people[0].p.key + "0"}},
	}
	codes := map[string]int{"nobody": 10, "a session": 44, "a wrong key": 44}
	for _, r := range rows {
		id := w.fill(r.id)
		if strings.Contains(id, "{") {
			t.Fatalf("%s is not known", id)
		}
		absent := r.id
		if absent != "" {
			absent = id[:3] + never
		}
		for _, who := range people {
			want := who.code(r)
			for _, format := range []string{"json", "xml"} {
				var extra []string
				if id != "" {
					extra = []string{"id", id}
				}
				a := who.p.askAs("GET", format, r.verb, extra...)
				if a.status != 200 || a.code() != want {
					t.Errorf("%s %s by the %s: got status %d and code %d, want %d: %s", r.verb, r.id, who.name, a.status, a.code(), want, shorten(a.body))
				}
				if want == 70 { // to the letter as what never was
					if b := who.p.askAs("GET", format, r.verb, "id", absent); string(b.body) != string(a.body) || b.status != a.status {
						t.Errorf("%s %s by the %s: %s, but what never was is %s", r.verb, r.id, who.name, a.body, b.body)
					}
				}
			}
		}
		for name, v := range bad {
			want := codes[name]
			if want == 0 {
				want = 40
			}
			if want != 10 && r.verb != rows[0].verb && r.verb != "stream" && r.verb != "getUsers" {
				continue // each takes its time
			}
			v.Set("f", "json")
			v.Set("id", id)
			if a := w.restBy("GET", r.verb, v); a.status != 200 || a.code() != want {
				t.Errorf("%s %s by %s: got status %d and code %d, want %d", r.verb, r.id, name, a.status, a.code(), want)
			}
		}
	}

	// Nothing that is hidden is named or counted by a list.
	lists := [][]string{
		{"getArtists"}, {"getIndexes"}, {"getGenres"}, {"getStarred"}, {"getStarred2"}, {"getPlaylists"}, {"getMusicDirectory", "id", "1"},
		{"search2", "query", ""}, {"search3", "query", ""}, {"search3", "query", "secret"}, {"search3", "query", "veiled"}, {"search3", "query", "cloaked"}, {"search3", "query", "shrouded"},
		{"search3", "query", "mina"}, {"search", "any", "secret"}, {"getRandomSongs", "size", "500"}, {"getSongsByGenre", "genre", "everybody's", "count", "500"},
		{"getSongsByGenre", "genre", "a secret tag"}, {"getTopSongs", "artist", "mina"},
	}
	for kind := range map[string]bool{"random": true, "newest": true, "alphabeticalByName": true, "alphabeticalByArtist": true, "starred": true, "byGenre": true, "recent": true} {
		lists = append(lists, []string{"getAlbumList", "type", kind, "size", "500", "genre", "everybody's"}, []string{"getAlbumList2", "type", kind, "size", "500", "genre", "everybody's"})
	}
	for _, who := range people[1:] {
		for _, of := range lists {
			text := strings.ToLower(string(who.p.ask(of[0], of[1:]...).ok("", nil).body))
			for _, word := range []string{"secret", "cloaked", "shrouded", w.private.ID, w.unlisted.ID, w.linked.ID, w.ids["shut-album"], w.ids["link-album"], w.ids["open"] + "x"} {
				if strings.Contains(text, word) {
					t.Errorf("%v tells the %s of %q: %s", of, who.name, word, text)
				}
			}
			if who.name != "follower" && strings.Contains(text, "veiled") {
				t.Errorf("%v tells the %s of what is for followers: %s", of, who.name, text)
			}
			if who.name == "blocked" && (strings.Contains(text, w.mina.me.ID) || strings.Contains(text, w.public.ID)) {
				t.Errorf("%v tells the blocked of who blocks: %s", of, text)
			}
		}
	}
	// Counts are of what is seen: of the album of two, one is private.
	for _, who := range people {
		var album struct {
			SongCount int
			Song      []struct{ Track int }
		}
		a := who.p.ask("getAlbum", "id", "al-"+w.ids["open-album"])
		if who.name == "blocked" {
			a.fails(70)
			continue
		}
		want := map[bool]int{true: 2, false: 1}[who.name == "owner"]
		if a.ok("album", &album); album.SongCount != want || len(album.Song) != want || album.Song[want-1].Track != want {
			t.Errorf("the %s counts %+v, want %d", who.name, album, want)
		}
		var song struct {
			Track int
			Path  string
		}
		if who.p.ask("getSong", "id", "tr-"+w.public.ID).ok("song", &song); song.Track != want || strings.Contains(song.Path, "public.mp3") {
			t.Errorf("the %s finds the song at place %d, %q", who.name, song.Track, song.Path)
		}
	}

	// Who is suspended, or has changed the password, is let in no more.
	jun := people[2].p
	jun.ask("ping").ok("", nil)
	w.keeper.put(user(w.jun, "suspension"), nil).want(200)
	jun.ask("ping").fails(40)
	w.restBy("GET", "ping", url.Values{"apiKey": {jun.key}, "f": {"json"}}).fails(44)
	w.keeper.delete(user(w.jun, "suspension")).want(200)
	jun.ask("ping").ok("", nil)
	sora := people[1].p
	w.sora.put("/api/me/password", wire.PasswordChange{Current: password, New: "another horse battery"}).want(200)
	sora.ask("ping").fails(40)
}

func idOf(t *testing.T, p *person) db.ID {
	t.Helper()
	id, err := db.ParseID(p.me.ID)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestSubsonicSound: sound and pictures come as the files that they are, whole or
// in part; other sites may ask; cookies and tokens of the house are nothing here.
func TestSubsonicSound(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	p := mina.phone()
	file := taggedWith("Song", painted(t, 700, 700))
	one := mina.upload("song.mp3", file, "public")
	sung := mina.upload("sung.mp3", slices.Concat(mp3test.ID3v2(3, slices.Concat(id3Frame("TIT2", []byte("\x03Sung")), id3Frame("USLT", []byte("\x03eng\x00La la\nla")))), taggedWith("Song", nil)), "public")
	bare := mina.upload("bare.mp3", taggedWith("Bare", nil), "private")
	mina.drawn(one.ID)
	k.settled()
	list := made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: "Empty", Visibility: "private"}))
	v := signedBy(p.name, p.key)
	v.Set("id", "tr-"+one.ID)
	bytesOf := func(method, verb string, v url.Values, headers ...string) answer {
		t.Helper()
		return h.visitor().do(method, "/rest/"+verb+"?"+v.Encode(), nil, headers...)
	}
	for _, verb := range []string{"stream", "stream.view", "download"} {
		a := bytesOf("GET", verb, v)
		if string(a.want(200).body) != string(file) || a.header.Get("Content-Type") != "audio/mpeg" || a.header.Get("Access-Control-Allow-Origin") != "*" ||
			a.header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || a.header.Get("Accept-Ranges") != "bytes" {
			t.Errorf("%s: %d bytes, %v", verb, len(a.body), a.header)
		}
		if part := bytesOf("GET", verb, v, "Range", "bytes=10-19"); part.status != 206 || string(part.body) != string(file[10:20]) {
			t.Errorf("%s: a range got status %d, %d bytes", verb, part.status, len(part.body))
		}
		if head := bytesOf("HEAD", verb, v); head.status != 200 || head.header.Get("Content-Length") == "" {
			t.Errorf("%s: HEAD got status %d, %v", verb, head.status, head.header)
		}
	}
	if a := h.restBy("POST", "stream", v); a.status != 200 || string(a.body) != string(file) {
		t.Errorf("by a form there are %d bytes, status %d", len(a.body), a.status)
	}
	v.Set("maxBitRate", "64")
	v.Set("format", "ogg")
	v.Set("estimateContentLength", "true")
	if a := bytesOf("GET", "stream", v); string(a.want(200).body) != string(file) {
		t.Error("what can't be made smaller is not the file")
	}
	v.Set("timeOffset", "0.5")
	if got, want := bytesOf("GET", "stream", v).want(200).body, mina.get("/api/tracks/"+one.ID+"/stream.mp3?t=0.5").want(200).body; string(got) != string(want) {
		t.Errorf("from a time on there are %d bytes, want %d", len(got), len(want))
	}
	var words struct {
		StructuredLyrics []struct{ Line []struct{ Value string } }
	}
	if p.ask("getLyricsBySongId", "id", "tr-"+sung.ID).ok("lyricsList", &words); len(words.StructuredLyrics) != 1 || len(words.StructuredLyrics[0].Line) != 2 || words.StructuredLyrics[0].Line[1].Value != "la" {
		t.Errorf("the lyrics are %+v", words)
	}
	var text struct{ Value, Artist, Title string }
	if p.ask("getLyrics", "artist", "Mina", "title", "sung").ok("lyrics", &text); text.Value != "La la\nla" || text.Title != "Sung" {
		t.Errorf("by the title the lyrics are %+v", text)
	}
	for _, bad := range []string{"-1", "x", "NaN", "Inf", "0x10", "1e99"} {
		v.Set("timeOffset", bad)
		v.Set("f", "json")
		h.restBy("GET", "stream", v).fails(0)
	}

	for _, id := range []string{"tr-" + one.ID, "tr-" + one.ID + "_1a", "tr-" + bare.ID, "ar-" + mina.me.ID, "lo-" + mina.me.ID, "pl-" + list.ID} {
		for _, size := range []string{"", "64", "300", "5000"} {
			v := signedBy(p.name, p.key)
			v.Set("id", id)
			v.Set("size", size)
			a := bytesOf("GET", "getCoverArt", v)
			if a.want(200); a.header.Get("Content-Type") != "image/jpeg" || http.DetectContentType(a.body) != "image/jpeg" {
				t.Errorf("the cover of %s is %v", id, a.header)
			}
			if again := bytesOf("GET", "getCoverArt", v, "If-None-Match", a.header.Get("Etag")); again.status != 304 {
				t.Errorf("the cover of %s comes again with %d", id, again.status)
			}
		}
	}
	v = signedBy(p.name, p.key)
	v.Set("username", "mina")
	if a := bytesOf("GET", "getAvatar", v).want(200); a.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the avatar is %v", a.header)
	}
	v.Set("username", "nobody")
	h.restBy("GET", "getAvatar", v).fails(70)

	// Every id of a picture that is given out leads to one.
	var all map[string]any
	json.Unmarshal(p.ask("search3", "query", "").ok("", nil).body, &all)
	n := 0
	var walk func(any)
	walk = func(of any) {
		switch of := of.(type) {
		case map[string]any:
			if id, ok := of["coverArt"].(string); ok {
				n++
				v := signedBy(p.name, p.key)
				v.Set("id", id)
				bytesOf("GET", "getCoverArt", v).want(200)
			}
			for _, one := range of {
				walk(one)
			}
		case []any:
			for _, one := range of {
				walk(one)
			}
		}
	}
	if walk(all); n < 4 {
		t.Errorf("there are %d covers", n)
	}

	// A session of the house is nothing here, however it comes.
	h.visitor().get("/rest/ping?f=json", "Authorization", "Bearer "+mina.token).want(200).refused(10)
	h.visitor().get("/rest/ping?f=json", "Cookie", "earshot_session="+mina.token).want(200).refused(10)
	// Pages of other sites may ask, and send forms: who asks is in what they send.
	pre := h.visitor().do("OPTIONS", "/rest/search3", nil, "Origin", "https://player.example", "Access-Control-Request-Method", "POST")
	if pre.status != 204 || pre.header.Get("Access-Control-Allow-Origin") != "*" || pre.header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("OPTIONS: %d %v", pre.status, pre.header)
	}
	form := signedBy(p.name, p.key).Encode()
	h.visitor().do("POST", "/rest/ping", form, "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://player.example", "Sec-Fetch-Site", "cross-site").want(200)
	if a := h.visitor().do("POST", "/rest/ping", form, "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://player.example", "Sec-Fetch-Site", "cross-site"); !strings.Contains(string(a.body), `status="ok"`) {
		t.Errorf("a form of another site: %s", a.body)
	}
	h.visitor().do("DELETE", "/rest/ping", nil).want(405)
	// F17: no line of the log holds what opens something.
	for _, secret := range []string{p.key, hexMD5(p.key + "c19b2d"), "c19b2d"} {
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// refused ends the test unless the answer is an error of OpenSubsonic's.
func (a answer) refused(code int) {
	a.t.Helper()
	h := heard{t: a.t, what: a.what, status: a.status, body: a.body}
	var all map[string]map[string]any
	json.Unmarshal(a.body, &all)
	h.of = all["subsonic-response"]
	h.fails(code)
}

// TestSubsonicSync: a program that takes all songs page by page gets each once,
// also when some go and others come meanwhile, in the same order each time.
func TestSubsonicSync(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	p, other := h.member("jun").phone(), h.member("sora").phone()
	var tracks []wire.Track
	add := func(title string) {
		tracks = append(tracks, mina.upload("x.mp3", taggedWith(title, nil), "public"))
	}
	for i := range 12 {
		add("Song " + strings.Repeat("x", i+1))
	}
	hidden := mina.upload("x.mp3", taggedWith("Hidden", nil), "private")
	add("After the hidden one")
	k.settled()
	page := func(p *phone, n, from string) (ids []string) {
		t.Helper()
		var got struct {
			Song []struct{ ID, AlbumID string }
		}
		p.ask("search3", "query", "", "songCount", n, "songOffset", from, "albumCount", "0", "artistCount", "0").ok("searchResult3", &got)
		for _, s := range got.Song {
			ids = append(ids, strings.TrimPrefix(s.ID, "tr-"))
			if s.AlbumID != "lo-"+mina.me.ID {
				t.Errorf("a loose song is in %s", s.AlbumID)
			}
		}
		return ids
	}
	var want []string
	for _, x := range tracks {
		want = append(want, x.ID)
	}
	if got := page(p, "100", "0"); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("all songs are %v, want %v", got, want)
	}
	got := page(p, "5", "0")
	mina.delete(track(tracks[0])).want(204) // which was given out already
	mina.patch(track(tracks[1]), wire.TrackPatch{Visibility: ptr("private")}).want(200)
	got = append(got, page(p, "5", "5")...)
	add("The newest")
	want = append(want, tracks[len(tracks)-1].ID)
	got = append(got, page(p, "5", "10")...)
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("in pages they are %v, want %v", got, want)
	}
	// Another begins where they are now, and so does the same one later.
	if got := page(other, "5", "5"); strings.Join(got, " ") != strings.Join(want[7:12], " ") {
		t.Errorf("for another the second page is %v, want %v", got, want[7:12])
	}
	if got := page(p, "3", "0"); strings.Join(got, " ") != strings.Join(want[2:5], " ") {
		t.Errorf("the first page is %v, want %v", got, want[2:5])
	}
	if got := page(p, "5", "1000"); len(got) != 0 {
		t.Errorf("behind the end there is %v", got)
	}
	if got := page(mina.phone(), "100", "0"); len(got) != 14 || !strings.Contains(strings.Join(got, " "), hidden.ID) {
		t.Errorf("the owner's songs are %v", got)
	}
}

// TestSubsonicLimits: who asks too often is told to wait, as by the API, and
// whoever plays is not counted.
func TestSubsonicLimits(t *testing.T) {
	t.Parallel()
	h := (&house{cost: 4, limited: true, pace: func() time.Duration { return time.Hour }}).begin(t)
	h.keeper()
	p := h.member("mina").phone()
	var last heard
	for n := 0; n < 1300 && last.status != 429; n++ {
		last = h.restBy("GET", "getOpenSubsonicExtensions", url.Values{"f": {"json"}})
	}
	if last.status != 429 || last.code() != 0 || last.header.Get("Retry-After") == "" {
		t.Errorf("a visitor is told %d %v %s", last.status, last.header, last.body)
	}
	p.ask("ping").ok("", nil) // a member by themselves
	for n := 0; n < 700 && p.ask("ping").status != 429; n++ {
		if n == 699 {
			t.Error("a member may ask without end")
		}
	}
	p.ask("stream", "id", "tr-"+never).fails(70)
	// Whoever guesses is told to wait as well.
	if a := h.restBy("GET", "ping", signedBy("mina", "wrong")); a.status != 429 {
		t.Errorf("a guess is answered with %d %s", a.status, a.body)
	}
	if !strings.Contains(h.log.String(), "key.refused") {
		t.Error("the log does not tell of refused sign-ins")
	}
}

// TestSubsonicBehindAPath: below the path of a public address too; and requests
// are counted under the names of calls, never under what somebody made up or with
// what they send.
func TestSubsonicBehindAPath(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.PublicURL, c.Metrics.Show = "https://home.example/earshot", "open" })
	h.keeper()
	p := h.member("mina").phone()
	for _, path := range []string{"/earshot/rest/ping.view", "/rest/ping"} {
		if a := h.visitor().get(path + "?" + signedBy(p.name, p.key).Encode()); !strings.Contains(string(a.want(200).body), `status="ok"`) {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	if a := h.visitor().get("/earshot/rest/ping?f=json&" + signedBy(p.name, "wrong").Encode()); !strings.Contains(string(a.body), `"helpUrl":"https://home.example/earshot/settings/`) {
		t.Errorf("a refused one is told %s", a.body)
	}
	h.visitor().get("/rest/made-up-by-somebody?apiKey=" + p.key).want(404)
	text := string(h.visitor().get("/metrics").want(200).body)
	if !strings.Contains(text, `route="/rest/ping",status="2xx"} 3`) || !strings.Contains(text, `route="/rest/",status="4xx"} 1`) || strings.Contains(text, "made-up") || strings.Contains(text, p.key) {
		t.Errorf("the numbers are %s", text)
	}
}
