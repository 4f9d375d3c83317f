package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"earshot/app/config"
)

// issuer is an OpenID Connect issuer of the test's own, which can lie. That
// the real ones are understood is for app/browsertest to show.
type issuer struct {
	t   testing.TB
	url string
	now func() time.Time

	mu    sync.Mutex
	down  bool
	keys  []any          // as the set of keys lists them
	key   any            // signs
	kid   string         // its name
	who   jwt.MapClaims  // of whoever comes to sign in
	meta  map[string]any // what the discovery document says otherwise
	twist func(token jwt.MapClaims, back url.Values)
	codes map[string]url.Values // what was asked for each code
	asked map[string]int
	other http.HandlerFunc // what is served instead, when set
}

const (
	clientID     = "earshot-client"
	clientSecret = "a secret of the client"
	phoneID      = "earshot-phone"
)

var keysOnce = sync.OnceValue(func() (keys struct {
	a, b *rsa.PrivateKey
	ec   *ecdsa.PrivateKey
}) {
	keys.a, _ = rsa.GenerateKey(rand.Reader, 2048)
	keys.b, _ = rsa.GenerateKey(rand.Reader, 2048)
	keys.ec, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return keys
})

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	i := &issuer{t: t, now: time.Now, codes: map[string]url.Values{}, asked: map[string]int{}}
	srv := httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(srv.Close)
	i.url = srv.URL
	i.signWith(keysOnce().a, "a")
	i.who = jwt.MapClaims{"sub": "subject-1", "email": "mina@home.example", "email_verified": true, "name": "Mina Kim", "picture": i.url + "/picture.png"}
	return i
}

// signWith makes a key the only one.
func (i *issuer) signWith(key any, kid string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.key, i.kid, i.keys = key, kid, []any{publicKey(key, kid)}
}

func publicKey(key any, kid string) map[string]any {
	b64 := base64.RawURLEncoding.EncodeToString
	if ec, ok := key.(*ecdsa.PrivateKey); ok {
		point, _ := ec.PublicKey.Bytes()
		return map[string]any{"kty": "EC", "crv": "P-256", "use": "sig", "kid": kid, "x": b64(point[1:33]), "y": b64(point[33:])}
	}
	public := key.(*rsa.PrivateKey).PublicKey
	return map[string]any{"kty": "RSA", "use": "sig", "kid": kid, "n": b64(public.N.Bytes()), "e": b64(big.NewInt(int64(public.E)).Bytes())}
}

// is says who signs in at the issuer from now on.
func (i *issuer) is(change jwt.MapClaims) {
	i.mu.Lock()
	defer i.mu.Unlock()
	maps.Copy(i.who, change)
}

func (i *issuer) set(change func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change()
}

func (i *issuer) times(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked[path]
}

// claims are those of a good token for whoever is signed in there.
func (i *issuer) claims() jwt.MapClaims {
	c := maps.Clone(i.who)
	now := i.now().Unix()
	maps.Copy(c, jwt.MapClaims{"iss": i.url, "aud": clientID, "iat": now, "exp": now + 300})
	return c
}

// token signs a good token, changed: a nil claim is left out.
func (i *issuer) token(change jwt.MapClaims) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	c := i.claims()
	for name, v := range change {
		if c[name] = v; v == nil {
			delete(c, name)
		}
	}
	return i.sign(c, nil)
}

func (i *issuer) sign(c jwt.MapClaims, header map[string]any) string {
	var method jwt.SigningMethod = jwt.SigningMethodRS256
	if _, ok := i.key.(*ecdsa.PrivateKey); ok {
		method = jwt.SigningMethodES256
	}
	return signedAs(i.t, method, i.key, c, i.kid, header)
}

func signedAs(t testing.TB, method jwt.SigningMethod, key any, c jwt.MapClaims, kid string, header map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, c)
	token.Header["kid"] = kid
	for name, v := range header {
		if token.Header[name] = v; v == nil {
			delete(token.Header, name)
		}
	}
	s, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (i *issuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked[r.URL.Path]++
	if i.down {
		panic(http.ErrAbortHandler)
	}
	if i.other != nil {
		i.other(w, r)
		return
	}
	r.ParseForm()
	give := func(v any) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		doc := map[string]any{
			"issuer": i.url, "authorization_endpoint": i.url + "/authorize", "token_endpoint": i.url + "/token", "jwks_uri": i.url + "/keys",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
		}
		maps.Copy(doc, i.meta)
		give(doc)
	case "/keys":
		give(map[string]any{"keys": i.keys})
	case "/authorize":
		code := fmt.Sprintf("code-%d", len(i.codes))
		i.codes[code] = r.Form
		back := url.Values{"state": {r.Form.Get("state")}, "code": {code}}
		if i.twist != nil {
			i.twist(nil, back)
		}
		http.Redirect(w, r, r.Form.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
	case "/token":
		want, ok := i.codes[r.Form.Get("code")]
		delete(i.codes, r.Form.Get("code"))
		sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
		id, secret, basic := r.BasicAuth()
		switch {
		case !ok, want.Get("redirect_uri") != r.Form.Get("redirect_uri"), want.Get("code_challenge_method") != "S256",
			want.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]),
			!basic, id != clientID, secret != url.QueryEscape(clientSecret):
			w.WriteHeader(http.StatusBadRequest)
			give(map[string]any{"error": "invalid_grant"})
			return
		}
		c := i.claims()
		c["nonce"] = want.Get("nonce")
		if i.twist != nil {
			i.twist(c, nil)
		}
		give(map[string]any{"access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": i.sign(c, nil)})
	default:
		http.NotFound(w, r)
	}
}

// lets is a setting of a house that the issuer lets people into.
func (i *issuer) lets(name string) func(*config.Config) {
	return func(c *config.Config) {
		c.OpenID = append(c.OpenID, config.OpenID{
			Name: name, Title: strings.ToUpper(name[:1]) + name[1:], Issuer: i.url,
			ClientID: clientID, ClientSecret: clientSecret, Audiences: []string{phoneID},
		})
	}
}

// browser is somebody who comes by a browser, which keeps cookies.
func (h *house) browser() *person {
	p := h.visitor()
	p.http.Jar, _ = cookiejar.New(nil)
	return p
}

// goes follows one redirect of an answer, wherever it leads.
func (p *person) goes(a answer) answer {
	p.h.t.Helper()
	if a.status != 302 && a.status != 303 {
		p.h.t.Fatalf("%s: got status %d, want a redirect; body: %s", a.what, a.status, shorten(a.body))
	}
	to := a.header.Get("Location")
	if path, ok := strings.CutPrefix(to, p.h.url); ok {
		return p.get(path)
	}
	away := &person{h: &house{t: p.h.t}, name: p.name, http: p.http}
	return away.get(to)
}

// comes goes to an issuer and back, and gives where that leads.
func (p *person) comes(start string) (to string, a answer) {
	p.h.t.Helper()
	a = p.goes(p.goes(p.get(start)))
	return landed(a), a
}

// landed is the page that an answer leads to.
func landed(a answer) string { return a.header.Get("Location") }

// knows asks who a browser is.
func (p *person) knows() (email string) {
	p.h.t.Helper()
	a := p.get("/api/me")
	if a.status == 401 {
		return ""
	}
	var me struct{ Email string }
	a.want(200).into(&me)
	return me.Email
}
