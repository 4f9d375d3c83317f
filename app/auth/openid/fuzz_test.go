package openid

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// FuzzVerify: whatever a client sends as an ID token, it is refused, unless it
// is one that the issuer signed, to the letter.
func FuzzVerify(f *testing.F) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	srv := httptest.NewServer(nil)
	f.Cleanup(srv.Close)
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/.well-known/openid-configuration":
			json.NewEncoder(w).Encode(map[string]string{
				"issuer": srv.URL, "authorization_endpoint": srv.URL + "/a", "token_endpoint": srv.URL + "/t", "jwks_uri": srv.URL + "/k",
			})
		case "/k":
			json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{
				"kty": "RSA", "kid": "k", "use": "sig", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes()),
			}}})
		}
	})
	now := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	p := New(Options{
		Name: "home", Title: "Home", Issuer: srv.URL, ClientID: "c",
		Now: func() time.Time { return now }, Pace: func() time.Duration { return 0 },
	})
	sign := func(change jwt.MapClaims) string {
		c := jwt.MapClaims{"iss": srv.URL, "aud": "c", "sub": "s", "iat": now.Unix(), "exp": now.Unix() + 60}
		for name, v := range change {
			c[name] = v
		}
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, c)
		token.Header["kid"] = "k"
		s, err := token.SignedString(key)
		if err != nil {
			f.Fatal(err)
		}
		return s
	}
	good := sign(nil)
	if c, err := p.Verify(context.Background(), good, ""); err != nil || c.Subject != "s" {
		f.Fatalf("the good one: %+v, %v", c, err)
	}
	parts := strings.Split(good, ".")
	for _, s := range []string{
		good, sign(jwt.MapClaims{"aud": []string{"c", "d"}}), sign(jwt.MapClaims{"exp": 1}), sign(jwt.MapClaims{"sub": ""}), "", "..", "a.b.c",
		b64([]byte(`{"alg":"none","kid":"k"}`)) + "." + parts[1] + ".", b64([]byte(`{"alg":"RS256","kid":"k"}`)) + "." + parts[1] + "." + parts[2],
		parts[0] + "." + b64([]byte(`{"sub":"x"}`)) + "." + parts[2], good + "=", "\n" + good, `{"payload":"` + parts[1] + `"}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		c, err := p.Verify(context.Background(), raw, "")
		if err == nil && raw != good {
			t.Errorf("%q was taken: %+v", raw, c)
		}
		if err != nil && (!errors.Is(err, ErrToken) || c != (Claims{})) {
			t.Errorf("%q: %+v, %v", raw, c, err)
		}
	})
}

// FuzzCheck: what a signed token may say is checked without a panic, and what
// is taken is of somebody, of the issuer, for us and in time.
func FuzzCheck(f *testing.F) {
	now := time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)
	p := New(Options{Issuer: "i", ClientID: "c", Now: func() time.Time { return now }})
	for _, s := range []string{
		`{"iss":"i","aud":"c","sub":"s","iat":1795464000,"exp":1795464060,"email":"a@b.example","email_verified":true,"name":"A"}`,
		`{"iss":"i","aud":["c"],"azp":"c","sub":"s","iat":1795464000.5,"exp":1.79546406e9,"nbf":0,"nonce":"n"}`,
		`{"iss":"i","aud":null,"sub":null,"exp":1e999,"email_verified":"true"}`, `{}`, `{"ISS":"i"}`, `{"aud":[[]]}`, `{"exp":-1,"iat":{}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var said map[string]json.RawMessage
		if json.Unmarshal([]byte(s), &said) != nil {
			return
		}
		c, err := p.check(said, []string{"c"}, nil)
		if err != nil {
			return
		}
		expires, ok := timeIn(said, "exp")
		if c.Subject == "" || c.Issuer != "i" || !ok || now.Sub(expires) >= leeway {
			t.Errorf("%s was taken: %+v", s, c)
		}
		if c.EmailVerified && string(said["email_verified"]) != "true" {
			t.Errorf("%s: the address counts as verified", s)
		}
	})
}
