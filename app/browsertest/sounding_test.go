package browsertest

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"earshot/media/mp3/mp3test"
)

const (
	// set are the decks that hold something, plays2 whether both sound.
	set    = `decks.filter((one) => one.hasAttribute('src')).length`
	plays2 = `decks.every((one) => !one.paused && one.currentTime > 0.2)`
)

// chip picks one of the dialog of how things sound.
func chip(text string) step {
	return run(fmt.Sprintf(`[...document.querySelectorAll('.tune-chip')].find((one) => one.textContent === %q).querySelector('input').click()`, text))
}

// ahead goes five seconds on.
var ahead = press(kb.ArrowRight)

// slide sets a slider.
func slide(selector string, to int) step {
	return run(fmt.Sprintf(`{ const one = document.querySelector(%q); one.value = %d; one.dispatchEvent(new Event('input', {bubbles: true})); }`, selector, to))
}

// TestWhatComesNextIsReady hears one track end and another begin, from a deck
// that held it already, and tells how long it was silent.
func TestWhatComesNextIsReady(t *testing.T) {
	h := newHouse(t)
	h.song("Second", 12, 2)
	first := h.song("First", 6, 1)
	w := openWindow(t, newTab(t, time.Minute), look{url: h.url, token: h.token, locale: "en"})
	w.size(laptop.width, laptop.height)
	w.show(h.url + "/")
	w.do(click(`.card button.play`), until(plays), until(current+` === 'First'`), until(set+` === 2`))
	w.do(run(`decks.find((one) => one === heard).addEventListener('ended', () => (window.over = performance.now()));
		decks.find((one) => one !== heard).addEventListener('playing', () => (window.on ??= performance.now()))`),
		until(current+` === 'Second'`), until(`window.on`), until(plays))
	t.Logf("%.0f ms from the end of one to the other", read[float64](w, `on - over`))
	if n := read[int](w, set); n != 1 {
		t.Errorf("%d decks hold something, want the one that is heard", n)
	}
	w.do(click(`.player-controls button[aria-label="Previous track"]`), until(current+` === 'First'`), until(plays))
	if first.ID == "" || read[int](w, `decks.length`) != 2 {
		t.Errorf("there are %d decks, want two", read[int](w, `decks.length`))
	}
	w.fine()
}

// TestSpeedAndLoudness sets how things sound: it is so at once, for the next
// track, and at the next visit.
func TestSpeedAndLoudness(t *testing.T) {
	h := newHouse(t)
	var frames []mp3test.Frame
	for i := range 30 * 44100 / 1152 {
		frames = append(frames, mp3test.Frame{Tone: mp3test.Tone{Line: 20 + i/40%9, Gain: 202}})
	}
	format := mp3test.Format{SampleRate: 44100, Bitrate: 64, Mode: mp3test.Mono}
	loud := h.add(recording{file: "loud.mp3", sound: format.Build(frames...), patch: map[string]any{"title": "Loud"}})
	h.drawn(loud)
	h.song("Next", 30, 2)
	w := openWindow(t, newTab(t, time.Minute), look{url: h.url, token: h.token, locale: "en"})
	w.size(laptop.width, laptop.height)
	w.show(h.url + loud.URL)
	w.do(click(`main button.play`), until(plays), click(`.player-tune`), see(`dialog[open] .tune-chip`), chip("1.5\u00d7"), until(`heard.playbackRate === 1.5 && heard.preservesPitch`),
		until(`document.querySelector('.player-tune').classList.contains('on')`))
	measured := read[float64](w, `fetch('/api/tracks/`+loud.ID+`').then((r) => r.json()).then((t) => t.measured?.loudness_lufs ?? -70)`)
	if measured <= -16 {
		t.Fatalf("the track is %.1f LUFS: not loud enough for the test", measured)
	}
	w.do(until(fmt.Sprintf(`Math.abs(20 * Math.log10(heard.volume) - (-16 - %f)) < 0.05`, measured)), chip("Off"), chip("Each track"))
	w.do(run(`[...document.querySelectorAll('.tune')].find((one) => one.textContent.startsWith('Same')).querySelector('input[value=off]').click()`), until(`heard.volume === 1`))
	w.do(press("\u001b"), until(`!document.querySelector('dialog[open]')`), until(`document.activeElement.matches('.player-tune')`))
	w.show(h.url + "/")
	w.do(click(`.card button.play`), until(plays), until(`heard.playbackRate === 1.5 && heard.volume === 1`))
	w.fine()
}

// TestTracksFadeIntoOneAnother hears both for a while, and one alone after a
// seek; those of an album follow one another as they are.
func TestTracksFadeIntoOneAnother(t *testing.T) {
	h := newHouse(t)
	for i, name := range []string{"Third", "Second", "First"} {
		h.song(name, 20, i)
	}
	w := openWindow(t, newTab(t, time.Minute), look{url: h.url, token: h.token, locale: "en"})
	w.size(phone.width, phone.height)
	w.show(h.url + "/")
	w.do(click(`.card button.play`), until(plays), click(`.player-open`), see(`.player-full[open] .player-tune`), click(`.player-full .player-tune`), see(`.tune-slide`), slide(`.tune-slide input`, 4),
		finds(`.tune-value`, "4 s"), press("\u001b"), until(`!document.querySelector('.tune')`), press("\u001b"), until(`!document.querySelector('.player-full')`))
	w.size(laptop.width, laptop.height)
	w.do(until(set+` === 2`), ahead, ahead, ahead, until(current+` === 'Second'`), until(plays2), until(`decks.find((one) => one !== heard).volume < 0.9 && heard.volume < 1`))
	w.do(until(`decks.find((one) => one !== heard).hasAttribute('src') === false || `+set+` === 2 && decks.find((one) => one !== heard).paused`), until(`heard.volume > 0.5 && !heard.paused`))
	w.do(until(set+` === 2 && decks.some((one) => one.paused)`), ahead, until(`heard.currentTime > 11 && !heard.seeking`), ahead, until(current+` === 'Third'`), until(plays2), ahead, until(`decks.filter((one) => !one.paused).length === 1`), until(plays))
	if at := read[string](w, current); at != "Third" {
		t.Errorf("a seek leads to %s", at)
	}
	w.fine()
}

// TestItEndsByItself ends after the track, and after a time.
func TestItEndsByItself(t *testing.T) {
	h := newHouse(t)
	h.song("Second", 60, 2)
	h.song("First", 6, 1)
	w := openWindow(t, newTab(t, time.Minute), look{url: h.url, token: h.token, locale: "en"})
	w.size(laptop.width, laptop.height)
	w.show(h.url + "/")
	w.do(click(`.card button.play`), until(plays), click(`.player-tune`), see(`dialog[open] .tune-chip`), chip("End of track"), until(`document.querySelector('.player-tune').classList.contains('on')`), press("\u001b"),
		until(current+` === 'Second'`), until(`decks.every((one) => one.paused)`), until(`!document.querySelector('.player-tune').classList.contains('on')`))
	w.do(click(`.player-play`), until(plays), click(`.player-tune`), see(`dialog[open] .tune-chip`), chip("15 min"), finds(`.tune .hint`, "15 minutes"))
	w.do(run(`{ const now = Date.now, skip = 15 * 60_000 - 3000; Date.now = () => now() + skip; }`), until(`heard.volume < 0.2`), until(`heard.paused`), finds(`.player-play`, ""),
		until(`!document.querySelector('.player-tune').classList.contains('on')`), run(`heard.play()`), until(`heard.volume > 0.2`))
	w.fine()
}
