// Streamload puts a streaming server under load and tells what it costs the
// server: processor time for each gigabyte, or memory for each listener. It
// is what .ci/bench-stream runs; the server's processes are read from /proc.
//
//	streamload make MB > file.mp3
//	streamload bytes  -url U -pid P,P [-header "Name: value"] [-conns 64] [-total MB] [-range KB]
//	streamload listen -url U -pid P,P [-header "Name: value"] [-listeners N] [-for 20s]
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"earshot/media/mp3/mp3test"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "streamload:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 2 && args[0] == "make" {
		return makeFile(args[1])
	}
	if len(args) == 0 || args[0] != "bytes" && args[0] != "listen" {
		return errors.New("say make, bytes or listen")
	}
	f := flag.NewFlagSet("streamload", flag.ContinueOnError)
	l := load{}
	address := f.String("url", "", "")
	f.StringVar(&l.header, "header", "", "")
	pids := f.String("pid", "", "")
	f.IntVar(&l.conns, "conns", 64, "")
	total := f.Int64("total", 2048, "")
	ranged := f.Int64("range", 0, "")
	f.IntVar(&l.listeners, "listeners", 1000, "")
	f.DurationVar(&l.last, "for", 20*time.Second, "")
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	u, err := url.Parse(*address)
	if err != nil {
		return err
	}
	l.host, l.path = u.Host, u.RequestURI()
	l.total, l.ranged = *total<<20, *ranged<<10
	for p := range strings.SplitSeq(*pids, ",") {
		pid, err := strconv.Atoi(p)
		if err != nil {
			return fmt.Errorf("-pid: %w", err)
		}
		l.pids = append(l.pids, pid)
	}
	if args[0] == "bytes" {
		return l.bytes()
	}
	return l.listen()
}

// makeFile writes an mp3 of about so many megabytes, with uneven frames.
func makeFile(mb string) error {
	n, err := strconv.Atoi(mb)
	if err != nil {
		return err
	}
	f := mp3test.Format{SampleRate: 44100, Bitrate: 192, Mode: mp3test.Joint, Fill: 1}
	part := f.Build(f.Uneven(2000, 1)...)
	w := bufio.NewWriter(os.Stdout)
	for left := n << 20; left > 0; left -= len(part) {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return w.Flush()
}

type load struct {
	host, path, header string
	pids               []int
	conns              int
	total, ranged      int64
	listeners          int
	last               time.Duration
}

// client is one connection that asks for one thing after the other.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

func (l *load) dial() (*client, error) {
	c, err := net.Dial("tcp", l.host)
	if err != nil {
		return nil, err
	}
	return &client{c, bufio.NewReaderSize(c, 4096)}, nil
}

// ask sends a request, for n bytes from off on when n is not 0, and reads the
// answer up to its body.
func (l *load) ask(c *client, off, n int64) (*http.Response, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\n", l.path, l.host)
	if l.header != "" {
		b.WriteString(l.header + "\r\n")
	}
	want := http.StatusOK
	if n > 0 {
		fmt.Fprintf(&b, "Range: bytes=%d-%d\r\n", off, off+n-1)
		want = http.StatusPartialContent
	}
	b.WriteString("\r\n")
	if _, err := io.WriteString(c.conn, b.String()); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != want {
		return nil, fmt.Errorf("got status %s, want %d", res.Status, want)
	}
	return res, nil
}

// size asks how long the stream is.
func (l *load) size() (int64, error) {
	c, err := l.dial()
	if err != nil {
		return 0, err
	}
	defer c.conn.Close()
	res, err := l.ask(c, 0, 0)
	if err != nil {
		return 0, err
	}
	return res.ContentLength, nil
}

// bytes takes so many bytes over all connections together.
func (l *load) bytes() error {
	size, err := l.size()
	if err != nil {
		return err
	}
	var got atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, l.conns)
	began, before := time.Now(), l.cpu()
	for i := range l.conns {
		wg.Go(func() { errs <- l.take(size, uint64(i), &got) })
	}
	wg.Wait()
	cpu, took := l.cpu()-before, time.Since(began)
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	gb := float64(got.Load()) / 1e9
	fmt.Printf("%.3f CPU s/GB  (%.2f GB in %.1f s)\n", cpu/gb, gb, took.Seconds())
	return nil
}

