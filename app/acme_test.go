package app_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pebble is an independent authority that speaks ACME (Let's Encrypt's own,
// for tests), with a name server that sends every name to this machine.
type pebble struct {
	t          *testing.T
	dir        string
	directory  string
	management string
	ca         *x509.Certificate // of its own https
	stop       func()
}

// freePort gives a port that nobody listens on just now.
func freePort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

// newPebble starts an authority that looks for houses on two ports.
func newPebble(t *testing.T, httpPort, tlsPort int) *pebble {
	t.Helper()
	programs := os.Getenv("EARSHOT_PEBBLE")
	if programs == "" {
		t.Skip("EARSHOT_PEBBLE does not name a folder with pebble and pebble-challtestsrv; .ci/run makes one")
	}
	dir := t.TempDir()
	own := newPair(t, filepath.Join(dir, "pebble"), "localhost")
	p := &pebble{t: t, dir: dir, ca: own.is}
	names := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	at, management := freePort(t), freePort(t)
	p.directory, p.management = fmt.Sprintf("https://localhost:%d/dir", at), fmt.Sprintf("https://localhost:%d", management)
	settings, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": fmt.Sprintf("127.0.0.1:%d", at), "managementListenAddress": fmt.Sprintf("127.0.0.1:%d", management),
		"certificate": own.cert, "privateKey": own.key, "httpPort": httpPort, "tlsPort": tlsPort,
		"profiles": map[string]any{"default": map[string]any{"description": "for tests", "validityPeriod": 90 * 24 * 3600}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "pebble.json")
	if err := os.WriteFile(file, settings, 0o600); err != nil {
		t.Fatal(err)
	}
	out := &safeBuffer{}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the authority said:\n%s", out)
		}
	})
	var running []*exec.Cmd
	for _, args := range [][]string{
		{"pebble-challtestsrv", "-dnsserver", names, "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "",
			"-management", fmt.Sprintf("127.0.0.1:%d", freePort(t))},
		{"pebble", "-config", file, "-dnsserver", names},
	} {
		cmd := exec.Command(filepath.Join(programs, args[0]), args[1:]...)
		cmd.Stdout, cmd.Stderr, cmd.Dir = out, out, dir
		cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, cmd)
	}
	p.stop = func() {
		for _, cmd := range running {
			cmd.Process.Kill()
			cmd.Wait()
		}
		running = nil
	}
	t.Cleanup(p.stop)
	p.root()
	return p
}

// root gives the certificate that stands above all that the authority issues,
// as soon as it is up.
func (p *pebble) root() *x509.CertPool {
	p.t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trustful{ca: p.ca}.config(), ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	var err error
	for range 200 {
		var res *http.Response
		if res, err = client.Get(p.management + "/roots/0"); err == nil {
			b, _ := io.ReadAll(res.Body)
			res.Body.Close()
			pool := x509.NewCertPool()
			if pool.AppendCertsFromPEM(b) {
				return pool
			}
			err = fmt.Errorf("no certificate: %s", b)
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Fatalf("the authority is not up: %v", err)
	return nil
}

// TestCertificateFromAnAuthority gets a certificate from an authority on the
// network, which asks the house by https or, where that does not reach it, by
// http; keeps it, and serves it again when the authority is gone.
func TestCertificateFromAnAuthority(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"tls-alpn-01", "http-01"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			plain, https := freePort(t), freePort(t)
			reached := [2]int{plain, https}
			if way == "http-01" {
				reached[1] = freePort(t)
			} else {
				reached[0] = freePort(t)
			}
			authority := newPebble(t, reached[0], reached[1])
			path, err := executable()
			if err != nil {
				t.Fatal(err)
			}
			built.Store(true)
			dir := t.TempDir()
			begin := func() *program {
				t.Helper()
				cmd := exec.Command(path, "-data", dir, "-listen", fmt.Sprintf("127.0.0.1:%d", plain))
				cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+filepath.Join(authority.dir, "pebble.pem"), "EARSHOT_TLS=acme",
					fmt.Sprintf("EARSHOT_LISTEN_TLS=127.0.0.1:%d", https), "EARSHOT_ACME_DOMAINS=house.example,other.example",
					"EARSHOT_ACME_EMAIL=keeper@house.example", "EARSHOT_ACME_DIRECTORY="+authority.directory)
				p, err := run(t, cmd)
				if err != nil {
					t.Fatal(err)
				}
				return p
			}
			pool := authority.root()
			meet := func(name string) (*tls.Conn, error) {
				return tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", https), &tls.Config{RootCAs: pool, ServerName: name, NextProtos: []string{"h2"}})
			}
			// served waits until the certificates are there.
			served := func(p *program) {
				t.Helper()
				for _, name := range []string{"house.example", "other.example"} {
					var err error
					for range 600 {
						var conn *tls.Conn
						if conn, err = meet(name); err == nil {
							conn.Close()
							break
						}
						time.Sleep(50 * time.Millisecond)
					}
					if err != nil {
						t.Fatalf("%s: %v; %s", name, err, p.out)
					}
				}
			}
			p := begin()
			served(p)
			if !strings.Contains(p.out.String(), fmt.Sprintf("https://house.example:%d", https)) {
				t.Errorf("the greeting does not name the domain: %s", p.out)
			}
			for _, name := range []string{"evil.example", "www.house.example", ""} {
				if conn, err := meet(name); err == nil {
					conn.Close()
					t.Errorf("the house passes for %q", name)
				}
			}
			files, err := os.ReadDir(filepath.Join(dir, "tls", "acme"))
			if err != nil || len(files) < 3 {
				t.Fatalf("kept are %v, %v, want an account and two certificates", files, err)
			}
			for _, f := range files {
				if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("%s: got mode %v, %v, want 0600", f.Name(), info.Mode(), err)
				}
			}
			p.cmd.Process.Kill()
			p.cmd.Wait()
			authority.stop()
			served(begin())
		})
	}
}
