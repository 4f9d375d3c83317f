package app_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"earshot/app/api/wire"
	"earshot/app/config"
)

const startGoogle = "/api/auth/openid/google/start"

// TestComingByAnIssuer: somebody unknown gets an account, and is known the next
// time by the issuer's name for them, whatever has become of the address.
func TestComingByAnIssuer(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	h := newHouse(t, i.lets("google"))
	h.keeper()
	var place wire.House
	h.visitor().get("/api/house").want(200).into(&place)
	if len(place.Providers) != 1 || place.Providers[0] != (wire.Provider{Name: "google", Title: "Google"}) {
		t.Errorf("the house tells of %+v", place.Providers)
	}
	if n := i.times("/.well-known/openid-configuration"); n != 0 {
		t.Errorf("the issuer was asked %d times before anybody wanted it", n)
	}
	p := h.browser()
	started := p.get(startGoogle + "?next=/upload%3Fa%3Db")
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		at, _ := url.Parse(landed(started))
		if len(at.Query().Get(name)) < 20 {
			t.Errorf("%s is %q", name, at.Query().Get(name))
		}
	}
	cookie := started.header.Get("Set-Cookie")
	for _, want := range []string{"earshot_openid=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
	to := landed(p.goes(p.goes(started)))
	if to != "/upload?a=b" || p.knows() != "mina@home.example" {
		t.Fatalf("landed on %q as %q", to, p.knows())
	}
	var me wire.Me
	p.get("/api/me").want(200).into(&me)
	if me.Name != "Mina Kim" || me.Password || me.Username != "mina-kim" || me.Picture != nil {
		t.Errorf("the new account is %+v", me)
	}
	// Another address, not even vouched for: still the same person.
	i.is(jwt.MapClaims{"email": "other@home.example", "email_verified": false})
	again := h.browser()
	again.comes(startGoogle)
	var same wire.Me
	if again.get("/api/me").want(200).into(&same); same.ID != me.ID || same.Email != me.Email {
		t.Errorf("came back as %s %s, was %s", same.ID, same.Email, me.ID)
	}
	var list wire.List[wire.Identity]
	again.get("/api/me/identities").want(200).into(&list)
	if len(list.Items) != 1 || list.Items[0].Email != "other@home.example" || list.Items[0].Provider != "google" || list.Items[0].Title != "Google" {
		t.Errorf("identities: %+v", list.Items)
	}
	// The same address with another subject is another person, who needs the password.
	i.is(jwt.MapClaims{"sub": "subject-2", "email": "mina@home.example", "email_verified": true})
	stranger := h.browser()
	if to, _ := stranger.comes(startGoogle); !strings.Contains(to, "error=openid.no_password") || stranger.knows() != "" {
		t.Errorf("a stranger with the address landed on %q as %q", to, stranger.knows())
	}
	if n := i.times("/picture.png"); n != 0 {
		t.Errorf("the picture that a token names was fetched %d times", n)
	}
	if n := i.times("/.well-known/openid-configuration"); n != 1 {
		t.Errorf("the issuer was asked about itself %d times", n)
	}
}

// TestOpenIDBehindAProxy: behind a proxy the issuer sends people to the address that the
// keeper set, and the cookie is for https alone.
func TestOpenIDBehindAProxy(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	h := newHouse(t, i.lets("google"), func(c *config.Config) { c.PublicURL = "https://music.example.org" })
	h.keeper()
	a := h.visitor().get(startGoogle, "Host", "evil.example").want(303)
	at, err := url.Parse(landed(a))
	if err != nil || at.Query().Get("redirect_uri") != "https://music.example.org/api/auth/openid/google/callback" {
		t.Errorf("sent to %q, %v", landed(a), err)
	}
	if c := a.header.Get("Set-Cookie"); !strings.HasPrefix(c, "__Host-earshot_openid=") || !strings.Contains(c, "Secure") {
		t.Errorf("got the cookie %q", c)
	}
}

func TestIDTokens(t *testing.T) {
	t.Parallel()
	i, c := newIssuer(t), newClock(today)
	i.now = c.now
	h := (&house{cost: 4, now: c.now}).begin(t, i.lets("google"))
	h.keeper()
	v := h.visitor()
	now := c.now().Unix()
	for name, change := range map[string]jwt.MapClaims{
		"plain":                          {},
		"of a phone app":                 {"aud": phoneID},
		"for a list of one":              {"aud": []string{clientID}},
		"for a list, given to the phone": {"aud": []string{clientID, phoneID}, "azp": phoneID},
		"given to us":                    {"azp": clientID},
		"half a minute over":             {"exp": now - 30, "iat": now - 300},
		"issued by a fast clock":         {"iat": now + 30},
		"with a fraction":                {"exp": float64(now) + 60.5},
		"with a nonce nobody asked for":  {"nonce": "x"},
		"that says it is one":            {"typ": "ID", "token_use": "id"},
	} {
		in := made200[wire.SignedIn](v.post("/api/auth/google", wire.IDToken{IDToken: i.token(change)}))
		if in.Me.Email != "mina@home.example" || in.Token == "" {
			t.Errorf("%s: came in as %q", name, in.Me.Email)
		}
	}
	v.post("/api/auth/openid/google", wire.IDToken{IDToken: i.token(jwt.MapClaims{"nonce": "mine"}), Nonce: "mine"}).want(200)
	v.post("/api/auth/openid/google", wire.IDToken{IDToken: i.token(jwt.MapClaims{"nonce": "theirs"}), Nonce: "mine"}).fails(401, "openid.token")
	v.post("/api/auth/openid/google", wire.IDToken{IDToken: i.token(nil), Nonce: "mine"}).fails(401, "openid.token")
	v.post("/api/auth/openid/other", wire.IDToken{IDToken: i.token(nil)}).fails(404, "openid.unknown")
	i.set(func() { i.key, i.kid, i.keys = keysOnce().ec, "ec", append(i.keys, publicKey(keysOnce().ec, "ec")) })
	h.reopen() // fetches the keys anew
	v.post("/api/auth/google", wire.IDToken{IDToken: i.token(nil)}).want(200)
}

