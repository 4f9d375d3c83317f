package browsertest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What the stream may cost a visitor, with a full list and nothing in the
// browser's cache, pictures and sound apart.
const (
	mostModules = 22      // before anything is seen
	mostBytes   = 90_000  // of answers, packed, before anything is seen
	mostInAll   = 130_000 // on the wire, with what is fetched for the next page
)

// TestFirstPageIsLight counts what comes over the wire for the stream.
func TestFirstPageIsLight(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	for i := range 22 {
		h.drawn(h.add(recording{file: fmt.Sprintf("take %d.mp3", i), sound: music(8, i), patch: map[string]any{"title": titles[i%len(titles)], "tags": []string{"rain", "밤기차"}}}))
	}
	w := openWindow(t, browser, look{url: h.url, locale: "en"})

	var mu sync.Mutex
	addresses, kinds := map[network.RequestID]string{}, map[network.RequestID]network.ResourceType{}
	wire := map[network.RequestID]float64{} // bytes with headers
	err := chromedp.Listen(w.tab, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			addresses[e.RequestID], kinds[e.RequestID] = e.Request.URL, e.Type
		case *network.EventLoadingFinished:
			wire[e.RequestID] = e.EncodedDataLength
		}
	})
	if err == nil {
		_, err = chromedp.Call(w.tab, network.Enable, network.EnableParams{})
	}
	if err != nil {
		t.Fatalf("watch the network: %v", err)
	}
	w.size(phone.width, phone.height)
	w.show(h.url + "/")
	if n := read[int](w, `document.querySelectorAll('.card .wave-ready').length`); n < 20 {
		t.Fatalf("%d tracks in the list, want at least 20", n)
	}
	needed := read[[]string](w, `[...document.querySelectorAll('link[rel=modulepreload]')].map((link) => link.href)`)
	needed = append(needed, read[string](w, `document.scripts[0].src`))
	bodies := read[map[string]float64](w, `Object.fromEntries([...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
		.map(({name, encodedBodySize}) => [name, encodedBodySize]))`)

	mu.Lock()
	defer mu.Unlock()
	var all, first float64
	modules, early := 0, map[string]bool{}
	for _, address := range needed {
		early[address] = true
	}
	var list strings.Builder
	for id, address := range addresses {
		if kinds[id] == network.ResourceTypeImage || kinds[id] == network.ResourceTypeMedia {
			continue
		}
		all += wire[id]
		isModule := strings.HasSuffix(address, ".js")
		if isModule {
			modules++
		}
		if !isModule || early[address] {
			first += bodies[address]
		}
		fmt.Fprintf(&list, "\n%6.0f %6.0f %s", wire[id], bodies[address], strings.TrimPrefix(address, h.url))
	}
	t.Logf("the stream with 20 tracks: %d modules and %.0f bytes before the first look; %d modules and %.0f bytes on the wire in all", len(early), first, modules, all)
	if len(early) > mostModules {
		t.Errorf("%d modules before the first look, want at most %d", len(early), mostModules)
	}
	if first > mostBytes || all > mostInAll {
		t.Errorf("%.0f bytes before the first look and %.0f in all, want at most %d and %d:%s", first, all, mostBytes, mostInAll, list.String())
	}
	for address := range early {
		if !strings.HasPrefix(address, h.url+"/_/") {
			t.Errorf("the page needs %s", address)
		}
	}
	for _, address := range addresses {
		if !strings.HasPrefix(address, h.url+"/") && !strings.HasPrefix(address, "data:") && !strings.HasPrefix(address, "blob:") {
			t.Errorf("the page asks another server: %s", address)
		}
	}
}

