package app_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/db"
)

// key makes an app password or a token.
func (p *person) key(kind string, scopes ...string) wire.MadeKey {
	p.h.t.Helper()
	return made[wire.MadeKey](p.post("/api/me/keys", wire.NewKey{Proof: wire.Proof{Password: password}, Kind: kind, Name: "Program of " + p.name, Scopes: scopes}))
}

// program is one that acts for somebody by a secret.
func (p *person) program(name, secret string) *person {
	v := p.h.visitor()
	v.name, v.token, v.me = name, secret, p.me
	return v
}

// token makes a program with a token.
func (p *person) byToken(scopes ...string) *person {
	p.h.t.Helper()
	return p.program("a program of "+p.name+" ("+strings.Join(scopes, ",")+")", p.key("api", scopes...).Secret)
}

// keys lists what programs come in by.
func (p *person) keys(kind string) []wire.Key {
	p.h.t.Helper()
	return as[wire.List[wire.Key]](p.get("/api/me/keys?kind=" + kind)).Items
}

// feedKey makes the key of a feed.
func (p *person) feedKey() string {
	p.h.t.Helper()
	id, err := db.ParseID(p.me.ID)
	if err != nil {
		p.h.t.Fatal(err)
	}
	k, err := p.h.app.Core().AddKey(p.h.t.Context(), core.Asker{User: id}, core.NewKey{Kind: db.KeyFeed})
	if err != nil {
		p.h.t.Fatal(err)
	}
	return k.Secret
}

// voidPrograms are programs whose tokens let nobody in, once those of whom the
// last ones are have been suspended and deleted.
func voidPrograms(h *house, owner, suspended, deleted *person) []*person {
	h.t.Helper()
	all := []string{"read", "write", "messages"}
	gone := owner.key("api", all...)
	owner.delete("/api/me/keys/" + gone.Key.ID).want(204)
	good := owner.key("api", all...).Secret
	return []*person{
		owner.program("a program whose token was taken back", gone.Secret),
		owner.program("a program with a forged token", good[:len(good)-4]+"aaaa"),
		owner.program("a program with an app password for a token", owner.key("app").Secret),
		owner.program("a program with an app password that looks like a token", "earshot_"+owner.key("app").Secret),
		owner.program("a program with the key of a feed for a token", owner.feedKey()),
		owner.program("a program of a suspended account", suspended.key("api", all...).Secret),
		owner.program("a program of a deleted account", deleted.key("api", all...).Secret),
	}
}

// TestKeys makes an app password and a token, lists, renames and drops them.
// What is secret is told once, and stands in no log.
func TestKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")

	app := mina.key("app")
	if len(app.Secret) != 20 || app.Username != "mina" || app.Key.Kind != "app" || app.Key.Scopes != nil || app.QR == nil {
		t.Errorf("an app password: %+v", app)
	}
	u, err := url.Parse(app.Link)
	if err != nil || u.Path != "/settings/connect" || u.RawQuery != "" || !strings.Contains(u.Fragment, app.Secret) {
		t.Errorf("what is secret has to stand behind the # of %s", app.Link)
	}
	token := made[wire.MadeKey](mina.post("/api/me/keys", wire.NewKey{
		Proof: wire.Proof{Password: password}, Kind: "api", Name: "  Backup\n script ", Scopes: []string{"messages", "read", "read"}, Days: 30, Origin: "http://box.example:7777",
	}))
	if !strings.HasPrefix(token.Secret, "earshot_") || token.Link != "" || token.QR != nil || token.Address != "http://box.example:7777/" ||
		!slices.Equal(token.Key.Scopes, []string{"read", "messages"}) || token.Key.Name != "Backup script" || token.Key.Expires.Sub(token.Key.Created).Round(time.Minute) != 30*day {
		t.Errorf("a token: %+v", token)
	}
	for kind, made := range map[string]wire.MadeKey{"app": app, "api": token} {
		list := mina.get("/api/me/keys?kind=" + kind).want(200)
		if got := as[wire.List[wire.Key]](list).Items; len(got) != 1 || got[0].ID != made.Key.ID || got[0].Name != made.Key.Name {
			t.Errorf("keys of kind %s: %s", kind, list.body)
		}
		if strings.Contains(string(list.body), made.Secret) {
			t.Errorf("a secret is told again: %s", list.body)
		}
		if strings.Contains(h.log.String(), made.Secret) {
			t.Error("a secret stands in the log")
		}
	}
	mina.feedKey()
	if got := mina.keys("feed"); len(got) != 1 || got[0].Feed != nil {
		t.Errorf("keys of feeds: %+v", got)
	}

	at := "/api/me/keys/" + token.Key.ID
	if got := as[wire.Key](mina.patch(at, wire.KeyPatch{Name: "Nightly"})); got.Name != "Nightly" || mina.keys("api")[0].Name != "Nightly" {
		t.Errorf("renamed: %+v", got)
	}
	mina.patch(at, wire.KeyPatch{Name: " \t"}).fails(400, "key.name")
	mina.patch(at, wire.KeyPatch{Name: strings.Repeat("a", 61)}).want(400)
	jun.patch(at, wire.KeyPatch{Name: "Mine"}).fails(404, "not_found")
	jun.delete(at).fails(404, "not_found")
	mina.program("program", token.Secret).get("/api/me", "User-Agent", "sync-things/1.2").want(200)
	if err := h.app.Core().Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := mina.keys("api")[0]; got.Used.IsZero() || got.Client != "sync-things/1.2" {
		t.Errorf("used: %+v", got)
	}
	mina.delete(at).want(204)
	mina.delete(at).fails(404, "not_found")
	mina.program("program", token.Secret).get("/api/me").fails(401, "signin.needed")
	for _, note := range []string{"key.made", "key.dropped"} {
		if !strings.Contains(h.log.String(), note) {
			t.Errorf("the log has no %s", note)
		}
	}
}

