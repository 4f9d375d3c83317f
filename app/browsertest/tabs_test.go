package browsertest

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A window is a tab that shares nothing with others but the browser, and in
// which everything that goes wrong is noted.
type window struct {
	t   *testing.T
	tab context.Context

	onDialog atomic.Value // func(), called when a dialog opens

	mu       sync.Mutex
	troubles []string
}

// A look is what a window is opened with.
type look struct {
	url    string // of the house
	token  string // of a session; empty for a visitor
	locale string // en or ko
	theme  string // light or dark; empty is as the device says
	later  bool   // the page's clock is a year ahead
}

// beforePage is what runs before a page's own scripts.
const beforePage = `{` + hearing + `
	window.cspReports = [];
	addEventListener('securitypolicyviolation', (e) => cspReports.push(e.effectiveDirective + ' ' + e.blockedURI + ' ' + e.sample));
}`

// hearing has a page keep the elements that make sound: all of them, and as
// heard the one that was started last.
const hearing = `
	const Real = window.Audio;
	window.decks = [];
	window.Audio = function (...args) {
		const one = new Real(...args);
		one.addEventListener('play', () => (window.heard = one));
		window.heard ??= one;
		decks.push(one);
		return one;
	};`

// openWindow opens one in a running browser. It closes with the test.
func openWindow(t *testing.T, browser context.Context, l look) *window {
	t.Helper()
	w := &window{t: t}
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(w.note))
	t.Cleanup(closeTab)
	w.tab = ctx
	cookies := map[string]string{"locale": l.locale, "theme": l.theme, "earshot_session": l.token}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a window: %v", err)
	}
	for name, value := range cookies {
		if value == "" {
			continue
		}
		if _, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: l.url}); err != nil {
			t.Fatalf("set cookie %s: %v", name, err)
		}
	}
	yes, source := true, beforePage
	if l.later {
		source += `{ const now = Date.now; Date.now = () => now() + 365 * 864e5; }`
	}
	_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: yes})
	if err == nil {
		_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
		})
	}
	if err == nil {
		_, err = chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source})
	}
	if err != nil {
		t.Fatalf("prepare the window: %v", err)
	}
	return w
}

// note keeps what a person with the console open would be alarmed by.
func (w *window) note(event any) {
	var trouble string
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level != log.EntryLevelError && e.Entry.Level != log.EntryLevelWarning {
			return
		}
		trouble = fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
	case *runtime.EventExceptionThrown:
		trouble = "exception: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			trouble += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type != "error" && e.Type != "warning" && e.Type != "assert" {
			return
		}
		trouble = "console." + string(e.Type)
		for _, arg := range e.Args {
			trouble += " " + arg.Description + string(arg.Value)
		}
	case *page.EventJavascriptDialogOpening:
		trouble = "a dialog opens: " + e.Message
		if f, ok := w.onDialog.Load().(func()); ok {
			f()
		}
	default:
		return
	}
	w.mu.Lock()
	w.troubles = append(w.troubles, trouble)
	w.mu.Unlock()
}

// complaints gives what went wrong so far, but what contains an expected text.
func (w *window) complaints(expected ...string) []string {
	w.t.Helper()
	reports := read[[]string](w, `window.cspReports ?? []`)
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []string
	for _, trouble := range w.troubles {
		if !slices.ContainsFunc(expected, func(e string) bool { return strings.Contains(trouble, e) }) {
			list = append(list, trouble)
		}
	}
	for _, report := range reports {
		list = append(list, "against the content policy: "+report)
	}
	return list
}

// read evaluates an expression, waiting for what it promises.
func read[T any](w *window, expression string) T {
	w.t.Helper()
	got, err := chromedp.Run(w.tab, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatalf("evaluate %.80s: %v", expression, err)
	}
	return got
}

// settled is true when nothing of the page is on its way any more.
const settled = `document.querySelector('h1') && document.querySelector('.toasts')
	&& !document.querySelector('[aria-busy=true], .progress-line, .ghost')
	&& [...document.images].every((image) => image.complete || image.loading === 'lazy')
	&& document.fonts.status === 'loaded'`

// show goes to an address and waits until the page is all there.
func (w *window) show(address string) {
	w.t.Helper()
	w.do(chromedp.Navigate(address), until(settled))
}

func (w *window) do(steps ...step) {
	w.t.Helper()
	do(w.t, w.tab, steps...)
}

// size makes the window as large as a device's: a phone below 800 pixels.
func (w *window) size(width, height int64) {
	w.t.Helper()
	var options []chromedp.EmulateViewportOption
	if width < 800 {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	// Two frames later the page has taken it in.
	frames := `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`
	if err := chromedp.Do(w.tab, chromedp.EmulateViewport(width, height, options...)); err != nil {
		w.t.Fatalf("a window of %dx%d: %v", width, height, err)
	}
	read[bool](w, frames)
}

// picture keeps what the window shows, where EARSHOT_SHOTS names a folder for it.
func (w *window) picture(name string, whole bool) {
	w.t.Helper()
	folder := os.Getenv("EARSHOT_SHOTS")
	if folder == "" {
		return
	}
	take := chromedp.CaptureScreenshot()
	if whole {
		take = chromedp.FullScreenshot(100)
	}
	png, err := chromedp.Run(w.tab, take)
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = os.WriteFile(folder+"/"+name+".png", png, 0o644)
	}
	if err != nil {
		w.t.Errorf("keep the picture %s: %v", name, err)
	}
}

// signUp makes an account and gives the house as that person has it.
func (h *house) signUp(email, name string) *house {
	h.t.Helper()
	var in struct {
		Token string `json:"token"`
	}
	visitor := &house{t: h.t, url: h.url}
	visitor.do("POST", "/api/auth/sign-up", body(h.t, map[string]any{"email": email, "password": "another long one", "name": name}),
		"application/json", http.StatusCreated, &in)
	return &house{t: h.t, url: h.url, token: in.Token}
}
