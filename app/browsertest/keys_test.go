package browsertest

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// TestAppsAndPrograms makes an app password and a token, carries the one over to
// a phone, uses the other, and takes both back.
func TestAppsAndPrograms(t *testing.T) {
	browser := newTab(t, 4*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	mina := h.joins("mina")
	mina.sits(t, browser, phone, "/settings")
	w := mina.w
	looks := func(w *window, locale, name string) {
		t.Helper()
		sizes := []screen{small, phone, desktop}
		if os.Getenv("EARSHOT_SHOTS") == "" {
			sizes = sizes[1:2]
		}
		for _, size := range sizes {
			w.size(size.width, size.height)
			for _, theme := range []string{"light", "dark"} {
				w.do(run(`document.documentElement.dataset.theme = '`+theme+`'`), painted)
				w.picture("programs-"+name+"-"+size.String()+"-"+theme, true)
				for _, barrier := range w.barriers(axe, true, theme == "dark") {
					t.Errorf("%s, %v, %s: axe: %s", name, size, theme, barrier)
				}
			}
			for _, fault := range w.faults(locale, size) {
				t.Errorf("%s, %v: %s", name, size, fault)
			}
		}
		w.do(run(`document.documentElement.dataset.theme = 'light'`))
		w.size(phone.width, phone.height)
	}
	w.do(run(one(`.panel a`, "Passwords and tokens")+`.click()`), finds(`h1`, "Apps and programs"), finds(`#apps button`, "Make an app password"))
	w.do(tap(`#apps button`, "Make an app password"), until(`document.activeElement.name === 'name'`), enter, finds(`.wrong`, "Say what it is for"), finds(`.wrong`, "Enter your password"))
	looks(w, "en", "wrong")
	w.do(tap(`#apps [name=name]`, ""), press("Symfonium on my phone"), tap(`#apps [name=password]`, ""), press("another long one"), enter, finds(`.key-once h3`, "Type this into the app"), until(`document.activeElement.matches('.key-once h3')`))
	looks(w, "en", "app")
	secret := read[string](w, `document.querySelector('.key-large code').textContent`)
	if len(secret) != 20 || strings.Contains(secret, " ") {
		t.Errorf("what is copied by hand is %q", secret)
	}
	if got := read[string](w, `(() => { getSelection().selectAllChildren(document.querySelector('.key-large code')); return getSelection().toString(); })()`); got != secret {
		t.Errorf("a selection has %q, want %q", got, secret)
	}
	// Without the clipboard of a secure context too.
	w.do(run(`Object.defineProperty(navigator, 'clipboard', {value: undefined})`), run(`document.addEventListener('copy', () => { window.copied = document.activeElement.value; })`),
		run(`document.querySelector('.key-large button').click()`), until(`window.copied === '`+secret+`'`), finds(`.toast`, "Copied"))

	// The code leads a phone, where nobody is signed in, to a page with all three.
	var made wire.MadeKey
	mina.do("POST", "/api/me/keys", body(t, wire.NewKey{Proof: wire.Proof{Password: "another long one"}, Kind: "app", Name: "Old phone", Origin: h.url}), "application/json", http.StatusCreated, &made)
	other := openWindow(t, browser, look{url: h.url, locale: "ko"})
	other.size(phone.width, phone.height)
	other.show(made.Link)
	other.do(finds(`.key-large code`, ""), until(`location.hash === ''`), finds(`h1`, "앱에 입력하세요"), finds(`.key-value code`, "mina"), until(`document.querySelector('.key-large code').textContent === '`+made.Secret+`'`))
	looks(other, "ko", "connect")
	other.fine("401")

	w.do(tap(`#apps button`, "Done"), finds(`#apps .security-row`, "Symfonium on my phone"), finds(`#apps .security-row`, "not used yet"))
	w.do(tap(`#tokens button`, "Make a token"), tap(`#tokens [name=name]`, ""), press("Backup script"), tap(`#tokens [name=password]`, ""), press("another long one"))
	w.do(run(`document.querySelector('#tokens [name=read]').click()`), enter, finds(`.wrong`, "Choose at least one"))
	looks(w, "en", "token-form")
	w.do(run(`document.querySelector('#tokens [name=read]').click()`), run(`document.querySelector('#tokens [name=write]').click()`), run(`document.querySelector('#tokens form').requestSubmit()`), finds(`.key-once h3`, "Your new token"), finds(`.key-long code`, "curl -H"))
	looks(w, "en", "token")
	token := read[string](w, `document.querySelector('.key-long code').textContent`)
	program := *mina.house
	program.token = token
	var me wire.Me
	program.do("GET", "/api/me", nil, "", http.StatusOK, &me)
	if me.Username != "mina" {
		t.Errorf("the token is of %q", me.Username)
	}
	w.show(h.url + "/settings/programs")
	w.do(finds(`#tokens .security-row`, "Look and listen · Change things"))
	looks(w, "en", "list")
	w.do(tap(`.security-tools button`, "Rename Backup script"), tap(`dialog [name=name]`, ""), run(`document.querySelector('dialog [name=name]').select()`), press("Nightly"), enter, finds(`.security-row`, "Nightly"),
		tap(`.security-tools button`, "Remove Nightly"), tap(`dialog .danger`, "Remove"), lacks(`.security-row`, "Nightly"), finds(`.toast`, "is removed"))
	program.do("GET", "/api/me", nil, "", http.StatusUnauthorized, nil)
	w.fine("400")
}

// TestTheDocumentToRead finds an operation by its words, opens it, and comes
// back to it by its link.
func TestTheDocumentToRead(t *testing.T) {
	browser := newTab(t, 3*time.Minute)
	axe := readAxe(t)
	h := newHouse(t)
	w := openWindow(t, browser, look{url: h.url, locale: "en"})
	w.size(desktop.width, desktop.height)
	w.show(h.url + "/api/docs")
	w.do(finds(`.operation code`, "/api/house"), finds(`.doc-start`, "Make a token"))
	w.picture("docs-desktop", false)
	w.do(tap(`.doc-find input`, ""), press("rename program"), finds(`.doc-side`, "1 operation"), run(`document.querySelector('.operation summary').click()`), finds(`.doc-for`, "not for tokens"), finds(`.doc-inside pre`, "curl -X PATCH"))
	w.show(h.url + "/")
	w.show(h.url + "/api/docs#patch-tracks-id")
	w.do(finds(`#patch-tracks-id .doc-for`, "scope write"), finds(`#patch-tracks-id pre`, `-d '{`), until(`Math.abs(document.querySelector('#patch-tracks-id').getBoundingClientRect().top) < 200`))
	for _, size := range []screen{small, phone, desktop} {
		w.size(size.width, size.height)
		for _, theme := range []string{"light", "dark"} {
			w.do(run(`document.documentElement.dataset.theme = '`+theme+`'`), run(`document.querySelector('#patch-tracks-id').scrollIntoView()`), painted)
			w.picture("docs-open-"+size.String()+"-"+theme, false)
			if size == phone {
				for _, barrier := range w.barriers(axe, true, theme == "dark") {
					t.Errorf("%v, %s: axe: %s", size, theme, barrier)
				}
			}
		}
		for _, fault := range w.faults("en", size) {
			t.Errorf("%v: %s", size, fault)
		}
	}
	w.do(run(`scrollTo(0, 0)`), painted)
	w.size(phone.width, phone.height)
	w.picture("docs-phone", false)
	w.fine()
}
