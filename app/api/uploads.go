package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"earshot/app/core"
	"earshot/app/fault"
)

// A body that comes slower than this is given up: 30 KB in 30 s is a tenth of
// the slowest line that people still have.
const (
	uploadPiece  = 30 << 10
	uploadWithin = 30 * time.Second
)

// patientReader reads a request's body under a deadline that moves on with
// every piece that arrives, so that slow uploads live and stalled ones end.
type patientReader struct {
	body   io.Reader
	rc     *http.ResponseController
	within time.Duration
	since  int // bytes since the deadline was moved

	mu    sync.Mutex
	ended bool // see stop
	done  bool // nothing more is read
}

func newPatientReader(w http.ResponseWriter, r *http.Request, within time.Duration) *patientReader {
	p := &patientReader{body: r.Body, rc: http.NewResponseController(w), within: within}
	p.extend()
	return p
}

func (p *patientReader) extend() { p.until(time.Now().Add(p.within)) }

// stop makes reads fail from now on, those too that wait. It may be called from
// anywhere, until the request ends.
func (p *patientReader) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.done {
		p.ended = true
		p.rc.SetReadDeadline(time.Now())
	}
}

// end says that the request is over: its connection is the next one's.
func (p *patientReader) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = true
}

// until sets the deadline, unless reading was stopped.
func (p *patientReader) until(at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.rc.SetReadDeadline(at)
	}
}

func (p *patientReader) Read(b []byte) (int, error) {
	n, err := p.body.Read(b)
	if p.since += n; p.since >= uploadPiece {
		p.since = 0
		p.extend()
	}
	if err == io.EOF {
		// What is done with the body may take longer, and a deadline that passes
		// meanwhile would end the request's context.
		p.until(time.Time{})
		p.end()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = fault.New(fault.Invalid, "upload.interrupted", "The upload came to a standstill. Send the file again.").Because(err)
	}
	return n, err
}

// postTrack takes an uploaded file in.
func (s *Server) postTrack(w http.ResponseWriter, r *http.Request) error {
	if kind := r.Header.Get("Content-Type"); strings.HasPrefix(kind, "multipart/") {
		return fault.New(fault.Unsupported, "upload.form",
			"Send the file itself as the body, not a form: curl --data-binary @song.mp3 …/api/tracks?name=song.mp3")
	}
	q := r.URL.Query()
	v := q.Get("visibility")
	if v != "" && v != visibilities[visibility(v)] {
		return fault.New(fault.Invalid, "visibility.invalid", "The visibility is private, link, followers or public.").In("visibility")
	}
	in := newPatientReader(w, r, uploadWithin)
	view, err := s.core.Upload(r.Context(), from(r.Context()).asker.User, core.NewUpload{
		Name: q.Get("name"), Size: r.ContentLength, Visibility: visibility(v), Body: in,
	})
	if err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusCreated, wireTrack(view))
}

// putTrackPicture replaces a track's artwork with the image in the body.
func (s *Server) putTrackPicture(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r.PathValue("id"))
	if err != nil {
		return err
	}
	in := newPatientReader(w, r, uploadWithin)
	view, err := s.core.SetTrackPicture(r.Context(), from(r.Context()).asker.User, id, in)
	if err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusOK, wireTrack(view))
}

// putMyPicture replaces the asker's picture with the image in the body.
func (s *Server) putMyPicture(w http.ResponseWriter, r *http.Request) error {
	in := newPatientReader(w, r, uploadWithin)
	u, err := s.core.SetMyPicture(r.Context(), from(r.Context()).asker.User, in)
	if err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusOK, s.wireMe(r.Context(), u))
}

// putMyBanner replaces the asker's banner with the image in the body.
func (s *Server) putMyBanner(w http.ResponseWriter, r *http.Request) error {
	in := newPatientReader(w, r, uploadWithin)
	u, err := s.core.SetMyBanner(r.Context(), from(r.Context()).asker.User, in)
	if err != nil {
		return err
	}
	return s.writeJSON(w, http.StatusOK, s.wireMe(r.Context(), u))
}

// drain lets a client that is still sending see why it is refused: a little of
// the rest is read, then the connection ends.
func (s *Server) drain(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength == 0 {
		return
	}
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(2 * time.Second))
	if n, err := io.CopyN(io.Discard, r.Body, 256<<10); n == 256<<10 || err != io.EOF {
		w.Header().Set("Connection", "close")
	}
}

// writeJSON answers a plain handler's request.
func (s *Server) writeJSON(w http.ResponseWriter, status int, v any) error {
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerWithin))
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(s.based(v))
}
