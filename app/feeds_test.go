package app_test

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"earshot/app/api/wire"
	"earshot/app/config"
)

// feedRows: a public feed holds what visitors hear, whoever asks; the owner and
// followers find no more. What opens a private one is its address, which is
// nobody's here; TestPrivateFeeds has those that are somebody's.
func feedRows() []access {
	const (
		users, lists, tags, files = "GET /feeds/users/{file}", "GET /feeds/playlists/{file}", "GET /feeds/tags/{file}", "GET /feeds/tracks/{file}"
		named                     = "GET /feeds/users/{name}/playlists/{file}"
		private, inside           = "GET /feeds/private/{file}", "GET /feeds/private/{secret}/{file}"
	)
	rows := []access{
		//                                                     N    U    Fo   O    B    A
		{users, "/feeds/users/{mina}.rss", no, 200, 200, 200, 200, 404, 200},
		{users, "/feeds/users/{mina}.atom", no, 200, 200, 200, 200, 404, 200},
		{users, "/feeds/users/mina.rss", no, 302, 302, 302, 302, 404, 302},
		{lists, "/feeds/playlists/{open}.rss", no, 200, 200, 200, 200, 404, 200},
		{named, "/feeds/users/mina/playlists/open-list.rss", no, 302, 302, 302, 302, 404, 302},
		{tags, "/feeds/tags/{our-tag}.rss", no, 200, 200, 200, 200, 200, 200},
		{tags, "/feeds/tags/{her-tag}.rss", no, 200, 200, 200, 200, 404, 200},
		{files, "/feeds/tracks/{public}.mp3", no, 200, 200, 200, 200, 404, 200},
		{files, "/feeds/tracks/{public}.jpg", no, 200, 200, 200, 200, 404, 200},
		{"GET /api/me/feeds", "", no, 401, 200, 200, 200, 200, 200},
		{"POST /api/me/feeds", "", wire.NewFeed{Kind: "stream"}, 401, 201, 201, 201, 201, 201},
		{"POST /api/me/feeds", "", wire.NewFeed{Kind: "user", Of: "{mina}"}, 401, 201, 201, 201, 404, 201},
		{"POST /api/me/feeds", "", wire.NewFeed{Kind: "playlist", Of: "{open}"}, 401, 201, 201, 201, 404, 201},
		{"POST /api/me/feeds", "", wire.NewFeed{Kind: "playlist", Of: "{shut}"}, 401, 404, 404, 201, 404, 404},
		{"POST /api/me/feeds", "", wire.NewFeed{Kind: "playlist", Of: "{followers-list}"}, 401, 404, 201, 201, 404, 404},
		{"GET /api/me/feeds/{id}", "/api/me/feeds/{never}", no, 401, 404, 404, 404, 404, 404},
		{"DELETE /api/me/feeds/{id}", "/api/me/feeds/{never}", no, 401, 404, 404, 404, 404, 404},
	}
	for _, hidden := range [][2]string{
		{lists, "playlists/{shut}.rss"}, {lists, "playlists/{followers-list}.rss"}, {lists, "playlists/{unlisted-list}.atom"}, {tags, "tags/{secret-tag}.rss"},
		{files, "tracks/{private}.mp3"}, {files, "tracks/{followers}.mp3"}, {files, "tracks/{unlisted}.mp3"}, {files, "tracks/{private}.jpg"}, {files, "tracks/{public}.flac"},
		{"GET /feeds/playlists/{id}/cover.jpg", "playlists/{shut}/cover.jpg"}, {users, "users/{mina}.xml"}, {users, "users/{public}.rss"},
		{private, "private/{mina}.rss"}, {inside, "private/{mina}/{public}.mp3"}, {inside, "private/{mina}/cover.jpg"},
	} {
		rows = append(rows, access{hidden[0], "/feeds/" + hidden[1], no, 404, 404, 404, 404, 404, 404})
	}
	return rows
}

// coverRows are of the pictures of public feeds.
func coverRows() []access {
	return []access{
		//                                                     N    U    Fo   O    B    A
		{"GET /feeds/users/{id}/cover.jpg", "/feeds/users/{mina}/cover.jpg", no, 200, 200, 200, 200, 404, 200},
		{"GET /feeds/playlists/{id}/cover.jpg", "/feeds/playlists/{open}/cover.jpg", no, 200, 200, 200, 200, 404, 200},
	}
}

