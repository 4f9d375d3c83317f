package app_test

import (
	"strings"

	"earshot/app/api/wire"
)

// hidden is what secret links of mina lead to, none of which anybody else sees:
// a track, whose link lets people download and comment, and a playlist with
// another one, whose link does not.
//
//	secret   S: nobody who is signed in, and holds both links
type hidden struct {
	linked, inside wire.Track
	linkedList     wire.Playlist
	link, listLink wire.Link
	secret         *person
}

// hide makes what is hidden, anew where it was there.
func (w *world) hide() {
	w.t.Helper()
	w.linked, w.inside = w.sings("A shrouded song", "private"), w.sings("Inside a shrouded list", "private")
	w.linkedList = made[wire.Playlist](w.mina.post("/api/playlists", wire.NewPlaylist{
		Title: "A shrouded list", Tracks: []string{w.inside.ID, w.private.ID, w.juns.ID},
	}))
	w.mina.put(playlist(w.linkedList, "picture"), painted(w.t, 40, 40)).want(200)
	for _, t := range []*wire.Track{&w.linked, &w.inside} {
		w.mina.drawn(t.ID)
		*t = as[wire.Track](w.mina.patch(track(*t), wire.TrackPatch{Visibility: ptr("link"), Tags: ptr([]string{})}))
	}
	w.linkedList = as[wire.Playlist](w.mina.patch(playlist(w.linkedList), wire.PlaylistPatch{Visibility: ptr("link")}))
	w.link = made[wire.Link](w.mina.post(track(w.linked, "links"), wire.LinkPatch{Download: ptr(true), Comments: ptr(true)}))
	w.listLink = made[wire.Link](w.mina.post(playlist(w.linkedList, "links"), wire.LinkPatch{}))
	w.secret = w.house.visitor()
	w.secret.name = "secret"
	w.secret.opensLink(w.link)
	w.secret.opensLink(w.listLink)
	for name, id := range map[string]string{
		"linked": w.linked.ID, "inside": w.inside.ID, "linked-list": w.linkedList.ID, "link": w.link.ID,
		"linked-url": w.linked.URL, "inside-url": w.inside.URL, "linked-list-url": w.linkedList.URL,
		"murmured": w.mina.say(w.linked.ID, 0, "A shrouded murmur").ID,
	} {
		w.ids[name] = id
	}
}

// opensLink opens a secret link, without a password, and keeps what it gives.
func (p *person) opensLink(l wire.Link) wire.Opened {
	p.h.t.Helper()
	o := as[wire.Opened](p.post("/api/links/open", wire.OpenLink{Code: l.Code}))
	p.links = o.Grants
	return o
}

// bySecret is the column S of the access matrix, where it differs from N.
func bySecret(route, path string) int {
	_, isTrack := strings.CutPrefix(path, "/api/tracks/{linked}")
	byList, isInside := strings.CutPrefix(path, "/api/tracks/{inside}")
	switch {
	case isInside && byList == "/download":
		return 403
	case isInside && route == "POST /api/tracks/{id}/comments":
		return 0
	case isTrack || isInside:
		return map[string]int{
			"GET /api/tracks/{id}": 200, "GET /api/tracks/{id}/stream": 200, "GET /api/tracks/{id}/stream.mp4": 200, "GET /api/tracks/{id}/stream.mp3": 200,
			"GET /api/tracks/{id}/peaks.json": 200, "GET /api/tracks/{id}/peaks.dat": 200,
			"GET /api/tracks/{id}/picture/{size}": 200, "GET /api/tracks/{id}/card.jpg": 200, "GET /api/tracks/{id}/download": 200,
			"GET /api/tracks/{id}/comments": 200, "GET /api/tracks/{id}/comments/marks": 200,
			"POST /api/tracks/{id}/plays": 200, "POST /api/tracks/{id}/stops": 204, "POST /api/tracks/{id}/comments": 201,
		}[route]
	case strings.Contains(path, "{murmured}"):
		return map[string]int{"GET /api/comments/{id}": 200, "GET /api/comments/{id}/replies": 200}[route]
	case strings.Contains(path, "/playlists/{linked-list}"):
		return map[string]int{
			"GET /api/playlists/{id}": 200, "GET /api/playlists/{id}/tracks": 200, "GET /api/playlists/{id}/picture/{size}": 200,
		}[route]
	case strings.Contains(path, "-url}") && strings.Contains(path, "={linked") || strings.Contains(path, "={inside-url}"):
		return 200
	}
	return 0
}

