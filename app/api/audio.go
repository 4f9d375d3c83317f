package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"earshot/app/api/wire"
	"earshot/app/core"
	"earshot/app/fault"
	"earshot/db"
)

// How long a browser may keep what somebody was allowed to see. Nothing that
// depends on who asks is kept by anything between, and what is private is
// asked for again each time.
const (
	cachePublic  = "private, max-age=60"
	cachePrivate = "private, no-cache"
)

// soundOf opens a stream for the asker.
type soundOf func(ctx context.Context, me, id db.ID) (core.Sound, error)

// serve answers with a stream of the track or user in the path.
func (s *Server) serve(open soundOf) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		return s.serveSound(w, r, open, func(db.ID, core.Sound, *serveOptions) {})
	}
}

// download gives the original file to be kept, and counts that.
func (s *Server) download(w http.ResponseWriter, r *http.Request) error {
	return s.serveSound(w, r, s.core.Download, func(id db.ID, sound core.Sound, opt *serveOptions) {
		ex := from(r.Context())
		opt.Download = sound.FileName
		opt.Begin = func() { s.core.CountDownload(ex.asker.User, id, ex.client) }
	})
}

func (s *Server) serveSound(w http.ResponseWriter, r *http.Request, open soundOf, also func(db.ID, core.Sound, *serveOptions)) error {
	id, err := pathID(r.PathValue("id"))
	if err != nil {
		return err
	}
	sound, err := open(r.Context(), from(r.Context()).asker.User, id)
	if err != nil {
		return err
	}
	defer sound.Close()
	opt := serveOptions{CacheControl: cachePrivate}
	if sound.Public {
		opt.CacheControl = cachePublic
	}
	also(id, sound, &opt)
	if strings.Contains(r.URL.Path, "/stream") {
		s.playing.Add(1)
		defer s.playing.Add(-1)
	}
	if err := serveStream(w, r, sound.Stream, opt); err != nil {
		s.log.Warn("a stream broke off", "path", r.URL.Path, "error", err)
	}
	return nil
}

// streamMP3 gives the original bytes of an mp3, or the track from ?t= seconds on.
func (s *Server) streamMP3(w http.ResponseWriter, r *http.Request) error {
	open := s.core.StreamMP3
	if text := r.URL.Query().Get("t"); text != "" {
		t, ok := parseSeconds(text)
		if !ok {
			return fault.New(fault.Invalid, "t.invalid", "t is a number of seconds, such as 83.4.").In("t")
		}
		open = func(ctx context.Context, me, id db.ID) (core.Sound, error) { return s.core.StreamFrom(ctx, me, id, t) }
	}
	return s.serve(open)(w, r)
}

// picture answers with one of the fixed sizes of a picture.
func (s *Server) picture(open func(ctx context.Context, me, id db.ID, size int) (core.Sound, error)) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		size, err := strconv.Atoi(r.PathValue("size"))
		if err != nil {
			return core.ErrNotFound
		}
		return s.serve(func(ctx context.Context, me, id db.ID) (core.Sound, error) {
			return open(ctx, me, id, size)
		})(w, r)
	}
}

// peaks gives the waveform, or by ?zoom=fine the fine one, in one of
// audiowaveform's layouts.
func (s *Server) peaks(contentType string, layout func(*core.Peaks) []byte) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r.PathValue("id"))
		if err != nil {
			return err
		}
		zoom := r.URL.Query().Get("zoom")
		if zoom != "" && zoom != "overview" && zoom != "fine" {
			return fault.New(fault.Invalid, "zoom.invalid", "zoom is overview or fine.").In("zoom")
		}
		done := func() {}
		if zoom == "fine" {
			if done, err = s.takeFine(r.Context()); err != nil {
				return err
			}
			defer func() { done() }()
		}
		p, err := s.core.Peaks(r.Context(), from(r.Context()).asker.User, id, zoom == "fine")
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", cachePrivate)
		body := layout(p)
		etag := fmt.Sprintf(`"%x"`, sha256.Sum256(body))
		w.Header().Set("Etag", "W/"+etag) // weak, since it goes out packed too
		if etagListed(r.Header.Values("If-None-Match"), etag, true) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
		if p = nil; len(body) < smallFine {
			done() // whoever reads slowly is in nobody's way
		}
		if zoom == "fine" { // its turn may have been long in coming
			_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(fineWithin))
		}
		w.Write(body)
		return nil
	}
}

// A fine waveform of 60 hours takes some 40 MB while it is made, and 20 as
// JSON until it is sent.
const (
	finesAtOnce = 1
	smallFine   = 256 << 10        // bytes of one that may wait in memory
	fineWithin  = 30 * time.Second // to send a larger one, and to wait for one's turn
)

// takeFine waits until there is room for a fine waveform; done, which may be
// called again, makes room for others.
func (s *Server) takeFine(ctx context.Context) (done func(), err error) {
	wait := time.NewTimer(fineWithin)
	defer wait.Stop()
	select {
	case s.fine <- struct{}{}:
		return sync.OnceFunc(func() { <-s.fine }), nil
	case <-ctx.Done():
	case <-wait.C:
	}
	return nil, fault.New(fault.Unavailable, "busy", "Too much is going on at this moment. Try again in a few seconds.").After(5 * time.Second)
}

type newPeaks struct {
	ByID
	Body wire.NewPeaks
}

// putPeaks keeps a waveform that a browser has made.
func (s *Server) putPeaks(ctx context.Context, in *newPeaks) (*wire.Track, error) {
	id, err := pathID(in.ID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	n := core.NewPeaks{SampleRate: b.SampleRate, Samples: b.Samples, Loudness: b.Loudness}
	for _, part := range []struct {
		field, text string
		to          *[]byte
	}{{"levels", b.Levels, &n.Levels}, {"min", b.Min, &n.Min}, {"max", b.Max, &n.Max}, {"fine", b.Fine, &n.Fine}} {
		*part.to, err = base64.StdEncoding.Strict().DecodeString(part.text)
		if err == nil && strings.ContainsAny(part.text, "\r\n") { // which the decoder passes over
			err = errors.New("line breaks")
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "peaks.invalid", "This is not base64.").In(part.field).Because(err)
		}
	}
	v, err := s.core.SetPeaks(ctx, from(ctx).asker.User, id, n)
	w := wireTrack(v)
	return &w, err
}

func peaksJSON(p *core.Peaks) []byte { return p.AppendJSON(nil) }
func peaksDat(p *core.Peaks) []byte  { return p.AppendDat(nil) }
