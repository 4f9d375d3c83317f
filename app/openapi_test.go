package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
)

// document is as much of an OpenAPI 3.1 document as the tests look at.
type document struct {
	OpenAPI    string
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]schema }
}

type operation struct {
	OperationID string
	Summary     string
	Parameters  []struct {
		Name, In string
		Required bool
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema schema }
	}
}

// schema is a JSON Schema, as far as the document uses it.
type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Properties           map[string]schema
	Required             []string
	AdditionalProperties any
	Items                *schema
	Enum                 []any
}

// check tells how a value differs from its schema.
func (d *document) check(s schema, v any, at string) []string {
	if s.Ref != "" {
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		target, ok := d.Components.Schemas[name]
		if !ok {
			return []string{at + ": no schema " + name}
		}
		return d.check(target, v, at)
	}
	types := []string{}
	switch t := s.Type.(type) {
	case string:
		types = append(types, t)
	case []any:
		for _, x := range t {
			types = append(types, fmt.Sprint(x))
		}
	}
	kind := map[bool]string{true: "null"}[v == nil]
	var wrong []string
	switch v := v.(type) {
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case float64:
		if kind = "number"; v == float64(int64(v)) && slices.Contains(types, "integer") {
			kind = "integer"
		}
	case []any:
		kind = "array"
		for i, item := range v {
			if s.Items != nil {
				wrong = append(wrong, d.check(*s.Items, item, fmt.Sprintf("%s[%d]", at, i))...)
			}
		}
	case map[string]any:
		kind = "object"
		for _, name := range s.Required {
			if _, there := v[name]; !there {
				wrong = append(wrong, at+": required "+name+" is missing")
			}
		}
		for name, item := range v {
			p, known := s.Properties[name]
			if !known {
				if s.AdditionalProperties == false || s.AdditionalProperties == nil {
					wrong = append(wrong, at+"."+name+" is not in the document")
				}
				continue
			}
			wrong = append(wrong, d.check(p, item, at+"."+name)...)
		}
	}
	if len(types) > 0 && !slices.Contains(types, kind) {
		wrong = append(wrong, fmt.Sprintf("%s is %s, not %v", at, kind, types))
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		wrong = append(wrong, fmt.Sprintf("%s is %v, not one of %v", at, v, s.Enum))
	}
	return wrong
}

// holds checks an answer of a route against the document. What succeeds is
// documented by its very status; "default" is for errors.
func (d *document) holds(t *testing.T, route string, a answer) {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	o, there := d.Paths[path][strings.ToLower(method)]
	if !there {
		t.Errorf("%s is not in the document", route)
		return
	}
	response, ok := o.Responses[fmt.Sprint(a.status)]
	if !ok {
		if a.status < 400 {
			t.Errorf("%s: status %d is a success that the document does not name", a.what, a.status)
			return
		}
		if response, ok = o.Responses["default"]; !ok {
			t.Errorf("%s: status %d is not in the document", a.what, a.status)
			return
		}
	}
	if a.status == http.StatusNoContent {
		if len(a.body) > 0 || len(response.Content) > 0 {
			t.Errorf("%s: 204 with a body, or documented with one", a.what)
		}
		return
	}
	if method == "HEAD" || len(a.body) == 0 && len(response.Content) == 0 {
		return
	}
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	content, ok := response.Content[kind]
	if !ok {
		t.Errorf("%s: status %d as %q is not in the document", a.what, a.status, kind)
		return
	}
	if kind != "application/json" || path == "/api/openapi.json" {
		return
	}
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Errorf("%s: %v", a.what, err)
		return
	}
	for _, wrong := range d.check(content.Schema, v, "answer") {
		t.Errorf("%s (%d): %s", a.what, a.status, wrong)
	}
}

// TestTheDocumentIsTrueOfSuccess does what people do, and holds each answer
// against the document.
func TestTheDocumentIsTrueOfSuccess(t *testing.T) {
	t.Parallel()
	theDocumentIsTrueOfSuccess(t, newHouse(t))
}

