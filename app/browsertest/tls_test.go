package browsertest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/app"
	"earshot/app/config"
)

// local is a house that serves https by an authority of its own.
func local(o *app.Options) { o.Config.TLS = "local" }

// secure lets a house that is about to begin serve https too.
func (h *house) secure(a *app.App, cfg config.Config) {
	h.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	a.UseTLS(ln)
	h.plain, h.url = h.url, fmt.Sprintf("https://localhost:%d", ln.Addr().(*net.TCPAddr).Port)
	ca, err := os.ReadFile(filepath.Join(cfg.Data, "tls", "ca.pem"))
	if err != nil {
		h.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	h.http = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}}
	h.t.Cleanup(h.http.CloseIdleConnections)
}

// trusts is an option for a browser that was told to trust a house, by the
// file that its page of trust offers.
func trusts(t *testing.T, h *house) chromedp.ExecAllocatorOption {
	t.Helper()
	certutil := need(t, "", "certutil")
	res, err := http.Get(h.plain + "/tls/ca.crt")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	home := t.TempDir()
	db := filepath.Join(home, ".pki", "nssdb")
	if err := os.MkdirAll(db, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"-N", "--empty-password"},
		{"-A", "-n", "Earshot", "-t", "C,,", "-a"},
	} {
		cmd := exec.Command(certutil, append([]string{"-d", "sql:" + db}, args...)...)
		cmd.Stdin = res.Body // the last one reads it
		if args[0] == "-N" {
			cmd.Stdin = nil
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("certutil %s: %v: %s", args[0], err, out)
		}
	}
	return chromedp.Env("HOME=" + home)
}

// TestByHTTPS uses a house in a browser that trusts it: whoever comes by http
// is led to https, the page is secure in the browser's eyes, and signing in,
// playing and seeking work over HTTP/2.
func TestByHTTPS(t *testing.T) {
	h := newHouse(t, local)
	h.upload("Night train.mp3", music(70, 3))
	browser := newTab(t, 3*time.Minute, trusts(t, h))
	w := openWindow(t, browser, look{url: h.url, locale: "en"})
	w.size(390, 844)
	w.show(strings.Replace(h.plain, "127.0.0.1", "localhost", 1) + "/sign-in")
	if got := read[string](w, `location.href`); got != h.url+"/sign-in" {
		t.Errorf("by http one is led to %s, want %s/sign-in", got, h.url)
	}
	if !read[bool](w, `isSecureContext`) {
		t.Error("the page is not secure in the browser's eyes")
	}
	if got := read[[]string](w, `[...new Set(performance.getEntriesByType('resource').map((r) => r.nextHopProtocol))]`); len(got) != 1 || got[0] != "h2" {
		t.Errorf("files come by %v, want h2", got)
	}
	w.do(run(`document.querySelector('[name=email]').value = 'keeper@home.example'; document.querySelector('[name=password]').value = 'correct horse battery';
		document.querySelectorAll('[name=email], [name=password]').forEach((field) => field.dispatchEvent(new Event('input', {bubbles: true})))`),
		click(`main form button[type="submit"]`), until(`location.pathname === '/'`), until(settled), see(`main button.play`))
	w.do(click(`main button.play`), until(`window.heard && !heard.paused && heard.currentTime > 0.3`))
	w.do(run(`heard.currentTime = 55`), until(`!heard.paused && !heard.seeking && heard.currentTime > 55.3`))
	w.do(run(`heard.currentTime = 20.5`), until(`!heard.paused && !heard.seeking && heard.currentTime > 20.8 && heard.currentTime < 30`))
	if src := read[string](w, `heard.currentSrc`); !strings.HasPrefix(src, h.url) {
		t.Errorf("the sound comes from %s", src)
	}
	w.show(h.url + "/settings")
	w.do(see(`a[href="/trust"]`), run(`document.querySelector('a[href="/trust"]').click()`), until(`location.pathname === '/trust' && document.querySelector('.trust-print')`))
	if bad := w.complaints(); len(bad) > 0 {
		t.Errorf("the browser complains: %q", bad)
	}
}

// TestPageOfTrust looks at the page in a browser that does not trust the house
// yet, on a phone and on a desk, in both languages, light and dark.
func TestPageOfTrust(t *testing.T) {
	h := newHouse(t, local)
	browser := newTab(t, 4*time.Minute)
	axe := readAxe(t)
	stranger := openWindow(t, browser, look{url: h.plain})
	if err := chromedp.Do(stranger.tab, chromedp.Navigate(h.url)); err == nil || !strings.Contains(err.Error(), "ERR_CERT_AUTHORITY_INVALID") {
		t.Errorf("a browser that trusts nothing opens the house: %v", err)
	}
	for _, locale := range []string{"en", "ko"} {
		for _, theme := range []string{"light", "dark"} {
			w := openWindow(t, browser, look{url: h.plain, locale: locale, theme: theme})
			for _, size := range []screen{small, phone, tablet, desktop} {
				name := fmt.Sprintf("trust-%s-%s-%v", locale, theme, size)
				w.size(size.width, size.height)
				w.do(chromedp.Navigate(h.plain+"/trust"), until(`document.fonts.status === 'loaded' && [...document.images].every((image) => image.complete)`))
				w.picture(name, true)
				w.do(run(`document.querySelectorAll('details').forEach((d) => d.open = true)`), painted)
				w.picture(name+"-open", true)
				for _, bad := range append(w.faults(locale, size), w.barriers(axe, size.axe, false)...) {
					t.Errorf("%s: %s", name, bad)
				}
			}
			if bad := w.complaints(); len(bad) > 0 {
				t.Errorf("%s, %s: the browser complains: %q", locale, theme, bad)
			}
		}
	}
}

// TestExactSeekByHTTPS is TestExactSeek over TLS and HTTP/2, where other code
// sends the bytes.
func TestExactSeekByHTTPS(t *testing.T) {
	h := newHouse(t, local)
	tab := newTab(t, 3*time.Minute, trusts(t, h))
	full := newClock(clockRate, clockLong, 7)
	encoded := full.encode(t, "-V", "3", "-q", "7")
	r := newRig(t, tab, h.url+"/healthz")
	r.calibrate(full, serveFile(t, "audio/wav", full.wav()))
	mp4, from := h.upload("clock.mp3", encoded)
	for name, seek := range map[string]func(at float64) piece{
		"virtual MP4": r.seeking(full.rate, mp4), "from a time": r.reloading(full.rate, from),
	} {
		m := r.measure(full, seek)
		median, worst := spread(m.errors)
		t.Logf("%-12s  median %6.2f ms, worst %6.2f ms, %d request(s) a seek at most", name, median, worst, m.requests)
		if worst > 28 || median > 5 || m.requests > 1 {
			t.Errorf("%s: got a median of %.2f ms, %.2f at worst, with %d requests; want at most 5, 28 and 1", name, median, worst, m.requests)
		}
	}
}
