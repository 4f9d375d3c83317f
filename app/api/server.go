// Package api serves Earshot over HTTP: the JSON API, audio and pictures, the
// event stream and the pages. A handler takes the checked request, calls core
// once and gives the answer's shape; what is allowed, core decides.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"

	"earshot/app/auth"
	"earshot/app/core"
	"earshot/app/fault"
	"earshot/db"
	"earshot/ui"
)

// Options are what a Server is made of.
type Options struct {
	Core    *core.Core
	UI      *ui.UI
	Log     *slog.Logger
	Signer  string         // the header in which trusted proxies name who asks, "" for none
	TLS     *TLS           // nil when the house serves no https itself
	Version string         // the program's, for the keeper alone: what runs here is nobody else's business
	Trusted []netip.Prefix // proxies whose word is believed
	Public  string         // how people reach the house, "" when not said

	Metrics *Metrics // the numbers for programs; nil for none

	Pace      func() time.Duration // the clock of how often may be asked; auth.Monotonic when nil
	Unlimited bool                 // requests are not counted; for tests and measurements, which ask faster than people
}

// Server answers HTTP requests. It is safe for concurrent use.
type Server struct {
	core    *core.Core
	ui      *ui.UI
	log     *slog.Logger
	trusted []netip.Prefix
	place
	secure bool   // people come by https, as public_url says
	signer string // see Options
	vary   string // the headers by which answers differ
	tls    *TLS   // see Options

	mux      *http.ServeMux // streams, events, pages; "/api/" leads to json
	json     *http.ServeMux // what huma serves, compressed
	huma     huma.API
	document []byte // the API's, as JSON
	requests *requests
	meters   *meters       // nil when nobody is shown them
	fine     chan struct{} // has an entry for each fine waveform that is in memory
	large    chan struct{} // has an entry for each large JSON body that is in memory
	closing  chan struct{}
	feeds    feedTimes
	playing  atomic.Int64 // streams of sound under way
	tongues  []tongue
}

// New makes a server with all its routes.
func New(o Options) (*Server, error) {
	s := &Server{
		fine: make(chan struct{}, finesAtOnce),
		core: o.Core, ui: o.UI, log: o.Log, trusted: o.Trusted,
		secure: strings.HasPrefix(o.Public, "https://"), signer: o.Signer, tls: o.TLS,
		mux: http.NewServeMux(), json: http.NewServeMux(),
		closing: make(chan struct{}),
		large:   make(chan struct{}, manyAtATime),
	}
	if s.vary = "Cookie"; s.signer != "" {
		s.vary += ", " + s.signer
	}
	s.meters = newMeters(o.Metrics)
	s.feeds.forget(time.Now())
	if !o.Unlimited {
		s.requests = newRequests(o.Pace)
	}
	var err error
	if s.place, err = placeOf(o.Public); err != nil {
		return nil, err
	}
	if err := s.free(); err != nil {
		return nil, err
	}
	s.huma = newHuma(s.json, apiVersion)
	if s.base != "" {
		s.huma.OpenAPI().Servers = []*huma.Server{{URL: s.base}}
	}
	s.addRoutes()
	if s.document, err = json.Marshal(s.huma.OpenAPI()); err != nil {
		return nil, fmt.Errorf("write the document of the API: %w", err)
	}
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(gzip.BestSpeed))
	if err != nil {
		return nil, err
	}
	s.json.HandleFunc("/api/", s.noRoute)
	s.mux.Handle("/api/", compress(s.json))
	s.json.HandleFunc("/feeds/", s.noRoute)
	s.mux.Handle("/feeds/", compress(s.json))
	s.mux.Handle("/_/", s.ui.Assets())
	s.mux.Handle("/", compress(s.plain(s.page)))
	return s, nil
}

// Close ends the event streams, which would otherwise keep a shutdown waiting.
func (s *Server) Close() { close(s.closing) }

// maxURL is the longest request target that is answered.
const maxURL = 16 << 10

