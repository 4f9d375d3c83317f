package browsertest

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/app"
	"earshot/app/config"
	"earshot/media/mp3/mp3test"
)

// proxied is a house below a path of a host that a proxy shares out.
type proxied struct {
	*house
	public string // address of the house, without a slash at the end

	mu    sync.Mutex
	asked []string // what was asked of the host
}

const sharedPath = "/earshot"

// newProxied opens a house behind a proxy that passes the path on, or strips
// it, and may say who asks.
func newProxied(t *testing.T, strip bool, user string) *proxied {
	t.Helper()
	p := &proxied{}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.public = "http://" + ln.Addr().String() + sharedPath
	p.house = emptyHouse(t, func(o *app.Options) {
		c := &o.Config
		c.PublicURL = p.public
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		if user != "" {
			c.ProxySignIn = config.ProxySignIn{Header: "Remote-User", Create: true}
		}
	})
	target, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	forward := &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.SetXForwarded()
		r.Out.Header.Del("Remote-User")
		if user != "" {
			r.Out.Header.Set("Remote-User", user)
		}
	}}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.Method+" "+r.URL.Path)
		p.mu.Unlock()
		if !strings.HasPrefix(r.URL.Path, sharedPath+"/") {
			http.Error(w, "another program of this host", http.StatusNotFound)
			return
		}
		if strip {
			http.StripPrefix(sharedPath, forward).ServeHTTP(w, r)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	s.Listener.Close()
	s.Listener = ln
	s.Start()
	t.Cleanup(s.Close)
	t.Cleanup(s.CloseClientConnections) // event streams, before the server is closed
	return p
}

// stayed wants that nobody left the path.
func (p *proxied) stayed(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range slices.Compact(slices.Sorted(slices.Values(p.asked))) {
		if _, path, _ := strings.Cut(a, " "); !strings.HasPrefix(path, sharedPath+"/") || strings.HasPrefix(path, sharedPath+sharedPath) {
			t.Errorf("a request left the path of the house: %s", a)
		}
	}
	if len(p.asked) < 30 {
		t.Errorf("only %d requests came through the proxy", len(p.asked))
	}
}