// TestWhatKeysWant refuses keys that say too little or too much, and those of
// whoever does not prove who they are.
func TestWhatKeysWant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k, mina := h.keeper(), h.member("mina")
	good := wire.NewKey{Proof: wire.Proof{Password: password}, Kind: "api", Name: "Script", Scopes: []string{"read"}}
	for _, c := range []struct {
		code   string
		change func(*wire.NewKey)
	}{
		{"password.wrong", func(n *wire.NewKey) { n.Password = "not mine" }},
		{"password.wrong", func(n *wire.NewKey) { n.Password = "" }},
		{"key.name", func(n *wire.NewKey) { n.Name = " \n" }},
		{"name.long", func(n *wire.NewKey) { n.Name = strings.Repeat("ㅏ", 61) }},
		{"key.scopes", func(n *wire.NewKey) { n.Scopes = nil }},
		{"key.scopes", func(n *wire.NewKey) { n.Scopes = []string{"read", "everything"} }},
		{"key.days", func(n *wire.NewKey) { n.Days = -1 }},
		{"key.days", func(n *wire.NewKey) { n.Days = 1 << 40 }},
	} {
		bad := good
		c.change(&bad)
		mina.post("/api/me/keys", bad).fails(400, c.code)
	}
	feed := good
	feed.Kind = "feed" // they are made where feeds are
	mina.post("/api/me/keys", feed).want(400)
	keep := good
	keep.Scopes = []string{"read", "keep"}
	mina.post("/api/me/keys", keep).fails(403, "key.keep")
	k.post("/api/me/keys", keep).want(201)
	keep.Kind = "app" // which has no scopes
	if got := made[wire.MadeKey](k.post("/api/me/keys", keep)); got.Key.Scopes != nil {
		t.Errorf("an app password with scopes: %+v", got.Key)
	}
	nul := made[wire.MadeKey](mina.post("/api/me/keys", `{"kind":"app","name":"a\u0000b\u202ec","password":"`+password+`"}`))
	if strings.ContainsAny(nul.Key.Name, "\x00\u202e") {
		t.Errorf("a name with what can't be seen: %q", nul.Key.Name)
	}
	for i := len(mina.keys("app")); i < 100; i++ {
		if a := mina.post("/api/me/keys", good); a.status != 201 {
			a.fails(409, "key.many")
			break
		}
	}
	mina.post("/api/me/keys", good).fails(409, "key.many")
	if n := len(mina.keys("api")) + len(mina.keys("app")); n != 100 {
		t.Errorf("%d keys", n)
	}
}

