package app_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"html"
	"image"
	"image/jpeg"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"earshot/app/api/wire"
	"earshot/app/config"
)

// embedRows: other sites find what visitors see and its owner lets them show,
// whoever asks; the owner and followers find no more.
func embedRows() []access {
	const shared, oembed = "GET /api/share", "GET /api/oembed"
	rows := []access{
		//                                                     N    U    Fo   O    B    A
		{shared, "/api/share?path={public-url}", no, 200, 200, 200, 200, 200, 200}, // it tells nothing of what is there
		{oembed, "/api/oembed?url={public-url}", no, 200, 200, 200, 200, 404, 200},
		{oembed, "/api/oembed?url={open-url}&format=xml", no, 200, 200, 200, 200, 404, 200},
		{oembed, "/api/oembed?url=/embed/tracks/{public}", no, 200, 200, 200, 200, 404, 200},
		{oembed, "/api/oembed?url=/embed/playlists/{open}", no, 200, 200, 200, 200, 404, 200},
		{oembed, "/api/oembed?url={public-url}&format=yaml", no, 501, 501, 501, 501, 501, 501},
		{oembed, "/api/oembed", no, 400, 400, 400, 400, 400, 400},
	}
	for _, hidden := range []string{"{private-url}", "{followers-url}", "{unlisted-url}", "{shut-url}", "{followers-list-url}", "{unlisted-list-url}",
		"/embed/tracks/{private}", "/embed/tracks/{followers}", "/embed/playlists/{unlisted-list}", "/mina"} {
		rows = append(rows, access{oembed, "/api/oembed?url=" + hidden, no, 404, 404, 404, 404, 404, 404})
	}
	return rows
}

// TestEmbedsOnlyWhatVisitorsSee asks for the player of everything there is, as
// everybody there is.
func TestEmbedsOnlyWhatVisitorsSee(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	never := w.visitor().get("/embed/tracks/" + never).want(404)
	same := func(a answer) {
		t.Helper()
		if a.want(404); !bytes.Equal(a.body, never.body) {
			t.Errorf("%s: got\n%s, what never was answers\n%s", a.what, a.body, never.body)
		}
	}
	everybody := []*person{w.visitor(), w.jun, w.sora, w.keeper, w.mina, w.secret}
	for _, p := range everybody {
		for _, hidden := range []string{"tracks/{private}", "tracks/{followers}", "tracks/{unlisted}", "playlists/{shut}", "playlists/{followers-list}", "playlists/{unlisted-list}",
			"tracks/{open}", "playlists/{public}", "tracks/", "tracks/x/y", "", "users/{mina}", "tracks/{linked}"} {
			same(p.get(w.fill("/embed/" + hidden)))
		}
		for _, shown := range []string{"tracks/{public}", "playlists/{open}"} {
			a := p.get(w.fill("/embed/" + shown)).want(200)
			for _, secret := range []string{"A secret", "A veiled", "A cloaked"} {
				if strings.Contains(string(a.body), secret) {
					t.Errorf("%s: holds %s", a.what, secret)
				}
			}
			if len(a.header.Values("Set-Cookie")) > 0 || a.header.Get("X-Frame-Options") != "" || a.header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%s: got the headers %v", a.what, a.header)
			}
			csp := policy(a)
			if got := strings.Join(csp["frame-ancestors"], " "); got != "*" || strings.Join(csp["default-src"], " ") != "'none'" || strings.Join(csp["script-src"], " ") != "'self'" || len(csp["require-trusted-types-for"]) == 0 {
				t.Errorf("%s: got the policy %v", a.what, csp)
			}
		}
	}
	same(w.haru.get(w.fill("/embed/tracks/{public}"))) // whom she blocks

	// Its owner says no, to everybody alike; elsewhere it stays as it is.
	var changed wire.Track
	w.mina.patch(w.fill("/api/tracks/{public}"), wire.TrackPatch{Embeddable: ptr(false)}).want(200).into(&changed)
	if changed.Embeddable {
		t.Error("the track is embeddable still")
	}
	for _, p := range everybody {
		a := p.get(w.fill("/embed/tracks/{public}")).want(403)
		if strings.Contains(string(a.body), changed.Title) {
			t.Errorf("%s: names it", a.what)
		}
		p.get(w.fill("/api/oembed?url={public-url}")).fails(404, "not_found")
		if page := string(p.get(w.public.URL).want(200).body); strings.Contains(page, "oembed") || !strings.Contains(page, "og:image") {
			t.Errorf("%s: the page tells of a player that is not there, or nothing at all", p.name)
		}
	}
	w.visitor().get(w.fill("/api/tracks/{public}/stream")).want(200)
	list := string(w.visitor().get(w.fill("/embed/playlists/{juns-list}")).want(200).body)
	if strings.Contains(list, w.public.ID) || !strings.Contains(list, w.juns.ID) {
		t.Error("a playlist shows what may not be shown, or not what may")
	}
	w.mina.patch(w.fill("/api/tracks/{public}"), wire.TrackPatch{Embeddable: ptr(true)}).want(200)
	w.visitor().get(w.fill("/embed/tracks/{public}")).want(200)

	// Suspended, she has nothing to show.
	w.keeper.put(user(w.mina, "suspension"), nil).want(200)
	for _, p := range []*person{w.visitor(), w.jun, w.keeper} {
		same(p.get(w.fill("/embed/tracks/{public}")))
		p.get(w.fill("/api/oembed?url={public-url}")).fails(404, "not_found")
	}
	w.keeper.delete(user(w.mina, "suspension")).want(200)

	// A house that is closed to visitors shows nothing, to members neither.
	w.keeper.patch("/api/house", wire.HousePatch{Visitors: ptr(false)}).want(200)
	for _, p := range []*person{w.visitor(), w.jun, w.mina, w.keeper, w.secret} {
		same(p.get(w.fill("/embed/tracks/{public}")))
		same(p.get(w.fill("/embed/playlists/{open}")))
		if a := p.get(w.fill("/api/oembed?url={public-url}")); a.status != 404 && a.status != 401 {
			t.Errorf("%s: got %d", a.what, a.status)
		}
		page := string(p.get(w.public.URL).want(200).body)
		for _, tells := range []string{"og:image", "og:url", "oembed", "ld+json", "canonical"} {
			if strings.Contains(page, tells) {
				t.Errorf("%s: the page of a closed house has %s", p.name, tells)
			}
		}
	}
}