// Handler gives the whole server. The ResponseWriter reaches the audio
// handlers unwrapped, so that files go out by sendfile.
func (s *Server) Handler() http.Handler {
	cross := http.NewCrossOriginProtection()
	if s.origin != "" { // behind a proxy that changes the Host
		if err := cross.AddTrustedOrigin(s.origin); err != nil {
			s.log.Warn("public_url is no origin", "public_url", s.origin, "error", err)
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.writeError(w, r, fault.New(fault.Forbidden, "cross_site", "Another site may not do this in your name."))
	}))
	guarded := cross.Handler(s.mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.meters != nil {
			m := s.meters.watch(w)
			w = m
			defer func() { s.meters.note(m, r) }()
		}
		defer s.recover(w, r)
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		secure := s.secureFor(r)
		s.promise(w, r, secure)
		// Whoever neither sends nor takes is let go. Uploads, streams and events
		// move their deadlines on; the server lifts them after each request.
		rc := http.NewResponseController(w)
		rc.SetWriteDeadline(time.Now().Add(answerWithin))
		if r.ContentLength != 0 {
			rc.SetReadDeadline(time.Now().Add(bodyWithin))
		}
		if len(r.RequestURI) > maxURL {
			h.Set("Cache-Control", "no-store")
			http.Error(w, "The address is too long.", http.StatusRequestURITooLong)
			return
		}
		if !slices.Contains(methods, r.Method) {
			badMethod(w, methods)
			return
		}
		r, open := s.below(w, r)
		if !open {
			return
		}
		ex := &exchange{w: w, method: r.Method, path: shown(r.URL.Path), client: s.client(r), host: r.Host, secure: secure}
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, ex))
		if s.stayPlain(w, r) {
			return
		}
		if strings.HasPrefix(r.URL.Path, ui.Prefix) {
			s.mux.ServeHTTP(w, r)
			return
		}
		if other := s.spoken(r.URL.Path); other != nil {
			other.ServeHTTP(w, r)
			return
		}
		h.Set("Vary", s.vary)
		if h, ok := s.holding(r); ok {
			r = r.WithContext(core.WithLinks(r.Context(), h))
		}
		if err := s.identify(r, ex); err != nil {
			s.writeError(w, r, err)
			return
		}
		if ex.asker.Key != 0 {
			r = r.WithContext(core.ByKey(r.Context(), ex.asker))
		}
		if ex.proxied {
			r = r.WithContext(ui.SignedIn(r.Context()))
		}
		guarded.ServeHTTP(w, r)
	})
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// recover answers a request whose handler panicked.
func (s *Server) recover(w http.ResponseWriter, r *http.Request) {
	switch p := recover(); p {
	case nil:
	case http.ErrAbortHandler:
		panic(p)
	default:
		s.log.Error("a handler panicked", "method", r.Method, "path", shown(s.within(r.URL.Path)), "panic", p, "stack", stack())
		if w.Header().Get("Content-Length") != "" { // an answer has begun: it must not look whole
			panic(http.ErrAbortHandler)
		}
		s.writeError(w, r, errors.New("panic"))
	}
}

// exchange is one request's own: who asks, from where, and where headers go.
type exchange struct {
	w            http.ResponseWriter
	method, path string
	asker        core.Asker
	client       core.Client
	secure       bool          // comes by https
	proxied      bool          // a trusted proxy says who asks
	in           reflect.Value // of a JSON operation: its input, the body still missing
	host         string        // as the client calls it; nobody's word but theirs
}

type exchangeKey struct{}

// from gives the exchange of a request's context.
func from(ctx context.Context) *exchange {
	if ex, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return ex
	}
	return &exchange{}
}

// client tells where a request comes from. Forwarding headers count only from
// trusted proxies.
func (s *Server) client(r *http.Request) core.Client {
	return core.Client{
		Address: auth.ClientIP(r.RemoteAddr, r.Header.Values, s.trusted),
		Device:  r.UserAgent(),
	}
}

