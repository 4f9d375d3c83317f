package browsertest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/app/api/wire"
)

// remarks are comments as people write them: long and short, in both
// languages, with all that is found in them.
var remarks = []string{
	"This bell! Listen again from 0:12, then 0:41.",
	"여기서 소름 돋았어요",
	"What microphone is this? @mina",
	"비 오는 날 창문을 열고 들었습니다. 마지막 기차가 떠난 뒤에도 플랫폼에는 한동안 불이 켜져 있었던 것처럼, 소리가 오래 남네요.",
	"I keep coming back to this moment: https://example.com/night-trains/the-long-goodbye?take=4&side=b#the-second-verse (the way the noise opens up like a window in a very long corridor).",
	"Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftslied",
	"Love it",
}

// says writes a comment.
func (h *house) says(track wire.Track, at time.Duration, text, parent string) wire.Comment {
	h.t.Helper()
	var c wire.Comment
	n := wire.NewComment{PositionMS: at.Milliseconds(), Text: text, Parent: parent}
	h.do("POST", "/api/tracks/"+track.ID+"/comments", body(h.t, n), "application/json", http.StatusCreated, &c)
	return c
}

// crowd is what people did in a seeded house.
type crowd struct {
	said         []wire.Comment // on the keeper's track, in the order of writing
	list, secret wire.Playlist  // the member's: one of four tracks, and one of none
	quiet        wire.Track     // the keeper's, without comments
}

// gather lets the people of a seeded house and a few others talk, like, pass
// on and gather.
func gather(t testing.TB, p place) crowd {
	t.Helper()
	people := []*house{p.member, p.keeper}
	for i, name := range []string{"Jun Park", "Ada Lovelace-Featherstonehaugh of the Analytical Engine", "리오"} {
		people = append(people, p.keeper.signUp(fmt.Sprintf("crowd%d@home.example", i), name))
	}
	var c crowd
	length := time.Duration(p.foreign.DurationMS) * time.Millisecond
	for i := range 26 {
		at := length * time.Duration(i*37%100) / 100
		if i < 6 {
			at = 42*time.Second + time.Duration(i)*200*time.Millisecond
		}
		c.said = append(c.said, people[i%len(people)].says(p.foreign, at, remarks[i%len(remarks)], ""))
	}
	for i := range 5 {
		people[i].says(p.foreign, 0, "@mina "+remarks[(i+1)%len(remarks)], c.said[0].ID)
	}
	p.member.says(p.own, 9*time.Second, remarks[3], "")
	var tracks wire.List[wire.Track]
	p.keeper.do("GET", "/api/me/tracks", nil, "", http.StatusOK, &tracks)
	c.quiet = tracks.Items[len(tracks.Items)-1]
	p.keeper.do("PATCH", "/api/tracks/"+c.quiet.ID, body(t, map[string]any{"comments": false}), "application/json", http.StatusOK, nil)
	var ids []string
	for _, track := range append(tracks.Items[:min(3, len(tracks.Items)):3], p.own) {
		ids = append(ids, track.ID)
	}
	for i, who := range people {
		for _, track := range []wire.Track{p.foreign, p.own} {
			who.do("PUT", "/api/tracks/"+track.ID+"/like", nil, "", http.StatusOK, nil)
			if i > 1 {
				who.do("PUT", "/api/tracks/"+track.ID+"/repost", nil, "", http.StatusOK, nil)
			}
			who.do("POST", "/api/tracks/"+track.ID+"/plays", body(t, map[string]any{"listened_ms": 60_000}), "application/json", http.StatusOK, nil)
		}
	}
	keep := func(title, kind, visibility string, tracks []string) (list wire.Playlist) {
		n := map[string]any{"title": title, "kind": kind, "visibility": visibility, "tracks": tracks}
		p.member.do("POST", "/api/playlists", body(t, n), "application/json", http.StatusCreated, &list)
		return list
	}
	c.list = keep("Stations where nobody waits, and everything that was heard there between the last train and the first", "playlist", "public", ids)
	p.member.do("PATCH", "/api/playlists/"+c.list.ID, body(t, map[string]any{"description": story, "tags": []string{"밤기차", "field recording"}}), "application/json", http.StatusOK, &c.list)
	keep("밤기차 모음집", "album", "public", ids[:1])
	c.secret = keep("Later", "playlist", "private", nil)
	return c
}

// shows is true when the page shows a text somewhere.
func shows(text string) step {
	return until(fmt.Sprintf(`document.querySelector('main').innerText.includes(%q)`, text))
}

