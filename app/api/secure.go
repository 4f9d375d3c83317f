package api

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"earshot/app/fault"
	"earshot/ui"
)

// TLS is what the server knows of the https that the house serves itself.
type TLS struct {
	Port        func() string          // of https
	Serves      func(host string) bool // whether the certificate is for a host
	Names       func() []string        // hosts it is for, the best first
	Authority   []byte                 // DER of the house's own authority; nil for none
	Fingerprint string                 // of Authority
	Challenges  http.Handler           // what an authority on the internet asks below challengePath; may be nil
	HSTS        bool                   // tell browsers to come by https alone from now on
}

// challengePath is below which authorities on the internet ask (RFC 8555
// section 8.3).
const challengePath = "/.well-known/acme-challenge/"

// stayPlain answers a plain request that is not for the house behind https:
// it leads there, or shows what has to be seen before https works. It tells
// whether the request is answered.
func (s *Server) stayPlain(w http.ResponseWriter, r *http.Request) bool {
	if s.tls == nil || s.secureFor(r) {
		return false
	}
	path := r.URL.Path
	switch {
	case s.tls.Challenges != nil && strings.HasPrefix(path, challengePath):
		s.tls.Challenges.ServeHTTP(w, r)
		return true
	case path == "/healthz", path == "/readyz", strings.HasPrefix(path, ui.Prefix):
		return false
	case s.ofTrust(path):
		return false
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		// What it holds has been read by others already.
		s.writeError(w, r, fault.New(fault.Forbidden, "https.needed", "This house is open by https only. Load the page again."))
		return true
	}
	// Not kept: https may be turned off again.
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", s.homeFor(r)+s.at(localPart(r.URL)))
	w.WriteHeader(http.StatusPermanentRedirect)
	return true
}

// localPart is an address without scheme and host. It begins with one slash:
// with two, browsers would take the first part for a host.
func localPart(u *url.URL) string {
	at := "/" + strings.TrimLeft(u.EscapedPath(), `/\`)
	if u.RawQuery != "" {
		at += "?" + u.RawQuery
	}
	return at
}

// homeFor gives the house's address by https for whoever sent a request: under
// the name by which they came when the house is known by it, else under one by
// which it is. Nobody is led to a stranger by the Host that they send.
func (s *Server) homeFor(r *http.Request) string {
	host := strings.ToLower(hostOf(r.Host))
	public, _ := url.Parse(s.origin)
	if public != nil && public.Scheme == "https" && (host == public.Hostname() || !s.knownAs(r, host)) {
		return s.origin
	}
	if !s.knownAs(r, host) {
		host = ""
		if at, ok := localAddress(r); ok && s.tls.Serves(at.String()) {
			host = at.String()
		} else if names := s.tls.Names(); len(names) > 0 {
			host = names[0]
		}
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := s.tls.Port(); port != "443" {
		host += ":" + port
	}
	return "https://" + host
}

// knownAs tells whether a host is one of the house's: its certificate says so,
// or it is the very address of this machine to which the request came.
func (s *Server) knownAs(r *http.Request, host string) bool {
	if host == "" {
		return false
	}
	if s.tls.Serves(host) {
		return true
	}
	asked, err := netip.ParseAddr(host)
	at, ok := localAddress(r)
	return err == nil && ok && asked.Unmap() == at && s.tls.Authority != nil
}

// localAddress gives the address of this machine to which a request came.
func localAddress(r *http.Request) (netip.Addr, bool) {
	tcp, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return netip.Addr{}, false
	}
	return tcp.AddrPort().Addr().Unmap().WithZone(""), true
}

// hostOf takes port and brackets off the Host of a request.
func hostOf(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return strings.Trim(host, "[]")
}

// promise tells a browser that came by https on its usual port to come by
// https alone. On another port it would make the same of every port of the
// host, those of other services too (RFC 6797 section 8.3).
func (s *Server) promise(w http.ResponseWriter, r *http.Request, secure bool) {
	if !secure || s.base != "" { // a host that is shared is not ours to speak for
		return
	}
	host := strings.TrimPrefix(s.origin, "https://") // of a proxy, which may take the port off Host
	if r.TLS != nil {
		if s.tls == nil || !s.tls.HSTS {
			return
		}
		host = r.Host
	}
	if _, port, err := net.SplitHostPort(host); err == nil && port != "443" {
		return
	}
	w.Header().Set("Strict-Transport-Security", stayHTTPS)
}

// ofTrust tells whether an address is one that trust answers.
func (s *Server) ofTrust(path string) bool {
	return s.tls != nil && s.tls.Authority != nil && (path == "/trust" || path == "/tls/ca.crt" || path == "/tls/ca.mobileconfig")
}

// trust answers what people need to trust the house's own authority.
func (s *Server) trust(w http.ResponseWriter, r *http.Request) {
	ca, err := x509.ParseCertificate(s.tls.Authority)
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	var body []byte
	switch r.URL.Path {
	case "/trust":
		s.ui.Trust(w, r, ui.Trust{Name: ca.Subject.CommonName, Fingerprint: s.tls.Fingerprint, Home: s.homeFor(r) + s.at("/")})
		return
	case "/tls/ca.crt":
		body = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})
		w.Header().Set("Content-Type", "application/x-x509-ca-cert")
		w.Header().Set("Content-Disposition", `attachment; filename="ca.crt"`)
	case "/tls/ca.mobileconfig":
		body = profile(ca)
		w.Header().Set("Content-Type", "application/x-apple-aspen-config")
		w.Header().Set("Content-Disposition", `attachment; filename="earshot.mobileconfig"`)
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// profile is a configuration profile that brings a certificate to Apple's
// devices (Apple, Configuration Profile Reference, com.apple.security.root).
func profile(ca *x509.Certificate) []byte {
	sum := sha256.Sum256(ca.Raw)
	// Names of version 8 (RFC 9562 section 5.8): the same certificate has the same.
	id := func(b []byte) string {
		b = bytes.Clone(b[:16])
		b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
		x := hex.EncodeToString(b)
		return strings.ToUpper(x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:])
	}
	name := html.EscapeString(ca.Subject.CommonName)
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>PayloadType</key><string>Configuration</string>
	<key>PayloadVersion</key><integer>1</integer>
	<key>PayloadIdentifier</key><string>earshot.trust.%[1]s</string>
	<key>PayloadUUID</key><string>%[1]s</string>
	<key>PayloadDisplayName</key><string>%[3]s</string>
	<key>PayloadContent</key>
	<array>
		<dict>
			<key>PayloadType</key><string>com.apple.security.root</string>
			<key>PayloadVersion</key><integer>1</integer>
			<key>PayloadIdentifier</key><string>earshot.trust.%[1]s.ca</string>
			<key>PayloadUUID</key><string>%[2]s</string>
			<key>PayloadDisplayName</key><string>%[3]s</string>
			<key>PayloadContent</key><data>%[4]s</data>
		</dict>
	</array>
</dict>
</plist>
`, id(sum[:]), id(sum[16:]), name, base64.StdEncoding.EncodeToString(ca.Raw))
}
