package browsertest

import (
	"fmt"
	"image/color"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/app/api/wire"
)

// me gives the account of the one whose house it is.
func (h *house) me() (me wire.Me) {
	h.t.Helper()
	h.do("GET", "/api/me", nil, "", http.StatusOK, &me)
	return me
}

// society is a seeded house in which people know each other.
type society struct {
	place
	jun, ada, gone *house // of them gone wrote, and deleted the account
	withJun        string // id of the member's conversation with Jun
	withGone       string
}

// mingle lets people follow, like, write, block and report in a seeded house,
// all of it with the member.
func mingle(t testing.TB, p place) society {
	t.Helper()
	s := society{place: p}
	post := func(h *house, path string, v any, status int, into any) {
		t.Helper()
		h.do("POST", path, body(t, v), "application/json", status, into)
	}
	names := []string{"Jun Park", "Ada Lovelace-Featherstonehaugh", "솔", "Theo", "Noor", "Wilhelmina Aurora of the Pier and the Sea"}
	var all []*house
	for i, name := range names {
		h := p.keeper.signUp(fmt.Sprintf("social%d@home.example", i), name)
		all = append(all, h)
		h.do("PUT", "/api/users/"+p.own.User.ID+"/follow", nil, "", http.StatusOK, nil)
		h.do("PUT", "/api/tracks/"+p.own.ID+"/like", nil, "", http.StatusOK, nil)
	}
	s.jun, s.ada = all[0], all[1]
	s.jun.do("PATCH", "/api/me", body(t, map[string]any{"username": "jun-park", "bio": "I mend radios. 0:12 is the best second of every song."}), "application/json", http.StatusOK, nil)
	s.jun.do("PUT", "/api/me/picture", picture(t, color.RGBA{90, 30, 60, 255}, color.RGBA{240, 150, 120, 255}), "image/jpeg", http.StatusOK, nil)
	jun, ada := s.jun.me(), s.ada.me()
	radio := s.jun.add(recording{file: "radio.mp3", sound: music(50, 3), patch: map[string]any{"title": "Kitchen radio"}})
	s.jun.drawn(radio)
	p.member.do("PUT", "/api/users/"+jun.ID+"/follow", nil, "", http.StatusOK, nil)
	for _, h := range all[2:] { // whom Jun and Ada follow is recommended to the member
		s.jun.do("PUT", "/api/users/"+h.me().ID+"/follow", nil, "", http.StatusOK, nil)
	}
	s.ada.do("PUT", "/api/tracks/"+p.own.ID+"/repost", nil, "", http.StatusOK, nil)
	s.jun.says(p.own, 12*time.Second, "The bell at 0:12 gave me shivers, and I do not say that of every bell that I hear in a year.", "")
	said := s.ada.says(radio, 2*time.Second, "hey @"+p.own.User.Username+" 이 부분 들어 보세요", "")

	write := func(from *house, to string, m wire.NewMessage) (sent wire.Message) {
		post(from, "/api/users/"+to+"/messages", m, http.StatusCreated, &sent)
		return sent
	}
	mina := p.own.User.ID
	write(s.ada, mina, wire.NewMessage{Text: "안녕하세요! 밤기차 잘 들었어요."})
	write(s.jun, mina, wire.NewMessage{Text: "Hello! I loved it."})
	write(p.member, jun.ID, wire.NewMessage{Text: "고마워요! 어젯밤에 녹음했어요. https://example.com/night-trains/the-long-goodbye?take=4&side=b"})
	write(s.jun, mina, wire.NewMessage{Text: "Could you listen to this one? It is not done yet, but the second half is where it goes somewhere.\n\nTell me the truth.", Track: radio.ID})
	var list wire.Playlist
	post(s.jun, "/api/playlists", wire.NewPlaylist{Title: "For the night bus that never comes", Visibility: "public", Tracks: []string{radio.ID, p.own.ID}}, http.StatusCreated, &list)
	s.withJun = write(s.jun, mina, wire.NewMessage{Playlist: list.ID}).Conversation

	s.gone = p.keeper.signUp("gone@home.example", "Bo")
	write(s.gone, mina, wire.NewMessage{Text: "I am leaving. Keep the tapes."})
	s.withGone = write(p.member, s.gone.me().ID, wire.NewMessage{Text: "어디로 가세요? Write me when you are there."}).Conversation
	post(s.gone, "/api/me/delete", wire.AccountDeletion{Password: "another long one"}, http.StatusNoContent, nil)

	post(s.ada, "/api/reports", wire.NewReport{Kind: "track", ID: radio.ID, Reason: "copyright", Text: "This is from the radio, word for word."}, http.StatusNoContent, nil)
	post(s.jun, "/api/reports", wire.NewReport{Kind: "comment", ID: said.ID, Reason: "other"}, http.StatusNoContent, nil)
	post(p.member, "/api/reports", wire.NewReport{Kind: "user", ID: ada.ID, Reason: "abuse", Text: "전부 다 대문자로 씁니다."}, http.StatusNoContent, nil)
	return s
}

