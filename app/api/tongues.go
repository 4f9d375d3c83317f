package api

import (
	"context"
	"net/http"
	"strings"

	"earshot/app/core"
	"earshot/db"
)

// A tongue answers all below a path in the protocol of another program. It
// finds by itself who asks: cookies and tokens of the house, and names that
// proxies give, do not count there, and so other sites may ask as well.
type tongue struct {
	prefix string // with slashes around
	answer http.Handler
}

// Speak has everything below a prefix, such as "/rest/", answered by a handler.
// It is called before Handler. The handler may set the request's Pattern, by
// which requests are counted.
func (s *Server) Speak(prefix string, h http.Handler) {
	s.tongues = append(s.tongues, tongue{prefix, h})
}

// spoken finds who answers a path in another tongue; nil for nobody.
func (s *Server) spoken(path string) http.Handler {
	for _, t := range s.tongues {
		if strings.HasPrefix(path, t.prefix) {
			return t.answer
		}
	}
	return nil
}

// Client tells where a request comes from.
func (s *Server) Client(r *http.Request) core.Client { return from(r.Context()).client }

// Allow counts a request of a member, or of a visitor by the address, as those
// of the API are counted; or says how long to wait.
func (s *Server) Allow(ctx context.Context, user db.ID) error {
	ex := *from(ctx)
	ex.asker.User = user
	return s.requests.allow(context.WithValue(ctx, exchangeKey{}, &ex))
}

// AddressOf is the full address of an own page, for whoever asks alone; a path
// only where nobody can say what the house is called.
func (s *Server) AddressOf(ctx context.Context, path string) string {
	return s.originFor(ctx) + s.at(path)
}

// ServeSound answers with something of a track, or with a picture: whole or one
// range, by sendfile where that can be. Named, it is offered as a file; begin,
// which may be nil, is called before its first byte goes out. It closes the
// sound.
func (s *Server) ServeSound(w http.ResponseWriter, r *http.Request, sound core.Sound, named string, begin func()) {
	defer sound.Close()
	opt := serveOptions{CacheControl: cachePrivate, Download: named, Begin: begin}
	if sound.Public {
		opt.CacheControl = cachePublic
	}
	if err := serveStream(w, r, sound.Stream, opt); err != nil {
		s.log.Warn("a stream broke off", "path", r.URL.Path, "error", err)
	}
}
