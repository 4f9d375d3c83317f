package auth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

func newTokens(t testing.TB, key []byte, now time.Time) *Tokens {
	t.Helper()
	s, err := NewTokens(key, at(now))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testKey(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// sign makes a token of any header and claims with HMAC-SHA-256.
func sign(header, claims string, key []byte) string {
	text := b64(header) + "." + b64(claims)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s := newTokens(t, testKey(1), noon)
	want := Claims{Session: "0abc", Secret: NewSecret(), User: "0def", Issued: noon, Expires: noon.Add(time.Hour)}
	token, err := s.Issue(want)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(token, tokenHeader) {
		t.Errorf("got the header of %q, want %q", token, tokenHeader)
	}
	got, err := s.Parse(token)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Issued.Equal(want.Issued) || !got.Expires.Equal(want.Expires) || got.Session != want.Session || got.User != want.User || got.Secret != want.Secret {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, step := range []struct {
		name string
		now  time.Time
		want error
	}{
		{"last second", noon.Add(time.Hour - time.Second), nil},
		{"end", noon.Add(time.Hour), ErrTokenExpired},
		{"a second later", noon.Add(time.Hour + time.Second), ErrTokenExpired},
		{"ten years later", noon.AddDate(10, 0, 0), ErrTokenExpired},
		{"clock a little behind", noon.Add(-time.Minute), nil},
		{"clock behind", noon.Add(-10*time.Minute - time.Second), ErrToken},
		{"clock of a machine without one", time.Unix(0, 0), ErrToken},
		{"before 1970", time.Unix(-1e9, 0), ErrToken},
	} {
		if _, err := newTokens(t, testKey(1), step.now).Parse(token); !errors.Is(err, step.want) || step.want != nil && !errors.Is(err, ErrToken) {
			t.Errorf("%s: got %v, want %v", step.name, err, step.want)
		}
	}
}

func TestTokensRefuseShortKeys(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 16, 31} {
		if _, err := NewTokens(make([]byte, n), nil); !errors.Is(err, ErrKeyShort) {
			t.Errorf("tokens, %d bytes: got %v, want %v", n, err, ErrKeyShort)
		}
		if _, err := NewSealer(make([]byte, n)); !errors.Is(err, ErrKeyShort) {
			t.Errorf("sealer, %d bytes: got %v, want %v", n, err, ErrKeyShort)
		}
	}
}

// The key is copied: what the caller does with it later changes nothing.
func TestTokensKeepTheirKey(t *testing.T) {
	t.Parallel()
	key := testKey(1)
	s := newTokens(t, key, noon)
	clear(key)
	token, err := s.Issue(Claims{Session: "s", User: "u", Expires: noon.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newTokens(t, testKey(1), noon).Parse(token); err != nil {
		t.Error(err)
	}
}

func TestForgedTokens(t *testing.T) {
	t.Parallel()
	key := testKey(1)
	s := newTokens(t, key, noon)
	const header = `{"alg":"HS256","typ":"JWT"}`
	good := map[string]any{
		"iss": "earshot", "aud": "earshot/session", "sub": "0def", "sid": "0abc", "jti": base64.RawURLEncoding.EncodeToString(make([]byte, 32)),
		"iat": noon.Unix(), "exp": noon.Add(time.Hour).Unix(),
	}
	// with gives the good claims with one changed, or left out.
	with := func(name string, value any) string {
		m := map[string]any{}
		for k, v := range good {
			m[k] = v
		}
		m[name] = value
		if value == nil {
			delete(m, name)
		}
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	claims := with("", nil)
	token := sign(header, claims, key)
	if _, err := s.Parse(token); err != nil {
		t.Fatalf("the token that the forgeries are made from: %v", err)
	}
	parts := strings.Split(token, ".")
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	es256, err := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims(good)).SignedString(ec)
	if err != nil {
		t.Fatal(err)
	}
	hs512, err := jwt.NewWithClaims(jwt.SigningMethodHS512, jwt.MapClaims(good)).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	none, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims(good)).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	flip := func(s string, i int) string {
		b := []byte(s)
		if b[i] == 'A' {
			b[i] = 'B'
		} else {
			b[i] = 'A'
		}
		return string(b)
	}
	// The last letter of the signature holds two bits that decode to nothing.
	loose := token[:len(token)-1] + string(token[len(token)-1]+1)

	forgeries := map[string]string{
		"empty": "", "one dot": ".", "two dots": "..", "five dots": ".....", "a word": "token", "spaces": "   ",
		"a million dots": strings.Repeat(".", 1_000_000), "8 MiB": strings.Repeat("A", 8<<20), "our header and a million dots": tokenHeader + strings.Repeat(".", 1_000_000),
		"our header and 4000 dots": tokenHeader + strings.Repeat(".", 4000), "our header alone": tokenHeader, "our header and 8 MiB": tokenHeader + strings.Repeat("A", 8<<20),
		"none": none, "none without signature": b64(`{"alg":"none","typ":"JWT"}`) + "." + parts[1] + ".",
		"none with our signature": b64(`{"alg":"none","typ":"JWT"}`) + "." + parts[1] + "." + parts[2], "HS512": hs512, "ES256": es256,
		"two algorithms": sign(`{"alg":"HS256","alg":"none","typ":"JWT"}`, claims, key),
		"key of zeros":   sign(header, claims, make([]byte, 32)), "empty key": sign(header, claims, nil), "secret": sign(header, claims, []byte("secret")),
		"not so secret": sign(header, claims, []byte("not so secret")), "earshot": sign(header, claims, []byte("earshot")), "another house": sign(header, claims, testKey(2)),
		"our key doubled": sign(header, claims, append(testKey(1), testKey(1)...)), "our key as hexadecimal": sign(header, claims, []byte(strings.Repeat("01", 32))),
		"kid path": sign(`{"alg":"HS256","kid":"../../../dev/null","typ":"JWT"}`, claims, nil), "kid SQL": sign(`{"alg":"HS256","kid":"x' UNION SELECT 'a","typ":"JWT"}`, claims, []byte("a")),
		"jwk within": sign(`{"alg":"HS256","jwk":{"kty":"oct","k":"AA"},"typ":"JWT"}`, claims, []byte{0}), "jku": sign(`{"alg":"HS256","jku":"http://127.0.0.1:1/","typ":"JWT"}`, claims, nil),
		"crit": sign(`{"alg":"HS256","crit":["x"],"typ":"JWT"}`, claims, key), "b64 false": sign(`{"alg":"HS256","b64":false,"crit":["b64"],"typ":"JWT"}`, claims, key),
		"compressed": sign(`{"alg":"HS256","zip":"DEF","typ":"JWT"}`, claims, key), "other type": sign(`{"alg":"HS256","typ":"at+jwt"}`, claims, key), "other order": sign(`{"typ":"JWT","alg":"HS256"}`, claims, key),
		"no signature": parts[0] + "." + parts[1] + ".", "no signature, no dot": parts[0] + "." + parts[1], "no claims": parts[0] + ".." + parts[2],
		"cut by one": token[:len(token)-1], "cut in half": token[:len(token)/2], "doubled": token + token, "doubled with a dot": token + "." + token,
		"dot behind": token + ".", "space behind": token + " ", "newline behind": token + "\n", "newline within": parts[0] + "." + parts[1] + ".\n" + parts[2], "NUL behind": token + "\x00", "padding behind": token + "=",
		"dot before": "." + token, "space before": " " + token, "bearer before": "Bearer " + token, "quotes": `"` + token + `"`, "loose last bits": loose,
		"claims changed": parts[0] + "." + flip(parts[1], 10) + "." + parts[2], "signature changed": parts[0] + "." + parts[1] + "." + flip(parts[2], 5),
		"standard base64": strings.NewReplacer("-", "+", "_", "/").Replace(parts[0]+"."+parts[1]) + "." + parts[2] + "+/",
		"five parts":      token + ".A.A", "over the limit": sign(header, with("pad", strings.Repeat("x", 4000)), key),

		"expired a second ago": sign(header, with("exp", noon.Unix()), key), "no end": sign(header, with("exp", nil), key), "end is text": sign(header, with("exp", "2099-01-01"), key),
		"end below zero": sign(header, with("exp", -1), key), "no beginning": sign(header, with("iat", nil), key), "issued in eleven minutes": sign(header, with("iat", noon.Add(11*time.Minute).Unix()), key),
		"not before in an hour": sign(header, with("nbf", noon.Add(time.Hour).Unix()), key), "issued in ten years": sign(header, with("iat", noon.AddDate(10, 0, 0).Unix()), key),
		"no issuer": sign(header, with("iss", nil), key), "other issuer": sign(header, with("iss", "https://accounts.example.com"), key), "issuer in capitals": sign(header, with("iss", "EARSHOT"), key), "issuer with a slash": sign(header, with("iss", "earshot/"), key),
		"no audience": sign(header, with("aud", nil), key), "other audience": sign(header, with("aud", "earshot/link"), key), "audience cut": sign(header, with("aud", "earshot"), key), "audiences": sign(header, with("aud", []string{"earshot/session", "x"}), key), "empty audience": sign(header, with("aud", ""), key),
		"no user": sign(header, with("sub", nil), key), "empty user": sign(header, with("sub", ""), key), "user is a number": sign(header, with("sub", 1), key),
		"no session": sign(header, with("sid", nil), key), "empty session": sign(header, with("sid", ""), key), "no secret": sign(header, with("jti", nil), key),
		"short secret": sign(header, with("jti", b64("short")), key), "long secret": sign(header, with("jti", b64(strings.Repeat("x", 33))), key), "secret with padding": sign(header, with("jti", b64(strings.Repeat("x", 32))+"="), key),
		"claims are a list": sign(header, "[]", key), "claims are text": sign(header, `"x"`, key), "two values": sign(header, claims+claims, key), "not JSON": sign(header, "{", key), "deep": sign(header, strings.Repeat("[", 2500), key),
	}
	for name, forged := range forgeries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := s.Parse(forged)
			if !errors.Is(err, ErrToken) {
				t.Errorf("got %+v, %v, want %v", got, err, ErrToken)
			}
			if got != (Claims{}) {
				t.Errorf("got %+v with the error, want nothing", got)
			}
		})
	}
}

