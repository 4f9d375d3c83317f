package app_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"earshot/app/api/wire"
	"earshot/app/config"
	"earshot/app/core"
	"earshot/db"
)

// trusting is a house that believes what proxies on this machine say.
func trusting(c *config.Config) {
	c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// signer is a house whose proxy says who asks.
func signer(create bool, also ...func(*config.Config)) func(*config.Config) {
	return func(c *config.Config) {
		trusting(c)
		c.ProxySignIn = config.ProxySignIn{Header: "Remote-User", Create: create}
		for _, change := range also {
			change(c)
		}
	}
}

// TestForwardedHTTPS: whether people come by https, a trusted proxy says and
// nobody else (SAFETY "trusted proxy"). The cookie and the wish that browsers
// stay with https follow.
func TestForwardedHTTPS(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		change  func(*config.Config)
		headers []string
		secure  bool
	}{
		{"plain", func(*config.Config) {}, nil, false},
		{"said by anybody", func(*config.Config) {}, []string{"X-Forwarded-Proto", "https"}, false},
		{"said by a proxy that is not trusted", func(c *config.Config) {
			c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		}, []string{"X-Forwarded-Proto", "https", "X-Forwarded-For", "10.0.0.1"}, false},
		{"not said", trusting, nil, false},
		{"http", trusting, []string{"X-Forwarded-Proto", "http"}, false},
		{"https", trusting, []string{"X-Forwarded-Proto", "https"}, true},
		{"HTTPS", trusting, []string{"X-Forwarded-Proto", " HTTPS "}, true},
		{"the client's word before the proxy's", trusting, []string{"X-Forwarded-Proto", "https, http"}, false},
		{"the proxy's word after the client's", trusting, []string{"X-Forwarded-Proto", "http,https"}, true},
		{"in other headers", trusting, []string{"Forwarded", "proto=https", "X-Forwarded-Ssl", "on", "Front-End-Https", "on", "X-Url-Scheme", "https"}, false},
		{"by public_url", below("https://home.example"), nil, true},
		{"by public_url, whatever is said", func(c *config.Config) { trusting(c); c.PublicURL = "https://home.example" }, []string{"X-Forwarded-Proto", "http"}, true},
		{"not by an http public_url", below("http://home.example"), nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, test.change)
			h.keeper()
			p := h.visitor()
			a := p.do("POST", "/api/auth/sign-in", wire.SignIn{Email: "keeper@home.example", Password: password}, test.headers...).want(200)
			name, _, _ := strings.Cut(a.header.Get("Set-Cookie"), "=")
			if got := strings.Contains(a.header.Get("Set-Cookie"), "; Secure"); got != test.secure || (name == "__Host-earshot_session") != test.secure {
				t.Errorf("got the cookie %q, want secure %v", a.header.Get("Set-Cookie"), test.secure)
			}
			for _, path := range []string{"/", "/api/house", "/api/nothing", "/_/x", "/healthz", "/api/me"} {
				want := ""
				if test.secure {
					want = "max-age=31536000"
				}
				if got := p.get(path, test.headers...).header.Get("Strict-Transport-Security"); got != want {
					t.Errorf("%s: got Strict-Transport-Security %q, want %q", path, got, want)
				}
			}
			c, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
			if err != nil {
				t.Fatal(err)
			}
			p.do("GET", "/api/me", nil, append([]string{"Cookie", c.Name + "=" + c.Value}, test.headers...)...).want(200)
		})
	}
}

