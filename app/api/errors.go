package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"earshot/app/api/wire"
	"earshot/app/auth"
	"earshot/app/fault"
)

// statuses gives each kind of failure its HTTP status.
var statuses = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Unsupported:     http.StatusUnsupportedMediaType,
	fault.Limited:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Full:            http.StatusInsufficientStorage,
	fault.Precondition:    http.StatusPreconditionFailed,
}

// answer is an error as the client sees it: wire.Error, with its status.
// Huma takes it for its own.
type answer struct {
	Detail  wire.ErrorDetail `json:"error"`
	status  int
	headers http.Header
}

func (a *answer) Error() string           { return a.Detail.Code + ": " + a.Detail.Message }
func (a *answer) GetStatus() int          { return a.status }
func (a *answer) GetHeaders() http.Header { return a.headers }

// fail turns an error into what the client sees, and logs what it may not see.
// A client that went away is not an error.
func (s *Server) fail(ctx context.Context, err error) *answer {
	f := fault.Of(err)
	a := &answer{
		Detail:  wire.ErrorDetail{Code: f.Code, Field: f.Field, Message: f.Message, About: f.About, Ticket: f.Ticket},
		status:  statuses[f.Kind],
		headers: http.Header{},
	}
	if f.RetryAfter > 0 {
		a.headers.Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	ex := from(ctx)
	if f.Kind == fault.Limited {
		s.meters.limit(f.Code)
	}
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
	case f.Kind == fault.Internal:
		a.Detail.Request = strings.ToLower(auth.NewCode())[:12]
		s.log.Error("a request went wrong", "request", a.Detail.Request, "method", ex.method, "path", ex.path, "user", ex.asker.User, "error", f.Err)
	case a.status >= 500:
		a.Detail.Request = strings.ToLower(auth.NewCode())[:12]
		s.log.Warn("a request could not be done now", "request", a.Detail.Request, "method", ex.method, "path", ex.path, "user", ex.asker.User, "code", f.Code, "error", f.Err)
	case f.Kind == fault.Forbidden:
		s.log.Info("access was refused", "security", "access.refused", "method", ex.method, "path", ex.path, "user", ex.asker.User, "from", ex.client.Address, "code", f.Code)
	default:
		s.log.Debug("a request was refused", "method", ex.method, "path", ex.path, "user", ex.asker.User, "code", f.Code, "cause", f.Err)
	}
	return a
}

// writeError answers a plain handler's request with an error. An upload may
// have taken longer than an answer may.
func (s *Server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerWithin))
	a := s.fail(r.Context(), err)
	h := w.Header()
	for name := range a.headers {
		h.Set(name, a.headers.Get(name))
	}
	for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Disposition", "Etag", "Last-Modified", "Accept-Ranges"} {
		h.Del(name)
	}
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(a.status)
	json.NewEncoder(w).Encode(a)
}

// init gives huma the shape of our errors; it has one for the whole program.
func init() {
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		a := &answer{status: status, headers: http.Header{}}
		a.Detail.Code, a.Detail.Message = "bad_request", "This request can't be understood."
		switch status {
		case http.StatusUnprocessableEntity:
			a.status = http.StatusBadRequest
		case http.StatusRequestEntityTooLarge:
			a.Detail.Code, a.Detail.Message = "too_large", "This request is too large."
		case http.StatusUnsupportedMediaType:
			a.Detail.Code, a.Detail.Message = "unsupported_type", "Send the body as application/json."
		case http.StatusRequestTimeout:
			a.Detail.Code, a.Detail.Message = "timeout", "The request took too long to arrive."
		case http.StatusInternalServerError:
			internal := fault.Of(errors.New(msg))
			a.Detail.Code, a.Detail.Message = internal.Code, internal.Message
		}
		for _, err := range errs {
			var d huma.ErrorDetailer
			if status == http.StatusUnsupportedMediaType {
				break // the sentence above says what is wanted
			}
			if errors.As(err, &d) {
				detail := d.ErrorDetail()
				where := strings.TrimPrefix(detail.Location, "body.")
				a.Detail.Field = where[strings.LastIndexByte(where, '.')+1:]
				a.Detail.Message = "This request can't be understood: " + detail.Message + "."
				break
			}
		}
		return a
	}
}
