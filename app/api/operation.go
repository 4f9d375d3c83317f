package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"earshot/app/core"
	"earshot/db"
)

// guard says who may call a route at all. It is looked at before the request's
// body; what a caller may do with one thing or another, core decides.
type guard uint8

const (
	unguarded guard = iota // not declared: such a route does not start
	anyone                 // also where the house is closed to visitors
	visitor                // visitors too, where the keeper lets them in
	holder                 // these, and whoever holds a secret link
	speaker                // people who are signed in, and whoever holds a secret link
	member                 // people who are signed in
	keeper                 // the keeper
)

var guardNames = map[guard]string{anyone: "anyone", visitor: "visitor", holder: "holder", speaker: "speaker", member: "member", keeper: "keeper"}

// The bounds of a JSON request.
const (
	maxJSON      = 64 << 10
	maxPeaks     = 6_100_000 // of the waveform of 60 hours
	maxLists     = 7_100_000 // of a list of 5 MiB, in Base64
	bodyWithin   = 30 * time.Second
	answerWithin = 60 * time.Second
)

// apiVersion is the API's own. Its document is open to anybody, and does not tell
// which version of the program runs.
const apiVersion = "1"

// newHuma makes the JSON API on a mux, without huma's own pages.
func newHuma(mux *http.ServeMux, version string) huma.API {
	cfg := huma.DefaultConfig("Earshot", version)
	cfg.Info.Description = "A sound platform of your own. Make a token in the settings, under Apps and programs, and send it as `Authorization: Bearer`. " +
		"A session's token, which signing in gives, is sent likewise; browsers use the cookie that comes with it. " +
		"Errors come as `{\"error\":{\"code\",\"field\",\"message\"}}`. Lists come by page: follow `next`."
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil
	cfg.Transformers = nil
	plain := huma.Format{
		Marshal:   func(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) },
		Unmarshal: json.Unmarshal,
	}
	cfg.Formats = map[string]huma.Format{"application/json": plain, "json": plain}
	cfg.DefaultFormat = "application/json"
	cfg.RejectUnknownQueryParameters = true
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":  {Type: "http", Scheme: "bearer", Description: "A token of a program, made in the settings; it begins with `earshot_`. One of the scopes that an operation names is enough."},
		"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The token of a session, as signing in gives it."},
		"cookie": {Type: "apiKey", In: "cookie", Name: "earshot_session"},
		"links":  {Type: "apiKey", In: "header", Name: linksHeader, Description: "What opening secret links gave: it opens their tracks and playlists."},
	}
	return humago.New(mux, cfg)
}

// admit checks a route's guard, and of programs whether their token is for it.
func (s *Server) admit(ctx context.Context, g guard, needs db.Scopes) error {
	ex := from(ctx)
	if err := ex.asker.Permits(needs); err != nil {
		return err
	}
	switch {
	case g == anyone:
		return nil
	case (g == visitor || g == holder || g == speaker) && ex.asker.User != 0:
		return nil
	case g == visitor:
		return s.core.MayEnter(ctx, ex.asker.User)
	case g == holder:
		return s.core.MayLook(ctx, 0)
	case g == speaker:
		return s.core.HoldsLink(ctx)
	case g == member && ex.asker.User != 0:
		return nil
	case g == keeper && ex.asker.User != 0:
		return s.core.MayKeep(ctx, ex.asker.User)
	}
	return core.ErrSignIn
}

// describe makes the document's entry of a route and keeps it in the list.
func (s *Server) describe(pattern string, g guard, summary string) huma.Operation {
	method, path, _ := strings.Cut(pattern, " ")
	if guardNames[g] == "" {
		panic(fmt.Sprintf("route %s has no guard", pattern))
	}
	op := huma.Operation{
		Method: method, Path: path, Summary: summary,
		OperationID:  operationID(method, path),
		Tags:         []string{strings.Split(strings.TrimPrefix(path, "/api"), "/")[1]},
		MaxBodyBytes: maxJSON, BodyReadTimeout: bodyWithin,
		Metadata: map[string]any{"guard": guardNames[g]},
	}
	op.Security = securityOf(g, scopesOf(method, path, g))
	return op
}

// operationID makes a name such as "get-tracks-id" from a route.
func operationID(method, path string) string {
	path = strings.TrimPrefix(path, "/api/")
	words := strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("/{}._", r) })
	return strings.ToLower(method) + "-" + strings.Join(words, "-")
}

