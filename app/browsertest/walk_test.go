package browsertest

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/app/api/wire"
	"earshot/media/mp3/mp3test"
)

// cover draws artwork with soft edges: a sun over the sea, hills in mist,
// rings on water, or rain.
func cover(t testing.TB, kind int, sky, low, light color.RGBA) []byte {
	t.Helper()
	const side = 600
	mix := func(a, b color.RGBA, share float64) color.RGBA {
		share = max(0, min(1, share))
		of := func(a, b uint8) uint8 { return uint8(float64(a)*(1-share) + float64(b)*share) }
		return color.RGBA{of(a.R, b.R), of(a.G, b.G), of(a.B, b.B), 255}
	}
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for py := range side {
		for px := range side {
			x, y := float64(px)/side, float64(py)/side
			c := mix(sky, low, y)
			edge := func(inside float64) float64 { return inside*side/1.5 + 0.5 } // how far within a shape
			switch kind {
			case 0:
				c = mix(c, light, edge(0.24-math.Hypot(x-0.62, y-0.46)))
				if y > 0.58 {
					c = mix(mix(low, sky, 1.6*(y-0.58)), light, edge((0.26-0.4*(y-0.58))*math.Abs(math.Sin(60*math.Sqrt(y-0.55)))-math.Abs(x-0.62)))
				}
			case 1:
				c = mix(c, light, edge(0.09-math.Hypot(x-0.3, y-0.26)))
				for i := range 5 {
					n := float64(i)
					top := 0.42 + 0.11*n + 0.06*math.Sin(x*(5+1.7*n)+2.1*n) + 0.03*math.Sin(x*13+n*n)
					c = mix(c, mix(mix(low, light, 0.35), sky, n/4), edge(y-top))
				}
			case 2:
				far := math.Hypot(x-0.42, y-0.58)
				c = mix(c, light, (1-far)*edge(0.012-math.Abs(math.Mod(far, 0.09)-0.045)))
			default:
				lane := math.Floor(x*22 + y*5)
				long := 0.5 + 0.5*math.Sin(lane*7.3)
				at := math.Mod(y+long, 0.55)
				c = mix(c, light, (0.25+0.75*long)*edge(0.16*long+0.05-at)*edge(0.008-math.Abs(math.Mod(x*22+y*5, 1)-0.5)/22))
			}
			img.SetRGBA(px, py, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 88}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// labelled puts a title, an artist, a genre and artwork before the sound of a file.
func labelled(title, artist, genre string, picture, sound []byte) []byte {
	frame := func(id string, b []byte) []byte {
		return slices.Concat([]byte(id), []byte{byte(len(b) >> 24), byte(len(b) >> 16), byte(len(b) >> 8), byte(len(b)), 0, 0}, b)
	}
	text := func(id, s string) []byte { return frame(id, append([]byte{0}, s...)) }
	return append(mp3test.ID3v2(3, slices.Concat(text("TIT2", title), text("TPE1", artist), text("TCON", genre),
		frame("APIC", slices.Concat([]byte("\x00image/jpeg\x00\x03\x00"), picture)))), sound...)
}

// shot keeps what the window shows as a file of the README, where EARSHOT_WALK
// names the folder of its pictures (.docs).
func (w *window) shot(name string) {
	w.t.Helper()
	folder := os.Getenv("EARSHOT_WALK")
	if folder == "" {
		return
	}
	w.do(until(`!document.querySelector('.toast')`), until(drawnWaves), painted)
	got, err := chromedp.Call(w.tab, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: "jpeg", Quality: new(int64(82))})
	if err == nil {
		err = os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name), got.Data, 0o644)
	}
	if err != nil {
		w.t.Errorf("keep the picture %s: %v", name, err)
	}
}

