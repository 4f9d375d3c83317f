package layer3

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"earshot/media/mediatest"
	"earshot/media/mp3/mp3test"
)

// Decoding and measuring give the same bits on the processors of small boards.
// The files are built in code, and hold all that Layer III has.
func TestSameOnOtherProcessors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []string
	for i, c := range []craft{
		{Format: mp3test.Format{SampleRate: 44100, Bitrate: 320, Mode: mp3test.Joint}, block: -1, mixed: true, ms: true, intensity: true},
		{Format: mp3test.Format{SampleRate: 48000, Bitrate: 256, Mode: mp3test.Stereo}},
		{Format: mp3test.Format{SampleRate: 24000, Bitrate: 144, Mode: mp3test.Joint}, block: -1, mixed: true, ms: true, intensity: true},
		{Format: mp3test.Format{SampleRate: 8000, Bitrate: 64, Mode: mp3test.Mono}, block: -1},
	} {
		c.random = rand.New(rand.NewPCG(uint64(i), 17))
		name := filepath.Join(dir, fmt.Sprintf("%d.mp3", i))
		if err := os.WriteFile(name, c.file(80), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	// sums decodes and measures all files with a program.
	sums := func(t *testing.T, program ...string) string {
		t.Helper()
		var all strings.Builder
		for _, way := range []string{"-hash", "-hash -quick"} {
			args := append(program[1:len(program):len(program)], strings.Fields(way)...)
			out, err := exec.Command(program[0], append(args, files...)...).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			all.Write(out)
		}
		return all.String()
	}
	build := func(t *testing.T, name string, environment ...string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		cmd := exec.Command("go", "build", "-trimpath", "-o", path, "./testdata/decode")
		cmd.Env = append(os.Environ(), append(environment, "CGO_ENABLED=0")...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v: %s", err, out)
		}
		return path
	}
	want := sums(t, build(t, "decode"))
	if n := strings.Count(want, "\n"); n != 2*len(files) {
		t.Fatalf("%d checksums: %s", n, want)
	}
	for _, tt := range []struct {
		name, emulator string
		environment    []string
	}{
		{"arm64", "qemu-aarch64", []string{"GOOS=linux", "GOARCH=arm64"}},
		{"armv7", "qemu-arm", []string{"GOOS=linux", "GOARCH=arm", "GOARM=7"}},
		{"armv6", "qemu-arm", []string{"GOOS=linux", "GOARCH=arm", "GOARM=6"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mediatest.Need(t, tt.emulator)
			if got := sums(t, tt.emulator, build(t, tt.name, tt.environment...)); got != want {
				t.Errorf("checksums\n%s, want those of this processor\n%s", got, want)
			}
		})
	}
}
