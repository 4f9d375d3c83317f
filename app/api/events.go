package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// beatEvery is how often a quiet event stream says that it lives, so that
// neither a proxy nor a phone's network closes it.
const beatEvery = 25 * time.Second

// getEvents sends what concerns the asker as it happens (server-sent events,
// WHATWG HTML §9.2). A browser that reads too slowly is cut off; it connects
// again by itself and asks for the present state.
func (s *Server) getEvents(w http.ResponseWriter, r *http.Request) error {
	ch, stop, err := s.core.Events(r.Context(), from(r.Context()).asker)
	if err != nil {
		return err
	}
	defer stop()
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
	if send("retry: 3000\n\n") != nil {
		return nil
	}
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
			// A session that ended must not listen on.
			if err = s.core.StillIn(r.Context(), from(r.Context()).asker); err == nil {
				err = send(": beat\n\n")
			}
		case ev, more := <-ch:
			if !more {
				return nil
			}
			b, _ := json.Marshal(wireEvent(ev))
			err = send("event: %s\ndata: %s\n\n", ev.Type, b)
		}
		if err != nil {
			return nil
		}
	}
}
