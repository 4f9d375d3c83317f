package api

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"earshot/media"
	"earshot/media/mp3/mp3test"
)

const soundID = "0track000000a"

// soundStore holds one track of so many frames of 417 or 418 bytes.
func soundStore(t testing.TB, frames int) (s *media.Store, dir string, file []byte) {
	t.Helper()
	dir = t.TempDir()
	s, err := media.OpenStore(dir, media.StoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	file = mp3test.Format{SampleRate: 44100, Bitrate: 128, Fill: 1}.Silence(frames)
	in, err := s.Receive(context.Background(), bytes.NewReader(file), int64(len(file)), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Discard()
	c, err := media.Identify(in, in.Size())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(in, soundID, c); err != nil {
		t.Fatal(err)
	}
	return s, dir, file
}

// soundHandler serves the track: raw, from ?t=, or as an MP4 at /mp4.
func soundHandler(t testing.TB, s *media.Store, opt serveOptions) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		open := s.StreamRaw
		if r.URL.Path == "/mp4" {
			open = s.StreamMP4
		} else if at, ok := parseSeconds(r.FormValue("t")); ok {
			open = func(id string) (*media.Stream, error) { return s.StreamFrom(id, at) }
		}
		st, err := open(soundID)
		if err != nil {
			t.Error(err)
			return
		}
		defer st.Close()
		if err := serveStream(w, r, st, opt); err != nil {
			t.Logf("serve: %v", err)
		}
	})
}

