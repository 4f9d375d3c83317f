package browsertest

import (
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"earshot/app/api/wire"
)

// TestNewcomersFindWhatIsMeant: who has nothing of one's own yet attaches what
// was heard; a link to the only comment offers no other ones, and what is being
// deleted is not counted.
func TestNewcomersFindWhatIsMeant(t *testing.T) {
	t.Parallel()
	browser := newTab(t, 2*time.Minute)
	keeper := newHouse(t)
	mina := keeper.signUp("mina@home.example", "Mina")
	track := keeper.add(recording{file: "night train.mp3", sound: music(6, 2), patch: map[string]any{"title": "Night train"}})
	keeper.drawn(track)
	said := mina.says(track, time.Second, "The bell!", "")

	w := openWindow(t, browser, look{url: keeper.url, token: mina.token, locale: "en"})
	w.size(phone.width, phone.height)
	w.show(keeper.url + track.URL + "?comment=" + said.ID)
	w.do(finds(`.said`, "The bell!"), until(`!document.querySelector('.comments-start')`), finds(`.comments h2`, "1 comment"),
		click(`.said .menu button`), tap(`.menu-list [role=menuitem]`, "Delete comment"), lacks(`.comments h2`, "1"),
		click(`.toast .text`), finds(`.comments h2`, "1 comment"))

	w.do(click(`.hero-tools .play`), until(plays), until(`heard.currentTime > 4`), run(`heard.pause()`))
	w.show(keeper.url + "/messages/to/" + keeper.me().Username)
	w.do(click(`.composer > .quiet`), finds(`dialog [aria-pressed="true"]`, "Recent"), finds(`dialog .pick-row`, "Night train"))
	w.fine()

	// An empty list is filled one after another, and without a network the page says so once.
	var list wire.Playlist
	keeper.do("POST", "/api/playlists", body(t, wire.NewPlaylist{Title: "Mix", Visibility: "public"}), "application/json", http.StatusCreated, &list)
	keeper.add(recording{file: "other.mp3", sound: music(6, 3)})
	k := openWindow(t, browser, look{url: keeper.url, token: keeper.token, locale: "en"})
	k.size(phone.width, phone.height)
	k.show(keeper.url + list.URL)
	k.do(until(`document.querySelectorAll('.adder-row').length === 2`), click(`.adder-row`), until(`document.querySelectorAll('.track-row').length === 1`),
		click(`.adder-row`), until(`document.querySelectorAll('.track-row').length === 2`))

	// A track that was heard by itself is not the list that it is in.
	const lined = `JSON.parse(localStorage.getItem('earshot.heard'))?.list.length`
	k.show(keeper.url + track.URL)
	k.do(click(`.hero-tools .play`), until(plays), click(`.player-open`), see(`.player-full[open]`), click(`.player-full-head button:last-child`), see(`.queue`),
		run(`[...document.querySelectorAll('.queue-head button')].find((one) => one.innerText === 'Clear')?.click()`), until(lined+` === 1`), press(" "), until(`heard.paused`))
	k.show(keeper.url + list.URL)
	k.do(until(`document.querySelectorAll('.track-row').length === 2`), finds(`.player-title`, "Night train"), click(`.hero-tools .play`), until(plays), until(lined+` === 2`), run(`heard.pause()`))

	k.show(keeper.url + "/" + keeper.me().Username)
	k.do(finds(`.card`, "Night train"))
	if _, err := chromedp.Call(k.tab, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	k.do(offline(true), see(`.net`), tap(`.page-tabs a`, "Likes"), finds(`.empty`, "Try again"))
	if n := read[int](k, `document.body.innerText.split('The server cannot be reached').length - 1`); n != 1 {
		t.Errorf("the page says %d times that the server is away, want once", n)
	}
}