// properties are what a page tells programs that show links.
func properties(page string) map[string]string {
	found := map[string]string{}
	for _, m := range regexp.MustCompile(`<meta (?:property|name)="([^"]+)" content="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		found[m[1]] = html.UnescapeString(m[2])
	}
	return found
}

// TestLinksAreDescribed follows what a page tells such programs: each address in
// it leads to what it says.
func TestLinksAreDescribed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.PublicURL = "https://ear.example" })
	h.keeper()
	mina := h.member("mina")
	title := `Night </script><b> & "co" 밤`
	track := mina.upload("song.mp3", taggedWith("Song", painted(t, 40, 40)), "private")
	mina.drawn(track.ID)
	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Title: &title, Description: ptr("A song\nabout " + strings.Repeat("trains ", 80)), Tags: ptr([]string{"night"})}).want(200).into(&track)
	v := h.visitor()
	v.get(track.URL).want(404)
	if own := string(mina.get(track.URL).want(200).body); strings.Contains(own, "og:url") || strings.Contains(own, "ld+json") || strings.Contains(own, "oembed") {
		t.Error("the page of a private track tells programs of it")
	}
	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Visibility: ptr("public")}).want(200).into(&track)
	list := made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: "Night list", Kind: "album", Visibility: "public", Tracks: []string{track.ID}}))

	page := string(v.get(track.URL).want(200).body)
	p := properties(page)
	local := func(address string) string {
		t.Helper()
		rest, ok := strings.CutPrefix(address, "https://ear.example")
		if !ok {
			t.Fatalf("%q does not begin with public_url", address)
		}
		return rest
	}
	for name, want := range map[string]string{
		"og:title": title + " – mina", "og:type": "music.song", "og:site_name": "Our house", "og:image:width": "1200", "og:image:height": "630",
		"twitter:card": "summary_large_image", "og:url": "https://ear.example" + track.URL, "music:musician": "https://ear.example/mina",
	} {
		if p[name] != want {
			t.Errorf("%s is %q, want %q", name, p[name], want)
		}
	}
	if d := p["og:description"]; len([]rune(d)) != 300 || !strings.HasPrefix(d, "A song about trains") {
		t.Errorf("the description is %q", d)
	}
	v.get(local(p["og:url"])).want(200)
	if a := v.get(local(p["og:image"])).want(200); a.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("og:image is %s", a.header.Get("Content-Type"))
	}
	data := regexp.MustCompile(`<script type="application/ld\+json">(.*)</script>`).FindStringSubmatch(page)
	var ld map[string]any
	if data == nil || json.Unmarshal([]byte(data[1]), &ld) != nil || ld["@type"] != "MusicRecording" || ld["name"] != title || strings.Contains(data[1], "<") {
		t.Errorf("the data for schema.org are %q", data)
	}
	for format, kind := range map[string]string{"json": "application/json", "xml": "text/xml"} {
		link := regexp.MustCompile(`type="` + kind + `\+oembed" href="([^"]+)"`).FindStringSubmatch(page)
		if link == nil {
			t.Fatalf("no link to oEmbed as %s", format)
		}
		a := v.get(local(html.UnescapeString(link[1])) + "&maxwidth=400").want(200)
		var o struct {
			XMLName   xml.Name `xml:"oembed" json:"-"`
			Title     string   `xml:"title" json:"title"`
			Type      string   `xml:"type" json:"type"`
			Version   string   `xml:"version" json:"version"`
			HTML      string   `xml:"html" json:"html"`
			Width     int      `xml:"width" json:"width"`
			Thumbnail string   `xml:"thumbnail_url" json:"thumbnail_url"`
		}
		var err error
		if format == "xml" {
			err = xml.Unmarshal(a.body, &o)
		} else {
			err = json.Unmarshal(a.body, &o)
		}
		if err != nil || o.Title != title || o.Type != "rich" || o.Version != "1.0" || o.Width != 400 || !strings.HasPrefix(a.header.Get("Content-Type"), kind) {
			t.Errorf("oEmbed as %s: %v, %+v", format, err, o)
		}
		v.get(local(o.Thumbnail)).want(200)
		src := regexp.MustCompile(`<iframe src="([^"]+)" width="400"`).FindStringSubmatch(o.HTML)
		if src == nil {
			t.Fatalf("the frame is %s", o.HTML)
		}
		player := string(v.get(local(html.UnescapeString(src[1]))).want(200).body)
		if !strings.Contains(player, html.EscapeString(title)) || strings.Contains(player, "</script><b>") {
			t.Error("the player does not name the track, or not escaped")
		}
		if format == "json" { // and the player's own address is as good
			v.get("/api/oembed?url=" + url.QueryEscape(html.UnescapeString(src[1]))).want(200)
		}
	}

	album, person := properties(string(v.get(list.URL).want(200).body)), properties(string(v.get("/mina").want(200).body))
	if album["og:type"] != "music.album" || person["og:type"] != "profile" || person["profile:username"] != "mina" {
		t.Errorf("album: %v, person: %v", album, person)
	}
	v.get(local(album["og:image"])).want(200)
	at := v.get("/api/oembed?url=" + url.QueryEscape("https://ear.example"+track.URL+"?t=1.5")).want(200)
	if !strings.Contains(string(at.body), "?t=1.5") {
		t.Error("the player does not start where the address says")
	}

	for _, hostile := range []string{
		"https://evil.example" + track.URL, "https://ear.example@evil.example" + track.URL, "https://evil.example\\@ear.example" + track.URL, "//ear.example" + track.URL,
		"javascript:alert(1)", "file:///etc/passwd", "https://ear.example:99" + track.URL, "https://ear.example", "http:" + track.URL, "https://ear.example/api/me",
		"https://ear.example/" + strings.Repeat("a", 3000), "https://ear.example/%zz", "\x00", "https://ear.example/embed/tracks/" + never, "https://ear.example//mina",
	} {
		v.get("/api/oembed?url="+url.QueryEscape(hostile)).fails(404, "not_found")
	}
	v.get("/api/oembed?url=/&maxwidth=no").fails(400, "bad_request")

	var shared wire.Shared
	v.get("/api/share?path=" + url.QueryEscape(track.URL+"?t=83") + "&origin=http://192.168.0.9").want(200).into(&shared)
	if shared.URL != "https://ear.example"+track.URL+"?t=83" || shared.QR.Size < 21 {
		t.Errorf("to give on: %+v", shared)
	}
	for _, bad := range []string{"//evil.example", "mina", "https://evil.example/", "/mina\\x", "/mi na"} {
		v.get("/api/share?path="+url.QueryEscape(bad)).fails(400, "bad_request")
	}
}

