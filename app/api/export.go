package api

import (
	"io"
	"net/http"

	"earshot/app/core"
)

// getExport sends all that is the asker's as one zip file. How large it gets is
// not known before; one that breaks off ends the connection, so that no browser
// takes it for whole.
func (s *Server) getExport(w http.ResponseWriter, r *http.Request) error {
	to := &patientWriter{w: w, rc: http.NewResponseController(w), wait: stallTime / 2}
	begun := false
	_, err := s.core.Export(r.Context(), from(r.Context()).asker.User, "Earshot", func(x core.Exported) io.Writer {
		begun = true
		h := w.Header()
		h.Set("Content-Type", "application/zip")
		h.Set("Content-Disposition", attachment(x.Name))
		h.Set("Cache-Control", "private, no-store")
		return to
	})
	if err != nil && begun {
		if !to.failed && r.Context().Err() == nil {
			s.log.Error("an export broke off", "error", err)
		}
		panic(http.ErrAbortHandler)
	}
	return err
}
