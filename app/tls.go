package app

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"earshot/app/api"
	"earshot/app/certs"
)

// tlsDir is where certificates are kept, below the data.
const tlsDir = "tls"

// What a connection over HTTP/2 may cost: streams at once, and how long it may
// take nothing, as long as an answer over HTTP/1 may.
const (
	streamsAtOnce = 100
	takeWithin    = time.Minute
)

// openCerts prepares the certificate where the settings ask for https.
func (a *App) openCerts(now func() time.Time) error {
	c := a.cfg
	if c.TLS == "" {
		switch {
		case c.Certificate.Cert != "" || c.Certificate.Key != "":
			return errors.New(`there is a [certificate] and no tls; write tls = "files" to serve https with it`)
		case len(c.Acme.Domains) > 0:
			return errors.New(`there are domains below [acme] and no tls; write tls = "acme" to serve https for them`)
		}
		return nil
	}
	public, err := url.Parse(c.PublicURL)
	if err != nil {
		return err
	}
	if public.Scheme == "http" {
		return fmt.Errorf("public_url is %q, but with tls = %q people come by https; write https:// in it", c.PublicURL, c.TLS)
	}
	if c.Listen == c.ListenTLS && !strings.HasSuffix(c.Listen, ":0") {
		return fmt.Errorf("listen and listen_tls are both %q; https needs a port of its own", c.Listen)
	}
	a.certs, err = certs.Open(certs.Options{
		From: c.TLS, Dir: filepath.Join(c.Data, tlsDir), Cert: c.Certificate.Cert, Key: c.Certificate.Key,
		Domains: c.Acme.Domains, Email: c.Acme.Email, Directory: c.Acme.Directory, Public: public.Hostname(), Found: a.foundAs,
		Log: a.log, Now: now,
	})
	return err
}

// tls tells the server of the house's own https.
func (a *App) tls() *api.TLS {
	if a.certs == nil {
		return nil
	}
	t := &api.TLS{
		Port: a.tlsPort, Serves: a.certs.Serves, Names: a.certs.Names,
		Authority: a.certs.Authority(), Challenges: a.certs.Challenges(),
	}
	if t.Authority != nil {
		t.Fingerprint = certs.Fingerprint(t.Authority)
	}
	// Whose phone does not trust the house's own authority yet must find the
	// way to do so by http.
	t.HSTS = t.Authority == nil
	return t
}

// secure makes the server ready for https: handshakes are given as long as
// headers are (net/http).
func (a *App) secure() {
	if a.certs == nil {
		return
	}
	a.http.TLSConfig = a.certs.Config()
	a.http.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: streamsAtOnce, WriteByteTimeout: takeWithin}
}

// UseTLS has the house serve https on a listener too, when its settings ask for
// https; nil is none. It comes before Greet and Serve.
func (a *App) UseTLS(ln net.Listener) {
	if a.certs != nil {
		a.https = ln
	}
}

// tlsPort is the port of https, as browsers write it.
func (a *App) tlsPort() string {
	if a.https != nil {
		if tcp, ok := a.https.Addr().(*net.TCPAddr); ok {
			return strconv.Itoa(tcp.Port)
		}
	}
	_, port, _ := net.SplitHostPort(a.cfg.ListenTLS)
	return port
}

// addresses gives the address for this machine and those for phones.
func (a *App) addresses(at net.Addr) (local string, phones []string) {
	if a.https == nil {
		return addresses("http", at, a.cfg.PublicURL, a.cfg.Base())
	}
	if a.certs.Authority() != nil {
		return addresses("https", a.https.Addr(), a.cfg.PublicURL, a.cfg.Base())
	}
	// Only the names of the certificate do without a warning.
	if a.cfg.PublicURL != "" {
		phones = append(phones, a.cfg.PublicURL)
	}
	for _, name := range a.certs.Names() {
		address := "https://" + name
		if strings.Contains(name, ":") {
			address = "https://[" + name + "]"
		}
		if port := a.tlsPort(); port != "443" {
			address += ":" + port
		}
		if address += a.cfg.Base(); address != a.cfg.PublicURL {
			phones = append(phones, address)
		}
	}
	local, _ = addresses("https", a.https.Addr(), "", a.cfg.Base())
	return local, phones
}

// greetTrust prints how phones are told to trust the house's own authority.
// The page is reached by http: by https they would be warned of it.
func (a *App) greetTrust(w io.Writer, at net.Addr) {
	if a.https == nil || a.certs.Authority() == nil {
		return
	}
	local, phones := addresses("http", at, "", a.cfg.Base())
	fmt.Fprintln(w, "\nPhones and computers warn until they trust this house. How, once for each of them, says")
	for _, address := range append(phones, local)[:1] {
		fmt.Fprintf(w, "\n  %s/trust\n", address)
	}
	fmt.Fprintf(w, "\nThe fingerprint (SHA-256) there must be\n\n  %s\n", certs.Fingerprint(a.certs.Authority()))
}
