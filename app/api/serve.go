package api

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"earshot/app/core"
)

// stallTime is how long a reader may take nothing before it is cut off.
const stallTime = 60 * time.Second

// writePiece is how much of a write that cannot be resumed is put under one
// deadline, in bytes: 32 KiB in 30 s is still slower than the slowest mp3.
const writePiece = 32 << 10

// longAnswer is from how many bytes on a file goes to the connection itself and
// not through the server's answer, which would hold 32 KiB of memory for each
// listener all the while. The connection ends with such an answer.
const longAnswer = 1 << 20

// serveOptions says how a stream is presented.
type serveOptions struct {
	CacheControl string        // the header's value; required, since only the caller knows who may see it
	Download     string        // when not empty: offered as a file of this name
	Stall        time.Duration // how long a reader may take nothing; 0 = stallTime
	Begin        func()        // when not nil: called before the first byte of the file goes out
	Sent         func(int64)   // when not nil: called at the end with how many bytes went out
}

// serveStream answers a GET or HEAD with the stream: whole, or one range of it
// (RFC 9110 sections 13 and 14). Several ranges in one request, and ranges
// that make no sense, are answered with the whole, as the standard allows; a
// range past the end with 416. ETags are compared, dates are not sent.
//
// A reader that takes nothing for a minute is cut off; one that takes a little
// is not. The caller closes the stream. An error means that the file broke on
// the way (ErrMissing of media): the answer has begun by then, so that it can
// only be logged. A reader that went away is no error.
func serveStream(w http.ResponseWriter, r *http.Request, s *core.Stream, opt serveOptions) error {
	h := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return nil
	}
	h.Set("ETag", s.ETag)
	h.Set("Accept-Ranges", "bytes")
	h.Set("Cache-Control", opt.CacheControl)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")

	if m := r.Header.Values("If-Match"); len(m) > 0 && !etagListed(m, s.ETag, false) {
		w.WriteHeader(http.StatusPreconditionFailed)
		return nil
	}
	if m := r.Header.Values("If-None-Match"); len(m) > 0 && etagListed(m, s.ETag, true) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}

	h.Set("Content-Type", s.ContentType)
	if s.Samples > 0 { // what it takes to join sounds without a gap
		h.Set("Earshot-Lead", strconv.FormatInt(s.Lead, 10))
		h.Set("Earshot-Samples", strconv.FormatInt(s.Samples, 10))
	}
	if opt.Download != "" {
		h.Set("Content-Disposition", attachment(opt.Download))
	}
	off, n, status := int64(0), s.Size, http.StatusOK
	if r.Method == http.MethodGet { // ranges are defined for GET alone
		from, length, verdict := parseRange(r.Header.Values("Range"), s.Size)
		if ir := r.Header.Get("If-Range"); ir != "" && ir != s.ETag {
			verdict = rangeIgnored
		}
		switch verdict {
		case rangeNone:
			h.Del("Content-Type")
			h.Del("Content-Disposition")
			h.Set("Content-Range", "bytes */"+strconv.FormatInt(s.Size, 10))
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return nil
		case rangeOne:
			off, n, status = from, length, http.StatusPartialContent
			h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", off, off+n-1, s.Size))
		}
	}
	h.Set("Content-Length", strconv.FormatInt(n, 10))
	if r.Method == http.MethodHead || n == 0 {
		w.WriteHeader(status)
		return nil
	}
	var way io.ReaderFrom // to sendfile
	if r.TLS == nil && r.ProtoMajor == 1 {
		way, _ = w.(io.ReaderFrom)
		if conn := connOf(r.Context()); conn != nil && n >= longAnswer {
			h.Set("Connection", "close")
			way = past(w, conn)
		}
	}
	if off == 0 && opt.Begin != nil {
		opt.Begin()
	}
	w.WriteHeader(status)

	stall := opt.Stall
	if stall == 0 {
		stall = stallTime
	}
	p := &patientWriter{w: w, rf: way, rc: http.NewResponseController(w), wait: stall / 2}
	err := s.WriteRange(p, off, n)
	if opt.Sent != nil {
		opt.Sent(p.sent)
	}
	if err == nil || p.failed {
		return nil
	}
	return err
}

// patientWriter writes to a client under deadlines that move on for as long as
// the client takes something.
type patientWriter struct {
	w      http.ResponseWriter
	rf     io.ReaderFrom // the way to sendfile; nil where there is none
	rc     *http.ResponseController
	wait   time.Duration // the client must take something in each such span
	failed bool          // the client went away or was cut off
	sent   int64
}

// extend gives the client another span. Writers without deadlines (in tests)
// go without.
func (p *patientWriter) extend() { _ = p.rc.SetWriteDeadline(time.Now().Add(p.wait)) }

// Write sends bytes from memory, a piece under each deadline: the server's
// buffer does not recover from a write that timed out half done.
func (p *patientWriter) Write(b []byte) (int, error) {
	total := 0
	for len(b) > 0 {
		p.extend()
		n, err := p.w.Write(b[:min(len(b), writePiece)])
		total += n
		p.sent += int64(n)
		if err != nil {
			p.failed = true
			return total, err
		}
		b = b[n:]
	}
	return total, nil
}

