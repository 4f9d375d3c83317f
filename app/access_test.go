package app_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
)

// The access matrix: every route × who asks, with the expected status.
//
//	N visitor   U another member   O the owner   A the keeper   X a token that is not good (acts as N)
//
// A hidden thing answers 404, exactly like one that never existed. The keeper
// sees a label of private tracks (title, owner, size) and may delete them, but
// never hears them.
type access struct {
	route         string // as in the API's document
	path          string // with {public}, {private}, {mina} filled in; the route when empty
	body          any
	n, u, o, a, x int // expected status
}

// matrix has a row, or several, for every route; a route without one fails the
// test below.
func matrix() []access {
	const png = "\x89PNG\r\n\x1a\nnot a whole picture"
	title, no := wire.TrackPatch{Title: ptr("Changed")}, any(nil)
	rows := []access{
		{"GET /api/house", "", no, 200, 200, 200, 200, 200},
		{"PATCH /api/house", "", wire.HousePatch{}, 401, 403, 403, 200, 401},
		{"POST /api/setup", "", wire.Setup{Token: "x", Email: "x@y.z", Password: "x", Name: "x"}, 409, 409, 409, 409, 409},
		{"POST /api/auth/sign-up", "", wire.SignUp{Email: "bad", Password: "x"}, 400, 400, 400, 400, 400},
		{"POST /api/auth/sign-in", "", wire.SignIn{Email: "bad", Password: "x"}, 401, 401, 401, 401, 401},
		{"GET /api/me", "", no, 401, 200, 200, 200, 401},
		{"PATCH /api/me", "", wire.MePatch{}, 401, 200, 200, 200, 401},
		{"PUT /api/me/password", "", wire.PasswordChange{Current: "x", New: "y"}, 401, 400, 400, 400, 401},
		{"GET /api/me/sessions", "", no, 401, 200, 200, 200, 401},
		{"DELETE /api/me/sessions", "", no, 401, 204, 204, 204, 401},
		{"DELETE /api/me/sessions/{id}", "/api/me/sessions/{foreign-session}", no, 401, 404, 404, 404, 401},
		{"GET /api/me/tracks", "", no, 401, 200, 200, 200, 401},
		{"PUT /api/me/picture", "", []byte(png), 401, 415, 415, 415, 401},
		{"DELETE /api/me/picture", "", no, 401, 200, 200, 200, 401},
		{"GET /api/users/{id}", "/api/users/{mina}", no, 200, 200, 200, 200, 200},
		{"GET /api/users/{id}/tracks", "/api/users/{mina}/tracks", no, 200, 200, 200, 200, 200},
		{"GET /api/users/{id}/picture/{size}", "/api/users/{mina}/picture/100", no, 404, 404, 404, 404, 404},
		{"PUT /api/users/{id}/follow", "/api/users/{mina}/follow", no, 401, 200, 400, 200, 401},
		{"DELETE /api/users/{id}/follow", "/api/users/{mina}/follow", no, 401, 200, 400, 200, 401},
		{"POST /api/users/{id}/follow/toggle", "/api/users/{mina}/follow/toggle", no, 401, 200, 400, 200, 401},
		{"GET /api/users/{id}/followers", "/api/users/{mina}/followers", no, 200, 200, 200, 200, 200},
		{"GET /api/users/{id}/following", "/api/users/{mina}/following", no, 200, 200, 200, 200, 200},
		{"DELETE /api/users/{id}/block", "/api/users/{mina}/block", no, 401, 204, 204, 204, 401},
		{"PUT /api/users/{id}/block", "/api/users/{nobody}/block", no, 401, 404, 404, 404, 401},
		{"GET /api/me/blocks", "", no, 401, 200, 200, 200, 401},
		{"GET /api/recommendations/users", "", no, 401, 200, 200, 200, 401},
		{"PUT /api/users/{id}/suspension", "/api/users/{nobody}/suspension", no, 401, 403, 403, 404, 401},
		{"DELETE /api/users/{id}/suspension", "/api/users/{mina}/suspension", no, 401, 403, 403, 200, 401},
		{"DELETE /api/users/{id}", "/api/users/{nobody}", no, 401, 403, 403, 404, 401},
		{"POST /api/me/delete", "", wire.AccountDeletion{Password: "x"}, 401, 400, 400, 409, 401},
		{"POST /api/reports", "", wire.NewReport{Kind: "track", ID: "0000000000001", Reason: "spam"}, 401, 404, 404, 404, 401},
		{"GET /api/reports", "", no, 401, 403, 403, 200, 401},
		{"POST /api/reports/{id}/answer", "/api/reports/{nobody}/answer", wire.ReportAnswer{Do: "dismiss"}, 401, 403, 403, 404, 401},
		{"GET /api/resolve", "/api/resolve?path=/mina", no, 200, 200, 200, 200, 200},
		{"GET /api/resolve", "/api/resolve?path=/mina/public-song", no, 200, 200, 200, 200, 200},
		{"GET /api/resolve", "/api/resolve?path=/mina/private-song", no, 404, 404, 200, 200, 404},
		{"GET /api/stream", "", no, 200, 200, 200, 200, 200},
		{"POST /api/tracks", "", []byte("not a sound at all"), 401, 415, 415, 415, 401},
		{"GET /api/me/state", "", no, 401, 200, 200, 200, 401},
		{"GET /api/me/notifications", "", no, 401, 200, 200, 200, 401},
		{"POST /api/me/notifications/seen", "", wire.Seen{UpTo: "0000000000001"}, 401, 404, 404, 404, 401},
		{"GET /api/conversations", "", no, 401, 200, 200, 200, 401},
		{"GET /api/conversations/{id}", "/api/conversations/0000000000001", no, 401, 404, 404, 404, 401},
		{"GET /api/conversations/{id}/messages", "/api/conversations/0000000000001/messages", no, 401, 404, 404, 404, 401},
		{"POST /api/conversations/{id}/seen", "/api/conversations/0000000000001/seen", wire.Seen{UpTo: "0000000000001"}, 401, 404, 404, 404, 401},
		{"DELETE /api/conversations/{id}/messages/{message}", "/api/conversations/0000000000001/messages/0000000000001", no, 401, 404, 404, 404, 401},
		{"GET /api/users/{id}/conversation", "/api/users/{mina}/conversation", no, 401, 200, 400, 200, 401},
		{"POST /api/users/{id}/messages", "/api/users/{mina}/messages", wire.NewMessage{Text: "Hi"}, 401, 201, 400, 201, 401},
		{"GET /api/comments/{id}", "/api/comments/0000000000001", no, 404, 404, 404, 404, 404},
		{"GET /api/comments/{id}/replies", "/api/comments/0000000000001/replies", no, 404, 404, 404, 404, 404},
		{"PATCH /api/comments/{id}", "/api/comments/0000000000001", wire.CommentPatch{Text: "x"}, 401, 404, 404, 404, 401},
		{"DELETE /api/comments/{id}", "/api/comments/0000000000001", no, 401, 404, 404, 404, 401},
		{"GET /api/me/history", "", no, 401, 200, 200, 200, 401},
		{"DELETE /api/me/history", "", no, 401, 204, 204, 204, 401},
		{"DELETE /api/me/history/{id}", "/api/me/history/{public}", no, 401, 204, 204, 204, 401},
		{"GET /api/me/likes", "", no, 401, 200, 200, 200, 401},
		{"GET /api/me/likes/playlists", "", no, 401, 200, 200, 200, 401},
		{"GET /api/me/playlists", "", no, 401, 200, 200, 200, 401},
		{"GET /api/users/{id}/likes", "/api/users/{mina}/likes", no, 200, 200, 200, 200, 200},
		{"GET /api/users/{id}/reposts", "/api/users/{mina}/reposts", no, 200, 200, 200, 200, 200},
		{"GET /api/users/{id}/playlists", "/api/users/{mina}/playlists", no, 200, 200, 200, 200, 200},
		{"GET /api/resolve", "/api/resolve?path=/mina/playlists/open-list", no, 200, 200, 200, 200, 200},
		{"GET /api/resolve", "/api/resolve?path=/mina/playlists/shut-list", no, 404, 404, 200, 200, 404},
		{"POST /api/playlists", "", wire.NewPlaylist{Title: "Mine"}, 401, 201, 201, 201, 401},
		{"POST /api/playlists", "/api/playlists?", wire.NewPlaylist{Title: "Mine", Tracks: []string{"{private}"}}, 401, 404, 404, 404, 401}, // no id
		{"GET /api/playlists/{id}", "/api/playlists/{open}", no, 200, 200, 200, 200, 200},
		{"GET /api/playlists/{id}", "/api/playlists/{shut}", no, 404, 404, 200, 200, 404},
		{"GET /api/playlists/{id}/tracks", "/api/playlists/{open}/tracks", no, 200, 200, 200, 200, 200},
		{"GET /api/playlists/{id}/tracks", "/api/playlists/{shut}/tracks", no, 404, 404, 200, 404, 404},
		{"GET /api/playlists/{id}/picture/{size}", "/api/playlists/{open}/picture/300", no, 404, 404, 404, 404, 404},
		{"GET /api/playlists/{id}/picture/{size}", "/api/playlists/{shut}/picture/300", no, 404, 404, 404, 404, 404},
		{"PATCH /api/playlists/{id}", "/api/playlists/{open}", wire.PlaylistPatch{Title: ptr("Changed")}, 401, 403, 200, 403, 401},
		{"PATCH /api/playlists/{id}", "/api/playlists/{shut}", wire.PlaylistPatch{Title: ptr("Changed secret")}, 401, 404, 200, 403, 401},
		{"PUT /api/playlists/{id}/tracks/{track}", "/api/playlists/{open}/tracks/{public}", wire.PlaylistPlace{}, 401, 403, 200, 403, 401},
		{"PUT /api/playlists/{id}/tracks/{track}", "/api/playlists/{shut}/tracks/{public}", wire.PlaylistPlace{}, 401, 404, 200, 403, 401},
		{"DELETE /api/playlists/{id}/tracks/{track}", "/api/playlists/{open}/tracks/{public}", no, 401, 403, 200, 403, 401},
		{"DELETE /api/playlists/{id}/tracks/{track}", "/api/playlists/{shut}/tracks/{public}", no, 401, 404, 200, 403, 401},
		{"PUT /api/playlists/{id}/like", "/api/playlists/{open}/like", no, 401, 200, 200, 200, 401},
		{"PUT /api/playlists/{id}/like", "/api/playlists/{shut}/like", no, 401, 404, 200, 404, 401},
		{"DELETE /api/playlists/{id}/like", "/api/playlists/{open}/like", no, 401, 200, 200, 200, 401},
		{"DELETE /api/playlists/{id}/like", "/api/playlists/{shut}/like", no, 401, 404, 200, 404, 401},
		{"PUT /api/playlists/{id}/picture", "/api/playlists/{open}/picture", []byte(png), 401, 403, 415, 403, 401},
		{"PUT /api/playlists/{id}/picture", "/api/playlists/{shut}/picture", []byte(png), 401, 404, 415, 403, 401},
		{"DELETE /api/playlists/{id}/picture", "/api/playlists/{open}/picture", no, 401, 403, 200, 403, 401},
		{"DELETE /api/playlists/{id}/picture", "/api/playlists/{shut}/picture", no, 401, 404, 200, 403, 401},
		{"DELETE /api/playlists/{id}", "/api/playlists/{open}", no, 401, 403, 204, 204, 401},
		{"DELETE /api/playlists/{id}", "/api/playlists/{shut}", no, 401, 404, 204, 204, 401},
		{"GET /api/openapi.json", "", no, 200, 200, 200, 200, 200},
		{"GET /api/docs", "", no, 200, 200, 200, 200, 200},
		{"POST /api/auth/sign-out", "", no, 204, 0, 0, 0, 204}, // ends the session; see TestSignUpAndIn
		{"GET /api/events", "", no, 0, 0, 0, 0, 0},             // has no end; see TestEvents
	}
	// What follows the track: read, change, delete.
	reads := []string{"", "/stream.mp4", "/stream.mp3", "/stream.mp3?t=0.5", "/peaks.json", "/peaks.dat", "/picture/300", "/download"}
	for _, r := range reads {
		route := "GET /api/tracks/{id}" + r
		route = strings.TrimSuffix(strings.Replace(route, "/300", "/{size}", 1), "?t=0.5")
		public := access{route, "/api/tracks/{public}" + r, no, 200, 200, 200, 200, 200}
		private := access{route, "/api/tracks/{private}" + r, no, 404, 404, 200, 404, 404}
		switch r {
		case "":
			private.a = 200 // the label
		case "/download":
			public.n, public.u, public.a, public.x = 403, 403, 403, 403
		}
		rows = append(rows, public, private)
	}
	comment := wire.NewComment{Text: "Well"}
	rows = append(rows,
		access{"PUT /api/tracks/{id}/like", "/api/tracks/{public}/like", no, 401, 200, 200, 200, 401},
		access{"PUT /api/tracks/{id}/like", "/api/tracks/{private}/like", no, 401, 404, 200, 404, 401},
		access{"DELETE /api/tracks/{id}/like", "/api/tracks/{public}/like", no, 401, 200, 200, 200, 401},
		access{"DELETE /api/tracks/{id}/like", "/api/tracks/{private}/like", no, 401, 404, 200, 404, 401},
		access{"GET /api/tracks/{id}/likers", "/api/tracks/{public}/likers", no, 200, 200, 200, 200, 200},
		access{"GET /api/tracks/{id}/likers", "/api/tracks/{private}/likers", no, 404, 404, 200, 404, 404},
		access{"POST /api/tracks/{id}/plays", "/api/tracks/{public}/plays", wire.Listen{ListenedMS: 1}, 200, 200, 200, 200, 200},
		access{"POST /api/tracks/{id}/plays", "/api/tracks/{private}/plays", wire.Listen{ListenedMS: 1}, 404, 404, 200, 404, 404},
		access{"PUT /api/tracks/{id}/repost", "/api/tracks/{public}/repost", no, 401, 200, 400, 200, 401},
		access{"PUT /api/tracks/{id}/repost", "/api/tracks/{private}/repost", no, 401, 404, 409, 404, 401},
		access{"DELETE /api/tracks/{id}/repost", "/api/tracks/{public}/repost", no, 401, 200, 200, 200, 401},
		access{"DELETE /api/tracks/{id}/repost", "/api/tracks/{private}/repost", no, 401, 404, 200, 404, 401},
		access{"GET /api/tracks/{id}/reposters", "/api/tracks/{public}/reposters", no, 200, 200, 200, 200, 200},
		access{"GET /api/tracks/{id}/reposters", "/api/tracks/{private}/reposters", no, 404, 404, 200, 404, 404},
		access{"GET /api/tracks/{id}/comments", "/api/tracks/{public}/comments", no, 200, 200, 200, 200, 200},
		access{"GET /api/tracks/{id}/comments", "/api/tracks/{private}/comments", no, 404, 404, 200, 404, 404},
		access{"GET /api/tracks/{id}/comments/marks", "/api/tracks/{public}/comments/marks", no, 200, 200, 200, 200, 200},
		access{"GET /api/tracks/{id}/comments/marks", "/api/tracks/{private}/comments/marks", no, 404, 404, 200, 404, 404},
		access{"POST /api/tracks/{id}/comments", "/api/tracks/{public}/comments", comment, 401, 201, 201, 201, 401},
		access{"POST /api/tracks/{id}/comments", "/api/tracks/{private}/comments", comment, 401, 404, 201, 404, 401},
		access{"PATCH /api/tracks/{id}", "/api/tracks/{public}", title, 401, 403, 200, 403, 401},
		access{"PATCH /api/tracks/{id}", "/api/tracks/{private}", title, 401, 404, 200, 403, 401},
		access{"PUT /api/tracks/{id}/picture", "/api/tracks/{public}/picture", []byte(png), 401, 403, 415, 403, 401},
		access{"PUT /api/tracks/{id}/picture", "/api/tracks/{private}/picture", []byte(png), 401, 404, 415, 403, 401},
		access{"DELETE /api/tracks/{id}/picture", "/api/tracks/{public}/picture", no, 401, 403, 200, 403, 401},
		access{"DELETE /api/tracks/{id}/picture", "/api/tracks/{private}/picture", no, 401, 404, 200, 403, 401},
		access{"DELETE /api/tracks/{id}", "/api/tracks/{public}", no, 401, 403, 204, 204, 401},
		access{"DELETE /api/tracks/{id}", "/api/tracks/{private}", no, 401, 404, 204, 204, 401},
	)
	return rows
}

