package app_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"earshot/app/config"
)

// dial opens a connection to the house and writes to it by hand.
func (h *house) dial() net.Conn {
	h.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { c.Close() })
	return c
}

// TestSlowHeaders sends headers a byte at a time: the connection is closed,
// and others are served meanwhile (SAFETY 2.6, slow-loris).
func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	h := newHouse(t)
	h.keeper()
	ended := make(chan time.Duration, 30)
	for range cap(ended) {
		c := h.dial()
		go func() {
			began := time.Now()
			fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n")
			go func() {
				for {
					if _, err := c.Write([]byte("a")); err != nil {
						return
					}
					time.Sleep(300 * time.Millisecond)
				}
			}()
			io.Copy(io.Discard, c)
			ended <- time.Since(began)
		}()
	}
	for range 20 {
		h.visitor().get("/api/stream").want(200)
	}
	for range cap(ended) {
		select {
		case took := <-ended:
			if took > 20*time.Second {
				t.Errorf("a connection without headers lived %v", took)
			}
		case <-time.After(25 * time.Second):
			t.Fatal("a connection without headers is still open")
		}
	}
}

// TestIdleConnections opens very many connections that say nothing, and some
// that said something once: those who do are served as before, and the memory
// they take is let go of (SAFETY 2.6).
func TestIdleConnections(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("what a process takes is read from /proc")
	}
	many := 1500 // 10,000 take as long as all the rest
	if testing.Short() {
		many = 300
	}
	p := start(t, t.TempDir())
	k := p.keeper()
	song := k.upload("song.mp3", tagged(t, "Song"), "public")
	before := privateMemory(p.cmd.Process.Pid)
	var open []net.Conn
	for i := range many {
		c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if err != nil {
			t.Logf("no more than %d connections can be opened here: %v", i, err)
			break
		}
		t.Cleanup(func() { c.Close() })
		if i%3 == 0 {
			fmt.Fprintf(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		}
		open = append(open, c)
	}
	for range 50 {
		k.get("/api/stream").want(200)
		k.get("/api/tracks/" + song.ID + "/stream.mp4").want(200)
	}
	taken := privateMemory(p.cmd.Process.Pid)
	t.Logf("%d idle connections: %.0f MB before, %.0f MB with them", len(open), before, taken)
	if before == 0 || taken > 150 {
		t.Errorf("memory is at %.0f MB", taken)
	}
	for _, c := range open {
		c.Close()
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) < 100 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d files are still open", len(files))
		}
	}
	k.get("/api/stream").want(200)
}

// TestHalfUploads breaks off many uploads: nothing of them is left on disk or
// open (SAFETY 2.6).
func TestHalfUploads(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	mina := h.keeper()
	half := bytes.Repeat([]byte("half"), 10_000)
	for range 200 {
		c := h.dial()
		fmt.Fprintf(c, "POST /api/tracks?name=x.mp3 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 9000000\r\n\r\n", mina.token)
		c.Write(half)
		c.Close()
	}
	// Some are served later than others: nothing may come back.
	const quiet = 500 * time.Millisecond
	last := time.Now()
	for end := last.Add(20 * time.Second); time.Since(last) < quiet; time.Sleep(20 * time.Millisecond) {
		files, open := h.files(), h.incoming()
		if len(files) == 0 && open == 0 {
			continue
		}
		if last = time.Now(); last.After(end) {
			t.Fatalf("broken uploads left %v, and %d files open", files, open)
		}
	}
}

// incoming counts the files of uploads that are open, where that can be told.
func (h *house) incoming() (n int) {
	h.t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		h.t.Fatal(err)
	}
	for _, fd := range open {
		if to, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(to, h.dir) && strings.Contains(to, "incoming/") {
			n++
		}
	}
	return n
}

// TestHugeUploads sends more than is allowed, announced and not: the answer
// comes early, and it is never held in memory.
func TestHugeUploads(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.MaxUpload = 8 << 20 })
	mina := h.keeper()
	send := func(head string, body io.Reader) (status int, sent int64) {
		c := h.dial()
		c.SetDeadline(time.Now().Add(20 * time.Second))
		fmt.Fprintf(c, "POST /api/tracks?name=x.mp3 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n", mina.token, head)
		counted := make(chan int64, 1)
		go func() {
			n, _ := io.Copy(c, body)
			counted <- n
		}()
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatalf("%s: %v", head, err)
		}
		res.Body.Close()
		c.Close()
		return res.StatusCode, <-counted
	}
	endless := io.LimitReader(zeros{}, 4<<30)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if status, sent := send("Content-Length: 4294967296", endless); status != 413 || sent > 8<<20 {
		t.Errorf("4 GiB announced: got %d after %d bytes", status, sent)
	}
	if status, sent := send("Transfer-Encoding: chunked", chunks(endless)); status != 413 || sent > 24<<20 {
		t.Errorf("4 GiB in chunks: got %d after %d bytes", status, sent)
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.Sys) - int64(before.Sys); grown > 128<<20 {
		t.Errorf("memory grew by %d MB", grown>>20)
	}
	for _, length := range []string{"-1", "99999999999999999999", "0x10", "1 1"} {
		if status, _ := send("Content-Length: "+length, strings.NewReader("")); status != 400 {
			t.Errorf("Content-Length %q: got %d", length, status)
		}
	}
	if left := h.files(); len(left) > 0 {
		t.Errorf("refused uploads left %v", left)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// chunks writes what it reads in HTTP's chunked form.
func chunks(r io.Reader) io.Reader {
	pr, pw := io.Pipe()
	go func() {
		b := make([]byte, 64<<10)
		for {
			n, err := r.Read(b)
			if _, werr := fmt.Fprintf(pw, "%x\r\n%s\r\n", n, b[:n]); err != nil || werr != nil {
				pw.Close()
				return
			}
		}
	}()
	return pr
}

// TestManySignInsDoNotStarve floods the house with wrong passwords; others are
// served, and those who flood are told to wait.
func TestManySignInsDoNotStarve(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	done := make(chan int, 200)
	for i := range cap(done) {
		go func() {
			p := h.visitor()
			done <- p.post("/api/auth/sign-in", map[string]string{"email": fmt.Sprintf("p%d@home.example", i), "password": "wrong one"}).status
		}()
	}
	for range 20 {
		h.visitor().get("/api/stream").want(200)
	}
	got := map[int]int{}
	for range cap(done) {
		got[<-done]++
	}
	for status := range got {
		if status != 401 && status != 429 && status != 503 {
			t.Errorf("got status %d", status)
		}
	}
	if got[401] > 60 {
		t.Errorf("%d of 200 guesses from one address were checked", got[401])
	}
}