// TestANewcomersWalk goes from sign-up to a track of one's own on a phone, in a
// house with some music. With EARSHOT_WALK it takes the pictures of the README.
func TestANewcomersWalk(t *testing.T) {
	h := newHouse(t)
	h.do("PATCH", "/api/house", body(t, map[string]any{"name": "The blue house"}), "application/json", http.StatusOK, nil)
	mina, jun := h.signUp("mina@home.example", "미나"), h.signUp("jun@home.example", "Jun")
	for _, one := range []*house{mina, jun} {
		kind, bio := 1, map[string]any{"username": "mina", "bio": "밤에 녹음하고 낮에 잠듭니다."}
		if one == jun {
			kind, bio = 2, map[string]any{"username": "jun", "bio": "Tapes, bells and weather."}
		}
		one.do("PATCH", "/api/me", body(t, bio), "application/json", http.StatusOK, nil)
		one.do("PUT", "/api/me/picture", cover(t, kind, color.RGBA{38, 70, 83, 255}, color.RGBA{42, 157, 143, 255}, color.RGBA{244, 226, 186, 255}), "image/jpeg", http.StatusOK, nil)
	}
	bells := jun.add(recording{file: "bells.mp3", sound: music(96, 6), picture: cover(t, 3, color.RGBA{24, 28, 48, 255}, color.RGBA{62, 74, 110, 255}, color.RGBA{190, 210, 255, 255}),
		patch: map[string]any{"title": "Rain on the bell tower", "tags": []string{"field recording", "rain"}}})
	market := mina.add(recording{file: "train.mp3", sound: music(75, 2), picture: cover(t, 1, color.RGBA{58, 24, 40, 255}, color.RGBA{196, 92, 74, 255}, color.RGBA{255, 196, 140, 255}),
		patch: map[string]any{"title": "밤 기차를 타고", "tags": []string{"밤기차", "ambient"}, "description": "막차가 떠난 뒤의 플랫폼에서 한 번에 녹음했습니다.\n0:37 멀리서 종이 울립니다."}})
	ferry := mina.add(recording{file: "ferry.mp3", sound: music(84, 5), picture: cover(t, 0, color.RGBA{12, 44, 84, 255}, color.RGBA{40, 120, 160, 255}, color.RGBA{255, 206, 142, 255}),
		patch: map[string]any{"title": "First ferry", "tags": []string{"ambient", "sea"}, "description": "The six o'clock ferry, from the upper deck."}})
	h.drawn(bells, market, ferry)
	for _, s := range []struct {
		by   *house
		in   wire.Track
		at   time.Duration
		text string
	}{
		{jun, ferry, 12 * time.Second, "You can hear the ropes"}, {h, ferry, 40 * time.Second, "Gulls!"}, {mina, ferry, 58 * time.Second, "여기서 해가 떠요"},
		{h, market, 22 * time.Second, "The doors close"}, {jun, market, 36 * time.Second, "종소리가 너무 좋아요"},
	} {
		s.by.says(s.in, s.at, s.text, "")
	}
	for _, one := range []*house{h, jun} {
		one.do("PUT", "/api/tracks/"+ferry.ID+"/like", nil, "", http.StatusOK, nil)
	}
	file := filepath.Join(t.TempDir(), "kitchen.mp3")
	mine := labelled("Kitchen, late", "Ada", "Lo-fi", cover(t, 2, color.RGBA{250, 236, 214, 255}, color.RGBA{240, 170, 130, 255}, color.RGBA{160, 60, 70, 255}), music(68, 4))
	if err := os.WriteFile(file, mine, 0o600); err != nil {
		t.Fatal(err)
	}

	browser := newTab(t, 2*time.Minute)
	w := openWindow(t, browser, look{url: h.url, locale: "en", theme: "light"})
	w.size(phone.width, phone.height)
	w.show(h.url + "/sign-up")
	w.do(fill("name", "Ada"), fill("email", "ada@home.example"), fill("password", "a kettle, a cat, a cello"), run(`document.activeElement.blur()`))
	w.shot("walk/1-sign-up.jpg")
	w.do(click(`form button[type="submit"]`), until(`location.pathname === '/'`), finds(`.guide`, "Welcome to The blue house"), finds(`.card`, "First ferry"), until(settled))
	w.shot("walk/2-first-page.jpg")

	// Something is heard, and something said at its moment.
	w.do(tap(`.card a`, "First ferry"), finds(`h1`, "First ferry"), click(`main .play.big`), until(plays), run(`heard.pause(); heard.currentTime = 26`),
		finds(`.moment-write`, "0:26"), click(`.moment-write`), see(`.writer textarea`), until(`document.activeElement.localName === 'textarea'`), press("Here the engine starts"), press(kb.Enter),
		finds(`.said`, "Here the engine starts"), finds(`.toast`, "Your comment is at 0:26."), run(`document.querySelector('.toast button:last-child').click()`), until(settled),
		run(`document.activeElement.blur(); document.querySelector('.hero .artwork').scrollIntoView()`))
	w.shot("walk/3-moment.jpg")
	w.do(run(`heard.currentTime = 40`), click(`.player-open`), see(`.player-full[open] canvas`), finds(`.live-one`, "Gulls!"), run(`heard.play()`), until(`!heard.paused`))
	w.shot("walk/4-player.jpg")
	w.do(run(`heard.pause(); history.back()`), until(`!document.querySelector('.player-full')`))

	// One's own follows: what the file says of itself is there already.
	w.do(click(`header a[href="/upload"]`), chromedp.WaitReady(chromedp.CSS(`main input[type="file"]`)), choosing(file), see(`.upload-card.done form`), until(`document.querySelector('.upload-card .wave-ready')`),
		until(`document.querySelector('[name=title]').value === 'Kitchen, late' && document.querySelector('[name=artist]').value === 'Ada'`), until(settled))
	w.do(run(`document.querySelector('.upload-card').scrollIntoView(); scrollBy(0, -64)`))
	w.shot("walk/5-upload.jpg")
	w.do(click(`.upload-card.done form button[type="submit"]`), see(`.upload-saved a`))
	w.do(click(`.header .me`), see(`.menu-list`), tap(`.menu-item`, "Your page"), until(`location.pathname === '/ada'`), finds(`h1`, "Ada"), finds(`.card, .track-row, article`, "Kitchen, late"), until(settled))
	w.shot("walk/6-profile.jpg")
	// The colour of a page's head does not lie over what is told above it.
	w.do(run(`dispatchEvent(new Event('offline'))`), see(`.net`), until(`(() => {
		const box = document.querySelector('.net').getBoundingClientRect();
		return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)?.closest('.net');
	})()`), run(`dispatchEvent(new Event('online'))`), until(`!document.querySelector('.net')`))
	w.show(h.url + "/jun")
	if rows := read[int](w, `new Set([...document.querySelectorAll('.hero-tools > *')].map((one) => Math.round(one.getBoundingClientRect().top))).size`); rows != 1 {
		t.Errorf("what can be done with a person takes %d rows of a phone, want one", rows)
	}
	w.fine()

	if os.Getenv("EARSHOT_WALK") == "" {
		return
	}
	wide := openWindow(t, browser, look{url: h.url, token: jun.token, locale: "en", theme: "light"})
	wide.size(1280, 800)
	wide.show(h.url + "/")
	wide.do(click(`.card button.play`), until(plays), run(`heard.currentTime = 32`), until(plays), until(settled))
	wide.shot("stream-desktop.jpg")
	dark := openWindow(t, browser, look{url: h.url, token: jun.token, locale: "ko", theme: "dark"})
	dark.size(phone.width, phone.height)
	dark.show(h.url + market.URL)
	dark.do(click(`main .play.big`), until(plays), run(`heard.currentTime = 37`), finds(`.moment`, "종소리"), until(settled))
	dark.shot("track-phone.jpg")
}