func ptr[T any](v T) *T { return &v }

func TestAccessMatrix(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	forged := h.visitor()
	forged.name, forged.token = "forged", mina.token[:len(mina.token)-4]+"AAAA"

	file := tagged(t, "Song")
	lists := func() string { // all that others can see and count
		return string(jun.get("/api/stream").want(200).body) + string(jun.get("/api/users/"+mina.me.ID+"/tracks").want(200).body) +
			string(jun.get("/api/users/"+mina.me.ID).want(200).body) + string(jun.get("/api/users/"+mina.me.ID+"/playlists").want(200).body)
	}
	for _, row := range matrix() {
		t.Run(row.route+" "+row.path, func(t *testing.T) {
			var public, private wire.Track
			var open, shut wire.Playlist
			for _, ask := range []struct {
				who  *person
				want int
			}{{h.visitor(), row.n}, {forged, row.x}, {jun, row.u}, {k, row.a}, {mina, row.o}} {
				if ask.want == 0 {
					continue
				}
				if public.ID == "" { // none yet, or deleted by the last question
					public, private = mina.upload("public.mp3", file, "public"), mina.upload("private.mp3", file, "private")
					mina.patch("/api/tracks/"+public.ID, wire.TrackPatch{Slug: ptr("public-song")}).want(200)
					mina.patch("/api/tracks/"+private.ID, wire.TrackPatch{Slug: ptr("private-song"), Title: ptr("A secret title")}).want(200)
					mina.post("/api/playlists", wire.NewPlaylist{Title: "Open list", Visibility: "public", Tracks: []string{private.ID, public.ID}}).want(201).into(&open)
					mina.post("/api/playlists", wire.NewPlaylist{Title: "Shut list", Tracks: []string{public.ID}}).want(201).into(&shut)
					mina.patch("/api/playlists/"+shut.ID, wire.PlaylistPatch{Title: ptr("A secret list")}).want(200)
					if strings.Contains(row.path, "peaks") {
						mina.drawn(public.ID)
						mina.drawn(private.ID)
					}
				}
				if all := lists(); strings.Contains(all, "secret") || strings.Contains(all, private.ID) {
					t.Errorf("a private track shows: %s", all)
				}
				method, path, _ := strings.Cut(row.route, " ")
				if row.path != "" {
					path = row.path
				}
				foreign := ""
				if strings.Contains(path, "{foreign-session}") {
					foreign = sessionOf(h, map[bool]string{true: "mina", false: "jun"}[ask.who == jun])
				}
				fill := strings.NewReplacer("{public}", public.ID, "{private}", private.ID, "{open}", open.ID, "{shut}", shut.ID, "{mina}", mina.me.ID, "{foreign-session}", foreign, "{nobody}", "0000000000001")
				got := ask.who.do(method, fill.Replace(path), row.body)
				if got.status != ask.want {
					t.Errorf("%s: got %d, want %d; body: %s", ask.who.name, got.status, ask.want, shorten(got.body))
				}
				if ask.want == 404 && (strings.Contains(path, "{private}") || strings.Contains(path, "{shut}")) {
					none := strings.NewReplacer("{private}", "0000000000001", "{shut}", "0000000000001", "{public}", public.ID).Replace(path)
					absent := ask.who.do(method, none, row.body)
					if string(absent.body) != string(got.body) || absent.status != got.status || !slices.Equal(names(absent), names(got)) {
						t.Errorf("%s can tell a hidden thing from an absent one: %s %v and %s %v", ask.who.name, got.body, names(got), absent.body, names(absent))
					}
				}
				if method == "DELETE" && got.status == 204 {
					mina.delete("/api/tracks/" + public.ID)
					mina.delete("/api/tracks/" + private.ID)
					mina.delete("/api/playlists/" + open.ID)
					mina.delete("/api/playlists/" + shut.ID)
					public = wire.Track{}
				}
			}
			if public.ID != "" {
				mina.delete("/api/tracks/" + public.ID).want(204)
				mina.delete("/api/tracks/" + private.ID).want(204)
				mina.delete("/api/playlists/" + open.ID).want(204)
				mina.delete("/api/playlists/" + shut.ID).want(204)
			}
		})
	}
}

