package app_test

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

// phone is a program that speaks OpenSubsonic for a person: all that it knows of the
// house comes from there.
type phone struct {
	t    testing.TB
	h    *house
	name string // the username
	key  string // the app password
	id   db.ID
}

// phone gives a person an app password, and a program that has it.
func (p *person) phone() *phone {
	p.h.t.Helper()
	id, err := db.ParseID(p.me.ID)
	if err != nil {
		p.h.t.Fatal(err)
	}
	made, err := p.h.app.Core().AddKey(context.Background(), core.Asker{User: id}, core.NewKey{Kind: db.KeyApp, Name: "phone"})
	if err != nil {
		p.h.t.Fatal(err)
	}
	return &phone{t: p.h.t, h: p.h, name: p.me.Username, key: made.Secret, id: made.ID}
}

// signedBy are the parameters by which a program signs in with a token.
func signedBy(name, key string) url.Values {
	sum := md5.Sum([]byte(key + "c19b2d"))
	return url.Values{"u": {name}, "t": {hex.EncodeToString(sum[:])}, "s": {"c19b2d"}, "v": {"1.16.1"}, "c": {"earshot-test"}}
}

// heard is an answer of the protocol.
type heard struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
	of     map[string]any // the subsonic-response of JSON
}

// restBy sends a request with the parameters, and with no others.
func (h *house) restBy(method, verb string, v url.Values) heard {
	h.t.Helper()
	address, form := h.url+"/rest/"+verb, io.Reader(nil)
	if method == "POST" {
		form = strings.NewReader(v.Encode())
	} else {
		address += "?" + v.Encode()
	}
	req, err := http.NewRequest(method, address, form)
	if err != nil {
		h.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, verb, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, verb, err)
	}
	a := heard{t: h.t, what: method + " " + verb, status: res.StatusCode, header: res.Header, body: b}
	if len(b) > 0 && strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		var all map[string]map[string]any
		if err := json.Unmarshal(b, &all); err != nil {
			h.t.Fatalf("%s: %v in %s", a.what, err, shorten(b))
		}
		a.of = all["subsonic-response"]
	}
	return a
}

// ask calls a verb with a token, for JSON; extra are names and values.
func (p *phone) ask(verb string, extra ...string) heard {
	p.t.Helper()
	v := signedBy(p.name, p.key)
	v.Set("f", "json")
	for i := 0; i+1 < len(extra); i += 2 {
		v.Add(extra[i], extra[i+1])
	}
	return p.h.restBy("GET", verb, v)
}

// ok ends the test unless the call worked, and decodes what stands under a name.
func (a heard) ok(name string, into any) heard {
	a.t.Helper()
	if a.status != 200 || a.of["status"] != "ok" {
		a.t.Fatalf("%s: got status %d and %s", a.what, a.status, shorten(a.body))
	}
	if into != nil {
		b, _ := json.Marshal(a.of[name])
		if err := json.Unmarshal(b, into); err != nil {
			a.t.Fatalf("%s: %v in %s", a.what, err, shorten(b))
		}
	}
	return a
}

// code gives the code of the error, in either format; -1 when there is none.
func (a heard) code() int {
	if a.of != nil {
		if e, ok := a.of["error"].(map[string]any); ok {
			return int(e["code"].(float64))
		}
		return -1
	}
	var x struct {
		Error *struct {
			Code int `xml:"code,attr"`
		} `xml:"error"`
	}
	if err := xml.Unmarshal(a.body, &x); err != nil || x.Error == nil {
		return -1
	}
	return x.Error.Code
}

// fails ends the test unless the call failed with a code, by the usual status.
func (a heard) fails(code int) heard {
	a.t.Helper()
	if a.status != 200 || a.code() != code {
		a.t.Fatalf("%s: got status %d and code %d, want 200 and %d; body: %s", a.what, a.status, a.code(), code, shorten(a.body))
	}
	return a
}

