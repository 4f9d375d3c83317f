package browsertest

import (
	"context"
	"fmt"
	"image/color"
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// swipe draws one finger over the screen, from the middle of an element and
// aside of it by parts of its size, to a point that is given likewise.
func swipe(selector string, fromX, fromY, toX, toY float64) step {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		box, err := chromedp.Evaluate[[4]float64](fmt.Sprintf(`(() => {
			const {left, top, width, height} = document.querySelector(%q).getBoundingClientRect();
			return [left + width / 2, top + height / 2, width, height];
		})()`, selector))(ctx, target)
		if err != nil {
			return chromedp.Void{}, err
		}
		at := func(x, y float64) (float64, float64) { return box[0] + x*box[2], box[1] + y*box[3] }
		touch := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
			if err == nil {
				if points == nil {
					points = []*input.TouchPoint{}
				}
				_, err = chromedp.Call(ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
			}
		}
		x, y := at(fromX, fromY)
		touch("touchStart", &input.TouchPoint{X: x, Y: y})
		for i := 1; i <= 8; i++ {
			part := float64(i) / 8
			x, y := at(fromX+(toX-fromX)*part, fromY+(toY-fromY)*part)
			touch("touchMove", &input.TouchPoint{X: x, Y: y})
			if err == nil {
				_, err = painted(ctx, target)
			}
		}
		touch("touchEnd")
		return chromedp.Void{}, err
	}
}

const (
	fullShown  = `document.querySelector('dialog.player-full[open]')`
	queueOrder = `[...document.querySelectorAll('.queue-row .player-title')].map((one) => one.textContent).join('|')`
)

func lines(titles string) step { return until(queueOrder + ` === '` + titles + `'`) }

// TestThePlayerFillsThePhone opens it by tap and by finger, closes it by every
// way there is, seeks on the large waveform, and sees what is said when it is
// heard.
func TestThePlayerFillsThePhone(t *testing.T) {
	h := newHouse(t)
	h.song("Third", 40, 3)
	h.song("Second", 40, 2)
	track := h.song("First", 60, 1)
	h.drawn(track)
	mina := h.signUp("mina@home.example", "Mina")
	mina.says(track, 30*time.Second, "Here the bell rings", "")
	w := openWindow(t, newTab(t, time.Minute), look{url: h.url, token: h.token, locale: "en"})
	w.size(phone.width, phone.height)
	w.show(h.url + "/")
	w.mark()
	entries := read[int](w, `history.length`)
	closed := until(`!document.querySelector('.player-full') && !history.state.cover && location.pathname === '/'`)
	open := []step{click(`.player-open`), see(`.player-full[open] canvas`), until(`history.state.cover === 1`)}

	// The way back is the player's own: the page below is not shown anew.
	w.do(click(`.card button.play`), until(plays), run(`const {scrollTo} = window; window.jumps = 0; window.scrollTo = (...to) => { jumps++; scrollTo(...to); }`))
	w.do(open...)
	w.do(run(`history.back()`), closed, until(`document.activeElement.matches('.player-open')`), painted)
	if n := read[int](w, `jumps`); n > 0 {
		t.Errorf("closing the player shows the page below %d times anew", n)
	}
	w.do(swipe(`.player-slim`, 0, 0, 0, -3), see(`.player-full[open] canvas`), until(`history.state.cover === 1`))
	w.do(swipe(`.player-full-art`, 0, -.3, 0, .4), closed)
	w.do(open...)
	w.do(press(kb.Escape), closed)
	w.do(open...)
	if n := read[int](w, `history.length`); n != entries+1 {
		t.Errorf("opening it four times leaves %d entries in the history, want one", n-entries)
	}

	// Everything that is touched is large enough, and the dialog keeps the focus.
	if few := read[[]string](w, `[...document.querySelectorAll('.player-full button, .player-full a.player-button')].filter((one) => one.checkVisibility())
		.filter((one) => { const {width, height} = one.getBoundingClientRect(); return width < 44 || height < 44; }).map((one) => one.className)`); len(few) > 0 {
		t.Errorf("smaller than a finger: %v", few)
	}
	for range 25 {
		w.do(press(kb.Tab))
	}
	if !read[bool](w, `document.activeElement === document.body || document.activeElement.closest('.player-full') !== null`) {
		t.Error("the focus leaves the dialog")
	}

	w.do(until(drawnWaves), until(`document.querySelector('.full-face')`), swipe(`.full-wave .wave`, -.4, 0, 0.01, 0.1), until(`Math.abs(heard.currentTime - 30.6) < 2.5`), finds(`.live-one`, "Here the bell rings"))
	if live := read[bool](w, `document.querySelector('.live').closest('[aria-live], [role=status]') === null`); !live {
		t.Error("comments of the moment are read out one after another")
	}
	w.picture("full-live", false)
	for _, barrier := range w.barriers(readAxe(t), true, false) {
		t.Errorf("axe: %s", barrier)
	}
	w.do(run(`heard.pause(); heard.currentTime = 45`), until(`!document.querySelector('.live-one')`))

	// One says something at this moment, and sees it there.
	w.do(click(`.full-write`), see(`.full-writer textarea`), press("And here it rains"), click(`.full-writer button[type=submit]`), until(`!document.querySelector('.full-writer')`),
		finds(`.player-full .toast`, "Your comment is at 0:45."), finds(`.live-one`, "And here it rains"))
	// What lies within closes first; a link leads on, and the way back is one step.
	w.do(click(`.full-write`), see(`.full-writer textarea`), press(kb.Escape), until(`!document.querySelector('.full-writer')`), until(fullShown),
		click(`.full-next`), see(`.player-full .queue-row`), until(`history.state.cover === 2`), run(`history.back()`), see(`.full-wave canvas`), until(`history.state.cover === 1`),
		click(`.full-names .player-title`), until(`location.pathname.endsWith('/first')`), until(`!document.querySelector('.player-full')`), run(`history.back()`), closed)
	w.stayed()
	w.fine()
}

