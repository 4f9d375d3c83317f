package browsertest

import (
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// lastHeard waits until the house knows that somebody listens to a track behind
// a place in it, in milliseconds.
func (h *house) lastHeard(track string, behind int64) (q wire.PlayQueue) {
	h.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		h.do("GET", "/api/me/queue?most=1", nil, "", http.StatusOK, &q)
		if len(q.Tracks) == 1 && q.Tracks[0].ID == track && q.PositionMS > behind {
			return q
		}
	}
	h.t.Fatalf("the house knows of %+v", q)
	return q
}

// TestGoOnOnAnotherDevice: what somebody hears in one browser is offered in
// another, goes on there within a second of its place with the whole queue, and
// a browser that is paused stores nothing over it.
func TestGoOnOnAnotherDevice(t *testing.T) {
	t.Parallel()
	browser := newTab(t, 2*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	var tracks []wire.Track
	for i := range 3 {
		tracks = append(tracks, h.add(recording{file: fmt.Sprintf("take %d.mp3", i), sound: music(60, i), patch: map[string]any{"title": titles[i]}}))
	}
	for _, track := range tracks {
		h.drawn(track)
	}
	mina := h.signUp("mina@home.example", "Mina")
	open := func(locale string) *window {
		w := openWindow(t, browser, look{url: h.url, token: mina.token, locale: locale})
		w.size(desktop.width, desktop.height)
		return w
	}
	const kept = `JSON.parse(localStorage.getItem('earshot.heard'))`

	// The newest is the first of the list: of three, the middle one is heard.
	a, b := open("en"), open("en")
	a.show(h.url + "/")
	a.do(run(`document.querySelectorAll('.card .play')[1].click()`), until(plays),
		run(`document.querySelector('.player .wave input').value = 30000`), run(`document.querySelector('.player .wave input').dispatchEvent(new Event('input', {bubbles: true}))`),
		until(`!heard.paused && heard.currentTime > 29`), press(" "), until(`heard.paused && `+kept+`.position > 29000`))
	at := read[float64](a, kept+`.position`) / 1000
	if q := mina.lastHeard(tracks[1].ID, 29_000); q.Total != 3 || q.Current != 1 || q.Device != "Chrome on Linux" {
		t.Errorf("the house has %+v", q)
	}

	b.show(h.url + "/")
	b.do(see(`.resume`), finds(`.resume`, "Chrome on Linux"), finds(`.resume`, titles[1]))
	b.looks(t, axe, "resume")
	b.size(desktop.width, desktop.height)
	b.do(run(`for (const one of decks) one.addEventListener('timeupdate', () => one.paused || one.currentTime < 1 || (window.first ??= one.currentTime))`),
		click(`.resume-play`), until(`window.first`), until(`!document.querySelector('.resume')`), until(kept+`.list.length === 3 && `+kept+`.index === 1`))
	if first := read[float64](b, `first`); math.Abs(first-at) > 1 {
		t.Errorf("paused at %.2f s in one browser, goes on at %.2f s in the other", at, first)
	}
	b.do(run(`document.querySelector('.player-controls .player-play + button').click()`), until(plays+` && `+kept+`.index === 2`))
	mina.lastHeard(tracks[0].ID, 100)

	// Leaving the page in which nothing is heard changes nothing.
	a.show(h.url + "/discover")
	a.do(finds(`.resume`, titles[0]))
	now := mina.lastHeard(tracks[0].ID, 0)
	for _, size := range []screen{small, phone} {
		a.size(size.width, size.height)
		a.picture(fmt.Sprintf("resume-%d", size.width), false)
		if wide := read[float64](a, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
			t.Errorf("at %d: the page is %v pixels too wide", size.width, wide)
		}
	}
	a.do(click(`.resume .quiet`), until(`!document.querySelector('.resume')`))
	if q := mina.lastHeard(tracks[0].ID, 0); q.Tracks[0].ID != now.Tracks[0].ID || q.Changed.Before(now.Changed) {
		t.Errorf("the house has %+v, had %+v", q, now)
	}

	// A page that is left while it plays tells where it was; what one heard in this
	// browser stands in its own player, and is not offered to it.
	was := mina.lastHeard(tracks[0].ID, 0)
	b.do(until(plays + ` && heard.currentTime > 3`))
	b.show(h.url + "/discover")
	if q := mina.lastHeard(tracks[0].ID, was.PositionMS); q.PositionMS < 2900 {
		t.Errorf("the page was left after 3 s, and the house knows of %d ms", q.PositionMS)
	}
	b.do(until(`performance.getEntriesByType('resource').some((one) => one.name.includes('/api/me/queue?most=1') && one.responseEnd > 0)`), painted, painted)
	if read[bool](b, `Boolean(document.querySelector('.resume'))`) {
		t.Error("a browser is offered what it heard itself")
	}
	b.do(finds(`.player-title`, titles[0]), until(kept+`.list.length === 3 && document.querySelector('.player-controls [aria-label="Play"]')`))
	a.fine()
	b.fine()

	korean := open("ko")
	korean.show(h.url + "/")
	korean.do(finds(`.resume`, "이어서 듣기"))
	for _, size := range []screen{small, phone, desktop} {
		korean.size(size.width, size.height)
		korean.picture(fmt.Sprintf("resume-ko-%d", size.width), false)
	}
}

// TestAHiddenPageKnowsWhatItStored: what a paused browser stored as its page was
// hidden is its own, over which it may store when it is looked at again.
func TestAHiddenPageKnowsWhatItStored(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	track := h.add(recording{file: "take.mp3", sound: music(60, 1)})
	h.drawn(track)
	mina := h.signUp("mina@home.example", "Mina")
	w := openWindow(t, newTab(t, time.Minute), look{url: h.url, token: mina.token, locale: "en"})
	w.size(desktop.width, desktop.height)
	w.show(h.url + "/")
	seek := func(seconds int) step {
		return run(fmt.Sprintf(`{
			const input = document.querySelector('.player .wave input');
			input.value = %d;
			input.dispatchEvent(new Event('input', {bubbles: true}));
			input.dispatchEvent(new Event('change', {bubbles: true}));
		}`, 1000*seconds))
	}
	w.do(run(`document.querySelector('.card .play').click()`), until(plays+` && heard.currentTime > 0.5`), press(" "), until(`heard.paused`))
	mina.lastHeard(track.ID, 400)
	hide := func(hidden bool) step {
		return run(fmt.Sprintf(`Object.defineProperty(document, 'hidden', {configurable: true, value: %t}); document.dispatchEvent(new Event('visibilitychange'))`, hidden))
	}
	w.do(seek(30), hide(true))
	mina.lastHeard(track.ID, 29_000)
	w.do(hide(false), seek(45))
	mina.lastHeard(track.ID, 44_000)
}
