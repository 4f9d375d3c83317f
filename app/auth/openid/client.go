package openid

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// What an issuer may take, and take up.
const (
	answerWithin = 5 * time.Second
	answerMost   = 1 << 20 // bytes
	keysEvery    = time.Minute
)

var (
	errLong   = errors.New("the answer is longer than 1 MiB")
	errRested = errors.New("the issuer's keys were fetched less than a minute ago")
)

// newClient makes the client that speaks with one issuer. It follows no
// redirect to another host, and keeps no connection.
func newClient(p *Provider) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true
	transport.MaxResponseHeaderBytes = 64 << 10
	return &http.Client{
		Transport: &guard{p: p, next: transport},
		Timeout:   answerWithin,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > 3 || r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}
}

// guard bounds the issuer's answers.
type guard struct {
	p    *Provider
	next http.RoundTripper
}

func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	address := r.URL.String()
	if !g.p.fetches.may(address, g.p.o.Pace()) {
		return nil, errRested
	}
	res, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	g.p.fetches.note(address, g.p.o.Pace(), res.StatusCode == http.StatusOK)
	if res.ContentLength > answerMost {
		res.Body.Close()
		return nil, errLong
	}
	res.Body = &bounded{ReadCloser: res.Body, left: answerMost}
	return res, nil
}

// bounded is a body that ends with an error when it is too long.
type bounded struct {
	io.ReadCloser
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	if b.left -= n; b.left < 0 {
		return n, errLong
	}
	return n, err
}

// fetches is when an issuer's keys were fetched.
type fetches struct {
	mu      sync.Mutex
	address string        // of the keys; "" until it is known
	last    time.Duration // by Pace
	done    bool
}

// at says where the keys are.
func (f *fetches) at(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.address = address
}

// may tells whether an address may be asked now: any but that of the keys may.
func (f *fetches) may(address string, now time.Duration) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return address != f.address || !f.done || now-f.last >= keysEvery
}

// note remembers that the keys came, or that they did not.
func (f *fetches) note(address string, now time.Duration, done bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if address == f.address {
		f.last, f.done = now, done
	}
}

// unfetched tells an error of fetching keys from one of the token's signature.
func unfetched(err error) bool { return strings.HasPrefix(err.Error(), "fetching keys") }