// scopesWanted says of each route, the first that fits, by which scopes a token
// may use it: none at all where it keeps or ends an account. It is the test's
// own word, apart from what the server derives.
var scopesWanted = []struct{ route, scopes string }{
	{`[A-Z]+ /api/(auth/.*|setup)`, ""},
	{`[A-Z]+ /api/me/(password|email|sessions|security|factor|passkeys|identities|keys|feeds|delete|export)(/.*)?`, ""},
	{`[A-Z]+ /api/users/\{id\}/(factor/off|role|reset)`, ""},
	{`DELETE /api/users/\{id\}`, ""},
	{`[A-Z]+ /api/(house/settings|health|storage|jobs|jobs/.*|folders|libraries|libraries/.*|imports|imports/.*|invites|invites/.*|backups|backups/.*|check)`, "keep"},
	{`PATCH /api/house|GET /api/reports|POST /api/reports/\{id\}/answer|[A-Z]+ /api/search/index(/rebuild)?|GET /api/users|PUT /api/users/\{id\}/quota|[A-Z]+ /api/users/\{id\}/suspension`, "keep"},
	{`[A-Z]+ /api/(conversations.*|users/\{id\}/(conversation|messages))`, "messages"},
	{`GET /api/events`, "read messages"},
	{`GET /api/(house|openapi.json|docs)`, "read write messages keep"},
	{`(GET|HEAD|OPTIONS) /api/uploads(/\{id\})?`, "read write"},
	{`POST /api/links/open`, "read"},
	{`(PUT|DELETE) /api/me/scrobbler`, ""},
	{`GET /api/(tracks|playlists)/\{id\}/links`, "write"},
	{`(GET|HEAD) /api/.*`, "read"},
	{`(POST|PUT|PATCH|DELETE) /api/.*`, "write"},
}

// TestScopes walks all routes of the document with a token of each scope, of the
// keeper: each is let in where it is for that, and nowhere else. The document
// says the same.
func TestScopes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	var doc struct {
		Paths map[string]map[string]struct {
			Security []map[string][]string
		}
	}
	h.visitor().get("/api/openapi.json").want(200).into(&doc)
	programs := map[string]*person{}
	for _, scope := range []string{"read", "write", "messages", "keep"} {
		programs[scope] = k.byToken(scope)
	}
	bodies := map[string]any{}
	for _, row := range matrix() {
		if row.body != nil {
			bodies[row.route] = row.filled(func(s string) string { return regexp.MustCompile(`\{[a-z-]+\}`).ReplaceAllString(s, never) })
		}
	}
	n := 0
	for path, methods := range doc.Paths {
		if !strings.HasPrefix(path, "/api/") {
			continue // elsewhere tokens count for nothing
		}
		for method, op := range methods {
			n++
			route := strings.ToUpper(method) + " " + path
			i := slices.IndexFunc(scopesWanted, func(w struct{ route, scopes string }) bool {
				return regexp.MustCompile(`^(` + w.route + `)$`).MatchString(route)
			})
			if i < 0 {
				t.Errorf("%s: nobody says what tokens are for it", route)
				continue
			}
			want := strings.Fields(scopesWanted[i].scopes)
			var told []string
			for _, way := range op.Security {
				told = append(told, way["token"]...)
			}
			if len(want) < 4 && !slices.Equal(told, want) && !strings.HasPrefix(path, "/api/links/") {
				t.Errorf("%s: the document has it that tokens need one of %v, not %v", route, told, want)
			}
			at := regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, never)
			for scope, p := range programs {
				var a answer
				if path == "/api/events" {
					a = p.opens(at)
				} else {
					a = p.do(strings.ToUpper(method), at, bodies[route], tusHeaders(strings.ToUpper(method), path)...)
				}
				if method == "head" && !slices.Contains(want, scope) {
					a.want(403)
					continue
				}
				refused := a.status == 403 && a.code() == "key.scope"
				if refused == slices.Contains(want, scope) {
					t.Errorf("%s by a token to %s: got %d %s, while it is for %v", route, scope, a.status, shorten(a.body), want)
				}
			}
		}
	}
	if n < 150 {
		t.Errorf("only %d routes were asked", n)
	}
	k.get("/api/me").want(200) // and nothing has befallen the keeper
}

