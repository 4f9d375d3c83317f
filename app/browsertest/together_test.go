package browsertest

import (
	"context"
	"fmt"
	"image/color"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/app/api/wire"
)

// A member is somebody with an account: what the house knows of them, and the
// window they sit at.
type member struct {
	*house
	who wire.Me
	w   *window
}

// joins makes an account under a name, which is also the username.
func (h *house) joins(name string) *member {
	h.t.Helper()
	m := &member{house: h.signUp(name+"@home.example", name)}
	m.do("PATCH", "/api/me", body(h.t, map[string]any{"username": name}), "application/json", http.StatusOK, &m.who)
	return m
}

// sits opens a window for a member, on a page that must not be loaded anew.
func (m *member) sits(t *testing.T, browser context.Context, size screen, path string) {
	t.Helper()
	m.w = openWindow(t, browser, look{url: m.url, token: m.token, locale: "en"})
	m.w.size(size.width, size.height)
	m.w.show(m.url + path)
	m.w.mark()
}

// mark remembers that this page was not loaded anew; stayed tells.
func (w *window) mark() { w.do(run(`window.sameAsBefore = true`)) }

func (w *window) stayed() {
	w.t.Helper()
	if !read[bool](w, `window.sameAsBefore === true`) {
		w.t.Error("the page was loaded anew, and what came was to come by itself")
	}
}

// fine ends a story: nothing may have complained.
func (w *window) fine(expected ...string) {
	w.t.Helper()
	for _, c := range w.complaints(expected...) {
		w.t.Errorf("the browser complains: %s", c)
	}
}

