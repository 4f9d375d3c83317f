package browsertest

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A cable is a way to a house that can be cut and mended.
type cable struct {
	url string

	mu    sync.Mutex
	to    string
	whole bool
	open  []net.Conn
}

// layCable leads an address of its own to a house.
func layCable(t *testing.T, h *house) *cable {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{url: "http://" + ln.Addr().String(), to: strings.TrimPrefix(h.url, "http://"), whole: true}
	t.Cleanup(func() {
		ln.Close()
		c.cut()
	})
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			c.lead(in)
		}
	}()
	return c
}

func (c *cable) lead(in net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.whole {
		in.Close()
		return
	}
	out, err := net.Dial("tcp", c.to)
	if err != nil {
		in.Close()
		return
	}
	c.open = append(c.open, in, out)
	for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			way[0].Close()
			way[1].Close()
		}()
	}
}

// cut ends every connection, and takes none.
func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whole = false
	for _, one := range c.open {
		one.Close()
	}
	c.open = nil
}

func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whole = true
}

// choose presses an item of an open menu by its text.
func choose(text string) step {
	return run(fmt.Sprintf(`[...document.querySelectorAll('.menu-list .menu-item')].find((one) => one.textContent === %q).click()`, text))
}

// TestKeptTracksPlayWithoutTheHouse keeps a track on the device, loses the
// house, starts the app anew, and hears the track, from any moment of it. What
// is not for them any more is gone when the house is back.
func TestKeptTracksPlayWithoutTheHouse(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	kept := h.add(recording{file: "night train.mp3", sound: music(90, 1), patch: map[string]any{"title": "Night train"}})
	h.drawn(kept)
	mina := h.signUp("mina@home.example", "Mina")
	way := layCable(t, h)
	w := openWindow(t, browser, look{url: way.url, token: mina.token, locale: "en"})
	w.size(phone.width, phone.height)
	w.show(way.url + "/")
	if n := read[int](w, `navigator.serviceWorker.getRegistrations().then((all) => all.length)`); n != 0 {
		t.Errorf("%d workers before anybody asked for one", n)
	}
	w.do(click(`.card [aria-haspopup]`), see(`.menu-list`), choose("Keep on this device"),
		until(`[...document.querySelectorAll('.toast')].some((one) => one.textContent.includes('is on this device'))`),
		until(`navigator.serviceWorker.controller`))
	w.do(chromedp.Navigate(way.url+"/you/kept"), until(settled), see(`.track-row`))
	w.picture("kept-en-390x844-light", false)
	read[int](w, `new Promise((done) => setTimeout(() => done(1), 300))`) // the start page is stored by now

	way.cut()
	w.do(chromedp.Navigate(way.url+"/"), until(`document.querySelector('h1')`), see(`.net`), until(`document.querySelector('.net a')`))
	w.picture("offline-en-390x844-light", false)
	w.do(click(`.net a`), see(`.track-row`), click(`.row-play`), until(plays))
	w.do(run(`heard.currentTime = 70`), until(`heard.currentTime > 70.2 && !heard.seeking`))
	if at := read[float64](w, `heard.currentTime`); at < 70 || at > 80 {
		t.Errorf("a seek to 70 s came to %.1f s", at)
	}
	// The track's own page is known as well.
	w.do(click(`.track-row a.player-title`), until(`document.querySelector('h1')?.textContent === 'Night train'`))

	h.do("PATCH", "/api/tracks/"+kept.ID, body(t, map[string]any{"visibility": "private"}), "application/json", 200, nil)
	way.mend()
	w.do(chromedp.Navigate(way.url+"/you/kept"), until(`document.querySelector('.empty')`))
	if keys := read[[]string](w, `caches.open('earshot kept').then((c) => c.keys()).then((all) => all.map((one) => new URL(one.url).pathname))`); len(keys) != 0 {
		t.Errorf("of a track that is not theirs any more the device has %q", keys)
	}
}

