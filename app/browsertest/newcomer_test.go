package browsertest

import (
	"testing"
	"time"
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
}