// secret is the status that a row expects for S.
func (row access) secret() int {
	_, path := row.question()
	if want := bySecret(row.route, path); want != 0 {
		return want
	}
	return row.n
}

// secretly asks as S what a row asks. Where S is to get what N gets, that is
// held against what N got.
func (w *world) secretly(row access, visitors *answer) {
	w.t.Helper()
	method, path := row.question()
	want := row.secret()
	if want == 0 || want == row.n && visitors == nil {
		return
	}
	got := row.ask(w.secret, w.fill)
	if got.status != want {
		w.t.Errorf("secret: %s %s %v: got %d, want %d; body: %s", method, path, row.filled(w.fill), got.status, want, shorten(got.body))
	}
	if want != row.n {
		w.leaksNoOther(method+" "+path, got)
		return
	}
	n := *visitors
	if strings.Contains(path, "/stations/") { // whose order is each one's own
		got.body, n.body = nil, nil
	}
	if told(got) != told(n) {
		w.t.Errorf("secret: %s %s: gets\n%s, a visitor gets\n%s", method, path, told(got), told(n))
	}
}

// leaksNoOther looks for what no link of S leads to.
func (w *world) leaksNoOther(what string, a answer) {
	w.t.Helper()
	for _, word := range []string{"inner words", "mina@home.example", "A secret title", "A secret list\"", w.private.ID, w.shut.ID, w.link.Code, w.listLink.Code} {
		if strings.Contains(string(a.body), word) {
			w.t.Errorf("secret: %s has %q in it: %s", what, word, shorten(a.body))
		}
	}
	if cc := a.header.Get("Cache-Control"); a.status < 300 && cc != "no-store" && cc != "private, no-cache" {
		w.t.Errorf("secret: %s may be kept: Cache-Control %q", what, cc)
	}
}