// focused tells what has the focus, and whether a person can see that.
const focused = `(() => {
	const at = document.activeElement, box = at.getBoundingClientRect();
	const ring = [at, at.parentElement, at.closest('label, .wave')].some((one) => one && getComputedStyle(one).outlineStyle !== 'none' && parseFloat(getComputedStyle(one).outlineWidth) >= 2);
	const over = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, 44) / 2);
	const free = over && (at.contains(over) || over.contains(at) || at.parentElement.contains(over));
	const name = at.getAttribute('aria-label') ?? (at.labels?.[0] ?? at).textContent.trim();
	return {what: at.localName + (at.type === 'range' ? '[range]' : ''), name, class: at.className, ring, free};
})()`

type focus struct {
	What  string `json:"what"`
	Name  string `json:"name"`
	Class string `json:"class"`
	Ring  bool   `json:"ring"`
	Free  bool   `json:"free"`
}

// TestKeyboardAlone goes through the stream with the keys: to the content, to
// a track, playing it, seeking in it, and on.
func TestKeyboardAlone(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	h.do("PATCH", "/api/house", body(t, map[string]any{"name": "The blue house"}), "application/json", http.StatusOK, nil)
	for i := range 4 {
		h.drawn(h.add(recording{file: "night train.mp3", sound: music(60, i), patch: map[string]any{"title": fmt.Sprintf("Night train %d", i)}}))
	}
	for _, size := range []screen{small, laptop} {
		t.Run(size.String(), func(t *testing.T) {
			w := openWindow(t, browser, look{url: h.url, locale: "en"})
			w.size(size.width, size.height)
			w.show(h.url + "/")
			tab := func() focus {
				t.Helper()
				w.do(press(kb.Tab))
				f := read[focus](w, focused)
				if f.What == "body" { // beyond the last element is the browser itself
					return f
				}
				if !f.Ring {
					t.Errorf("%s “%s” (%s) has the focus, but no ring shows it", f.What, f.Name, f.Class)
				}
				if !f.Free {
					t.Errorf("%s “%s” (%s) has the focus, but lies under something else", f.What, f.Name, f.Class)
				}
				return f
			}
			if f := tab(); f.Class != "skip" || f.What != "a" {
				t.Fatalf("the first key reaches %+v, want the link to the content", f)
			}
			w.do(press(kb.Enter), until(`document.activeElement.id === 'main'`))
			f := tab()
			for range 6 {
				if strings.HasPrefix(f.Name, "Play ") {
					break
				}
				f = tab()
			}
			if f.What != "button" || f.Name != "Play Night train 3" {
				t.Fatalf("no play button comes after the link to the content: %+v", f)
			}
			w.do(press(kb.Enter), until(plays), until(`document.activeElement.ariaLabel === 'Pause Night train 3'`))
			for range 6 {
				if f = tab(); f.What == "input[range]" {
					break
				}
			}
			if f.Name != "Position in Night train 3" {
				t.Fatalf("no slider comes after the play button: %+v", f)
			}
			for _, s := range []struct{ key, then string }{
				{kb.ArrowRight, `heard.currentTime > 5 && heard.currentTime < 20`},
				{kb.PageUp, `heard.currentTime > 34 && heard.currentTime < 50`},
				{kb.ArrowLeft, `heard.currentTime > 28 && heard.currentTime < 45`},
				{kb.Home, `heard.currentTime < 10`},
			} {
				w.do(press(s.key), until(s.then), until(plays))
			}
			if text := read[string](w, `document.activeElement.getAttribute('aria-valuetext')`); !strings.HasSuffix(text, " of 0:59") && !strings.HasSuffix(text, " of 1:00") {
				t.Errorf("the slider says %q", text)
			}
			// Everything else on the page is reached, too, and can be seen.
			var seen []string
			for range 60 {
				if f = tab(); f.What == "body" || f.Class == "skip" {
					break
				}
				seen = append(seen, f.Name)
			}
			for _, want := range []string{"Play Night train 0", "Position in Night train 0"} {
				if !strings.Contains(strings.Join(seen, "\n"), want) {
					t.Errorf("the keys never reach %q, only %q", want, seen)
				}
			}
			for _, c := range w.complaints() {
				t.Errorf("the browser complains: %s", c)
			}
		})
	}
}