// body is the input of an operation that takes nothing but JSON.
type body[T any] struct{ Body T }

// none is the answer of an operation that has nothing to say (204).
type none struct{}

// makesNothing are the last words of POST routes that answer 200: they make
// nothing that has an address.
var makesNothing = []string{"sign-in", "toggle", "answer", "plays", "seen", "open", "factor", "passkey", "begin", "confirm", "codes", "google", "check", "prove", "known"}

// op registers a JSON operation: "POST /api/things", who may call it, what it
// does, and its handler.
func op[I, O any](s *Server, pattern string, g guard, summary string, handler func(context.Context, *I) (*O, error)) {
	opUpTo(s, maxJSON, pattern, g, summary, handler)
}

// opUpTo is op with a bound of its own for the body.
func opUpTo[I, O any](s *Server, most int64, pattern string, g guard, summary string, handler func(context.Context, *I) (*O, error)) {
	o := s.describe(pattern, g, summary)
	o.MaxBodyBytes = most
	_, empty := any(new(O)).(*none)
	if o.Method == http.MethodPost && !empty && !slices.Contains(makesNothing, path.Base(o.Path)) && !strings.HasPrefix(o.Path, "/api/auth/openid/") {
		o.DefaultStatus = http.StatusCreated
	}
	answers := reflect.TypeFor[*O]()
	if empty {
		answers = nil
	}
	s.operation(o, g, reflect.TypeFor[I](), answers, func(ctx context.Context, in reflect.Value) (any, error) {
		return handler(ctx, in.Interface().(*I))
	})
}

// handle registers a plain handler: streams, pictures, uploads, events. Its
// entry in the document is given beside it. Nothing wraps its ResponseWriter.
func (s *Server) handle(pattern string, g guard, summary string, doc func(*huma.Operation), handler handler) {
	s.mux.Handle(pattern, s.guarded(pattern, g, summary, doc, handler))
}

// handleSmall is handle for answers that are worth compressing.
func (s *Server) handleSmall(pattern string, g guard, summary string, doc func(*huma.Operation), handler handler) {
	s.json.Handle(pattern, s.guarded(pattern, g, summary, doc, func(w http.ResponseWriter, r *http.Request) error {
		if err := s.requests.allow(r.Context()); err != nil {
			return err
		}
		return handler(w, r)
	}))
}

// handler is a plain handler that leaves errors to whoever calls it.
type handler func(http.ResponseWriter, *http.Request) error

func (s *Server) guarded(pattern string, g guard, summary string, doc func(*huma.Operation), do handler) http.Handler {
	o := s.describe(pattern, g, summary)
	o.Parameters = pathParameters(o.Path)
	o.Responses = map[string]*huma.Response{"default": {Description: "Error", Content: s.jsonOf(answer{})}}
	doc(&o)
	s.huma.OpenAPI().AddOperation(&o)
	picture, needs := o.Method == http.MethodPut, scopesOf(o.Method, o.Path, g)
	return s.plain(func(w http.ResponseWriter, r *http.Request) error {
		if picture {
			if err := s.requests.allowPicture(r.Context()); err != nil {
				return err
			}
		}
		if err := s.admit(r.Context(), g, needs); err != nil {
			return err
		}
		return do(w, r)
	})
}

// plain makes an http.Handler of a handler that returns an error.
func (s *Server) plain(do handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := do(w, r); err != nil {
			s.drain(w, r)
			s.writeError(w, r, err)
		}
	})
}

// pathID reads an id of a path. What is no id names nothing.
func pathID(text string) (db.ID, error) {
	id, err := db.ParseID(text)
	if err != nil {
		return 0, core.ErrNotFound.Because(err)
	}
	return id, nil
}

// optionalID is pathID for an id that may be absent.
func optionalID(text string) (db.ID, error) {
	if text == "" {
		return 0, nil
	}
	return pathID(text)
}

// Paged is the part of a list's query that says which page is meant.
type Paged struct {
	Cursor string `query:"cursor" maxLength:"200" doc:"next of the page before; absent for the first."`
	Limit  int    `query:"limit" doc:"Items a page; 20 when absent, never more than 100."`
}

func (p Paged) core() core.Paging { return core.Paging{Cursor: p.Cursor, Limit: p.Limit} }

// ByID is the input of an operation on one thing.
type ByID struct {
	ID string `path:"id" maxLength:"64"`
}

func stack() string { return string(debug.Stack()) }