// TestTheQueueIsOrderedByHand moves tracks with a finger and with keys, which
// say where they are.
func TestTheQueueIsOrderedByHand(t *testing.T) {
	h := newHouse(t)
	for i, name := range []string{"D", "C", "B", "A"} {
		h.song(name, 30, i)
	}
	w := openWindow(t, newTab(t, time.Minute), look{url: h.url, token: h.token, locale: "en"})
	w.size(phone.width, phone.height)
	w.show(h.url + "/")
	w.do(click(`.card button.play`), until(plays), click(`.player-open`), see(`.player-full[open] canvas`), click(`.player-full-head button:last-child`), lines("A|B|C|D"),
		swipe(`.queue-row:nth-child(2) .queue-grip`, 0, 0, 0, 2), lines("A|C|D|B"), finds(`.queue [role=status]`, "B is now 4 of 4."))
	w.do(run(`document.querySelector('.queue-row:nth-child(2) .queue-grip').focus()`), press(kb.ArrowDown), lines("A|D|C|B"), finds(`.queue [role=status]`, "C is now 3 of 4."),
		until(`document.activeElement.getAttribute('aria-label') === 'Move C'`))
	w.picture("full-queue", false)
	for _, barrier := range w.barriers(readAxe(t), true, false) {
		t.Errorf("axe: %s", barrier)
	}
	w.do(tap(`.queue-edit`, "Edit"), tap(`.queue-acts button`, "Move D up"), lines("D|A|C|B"), tap(`.queue-acts button`, "Move D down"), lines("A|D|C|B"))
	w.do(run(`document.querySelector('.queue-row:nth-child(3) .queue-acts button:last-child').click()`), lines("A|D|B"),
		until(`document.activeElement?.ariaLabel === 'Remove B from the queue'`),                                                                                       // a keyboard takes the next one away
		until(`(() => { const low = document.querySelector('.player-full .toast').getBoundingClientRect(); return low.top > innerHeight / 2 && low.height < 60; })()`), // and the note lies on no button
		tap(`.queue-head button`, "Clear"), lines("A"), finds(`.queue-sum`, "Nothing comes after this."))
	w.fine()
}

// TestTheLockScreenKnowsTheTrack asks the browser what it was told.
func TestTheLockScreenKnowsTheTrack(t *testing.T) {
	h := newHouse(t)
	h.song("Second", 30, 2)
	first := h.song("First", 30, 1)
	h.do("PUT", "/api/tracks/"+first.ID+"/picture", picture(t, color.RGBA{20, 20, 40, 255}, color.RGBA{200, 70, 60, 255}), "image/jpeg", 200, nil)
	h.do("PATCH", "/api/tracks/"+first.ID, body(t, map[string]any{"artist": "The Band", "album": "The Album"}), "application/json", 200, nil)
	w := openWindow(t, newTab(t, time.Minute), look{url: h.url, token: h.token, locale: "en"})
	_, err := chromedp.Call(w.tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `{
		window.acts = {};
		const {setActionHandler, setPositionState} = MediaSession.prototype;
		MediaSession.prototype.setActionHandler = function (name, act) { acts[name] = act; return setActionHandler.call(this, name, act); };
		MediaSession.prototype.setPositionState = function (state) { window.place = state; return setPositionState.call(this, state); };
	}`})
	if err != nil {
		t.Fatal(err)
	}
	w.size(phone.width, phone.height)
	w.show(h.url + "/")
	w.do(click(`.card button.play`), until(plays), until(`navigator.mediaSession.metadata`))
	if got := read[string](w, `(({title, artist, album, artwork}) => [title, artist, album, ...artwork.map((one) => one.sizes)].join('|'))(navigator.mediaSession.metadata)`); got != "First|The Band|The Album|100x100|300x300|600x600" {
		t.Errorf("the lock screen shows %s", got)
	}
	if got := read[string](w, `Object.keys(acts).filter((name) => acts[name]).sort().join(' ')`); got != "nexttrack pause play previoustrack seekbackward seekforward seekto stop" {
		t.Errorf("the lock screen may %s", got)
	}
	w.do(until(`navigator.mediaSession.playbackState === 'playing' && place.duration > 25 && place.playbackRate === 1`),
		run(`acts.seekto({seekTime: 12})`), until(`Math.abs(heard.currentTime - 12) < 3 && Math.abs(place.position - 12) < 1`),
		run(`acts.seekforward({})`), until(`heard.currentTime > 20`), run(`acts.seekbackward({seekOffset: 15})`), until(`heard.currentTime < 12`),
		run(`acts.pause()`), until(`heard.paused && navigator.mediaSession.playbackState === 'paused'`), run(`acts.play()`), until(plays),
		run(`acts.nexttrack()`), until(`navigator.mediaSession.metadata.title === 'Second'`), until(`acts.nexttrack === null`),
		run(`acts.previoustrack()`), until(`navigator.mediaSession.metadata.title === 'First'`), until(`acts.nexttrack`))
	w.fine()
}

