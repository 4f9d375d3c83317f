package app_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/auth"
	"earshot/app/config"
	"earshot/db"
)

// secrets are what somebody finds in a copy of the database: the key that signs
// tokens, and the sessions.
func (h *house) secrets() (key []byte, sessions []db.Session) {
	h.t.Helper()
	if err := h.close(); err != nil {
		h.t.Fatal(err)
	}
	defer h.open()
	d, err := db.Open(filepath.Join(h.dir, "earshot.db"), db.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	defer d.Close()
	err = d.View(h.t.Context(), func(tx *db.Tx) (err error) {
		if key, err = tx.Secret("tokens", 32); err != nil {
			return err
		}
		for u, err := range tx.Users(0) {
			if err != nil {
				return err
			}
			for s, err := range tx.SessionsOf(u.ID) {
				if err != nil {
					return err
				}
				sessions = append(sessions, s)
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return key, sessions
}

// signed makes a token of any header and claims.
func signed(head, claims map[string]any, key []byte) string {
	a, _ := json.Marshal(head)
	b, _ := json.Marshal(claims)
	text := base64.RawURLEncoding.EncodeToString(a) + "." + base64.RawURLEncoding.EncodeToString(b)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// claimsOf reads what a token says.
func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	var claims map[string]any
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil || json.Unmarshal(b, &claims) != nil {
		t.Fatalf("claims of %s: %v", token, err)
	}
	return claims
}

// TestF1_TwoHousesShareNoKey: fresh houses have keys of their own, before any
// restart and after.
func TestF1_TwoHousesShareNoKey(t *testing.T) {
	t.Parallel()
	one, two := newHouse(t), newHouse(t)
	a, b := one.keeper(), two.keeper()
	for _, guessed := range []string{"", "secret", "not so secret", "earshot", "Earshot", "tokens", strings.Repeat("\x00", 32)} {
		p := one.visitor()
		p.token = signed(map[string]any{"alg": "HS256", "typ": "JWT"}, claimsOf(t, a.token), []byte(guessed))
		p.get("/api/me").fails(401, "signin.needed")
	}
	keyOne, _ := one.secrets()
	keyTwo, _ := two.secrets()
	if string(keyOne) == string(keyTwo) || len(keyOne) != 32 {
		t.Error("two houses have one key")
	}
	if again, _ := one.secrets(); string(again) != string(keyOne) {
		t.Error("a restart changes the key")
	}
	a.get("/api/me").want(200)
	a.token = b.token
	a.get("/api/me").fails(401, "signin.needed")
}

// TestF2_NobodyWithoutAPasswordComesIn tries every door with what is empty or
// does not exist.
func TestF2_NobodyWithoutAPasswordComesIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	v := h.visitor()
	for _, in := range []wire.SignIn{
		{}, {Email: "mina@home.example"}, {Password: password}, {Email: "nobody@home.example", Password: password}, {Email: "nobody@home.example"},
		{Email: "mina", Password: password}, {Email: mina.me.ID, Password: password}, {Email: "*", Password: password}, {Email: "%", Password: password},
		{Email: "mina@home.example\x00", Password: password}, {Email: "mina@home.example' OR '1'='1", Password: password},
		{Email: "mina@home.example", Password: password + "\x00"}, {Email: "mina@home.example", Password: " " + password}, {Email: "mina@home.example", Password: strings.ToUpper(password)},
	} {
		a := v.post("/api/auth/sign-in", in)
		if a.status != 401 && a.status != 429 || len(a.header.Values("Set-Cookie")) > 0 {
			t.Errorf("%q with %q gets %d %s", in.Email, in.Password, a.status, a.body)
		}
	}
	for _, headers := range [][]string{
		{"Authorization", "Bearer"}, {"Authorization", "Bearer "}, {"Authorization", "Basic bWluYTo="}, {"Authorization", "mina"},
		{"Cookie", "earshot_session="}, {"Cookie", "earshot_session=" + mina.me.ID}, {"Cookie", "session=" + mina.token}, {"Cookie", "__Host-earshot_session=" + mina.token},
		{"X-User", mina.me.ID}, {"Remote-User", "mina"}, {"X-Forwarded-User", "mina"}, {"X-Token", mina.token},
	} {
		v.get("/api/me", headers...).fails(401, "signin.needed")
	}
	for _, query := range []string{"u=mina&p=", "u=mina&t=&s=", "token=" + mina.token, "access_token=" + mina.token, "jwt=" + mina.token, "user=" + mina.me.ID} {
		v.get("/api/me?" + query).want(401)
	}
}

// TestF5_ACopyOfTheDataSignsNobodyIn: with the key and the sessions of a copy no
// token can be made that works, and the files are for their owner alone.
func TestF5_ACopyOfTheDataSignsNobodyIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	key, sessions := h.secrets()
	tokens, err := auth.NewTokens(key, nil)
	if err != nil || len(sessions) == 0 {
		t.Fatal(err, sessions)
	}
	for _, s := range sessions {
		for name, secret := range map[string][]byte{"nothing": nil, "the stored hash": s.Secret, "the key": key} {
			c := auth.Claims{Session: s.ID.String(), User: s.User.String(), Expires: time.Now().Add(time.Hour)}
			copy(c.Secret[:], secret)
			p := h.visitor()
			if p.token, err = tokens.Issue(c); err != nil {
				t.Fatal(err)
			}
			if a := p.get("/api/me"); a.status != 401 {
				t.Errorf("with %s as the secret of a session: %d %s", name, a.status, a.body)
			}
		}
	}
	k.get("/api/me").want(200)
	for _, path := range []string{"earshot.db", "earshot.db.reserve"} {
		info, err := os.Stat(filepath.Join(h.dir, path))
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			t.Errorf("%s is open to others: %v", path, mode)
		}
	}
}

// TestTokensUnderTheRightKey: a token is not good for being signed with the
// house's own key (SAFETY 3.4). Each acts as nobody.
func TestTokensUnderTheRightKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina, jun := h.member("mina"), h.member("jun")
	key, _ := h.secrets()
	head := map[string]any{"alg": "HS256", "typ": "JWT"}
	now := time.Now().Unix()
	with := func(change map[string]any) map[string]any {
		c := claimsOf(t, mina.token)
		for name, v := range change {
			if v == nil {
				delete(c, name)
			} else {
				c[name] = v
			}
		}
		return c
	}
	good := signed(head, with(nil), key)
	tokens := map[string]string{}
	for name, change := range map[string]map[string]any{
		"expired a second ago": {"exp": now - 1}, "expired long ago": {"exp": 1}, "never expires": {"exp": nil}, "expires as a text": {"exp": "2099"},
		"not yet valid": {"nbf": now + 3600}, "issued in the future": {"iat": now + 3600}, "not issued": {"iat": nil},
		"another issuer": {"iss": "https://accounts.example"}, "no issuer": {"iss": nil}, "an issuer with a slash": {"iss": "earshot/"},
		"another audience": {"aud": "some-client"}, "no audience": {"aud": nil}, "an ID token's audience": {"aud": []string{"a", "b"}},
		"another's subject": {"sub": jun.me.ID}, "a deleted subject": {"sub": never}, "an empty subject": {"sub": ""},
		"another's session": {"sid": claimsOf(t, jun.token)["sid"]}, "no session": {"sid": nil}, "a session that never was": {"sid": never}, "a session as a path": {"sid": "../sessions/1"},
		"another's secret": {"jti": claimsOf(t, jun.token)["jti"]}, "no secret": {"jti": nil}, "a short secret": {"jti": "AAAA"},
	} {
		tokens[name] = signed(head, with(change), key)
	}
	for name, h := range map[string]map[string]any{
		"alg none": {"alg": "none", "typ": "JWT"}, "alg None": {"alg": "None", "typ": "JWT"}, "alg nOnE": {"alg": "nOnE", "typ": "JWT"}, "alg empty": {"alg": "", "typ": "JWT"},
		"alg absent": {"typ": "JWT"}, "alg HS384": {"alg": "HS384", "typ": "JWT"}, "alg RS256": {"alg": "RS256", "typ": "JWT"},
		"typ at+jwt": {"alg": "HS256", "typ": "at+jwt"}, "a kid that is a path": {"alg": "HS256", "typ": "JWT", "kid": "../../dev/null"},
		"a kid of SQL": {"alg": "HS256", "typ": "JWT", "kid": "x' UNION SELECT 'key"}, "a key of its own": {"alg": "HS256", "typ": "JWT", "jwk": map[string]any{"kty": "oct", "k": "AAAA"}},
		"an address of a key": {"alg": "HS256", "typ": "JWT", "jku": "http://127.0.0.1:1/keys"}, "critical": {"alg": "HS256", "typ": "JWT", "crit": []string{"exp"}},
	} {
		tokens[name] = signed(h, with(nil), key)
	}
	for name, token := range map[string]string{
		"a space before": " " + good, "a space behind": good + " ", "cut": good[:len(good)-1], "doubled": good + "." + good, "a dot behind": good + ".", "padded": good + "=",
		"a tab in it": strings.Replace(good, ".", ".\t", 1), "many dots": strings.Repeat(".", 20000), "nothing but dots": "..", "a name": "mina", "an id": mina.me.ID,
		"a set-up code": auth.NewCode(),
	} {
		tokens[name] = token
	}
	p := h.visitor()
	p.token = good
	p.get("/api/me").want(200) // what is below fails for what is wrong with it
	for name, token := range tokens {
		for _, headers := range [][]string{{"Authorization", "Bearer " + token}, {"Cookie", "earshot_session=" + token}} {
			if headers[0] == "Authorization" && strings.TrimSpace(token) == good {
				continue // blanks around a header are no part of it (RFC 9110 section 5.5)
			}
			if headers[0] == "Cookie" && strings.Trim(token, " ") == good {
				continue
			}
			if a := h.visitor().get("/api/me", headers...); a.status != 401 && a.status != 431 {
				t.Errorf("%s, as %s: got %d %s, want 401", name, headers[0], a.status, shorten(a.body))
			}
		}
	}
	// Large ones are refused before they are read; nobody waits for them.
	for name, size := range map[string]int{"a million dots": 1_000_000, "8 MiB": 8 << 20} {
		req, _ := http.NewRequest("GET", h.url+"/api/me", nil)
		req.Header.Set("Authorization", "Bearer "+strings.Repeat(".", size))
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			continue // hung up upon
		}
		res.Body.Close()
		if res.StatusCode != 401 && res.StatusCode != 431 {
			t.Errorf("%s: got %d", name, res.StatusCode)
		}
	}
	// Two cookies of one name, and a cookie beside a header that differs.
	cookie := func(p *person) string { return "earshot_session=" + p.token }
	h.visitor().get("/api/me", "Cookie", cookie(mina)+"; "+cookie(jun)).fails(401, "signin.needed")
	a := h.visitor().get("/api/me", "Cookie", cookie(mina), "Authorization", "Bearer "+jun.token).want(200)
	var me wire.Me
	if a.into(&me); me.ID != jun.me.ID {
		t.Errorf("a header beside a cookie: %s is in", me.Username)
	}
	h.visitor().get("/api/me", "Cookie", cookie(mina), "Authorization", "Bearer x").fails(401, "signin.needed")
}

