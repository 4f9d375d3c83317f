package app_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/app/config"
)

// TestForgedTokens shows the house tokens that it did not give out, or not for
// this: each acts exactly like nobody (SAFETY 3.4, F1).
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	h, other := newHouse(t), newHouse(t)
	h.keeper()
	mina := h.member("mina")
	stranger := other.keeper()

	parts := strings.Split(mina.token, ".")
	var claims map[string]any
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(b, &claims) != nil {
		t.Fatalf("claims of %s: %v", mina.token, err)
	}
	forge := func(alg, key string, change map[string]any) string {
		c := map[string]any{}
		for k, v := range claims {
			c[k] = v
		}
		for k, v := range change {
			c[k] = v
		}
		head, _ := json.Marshal(map[string]any{"alg": alg, "typ": "JWT"})
		body, _ := json.Marshal(c)
		text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
		if key == "" && alg != "HS256" {
			return text + "."
		}
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(text))
		return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	for name, token := range map[string]string{
		"none":             forge("none", "", nil),
		"None":             forge("nOnE", "", nil),
		"empty key":        forge("HS256", "", nil),
		"secret":           forge("HS256", "secret", nil),
		"not so secret":    forge("HS256", "not so secret", nil),
		"name of the app":  forge("HS256", "earshot", nil),
		"another house's":  stranger.token,
		"no signature":     parts[0] + "." + parts[1] + ".",
		"other user":       parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"x"}`)) + "." + parts[2],
		"cut":              mina.token[:len(mina.token)-1],
		"doubled":          mina.token + mina.token,
		"trailing dot":     mina.token + ".",
		"trailing padding": mina.token + "=",
		"dots":             strings.Repeat(".", 5000),
		"long":             strings.Repeat("A", 30000),
	} {
		p := h.visitor()
		p.name, p.token = name, token
		if a := p.get("/api/me"); a.status != 401 && a.status != 431 {
			t.Errorf("token %q: got %d, want 401", name, a.status)
		}
	}
	v := h.visitor()
	v.get("/api/me?token=" + mina.token).want(401)
	v.get("/api/me", "Cookie", "earshot_session="+mina.token).want(200)
	v.get("/api/me", "Cookie", "earshot_session="+mina.token+"; earshot_session="+mina.token).want(401)
	v.get("/api/me", "Cookie", "earshot_session="+mina.token, "Authorization", "Bearer "+stranger.token).want(401)
}

// TestCrossSiteWritesAreRefused sends what another site's page could send
// (SAFETY F24).
func TestCrossSiteWritesAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	cookie := "earshot_session=" + mina.token
	v := h.visitor()
	for _, headers := range [][]string{
		{"Origin", "https://evil.example"},
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Origin", "null"},
	} {
		for _, w := range [][2]string{{"PATCH", "/api/me"}, {"POST", "/api/tracks"}, {"DELETE", "/api/me/sessions"}, {"POST", "/api/auth/sign-out"}, {"PUT", "/api/me/picture"}} {
			a := v.do(w[0], w[1], `{"name":"Evil"}`, append([]string{"Cookie", cookie}, headers...)...)
			if a.status != 403 {
				t.Errorf("%s %s with %v: got %d, want 403", w[0], w[1], headers, a.status)
			}
		}
	}
	v.do("PATCH", "/api/me", strings.NewReader("name=Evil"), "Cookie", cookie, "Content-Type", "application/x-www-form-urlencoded").want(415)
	v.do("PATCH", "/api/me", strings.NewReader(`{"name":"Evil"}`), "Cookie", cookie, "Content-Type", "text/plain").want(415)
	var me wire.Me
	if mina.get("/api/me").want(200).into(&me); me.Name == "Evil" {
		t.Error("another site changed the account")
	}
}

// TestGuessingIsLimited tries 300 passwords: few of them are checked, and
// forwarding headers change nothing (SAFETY F26, 2b).
func TestGuessingIsLimited(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	h.member("mina")
	v := h.visitor()
	checked := 0
	for i := range 300 {
		a := v.do("POST", "/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: fmt.Sprint("guess number ", i)},
			"X-Forwarded-For", fmt.Sprintf("10.0.%d.%d", i/250, i%250), "X-Real-Ip", fmt.Sprintf("10.1.0.%d", i%250))
		switch a.status {
		case 401:
			checked++
		case 429:
			if a.header.Get("Retry-After") == "" {
				t.Fatal("429 without Retry-After")
			}
		default:
			t.Fatalf("guess %d: got %d", i, a.status)
		}
	}
	if checked > 30 {
		t.Errorf("%d of 300 guesses were checked", checked)
	}
}

func TestHostileRequests(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	for _, c := range []struct {
		name, method, path, body string
		want                     []int
	}{
		{"TRACE", "TRACE", "/", "", []int{405}},
		{"TRACE of a route", "TRACE", "/api/me", "", []int{405}},
		{"a method nobody knows", "BREW", "/api/me", "", []int{405}},
		{"a known path, another method", "DELETE", "/api/stream", "", []int{405}},
		{"OPTIONS", "OPTIONS", "/api/tracks/0000000000001", "", []int{405}},
		{"no such route", "GET", "/api/passwords", "", []int{404}},
		{"no such write", "POST", "/nothing", "{}", []int{405}},
		{"traversal", "GET", "/_/..%2f..%2fgo.mod", "", []int{400, 404}},
		{"traversal in an id", "GET", "/api/tracks/..%2f..%2fearshot.db/stream.mp3", "", []int{404}},
		{"an id of another form", "GET", "/api/tracks/1", "", []int{404}},
		{"an id in capitals", "GET", "/api/tracks/ABCDEFGHJKMNP", "", []int{404}},
		{"a long address", "GET", "/" + strings.Repeat("a", 20000), "", []int{414, 431}},
		{"no JSON", "PATCH", "/api/me", "name=x", []int{400}},
		{"half a JSON", "PATCH", "/api/me", `{"name":"x`, []int{400}},
		{"deep JSON", "PATCH", "/api/me", strings.Repeat(`[`, 30000), []int{400}},
		{"large JSON", "PATCH", "/api/me", `{"bio":"` + strings.Repeat("x", 70<<10) + `"}`, []int{413}},
		{"two values", "PATCH", "/api/me", `{} {}`, []int{400}},
		{"a field of another type", "PATCH", "/api/me", `{"age":"x"}`, []int{400}},
		{"a number too large", "PATCH", "/api/me", `{"age":1e99}`, []int{400}},
		{"a picture of no size", "GET", "/api/users/" + mina.me.ID + "/picture/1000000000", "", []int{404}},
		{"a picture of size -1", "GET", "/api/users/" + mina.me.ID + "/picture/-1", "", []int{404}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := mina.do(c.method, c.path, c.body)
			for _, want := range c.want {
				if a.status == want {
					return
				}
			}
			t.Errorf("got %d, want one of %v; body: %s", a.status, c.want, shorten(a.body))
		})
	}
}

