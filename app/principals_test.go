package app_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"earshot/app/api/wire"
)

// TestEndedSessionsActAsNobody shows the house tokens that were good once: of
// sessions that expired, were signed out or ended from elsewhere, or whose
// account was disabled or is gone. Each gets what a visitor gets, to the byte,
// in an open house and in a closed one (SAFETY 3.4).
func TestEndedSessionsActAsNobody(t *testing.T) {
	t.Parallel()
	c := newClock(today)
	h := (&house{cost: 4, now: c.now}).begin(t)
	k := h.keeper()
	idle, old := h.member("mina"), h.signIn("mina")
	out, ended, changed := h.member("jun"), h.signIn("jun"), h.signIn("jun")
	disabled, gone := h.member("sora"), h.member("haru")
	short := made[wire.MadeKey](idle.post("/api/me/keys", wire.NewKey{
		Proof: wire.Proof{Password: password}, Kind: "api", Name: "Short", Scopes: []string{"read", "write", "messages"}, Days: 30,
	}))
	before := changed.byToken("read", "write", "messages")

	public := idle.upload("public.mp3", tagged(t, "Song"), "public")
	private := idle.upload("private.mp3", tagged(t, "Secret"), "private")
	idle.patch("/api/tracks/"+public.ID, wire.TrackPatch{Slug: ptr("public-song")}).want(200)
	idle.patch("/api/tracks/"+private.ID, wire.TrackPatch{Slug: ptr("private-song")}).want(200)
	idle.drawn(public.ID)
	idle.drawn(private.ID)

	outToken := out.token
	out.post("/api/auth/sign-out", nil).want(204)
	out.token = outToken
	var list wire.List[wire.Session]
	changed.get("/api/me/sessions").want(200).into(&list)
	for _, s := range list.Items {
		if !s.Current {
			changed.delete("/api/me/sessions/" + s.ID).want(204)
		}
	}
	fresh := *changed
	fresh.become(fresh.put("/api/me/password", wire.PasswordChange{Current: password, New: "a new long one"}), 200)

	gone.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	k.put(user(disabled, "suspension"), nil).want(200)
	h.reopen()

	// One session is left alone for a month, the other used until its end.
	idleSince := c.now()
	for c.now().Sub(idleSince) < 91*day {
		if a := old.get("/api/me"); c.now().Sub(idleSince) < 90*day {
			a.want(200)
		}
		c.jump(13 * day)
		if err := h.app.Core().Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	k = h.signIn("keeper")
	mina := h.signIn("mina")
	people := map[string]*person{
		"a session that was not used for a month": idle,
		"a session over its end":                  old,
		"a session that was signed out":           out,
		"a session that was ended from elsewhere": ended,
		"a session before a change of password":   changed,
		"a program whose token is over its end":   idle.program("short", short.Secret),
		"a program before a change of password":   before,
		"a suspended account":                     disabled,
		"a deleted account":                       gone,
	}
	named := strings.NewReplacer("{public}", public.ID, "{private}", private.ID, "{mina}", idle.me.ID, "{public-url}", public.URL, "{private-url}", private.URL)
	fill := func(s string) string {
		return regexp.MustCompile(`\{[a-z-]+\}`).ReplaceAllString(named.Replace(s), never)
	}
	compare := func(kind string) {
		for _, row := range matrix() {
			method, path := row.question()
			if strings.HasPrefix(path, "/api/auth/sign-in") || strings.HasPrefix(path, "/api/setup") ||
				path == "/api/links/open" || strings.HasPrefix(path, "/api/auth/invite") || strings.HasPrefix(path, "/api/auth/reset") {
				continue // who asks is not looked at, and attempts are counted
			}
			if path == "/api/events" {
				continue // has no end where visitors may look around; see TestEvents
			}
			if row.n == 0 {
				continue
			}
			want := row.ask(h.visitor(), fill)
			for name, p := range people {
				for _, as := range []string{"header", "cookie"} {
					v, headers := p, []string{}
					if as == "cookie" {
						v, headers = h.visitor(), []string{"Cookie", "earshot_session=" + p.token}
					}
					got := row.ask(v, fill, headers...)
					// A page says that a cookie came with it, so that it waits with greeting a visitor.
					body := asVisitors(string(got.body))
					if got.status != want.status || body != string(want.body) || !slices.Equal(names(got), names(want)) {
						t.Errorf("%s house, %s, by %s: %s %s gives %d %s %v, a visitor gets %d %s %v",
							kind, name, as, method, path, got.status, shorten(got.body), names(got), want.status, shorten(want.body), names(want))
					}
				}
			}
		}
	}
	compare("an open")
	k.patch("/api/house", wire.HousePatch{Visitors: ptr(false), SignUp: ptr("closed")}).want(200)
	compare("a closed")
	h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "sora@home.example", Password: password}).fails(403, "account.suspended")
	mina.get("/api/tracks/" + private.ID).want(200) // nothing was changed or deleted by anybody
	mina.get("/api/tracks/" + public.ID).want(200)
}