func made200[T any](a answer) (v T) {
	a.t.Helper()
	a.want(200).into(&v)
	return v
}

// TestForgedIDTokens: SAFETY F46.
func TestForgedIDTokens(t *testing.T) {
	t.Parallel()
	i, c := newIssuer(t), newClock(today)
	i.now = c.now
	var asked atomic.Int64 // nobody asks too often here
	h := (&house{cost: 4, now: c.now, pace: func() time.Duration { return time.Duration(asked.Add(1)) * 4 * time.Minute }}).begin(t, i.lets("google"))
	h.keeper()
	h.member("mina")
	v := h.visitor()
	now := c.now().Unix()
	own := keysOnce().b // of somebody else
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: func() []byte { b, _ := x509.MarshalPKIXPublicKey(&keysOnce().a.PublicKey); return b }()})
	claims := i.claims()
	good := i.token(nil)
	head, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	b64 := base64.RawURLEncoding.EncodeToString
	with := func(header map[string]any) string { return i.sign(claims, header) }
	tests := map[string]string{
		"nothing":                      "",
		"no token":                     "hello",
		"dots":                         strings.Repeat(".", 10_000),
		"alg none":                     signedAs(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims, "a", nil),
		"alg None":                     b64([]byte(`{"alg":"None","kid":"a"}`)) + "." + payload + ".",
		"alg nOnE with a signature":    b64([]byte(`{"alg":"nOnE","kid":"a"}`)) + "." + payload + "." + signature,
		"no alg":                       b64([]byte(`{"kid":"a"}`)) + "." + payload + "." + signature,
		"no signature":                 head + "." + payload + ".",
		"HS256 by the public key":      signedAs(t, jwt.SigningMethodHS256, public, claims, "a", nil),
		"HS256 by the client's secret": signedAs(t, jwt.SigningMethodHS256, []byte(clientSecret), claims, "a", nil),
		"RS384":                        signedAs(t, jwt.SigningMethodRS384, keysOnce().a, claims, "a", nil),
		"PS256":                        signedAs(t, jwt.SigningMethodPS256, keysOnce().a, claims, "a", nil),
		"ES256 header on RS256":        b64([]byte(`{"alg":"ES256","kid":"a"}`)) + "." + payload + "." + signature,
		"another key":                  signedAs(t, jwt.SigningMethodRS256, own, claims, "a", nil),
		"unknown key":                  signedAs(t, jwt.SigningMethodRS256, own, claims, "b", nil),
		"key without a name":           with(map[string]any{"kid": nil}),
		"key with an empty name":       with(map[string]any{"kid": ""}),
		"key named by a path":          with(map[string]any{"kid": "../../a"}),
		"its own key":                  signedAs(t, jwt.SigningMethodRS256, own, claims, "a", map[string]any{"jwk": publicKey(own, "a")}),
		"a key from elsewhere":         with(map[string]any{"jku": i.url + "/keys"}),
		"critical":                     with(map[string]any{"crit": []string{"x"}}),
		"access token":                 with(map[string]any{"typ": "at+jwt"}),
		"logout token":                 with(map[string]any{"typ": "logout+jwt"}),
		"changed claims":               head + "." + b64([]byte(strings.Replace(string(must(base64.RawURLEncoding.DecodeString(payload))), "mina@", "jun@", 1))) + "." + signature,
		"padding":                      good + "=",
		"line end":                     good + "\n",
		"space":                        " " + good,
		"trailing dot":                 good + ".",
		"twice":                        good + good,
		"cut":                          good[:len(good)-10],
		"loose bits":                   good[:len(good)-1] + loosened(good[len(good)-1]),
		"JSON form":                    fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, head, payload, signature),
	}
	for name, change := range map[string]jwt.MapClaims{
		"other audience":              {"aud": "somebody"},
		"beginning of the audience":   {"aud": clientID[:5]},
		"more than the audience":      {"aud": clientID + "x"},
		"audience in other case":      {"aud": strings.ToUpper(clientID)},
		"also for somebody else":      {"aud": []string{clientID, "somebody"}, "azp": clientID},
		"for two, given to none":      {"aud": []string{clientID, phoneID}},
		"for nobody":                  {"aud": []string{}},
		"no audience":                 {"aud": nil},
		"audience is a number":        {"aud": 1},
		"audience is a list of those": {"aud": []any{clientID, 1}},
		"given to another":            {"azp": "somebody"},
		"given to a number":           {"azp": 1},
		"given to nobody":             {"azp": ""},
		"other issuer":                {"iss": "https://evil.example"},
		"issuer with a slash":         {"iss": i.url + "/"},
		"issuer in other case":        {"iss": strings.ToUpper(i.url)},
		"no issuer":                   {"iss": nil},
		"expired":                     {"exp": now - 61},
		"expired long ago":            {"exp": 1},
		"never expires":               {"exp": nil},
		"expires in words":            {"exp": "tomorrow"},
		"expires in quotes":           {"exp": fmt.Sprint(now + 300)},
		"expires never ever":          {"exp": 1e300},
		"expires before the epoch":    {"exp": -1},
		"expired when issued":         {"exp": now - 10, "iat": now},
		"issued in the future":        {"iat": now + 61, "exp": now + 500},
		"issued at no time":           {"iat": nil},
		"good later":                  {"nbf": now + 61},
		"good in words":               {"nbf": "now"},
		"nobody's":                    {"sub": ""},
		"of no subject":               {"sub": nil},
		"of a number":                 {"sub": 1},
		"of a long subject":           {"sub": strings.Repeat("s", 256)},
		"bearer":                      {"typ": "Bearer"},
		"use of an access token":      {"token_use": "access"},
		"with a scope":                {"scope": "openid email"},
		"with events":                 {"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}},
	} {
		if _, there := tests[name]; there {
			t.Fatal(name)
		}
		tests[name] = i.token(change)
	}
	for name, token := range tests {
		for _, path := range []string{"/api/auth/google", "/api/auth/openid/google"} {
			a := v.post(path, wire.IDToken{IDToken: token})
			if a.status != 401 || a.code() != "openid.token" {
				t.Errorf("%s: got %d %s: %s", name, a.status, a.code(), shorten(a.body))
			}
			for _, leak := range []string{"signature", "base64", "oidc", "crypto", "audience"} {
				if strings.Contains(string(a.body), leak) {
					t.Errorf("%s: the answer tells %q: %s", name, leak, a.body)
				}
			}
		}
	}
	v.post("/api/auth/google", wire.IDToken{IDToken: good + strings.Repeat("a", 16<<10)}).want(400)
	v.post("/api/auth/google", `{"id_token":"`+strings.Repeat("a", 8<<20)+`"}`).want(413)
	v.post("/api/auth/google", wire.IDToken{IDToken: good}).fails(409, "openid.link") // the good one is
	// A session's token is no ID token, and an ID token no session's.
	mina := h.signIn("mina")
	v.post("/api/auth/google", wire.IDToken{IDToken: mina.token}).fails(401, "openid.token")
	v.get("/api/me", "Authorization", "Bearer "+good).fails(401, "signin.needed")
	if n := i.times("/picture.png"); n != 0 {
		t.Errorf("a picture was fetched")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// loosened gives a letter that decodes to the same but for bits that have to
// be zero.
func loosened(c byte) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(letters[strings.IndexByte(letters, c)|1])
}

// TestKeysAreRenewed: a new key is fetched when a token names it, once a minute
// at most; the old one is good no more.
func TestKeysAreRenewed(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	var pace atomic.Int64
	h := (&house{cost: 4, pace: func() time.Duration { return time.Duration(pace.Load()) }}).begin(t, i.lets("google"))
	h.keeper()
	v := h.visitor()
	in := func(token string) answer { return v.post("/api/auth/google", wire.IDToken{IDToken: token}) }
	old := i.token(nil)
	in(old).want(200)
	for range 3 {
		in(old).want(200)
	}
	if n := i.times("/keys"); n != 1 {
		t.Errorf("the keys were fetched %d times, want once", n)
	}
	i.signWith(keysOnce().b, "b")
	for range 5 {
		in(i.token(nil)).fails(401, "openid.token")
	}
	if n := i.times("/keys"); n != 1 {
		t.Errorf("within a minute the keys were fetched %d times", n)
	}
	pace.Add(int64(time.Hour))
	in(i.token(nil)).want(200)
	if n := i.times("/keys"); n != 2 {
		t.Errorf("after a minute the keys were fetched %d times, want twice", n)
	}
	in(old).fails(401, "openid.token")
}

// TestIssuerDownAndUp: an issuer that does not answer is told of, keeps nobody
// from coming by the password, and lets people in as soon as it is up.
func TestIssuerDownAndUp(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	h := newHouse(t, i.lets("google"))
	k := h.keeper()
	i.set(func() { i.down = true })
	v := h.browser()
	if to := landed(v.get(startGoogle + "?next=/upload")); to != "/sign-in?error=openid.unreachable&next=%2Fupload&provider=google" {
		t.Errorf("sent to %q", to)
	}
	a := v.post("/api/auth/google", wire.IDToken{IDToken: i.token(nil)})
	a.fails(503, "openid.unreachable")
	if !strings.Contains(string(a.body), "can't be reached") || a.header.Get("Retry-After") == "" {
		t.Errorf("got %s %v", a.body, a.header)
	}
	k.post("/api/me/identities/google", wire.Connect{Proof: wire.Proof{Password: password}}).fails(503, "openid.unreachable")
	h.signIn("keeper")
	i.set(func() { i.down = false })
	if to, _ := v.comes(startGoogle); to != "/" || v.knows() == "" {
		t.Errorf("when it was up again: landed on %q", to)
	}
	// It goes down while somebody is there, and knows its keys no more later.
	w := h.browser()
	there := w.goes(w.get(startGoogle))
	i.set(func() { i.down = true })
	if to := landed(w.goes(there)); to != "/sign-in?error=openid.unreachable&provider=google" {
		t.Errorf("sent to %q", to)
	}
}

// TestIssuersThatMisbehave: what an issuer answers is bounded, and it leads the
// house to nobody else.
func TestIssuersThatMisbehave(t *testing.T) {
	t.Parallel()
	victim := newIssuer(t)
	for name, lie := range map[string]func(i *issuer){
		"another issuer": func(i *issuer) { i.meta = map[string]any{"issuer": "https://accounts.google.com"} },
		"a slash more":   func(i *issuer) { i.meta = map[string]any{"issuer": i.url + "/"} },
		"http elsewhere": func(i *issuer) { i.meta = map[string]any{"token_endpoint": "http://192.0.2.1/token"} },
		"a file":         func(i *issuer) { i.meta = map[string]any{"jwks_uri": "file:///etc/passwd"} },
		"a script":       func(i *issuer) { i.meta = map[string]any{"authorization_endpoint": "javascript:alert(1)"} },
		"no keys":        func(i *issuer) { i.meta = map[string]any{"jwks_uri": ""} },
		"too much":       func(i *issuer) { i.meta = map[string]any{"padding": strings.Repeat("x", 1<<20)} },
		"no JSON":        func(i *issuer) { i.other = func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<html>") } },
		"an error":       func(i *issuer) { i.other = func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(500) } },
		"a way to another host": func(i *issuer) {
			i.other = http.RedirectHandler(victim.url+"/.well-known/openid-configuration", http.StatusFound).ServeHTTP
		},
		"round and round": func(i *issuer) { i.other = http.RedirectHandler("/x", http.StatusFound).ServeHTTP },
		"without an end": func(i *issuer) {
			i.other = func(w http.ResponseWriter, r *http.Request) {
				for range 64 {
					if _, err := w.Write(bytes.Repeat([]byte(" "), 64<<10)); err != nil {
						return
					}
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newIssuer(t)
			lie(i)
			h := newHouse(t, i.lets("google"))
			h.keeper()
			token := i.token(nil)
			h.visitor().post("/api/auth/google", wire.IDToken{IDToken: token}).fails(503, "openid.unreachable")
			i.set(func() { i.meta, i.other = nil, nil })
			h.visitor().post("/api/auth/google", wire.IDToken{IDToken: token}).want(200)
		})
	}
	t.Cleanup(func() {
		if n := len(victim.asked); n != 0 {
			t.Errorf("somebody else was asked: %v", victim.asked)
		}
	})
}

// TestReturns: what comes back is believed only from the browser that set out,
// once, in time, and as it was asked for.
func TestReturns(t *testing.T) {
	t.Parallel()
	const failed = "/sign-in?error=openid."
	begin := func(t *testing.T) (*issuer, *house, *clock, *person) {
		i, c := newIssuer(t), newClock(today)
		i.now = c.now
		h := (&house{cost: 4, now: c.now}).begin(t, i.lets("google"))
		h.keeper()
		return i, h, c, h.browser()
	}
	refused := func(t *testing.T, p *person, a answer, code string) {
		t.Helper()
		if to := landed(a); !strings.HasPrefix(to, failed+code+"&") && to != failed+code {
			t.Errorf("landed on %q, want %s", to, failed+code)
		}
		if p.knows() != "" {
			t.Errorf("came in as %q", p.knows())
		}
	}
	t.Run("another browser", func(t *testing.T) {
		t.Parallel()
		_, h, _, p := begin(t)
		back := p.goes(p.get(startGoogle))
		victim := h.browser()
		refused(t, victim, victim.goes(back), "state")
		started := h.browser()
		started.get(startGoogle).want(303)
		refused(t, started, started.goes(back), "state")
	})
	t.Run("twice", func(t *testing.T) {
		t.Parallel()
		i, h, _, p := begin(t)
		started := p.get(startGoogle)
		trip, _, _ := strings.Cut(started.header.Get("Set-Cookie"), ";")
		back := p.goes(started)
		if to := landed(p.goes(back)); to != "/" {
			t.Fatalf("landed on %q", to)
		}
		v := h.visitor()
		before := i.times("/token")
		refused(t, v, v.get(strings.TrimPrefix(landed(back), h.url), "Cookie", trip), "state")
		if i.times("/token") != before {
			t.Error("the issuer was asked again")
		}
		refused(t, v, p.goes(back), "state") // the browser gave its cookie up
	})
	t.Run("late", func(t *testing.T) {
		t.Parallel()
		_, _, c, p := begin(t)
		back := p.goes(p.get(startGoogle))
		c.jump(10*time.Minute + time.Second)
		refused(t, p, p.goes(back), "state")
	})
	t.Run("from the future", func(t *testing.T) {
		t.Parallel()
		_, _, c, p := begin(t)
		back := p.goes(p.get(startGoogle))
		c.jump(-time.Hour)
		refused(t, p, p.goes(back), "state")
	})
	t.Run("by another provider", func(t *testing.T) {
		t.Parallel()
		i, j := newIssuer(t), newIssuer(t)
		h := newHouse(t, i.lets("google"), j.lets("home"))
		h.keeper()
		p := h.browser()
		back := p.goes(p.get(startGoogle))
		refused(t, p, p.get(strings.Replace(strings.TrimPrefix(landed(back), h.url), "/google/", "/home/", 1)), "state")
		if j.times("/token") != 0 {
			t.Error("the other issuer was given the code")
		}
	})
	for name, twist := range map[string]struct {
		code string
		do   func(c jwt.MapClaims, back url.Values)
	}{
		"another nonce":          {"token", func(c jwt.MapClaims, _ url.Values) { set(c, "nonce", "another") }},
		"no nonce":               {"token", func(c jwt.MapClaims, _ url.Values) { delete(c, "nonce") }},
		"other audience":         {"token", func(c jwt.MapClaims, _ url.Values) { set(c, "aud", "somebody") }},
		"of a phone app":         {"token", func(c jwt.MapClaims, _ url.Values) { set(c, "aud", phoneID) }},
		"expired":                {"token", func(c jwt.MapClaims, _ url.Values) { set(c, "exp", today.Unix()-100) }},
		"unverified":             {"unverified", func(c jwt.MapClaims, _ url.Values) { set(c, "email_verified", false) }},
		"verified by a word":     {"unverified", func(c jwt.MapClaims, _ url.Values) { set(c, "email_verified", "true") }},
		"verified by a number":   {"unverified", func(c jwt.MapClaims, _ url.Values) { set(c, "email_verified", 1) }},
		"verified in other case": {"unverified", func(c jwt.MapClaims, _ url.Values) { delete(c, "email_verified"); set(c, "Email_Verified", true) }},
		"no address":             {"email", func(c jwt.MapClaims, _ url.Values) { delete(c, "email") }},
		"no real address":        {"email", func(c jwt.MapClaims, _ url.Values) { set(c, "email", "mina@home.example, evil@x.example") }},
		"another state":          {"state", func(_ jwt.MapClaims, back url.Values) { change(back, "state", "another") }},
		"no state":               {"state", func(_ jwt.MapClaims, back url.Values) { change(back, "state", "") }},
		"another code":           {"token", func(_ jwt.MapClaims, back url.Values) { change(back, "code", "another") }},
		"no code":                {"token", func(_ jwt.MapClaims, back url.Values) { change(back, "code", "") }},
		"another issuer":         {"token", func(_ jwt.MapClaims, back url.Values) { change(back, "iss", "https://evil.example") }},
		"said no":                {"cancelled", func(_ jwt.MapClaims, back url.Values) { change(back, "error", "access_denied") }},
		"failed":                 {"token", func(_ jwt.MapClaims, back url.Values) { change(back, "error", "<script>") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i, _, _, p := begin(t)
			i.twist = twist.do
			refused(t, p, p.goes(p.goes(p.get(startGoogle))), twist.code)
			i.set(func() { i.twist = nil })
			if to, _ := p.comes(startGoogle); to != "/" {
				t.Errorf("when all is well: landed on %q", to)
			}
		})
	}
	t.Run("pages of others", func(t *testing.T) {
		t.Parallel()
		_, h, _, _ := begin(t)
		for next, want := range map[string]string{
			"/mina/song?t=1": "/mina/song?t=1", "/%EC%9D%8C%EC%95%85": "/%EC%9D%8C%EC%95%85", "/settings#connected": "/settings#connected",
			"//evil.example": "/", `/\evil.example`: "/", "https://evil.example": "/", "javascript:alert(1)": "/", "\t//evil.example": "/",
			"/\t/evil.example": "/", "/%2fevil.example": "/", "/\n/evil": "/", "evil": "/", "/../x": "/", "/a/%2e%2E/x": "/", "/a/..": "/", "/a..b/...": "/a..b/...", "": "/", "/api/auth/openid/google/start": "/", "/" + strings.Repeat("a", 500): "/",
		} {
			p := h.browser()
			if to, _ := p.comes(startGoogle + "?next=" + url.QueryEscape(next)); to != want {
				t.Errorf("next %q leads to %q, want %q", next, to, want)
			}
		}
	})
}

// set changes a claim of a token, where there is one.
func set(c jwt.MapClaims, name string, v any) {
	if c != nil {
		c[name] = v
	}
}

// change changes what comes back, where it does.
func change(back url.Values, name, v string) {
	if back != nil {
		back.Set(name, v)
	}
}

// TestConnectingByPassword: somebody comes by an issuer whose address has an
// account. Its password, given once, connects the two, and ends all sessions.
func TestConnectingByPassword(t *testing.T) {
	t.Parallel()
	i, c := newIssuer(t), newClock(today)
	i.now = c.now
	h := (&house{cost: 4, now: c.now}).begin(t, i.lets("google"))
	h.keeper()
	mina := h.member("mina")
	p := h.browser()
	to, a := p.comes(startGoogle + "?next=/upload")
	at, err := url.Parse(to)
	if err != nil || at.Path != "/sign-in" || at.Query().Get("next") != "/upload" || at.Query().Get("provider") != "google" || !strings.HasPrefix(at.Fragment, "link=") {
		t.Fatalf("landed on %q", to)
	}
	if strings.Contains(a.header.Get("Set-Cookie"), "earshot_session") || p.knows() != "" {
		t.Fatal("came in without the password")
	}
	ticket := strings.TrimPrefix(at.Fragment, "link=")
	link := func(ticket, password string) answer {
		return p.post("/api/auth/openid/link", wire.OpenIDLink{Ticket: ticket, Password: password})
	}
	link(ticket, "not it at all").fails(400, "openid.password")
	link(ticket[:len(ticket)-1], password).fails(400, "openid.ticket")
	link(ticket+"A", password).fails(400, "openid.ticket")
	link(mina.token, password).fails(400, "openid.ticket")
	mina.get("/api/me").want(200)
	in := made200[wire.SignedIn](link(ticket, password))
	if in.Me.ID != mina.me.ID {
		t.Errorf("came in as %s, want %s", in.Me.ID, mina.me.ID)
	}
	mina.get("/api/me").fails(401, "signin.needed") // SAFETY F20
	link(ticket, password).fails(400, "openid.ticket")
	p.knows()
	again := h.browser()
	if to, _ := again.comes(startGoogle); to != "/" || again.knows() != "mina@home.example" {
		t.Errorf("the next time: landed on %q as %q", to, again.knows())
	}
	h.signIn("mina") // the password was given, and stays

	// By an ID token, the ticket comes with the error.
	h.member("jun")
	i.is(jwt.MapClaims{"sub": "jun's", "email": "JUN@home.example"})
	refused := p.post("/api/auth/google", wire.IDToken{IDToken: i.token(nil)})
	refused.fails(409, "openid.link")
	var e wire.Error
	refused.into(&e)
	c.jump(11 * time.Minute)
	link(e.Error.Ticket, password).fails(400, "openid.ticket")
	c.jump(-11 * time.Minute)
	made200[wire.SignedIn](link(e.Error.Ticket, password))

	// Guessing is limited as at the sign-in.
	h.member("sora")
	i.is(jwt.MapClaims{"sub": "sora's", "email": "sora@home.example"})
	p.post("/api/auth/google", wire.IDToken{IDToken: i.token(nil)}).fails(409, "openid.link").into(&e)
	for range 5 {
		link(e.Error.Ticket, "wrong wrong").fails(400, "openid.password")
	}
	link(e.Error.Ticket, password).fails(429, "limited")
}

// TestPreHijacking: whoever made an account with somebody else's address does
// not get theirs, nor are they let into it (SAFETY F20).
func TestPreHijacking(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	h := newHouse(t, i.lets("google"))
	k := h.keeper()
	attacker := h.member("mina") // with the address that is somebody else's
	victim := h.browser()
	for range 2 {
		if to, _ := victim.comes(startGoogle); !strings.Contains(to, "#link=") || victim.knows() != "" {
			t.Fatalf("the victim landed on %q as %q", to, victim.knows())
		}
	}
	var list wire.List[wire.Identity]
	if attacker.get("/api/me/identities").want(200).into(&list); len(list.Items) != 0 {
		t.Errorf("the attacker's account got %+v", list.Items)
	}

	// Once the account is the victim's, nothing that the attacker left opens it.
	i.is(jwt.MapClaims{"sub": "attacker", "email": "attacker@home.example"})
	attacker.post("/api/me/identities/google", wire.Connect{Proof: wire.Proof{Password: password}, IDToken: i.token(nil)}).want(201)
	if in := made200[wire.SignedIn](h.visitor().post("/api/auth/google", wire.IDToken{IDToken: i.token(nil)})); in.Me.ID != attacker.me.ID {
		t.Fatalf("the attacker came in as %s", in.Me.Name)
	}
	victim.become(victim.post("/api/auth/reset", wire.PasswordReset{Code: k.reset(attacker), Password: chosen}), 201)
	if victim.get("/api/me/identities").want(200).into(&list); len(list.Items) != 0 {
		t.Errorf("the attacker's way in is still there: %+v", list.Items)
	}
	var in wire.SignedIn
	if h.visitor().post("/api/auth/google", wire.IDToken{IDToken: i.token(nil)}).into(&in); in.Me.ID == victim.me.ID {
		t.Error("the attacker still comes in")
	}
}

func TestConnectingInTheSettings(t *testing.T) {
	t.Parallel()
	i, j, c := newIssuer(t), newIssuer(t), newClock(today)
	i.now, j.now = c.now, c.now
	h := (&house{cost: 4, now: c.now}).begin(t, i.lets("google"), j.lets("home"))
	h.keeper()
	h.member("mina")
	jun := h.member("jun")
	mina := h.browser()
	mina.become(mina.post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}), 200)
	mina.token = "" // by the cookie
	i.is(jwt.MapClaims{"email": "elsewhere@home.example", "email_verified": false})
	identities := func(p *person) []wire.Identity {
		t.Helper()
		return made200[wire.List[wire.Identity]](p.get("/api/me/identities")).Items
	}
	away := func(p *person, name string) string {
		t.Helper()
		var out wire.Connected
		p.post("/api/me/identities/"+name, wire.Connect{Proof: wire.Proof{Password: password}, Next: "/settings?connected=" + name}).want(201).into(&out)
		return out.Redirect
	}
	back := func(p *person, at string) answer {
		return (&person{h: &house{t: t}, name: p.name, http: p.http}).get(at)
	}
	if to := landed(mina.goes(back(mina, away(mina, "google")))); to != "/settings?connected=google" {
		t.Fatalf("landed on %q", to)
	}
	list := identities(mina)
	if len(list) != 1 || list[0].Email != "elsewhere@home.example" {
		t.Fatalf("mina has %+v", list)
	}
	google := list[0].ID
	in := made200[wire.SignedIn](h.visitor().post("/api/auth/google", wire.IDToken{IDToken: i.token(nil)}))
	if in.Me.Email != "mina@home.example" {
		t.Errorf("came in as %q", in.Me.Email)
	}
	// A session alone is not enough.
	for _, c := range []wire.Connect{{Next: "/settings"}, {IDToken: i.token(nil)}, {Proof: wire.Proof{Password: "a guess of mine"}, IDToken: i.token(nil)}} {
		jun.post("/api/me/identities/google", c).fails(400, "password.wrong")
	}
	// By an ID token, again and by somebody else.
	mina.post("/api/me/identities/google", wire.Connect{Proof: wire.Proof{Password: password}, IDToken: i.token(nil)}).want(201)
	jun.post("/api/me/identities/google", wire.Connect{Proof: wire.Proof{Password: password}, IDToken: i.token(nil)}).fails(409, "openid.taken")
	jun.post("/api/me/identities/google", wire.Connect{Proof: wire.Proof{Password: password}, IDToken: i.token(jwt.MapClaims{"aud": "x"})}).fails(400, "openid.token")
	jun.post("/api/me/identities/nowhere", wire.Connect{}).fails(404, "openid.unknown")
	jun.delete("/api/me/identities/"+google).fails(404, "not_found")
	h.visitor().post("/api/me/identities/google", wire.Connect{Proof: wire.Proof{Password: password}, IDToken: i.token(nil)}).fails(401, "signin.needed")
	// Two of one person.
	mina.post("/api/me/identities/home", wire.Connect{Proof: wire.Proof{Password: password}, IDToken: j.token(nil)}).want(201)
	if n := len(identities(mina)); n != 2 {
		t.Errorf("mina has %d identities", n)
	}

	// Somebody else sits down at the browser meanwhile: nothing is connected.
	there := back(mina, away(mina, "google"))
	mina.post("/api/auth/sign-out", nil).want(204)
	mina.post("/api/auth/sign-in", wire.SignIn{Email: "jun@home.example", Password: password}).want(200)
	i.is(jwt.MapClaims{"sub": "mina's second"})
	if to := landed(mina.goes(there)); to != "/settings?error=openid.state&provider=google#connected" {
		t.Errorf("landed on %q", to)
	}
	if n := len(identities(jun)); n != 0 {
		t.Errorf("jun has %d identities", n)
	}

	// An account that came by an issuer has no password; its last way in stays.
	i.is(jwt.MapClaims{"sub": "new", "email": "new@home.example", "email_verified": true})
	p := h.visitor()
	p.become(p.post("/api/auth/google", wire.IDToken{IDToken: i.token(nil)}), 200)
	if p.me.Password {
		t.Error("an account without a password has one")
	}
	only := identities(p)[0].ID
	p.delete("/api/me/identities/"+only).fails(409, "openid.last")
	h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "new@home.example", Password: ""}).fails(401, "signin.wrong")
	c.jump(11 * time.Minute)
	p.post("/api/me/delete", wire.AccountDeletion{Password: ""}).fails(403, "reauth.needed")
	p.post("/api/me/identities/home", wire.Connect{IDToken: j.token(nil)}).fails(403, "reauth.needed")
	p.put("/api/me/password", wire.PasswordChange{New: "short"}).fails(403, "reauth.needed")
	c.jump(-11 * time.Minute)
	p.put("/api/me/password", wire.PasswordChange{New: "short"}).fails(400, "password.short")
	p.become(p.put("/api/me/password", wire.PasswordChange{New: "a first long one"}), 200)
	if !p.me.Password {
		t.Error("the password is not told of")
	}
	p.put("/api/me/password", wire.PasswordChange{New: "another long one"}).fails(400, "password.wrong")
	p.delete("/api/me/identities/" + only).want(204)
	p.post("/api/auth/google", wire.IDToken{IDToken: i.token(nil)}).fails(409, "openid.link")
	p.post("/api/me/delete", wire.AccountDeletion{Password: "a first long one"}).want(204)
}