// TestRawConnections speaks HTTP by hand, as no client would.
func TestRawConnections(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	host := strings.TrimPrefix(h.url, "http://")
	ask := func(request string) (int, string) {
		c, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(10 * time.Second))
		go io.WriteString(c, request)
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			return 0, err.Error()
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(b)
	}
	for _, c := range []struct {
		name, request string
		want          []int
	}{
		{"a header of 2 MiB", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 2<<20) + "\r\n\r\n", []int{431, 0}},
		{"20,000 headers", "GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: b\r\n", 20000) + "\r\n", []int{431, 0}},
		{"an address of 1 MiB", "GET /" + strings.Repeat("a", 1<<20) + " HTTP/1.1\r\nHost: x\r\n\r\n", []int{414, 431, 0}},
		{"two lengths", "POST /api/auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", []int{400}},
		{"no host", "GET / HTTP/1.1\r\n\r\n", []int{400}},
		{"no HTTP", "\x16\x03\x01\x02\x00\x01", []int{400, 0}},
		{"a foreign host", "GET /api/house HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", []int{200}},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, body := ask(c.request)
			for _, want := range c.want {
				if status == want {
					if strings.Contains(body, "evil.example") {
						t.Error("the Host header comes back in the body")
					}
					return
				}
			}
			t.Errorf("got %d %s, want one of %v", status, shorten([]byte(body)), c.want)
		})
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := h.keeper()
	track := k.upload("song.mp3", tagged(t, "Song"), "public")
	v := h.visitor()
	for path, csp := range map[string]string{
		"/":            "require-trusted-types-for 'script'",
		"/nobody-here": "frame-ancestors 'none'",
		"/api/house":   "default-src 'none'",
		"/api/nothing": "default-src 'none'",
		"/api/tracks/" + track.ID + "/stream.mp3":  "sandbox",
		"/api/tracks/" + track.ID + "/stream.mp4":  "sandbox",
		"/api/tracks/" + track.ID + "/picture/100": "sandbox",
	} {
		a := v.get(path)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Resource-Policy": "same-origin", "Content-Security-Policy": csp,
		} {
			if got := a.header.Get(name); !strings.Contains(got, want) {
				t.Errorf("%s: got %s %q, want %q in it", path, name, got, want)
			}
		}
		for _, bad := range []string{"unsafe-inline", "unsafe-eval", "*"} {
			if strings.Contains(a.header.Get("Content-Security-Policy"), bad) {
				t.Errorf("%s: the policy allows %s", path, bad)
			}
		}
		if a.header.Get("Access-Control-Allow-Origin") != "" || a.header.Get("Server") != "" {
			t.Errorf("%s: got headers %v", path, a.header)
		}
	}
	cookie := v.post("/api/auth/sign-in", wire.SignIn{Email: "keeper@home.example", Password: password}).want(200).header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
	if body := string(v.get("/healthz").want(200).body); body != "ok\n" {
		t.Errorf("/healthz: got %q", body)
	}
}

// TestSecureCookie: behind https the cookie is for https and this host alone.
func TestSecureCookie(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.PublicURL = "https://ear.example" })
	h.keeper()
	cookie := h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "keeper@home.example", Password: password}).want(200).header.Get("Set-Cookie")
	if !strings.HasPrefix(cookie, "__Host-") || !strings.Contains(cookie, "Secure") {
		t.Errorf("got cookie %q", cookie)
	}
}

// TestLogsKeepSecrets looks for what must never be written down.
func TestLogsKeepSecrets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	mina := h.member("mina")
	h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: "a wrong password\nlevel=ERROR"}).want(401)
	mina.get("/api/tracks/x?token=" + mina.token).want(400)
	h.visitor().do("GET", "/api/x%0alevel=ERROR", nil)
	log := h.log.String()
	for _, secret := range []string{password, mina.token, "a wrong password", "mina@home.example"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}
	if bytes.Contains([]byte(log), []byte("\nlevel=ERROR")) {
		t.Error("a request wrote a line of its own into the log")
	}
}
