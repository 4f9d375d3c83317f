package browsertest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/app/api/wire"
)

// slash is the key that leads into the search field. DevTools would type it
// there, too, though the page has taken it.
var slash = run(`document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: '/', bubbles: true, cancelable: true}))`)

// typeInto types into the search field, one letter after the other.
func typeInto(text string) step {
	return chromedp.SendKeys(chromedp.CSS(`.seek input`), text)
}

// openSearch puts the focus into the search field, as the size of the window
// asks for.
func openSearch(w *window) {
	w.do(run(`{ const open = document.querySelector('.seek-open'); open.checkVisibility() ? open.click() : document.querySelector('.seek input').focus(); }`), see(`.seek-panel`))
}

// TestPagesOfFinding looks at every page on which something is found, as
// TestPages does.
func TestPagesOfFinding(t *testing.T) {
	browser := newTab(t, 8*time.Minute)
	axe := readAxe(t)
	s := mingle(t, seed(t, newHouse(t)))
	gather(t, s.place)
	bare := newHouse(t)
	lone := bare.signUp("lone@home.example", "Lone")
	few := []screen{small, phone, desktop}
	typed := func(text string) func(w *window) {
		return func(w *window) {
			openSearch(w)
			w.do(typeInto(text), until(`document.querySelectorAll('.seek-line').length > 1`))
		}
	}
	found := until(`document.querySelector('.finds-rows, .finds .empty')`)
	tag := "/tags/" + url.PathEscape("밤기차")

	scenes := []scene{
		{name: "search-begin", in: s.member, path: "/search"},
		{name: "search-typing", in: s.member, path: "/", act: typed("train"), sizes: few},
		{name: "search-recent", in: s.member, path: "/search?q=train", sizes: few, act: func(w *window) {
			openSearch(w)
			w.do(run(`document.querySelector('.seek input').value = ''`), typeInto("밤기차\r"), until(`document.querySelector('h1').textContent.includes('밤기차')`))
			openSearch(w)
			w.do(run(`{ const field = document.querySelector('.seek input'); field.value = ''; field.dispatchEvent(new Event('input')); }`), see(`.seek-line`))
		}},
		{name: "search", in: s.member, path: "/search?q=train", act: func(w *window) { w.do(found) }},
		{name: "search-visitor", in: s.keeper, visitor: true, path: "/search?q=train&kind=track&duration=short", sizes: few, act: func(w *window) { w.do(found) }},
		{name: "search-none", in: s.member, path: "/search?q=nothing", sizes: few, act: func(w *window) { w.do(found) }},
		{name: "discover", in: s.member, path: "/discover"},
		{name: "discover-visitor", in: s.keeper, visitor: true, path: "/discover", sizes: few},
		{name: "discover-empty", in: lone, path: "/discover", sizes: few},
		{name: "charts", in: s.member, path: "/charts"},
		{name: "charts-always", in: s.member, path: "/charts?period=all", sizes: few},
		{name: "tag", in: s.member, path: tag},
		{name: "tag-gone", in: s.member, path: "/tags/nobody%20has%20it", sizes: few, fails: []string{"404"}},
		{name: "similar", in: s.member, path: s.foreign.URL, sizes: few, act: func(w *window) {
			w.do(run(`document.querySelector('.others').scrollIntoView()`), see(`.similar-rows`), run(`document.querySelector('.similar').scrollIntoView()`))
		}},
		{name: "numbers", in: s.member, path: "/numbers"},
		{name: "numbers-empty", in: lone, path: "/numbers", sizes: few},
		{name: "numbers-track", in: s.member, path: "/numbers/" + s.own.ID},
		{name: "numbers-year", in: s.member, path: "/numbers/" + s.own.ID + "?days=365", sizes: few, act: func(w *window) {
			w.do(run(`document.querySelector('.numbers-table').open = true`))
		}},
		{name: "numbers-foreign", in: s.member, path: "/numbers/" + s.foreign.ID, sizes: few, fails: []string{"403"}},
		{name: "index", in: s.keeper, path: "/keeper/index"},
		{name: "menu-keeper", in: s.keeper, path: "/discover", sizes: few, act: func(w *window) { w.do(click(`.header .me`), see(`.menu-list`)) }},
		{name: "station", in: s.member, path: tag, sizes: wide, act: func(w *window) {
			w.size(laptop.width, laptop.height)
			w.do(click(`.tag-page .button.main`), until(plays), click(`.player-more > button`), see(`.player-panel .queue-row`))
		}},
	}
	inspectAll(t, browser, axe, scenes)
}