// feed reads a feed as programs do.
func (a answer) feed() *gofeed.Feed {
	a.t.Helper()
	f, err := gofeed.NewParser().Parse(bytes.NewReader(a.want(200).body))
	if err != nil {
		a.t.Fatalf("%s: %v in %s", a.what, err, shorten(a.body))
	}
	return f
}

// feedTitles are those of a feed's items.
func feedTitles(f *gofeed.Feed) []string {
	list := []string{}
	for _, i := range f.Items {
		list = append(list, i.Title)
	}
	return list
}

// within is a full address of the house as its path.
func (h *house) within(address string) string {
	h.t.Helper()
	path, ok := strings.CutPrefix(address, h.url)
	if !ok {
		h.t.Fatalf("%q is no address of %s", address, h.url)
	}
	return path
}

// privately makes a private feed and gives its path.
func (p *person) privately(kind, of string) (wire.Feed, string) {
	p.h.t.Helper()
	f := made[wire.Feed](p.post("/api/me/feeds", wire.NewFeed{Kind: kind, Of: of, Origin: p.h.url}))
	return f, p.h.within(f.URL)
}

// TestAFeedAsPodcastAppsReadIt holds a feed against what Apple asks of podcasts
// (podcasters.apple.com, "Podcast RSS feed requirements") and follows all that
// it leads to.
func TestAFeedAsPodcastAppsReadIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	v := h.visitor()
	mina.put("/api/me/picture", painted(t, 700, 700)).want(200)
	mina.patch("/api/me", wire.MePatch{Bio: ptr("Trains & <b>nights</b>")}).want(200)
	song := mina.upload("song.mp3", taggedWith("Song", painted(t, 700, 700)), "public")
	mina.drawn(song.ID)
	title := `Night ]]> & <i>"co"</i> 밤`
	text := "First\nsecond\n\n0:01 and 9:59 https://a.example/x?y=1&z=2. <script>"
	mina.patch("/api/tracks/"+song.ID, wire.TrackPatch{Title: &title, Description: &text, Tags: ptr([]string{"밤 기차", "R&B/Soul"})}).want(200).into(&song)
	for _, f := range formats(t) {
		mina.upload(f.ext, f.file, "public")
	}
	mina.upload("hidden.mp3", tagged(t, "Hidden"), "private")

	at := "/feeds/users/" + mina.me.ID
	a := v.get(at + ".rss").want(200)
	if got := a.header.Get("Content-Type"); got != "application/rss+xml; charset=utf-8" {
		t.Errorf("got the type %q", got)
	}
	f := a.feed()
	if len(f.Items) != 7 || f.FeedType != "rss" || f.FeedVersion != "2.0" {
		t.Fatalf("got %d items as %s %s", len(f.Items), f.FeedType, f.FeedVersion)
	}
	podcast := f.Extensions["podcast"]
	for what, got := range map[string][2]string{
		"title": {f.Title, "mina"}, "description": {f.Description, "Trains & <b>nights</b>"}, "link": {f.Link, h.url + "/mina"},
		"language": {f.Language, "ko"}, "self": {f.FeedLink, h.url + at + ".rss"}, "author": {f.ITunesExt.Author, "mina"},
		"explicit": {f.ITunesExt.Explicit, "false"}, "type": {f.ITunesExt.Type, "episodic"}, "category": {f.ITunesExt.Categories[0].Text, "Music"},
		"medium": {podcast["medium"][0].Value, "music"}, "block": {f.ITunesExt.Block, ""},
	} {
		if got[0] != got[1] {
			t.Errorf("the channel's %s is %q, want %q", what, got[0], got[1])
		}
	}
	guid := podcast["guid"][0].Value
	if len(guid) != 36 || guid[14] != '5' {
		t.Errorf("podcast:guid is %q", guid)
	}
	for _, picture := range []string{f.Image.URL, f.ITunesExt.Image, f.Items[6].ITunesExt.Image} {
		if p := v.get(h.within(picture)).want(200); p.header.Get("Content-Type") != "image/jpeg" || !strings.Contains(picture, ".jpg") || width(t, p.body) < 600 {
			t.Errorf("%s is no picture for podcast apps", picture)
		}
	}
	seen := map[string]bool{}
	for _, i := range f.Items {
		if i.GUID == "" || seen[i.GUID] || i.PublishedParsed == nil || i.Title == "" || len(i.Enclosures) != 1 || i.ITunesExt.Duration == "" {
			t.Fatalf("an item lacks something: %+v", i)
		}
		seen[i.GUID] = true
		e := i.Enclosures[0]
		path := h.within(e.URL)
		whole := v.get(path).want(200)
		if strconv.Itoa(len(whole.body)) != e.Length || !strings.HasPrefix(whole.header.Get("Content-Type"), e.Type) || strings.Contains(e.Type, ";") {
			t.Errorf("%s: %d bytes of %q are announced as %s of %q", path, len(whole.body), whole.header.Get("Content-Type"), e.Length, e.Type)
		}
		head := v.do("HEAD", path, nil).want(200)
		if head.header.Get("Content-Length") != e.Length || head.header.Get("Accept-Ranges") != "bytes" || len(head.body) > 0 {
			t.Errorf("%s: HEAD got %v", path, head.header)
		}
		part := v.get(path, "Range", "bytes=100-199").want(206)
		if !bytes.Equal(part.body, whole.body[100:200]) {
			t.Errorf("%s: the range is another one", path)
		}
		v.get(h.within(i.Link)).want(200)
	}
	exts := []string{}
	for _, i := range f.Items {
		exts = append(exts, i.Enclosures[0].URL[strings.LastIndexByte(i.Enclosures[0].URL, '.'):])
	}
	if want := []string{".m4a", ".opus", ".ogg", ".ogg", ".flac", ".wav", ".mp3"}; !slices.Equal(exts, want) {
		t.Errorf("the names end with %v, want %v", exts, want)
	}
	last := f.Items[6]
	content := `<p>First<br>second</p><p><a href="` + h.url + song.URL + `?t=1">0:01</a> and 9:59 <a href="https://a.example/x?y=1&amp;z=2">https://a.example/x?y=1&amp;z=2</a>. &lt;script&gt;</p>`
	if last.Title != title || last.Description != text || last.Content != content || !slices.Equal(last.Categories, []string{"밤 기차", "R&B/Soul"}) {
		t.Errorf("got title %q, description %q, categories %q and content\n%s\nwant\n%s", last.Title, last.Description, last.Categories, last.Content, content)
	}

	// Atom says the same.
	b := v.get(at + ".atom").want(200)
	atom := b.feed()
	if b.header.Get("Content-Type") != "application/atom+xml; charset=utf-8" || atom.FeedType != "atom" || !slices.Equal(feedTitles(atom), feedTitles(f)) || atom.FeedLink != h.url+at+".atom" {
		t.Errorf("as Atom: %s with %q", atom.FeedType, feedTitles(atom))
	}
	for n, i := range atom.Items {
		if i.GUID != "urn:uuid:"+f.Items[n].GUID || i.Enclosures[0].URL != f.Items[n].Enclosures[0].URL || i.Enclosures[0].Length != f.Items[n].Enclosures[0].Length || i.Content != f.Items[n].Content {
			t.Errorf("as Atom: item %d differs: %+v", n, i)
		}
	}

	// A tag's feed, however that is written.
	for _, tag := range []string{"밤 기차", "R&B/Soul", "r&b/soul"} {
		if got := feedTitles(v.get("/feeds/tags/" + url.PathEscape(tag) + ".rss").feed()); !slices.Equal(got, []string{title}) {
			t.Errorf("the feed of %s has %q", tag, got)
		}
	}
}

