package browsertest

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

const (
	seeks     = 12
	heardFor  = 0.2 // seconds taken from the audio graph at each seek
	clockRate = 44100
	clockLong = 305 // seconds
)

// The reason Earshot exists: what is heard after a seek is what stands there
// in the recording. Twelve random seeks in each kind of file, in the player's
// own way of playing it; the sound is taken from the audio graph and looked up
// in the recording it was encoded from.
func TestExactSeek(t *testing.T) {
	t.Parallel() // it waits for sound more than it computes
	tab := newTab(t, 4*time.Minute)
	full := newClock(clockRate, clockLong, 7)
	half := newClock(22050, clockLong, 8)
	const untagged = 25.06 // ms: the delay of encoder and decoder, which nothing in the file tells
	files := []struct {
		name  string
		clock *clock
		args  []string
		delay float64 // ms by which the recording is late in what the file says of itself
	}{
		{"VBR uneven, no header", full, []string{"-t", "-V", "3", "-q", "7"}, untagged},
		{"VBR tagged", full, []string{"-V", "3", "-q", "7"}, 0},
		{"CBR 128 tagged", full, []string{"-b", "128", "-q", "7"}, 0},
		{"CBR 64 mono, no header", full, []string{"-t", "-m", "m", "-b", "64", "-q", "7"}, untagged},
		{"MPEG-2 VBR tagged", half, []string{"-V", "5", "-q", "7"}, 0},
	}
	encoded := make([][]byte, len(files))
	var wg sync.WaitGroup
	for i, f := range files {
		wg.Go(func() { encoded[i] = f.clock.encode(t, f.args...) })
	}
	wg.Wait()

	h := newHouse(t)
	r := newRig(t, tab, h.url+"/healthz")
	r.calibrate(full, serveFile(t, "audio/wav", full.wav()))
	for i, f := range files {
		mp4, from := h.upload(f.name+".mp3", encoded[i])
		for _, way := range []struct {
			name string
			seek func(at float64) piece
		}{
			{"virtual MP4", r.seeking(f.clock.rate, mp4)},
			{"from a time", r.reloading(f.clock.rate, from)},
		} {
			m := r.measure(f.clock, way.seek)
			median, worst := spread(m.errors)
			t.Logf("%-24s %-12s  median %6.2f ms, worst %6.2f ms, silent for %4.1f ms, %d request(s) a seek at most",
				f.name, way.name, median, worst, m.mute, m.requests)
			if worst > 28 {
				t.Errorf("%s, %s: worst error %.2f ms, want at most 28", f.name, way.name, worst)
			}
			if f.delay == 0 && median > 5 {
				t.Errorf("%s, %s: median error %.2f ms, want at most 5", f.name, way.name, median)
			}
			for _, e := range m.errors {
				if f.delay != 0 && math.Abs(e+f.delay) > 3 {
					t.Errorf("%s, %s: heard %.2f ms late, want the file's own %.0f ± 3", f.name, way.name, -e, f.delay)
				}
			}
			if m.requests > 1 {
				t.Errorf("%s, %s: a seek took %d requests, want 1 or none", f.name, way.name, m.requests)
			}
		}
	}
}

// spread gives the median and the largest of the absolute errors.
func spread(errors []float64) (median, worst float64) {
	abs := make([]float64, len(errors))
	for i, e := range errors {
		abs[i] = math.Abs(e)
	}
	slices.Sort(abs)
	return abs[len(abs)/2], abs[len(abs)-1]
}

// rig is a page in a browser with an audio element whose sound can be had.
type rig struct {
	t      *testing.T
	tab    context.Context
	offset float64 // ms that the capture itself is off by

	mu       sync.Mutex
	requests int
}

// newRig opens a page of the server under test, so that its sound is of the
// same origin, and puts the rig's script into it.
func newRig(t *testing.T, tab context.Context, base string) *rig {
	t.Helper()
	r := &rig{t: t, tab: tab}
	err := chromedp.Listen(tab, func(ev any) {
		if e, ok := ev.(*network.EventRequestWillBeSent); ok && strings.HasPrefix(e.Request.URL, "http") {
			r.mu.Lock()
			r.requests++
			r.mu.Unlock()
		}
	})
	if err == nil {
		_, err = chromedp.Call(tab, network.Enable, network.EnableParams{})
	}
	if err == nil {
		_, err = chromedp.Call(tab, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true})
	}
	if err == nil {
		err = chromedp.Do(tab, chromedp.Navigate(base))
	}
	if err == nil {
		_, err = chromedp.Run(tab, chromedp.Evaluate[string](rigScript))
	}
	if err != nil {
		t.Fatalf("set up the page: %v", err)
	}
	return r
}

func (r *rig) counted() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests
}

// piece is what came through the audio graph.
type piece struct {
	at       float64 // seconds on the player's clock when its first sample was played
	samples  []float32
	requests int // that the seek took
}

// call runs an async function of the script.
func (r *rig) call(script string) piece {
	r.t.Helper()
	type answer struct {
		At    float64 `json:"at"`
		Sound []byte  `json:"sound"` // base64 of little-endian floats
	}
	before := r.counted()
	a, err := chromedp.Run(r.tab, chromedp.Evaluate[answer](script, chromedp.EvalAwaitPromise, chromedp.EvalAsValue))
	if err != nil {
		r.t.Fatalf("%.80s: %v", script, err)
	}
	p := piece{at: a.At, requests: r.counted() - before, samples: make([]float32, len(a.Sound)/4)}
	for i := range p.samples {
		p.samples[i] = math.Float32frombits(binary.LittleEndian.Uint32(a.Sound[4*i:]))
	}
	return p
}

