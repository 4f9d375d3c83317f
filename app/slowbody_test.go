package app_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestSlowClients does all that takes a minute, at once.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes over a minute")
	}
	for _, begin := range []func(*testing.T) func(){answersThatNobodyReads, slowUploads, bodiesThatNeverEnd} {
		defer begin(t)()
	}
}

// drip sends a little, for ever, until the other side hangs up.
func drip(c net.Conn, piece string) {
	for {
		if _, err := io.WriteString(c, piece); err != nil {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// closedWithin takes what comes, for a while at most, and tells whether the
// house closed the connection, and after how long.
func closedWithin(c net.Conn, most time.Duration) (took time.Duration, closed bool) {
	began := time.Now()
	c.SetReadDeadline(began.Add(most))
	_, err := io.Copy(io.Discard, c)
	timeout, ok := err.(net.Error)
	return time.Since(began), !ok || !timeout.Timeout()
}

// bodiesThatNeverEnd sends requests whose bodies trickle or never come,
// signed in and not, to routes that want a body and to others: each connection
// is let go (SAFETY 2.6).
func bodiesThatNeverEnd(t *testing.T) (wait func()) {
	h := newHouse(t)
	k := h.keeper()
	mine := "Authorization: Bearer " + k.token + "\r\n"
	wg := new(sync.WaitGroup)
	for _, c := range []struct {
		name, head, drip string
	}{
		{"an upload of nobody", "POST /api/tracks?name=x.mp3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"},
		{"an upload of nobody, of a length", "POST /api/tracks?name=x.mp3 HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n", "a"},
		{"an upload", "POST /api/tracks?name=x.mp3 HTTP/1.1\r\nHost: x\r\n" + mine + "Content-Length: 9000000\r\n\r\n", "a"},
		{"a picture", "PUT /api/me/picture HTTP/1.1\r\nHost: x\r\n" + mine + "Content-Length: 9000000\r\n\r\n", "a"},
		{"a picture of nobody", "PUT /api/me/picture HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n", "a"},
		{"JSON of nobody", "PATCH /api/me HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"},
		{"JSON", "PATCH /api/me HTTP/1.1\r\nHost: x\r\n" + mine + "Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n", " "},
		{"signing in", "POST /api/auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n", " "},
		{"a cross-site write", "PATCH /api/me HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\nContent-Length: 60000\r\n\r\n", " "},
		{"no such route", "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", ""},
		{"no such route of the API", "POST /api/nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"},
		{"no such method", "BREW /api/me HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", ""},
		{"a GET with a body that never comes", "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", ""},
		{"a page with a body that never comes", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", ""},
		{"an asset with a body that never comes", "GET /_/x/y.js HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", ""},
		{"events with a body that never comes", "GET /api/events HTTP/1.1\r\nHost: x\r\n" + mine + "Content-Length: 1000\r\n\r\n", ""},
		{"a body that is announced and not asked for", "POST /api/tracks?name=x.mp3 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n", ""},
	} {
		conn := h.dial()
		wg.Go(func() {
			if _, err := io.WriteString(conn, c.head); err != nil {
				t.Errorf("%s: %v", c.name, err)
				return
			}
			if c.drip != "" {
				go drip(conn, c.drip)
			}
			took, closed := closedWithin(conn, 50*time.Second)
			if !closed || took > 40*time.Second {
				t.Errorf("%s: the connection was open for %v", c.name, took)
			}
		})
	}
	for range 10 { // others are served meanwhile
		h.visitor().get("/api/stream").want(200)
		time.Sleep(100 * time.Millisecond)
	}
	return func() {
		wg.Wait()
		if left := h.files(); len(left) > 0 {
			t.Errorf("bodies that never ended left %v", left)
		}
	}
}

// answersThatNobodyReads asks for much and takes nothing: the connection
// is let go within a minute.
func answersThatNobodyReads(t *testing.T) (wait func()) {
	h := newHouse(t)
	k := h.keeper()
	page := string(h.visitor().get("/").want(200).body)
	_, rest, ok := strings.Cut(page, `src="/_/`)
	asset, _, ok2 := strings.Cut(rest, `"`)
	if !ok || !ok2 {
		t.Fatalf("no asset on the page: %s", shorten([]byte(page)))
	}
	long := k.upload("long.mp3", bytes.Repeat(tone(2000), 8), "public")
	wg := new(sync.WaitGroup)
	for _, path := range []string{"/_/" + asset, "/api/openapi.json", "/", "/api/stream", "/api/tracks/" + long.ID + "/stream.mp4", "/api/tracks/" + long.ID + "/peaks.json"} {
		c := h.dial()
		wg.Go(func() {
			// Asked until the house takes no more questions: it is stuck in an answer then.
			request := strings.Repeat(fmt.Sprintf("GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path), 10)
			for {
				c.SetWriteDeadline(time.Now().Add(3 * time.Second))
				if _, err := io.WriteString(c, request); err != nil {
					break
				}
			}
			// From the kernels' buffers a little may still come through; then a
			// minute is what it gets.
			time.Sleep(72 * time.Second)
			if took, closed := closedWithin(c, 5*time.Second); !closed {
				t.Errorf("%s: the house still goes on after a minute without a reader (%v)", path, took)
			}
		})
	}
	return wg.Wait
}

// slowUploads takes over a minute to send a file: it is taken, or its
// sender is told what is wrong with it.
func slowUploads(t *testing.T) (wait func()) {
	h := newHouse(t)
	k := h.keeper()
	wg := new(sync.WaitGroup)
	for _, c := range []struct {
		name, path, method string
		body               []byte
		status             string
	}{
		{"a song", "/api/tracks?name=x.mp3", "POST", tone(330), "201"},
		{"no song", "/api/tracks?name=x.mp3", "POST", bytes.Repeat([]byte("words "), 23_000), "415"},
		{"a picture", "/api/me/picture", "PUT", append(artwork(t), make([]byte, 100_000)...), "200"},
		{"no picture", "/api/me/picture", "PUT", bytes.Repeat([]byte("words "), 23_000), "415"},
	} {
		conn := h.dial()
		wg.Go(func() {
			fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n", c.method, c.path, k.token, len(c.body))
			const pieces = 67
			for i := range pieces {
				if _, err := conn.Write(c.body[i*len(c.body)/pieces : (i+1)*len(c.body)/pieces]); err != nil {
					t.Errorf("%s: after %d of %d pieces: %v", c.name, i, pieces, err)
					return
				}
				time.Sleep(time.Second)
			}
			conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			b := make([]byte, 12)
			if _, err := io.ReadFull(conn, b); err != nil || string(b) != "HTTP/1.1 "+c.status {
				t.Errorf("%s: got %q, %v, want status %s", c.name, b, err, c.status)
			}
		})
	}
	return wg.Wait
}