// TestAFeedOfAnAlbum: its tracks come in their order, with numbers.
func TestAFeedOfAnAlbum(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	var ids []string
	for _, title := range []string{"One", "Two", "Three"} {
		ids = append(ids, mina.upload(title+".mp3", tagged(t, title), "public").ID)
	}
	album := made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: "Album", Visibility: "public", Tracks: []string{ids[2], ids[0], ids[1]}}))
	mina.patch("/api/playlists/"+album.ID, wire.PlaylistPatch{Kind: ptr("album")}).want(200)
	v := h.visitor()
	moved := v.get("/feeds/users/mina/playlists/album.rss").want(302)
	if got := moved.header.Get("Location"); got != "/feeds/playlists/"+album.ID+".rss" {
		t.Errorf("the name leads to %q", got)
	}
	f := v.get(moved.header.Get("Location")).feed()
	if got := feedTitles(f); f.ITunesExt.Type != "serial" || !slices.Equal(got, []string{"Three", "One", "Two"}) {
		t.Errorf("got %q as %s", got, f.ITunesExt.Type)
	}
	for n, i := range f.Items {
		if i.ITunesExt.Episode != strconv.Itoa(n+1) {
			t.Errorf("%s has the number %q", i.Title, i.ITunesExt.Episode)
		}
	}
}

