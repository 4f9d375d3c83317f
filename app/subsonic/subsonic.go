// Package subsonic lets programs in that speak OpenSubsonic: the protocol of
// Subsonic 1.16.1 with what opensubsonic.netlify.app adds. It knows what is said
// on the wire, and nothing of rules: core has them.
//
// Programs sign in with each request, by an app password or a key. Cookies are
// never looked at, so pages of other sites may ask as well.
package subsonic

import (
	"context"
	"crypto/md5"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"

	"earshot/app/core"
	"earshot/app/fault"
	"earshot/db"
)

// Prefix is below which the protocol is spoken.
const Prefix = "/rest/"

// House is what the protocol needs of the server that it is spoken by.
type House interface {
	Client(*http.Request) core.Client
	Allow(ctx context.Context, user db.ID) error
	AddressOf(ctx context.Context, path string) string
	ServeSound(w http.ResponseWriter, r *http.Request, sound core.Sound, named string, begin func())
}

// Options are what a Server is made of; all are required.
type Options struct {
	Core  *core.Core
	House House
	Log   *slog.Logger
}

// Server answers everything below Prefix. It is safe for concurrent use.
type Server struct {
	core  *core.Core
	house House
	log   *slog.Logger
	verbs map[string]verb
	text  http.Handler  // answers that are worth compressing
	heavy chan struct{} // has an entry for each large answer that is in memory

	waiting sync.Map // those who have one, or wait for it
}

// verb is one call of the protocol. Exactly one of its ways to answer is set.
type verb struct {
	text  func(*call) (body, error)
	bytes func(*call) error // answers by itself, unless it gives an error
	open  bool              // without signing in
	keeps bool              // a keeper may do it by a program, which else keeps nothing
	seeks bool              // a player asks for many ranges of one answer, which are not counted
}

// call is one request.
type call struct {
	context.Context
	w      http.ResponseWriter
	r      *http.Request
	params params
	asker  core.Asker
	after  func() // what is done when the answer is out; may be nil
}

// me is who asks; nobody in open verbs alone.
func (q *call) me() db.ID { return q.asker.User }

// Bounds of a request and its answer.
const (
	maxBody       = 1 << 20                // bytes of a form
	refusedWithin = 100 * time.Millisecond // how long a refused sign-in takes at least
	heavyAtOnce   = 2
)

// New makes a Server.
func New(o Options) *Server {
	s := &Server{core: o.Core, house: o.House, log: o.Log, heavy: make(chan struct{}, heavyAtOnce)}
	s.verbs = map[string]verb{
		"ping":                      {text: s.ping},
		"getLicense":                {text: s.getLicense},
		"getOpenSubsonicExtensions": {text: s.getExtensions, open: true},
		"tokenInfo":                 {text: s.tokenInfo},
	}
	for _, list := range []map[string]verb{s.browsing(), s.listing(), s.searching(), s.playing(), s.absent(), s.marking(), s.queueing(), s.arranging(), s.sharing()} {
		for name, v := range list {
			s.verbs[name] = v
		}
	}
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(gzip.BestSpeed))
	if err != nil {
		panic(err) // the options are constant
	}
	s.text = compress(http.HandlerFunc(s.serve))
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "Accept-Ranges, Content-Range, Retry-After")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "no-store")
	name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, Prefix), ".view")
	v, known := s.verbs[name]
	if r.Pattern = Prefix; known { // by which it is counted: never by what somebody made up
		r.Pattern += name
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	case http.MethodOptions:
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
		h.Set("Access-Control-Allow-Headers", "Content-Type, Range, If-Range, If-None-Match, X-Requested-With")
		h.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		h.Set("Allow", "GET, HEAD, POST, OPTIONS")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if v.bytes != nil {
		s.serve(w, r) // straight, so that files go out by sendfile
		return
	}
	s.text.ServeHTTP(w, r)
}

// serve answers a request for a verb.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	q := &call{Context: r.Context(), w: w, r: r}
	defer func() {
		if q.after != nil {
			q.after()
		}
	}()
	b, err := s.answer(q)
	if err != nil {
		s.refuse(q, err)
		return
	}
	if b != nil {
		s.write(q, http.StatusOK, *b)
	}
}