// TestTheCoverOfAnEmbedIsForEverybody: what stands for a playlist on other sites
// is the artwork of a track that they may show, also where its owner asks.
func TestTheCoverOfAnEmbedIsForEverybody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	sing := func(visibility string) wire.Track {
		return mina.upload("song.mp3", taggedWith("Song", painted(t, 40, 40)), visibility)
	}
	secret, kept, shown := sing("private"), sing("public"), sing("public")
	mina.patch(track(kept), wire.TrackPatch{Embeddable: ptr(false)}).want(200)
	list := made[wire.Playlist](mina.post("/api/playlists", wire.NewPlaylist{Title: "All", Visibility: "public", Tracks: []string{secret.ID, kept.ID, shown.ID}}))
	for _, p := range []*person{h.visitor(), mina} {
		o := as[wire.OEmbed](p.get("/api/oembed?url=/embed/playlists/" + list.ID))
		if !strings.Contains(o.ThumbnailURL, "/api/tracks/"+shown.ID+"/picture/") {
			t.Errorf("%s: the cover is %s, want one of %s", p.name, o.ThumbnailURL, shown.ID)
		}
	}
}

// TestEmbedsBelowAPath: a house below a path of its host is found there.
func TestEmbedsBelowAPath(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.PublicURL = "https://ear.example/e" })
	k := h.keeper()
	track := k.upload("song.mp3", tagged(t, "Song"), "public")
	v := h.visitor()
	p := properties(string(v.get(track.URL).want(200).body))
	if p["og:url"] != "https://ear.example"+track.URL || p["og:image"] != "https://ear.example/e/api/tracks/"+track.ID+"/card.jpg" {
		t.Errorf("the page tells of %v", p)
	}
	var o wire.OEmbed
	v.get("/e/api/oembed?url=" + url.QueryEscape(p["og:url"]+"?t=0.5")).want(200).into(&o)
	if !strings.Contains(o.HTML, `src="https://ear.example/e/embed/tracks/`+track.ID+`?t=0.5"`) {
		t.Errorf("the frame is %s", o.HTML)
	}
	player := html.UnescapeString(string(v.get("/e/embed/tracks/" + track.ID).want(200).body))
	for _, want := range []string{`"/e/api/tracks/` + track.ID + `/stream.mp4"`, `"url":"` + track.URL + `"`, `src="/e/_/`, `href="` + track.URL + `"`} {
		if !strings.Contains(player, want) {
			t.Errorf("the player lacks %s:\n%s", want, player)
		}
	}
	v.get("/api/oembed?url="+url.QueryEscape("https://ear.example"+strings.TrimPrefix(track.URL, "/e"))).fails(404, "not_found")
	var shared wire.Shared
	v.get("/api/share?path=" + track.URL).want(200).into(&shared)
	if shared.URL != "https://ear.example"+track.URL {
		t.Errorf("to give on: %s", shared.URL)
	}
}