// TestPagesOfPeople looks at every page on which people meet, as TestPages
// looks at the others.
func TestPagesOfPeople(t *testing.T) {
	browser := newTab(t, 5*time.Minute)
	axe := readAxe(t)
	s := mingle(t, seed(t, newHouse(t)))
	bare := newHouse(t)
	lone := bare.signUp("lone@home.example", "Lone")
	few := []screen{small, phone, desktop}
	menu := func(n string) func(w *window) {
		return func(w *window) { w.do(pick(`.hero-tools .menu button`, n)...) }
	}
	said := func(w *window) { w.do(until(`document.querySelector('.said, .thread .empty')`)) }

	// The people that scenes change are others than those that scenes look at.
	blocker, doomed := s.keeper.signUp("blocker@home.example", "Blocker"), s.keeper.signUp("doomed@home.example", "Doomed")
	blocker.do("PUT", "/api/users/"+s.jun.me().ID+"/block", nil, "", http.StatusNoContent, nil)
	s.keeper.do("PUT", "/api/users/"+doomed.me().ID+"/suspension", nil, "", http.StatusOK, nil)

	scenes := []scene{
		{name: "person-followed", in: s.member, path: "/jun-park"},
		{name: "person-likes", in: s.member, path: "/jun-park?tab=likes", sizes: few},
		{name: "person-playlists", in: s.member, path: "/jun-park?tab=playlists", sizes: few},
		{name: "person-reposts-none", in: s.member, path: "/jun-park?tab=reposts", sizes: few},
		{name: "person-followers", in: s.member, path: s.own.User.URL + "?tab=followers"},
		{name: "person-following", in: s.member, visitor: true, path: "/jun-park?tab=following"},
		{name: "person-blocked", in: blocker, path: "/jun-park"},
		{name: "person-block", in: s.member, path: "/jun-park", sizes: few, act: func(w *window) {
			menu("0")(w)
			w.do(see(`dialog[open] .danger`))
		}},
		{name: "person-report", in: s.member, path: "/jun-park", sizes: few, act: func(w *window) {
			menu("1")(w)
			w.do(see(`dialog[open] form`), click(`dialog form button[type="submit"]`), see(`dialog .wrong`))
		}},
		{name: "person-keeper-menu", in: s.keeper, path: "/jun-park", sizes: few, act: func(w *window) { w.do(click(`.hero-tools .menu button`), see(`.menu-list`)) }},
		{name: "person-suspended", in: s.keeper, path: "/doomed", sizes: few},
		{name: "people", in: s.member, path: "/people"},
		{name: "people-none", in: lone, path: "/people", sizes: few},
		{name: "notifications", in: s.member, path: "/notifications"},
		{name: "notifications-none", in: lone, path: "/notifications", sizes: few},
		{name: "messages", in: s.member, path: "/messages"},
		{name: "messages-none", in: lone, path: "/messages"},
		{name: "messages-new", in: s.member, path: "/messages", sizes: few, act: func(w *window) {
			w.do(click(`.talks-head button`), see(`dialog[open] .pick-row`))
		}},
		{name: "conversation", in: s.member, path: "/messages/" + s.withJun, act: said},
		{name: "conversation-first", in: s.member, path: "/messages/to/keeper-kim", act: said},
		{name: "conversation-gone", in: s.member, path: "/messages/" + s.withGone, act: said},
		{name: "conversation-absent", in: s.member, path: "/messages/0000000000000", sizes: few, fails: []string{"404"}},
		{name: "conversation-attach", in: s.member, path: "/messages/" + s.withJun, sizes: few, act: func(w *window) {
			said(w)
			w.do(click(`.composer > .quiet`), see(`dialog[open] .pick-row`))
		}},
		{name: "conversation-attached", in: s.member, path: "/messages/" + s.withJun, sizes: few, act: func(w *window) {
			said(w)
			w.do(click(`.composer > .quiet`), see(`dialog[open] .pick-row`), click(`.pick-row`), see(`.composer-attached .attached`))
		}},
		{name: "reports", in: s.keeper, path: "/keeper/reports"},
		{name: "reports-none", in: s.keeper, path: "/keeper/reports?state=answered", sizes: few},
		{name: "keeper-people", in: s.keeper, path: "/keeper/people"},
		{name: "keeper-people-menu", in: s.keeper, path: "/keeper/people", sizes: few, act: func(w *window) {
			w.do(click(`.person-rows .menu button`), see(`.menu-list`))
		}},
		{name: "settings-leave", in: s.member, path: "/settings", sizes: few, act: func(w *window) {
			w.do(run(`document.querySelectorAll('.settings details').forEach((fold) => (fold.open = true))`))
		}},
	}
	inspectAll(t, browser, axe, scenes)
}

