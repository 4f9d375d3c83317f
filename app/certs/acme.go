package certs

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// alpn is the protocol by which authorities ask over https (RFC 8737).
const alpn = acme.ALPNProto

// fromAuthority is a certificate from an authority on the internet.
type fromAuthority struct {
	domains []string
	manager *autocert.Manager
	log     *slog.Logger

	mu    sync.Mutex
	ready []string // the domains whose certificate is there
}

func openAcme(o Options) (*fromAuthority, error) {
	if len(o.Domains) == 0 {
		return nil, errors.New(`tls = "acme" needs domains below [acme]: the names under which the internet reaches this house`)
	}
	dir := filepath.Join(o.Dir, "acme")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder %s can't be made: %w", dir, plain(err))
	}
	directory := o.Directory
	if directory == "" {
		directory = acme.LetsEncryptURL
	}
	return &fromAuthority{
		domains: o.Domains, log: o.Log,
		manager: &autocert.Manager{
			Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(dir), HostPolicy: autocert.HostWhitelist(o.Domains...),
			Client: &acme.Client{DirectoryURL: directory, UserAgent: "earshot"}, Email: o.Email,
		},
	}, nil
}

// run asks for the certificates before the first visitor has to wait for
// them. A refusal is asked about again, ever more seldom: authorities count.
// Renewing is the manager's.
func (a *fromAuthority) run(ctx context.Context) {
	const first, most = time.Minute, 6 * time.Hour
	missing := slices.Clone(a.domains)
	for pause := first; ; pause = min(2*pause, most) {
		missing = slices.DeleteFunc(missing, func(domain string) bool {
			if ctx.Err() != nil {
				return false
			}
			c, err := a.wait(ctx, domain)
			switch {
			case err != nil && ctx.Err() != nil:
				return false
			case err != nil:
				a.log.Error("there is no certificate yet; the authority must reach this house by the domain, on port 80 or 443",
					"domain", domain, "error", err, "again_in", pause.String())
				return false
			}
			a.mu.Lock()
			a.ready = append(a.ready, domain)
			a.mu.Unlock()
			a.log.Info("the certificate is there", "domain", domain, "ends", c.Leaf.NotAfter.UTC())
			return true
		})
		if len(missing) == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// wait is obtain for those who may have to leave before it ends: the manager
// itself does not stop for minutes.
func (a *fromAuthority) wait(ctx context.Context, domain string) (*tls.Certificate, error) {
	var c *tls.Certificate
	done := make(chan error, 1)
	go func() {
		var err error
		c, err = a.obtain(domain)
		done <- err
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case err := <-done:
		return c, err
	}
}

// obtain gets a certificate of the kind that today's browsers ask for.
func (a *fromAuthority) obtain(domain string) (*tls.Certificate, error) {
	return a.manager.GetCertificate(&tls.ClientHelloInfo{
		ServerName:       domain,
		SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
		SupportedCurves:  []tls.CurveID{tls.CurveP256},
		CipherSuites:     []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
	})
}

// certificate gives the one of the name that is asked for, and of the first
// domain for any other name and for addresses, since a browser's warning says
// more than a broken line. No handshake makes the house ask the authority:
// those of strangers would use up what it allows.
func (a *fromAuthority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if slices.Equal(hello.SupportedProtos, []string{alpn}) { // the authority itself
		return a.manager.GetCertificate(hello)
	}
	domain := a.domains[0]
	if a.serves(hello.ServerName) {
		domain = strings.TrimSuffix(strings.ToLower(hello.ServerName), ".")
	}
	a.mu.Lock()
	ready := slices.Contains(a.ready, domain)
	a.mu.Unlock()
	if !ready {
		return nil, fmt.Errorf("there is no certificate for %s yet", domain)
	}
	return a.obtain(domain)
}

func (a *fromAuthority) serves(host string) bool {
	return slices.Contains(a.domains, strings.TrimSuffix(strings.ToLower(host), "."))
}

func (a *fromAuthority) names() []string { return a.domains }
