package browsertest

import (
	"bufio"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/golang-jwt/jwt/v5"

	"earshot/app"
	"earshot/app/api/wire"
	"earshot/app/config"
)

// issuer is an OpenID Connect provider that is not of ours, in a program of its
// own: testdata/issuer.
type issuer struct {
	t        testing.TB
	port     string
	callback string
	running  *exec.Cmd
}

// freePort gives a port that nobody listens on.
func freePort(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	return port
}

// issuerFolder is where .ci/run installs what testdata/issuer needs.
func issuerFolder(t testing.TB) string {
	t.Helper()
	tools := os.Getenv("EARSHOT_CI_TOOLS")
	if tools == "" {
		tools = "/tmp/earshot-ci-tools"
	}
	folder := filepath.Join(tools, "issuer")
	if _, err := os.Stat(filepath.Join(folder, "node_modules/oidc-provider")); err != nil {
		if os.Getenv("EARSHOT_BROWSER_TESTS") == "1" {
			t.Fatalf("oidc-provider is not installed in %s, and EARSHOT_BROWSER_TESTS=1 asks for it; .ci/run installs it", folder)
		}
		t.Skipf("oidc-provider is not installed in %s; .ci/run does that", folder)
	}
	return folder
}

// start runs the provider, with new keys.
func (i *issuer) start() {
	i.t.Helper()
	i.running = exec.Command(need(i.t, "", "node"), "testdata/issuer/issuer.mjs", issuerFolder(i.t), i.port, i.callback)
	i.running.Stderr = os.Stderr
	out, err := i.running.StdoutPipe()
	if err != nil {
		i.t.Fatal(err)
	}
	if err := i.running.Start(); err != nil {
		i.t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); ; {
		if !lines.Scan() {
			i.t.Fatalf("the issuer ended before it was ready: %v", lines.Err())
		}
		if lines.Text() == "ready" {
			go func() {
				for lines.Scan() {
				}
			}()
			return
		}
	}
}

// stop ends it.
func (i *issuer) stop() {
	if i.running != nil {
		i.running.Process.Kill()
		i.running.Wait()
		i.running = nil
	}
}

// atIssuer signs in on the provider's own pages, and agrees.
func atIssuer(name string) []step {
	return []step{
		see(`input[name="login"]`),
		chromedp.SendKeys(chromedp.CSS(`input[name="login"]`), name), chromedp.SendKeys(chromedp.CSS(`input[name="password"]`), "anything"),
		click(`button[type="submit"]`),
		until(`document.querySelector('input[name="prompt"][value="consent"]')`), click(`button[type="submit"]`),
	}
}