// answer does what a request asks for. It gives nothing when the answer is out
// already.
func (s *Server) answer(q *call) (*body, error) {
	var err error
	if q.params, err = read(q.w, q.r); err != nil {
		return nil, err
	}
	v, known := s.verbs[strings.TrimPrefix(q.r.Pattern, Prefix)]
	if !known {
		return nil, errNoVerb
	}
	if err := q.params.check(); err != nil {
		return nil, err
	}
	if !v.open {
		if q.asker, err = s.signIn(q); err != nil {
			return nil, err
		}
		if !v.keeps {
			q.Context = core.ByKey(q.Context, q.asker)
		}
	}
	if !v.seeks {
		if err := s.house.Allow(q, q.me()); err != nil {
			return nil, err
		}
	}
	if v.bytes != nil {
		return nil, v.bytes(q)
	}
	b, err := v.text(q)
	return &b, err
}

// signIn finds who asks. Whatever is wrong with a name and a password, or with a
// token of these, is answered alike, and takes as long: nothing tells whether
// there is such an account. The code is 40 and never 41, upon which programs
// would send what was typed in the clear.
func (s *Server) signIn(q *call) (core.Asker, error) {
	p := q.params
	name, named := p.first("u")
	key, keyed := p.first("apiKey")
	password, plain := p.first("p")
	token, tokened := p.first("t")
	salt, salted := p.first("s")
	began := time.Now()
	var who core.Asker
	var err error
	bad := errWrong
	switch {
	case keyed && (named || plain || tokened || salted), plain && tokened:
		return who, errConflict
	case keyed:
		bad = errKey
		who, err = s.core.AuthenticateKey(q, db.KeyApp, key, p.get("c"))
	case !named:
		return who, missing("u")
	case !plain && !tokened:
		return who, missing("t")
	case tokened && !salted:
		return who, missing("s")
	default:
		who, err = s.core.AuthenticateApp(q, name, p.get("c"), matcher(password, token, salt))
	}
	if fault.Of(err).Kind != fault.Unauthenticated {
		return who, err
	}
	s.core.NoteRefusedKey(s.house.Client(q.r))
	wait := time.NewTimer(refusedWithin - time.Since(began))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-q.Done():
	}
	if err := s.house.Allow(q, 0); err != nil {
		return core.Asker{}, err
	}
	f := *bad
	f.help = s.house.AddressOf(q, helpPage)
	return core.Asker{}, &f
}

// helpPage is where people make app passwords.
const helpPage = "/settings/programs"

// matcher tells an app password that is the one that was sent, or of which the
// token was made: MD5 is the protocol's, and safe with secrets as long as ours.
func matcher(password, token, salt string) func(secret string) bool {
	if hexed, ok := strings.CutPrefix(password, "enc:"); ok {
		if b, err := hex.DecodeString(hexed); err == nil {
			password = string(b)
		}
	}
	token = strings.ToLower(token)
	return func(secret string) bool {
		if secret == "" {
			return false
		}
		sum := md5.Sum([]byte(secret + salt))
		byToken := subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), []byte(token))
		byPassword := subtle.ConstantTimeCompare([]byte(secret), []byte(password))
		return byToken&min(len(salt), 1)|byPassword == 1
	}
}

// refusal is an error as the protocol has it.
type refusal struct {
	code   int
	text   string
	help   string
	status int // of HTTP; 0 for 200, which is usual here
}

func (f *refusal) Error() string { return strconv.Itoa(f.code) + ": " + f.text }

// The protocol's codes.
const (
	codeOther    = 0
	codeMissing  = 10
	codeOld      = 20
	codeNew      = 30
	codeWrong    = 40
	codeConflict = 43
	codeKey      = 44
	codeForbid   = 50
	codeAbsent   = 70
)

var (
	errWrong = &refusal{code: codeWrong, text: "Wrong username or app password. The password of the account does not work here: " +
		"make an app password in Earshot, in the settings."}
	errConflict = &refusal{code: codeConflict, text: "Sign in by a key alone, or by a username with either a password or a token."}
	errKey      = &refusal{code: codeKey, text: "This key is not good. Make an app password in Earshot, in the settings."}
	errNoVerb   = &refusal{code: codeAbsent, text: "There is no such call here.", status: http.StatusNotFound}
	errAbsent   = &refusal{code: codeAbsent, text: core.ErrNotFound.Message}
)

// missing says that a parameter is needed.
func missing(name string) error {
	return &refusal{code: codeMissing, text: "Required parameter is missing: " + name + "."}
}

// invalid says that a parameter makes no sense.
func invalid(name string) error {
	return &refusal{code: codeOther, text: "This is no good value: " + name + "."}
}