// seeking plays one address and seeks in it.
func (r *rig) seeking(rate int, address string) func(at float64) piece {
	loaded := false
	return func(at float64) piece {
		if !loaded {
			r.call(fmt.Sprintf("rig.load(%q, %d)", address, rate))
			loaded = true
		}
		return r.call(fmt.Sprintf("rig.seek(%v, %v)", at, heardFor))
	}
}

// reloading plays a new address for each time, as the player does where MP4 is
// not playable: it adds the time asked for to what the element says.
func (r *rig) reloading(rate int, address func(at float64) string) func(at float64) piece {
	return func(at float64) piece {
		loading := r.call(fmt.Sprintf("rig.load(%q, %d)", address(at), rate))
		p := r.call(fmt.Sprintf("rig.hear(%v)", heardFor))
		p.at += at
		p.requests += loading.requests
		return p
	}
}

// calibrate finds what the capture itself is off by, with a file whose seeks
// are exact.
func (r *rig) calibrate(c *clock, wav string) {
	r.t.Helper()
	sorted := slices.Sorted(slices.Values(r.measure(c, r.seeking(c.rate, wav)).errors))
	r.offset = sorted[len(sorted)/2]
	r.t.Logf("%-24s %-12s  clock and sound differ by %.2f to %.2f ms", "WAV, to calibrate", "", sorted[0], sorted[len(sorted)-1])
	if d := sorted[len(sorted)-1] - sorted[0]; d > 1 {
		r.t.Errorf("the capture varies by %.2f ms, want 1 at most", d)
	}
}

// measured is what came of some seeks.
type measured struct {
	errors   []float64 // ms by which what is heard lies ahead of the player's clock
	mute     float64   // ms of silence after a seek, at most
	requests int       // that a seek took, at most
}

// measure seeks to random times and looks up what is heard there.
func (r *rig) measure(c *clock, seek func(at float64) piece) (m measured) {
	r.t.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	for range seeks {
		at := math.Round((1+random.Float64()*float64(clockLong-5))*1000) / 1000
		p := seek(at)
		sample, like := c.find(p.samples, int(p.at*float64(c.rate)))
		if like < 0.5 {
			r.t.Errorf("seek to %.3f s: what is heard is nowhere in the recording (likeness %.2f)", at, like)
			continue
		}
		m.errors = append(m.errors, (float64(sample)/float64(c.rate)-p.at)*1000-r.offset)
		m.mute = max(m.mute, (p.at-at)*1000+r.offset)
		m.requests = max(m.requests, p.requests)
	}
	if len(m.errors) == 0 {
		r.t.Fatal("nothing was heard")
	}
	return m
}

// rigScript plays an element into the audio graph and takes what comes there,
// from the first sample that is not silence on.
const rigScript = `
window.rig = (() => {
  let context, element, rate, chunks = null;
  const tap = 'registerProcessor("tap", class extends AudioWorkletProcessor {' +
    'process(inputs) { if (inputs[0][0]) this.port.postMessage([currentFrame, inputs[0][0].slice()]); return true; } });';
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const once = (target, name) => new Promise((done, fail) => {
    target.addEventListener(name, done, {once: true});
    target.addEventListener('error', () => fail(new Error('audio: ' + target.error?.message)), {once: true});
  });
  async function graph(wanted) {
    if (rate === wanted) return;
    await context?.close();
    rate = wanted;
    context = new AudioContext({sampleRate: rate});
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([tap], {type: 'text/javascript'})));
    element = new Audio();
    element.crossOrigin = 'anonymous';
    const node = new AudioWorkletNode(context, 'tap', {channelCount: 1, channelCountMode: 'explicit'});
    node.port.onmessage = (event) => chunks?.push(event.data);
    context.createMediaElementSource(element).connect(node).connect(context.destination);
    await context.resume();
  }
  async function load(address, wanted) {
    await graph(wanted);
    element.preload = 'auto';
    element.src = address;
    await once(element, 'canplay');
    return {at: 0, sound: ''};
  }
  async function hear(seconds) {
    await pause(30);
    const want = Math.ceil(seconds * rate);
    chunks = [];
    await element.play();
    let heard = new Float32Array(0), began = 0;
    const readings = [];
    for (const end = performance.now() + 10000; heard.length < want;) {
      if (performance.now() > end) throw new Error('silence');
      await pause(4);
      readings.push([context.currentTime, element.currentTime]);
      const all = new Float32Array(chunks.reduce((n, c) => n + c[1].length, 0));
      chunks.reduce((n, c) => (all.set(c[1], n), n + c[1].length), 0);
      const first = all.findIndex((v) => v !== 0);
      if (first < 0) { readings.length = 0; continue; }
      heard = all.subarray(first);
      began = (chunks[0][0] + first) / rate;
    }
    element.pause();
    chunks = null;
    // The element's clock is read between its steps, and so a little early at times; what it says most is true.
    const times = {};
    for (const [graph, clock] of readings) {
      const at = (clock - (graph - began)).toFixed(4);
      times[at] = (times[at] ?? 0) + 1;
    }
    const at = Number(Object.keys(times).reduce((a, b) => (times[b] > times[a] ? b : a)));
    const bytes = new Uint8Array(heard.slice(0, want).buffer);
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return {at, sound: btoa(text)};
  }
  async function seek(at, seconds) {
    const done = once(element, 'seeked');
    element.currentTime = at;
    await done;
    if (Math.abs(element.currentTime - at) > 0.0005) throw new Error('the seek went to ' + element.currentTime);
    return hear(seconds);
  }
  return {load, hear, seek};
})();
'ready';
`