func theDocumentIsTrueOfSuccess(t *testing.T, h *house) {
	v := h.visitor()
	var d document
	v.get("/api/openapi.json").want(200).into(&d)
	token, err := h.app.Core().SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done := func(p *person, route, path string, body any, status int) answer {
		t.Helper()
		method, _, _ := strings.Cut(route, " ")
		if path == "" {
			_, path, _ = strings.Cut(route, " ")
		}
		a := p.do(method, path, body)
		d.holds(t, route, a.want(status))
		a.leadsBelow(h.cfg.Base())
		return a
	}
	k, mina := h.visitor(), h.visitor()
	k.become(done(k, "POST /api/setup", "", wire.Setup{
		Token: token, Email: "keeper@home.example", Password: password, Name: "Keeper", House: "Ours", SignUp: "open", Visitors: true,
	}, 201), 201)
	mina.become(done(mina, "POST /api/auth/sign-up", "", wire.SignUp{Email: "mina@home.example", Password: password, Name: "Mina", Age: 30, Gender: "x"}, 201), 201)
	phone := h.visitor()
	phone.become(done(phone, "POST /api/auth/sign-in", "", wire.SignIn{Email: "mina@home.example", Password: password}, 200), 200)
	mina.become(done(mina, "PUT /api/me/password", "", wire.PasswordChange{Current: password, New: "another long one"}, 200), 200)
	var key wire.MadeKey
	done(mina, "POST /api/me/keys", "", wire.NewKey{Proof: wire.Proof{Password: "another long one"}, Kind: "api", Name: "Script", Scopes: []string{"read"}, Days: 1}, 201).into(&key)
	done(mina, "POST /api/me/keys", "", wire.NewKey{Proof: wire.Proof{Password: "another long one"}, Kind: "app", Name: "Phone"}, 201)
	done(mina, "GET /api/me/keys", "/api/me/keys?kind=api", nil, 200)
	done(mina, "PATCH /api/me/keys/{id}", "/api/me/keys/"+key.Key.ID, wire.KeyPatch{Name: "Other"}, 200)
	done(mina, "DELETE /api/me/keys/{id}", "/api/me/keys/"+key.Key.ID, nil, 204)
	done(mina, "PUT /api/me/picture", "", artwork(t), 200)
	done(mina, "PUT /api/me/banner", "", artwork(t), 200)
	var track wire.Track
	done(mina, "POST /api/tracks", "/api/tracks?name=song.mp3&visibility=public", tagged(t, "Song"), 201).into(&track)
	done(mina, "GET /api/tracks/{id}", "/api/tracks/"+track.ID, nil, 200) // most likely still without its waveform
	mina.drawn(track.ID)
	at := "/api/tracks/" + track.ID
	done(mina, "PUT /api/tracks/{id}/picture", at+"/picture", artwork(t), 200)
	done(mina, "PATCH /api/tracks/{id}", at, wire.TrackPatch{Tags: ptr([]string{"a", "b"}), Downloadable: ptr(true), Slug: ptr("new-song")}, 200)
	done(mina, "PATCH /api/me", "", wire.MePatch{Username: ptr("mina-kim")}, 200)
	var list wire.Playlist
	done(mina, "POST /api/playlists", "", wire.NewPlaylist{Title: "List", Visibility: "public", Tracks: []string{track.ID}}, 201).into(&list)
	in := "/api/playlists/" + list.ID
	done(mina, "PATCH /api/playlists/{id}", in, wire.PlaylistPatch{Tags: ptr([]string{"a"}), Kind: ptr("album")}, 200)
	done(mina, "PUT /api/playlists/{id}/picture", in+"/picture", artwork(t), 200)
	done(mina, "PUT /api/playlists/{id}/tracks/{track}", in+"/tracks/"+track.ID, wire.PlaylistPlace{}, 200)
	for _, p := range []*person{k, mina} {
		done(p, "PUT /api/tracks/{id}/like", at+"/like", nil, 200)
		done(p, "PUT /api/playlists/{id}/like", in+"/like", nil, 200)
		done(p, "POST /api/tracks/{id}/plays", at+"/plays", wire.Listen{ListenedMS: 30_000}, 200)
	}
	done(k, "PUT /api/tracks/{id}/repost", at+"/repost", nil, 200)
	k.sings("A", "c")
	k.put("/api/users/"+mina.me.ID+"/follow", nil).want(200)
	h.written()
	for _, read := range [][2]string{
		{"GET /api/stream", "/api/stream"}, {"GET /api/me/likes", "/api/me/likes"}, {"GET /api/me/likes/playlists", "/api/me/likes/playlists"},
		{"GET /api/me/history", "/api/me/history"}, {"GET /api/me/export", "/api/me/export"}, {"GET /api/me/playlists", "/api/me/playlists?kind=album&track=" + track.ID},
		{"GET /api/users/{id}/likes", "/api/users/" + mina.me.ID + "/likes"}, {"GET /api/users/{id}/reposts", "/api/users/" + k.me.ID + "/reposts"},
		{"GET /api/users/{id}/playlists", "/api/users/" + mina.me.ID + "/playlists?kind=album"}, {"GET /api/tracks/{id}/likers", at + "/likers"},
		{"GET /api/tracks/{id}/reposters", at + "/reposters"}, {"GET /api/playlists/{id}", in}, {"GET /api/playlists/{id}/tracks", in + "/tracks"},
		{"GET /api/playlists/{id}/picture/{size}", in + "/picture/300"}, {"GET /api/resolve", "/api/resolve?path=/mina-kim/playlists/list"},
	} {
		for _, p := range []*person{k, mina} {
			done(p, read[0], read[1], nil, 200)
		}
	}
	done(mina, "DELETE /api/playlists/{id}/picture", in+"/picture", nil, 200)
	done(mina, "DELETE /api/playlists/{id}/tracks/{track}", in+"/tracks/"+track.ID, nil, 200)
	done(mina, "DELETE /api/playlists/{id}/like", in+"/like", nil, 200)
	done(mina, "DELETE /api/tracks/{id}/like", at+"/like", nil, 200)
	done(k, "DELETE /api/tracks/{id}/repost", at+"/repost", nil, 200)
	done(mina, "GET /api/me/queue", "", nil, 200)
	done(mina, "PUT /api/me/queue", "", wire.NewPlayQueue{Tracks: []string{track.ID}, PositionMS: 5}, 200)
	done(mina, "GET /api/me/queue", "/api/me/queue?most=1", nil, 200)
	done(mina, "DELETE /api/me/queue", "", nil, 204)
	done(mina, "GET /api/me/scrobbler", "", nil, 200)
	done(mina, "DELETE /api/me/scrobbler", "", nil, 204)
	done(mina, "DELETE /api/me/history/{id}", "/api/me/history/"+track.ID, nil, 204)
	done(mina, "DELETE /api/me/history", "", nil, 204)
	var feed wire.Feed
	done(mina, "POST /api/me/feeds", "", wire.NewFeed{Kind: "user", Of: mina.me.ID, Origin: h.url}, 201).into(&feed)
	_, secret, _ := strings.Cut(strings.TrimSuffix(feed.URL, ".rss"), "/feeds/private/")
	done(mina, "GET /api/me/feeds/{id}", "/api/me/feeds/"+feed.ID, nil, 200)
	for _, read := range [][2]string{
		{"GET /feeds/private/{file}", "/feeds/private/" + secret + ".atom"}, {"GET /feeds/private/{secret}/{file}", "/feeds/private/" + secret + "/" + track.ID + ".mp3"},
		{"GET /feeds/playlists/{file}", "/feeds/playlists/" + list.ID + ".rss"}, {"GET /feeds/users/{file}", "/feeds/users/" + mina.me.ID + ".rss"}, {"GET /feeds/users/{file}", "/feeds/users/mina-kim.rss"},
		{"GET /feeds/tags/{file}", "/feeds/tags/a.rss"}, {"GET /feeds/tracks/{file}", "/feeds/tracks/" + track.ID + ".mp3"}, {"GET /api/me/feeds", "/api/me/feeds"},
	} {
		done(mina, read[0], read[1], nil, map[bool]int{true: 302, false: 200}[strings.HasSuffix(read[1], "kim.rss")])
	}
	done(mina, "DELETE /api/me/feeds/{id}", "/api/me/feeds/"+feed.ID, nil, 204)
	done(mina, "DELETE /api/playlists/{id}", in, nil, 204)
	for _, p := range []*person{v, mina, k} {
		for _, read := range [][2]string{
			{"GET /api/tracks/{id}", at}, {"GET /api/tracks/{id}/stream", at + "/stream"}, {"GET /api/tracks/{id}/peaks.json", at + "/peaks.json?zoom=fine"},
			{"GET /api/tracks/{id}/stream.mp4", at + "/stream.mp4"}, {"GET /api/tracks/{id}/stream.mp3", at + "/stream.mp3?t=1"},
			{"GET /api/tracks/{id}/download", at + "/download"}, {"GET /api/tracks/{id}/peaks.json", at + "/peaks.json"}, {"GET /api/tracks/{id}/peaks.dat", at + "/peaks.dat"},
			{"GET /api/tracks/{id}/picture/{size}", at + "/picture/100"}, {"GET /api/users/{id}/picture/{size}", "/api/users/" + mina.me.ID + "/picture/600"},
			{"GET /api/users/{id}/banner/{size}", "/api/users/" + mina.me.ID + "/banner/1500"},
			{"GET /api/resolve", "/api/resolve?path=/mina/song"}, {"GET /api/resolve", "/api/resolve?path=/mina"}, {"GET /api/stream", "/api/stream?limit=1"},
			{"GET /api/home", "/api/home"}, {"GET /api/tags", "/api/tags?limit=1"}, {"GET /api/tags/{tag}", "/api/tags/a"},
			{"GET /api/tags/{tag}/tracks", "/api/tags/a/tracks?limit=1"}, {"GET /api/tags/{tag}/tracks", "/api/tags/a/tracks?order=popular&limit=1"},
			{"GET /api/tracks/{id}/similar", at + "/similar"}, {"GET /api/tracks/{id}/playlists", at + "/playlists"}, {"GET /api/stations/tracks/{id}", "/api/stations/tracks/" + track.ID + "?limit=1"},
			{"GET /api/stations/tags/{tag}", "/api/stations/tags/a?limit=1"},
		} {
			done(p, read[0], read[1], nil, 200)
		}
	}
	d.holds(t, "GET /api/tracks/{id}/stream", v.get(at+"/stream", "Range", "bytes=0-99").want(206))
	d.holds(t, "GET /api/tracks/{id}/stream.mp4", v.get(at+"/stream.mp4", "Range", "bytes=0-99").want(206))
	d.holds(t, "GET /api/tracks/{id}/stream.mp3", v.get(at+"/stream.mp3", "Range", "bytes=0-99").want(206))
	var said, reply wire.Comment
	done(mina, "POST /api/tracks/{id}/comments", at+"/comments", wire.NewComment{Text: "Well", PositionMS: 5}, 201).into(&said)
	done(k, "POST /api/tracks/{id}/comments", at+"/comments", wire.NewComment{Text: "So", Parent: said.ID}, 201).into(&reply)
	done(mina, "PATCH /api/comments/{id}", "/api/comments/"+said.ID, wire.CommentPatch{Text: "Well!"}, 200)
	var sent wire.Message
	done(k, "POST /api/users/{id}/messages", "/api/users/"+mina.me.ID+"/messages", wire.NewMessage{Text: "Listen", Track: track.ID}, 201).into(&sent)
	conversation := "/api/conversations/" + sent.Conversation
	done(mina, "GET /api/me/state", "", nil, 200)
	var told wire.Notifications
	done(mina, "GET /api/me/notifications", "", nil, 200).into(&told)
	done(mina, "POST /api/me/notifications/seen", "", wire.Seen{UpTo: told.Items[0].ID}, 200)
	done(mina, "GET /api/conversations", "", nil, 200)
	done(mina, "GET /api/conversations/{id}", conversation, nil, 200)
	done(mina, "GET /api/conversations/{id}/messages", conversation+"/messages", nil, 200)
	done(mina, "GET /api/users/{id}/conversation", "/api/users/"+k.me.ID+"/conversation", nil, 200)
	done(mina, "POST /api/conversations/{id}/seen", conversation+"/seen", wire.Seen{UpTo: sent.ID}, 200)
	done(k, "DELETE /api/conversations/{id}/messages/{message}", conversation+"/messages/"+sent.ID, nil, 204)
	for _, p := range []*person{v, mina, k} {
		done(p, "GET /api/tracks/{id}/comments", at+"/comments", nil, 200)
		done(p, "GET /api/tracks/{id}/comments/marks", at+"/comments/marks", nil, 200)
		done(p, "GET /api/comments/{id}", "/api/comments/"+reply.ID, nil, 200)
		done(p, "GET /api/comments/{id}/replies", "/api/comments/"+said.ID+"/replies", nil, 200)
	}
	done(mina, "DELETE /api/comments/{id}", "/api/comments/"+said.ID, nil, 204)
	done(mina, "DELETE /api/tracks/{id}/picture", at+"/picture", nil, 200)
	done(mina, "DELETE /api/me/picture", "", nil, 200)
	done(mina, "DELETE /api/me/banner", "", nil, 200)
	done(mina, "DELETE /api/tracks/{id}", at, nil, 204)
	var sessions wire.List[wire.Session]
	phone.become(phone.post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: "another long one"}), 200)
	done(phone, "GET /api/me/sessions", "", nil, 200).into(&sessions)
	for _, s := range sessions.Items {
		if !s.Current {
			done(phone, "DELETE /api/me/sessions/{id}", "/api/me/sessions/"+s.ID, nil, 204)
		}
	}
	done(phone, "DELETE /api/me/sessions", "", nil, 204)
	done(phone, "POST /api/auth/sign-out", "", nil, 204)
	done(k, "PATCH /api/house", "", wire.HousePatch{Name: ptr("Renamed")}, 200)
	done(k, "POST /api/backups", "", nil, 201)
	done(k, "POST /api/backups/{name}/prove", "/api/backups/"+copied(k).Items[0].Name+"/prove", nil, 200)
	done(k, "GET /api/backups", "", nil, 200)
	done(k, "POST /api/check", "", nil, 200)
	done(k, "GET /api/check", "", nil, 200)
	done(k, "DELETE /api/check", "", nil, 204)
}