// TestFeedsByPage reads a long feed to its end.
func TestFeedsByPage(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64 // nobody uploads too often here
	h := (&house{cost: 4, pace: func() time.Duration { return time.Duration(asked.Add(1)) * time.Minute }}).begin(t)
	h.keeper()
	mina := h.member("mina")
	file := wave(4410)
	for n := range 105 {
		mina.upload(fmt.Sprintf("n%d.wav", n), append(bytes.Clone(file), byte(n), 0), "public")
	}
	v := h.visitor()
	next := "/feeds/users/" + mina.me.ID + ".rss"
	var all []string
	for pages := 0; next != ""; pages++ {
		if pages > 2 {
			t.Fatal("the feed has no end")
		}
		f := v.get(next).feed()
		all = append(all, feedTitles(f)...)
		next = ""
		for _, l := range f.Extensions["atom"]["link"] {
			if l.Attrs["rel"] == "next" {
				next = h.within(l.Attrs["href"])
			}
		}
	}
	if len(all) != 105 || len(slices.Compact(slices.Sorted(slices.Values(all)))) != 105 {
		t.Errorf("got %d items", len(all))
	}
	v.get("/feeds/users/"+mina.me.ID+".rss?cursor=x").fails(400, "cursor.invalid")
}

// TestFeedsAreAskedAgain: what did not change is not sent again; what did, is at
// once, also to programs that know dates alone.
func TestFeedsAreAskedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	v := h.visitor()
	first, second := mina.upload("a.mp3", tagged(t, "First"), "public"), mina.upload("b.mp3", tagged(t, "Second"), "public")
	mina.drawn(first.ID)
	mina.drawn(second.ID)
	k.settled()
	at := "/feeds/users/" + mina.me.ID + ".rss"
	var etag, date string
	same := func(what string) {
		t.Helper()
		a := v.get(at, "If-None-Match", etag)
		if a.status != 304 || len(a.body) > 0 || a.header.Get("Etag") != etag {
			t.Errorf("%s: got %d", what, a.status)
		}
		if date != "" {
			v.get(at, "If-Modified-Since", date).want(304)
		}
	}
	changed := func(what string, want ...string) {
		t.Helper()
		for _, header := range [][]string{{"If-Modified-Since", date}, {"If-None-Match", etag}, {"If-None-Match", etag, "If-Modified-Since", date}} {
			if a := v.get(at, header...); a.status == 304 {
				t.Errorf("%s: nothing changed by %v", what, header)
			}
		}
		a := v.get(at)
		if got := feedTitles(a.feed()); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
		etag, date = a.header.Get("Etag"), a.header.Get("Last-Modified")
		if got := a.header.Get("Cache-Control"); got != "private, no-cache" {
			t.Errorf("%s: may be kept: %q", what, got)
		}
		same(what)
	}
	changed("the first time", "Second", "First")
	if packed := v.get(at, "Accept-Encoding", "gzip"); packed.header.Get("Content-Encoding") != "gzip" || packed.header.Get("Etag") != etag {
		t.Errorf("packed: got %v", packed.header)
	}
	v.do("HEAD", at, nil).want(200)
	jun.put("/api/tracks/"+first.ID+"/like", nil).want(200)
	jun.post("/api/tracks/"+first.ID+"/plays", wire.Listen{ListenedMS: 30_000}).want(200)
	same("a like and a play")
	track := "/api/tracks/" + first.ID
	mina.patch(track, wire.TrackPatch{Title: ptr("Renamed")}).want(200)
	changed("another title", "Second", "Renamed")
	mina.put(track+"/picture", painted(t, 600, 600)).want(200)
	changed("artwork", "Second", "Renamed")
	mina.patch("/api/me", wire.MePatch{Username: ptr("mina-kim"), Name: ptr("Mina Kim")}).want(200)
	changed("another name", "Second", "Renamed")
	if to := v.get("/feeds/users/mina.rss").want(302).header.Get("Location"); to != at {
		t.Errorf("the former name leads to %q", to)
	}
	mina.patch(track, wire.TrackPatch{Visibility: ptr("followers")}).want(200)
	changed("for followers", "Second")
	mina.patch(track, wire.TrackPatch{Visibility: ptr("public")}).want(200)
	changed("public again", "Renamed", "Second")
	mina.patch(track, wire.TrackPatch{Embeddable: ptr(false)}).want(200)
	changed("not for other sites", "Second")
	v.get("/feeds/tracks/"+first.ID+".mp3").fails(404, "not_found")
	mina.patch(track, wire.TrackPatch{Embeddable: ptr(true)}).want(200)
	changed("for other sites", "Renamed", "Second")
	mina.delete("/api/tracks/" + second.ID).want(204)
	changed("one was deleted", "Renamed")
	k.patch("/api/house", wire.HousePatch{Visitors: ptr(false)}).want(200)
	v.get(at, "If-None-Match", etag).fails(401, "signin.needed")
	v.get("/feeds/tracks/"+first.ID+".mp3").fails(401, "signin.needed")
	for _, p := range []*person{mina, jun, k} {
		p.get(at).fails(404, "not_found")
		p.get("/feeds/tracks/"+first.ID+".mp3").fails(404, "not_found")
		p.get("/feeds/tracks/"+first.ID+".jpg").fails(404, "not_found")
	}
	k.patch("/api/house", wire.HousePatch{Visitors: ptr(true)}).want(200)
	same("open again")
	k.put(user(mina, "suspension"), nil).want(200)
	for _, p := range []*person{v, jun, k} {
		p.get(at, "If-None-Match", etag).fails(404, "not_found")
		p.get("/feeds/tracks/"+first.ID+".mp3").fails(404, "not_found")
	}
}

