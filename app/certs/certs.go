// Package certs holds the certificate with which the house speaks https: from
// files, from an authority on the internet (ACME, RFC 8555), or from an
// authority that Earshot makes for the house alone.
//
// Its errors are sentences for whoever starts the house.
package certs

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// Options are what the certificate comes from.
type Options struct {
	From string // "files", "acme" or "local"
	Dir  string // where "acme" and "local" keep theirs; made when it is not there

	Cert, Key string // "files": names of files in PEM

	Domains   []string // "acme": the names, at least one
	Email     string
	Directory string // "" for Let's Encrypt

	Public string // "local": a further name or address under which people come; may be empty

	// Found gives the name by which the home network finds this machine, "" for
	// none; "local", and may be nil.
	Found func() string

	Log *slog.Logger
	Now func() time.Time // nil for time.Now
}

// Certs gives the certificate. It is safe for concurrent use.
type Certs struct {
	source
	protocols []string
}

// source is where a certificate comes from.
type source interface {
	// certificate gives the one for a handshake.
	certificate(*tls.ClientHelloInfo) (*tls.Certificate, error)
	// serves tells whether browsers take the certificate for a host, which is
	// a name or an address without port and brackets.
	serves(host string) bool
	// names gives the names it is for, the best first.
	names() []string
}

// Open prepares the certificate.
func Open(o Options) (*Certs, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Found == nil {
		o.Found = func() string { return "" }
	}
	c := &Certs{protocols: []string{"h2", "http/1.1"}}
	var err error
	switch o.From {
	case "files":
		c.source, err = openFiles(o)
	case "acme":
		c.source, err = openAcme(o)
		c.protocols = append(c.protocols, alpn)
	case "local":
		c.source, err = openLocal(o)
	default:
		err = fmt.Errorf("there is no certificate from %q", o.From)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Config is for a server: TLS 1.2 at least, HTTP/2.
func (c *Certs) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.certificate, NextProtos: c.protocols}
}

// Serves tells whether browsers take the certificate for a host, a name or an
// address without port and brackets.
func (c *Certs) Serves(host string) bool { return c.serves(host) }

// Names gives the names and addresses that the certificate is for, the one to
// send people to first.
func (c *Certs) Names() []string { return c.names() }

// Authority gives the certificate of the house's own authority in DER; nil
// when there is none.
func (c *Certs) Authority() []byte {
	if l, ok := c.source.(*local); ok {
		return l.ca.Raw
	}
	return nil
}

// Challenges answers what an authority on the internet asks by plain http
// below /.well-known/acme-challenge/ (RFC 8555 section 8.3); nil when there is
// none.
func (c *Certs) Challenges() http.Handler {
	a, ok := c.source.(*fromAuthority)
	if !ok {
		return nil
	}
	answer := a.manager.HTTPHandler(http.NotFoundHandler())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host, _, err := net.SplitHostPort(r.Host); err == nil { // the manager takes the bare name alone
			r = r.Clone(r.Context())
			r.Host = host
		}
		answer.ServeHTTP(w, r)
	})
}

// Run gets from an authority on the internet what is missing, until the
// context ends. For other certificates it returns at once.
func (c *Certs) Run(ctx context.Context) {
	if a, ok := c.source.(*fromAuthority); ok {
		a.run(ctx)
	}
}

// Fingerprint writes the SHA-256 of a certificate as people compare it.
func Fingerprint(der []byte) string {
	var parts []string
	for _, b := range sha256.Sum256(der) {
		parts = append(parts, fmt.Sprintf("%02X", b))
	}
	return strings.Join(parts, ":")
}

// addressOf reads a host as an address; IPv4 in IPv6 is IPv4, zones are cut off.
func addressOf(host string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return a.Unmap().WithZone(""), err == nil
}

// plain takes the name of the call off an error of the operating system.
func plain(err error) error {
	var no syscall.Errno
	if errors.As(err, &no) {
		return errors.New(no.Error())
	}
	return err
}
