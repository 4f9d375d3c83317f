package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"earshot/app/core"
)

// beatEvery is how often a quiet event stream says that it lives, so that
// neither a proxy nor a phone's network closes it.
const beatEvery = 25 * time.Second

// getEvents sends what concerns the asker as it happens (server-sent events,
// WHATWG HTML §9.2). A browser that reads too slowly is cut off; it connects
// again, tells which event it had last, and gets what it missed.
func (s *Server) getEvents(w http.ResponseWriter, r *http.Request) error {
	who, last := from(r.Context()).asker, r.Header.Get("Last-Event-ID")
	if last == "" {
		last = r.URL.Query().Get("last")
	}
	l, err := s.core.Listen(r.Context(), who, last)
	if err != nil {
		return err
	}
	defer l.Stop()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	rc := http.NewResponseController(w)
	if r.Method == http.MethodHead {
		return nil
	}
	send := func(format string, args ...any) error {
		rc.SetWriteDeadline(time.Now().Add(answerWithin))
		if _, err := fmt.Fprintf(w, format, args...); err != nil {
			return err
		}
		return rc.Flush()
	}
	tell := func(ev core.Event) error {
		event := wireEvent(ev)
		b, _ := json.Marshal(s.based(&event))
		return send("id: %s\nevent: %s\ndata: %s\n\n", ev.ID, ev.Type, b)
	}
	// A place without an event says where to go on should the connection break.
	place := func(more string) error {
		if at := l.Place(); at != "" && len(l.Missed) == 0 {
			return send("%sid: %s\n\n", more, at)
		}
		return send("%s\n", more)
	}
	if place("retry: 3000\n") != nil {
		return nil
	}
	for _, ev := range l.Missed {
		if tell(ev) != nil {
			return nil
		}
	}
	l.Missed = nil
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return nil
		case <-s.closing:
			return nil
		case <-beat.C:
			// Whoever may not listen any more must not listen on.
			if err = s.core.StillIn(r.Context(), who); err == nil {
				err = place(": beat\n")
			}
		case ev, more := <-l.Events:
			if !more {
				return nil
			}
			err = tell(ev)
		}
		if err != nil {
			return nil
		}
	}
}

// givesEvents documents the stream of events.
func (s *Server) givesEvents(o *huma.Operation) {
	s.gives("text/event-stream")(o)
	text := &huma.Schema{Type: "string"}
	o.Parameters = append(o.Parameters,
		&huma.Param{Name: "Last-Event-ID", In: "header", Description: "Id of the last event that was had; what came since is sent first. Too long ago: a reset event.", Schema: text},
		&huma.Param{Name: "last", In: "query", Description: "The same, for those that can't set the header.", Schema: text},
	)
}