// current is the title of what is heard.
const current = `document.querySelector('.player-what .player-title')?.textContent`

// compose types with an input method: the text is in the field, and not yet
// settled.
func compose(text string) step {
	return func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		n := int64(len([]rune(text)))
		_, err := chromedp.Call(ctx, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: n, SelectionEnd: n})
		return chromedp.Void{}, err
	}
}

// TestSearchAsYouType searches by the keyboard alone, in English and in Korean
// while syllables are still being composed, and comes back.
func TestSearchAsYouType(t *testing.T) {
	browser := newTab(t, 3*time.Minute)
	h := newHouse(t)
	mina := h.signUp("mina@home.example", "Mina")
	night := mina.add(recording{file: "a.mp3", sound: music(40, 1), patch: map[string]any{"title": "Night train", "tags": []string{"piano"}}})
	station := mina.add(recording{file: "b.mp3", sound: music(150, 2), patch: map[string]any{"title": "밤기차와 간이역", "tags": []string{"piano"}, "downloadable": true}})
	mina.drawn(night, station)
	w := openWindow(t, browser, look{url: h.url, token: mina.token, locale: "en"})
	w.size(laptop.width, laptop.height)
	w.show(h.url + "/")
	lines := `[...document.querySelectorAll('.seek-line')]`
	chosen := `document.querySelector('#' + document.activeElement.getAttribute('aria-activedescendant'))?.textContent`
	expanded := `document.activeElement.getAttribute('aria-expanded')`

	w.do(slash, until(`document.activeElement.matches('.seek input[role=combobox]')`), typeInto("nihgt"),
		until(lines+`.some((one) => one.textContent.startsWith('Night train'))`), until(expanded+` === 'true'`),
		until(`document.querySelector('.seek mark')?.textContent === 'Night'`))
	w.do(press(kb.ArrowDown), until(chosen+`?.startsWith('Night train')`), press(kb.ArrowUp), until(`!document.activeElement.hasAttribute('aria-activedescendant')`),
		press(kb.ArrowUp), until(chosen+` === 'Search for “nihgt”'`), press(kb.ArrowDown), press(kb.ArrowDown), press(kb.Enter),
		until(`location.pathname === '`+night.URL+`'`), until(expanded+` !== 'true'`))

	// First consonants; then a syllable that is not finished: Enter ends it, and
	// sends nothing.
	w.do(until(settled), slash, until(`document.activeElement.matches('.seek input')`), typeInto("ㅂㄱㅊ"), until(lines+`.some((one) => one.textContent.startsWith('밤기차와'))`))
	w.do(press(kb.Escape), until(expanded+` === 'false'`), press(kb.Escape), until(`document.activeElement.value === ''`),
		compose("가"), compose("간"), until(lines+`.some((one) => one.textContent.startsWith('밤기차와'))`))
	w.do(run(`document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))`))
	if at := read[string](w, `location.pathname`); at != night.URL {
		t.Errorf("the Enter that ends a syllable leads to %s", at)
	}
	w.do(chromedp.KeyEvent("\r"), until(`location.pathname === '/search'`), see(`.finds-rows`))

	// The results keep their state in the address, and are found again.
	w.do(slash, run(`document.activeElement.value = ''`), typeInto("piano\r"), until(`location.search === '?q=piano'`), until(`document.querySelector('h1').textContent.includes('piano')`),
		until(`document.querySelectorAll('.finds-rows > li').length === 3`)) // two tracks and the tag
	w.do(click(`.finds .page-tabs a:nth-child(2)`), until(`location.search === '?q=piano&kind=track'`), until(`document.querySelectorAll('.finds-rows > li').length === 2`),
		run(`{ const length = document.querySelector('.finds-filters select'); length.value = 'medium'; length.dispatchEvent(new Event('change')); }`),
		until(`location.search.includes('duration=medium')`), until(`document.querySelectorAll('.finds-rows > li').length === 1`),
		click(`.finds-rows .player-title`), until(`location.pathname === '`+station.URL+`' || decodeURI(location.pathname) === decodeURI('`+station.URL+`')`),
		run(`history.back()`), until(`location.search.includes('duration=medium')`), until(`document.querySelectorAll('.finds-rows > li').length === 1`))

	// What was searched for is known on this device, until it is forgotten.
	w.do(slash, run(`{ document.activeElement.value = ''; document.activeElement.dispatchEvent(new Event('input')); }`),
		until(lines+`[0]?.textContent === 'piano'`), press(kb.ArrowUp), press(kb.Enter), until(lines+`.length === 0`))
	for _, c := range w.complaints() {
		t.Errorf("the browser complains: %s", c)
	}
}

