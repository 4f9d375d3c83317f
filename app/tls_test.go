package app_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"earshot/app"
	"earshot/app/api/wire"
	"earshot/app/certs"
	"earshot/app/config"
)

// local is a house with an authority of its own.
func local(c *config.Config) { c.TLS = "local" }

// authority fetches the house's own authority by plain http, as a phone does.
func (h *house) authority() *x509.Certificate {
	h.t.Helper()
	a := h.visitor().get("/tls/ca.crt").want(200)
	if got := a.header.Get("Content-Type"); got != "application/x-x509-ca-cert" {
		h.t.Errorf("the authority comes as %q", got)
	}
	block, rest := pem.Decode(a.body)
	if block == nil || len(rest) > 0 {
		h.t.Fatalf("the authority is no PEM: %s", a.body)
	}
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		h.t.Fatal(err)
	}
	return ca
}

// trustful is a client that trusts one authority and nothing else. Whatever
// name it is given, it speaks with this machine.
type trustful struct {
	ca  *x509.Certificate
	now func() time.Time
}

func (c trustful) config() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(c.ca)
	return &tls.Config{RootCAs: pool, Time: c.now, NextProtos: []string{"h2", "http/1.1"}}
}

// meet shakes hands with a house under a host and gives its certificate.
func (c trustful) meet(h *house, host, at string) (*x509.Certificate, error) {
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(h.tls, "https://"))
	cfg := c.config()
	cfg.ServerName = host
	conn, err := tls.Dial("tcp", net.JoinHostPort(at, port), cfg)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0], nil
}

// secured is somebody who comes by https, over HTTP/2.
func (h *house) secured() *person {
	p := h.visitor()
	p.h = &house{t: h.t, url: h.tls}
	p.http.Transport = &http.Transport{TLSClientConfig: trustful{ca: h.authority()}.config(), ForceAttemptHTTP2: true}
	h.t.Cleanup(p.http.CloseIdleConnections)
	return p
}

// TestHouseOfItsOwnAuthority: whoever trusts ca.crt, and nothing else, comes in
// without a warning under every name and address of this machine.
func TestHouseOfItsOwnAuthority(t *testing.T) {
	t.Parallel()
	h := newHouse(t, local, func(c *config.Config) { c.PublicURL = "https://music.example.org:8443" })
	ca := h.authority()
	if !ca.IsCA || ca.NotAfter.Before(time.Now().AddDate(9, 0, 0)) || ca.NotBefore.After(time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the authority is %v, from %v to %v", ca.IsCA, ca.NotBefore, ca.NotAfter)
	}
	client := trustful{ca: ca}
	names := []string{"localhost", "127.0.0.1", "::1", "music.example.org"}
	if host, err := os.Hostname(); err == nil && !strings.Contains(host, ".") {
		names = append(names, strings.ToLower(host), strings.ToLower(host)+".local")
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if n := a.(*net.IPNet); !n.IP.IsLinkLocalUnicast() {
			names = append(names, n.IP.String())
		}
	}
	for _, name := range names {
		at := "127.0.0.1"
		if net.ParseIP(name) != nil {
			at = name
		}
		leaf, err := client.meet(h, name, at)
		if err != nil {
			t.Errorf("under %s: %v", name, err)
			continue
		}
		if d := leaf.NotAfter.Sub(leaf.NotBefore); d > 397*day {
			t.Errorf("the certificate holds for %v, longer than browsers allow", d)
		}
	}
	for _, name := range []string{"evil.example", "example.org", "www.music.example.org", "192.168.77.77"} {
		if _, err := client.meet(h, name, "127.0.0.1"); err == nil {
			t.Errorf("the house passes for %s", name)
		}
	}

	dir := filepath.Join(h.dir, "tls")
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 3 {
		t.Fatalf("below tls there are %v, %v, want three files", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got mode %v, %v, want 0600", f.Name(), info.Mode(), err)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%s: got mode %v, %v, want 0700", dir, info.Mode(), err)
	}

	before, err := client.meet(h, "localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	h.reopen()
	if !h.authority().Equal(ca) {
		t.Error("after a start there is another authority")
	}
	if after, err := client.meet(h, "localhost", "127.0.0.1"); err != nil || !after.Equal(before) {
		t.Errorf("after a start there is another certificate, %v", err)
	}
}

// TestAuthorityCanSpeakForHomesAlone: with the authority's stolen key nobody
// passes for a bank.
func TestAuthorityCanSpeakForHomesAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, local)
	pair, err := tls.LoadX509KeyPair(filepath.Join(h.dir, "tls", "ca.pem"), filepath.Join(h.dir, "tls", "ca-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(pair.Leaf)
	for name, want := range map[string]bool{"pi.local": true, "music.home.arpa": true, "bank.example": false, "local.example": false, "xlocal": false} {
		der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
			DNSNames: []string{name}, NotBefore: time.Now().Add(-day), NotAfter: time.Now().Add(day),
		}, pair.Leaf, pair.Leaf.PublicKey, pair.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name}); (err == nil) != want {
			t.Errorf("%s: got %v, want it to be taken: %v", name, err, want)
		}
	}
}

