// Package listenbrainz tells listens to servers that take them as ListenBrainz
// does (https://listenbrainz.readthedocs.io/en/latest/users/api/core.html). It
// asks nobody but whom it is told to, follows no redirects, and takes only so
// much for an answer.
package listenbrainz

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Home is the address of ListenBrainz itself, and TokenPage where its people find
// their tokens.
const (
	Home      = "https://api.listenbrainz.org"
	TokenPage = "https://listenbrainz.org/settings/"
)

const (
	answerWithin = 10 * time.Second
	answerMost   = 64 << 10 // bytes

	// Most is how many listens go in one request. Servers take 1000
	// (MAX_LISTENS_PER_REQUEST), of 10 KiB each (MAX_LISTEN_SIZE).
	Most = 100

	// Earliest is the first second of which a listen is taken
	// (LISTEN_MINIMUM_TS), 1 October 2002.
	Earliest = 1033430400
)

var (
	// ErrToken says that a server knows no such token.
	ErrToken = errors.New("the server knows no such token")

	errAnswer = errors.New("the answer is none of ListenBrainz's")
)

// Refusal is an answer that takes nothing.
type Refusal struct {
	Status int
	After  time.Duration // how long to wait, where the server says; else 0
}

func (r *Refusal) Error() string { return fmt.Sprintf("the server answered %d", r.Status) }

// Listen is one to tell.
type Listen struct {
	Began    time.Time // of the listening; zero for what plays now
	Artist   string
	Title    string
	Release  string
	Duration time.Duration
	Page     string // where everybody can listen to it; "" for nowhere
}

// Client speaks with servers. It is safe for concurrent use.
type Client struct {
	http    *http.Client
	version string
}

// New makes a client of a house of a version.
func New(version string) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true
	transport.MaxResponseHeaderBytes = answerMost
	return &Client{version: version, http: &http.Client{
		Transport: transport, Timeout: answerWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Account gives the name of whose token it is at a server. ErrToken when it is
// nobody's, *Refusal for other answers, anything else when none came.
func (c *Client) Account(ctx context.Context, address, token string) (name string, err error) {
	var answer struct {
		Valid bool   `json:"valid"`
		Name  string `json:"user_name"`
	}
	if _, err = c.ask(ctx, http.MethodGet, address+"/1/validate-token", token, nil, &answer); err != nil {
		return "", err
	}
	if !answer.Valid {
		return "", ErrToken
	}
	return answer.Name, nil
}

// Tell tells listens to a server, at most Most. Rest is how long it wants to be
// left alone after it took them. Its errors are those of Account.
func (c *Client) Tell(ctx context.Context, address, token string, listens []Listen) (rest time.Duration, err error) {
	kind := "single"
	if len(listens) > 1 {
		kind = "import"
	}
	return c.submit(ctx, address, token, kind, listens)
}

// Playing tells a server what plays now; it remembers that for a moment.
func (c *Client) Playing(ctx context.Context, address, token string, l Listen) (rest time.Duration, err error) {
	l.Began = time.Time{}
	return c.submit(ctx, address, token, "playing_now", []Listen{l})
}

type (
	submission struct {
		Kind    string    `json:"listen_type"`
		Payload []payload `json:"payload"`
	}
	payload struct {
		ListenedAt int64 `json:"listened_at,omitempty"`
		Track      track `json:"track_metadata"`
	}
	track struct {
		Artist  string `json:"artist_name"`
		Title   string `json:"track_name"`
		Release string `json:"release_name,omitempty"`
		More    more   `json:"additional_info"`
	}
	more struct {
		Player        string `json:"media_player"`
		Client        string `json:"submission_client"`
		ClientVersion string `json:"submission_client_version,omitempty"`
		DurationMS    int64  `json:"duration_ms,omitempty"`
		Origin        string `json:"origin_url,omitempty"`
	}
)

func (c *Client) submit(ctx context.Context, address, token, kind string, listens []Listen) (time.Duration, error) {
	s := submission{Kind: kind, Payload: make([]payload, len(listens))}
	for i, l := range listens {
		s.Payload[i].Track = track{Artist: l.Artist, Title: l.Title, Release: l.Release, More: more{
			Player: "Earshot", Client: "Earshot", ClientVersion: c.version, DurationMS: l.Duration.Milliseconds(), Origin: l.Page,
		}}
		if !l.Began.IsZero() {
			s.Payload[i].ListenedAt = l.Began.Unix()
		}
	}
	body, err := json.Marshal(s)
	if err != nil {
		return 0, fmt.Errorf("write listens: %w", err)
	}
	// A page of a network that wants a sign-in first also answers 200.
	var answer map[string]any
	return c.ask(ctx, http.MethodPost, address+"/1/submit-listens", token, body, &answer)
}

// ask sends a request and decodes the answer.
func (c *Client) ask(ctx context.Context, method, address, token string, body []byte, answer any) (rest time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Token "+token)
	r.Header.Set("User-Agent", "Earshot")
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	rest = resting(res.Header)
	switch {
	case res.StatusCode == http.StatusUnauthorized:
		return 0, ErrToken
	case res.StatusCode != http.StatusOK:
		if res.StatusCode != http.StatusTooManyRequests && res.Header.Get("Retry-After") == "" {
			rest = 0 // how many it takes says nothing of when it is well again
		}
		return 0, &Refusal{Status: res.StatusCode, After: rest}
	}
	if res.Header.Get("X-RateLimit-Remaining") != "0" {
		rest = 0
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, answerMost+1))
	if err != nil {
		return 0, err
	}
	if len(b) > answerMost || json.Unmarshal(b, answer) != nil {
		return 0, errAnswer
	}
	return rest, nil
}

// resting reads how long a server wants to be left alone: Retry-After in seconds
// (RFC 9110 section 10.2.3), or its own X-RateLimit-Reset-In. Dates are not read:
// the clocks of small machines are often wrong.
func resting(h http.Header) time.Duration {
	for _, name := range []string{"Retry-After", "X-RateLimit-Reset-In"} {
		if n, err := strconv.ParseInt(h.Get(name), 10, 32); err == nil && n > 0 {
			return time.Duration(n) * time.Second
		}
	}
	return 0
}

// Odd tells whether an answer came that is none of ListenBrainz's.
func Odd(err error) bool { return errors.Is(err, errAnswer) }