// TestForwardingHeadersOfStrangers: what anybody may write into a header
// changes nothing in any answer, nor whose attempts are counted (SAFETY F26).
func TestForwardingHeadersOfStrangers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	track := k.upload("song.mp3", tagged(t, "Song"), "public")
	evil := []string{
		"X-Forwarded-For", "203.0.113.7", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https", "X-Forwarded-Prefix", "/evil.example",
		"Forwarded", "for=203.0.113.7;host=evil.example;proto=https", "X-Real-Ip", "203.0.113.7", "True-Client-Ip", "203.0.113.7",
		"X-Original-Url", "/api/users", "X-Rewrite-Url", "/api/users", "X-Http-Method-Override", "DELETE", "Remote-User", "keeper", "X-Forwarded-User", "keeper",
	}
	v := h.visitor()
	for _, path := range []string{"/", track.URL, "/api/house", "/api/home", "/api/tracks/" + track.ID, "/api/me", "/api/users", "/nowhere", "/api/nothing"} {
		plain, odd := v.get(path), v.get(path, evil...)
		plain.header.Del("Date")
		odd.header.Del("Date")
		if plain.status != odd.status || string(plain.body) != string(odd.body) || fmt.Sprint(plain.header) != fmt.Sprint(odd.header) {
			t.Errorf("%s: got %d %v, without the headers %d %v", path, odd.status, odd.header, plain.status, plain.header)
		}
	}
	checked := 0
	for i := range 60 {
		from := fmt.Sprintf("203.0.113.%d", i+1)
		a := v.do("POST", "/api/auth/sign-in", wire.SignIn{Email: fmt.Sprintf("nobody%d@home.example", i), Password: "a wrong password"},
			"X-Forwarded-For", from, "X-Real-Ip", from, "True-Client-Ip", from, "Forwarded", "for="+from)
		if a.status != http.StatusTooManyRequests {
			checked++
		}
	}
	if checked > 30 {
		t.Errorf("%d wrong passwords from one address were looked at", checked)
	}
}

// TestForeignHost: whatever host a request names, answers lead nowhere but
// here (SAFETY "TRACE, double CL, CL+TE, foreign Host").
func TestForeignHost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	track := k.upload("song.mp3", tagged(t, "Song"), "public")
	k.patch("/api/tracks/"+track.ID, wire.TrackPatch{Slug: ptr("other")}).want(200)
	for _, path := range []string{"/", track.URL, "/" + k.me.Username + "/other", "/api/home", "/api/resolve?path=" + track.URL, "/api", "//x", "/api/openapi.json", "/a/../b"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n", path)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		var whole strings.Builder
		res.Header.Write(&whole)
		buf := make([]byte, 64<<10)
		for {
			n, err := res.Body.Read(buf)
			whole.Write(buf[:n])
			if err != nil {
				break
			}
		}
		conn.Close()
		if strings.Contains(whole.String(), "evil.example") {
			t.Errorf("%s: the answer names a foreign host:\n%s", path, whole.String())
		}
	}
}

// count wants so many accounts.
func (p *person) count(want int) {
	p.h.t.Helper()
	var list wire.List[wire.User]
	if p.get("/api/users").want(200).into(&list); len(list.Items) != want {
		p.h.t.Errorf("there are %d accounts, want %d", len(list.Items), want)
	}
}

// memberBefore makes an account of the time before a proxy signed people in.
func (h *house) memberBefore(name string) *person {
	h.t.Helper()
	now := h.cfg.ProxySignIn
	h.cfg.ProxySignIn = config.ProxySignIn{}
	h.reopen()
	p := h.member(name)
	h.cfg.ProxySignIn = now
	h.reopen()
	return p
}