// TestF18_RedirectsStayInTheHouse asks for addresses that could lead elsewhere.
func TestF18_RedirectsStayInTheHouse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	tr := mina.upload("song.mp3", tagged(t, "Song"), "public")
	for _, name := range []string{"evil.example", "mina-new"} { // former addresses lead on
		mina.patch("/api/me", wire.MePatch{Username: ptr(name)})
	}
	slug := strings.TrimPrefix(tr.URL, "/mina")
	for _, path := range []string{
		"//evil.example", "//evil.example/", "/\\evil.example", "/%5cevil.example", "/%2fevil.example", "/%2f%2fevil.example/..", "/%09//evil.example", "/.//evil.example",
		"/..//evil.example", "///evil.example", "/mina", "/mina" + slug, "//mina", "/mina//evil.example", "/mina/%2e%2e//evil.example", "/mina?next=https://evil.example", "/mina" + slug + "?to=//evil.example",
		"/sign-in?next=//evil.example", "/sign-in?next=https://evil.example", "/sign-in?next=javascript:alert(1)", "/api/resolve?path=//evil.example", "/api//evil.example", "/_//evil.example",
	} {
		for _, host := range []string{"", "evil.example"} {
			req, err := http.NewRequest("GET", h.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.URL.Opaque = path // as it is, not tidied
			if at := strings.IndexByte(path, '?'); at >= 0 {
				req.URL.Opaque, req.URL.RawQuery = path[:at], path[at+1:]
			}
			if strings.HasPrefix(req.URL.Opaque, "//") {
				req.URL.Opaque = h.url + req.URL.Opaque // a request line in absolute form
			}
			if host != "" {
				req.Host = host
			}
			res, err := h.visitor().http.Do(req)
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			res.Body.Close()
			to := res.Header.Get("Location")
			if to == "" {
				continue
			}
			own := strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") && !strings.HasPrefix(to, "/\\") || strings.HasPrefix(to, h.url+"/")
			if !own || strings.Contains(to, "javascript") && !strings.HasPrefix(to, "/") {
				t.Errorf("%s with host %q leads to %q", path, host, to)
			}
		}
	}
}