// TestTheWholePlayerFits looks at it on every kind of screen, on a phone on
// its side too.
func TestTheWholePlayerFits(t *testing.T) {
	h := newHouse(t)
	h.song("간이역", 40, 2)
	track := h.add(recording{
		file: "long.mp3", sound: music(60, 5), picture: picture(t, color.RGBA{30, 70, 90, 255}, color.RGBA{250, 200, 120, 255}),
		patch: map[string]any{"title": titles[7], "artist": "Wilhelmina Featherstonehaugh and the Orchestra of the Closed Line"},
	})
	h.drawn(track)
	mina := h.signUp("mina@home.example", "미나")
	for i := range 4 {
		mina.says(track, time.Duration(300+i*400)*time.Millisecond, remarks[i], "")
	}
	browser := newTab(t, time.Minute)
	for _, locale := range []string{"en", "ko"} {
		w := openWindow(t, browser, look{url: h.url, token: mina.token, locale: locale, theme: "light"})
		w.size(phone.width, phone.height)
		w.show(h.url + track.URL)
		w.do(click(`main button.play`), until(plays), until(`heard.currentTime > 1.6`), run(`heard.pause()`), click(`.player-open`), see(`.player-full[open] canvas`), see(`.live-one`))
		for _, size := range []screen{phone, small, {844, 390, false}, {568, 320, false}, tablet, desktop} {
			if (locale == "ko" && size != phone) || (size == tablet && os.Getenv("EARSHOT_SHOTS") == "") {
				continue
			}
			w.size(size.width, size.height)
			w.do(until(drawnWaves))
			for _, fault := range w.faults(locale, size) {
				t.Errorf("%s, %v: %s", locale, size, fault)
			}
			if over := read[[]string](w, `[...document.querySelectorAll('.player-full :is(.player-play, .full-wave, .full-write, .player-acts, .full-names)')].filter((one) => {
				const {left, top, right, bottom} = one.getBoundingClientRect();
				return left < 0 || top < 0 || right > innerWidth + 1 || bottom > innerHeight + 1;
			}).map((one) => one.className)`); len(over) > 0 {
				t.Errorf("%s, %v: not on the screen: %v", locale, size, over)
			}
			if size == phone || size == small {
				w.do(run(`document.querySelector('.player-full').hidden = true; document.querySelector('.player-full').close()`), painted)
				w.picture("bar-"+locale+"-"+size.String(), false)
				w.do(run(`document.querySelector('.player-full').hidden = false; document.querySelector('.player-full').showModal()`), painted)
			}
			w.picture("full-"+locale+"-"+size.String()+"-light", false)
		}
		w.size(phone.width, phone.height)
		w.do(run(`document.documentElement.dataset.theme = 'dark'`), until(drawnWaves))
		for _, barrier := range w.barriers(readAxe(t), locale == "en", true) {
			t.Errorf("dark: axe: %s", barrier)
		}
		w.picture("full-"+locale+"-dark", false)
		if locale == "en" {
			// From the bar of a wide screen, where the focus returns to.
			w.do(press(kb.Escape), until(`!document.querySelector('.player-full')`))
			w.size(840, 600)
			for _, fault := range w.faults(locale, screen{840, 600, false}) {
				t.Errorf("the bar: %s", fault)
			}
			w.picture("bar-840", false)
			w.size(desktop.width, desktop.height)
			w.do(click(`.player-whole`), see(`.player-full[open] canvas`), click(`.player-full-head button:last-child`), see(`.player-full .queue-row`))
			w.picture("full-desktop-queue", false)
			w.do(press(kb.Escape), see(`.full-wave canvas`), press(kb.Escape), until(`document.activeElement.matches('.player-whole')`))
			w.picture("bar-desktop", false)
		}
		w.fine()
	}
}