// TestNewAddress: an address that the machine got after the start is in the
// certificate when somebody comes by it.
func TestNewAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t, local)
	client := trustful{ca: h.authority()}
	before, err := client.meet(h, "localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"127.0.0.2", "127.9.9.9"} {
		after, err := client.meet(h, at, at)
		if err != nil {
			t.Skipf("this system has no further addresses of its own: %v", err)
		}
		if after.Equal(before) {
			t.Errorf("under %s the certificate is still the old one", at)
		}
		for _, name := range []string{"localhost", "127.0.0.1", "127.0.0.2"} {
			if err := after.VerifyHostname(name); err != nil {
				t.Error(err)
			}
		}
		again, err := client.meet(h, at, at)
		if err != nil || !again.Equal(after) {
			t.Errorf("under %s the certificate is made anew each time (%v)", at, err)
		}
	}
}

// TestCertificateOfTheTime lets the clock run and jump: phones, which know the
// time, find a certificate of their time as soon as the house knows it too.
func TestCertificateOfTheTime(t *testing.T) {
	t.Parallel()
	c := newClock(time.Unix(12, 0))
	h := (&house{cost: 4, now: c.now}).begin(t, local)
	ca := h.authority()
	var last *x509.Certificate
	for i, step := range []struct {
		what  string
		house time.Time // what the house's clock says
		phone time.Time
		same  bool // the certificate is the one before
	}{
		{"a first start without a clock", time.Unix(12, 0), today, false},
		{"the network told the time", today, today, true},
		{"months later", today.Add(300 * day), today.Add(300 * day), true},
		{"before it ends", today.Add(367 * day), today.Add(367 * day), false},
		{"the day after", today.Add(368 * day), today.Add(368 * day), true},
		{"a start without a clock", time.Unix(60, 0), today.Add(369 * day), true},
		{"three years later", today.Add(4 * year), today.Add(4 * year), false},
		{"a clock far ahead", today.Add(9 * year), today.Add(9 * year), false},
		{"and right again", today.Add(4 * year), today.Add(4 * year), false},
		{"a phone whose clock is slow", today.Add(4 * year), today.Add(4*year - 20*time.Hour), true},
	} {
		c.set(step.house)
		if strings.Contains(step.what, "start") && i > 0 {
			h.reopen()
		}
		leaf, err := trustful{ca, func() time.Time { return step.phone }}.meet(h, "localhost", "127.0.0.1")
		if err != nil {
			t.Errorf("%s: %v", step.what, err)
			continue
		}
		if last != nil && leaf.Equal(last) != step.same {
			t.Errorf("%s: the certificate is the one before: %v, want %v", step.what, !step.same, step.same)
		}
		last = leaf
	}
	if !h.authority().Equal(ca) {
		t.Error("the authority is another one")
	}
	// It is not replaced when it ends: only people can decide that.
	c.set(today.Add(11 * year))
	h.reopen()
	if !h.authority().Equal(ca) || !strings.Contains(h.log.String(), "the authority of this house ends") {
		t.Error("an authority that ended was replaced, or nothing is said of its end")
	}
}

