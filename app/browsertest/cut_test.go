package browsertest

import (
	"io"
	"math"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The house cuts off who takes nothing for a minute, and a paused player takes
// nothing. What it plays and where it seeks afterwards is as exact as before.
func TestPlayerSurvivesCutConnections(t *testing.T) {
	tab := newTab(t, 2*time.Minute)
	c := newClock(clockRate, clockLong, 9)
	file := c.encode(t, "-V", "3", "-q", "7")
	h := newHouse(t)
	mp4, _ := h.upload("clock.mp3", file)
	// Each connection brings this much and is cut then.
	const portion = 700_000
	through, cuts := cutter(t, strings.TrimPrefix(h.url, "http://"), portion)
	u, err := url.Parse(mp4)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = through
	r := newRig(t, tab, "http://"+through+"/healthz")
	seek := r.seeking(c.rate, u.String())
	for _, at := range []float64{3, 60, 250, 20, 299, 150} {
		p := seek(at)
		sample, like := c.find(p.samples, int(p.at*float64(c.rate)))
		if off := float64(sample)/float64(c.rate) - p.at; like < 0.5 || math.Abs(off) > 0.028 {
			t.Errorf("seek to %v s: heard what stands %.1f ms from there (likeness %.2f)", at, off*1000, like)
		}
	}
	if n := cuts.Load(); n == 0 {
		t.Error("no connection was cut: the test tests nothing")
	} else {
		t.Logf("%d connections were cut", n)
	}
}

// cutter passes connections on to an address, and cuts each one after so many
// bytes of answer.
func cutter(t *testing.T, to string, portion int64) (address string, cuts *atomic.Int64) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	cuts = new(atomic.Int64)
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer in.Close()
				out, err := net.Dial("tcp", to)
				if err != nil {
					return
				}
				defer out.Close()
				go func() {
					io.Copy(out, in)
					out.Close()
				}()
				if n, _ := io.CopyN(in, out, portion); n == portion {
					cuts.Add(1)
				}
			}()
		}
	}()
	return ln.Addr().String(), cuts
}

// An answer that is cut off half-way is no answer: pages hear that the house is
// away, not that there is nothing.
func TestAnswersCutHalfWay(t *testing.T) {
	h := newHouse(t)
	w := openWindow(t, newTab(t, time.Minute), look{url: h.url, token: h.token, locale: "en"})
	w.show(h.url + "/")
	got := read[string](w, `(async () => {
		const {api} = await import(performance.getEntriesByType('resource').find((one) => one.name.endsWith('/js/api.js')).name);
		const real = window.fetch;
		window.fetch = async () => new Response(new ReadableStream({
			start(line) { line.enqueue(new TextEncoder().encode('{"items":[')); },
			pull(line) { line.error(new TypeError('cut')); },
		}), {headers: {'Content-Type': 'application/json'}});
		try {
			return JSON.stringify(await api.get('/api/me/queue'));
		} catch (error) {
			return error.code;
		} finally {
			window.fetch = real;
		}
	})()`)
	if got != "offline" {
		t.Errorf("half an answer: got %s, want offline", got)
	}
}
