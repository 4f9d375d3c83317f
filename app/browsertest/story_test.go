package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"earshot/media/mp3/mp3test"
)

// step is one thing that a person does, or waits for.
type step = chromedp.Action[chromedp.Void]

// watch makes the page's own audio element reachable and gathers what goes
// wrong in the console, reports of the content policy among it.
func watch(t *testing.T, tab context.Context) (complaints func() []string) {
	t.Helper()
	var mu sync.Mutex
	var list []string
	messages := chromedp.Console(tab)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == "error" || m.Type == "warning" {
				mu.Lock()
				list = append(list, m.String())
				mu.Unlock()
			}
		}
	}()
	_, err := chromedp.Call(tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: "{" + hearing + "}"})
	if err != nil {
		t.Fatalf("watch the page: %v", err)
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return list
	}
}

// do takes steps, and ends the test with a picture of the page when one of
// them does not come to pass.
func do(t *testing.T, tab context.Context, steps ...step) {
	t.Helper()
	for i, s := range steps {
		within, stop := context.WithTimeout(tab, 30*time.Second)
		err := chromedp.Do(within, s)
		stop()
		if err != nil {
			png, _ := chromedp.Run(tab, chromedp.CaptureScreenshot())
			text, _ := chromedp.Run(tab, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
			path := filepath.Join(os.TempDir(), "earshot-"+strings.ReplaceAll(t.Name(), "/", "-")+".png")
			os.WriteFile(path, png, 0o600)
			t.Fatalf("step %d: %v; the page is in %s, and says:\n%s", i+1, err, path, text)
		}
	}
}

// until waits for an expression of the page's to become true, also across
// pages.
func until(what string) step {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		ask := chromedp.Evaluate[bool](`Boolean(` + what + `)`)
		for {
			ok, err := ask(ctx, target)
			if err == nil && ok {
				return chromedp.Void{}, nil
			}
			select {
			case <-ctx.Done():
				return chromedp.Void{}, fmt.Errorf("waiting for %s: %w", what, ctx.Err())
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
}

func see(selector string) step   { return chromedp.WaitVisible(chromedp.CSS(selector)) }
func click(selector string) step { return chromedp.Click(chromedp.CSS(selector)) }
func fill(name, value string) step {
	return chromedp.SendKeys(chromedp.CSS(`form [name="`+name+`"]`), value)
}

// clickMiddle clicks on the middle of what an expression gives.
func clickMiddle(selector string) step {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		at, err := chromedp.Evaluate[[2]float64](`(() => {
			const box = document.querySelector('`+selector+`').getBoundingClientRect();
			return [box.left + box.width / 2, box.top + box.height / 2];
		})()`)(ctx, target)
		if err != nil {
			return chromedp.Void{}, err
		}
		return chromedp.MouseClickXY(at[0], at[1])(ctx, target)
	}
}

// plays is true when sound comes out of the page: not only begun, but going on.
const plays = `window.heard && !heard.paused && heard.readyState >= 3 && heard.currentTime > 0.2`

// TestUploadPlaySeekAndSomebodyElseListens is the first evening with Earshot:
// the keeper sets the house up, uploads a file, plays it, seeks in it; another
// person signs up, finds it and plays it too.
func TestUploadPlaySeekAndSomebodyElseListens(t *testing.T) {
	h := emptyHouse(t)
	tone := mp3test.Format{SampleRate: 44100, Bitrate: 128}
	file := filepath.Join(t.TempDir(), "night_train.mp3")
	if err := os.WriteFile(file, tone.Build(mp3test.Tones(mp3test.Tone{Line: 20, Gain: 190}, 4000)...), 0o600); err != nil {
		t.Fatal(err)
	}

	keeper := newTab(t, 3*time.Minute)
	complaints := watch(t, keeper)
	do(t, keeper,
		chromedp.Navigate(h.url+"/setup#"+h.setup), see(`form [name="house"]`),
		until(`location.hash === ''`), // the token is out of the address at once, and survives a reload
		chromedp.Reload(), until(`performance.getEntriesByType('navigation')[0]?.type === 'reload'`), see(`form [name="house"]`),
		click(`form button[type="submit"]`), until(`document.querySelectorAll('form .wrong').length === 6`), // all that is missing at once
		fill("house", "The blue house"), fill("name", "미나"), fill("email", "mina@home.example"), fill("password", "correct horse battery"),
		click(`[name="sign_up"][value="open"]`), click(`[name="visitors"][value="no"]`),
		click(`form button[type="submit"]`),
		until(`location.pathname === '/' && document.querySelector('h1')`),
		chromedp.Navigate(h.url+"/upload"), chromedp.WaitReady(chromedp.CSS(`main input[type="file"]`)),
		chromedp.SetUploadFiles(chromedp.CSS(`main input[type="file"]`), []string{file}),
		see(`.upload-card.done form`),
		// What was typed is still there after a look at another page.
		fill("description", "Recorded on the way home."),
		click(`header a[href="/"]`), until(`location.pathname === '/' && !document.querySelector('.upload-page')`),
		click(`header a[href="/upload"]`), see(`.upload-card.done form`),
		until(`document.querySelector('[name=description]').value === 'Recorded on the way home.'`),
		click(`.upload-card.done form button[type="submit"]`),
		see(`.upload-saved a`), until(`document.activeElement.matches('.upload-saved a')`),
		until(`document.querySelector('.upload-card').getBoundingClientRect().top >= 0`), click(`.upload-saved a`),
		until(`document.querySelector('h1')?.textContent.includes('night train')`),
		until(`document.querySelector('.wave-hero.wave-ready canvas')`),
		click(`main button.play`), until(plays),
	)
	do(t, keeper, clickMiddle(".wave-hero"), until(`heard.currentTime > 40 && !heard.seeking`), until(plays))
	at, err := chromedp.Run(keeper, chromedp.Evaluate[float64](`heard.currentTime`))
	if err != nil {
		t.Fatal(err)
	}
	if length := 4000 * 1152 / 44100.0; at < length/2-2 || at > length/2+6 {
		t.Errorf("a click on the middle of the waveform leads to %.1f s of %.1f", at, length)
	}
	// It plays on when the page changes.
	do(t, keeper, click(`header a[href="/"]`), until(`location.pathname === '/'`), until(plays), until(`heard.currentTime > 40`))
	if list := complaints(); len(list) > 0 {
		t.Errorf("the keeper's browser complains: %q", list)
	}

	listener := newTab(t, 2*time.Minute)
	complaints = watch(t, listener)
	do(t, listener,
		chromedp.Navigate(h.url+"/"), until(`document.body.innerText.includes('The blue house')`),
		chromedp.Navigate(h.url+"/sign-up"), see(`form [name="email"]`),
		fill("name", "Jun"), fill("email", "jun@home.example"), fill("password", "another long one"),
		click(`form button[type="submit"]`),
		see(`main button.play`),
		until(`document.body.innerText.includes('night train')`),
		click(`main button.play`), until(plays),
	)
	muted, err := chromedp.Run(listener, chromedp.Evaluate[bool](`heard.muted || heard.volume === 0`))
	if err != nil || muted {
		t.Errorf("the second listener hears nothing: the sound is off (%v)", err)
	}
	for _, c := range complaints() {
		if !strings.Contains(c, "401") { // a closed house says so to those who look in
			t.Errorf("the listener's browser complains: %q", c)
		}
	}
}
