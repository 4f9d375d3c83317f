package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var (
	// ErrToken means that a token is not one of ours, or not for now. Whoever
	// shows it is treated as not signed in.
	ErrToken = errors.New("token is not valid")

	// ErrTokenExpired comes together with ErrToken when the token was right once.
	ErrTokenExpired = errors.New("token has expired")

	// ErrKeyShort means that a signing key has fewer than 32 bytes. An empty
	// key would sign and check without complaint.
	ErrKeyShort = errors.New("key is shorter than 32 bytes")
)

const (
	// MaxTokenBytes is the length over which a token is refused unread. Ours
	// have about 350.
	MaxTokenBytes = 4 << 10

	tokenIssuer   = "earshot"
	tokenAudience = "earshot/session"
	tokenLeeway   = 10 * time.Minute // how far the clock may have been set back since a token was issued
)

// tokenHeader is the one header our tokens have, with the dot after it:
// {"alg":"HS256","typ":"JWT"} as RFC 7515 section 7.1 writes it. Any other
// algorithm, key id or extension is refused before anything is decoded.
const tokenHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."

// Claims are what a token says.
type Claims struct {
	Session string    // id of the session's record
	Secret  [32]byte  // what the record has the hash of; see SecretMatches
	User    string    // id of the user
	Issued  time.Time // set by Issue; to the second
	Expires time.Time // to the second
}

// Tokens signs and checks the tokens of sessions: JWTs (RFC 7519) with HMAC
// and SHA-256. It is safe for concurrent use.
//
// A token alone proves little: it names a session record and carries the
// secret whose hash that record holds. So a session can be ended at once, and
// somebody with a copy of the database, which has the signing key in it, still
// cannot make a token for a session that exists.
type Tokens struct {
	key    []byte
	now    func() time.Time
	parser *jwt.Parser
}

// NewTokens makes a signer with a random key of at least 32 bytes; a shorter
// one is ErrKeyShort. A nil now is time.Now.
func NewTokens(key []byte, now func() time.Time) (*Tokens, error) {
	if len(key) < 32 {
		return nil, ErrKeyShort
	}
	if now == nil {
		now = time.Now
	}
	return &Tokens{
		key: append([]byte(nil), key...),
		now: now,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
			jwt.WithIssuer(tokenIssuer),
			jwt.WithAudience(tokenAudience),
			jwt.WithExpirationRequired(),
			jwt.WithIssuedAt(),
			jwt.WithTimeFunc(now),
			jwt.WithStrictDecoding(),
		),
	}, nil
}

// tokenClaims is the JSON of a token.
type tokenClaims struct {
	Issuer   string           `json:"iss"`
	Audience string           `json:"aud"`
	Subject  string           `json:"sub"`
	Session  string           `json:"sid"`
	ID       string           `json:"jti"` // the secret, base64url
	Issued   *jwt.NumericDate `json:"iat"`
	Begins   *jwt.NumericDate `json:"nbf,omitempty"`
	Expires  *jwt.NumericDate `json:"exp"`
}

// The methods below make tokenClaims a jwt.Claims. The leeway is given to the
// start only: jwt.WithLeeway would let a token live on after its end.

func (c *tokenClaims) GetExpirationTime() (*jwt.NumericDate, error) { return c.Expires, nil }
func (c *tokenClaims) GetIssuedAt() (*jwt.NumericDate, error)       { return early(c.Issued), nil }
func (c *tokenClaims) GetNotBefore() (*jwt.NumericDate, error)      { return early(c.Begins), nil }
func (c *tokenClaims) GetIssuer() (string, error)                   { return c.Issuer, nil }
func (c *tokenClaims) GetSubject() (string, error)                  { return c.Subject, nil }
func (c *tokenClaims) GetAudience() (jwt.ClaimStrings, error) {
	return jwt.ClaimStrings{c.Audience}, nil
}

// early moves a start back by the leeway.
func early(d *jwt.NumericDate) *jwt.NumericDate {
	if d == nil {
		return nil
	}
	return &jwt.NumericDate{Time: d.Add(-tokenLeeway)}
}

// Issue signs claims. Claims.Issued is ignored: a token is issued now. Claims
// without a user or a session give a token that Parse refuses.
func (t *Tokens) Issue(c Claims) (string, error) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, &tokenClaims{
		Issuer:   tokenIssuer,
		Audience: tokenAudience,
		Subject:  c.User,
		Session:  c.Session,
		ID:       base64.RawURLEncoding.EncodeToString(c.Secret[:]),
		Issued:   jwt.NewNumericDate(t.now()),
		Expires:  jwt.NewNumericDate(c.Expires),
	}).SignedString(t.key)
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return token, nil
}

// Parse checks a token and gives its claims. Every failure is ErrToken; the
// rest of the error is for the log. A token issued more than ten minutes in the
// future is refused, so that what a wrong clock made does not live on.
func (t *Tokens) Parse(token string) (Claims, error) {
	if len(token) > MaxTokenBytes {
		return Claims{}, fmt.Errorf("%w: %d bytes are too many", ErrToken, len(token))
	}
	if !strings.HasPrefix(token, tokenHeader) {
		return Claims{}, fmt.Errorf("%w: its header is not ours", ErrToken)
	}
	if strings.ContainsAny(token, "\r\n") {
		return Claims{}, fmt.Errorf("%w: it has more than one line", ErrToken) // the decoder would skip line ends
	}
	var body tokenClaims
	_, err := t.parser.ParseWithClaims(token, &body, func(*jwt.Token) (any, error) { return t.key, nil })
	if errors.Is(err, jwt.ErrTokenExpired) {
		return Claims{}, fmt.Errorf("%w: %w", ErrToken, ErrTokenExpired)
	}
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	if body.Issued == nil || body.Subject == "" || body.Session == "" {
		return Claims{}, fmt.Errorf("%w: a claim is missing", ErrToken)
	}
	c := Claims{
		Session: body.Session,
		User:    body.Subject,
		Issued:  body.Issued.Time,
		Expires: body.Expires.Time,
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(body.ID)
	if err != nil || len(secret) != len(c.Secret) {
		return Claims{}, fmt.Errorf("%w: its secret is not 32 bytes", ErrToken)
	}
	copy(c.Secret[:], secret)
	return c, nil
}