// TestProxySignIn: whom a trusted proxy names is there, without a session.
func TestProxySignIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, signer(false))
	h.visitor().get("/api/house", "Remote-User", "keeper-kim").want(200) // before there is anybody
	k := h.keeper()
	mina := h.memberBefore("mina")
	v := h.visitor()
	as := func(name string) answer { return v.get("/api/me", "Remote-User", name) }
	for _, name := range []string{"mina", "MINA", " mina ", "mina@home.example", "Mina@Home.example"} {
		var me wire.Me
		a := as(name).want(200)
		a.into(&me)
		if me.ID != mina.me.ID || !me.Proxy || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%q: got %s, proxy %v, cookie %q", name, me.Username, me.Proxy, a.header.Get("Set-Cookie"))
		}
	}
	var me wire.Me
	if mina.get("/api/me").want(200).into(&me); me.Proxy {
		t.Error("somebody who signed in here is said to come by the proxy")
	}
	// The header wins over a session of somebody else.
	if mina.get("/api/me", "Remote-User", k.me.Username).want(200).into(&me); me.ID != k.me.ID {
		t.Errorf("beside a session: got %s", me.Username)
	}
	as("").fails(401, "signin.needed")
	for _, name := range []string{"nobody", "nobody@home.example", "../mina", "%6dina", "mina,jun", strings.Repeat("x", 3000), "\"mina\""} {
		as(name).fails(403, "proxy.unknown")
	}
	v.get("/", "Remote-User", "nobody").want(200) // the app says so, in its own words
	if page := string(v.get("/", "Remote-User", "mina").body); !strings.Contains(page, "data-session") {
		t.Error("the page does not know that somebody is signed in")
	}
	req, _ := http.NewRequest("GET", h.url+"/api/me", nil)
	req.Header["Remote-User"] = []string{"mina", "keeper-kim"}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 400 {
		t.Errorf("two names at once: got %d", res.StatusCode)
	}
	// Rules of the asked account hold, and so does the protection of writes.
	v.get("/api/users", "Remote-User", "mina").fails(403, "forbidden")
	v.get("/api/users", "Remote-User", k.me.Username).want(200)
	v.do("POST", "/api/playlists", wire.NewPlaylist{Title: "x"}, "Remote-User", "mina").want(201)
	v.do("POST", "/api/playlists", wire.NewPlaylist{Title: "x"}, "Remote-User", "mina", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site").fails(403, "cross_site")
	v.do("POST", "/api/auth/sign-out", nil, "Remote-User", "mina").want(204)
	as("mina").want(200)
	mina.patch("/api/me", wire.MePatch{Username: ptr("boss")}).fails(403, "username.proxy")
	// Whoever took another's address would be there for whom the proxy names by it.
	mina.put("/api/me/email", wire.EmailChange{Email: "jun@home.example", Password: password}).fails(403, "email.proxy")
	as("jun@home.example").fails(403, "proxy.unknown")
	mina.put("/api/me/email", wire.EmailChange{Email: "mina@home.example", Password: password}).want(200)
	mina.patch("/api/me", wire.MePatch{Username: ptr("mina"), Name: ptr("Mina Kim")}).want(200)
	// Nor does anybody take the address by which another will come.
	mina.put("/api/me/email", wire.EmailChange{Email: "boss@home.example", Password: password}).fails(403, "email.proxy")
	mina.put("/api/me/email", wire.EmailChange{Email: "Mina@home.example", Password: password}).want(200)
	as("boss@home.example").fails(403, "proxy.unknown")
	// Who is out is out at once.
	k.put("/api/users/"+mina.me.ID+"/suspension", nil).want(200)
	as("mina").fails(403, "account.suspended")
	id, err := db.ParseID(mina.me.ID)
	if err != nil {
		t.Fatal(err)
	}
	if h.app.Core().StillIn(t.Context(), core.Asker{User: id}) == nil {
		t.Error("events go on for somebody who is suspended")
	}
	v.get("/", "Remote-User", "mina").want(200)
	k.delete("/api/users/" + mina.me.ID + "/suspension").want(200)
	as("mina").want(200)
	if err := h.app.Core().StillIn(t.Context(), core.Asker{User: id}); err != nil {
		t.Errorf("events do not go on for whom the proxy names: %v", err)
	}
	k.delete("/api/users/" + mina.me.ID).want(204)
	as("mina").fails(403, "proxy.unknown")
	k.count(1)
}

