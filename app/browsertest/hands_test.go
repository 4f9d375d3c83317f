package browsertest

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/app/api/wire"
)

// hands are a person's on the keys alone.
type hands struct {
	*window
}

// at tells where the keys are, and that a person sees it.
func (w hands) at() focus {
	w.t.Helper()
	f := read[focus](w.window, focused)
	if f.What != "body" && f.What != "main" && f.What != "h1" {
		if !f.Ring {
			w.t.Errorf("%s “%s” (%s) has the focus, but no ring shows it", f.What, f.Name, f.Class)
		}
		if !f.Free {
			w.t.Errorf("%s “%s” (%s) has the focus, but lies under something else", f.What, f.Name, f.Class)
		}
	}
	return f
}

// held waits for what an act leads to, and for the keys to be somewhere then.
func (w hands) held(then ...step) {
	w.t.Helper()
	w.do(then...)
	w.do(until(`document.hasFocus() && document.activeElement && document.activeElement !== document.body`))
}

// reach goes on with the tab key until what begins with a name has the focus.
func (w hands) reach(what, name string) {
	w.t.Helper()
	var seen []string
	for range 90 {
		if f := w.at(); f.What == what && strings.HasPrefix(f.Name, name) {
			return
		} else if f.What != "body" {
			seen = append(seen, f.What+" “"+f.Name+"”")
		}
		w.do(press(kb.Tab))
	}
	w.t.Fatalf("the tab key never reaches the %s “%s”, only %q", what, name, seen)
}

// chooses answers the file dialogs that the page opens.
func (w hands) chooses(file string) {
	w.t.Helper()
	err := chromedp.Listen(w.tab, func(event any) {
		if e, ok := event.(*page.EventFileChooserOpened); ok {
			go chromedp.Call(w.tab, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{file}, BackendNodeID: e.BackendNodeID})
		}
	})
	if err == nil {
		_, err = chromedp.Call(w.tab, page.SetInterceptFileChooserDialog, page.SetInterceptFileChooserDialogParams{Enabled: true})
	}
	if err != nil {
		w.t.Fatalf("watch for file dialogs: %v", err)
	}
}

// TestFiveTasksByKeyboard makes an account, uploads, plays and goes to a moment,
// says something about it, and sends the track to somebody: without a click,
// seeing at all times where the keys are, and never losing the place.
func TestFiveTasksByKeyboard(t *testing.T) {
	browser := newTab(t, 2*time.Minute)
	h := newHouse(t)
	file := filepath.Join(t.TempDir(), "night_train.mp3")
	if err := os.WriteFile(file, music(60, 3), 0o600); err != nil {
		t.Fatal(err)
	}
	keeper := h.me()
	w := hands{openWindow(t, browser, look{url: h.url, locale: "en"})}
	w.size(laptop.width, laptop.height)
	w.chooses(file)
	w.show(h.url + "/")

	w.reach("a", "Create account")
	w.do(press(kb.Enter))
	w.held(until(`location.pathname === '/sign-up'`), see(`form [name="email"]`))
	w.reach("input", "Your name")
	w.do(press("Jun"))
	w.reach("input", "E-mail")
	w.do(press("jun@home.example"))
	w.reach("input", "Password")
	w.do(press("another long one"), press(kb.Enter))
	w.held(until(`location.pathname === '/'`), see(`.header .me`))

	w.reach("a", "Upload")
	w.do(press(kb.Enter))
	w.held(until(`location.pathname === '/upload'`), see(`.chooser`))
	w.reach("button", "Choose files")
	w.do(press(" "))
	w.held(see(`.upload-card.done form`), until(`document.querySelector('.upload-card .wave-ready')`))
	w.reach("button", "Publish")
	w.do(press(kb.Enter))
	w.held(until(`document.activeElement.matches('.upload-saved a')`))
	w.do(press(kb.Enter))
	w.held(until(`document.querySelector('h1')?.textContent.includes('night train')`), see(`.wave-hero.wave-ready canvas`))

	w.reach("button", "Play night train")
	w.do(press(kb.Enter))
	w.held(until(plays))
	w.reach("input[range]", "Position in night train")
	w.do(press(kb.PageUp))
	w.held(until(`heard.currentTime > 5 && heard.currentTime < 40`), until(plays))
	w.do(press(kb.ArrowRight), until(`heard.currentTime > 10`))

	w.reach("button", "Comment at 0:")
	w.do(press(" "))
	w.held(until(`document.activeElement.matches('.writer textarea')`))
	w.do(press("The bell rings here."))
	for range 5 {
		w.do(press(kb.Tab))
		w.at()
		if read[bool](w.window, `document.activeElement.matches('.writer [type=submit]')`) {
			break
		}
	}
	w.do(press(kb.Enter))
	w.held(finds(`.said`, "The bell rings here."), until(`document.activeElement.matches('.moment-write')`))

	w.reach("button", "More for night train")
	w.do(press(kb.Enter))
	w.held(until(`document.activeElement.matches('.menu-list .menu-item')`))
	w.picture("hands-menu", false)
	for range 20 {
		if strings.HasPrefix(w.at().Name, "Send") {
			break
		}
		w.do(press(kb.ArrowDown))
	}
	w.do(press(kb.Enter))
	w.held(until(`document.activeElement.closest('dialog[open]')`))
	w.reach("input", "Name or username")
	w.do(press(keeper.Username), press(kb.Enter))
	w.held(see(`dialog[open] textarea`))
	w.reach("textarea", "A few words")
	w.do(press("Listen to the bell."))
	w.reach("button", "Send")
	w.do(press(kb.Enter))
	w.held(until(`!document.querySelector('dialog[open]')`))
	var talks struct {
		Items []wire.Conversation `json:"items"`
	}
	h.do("GET", "/api/conversations", nil, "", http.StatusOK, &talks)
	if len(talks.Items) != 1 || talks.Items[0].Last == nil || talks.Items[0].Last.Text != "Listen to the bell." || talks.Items[0].Last.Track == nil {
		t.Errorf("the keeper has %+v", talks)
	}
	for _, c := range w.complaints() {
		t.Errorf("the browser complains: %s", c)
	}
}
