package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"

	"earshot/app"
	"earshot/app/api/wire"
	"earshot/app/config"
)

// house is a running Earshot on a folder of its own, whose keeper is made and
// in which visitors may listen.
type house struct {
	t     testing.TB
	url   string
	app   *app.App
	setup string // token of the set-up link
	token string // the keeper's

	plain string       // address by http, where url is by https
	http  *http.Client // nil for the usual one
}

func newHouse(t testing.TB, change ...func(*app.Options)) *house {
	t.Helper()
	h := emptyHouse(t, change...)
	h.keeper()
	return h
}

// keeper makes the keeper's account.
func (h *house) keeper() {
	h.t.Helper()
	setup, err := json.Marshal(wire.Setup{
		Token: h.setup, Email: "keeper@home.example", Password: "correct horse battery", Name: "Keeper Kim",
		House: "Our house", SignUp: "open", Visitors: true,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	var in wire.SignedIn
	h.do("POST", "/api/setup", setup, "application/json", http.StatusCreated, &in)
	h.token = in.Token
}

// emptyHouse opens a house that has no keeper yet.
func emptyHouse(t testing.TB, change ...func(*app.Options)) *house {
	t.Helper()
	cfg := config.Default()
	cfg.Data, cfg.Backups.Every = t.TempDir(), 0
	o := app.Options{Config: cfg, Version: "test", Unlimited: true, HashCost: 4, Log: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&o)
	}
	cfg = o.Config
	a, err := app.Open(o)
	if err != nil {
		t.Fatalf("open the house: %v", err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, url: "http://" + ln.Addr().String(), app: a}
	if cfg.TLS != "" {
		h.secure(a, cfg)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil && !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("close the house: %v", err)
		}
	})
	if h.setup, err = a.Core().SetupToken(ctx); err != nil {
		t.Fatalf("set-up token: %v", err)
	}
	return h
}

// do asks the house for something as the keeper and decodes the answer.
func (h *house) do(method, path string, body []byte, kind string, status int, into any) {
	h.t.Helper()
	req, err := http.NewRequest(method, h.url+path, bytes.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if h.token != "" {
		req.Header.Set("Authorization", "Bearer "+h.token)
	}
	client := h.http
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		h.t.Fatalf("%s %s: got status %d (%v), want %d: %.300s", method, path, res.StatusCode, err, status, b)
	}
	if into != nil {
		if err := json.Unmarshal(b, into); err != nil {
			h.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
}

// upload makes a public track of a file, waits until the house is done with
// it, and gives its addresses: as an MP4, and from a time on.
func (h *house) upload(name string, file []byte) (mp4 string, from func(at float64) string) {
	h.t.Helper()
	var track wire.Track
	h.do("POST", "/api/tracks?visibility=public&name="+url.QueryEscape(name), file, "application/octet-stream", http.StatusCreated, &track)
	path := "/api/tracks/" + track.ID
	for end := time.Now().Add(time.Minute); track.Waveform == "pending"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("the waveform of %s takes longer than a minute", name)
		}
		h.do("GET", path, nil, "", http.StatusOK, &track)
	}
	return h.url + path + "/stream.mp4", func(at float64) string {
		return h.url + path + "/stream.mp3?t=" + strconv.FormatFloat(at, 'f', -1, 64)
	}
}

// serveFile gives the address of a file that is no part of the house, which
// any page may read.
func serveFile(t testing.TB, kind string, b []byte) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Access-Control-Allow-Origin", "*")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	}))
	t.Cleanup(s.Close)
	return s.URL
}
