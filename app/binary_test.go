package app_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"earshot/app/api/wire"
)

// executable builds the real program once for all tests that need it.
var executable = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "earshot-test")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "earshot")
	if out, err := exec.Command("go", "build", "-o", path, "earshot").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	people.drop()
	if path, err := binaryBuilt(); err == nil && path != "" {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// built tells TestMain whether there is something to remove.
var built atomic.Bool

func binaryBuilt() (string, error) {
	if !built.Load() {
		return "", nil
	}
	return executable()
}

// program is the real Earshot in a process of its own.
type program struct {
	t     *testing.T
	cmd   *exec.Cmd
	url   string
	setup string // token of the set-up link
	out   *safeBuffer
}

// start runs the program and waits until it has greeted.
func start(t *testing.T, dir string, args ...string) *program {
	t.Helper()
	p, err := try(t, dir, args...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func try(t *testing.T, dir string, args ...string) (*program, error) {
	t.Helper()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	return run(t, exec.Command(path, append([]string{"serve", "-data", dir, "-listen", "127.0.0.1:0"}, args...)...))
}

// run starts a command that becomes the program.
func run(t *testing.T, cmd *exec.Cmd) (*program, error) {
	t.Helper()
	p := &program{t: t, cmd: cmd, out: &safeBuffer{}}
	p.cmd.Dir = t.TempDir()
	p.cmd.Stderr = p.out
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	t.Cleanup(func() { p.cmd.Process.Kill(); p.cmd.Wait() })
	lines := bufio.NewScanner(stdout)
	address := regexp.MustCompile(`on this machine +(https?://\S+)`)
	link := regexp.MustCompile(`/setup#(\S+)`)
	greeting := time.AfterFunc(20*time.Second, func() { p.cmd.Process.Kill() })
	defer greeting.Stop()
	for lines.Scan() {
		fmt.Fprintln(p.out, lines.Text())
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			p.url = m[1]
		}
		if m := link.FindStringSubmatch(lines.Text()); m != nil {
			p.setup = m[1]
		}
		if strings.HasPrefix(lines.Text(), "Press Ctrl+C") {
			go io.Copy(p.out, stdout)
			return p, nil
		}
	}
	p.cmd.Wait()
	return nil, fmt.Errorf("the program ended without a greeting: %s", p.out)
}

// person gives somebody who speaks with the program.
func (p *program) person(name, token string) *person {
	v := (&house{t: p.t, url: p.url}).visitor()
	v.name, v.token = name, token
	return v
}

func (p *program) keeper() *person {
	p.t.Helper()
	k := p.person("keeper", "")
	k.become(k.post("/api/setup", wire.Setup{
		Token: p.setup, Email: "keeper@home.example", Password: password, Name: "Keeper", SignUp: "open", Visitors: true,
	}), 201)
	return k
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	path, err := executable()
	if err != nil {
		t.Fatal(err)
	}
	built.Store(true)
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.toml")
	os.WriteFile(bad, []byte("listen = \":0\"\nlisten_on = \":1\"\n"), 0o600)
	file := filepath.Join(dir, "file")
	os.WriteFile(file, nil, 0o600)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	running := start(t, filepath.Join(dir, "data"))
	_ = running
	for _, c := range []struct {
		name string
		args []string
		env  string
		exit int
		want []string // in what it prints
	}{
		{"version", []string{"version"}, "", 0, []string{"earshot "}},
		{"help", []string{"help"}, "", 0, []string{"Usage:", "-data", "-listen", "-config", "-dev", "reindex"}},
		{"help as a flag", []string{"-h"}, "", 0, []string{"Usage:"}},
		{"an unknown command", []string{"dance"}, "", 1, []string{`no command "dance"`}},
		{"an unknown flag", []string{"-dance"}, "", 1, []string{"-dance", "earshot help"}},
		{"a word too much", []string{"serve", "now"}, "", 1, []string{`"now" is not understood`}},
		{"an unknown setting", []string{"-config", bad}, "", 1, []string{"bad.toml", "listen_on"}},
		{"no such file of settings", []string{"-config", filepath.Join(dir, "none.toml")}, "", 1, []string{"none.toml"}},
		{"an unknown variable", nil, "EARSHOT_LISTN=:1", 1, []string{"EARSHOT_LISTN"}},
		{"a bad address", []string{"-listen", "nowhere"}, "", 1, []string{"-listen", "nowhere"}},
		{"a taken port", []string{"-data", filepath.Join(dir, "x"), "-listen", taken.Addr().String()}, "", 1, []string{"already listens on " + taken.Addr().String()}},
		{"a data folder that is a file", []string{"-data", file, "-listen", "127.0.0.1:0"}, "", 1, []string{"data folder", file}},
		{"a folder that can't be made", []string{"-data", "/proc/earshot/data", "-listen", "127.0.0.1:0"}, "", 1, []string{"data folder"}},
		{"an index of nothing", []string{"reindex", "-data", filepath.Join(dir, "y")}, "", 1, []string{"there is no Earshot in", filepath.Join(dir, "y")}},
		{"a second start on the same data", []string{"-data", filepath.Join(dir, "data"), "-listen", "127.0.0.1:0"}, "", 1, []string{"another Earshot is using the data"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, path, c.args...)
			cmd.Dir = t.TempDir()
			cmd.Env = append(os.Environ(), c.env)
			began := time.Now()
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != c.exit {
				t.Errorf("got exit status %d (%v), want %d; output: %s", code, err, c.exit, out)
			}
			for _, want := range c.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("got %q, want %q in it", out, want)
				}
			}
			if c.exit != 0 && (bytes.Count(out, []byte("\n")) > 2 || bytes.Contains(out, []byte("goroutine"))) {
				t.Errorf("got more than a sentence: %s", out)
			}
			if d := time.Since(began); d > 8*time.Second {
				t.Errorf("it took %v", d)
			}
		})
	}
}