// TestSubsonicSignsIn: an app password lets a program in by each way of the
// protocol; nothing else does, and what does not is answered alike.
func TestSubsonicSignsIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	p := mina.phone()
	with := func(pairs ...string) url.Values {
		v := url.Values{"f": {"json"}, "v": {"1.16.1"}, "c": {"earshot-test"}}
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Add(pairs[i], pairs[i+1])
		}
		return v
	}
	token := signedBy(p.name, p.key)
	upper := strings.ToUpper(token.Get("t"))
	own := signedBy(p.name, password)
	for _, c := range []struct {
		name string
		v    url.Values
		code int // -1: it works
	}{
		{"token", with("u", p.name, "t", token.Get("t"), "s", "c19b2d"), -1},
		{"token in capitals", with("u", p.name, "t", upper, "s", "c19b2d"), -1},
		{"password", with("u", p.name, "p", p.key), -1},
		{"password in hex", with("u", p.name, "p", "enc:"+hex.EncodeToString([]byte(p.key))), -1},
		{"e-mail address", with("u", "mina@home.example", "p", p.key), -1},
		{"key", with("apiKey", p.key), -1},
		{"nothing", with(), 10},
		{"no password", with("u", p.name), 10},
		{"token without salt", with("u", p.name, "t", token.Get("t")), 10},
		{"key and name", with("apiKey", p.key, "u", p.name), 43},
		{"key and password", with("apiKey", p.key, "p", p.key), 43},
		{"password and token", with("u", p.name, "p", p.key, "t", token.Get("t"), "s", "c19b2d"), 43},
		{"wrong key", with("apiKey", p.key+"x"), 44},
		{"empty key", with("apiKey", ""), 44},
		{"the account's password", with("u", p.name, "p", password), 40},
		{"a token of the account's password", with("u", p.name, "t", own.Get("t"), "s", "c19b2d"), 40},
		{"wrong password", with("u", p.name, "p", p.key+"x"), 40},
		{"unknown user", with("u", "nobody-here", "p", p.key), 40},
		{"empty user", with("u", "", "p", p.key), 40},
		{"empty password", with("u", p.name, "p", ""), 40},
		{"empty user and password", with("u", "", "p", ""), 40},
		{"empty token and salt", with("u", p.name, "t", "", "s", ""), 40},
		{"token of an empty salt", with("u", p.name, "t", hexMD5(p.key), "s", ""), 40},
		{"keeper's name", with("u", "keeper-kim", "p", p.key), 40},
	} {
		for _, method := range []string{"GET", "POST"} {
			a := h.restBy(method, "ping.view", c.v)
			if a.status != 200 || a.code() != c.code {
				t.Errorf("%s by %s: got status %d and code %d, want %d; %s", c.name, method, a.status, a.code(), c.code, shorten(a.body))
			}
			if c.code == 40 {
				e := a.of["error"].(map[string]any)
				if !strings.Contains(e["message"].(string), "app password") || e["helpUrl"] != h.url+"/settings/programs" {
					t.Errorf("%s: the error does not help: %v", c.name, e)
				}
			}
		}
	}
}

