package browsertest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"earshot/media"
	"earshot/media/mp3"
)

type house struct {
	page  string
	store *media.Store
	mux   *http.ServeMux
	n     int
}

func newHouse(t *testing.T) *house {
	s, err := media.OpenStore(t.TempDir(), media.StoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{store: s, mux: http.NewServeMux()}
	srv := httptest.NewServer(h.mux)
	t.Cleanup(srv.Close)
	h.page = srv.URL + "/page"
	h.mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {})
	h.mux.HandleFunc("/s/", func(w http.ResponseWriter, r *http.Request) {
		p := strings.Split(r.URL.Path, "/")
		var st *media.Stream
		var err error
		if p[3] == "mp4" {
			st, err = s.StreamMP4(p[2])
		} else {
			f, _ := strconv.ParseFloat(r.FormValue("t"), 64)
			st, err = s.StreamFrom(p[2], time.Duration(f*1e9))
		}
		if err != nil {
			panic(err)
		}
		defer st.Close()
		var b bytes.Buffer
		st.WriteRange(&b, 0, st.Size)
		w.Header().Set("Content-Type", st.ContentType)
		w.Header().Set("ETag", st.ETag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.Bytes()))
	})
	return h
}

func (h *house) wav(t *testing.T, name string, c *clock) string {
	b := c.wav()
	h.mux.HandleFunc("/"+name, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "audio/wav")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	})
	return "/" + name
}

func (h *house) upload(t *testing.T, name string, b []byte) (string, func(float64) string) {
	in, err := h.store.Receive(context.Background(), bytes.NewReader(b), int64(len(b)), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	x, err := mp3.Scan(io.ReaderAt(in), in.Size())
	if err != nil {
		t.Fatal(err)
	}
	h.n++
	id := fmt.Sprintf("track%d", h.n)
	if err := h.store.Keep(in, id, x); err != nil {
		t.Fatal(err)
	}
	return "/s/" + id + "/mp4", func(at float64) string { return fmt.Sprintf("/s/%s/mp3?t=%v", id, at) }
}