// identify finds who asks: whom a trusted proxy names, else from the bearer
// token or the cookie. A token that is not good makes a visitor. Programs come by
// a token in the header alone, and to the API alone.
func (s *Server) identify(r *http.Request, ex *exchange) error {
	if named, err := s.named(r, ex); named || err != nil {
		return err
	}
	token, ok := s.token(r)
	if !ok {
		return nil
	}
	var asker core.Asker
	var err error
	if core.IsToken(token) {
		if r.Header.Get("Authorization") == "" || !strings.HasPrefix(r.URL.Path, "/api/") {
			return nil
		}
		asker, err = s.core.AuthenticateKey(r.Context(), db.KeyAPI, token, auth.Device(r.UserAgent()))
	} else {
		asker, err = s.core.Authenticate(r.Context(), token)
	}
	if fault.Of(err).Kind == fault.Unauthenticated {
		return nil
	}
	ex.asker = asker
	return err
}

// token takes the token of a request. When a header and a cookie are sent, the
// header counts: it was set on purpose. Of cookies sent twice none counts.
func (s *Server) token(r *http.Request) (string, bool) {
	if h := r.Header.Get("Authorization"); h != "" {
		scheme, token, _ := strings.Cut(h, " ")
		return token, strings.EqualFold(scheme, "Bearer") && token != ""
	}
	return s.cookie(r, sessionCookie)
}

// cookie takes a cookie of a request; of one sent twice none counts.
func (s *Server) cookie(r *http.Request, name string) (value string, ok bool) {
	cookies := r.CookiesNamed(s.cookieName(name, s.secureFor(r)))
	if len(cookies) != 1 || cookies[0].Value == "" {
		return "", false
	}
	return cookies[0].Value, true
}

// The cookies of the house.
const (
	sessionCookie = "earshot_session"
	linksCookie   = "earshot_links"  // what secret links were opened
	openIDCookie  = "earshot_openid" // ties who comes back from an issuer to this browser
)

// cookieName is a cookie's name as browsers are told it. With the __Host-
// prefix they take it over https only, and for this host alone; below a base
// that prefix is not to be had, and __Secure- keeps at least to https (RFC
// 6265bis §4.1.3). The base is in the name, so that houses on one host never
// take one another's.
func (s *Server) cookieName(name string, secure bool) string {
	prefix := ""
	switch {
	case secure && s.base == "":
		prefix = "__Host-"
	case secure:
		prefix = "__Secure-"
	}
	return prefix + name + strings.ReplaceAll(s.base, "/", "-")
}

// setSession gives the browser its session; an empty token takes it away.
func (s *Server) setSession(ctx context.Context, token string) {
	ex := from(ctx)
	if s.tls != nil && ex.secure { // one of the time before https, which plain requests give away
		http.SetCookie(ex.w, &http.Cookie{
			Name: s.cookieName(sessionCookie, false), Path: s.at("/"), MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
	s.setCookie(ctx, sessionCookie, token, core.SessionMax)
}

// setCookie gives the browser a cookie; an empty value takes it away. How long
// it stays is told as a length: the server's clock may be years off, and a
// browser would drop at once what ended long ago. Lax, since people come here by
// links.
func (s *Server) setCookie(ctx context.Context, name, value string, stays time.Duration) {
	ex := from(ctx)
	c := &http.Cookie{
		Name: s.cookieName(name, ex.secure), Value: value, Path: s.at("/"), MaxAge: int(stays / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: ex.secure,
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(ex.w, c)
}

// noRoute answers what is not in the API: 405 when the path is known to
// another method, else 404.
func (s *Server) noRoute(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, m := range methods {
		probe := &http.Request{Method: m, URL: r.URL, Host: r.Host}
		for _, mux := range []*http.ServeMux{s.json, s.mux} {
			if _, pattern := mux.Handler(probe); pattern != "/api/" && pattern != "/feeds/" && pattern != "/" && pattern != "" {
				allow = append(allow, m)
				break
			}
		}
	}
	if len(allow) > 0 {
		badMethod(w, allow)
		return
	}
	s.writeError(w, r, core.ErrNotFound)
}

// badMethod answers a method that an address does not know.
func badMethod(w http.ResponseWriter, allow []string) {
	w.Header().Set("Allow", strings.Join(allow, ", "))
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusMethodNotAllowed)
	fmt.Fprintf(w, `{"error":{"code":"bad_method","message":"This can't be done with this address. It knows %s."}}`+"\n", strings.Join(allow, ", "))
}
