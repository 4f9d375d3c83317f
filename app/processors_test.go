package app_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"earshot/app/api/wire"
	"earshot/media/mediatest"
)

// The program does its work on the processors of small boards: it is built for
// them and run under qemu, from the first start to the end by SIGTERM (SAFETY
// F37). EARSHOT_BINARIES names a folder that .ci/build has filled; what it lacks
// is built. With EARSHOT_PROCESSORS=all, a PC of 32 bits is tried too.
func TestOnOtherProcessors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, emulator string
		environment    []string
		all            bool
	}{
		{"armv7", "qemu-arm", []string{"GOARCH=arm", "GOARM=7"}, false},
		{"arm64", "qemu-aarch64", []string{"GOARCH=arm64"}, false},
		{"386", "", []string{"GOARCH=386"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.all && os.Getenv("EARSHOT_PROCESSORS") != "all" {
				t.Skip("tried with EARSHOT_PROCESSORS=all")
			}
			if c.emulator != "" {
				mediatest.Need(t, c.emulator)
			}
			path := filepath.Join(os.Getenv("EARSHOT_BINARIES"), "earshot-linux-"+c.name)
			if _, err := os.Stat(path); os.Getenv("EARSHOT_BINARIES") == "" || err != nil {
				if os.Getenv("EARSHOT_BROWSER_TESTS") == "" && os.Getenv("EARSHOT_PROCESSORS") == "" {
					t.Skip("to build it takes a minute; EARSHOT_BINARIES, EARSHOT_BROWSER_TESTS or EARSHOT_PROCESSORS has it done")
				}
				path = filepath.Join(t.TempDir(), "earshot")
				build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "earshot")
				build.Env = append(os.Environ(), append(c.environment, "CGO_ENABLED=0", "GOOS=linux")...)
				if out, err := build.CombinedOutput(); err != nil {
					t.Fatalf("go build: %v\n%s", err, out)
				}
			}
			args := []string{path, "-data", t.TempDir(), "-listen", "127.0.0.1:0"}
			if c.emulator != "" {
				args = append([]string{c.emulator}, args...)
			}
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "EARSHOT_") })
			p, err := run(t, cmd)
			if err != nil {
				t.Fatal(err)
			}
			k := p.keeper()
			if body := string(k.get("/healthz").want(200).body); body != "ok\n" {
				t.Errorf("it says %q", body)
			}
			k.get("/readyz").want(200)
			file := tone(200)
			track := k.upload("haru.mp3", file, "public")
			if track = k.drawn(track.ID); track.Waveform != "ready" {
				t.Errorf("its waveform is %s", track.Waveform)
			}
			k.get("/api/tracks/" + track.ID + "/peaks.json").want(200)
			part := k.do("GET", "/api/tracks/"+track.ID+"/stream.mp3", nil, "Range", "bytes=1000-1999").want(206)
			if string(part.body) != string(file[1000:2000]) {
				t.Error("a range is not that of the file")
			}
			k.get("/api/tracks/" + track.ID + "/stream.mp4").want(200)
			k.post("/api/tracks/"+track.ID+"/comments", wire.NewComment{Text: "On a board."}).want(201)
			found := false
			for n := 0; n < 400 && !found; n++ { // the index follows within a second, or more under an emulator
				if found = strings.Contains(string(k.get("/api/search?q=haru").want(200).body), track.ID); !found {
					time.Sleep(50 * time.Millisecond)
				}
			}
			if !found {
				t.Error("it is not found by searching")
			}
			if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if err := p.cmd.Wait(); err != nil {
				t.Errorf("it ended with %v; it said\n%s", err, p.out)
			}
		})
	}
}