func TestServeStream(t *testing.T) {
	t.Parallel()
	s, _, file := soundStore(t, 500)
	h := soundHandler(t, s, serveOptions{CacheControl: "private, no-cache", Download: "소리 \"1\".mp3"})
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	st, err := s.StreamRaw(soundID)
	if err != nil {
		t.Fatal(err)
	}
	tag, size := st.ETag, int64(len(file))
	st.Close()
	part := func(from, to int64) string { return fmt.Sprintf("bytes %d-%d/%d", from, to, size) }
	for _, test := range []struct {
		name   string
		method string
		header map[string]string
		status int
		ranged string // Content-Range
		body   []byte
	}{
		{"whole", "GET", nil, 200, "", file},
		{"head", "HEAD", nil, 200, "", nil},
		{"head knows no ranges", "HEAD", map[string]string{"Range": "bytes=0-9"}, 200, "", nil},
		{"first bytes", "GET", map[string]string{"Range": "bytes=0-99"}, 206, part(0, 99), file[:100]},
		{"in the middle", "GET", map[string]string{"Range": "bytes=1000-150000"}, 206, part(1000, 150000), file[1000:150001]},
		{"to the end", "GET", map[string]string{"Range": "bytes=5000-"}, 206, part(5000, size-1), file[5000:]},
		{"beyond the end", "GET", map[string]string{"Range": "bytes=5000-99999999999999999999999"}, 206, part(5000, size-1), file[5000:]},
		{"the last bytes", "GET", map[string]string{"Range": "bytes=-10"}, 206, part(size-10, size-1), file[size-10:]},
		{"more last bytes than there are", "GET", map[string]string{"Range": "bytes=-9999999999"}, 206, part(0, size-1), file},
		{"one byte", "GET", map[string]string{"Range": "BYTES=7-7"}, 206, part(7, 7), file[7:8]},
		{"past the end", "GET", map[string]string{"Range": fmt.Sprintf("bytes=%d-", size)}, 416, fmt.Sprintf("bytes */%d", size), nil},
		{"far past the end", "GET", map[string]string{"Range": "bytes=99999999999999999999999-"}, 416, fmt.Sprintf("bytes */%d", size), nil},
		{"no last bytes", "GET", map[string]string{"Range": "bytes=-0"}, 416, fmt.Sprintf("bytes */%d", size), nil},
		{"several", "GET", map[string]string{"Range": "bytes=0-1,5-6"}, 200, "", file},
		{"very many", "GET", map[string]string{"Range": "bytes=" + strings.Repeat("0-,", 4000) + "0-"}, 200, "", file},
		{"backwards", "GET", map[string]string{"Range": "bytes=9-5"}, 200, "", file},
		{"nonsense", "GET", map[string]string{"Range": "bytes=a-b"}, 200, "", file},
		{"negative", "GET", map[string]string{"Range": "bytes=--5"}, 200, "", file},
		{"another unit", "GET", map[string]string{"Range": "seconds=1-2"}, 200, "", file},
		{"if it is the same", "GET", map[string]string{"Range": "bytes=0-9", "If-Range": tag}, 206, part(0, 9), file[:10]},
		{"if it were the same", "GET", map[string]string{"Range": "bytes=0-9", "If-Range": `"other"`}, 200, "", file},
		{"if weakly the same", "GET", map[string]string{"Range": "bytes=0-9", "If-Range": "W/" + tag}, 200, "", file},
		{"if not changed since", "GET", map[string]string{"Range": "bytes=0-9", "If-Range": "Mon, 02 Jan 2006 15:04:05 GMT"}, 200, "", file},
		{"unchanged", "GET", map[string]string{"If-None-Match": tag}, 304, "", nil},
		{"unchanged, of a list", "GET", map[string]string{"If-None-Match": `"a", W/` + tag + `,"b"`}, 304, "", nil},
		{"unchanged, head", "HEAD", map[string]string{"If-None-Match": "*"}, 304, "", nil},
		{"unchanged goes before range", "GET", map[string]string{"If-None-Match": tag, "Range": "bytes=0-9"}, 304, "", nil},
		{"changed", "GET", map[string]string{"If-None-Match": `"a", "b`}, 200, "", file},
		{"wanted as it was", "GET", map[string]string{"If-Match": `"a"`}, 412, "", nil},
		{"wanted as it is", "GET", map[string]string{"If-Match": `"a",` + tag}, 200, "", file},
		{"weak is not the same", "GET", map[string]string{"If-Match": "W/" + tag}, 412, "", nil},
		{"posted", "POST", nil, 405, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequest(test.method, srv.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range test.header {
				req.Header.Set(k, v)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != test.status || !bytes.Equal(body, test.body) {
				t.Fatalf("got status %d with %d bytes, want %d with %d", res.StatusCode, len(body), test.status, len(test.body))
			}
			if got := res.Header.Get("Content-Range"); got != test.ranged {
				t.Errorf("Content-Range: got %q, want %q", got, test.ranged)
			}
			if test.status == 405 {
				if got := res.Header.Get("Allow"); got != "GET, HEAD" {
					t.Errorf("Allow: got %q", got)
				}
				return
			}
			want := map[string]string{
				"ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache",
				"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
			}
			if test.status == 200 || test.status == 206 {
				want["Content-Type"] = media.TypeMP3
				length := len(test.body)
				if test.method == "HEAD" {
					length = len(file)
				}
				want["Content-Length"] = strconv.Itoa(length)
				kind, params, err := mime.ParseMediaType(res.Header.Get("Content-Disposition"))
				if err != nil || kind != "attachment" || params["filename"] != "소리 \"1\".mp3" {
					t.Errorf("Content-Disposition: got %q: %s %v %v", res.Header.Get("Content-Disposition"), kind, params, err)
				}
			}
			for k, v := range want {
				if got := res.Header.Get(k); got != v {
					t.Errorf("%s: got %q, want %q", k, got, v)
				}
			}
		})
	}
}

// The forms that are put together answer ranges like a file does.
func TestServeAssembledStreams(t *testing.T) {
	t.Parallel()
	s, _, _ := soundStore(t, 500)
	srv := httptest.NewServer(soundHandler(t, s, serveOptions{}))
	t.Cleanup(srv.Close)
	get := func(path, ranged string) (int, string, []byte) {
		t.Helper()
		req, err := http.NewRequest("GET", srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if ranged != "" {
			req.Header.Set("Range", ranged)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header.Get("ETag"), b
	}
	tags := map[string]bool{}
	for _, path := range []string{"/mp4", "/", "/?t=1.5", "/?t=1.6"} {
		status, tag, all := get(path, "")
		if status != 200 || tags[tag] {
			t.Errorf("%s: status %d, ETag %s", path, status, tag)
		}
		tags[tag] = true
		for _, r := range [][2]int{{0, 10}, {1000, 5000}, {2500, 90_000}, {len(all) - 7, len(all) - 1}} {
			status, again, part := get(path, fmt.Sprintf("bytes=%d-%d", r[0], r[1]))
			if status != 206 || again != tag || !bytes.Equal(part, all[r[0]:r[1]+1]) {
				t.Errorf("%s: %v: got status %d, %s, %d bytes", path, r, status, again, len(part))
			}
		}
	}
}

// watchedConn notes what a server hands to the connection's ReadFrom, which is
// where sendfile begins.
type watchedConn struct {
	*net.TCPConn
	files *atomic.Int64 // bytes that came as an *os.File
}

func (c watchedConn) ReadFrom(r io.Reader) (int64, error) {
	n, err := c.TCPConn.ReadFrom(r)
	if l, ok := r.(*io.LimitedReader); ok {
		if _, ok := l.R.(*os.File); ok {
			c.files.Add(n)
		}
	}
	return n, err
}

type watchedListener struct {
	net.Listener
	files *atomic.Int64
}

func (l watchedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return watchedConn{c.(*net.TCPConn), l.files}, nil
}

// Whole files, ranges and MP4s reach the kernel's sendfile.
func TestSendfileIsReached(t *testing.T) {
	t.Parallel()
	s, _, file := soundStore(t, 2000)
	var files atomic.Int64
	srv := httptest.NewUnstartedServer(soundHandler(t, s, serveOptions{}))
	srv.Listener = watchedListener{srv.Listener, &files}
	srv.Config.ConnContext = ConnContext
	srv.Start()
	t.Cleanup(srv.Close)
	for _, test := range []struct {
		path, ranged string
		least        int64
	}{
		{"/", "", int64(len(file)) - 1024},
		{"/", "bytes=100000-362143", 262144 - 1024},
		{"/mp4", "", int64(len(file))},
		{"/?t=2", "", int64(len(file)) - 100_000},
	} {
		before := files.Load()
		req, err := http.NewRequest("GET", srv.URL+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if test.ranged != "" {
			req.Header.Set("Range", test.ranged)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		// The client may have all before the server's call has come back.
		for range 200 {
			if files.Load()-before >= test.least {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		if got := files.Load() - before; got < test.least {
			t.Errorf("%s %s: %d bytes went from file to connection, want at least %d", test.path, test.ranged, got, test.least)
		}
	}
}

// A reader that takes nothing is cut off. One that takes a little at a time
// gets everything, however long it needs.
func TestStalledReader(t *testing.T) {
	t.Parallel()
	const stall = 1600 * time.Millisecond
	s, _, file := soundStore(t, 10_000)
	ended := make(chan struct{}, 4)
	sound := soundHandler(t, s, serveOptions{Stall: stall})
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sound.ServeHTTP(w, r)
		ended <- struct{}{}
	}))
	srv.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		c.(*net.TCPConn).SetWriteBuffer(64 << 10)
		return ctx
	}
	srv.Start()
	t.Cleanup(srv.Close)
	dial := func(path string) *http.Response {
		t.Helper()
		c, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.(*net.TCPConn).SetReadBuffer(64 << 10)
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", path)
		res, err := http.ReadResponse(bufio.NewReaderSize(c, 4096), nil)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	for _, path := range []string{"/", "/mp4"} {
		lazy, slow := dial(path), dial(path)
		start := time.Now()
		buf := make([]byte, 4<<10)
		got := 0
		for time.Since(start) < stall*3/2 { // beyond any one deadline
			// On a busy machine it catches up: what it takes must be seen by the kernel of the other side.
			for due := int(time.Since(start).Milliseconds()) * 600; got < due; {
				n, err := slow.Body.Read(buf)
				got += n
				if err != nil {
					t.Fatalf("%s: a slow reader was cut off after %v and %d bytes: %v", path, time.Since(start), got, err)
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
		rest, err := io.Copy(io.Discard, slow.Body)
		if err != nil || int64(got)+rest != slow.ContentLength || slow.ContentLength < int64(len(file)) {
			t.Errorf("%s: a slow reader got %d of %d bytes: %v", path, int64(got)+rest, slow.ContentLength, err)
		}
		// The kernel may take something for the lazy one long after it was sent.
		for range 2 {
			select {
			case <-ended:
			case <-time.After(20 * time.Second):
				t.Fatalf("%s: a reader that took nothing is still served after %v", path, time.Since(start))
			}
		}
		if n, err := io.Copy(io.Discard, lazy.Body); err == nil {
			t.Errorf("%s: a reader that took nothing for %v still got all %d bytes", path, time.Since(start), n)
		}
	}
}

// A file that breaks while it is sent ends the connection, so that the client
// knows, and is told to the caller.
func TestServeBrokenFile(t *testing.T) {
	t.Parallel()
	s, dir, _ := soundStore(t, 500)
	told := make(chan error, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st, err := s.StreamRaw(soundID)
		if err != nil {
			told <- err
			return
		}
		defer st.Close()
		if err := os.Truncate(filepath.Join(dir, "tracks", soundID, "audio.mp3"), 10_000); err != nil {
			told <- err
			return
		}
		told <- serveStream(w, r, st, serveOptions{})
	}))
	t.Cleanup(srv.Close)
	res, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("the client got %d bytes and no error", len(b))
	}
	if err := <-told; !errors.Is(err, media.ErrMissing) {
		t.Errorf("got %v, want ErrMissing", err)
	}
}

// A client that leaves is no error.
func TestServeToClientThatLeaves(t *testing.T) {
	t.Parallel()
	s, _, _ := soundStore(t, 20_000)
	told := make(chan error, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st, err := s.StreamMP4(soundID)
		if err != nil {
			told <- err
			return
		}
		defer st.Close()
		told <- serveStream(w, r, st, serveOptions{})
	}))
	t.Cleanup(srv.Close)
	res, err := http.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if err := <-told; err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

func TestParseSeconds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0": 0, "83.4": 83400 * time.Millisecond, "0.000000001": 1, "1": time.Second, "007": 7 * time.Second, "3600000": 1000 * time.Hour,
	} {
		if got, ok := parseSeconds(text); !ok || got != want {
			t.Errorf("%q: got %v, %v, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", " 1", "0x1", "NaN", "3600001", "1.0000000001", "99999999999999999999", "１"} {
		if got, ok := parseSeconds(text); ok {
			t.Errorf("%q: got %v, want it refused", text, got)
		}
	}
}

func FuzzParseSeconds(f *testing.F) {
	for _, s := range []string{"83.4", "0", "3600000", "1.999999999", "-1", "1e3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseSeconds(s)
		if !ok {
			return
		}
		want, err := strconv.ParseFloat(s, 64)
		if err != nil || got < 0 || math.Abs(got.Seconds()-want) > 1e-6 {
			t.Errorf("%q: got %v, ParseFloat says %v, %v", s, got, want, err)
		}
	})
}

func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"bytes=0-99", "bytes=-5", "bytes=7-", "bytes=9-2", "bytes=0-1,2-3", "bytes= 1-2 ", "bytes=99999999999999999999-", "Bytes=1-1", "bytes=-0", "x"} {
		f.Add(s, int64(100))
		f.Add(s, int64(0))
	}
	f.Fuzz(func(t *testing.T, s string, size int64) {
		if size < 0 {
			return
		}
		off, n, verdict := parseRange([]string{s}, size)
		if verdict != rangeOne {
			if off != 0 || n != 0 {
				t.Errorf("%q of %d: got %d, %d without a range", s, size, off, n)
			}
			return
		}
		if off < 0 || n < 1 || off > size-n {
			t.Errorf("%q of %d: %d bytes from %d are outside", s, size, n, off)
		}
		if strings.Count(s, "-") != 1 || strings.Contains(s, ",") {
			t.Errorf("%q of %d was taken for one range", s, size)
		}
	})
}

