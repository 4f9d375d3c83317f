package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// How long certificates hold. Apple's phones refuse those of private
// authorities that hold longer than 825 days, and public ones above 398.
const (
	day        = 24 * time.Hour
	caYears    = 10
	leafFor    = 396 * day
	renewAhead = 30 * day
	backdated  = day // for phones whose clock is slow
)

// The clock of a small board may stand in 1970 until the network has told it
// the time. No certificate is made for a time before this program was written.
var (
	written = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	caFrom  = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
)

// mostAddresses bounds the addresses in a certificate.
const mostAddresses = 64

// lookAgain is how long the machine's names are believed before a stranger's
// handshake may have them looked up anew.
const lookAgain = 5 * time.Second

// homeNames are the endings of names that only a home or office network gives
// (RFC 6761, 6762, 8375, and what routers use). The house's authority can't
// speak for any other name but the machine's own and the public one of its
// making: a stolen key of it makes no bank. Addresses are free, since they
// change.
var homeNames = []string{"localhost", "local", "lan", "home", "internal", "home.arpa", "localdomain"}

// local is the authority of this house and the certificate it made.
type local struct {
	dir    string
	public string
	found  func() string
	log    *slog.Logger
	now    func() time.Time

	ca  *x509.Certificate
	key *ecdsa.PrivateKey

	mu      sync.Mutex
	leaf    *tls.Certificate
	met     []netip.Addr // addresses of this machine on which people came
	looked  time.Time    // when the machine's names were looked up, by the monotonic clock
	present []string     // what was found then
}

func openLocal(o Options) (*local, error) {
	l := &local{dir: o.Dir, public: strings.ToLower(o.Public), found: o.Found, log: o.Log, now: o.Now}
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder %s can't be made: %w", l.dir, plain(err))
	}
	if err := l.openAuthority(); err != nil {
		return nil, err
	}
	if l.public != "" && !l.allowed(l.public) {
		l.log.Warn("the authority of this house was made for other names and can't speak for public_url; "+
			"delete ca.pem and ca-key.pem to have a new one made, which every phone must be told to trust", "host", l.public, "folder", l.dir)
	}
	if !l.clock().Before(l.ca.NotAfter.Add(-365 * day)) {
		l.log.Warn("the authority of this house ends; delete ca.pem and ca-key.pem to have a new one made, which every phone must be told to trust",
			"ends", l.ca.NotAfter, "folder", l.dir)
	}
	l.leaf = l.readLeaf()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l, l.renew()
}

// clock gives the time, and written while the machine does not know it.
func (l *local) clock() time.Time {
	if now := l.now(); now.After(written) {
		return now
	}
	return written
}

func (l *local) path(name string) string { return filepath.Join(l.dir, name) }

// openAuthority reads the authority, or makes it. Once made it is never
// replaced: people have told their phones to trust it.
func (l *local) openAuthority() error {
	certPath, keyPath := l.path("ca.pem"), l.path("ca-key.pem")
	cert, err1 := os.ReadFile(certPath)
	key, err2 := os.ReadFile(keyPath)
	switch {
	case errors.Is(err1, fs.ErrNotExist): // a key alone is what a crash left
		return l.makeAuthority()
	case err1 != nil:
		return fmt.Errorf("the authority's certificate %s can't be read: %w", certPath, plain(err1))
	case errors.Is(err2, fs.ErrNotExist):
		return fmt.Errorf("the authority's key %s is gone; put it back, or delete ca.pem beside it to have a new authority made, which every phone must be told to trust", keyPath)
	case err2 != nil:
		return fmt.Errorf("the authority's key %s can't be read: %w", keyPath, plain(err2))
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return fmt.Errorf("the authority's files %s and ca-key.pem can't be used: %w", certPath, err)
	}
	own, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || !pair.Leaf.IsCA {
		return fmt.Errorf("%s is not an authority that Earshot made", certPath)
	}
	l.ca, l.key = pair.Leaf, own
	return nil
}

