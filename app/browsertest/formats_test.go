package browsertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// A format is a kind of file other than MP3, and how one is made of a WAV.
type format struct {
	codec, name, ext string
	says             string // in the details
	tool             string
	args             []string // %i and %o stand for the files
	rate             int      // of what is encoded
}

var formats = []format{
	{codec: "wav", name: "WAV", ext: "wav", says: "WAV, 16-bit", rate: 44100},
	{codec: "flac", name: "FLAC", ext: "flac", says: "FLAC, 16-bit", tool: "flac", args: []string{"--silent", "-o", "%o", "%i"}, rate: 44100},
	{codec: "vorbis", name: "Ogg Vorbis", ext: "ogg", says: "Ogg Vorbis", tool: "oggenc", args: []string{"-Q", "-q", "4", "-o", "%o", "%i"}, rate: 44100},
	{codec: "opus", name: "Opus", ext: "opus", says: "Opus", tool: "opusenc", args: []string{"--quiet", "--bitrate", "96", "%i", "%o"}, rate: 48000},
	{codec: "aac", name: "AAC", ext: "m4a", says: "AAC", tool: "ffmpeg", args: []string{"-v", "error", "-y", "-i", "%i", "-c:a", "aac", "-b:a", "128k", "%o"}, rate: 44100},
}

// encode makes a file of a clock.
func (f format) encode(t testing.TB, c *clock) []byte {
	t.Helper()
	if f.tool == "" {
		return c.wav()
	}
	tool := need(t, "", f.tool)
	in, out := filepath.Join(t.TempDir(), "clock.wav"), filepath.Join(t.TempDir(), "clock."+f.ext)
	if err := os.WriteFile(in, c.wav(), 0o600); err != nil {
		t.Fatal(err)
	}
	args := make([]string, len(f.args))
	for i, a := range f.args {
		args[i] = map[string]string{"%i": in, "%o": out}[a]
		if args[i] == "" {
			args[i] = a
		}
	}
	if msg, err := exec.Command(tool, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v: %s", f.tool, args, err, msg)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestExactSeekInOtherFormats is TestExactSeek for the files that browsers play
// as they are: what is heard after a seek is what stands there in the recording.
func TestExactSeekInOtherFormats(t *testing.T) {
	tab := newTab(t, 4*time.Minute)
	clocks := map[int]*clock{44100: newClock(44100, clockLong, 7), 48000: newClock(48000, clockLong, 8)}
	encoded := make([][]byte, len(formats))
	var wg sync.WaitGroup
	for i, f := range formats {
		need(t, "", append([]string{}, orElse(f.tool, "chromium"))...)
		wg.Go(func() { encoded[i] = f.encode(t, clocks[f.rate]) })
	}
	wg.Wait()

	h := newHouse(t)
	r := newRig(t, tab, h.url+"/healthz")
	r.calibrate(clocks[44100], serveFile(t, "audio/wav", clocks[44100].wav()))
	for i, f := range formats {
		address := serveFile(t, map[string]string{"wav": "audio/wav", "flac": "audio/flac", "vorbis": "audio/ogg", "opus": "audio/ogg", "aac": "audio/mp4"}[f.codec], encoded[i])
		m := r.measure(clocks[f.rate], r.seeking(f.rate, address))
		median, worst := spread(m.errors)
		t.Logf("%-12s  median %6.2f ms, worst %6.2f ms, silent for %4.1f ms, %d request(s) a seek at most", f.name, median, worst, m.mute, m.requests)
		if worst > 28 || median > 5 {
			t.Errorf("%s: median error %.2f ms and worst %.2f, want at most 5 and 28", f.name, median, worst)
		}
	}
}

func orElse(s, or string) string {
	if s == "" {
		return or
	}
	return s
}