func hexMD5(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// askAs calls a verb in a format, by a method.
func (p *phone) askAs(method, format, verb string, extra ...string) heard {
	p.t.Helper()
	v := signedBy(p.name, p.key)
	if format != "" {
		v.Set("f", format)
	}
	for i := 0; i+1 < len(extra); i += 2 {
		v.Add(extra[i], extra[i+1])
	}
	return p.h.restBy(method, verb, v)
}

// element is a piece of XML, whatever its names.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

// plain writes a value of JSON as XML has it.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// same compares an object of JSON with an element of XML: both say the same.
func same(t *testing.T, at string, of map[string]any, in element) {
	t.Helper()
	attrs, children := map[string]string{}, map[string][]element{}
	for _, a := range in.Attrs {
		if a.Name.Local != "xmlns" {
			attrs[a.Name.Local] = a.Value
		}
	}
	for _, c := range in.Children {
		children[c.XMLName.Local] = append(children[c.XMLName.Local], c)
	}
	for name, v := range of {
		switch v := v.(type) {
		case map[string]any:
			if len(children[name]) != 1 {
				t.Errorf("%s: XML has %d elements %s, want 1", at, len(children[name]), name)
				continue
			}
			same(t, at+"."+name, v, children[name][0])
		case []any:
			if len(v) != len(children[name]) {
				t.Errorf("%s: XML has %d elements %s, JSON %d", at, len(children[name]), name, len(v))
				continue
			}
			for i := range v {
				if one, is := v[i].(map[string]any); is {
					same(t, fmt.Sprintf("%s.%s[%d]", at, name, i), one, children[name][i])
				} else if plain(v[i]) != children[name][i].Text {
					t.Errorf("%s.%s[%d]: XML has %q, JSON %v", at, name, i, children[name][i].Text, v[i])
				}
			}
		default:
			got, there := attrs[name]
			if !there && name == "value" {
				got, there = in.Text, true
			}
			if !there && len(children[name]) == 1 {
				got, there = children[name][0].Text, true
			}
			if !there || got != plain(v) {
				t.Errorf("%s: XML has %s=%q (%v), JSON %v", at, name, got, there, v)
			}
		}
		delete(attrs, name)
	}
	for name, v := range attrs {
		t.Errorf("%s: XML alone has %s=%q", at, name, v)
	}
}

// reach finds what stands at a path, such as "albumList2.album.0".
func (a heard) at(path string) any {
	var v any = a.of
	for _, part := range strings.Split(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// The fields that the spec wants, and those of OpenSubsonic's that a server that
// knows of them always gives (opensubsonic.netlify.app, docs/responses).
const (
	envelopeFields = "status version type serverVersion openSubsonic"
	childFields    = "id isDir title parent album albumId artist artistId coverArt size contentType suffix duration bitRate samplingRate channelCount path " +
		"isVideo playCount created type mediaType bpm comment sortName musicBrainzId displayArtist displayAlbumArtist explicitStatus isrc genres artists albumArtists contributors moods replayGain"
	folderFields   = "id isDir title parent name album artist coverArt created mediaType"
	albumFields    = "id name artist artistId coverArt songCount duration playCount created displayArtist sortName isCompilation genres artists moods musicBrainzId"
	artistFields   = "id name coverArt albumCount sortName roles musicBrainzId"
	playlistFields = "id name owner public songCount duration created changed coverArt"
	userFields     = "username scrobblingEnabled adminRole settingsRole downloadRole uploadRole playlistRole coverArtRole commentRole podcastRole streamRole jukeboxRole shareRole videoConversionRole folder"
)

// TestSubsonicShapes: each call answers in XML and in JSON alike, by each method,
// under both of its names, with the fields that the spec wants.
func TestSubsonicShapes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	p := jun.phone()
	mina.put("/api/me/picture", painted(t, 40, 40)).want(200)
	mina.patch("/api/me", wire.MePatch{Bio: ptr("Sings at night.")}).want(200)
	var tracks []wire.Track
	for _, title := range []string{"First & <second>", "Second song", "밤기차"} {
		one := mina.upload("x.mp3", taggedWith(title, painted(t, 40, 40)), "public")
		mina.patch(track(one), wire.TrackPatch{Tags: ptr([]string{"night", "한국"}), Description: ptr("About it\nin two lines"), Year: ptr(2019)}).want(200)
		tracks = append(tracks, mina.drawn(one.ID))
	}
	album := made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: "An album", Kind: "album", Visibility: "public", Tracks: []string{tracks[1].ID, tracks[0].ID}}))
	list := made[wire.Playlist](jun.post("/api/playlists", wire.NewPlaylist{Title: "A list", Visibility: "private", Tracks: []string{tracks[2].ID, tracks[0].ID}}))
	jun.put(track(tracks[0], "like"), nil).want(200)
	jun.put(playlist(album, "like"), nil).want(200)
	jun.put(user(mina, "follow"), nil).want(200)
	k.settled()
	tr, al, pl, ar, lo := "tr-"+tracks[0].ID, "al-"+album.ID, "pl-"+list.ID, "ar-"+mina.me.ID, "lo-"+mina.me.ID

	p.ask("createBookmark", "id", tr, "position", "100").ok("", nil)
	p.ask("savePlayQueue", "id", tr, "current", tr).ok("", nil)
	p.ask("reportPlayback", "mediaId", tr, "mediaType", "song", "positionMs", "100", "state", "paused").ok("", nil)
	p.ask("createShare", "id", pl).ok("shares", nil)

	type row struct {
		verb   string
		params []string
		name   string            // of the body; "" for none
		fields map[string]string // by path: fields that have to be there
	}
	rows := []row{
		{"ping", nil, "", map[string]string{}},
		{"getLicense", nil, "license", map[string]string{"license": "valid"}},
		{"getOpenSubsonicExtensions", nil, "openSubsonicExtensions", map[string]string{"openSubsonicExtensions.0": "name versions"}},
		{"getUser", []string{"username", p.name}, "user", map[string]string{"user": userFields}},
		{"getMusicFolders", nil, "musicFolders", map[string]string{"musicFolders.musicFolder.0": "id name"}},
		{"getIndexes", nil, "indexes", map[string]string{"indexes": "lastModified ignoredArticles index", "indexes.index.0": "name artist", "indexes.index.0.artist.0": artistFields + " starred"}},
		{"getArtists", nil, "artists", map[string]string{"artists": "ignoredArticles index", "artists.index.0": "name artist", "artists.index.0.artist.0": artistFields + " starred"}},
		{"getArtist", []string{"id", ar}, "artist", map[string]string{"artist": artistFields + " album starred", "artist.album.0": albumFields, "artist.album.1": albumFields}},
		{"getAlbum", []string{"id", al}, "album", map[string]string{"album": albumFields + " song starred year genre", "album.song.0": childFields + " year genre track", "album.song.1": childFields + " starred"}},
		{"getAlbum", []string{"id", lo}, "album", map[string]string{"album": albumFields, "album.song.0": childFields}},
		{"getSong", []string{"id", tr}, "song", map[string]string{"song": childFields + " starred track year genre", "song.genres.1": "name", "song.artists.0": "id name", "song.replayGain": "trackGain"}},
		{"getGenres", nil, "genres", map[string]string{"genres.genre.0": "value songCount albumCount"}},
		{"getMusicDirectory", []string{"id", "1"}, "directory", map[string]string{"directory": "id name child", "directory.child.0": "id isDir title parent"}},
		{"getMusicDirectory", []string{"id", ar}, "directory", map[string]string{"directory": "id name parent child starred", "directory.child.0": folderFields}},
		{"getMusicDirectory", []string{"id", al}, "directory", map[string]string{"directory": "id name parent child starred", "directory.child.0": childFields}},
		{"getMusicDirectory", []string{"id", lo}, "directory", map[string]string{"directory.child.0": childFields}},
		{"getArtistInfo", []string{"id", ar}, "artistInfo", map[string]string{"artistInfo": "biography smallImageUrl mediumImageUrl largeImageUrl similarArtist"}},
		{"getArtistInfo2", []string{"id", ar}, "artistInfo2", map[string]string{"artistInfo2": "biography smallImageUrl mediumImageUrl largeImageUrl similarArtist"}},
		{"getAlbumInfo", []string{"id", al}, "albumInfo", map[string]string{}},
		{"getAlbumInfo2", []string{"id", al}, "albumInfo", map[string]string{}},
		{"getSimilarSongs", []string{"id", tr}, "similarSongs", map[string]string{"similarSongs.song.0": childFields}},
		{"getSimilarSongs2", []string{"id", ar}, "similarSongs2", map[string]string{"similarSongs2.song.0": childFields}},
		{"getTopSongs", []string{"artist", "mina"}, "topSongs", map[string]string{"topSongs.song.2": childFields}},
		{"getTopSongs", []string{"id", ar, "count", "1"}, "topSongs", map[string]string{"topSongs.song.0": childFields}},
		{"getRandomSongs", []string{"size", "2"}, "randomSongs", map[string]string{}},
		{"getSongsByGenre", []string{"genre", "Night"}, "songsByGenre", map[string]string{"songsByGenre.song.2": childFields}},
		{"getStarred", nil, "starred", map[string]string{"starred.artist.0": artistFields + " starred", "starred.album.0": folderFields + " starred", "starred.song.0": childFields + " starred"}},
		{"getStarred2", nil, "starred2", map[string]string{"starred2.artist.0": artistFields + " starred", "starred2.album.0": albumFields + " starred", "starred2.song.0": childFields + " starred"}},
		{"search2", []string{"query", "song"}, "searchResult2", map[string]string{"searchResult2": "artist album song", "searchResult2.song.0": childFields}},
		{"search3", []string{"query", ""}, "searchResult3", map[string]string{"searchResult3.artist.0": artistFields, "searchResult3.album.0": albumFields, "searchResult3.song.2": childFields}},
		{"search3", []string{"query", `""`}, "searchResult3", map[string]string{"searchResult3.artist.0": artistFields, "searchResult3.album.1": albumFields, "searchResult3.song.2": childFields}},
		{"search3", []string{"query", "album"}, "searchResult3", map[string]string{"searchResult3.album.0": albumFields}},
		{"search3", []string{"query", "mina"}, "searchResult3", map[string]string{"searchResult3.artist.0": artistFields}},
		{"search3", []string{"query", "밤"}, "searchResult3", map[string]string{"searchResult3.song.0": childFields}},
		{"search", []string{"any", "song"}, "searchResult", map[string]string{"searchResult": "offset totalHits match"}},
		{"getPlaylists", nil, "playlists", map[string]string{"playlists.playlist.0": playlistFields}},
		{"getPlaylist", []string{"id", pl}, "playlist", map[string]string{"playlist": playlistFields + " entry", "playlist.entry.1": childFields}},
		{"getLyrics", []string{"artist", "mina", "title", "x"}, "lyrics", map[string]string{"lyrics": "value"}},
		{"getLyricsBySongId", []string{"id", tr}, "lyricsList", map[string]string{"lyricsList": "structuredLyrics"}},
		{"getScanStatus", nil, "scanStatus", map[string]string{"scanStatus": "scanning count"}},
		{"getBookmarks", nil, "bookmarks", map[string]string{"bookmarks.bookmark.0": "position username created changed entry", "bookmarks.bookmark.0.entry": childFields}},
		{"getPlayQueue", nil, "playQueue", map[string]string{"playQueue": "current position username changed changedBy entry", "playQueue.entry.0": childFields}},
		{"getPlayQueueByIndex", nil, "playQueueByIndex", map[string]string{"playQueueByIndex": "currentIndex position username changed changedBy entry", "playQueueByIndex.entry.0": childFields}},
		{"getNowPlaying", nil, "nowPlaying", map[string]string{"nowPlaying.entry.0": childFields + " username minutesAgo playerId positionMs playbackRate"}},
		{"getShares", nil, "shares", map[string]string{"shares.share.0": "id url username created visitCount entry", "shares.share.0.entry.1": childFields}},
		{"getInternetRadioStations", nil, "internetRadioStations", map[string]string{"internetRadioStations": "internetRadioStation"}},
		{"getPodcasts", nil, "podcasts", map[string]string{"podcasts": "channel"}},
		{"getNewestPodcasts", nil, "newestPodcasts", map[string]string{"newestPodcasts": "episode"}},
		{"getVideos", nil, "videos", map[string]string{"videos": "video"}},
		{"getChatMessages", nil, "chatMessages", map[string]string{"chatMessages": "chatMessage"}},
	}
	for _, kind := range []string{"random", "newest", "highest", "frequent", "recent", "alphabeticalByName", "alphabeticalByArtist", "starred", "byYear", "byGenre"} {
		params := []string{"type", kind, "fromYear", "2020", "toYear", "2010", "genre", "night"}
		fields := albumFields
		rows = append(rows,
			row{"getAlbumList", params, "albumList", map[string]string{"albumList": "album", "albumList.album.0": folderFields}},
			row{"getAlbumList2", params, "albumList2", map[string]string{"albumList2": "album", "albumList2.album.0": fields}})
		if kind == "highest" || kind == "frequent" || kind == "recent" { // nothing was played or rated
			rows[len(rows)-2].fields, rows[len(rows)-1].fields = nil, nil
		}
	}
	for _, r := range rows {
		what := r.verb + " " + strings.Join(r.params, " ")
		a := p.askAs("GET", "json", r.verb, r.params...).ok("", nil)
		for path, fields := range r.fields {
			of, _ := a.at(path).(map[string]any)
			for _, f := range strings.Fields(fields) {
				if of[f] == nil {
					t.Errorf("%s: there is no %s.%s in %s", what, path, f, shorten(a.body))
				}
			}
		}
		for _, f := range strings.Fields(envelopeFields) {
			if a.of[f] == nil {
				t.Errorf("%s: there is no %s", what, f)
			}
		}
		if a.of["version"] != "1.16.1" || a.of["type"] != "earshot" || a.of["openSubsonic"] != true || a.of["serverVersion"] != "1" {
			t.Errorf("%s: the envelope is %v", what, a.of)
		}
		if n := len(a.of) - len(strings.Fields(envelopeFields)); r.name != "" && (a.of[r.name] == nil || n != 1) || r.name == "" && n != 0 {
			t.Errorf("%s: the body is %s", what, shorten(a.body))
		}
		if strings.Contains(r.verb, "Random") || slices.Contains(r.params, "random") {
			continue
		}
		var x element
		in := p.askAs("GET", "", r.verb+".view", r.params...)
		if err := xml.Unmarshal(in.body, &x); err != nil || x.XMLName != (xml.Name{Space: "http://subsonic.org/restapi", Local: "subsonic-response"}) {
			t.Errorf("%s: XML is %s: %v", what, shorten(in.body), err)
			continue
		}
		if got := in.header.Get("Content-Type"); got != "text/xml; charset=utf-8" {
			t.Errorf("%s: XML comes as %q", what, got)
		}
		same(t, what, a.of, x)
		for _, other := range []heard{p.askAs("POST", "json", r.verb+".view", r.params...), p.askAs("POST", "xml", r.verb, r.params...)} {
			if want := map[bool][]byte{true: a.body, false: in.body}[other.of != nil]; string(other.body) != string(want) {
				t.Errorf("%s: by POST it is %s, by GET %s", what, shorten(other.body), shorten(want))
			}
		}
		head := p.askAs("HEAD", "json", r.verb, r.params...)
		if head.status != 200 || len(head.body) != 0 {
			t.Errorf("%s: HEAD got status %d and %d bytes", what, head.status, len(head.body))
		}
	}

	jsonp := p.ask("ping", "f", "") // the first f counts
	if jsonp.of == nil {
		t.Errorf("two formats: %s", jsonp.body)
	}
	v := signedBy(p.name, p.key)
	v.Set("f", "jsonp")
	v.Set("callback", "my.back")
	if a := h.restBy("GET", "ping", v); string(a.body) != `/**/my.back({"subsonic-response":{"status":"ok","version":"1.16.1","type":"earshot","serverVersion":"1","openSubsonic":true}});` ||
		a.header.Get("Content-Type") != "application/javascript; charset=utf-8" {
		t.Errorf("JSONP is %s as %s", a.body, a.header.Get("Content-Type"))
	}
	for callback, code := range map[string]int{"": 10, "alert(1)": 0, "a b": 0, "x;y": 0, strings.Repeat("a", 101): 0} {
		v.Set("callback", callback)
		h.restBy("GET", "ping", v).fails(code)
	}
	v.Set("f", "yaml")
	h.restBy("GET", "ping", v).fails(0)

	for _, wrong := range []struct {
		verb   string
		params []string
		code   int
	}{
		{"getSong", nil, 10}, {"getSong", []string{"id", ""}, 10}, {"getSong", []string{"id", "x"}, 70}, {"getSong", []string{"id", al}, 70},
		{"getAlbum", []string{"id", pl}, 70}, {"getAlbum", []string{"id", "al-" + list.ID}, 70}, {"getArtist", []string{"id", lo}, 70},
		{"getAlbum", []string{"id", "lo-" + jun.me.ID}, 70}, {"getAlbumList2", nil, 10}, {"getAlbumList2", []string{"type", "best"}, 0},
		{"getAlbumList2", []string{"type", "byYear"}, 10}, {"getAlbumList2", []string{"type", "byGenre"}, 10},
		{"getAlbumList2", []string{"type", "newest", "size", "-1"}, 0}, {"getAlbumList2", []string{"type", "newest", "offset", "x"}, 0},
		{"search3", nil, 10}, {"getUser", nil, 10}, {"getUser", []string{"username", "mina"}, 50}, {"getUser", []string{"username", "nobody"}, 50},
		{"getUsers", nil, 50}, {"startScan", nil, 50}, {"createUser", nil, 50}, {"getPlaylists", []string{"username", "mina"}, 50},
		{"getTopSongs", nil, 10}, {"tokenInfo", nil, 10}, {"stream", []string{"id", "tr-" + never}, 70}, {"getCoverArt", []string{"id", "x"}, 70},
		{"ping", []string{"v", "x"}, -1}, // the first counts
	} {
		for _, method := range []string{"GET", "POST"} {
			for _, format := range []string{"json", "xml"} {
				if a := p.askAs(method, format, wrong.verb, wrong.params...); a.code() != wrong.code || a.status != 200 {
					t.Errorf("%s %v: got status %d, code %d, want %d: %s", wrong.verb, wrong.params, a.status, a.code(), wrong.code, a.body)
				}
			}
		}
	}
	for version, code := range map[string]int{"0.9.0": 20, "2.0.0": 30, "x": 0, "1.8.0": -1, "1.99": -1} {
		v := signedBy(p.name, p.key)
		v.Set("v", version)
		if a := h.restBy("GET", "ping", v); a.code() != code {
			t.Errorf("version %s: got %d, want %d", version, a.code(), code)
		}
	}
	v = signedBy(p.name, p.key)
	v.Del("v")
	v.Del("c")
	h.restBy("GET", "ping", v).hasCode(-1)
	if a := p.ask("getNothing"); a.status != 404 || a.code() != 70 {
		t.Errorf("an unknown call: %d %s", a.status, a.body)
	}
	h.restBy("GET", "getOpenSubsonicExtensions", url.Values{"f": {"json"}}).ok("", nil)
	h.restBy("POST", "ping", url.Values{"x": {strings.Repeat("a", 1<<20)}}).wantStatus(413)

	var who struct{ Username string }
	h.restBy("GET", "tokenInfo", url.Values{"f": {"json"}, "apiKey": {p.key}}).ok("tokenInfo", &who)
	if who.Username != p.name {
		t.Errorf("the key is of %q", who.Username)
	}
	kp := k.phone()
	kp.ask("getUsers").ok("", nil)
	kp.ask("getUser", "username", "mina").ok("", nil)
	kp.ask("getUser", "username", "nobody").fails(70)
	kp.ask("startScan").ok("", nil)
}

func (a heard) hasCode(code int) {
	a.t.Helper()
	if a.code() != code {
		a.t.Errorf("%s: got code %d, want %d", a.what, a.code(), code)
	}
}

func (a heard) wantStatus(status int) {
	a.t.Helper()
	if a.status != status {
		a.t.Errorf("%s: got status %d, want %d", a.what, a.status, status)
	}
}
