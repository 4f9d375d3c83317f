package app_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"earshot/app/config"
)

// What systemd wants to hear is said: that the house is open, that it lives, and
// that it closes. "earshot health" finds it.
func TestServiceManagerIsTold(t *testing.T) {
	t.Parallel()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	dir, err := os.MkdirTemp("", "notify") // a short name, as sockets want it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "n"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	hear := func() string {
		t.Helper()
		b := make([]byte, 100)
		socket.SetReadDeadline(time.Now().Add(20 * time.Second))
		n, err := socket.Read(b)
		if err != nil {
			t.Fatalf("nothing is said: %v", err)
		}
		return string(b[:n])
	}
	cmd := exec.Command(path, "-data", filepath.Join(dir, "data"), "-listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+filepath.Join(dir, "n"), "WATCHDOG_USEC=200000")
	p, err := run(t, cmd)
	if err != nil {
		t.Fatal(err)
	}
	said := []string{hear(), hear(), hear()}
	if !slices.Contains(said, "READY=1") || said[2] != "WATCHDOG=1" {
		t.Errorf("it said %q", said)
	}
	at := strings.TrimPrefix(p.url, "http://")
	if out, err := exec.Command(path, "health", "-listen", at).CombinedOutput(); err != nil || string(out) != "ok\n" {
		t.Errorf("health: %v, %q", err, out)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	word := hear()
	for ; word == "WATCHDOG=1"; word = hear() {
	}
	if word != "STOPPING=1" {
		t.Errorf("at the end it said %q", word)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	out, err := exec.Command(path, "health", "-listen", at).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "no Earshot answers at "+at) || strings.Count(string(out), "\n") != 1 {
		t.Errorf("health of a house that is closed: %v, %q", err, out)
	}
}

// Ready says in one word what is wrong, and is right again by itself.
func TestReady(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.keeper()
	v := h.visitor()
	ask := func(status int, word string) {
		t.Helper()
		if a := v.get("/readyz"); a.status != status || string(a.body) != word+"\n" {
			t.Errorf("got %d %q, want %d %q", a.status, a.body, status, word)
		}
		v.get("/healthz").want(200)
	}
	ask(200, "ok")
	media := filepath.Join(h.dir, "media")
	if os.Getuid() != 0 {
		if err := os.Chmod(media, 0o500); err != nil {
			t.Fatal(err)
		}
		ask(503, "read-only")
		if err := os.Chmod(media, 0o700); err != nil {
			t.Fatal(err)
		}
		ask(200, "ok")
	}
	if err := os.Rename(filepath.Join(media, "tracks"), filepath.Join(h.dir, "away")); err != nil {
		t.Fatal(err)
	}
	ask(503, "media")
	if err := os.Rename(filepath.Join(h.dir, "away"), filepath.Join(media, "tracks")); err != nil {
		t.Fatal(err)
	}
	ask(200, "ok")
	if v.post("/readyz", nil).status == 200 {
		t.Error("a POST is answered like a GET")
	}
}

// These stay plain where the house serves https: who asks is on the machine.
func TestReadyBehindHTTPS(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *config.Config) { c.TLS = "local"; c.Metrics.Show = "open" })
	h.visitor().get("/readyz").want(200)
	h.visitor().get("/healthz").want(200)
	h.visitor().get("/metrics").want(308)
}