// TestAKeepersProgramIsNoKeeper: by a token that is not for keeping, the keeper
// is a member like others, also where keepers may more than members.
func TestAKeepersProgramIsNoKeeper(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k, mina := h.keeper(), h.member("mina")
	secret := mina.upload("private.mp3", tagged(t, "Secret"), "private")
	open := mina.upload("open.mp3", tagged(t, "Open"), "public")
	mina.post("/api/reports", wire.NewReport{Kind: "user", ID: k.me.ID, Reason: "spam"}).want(204)
	plain, keeping := k.byToken("read", "write"), k.byToken("read", "write", "keep")
	plain.get("/api/tracks/"+secret.ID).fails(404, "not_found")
	plain.delete("/api/tracks/"+open.ID).fails(403, "forbidden")
	plain.get("/api/storage").fails(403, "key.scope")
	if got := as[wire.Track](plain.get("/api/tracks/" + open.ID)); got.Can.Delete {
		t.Error("a token that is not for keeping may delete what is mina's")
	}
	if got := as[wire.State](plain.get("/api/me/state")); got.Reports != 0 {
		t.Errorf("a token that is not for keeping hears of reports: %+v", got)
	}
	if got := as[wire.State](keeping.get("/api/me/state")); got.Reports != 1 {
		t.Errorf("a token for keeping: %+v", got)
	}
	keeping.get("/api/tracks/" + secret.ID).want(200)
	keeping.get("/api/storage").want(200)
	keeping.delete("/api/tracks/" + open.ID).want(204)

	// What the keeper is no more, the token is not either.
	other := made[wire.SignedIn](h.visitor().post("/api/auth/sign-up", wire.SignUp{Email: "jun@home.example", Password: password, Name: "jun"}))
	k.put("/api/users/"+other.Me.ID+"/role", wire.RoleChange{Role: "keeper", Password: password}).want(200)
	jun := h.signIn("jun")
	hers := jun.byToken("keep")
	hers.get("/api/storage").want(200)
	k.put("/api/users/"+other.Me.ID+"/role", wire.RoleChange{Role: "member", Password: password}).want(200)
	hers.get("/api/storage").fails(403, "forbidden")
}

// TestMessagesAreApart: what is written to somebody is for tokens of the scope
// messages, also where it is told beside other things.
func TestMessagesAreApart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	track := mina.upload("song.mp3", tagged(t, "Song"), "public")
	reads, writes := mina.byToken("read"), mina.byToken("messages")
	rs, ws := reads.listen("/api/events"), writes.listen("/api/events")
	from := rs.place()
	ws.place()
	sent := jun.send(mina, wire.NewMessage{Text: "Only for mina"})
	said := jun.say(track.ID, 0, "For all")
	if got := rs.has(); !strings.Contains(got, "comment "+said.ID) || strings.Contains(got, "message") {
		t.Errorf("a token to read hears of %q", got)
	}
	if got := ws.has(); !strings.Contains(got, "message "+sent.Conversation) || strings.Contains(got, "comment") || strings.Contains(got, "notice") {
		t.Errorf("a token for messages hears of %q", got)
	}
	if got := reads.listen("/api/events?last=" + from).has(); !strings.Contains(got, "comment") || strings.Contains(got, "message") {
		t.Errorf("what a token to read missed: %q", got)
	}
	if got := as[wire.State](reads.get("/api/me/state")); got.Messages != 0 || got.Sender != nil || got.Notifications == 0 {
		t.Errorf("a token to read: %+v", got)
	}
	if got := as[wire.State](mina.byToken("read", "messages").get("/api/me/state")); got.Messages != 1 || got.Sender == nil {
		t.Errorf("a token to read also messages: %+v", got)
	}
	writes.get("/api/conversations").want(200)
	writes.post("/api/users/"+jun.me.ID+"/messages", wire.NewMessage{Text: "By a program"}).want(201)
	reads.get("/api/conversations").fails(403, "key.scope")
	writes.get("/api/me").fails(403, "key.scope")
	if got := reads.get("/api/search?q=mina").want(200); strings.Contains(string(got.body), "Only for mina") {
		t.Errorf("a token to read finds a message: %s", got.body)
	}
}