// TestTheDocumentIsTrue asks each route real questions, good and bad, and
// holds every answer against the document.
func TestTheDocumentIsTrue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	var d document
	raw := h.visitor().get("/api/openapi.json").want(200)
	raw.into(&d)
	if d.OpenAPI != "3.1.0" {
		t.Errorf("got OpenAPI %q", d.OpenAPI)
	}

	full := mina.upload("song.mp3", tagged(t, "Song"), "public")
	mina.drawn(full.ID)
	mina.patch("/api/me", wire.MePatch{Bio: ptr("a bio"), Age: ptr(30), Gender: ptr("x")}).want(200)
	var list wire.Playlist
	mina.post("/api/playlists", wire.NewPlaylist{Title: "A list", Visibility: "public", Tracks: []string{full.ID}}).want(201).into(&list)
	named := strings.NewReplacer("{public}", full.ID, "{private}", full.ID, "{open}", list.ID, "{shut}", list.ID, "{mina}", mina.me.ID, "{public-url}", full.URL)
	fill := func(s string) string {
		return regexp.MustCompile(`\{[a-z-]+\}`).ReplaceAllString(named.Replace(s), never)
	}
	asked := map[string]bool{}
	for _, row := range matrix() {
		method, path, _ := strings.Cut(row.route, " ")
		o, there := d.Paths[path][strings.ToLower(method)]
		if !there {
			t.Errorf("%s is not in the document", row.route)
			continue
		}
		if o.Summary == "" || o.OperationID == "" {
			t.Errorf("%s has no summary or name", row.route)
		}
		for _, part := range strings.Split(path, "/") {
			if name, ok := strings.CutPrefix(part, "{"); ok {
				name = strings.TrimSuffix(name, "}")
				found := false
				for _, p := range o.Parameters {
					found = found || p.Name == name && p.In == "path" && p.Required
				}
				if !found {
					t.Errorf("%s does not document {%s}", row.route, name)
				}
			}
		}
		if row.route == "GET /api/events" {
			continue
		}
		real := path
		if row.path != "" {
			real = row.path
		}
		for _, who := range []*person{h.visitor(), k, mina} {
			if method == "DELETE" || path == "/api/auth/sign-out" {
				if who == mina || who == k && !strings.Contains(real, "{p") {
					continue
				}
			}
			if who == k && method == "DELETE" {
				continue
			}
			a := row.ask(who, fill)
			asked[row.route] = true
			d.holds(t, row.route, a)
		}
	}
	if len(asked) < 30 {
		t.Errorf("only %d routes were asked", len(asked))
	}
}