// TestAHouseBelowAPath is an evening behind a proxy that shares its host out:
// no request leaves the path.
func TestAHouseBelowAPath(t *testing.T) {
	file := filepath.Join(t.TempDir(), "night_train.mp3")
	tone := mp3test.Format{SampleRate: 44100, Bitrate: 128}
	if err := os.WriteFile(file, tone.Build(mp3test.Tones(mp3test.Tone{Line: 20, Gain: 190}, 4000)...), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, strip := range map[string]bool{"the proxy passes it on": false, "the proxy takes it off": true} {
		t.Run(name, func(t *testing.T) {
			p := newProxied(t, strip, "")
			var greeting strings.Builder
			if err := p.app.Greet(t.Context(), &greeting, &net.TCPAddr{IP: net.IPv4zero, Port: 1}); err != nil {
				t.Fatal(err)
			}
			setup := regexp.MustCompile(regexp.QuoteMeta(p.public) + `/setup#\S+`).FindString(greeting.String())
			if setup == "" {
				t.Fatalf("no set-up link below %s is printed:\n%s", p.public, greeting.String())
			}
			tab := newTab(t, 4*time.Minute)
			complaints := watch(t, tab)
			at := func(path string) string { return `location.pathname === '` + sharedPath + path + `'` }
			do(t, tab,
				chromedp.Navigate(setup), see(`form [name="house"]`), until(`location.hash === ''`),
				fill("house", "The blue house"), fill("name", "Mina"), fill("email", "mina@home.example"), fill("password", "correct horse battery"),
				click(`[name="sign_up"][value="open"]`), click(`[name="visitors"][value="yes"]`),
				click(`form button[type="submit"]`), until(at("/")+` && document.querySelector('h1')`),
				until(`document.querySelector('.header a.upload')?.getAttribute('href') === '/earshot/upload'`),
				// The links that are drawn by every page, and the way back.
				until(`performance.getEntriesByType('resource').some((one) => one.name.endsWith('/js/ahead.js'))`),
				click(`header a.upload`), until(at("/upload")),
				until(`document.querySelector('.header a.upload[aria-current=page]')`),
				chromedp.WaitReady(chromedp.CSS(`main input[type="file"]`)),
				chromedp.SetUploadFiles(chromedp.CSS(`main input[type="file"]`), []string{file}),
				see(`.upload-card.done form`), click(`.upload-card.done form [name="visibility"][value="public"]`),
				click(`.upload-card.done form button[type="submit"]`), see(`.upload-saved a`), click(`.upload-saved a`),
				until(at("/mina/night-train")+` && document.querySelector('h1')?.textContent.includes('night train')`),
				until(`document.querySelector('.wave-hero.wave-ready canvas')`),
				click(`main button.play`), until(plays),
			)
			do(t, tab, clickMiddle(".wave-hero"), until(`heard.currentTime > 40 && !heard.seeking`), until(plays))
			do(t, tab,
				until(`new URL(heard.src).pathname.startsWith('/earshot/api/tracks/')`),
				// A page is left and found again, in the app and anew.
				click(`main a.person`), until(at("/mina")+` && document.querySelector('h1')`), until(plays),
				chromedp.NavigateBack(), until(at("/mina/night-train")),
				chromedp.Reload(), until(`performance.getEntriesByType('navigation')[0]?.type === 'reload' && document.querySelector('h1')?.textContent.includes('night train')`),
				click(`header a.brand`), until(at("/")+` && document.querySelector('.card')`),
				chromedp.Navigate(p.public+"/mina/night-train?t=20"), until(`document.querySelector('.wave-hero.wave-ready canvas')`),
				chromedp.Navigate(p.public+"/settings"), see(`main h1`),
			)
			kept, err := chromedp.Run(tab, chromedp.Evaluate[string](`Object.keys(localStorage).filter((one) => !one.startsWith('earshot/earshot.')).join(' ')`))
			if err != nil || kept != "" {
				t.Errorf("kept under names of a house at the root: %q (%v)", kept, err)
			}
			for _, path := range []string{
				"/discover", "/charts", "/search?q=night", "/playlists", "/likes", "/history", "/notifications", "/messages", "/people", "/numbers",
				"/you", "/keeper", "/keeper/people", "/keeper/reports", "/keeper/index", "/api/docs", "/mina", "/upload",
			} {
				do(t, tab, chromedp.Navigate(p.public+path), until(`document.querySelector('main h1') && document.querySelector('.header a.brand')`))
				bad, err := chromedp.Run(tab, chromedp.Evaluate[string](`[...document.querySelectorAll('[href], [src], form[action]')]
					.map((one) => one.getAttribute('href') ?? one.getAttribute('src') ?? one.getAttribute('action'))
					.filter((one) => one.startsWith('/') && !one.startsWith('/earshot/')).join(' ')`))
				if err != nil || bad != "" {
					t.Errorf("%s: links leave the path: %s (%v)", path, bad, err)
				}
				if found, err := chromedp.Run(tab, chromedp.Evaluate[bool](`document.title !== '' && !document.body.innerText.includes('404')`)); err != nil || !found {
					t.Errorf("%s is not found (%v)", path, err)
				}
			}
			p.stayed(t)
			if list := complaints(); len(list) > 0 {
				t.Errorf("the browser complains: %q", list)
			}
		})
	}
}

// TestTheProxySignsIn: whoever the proxy names is there without a password,
// and is told to sign out where they signed in: nowhere here.
func TestTheProxySignsIn(t *testing.T) {
	p := newProxied(t, true, "kim")
	p.keeper()
	tab := newTab(t, 2*time.Minute)
	complaints := watch(t, tab)
	do(t, tab,
		chromedp.Navigate(p.public+"/"), until(`document.querySelector('.header .me')`),
		click(`.header .me button, .header button.me`), until(`[...document.querySelectorAll('[role=menuitem]')].some((one) => one.getAttribute('href') === '/earshot/kim')`),
		until(`![...document.querySelectorAll('[role=menuitem]')].some((one) => one.textContent.includes('Sign out'))`),
		chromedp.Navigate(p.public+"/settings"), see(`main h1`), until(`document.body.innerText.includes('signs you in')`),
	)
	if list := complaints(); len(list) > 0 {
		t.Errorf("the browser complains: %q", list)
	}
}
