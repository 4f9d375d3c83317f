package browsertest

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/app/api/wire"
)

// slow makes some answers late, and refuses others: of requests whose method
// and address match.
func (w *window) slow(method, address string, ms int, refused bool) {
	w.t.Helper()
	w.do(run(fmt.Sprintf(`{
		const real = window.fetch, address = new RegExp(%q);
		window.fetch = async (url, init) => {
			if ((init?.method ?? 'GET') !== %q || !address.test(url)) return real(url, init);
			const answer = %t ? null : await real(url, init);
			await new Promise((done) => setTimeout(done, %d));
			if (answer) return answer;
			throw new TypeError('away');
		};
	}`, address, method, refused, ms)))
}

// holds makes hold and release work on the page that is shown.
func (w *window) holds() {
	w.t.Helper()
	w.do(run(`{
		const real = window.fetch;
		window.fetch = async (url, init) => {
			const answer = await real(url, init), {held} = window;
			if ((init?.method ?? 'GET') !== 'GET' || !held?.address.test(url)) return answer;
			held.came++;
			while (held.back) await new Promise((done) => setTimeout(done, 20));
			held.gone++;
			return answer;
		};
	}`))
}

// hold keeps the answers to some questions back until release, and counts in
// held.came how many came, in held.gone how many of them were given on.
func hold(address string) step {
	return run(fmt.Sprintf(`window.held = {address: new RegExp(%q), back: true, came: 0, gone: 0}`, address))
}

var release = run(`held.back = false`)

// TestRefusedChangesKeepNewerOnes takes two tracks from lists, and the first
// of them is refused when the second is gone already: only that one is there
// again, and the focus stays in the list.
func TestRefusedChangesKeepNewerOnes(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina := h.joins("mina")
	var tracks []string
	for i, name := range []string{"Night train", "Slow tide", "Hallway"} {
		track := mina.song(name, 20, i)
		tracks = append(tracks, track.ID)
		mina.do("POST", "/api/tracks/"+track.ID+"/plays", body(t, wire.Listen{ListenedMS: 15000}), "application/json", http.StatusOK, nil)
	}
	var list wire.Playlist
	mina.do("POST", "/api/playlists", body(t, map[string]any{"title": "Evening", "visibility": "public", "tracks": tracks}), "application/json", http.StatusCreated, &list)

	mina.sits(t, browser, desktop, "/history")
	for _, page := range []struct{ address, entry string }{{"/history", "Remove from this list"}, {list.URL, "Remove from the list"}} {
		mina.w.show(h.url + page.address)
		mina.w.do(until(`document.querySelectorAll('.track-row').length === 3`))
		mina.w.slow("DELETE", tracks[0], 2500, true)
		mina.w.from(`.track-row .menu > button`, "More for Night train", page.entry)
		mina.w.do(lacks(`.track-row`, "Night train"), until(`document.activeElement.closest('.track-row')`), click(`.toast .quiet`))
		mina.w.from(`.track-row .menu > button`, "More for Slow tide", page.entry)
		mina.w.do(lacks(`.track-row`, "Slow tide"), click(`.toast:not(.error) .quiet`), finds(`.toast.error`, ""), finds(`.track-row`, "Night train"),
			until(`document.querySelectorAll('.track-row').length === 2`), lacks(`.track-row`, "Slow tide"))
	}
	mina.w.do(chromedp.Reload(), finds(`.track-row`, "Night train"), finds(`.track-row`, "Hallway"), lacks(`.track-row`, "Slow tide"))
}

// TestSentMessagesStay sends a message while an older answer is on its way:
// what was sent is never away in between.
func TestSentMessagesStay(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina, jun := h.joins("mina"), h.joins("jun")
	jun.do("POST", "/api/users/"+mina.who.ID+"/messages", body(t, wire.NewMessage{Text: "Hello"}), "application/json", http.StatusCreated, nil)
	mina.sits(t, browser, desktop, "/messages/to/jun")
	mina.w.do(finds(`.bubble`, "Hello"))
	mina.w.slow("GET", `/messages\?`, 700, false)
	mina.w.do(run(`{
		window.away = 0;
		let came = false;
		const look = () => {
			const there = [...document.querySelectorAll('.said.mine .bubble')].some((one) => one.textContent === 'Hello, Jun');
			came ||= there;
			if (came && !there) away++;
			requestAnimationFrame(look);
		};
		look();
	}`))
	jun.do("POST", "/api/users/"+mina.who.ID+"/messages", body(t, wire.NewMessage{Text: "Are you there?"}), "application/json", http.StatusCreated, nil)
	mina.w.do(until(`performance.getEntriesByType('resource').filter((one) => /\/messages\?/.test(one.name)).length >= 2`),
		tap(`.composer textarea`, ""), press("Hello, Jun"), enter, finds(`.said.mine .bubble`, "Hello, Jun"), finds(`.said:not(.mine) .bubble`, "Are you there?"))
	time.Sleep(1500 * time.Millisecond)
	if n := read[int](mina.w, `away`); n > 0 {
		t.Errorf("the sent message was away for %d frames", n)
	}
	mina.w.stayed()
	mina.w.fine()
}

