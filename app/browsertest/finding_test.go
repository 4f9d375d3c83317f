package browsertest

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/app/api/wire"
)

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
			w.do(run(`document.querySelector('.seek input').value = ''`), typeInto("밤기차\r"), until(`location.search !== '?q=train'`))
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
	t.Run("each", func(t *testing.T) {
		for _, one := range scenes {
			for _, locale := range []string{"en", "ko"} {
				t.Run(one.name+"/"+locale, func(t *testing.T) {
					t.Parallel()
					one.inspect(t, openWindow(t, browser, one.look(locale)), locale, axe)
				})
			}
		}
	})
}

var _ = http.StatusOK
var _ wire.Track