// TestF23_SessionsDieWithThePassword: a new password ends every other session at
// the next request, and every open stream of events.
func TestF23_SessionsDieWithThePassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	phone, tablet := h.signIn("mina"), h.signIn("mina")
	phone.get("/api/me").want(200)
	old := mina.token
	mina.become(mina.put("/api/me/password", wire.PasswordChange{Current: password, New: "a new long one"}), 200)
	for _, p := range []*person{phone, tablet, h.asToken(old)} {
		p.get("/api/me").fails(401, "signin.needed")
		p.patch("/api/me", wire.MePatch{Name: ptr("Not mine")}).fails(401, "signin.needed")

	}
	mina.get("/api/me").want(200)
	h.reopen()
	phone.get("/api/me").fails(401, "signin.needed")
	mina.get("/api/me").want(200)
	h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}).fails(401, "signin.wrong")
}

// asToken is somebody with a token.
func (h *house) asToken(token string) *person {
	p := h.visitor()
	p.token = token
	return p
}

// TestF24_NoWriteFromAnotherSite: every write of the API is refused where a
// browser says that another site asks for it, before anything is looked at.
func TestF24_NoWriteFromAnotherSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.all(w.mina)
	n := 0
	for _, row := range matrix() {
		method, path := row.question()
		if method == "GET" || method == "HEAD" || method == "OPTIONS" {
			continue
		}
		n++
		for _, headers := range [][]string{
			{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
			{"Sec-Fetch-Site", "cross-site", "Origin", w.url}, {"Origin", w.url + ".evil.example"},
		} {
			v := w.visitor()
			a := row.ask(v, w.fill, append([]string{"Cookie", "earshot_session=" + w.mina.token}, headers...)...)
			if a.status != 403 || a.code() != "cross_site" {
				t.Errorf("%s %s with %v: got %d %s", method, path, headers, a.status, shorten(a.body))
			}
		}
		// A form of another site can send these types alone; they are no JSON.
		if _, raw := row.body.([]byte); row.body != nil && !raw {
			for _, kind := range []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"} {
				if a := row.ask(w.visitor(), w.fill, "Cookie", "earshot_session="+w.mina.token, "Content-Type", kind); a.status < 400 {
					t.Errorf("%s %s as %s: got %d", method, path, kind, a.status)
				}
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d writes were tried", n)
	}
	if now := w.all(w.mina); now != before {
		t.Errorf("something was changed:\n%s", differ(before, now))
	}
}

// TestF26_OnlyTrustedProxiesAreBelieved: forwarding headers change whose
// attempts are counted behind a trusted proxy alone, and of them only the one
// that it sets.
func TestF26_OnlyTrustedProxiesAreBelieved(t *testing.T) {
	t.Parallel()
	checked := func(h *house, headers func(i int) []string) (n int) {
		for i := range 60 {
			if a := h.guess(fmt.Sprint("somebody", i), headers(i)...); a.status == 401 {
				n++
			}
		}
		return n
	}
	addr := func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }
	trust := func(c *config.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }
	for _, c := range []struct {
		name    string
		trusted bool
		headers func(i int) []string
		want    int
	}{
		{"no proxy, no header", false, func(int) []string { return nil }, 20},
		{"no proxy, all headers", false, func(i int) []string {
			return []string{"X-Forwarded-For", addr(i), "X-Real-Ip", addr(i), "Forwarded", "for=" + addr(i), "True-Client-Ip", addr(i), "Cf-Connecting-Ip", addr(i), "X-Client-Ip", addr(i)}
		}, 20},
		{"a proxy, headers it does not set", true, func(i int) []string {
			return []string{"X-Real-Ip", addr(i), "Forwarded", "for=" + addr(i), "True-Client-Ip", addr(i)}
		}, 20},
		{"a proxy, a client that lies in front", true, func(i int) []string { return []string{"X-Forwarded-For", addr(i) + ", 198.51.100.7"} }, 20},
		{"a proxy, many clients", true, func(i int) []string { return []string{"X-Forwarded-For", addr(i)} }, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			if c.trusted {
				h = newHouse(t, trust)
			}
			h.keeper()
			if n := checked(h, c.headers); n != c.want {
				t.Errorf("%d of 60 guesses were checked, want %d", n, c.want)
			}
		})
	}
}

