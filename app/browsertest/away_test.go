package browsertest

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestPlayerForgetsThatTheServerWasAway stops the house in the middle of a
// track and opens it again: the player says so while it lasts and no longer,
// also when a person sought to an earlier time meanwhile.
func TestPlayerForgetsThatTheServerWasAway(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	track := h.add(recording{file: "long.mp3", sound: music(3600, 5)})
	d := newDoor(t, strings.TrimPrefix(h.url, "http://"))

	w := openWindow(t, browser, look{url: d.url, locale: "en"})
	const at = `Number(document.querySelector(".wave-hero input").value)`
	w.size(phone.width, phone.height)
	w.show(d.url + track.URL + "?t=3000")
	w.do(click(`main button.play`), until(plays), until(at+` >= 3000000`))
	d.shut()
	w.do(run(`{ const s = document.querySelector(".wave-hero input"); s.value = 1800000; s.dispatchEvent(new Event("input", {bubbles: true})); }`),
		until(`document.querySelector('.player-trouble.on')?.innerText.includes('cannot be reached')`))
	if n := read[int](w, `document.body.textContent.split('The server cannot be reached').length - 1`); n != 1 {
		t.Errorf("the page says %d times that the server is away, want once", n)
	}
	w.picture("player-away", false)
	d.open()
	w.do(until(at+` > 1800000 && `+at+` < 1900000`), until(plays), until(`!document.querySelector('.player-trouble.on')`))
}

// door stands before a house and can be shut, like a server that is stopped.
type door struct {
	url    string
	mu     sync.Mutex
	closed bool
	inside map[net.Conn]bool
}

func newDoor(t *testing.T, to string) *door {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	d := &door{url: "http://" + ln.Addr().String(), inside: map[net.Conn]bool{}}
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			go d.enter(in, to)
		}
	}()
	return d
}

// enter passes a connection on until the door is shut.
func (d *door) enter(in net.Conn, to string) {
	defer in.Close()
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return
	}
	d.inside[in] = true
	d.mu.Unlock()
	out, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer out.Close()
	go func() {
		io.Copy(out, in)
		out.Close()
	}()
	io.Copy(in, out)
	d.mu.Lock()
	delete(d.inside, in)
	d.mu.Unlock()
}

func (d *door) open() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = false
}

func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for in := range d.inside {
		in.Close()
	}
}