// TestCommentsAreCountedWhateverComesFirst lets answers that tell of a comment,
// and of how many there are, overtake each other.
func TestCommentsAreCountedWhateverComesFirst(t *testing.T) {
	browser := newTab(t, time.Minute)
	h := newHouse(t)
	mina, jun := h.joins("mina"), h.joins("jun")
	train, tide := mina.song("Night train", 40, 2), mina.song("Slow tide", 40, 3)
	say := func(track wire.Track, text string) { jun.says(track, 3*time.Second, text, "") }
	say(train, "One")
	say(tide, "First")
	mina.w = openWindow(t, browser, look{url: h.url, token: mina.token, locale: "en"})
	mina.w.keepStreams()
	mina.w.size(desktop.width, desktop.height)
	mina.w.show(h.url + "/")
	mina.w.mark()
	mina.w.holds()
	mina.w.do(until(alive + ` === 1 && streams[0].readyState === 1`))

	// The marks are asked for before the last comment, and come after it.
	mina.w.do(tap(`.card a`, "Night train"), finds(`.comments h2`, "1 comment"), finds(`.said`, "One"), hold("/comments/marks"))
	say(train, "Two")
	mina.w.do(finds(`.comments h2`, "2 comments"), until(`held.came === 1`))
	say(train, "Three")
	mina.w.do(finds(`.comments h2`, "3 comments"), run(`{
		window.other = 0;
		const title = document.querySelector('.comments h2');
		new MutationObserver(() => title.textContent !== '3 comments' && other++).observe(title, {subtree: true, childList: true, characterData: true});
	}`), release, until(`held.came > 1 && held.gone === held.came`), painted, finds(`.comments h2`, "3 comments"))
	if n := read[int](mina.w, `other`); n > 0 {
		t.Errorf("another number of comments was shown %d times", n)
	}

	// So does a list of tracks.
	mina.w.do(tap(`.header .brand`, ""), hold(`/api/users/\w+/tracks`), tap(`.card a`, "Slow tide"), finds(`.comments h2`, "1 comment"), finds(`.said`, "First"), until(`held.came === 1`))
	say(tide, "Second")
	mina.w.do(finds(`.said`, "Second"), finds(`.comments h2`, "2 comments"), release, until(`held.gone === 1`), painted, finds(`.comments h2`, "2 comments"))
	mina.w.stayed()
	mina.w.fine()
}

// TestMenusCloseWhileTheyOpen presses Escape before a menu's list is there.
func TestMenusCloseWhileTheyOpen(t *testing.T) {
	browser := newTab(t, time.Minute)
	h := newHouse(t)
	mina := h.joins("mina")
	mina.sits(t, browser, desktop, "/")
	mina.w.do(see(`.header .me`))
	if open := read[bool](mina.w, `(async () => {
		const button = document.querySelector('.header .me');
		button.focus();
		button.click();
		button.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true, cancelable: true}));
		await new Promise((done) => setTimeout(done, 1000));
		return Boolean(document.querySelector('.menu-list')) || document.activeElement !== button;
	})()`); open {
		t.Error("the menu opened after Escape")
	}
	mina.w.do(tap(`.header .me`, ""), see(`.menu-list`), press(kb.Escape), until(`!document.querySelector('.menu-list') && document.activeElement.matches('.me')`))
	mina.w.fine()
}

// TestVisitorsWithoutCommentsHoldNoStream looks away from a page that hears of
// nothing, and back: it asks for no events. Two visitors' tabs ask nobody who
// they are.
func TestVisitorsWithoutCommentsHoldNoStream(t *testing.T) {
	browser := newTab(t, time.Minute)
	h := newHouse(t)
	track := h.song("Night train", 20, 1)
	w := openWindow(t, browser, look{url: h.url, locale: "en"})
	w.keepStreams()
	w.size(laptop.width, laptop.height)
	w.show(h.url + "/")
	w.do(see(`.card`), until(`document.querySelector('.toasts')`))
	time.Sleep(500 * time.Millisecond) // until it listens
	w.do(run(`document.dispatchEvent(new Event('visibilitychange'))`))
	time.Sleep(time.Second)
	if n := read[int](w, `streams.length`); n != 0 {
		t.Errorf("%d streams were opened, want none", n)
	}

	other := w.beside()
	other.keepStreams()
	other.size(laptop.width, laptop.height)
	for _, one := range []*window{w, other} {
		one.show(h.url + track.URL)
		one.do(see(`.comments`))
	}
	w.do(until(`streams.length > 0`), tap(`.header .brand`, ""), see(`.card`))
	time.Sleep(500 * time.Millisecond)
	w.fine()
	other.fine()
}