// TestCertificatesThatCannotBe: what is wrong with https is said in a sentence
// at the start.
func TestCertificatesThatCannotBe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := newPair(t, filepath.Join(dir, "good"), "ear.example")
	other := newPair(t, filepath.Join(dir, "other"), "ear.example")
	broken := filepath.Join(dir, "broken.pem")
	if err := os.WriteFile(broken, []byte("-----BEGIN NOTHING-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	from := func(cert, key string) func(*config.Config) {
		return func(c *config.Config) { c.TLS, c.Certificate = "files", config.Certificate{Cert: cert, Key: key} }
	}
	// begun is a house of its own authority that lost something of it.
	begun := func(change func(dir string)) func(*config.Config) {
		return func(c *config.Config) {
			c.TLS = "local"
			if _, err := certs.Open(certs.Options{From: "local", Dir: filepath.Join(c.Data, "tls"), Log: slog.New(slog.DiscardHandler)}); err != nil {
				t.Fatal(err)
			}
			change(filepath.Join(c.Data, "tls"))
		}
	}
	for _, c := range []struct {
		name   string
		change func(*config.Config)
		want   string
	}{
		{"files without names", func(c *config.Config) { c.TLS = "files" }, "needs cert and key below [certificate]"},
		{"no certificate", from(filepath.Join(dir, "none.pem"), good.key), "none.pem is not there"},
		{"no key", from(good.cert, filepath.Join(dir, "none.pem")), "the key " + filepath.Join(dir, "none.pem") + " is not there"},
		{"a folder", from(dir, good.key), "can't be read"},
		{"broken", from(broken, good.key), "can't be used together"},
		{"another's key", from(good.cert, other.key), "can't be used together"},
		{"a certificate without tls", func(c *config.Config) { c.Certificate.Cert = good.cert }, `write tls = "files"`},
		{"domains without tls", func(c *config.Config) { c.Acme.Domains = []string{"ear.example"} }, `write tls = "acme"`},
		{"no domains", func(c *config.Config) { c.TLS = "acme" }, "needs domains below [acme]"},
		{"people come by http", func(c *config.Config) { c.TLS, c.PublicURL = "local", "http://ear.example" }, "write https:// in it"},
		{"one port for both", func(c *config.Config) { c.TLS, c.ListenTLS = "local", c.Listen }, "a port of its own"},
		{"the authority's key is gone", begun(func(dir string) { os.Remove(filepath.Join(dir, "ca-key.pem")) }), "is gone; put it back"},
		{"the authority is broken", begun(func(dir string) { os.WriteFile(filepath.Join(dir, "ca.pem"), []byte("x"), 0o600) }), "can't be used"},
		{"the authority is no authority", begun(func(dir string) {
			os.Link(good.cert, filepath.Join(dir, "new"))
			os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "ca.pem"))
			b, _ := os.ReadFile(good.key)
			os.WriteFile(filepath.Join(dir, "ca-key.pem"), b, 0o600)
		}), "not an authority that Earshot made"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg := config.Default()
			cfg.Data = t.TempDir()
			c.change(&cfg)
			a, err := app.Open(app.Options{Config: cfg, Log: slog.New(slog.DiscardHandler), HashCost: 4})
			if err == nil {
				a.Close()
				t.Fatal("the house opened")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want %q in it", err, c.want)
			}
		})
	}
	t.Run("a key without its certificate is what a crash left", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t, begun(func(dir string) { os.Remove(filepath.Join(dir, "ca.pem")) }))
		if _, err := (trustful{ca: h.authority()}).meet(h, "localhost", "127.0.0.1"); err != nil {
			t.Error(err)
		}
	})
	t.Run("a broken certificate is made anew", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t, begun(func(dir string) { os.WriteFile(filepath.Join(dir, "leaf.pem"), []byte("x"), 0o600) }))
		if _, err := (trustful{ca: h.authority()}).meet(h, "localhost", "127.0.0.1"); err != nil {
			t.Error(err)
		}
	})
}

