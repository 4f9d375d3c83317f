package browsertest

import (
	"net/http"
	"testing"
	"time"
)

// TestWhoFollowsChoosesTheStream goes from those whom one follows to everybody
// and back; the address keeps which, and what is empty says why.
func TestWhoFollowsChoosesTheStream(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina, jun := h.joins("mina"), h.joins("jun")
	h.song("Hallway", 4, 1)
	mina.sits(t, browser, laptop, "/")
	mina.w.do(finds(`.card`, "Hallway"))
	if read[bool](mina.w, `Boolean(document.querySelector('main .page-tabs'))`) {
		t.Error("who follows nobody has a choice of streams")
	}
	mina.do("PUT", "/api/users/"+jun.who.ID+"/follow", nil, "", http.StatusOK, nil)
	mina.w.show(h.url + "/")
	mina.w.do(finds(`.empty`, "have shared nothing yet"), finds(`.page-tabs [aria-current]`, "Following"), until(`document.title.startsWith('Following')`),
		tap(`.page-tabs a`, "Everybody"), finds(`.card`, "Hallway"), until(`location.search === '?of=all' && document.title.startsWith('Everybody')`))
	jun.song("Night train", 4, 2)
	mina.w.show(h.url + "/?of=all")
	mina.w.do(finds(`.card`, "Night train"), finds(`.card`, "Hallway"), finds(`.page-tabs [aria-current]`, "Everybody"),
		tap(`.page-tabs a`, "Following"), finds(`.card`, "Night train"), lacks(`.card`, "Hallway"), until(`location.search === ''`))
	mina.w.fine()
}

// TestTheKeeperSeesEverybody finds somebody in the list, suspends them and lets
// them back on their page, and deletes their account; they are told at the door.
func TestTheKeeperSeesEverybody(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	jun := h.joins("jun")
	keeper := &member{house: h}
	jun.song("Night train", 4, 2)
	keeper.sits(t, browser, laptop, "/")
	keeper.w.from(`.header .me`, "Account", "Keeper’s room")
	keeper.w.do(tap(`.room-ways a`, "People"))
	keeper.w.do(finds(`.person-row`, "1 track"))
	keeper.w.from(`.person-row .menu > button`, "jun", "Suspend")
	keeper.w.do(tap(`dialog .danger`, "Suspend"), finds(`.person-row`, "Suspended"))

	door := openWindow(t, browser, look{url: h.url, locale: "en"})
	door.size(phone.width, phone.height)
	door.show(h.url + "/sign-in")
	door.do(tap(`[name=email]`, ""), press("jun@home.example"), tap(`[name=password]`, ""), press("another long one"), enter, finds(`main`, "The keeper has suspended this account"))

	keeper.w.do(tap(`.person-row-link`, "jun"), finds(`.empty`, "are hidden while the account is suspended"))
	keeper.w.from(`.hero-tools .menu > button`, "jun", "Let back")
	keeper.w.do(finds(`.card`, "Night train"))
	keeper.w.from(`.header .me`, "Account", "Keeper’s room")
	keeper.w.do(tap(`.room-ways a`, "People"))
	keeper.w.do(lacks(`.person-row`, "Suspended"))
	keeper.w.from(`.person-row .menu > button`, "jun", "Delete")
	keeper.w.do(tap(`dialog .danger`, "Delete"), lacks(`.person-row`, "jun"), until(`location.pathname === '/keeper/people'`))
	keeper.w.stayed()
	keeper.w.fine()
}
