package app_test

import (
	"bufio"
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"earshot/app/api/wire"
)

// tusClient runs tus-js-client, which is not of ours, and gives what it says,
// line by line, to each until that is false.
func tusClient(t *testing.T, url, token, way string, each func(line string) bool, files ...string) string {
	t.Helper()
	tools := os.Getenv("EARSHOT_CI_TOOLS")
	if tools == "" {
		tools = "/tmp/earshot-ci-tools"
	}
	folder := filepath.Join(tools, "tus")
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(folder, "node_modules/tus-js-client"))
	}
	if err != nil {
		if os.Getenv("EARSHOT_BROWSER_TESTS") == "1" {
			t.Fatalf("%v, and EARSHOT_BROWSER_TESTS=1 asks for it; .ci/run installs it", err)
		}
		t.Skipf("%v; .ci/run installs it", err)
	}
	cmd := exec.CommandContext(t.Context(), node, append([]string{"testdata/tus/tus.mjs", folder, url + "/api/uploads", token, way}, files...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	last := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if last = lines.Text(); each != nil && !each(last) {
			each = nil
		}
	}
	cmd.Wait()
	return last
}

// TestTusClient lets a client of the protocol that Earshot has no part in upload:
// files at once and side by side, with breaks, and while the program is killed.
func TestTusClient(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ln.Addr().String()
	ln.Close()
	dir := t.TempDir()
	p := start(t, dir, "-listen", address)
	k := p.keeper()
	folder := t.TempDir()
	var files []string
	contents := map[string][]byte{}
	for _, name := range []string{"하나.mp3", "two.mp3", "three three.mp3"} {
		file := filepath.Join(folder, name)
		contents[name] = append(tagged(t, name), tone(3000)...)
		if err := os.WriteFile(file, contents[name], 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	tracks := 0
	whole := func(way string, want int) {
		t.Helper()
		var list wire.List[wire.Track]
		k.get("/api/me/tracks?limit=100").want(200).into(&list)
		if tracks += want; len(list.Items) != tracks {
			t.Fatalf("%s: there are %d tracks, %d were sent", way, len(list.Items), tracks)
		}
		for _, tr := range list.Items[:want] {
			if got := k.get("/api/tracks/" + tr.ID + "/stream").want(200).body; !bytes.Equal(got, contents[tr.Title]) || tr.Visibility != "public" {
				t.Errorf("%s: %q is not what was sent", way, tr.Title)
			}
		}
	}
	for _, way := range []string{"plain", "pieces", "abort"} {
		if last := tusClient(t, p.url, k.token, way, nil, files...); last != "all" {
			t.Fatalf("%s: %s", way, last)
		}
		whole(way, len(files))
	}
	kills := 0
	last := tusClient(t, p.url, k.token, "slow", func(line string) bool {
		if !strings.HasPrefix(line, "came") {
			return true
		}
		p.cmd.Process.Signal(syscall.SIGKILL)
		p.cmd.Wait()
		p = start(t, dir, "-listen", address)
		kills++
		return kills < 3
	}, files[0])
	if last != "all" || kills < 3 {
		t.Fatalf("killed %d times: %s", kills, last)
	}
	whole("slow", 1)
	nothing := filepath.Join(folder, "letter.mp3")
	if err := os.WriteFile(nothing, []byte("no sound at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if last := tusClient(t, p.url, k.token, "pieces", nil, nothing); !strings.Contains(last, "upload.not_audio") {
		t.Errorf("what is no sound: %s", last)
	}
}
