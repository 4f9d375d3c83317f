package peaks

import (
	"bytes"
	"encoding/binary"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "make testdata/sections.mp3 anew (needs lame)")

// section is a stretch of the test sound.
type section struct {
	seconds float64
	level   float64 // 0 to 1
}

var sections = []section{{1, 0.6}, {0.6, 0}, {0.8, 0.15}, {0.5, 0.6}, {0.4, 0.05}, {0.7, 0.3}}

// sound makes a chord with some noise whose level goes by the sections: 16-bit
// stereo, the right channel a third softer. It is the same each time.
func sound(rate int) (samples []int16) {
	random := rand.New(rand.NewPCG(11, 22))
	for _, s := range sections {
		for range int(s.seconds * float64(rate)) {
			at := float64(len(samples)/2) / float64(rate)
			var v float64
			for i, hz := range []float64{220, 277.18, 329.63, 1108.73} {
				v += math.Sin(2*math.Pi*hz*at+float64(i)) * 0.2
			}
			v = s.level * (v + 0.1*(random.Float64()*2-1))
			samples = append(samples, int16(v*32000), int16(v*32000*2/3))
		}
	}
	return samples
}

func wav(samples []int16, rate int) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("RIFF"), uint32(36+2*len(samples)))
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, 1), 2)
	b = le.AppendUint32(le.AppendUint32(b, uint32(rate)), uint32(rate*4))
	b = le.AppendUint16(le.AppendUint16(b, 4), 16)
	b = le.AppendUint32(append(b, "data"...), uint32(2*len(samples)))
	for _, s := range samples {
		b = le.AppendUint16(b, uint16(s))
	}
	return b
}

func lame(t *testing.T, rate int, options ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("lame"); err != nil {
		if os.Getenv("EARSHOT_BROWSER_TESTS") == "1" {
			t.Fatal("lame is missing")
		}
		t.Skip("lame is missing")
	}
	out := filepath.Join(t.TempDir(), "out.mp3")
	cmd := exec.Command("lame", append(append([]string{"--silent"}, options...), "-", out)...)
	cmd.Stdin = bytes.NewReader(wav(sound(rate), rate))
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("lame: %v: %s", err, b)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantSound holds a waveform against the sound it was made of: the course of
// all columns, and the level of each section but for its edges.
func wantSound(t *testing.T, file []byte, rate int, mono bool) {
	t.Helper()
	p := analyse(t, file)
	samples := sound(rate)
	if want := int64(len(samples) / 2); p.Samples != want || p.SampleRate != rate {
		t.Fatalf("%d samples at %d Hz, want %d at %d", p.Samples, p.SampleRate, want, rate)
	}
	got, want := make([]float64, len(p.RMS)), make([]float64, len(p.RMS)) // levels
	for c := range p.RMS {
		from, to := c*p.SamplesPerPixel, min((c+1)*p.SamplesPerPixel, int(p.Samples))
		var squares float64
		for i := from; i < to; i++ {
			l, r := float64(samples[2*i]), float64(samples[2*i+1])
			if mono {
				l = (l + r) / 2
				r = l
			}
			squares += l*l + r*r
		}
		want[c] = math.Sqrt(squares/float64(2*(to-from))) / 32768
		got[c] = p.Level(c)
	}
	r := correlation(got, want)
	t.Logf("r = %.5f", r)
	if r < 0.993 {
		t.Errorf("correlates with the sound by %.4f, want 0.993", r)
	}
	scale := mean(got) / mean(want) // lame makes some kinds 5 % softer
	if scale < 0.92 || scale > 1.03 {
		t.Errorf("%.3f as loud as the sound", scale)
	}
	start := 0.0
	for i, s := range sections {
		column := func(seconds float64) int { return int(seconds * float64(rate) / float64(p.SamplesPerPixel)) }
		from, to := column(start+0.1), column(start+s.seconds-0.1)
		start += s.seconds
		is, should := mean(got[from:to]), scale*mean(want[from:to])
		if math.Abs(is-should) > 0.03*should+0.001 {
			t.Errorf("section %d has level %.4f, want %.4f", i, is, should)
		}
	}
}

func mean(v []float64) (m float64) {
	for _, x := range v {
		m += x / float64(len(v))
	}
	return m
}

func correlation(x, y []float64) float64 {
	mx, my := mean(x), mean(y)
	var xx, yy, xy float64
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xx, yy, xy = xx+dx*dx, yy+dy*dy, xy+dx*dy
	}
	return xy / math.Sqrt(xx*yy)
}

func TestWithLame(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		rate    int
		mono    bool
		options []string
	}{
		{"constant 128", 44100, false, []string{"-b", "128"}},
		{"constant 320", 44100, false, []string{"-b", "320"}},
		{"constant 64, mono", 44100, true, []string{"-b", "64", "-m", "m"}},
		{"variable", 44100, false, []string{"-V", "2"}},
		{"variable, with checksums", 48000, false, []string{"-V", "0", "-p"}},
		{"average", 32000, false, []string{"--abr", "160"}},
		{"MPEG-2", 22050, false, []string{"-b", "64"}},
		{"MPEG-2, mono, variable", 24000, true, []string{"-V", "2", "-m", "m"}},
		{"MPEG-2, constant 80", 22050, false, []string{"-b", "80"}},
		{"MPEG-2, least", 16000, false, []string{"-b", "64"}},
		{"MPEG-2, most", 22050, false, []string{"-b", "160"}},
		{"free format", 44100, false, []string{"--freeformat", "-b", "200"}},
		{"short blocks", 44100, false, []string{"--allshort", "-b", "160"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantSound(t, lame(t, tt.rate, tt.options...), tt.rate, tt.mono)
		})
	}
}

// The file was made by this test with -update: lame -V 6 of the sound above.
func TestWithAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "sections.mp3")
	if *update {
		if err := os.WriteFile(path, lame(t, 44100, "-V", "6"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wantSound(t, b, 44100, false)
}
