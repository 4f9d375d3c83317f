package openid

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	// MaxTokenBytes is the length over which an ID token is refused unread.
	MaxTokenBytes = 16 << 10

	leeway     = time.Minute // by which clocks may differ
	maxSubject = 255         // bytes (Core section 2)
)

// Claims are what an issuer says of somebody.
type Claims struct {
	Issuer        string
	Subject       string // what the issuer calls the person, for ever
	Email         string // "" when it was not told
	EmailVerified bool   // the issuer vouches that the address is theirs
	Name          string
}

// person takes what is said of the person besides the subject.
func (c *Claims) person(from map[string]json.RawMessage) {
	c.Email, _ = textIn(from, "email")
	c.Name, _ = textIn(from, "name")
	c.EmailVerified = string(from["email_verified"]) == "true" // the JSON value, not the word
}

// algorithms are the signatures that are taken.
var algorithms = []string{oidc.RS256, oidc.ES256}

// verify checks an ID token (Core section 3.1.3.7). The checks around the
// library's are those that it leaves to its caller or takes easily.
func (p *Provider) verify(ctx context.Context, raw string, audiences []string, nonce *string) (Claims, error) {
	if err := checkForm(raw); err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	m, err := p.discover(ctx)
	if err != nil {
		return Claims{}, err
	}
	keys := &keySet{p: p, m: m}
	verifier := oidc.NewVerifier(p.o.Issuer, keys, &oidc.Config{
		SupportedSigningAlgs: algorithms, SkipClientIDCheck: true, SkipExpiryCheck: true,
	})
	token, err := verifier.Verify(ctx, raw)
	if keys.unreachable != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrUnreachable, keys.unreachable)
	}
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	var said map[string]json.RawMessage
	if err := token.Claims(&said); err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	claims, err := p.check(said, audiences, nonce)
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	return claims, nil
}

// keySet asks the issuer's keys, and for new ones once a minute at most.
type keySet struct {
	p           *Provider
	m           *metadata
	unreachable error
}

func (k *keySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.m.keys.VerifySignature(ctx, jwt)
	if err != nil && unfetched(err) && !errors.Is(err, errRested) {
		k.p.fetches.note(k.m.keysAt, 0, false)
		k.unreachable = err
	}
	return payload, err
}