func (l *load) take(size int64, seed uint64, got *atomic.Int64) error {
	c, err := l.dial()
	if err != nil {
		return err
	}
	defer c.conn.Close()
	random := rand.New(rand.NewPCG(seed, 1))
	buf := make([]byte, 256<<10)
	for got.Load() < l.total {
		off := int64(0)
		if l.ranged > 0 {
			off = random.Int64N(size - l.ranged)
		}
		res, err := l.ask(c, off, l.ranged)
		if err != nil {
			return err
		}
		for {
			n, err := res.Body.Read(buf)
			got.Add(int64(n))
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// listen holds so many listeners who take 16,000 bytes a second each: 128
// kbit/s. After a start of two seconds each must find a second's bytes within
// the second; otherwise it has stalled.
func (l *load) listen() error {
	memory, kernel := l.private(), tcpMemory()
	var stalls, failed atomic.Int64
	var wg sync.WaitGroup
	end := time.Now().Add(l.last)
	for range l.listeners {
		wg.Go(func() {
			if err := l.hear(end, &stalls); err != nil {
				if failed.Add(1) == 1 {
					fmt.Fprintln(os.Stderr, "the first to fail:", err)
				}
			}
		})
		time.Sleep(500 * time.Microsecond)
	}
	time.Sleep(time.Until(end) * 3 / 4)
	cpu, at := l.cpu(), time.Now()
	m, k := l.private()-memory, tcpMemory()-kernel
	time.Sleep(time.Until(end) / 2)
	load := (l.cpu() - cpu) / time.Since(at).Seconds()
	wg.Wait()
	n := float64(l.listeners)
	fmt.Printf("%d listeners: %.1f MB private (%.1f KB each), %.2f MB kernel send memory each, %.1f %% of a core, %d stalls, %d failed\n",
		l.listeners, m/1e6, m/n/1e3, k/n/1e6, load*100, stalls.Load(), failed.Load())
	return nil
}

func (l *load) hear(end time.Time, stalls *atomic.Int64) error {
	c, err := l.dial()
	if err != nil {
		return err
	}
	defer c.conn.Close()
	res, err := l.ask(c, 0, 0)
	if err != nil {
		return err
	}
	const second = 16_000
	buf := make([]byte, second)
	for began, n := time.Now(), 0; time.Now().Before(end); n++ {
		late := time.Until(began.Add(time.Duration(n) * time.Second))
		time.Sleep(late)
		asked := time.Now()
		if _, err := io.ReadFull(res.Body, buf); err != nil {
			return err
		}
		if n > 2 && time.Since(asked) > time.Second {
			stalls.Add(1)
		}
	}
	return nil
}

// cpu is the processor time the server has used so far, in seconds.
func (l *load) cpu() (seconds float64) {
	for _, pid := range l.pids {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
		for _, f := range fields[11:13] { // user and system time, in ticks of 10 ms
			ticks, _ := strconv.ParseFloat(f, 64)
			seconds += ticks / 100
		}
	}
	return seconds
}

// private is the memory that the server shares with nobody, in bytes.
func (l *load) private() (sum float64) {
	for _, pid := range l.pids {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(b)) {
			if f := strings.Fields(line); strings.HasPrefix(line, "Private_") && len(f) > 1 {
				kb, _ := strconv.ParseFloat(f[1], 64)
				sum += kb * 1024
			}
		}
	}
	return sum
}

// tcpMemory is what the kernel holds for all TCP connections, in bytes.
func tcpMemory() float64 {
	b, err := os.ReadFile("/proc/net/sockstat")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if _, after, ok := strings.Cut(line, " mem "); ok && strings.HasPrefix(line, "TCP:") {
			pages, _ := strconv.ParseFloat(strings.TrimSpace(after), 64)
			return pages * float64(os.Getpagesize())
		}
	}
	return 0
}
