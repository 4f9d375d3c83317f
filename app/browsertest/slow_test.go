package browsertest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// A device that is four times slower than this machine, at the far end of a
// link like that of a phone in the garden.
const (
	slowdown = 4
	linkRate = 9e6 / 8 // bytes a second
	linkLag  = 70      // milliseconds
)

// watchShifts has a page add up by how much what is seen moves by itself, and keep
// when the first and the largest thing was painted.
const watchShifts = `
	window.shifted = 0;
	window.painted = {};
	window.blocked = 0;
	new PerformanceObserver((list) => { for (const e of list.getEntries()) blocked += Math.max(0, e.duration - 50); }).observe({type: 'longtask', buffered: true});
	new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) shifted += e.value; }).observe({type: 'layout-shift', buffered: true});
	new PerformanceObserver((list) => { for (const e of list.getEntries()) painted[e.name] = e.startTime; }).observe({type: 'paint', buffered: true});
	new PerformanceObserver((list) => { for (const e of list.getEntries()) painted.largest = e.startTime; }).observe({type: 'largest-contentful-paint', buffered: true});`

// TestOnASlowDevice tells what a visit costs a slow device at a slow link:
// bytes, paint, how long from a tap to the sound, and from a seek to it. The
// times are told, not judged; how much moves by itself is judged. It is long,
// so it runs where EARSHOT_SLOW=1; .ci/slow runs it.
func TestOnASlowDevice(t *testing.T) {
	if os.Getenv("EARSHOT_SLOW") == "" {
		t.Skip("EARSHOT_SLOW=1 has it measured")
	}
	browser := newTab(t, 8*time.Minute)
	h := newHouse(t)
	p := seed(t, h)
	for i := range 20 {
		h.song(fmt.Sprintf("Piece %d", i), 200, i)
	}
	const rounds = 5
	for _, visit := range []struct{ name, path, play string }{
		{"stream", "/", `.card button.play`},
		{"track", p.foreign.URL, `main button.play`},
		{"profile", p.foreign.User.URL, `.card button.play`},
	} {
		t.Run(visit.name, func(t *testing.T) {
			var firsts, largests, blocks, taps, seeks []float64
			var most, wire float64
			for range rounds {
				w := openWindow(t, browser, look{url: h.url, locale: "en"})
				w.size(phone.width, phone.height)
				_, err := chromedp.Call(w.tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watchShifts})
				if err == nil {
					_, err = chromedp.Call(w.tab, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: slowdown})
				}
				if err == nil {
					_, err = chromedp.Call(w.tab, network.Enable, network.EnableParams{})
				}
				if err == nil {
					_, err = chromedp.Call(w.tab, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
						MatchedNetworkConditions: []*network.Conditions{{Latency: linkLag, DownloadThroughput: linkRate, UploadThroughput: linkRate}},
					})
				}
				if err != nil {
					t.Fatal(err)
				}
				w.show(h.url + visit.path)
				w.do(chromedp.Sleep(time.Second)) // what watchShifts late
				got := read[struct {
					Shifted, First, Largest, Wire, Blocked float64
				}](w, `({shifted, blocked, first: painted['first-contentful-paint'] ?? 0, largest: painted.largest ?? 0,
					wire: [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, e) => sum + e.transferSize, 0)})`)
				firsts, largests, blocks = append(firsts, got.First), append(largests, got.Largest), append(blocks, got.Blocked)
				most, wire = max(most, got.Shifted), max(wire, got.Wire)
				// From something that is done to sound from beyond a moment of the track.
				sounds := func(act string) float64 {
					return read[float64](w, `new Promise((done) => {
						const from = performance.now();
						let to = 0;
						`+act+`;
						const look = () => window.heard && !heard.paused && !heard.seeking && heard.readyState > 2 && heard.currentTime > to + 0.01 ? done(performance.now() - from) : setTimeout(look, 2);
						look();
					})`)
				}
				taps = append(taps, sounds(fmt.Sprintf(`document.querySelector(%q).click()`, visit.play)))
				w.do(until(plays))
				seeks = append(seeks, sounds(`to = heard.currentTime + 40; heard.currentTime = to`))
			}
			t.Logf("%s, %d visits: %.0f KB on the wire; first paint %s, largest %s; blocked for %s; tap to sound %s; seek to sound %s; moved by itself %.4f",
				visit.name, rounds, wire/1000, midst(firsts), midst(largests), midst(blocks), midst(taps), midst(seeks), most)
			if most > 0.02 {
				t.Errorf("what is seen moves by itself: %.3f, want at most 0.02", most)
			}
		})
	}
}

// midst gives the median and the worst of some times.
func midst(ms []float64) string {
	slices.Sort(ms)
	return fmt.Sprintf("%.0f ms (worst %.0f)", ms[len(ms)/2], ms[len(ms)-1])
}

// TestLighthouse has Google's Lighthouse, where EARSHOT_LIGHTHOUSE names it,
// judge the pages that visitors see most, on such a device.
func TestLighthouse(t *testing.T) {
	tool := os.Getenv("EARSHOT_LIGHTHOUSE")
	if tool == "" {
		t.Skip("EARSHOT_LIGHTHOUSE names no lighthouse")
	}
	h := newHouse(t)
	p := seed(t, h)
	for name, path := range map[string]string{"stream": "/", "track": p.foreign.URL, "profile": p.foreign.User.URL} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "report.json")
			run := exec.CommandContext(t.Context(), tool, h.url+path, "--quiet", "--output=json", "--output-path="+out,
				"--only-categories=performance,accessibility,best-practices", "--throttling-method=devtools",
				fmt.Sprintf("--throttling.cpuSlowdownMultiplier=%d", slowdown), "--throttling.requestLatencyMs=70",
				"--throttling.downloadThroughputKbps=9000", "--throttling.uploadThroughputKbps=9000",
				"--chrome-flags=--headless=new --no-sandbox --disable-gpu")
			run.Env = append(os.Environ(), "CHROME_PATH="+need(t, "EARSHOT_CHROMIUM", "chromium", "chromium-browser", "google-chrome", "chrome"))
			if said, err := run.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			report, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if folder := os.Getenv("EARSHOT_SHOTS"); folder != "" {
				if err := os.WriteFile(filepath.Join(folder, "lighthouse-"+name+".json"), report, 0o600); err != nil {
					t.Error(err)
				}
			}
			var judged struct {
				Categories map[string]struct {
					Score     float64
					AuditRefs []struct{ ID string }
				}
				Audits map[string]struct {
					Title, DisplayValue string
					Score               *float64
				}
			}
			if err := json.Unmarshal(report, &judged); err != nil {
				t.Fatal(err)
			}
			for name, c := range judged.Categories {
				t.Logf("%s: %.0f", name, 100*c.Score)
				for _, ref := range c.AuditRefs {
					if a := judged.Audits[ref.ID]; a.Score != nil && *a.Score < 0.9 {
						t.Logf("    %s: %.2f %s", a.Title, *a.Score, a.DisplayValue)
					}
				}
				// How fast it is depends on who else works on the machine.
				if name != "performance" && c.Score < 0.95 {
					t.Errorf("%s: %.0f, want at least 95", name, 100*c.Score)
				}
			}
		})
	}
}