// ReadFrom sends what r yields. On a plain connection that is sendfile, which
// says how far it came when a deadline passes and goes on from there, so that
// a whole file may go out in one call however slow its reader is.
func (p *patientWriter) ReadFrom(r io.Reader) (int64, error) {
	if p.rf == nil {
		return io.CopyBuffer(struct{ io.Writer }{p}, struct{ io.Reader }{r}, make([]byte, writePiece))
	}
	var total int64
	p.extend()
	// What was written so far goes first. Besides, once the header is out the
	// server hands files over from their first byte; else it copies a little.
	if err := p.rc.Flush(); err != nil {
		p.failed = true
		return 0, err
	}
	for {
		n, err := p.rf.ReadFrom(r)
		total += n
		p.sent += n
		if err == nil {
			return total, nil
		}
		if n == 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			p.failed = !isReadError(err)
			return total, err
		}
		p.extend()
	}
}

// isReadError tells a broken file from a broken connection.
func isReadError(err error) bool {
	var path *os.PathError
	return errors.As(err, &path)
}

// What a Range header asks for.
type rangeVerdict int

const (
	rangeIgnored rangeVerdict = iota // absent, several or not understood: the whole
	rangeOne                         // one range that can be served
	rangeNone                        // one range, outside of the stream
)

// parseRange reads the Range header of something of size bytes. With rangeOne
// off and n are within it and n is at least 1.
func parseRange(headers []string, size int64) (off, n int64, verdict rangeVerdict) {
	if len(headers) != 1 {
		return 0, 0, rangeIgnored
	}
	unit, spec, ok := strings.Cut(headers[0], "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(unit), "bytes") {
		return 0, 0, rangeIgnored
	}
	first, last, ok := strings.Cut(strings.Trim(spec, " \t"), "-")
	if !ok {
		return 0, 0, rangeIgnored
	}
	if first == "" { // the last so many bytes
		want, ok := parsePosition(last)
		switch {
		case !ok:
			return 0, 0, rangeIgnored
		case want == 0 || size == 0:
			return 0, 0, rangeNone
		}
		want = min(want, size)
		return size - want, want, rangeOne
	}
	from, ok := parsePosition(first)
	if !ok {
		return 0, 0, rangeIgnored
	}
	to := size - 1
	if last != "" {
		end, ok := parsePosition(last)
		if !ok || end < from {
			return 0, 0, rangeIgnored
		}
		to = min(to, end)
	}
	if from >= size {
		return 0, 0, rangeNone
	}
	return from, to - from + 1, rangeOne
}

// parsePosition reads digits and nothing else; a number too large for any
// stream becomes the largest there is.
func parsePosition(s string) (int64, bool) {
	if s == "" || len(s) > 100 {
		return 0, false
	}
	v := int64(0)
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		if v > (math.MaxInt64-9)/10 {
			v = math.MaxInt64
			continue
		}
		v = v*10 + int64(d)
	}
	return v, true
}

// parseSeconds reads the ?t= of a stream: seconds with up to nine decimals,
// such as "83.4". Signs, exponents and other spellings are refused, and so is
// anything over a thousand hours.
func parseSeconds(s string) (time.Duration, bool) {
	whole, frac, dot := strings.Cut(s, ".")
	if len(whole) == 0 || len(whole) > 7 || dot && len(frac) == 0 || len(frac) > 9 {
		return 0, false
	}
	sec, ok := parsePosition(whole)
	if !ok || sec > 3_600_000 {
		return 0, false
	}
	nano := int64(0)
	if dot {
		if nano, ok = parsePosition((frac + "000000000")[:9]); !ok {
			return 0, false
		}
	}
	return time.Duration(sec)*time.Second + time.Duration(nano), true
}

// etagListed says whether the lines of an If-Match or If-None-Match header
// name the tag. The weak comparison takes W/"x" for "x" (RFC 9110 section
// 8.8.3.2).
func etagListed(lines []string, tag string, weak bool) bool {
	for _, line := range lines {
		for {
			line = strings.TrimLeft(line, " \t,")
			if line == "" {
				break
			}
			if line[0] == '*' {
				return true
			}
			isWeak := strings.HasPrefix(line, "W/")
			if isWeak {
				line = line[2:]
			}
			if len(line) < 2 || line[0] != '"' {
				break
			}
			end := strings.IndexByte(line[1:], '"')
			if end < 0 {
				break
			}
			if line[:end+2] == tag && (weak || !isWeak) {
				return true
			}
			line = line[end+2:]
		}
	}
	return false
}

// attachment is a Content-Disposition that offers a file of that name
// (RFC 6266): plain ASCII for old clients, and the true name as UTF-8.
func attachment(name string) string {
	var plain, full strings.Builder
	for _, c := range strings.ToValidUTF8(name, "_") {
		switch {
		case c < ' ' || c == 0x7f || c == '/' || c == '\\':
			c = '_'
			fallthrough
		case c < 0x7f && c != '"' && c != '%' && c != ';':
			plain.WriteRune(c)
		default:
			plain.WriteByte('_')
		}
		for _, b := range []byte(string(c)) {
			if b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || strings.IndexByte("!#$&+-.^_`|~", b) >= 0 {
				full.WriteByte(b)
			} else {
				fmt.Fprintf(&full, "%%%02X", b)
			}
		}
	}
	return fmt.Sprintf(`attachment; filename="%s"; filename*=UTF-8''%s`, plain.String(), full.String())
}