// names lists the headers of an answer that could tell something.
func names(a answer) []string {
	var list []string
	for name := range a.header {
		if name != "Date" {
			list = append(list, name+": "+strings.Join(a.header[name], ","))
		}
	}
	slices.Sort(list)
	return list
}

// sessionOf signs somebody in once more and gives that session's id.
func sessionOf(h *house, name string) string {
	p := h.visitor()
	p.become(p.post("/api/auth/sign-in", wire.SignIn{Email: name + "@home.example", Password: password}), 200)
	var list wire.List[wire.Session]
	p.get("/api/me/sessions").want(200).into(&list)
	return list.Items[0].ID
}

func TestEveryRouteHasItsRow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var doc struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	h.visitor().get("/api/openapi.json").want(200).into(&doc)
	rows := matrix()
	n := 0
	for path, methods := range doc.Paths {
		for method := range methods {
			n++
			route := strings.ToUpper(method) + " " + path
			if !slices.ContainsFunc(rows, func(r access) bool { return r.route == route }) {
				t.Errorf("route %s has no row in the access matrix", route)
			}
		}
	}
	if n < 30 {
		t.Errorf("the document has only %d routes", n)
	}
}

// TestMembersOnly closes the house to visitors: whatever a visitor may ask for
// answers 401, but for what the sign-in page needs.
func TestMembersOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	track := k.upload("song.mp3", tagged(t, "Song"), "public")
	k.drawn(track.ID)
	k.patch("/api/house", wire.HousePatch{Visitors: ptr(false), SignUp: ptr("closed")}).want(200)
	v := h.visitor()
	open := regexp.MustCompile(`^(GET /api/(house|openapi.json|docs)|POST /api/(setup|auth/.*))$`)
	for _, row := range matrix() {
		if open.MatchString(row.route) || row.route == "GET /api/events" {
			continue
		}
		method, path, _ := strings.Cut(row.route, " ")
		if row.path != "" {
			path = row.path
		}
		path = strings.NewReplacer("{public}", track.ID, "{private}", track.ID, "{open}", track.ID, "{shut}", track.ID, "{mina}", k.me.ID, "{foreign-session}", "0000000000001", "{nobody}", "0000000000001").Replace(path)
		v.do(method, path, row.body).fails(401, "signin.needed")
	}
	v.post("/api/auth/sign-up", wire.SignUp{Email: "new@home.example", Password: password}).fails(403, "signup.closed")
	v.get("/api/house").want(200)
	for _, page := range []string{"/", "/sign-in", "/" + k.me.Username, "/" + k.me.Username + "/" + track.Slug, "/nobody"} {
		body := string(v.get(page).want(200).body)
		if strings.Contains(body, "Song") || strings.Contains(body, k.me.Name) {
			t.Errorf("page %s tells a visitor of a closed house what is inside", page)
		}
	}
	k.get("/api/stream").want(200)
}