// TestTerminateUnderLoad ends the program by SIGTERM while people listen
// slowly and send files (SAFETY F14).
func TestTerminateUnderLoad(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	k := p.keeper()
	track := k.upload("long.mp3", bytes.Repeat(tone(2000), 4), "public")
	var wg sync.WaitGroup
	for range 50 { // listeners who take a little at a time
		wg.Go(func() {
			c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
			if err != nil {
				return
			}
			defer c.Close()
			fmt.Fprintf(c, "GET /api/tracks/%s/stream.mp4 HTTP/1.1\r\nHost: x\r\n\r\n", track.ID)
			b := make([]byte, 2000)
			for {
				if _, err := c.Read(b); err != nil {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
		})
	}
	for range 5 { // uploads that never end
		wg.Go(func() {
			r, w := io.Pipe()
			go func() {
				for {
					if _, err := w.Write(tone(10)); err != nil {
						return
					}
					time.Sleep(50 * time.Millisecond)
				}
			}()
			req, _ := http.NewRequest("POST", p.url+"/api/tracks?name=x.mp3", r)
			req.Header.Set("Authorization", "Bearer "+k.token)
			if res, err := http.DefaultClient.Do(req); err == nil {
				res.Body.Close()
			}
			r.Close()
		})
	}
	wg.Go(func() { // and an open page
		req, _ := http.NewRequest("GET", p.url+"/api/events", nil)
		req.Header.Set("Authorization", "Bearer "+k.token)
		if res, err := http.DefaultClient.Do(req); err == nil {
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	})
	time.Sleep(400 * time.Millisecond)
	began := time.Now()
	p.cmd.Process.Signal(syscall.SIGTERM)
	err := p.cmd.Wait()
	if took := time.Since(began); err != nil || took > 5*time.Second {
		t.Errorf("the end took %v and gave %v; log:\n%s", took, err, p.out)
	}
	if s := p.out.String(); strings.Contains(s, "panic") {
		t.Errorf("a panic at the end:\n%s", s)
	}
	wg.Wait()
}
