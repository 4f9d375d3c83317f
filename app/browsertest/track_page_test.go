package browsertest

import (
	"fmt"
	"image/color"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"earshot/app/api/wire"
)

// shifts sums up how far things have moved by themselves since the page came
// (web.dev/articles/cls, without its windows: all of it counts).
const shifts = `new Promise((done) => {
	let sum = 0;
	const told = [];
	new PerformanceObserver((list) => {
		for (const entry of list.getEntries()) if (!entry.hadRecentInput) {
			sum += entry.value;
			told.push(entry.value.toFixed(4) + ' ' + entry.sources.map(({node}) => (node?.className || node?.nodeName)).join(', '));
		}
	}).observe({type: 'layout-shift', buffered: true});
	requestAnimationFrame(() => setTimeout(() => done({sum, told: told.join('; ')}), 100));
})`

type moved struct {
	Sum  float64 `json:"sum"`
	Told string  `json:"told"`
}

// TestTheTrackPage has a track that people talk about a lot: the page stays
// where it is while it comes, tells where most is said, goes along with what is
// heard, shows its picture large and the playlists that it is in, and is fit to be printed.
func TestTheTrackPage(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	axe := readAxe(t)
	keeper := newHouse(t)
	mina, jun := keeper.signUp("mina@home.example", "미나"), keeper.signUp("jun@home.example", "Jun")
	track := keeper.add(recording{file: "night train.mp3", sound: music(126, 7), picture: picture(t, color.RGBA{30, 70, 90, 255}, color.RGBA{250, 200, 120, 255}),
		patch: map[string]any{"title": "Night train", "description": story}})
	own := mina.add(recording{file: "slow tide.mp3", sound: music(60, 3), patch: map[string]any{"title": "Slow tide", "visibility": "private"}})
	keeper.drawn(track)
	mina.drawn(own)
	for i := range 30 {
		at := time.Duration(i) * 4 * time.Second
		if i%4 == 0 {
			at = 42*time.Second + time.Duration(i)*50*time.Millisecond
		}
		[]*house{keeper, mina, jun}[i%3].says(track, at, fmt.Sprintf("%s (%d)", remarks[i%len(remarks)], i), "")
	}
	title := "Stations where nobody waits, and everything that was heard there between the last train and the first"
	for name, visibility := range map[string]string{title: "public", "Only for Jun": "private"} {
		jun.do("POST", "/api/playlists", body(t, map[string]any{"title": name, "visibility": visibility, "tracks": []string{track.ID}}), "application/json", http.StatusCreated, nil)
	}
	mina.do("POST", "/api/playlists", body(t, map[string]any{"title": "Later", "visibility": "private"}), "application/json", http.StatusCreated, nil)

	for _, s := range []struct {
		who   *house
		track wire.Track
		size  screen
	}{{mina, track, phone}, {&house{url: keeper.url}, track, desktop}, {mina, own, phone}} {
		w := openWindow(t, browser, look{url: keeper.url, token: s.who.token, locale: "en"})
		w.size(s.size.width, s.size.height)
		w.show(keeper.url + s.track.URL)
		w.do(until(drawnWaves))
		if got := read[moved](w, shifts); got.Sum >= 0.02 {
			t.Errorf("%s, %v: the page moved by %.4f: %s", s.track.Title, s.size, got.Sum, got.Told)
		}
		for _, c := range w.complaints() {
			t.Errorf("%s: the browser complains: %s", s.track.Title, c)
		}
	}

	w := openWindow(t, browser, look{url: keeper.url, token: mina.token, locale: "en"})
	w.size(desktop.width, desktop.height)
	w.show(keeper.url + track.URL)
	// Where the most is said, and from there.
	w.do(see(`.crowd`), finds(`.hottest`, "Most is said around 0:4"), click(`.hottest`), until(plays), until(`heard.currentTime > 42`))
	w.do(see(`button.moment-line .moment-who`), until(`document.querySelector('.said.now[aria-current="true"]')`))
	// Following, the comment that is heard comes to the middle of the screen.
	w.do(run(`scrollTo(0, 0)`), run(`document.querySelector('.follow-along').click()`),
		until(`(() => { const box = document.querySelector('.said.now')?.getBoundingClientRect(); return box && box.top > 100 && box.bottom < innerHeight - 100; })()`))
	if !read[bool](w, `document.querySelector('.follow-along').ariaChecked === 'true'`) {
		t.Error("the switch is not on")
	}
	// One of a later page comes into the list.
	w.do(run(`heard.currentTime = 101`), until(`document.querySelector('.said.now')?.textContent.includes('(25)')`), run(`heard.pause()`))
	for _, theme := range []string{"dark", "light"} {
		w.do(run(`document.documentElement.dataset.theme = '`+theme+`'`), painted)
		w.picture("track-following-"+theme, false)
		for _, barrier := range w.barriers(axe, true, false) {
			t.Errorf("following, %s: axe: %s", theme, barrier)
		}
	}
	w.do(run(`document.querySelector('.follow-along').click()`), run(`scrollTo(0, 0)`))
	// The picture, large.
	w.do(click(`.art-open`), until(`document.querySelector('.art-dialog img')?.complete`))
	w.picture("track-artwork-1440x900", false)
	w.do(press("\x1b"), until(`!document.querySelector('dialog[open]')`), until(`document.activeElement.className === 'art-open'`))
	// The playlists that it is in, and one more.
	w.do(run(`document.querySelector('.hero-tools').scrollIntoView(); scrollTo(0, document.body.scrollHeight)`), see(`.in-playlists .shelf-track a`), finds(`.in-playlists .card-title`, title), lacks(`.in-playlists .card-title`, "Only for Jun"))
	w.picture("track-in-playlists", false)
	w.do(run(`document.querySelector('.add-tile').click()`), see(`dialog[open] .adder-row`), tap(`dialog[open] .adder-row`, "Later"), until(`document.querySelectorAll('.adder-row.on').length === 1`),
		click(`dialog[open] .actions .main`), finds(`.in-playlists .card-title`, "Later"))

	// The owner: a picture dropped on the artwork replaces it, and the veil of the uploads stays away.
	w.show(keeper.url + own.URL)
	w.do(see(`.owner-tools .edits`), chromedp.Evaluate[chromedp.Void](`(async () => {
		const canvas = Object.assign(document.createElement('canvas'), {width: 40, height: 40});
		canvas.getContext('2d').fillRect(0, 0, 40, 40);
		const file = new File([await new Promise((done) => canvas.toBlob(done, 'image/png'))], 'art.png', {type: 'image/png'});
		const data = new DataTransfer();
		data.items.add(file);
		const at = document.querySelector('.hero-art .artwork');
		for (const kind of ['dragenter', 'dragover', 'drop']) {
			at.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: data}));
			if (document.querySelector('.drop')) throw new Error('the veil came');
		}
	})()`, chromedp.EvalAwaitPromise), see(`.hero-art .art-open img`), finds(`.toast`, "artwork is replaced"))

	// On paper there is the track and what is said, and nothing to press.
	w.show(keeper.url + track.URL)
	if _, err := chromedp.Call(w.tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	w.do(painted, until(`getComputedStyle(document.querySelector('.header')).display === 'none'`))
	if got := read[string](w, `['.dock', '.hero-tools', '.moment', '.lane', '.said .menu'].filter((one) => document.querySelector(one)?.checkVisibility()).join(' ')`); got != "" {
		t.Errorf("on paper there is %s", got)
	}
	if got := read[string](w, `['h1', '.hero-art img', '.prose', '.said', '.hero-wave canvas'].filter((one) => !document.querySelector(one)?.checkVisibility()).join(' ')`); got != "" {
		t.Errorf("on paper there is no %s", got)
	}
	w.picture("track-print", true)
}

// TestFirstCommentIsInvited: where nobody has said anything, the invitation names
// the moment that is heard.
func TestFirstCommentIsInvited(t *testing.T) {
	browser := newTab(t, time.Minute)
	h := newHouse(t)
	track := h.add(recording{file: "night train.mp3", sound: music(60, 2), patch: map[string]any{"title": "Night train"}})
	h.drawn(track)
	w := openWindow(t, browser, look{url: h.url, token: h.token, locale: "en"})
	w.size(phone.width, phone.height)
	w.show(h.url + track.URL)
	w.do(finds(`.comments .empty .button`, "Comment at 0:00"), run(`document.querySelector('main .play.big').click()`), until(plays),
		until(`/Comment at 0:0[1-9]/.test(document.querySelector('.comments .empty .button').textContent)`),
		run(`document.querySelector('.comments .empty .button').click()`), see(`.writer textarea`))
	var list wire.List[wire.Comment]
	h.do("GET", fmt.Sprintf("/api/tracks/%s/comments", track.ID), nil, "", http.StatusOK, &list)
	if len(list.Items) != 0 {
		t.Errorf("comments: %+v", list.Items)
	}
	if read[bool](w, `Boolean(document.querySelector('.crowd, .follow-along'))`) {
		t.Error("there is a ridge of no comments")
	}
}

// TestCommentsOnTheWholeTrack: what was said elsewhere of no moment has no time
// in the list, and stands nowhere on the waveform or in the line of the moment.
func TestCommentsOnTheWholeTrack(t *testing.T) {
	browser := newTab(t, time.Minute)
	h := newHouse(t)
	track := h.add(recording{file: "night train.mp3", sound: music(60, 2), patch: map[string]any{"title": "Night train"}})
	h.drawn(track)
	said := h.says(track, 3*time.Second, "The bell", "")
	w := openWindow(t, browser, look{url: h.url, token: h.token, locale: "en"})
	w.hearsOf(map[string]any{"/api/tracks/" + track.ID + "/comments": wire.List[wire.Comment]{Items: []wire.Comment{
		said, {ID: "w", Track: track.ID, Guest: "Sora", Whole: true, Text: "What a set", Created: said.Created},
	}}})
	w.size(phone.width, phone.height)
	w.show(h.url + track.URL)
	w.do(finds(`#comment-w`, "about the whole track"), run(`document.querySelector('main .play.big').click()`), until(plays), until(`heard.currentTime > 0.5`))
	if got := read[string](w, `[document.querySelectorAll('#comment-w .timecode').length, document.querySelectorAll('.mark').length, document.querySelector('.moment-line').textContent].join('|')`); got != "0|1|" {
		t.Errorf("got %q, want no time, one mark and nothing that is said of now", got)
	}
	w.do(finds(`button.moment-line`, "The bell"))
	w.picture("track-whole-390x844", true)
	// On the whole screen it is not said at the first moment either.
	w.do(run(`heard.pause(); heard.currentTime = 4`), click(`.player-open`), see(`.player-full[open]`), finds(`.live-one`, "The bell"))
	if live := read[string](w, `document.querySelector('.live').textContent`); strings.Contains(live, "What a set") {
		t.Errorf("at 4 s the whole player says %q", live)
	}
}