// TestCommentsComeLive has two people at one track: what one writes, answers,
// changes and deletes reaches the other's open page, and moves nothing there
// that is being read.
func TestCommentsComeLive(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	keeper := newHouse(t)
	mina, jun := keeper.signUp("mina@home.example", "Mina"), keeper.signUp("jun@home.example", "Jun")
	track := keeper.add(recording{file: "night train.mp3", sound: music(90, 2), patch: map[string]any{"title": "Night train"}})
	keeper.drawn(track)
	for i := range 12 {
		keeper.says(track, time.Duration(5*i)*time.Second, fmt.Sprintf("Remark %d", i), "")
	}

	a := openWindow(t, browser, look{url: mina.url, token: mina.token, locale: "en"})
	b := openWindow(t, browser, look{url: jun.url, token: jun.token, locale: "en"})
	visitor := openWindow(t, browser, look{url: keeper.url, locale: "en"})
	a.size(phone.width, phone.height)
	b.size(laptop.width, laptop.height)
	visitor.size(phone.width, phone.height)
	for _, w := range []*window{a, b, visitor} {
		w.show(keeper.url + track.URL + "?t=42")
		w.do(shows("Remark 11"))
	}

	// Two taps from playing: one opens the field at this moment, one sends.
	a.do(click(`.hero-tools .play`), until(plays), until(`heard.currentTime > 42.2`),
		click(`.moment-write`), see(`.writer textarea`), until(`document.activeElement.localName === 'textarea'`),
		chromedp.KeyEvent("The bell! And again at 1:02"), run(`heard.pause()`), click(`.writer button[type="submit"]`),
		shows("The bell! And again at"), until(`!document.querySelector('.writer')`))
	for _, w := range []*window{b, visitor} {
		w.do(shows("13 comments"))
		if read[bool](w, `Boolean(document.querySelector('.fresh button'))`) {
			w.do(click(`.fresh button`))
		}
		w.do(shows("The bell! And again at"), until(`document.querySelectorAll('.lane .mark').length > 3`))
	}
	if at := read[string](b, `[...document.querySelectorAll('.said')].find((one) => one.innerText.includes('The bell!')).querySelector('.timecode').textContent`); at != "0:42" && at != "0:43" {
		t.Errorf("the comment is at %s, want the moment at which its field was opened, 0:42", at)
	}
	if n := read[int](visitor, `document.querySelectorAll('.moment a[href^="/sign-in?next="]').length`); n != 1 {
		t.Errorf("%d ways to sign in and comment, want 1", n)
	}

	// What comes in above stays out of the way of what is being read.
	b.do(run(`document.getElementById('comments').querySelectorAll('.said')[8].scrollIntoView({block: 'start', behavior: 'instant'})`))
	const place = `Math.round([...document.querySelectorAll('.said')].find((one) => one.innerText.includes('Remark 9')).getBoundingClientRect().top)`
	before := read[int](b, place)
	keeper.says(track, 2*time.Second, "From above", "")
	b.do(until(`document.querySelector('main').textContent.includes('From above')`), shows("14 comments"))
	if after := read[int](b, place); after < before-2 || after > before+2 {
		t.Errorf("what was read moved from %d to %d when a comment came in above it", before, after)
	}

	// An answer, a change, and an end.
	const row = `[...document.querySelectorAll('.thread')].find((one) => one.innerText.includes('The bell!'))`
	b.do(run(row+`.querySelector('.said-body > .text').click()`), see(`.replies .writer textarea`), until(`document.activeElement.localName === 'textarea'`), chromedp.KeyEvent("You are right"), press(kb.Enter),
		until(row+`.querySelector('.replies').innerText.includes('You are right')`))
	a.do(until(`document.querySelector('main').textContent.includes('You are right') || document.querySelector('.fresh button')`))
	if read[bool](a, `Boolean(document.querySelector('.fresh button'))`) {
		a.do(run(`document.querySelector('.fresh button').click()`))
	}
	a.do(shows("You are right"))
	a.do(run(row+`.querySelector('.menu button').click()`), see(`.menu-list`), run(`document.querySelector('.menu-item').click()`), see(`.said .writer textarea`), until(`document.activeElement.localName === 'textarea'`),
		run(`document.querySelector('.said .writer textarea').select()`), chromedp.KeyEvent("A bell, I think"), press(kb.Enter), shows("A bell, I think"), shows("edited"))
	b.do(shows("A bell, I think"))
	a.do(run(strings.Replace(row, "The bell!", "A bell,", 1)+`.querySelector('.menu button').click()`), see(`.menu-list`), run(`[...document.querySelectorAll('.menu-item')].at(-1).click()`),
		see(`.toast .quiet`), shows("This comment was deleted."), click(`.toast .quiet`))
	b.do(shows("This comment was deleted."), until(`!document.querySelector('main').innerText.includes('A bell, I think')`), shows("You are right"))

	// What was typed is there again when one comes back.
	a.do(run(`scrollTo(0, 0)`), until(`!document.querySelector('.toast')`), click(`.moment-write`), see(`.writer textarea`), until(`document.activeElement.localName === 'textarea'`), chromedp.KeyEvent("Half a thought"), run(`document.querySelector('.brand').click()`),
		see(`.cards .card`), run(`history.back()`), see(`.moment-write`))
	a.do(run(`document.querySelector('.writer') ?? document.querySelector('.moment-write').click()`), until(`document.querySelector('.writer textarea')?.value === 'Half a thought'`))

	for name, w := range map[string]*window{"who writes": a, "who reads": b, "a visitor": visitor} {
		for _, c := range w.complaints() {
			t.Errorf("the browser of %s complains: %s", name, c)
		}
	}
}

