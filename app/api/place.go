package api

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"slices"
	"strings"

	"earshot/app/auth"
	"earshot/app/core"
)

// place is where people reach the house: at the root of a host, or below a
// path of one that a proxy shares out.
type place struct {
	origin string // "https://home.example", "" when not said
	base   string // "/earshot", "" at the root
}

// placeOf reads public_url.
func placeOf(public string) (place, error) {
	if public == "" {
		return place{}, nil
	}
	u, err := url.Parse(public)
	if err != nil {
		return place{}, fmt.Errorf("public_url: %w", err)
	}
	return place{origin: u.Scheme + "://" + u.Host, base: strings.TrimSuffix(u.Path, "/")}, nil
}

// free tells whether the first part of the base is no page or route of ours,
// so that an address with the base is never taken for one without.
func (s *Server) free() error {
	if s.base == "" {
		return nil
	}
	first, _, _ := strings.Cut(s.base[1:], "/")
	if slices.Contains([]string{"_", "api", "healthz", "readyz", "metrics", "embed", "feeds", "rest"}, first) || s.ui.Uses(first) {
		return fmt.Errorf("public_url: Earshot has pages of its own at /%s; choose another path", first)
	}
	return nil
}

// at puts the base before an own address. It is the one place for that: what
// answers hold gets it by based.
func (s *Server) at(address string) string {
	if strings.HasPrefix(address, "/") {
		return s.base + address
	}
	return address
}

// within takes the base off an own address, as answers have it.
func (s *Server) within(address string) string {
	if rest, ok := strings.CutPrefix(address, s.base); ok && strings.HasPrefix(rest, "/") {
		return rest
	}
	return address
}

// based puts the base before every own address in an answer: the texts whose
// format is uri-reference. What it points to is changed.
func (s *Server) based(v any) any {
	if s.base == "" || v == nil {
		return v
	}
	answer := reflect.ValueOf(v)
	if answer.Kind() != reflect.Pointer {
		answer = reflect.New(answer.Type())
		answer.Elem().Set(reflect.ValueOf(v))
	}
	s.baseAll(answer, map[any]bool{})
	return answer.Interface()
}

func (s *Server) baseAll(v reflect.Value, seen map[any]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		// A picture, say, may be in an answer twice.
		if !v.IsNil() && !seen[v.Interface()] {
			seen[v.Interface()] = true
			s.baseAll(v.Elem(), seen)
		}
	case reflect.Interface:
		s.baseAll(v.Elem(), seen)
	case reflect.Slice:
		switch v.Type().Elem().Kind() {
		case reflect.Struct, reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
			for i := range v.Len() {
				s.baseAll(v.Index(i), seen)
			}
		}
	case reflect.Map:
		for _, item := range v.Seq2() {
			s.baseAll(item, seen) // maps of pointers alone can be changed
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f, of := v.Field(i), v.Type().Field(i)
			switch {
			case !of.IsExported() && !of.Anonymous:
			case f.Kind() == reflect.String:
				if of.Tag.Get("format") == "uri-reference" && f.CanSet() {
					f.SetString(s.at(f.String()))
				}
			default:
				s.baseAll(f, seen)
			}
		}
	}
}

// below takes the base off a request's address. A proxy may do so before, so
// an address without it is as good. An address that is written anew by our
// mux leads back below the base. False means that the answer is given.
func (s *Server) below(w http.ResponseWriter, r *http.Request) (*http.Request, bool) {
	if s.base == "" {
		return r, true
	}
	if rest, ok := strings.CutPrefix(r.URL.Path, s.base); ok && (rest == "" || rest[0] == '/') {
		u := *r.URL
		u.Path = rest
		if u.RawPath, ok = strings.CutPrefix(u.RawPath, s.base); !ok || u.RawPath != "" && u.RawPath[0] != '/' {
			u.RawPath = "" // the base was written another way, such as /earshot%2Fapi
		}
		with := *r
		with.URL = &u
		r = &with
	}
	to := r.URL.Path
	switch clean := path.Clean("/" + to); {
	case to == "", to == "/api", to == "/_":
		to += "/"
	case clean != to && clean+"/" != to:
		to = clean
	default:
		return r, true
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.writeError(w, r, core.ErrNotFound)
		return r, false
	}
	http.Redirect(w, r, (&url.URL{Path: s.at(to), RawQuery: r.URL.RawQuery}).String(), http.StatusMovedPermanently)
	return r, false
}

// believed tells whether a request comes from a proxy that is trusted. Nobody
// else's word about whom or what it speaks for counts.
func (s *Server) believed(r *http.Request) bool { return auth.Trusted(r.RemoteAddr, s.trusted) }

// secureFor tells whether somebody comes by https: to this very server, or to
// a proxy that says so, or, where the house serves no https itself, as
// public_url says. The cookie's name and whether
// browsers are asked to stay with https follow from it. Of X-Forwarded-Proto
// the last word counts, which is the trusted proxy's own.
func (s *Server) secureFor(r *http.Request) bool {
	if r.TLS != nil || s.secure && s.tls == nil {
		return true
	}
	lines := r.Header.Values("X-Forwarded-Proto")
	if len(lines) == 0 || !s.believed(r) {
		return false
	}
	last := lines[len(lines)-1]
	return strings.EqualFold(strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:]), "https")
}

// stayHTTPS asks browsers to come by https for a year (RFC 6797). Other hosts
// below this one are not ours to speak for.
const stayHTTPS = "max-age=31536000"