// TestPrivacyChangesAtOnce makes a public track private: everything that
// could be opened before is closed at the next request.
func TestPrivacyChangesAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	mina.drawn(track.ID)
	var paths, etags []string
	for _, r := range []string{"/stream.mp4", "/stream.mp3", "/stream.mp3?t=0.5", "/peaks.dat", "/picture/100"} {
		a := jun.get("/api/tracks/" + track.ID + r).want(200)
		paths, etags = append(paths, "/api/tracks/"+track.ID+r), append(etags, a.header.Get("Etag"))
		if cc := a.header.Get("Cache-Control"); !strings.Contains(cc, "private") {
			t.Errorf("%s: got Cache-Control %q: what depends on who asks is private", r, cc)
		}
	}
	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Visibility: ptr("private")}).want(200)
	for i, path := range paths {
		for _, headers := range [][]string{nil, {"If-None-Match", etags[i]}, {"Range", "bytes=0-9"}, {"If-Range", etags[i], "Range", "bytes=0-9"}} {
			jun.get(path, headers...).fails(404, "not_found")
			if a := jun.do("HEAD", path, nil, headers...); a.status != 404 || a.header.Get("Etag") != "" || a.header.Get("Accept-Ranges") != "" {
				t.Errorf("HEAD %s: got %d %v", path, a.status, a.header)
			}
		}
		mina.get(path).want(200)
	}
	for _, list := range []string{"/api/stream", "/api/users/" + mina.me.ID + "/tracks"} {
		if body := string(jun.get(list).want(200).body); strings.Contains(body, track.ID) {
			t.Errorf("%s still has the track: %s", list, body)
		}
	}
	var u wire.User
	if jun.get("/api/users/" + mina.me.ID).want(200).into(&u); u.Tracks != 0 {
		t.Errorf("the count of tracks that others see: got %d, want 0", u.Tracks)
	}
	jun.get("/api/resolve?path="+track.URL).fails(404, "not_found")
	jun.get(track.URL).want(404)
	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{Visibility: ptr("public")}).want(200)
	jun.get(paths[0]).want(200)
}

