package app_test

import (
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"earshot/app"
	"earshot/app/api/wire"
	"earshot/app/config"
)

// leadsBelow wants every address in an answer to begin with the base, once. No
// text of the tests begins with a slash.
func (a answer) leadsBelow(base string) {
	a.t.Helper()
	var v any
	if base == "" || json.Unmarshal(a.body, &v) != nil {
		return
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if strings.HasPrefix(v, "/") && (!strings.HasPrefix(v, base+"/") || strings.HasPrefix(v, base+base)) {
				a.t.Errorf("%s: the address %q does not lead below %s", a.what, v, base)
			}
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			for key, item := range v {
				switch key {
				case "path", "parent", "folder", "folders": // of the machine
				default:
					walk(item)
				}
			}
		}
	}
	walk(v)
}

// below is a house that people reach below a path.
func below(public string) func(*config.Config) {
	return func(c *config.Config) { c.PublicURL = public }
}

// TestAddressesLeadBelowThePath does what people do in a house below a path,
// and looks at each address that it answers with.
func TestAddressesLeadBelowThePath(t *testing.T) {
	t.Parallel()
	theDocumentIsTrueOfSuccess(t, newHouse(t, below("https://home.example/earshot")))
}

// TestHouseBelowAPath: a proxy may pass the path on or take it off.
func TestHouseBelowAPath(t *testing.T) {
	t.Parallel()
	h := newHouse(t, below("https://home.example/sound/earshot"))
	k := h.keeper()
	track := k.upload("song.mp3", tagged(t, "Song"), "public")
	if want := "/sound/earshot/" + k.me.Username + "/song"; track.URL != want {
		t.Errorf("got the address %q, want %q", track.URL, want)
	}
	k.patch("/api/tracks/"+track.ID, wire.TrackPatch{Slug: ptr("other")}).want(200)
	v := h.visitor()
	for _, base := range []string{"", "/sound/earshot"} {
		page := string(v.get(base + "/" + k.me.Username + "/other").want(200).body)
		for _, want := range []string{`src="/sound/earshot/_/`, `href="/sound/earshot/_/`, "<title>Song"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %q:\n%s", want, page)
			}
		}
		if strings.Contains(page, `="/_/`) || strings.Contains(page, `="/api/`) {
			t.Errorf("the page leaves the path:\n%s", page)
		}
		for _, name := range []string{"js/main.js", "css/base.css", "icons/app-192.png"} {
			_, hash, _ := strings.Cut(page, `src="/sound/earshot/_/`)
			hash, _, _ = strings.Cut(hash, "/")
			v.get(base + "/_/" + hash + "/" + name).want(200)
		}
		var got wire.Track
		for range 2 { // twice: nothing may be kept with the path before it
			a := v.get(base + "/api/tracks/" + track.ID).want(200)
			a.leadsBelow("/sound/earshot")
			a.into(&got)
		}
		v.get(strings.TrimPrefix(got.Stream.MP4, "/sound/earshot")).want(200)
		v.get(got.Stream.MP4).want(200)
		v.get(base + "/tags/a%2Fb").want(404)
		if a := v.get(base+"/api/nothing").fails(404, "not_found"); a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: got %v", a.what, a.header)
		}
		for path, to := range map[string]string{
			"/" + k.me.Username + "/song?t=3": "/sound/earshot/" + k.me.Username + "/other?t=3",
			"/api":                            "/sound/earshot/api/",
			"//evil.example/..//x":            "/sound/earshot/x",
			"/a/../b?c=d":                     "/sound/earshot/b?c=d",
		} {
			a := v.get(base + path)
			if got := a.header.Get("Location"); a.status/100 != 3 || got != to {
				t.Errorf("%s: got %d to %q, want %q", a.what, a.status, got, to)
			}
		}
	}
	if a := v.get("/sound/earshot?a=b"); a.status != 301 || a.header.Get("Location") != "/sound/earshot/?a=b" {
		t.Errorf("%s: got %d %v", a.what, a.status, a.header)
	}
	v.get("/sound/earshotter").want(404)
	for _, way := range []string{"/sound/earshot%2Fapi/house", "/sound%2fearshot/api/house", "/sound%2Fearshot%2fapi/house", "/s%6Fund/earshot/api/house"} {
		v.get(way).want(200) // and leads nowhere beside the path
	}
	if a := v.get("/api/openapi.json"); !strings.Contains(string(a.body), `"servers":[{"url":"/sound/earshot"}]`) {
		t.Errorf("the document does not say where the API is")
	}
	var greeting strings.Builder
	if err := h.app.Greet(t.Context(), &greeting, &net.TCPAddr{IP: net.IPv4zero, Port: 8080}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(greeting.String()) {
		if strings.Contains(line, "://") && !strings.Contains(line, "/sound/earshot") {
			t.Errorf("an address that is printed is not below the path: %s", line)
		}
	}
}

// TestHousesOnOneHost: two houses on one host take one another's sessions for
// nothing.
func TestHousesOnOneHost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ public, cookie, path string }{
		{"", "earshot_session", "/"},
		{"http://home.example", "earshot_session", "/"},
		{"https://home.example", "__Host-earshot_session", "/"},
		{"http://home.example/earshot", "earshot_session-earshot", "/earshot/"},
		{"https://home.example/earshot", "__Secure-earshot_session-earshot", "/earshot/"},
		{"https://home.example/a/b", "__Secure-earshot_session-a-b", "/a/b/"},
	} {
		h := newHouse(t, below(test.public))
		h.keeper()
		p := h.visitor()
		a := p.post("/api/auth/sign-in", wire.SignIn{Email: "keeper@home.example", Password: password}).want(200)
		c, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
		if err != nil {
			t.Fatal(err)
		}
		secure := strings.HasPrefix(test.public, "https:")
		if c.Name != test.cookie || c.Path != test.path || c.Secure != secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Domain != "" {
			t.Errorf("%q: got the cookie %s", test.public, a.header.Get("Set-Cookie"))
		}
		p.get("/api/me", "Cookie", test.cookie+"="+c.Value).want(200)
		for _, other := range []string{"earshot_session", "__Host-earshot_session", "earshot_session-other", "__Secure-earshot_session"} {
			if other != test.cookie {
				p.get("/api/me", "Cookie", other+"="+c.Value).want(401)
			}
		}
		if page := p.get("/", "Cookie", test.cookie+"=x"); !strings.Contains(string(page.body), "data-session") {
			t.Errorf("%q: the page does not see its session", test.public)
		}
	}
}

// TestPathsOfOurOwn: a path that Earshot has pages at can't be the house's.
func TestPathsOfOurOwn(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/messages", "/api", "/_", "/healthz", "/keeper/x", "/tags"} {
		c := config.Default()
		c.Data, c.PublicURL, c.Backups.Every = t.TempDir(), "https://home.example"+path, 0
		a, err := app.Open(app.Options{Config: c, Log: slog.New(slog.DiscardHandler), HashCost: 4})
		if err == nil {
			a.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "choose another path") {
			t.Errorf("%s: got %v", path, err)
		}
	}
}