// TestPlaylistIsMadeAndOrdered makes a playlist from a track's menu, fills it,
// and puts it in order by keyboard and by dragging.
func TestPlaylistIsMadeAndOrdered(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	keeper := newHouse(t)
	var tracks []wire.Track
	for i := range 4 {
		tracks = append(tracks, keeper.add(recording{file: "take.mp3", sound: music(20, i), patch: map[string]any{"title": fmt.Sprintf("Take %d", i+1)}}))
	}
	keeper.drawn(tracks...)
	mina := keeper.signUp("mina@home.example", "Mina")
	w := openWindow(t, browser, look{url: mina.url, token: mina.token, locale: "en"})
	w.size(laptop.width, laptop.height)
	var lists wire.List[wire.Playlist]
	for i, track := range tracks {
		w.show(mina.url + track.URL)
		w.do(pick(`.hero-tools .menu button`, `[...document.querySelectorAll('.menu-item')].findIndex((one) => one.textContent === 'Add to playlist')`)...)
		w.do(see(`dialog[open] .adder-new input`))
		if i == 0 {
			w.do(run(`document.querySelector('.adder-new input').focus()`), chromedp.KeyEvent("For the road"), click(`.adder-new [type="checkbox"]`))
		} else {
			w.do(see(`.adder-row`), click(`.adder-row`), see(`.adder-row.on`))
		}
		// What was only typed is made too.
		w.do(click(`dialog .actions .main`), until(`!document.querySelector('dialog[open]')`))
		// It shows before the server has it.
		for end := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			mina.do("GET", "/api/me/playlists", nil, "", http.StatusOK, &lists)
			if len(lists.Items) == 1 && int(lists.Items[0].Tracks) == i+1 {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("playlists %+v, want one of %d tracks", lists.Items, i+1)
			}
		}
	}
	list := lists.Items[0]
	if list.Visibility != "private" {
		t.Fatalf("the playlist is %s, want it private", list.Visibility)
	}
	order := func(want string) {
		t.Helper()
		w.do(until(fmt.Sprintf(`[...document.querySelectorAll('.track-row .player-title')].map((one) => one.textContent.slice(-1)).join('') === %q`, want)))
		var got string
		for end := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			var there wire.List[wire.Track]
			mina.do("GET", "/api/playlists/"+list.ID+"/tracks", nil, "", http.StatusOK, &there)
			got = ""
			for _, track := range there.Items {
				got += track.Title[len(track.Title)-1:]
			}
			if got == want {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("the server has the order %s, want %s", got, want)
			}
		}
	}
	w.show(mina.url + list.URL)
	order("1234")

	w.do(run(`document.querySelector('.row-grip').focus()`), press(" "), until(`document.querySelector('main [role=status]').textContent.includes('place 1 of 4')`),
		press(kb.ArrowDown), press(kb.ArrowDown), until(`document.querySelector('main [role=status]').textContent.includes('place 3 of 4')`), press(kb.Enter))
	order("2314")
	if at := read[string](w, `document.activeElement.getAttribute('aria-label')`); at != "Move Take 1" {
		t.Errorf("after it was moved the focus is on %q, want the same grip", at)
	}

	// By dragging: the last one to the front.
	box := read[[]float64](w, `(() => { const box = [...document.querySelectorAll('.row-grip')].at(-1).getBoundingClientRect(); return [box.x + 9, box.y + box.height / 2, box.height]; })()`)
	w.do(run(fmt.Sprintf(`(async () => {
		const grip = [...document.querySelectorAll('.row-grip')].at(-1), x = %[1]f, y = %[2]f;
		const send = (type, to, at) => at.dispatchEvent(new PointerEvent(type, {bubbles: true, cancelable: true, pointerId: 1, isPrimary: true, pointerType: 'touch', button: 0, clientX: x, clientY: to}));
		send('pointerdown', y, grip);
		for (let i = 1; i <= 6; i++) { send('pointermove', y - i * 34, window); await new Promise((go) => setTimeout(go, 30)); }
		send('pointerup', y - 204, window);
	})()`, box[0], box[1])))
	order("4231")

	w.do(pick(`.track-row:nth-child(2) .menu button`, `[...document.querySelectorAll('.menu-item')].findIndex((one) => one.textContent === 'Remove from the list')`)...)
	order("431")
	w.do(click(`.toast button.text`))
	order("4231")

	w.do(click(`.hero-tools .play`), until(plays), until(`document.querySelector('.player .player-title')?.textContent === 'Take 4'`))
	for _, c := range w.complaints() {
		t.Errorf("the browser complains: %s", c)
	}
}