// certFiles is a certificate in files, signed by itself.
type certFiles struct {
	cert, key string
	is        *x509.Certificate
}

func newPair(t *testing.T, base string, names ...string) certFiles {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		Subject: pkix.Name{CommonName: base}, DNSNames: names, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * day),
	}, &x509.Certificate{Subject: pkix.Name{CommonName: base}}, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	p := certFiles{cert: base + ".pem", key: base + "-key.pem"}
	if p.is, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{p.cert: {Type: "CERTIFICATE", Bytes: der}, p.key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// TestFilesAreReadAgain: a certificate that is renewed by others is served
// without a start; a broken one leaves the old one.
func TestFilesAreReadAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := newPair(t, filepath.Join(dir, "one"), "ear.example"), newPair(t, filepath.Join(dir, "two"), "ear.example", "*.ear.example")
	at := config.Certificate{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	put := func(from, to string) {
		t.Helper()
		b, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to+".new", b, 0o600)
		}
		if err == nil {
			err = os.Rename(to+".new", to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put(first.cert, at.Cert)
	put(first.key, at.Key)
	h := newHouse(t, func(c *config.Config) { c.TLS, c.Certificate = "files", at })
	served := func(what string, want *x509.Certificate) {
		t.Helper()
		got, err := trustful{ca: want}.meet(h, "ear.example", "127.0.0.1")
		if err != nil || !got.Equal(want) {
			t.Errorf("%s: another certificate is served (%v)", what, err)
		}
	}
	served("at the start", first.is)
	put(second.cert, at.Cert)
	served("with half of a new pair", first.is)
	if !strings.Contains(h.log.String(), "the one before stays") {
		t.Error("nothing is said of a pair that can't be used")
	}
	put(second.key, at.Key)
	served("with the whole of it", second.is)
	if err := os.Truncate(at.Cert, 100); err != nil {
		t.Fatal(err)
	}
	served("with a broken one", second.is)
	os.Remove(at.Cert)
	served("with none", second.is)
	if n := strings.Count(h.log.String(), "the one before stays"); n != 3 {
		t.Errorf("broken pairs are told of %d times, want once each, 3", n)
	}
	put(first.cert, at.Cert)
	put(first.key, at.Key)
	served("with the first again", first.is)
}

// TestPlainLeadsToHTTPS: by plain http there is nothing but the way to https,
// and never to a host of somebody else's (SAFETY, foreign Host).
func TestPlainLeadsToHTTPS(t *testing.T) {
	t.Parallel()
	own := newHouse(t, local)
	public := newHouse(t, local, func(c *config.Config) { c.PublicURL = "https://music.example.org" })
	dir := t.TempDir()
	p := newPair(t, filepath.Join(dir, "x"), "ear.example", "*.ear.example")
	files := newHouse(t, func(c *config.Config) { c.TLS, c.Certificate = "files", config.Certificate{Cert: p.cert, Key: p.key} })
	port := func(h *house) string { return h.tls[strings.LastIndex(h.tls, ":"):] }
	for _, c := range []struct {
		name   string
		h      *house
		path   string
		host   string
		want   string
		status int
	}{
		{"an address", own, "/", "", "https://127.0.0.1" + port(own) + "/", 308},
		{"a name", own, "/mina/night-train?t=5", "localhost:8080", "https://localhost" + port(own) + "/mina/night-train?t=5", 308},
		{"a name in capitals", own, "/", "LOCALHOST", "https://localhost" + port(own) + "/", 308},
		{"an address in brackets", own, "/", "[::1]:8080", "https://[::1]" + port(own) + "/", 308},
		{"the API", own, "/api/house", "localhost", "https://localhost" + port(own) + "/api/house", 308},
		{"an encoded path", own, "/tags/ac%2Fdc?q=%2F&x", "localhost", "https://localhost" + port(own) + "/tags/ac%2Fdc?q=%2F&x", 308},
		{"two slashes", own, "//evil.example/x", "localhost", "https://localhost" + port(own) + "/evil.example/x", 308},
		{"a backslash", own, "/\\evil.example", "localhost", "https://localhost" + port(own) + "/%5Cevil.example", 308},
		{"a foreign host", own, "/x", "evil.example", "https://127.0.0.1" + port(own) + "/x", 308},
		{"a foreign host with the port", own, "/x", "evil.example:443", "https://127.0.0.1" + port(own) + "/x", 308},
		{"a host that hides another", own, "/x", "localhost.evil.example", "https://127.0.0.1" + port(own) + "/x", 308},
		{"an address of others", own, "/x", "192.0.2.77", "https://127.0.0.1" + port(own) + "/x", 308},
		{"no challenges here", own, "/.well-known/acme-challenge/x", "localhost", "https://localhost" + port(own) + "/.well-known/acme-challenge/x", 308},
		{"the public name", public, "/x", "music.example.org:80", "https://music.example.org/x", 308},
		{"a foreign host of a public house", public, "/x", "evil.example", "https://music.example.org/x", 308},
		{"a local name of a public house", public, "/x", "localhost", "https://localhost" + port(public) + "/x", 308},
		{"the certificate's name", files, "/x", "ear.example", "https://ear.example" + port(files) + "/x", 308},
		{"a name of its wildcard", files, "/x", "a.ear.example", "https://a.ear.example" + port(files) + "/x", 308},
		{"a name beyond its wildcard", files, "/x", "a.b.ear.example", "https://ear.example" + port(files) + "/x", 308},
		{"an address of a house with files", files, "/x", "127.0.0.1", "https://ear.example" + port(files) + "/x", 308},
		{"no page of trust with files", files, "/trust", "ear.example", "https://ear.example" + port(files) + "/trust", 308},
		{"health", own, "/healthz", "evil.example", "", 200},
		{"the page of trust", own, "/trust", "localhost", "", 200},
		{"the authority", own, "/tls/ca.crt", "localhost", "", 200},
		{"the profile", own, "/tls/ca.mobileconfig", "localhost", "", 200},
		{"nothing else beside them", own, "/tls/ca-key.pem", "localhost", "https://localhost" + port(own) + "/tls/ca-key.pem", 308},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, method := range []string{"GET", "HEAD"} {
				conn := c.h.dial()
				host := c.host
				if host == "" {
					host = strings.TrimPrefix(c.h.url, "http://")
				}
				fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", method, c.path, host)
				b, err := io.ReadAll(conn)
				if err != nil {
					t.Fatal(err)
				}
				head, _, _ := strings.Cut(string(b), "\r\n\r\n")
				if !strings.HasPrefix(head, fmt.Sprintf("HTTP/1.1 %d ", c.status)) {
					t.Fatalf("%s: got %s, want status %d", method, head, c.status)
				}
				if c.want != "" && !strings.Contains(head+"\r\n", "\r\nLocation: "+c.want+"\r\n") {
					t.Errorf("%s: got %s, want it to lead to %s", method, head, c.want)
				}
				if c.status == 308 && !strings.Contains(head, "Cache-Control: no-store") {
					t.Errorf("%s: the way is kept: %s", method, head)
				}
			}
		})
	}
	// What is written is refused, not led on: it has been read by others.
	for _, h := range []*house{own, public, files} {
		h.visitor().post("/api/auth/sign-in", wire.SignIn{Email: "x@home.example", Password: password}).fails(403, "https.needed")
		h.visitor().delete("/api/me/sessions").fails(403, "https.needed")
	}
}

