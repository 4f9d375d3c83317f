package app_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/app"
	"earshot/app/api/wire"
	"earshot/app/config"
)

// house is a real Earshot on a folder of its own, in this process. The tests
// speak HTTP with it, as everybody does.
//
//	house
//	├── keeper   made by the set-up link
//	├── mina, jun, …   members, made by signing up
//	└── visitor  nobody
type house struct {
	t    testing.TB
	dir  string
	app  *app.App
	url  string
	tls  string // address by https, "" without it
	stop func() error
	log  *safeBuffer
	cfg  config.Config
	now  func() time.Time // the clock of the house; nil for the real one
	pace func() time.Duration
	cost int         // of bcrypt
	post *tls.Config // whom the house trusts as its mail server

	quiet   time.Duration // that libraries and files have to be; 0 for next to nothing
	limited bool          // requests are counted, as for people
}

// newHouse opens an empty house and closes it with the test.
func newHouse(t testing.TB, change ...func(*config.Config)) *house {
	t.Helper()
	return (&house{cost: 4}).begin(t, change...)
}

// begin is newHouse for a house with a clock or a cost of its own.
func (h *house) begin(t testing.TB, change ...func(*config.Config)) *house {
	t.Helper()
	h.t, h.log, h.cfg = t, &safeBuffer{}, config.Default()
	h.cfg.Data, h.cfg.Log.Level, h.cfg.Backups.Every = t.TempDir(), "debug", 0
	for _, c := range change {
		c(&h.cfg)
	}
	h.dir = h.cfg.Data
	if h.quiet == 0 {
		h.quiet = time.Millisecond
	}
	h.open()
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Errorf("close the house: %v", err)
		}
		if t.Failed() && testing.Verbose() {
			t.Logf("log of the house:\n%s", h.log)
		}
		if s := h.log.String(); strings.Contains(s, "panicked") {
			t.Errorf("a handler panicked:\n%s", s)
		}
	})
	return h
}

func (h *house) open() {
	h.t.Helper()
	var level slog.Level
	if err := level.UnmarshalText([]byte(h.cfg.Log.Level)); err != nil {
		h.t.Fatal(err)
	}
	a, err := app.Open(app.Options{
		Config: h.cfg, Version: "test", HashCost: h.cost, Now: h.now, Pace: h.pace, Unlimited: !h.limited, MailTrust: h.post, Quiet: h.quiet,
		Log: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: level})),
	})
	if err != nil {
		h.t.Fatalf("open the house: %v", err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	if h.cfg.TLS != "" {
		https, err := net.Listen("tcp", ":0") // all addresses, as the certificate is for all
		if err != nil {
			h.t.Fatal(err)
		}
		a.UseTLS(https)
		h.tls = fmt.Sprintf("https://127.0.0.1:%d", https.Addr().(*net.TCPAddr).Port)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Serve(ctx, ln) }()
	h.app, h.url = a, "http://"+ln.Addr().String()
	h.stop = sync.OnceValue(func() error {
		cancel()
		err := <-done
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		return err
	})
}

func (h *house) close() error { return h.stop() }

// reopen closes the house and opens it again on the same folder.
func (h *house) reopen() {
	h.t.Helper()
	if err := h.close(); err != nil {
		h.t.Fatalf("close the house: %v", err)
	}
	h.open()
}

// person is somebody who uses the house.
type person struct {
	h     *house
	name  string
	token string
	links string // grants of secret links
	me    wire.Me
	http  *http.Client
}

func (h *house) visitor() *person {
	return &person{h: h, name: "visitor", http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       30 * time.Second,
	}}
}

const password = "correct horse battery"

// keeper makes the keeper's account and opens the house to everybody.
func (h *house) keeper() *person {
	h.t.Helper()
	token, err := h.app.Core().SetupToken(context.Background())
	if err != nil || token == "" {
		h.t.Fatalf("set-up token: %q, %v", token, err)
	}
	p := h.visitor()
	p.name = "keeper"
	p.become(p.post("/api/setup", wire.Setup{
		Token: token, Email: "keeper@home.example", Password: password, Name: "Keeper Kim",
		House: "Our house", SignUp: "open", Visitors: true,
	}), 201)
	return p
}

