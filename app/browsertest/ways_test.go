package browsertest

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestOtherWaysToLook goes through the pages from right to left, as Arabic and
// Hebrew are read, and at 400 %, of which 320 by 256 pixels are left (WCAG 2.2,
// 1.4.10): everything is there, and there is room to read.
func TestOtherWaysToLook(t *testing.T) {
	h := newHouse(t)
	p := seed(t, h)
	w := openWindow(t, newTab(t, 4*time.Minute), look{url: h.url, token: p.member.token, locale: "en"})
	pages := []struct{ name, path string }{
		{"stream", "/"}, {"track", p.foreign.URL}, {"person", p.foreign.User.URL}, {"discover", "/discover"}, {"search", "/search?q=train"},
		{"upload", "/upload"}, {"settings", "/settings"}, {"messages", "/messages"},
	}
	w.size(laptop.width, laptop.height)
	w.show(h.url + "/")
	w.do(click(`.card button.play`), until(plays), run(`heard.pause()`))
	for _, page := range pages {
		w.size(laptop.width, laptop.height)
		w.show(h.url + page.path)
		w.do(run(`document.documentElement.dir = 'rtl'`))
		for _, size := range []screen{phone, laptop} {
			w.size(size.width, size.height)
			for _, fault := range w.faults("en", size) {
				t.Errorf("%s from right to left, %v: %s", page.name, size, fault)
			}
			w.picture(fmt.Sprintf("rtl-%s-%v", page.name, size), false)
		}
		// Time runs from left to right all the same.
		if read[bool](w, `[...document.querySelectorAll('.wave')].some((wave) => getComputedStyle(wave).direction !== 'ltr')`) {
			t.Errorf("%s: a waveform runs from right to left", page.name)
		}
		w.do(run(`document.documentElement.dir = ''`))

		tiny := screen{320, 256, false}
		w.size(tiny.width, tiny.height)
		for _, fault := range w.faults("en", tiny) {
			t.Errorf("%s at 400 %%: %s", page.name, fault)
		}
		// What stays at the edges leaves half of the screen to the page.
		if held := read[float64](w, `[...document.querySelectorAll('.header, .dock')].reduce((sum, one) => sum + (['fixed', 'sticky'].includes(getComputedStyle(one).position) ? one.offsetHeight : 0), 0)`); held > 128 {
			t.Errorf("%s at 400 %%: %.0f of 256 pixels are taken by what stays", page.name, held)
		}
		w.picture("zoom-"+page.name, false)
	}
	for _, c := range w.complaints() {
		t.Errorf("the browser complains: %s", c)
	}
}

// TestForcedColours shows the pages in the colours that a person has chosen for
// everything, as Windows' contrast themes do: what is on, chosen or played can
// still be told.
func TestForcedColours(t *testing.T) {
	h := newHouse(t)
	p := seed(t, h)
	w := openWindow(t, newTab(t, time.Minute), look{url: h.url, token: p.member.token, locale: "en"})
	if _, err := chromedp.Call(w.tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "forced-colors", Value: "active"}, {Name: "prefers-reduced-motion", Value: "reduce"}, {Name: "prefers-color-scheme", Value: "dark"},
	}}); err != nil {
		t.Fatal(err)
	}
	w.size(phone.width, phone.height)
	w.show(h.url + p.foreign.URL)
	w.do(click(`main button.play`), until(plays), run(`heard.currentTime = 40`), until(`heard.currentTime > 40.2`), run(`heard.pause()`), until(drawnWaves))
	w.picture("forced-track", false)
	w.do(chromedp.Sleep(300 * time.Millisecond))
	// The canvas is not touched by the browser: it has to use the system's colours itself.
	colours := read[int](w, `(() => {
		const canvas = document.querySelector('.hero-wave canvas'), seen = {};
		const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
		for (let i = 0; i < data.length; i += 4) {
			if (data[i + 3] < 180) continue;
			const colour = [data[i], data[i + 1], data[i + 2]].map((part) => part >> 4).join();
			seen[colour] = (seen[colour] ?? 0) + 1;
		}
		return Object.values(seen).filter((n) => n > 300).length;
	})()`)
	if colours < 2 {
		t.Errorf("the waveform has %d colours, want one for what was heard and one for the rest", colours)
	}
	for _, page := range []string{"/", "/settings", "/messages"} {
		w.show(h.url + page)
		w.picture("forced-"+page[1:], false)
	}
	// A switch that is on looks unlike one that is off, and so does the page one is on.
	if read[bool](w, `(() => {
		const here = document.querySelector('.tabs [aria-current]'), other = document.querySelector('.tabs a:not([aria-current])');
		const look = (one) => { const s = getComputedStyle(one); return [s.color, s.backgroundColor, s.borderTopColor, s.textDecorationLine, s.fontWeight, s.boxShadow].join(); };
		return here && other && look(here) === look(other);
	})()`) {
		t.Error("the tab of the page looks like the others")
	}
}