// TestTrustPage: the page with all it needs comes by plain http, in the
// reader's language, and shows the fingerprint that the start printed.
func TestTrustPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, local)
	ca := h.authority()
	var greeting bytes.Buffer
	if err := h.app.Greet(context.Background(), &greeting, &net.TCPAddr{IP: net.IPv4zero, Port: 8080}); err != nil {
		t.Fatal(err)
	}
	print := certs.Fingerprint(ca.Raw)
	for _, want := range []string{print, ":8080/trust", "on this machine   https://localhost:", "https://localhost:" + h.tls[strings.LastIndex(h.tls, ":")+1:] + "/setup#"} {
		if !strings.Contains(greeting.String(), want) {
			t.Errorf("the greeting lacks %q:\n%s", want, greeting.String())
		}
	}
	for _, c := range []struct{ language, agent, title, open string }{
		{"en", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)", "Trust this house", "ios"},
		{"ko", "Mozilla/5.0 (Linux; Android 15)", "이 집을 신뢰하기", "android"},
		{"en", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Trust this house", "windows"},
		{"en", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "Trust this house", "macos"},
		{"fr", "Mozilla/5.0 (X11; Linux x86_64)", "Trust this house", "linux"},
		{"en", "\"><script>", "Trust this house", ""},
	} {
		a := h.visitor().get("/trust", "Accept-Language", c.language, "User-Agent", c.agent).want(200)
		page := string(a.body)
		if !strings.Contains(page, "<h1>"+c.title) || !strings.Contains(strings.ReplaceAll(page, "<wbr>", ""), print) ||
			!strings.Contains(page, "Earshot of ") || !strings.Contains(page, `href="`+h.tls+`/"`) || strings.Contains(page, "{{") || strings.Contains(page, "<script") {
			t.Errorf("%s: got %s", c.language, page)
		}
		var open []string
		for _, m := range regexp.MustCompile(`<details id="(\w+)" open>`).FindAllStringSubmatch(page, -1) {
			open = append(open, m[1])
		}
		if strings.Join(open, " ") != c.open {
			t.Errorf("%s: got %v open, want %q", c.agent, open, c.open)
		}
		if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "script") {
			t.Errorf("got policy %q", csp)
		}
		for _, m := range regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(page, -1) {
			h.visitor().get(m[1]).want(200)
		}
	}
	profile := h.visitor().get("/tls/ca.mobileconfig").want(200)
	if got := profile.header.Get("Content-Type"); got != "application/x-apple-aspen-config" {
		t.Errorf("the profile comes as %q", got)
	}
	found := regexp.MustCompile(`<data>([^<]+)</data>`).FindSubmatch(profile.body)
	if found == nil {
		t.Fatalf("the profile holds no certificate: %s", profile.body)
	}
	if der, err := base64.StdEncoding.DecodeString(string(found[1])); err != nil || !bytes.Equal(der, ca.Raw) {
		t.Errorf("the profile holds another certificate (%v)", err)
	}
	for d := xml.NewDecoder(bytes.NewReader(profile.body)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("the profile is no XML: %v", err)
		}
	}
	var place wire.House
	h.secured().get("/api/house").want(200).into(&place)
	if !place.Trust {
		t.Error("the app is not told that there is an authority to trust")
	}

	none := newHouse(t)
	none.keeper()
	for _, path := range []string{"/trust", "/tls/ca.crt", "/tls/ca.mobileconfig"} {
		none.visitor().get(path).want(404)
	}
	none.visitor().get("/api/house").want(200).into(&place)
}

