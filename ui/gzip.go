package ui

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
)

// squeeze gives the bytes in gzip's format (RFC 1952), or nil when that saves
// nothing. Writing to memory cannot fail.
func squeeze(plain []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(plain); err != nil {
		return nil
	}
	if err := w.Close(); err != nil || out.Len() >= len(plain) {
		return nil
	}
	return out.Bytes()
}

// accepts tells whether the client takes gzip (RFC 9110, section 12.5.3): it
// is named with a weight other than nought.
func accepts(r *http.Request) bool {
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, weight, weighed := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		if !weighed {
			return true
		}
		q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
		return err == nil && q > 0
	}
	return false
}

// write answers with the file, compressed when the client takes that.
func (f *file) write(w http.ResponseWriter, r *http.Request) {
	body := f.bytes
	header := w.Header()
	header.Set("Content-Type", f.kind)
	header.Add("Vary", "Accept-Encoding")
	if accepts(r) {
		if small := f.gzip(); small != nil {
			body = small
			header.Set("Content-Encoding", "gzip")
		}
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		// A client that leaves while it is sent is not our failure.
		_, _ = w.Write(body)
	}
}
