package certs

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"
)

// files is a certificate that somebody else keeps. It is looked at in every
// handshake, which costs nothing beside the handshake itself.
type files struct {
	cert, key string
	log       *slog.Logger
	now       func() time.Time

	mu   sync.Mutex
	pair *tls.Certificate
	seen [2]stamp // of the files when they were last read
}

// stamp tells one state of a file from another.
type stamp struct {
	at   time.Time
	size int64
}

func openFiles(o Options) (*files, error) {
	f := &files{cert: o.Cert, key: o.Key, log: o.Log, now: o.Now}
	if f.cert == "" || f.key == "" {
		return nil, errors.New(`tls = "files" needs cert and key below [certificate]: the names of two files in PEM`)
	}
	var err error
	f.seen = f.stamps()
	if f.pair, err = f.read(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *files) stamps() (s [2]stamp) {
	for i, name := range []string{f.cert, f.key} {
		if info, err := os.Stat(name); err == nil {
			s[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return s
}

// read reads the pair.
func (f *files) read() (*tls.Certificate, error) {
	var pem [2][]byte
	for i, name := range []string{f.cert, f.key} {
		what := []string{"certificate", "key"}[i]
		b, err := os.ReadFile(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("the %s %s is not there; see [certificate] in the settings", what, name)
		case errors.Is(err, fs.ErrPermission):
			return nil, fmt.Errorf("the %s %s may not be read by the user that Earshot runs as", what, name)
		case err != nil:
			return nil, fmt.Errorf("the %s %s can't be read: %w", what, name, plain(err))
		}
		pem[i] = b
	}
	pair, err := tls.X509KeyPair(pem[0], pem[1])
	if err != nil {
		return nil, fmt.Errorf("the certificate %s and the key %s can't be used together: %w", f.cert, f.key, err)
	}
	if now := f.now(); now.After(pair.Leaf.NotAfter) {
		f.log.Warn("the certificate has ended; browsers refuse it", "file", f.cert, "ended", pair.Leaf.NotAfter.UTC())
	}
	return &pair, nil
}

// current gives the pair as the files are now; one that can't be used leaves
// the last good one.
func (f *files) current() *tls.Certificate {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := f.stamps(); now != f.seen {
		f.seen = now
		pair, err := f.read()
		if err != nil {
			f.log.Error("the new certificate can't be used; the one before stays", "error", err)
			return f.pair
		}
		f.pair = pair
		f.log.Info("the certificate was read again", "file", f.cert, "ends", pair.Leaf.NotAfter.UTC())
	}
	return f.pair
}

func (f *files) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return f.current(), nil
}

func (f *files) serves(host string) bool {
	if a, ok := addressOf(host); ok {
		host = a.String()
	}
	return f.current().Leaf.VerifyHostname(host) == nil
}

func (f *files) names() []string { return namesOf(f.current().Leaf) }

// namesOf lists the names of a certificate, then its addresses. Wildcards name
// no host.
func namesOf(c *x509.Certificate) []string {
	var list []string
	for _, n := range c.DNSNames {
		if n != "" && n[0] != '*' {
			list = append(list, n)
		}
	}
	for _, ip := range c.IPAddresses {
		list = append(list, ip.String())
	}
	return list
}