// TestOldTLSIsRefused: TLS 1.2 and 1.3 are spoken, and with HTTP/2.
func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, local)
	for version, want := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		cfg := trustful{ca: h.authority()}.config()
		cfg.MinVersion, cfg.MaxVersion, cfg.ServerName = version, version, "localhost"
		conn, err := tls.Dial("tcp", strings.TrimPrefix(h.tls, "https://"), cfg)
		if (err == nil) != want {
			t.Errorf("%s: got %v, want it spoken: %v", tls.VersionName(version), err, want)
		}
		if err != nil {
			continue
		}
		if got := conn.ConnectionState().NegotiatedProtocol; got != "h2" {
			t.Errorf("%s: got the protocol %q, want h2", tls.VersionName(version), got)
		}
		conn.Close()
	}
	// Suites without forward secrecy or authenticated encryption.
	for _, s := range append(tls.InsecureCipherSuites(), &tls.CipherSuite{ID: tls.TLS_RSA_WITH_AES_128_GCM_SHA256}) {
		cfg := trustful{ca: h.authority()}.config()
		cfg.MaxVersion, cfg.CipherSuites, cfg.ServerName = tls.VersionTLS12, []uint16{s.ID}, "localhost"
		if conn, err := tls.Dial("tcp", strings.TrimPrefix(h.tls, "https://"), cfg); err == nil {
			conn.Close()
			t.Errorf("the suite %s is spoken", tls.CipherSuiteName(s.ID))
		}
	}
}