// TestPrivateFeeds asks by each listener's address for what each may hear: the
// matrix, with the listener in the address. Whoever sends it, and what else they
// send, makes no difference.
func TestPrivateFeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := []*person{w.visitor(), w.jun, w.sora, w.haru, w.keeper, w.mina}
	shows := func(path string, want ...string) {
		t.Helper()
		var first string
		for _, p := range all {
			a := p.get(path)
			got := feedTitles(a.feed())
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q", a.what, got, want)
			}
			if first == "" {
				first = string(a.body)
			}
			if string(a.body) != first {
				t.Errorf("%s: got another feed", a.what)
			}
			h := a.header
			if h.Get("Referrer-Policy") != "no-referrer" || !strings.HasPrefix(h.Get("Cache-Control"), "private") || !strings.Contains(h.Get("X-Robots-Tag"), "noindex") || len(h.Values("Set-Cookie")) > 0 {
				t.Errorf("%s: got the headers %v", a.what, h)
			}
		}
		for _, i := range all[0].get(path).feed().Items {
			part := w.visitor().get(w.within(i.Enclosures[0].URL), "Range", "bytes=0-9").want(206)
			if part.header.Get("Cache-Control") != "private, no-cache" || !strings.Contains(part.header.Get("X-Robots-Tag"), "noindex") {
				t.Errorf("%s: got the headers %v", part.what, part.header)
			}
			if i.ITunesExt.Image != "" {
				w.visitor().get(w.within(i.ITunesExt.Image)).want(200)
			}
		}
	}
	inside := func(path, file string) string { return strings.TrimSuffix(path, ".rss") + "/" + file }
	shut := func(path string, tracks ...string) {
		t.Helper()
		for _, id := range tracks {
			for _, ext := range []string{".mp3", ".jpg"} {
				for _, p := range []*person{w.visitor(), w.mina, w.keeper, w.secret} {
					p.get(inside(path, w.fill(id)+ext)).fails(404, "not_found")
				}
			}
		}
	}
	const public, followers, secret = "Public song", "A veiled title", "A secret title"
	titleOf := func(id string) string {
		return as[wire.Track](w.mina.get("/api/tracks/" + w.fill(id))).Title
	}
	veiled := titleOf("{followers}")

	// Of mina: a stranger, who follows, the keeper and she herself.
	_, jun := w.jun.privately("user", w.mina.me.ID)
	_, sora := w.sora.privately("user", w.mina.me.ID)
	_, keeper := w.keeper.privately("user", w.mina.me.ID)
	_, own := w.mina.privately("user", w.mina.me.ID)
	w.haru.post("/api/me/feeds", wire.NewFeed{Kind: "user", Of: w.mina.me.ID}).fails(404, "not_found")
	shows(jun, public)
	shows(keeper, public)
	shows(sora, public, veiled)
	ownTitles := []string{}
	for _, i := range w.visitor().get(own).feed().Items {
		ownTitles = append(ownTitles, i.Title)
	}
	for _, want := range []string{public, veiled, secret, titleOf("{unlisted}")} {
		if !slices.Contains(ownTitles, want) {
			t.Errorf("her own feed has %q, and lacks %s", ownTitles, want)
		}
	}
	shut(jun, "{followers}", "{private}", "{unlisted}", "{juns}", "{never}")
	shut(keeper, "{followers}", "{private}", "{unlisted}", "{juns}")
	shut(sora, "{private}", "{unlisted}", "{juns}")
	shut(own, "{juns}", "{never}")
	if a := w.visitor().get(inside(jun, "cover.jpg")).want(200); a.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("got %v", a.header)
	}

	// Of playlists: what is in them, for whom.
	_, list := w.jun.privately("playlist", w.open.ID)
	shows(list, public)
	shut(list, "{private}", "{juns}")
	w.jun.post("/api/me/feeds", wire.NewFeed{Kind: "playlist", Of: w.shut.ID}).fails(404, "not_found")
	_, hers := w.mina.privately("playlist", w.open.ID)
	shows(hers, public, secret)
	shut(hers, "{followers}", "{juns}")

	// Of a tag, and the own stream.
	_, tag := w.sora.privately("tag", "everybody's")
	shows(tag, public, as[wire.Track](w.jun.get("/api/tracks/"+w.juns.ID)).Title)
	shut(tag, "{followers}", "{private}")
	_, stream := w.sora.privately("stream", "")
	got := feedTitles(w.visitor().get(stream).feed())
	if !slices.Contains(got, public) || !slices.Contains(got, veiled) || slices.Contains(got, secret) {
		t.Errorf("the stream of sora has %q", got)
	}
	shows(stream, got...)
	shut(stream, "{private}", "{juns}", "{unlisted}")

	// It opens nothing else of the account, and is no password of any kind.
	key := strings.TrimSuffix(strings.TrimPrefix(sora, "/feeds/private/"), ".rss")
	thief := w.visitor()
	thief.token = key
	thief.get("/api/me").fails(401, "signin.needed")
	w.visitor().get("/feeds/private/"+strings.ToLower(key)+"x.rss").fails(404, "not_found")
	w.visitor().post(sora, nil).want(405)

	// The list of them, which is nobody else's.
	feeds := as[wire.Feeds](w.sora.get("/api/me/feeds?origin=" + url.QueryEscape(w.url)))
	if len(feeds.Items) != 3 || feeds.Items[2].Title != "mina" || feeds.Items[2].Kind != "user" || w.within(feeds.Items[2].URL) != sora || feeds.Items[2].QR != nil || feeds.Items[1].Title != "#Everybody's" {
		t.Errorf("got %+v", feeds.Items)
	}
	one := as[wire.Feed](w.sora.get("/api/me/feeds/" + feeds.Items[2].ID + "?origin=" + url.QueryEscape(w.url)))
	if one.URL != feeds.Items[2].URL || one.QR == nil || one.QR.Size == 0 {
		t.Errorf("got %s with a code %t", one.URL, one.QR != nil)
	}
	w.jun.get("/api/me/feeds/"+one.ID).fails(404, "not_found")
	w.jun.delete("/api/me/feeds/"+one.ID).fails(404, "not_found")

	// What is taken away is away with the next request.
	unfollowed := func(path string) {
		t.Helper()
		shows(path, public)
		shut(path, "{followers}")
	}
	etag := w.visitor().get(sora).want(200).header.Get("Etag")
	w.sora.delete(user(w.mina, "follow")).want(200)
	if a := w.visitor().get(sora, "If-None-Match", etag); a.status != 200 {
		t.Errorf("got %d after unfollowing", a.status)
	}
	unfollowed(sora)
	gone := func(path string) {
		t.Helper()
		w.visitor().get(path).fails(404, "not_found")
		w.visitor().get(path, "If-None-Match", "*").fails(404, "not_found")
		w.visitor().get(strings.TrimSuffix(path, ".rss")+".atom").fails(404, "not_found")
		w.visitor().get(inside(path, "cover.jpg")).fails(404, "not_found")
		shut(path, "{public}")
	}
	w.mina.put(user(w.sora, "block"), nil).want(204)
	gone(sora)
	feeds = as[wire.Feeds](w.sora.get("/api/me/feeds"))
	if !feeds.Items[2].Gone || feeds.Items[2].Title != "" {
		t.Errorf("whom a block hides is told: %+v", feeds.Items[2])
	}
	w.mina.delete(user(w.sora, "block")).want(204)
	unfollowed(sora)
	w.keeper.put(user(w.sora, "suspension"), nil).want(200)
	gone(sora)
	gone(stream)
	w.keeper.delete(user(w.sora, "suspension")).want(200)
	unfollowed(sora)
	w.house.signIn("sora").delete("/api/me/feeds/" + one.ID).want(204)
	gone(sora)
	w.mina.patch(playlist(w.open), wire.PlaylistPatch{Visibility: ptr("private")}).want(200)
	gone(list)
	w.mina.patch(playlist(w.open), wire.PlaylistPatch{Visibility: ptr("public")}).want(200)
	shows(list, public)

	// A house that is closed to visitors: private feeds are for its members.
	w.keeper.patch("/api/house", wire.HousePatch{Visitors: ptr(false)}).want(200)
	shows(jun, public)
	w.keeper.put("/api/me/password", wire.PasswordChange{Current: password, New: "another long one"}).want(200)
	w.visitor().get(keeper).fails(404, "not_found")
	w.jun.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	gone(jun)
	gone(list)

	// Nobody reads the secrets in the log.
	for _, path := range []string{jun, sora, own, list, tag, stream} {
		if secret := strings.TrimSuffix(strings.TrimPrefix(path, "/feeds/private/"), ".rss"); strings.Contains(w.log.String(), secret) {
			t.Error("the secret of a private feed stands in the log")
		}
	}
	if !strings.Contains(w.log.String(), "/feeds/private/…") {
		t.Error("no request for a private feed stands in the log: the test proves nothing")
	}
}