const (
	bell   = `Number([...document.querySelectorAll('.header a[href="/notifications"] .count')].map((e) => e.textContent)[0] ?? 0)`
	letter = `Number([...document.querySelectorAll('.header a[href="/messages"] .count')].map((e) => e.textContent)[0] ?? 0)`
	alive  = `window.streams.filter((one) => one.readyState < 2).length`
)

// TestTabsShareOneStream opens two tabs of one browser: one of them holds the
// stream, both learn of what happens, and when that one is closed the other
// takes over and misses nothing.
func TestTabsShareOneStream(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina, jun := h.signUp("mina@home.example", "Mina"), h.signUp("jun@home.example", "Jun")
	id := mina.me().ID
	first := openWindow(t, browser, look{url: h.url, token: mina.token, locale: "en"})
	first.keepStreams()
	first.size(laptop.width, laptop.height)
	first.show(h.url + "/")
	first.do(until(alive + ` === 1 && streams[0].readyState === 1`))
	second := first.beside()
	second.keepStreams()
	second.size(laptop.width, laptop.height)
	second.show(h.url + "/upload")

	jun.do("PUT", "/api/users/"+id+"/follow", nil, "", http.StatusOK, nil)
	for i, w := range []*window{first, second} {
		w.do(until(bell+` === 1`), until(`document.title.startsWith('(1) ')`))
		if n := read[int](w, `streams.length`); n != 1-i {
			t.Errorf("tab %d opened %d streams, want %d", i+1, n, 1-i)
		}
	}

	// It is closed, and something happens before the other can know. The count
	// may have been asked for before the event came.
	first.do(until(`streams[0].last`))
	if err := chromedp.Do(first.tab, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	jun.do("POST", "/api/users/"+id+"/messages", body(t, wire.NewMessage{Text: "Are you there?"}), "application/json", http.StatusCreated, nil)
	second.do(until(letter+` === 1`), until(alive+` === 1`), until(`document.querySelector('.toast')?.textContent.includes('Jun')`))
	if last := read[string](second, `streams[0].url`); !strings.Contains(last, "last=") {
		t.Errorf("the tab that takes over asks %s, want what came after the last event", last)
	}

	// Signing out in one tab ends it in all, and the stream with it.
	third := second.beside()
	third.keepStreams()
	third.size(laptop.width, laptop.height)
	third.show(h.url + "/settings")
	third.do(click(`.header .me`), see(`.menu-list`), run(`[...document.querySelectorAll('.menu-list .menu-item')].at(-1).click()`),
		until(`document.querySelector('.header a[href="/sign-in"]')`))
	second.do(until(`document.querySelector('.header a[href="/sign-in"]')`), until(alive+` === 0`))
	if n := read[int](third, alive); n != 0 {
		t.Errorf("%d streams are open after the sign-out, want none", n)
	}
}

// TestFollowingIsSeenAtOnce follows by button and by key, and takes it back
// when the server does not take it; the other's bell counts it, and the page
// behind it shows who it was.
func TestFollowingIsSeenAtOnce(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina, jun := h.signUp("mina@home.example", "Mina"), h.signUp("jun@home.example", "Jun")
	a := openWindow(t, browser, look{url: h.url, token: mina.token, locale: "en"})
	b := openWindow(t, browser, look{url: h.url, token: jun.token, locale: "en"})
	for _, w := range []*window{a, b} {
		w.size(laptop.width, laptop.height)
	}
	b.show(h.url + "/")
	a.show(h.url + jun.me().URL)
	followers := `document.querySelector('.person-counts a:nth-child(2)').textContent`
	a.do(click(`.hero-tools .follow`), until(followers+` === '1 follower' && document.querySelector('.follow').getAttribute('aria-pressed') === 'true'`))
	b.do(until(bell + ` === 1`))

	a.do(press("f"), until(followers+` === '0 followers'`), click(`.toast .quiet`))
	b.do(until(bell + ` === 0`)) // what was taken back is not told any more
	a.do(press("f"), until(followers+` === '1 follower'`))

	// Without the server: shown, then taken back with a word about it.
	a.do(until(`!document.querySelector('.toast')`))
	a.do(run(`{ const real = fetch; window.fetch = (...args) => String(args[0]).includes('/follow') ? Promise.reject(new TypeError('away')) : real(...args); }`),
		click(`.hero-tools .follow`), click(`.toast .quiet`), until(`document.querySelector('.toast.error')`),
		until(followers+` === '1 follower' && document.querySelector('.follow').getAttribute('aria-pressed') === 'true'`))

	b.do(until(bell+` === 1`), click(`.header a[href="/notifications"]`), see(`.notice-row.new`), until(bell+` === 0`),
		until(`document.querySelector('.notice-row').textContent.includes('Mina follows you')`),
		click(`.notice-row .follow`), until(`document.querySelector('.notice-row .follow').getAttribute('aria-pressed') === 'true'`))
	a.do(until(`document.querySelector('.header a[href="/notifications"] .count')`))
}

// TestMessagesArriveAtOnce lets two people write each other, in the open
// conversation and with a track that is played there.
func TestMessagesArriveAtOnce(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina, jun := h.signUp("mina@home.example", "Mina"), h.signUp("jun@home.example", "Jun")
	track := mina.add(recording{file: "night.mp3", sound: music(40, 2), patch: map[string]any{"title": "Night train"}})
	mina.drawn(track)
	a := openWindow(t, browser, look{url: h.url, token: mina.token, locale: "en"})
	b := openWindow(t, browser, look{url: h.url, token: jun.token, locale: "en"})
	a.size(laptop.width, laptop.height)
	b.size(phone.width, phone.height)
	b.show(h.url + "/messages/to/mina")
	a.show(h.url + "/messages/to/jun")
	typing := func(text string) step { return chromedp.SendKeys(chromedp.CSS(`.composer textarea`), text) }
	last := func(of, text string) step {
		return until(fmt.Sprintf(`[...document.querySelectorAll('.said%s .bubble')].at(-1)?.textContent === %q`, of, text))
	}

	// Both begin, and it is one conversation.
	a.do(see(`.composer`), typing("Hello, Jun!\r"), last(".mine", "Hello, Jun!"), until(`/^\/messages\/\w+$/.test(location.pathname)`))
	b.do(last(":not(.mine)", "Hello, Jun!"))
	a.do(until(`document.querySelector('.said.mine .said-when').textContent.includes('Seen')`))
	b.do(see(`.composer`), typing("Hello! What did you record?"), click(`.composer-send`), last(".mine", "Hello! What did you record?"))
	a.do(last(":not(.mine)", "Hello! What did you record?"))
	if at := read[string](a, `location.pathname`); read[string](b, `location.pathname`) != at {
		t.Errorf("the two stand in different conversations: %s and %s", at, read[string](b, `location.pathname`))
	}

	// A track goes along, and is played where it lies.
	a.do(click(`.composer > .quiet`), see(`dialog .pick-row`), click(`dialog .pick-row`), see(`.composer-attached .attached`), typing("This one.\r"),
		until(`document.querySelector('.said.mine .attached')`))
	b.do(see(`.said:not(.mine) .attached .play`), click(`.said:not(.mine) .attached .play`), until(plays))

	// Without the server nothing that was written is lost.
	a.do(run(`{ const real = fetch; window.fetch = (...args) => args[1]?.method === 'POST' ? Promise.reject(new TypeError('away')) : real(...args); }`),
		typing("Can you hear me?\r"), see(`.said.refused`))
	a.show(h.url + "/messages/to/jun")
	a.holds()
	a.do(see(`.said.refused`), click(`.said.refused .text`), until(`!document.querySelector('.said.refused')`), last(".mine", "Can you hear me?"))
	b.do(last(":not(.mine)", "Can you hear me?"))

	// What is taken back is gone from both.
	a.do(run(`[...document.querySelectorAll('.said.mine .said-delete')].at(-1).click()`), see(`.toast .quiet`), click(`.toast .quiet`), last(".mine", "This one."))
	b.do(last(":not(.mine)", "This one."))

	// Whoever is blocked is told that they cannot write, and what was said stays,
	// though they write before they know.
	a.do(hold("/api/conversations"))
	jun.do("PUT", "/api/users/"+mina.me().ID+"/block", nil, "", http.StatusNoContent, nil)
	a.do(typing("One more thing\r"), see(`.said.refused`), release, see(`.thread-shut`), last(".mine", "One more thing"))
	if n := read[int](a, `document.querySelectorAll('.said.refused').length`); n != 1 {
		t.Errorf("%d messages are refused, want the last one", n)
	}
	for name, w := range map[string]*window{"a": a, "b": b} {
		for _, c := range w.complaints("403", "Failed to fetch", "/api/me/queue") {
			t.Errorf("%s: the browser complains: %s", name, c)
		}
	}
}

// TestOldMessagesMoveNothing scrolls up a long conversation while it grows.
func TestOldMessagesMoveNothing(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina, jun := h.signUp("mina@home.example", "Mina"), h.signUp("jun@home.example", "Jun")
	say := func(from, to *house, text string) {
		from.do("POST", "/api/users/"+to.me().ID+"/messages", body(t, wire.NewMessage{Text: text}), "application/json", http.StatusCreated, nil)
	}
	const turns = 24
	for i := range turns {
		say(mina, jun, fmt.Sprintf("line %d of the long letter", 2*i))
		say(jun, mina, fmt.Sprintf("line %d of the long letter", 2*i+1))
	}
	w := openWindow(t, browser, look{url: h.url, token: mina.token, locale: "en"})
	w.size(phone.width, phone.height)
	w.show(h.url + "/messages/to/jun")
	w.do(until(`document.querySelectorAll('.said').length >= 30`))
	atBottom := read[bool](w, `(() => { const last = [...document.querySelectorAll('.said')].at(-1).getBoundingClientRect(), box = document.querySelector('.thread-scroll').getBoundingClientRect();
		return last.bottom <= box.bottom + 1 && last.top > box.top; })()`)
	if !atBottom {
		t.Error("the newest message is not in sight when the conversation is opened")
	}
	place := `(() => { const box = document.querySelector('.thread-scroll').getBoundingClientRect();
		const one = [...document.querySelectorAll('.said')].find((each) => each.getBoundingClientRect().top > box.top + 40);
		return one.textContent.slice(0, 30) + ' at ' + Math.round(one.getBoundingClientRect().top); })()`
	scroll := func(to string) {
		w.do(run(`document.querySelector('.thread-scroll').scrollTop = `+to), painted)
	}
	top := read[string](w, `document.querySelector('.said').textContent`)
	scroll("-99999")
	w.do(until(fmt.Sprintf(`document.querySelectorAll('.said').length === %d`, 2*turns)))
	if inSight := read[bool](w, fmt.Sprintf(`[...document.querySelectorAll('.said')].find((one) => one.textContent === %q).getBoundingClientRect().top > 0`, top)); !inSight {
		t.Error("older messages moved the one that was read")
	}
	scroll("-500")
	before := read[string](w, place)
	say(jun, mina, "something new\nof two lines")
	w.do(until(fmt.Sprintf(`document.querySelectorAll('.said').length === %d`, 2*turns+1)), see(`.thread-below`))
	if after := read[string](w, place); after != before {
		t.Errorf("a new message moved what is read: %q, before %q", after, before)
	}
	w.do(click(`.thread-below`), until(`!document.querySelector('.thread-below')`))
}