// Each byte of a token counts: any other in its place is refused.
func TestEveryByteOfATokenCounts(t *testing.T) {
	t.Parallel()
	s := newTokens(t, testKey(1), noon)
	token, err := s.Issue(Claims{Session: "0abc", Secret: NewSecret(), User: "0def", Expires: noon.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range token {
		for _, c := range []byte("Aa0-_.= \n\x00\xff") {
			if token[i] == c {
				continue
			}
			if forged := token[:i] + string(c) + token[i+1:]; forged != token {
				if _, err := s.Parse(forged); err == nil {
					t.Fatalf("byte %d may be %q instead of %q", i, c, token[i])
				}
			}
		}
	}
}

func TestTwoHousesDoNotKnowEachOther(t *testing.T) {
	t.Parallel()
	a, b := newTokens(t, testKey(1), noon), newTokens(t, testKey(2), noon)
	token, err := a.Issue(Claims{Session: "s", User: "u", Expires: noon.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Parse(token); !errors.Is(err, ErrToken) {
		t.Errorf("got %v, want %v", err, ErrToken)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	a, b := NewSecret(), NewSecret()
	if a == b || a == [32]byte{} {
		t.Fatal("secrets are not random")
	}
	hash := HashSecret(a)
	if bytes.Contains(hash, a[:8]) || len(hash) != 32 {
		t.Errorf("got the hash %x of %x", hash, a)
	}
	for _, tt := range []struct {
		name   string
		stored []byte
		want   bool
	}{
		{"own", hash, true}, {"another's", HashSecret(b), false}, {"itself", a[:], false}, {"none", nil, false}, {"cut", hash[:31], false}, {"longer", append(bytes.Clone(hash), 0), false},
	} {
		if got := SecretMatches(tt.stored, a); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		c := NewCode()
		if len(c) != 26 || strings.Trim(c, "abcdefghijklmnopqrstuvwxyz234567") != "" || seen[c] {
			t.Fatalf("got the code %q", c)
		}
		seen[c] = true
	}
	c := NewCode()
	for _, tt := range []struct {
		want, got string
		match     bool
	}{
		{c, c, true}, {c, strings.ToUpper(c), false}, {c, c[:25], false}, {c, c + " ", false}, {c, "", false}, {"", "", false}, {"", c, false},
	} {
		if got := CodeMatches(tt.want, tt.got); got != tt.match {
			t.Errorf("CodeMatches(%q, %q): got %v, want %v", tt.want, tt.got, got, tt.match)
		}
	}
}

func FuzzParseToken(f *testing.F) {
	s := newTokens(f, testKey(1), noon)
	token, err := s.Issue(Claims{Session: "0abc", User: "0def", Expires: noon.Add(time.Hour)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add(token[:len(token)-1])
	f.Add(token + ".")
	f.Add(tokenHeader + "..")
	f.Add(sign(`{"alg":"none"}`, `{}`, nil))
	f.Add(tokenHeader + b64(`{"iss":"earshot","aud":["x"],"exp":1e400}`) + ".AA")
	f.Fuzz(func(t *testing.T, forged string) {
		got, err := s.Parse(forged)
		if (err == nil) != (forged == token) {
			t.Errorf("Parse(%q): got %+v, %v", forged, got, err)
		}
		if err != nil && !errors.Is(err, ErrToken) {
			t.Errorf("Parse(%q): got %v, want %v", forged, err, ErrToken)
		}
	})
}

// FuzzSignedClaims signs whatever is put in: even with the right key, claims
// that are not whole and for now are refused without a panic.
func FuzzSignedClaims(f *testing.F) {
	s := newTokens(f, testKey(1), noon)
	f.Add(`{"iss":"earshot","aud":"earshot/session","sub":"u","sid":"s","jti":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","iat":1772366400,"exp":1772370000}`)
	f.Add(`null`)
	f.Add(`{"exp":1e308,"iat":-1e308}`)
	f.Fuzz(func(t *testing.T, claims string) {
		got, err := s.Parse(sign(`{"alg":"HS256","typ":"JWT"}`, claims, testKey(1)))
		if err != nil {
			return
		}
		if got.User == "" || got.Session == "" || !got.Expires.After(noon) || got.Issued.After(noon.Add(time.Minute)) {
			t.Errorf("%q: got %+v", claims, got)
		}
	})
}

func BenchmarkParseToken(b *testing.B) {
	s := newTokens(b, testKey(1), noon)
	token, err := s.Issue(Claims{Session: "0abcdefghjkmn", User: "0abcdefghjkmn", Secret: NewSecret(), Expires: noon.Add(time.Hour)})
	if err != nil {
		b.Fatal(err)
	}
	cases := map[string]string{"good": token, "wrong key": token[:len(token)-5] + "AAAAA", "8 MiB": strings.Repeat("A", 8<<20)}
	for name, token := range cases {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = s.Parse(token)
			}
		})
	}
}
