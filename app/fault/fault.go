// Package fault names the kinds of failure a client may be told about.
//
// Core wraps what goes wrong into a *Fault; the API writes it out. Nothing
// else decides a status.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind is what sort of failure it is. New kinds go at the end only: their
// numbers may be stored.
type Kind uint8

// The kinds, each with the HTTP status it answers with.
const (
	Internal        Kind = iota // 500: a bug or a broken disk
	Invalid                     // 400: the request makes no sense
	Unauthenticated             // 401: nobody is signed in
	Forbidden                   // 403: signed in, but not allowed
	NotFound                    // 404: not there, or not to be known of
	Conflict                    // 409: taken, or changed meanwhile
	TooLarge                    // 413: over a limit of size
	Unsupported                 // 415: a format that is not played here
	Limited                     // 429: too often; see Fault.RetryAfter
	Unavailable                 // 503: try again later
	Full                        // 507: no space left on the disk
	Precondition                // 412: the request is made for another version of a protocol
)

// Fault is a failure that a client may be told about.
type Fault struct {
	Kind       Kind
	Code       string        // stable key that programs and translations use, such as "comment.empty"
	Field      string        // the input that is wrong, if one is
	Message    string        // one English sentence for people
	About      string        // what the sentence names that translations can't know, such as "AIFF"
	RetryAfter time.Duration // when Limited or Unavailable: how long to wait
	Ticket     string        // what to come again with, once the thing is done that the sentence asks for
	Err        error         // the cause, for the log only
}

func (f *Fault) Error() string {
	if f.Err != nil {
		return fmt.Sprintf("%s: %v", f.Code, f.Err)
	}
	return f.Code + ": " + f.Message
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

// New makes a fault of a kind with its code and sentence.
func New(kind Kind, code, message string) *Fault {
	return &Fault{Kind: kind, Code: code, Message: message}
}

// In says which input is wrong.
func (f *Fault) In(field string) *Fault {
	g := *f
	g.Field = field
	return &g
}

// Because adds the cause, which the log sees and the client does not.
func (f *Fault) Because(err error) *Fault {
	g := *f
	g.Err = err
	return &g
}

// Naming says what the sentence names, for translations of it.
func (f *Fault) Naming(what string) *Fault {
	g := *f
	g.About = what
	return &g
}

// After says how long a client should wait before it tries again.
func (f *Fault) After(d time.Duration) *Fault {
	g := *f
	g.RetryAfter = d
	return &g
}

// With gives what a client is to come again with.
func (f *Fault) With(ticket string) *Fault {
	g := *f
	g.Ticket = ticket
	return &g
}

// Is makes errors.Is compare by code.
func (f *Fault) Is(target error) bool {
	var g *Fault
	return errors.As(target, &g) && g.Code == f.Code
}

// Of finds the fault in an error chain; an error without one is Internal and
// shows nothing of its cause.
func Of(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return &Fault{
		Kind:    Internal,
		Code:    "internal",
		Message: "Something went wrong on the server. It has been noted in the server's log.",
		Err:     err,
	}
}
