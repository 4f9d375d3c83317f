package intake

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// What may be wrong with a file of JSON.
var (
	ErrNotJSON   = errors.New("this is not JSON, or it is cut off")
	ErrLargeJSON = errors.New("there is more in this file than can be read")
)

// The bounds of JSON besides its size.
const (
	maxJSONDepth  = 100
	maxJSONString = 1 << 20 // bytes of one text
)

// JSON reads a file of JSON value by value, and what nobody asks for not at
// all: a value of another type than is asked for counts as empty, and is
// passed over. Its memory does not grow with the file.
type JSON struct {
	d    *json.Decoder
	err  error
	next json.Token // looked at, and not read yet
	held bool
}

// NewJSON begins to read at most so many bytes.
func NewJSON(r io.Reader, most int64) *JSON {
	j := &JSON{d: json.NewDecoder(Guard(r, most, 0, most))}
	j.d.UseNumber()
	return j
}

// Err is what went wrong; everything is empty from there on.
func (j *JSON) Err() error { return j.err }

func (j *JSON) token() json.Token {
	if j.err != nil {
		return nil
	}
	if j.held {
		j.held = false
		return j.next
	}
	t, err := j.d.Token()
	if err != nil {
		j.err = ErrNotJSON
		if errors.Is(err, ErrLargeJSON) || !isSyntax(err) {
			j.err = err
		}
		return nil
	}
	return t
}

// isSyntax tells what is the file's fault from what is the disk's.
func isSyntax(err error) bool {
	var syntax *json.SyntaxError
	return errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// End tells whether nothing follows.
func (j *JSON) End() bool {
	if j.err != nil {
		return false
	}
	_, err := j.d.Token()
	return errors.Is(err, io.EOF)
}

// Skip passes over a value.
func (j *JSON) Skip() error {
	j.behind(j.token())
	return j.err
}

// behind passes over the rest of a value of which this token was read.
func (j *JSON) behind(t json.Token) {
	depth := 0
	for ; j.err == nil; t = j.token() {
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth <= 0 {
			return
		}
	}
}

// Object reads an object: fn is called with each key, and has to read or skip
// its value.
func (j *JSON) Object(fn func(key string) error) error {
	return j.Members(nil, fn)
}

// Members is Object that says when there is one: begin is called before the
// first key, also where there are none.
func (j *JSON) Members(begin func(), fn func(key string) error) error {
	t := j.token()
	if t != json.Delim('{') {
		j.behind(t)
		return j.err
	}
	if begin != nil {
		begin()
	}
	for j.err == nil {
		key, ok := j.token().(string)
		if !ok { // the end
			return j.err
		}
		if err := fn(strings.Clone(key)); err != nil {
			return err
		}
	}
	return j.err
}

// Array reads an array: fn is called before each value, and has to read or
// skip it.
func (j *JSON) Array(fn func() error) error {
	t := j.token()
	if t != json.Delim('[') {
		j.behind(t)
		return j.err
	}
	for j.err == nil && j.d.More() {
		if err := fn(); err != nil {
			return err
		}
	}
	j.token()
	return j.err
}

// Text reads a text; a number is one too.
func (j *JSON) Text() string {
	switch t := j.token().(type) {
	case string:
		return clip(strings.ToValidUTF8(t, ""), maxText)
	case json.Number:
		return clip(t.String(), maxShort)
	default:
		j.behind(t)
	}
	return ""
}

// Texts reads a list of texts, or a single one.
func (j *JSON) Texts(most int) []string {
	var out []string
	switch t := j.token().(type) {
	case string:
		return []string{clip(t, maxShort)}
	case json.Delim:
		if t != '[' {
			j.behind(t)
			return nil
		}
	default:
		return nil
	}
	for j.err == nil && j.d.More() {
		if s := j.Text(); s != "" && len(out) < most {
			out = append(out, clip(s, maxShort))
		}
	}
	j.token()
	return out
}

// Number reads a number, also one in quotes; 0 when there is none.
func (j *JSON) Number() float64 { return j.NumberOr(0) }

// NumberOr is Number that says otherwise when there is none.
func (j *JSON) NumberOr(otherwise float64) float64 {
	var s string
	switch t := j.token().(type) {
	case string:
		s = t
	case json.Number:
		s = t.String()
	default:
		j.behind(t)
		return otherwise
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n-n != 0 {
		return otherwise
	}
	return n
}

// Peek tells what comes next: { or [ for an object or an array, and another
// character for anything else; 0 behind the end.
func (j *JSON) Peek() byte {
	if !j.held {
		j.next = j.token()
		j.held = j.err == nil
	}
	switch v := j.next.(type) {
	case json.Delim:
		return byte(v)
	case string:
		return '"'
	case bool:
		return 't'
	}
	if j.err != nil {
		return 0
	}
	return '0'
}

// Scalar reads a text, a number, or true or false, as a text.
func (j *JSON) Scalar() string {
	if j.Peek() == 't' {
		return strconv.FormatBool(j.Bool())
	}
	return j.Text()
}

// Bool reads true or false.
func (j *JSON) Bool() bool {
	t := j.token()
	b, ok := t.(bool)
	if !ok {
		j.behind(t)
	}
	return b
}

// Guard lets JSON through as long as it is in bounds, and gives ErrLargeJSON
// beyond: so many bytes in all, no text over 1 MiB, no more than 100 levels, and
// no more than item bytes of anything below a level.
func Guard(r io.Reader, most int64, level int, item int64) io.Reader {
	return &guarded{r: r, left: most, level: level, item: item}
}

// guarded lets bytes of JSON through as long as they are in bounds.
type guarded struct {
	r      io.Reader
	left   int64
	depth  int
	length int // of the text, number or space in which it is
	text   bool
	escape bool
	level  int
	item   int64
	since  int64 // bytes since it was at level, or above
}

func (g *guarded) Read(b []byte) (int, error) {
	if g.left <= 0 {
		if n, _ := io.ReadFull(g.r, make([]byte, 1)); n > 0 {
			return 0, ErrLargeJSON
		}
		return 0, io.EOF
	}
	n, err := g.r.Read(b[:min(int64(len(b)), g.left)])
	g.left -= int64(n)
	for _, c := range b[:n] {
		if g.since++; g.since > g.item {
			return 0, ErrLargeJSON
		}
		if g.length++; g.length > maxJSONString {
			return 0, ErrLargeJSON
		}
		switch {
		case g.escape:
			g.escape = false
		case g.text:
			if c == '\\' {
				g.escape = true
			} else if c == '"' {
				g.text, g.length = false, 0
			}
		case c == '"':
			g.text, g.length = true, 0
		case c == '{' || c == '[':
			if g.depth++; g.depth > maxJSONDepth {
				return 0, ErrLargeJSON
			}
			g.length = 0
		case c == '}' || c == ']':
			g.depth--
			g.length = 0
			if g.depth <= g.level {
				g.since = 0
			}
		case c == ',':
			g.length = 0
			if g.depth <= g.level {
				g.since = 0
			}
		}
	}
	return n, err
}