func FuzzAttachment(f *testing.F) {
	for _, s := range []string{"Night train.mp3", "밤기차.mp3", "a\"b\\c/d\r\ne\x00.mp3", "100%;x=y", "\xff\xfe", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := attachment(name)
		for _, c := range []byte(got) {
			if c < ' ' || c > '~' {
				t.Fatalf("%q: %q is no header", name, got)
			}
		}
		kind, params, err := mime.ParseMediaType(got)
		if err != nil || kind != "attachment" {
			t.Fatalf("%q: %q: %v", name, got, err)
		}
		if strings.ContainsAny(params["filename"], "/\\\r\n\x00") {
			t.Errorf("%q is offered as %q", name, params["filename"])
		}
	})
}

// BenchmarkRange is one range of 256 KiB over loopback, with the client.
func BenchmarkRange(b *testing.B) {
	s, _, _ := soundStore(b, 20_000)
	for _, path := range []string{"/", "/mp4"} {
		b.Run(path[1:], func(b *testing.B) {
			srv := httptest.NewUnstartedServer(soundHandler(b, s, serveOptions{}))
			srv.Config.ConnContext = ConnContext
			srv.Start()
			defer srv.Close()
			b.SetBytes(256 << 10)
			b.ReportAllocs()
			for b.Loop() {
				req, err := http.NewRequest("GET", srv.URL+path, nil)
				if err != nil {
					b.Fatal(err)
				}
				req.Header.Set("Range", "bytes=1000000-1262143")
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, res.Body)
				res.Body.Close()
			}
		})
	}
}