// TestWhatIsGivenUpIsNotKept ends the fetching of a track when all of its sound
// is there but its end, and looks up one that is dropped meanwhile: neither is
// said to be on the device.
func TestWhatIsGivenUpIsNotKept(t *testing.T) {
	h := newHouse(t)
	track := h.add(recording{file: "night train.mp3", sound: music(30, 1), patch: map[string]any{"title": "Night train"}})
	h.drawn(track)
	mina := h.signUp("mina@home.example", "Mina")
	w := openWindow(t, newTab(t, time.Minute), look{url: h.url, token: mina.token, locale: "en"})
	w.size(phone.width, phone.height)
	w.show(h.url + "/")
	const entries = `caches.open('earshot kept').then((c) => c.keys()).then((all) => all.length)`
	told := func() bool {
		return read[bool](w, `[...document.querySelectorAll('.toast')].some((one) => one.textContent.includes('is on this device'))`)
	}
	w.do(run(`{
		const real = fetch;
		window.fetch = async (what, how) => {
			const answer = await real(what, how);
			if (!/stream/.test(what.url ?? what)) return answer;
			const bytes = await answer.arrayBuffer();
			return new Response(new ReadableStream({start(to) {
				to.enqueue(new Uint8Array(bytes));
				window.end = () => { window.end = undefined; to.close(); };
			}}), {headers: answer.headers});
		};
		window.back = () => (window.fetch = real);
	}`),
		click(`.card [aria-haspopup]`), see(`.menu-list`), choose("Keep on this device"), until(`window.end`),
		click(`.card [aria-haspopup]`), see(`.menu-list`), choose("Stop fetching"), run(`window.end(); window.back()`),
		click(`.card [aria-haspopup]`), see(`.menu-list`), until(`document.querySelector('.menu-list').textContent.includes('Keep on this device')`), press(kb.Escape))
	if n := read[int](w, entries); n != 0 || told() {
		t.Errorf("given up: %d entries, told of: %t", n, told())
	}

	w.do(click(`.card [aria-haspopup]`), see(`.menu-list`), choose("Keep on this device"),
		until(`[...document.querySelectorAll('.toast')].some((one) => one.textContent.includes('is on this device'))`))
	// What is known of it is asked for anew, and comes after it is dropped.
	left := read[int](w, `(async () => {
		const offline = await import(document.querySelector('script[type=module]').src.replace(/main\.js$/, 'offline.js'));
		await offline.look();
		const real = fetch;
		let go;
		const wait = new Promise((done) => (go = done));
		window.fetch = async (...all) => { const answer = await real(...all); await wait; return answer; };
		const renewed = offline.renew();
		await offline.drop('`+track.ID+`');
		go();
		await renewed;
		window.fetch = real;
		return `+entries+`;
	})()`)
	if left != 0 {
		t.Errorf("dropped while it was looked up: %d entries are left", left)
	}
}

// TestSharedFilesAreSent has another app share a file with the installed one:
// the form that a device sends then.
func TestSharedFilesAreSent(t *testing.T) {
	h := newHouse(t)
	w := openWindow(t, newTab(t, time.Minute), look{url: h.url, token: h.token, locale: "en"})
	w.size(phone.width, phone.height)
	w.show(h.url + "/")
	share := func(sound []byte) {
		t.Helper()
		w.do(run(fmt.Sprintf(`{
			const form = document.createElement('form'), field = document.createElement('input'), given = new DataTransfer();
			given.items.add(new File([Uint8Array.from(atob(%q), (c) => c.charCodeAt(0))], '비 내리는 밤.mp3', {type: 'audio/mpeg'}));
			Object.assign(form, {method: 'post', action: '/share', enctype: 'multipart/form-data'});
			Object.assign(field, {type: 'file', name: 'audio', files: given.files});
			form.append(field);
			document.body.append(form);
			form.submit();
		}`, base64.StdEncoding.EncodeToString(sound))))
	}
	// Before the app runs in the background the house answers, and asks for it again.
	share(music(2, 3))
	w.do(until(`document.querySelector('.toast.error')`))
	// As it does at the start of an installed app.
	read[bool](w, `import(new URL('offline.js', document.scripts[0].src).href).then(({start}) => start()).then(() => navigator.serviceWorker.ready).then(() => true)`)
	w.do(until(`navigator.serviceWorker.controller`))
	share(music(3, 4))
	// Any page of another site can post such a form: nothing is sent unasked.
	w.do(until(`location.pathname === '/upload'`), until(`document.querySelector('dialog')?.textContent.includes('비 내리는 밤.mp3')`), until(`location.search === ''`))
	if n := read[int](w, `document.querySelectorAll('.uploads > li').length`); n != 0 {
		t.Errorf("%d files are on their way before anybody said so", n)
	}
	w.picture("shared-en-390x844-light", false)
	w.do(click(`dialog .actions .main`), until(`document.querySelector('.uploads > li')?.textContent.includes('비 내리는 밤')`))
	w.do(until(`document.querySelector('.uploads audio, .uploads button.play, .uploads form')`))
	if n := read[int](w, `caches.has('earshot shared').then(Number)`); n != 0 {
		t.Error("what was shared is still put aside")
	}
}