// TestComingByAnIssuer goes the whole way in a browser, with a provider that
// Earshot has no part in: somebody new, somebody back again, somebody whose
// address has an account, in the settings, and when the provider is away.
func TestComingByAnIssuer(t *testing.T) {
	need(t, "EARSHOT_CHROMIUM", "chromium", "chromium-browser", "google-chrome", "chrome")
	need(t, "", "node")
	i := &issuer{t: t, port: freePort(t)}
	var asked atomic.Int64 // keys may be fetched again at once
	h := newHouse(t, func(o *app.Options) {
		o.Pace = func() time.Duration { return time.Duration(asked.Add(1)) * 4 * time.Minute }
		o.Config.OpenID = []config.OpenID{{Name: "home", Title: "Home login", Issuer: "http://127.0.0.1:" + i.port, ClientID: "earshot", ClientSecret: "a secret & more"}}
	})
	i.callback = h.url + "/api/auth/openid/home/callback"
	t.Cleanup(i.stop)
	for _, name := range []string{"jun", "sora"} {
		h.do("POST", "/api/auth/sign-up", body(t, wire.SignUp{Email: name + "@home.example", Password: "correct horse battery", Name: name}), "application/json", http.StatusCreated, nil)
	}

	tab := newTab(t, 4*time.Minute)
	complaints := watch(t, tab)
	goes := func(steps ...any) {
		t.Helper()
		var all []step
		for _, s := range steps {
			switch s := s.(type) {
			case step:
				all = append(all, s)
			case []step:
				all = append(all, s...)
			default:
				t.Fatalf("%T is no step", s)
			}
		}
		do(t, tab, all...)
	}
	await := until
	visit := func(path string) step { return chromedp.Navigate(h.url + path) }
	forget := func() {
		t.Helper()
		if _, err := chromedp.Call(tab, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
			t.Fatal(err)
		}
	}
	in := await(`document.documentElement.hasAttribute('data-session') && document.querySelector('h1')`)
	out := await(`fetch('/api/auth/sign-out', {method: 'POST'}).then(({status}) => status === 204)`)

	// It is away: said so, and the password still works.
	goes(visit("/sign-in?next=/upload"), see(`a.way`), click(`a.way`),
		await(`location.pathname === '/sign-in' && document.querySelector('.failure')?.textContent.includes('cannot be reached')`),
		await(`location.search === '?next=%2Fupload' || location.search === '?next=/upload'`))

	// Up: at once. Somebody new gets an account, and comes to the page that was wanted.
	i.start()
	goes(click(`a.way`), atIssuer("mina"), await(`location.pathname === '/upload'`), in,
		visit("/settings"), await(`document.querySelector('#connected .row')?.innerText.includes('mina@home.example')`))
	goes(click(`#connected .row button`), see(`dialog[open] .danger`), click(`dialog[open] .danger`),
		await(`document.body.innerText.includes('Set a password first')`)) // the last way in
	goes(fill("new", "a first long one"), click(`form:has([name="new"]) button[type="submit"]`),
		await(`document.querySelector('[name="current"]')`),
		out)

	// Back again: the same account, this time without the provider's pages.
	goes(visit("/sign-in"), see(`a.way`), click(`a.way`), in,
		visit("/settings"), await(`document.querySelector('.page-head')?.innerText.includes('mina@home.example')`))
	goes(see(`#connected .row button`), click(`#connected .row button`), see(`dialog[open] .danger`), click(`dialog[open] .danger`),
		await(`document.querySelector('#connected .row')?.innerText.includes('Not connected')`), out)

	// The provider starts anew, with other keys. An address that nobody confirmed makes no account.
	i.stop()
	i.start()
	forget()
	goes(visit("/sign-up"), see(`a.way`), click(`a.way`), atIssuer("unproved"),
		await(`location.pathname === '/sign-in' && document.querySelector('.failure')?.textContent.includes('does not vouch')`))

	// An address that has an account: its password, once.
	forget()
	goes(visit("/sign-in?next=/likes"), see(`a.way`), click(`a.way`), atIssuer("jun"),
		await(`location.pathname === '/sign-in' && location.hash === '' && document.querySelectorAll('.door form input').length === 1`),
		fill("password", "not this one"), click(`form button[type="submit"]`), await(`document.querySelector('.wrong')?.textContent.includes('not the password')`),
		await(`(document.querySelector('[name=password]').value = '', true)`),
		fill("password", "correct horse battery"), click(`form button[type="submit"]`), await(`location.pathname === '/likes'`), in)
	goes(visit("/settings"), see(`#connected .row`), out, visit("/sign-in"), see(`a.way`), click(`a.way`), in, visit("/settings"),
		await(`document.querySelector('.page-head')?.innerText.includes('jun@home.example')`))

	// Connected in the settings, and let go again.
	forget()
	goes(visit("/sign-in"), see(`form [name="email"]`), fill("email", "sora@home.example"), fill("password", "correct horse battery"),
		click(`form button[type="submit"]`), in, visit("/settings"), see(`#connected .row button`), click(`#connected .row button`),
		see(`dialog[open] form`), chromedp.SendKeys(chromedp.CSS(`dialog[open] [name="password"]`), "correct horse battery"),
		click(`dialog[open] button[type="submit"]`), atIssuer("elsewhere"),
		await(`location.pathname === '/settings' && document.querySelector('#connected .row')?.innerText.includes('elsewhere@home.example')`),
		await(`document.body.innerText.includes('Home login is connected')`),
		click(`#connected .row button`), see(`dialog[open] .danger`), click(`dialog[open] .danger`),
		await(`document.querySelector('#connected .row')?.innerText.includes('Not connected')`))
	for _, c := range complaints() {
		if !strings.Contains(c, "Failed to load resource") { // what was refused on purpose, and what the provider's own pages lack
			t.Errorf("the browser complains: %q", c)
		}
	}
}

