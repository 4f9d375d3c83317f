package browsertest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/app/api/wire"
)

// offline takes the network away from a page, or gives it back.
func offline(off bool) step {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}},
		})
		return chromedp.Void{}, err
	}
}

// knows waits until the house answers for a path with a status.
func (h *house) knows(path string, status int) {
	h.t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		req, err := http.NewRequest("GET", h.url+path, nil)
		if err != nil {
			h.t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+h.token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			h.t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode == status {
			return
		}
		if time.Now().After(end) {
			h.t.Fatalf("GET %s: got status %d, want %d", path, res.StatusCode, status)
		}
	}
}

// TestWhatIsDeletedCanBeTakenBack: a track that is deleted is gone from the page
// at once and from the house only when the note about it goes: with the page,
// when it is closed, or by itself. Until then a press or a key brings it back.
func TestWhatIsDeletedCanBeTakenBack(t *testing.T) {
	t.Parallel()
	browser := newTab(t, 2*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	mina := h.signUp("mina@home.example", "Mina")
	song, other := mina.add(recording{file: "a.mp3", sound: music(3, 1), patch: map[string]any{"title": "Night train"}}), mina.add(recording{file: "b.mp3", sound: music(3, 2), patch: map[string]any{"title": "Day bus"}})
	mina.drawn(song)
	mina.drawn(other)
	at := func(track wire.Track) string { return "/api/tracks/" + track.ID }
	w := openWindow(t, browser, look{url: h.url, token: mina.token, locale: "en"})
	w.size(desktop.width, desktop.height)
	w.show(h.url + "/")
	drop := func() {
		t.Helper()
		w.from(`.card .menu > button`, "Night train", "Delete")
		w.do(lacks(`.card`, "Night train"), finds(`.toast`, "Night train is deleted"))
		mina.knows(at(song), http.StatusOK)
	}
	drop()
	w.looks(t, axe, "undo")
	w.size(desktop.width, desktop.height)
	w.do(click(`.toast .text`), finds(`.card`, "Night train"), until(`!document.querySelector('.toast')`))
	drop()
	w.do(run(`document.dispatchEvent(new KeyboardEvent('keydown', {key: 'z', ctrlKey: true, bubbles: true, cancelable: true}))`),
		finds(`.card`, "Night train"), until(`!document.querySelector('.toast')`))

	// A page that is loaded anew meanwhile does not bring it back, nor does another page.
	drop()
	w.do(run(`document.querySelector('.header a.place[href="/discover"]').click()`), until(`location.pathname === '/discover' && document.querySelector('h1')`),
		finds(`main`, "Day bus"), until(`!document.querySelector('main').innerText.includes('Night train')`))
	mina.knows(at(song), http.StatusOK)
	w.show(h.url + "/")
	mina.knows(at(song), http.StatusNotFound)

	// The note is closed, and the house can't be reached: it is there again.
	if _, err := chromedp.Call(w.tab, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	w.from(`.card .menu > button`, "Day bus", "Delete")
	w.do(lacks(`.card`, "Day bus"), see(`.toast .quiet`), offline(true), click(`.toast .quiet`), finds(`.toast.error`, "it is back"), finds(`.card`, "Day bus"), offline(false))
	mina.knows(at(other), http.StatusOK)
	w.fine("Failed to load resource", "ERR_INTERNET_DISCONNECTED")
}

// TestRollingBack: without the network a like, a follow and a new order are
// shown, and taken back with a word about it.
func TestRollingBack(t *testing.T) {
	t.Parallel()
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina := h.signUp("mina@home.example", "Mina")
	var ids []string
	for i, title := range []string{"One", "Two"} {
		track := h.add(recording{file: title + ".mp3", sound: music(3, i), patch: map[string]any{"title": title}})
		h.drawn(track)
		ids = append(ids, track.ID)
	}
	var list wire.Playlist
	mina.do("POST", "/api/playlists", body(t, wire.NewPlaylist{Title: "Mix", Visibility: "public", Tracks: ids}), "application/json", http.StatusCreated, &list)
	w := openWindow(t, browser, look{url: h.url, token: mina.token, locale: "en"})
	w.size(desktop.width, desktop.height)
	if _, err := chromedp.Call(w.tab, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	refused := until(`document.querySelector('.toast.error')`)
	closed := []step{click(`.toast.error .quiet`), until(`!document.querySelector('.toast.error')`)}

	w.show(h.url + h.me().URL)
	const like = `document.querySelector('.card .react')`
	w.do(offline(true), click(`.card .react`), refused, until(like+`.getAttribute('aria-pressed') === 'false'`))
	w.do(closed...)
	const follow = `document.querySelector('.hero-tools .follow')`
	w.do(click(`.hero-tools .follow`), refused, until(follow+`.getAttribute('aria-pressed') === 'false'`), finds(`.person-counts a`, "0 followers"), offline(false))
	w.do(closed...)

	w.show(h.url + list.URL)
	order := func(want string) step {
		return until(`[...document.querySelectorAll('.rows .row-grip')].map((one) => one.getAttribute('aria-label').match(/One|Two/)[0]).join() === '` + want + `'`)
	}
	w.do(order("One,Two"), offline(true), run(`document.querySelector('.rows .row-grip').focus()`), press(" "), press(kb.ArrowDown), press(" "), refused, order("One,Two"), offline(false))
	w.do(closed...)

	// What was said stands there at once, and is a draft again.
	w.show(h.url + "/keeper-kim/one")
	w.do(offline(true), click(`.moment-write`), see(`.writer textarea`), until(`document.activeElement.localName === 'textarea'`), chromedp.KeyEvent("A bell"), press(kb.Enter),
		refused, until(`!document.querySelector('.said')`), until(`document.querySelector('.writer textarea')?.value === 'A bell'`), offline(false))
	w.do(closed...)
	w.do(click(`.writer button[type="submit"]`), finds(`.said`, "A bell"), finds(`.comments h2`, "1 comment"))

	// What leaves the queue comes back.
	w.show(h.url + list.URL)
	const queue = `[...document.querySelectorAll('.queue-row')].length`
	w.do(click(`.hero-tools .play`), until(plays), click(`.player-button:has(use[href$="#queue"])`), until(queue+` === 2`),
		run(`[...document.querySelectorAll('.queue-row')].at(-1).querySelector('.queue-acts button:last-child').click()`), until(queue+` === 1`),
		finds(`.toast`, "is out of the queue"), click(`.toast .text`), until(queue+` === 2`))
	w.fine("Failed to load resource", "ERR_INTERNET_DISCONNECTED")
	if got := mina.me(); got.Following != 0 {
		t.Errorf("mina follows %d people", got.Following)
	}
}

// TestUndoBringsBack takes a comment, a follow, a message and an entry of the
// history back within their time: all of it stands there as before, and the
// house never heard of it.
func TestUndoBringsBack(t *testing.T) {
	t.Parallel()
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina := h.signUp("mina@home.example", "Mina")
	track := h.add(recording{file: "one.mp3", sound: music(4, 1), patch: map[string]any{"title": "One"}})
	h.drawn(track)
	said := mina.says(track, time.Second, "A bell", "")
	keeper := h.me()
	mina.do("PUT", "/api/users/"+keeper.ID+"/follow", nil, "", http.StatusOK, nil)
	mina.do("POST", "/api/tracks/"+track.ID+"/plays", body(t, wire.Listen{ListenedMS: 15000}), "application/json", http.StatusOK, nil)
	var sent wire.Message
	mina.do("POST", "/api/users/"+keeper.ID+"/messages", body(t, wire.NewMessage{Text: "Hello"}), "application/json", http.StatusCreated, &sent)

	w := openWindow(t, browser, look{url: h.url, token: mina.token, locale: "en"})
	w.size(desktop.width, desktop.height)
	undo := []step{see(`.toast .text`), click(`.toast .text`), until(`!document.querySelector('.toast')`)}
	w.show(h.url + track.URL)
	w.do(finds(`.comments h2`, "1 comment"))
	w.from(`.said .menu > button`, "", "Delete comment")
	w.do(lacks(`.said`, "A bell"))
	w.do(undo...)
	w.do(finds(`.said`, "A bell"), finds(`.comments h2`, "1 comment"))
	mina.knows("/api/comments/"+said.ID, http.StatusOK)

	w.show(h.url + keeper.URL)
	w.do(finds(`.hero-tools .follow.on`, "Following"), click(`.hero-tools .follow`), lacks(`.hero-tools .follow.on`, ""), finds(`.person-counts a`, "0 followers"))
	w.do(undo...)
	w.do(finds(`.hero-tools .follow.on`, "Following"), finds(`.person-counts a`, "1 follower"))
	if n := mina.me().Following; n != 1 {
		t.Errorf("mina follows %d people, want 1", n)
	}

	w.show(h.url + "/messages/" + sent.Conversation)
	w.do(run(`document.querySelector('.said-delete').click()`), lacks(`.bubble`, "Hello"))
	w.do(undo...)
	w.do(finds(`.bubble`, "Hello"))

	w.show(h.url + "/history")
	w.from(`.track-row .menu > button`, "", "Remove from this list")
	w.do(lacks(`.track-row`, "One"))
	w.do(undo...)
	w.do(finds(`.track-row`, "One"))
	w.do(chromedp.Reload(), finds(`.track-row`, "One"))
	w.fine()
}