// TestHouseByHTTPS uses the house over HTTP/2: the cookie is for https alone,
// one of the time before does no harm, and what is uploaded comes back byte
// for byte, whole and in ranges.
func TestHouseByHTTPS(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	plain := h.member("mina").post("/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}).want(200)
	old, _, _ := strings.Cut(plain.header.Get("Set-Cookie"), ";")
	if !strings.HasPrefix(old, "earshot_session=") {
		t.Fatalf("by http: got cookie %q", old)
	}
	h.cfg.TLS = "local"
	h.reopen()
	p := h.secured()
	p.get("/api/me", "Cookie", old).fails(401, "signin.needed")
	a := p.do("POST", "/api/auth/sign-in", wire.SignIn{Email: "mina@home.example", Password: password}, "Cookie", old, "Origin", h.tls).want(200)
	var fresh string
	var dropped bool
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		switch c.Name {
		case "earshot_session":
			dropped = c.MaxAge < 0
		case "__Host-earshot_session":
			fresh = c.Name + "=" + c.Value
			if !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" {
				t.Errorf("got cookie %v", c)
			}
		}
	}
	if fresh == "" || !dropped {
		t.Fatalf("got cookies %q", a.header["Set-Cookie"])
	}
	p.get("/api/me", "Cookie", fresh).want(200)
	p.get("/api/me", "Cookie", old+"; "+fresh).want(200)
	p.do("PATCH", "/api/me", `{"name":"Mina"}`, "Cookie", fresh, "Origin", "https://evil.example").fails(403, "cross_site")
	p.do("PATCH", "/api/me", `{"name":"Mina"}`, "Cookie", fresh, "Origin", h.tls, "Sec-Fetch-Site", "same-origin").want(200)
	p.become(a, 200)

	song := bytes.Repeat(tone(700), 8) // more than is sent at once
	track := p.upload("song.mp3", song, "public")
	at := "/api/tracks/" + track.ID + "/stream.mp3"
	if got := p.get(at).want(200).body; !bytes.Equal(got, song) {
		t.Errorf("got %d other bytes, want the %d of the file", len(got), len(song))
	}
	for _, r := range [][2]int{{0, 0}, {1, 70_000}, {len(song) - 1_500_000, len(song) - 1}} {
		got := p.get(at, "Range", fmt.Sprintf("bytes=%d-%d", r[0], r[1])).want(206).body
		if !bytes.Equal(got, song[r[0]:r[1]+1]) {
			t.Errorf("bytes %v: got %d other bytes", r, len(got))
		}
	}
	res, err := p.http.Get(h.tls + at)
	if err != nil {
		t.Fatal(err)
	}
	if res.ProtoMajor != 2 {
		t.Errorf("the sound comes by %s, want HTTP/2", res.Proto)
	}
	res.Body.Close()
	if got := a.header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("a house of its own authority locks phones out that do not trust it: %q", got)
	}

	// An open stream of events does not keep the house from closing.
	req, _ := http.NewRequest("GET", h.tls+"/api/events", nil)
	req.Header.Set("Authorization", "Bearer "+p.token)
	events, err := p.http.Do(req)
	if err != nil || events.StatusCode != 200 {
		t.Fatalf("events: %v, %v", events, err)
	}
	defer events.Body.Close()
	if err := h.close(); err != nil {
		t.Error(err)
	}
	if _, err := io.Copy(io.Discard, events.Body); err != nil {
		t.Errorf("the events ended with %v", err)
	}
}