// TestTokensEnd: a token that was taken back, has ended, or whose owner is
// suspended or has a new password, makes a visitor of the very next request,
// and an open stream of events ends. An account that is let back in has its
// tokens back.
func TestTokensEnd(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	k, mina, jun := h.keeper(), h.member("mina"), h.member("jun")
	k.patch("/api/house", wire.HousePatch{Visitors: ptr(false)}).want(200)
	ended := func(what string, s *stream) {
		t.Helper()
		for range 100 {
			if got := s.has(); strings.HasSuffix(got, "end") {
				return
			}
		}
		t.Errorf("%s: the stream of events goes on", what)
	}

	back := mina.key("api", "read")
	p := mina.program("taken back", back.Secret)
	s := p.listen("/api/events")
	s.place()
	mina.delete("/api/me/keys/" + back.Key.ID).want(204)
	p.get("/api/stream").fails(401, "signin.needed")
	ended("taken back", s)

	short := made[wire.MadeKey](mina.post("/api/me/keys", wire.NewKey{Proof: wire.Proof{Password: password}, Kind: "api", Name: "Short", Scopes: []string{"read"}, Days: 1}))
	p = mina.program("ended", short.Secret)
	c.jump(day - 1e9)
	p.get("/api/me").want(200)
	c.jump(2e9)
	for _, path := range []string{"/api/me", "/api/stream", "/api/users/" + mina.me.ID} {
		p.get(path).fails(401, "signin.needed")
	}
	if got := mina.keys("api"); len(got) != 1 || !got[0].Expired {
		t.Errorf("a token that ended: %+v", got)
	}

	p = jun.byToken("read")
	s = p.listen("/api/events")
	s.place()
	k.put("/api/users/"+jun.me.ID+"/suspension", nil).want(200)
	p.get("/api/me").fails(401, "signin.needed")
	ended("suspended", s)
	k.delete("/api/users/" + jun.me.ID + "/suspension").want(200)
	p.get("/api/me").want(200)

	p = mina.byToken("read")
	app := mina.key("app")
	s = p.listen("/api/events")
	s.place()
	mina.become(mina.put("/api/me/password", wire.PasswordChange{Current: password, New: "a new long one"}), 200)
	p.get("/api/me").fails(401, "signin.needed")
	ended("a new password", s)
	if n := len(mina.keys("api")) + len(mina.keys("app")); n != 0 {
		t.Errorf("%d keys are left by a new password", n)
	}
	if _, err := h.app.Core().AuthenticateKey(t.Context(), db.KeyApp, app.Secret, ""); err == nil {
		t.Error("an app password is good after a new password")
	}

	jun = h.signIn("jun") // a suspension ends sessions for good
	p = jun.byToken("read")
	jun.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	p.get("/api/me").fails(401, "signin.needed")
	deleted(t, h, jun)
	p.get("/api/me").fails(401, "signin.needed")
}

// TestTokensAreToldByTheHeaderAlone: not as a cookie, not in an address, and not
// to pages.
func TestTokensAreToldByTheHeaderAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	private := mina.upload("private.mp3", tagged(t, "A hidden title"), "private")
	secret := mina.key("api", "read", "write", "messages").Secret
	v := h.visitor()
	v.get("/api/me", "Authorization", "bearer "+secret).want(200)
	for _, headers := range [][]string{
		{"Cookie", "earshot_session=" + secret}, {"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("mina:"+secret))},
		{"Authorization", secret}, {"Authorization", "Token " + secret}, {"Authorization", "Bearer  " + secret}, {"Authorization", "Bearer " + secret + "."},
		{"Authorization", "Bearer " + secret[:len(secret)-1]}, {"Authorization", "Bearer " + strings.ToUpper(secret)}, {"Authorization", "Bearer " + secret + secret},
		{"Authorization", "Bearer earshot_"}, {"Authorization", "Bearer earshot_" + strings.Repeat("a", 8000)}, {"Authorization", "Bearer earshot_\xff\xfe"},
		{"Earshot-Links", secret}, {"X-Api-Key", secret},
	} {
		v.get("/api/me", headers...).fails(401, "signin.needed")
	}
	for _, query := range []string{"?token=", "?access_token=", "?key="} {
		v.get("/api/me" + query + secret).want(401)
	}
	p := mina.program("program", secret)
	if body := string(p.get(private.URL).body); strings.Contains(body, "A hidden title") {
		t.Errorf("a page knows a program: %s", body)
	}
	// A session beside it does not lend the token anything.
	p.get("/api/me/sessions", "Cookie", "earshot_session="+mina.token).fails(403, "key.scope")
	p.put("/api/me/password", wire.PasswordChange{Current: password, New: "a new long one"}).fails(403, "key.scope")
	p.post("/api/me/keys", wire.NewKey{Proof: wire.Proof{Password: password}, Kind: "api", Name: "More", Scopes: []string{"read"}}).fails(403, "key.scope")
	mina.get("/api/me").want(200)
}