// TestIssuersKeepTheRulesOfTheHouse: a closed house makes no accounts, and a
// suspended one lets nobody in.
func TestIssuersKeepTheRulesOfTheHouse(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	h := newHouse(t, i.lets("google"))
	token := i.token(nil)
	h.visitor().post("/api/auth/google", wire.IDToken{IDToken: token}).fails(403, "signup.closed") // before there is a keeper
	k := h.keeper()
	k.patch("/api/house", wire.HousePatch{SignUp: ptr("closed")}).want(200)
	h.visitor().post("/api/auth/google", wire.IDToken{IDToken: token}).fails(403, "signup.closed")
	p := h.browser()
	if to, _ := p.comes(startGoogle); to != "/sign-in?error=signup.closed&provider=google" {
		t.Errorf("landed on %q", to)
	}
	k.patch("/api/house", wire.HousePatch{SignUp: ptr("open")}).want(200)
	p.become(p.post("/api/auth/google", wire.IDToken{IDToken: token}), 200)
	k.patch("/api/house", wire.HousePatch{SignUp: ptr("closed"), Visitors: ptr(false)}).want(200)
	h.visitor().post("/api/auth/google", wire.IDToken{IDToken: token}).want(200) // has one already
	k.put(user(p, "suspension"), nil).want(200)
	p.get("/api/me").fails(401, "signin.needed")
	h.visitor().post("/api/auth/google", wire.IDToken{IDToken: token}).fails(403, "account.suspended")
	k.delete(user(p, "suspension")).want(200)
	k.delete(user(p)).want(204)
	deleted(t, h, p)
	h.visitor().post("/api/auth/google", wire.IDToken{IDToken: token}).fails(403, "signup.closed") // and is gone with the account
	for _, secret := range []string{token, clientSecret, "opaque", "code-0"} {
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("the log holds %.40q", secret)
		}
	}
}