// signer is an issuer that does no more than to sign: for the pages of those
// who have come by one.
func signer(t testing.TB) (url string, token func(name string) string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer := map[string]any{"issuer": s.URL, "authorization_endpoint": s.URL + "/authorize", "token_endpoint": s.URL + "/token", "jwks_uri": s.URL + "/keys"}
		if r.URL.Path == "/keys" {
			answer = map[string]any{"keys": []any{map[string]any{"kty": "RSA", "kid": "k", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}}}
		}
		json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(s.Close)
	return s.URL, func(name string) string {
		now := time.Now().Unix()
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
			"iss": s.URL, "aud": "earshot", "sub": name, "email": name + "@home.example", "email_verified": true, "name": name, "iat": now, "exp": now + 300,
		})
		token.Header["kid"] = "k"
		signed, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
}

// TestPagesOfIssuers looks at the pages on which one comes in by an issuer, as
// TestPages does at all others.
func TestPagesOfIssuers(t *testing.T) {
	browser := newTab(t, 5*time.Minute)
	axe := readAxe(t)
	issuer, token := signer(t)
	h := newHouse(t, func(o *app.Options) {
		o.Config.OpenID = []config.OpenID{
			{Name: "home", Title: "The login of our house by the sea", Issuer: issuer, ClientID: "earshot"},
			{Name: "google", Title: "Google", Issuer: "https://accounts.google.com", ClientID: "earshot"},
		}
	})
	var in wire.SignedIn
	h.do("POST", "/api/auth/openid/home", body(t, wire.IDToken{IDToken: token("a-person-with-a-long-name")}), "application/json", http.StatusOK, &in)
	came := *h
	came.token = in.Token
	few := []screen{small, phone, desktop}
	settings := func(w *window) {
		w.do(see(`#connected .row`), run(`document.querySelector('#connected').scrollIntoView()`))
	}
	scenes := []scene{
		{name: "sign-in-ways", in: h, visitor: true, path: "/sign-in"},
		{name: "sign-up-ways", in: h, visitor: true, path: "/sign-up", sizes: few},
		{name: "sign-in-came-back", in: h, visitor: true, path: "/sign-in?error=openid.no_password&provider=home", sizes: few},
		{name: "sign-in-odd", in: h, visitor: true, path: "/sign-in?error=" + "%3Cscript%3Ealert(1)%3C/script%3E", sizes: few},
		{name: "sign-in-link", in: h, visitor: true, path: "/sign-in?provider=home#link=x"},
		{name: "sign-in-link-late", in: h, visitor: true, path: "/sign-in#link=x", sizes: few, fails: []string{"400"}, act: func(w *window) {
			w.do(see(`.door form [name="password"]`), fill("password", "anything at all"), click(`.door form button[type="submit"]`), see(`.door form .failure`))
		}},
		{name: "settings-connected", in: &came, path: "/settings", act: settings},
		{name: "settings-refused", in: &came, path: "/settings?error=openid.taken#connected", sizes: few, act: settings},
		{name: "settings-disconnect", in: &came, path: "/settings", sizes: few, act: func(w *window) {
			settings(w)
			w.do(run(`document.querySelector('#connected .row button').click()`), see(`dialog[open] .danger`))
		}},
	}
	inspectAll(t, browser, axe, scenes)
}
