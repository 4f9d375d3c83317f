//go:build unix

package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"testing"
	"time"

	"earshot/media/mediatest"
	"earshot/media/mp3"
)

// A stream from a time decodes to the very samples that the whole file does
// from there on.
func TestStreamFromDecodesTheSame(t *testing.T) {
	t.Parallel()
	mediatest.Need(t, "lame", "ffmpeg")
	for _, test := range []struct {
		rate int
		args []string
	}{
		{44100, []string{"-V", "3"}},
		{44100, []string{"-t", "-V", "5"}},
		{44100, []string{"-b", "128"}},
		{44100, []string{"-b", "64", "-m", "m"}},
		{44100, []string{"-b", "320"}},
		{48000, []string{"--abr", "100", "-p"}},
		{32000, []string{"-b", "32", "-m", "m"}},
		{22050, []string{"-V", "5"}},
		{24000, []string{"-b", "24", "-m", "m"}},
		{11025, []string{"-b", "16", "-m", "m"}},
		{8000, []string{"-b", "8", "-m", "m"}},
	} {
		t.Run(fmt.Sprint(test.rate, test.args), func(t *testing.T) {
			t.Parallel()
			file := lame(t, noise(test.rate*5), test.rate, test.args...)
			s, id := storeWith(t, file)
			sound, err := s.Sound(id)
			if err != nil {
				t.Fatal(err)
			}
			defer sound.Close()
			x := sound.Index
			all := decode(t, file, x.Channels())
			random := rand.New(rand.NewPCG(1, 2))
			for range 4 {
				at := time.Duration(random.Int64N(int64(x.Duration())))
				checkFrom(t, s, id, x, at, all)
			}
			checkFrom(t, s, id, x, 0, all)
			checkFrom(t, s, id, x, x.Duration(), all)
		})
	}
}

func checkFrom(t *testing.T, s *Store, id string, x *mp3.Index, at time.Duration, all []float32) {
	t.Helper()
	st, err := s.StreamFrom(id, at)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	var b bytes.Buffer
	if err := st.WriteRange(&b, 0, st.Size); err != nil {
		t.Fatal(err)
	}
	p := startAt(x, at)
	heard := decode(t, b.Bytes(), x.Channels())
	if st.Lead != int64(p.trim) || st.Samples < 1 || x.Tagged() && at == 0 && st.Samples > x.Samples() {
		t.Errorf("from %v: told of %d samples before and %d that are heard, of %d", at, st.Lead, st.Samples, x.Samples())
	}
	from := since(at, x.SampleRate())
	if !x.Tagged() && p.trim < mp3.DecoderDelay {
		from = 0
	}
	if want := all[min(int(from)*x.Channels(), len(all)):]; len(want) > len(heard)+2*x.Channels() {
		t.Errorf("from %v (%+v): %d samples, want %d", at, p, len(heard), len(want))
	} else {
		heard, want = heard[:min(len(heard), len(want))], want[:min(len(heard), len(want))]
		for i := range want {
			if math.Abs(float64(want[i]-heard[i])) > 1e-6 {
				t.Errorf("from %v (%+v): sample %d of %d is %g, want %g", at, p, i/x.Channels(), len(want)/x.Channels(), heard[i], want[i])
				break
			}
		}
	}
}

// storeWith gives a store that holds one track.
func storeWith(t testing.TB, file []byte) (*Store, string) {
	t.Helper()
	s, err := OpenStore(t.TempDir(), StoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	const id = "0track0000001"
	keep(t, s, id, file)
	return s, id
}

func keep(t testing.TB, s *Store, id string, file []byte) {
	t.Helper()
	in, err := s.Receive(context.Background(), bytes.NewReader(file), int64(len(file)), 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Discard()
	c, err := Identify(in, in.Size())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(in, id, c); err != nil {
		t.Fatal(err)
	}
}

// noise is 16-bit sound, now loud and now quiet, in two channels.
func noise(n int) []byte {
	random := rand.New(rand.NewPCG(5, 6))
	b := make([]byte, 0, 4*n)
	low := [2]float64{}
	for i := range n {
		level := 8000 * math.Exp2(-6*math.Abs(math.Sin(float64(i)/30000)))
		for c := range low {
			low[c] += 0.2 * (random.NormFloat64()*level - low[c])
			b = binary.LittleEndian.AppendUint16(b, uint16(int16(low[c])))
		}
	}
	return b
}

func lame(t testing.TB, pcm []byte, rate int, args ...string) []byte {
	t.Helper()
	args = append([]string{"--quiet", "-r", "-s", fmt.Sprint(float64(rate) / 1000), "--resample", fmt.Sprint(float64(rate) / 1000)}, args...)
	cmd := exec.Command("lame", append(args, "-", "-")...)
	cmd.Stdin = bytes.NewReader(pcm)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("lame %v: %v", args, err)
	}
	return out
}

// decode gives all samples, channels in turn, with delay and padding trimmed
// as ffmpeg does.
func decode(t testing.TB, file []byte, channels int) []float32 {
	t.Helper()
	cmd := exec.Command("ffmpeg", "-v", "error", "-f", "mp3", "-i", "-", "-f", "f32le", "-ac", fmt.Sprint(channels), "-")
	cmd.Stdin = bytes.NewReader(file)
	var msg bytes.Buffer
	cmd.Stderr = &msg
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, msg.String())
	}
	samples := make([]float32, len(out)/4)
	for i := range samples {
		samples[i] = math.Float32frombits(binary.LittleEndian.Uint32(out[4*i:]))
	}
	return samples
}