// TestProxySignInIsNotForEverybody: nobody but a trusted proxy is believed,
// whatever they write.
func TestProxySignInIsNotForEverybody(t *testing.T) {
	t.Parallel()
	h := newHouse(t, signer(true, func(c *config.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	}))
	k := h.keeper()
	mina := h.memberBefore("mina")
	v := h.visitor()
	for _, headers := range [][]string{
		{"Remote-User", k.me.Username},
		{"Remote-User", k.me.Username, "X-Forwarded-For", "10.0.0.1"},
		{"Remote-User", k.me.Username, "X-Real-Ip", "10.0.0.1", "Forwarded", "for=10.0.0.1;by=10.0.0.1", "True-Client-Ip", "10.0.0.1"},
		{"remote_user", k.me.Username}, {"X-Remote-User", k.me.Username}, {"Remote-User", "somebody-new"},
	} {
		v.get("/api/me", headers...).fails(401, "signin.needed")
		v.get("/api/users", headers...).fails(401, "signin.needed")
		var me wire.Me
		if mina.get("/api/me", headers...).want(200).into(&me); me.ID != mina.me.ID || me.Proxy {
			t.Errorf("%v: got %s", headers, me.Username)
		}
		if page := string(v.get("/", headers...).body); strings.Contains(page, "data-session") {
			t.Errorf("%v: the page believes it", headers)
		}
	}
	k.count(2)
	// And where it is off, it is off for the trusted too.
	off := newHouse(t, trusting)
	off.keeper()
	off.visitor().get("/api/me", "Remote-User", "keeper-kim").fails(401, "signin.needed")
}

// TestProxyMakesAccounts: with create, a name that has no account gets one,
// once, however many of its requests come at the same time.
func TestProxyMakesAccounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, signer(true))
	v := h.visitor()
	v.get("/api/me", "Remote-User", "early").fails(401, "signin.needed") // the keeper comes first
	k := h.keeper()
	k.patch("/api/house", wire.HousePatch{SignUp: ptr("closed")}).want(200)
	var wg sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		wg.Go(func() {
			var me wire.Me
			h.visitor().get("/api/me", "Remote-User", "Jun").want(200).into(&me)
			if me.Username != "jun" || me.Name != "jun" || me.Keeper || !me.Proxy {
				t.Errorf("got %+v", me)
			}
			ids[i] = me.ID
		})
	}
	wg.Wait()
	if slices.Sort(ids); len(slices.Compact(ids)) != 1 {
		t.Errorf("one name has the accounts %v", ids)
	}
	for _, person := range [][2]string{{"yuna@home.example", "yuna"}, {"yuna@other.example", "yuna-2"}, {"김하늘", "김하늘"}} {
		name, want := person[0], person[1]
		var me wire.Me
		for range 2 {
			v.get("/api/me", "Remote-User", name).want(200).into(&me)
			if me.Username != want {
				t.Errorf("%s: got the username %s, want %s", name, me.Username, want)
			}
		}
	}
	for _, bad := range []string{"admin", "api", "a b", "x@", "@x", "<script>", strings.Repeat("a", 300)} {
		v.get("/api/me", "Remote-User", bad).fails(403, "proxy.unknown")
	}
	// Nobody signs up before the proxy names them.
	k.patch("/api/house", wire.HousePatch{SignUp: ptr("open")}).want(200)
	v.post("/api/auth/sign-up", wire.SignUp{Email: "dora@proxy.invalid", Password: password, Name: "dora"}).fails(403, "signup.closed")
	for range 2 {
		var me wire.Me
		v.get("/api/me", "Remote-User", "dora").want(200).into(&me)
		if me.Username != "dora" || me.Email != "dora@proxy.invalid" {
			t.Errorf("dora is %s, %s", me.Username, me.Email)
		}
	}
	// Without a password there is no way in but the proxy.
	for _, address := range []string{"jun@proxy.invalid", "yuna@home.example"} {
		for _, word := range []string{"", "jun", password} {
			if a := v.post("/api/auth/sign-in", wire.SignIn{Email: address, Password: word}); a.status/100 != 4 {
				t.Errorf("%s by the password %q: got %d", address, word, a.status)
			}
		}
	}
	h.reopen()
	v = h.visitor()
	v.get("/api/me", "Remote-User", "jun").want(200)
	if s := h.log.String(); strings.Contains(s, "yuna@home.example") || strings.Contains(s, "Remote-User") {
		t.Errorf("the log names who came:\n%s", s)
	}
}