// refuse answers with an error, and logs what whoever asks may not see. What is
// not the asker's doing has a status of its own, as programs between expect it.
func (s *Server) refuse(q *call, err error) {
	var f *refusal
	if !errors.As(err, &f) {
		f = s.refusalOf(q, err)
	}
	h := q.w.Header()
	for _, name := range []string{"Content-Length", "Content-Disposition", "Etag", "Accept-Ranges"} {
		h.Del(name)
	}
	h.Set("Cache-Control", "no-store")
	status := f.status
	if status == 0 {
		status = http.StatusOK
	}
	s.write(q, status, body{failed: &failure{Code: f.code, Message: f.text, HelpURL: f.help}})
}

// refusalOf gives a fault of core's the protocol's code.
func (s *Server) refusalOf(q *call, err error) *refusal {
	of := fault.Of(err)
	f := &refusal{text: of.Message}
	if of.RetryAfter > 0 {
		q.w.Header().Set("Retry-After", strconv.Itoa(int((of.RetryAfter+time.Second-1)/time.Second)))
	}
	switch of.Kind {
	case fault.Unauthenticated:
		f.code = codeWrong
	case fault.Forbidden:
		f.code = codeForbid
		s.log.Info("access was refused", "security", "access.refused", "path", q.r.URL.Path, "user", q.me(), "from", s.house.Client(q.r).Address, "code", of.Code)
	case fault.NotFound:
		f.code = codeAbsent
	case fault.Limited:
		f.status = http.StatusTooManyRequests
	case fault.Unavailable:
		f.status = http.StatusServiceUnavailable
	case fault.Full:
		f.status = http.StatusInsufficientStorage
	case fault.Internal:
		f.status = http.StatusInternalServerError
	}
	switch {
	case q.Err() != nil && errors.Is(err, context.Canceled):
	case f.status >= 500:
		s.log.Error("a request went wrong", "path", q.r.URL.Path, "user", q.me(), "code", of.Code, "error", of.Err)
	default:
		s.log.Debug("a request was refused", "path", q.r.URL.Path, "user", q.me(), "code", of.Code, "cause", of.Err)
	}
	return f
}

// takeTurn waits until there is room for a large answer, which there is for
// others when this one is out.
func (s *Server) takeTurn(q *call) error {
	if _, waits := s.waiting.LoadOrStore(q.me(), true); waits {
		return errBusy // one large answer for each at a time
	}
	wait := time.NewTimer(turnWithin)
	defer wait.Stop()
	select {
	case s.heavy <- struct{}{}:
		q.after = func() {
			<-s.heavy
			s.waiting.Delete(q.me())
		}
		// Whoever takes nothing of it must not keep others waiting long.
		_ = http.NewResponseController(q.w).SetWriteDeadline(time.Now().Add(largeWithin))
		return nil
	case <-wait.C:
		s.waiting.Delete(q.me())
		return errBusy
	case <-q.Done():
		s.waiting.Delete(q.me())
		return q.Err()
	}
}

// How long whoever wants a large answer waits for a turn, and has to take it.
const (
	turnWithin  = 20 * time.Second
	largeWithin = 30 * time.Second
)

var errBusy = fault.New(fault.Unavailable, "busy", "Too much is going on at this moment. Try again in a few seconds.").After(5 * time.Second)

func (s *Server) ping(*call) (body, error) { return body{}, nil }

func (s *Server) getLicense(*call) (body, error) {
	return body{name: "license", value: license{Valid: true}}, nil
}

// getExtensions tells what is spoken of OpenSubsonic's additions.
func (s *Server) getExtensions(*call) (body, error) {
	var list list[extension]
	for _, name := range extensions {
		list = append(list, extension{Name: name, Versions: []int{1}})
	}
	return body{name: "openSubsonicExtensions", value: list}, nil
}

// extensions are what is spoken of OpenSubsonic's additions, in version 1.
var extensions = []string{"apiKeyAuthentication", "formPost", "indexBasedQueue", "playbackReport", "songLyrics", "topSongsByArtistId", "transcodeOffset"}

// tokenInfo tells whose key it is that was sent.
func (s *Server) tokenInfo(q *call) (body, error) {
	if _, keyed := q.params.first("apiKey"); !keyed {
		return body{}, missing("apiKey")
	}
	v, err := s.core.Me(q, q.me())
	return body{name: "tokenInfo", value: tokenInfo{Username: v.User.Username}}, err
}