func (l *local) makeAuthority() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	host := hostname()
	name := l.public
	if name == "" {
		name = host
	}
	if name == "" {
		name = "this house"
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "Earshot of " + name, Organization: []string{"Earshot"}},
		NotBefore:             caFrom,
		NotAfter:              l.clock().AddDate(caYears, 0, 0).UTC(),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,

		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         slices.Clone(homeNames),
	}
	for _, more := range []string{host, l.public} {
		if _, ok := addressOf(more); !ok && validName(more) && !slices.Contains(template.PermittedDNSDomains, more) {
			template.PermittedDNSDomains = append(template.PermittedDNSDomains, more)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	if l.ca, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	l.key = key
	keyPEM, err := keyToPEM(key)
	if err != nil {
		return err
	}
	// The certificate comes last: with it the authority is made.
	for _, f := range []struct {
		name string
		text []byte
	}{{"ca-key.pem", keyPEM}, {"ca.pem", toPEM("CERTIFICATE", der)}} {
		if err := keep(l.path(f.name), f.text); err != nil {
			return fmt.Errorf("the authority of this house can't be kept in %s: %w", l.dir, plain(err))
		}
	}
	l.log.Info("an authority for this house was made", "folder", l.dir, "sha256", Fingerprint(der))
	return nil
}

// readLeaf gives the certificate that was kept; nil when it is of no use.
func (l *local) readLeaf() *tls.Certificate {
	b, err := os.ReadFile(l.path("leaf.pem"))
	if err != nil {
		return nil
	}
	pair, err := tls.X509KeyPair(b, b)
	if err != nil || pair.Leaf.CheckSignatureFrom(l.ca) != nil {
		return nil
	}
	return &pair
}

// renew makes the certificate anew where it must be: when it ends, when it is
// of another time, and when it lacks a name. Whoever calls it holds mu.
func (l *local) renew() error {
	l.look()
	if l.leaf != nil && l.covers(l.present) && l.timely() {
		return nil
	}
	leaf, text, err := l.make(l.present)
	if err != nil {
		return fmt.Errorf("a certificate for this house can't be made: %w", err)
	}
	l.leaf = leaf
	if err := keep(l.path("leaf.pem"), text); err != nil { // it is made again at the next start
		l.log.Warn("the certificate of this house can't be kept", "folder", l.dir, "error", plain(err))
	}
	l.log.Info("a certificate for this house was made", "for", strings.Join(namesOf(leaf.Leaf), " "), "ends", leaf.Leaf.NotAfter)
	return nil
}

// timely tells whether the certificate is of the present. While the machine
// does not know the time, the one that there is stays: phones do know it.
func (l *local) timely() bool {
	now := l.now()
	return now.Before(written) || !now.Before(l.leaf.Leaf.NotBefore) && now.Before(l.leaf.Leaf.NotAfter.Add(-renewAhead))
}

func (l *local) covers(hosts []string) bool {
	return !slices.ContainsFunc(hosts, func(h string) bool { return !l.has(h) })
}

// has tells whether the certificate is for a host.
func (l *local) has(host string) bool { return l.leaf.Leaf.VerifyHostname(host) == nil }

// make makes a certificate for hosts. The text is what is kept of it.
func (l *local) make(hosts []string) (*tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	from := l.clock().Add(-backdated).UTC().Truncate(time.Second)
	template := &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{"Earshot"}},
		NotBefore:             from,
		NotAfter:              from.Add(leafFor),
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, h := range hosts {
		if a, ok := addressOf(h); ok {
			template.IPAddresses = append(template.IPAddresses, a.AsSlice())
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, l.ca, key.Public(), l.key)
	if err != nil {
		return nil, nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, err
	}
	keyPEM, err := keyToPEM(key)
	if err != nil {
		return nil, nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, append(toPEM("CERTIFICATE", der), keyPEM...), nil
}

// look finds under which names and addresses this machine is reached now, the
// best first.
func (l *local) look() {
	l.looked = time.Now()
	var list []string
	add := func(host string) {
		if host != "" && !slices.Contains(list, host) && l.allowed(host) && len(list) < mostAddresses {
			list = append(list, host)
		}
	}
	add(l.public)
	host := hostname()
	if host != "" && host != "localhost" {
		short, _, _ := strings.Cut(host, ".")
		if host == short || !strings.HasSuffix(host, ".local") {
			add(short + ".local")
		}
		add(host)
	}
	add(l.found())
	add("localhost")
	add("127.0.0.1")
	add("::1")
	for _, a := range l.met {
		add(a.String())
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		l.log.Warn("the addresses of this machine can't be found", "error", plain(err))
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLinkLocalUnicast() {
			if ip, ok := netip.AddrFromSlice(n.IP); ok {
				add(ip.Unmap().String())
			}
		}
	}
	l.present = list
}

// allowed tells whether the authority can speak for a host.
func (l *local) allowed(host string) bool {
	if _, ok := addressOf(host); ok {
		return true
	}
	return validName(host) && slices.ContainsFunc(l.ca.PermittedDNSDomains, func(d string) bool {
		return host == d || strings.HasSuffix(host, "."+d)
	})
}

// certificate gives the certificate. When somebody came by an address or a
// name that it lacks, and this machine really has it, it is made anew first.
func (l *local) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	stale := !l.timely()
	if hello.Conn != nil {
		if tcp, ok := hello.Conn.LocalAddr().(*net.TCPAddr); ok {
			at := tcp.AddrPort().Addr().Unmap().WithZone("")
			if !l.has(at.String()) {
				l.met = slices.DeleteFunc(l.met, func(a netip.Addr) bool { return a == at })
				l.met = append([]netip.Addr{at}, l.met[:min(len(l.met), mostAddresses/4)]...)
				stale = true
			}
		}
	}
	if hello.ServerName != "" && !l.has(hello.ServerName) && time.Since(l.looked) > lookAgain {
		stale = true
	}
	if stale {
		if err := l.renew(); err != nil {
			l.log.Error("the certificate of this house can't be renewed", "error", err)
		}
	}
	return l.leaf, nil
}

func (l *local) serves(host string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a, ok := addressOf(host); ok {
		host = a.String()
	}
	return l.has(host)
}

func (l *local) names() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.present)
}

// hostname is this machine's name in small letters, "" when it has none that
// can stand in a certificate.
func hostname() string {
	h, err := os.Hostname()
	h = strings.TrimSuffix(strings.ToLower(h), ".")
	if err != nil || !validName(h) {
		return ""
	}
	return h
}

// validName tells whether a text can be the name of a host.
func validName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || len(part) > 63 || strings.Trim(part, "-") != part || strings.ContainsFunc(part, func(c rune) bool {
			return c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z')
		}) {
			return false
		}
	}
	return true
}

func toPEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func keyToPEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return toPEM("PRIVATE KEY", der), err
}

// keep writes a file that only its owner reads, whole or not at all.
func keep(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