// TestCursors pages through a list while it grows, and refuses cursors that
// were not given out for it.
func TestCursors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	file := tagged(t, "Song")
	var want []string
	for i := range 7 {
		want = append([]string{mina.upload(fmt.Sprintf("song%d.mp3", i), file, "public").ID}, want...)
	}
	var got []string
	path := "/api/stream?limit=3"
	for {
		var page wire.List[wire.Track]
		mina.get(path).want(200).into(&page)
		for _, tr := range page.Items {
			got = append(got, tr.ID)
		}
		if page.Next == "" {
			break
		}
		if strings.Contains(page.Next, got[len(got)-1]) {
			t.Error("a cursor has an id in clear")
		}
		mina.get("/api/me/tracks?cursor="+page.Next).fails(400, "cursor.invalid")
		mina.get("/api/stream?cursor="+page.Next[:len(page.Next)-1]).fails(400, "cursor.invalid")
		mina.upload("new.mp3", file, "public") // does not move what was begun
		path = "/api/stream?limit=3&cursor=" + page.Next
	}
	if !slices.Equal(got, want) {
		t.Errorf("paging through the stream: got %v, want %v", got, want)
	}
	var page wire.List[wire.Track]
	mina.get("/api/stream?limit=1000000000").want(200).into(&page)
	if len(page.Items) > 100 {
		t.Errorf("a page has %d items", len(page.Items))
	}
	for _, q := range []string{"cursor=x", "cursor=" + strings.Repeat("A", 190), "limit=abc", "sort=password_hash", "filter=email"} {
		mina.get("/api/stream?" + q).want(400)
	}
	mina.get("/api/stream?limit=-1").want(200)
}