// TestNoHouseIsClaimed: where the settings name no address, a made-up Host
// never comes back as part of a page.
func TestNoHouseIsClaimed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	track := k.upload("song.mp3", tagged(t, "Song"), "public")
	for _, host := range []string{`x"><script>`, "a b", "evil.example/x", "user@evil.example", "[::1", ""} {
		req, err := http.NewRequest("GET", h.url+track.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			continue // which no client sends
		}
		var b bytes.Buffer
		b.ReadFrom(res.Body)
		res.Body.Close()
		if host != "" && strings.Contains(b.String(), host) {
			t.Errorf("the Host %q is in the page", host)
		}
	}
}

// TestCardShowsArtworkAndWaveform looks at the pixels: the artwork's colour at
// its place, the waveform's beside it, and a dark ground.
func TestCardShowsArtworkAndWaveform(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	red := k.upload("red.mp3", taggedWith("Red", artwork(t)), "public")
	k.drawn(red.ID)
	k.put("/api/tracks/"+red.ID+"/picture", artwork(t)).want(200)
	bare := k.upload("bare.mp3", tagged(t, "Bare"), "private")
	k.drawn(bare.ID)
	v := h.visitor()
	v.get("/api/tracks/"+bare.ID+"/card.jpg").fails(404, "not_found")
	v.get("/api/tracks/"+red.ID+"/card.jpg?x=1", "If-None-Match", `"x"`).want(200)
	etags := map[string]bool{}
	for _, id := range []string{red.ID, bare.ID} {
		a := k.get("/api/tracks/" + id + "/card.jpg").want(200)
		img, err := jpeg.Decode(bytes.NewReader(a.body))
		if err != nil || img.Bounds() != image.Rect(0, 0, 1200, 630) || len(a.body) > 300_000 {
			t.Fatalf("a card of %d bytes: %v, %v", len(a.body), img.Bounds(), err)
		}
		light := func(x, y int) int {
			r, g, b, _ := img.At(x, y).RGBA()
			return int(299*r+587*g+114*b) / 1000 >> 8
		}
		bright, dark := 0, 0
		for x := 580; x < 1120; x++ {
			if light(x, 355) > 130 {
				bright++
			} else {
				dark++
			}
		}
		if bright < 100 || dark < 100 || light(20, 20) > 120 || light(1190, 620) > 120 {
			t.Errorf("%s: %d bright and %d dark pixels along the waveform; the ground is %d and %d", id, bright, dark, light(20, 20), light(1190, 620))
		}
		etags[a.header.Get("Etag")] = true
		same := k.get("/api/tracks/"+id+"/card.jpg", "If-None-Match", a.header.Get("Etag"))
		if same.status != 304 || len(same.body) > 0 {
			t.Errorf("asked again, got %d", same.status)
		}
	}
	if len(etags) != 2 {
		t.Error("two cards have one ETag")
	}
}