// TestStationNeverRepeats starts a station from a tag on a phone's page and
// goes on: no track comes twice.
func TestStationNeverRepeats(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	for i := range 5 {
		h.drawn(h.add(recording{file: "night.mp3", sound: music(30, i), patch: map[string]any{"title": fmt.Sprintf("Take %d", i), "tags": []string{"AC/DC", "밤"}}}))
	}
	w := openWindow(t, browser, look{url: h.url, locale: "en"})
	w.size(laptop.width, laptop.height)
	w.show(h.url + "/")
	w.do(run(`[...document.querySelectorAll('.card .chip')].find((one) => /dc/i.test(one.textContent)).click()`), until(`location.pathname.toLowerCase() === '/tags/ac%2fdc'`),
		until(`document.querySelectorAll('.tag-page .card').length === 5`))
	w.show(read[string](w, `location.href`)) // the server knows the address, too
	w.do(click(`.tag-page .button.main`), until(plays))
	seen := map[string]bool{read[string](w, current): true}
	for range 4 {
		before := read[string](w, current)
		w.do(click(`.player-controls button[aria-label="Next track"]`), until(fmt.Sprintf(`%s !== %q`, current, before)), until(plays))
		seen[read[string](w, current)] = true
	}
	if len(seen) != 5 {
		t.Errorf("five tracks one after the other are %v, want five different ones", seen)
	}
	w.do(click(`.player-more > button`), until(`/^Station: #ac\/dc$/i.test(document.querySelector('.queue-sum').textContent)`))
	for _, c := range w.complaints() {
		t.Errorf("the browser complains: %s", c)
	}
}

// TestDiscoverToSimilar plays from the discover page, opens the track and reads
// there why another one is like it.
func TestDiscoverToSimilar(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina, jun := h.signUp("mina@home.example", "Mina"), h.signUp("jun@home.example", "Jun")
	one := mina.add(recording{file: "a.mp3", sound: music(30, 1), patch: map[string]any{"title": "Night train", "tags": []string{"piano"}}})
	two := h.add(recording{file: "b.mp3", sound: music(30, 2), patch: map[string]any{"title": "Slow tide", "tags": []string{"piano"}}})
	for i := range 2 { // a shelf takes three that are like it
		h.add(recording{file: "c.mp3", sound: music(20, 3+i), patch: map[string]any{"title": fmt.Sprintf("Take %d", i), "tags": []string{"piano"}}})
	}
	mina.drawn(one)
	h.drawn(two)
	jun.do("PUT", "/api/tracks/"+one.ID+"/like", nil, "", http.StatusOK, nil)
	for _, who := range []*house{h, mina} {
		for _, track := range []wire.Track{one, two} {
			who.do("PUT", "/api/tracks/"+track.ID+"/like", nil, "", http.StatusOK, nil)
		}
	}
	w := openWindow(t, browser, look{url: h.url, token: jun.token, locale: "en"})
	w.size(phone.width, phone.height)
	w.show(h.url + "/")
	w.do(click(`.tabs a[href="/discover"]`), until(`document.querySelector('.discover').textContent.includes('Because you liked')`),
		run(`document.querySelector('.shelf-track .play').click()`), until(plays))
	w.do(run(`[...document.querySelectorAll('.shelf-track h3 a')].find((a) => a.textContent === 'Night train').click()`), until(`location.pathname === '`+one.URL+`'`),
		see(`.hero`), run(`document.querySelector('#comments').scrollIntoView()`), until(`document.querySelector('.similar-rows .row-why')`))
	if why := read[string](w, `document.querySelector('.similar-rows li').textContent`); !strings.Contains(why, "Slow tide") || !strings.Contains(why, "Liked by") {
		t.Errorf("what is like it says %q, want Slow tide, liked by the same people", why)
	}
	for _, c := range w.complaints() {
		t.Errorf("the browser complains: %s", c)
	}
}