// TestPlaysByFeeds: what a podcast app takes counts as a play, once a day, when
// it is enough of the track, in one piece or in several; it stands in no history.
func TestPlaysByFeeds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	mina.drawn(track.ID)
	_, path := jun.privately("user", mina.me.ID)
	files := []string{"/feeds/tracks/" + track.ID + ".mp3", strings.TrimSuffix(path, ".rss") + "/" + track.ID + ".mp3"}
	plays := func() uint64 {
		h.written()
		return uint64(as[wire.Track](mina.get("/api/tracks/" + track.ID)).Counts.Plays)
	}
	v := h.visitor()
	for n, file := range files {
		size := len(v.get(file, "Range", "bytes=0-0").want(206).body)
		v.do("HEAD", file, nil).want(200)
		v.get(file, "If-None-Match", v.do("HEAD", file, nil).header.Get("Etag")).want(304)
		if got := plays(); size != 1 || got != uint64(n) {
			t.Errorf("%s: a byte of it makes %d plays", file, got)
		}
		half := track.Audio.Bytes/2 + 10
		v.get(file, "Range", fmt.Sprintf("bytes=0-%d", half/2)).want(206)
		if got := plays(); got != uint64(n) {
			t.Errorf("%s: a quarter of it makes %d plays", file, got)
		}
		v.get(file, "Range", fmt.Sprintf("bytes=%d-%d", half/2, half)).want(206)
		// It is counted when it has gone out, which may be after the client has it.
		for deadline := time.Now().Add(10 * time.Second); plays() != uint64(n+1) && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond)
		}
		if got := plays(); got != uint64(n+1) {
			t.Errorf("%s: half of it makes %d plays, want %d", file, got, n+1)
		}
		v.get(file).want(200)
		if got := plays(); got != uint64(n+1) {
			t.Errorf("%s: twice makes %d plays, want %d", file, got, n+1)
		}
	}
	var history wire.List[wire.Track]
	jun.get("/api/me/history").want(200).into(&history)
	if len(history.Items) > 0 {
		t.Errorf("what an app took stands in the history: %v", history.Items)
	}
}