// TestPromiseOfHTTPS: browsers are told to come by https alone where that does
// not lock anybody out: with a public certificate, on the usual port.
func TestPromiseOfHTTPS(t *testing.T) {
	t.Parallel()
	p := newPair(t, filepath.Join(t.TempDir(), "x"), "ear.example")
	h := newHouse(t, func(c *config.Config) { c.TLS, c.Certificate = "files", config.Certificate{Cert: p.cert, Key: p.key} })
	cfg := trustful{ca: p.is}.config()
	cfg.ServerName = "ear.example"
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: cfg, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	for host, want := range map[string]bool{"ear.example": true, "ear.example:443": true, "ear.example:8443": false} {
		req, err := http.NewRequest("GET", h.tls+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("Strict-Transport-Security"); (got != "") != want {
			t.Errorf("%s: got the promise %q, want one: %v", host, got, want)
		}
	}
	if got := h.visitor().get("/healthz").header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("by http: got the promise %q", got)
	}
	for public, want := range map[string]bool{"https://ear.example": true, "https://ear.example:443/earshot": false, "https://ear.example:8443": false, "https://[::1]:8443/earshot": false} {
		if got := newHouse(t, below(public)).visitor().get("/healthz").header.Get("Strict-Transport-Security"); (got != "") != want {
			t.Errorf("behind a proxy at %s: got the promise %q, want one: %v", public, got, want)
		}
	}
}

// TestSlowClientsByHTTPS: who does not end a handshake, a header or a body is
// let go over TLS and HTTP/2 too, while others are served.
func TestSlowClientsByHTTPS(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	h := newHouse(t, local)
	ca := h.authority()
	at := strings.TrimPrefix(h.tls, "https://")
	dial := func(protocol string) net.Conn {
		t.Helper()
		cfg := trustful{ca: ca}.config()
		cfg.ServerName, cfg.NextProtos = "localhost", []string{protocol}
		conn, err := tls.Dial("tcp", at, cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	type slow struct {
		name string
		conn net.Conn
		most time.Duration
	}
	var all []slow
	for _, begin := range []string{"", "\x16\x03\x01\x02\x00\x01"} {
		conn, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, begin)
		all = append(all, slow{"a handshake that never ends", conn, 15 * time.Second})
	}
	c := dial("http/1.1")
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nX-")
	all = append(all, slow{"a header that never ends", c, 15 * time.Second})
	c = dial("http/1.1")
	io.WriteString(c, "PATCH /api/me HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n")
	go drip(c, " ")
	all = append(all, slow{"a body that never ends", c, 40 * time.Second})
	c = dial("h2")
	all = append(all, slow{"an HTTP/2 that never begins", c, 15 * time.Second})
	done := make(chan string, len(all)+1)
	for _, s := range all {
		go func() {
			if took, closed := closedWithin(s.conn, s.most); !closed {
				done <- fmt.Sprintf("%s: the connection is open after %v", s.name, took)
				return
			}
			done <- ""
		}()
	}
	// Over HTTP/2 the one request is let go, not the connection.
	p := h.secured()
	p.http.Timeout = time.Minute
	go func() {
		r, w := io.Pipe()
		defer w.Close()
		go func() {
			for {
				if _, err := io.WriteString(w, " "); err != nil {
					return
				}
				time.Sleep(200 * time.Millisecond)
			}
		}()
		req, _ := http.NewRequest("POST", h.tls+"/api/auth/sign-in", r)
		req.Header.Set("Content-Type", "application/json")
		began := time.Now()
		res, err := p.http.Do(req)
		if err == nil {
			res.Body.Close()
		}
		if d := time.Since(began); d > 40*time.Second {
			done <- fmt.Sprintf("a body over HTTP/2 was waited for %v", d)
			return
		}
		done <- ""
	}()
	for range 10 {
		p.get("/healthz").want(200)
		time.Sleep(100 * time.Millisecond)
	}
	for range len(all) + 1 {
		if wrong := <-done; wrong != "" {
			t.Error(wrong)
		}
	}
	p.get("/healthz").want(200)
}