// TestTheDocumentIsTrueOfIssuers holds what succeeds with an issuer against the
// API's document.
func TestTheDocumentIsTrueOfIssuers(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	h := newHouse(t, i.lets("google"))
	h.keeper()
	jun := h.member("jun")
	p := h.browser()
	var d document
	p.get("/api/openapi.json").want(200).into(&d)
	d.holds(t, "GET /api/house", p.get("/api/house").want(200))
	started := p.get(startGoogle)
	d.holds(t, "GET /api/auth/openid/{name}/start", started)
	d.holds(t, "GET /api/auth/openid/{name}/callback", p.goes(p.goes(started)))
	d.holds(t, "GET /api/me/identities", p.get("/api/me/identities").want(200))
	d.holds(t, "POST /api/auth/google", p.post("/api/auth/google", wire.IDToken{IDToken: i.token(nil)}).want(200))
	d.holds(t, "POST /api/auth/openid/{name}", p.post("/api/auth/openid/google", wire.IDToken{IDToken: i.token(nil)}).want(200))
	d.holds(t, "POST /api/me/identities/{name}", jun.post("/api/me/identities/google", wire.Connect{Proof: wire.Proof{Password: password}, Next: "/settings"}).want(201))
	i.is(jwt.MapClaims{"sub": "jun's", "email": "jun@home.example"})
	refused := p.post("/api/auth/google", wire.IDToken{IDToken: i.token(nil)})
	d.holds(t, "POST /api/auth/google", refused)
	var e wire.Error
	refused.into(&e)
	linked := p.post("/api/auth/openid/link", wire.OpenIDLink{Ticket: e.Error.Ticket, Password: password})
	d.holds(t, "POST /api/auth/openid/link", linked.want(200))
	jun.become(linked, 200)
	i.is(jwt.MapClaims{"sub": "jun's second"})
	connected := jun.post("/api/me/identities/google", wire.Connect{Proof: wire.Proof{Password: password}, IDToken: i.token(nil)})
	d.holds(t, "POST /api/me/identities/{name}", connected.want(201))
	var made wire.Connected
	connected.into(&made)
	d.holds(t, "DELETE /api/me/identities/{id}", jun.delete("/api/me/identities/"+made.Identity.ID).want(204))
}