// TestFeedsBelowAPath: all that a feed leads to is below the path that a proxy
// shares out, under the address that the house has outside.
func TestFeedsBelowAPath(t *testing.T) {
	t.Parallel()
	const public = "https://ear.example/music"
	h := newHouse(t, func(c *config.Config) { c.PublicURL = public })
	h.keeper()
	mina := h.member("mina")
	mina.put("/api/me/picture", painted(t, 600, 600)).want(200)
	song := mina.upload("song.mp3", taggedWith("Song", painted(t, 600, 600)), "public")
	v := h.visitor()
	private := made[wire.Feed](mina.post("/api/me/feeds", wire.NewFeed{Kind: "stream"}))
	for _, at := range []string{public + "/feeds/users/" + mina.me.ID + ".rss", private.URL, public + "/feeds/tags/x.rss"} {
		mina.patch("/api/tracks/"+song.ID, wire.TrackPatch{Tags: ptr([]string{"x"})}).want(200)
		for _, base := range []string{"/music", ""} {
			a := v.get(base+strings.TrimPrefix(at, public), "Host", "evil.example")
			f := a.feed()
			links := []string{f.Link, f.FeedLink, f.Items[0].Link, f.Items[0].Enclosures[0].URL, f.Items[0].ITunesExt.Image}
			if f.Image != nil {
				links = append(links, f.Image.URL)
			}
			for _, link := range links {
				if !strings.HasPrefix(link, public+"/") {
					t.Errorf("%s leads to %q", a.what, link)
					continue
				}
				v.get(strings.TrimPrefix(link, "https://ear.example")).want(200)
			}
			if strings.Contains(string(a.body), "evil") {
				t.Error("the feed names a host that somebody made up")
			}
		}
	}
	if to := v.get("/music/feeds/users/mina.rss").want(302).header.Get("Location"); to != "/music/feeds/users/"+mina.me.ID+".rss" {
		t.Errorf("got %q", to)
	}
	other := newHouse(t)
	k := other.keeper()
	other.visitor().get("/feeds/users/"+k.me.ID+".rss", "Host", "somewhere.example").fails(409, "feed.address")
}

