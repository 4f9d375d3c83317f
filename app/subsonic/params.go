package subsonic

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"earshot/db"
)

// params are the parameters of a request, of its address and its form.
type params struct {
	url.Values
	format string // "xml", "json" or "jsonp"
}

const maxCallback = 100

// nameOfFunction is what the callback of JSONP may be: names with dots between.
var nameOfFunction = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*(\.[A-Za-z_$][A-Za-z0-9_$]*)*$`)

// read takes the parameters of a request, and in which format the answer goes,
// also where it is an error.
func read(w http.ResponseWriter, r *http.Request) (params, error) {
	p := params{Values: url.Values{}, format: "xml"}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err == nil {
		p.Values = query
		p.chooseFormat()
	}
	if err == nil && r.Method == http.MethodPost {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if err = r.ParseForm(); err == nil {
			p.Values = r.Form // the form's first
			p.chooseFormat()
		}
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return p, &refusal{code: codeOther, text: "This request is too large.", status: http.StatusRequestEntityTooLarge}
	case err != nil:
		return p, &refusal{code: codeOther, text: "This request can't be understood."}
	}
	return p, nil
}

// chooseFormat finds the format of the answer. Without a callback that is one,
// JSONP is answered as JSON.
func (p *params) chooseFormat() {
	switch f := p.get("f"); f {
	case "json":
		p.format = f
	case "jsonp":
		p.format = "json"
		if c := p.get("callback"); len(c) <= maxCallback && nameOfFunction.MatchString(c) {
			p.format = f
		}
	default:
		p.format = "xml"
	}
}

// check refuses what can't be answered as it is asked. A program that does not
// say which version it speaks, or what it is called, is let in: the protocol asks
// for both, and nothing hangs on them.
func (p params) check() error {
	switch f := p.get("f"); {
	case f == "jsonp" && p.format != "jsonp":
		if p.get("callback") == "" {
			return missing("callback")
		}
		return invalid("callback")
	case f != "" && f != "xml" && f != p.format:
		return invalid("f")
	}
	if v := p.get("v"); v != "" {
		major, _, _ := strings.Cut(v, ".")
		switch n, err := strconv.Atoi(major); {
		case err != nil:
			return invalid("v")
		case n < 1:
			return &refusal{code: codeOld, text: "Incompatible version of the protocol: this is 1.16.1. The program must be brought up to date."}
		case n > 1:
			return &refusal{code: codeNew, text: "Incompatible version of the protocol: this is 1.16.1. The server must be brought up to date."}
		}
	}
	return nil
}

// first gives the first value of a parameter, and whether there is one.
func (p params) first(name string) (string, bool) {
	if list := p.Values[name]; len(list) > 0 {
		return list[0], true
	}
	return "", false
}

// get gives the first value of a parameter; "" when there is none.
func (p params) get(name string) string {
	v, _ := p.first(name)
	return v
}

// want gives a parameter that has to be there.
func (p params) want(name string) (string, error) {
	v, ok := p.first(name)
	if !ok || v == "" {
		return "", missing(name)
	}
	return v, nil
}

// number reads a whole number from 0 on; usual when it is absent, most when it is
// more.
func (p params) number(name string, usual, most int) (int, error) {
	v := p.get(name)
	if v == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(v)
	if errors.Is(err, strconv.ErrRange) && v[0] != '-' {
		n, err = most, nil
	}
	if err != nil || n < 0 {
		return 0, invalid(name)
	}
	return min(n, most), nil
}

// page reads how many items are asked for, and how many come before them.
func (p params) page(size, offset string, usual, most int) (n, from int, err error) {
	if n, err = p.number(size, usual, most); err == nil {
		from, err = p.number(offset, 0, math.MaxInt32)
	}
	return n, from, err
}

// truth reads true or false; usual when it is absent.
func (p params) truth(name string, usual bool) (bool, error) {
	v := p.get(name)
	if v == "" {
		return usual, nil
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		return false, invalid(name)
	}
	return b, nil
}

// lastMoment is the end of the year 9999, in milliseconds since 1970.
const lastMoment = 253402300799999

// moment reads milliseconds since 1970; zero when it is absent.
func (p params) moment(name string) (time.Time, error) {
	v := p.get(name)
	if v == "" {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 || n > lastMoment {
		return time.Time{}, invalid(name)
	}
	return time.UnixMilli(n).UTC(), nil
}

// kind says what an id is of.
type kind string

// The kinds. Tracks that are in no album of their owner's are in one that is made
// up, loose, whose id is the owner's.
const (
	aTrack    kind = "tr"
	anAlbum   kind = "al"
	aPlaylist kind = "pl"
	anArtist  kind = "ar"
	loose     kind = "lo"
)

// id writes an id as programs are told it.
func (k kind) id(id db.ID) string { return string(k) + "-" + id.String() }

// parseID reads such an id. What is none names nothing.
func parseID(text string) (kind, db.ID, error) {
	k, rest, _ := strings.Cut(text, "-")
	switch kind(k) {
	case aTrack, anAlbum, aPlaylist, anArtist, loose, aShare:
		if id, err := db.ParseID(rest); err == nil {
			return kind(k), id, nil
		}
	}
	return "", 0, errAbsent
}

// idOf reads an id that has to be there and of one of the kinds.
func (p params) idOf(name string, kinds ...kind) (kind, db.ID, error) {
	text, err := p.want(name)
	if err != nil {
		return "", 0, err
	}
	k, id, err := parseID(text)
	if err != nil {
		return "", 0, err
	}
	for _, one := range kinds {
		if k == one {
			return k, id, nil
		}
	}
	return "", 0, errAbsent
}

// ids reads all values of a parameter that are ids of a kind; most of them at
// most.
func (p params) ids(name string, of kind, most int) ([]db.ID, error) {
	list := p.Values[name]
	if len(list) > most {
		return nil, invalid(name)
	}
	ids := make([]db.ID, 0, len(list))
	for _, text := range list {
		k, id, err := parseID(text)
		if err == nil && k != of {
			err = errAbsent
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