// TestTheSameWorkForEveryAccount: a sign-in that fails has checked one password,
// whatever kind of account it was at, and answers the same (SAFETY 3.5, F22).
func TestTheSameWorkForEveryAccount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	suspended := h.member("suspended")
	h.member("known")
	gone := h.member("gone")
	k.put(user(suspended, "suspension"), nil).want(200)
	gone.post("/api/me/delete", wire.AccountDeletion{Password: password}).want(204)
	h.withoutPassword("provider")
	var first answer
	for i, name := range []string{"known", "nobody", "suspended", "gone", "provider", "another nobody", "", strings.Repeat("x", 400)} {
		before := h.app.Core().PasswordChecks()
		a := h.guess(name)
		if a.status == 400 { // over the limit of the field, for everybody
			continue
		}
		a.fails(401, "signin.wrong")
		if n := h.app.Core().PasswordChecks() - before; n != 1 {
			t.Errorf("%q: %d passwords were checked, want one", name, n)
		}
		if i == 0 {
			first = a
		}
		if told(a) != told(first) {
			t.Errorf("%q answers\n%s, a known address\n%s", name, told(a), told(first))
		}
	}
	before := h.app.Core().PasswordChecks()
	h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "provider@home.example", Password: ""}).fails(401, "signin.wrong")
	if n := h.app.Core().PasswordChecks() - before; n != 1 {
		t.Errorf("an empty password: %d were checked", n)
	}
}

// withoutPassword makes an account that has none, as of somebody who comes in
// by another door.
func (h *house) withoutPassword(names ...string) {
	h.t.Helper()
	if err := h.close(); err != nil {
		h.t.Fatal(err)
	}
	defer h.open()
	d, err := db.Open(filepath.Join(h.dir, "earshot.db"), db.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	defer d.Close()
	err = d.Update(h.t.Context(), func(tx *db.Tx) error {
		for _, name := range names {
			if err := tx.AddUser(db.User{ID: tx.NewID(), Username: name, Name: name, Email: name + "@home.example", Created: time.Now()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}