// member signs somebody up.
func (h *house) member(name string) *person {
	h.t.Helper()
	p := h.visitor()
	p.name = name
	p.become(p.post("/api/auth/sign-up", wire.SignUp{Email: name + "@home.example", Password: password, Name: name}), 201)
	return p
}

// become takes the session that an answer gives.
func (p *person) become(a answer, status int) {
	p.h.t.Helper()
	var in wire.SignedIn
	a.want(status).into(&in)
	p.token, p.me = in.Token, in.Me
}

// answer is what the house said.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

// do sends a request. A body that is no []byte, string or io.Reader goes as JSON.
func (p *person) do(method, path string, body any, headers ...string) answer {
	p.h.t.Helper()
	var r io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case []byte:
		r, kind = bytes.NewReader(b), "application/octet-stream"
	case string:
		r, kind = strings.NewReader(b), "application/json"
	case io.Reader:
		r, kind = b, "application/octet-stream"
	default:
		j, err := json.Marshal(b)
		if err != nil {
			p.h.t.Fatal(err)
		}
		r, kind = bytes.NewReader(j), "application/json"
	}
	req, err := http.NewRequest(method, p.h.url+path, r)
	if err != nil {
		p.h.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	if p.links != "" {
		req.Header.Set("Earshot-Links", p.links)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if req.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			req.Host = headers[i+1] // which the header is not
		}
	}
	res, err := p.http.Do(req)
	if err != nil {
		p.h.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.h.t.Fatalf("%s %s: read the answer: %v", method, path, err)
	}
	return answer{p.h.t, p.name + ": " + method + " " + path, res.StatusCode, res.Header, b}
}

func (p *person) get(path string, headers ...string) answer {
	p.h.t.Helper()
	return p.do("GET", path, nil, headers...)
}
func (p *person) post(path string, body any) answer {
	p.h.t.Helper()
	return p.do("POST", path, body)
}
func (p *person) put(path string, body any) answer { p.h.t.Helper(); return p.do("PUT", path, body) }
func (p *person) patch(path string, body any) answer {
	p.h.t.Helper()
	return p.do("PATCH", path, body)
}
func (p *person) delete(path string) answer { p.h.t.Helper(); return p.do("DELETE", path, nil) }

// want ends the test unless the answer has this status.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: got status %d, want %d; body: %s", a.what, a.status, status, shorten(a.body))
	}
	return a
}

// fails ends the test unless the answer is an error of this status and code.
func (a answer) fails(status int, code string) answer {
	a.t.Helper()
	a.want(status)
	if got := a.code(); got != code {
		a.t.Fatalf("%s: got code %q, want %q", a.what, got, code)
	}
	return a
}

func (a answer) code() string {
	var e wire.Error
	json.Unmarshal(a.body, &e)
	return e.Error.Code
}

// into decodes the answer.
func (a answer) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.t.Fatalf("%s: %v in %s", a.what, err, shorten(a.body))
	}
}

func shorten(b []byte) string {
	if len(b) > 400 {
		return fmt.Sprintf("%s… (%d bytes)", b[:400], len(b))
	}
	return string(b)
}

// upload sends a file in and gives its track.
func (p *person) upload(name string, file []byte, visibility string) wire.Track {
	p.h.t.Helper()
	var t wire.Track
	p.post("/api/tracks?name="+name+"&visibility="+visibility, file).want(201).into(&t)
	return t
}

// drawn waits until a track's waveform is made, or can't be.
func (p *person) drawn(id string) wire.Track {
	p.h.t.Helper()
	var t wire.Track
	for range 1200 { // half a minute, for machines that do much else
		p.get("/api/tracks/" + id).want(200).into(&t)
		if t.Waveform != "pending" {
			return t
		}
		time.Sleep(25 * time.Millisecond)
	}
	p.h.t.Fatalf("the waveform of %s is still pending", id)
	return t
}

// leftovers lists what is in the media folder, but for what tracks need.
func (h *house) files() []string {
	var list []string
	filepath.WalkDir(filepath.Join(h.dir, "media"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(h.dir, path)
			list = append(list, rel)
		}
		return nil
	})
	return list
}

// safeBuffer is a buffer that several goroutines write to.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