// TestNumbersShowPlays listens, stops in the middle, and lets the owner see it.
func TestNumbersShowPlays(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina := h.signUp("mina@home.example", "Mina")
	track := mina.add(recording{file: "a.mp3", sound: music(14, 1), patch: map[string]any{"title": "Night train"}})
	mina.drawn(track)
	guest := openWindow(t, browser, look{url: h.url, locale: "en"})
	guest.size(laptop.width, laptop.height)
	guest.show(h.url + track.URL)
	guest.do(click(`main .play.big`), until(plays), until(`heard.currentTime > 8`))
	guest.show(h.url + "/") // the page is left while it plays

	w := openWindow(t, browser, look{url: h.url, token: mina.token, locale: "en"})
	w.size(laptop.width, laptop.height)
	w.show(h.url + track.URL)
	w.do(click(`.owner-tools a[href^="/numbers/"]`), see(`.picture svg`), until(`document.querySelector('.tile.on b').textContent === '1'`),
		until(`document.querySelector('.picture-said').textContent.startsWith('Plays: most on')`))
	if said := read[string](w, `document.querySelector('.heat-part.stops p').textContent`); !strings.Contains(said, "0:0") {
		t.Errorf("where listening ended says %q, want a moment around 0:08", said)
	}
	w.do(click(`.page-tabs a[href$="days=7"]`), until(`document.querySelectorAll('.picture rect').length === 7`),
		click(`.numbers-table summary`), until(`document.querySelectorAll('.numbers-table tbody tr').length === 7`))
	for _, c := range w.complaints() {
		t.Errorf("the browser complains: %s", c)
	}
}

// TestKeeperMakesTheIndexAnew presses the button, and sees it begin and end.
func TestKeeperMakesTheIndexAnew(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	h.add(recording{file: "a.mp3", sound: music(10, 1), patch: map[string]any{"title": "Night train"}})
	w := openWindow(t, browser, look{url: h.url, token: h.token, locale: "en"})
	w.size(laptop.width, laptop.height)
	w.show(h.url + "/discover")
	w.do(click(`.header .me`), see(`.menu-list`), click(`.menu-list a[href="/keeper"]`), click(`.room-ways a[href="/keeper/index"]`), see(`.index-facts`),
		until(`document.querySelector('.index-state').textContent === 'It is up to date.'`))
	w.do(click(`.index-page .button`), see(`dialog .main`), click(`dialog .main`), until(`!document.querySelector('dialog')`),
		until(`document.querySelector('.index-state').textContent === 'It is up to date.'`), until(`Number(document.querySelector('.index-facts dd').textContent) > 0`))
	w.do(slash, typeInto("night"), until(`[...document.querySelectorAll('.seek-line')].some((one) => one.textContent.startsWith('Night train'))`))
	for _, c := range w.complaints() {
		t.Errorf("the browser complains: %s", c)
	}
}