// checkForm looks at the form of a token and at its header, before anything of
// it is believed: three parts of strict base64url (RFC 7515 section 2), a
// signature that is taken, a key by name, and no other kind of token.
func checkForm(raw string) error {
	if len(raw) > MaxTokenBytes {
		return errors.New("it is too long")
	}
	if strings.Count(raw, ".") != 2 {
		return errors.New("it does not have three parts")
	}
	parts := strings.Split(raw, ".")
	var decoded [3][]byte
	for i, part := range parts {
		b, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil || len(b) == 0 || strings.ContainsAny(part, "\r\n") { // the decoder skips line ends
			return fmt.Errorf("part %d is not base64url", i+1)
		}
		decoded[i] = b
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(decoded[0], &header); err != nil {
		return fmt.Errorf("its header: %w", err)
	}
	alg, _ := textIn(header, "alg")
	if !slices.Contains(algorithms, alg) {
		return fmt.Errorf("it is signed by %.20q", alg)
	}
	if kid, ok := textIn(header, "kid"); !ok || kid == "" {
		return errors.New("it does not name its key")
	}
	if _, there := header["typ"]; there {
		if typ, _ := textIn(header, "typ"); !strings.EqualFold(typ, "JWT") { // "at+jwt" is an access token (RFC 9068)
			return fmt.Errorf("it is of type %.20q", typ)
		}
	}
	for _, name := range []string{"crit", "b64", "jku", "jwk", "x5u", "x5c"} { // a key is the issuer's to tell, not the token's
		if _, there := header[name]; there {
			return fmt.Errorf("its header has %s", name)
		}
	}
	return nil
}

// check checks the claims of a token whose signature is good.
func (p *Provider) check(said map[string]json.RawMessage, audiences []string, nonce *string) (Claims, error) {
	var c Claims
	if c.Issuer, _ = textIn(said, "iss"); c.Issuer != p.o.Issuer {
		return c, fmt.Errorf("its issuer is %.100q", c.Issuer)
	}
	if c.Subject, _ = textIn(said, "sub"); c.Subject == "" || len(c.Subject) > maxSubject || strings.ContainsRune(c.Subject, 0) {
		return c, errors.New("it does not say of whom it is")
	}
	if err := checkAudience(said, audiences); err != nil {
		return c, err
	}
	if err := checkTimes(said, p.o.Now()); err != nil {
		return c, err
	}
	if nonce != nil {
		if got, _ := textIn(said, "nonce"); got == "" || got != *nonce {
			return c, errors.New("its nonce is another")
		}
	}
	// What tells an ID token from what else an issuer signs, where it says so.
	for name, want := range map[string]string{"typ": "ID", "token_use": "id"} {
		if _, there := said[name]; there {
			if got, _ := textIn(said, name); got != want {
				return c, fmt.Errorf("its %s is %.20q", name, got)
			}
		}
	}
	for _, name := range []string{"scope", "scp", "events"} {
		if _, there := said[name]; there {
			return c, fmt.Errorf("it has %s, which no ID token has", name)
		}
	}
	c.person(said)
	return c, nil
}

// checkAudience wants a token to be for us alone.
func checkAudience(said map[string]json.RawMessage, ours []string) error {
	var list []string
	if one, ok := textIn(said, "aud"); ok {
		list = []string{one}
	} else if err := json.Unmarshal(said["aud"], &list); err != nil {
		return errors.New("it does not say for whom it is")
	}
	for _, aud := range list {
		if !slices.Contains(ours, aud) {
			return fmt.Errorf("it is for %.100q", aud)
		}
	}
	azp, ok := textIn(said, "azp")
	_, there := said["azp"]
	switch {
	case len(list) == 0:
		return errors.New("it is for nobody")
	case there && (!ok || !slices.Contains(ours, azp)):
		return fmt.Errorf("it was given to %.100q", azp)
	case len(list) > 1 && !there:
		return errors.New("it is for several and does not say to whom it was given")
	}
	return nil
}

// checkTimes wants a token that has begun and not ended.
func checkTimes(said map[string]json.RawMessage, now time.Time) error {
	expires, ok := timeIn(said, "exp")
	if !ok {
		return errors.New("it never expires")
	}
	issued, ok := timeIn(said, "iat")
	if !ok {
		return errors.New("it does not say when it was issued")
	}
	switch {
	case !now.Before(expires.Add(leeway)):
		return fmt.Errorf("it expired at %s", expires.UTC().Format(time.RFC3339))
	case issued.After(now.Add(leeway)):
		return fmt.Errorf("it is issued in the future, at %s", issued.UTC().Format(time.RFC3339))
	case expires.Before(issued):
		return errors.New("it expired before it was issued")
	}
	if _, there := said["nbf"]; there {
		if begins, ok := timeIn(said, "nbf"); !ok || begins.After(now.Add(leeway)) {
			return errors.New("it is not good yet")
		}
	}
	return nil
}

// textIn reads a text by its very name: the library's fields would take any
// case of letters.
func textIn(m map[string]json.RawMessage, name string) (string, bool) {
	raw := m[name]
	var s string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return "", false
	}
	return s, true
}

// timeIn reads a time in seconds (RFC 7519 section 2).
func timeIn(m map[string]json.RawMessage, name string) (time.Time, bool) {
	var seconds float64
	raw := m[name]
	if len(raw) == 0 || raw[0] == 'n' || json.Unmarshal(raw, &seconds) != nil || seconds < 0 || seconds > math.MaxInt32*64 {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}