// TestTheKeepersLabel: of somebody's private track the keeper sees what is
// needed for keeping house, and nothing of what is in it.
func TestTheKeepersLabel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	mina := h.member("mina")
	track := mina.upload("night.mp3", tagged(t, "Night train"), "private")
	mina.patch("/api/tracks/"+track.ID, wire.TrackPatch{
		Description: ptr("inner words"), Artist: ptr("inner artist"), Album: ptr("inner album"), Year: ptr(1987),
		Tags: ptr([]string{"inner-tag"}), Downloadable: ptr(true),
	}).want(200)
	track = mina.drawn(track.ID)
	if track.Picture == nil || track.Colour == "" || track.Peaks == "" || track.Stream.Download == "" {
		t.Fatalf("the owner's own view lacks something: %+v", track)
	}
	check := func(where string, raw []byte) {
		t.Helper()
		var label wire.Track
		var fields map[string]any
		if err := json.Unmarshal(raw, &label); err != nil {
			t.Fatal(err)
		}
		json.Unmarshal(raw, &fields)
		if label.ID != track.ID || label.Title != "Night train" || label.User.ID != mina.me.ID || label.Audio.Bytes != track.Audio.Bytes {
			t.Errorf("%s: got %s, want title, owner and size", where, raw)
		}
		if label.Visibility != "private" || !label.Can.Delete || label.Can.Edit {
			t.Errorf("%s: visibility %q, can %+v; want a private track that can be deleted and not edited", where, label.Visibility, label.Can)
		}
		for _, absent := range []string{"artist", "album", "year", "picture", "colour", "peaks"} {
			if v, there := fields[absent]; there {
				t.Errorf("%s: the label has %s %v", where, absent, v)
			}
		}
		if label.Description != "" || len(label.Tags) > 0 || label.Audio.FileName != "" || label.Stream != (wire.Stream{}) {
			t.Errorf("%s: description %q, tags %v, file %q, stream %+v; want none", where, label.Description, label.Tags, label.Audio.FileName, label.Stream)
		}
		for _, secret := range []string{"inner", "1987", "night.mp3", "stream.mp", "/picture/" + "100", track.Peaks, track.Colour} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("%s: the label has %q in it: %s", where, secret, raw)
			}
		}
	}
	check("the track", k.get("/api/tracks/"+track.ID).want(200).body)
	var found struct{ Track json.RawMessage }
	k.get("/api/resolve?path=" + track.URL).want(200).into(&found)
	check("its address", found.Track)
	if page := string(k.get(track.URL).body); strings.Contains(page, "inner") {
		t.Errorf("the page of the track tells the keeper what is in it: %s", page)
	}
	k.delete("/api/tracks/" + track.ID).want(204)
}

// asVisitors leaves out of a page what tells that a session's cookie came with
// it, good or not: the mark that the app reads, and that it will ask who that is.
func asVisitors(page string) string {
	page = strings.ReplaceAll(page, " data-session", "")
	return strings.ReplaceAll(page, `<link rel="preload" href="/api/me" as="fetch" crossorigin="anonymous">`+"\n", "")
}