// one finds the first element of a kind that is seen and says a text.
func one(selector, text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%q)].find((one) => one.checkVisibility() && ((one.ariaLabel ?? '') + '\n' + one.innerText).includes(%q))`, selector, text)
}

// finds waits for it.
func finds(selector, text string) step { return until(one(selector, text)) }

// lacks waits until there is none any more.
func lacks(selector, text string) step { return until(`!` + one(selector, text)) }

// tap clicks on it with the mouse as soon as it stands still and nothing lies
// over its middle.
func tap(selector, text string) step {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		where := chromedp.Evaluate[[]float64](`(() => {
			const found = ` + one(selector, text) + `;
			if (!found) return [];
			found.scrollIntoView({block: 'center', behavior: 'instant'});
			const box = found.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
			const over = document.elementFromPoint(x, y);
			return over && (found.contains(over) || over.contains(found)) ? [x, y] : [];
		})()`)
		var before []float64
		for {
			at, err := where(ctx, target)
			if err == nil && len(at) == 2 {
				if len(before) == 2 && before[0] == at[0] && before[1] == at[1] {
					return chromedp.MouseClickXY(at[0], at[1])(ctx, target)
				}
				before = at
			}
			select {
			case <-ctx.Done():
				return chromedp.Void{}, fmt.Errorf("waiting to click on %s %q: %w", selector, text, ctx.Err())
			case <-time.After(30 * time.Millisecond):
			}
		}
	}
}

// from opens a menu and takes one of what it offers.
func (w *window) from(menu, name, entry string) {
	w.t.Helper()
	w.do(tap(menu, name), tap(`.menu-list [role=menuitem]`, entry))
}

// enter is the key as a keyboard sends it: whoever prevents it gets no new line.
func enter(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		p := input.DispatchKeyEventParams{Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13}
		if kind == input.DispatchKeyEventTypeKeyDown {
			p.Text = "\r"
		}
		if _, err := cdp.Call(ctx, target, input.DispatchKeyEvent, p); err != nil {
			return chromedp.Void{}, err
		}
	}
	return chromedp.Void{}, nil
}

// hears goes to a part of the track's large waveform with the mouse.
func hears(share float64) step {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		at, err := chromedp.Evaluate[[2]float64](fmt.Sprintf(`(() => {
			const wave = document.querySelector('.wave-hero');
			wave.scrollIntoView({block: 'center', behavior: 'instant'});
			const box = wave.getBoundingClientRect();
			return [box.left + box.width * %f, box.top + box.height / 2];
		})()`, share))(ctx, target)
		if err != nil {
			return chromedp.Void{}, err
		}
		return chromedp.MouseClickXY(at[0], at[1])(ctx, target)
	}
}

// about is true while the player is within two times, in seconds.
func about(from, to float64) step {
	return until(fmt.Sprintf(`window.heard && heard.currentTime >= %f && heard.currentTime < %f`, from, to))
}

// title waits until the player holds a track.
func title(text string) step { return finds(`.player .player-title`, text) }

// song adds a track of so many seconds whose waveform is there.
func (h *house) song(name string, seconds float64, kind int) wire.Track {
	h.t.Helper()
	track := h.add(recording{file: name + ".mp3", sound: music(seconds, kind), patch: map[string]any{"title": name}})
	h.drawn(track)
	return track
}

// TestTogetherAtOneMoment is two people and a visitor at one track: what one
// says at 0:42 comes to the others while they look, and is heard at 0:42.
func TestTogetherAtOneMoment(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina, jun := h.joins("mina"), h.joins("jun")
	track := jun.song("Night train", 70, 3)
	length := float64(track.DurationMS) / 1000

	jun.sits(t, browser, desktop, track.URL)
	visitor := openWindow(t, browser, look{url: h.url, locale: "en"})
	visitor.size(phone.width, phone.height)
	visitor.show(h.url + track.URL)
	visitor.mark()
	mina.sits(t, browser, desktop, track.URL)

	// Mina listens, goes to 0:42 and says something.
	mina.w.do(tap(`.hero-tools .play`, "Play"), until(plays), hears(42.5/length), about(42, 46), until(plays), press("c"),
		until(`document.activeElement.localName === 'textarea'`))
	for range 4 {
		if at := read[string](mina.w, `document.querySelector('.writer-at').textContent`); strings.HasSuffix(at, "At 0:42") {
			break
		}
		mina.w.do(tap(`.writer button`, "one second earlier"))
	}
	mina.w.do(finds(`.writer-at`, "At 0:42"), run(`document.querySelector('.writer textarea').focus()`), press("Here the train comes in"))
	if hidden := read[float64](mina.w, `document.querySelector('.writer button[type=submit]').getBoundingClientRect().bottom - document.querySelector('.dock').getBoundingClientRect().top`); hidden > 0 {
		t.Errorf("the button that sends lies %.0f pixels below the player", hidden)
	}
	mina.w.picture("moment-writing", false)
	mina.w.do(enter, finds(`.said`, "Here the train comes in"), until(`!document.querySelector('.writer')`))

	// It comes to the others, with its mark where it belongs.
	for _, w := range []*window{jun.w, visitor} {
		w.do(finds(`.said-list .said`, "Here the train comes in"), finds(`.comments h2`, "1 comment"), until(`document.querySelectorAll('.lane .mark').length === 1`))
		off := read[float64](w, fmt.Sprintf(`(() => {
			const mark = document.querySelector('.lane .mark').getBoundingClientRect(), wave = document.querySelector('.wave-hero').getBoundingClientRect();
			return mark.left + mark.width / 2 - (wave.left + wave.width * 42.5 / %f);
		})()`, length))
		if off < -12 || off > 12 {
			t.Errorf("the mark of 0:42 stands %.1f pixels from there", off)
		}
		if at := read[string](w, `document.querySelector('.said .timecode').textContent`); at != "0:42" {
			t.Errorf("the comment is at %s, want 0:42", at)
		}
		w.stayed()
	}
	jun.w.picture("moment-owner", true)
	visitor.picture("moment-visitor", true)

	// Jun answers.
	jun.w.do(tap(`.said button.text`, "Reply"), until(`document.activeElement.localName === 'textarea'`), press("With the doors open"), enter)
	for _, w := range []*window{jun.w, mina.w, visitor} {
		w.do(finds(`.replies .said`, "With the doors open"))
	}
	mina.w.stayed()

	// Jun plays: it is shown at its moment, and not before or after it.
	const moment = `.moment-line .moment-text`
	jun.w.do(tap(`.hero-tools .play`, "Play"), until(plays), hears(39/length), about(38, 41), until(plays), lacks(moment, "train comes in"),
		finds(moment, "Here the train comes in"))
	if at := read[float64](jun.w, `heard.currentTime`); at < 41.9 || at > 44 {
		t.Errorf("the comment of 0:42 is shown at %.1f s", at)
	}
	jun.w.picture("moment-heard", false)
	jun.w.do(hears(55/length), about(54, 58), lacks(moment, "train comes in"), press(" "), until(`heard.paused`))

	// What she changes and takes away changes and goes for all.
	mina.w.from(`.said .menu > button`, "More for the comment by mina", "Edit comment")
	mina.w.do(until(`document.activeElement.localName === 'textarea'`), press(", at last"), enter)
	for _, w := range []*window{mina.w, jun.w, visitor} {
		w.do(finds(`.said`, "comes in, at last"), finds(`.said`, "edited"))
	}
	mina.w.from(`.said .menu > button`, "More for the comment by mina", "Delete comment")
	mina.w.do(see(`.toast .quiet`), click(`.toast .quiet`))
	for _, w := range []*window{mina.w, jun.w, visitor} {
		w.do(lacks(`.said`, "comes in"), finds(`.said.empty-place`, "This comment was deleted"), finds(`.replies .said`, "With the doors open"),
			finds(`.comments h2`, "1 comment"), until(`!document.querySelector('.moment-text, .lane .mark')`))
		w.stayed()
		w.fine()
	}
	jun.w.picture("moment-gone", true)
}

// TestTogetherTheyFollow is one who follows another, and is followed back.
func TestTogetherTheyFollow(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina, jun, rio := h.joins("mina"), h.joins("jun"), h.joins("rio")
	jun.song("Night train", 20, 1)
	for i, name := range []string{"Slow tide", "Hallway"} {
		mina.song(name, 20, i)
	}
	rio.do("PUT", "/api/users/"+mina.who.ID+"/follow", nil, "", http.StatusOK, nil)
	mina.do("PUT", "/api/me/picture", picture(t, color.RGBA{20, 80, 60, 255}, color.RGBA{240, 210, 150, 255}), "image/jpeg", http.StatusOK, nil)

	jun.sits(t, browser, phone, "/")
	mina.sits(t, browser, desktop, "/jun")
	bell := func(n string) step {
		if n == "" {
			return until(`[...document.querySelectorAll('a[href="/notifications"]')].every((one) => !one.querySelector('.count'))`)
		}
		return finds(`a[href="/notifications"] .count`, n)
	}

	jun.w.do(bell(""))
	mina.w.do(finds(`.person-counts a`, "0 followers"), tap(`.hero-tools .follow`, "Follow"), finds(`.hero-tools .follow.on`, "Following"), finds(`.person-counts a`, "1 follower"))
	jun.w.do(bell("1"))
	jun.w.picture("follow-bell", false)
	jun.w.do(tap(`a[href="/notifications"]`, ""), finds(`.notice-row.new`, "mina follows you"), finds(`.notice-row`, "2 tracks"), finds(`.notice-row`, "1 follower"),
		until(`document.querySelector('.notice-faces img')?.naturalWidth > 0`))
	jun.w.picture("follow-notice", false)
	jun.w.do(tap(`.notice-row .follow`, "Follow"), finds(`.notice-row .follow.on`, "Following"), finds(`.notice-row`, "2 followers"), bell(""))
	jun.w.stayed()

	// Mina hears of it, and counts one more.
	mina.w.do(bell("1"), tap(`.header .me`, ""), tap(`.menu-list [role=menuitem]`, "Your page"), finds(`.person-counts a`, "2 followers"), finds(`.person-counts a`, "1 following"),
		tap(`.person-counts a`, "followers"), finds(`.person-row`, "jun"), finds(`.person-row`, "rio"))
	mina.w.picture("follow-followers", false)
	mina.w.do(tap(`a[href="/notifications"]`, ""), finds(`.notice-row.new`, "jun and rio follow you"), bell(""))
	mina.w.stayed()

	// It stays so.
	jun.w.show(h.url + "/mina")
	jun.w.do(finds(`.hero-tools .follow.on`, "Following"), finds(`.person-facts`, "You follow each other"), finds(`.person-counts a`, "2 followers"), bell(""))
	jun.w.picture("follow-mutual", false)
	mina.w.fine()
	jun.w.fine()
}

// TestTogetherSomethingIsSent is a track that goes from one to another, who
// hears it where it lies and answers.
func TestTogetherSomethingIsSent(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina, jun := h.joins("mina"), h.joins("jun")
	track := h.song("Night train", 65, 4)
	mina.do("PUT", "/api/users/"+jun.who.ID+"/follow", nil, "", http.StatusOK, nil)

	jun.sits(t, browser, phone, "/")
	mina.sits(t, browser, desktop, track.URL)
	const letter = `a[href="/messages"]`

	mina.w.from(`.hero-tools .menu > button`, "More for Night train", "Send to")
	mina.w.do(finds(`dialog .pick-row`, "jun"))
	mina.w.picture("send-whom", false)
	mina.w.do(tap(`dialog .pick-row`, "jun"), finds(`dialog .attached`, "Night train"), tap(`dialog textarea`, ""), press("For the way home"))
	mina.w.picture("send-letter", false)
	mina.w.do(tap(`dialog button[type=submit]`, "Send"), finds(`.toast`, "Sent to jun"))

	jun.w.do(finds(letter+` .count`, "1"), finds(`.toast`, "New message from mina"))
	jun.w.picture("send-came", false)
	jun.w.do(tap(letter, ""), finds(`.talk.unread`, "For the way home"), lacks(`.toast`, "New message"))
	jun.w.picture("send-list", false)
	jun.w.do(tap(`.talk-name`, "mina"), finds(`.bubble`, "For the way home"), until(`!document.querySelector('`+letter+` .count')`),
		tap(`.attached .play`, "Play Night train"), until(plays), title("Night train"))
	jun.w.picture("send-heard", false)
	mina.w.do(tap(`.toast button`, "Open"), finds(`.bubble`, "For the way home"), finds(`.said-when`, "Seen"))

	// Both write, each sees the other's at once and that it was seen.
	jun.w.do(tap(`.composer textarea`, ""), press("I hear the doors"), tap(`.composer-send`, "Send"), finds(`.said.mine .bubble`, "I hear the doors"))
	mina.w.do(finds(`.said:not(.mine) .bubble`, "I hear the doors"))
	jun.w.do(finds(`.said.mine .said-when`, "Seen"))
	mina.w.do(until(`document.activeElement.matches('.composer textarea')`), press("문이 열리는 소리"), enter)
	jun.w.do(finds(`.said:not(.mine) .bubble`, "문이 열리는 소리"), until(plays))
	mina.w.do(until(`document.querySelector('.said.mine:last-child')?.innerText.includes('Seen')`), until(`document.querySelector('.composer textarea').value === ''`))
	mina.w.picture("send-talk", false)
	jun.w.picture("send-talk-phone", false)
	// Comments and messages look as before once the styles of both were needed.
	if space := read[string](mina.w, `getComputedStyle(document.querySelector('.messages .talk')).marginTop + getComputedStyle(document.querySelector('.messages .said')).paddingBottom`); space != "0px0px" {
		t.Errorf("the styles of comments reach the messages: %s", space)
	}
	mina.w.do(tap(`.said .attached-title`, "Night train"), until(`document.querySelector('.track-page .talk')`))
	if shape := read[string](mina.w, `getComputedStyle(document.querySelector('.track-page .talk')).display`); shape != "grid" {
		t.Errorf("the styles of messages reach the comments: %s", shape)
	}
	mina.w.picture("send-back", false)
	for _, m := range []*member{mina, jun} {
		m.w.do(until(`!document.querySelector('` + letter + ` .count')`))
		m.w.stayed()
		m.w.fine()
	}
}

// TestTogetherTabsShareOneStream opens three tabs of one person: they hold one
// stream of events, another takes over when one goes, and nothing is lost, nor
// while nothing could be reached.
func TestTogetherTabsShareOneStream(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina, jun := h.joins("mina"), h.joins("jun")
	track := mina.song("Night train", 62, 5)
	g := newGate(t, h.url)
	d := newDoor(t, strings.TrimPrefix(g.url, "http://"))
	home := &house{t: t, url: d.url, token: mina.token}

	first := openWindow(t, browser, look{url: d.url, token: mina.token, locale: "en"})
	tabs := []*window{first, first.beside(), first.beside()}
	for _, w := range tabs {
		w.keepStreams()
		w.size(laptop.width, laptop.height)
		w.show(home.url + track.URL)
		w.mark()
	}
	holds := func(w *window) bool {
		return read[bool](w, `(window.streams ?? []).some((one) => one.readyState === 1)`)
	}
	// holder waits until one of them has the stream, and gives it first.
	holder := func(within time.Duration) {
		t.Helper()
		for end := time.Now().Add(within); ; time.Sleep(50 * time.Millisecond) {
			for i, w := range tabs {
				if g.open() == 1 && holds(w) {
					tabs[0], tabs[i] = tabs[i], tabs[0]
					return
				}
			}
			if time.Now().After(end) {
				t.Fatalf("after %v, %d streams are open", within, g.open())
			}
		}
	}
	say := func(text string, at int64) {
		t.Helper()
		n := wire.NewComment{Text: text, PositionMS: at}
		jun.do("POST", "/api/tracks/"+track.ID+"/comments", body(t, n), "application/json", http.StatusCreated, nil)
	}
	all := func(text string) {
		t.Helper()
		for _, w := range tabs {
			w.do(finds(`.said`, text))
			w.stayed()
		}
	}

	holder(5 * time.Second)
	if n := g.asked(); n != 1 {
		t.Errorf("three tabs asked %d times for the stream of events, want once", n)
	}
	say("To all of you", 1000)
	all("To all of you")
	for _, w := range tabs {
		w.do(finds(`a[href="/notifications"] .count`, "1"))
	}

	// The tab that holds it is closed, and something is said meanwhile.
	began := time.Now()
	tabs[0].close()
	say("While it was closed", 2000)
	tabs = tabs[1:]
	holder(4 * time.Second)
	all("While it was closed")
	t.Logf("after a tab was closed another held the stream within %v", time.Since(began).Round(10*time.Millisecond))

	// The connection is cut for a while.
	d.shut()
	tabs[0].do(until(`streams.every((one) => one.readyState === 2)`))
	for i := range 3 {
		say(fmt.Sprintf("While away, %d", i), 3000+int64(i))
	}
	d.open()
	for i := range 3 {
		all(fmt.Sprintf("While away, %d", i))
	}
	holder(10 * time.Second)
	for _, w := range tabs {
		w.do(finds(`.comments h2`, "5 comments"), until(`document.querySelectorAll('.said').length === 5`))
	}

	// It dies without a word.
	began = time.Now()
	tabs[0].crash()
	say("After it died", 4000)
	tabs = tabs[1:]
	holder(12 * time.Second)
	all("After it died")
	t.Logf("after a tab died another held the stream within %v", time.Since(began).Round(10*time.Millisecond))
	for _, w := range tabs {
		w.fine("ERR_CONNECTION", "ERR_INCOMPLETE", "ERR_EMPTY", "ERR_SOCKET")
	}
}

// beside opens another tab of the same person, with the same cookies and storage.
func (w *window) beside() *window {
	w.t.Helper()
	other := &window{t: w.t}
	ctx, closeTab := chromedp.NewContext(w.tab, chromedp.WithListener(other.note))
	w.t.Cleanup(closeTab)
	other.tab = ctx
	if err := chromedp.Do(ctx); err != nil {
		w.t.Fatalf("open a tab beside another: %v", err)
	}
	return other
}

// keepStreams keeps the streams of events that a tab's scripts open, and the
// number of the last notice that each of them brought.
func (w *window) keepStreams() {
	w.t.Helper()
	_, err := chromedp.Call(w.tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `{
		const Real = window.EventSource;
		window.streams = [];
		window.EventSource = class extends Real {
			constructor(...args) {
				super(...args);
				streams.push(this);
				this.addEventListener('notice', (event) => (this.last = event.lastEventId));
			}
		};
	}`})
	if err != nil {
		w.t.Fatalf("watch the streams: %v", err)
	}
}

// close closes the tab as a person does.
func (w *window) close() {
	w.t.Helper()
	if _, err := chromedp.Call(w.tab, page.Close, cdp.Empty{}); err != nil {
		w.t.Fatalf("close a tab: %v", err)
	}
}

// crash ends the tab's process.
func (w *window) crash() {
	within, stop := context.WithTimeout(w.tab, 2*time.Second)
	defer stop()
	chromedp.Call(within, page.Crash, cdp.Empty{}) // nobody is left to answer
}

// A gate stands before a house and counts who asks for its events.
type gate struct {
	url        string
	mu         sync.Mutex
	all, being int
}

func newGate(t *testing.T, to string) *gate {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{}
	house := httputil.NewSingleHostReverseProxy(u)
	house.ErrorHandler = func(w http.ResponseWriter, r *http.Request, err error) { w.WriteHeader(http.StatusBadGateway) }
	count := func(all, being int) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.all += all
		g.being += being
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/events" {
			count(1, 1)
			defer count(0, -1)
		}
		house.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	g.url = s.URL
	return g
}

func (g *gate) asked() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.all
}

func (g *gate) open() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.being
}

// TestTogetherOneBlocksAnother is two who part, and one who thinks again.
func TestTogetherOneBlocksAnother(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina, jun := h.joins("mina"), h.joins("jun")
	track := mina.song("Night train", 60, 6)
	jun.do("PUT", "/api/users/"+mina.who.ID+"/follow", nil, "", http.StatusOK, nil)
	var m wire.Message
	jun.do("POST", "/api/users/"+mina.who.ID+"/messages", body(t, wire.NewMessage{Text: "Hello"}), "application/json", http.StatusCreated, &m)

	jun.sits(t, browser, phone, "/mina")
	pages := &member{house: jun.house, who: jun.who}
	pages.sits(t, browser, desktop, track.URL)
	mail := &member{house: jun.house, who: jun.who}
	mail.sits(t, browser, desktop, "/messages/"+m.Conversation)
	mail.w.do(finds(`.bubble`, "Hello"), see(`.composer textarea`))
	mail.w.holds()
	mail.w.do(hold("/api/conversations")) // jun writes before it is known that nobody can
	mina.sits(t, browser, desktop, "/jun")

	mina.w.do(finds(`.person-facts`, "Follows you"))
	mina.w.from(`.hero-tools .menu > button`, "More for jun", "Block")
	mina.w.do(finds(`dialog`, "Block jun?"))
	mina.w.picture("block-sure", false)
	mina.w.do(tap(`dialog .danger`, "Block"), finds(`.empty`, "You blocked jun"))
	mina.w.picture("block-shown", false)

	for _, w := range []*window{jun.w, pages.w} {
		w.do(chromedp.Reload(), finds(`h1`, "Nothing to hear here"), until(`!document.body.innerText.includes('Night train')`))
	}
	jun.w.picture("block-gone", false)
	mail.w.do(tap(`.composer textarea`, ""), press("Are you there?"), enter, see(`.said.refused`), release, finds(`main`, "cannot write to each other"), until(`!document.querySelector('.composer')`),
		finds(`.bubble`, "Hello"))
	mail.w.picture("block-mail", false)

	mina.w.do(tap(`.header .me`, ""), tap(`.menu-list [role=menuitem]`, "Settings"), tap(`main button`, "Unblock jun"), finds(`.toast`, "jun is no longer blocked"), finds(`main`, "You block nobody"))
	mina.w.picture("block-settings", false)
	jun.w.do(chromedp.Reload(), finds(`h1`, "mina"), finds(`.hero-tools .follow`, "Follow"), finds(`main`, "Night train"))
	pages.w.do(chromedp.Reload(), finds(`h1`, "Night train"))
	mail.w.do(chromedp.Reload(), see(`.composer textarea`), tap(`.composer textarea`, ""), press("Here again"), enter, finds(`.said.mine .bubble`, "Here again"))
	mina.w.do(finds(`a[href="/messages"] .count`, ""))
	mina.w.stayed()
	mina.w.fine()
	for _, w := range []*window{jun.w, pages.w, mail.w} {
		w.fine("404", "403")
	}
}

// TestTogetherAPlaylist is made from menus by one, put in order with the keys
// and the mouse, and heard through by another.
func TestTogetherAPlaylist(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina, jun := h.joins("mina"), h.joins("jun")
	for i, name := range []string{"Night train", "Slow tide", "Hallway"} {
		h.song(name, 60, i)
	}
	mina.sits(t, browser, laptop, "/")

	mina.w.from(`.card .menu > button`, "More for Night train", "Add to playlist")
	mina.w.do(tap(`dialog input[type=text]`, ""), press("Late walks"), enter, finds(`dialog .adder-row.on`, "Late walks"))
	mina.w.picture("playlist-made", false)
	mina.w.do(tap(`dialog .actions button`, "Done"))
	for _, name := range []string{"Slow tide", "Hallway"} {
		mina.w.from(`.card .menu > button`, "More for "+name, "Add to playlist")
		mina.w.do(tap(`dialog .adder-row`, "Late walks"), finds(`dialog .adder-row.on`, "Late walks"), tap(`dialog .actions button`, "Done"), until(`!document.querySelector('dialog[open]')`))
	}
	mina.w.do(tap(`.header .me`, ""), tap(`.menu-list [role=menuitem]`, "laylists"), tap(`main a`, "Late walks"), finds(`h1`, "Late walks"), order("Night train", "Slow tide", "Hallway"))

	// It is public from now on.
	mina.w.do(tap(`.hero-tools button`, "Edit"), tap(`dialog .option`, "Everyone"), tap(`dialog button[type=submit]`, "Save"), until(`!document.querySelector('dialog[open]')`),
		lacks(`.list-sum`, "Private"), until(`document.activeElement.textContent === 'Edit'`))

	// With the keys the last goes to the front, with the mouse the second to the end.
	mina.w.do(run(`document.querySelectorAll('.row-grip')[2].focus()`), press(" "), press(kb.ArrowUp), press(kb.ArrowUp))
	mina.w.picture("playlist-held", false)
	mina.w.do(press(" "), order("Hallway", "Night train", "Slow tide"), until(`document.activeElement.matches('.row-grip') && document.activeElement.ariaLabel === 'Move Hallway'`))
	mina.w.do(drag(`.row-grip`, 1, 2), order("Hallway", "Slow tide", "Night train"))
	mina.w.stayed()
	mina.w.do(until(`!document.querySelector('.held')`))
	mina.w.picture("playlist-ordered", false)

	// Jun finds it on her page and hears it through.
	jun.sits(t, browser, phone, "/mina?tab=playlists")
	jun.w.do(tap(`main a`, "Late walks"), order("Hallway", "Slow tide", "Night train"))
	jun.w.picture("playlist-heard-first", false)
	jun.w.do(tap(`.hero-tools .play`, "Play Late walks"), until(plays), title("Hallway"))
	for _, name := range []string{"Slow tide", "Night train"} {
		jun.w.do(until(plays), run(`document.activeElement.blur()`))
		for range 11 {
			jun.w.do(press(kb.ArrowRight))
		}
		jun.w.do(about(54, 62), until(plays), title(name), about(0.2, 20), until(plays))
	}
	jun.w.picture("playlist-heard", false)
	mina.w.do(chromedp.Reload(), order("Hallway", "Slow tide", "Night train"))
	mina.w.fine()
	jun.w.fine()
}

// order waits until the rows of a list stand in an order.
func order(titles ...string) step {
	return until(fmt.Sprintf(`[...document.querySelectorAll('.rows .track-row .player-title')].map((one) => one.textContent).join('|') === %q`, strings.Join(titles, "|")))
}

// drag pulls the element that stands at one place to another with the mouse.
func drag(selector string, from, to int) step {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		at, err := chromedp.Evaluate[[3]float64](fmt.Sprintf(`(() => {
			const all = [...document.querySelectorAll(%q)];
			all[%d].scrollIntoView({block: 'center', behavior: 'instant'});
			const [a, b] = [all[%[2]d], all[%d]].map((one) => one.getBoundingClientRect());
			return [a.left + a.width / 2, a.top + a.height / 2, b.top + b.height / 2];
		})()`, selector, from, to))(ctx, target)
		if err != nil {
			return chromedp.Void{}, err
		}
		left := chromedp.ButtonType(input.MouseButtonLeft)
		_, err = chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1])(ctx, target)
		if err == nil {
			_, err = chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, at[0], at[1], left, chromedp.ClickCount(1))(ctx, target)
		}
		for i := 1; err == nil && i <= 8; i++ {
			_, err = chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at[0], at[1]+(at[2]-at[1])*float64(i)/8, left)(ctx, target)
		}
		if err == nil {
			_, err = until(`document.querySelector('.track-row.held')`)(ctx, target)
		}
		if err == nil {
			// The page follows the hand with the next frame.
			_, err = painted(ctx, target)
		}
		if err == nil {
			_, err = chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, at[0], at[2], left, chromedp.ClickCount(1))(ctx, target)
		}
		return chromedp.Void{}, err
	}
}

// TestTogetherTheKeeperIsAsked is a comment that one reports and the keeper
// removes, while it is on the screen of those it was about.
func TestTogetherTheKeeperIsAsked(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	mina, jun := h.joins("mina"), h.joins("jun")
	keeper := &member{house: h}
	track := jun.song("Night train", 60, 7)
	n := wire.NewComment{Text: "Buy cheap tickets here", PositionMS: 12_000}
	mina.do("POST", "/api/tracks/"+track.ID+"/comments", body(t, n), "application/json", http.StatusCreated, nil)

	jun.sits(t, browser, desktop, track.URL)
	keeper.sits(t, browser, laptop, "/")
	mina.sits(t, browser, phone, track.URL)
	mina.w.do(finds(`.said`, "cheap tickets"))

	jun.w.from(`.said .menu > button`, "More for the comment by mina", "Report")
	jun.w.do(finds(`dialog`, "Buy cheap tickets here"), tap(`dialog .option`, "Spam"), tap(`dialog textarea`, ""), press("Every day the same"))
	jun.w.picture("report-write", false)
	jun.w.do(tap(`dialog button[type=submit]`, "Send report"), finds(`.toast`, "The keeper will look at it"))

	const entry = `.menu-list [role=menuitem]`
	keeper.w.do(finds(`.header .me .count`, "1"))
	keeper.w.picture("report-told", false)
	keeper.w.do(tap(`.header .me`, "1 thing to look at"), tap(entry, "Keeper’s room (1)"), tap(`.room-ways a`, "Reports"), finds(`.report`, "Buy cheap tickets here"), finds(`.report`, "Spam"),
		finds(`.report`, "Every day the same"), finds(`.report`, "by mina"), finds(`.report`, "reported by jun"))
	keeper.w.picture("report-list", false)
	keeper.w.do(tap(`.report button`, "Remove it"), tap(`dialog .danger`, "Remove it"), finds(`.empty`, "Everything is answered"), until(`!document.querySelector('.header .me .count')`))
	for _, w := range []*window{jun.w, mina.w} {
		w.do(lacks(`.said`, "cheap tickets"), until(`!document.querySelector('.lane .mark')`))
		w.stayed()
		w.fine()
	}
	jun.w.picture("report-gone", true)
	keeper.w.do(tap(`main .page-tabs a`, "Answered"), finds(`.report`, "Removed"))
	keeper.w.picture("report-answered", false)
	keeper.w.fine()
}