// TestPagesTellOfFeeds: readers find the public feed of a page, and no other.
func TestPagesTellOfFeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	feedIn := func(p *person, page string) string {
		body := string(p.get(page).body)
		_, rest, _ := strings.Cut(body, `type="application/rss+xml" href="`)
		address, _, _ := strings.Cut(rest, `"`)
		return address
	}
	for page, want := range map[string]string{
		"/mina": "/feeds/users/" + w.mina.me.ID + ".rss", w.open.URL: "/feeds/playlists/" + w.open.ID + ".rss",
		"/tags/of%20mina": "/feeds/tags/of%20mina.rss", w.public.URL: "/feeds/users/" + w.mina.me.ID + ".rss",
		w.shut.URL: "", "/": "", "/nobody": "",
	} {
		if want != "" {
			want = w.url + want
		}
		for _, p := range []*person{w.visitor(), w.jun, w.mina} {
			got := feedIn(p, page)
			if got != want {
				t.Errorf("%s: %s tells of %q, want %q", p.name, page, got, want)
			}
			if got != "" {
				p.get(w.within(got)).feed()
			}
		}
	}
	w.keeper.patch("/api/house", wire.HousePatch{Visitors: ptr(false)}).want(200)
	for _, p := range []*person{w.visitor(), w.jun, w.mina} {
		for _, page := range []string{"/mina", w.open.URL, "/tags/of%20mina"} {
			if got := feedIn(p, page); got != "" {
				t.Errorf("%s: in a closed house %s tells of %q", p.name, page, got)
			}
		}
	}
}

// TestFeedsAreLimited: who asks too often waits.
func TestFeedsAreLimited(t *testing.T) {
	t.Parallel()
	h := (&house{cost: 4, limited: true}).begin(t)
	k := h.keeper()
	v := h.visitor()
	for range 2000 {
		if a := v.get("/feeds/users/" + k.me.ID + ".rss"); a.status == 429 {
			if a.header.Get("Retry-After") == "" {
				t.Error("nobody says how long to wait")
			}
			if a := v.get("/feeds/private/guess.rss"); a.status != 429 {
				t.Errorf("guesses go on: %d", a.status)
			}
			return
		}
	}
	t.Error("feeds may be asked for without an end")
}

// width is how wide a JPEG is.
func width(t testing.TB, b []byte) int {
	t.Helper()
	c, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return c.Width
}

// BenchmarkFeedAskedAgain is what a podcast app costs that asks for a feed of 100
// tracks: one that did not change, and the whole of it.
func BenchmarkFeedAskedAgain(b *testing.B) {
	var asked atomic.Int64
	h := (&house{cost: 4, pace: func() time.Duration { return time.Duration(asked.Add(1)) * time.Minute }}).begin(b)
	h.keeper()
	mina := h.member("mina")
	file := wave(4410)
	for n := range 100 {
		track := mina.upload(fmt.Sprintf("n%d.wav", n), append(bytes.Clone(file), byte(n), 0), "public")
		mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Description: ptr(strings.Repeat("Words about a train at 0:10.\n", 20))}).want(200)
	}
	v := h.visitor()
	at := "/feeds/users/" + mina.me.ID + ".rss"
	etag := v.get(at).want(200).header.Get("Etag")
	b.Run("304", func(b *testing.B) {
		for b.Loop() {
			v.get(at, "If-None-Match", etag).want(304)
		}
	})
	b.Run("200", func(b *testing.B) {
		for b.Loop() {
			v.get(at, "Accept-Encoding", "gzip").want(200)
		}
	})
}