// TestUploadsByToken sends a file whole and in pieces.
func TestUploadsByToken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	p := mina.byToken("write")
	whole := p.upload("song.mp3", tagged(t, "Whole"), "public")
	mina.get("/api/tracks/" + whole.ID).want(200)
	file := taggedWith("Pieces", painted(t, 40, 40))
	at := p.begins(len(file), "pieces.mp3")
	half := len(file) / 2
	p.appends(at, 0, file[:half]).want(204)
	if got := p.tus("HEAD", at, nil).want(200).header.Get("Upload-Offset"); got != fmt.Sprint(half) {
		t.Errorf("offset %s of %d", got, half)
	}
	p.appends(at, half, file[half:])
	if got := as[wire.PartialUpload](p.get(at)); got.Track == nil {
		t.Errorf("no track became of it: %+v", got)
	}
	mina.byToken("read").post("/api/tracks?name=x.mp3", file).fails(403, "key.scope")
}

// TestKeysAreNotExported: nothing of a key leaves the house with its owner's
// things.
func TestKeysAreNotExported(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	app, token := mina.key("app"), mina.key("api", "read")
	feed := mina.feedKey()
	b := mina.get("/api/me/export").want(200).body
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{app.Secret, token.Secret, feed, app.Key.Name, app.Key.ID} {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s has %q in it", f.Name, secret)
			}
		}
	}
}

// TestKeysOfWhomAProxyNames: whoever has no password and no session of the
// house, as a proxy lets them in, makes tokens too; their programs come by these
// where the proxy names nobody.
func TestKeysOfWhomAProxyNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t, signer(true))
	h.keeper()
	v := h.visitor()
	named := []string{"Remote-User", "mina"}
	token := made[wire.MadeKey](v.do("POST", "/api/me/keys", wire.NewKey{Kind: "api", Name: "Script", Scopes: []string{"read"}}, named...))
	p := &person{h: h, name: "program", token: token.Secret, http: v.http}
	if got := as[wire.Me](p.get("/api/me")); got.Username != token.Username {
		t.Errorf("the token is of %q, want %q", got.Username, token.Username)
	}
	p.post("/api/me/keys", wire.NewKey{Kind: "api", Name: "More", Scopes: []string{"write"}}).fails(403, "key.scope")
	p.put("/api/tracks/"+never+"/like", nil).fails(403, "key.scope")
	v.get("/api/me/keys?kind=api", named...).want(200)
}

// TestTokensTellNoAddress: of the account that a token is of, it tells nothing by
// which the account is kept, and what it may not read, it is not told by writing.
func TestTokensTellNoAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	mina.patch("/api/me", map[string]any{"age": 33, "gender": "woman"}).want(200)
	for scope, age := range map[string]int{"read": 33, "write": 0} {
		p := mina.byToken(scope)
		a := p.get("/api/me")
		if scope == "write" {
			a = p.patch("/api/me", map[string]any{})
		}
		if me := as[wire.Me](a); me.Email != "" || me.Age != age || me.Username != "mina" {
			t.Errorf("%s: got %q, %d, %q", scope, me.Email, me.Age, me.Username)
		}
	}
}

// TestUsesAreToldAtOnce: whoever sets an app up sees that it came.
func TestUsesAreToldAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	mina := h.keeper()
	p := mina.phone()
	p.ask("ping").ok("", nil)
	keys := as[wire.List[wire.Key]](mina.get("/api/me/keys?kind=app"))
	if len(keys.Items) != 1 || keys.Items[0].Used.IsZero() || keys.Items[0].Client != "earshot-test" {
		t.Errorf("got %+v", keys.Items)
	}
}