// linkRows are of what secret links lead to, and of these links.
func linkRows() (rows []access) {
	said := wire.NewComment{Text: "Well", Guest: "A guest"}
	for _, id := range []string{"{linked}", "{inside}"} {
		at := "/api/tracks/" + id
		for _, r := range []string{"", "/stream", "/stream.mp4", "/stream.mp3", "/stream.mp3?t=0.5", "/peaks.json", "/peaks.dat", "/peaks.dat?zoom=fine", "/picture/300", "/download",
			"/similar", "/playlists", "/likers", "/reposters", "/comments", "/comments?order=newest", "/comments/marks"} {
			name, _, _ := strings.Cut(strings.Replace(r, "/300", "/{size}", 1), "?")
			row := access{"GET /api/tracks/{id}" + name, at + r, no, 404, 404, 404, 200, 404, 404}
			if r == "" {
				row.a = 200 // the label
			}
			rows = append(rows, row)
		}
		rows = append(rows, []access{
			//                                                                                 N    U    Fo   O    B    A
			{"GET /api/stations/tracks/{id}", "/api/stations/tracks/" + id, no, 404, 404, 404, 200, 404, 404},
			{"POST /api/tracks/{id}/plays", at + "/plays", wire.Listen{ListenedMS: 60_000}, 404, 404, 404, 200, 404, 404},
			{"POST /api/tracks/{id}/stops", at + "/stops", wire.Stop{PositionMS: 100, ListenedMS: 60_000}, 404, 404, 404, 204, 404, 404},
			{"GET /api/tracks/{id}/numbers", at + "/numbers", no, 401, 404, 404, 200, 404, 404},
			{"PUT /api/tracks/{id}/like", at + "/like", no, 401, 404, 404, 200, 404, 404},
			{"DELETE /api/tracks/{id}/like", at + "/like", no, 401, 404, 404, 200, 404, 404},
			{"PUT /api/tracks/{id}/repost", at + "/repost", no, 401, 404, 404, 409, 404, 404},
			{"PATCH /api/tracks/{id}", at, wire.TrackPatch{Description: ptr("Changed shrouded")}, 401, 404, 404, 200, 404, 403},
			{"PUT /api/tracks/{id}/picture", at + "/picture", []byte(notPNG), 401, 404, 404, 415, 404, 403},
			{"POST /api/tracks/{id}/comments", at + "/comments", said, 401, 404, 404, 201, 404, 404},
			{"GET /api/tracks/{id}/links", at + "/links", no, 401, 404, 404, 200, 404, 403},
			{"POST /api/tracks/{id}/links", at + "/links", wire.LinkPatch{}, 401, 404, 404, 201, 404, 403},
			{"POST /api/reports", "", wire.NewReport{Kind: "track", ID: id, Reason: "spam"}, 401, 404, 404, 400, 404, 404},
			{"GET /api/resolve", "/api/resolve?path=" + strings.Replace(id, "}", "-url}", 1), no, 404, 404, 404, 200, 404, 200},
			{"DELETE /api/tracks/{id}", at, no, 401, 404, 404, 204, 404, 204},
		}...)
	}
	for _, l := range []struct {
		kind, id           string
		u, owner, keeper   int
		made, makesAKeeper int
	}{
		{"tracks", "{public}", 403, 200, 403, 201, 403}, {"tracks", "{private}", 404, 200, 403, 201, 403},
		{"playlists", "{open}", 403, 200, 403, 201, 403}, {"playlists", "{shut}", 404, 200, 403, 201, 403}, {"playlists", "{linked-list}", 404, 200, 403, 201, 403},
	} {
		route, at := "/api/"+l.kind+"/{id}/links", "/api/"+l.kind+"/"+l.id+"/links"
		rows = append(rows,
			access{"GET " + route, at, no, 401, l.u, l.u, l.owner, 404, l.keeper},
			access{"POST " + route, at, wire.LinkPatch{Name: ptr("For you")}, 401, l.u, l.u, l.made, 404, l.makesAKeeper})
	}
	return append(rows, []access{
		//                                                                                 N    U    Fo   O    B    A
		{"GET /api/comments/{id}", "/api/comments/{murmured}", no, 404, 404, 404, 200, 404, 404},
		{"GET /api/comments/{id}/replies", "/api/comments/{murmured}/replies", no, 404, 404, 404, 200, 404, 404},
		{"PATCH /api/comments/{id}", "/api/comments/{murmured}", wire.CommentPatch{Text: "Changed"}, 401, 404, 404, 200, 404, 404},
		{"DELETE /api/comments/{id}", "/api/comments/{murmured}", no, 401, 404, 404, 204, 404, 204},
		{"GET /api/playlists/{id}", "/api/playlists/{linked-list}", no, 404, 404, 404, 200, 404, 200},
		{"GET /api/playlists/{id}/tracks", "/api/playlists/{linked-list}/tracks", no, 404, 404, 404, 200, 404, 404},
		{"GET /api/playlists/{id}/picture/{size}", "/api/playlists/{linked-list}/picture/300", no, 404, 404, 404, 200, 404, 404},
		{"PATCH /api/playlists/{id}", "/api/playlists/{linked-list}", wire.PlaylistPatch{Description: ptr("Changed")}, 401, 404, 404, 200, 404, 403},
		{"PUT /api/playlists/{id}/like", "/api/playlists/{linked-list}/like", no, 401, 404, 404, 200, 404, 404},
		{"GET /api/resolve", "/api/resolve?path={linked-list-url}", no, 404, 404, 404, 200, 404, 200},
		{"PATCH /api/links/{id}", "/api/links/{link}", wire.LinkPatch{}, 401, 404, 404, 200, 404, 404},
		{"PATCH /api/links/{id}", "/api/links/{never}", wire.LinkPatch{}, 401, 404, 404, 404, 404, 404},
		{"POST /api/links/open", "", wire.OpenLink{Code: "x"}, 404, 404, 404, 404, 404, 404},
		{"DELETE /api/links/{id}", "/api/links/{link}", no, 401, 404, 404, 204, 404, 404},
		{"DELETE /api/playlists/{id}", "/api/playlists/{linked-list}", no, 401, 404, 404, 204, 404, 204},
	}...)
}
