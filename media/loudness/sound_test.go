package loudness

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"earshot/media/mediatest"
)

// wav writes samples as a WAV file of 32-bit floats.
func wav(t *testing.T, samples []float32, rate, channels int) (name string) {
	t.Helper()
	le := binary.LittleEndian
	var data []byte
	for _, s := range samples {
		data = le.AppendUint32(data, math.Float32bits(s))
	}
	name = filepath.Join(t.TempDir(), "sound.wav")
	if err := os.WriteFile(name, mediatest.WAV(mediatest.Float, rate, channels, 32, data), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// decoded is what ffmpeg reads a file as.
func decoded(t *testing.T, file string) []float32 {
	t.Helper()
	raw := mediatest.Run(t, nil, "ffmpeg", "-v", "error", "-i", file, "-f", "f32le", "-")
	out := make([]float32, len(raw)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return out
}

// heard is what ffmpeg's ebur128 says of a file.
type heard struct{ integrated, lra, truePeak float64 }

func ffmpeg(t *testing.T, file string) (h heard) {
	t.Helper()
	out := mediatest.Run(t, nil, "sh", "-c", `ffmpeg -hide_banner -nostats -i "$0" -af ebur128=peak=true:framelog=verbose:metadata=1,ametadata=print:file=- -f null - 2>&1`, file)
	summary := 0.0
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		v, _ := strconv.ParseFloat(value, 64)
		switch key {
		case "lavfi.r128.I":
			h.integrated = v
		case "lavfi.r128.LRA":
			h.lra = v
		case "lavfi.r128.true_peak":
			h.truePeak = 20 * math.Log10(v)
		}
		if _, peak, ok := strings.Cut(lines.Text(), "Peak:"); ok {
			summary, _ = strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(peak), " dBFS"), 64)
		}
	}
	// The summary is to 0.1 dB, what is printed else to 0.001 of full scale.
	if summary < -25 {
		h.truePeak = summary
	}
	return h
}

func measure(samples []float32, rate, channels int) heard {
	m := New(rate, channels)
	m.Add(samples)
	i, r, p := m.Result()
	return heard{i, r, p}
}

// decibels is a level as a factor.
func decibels(db float64) float64 { return math.Pow(10, db/20) }

// sine is a stereo tone; 0 dBFS is a peak of 1.
func sine(rate int, seconds, hz, db float64) []float32 {
	out := make([]float32, 0, 2*int(seconds*float64(rate)))
	for i := range int(seconds * float64(rate)) {
		v := float32(decibels(db) * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
		out = append(out, v, v)
	}
	return out
}

// music makes something with beats, chords, and loud and soft parts.
func music(rate, channels int, seconds, db float64, seed uint64) []float32 {
	random := rand.New(rand.NewPCG(seed, 7))
	out := make([]float32, 0, channels*int(seconds*float64(rate)))
	beat := 0.4 + 0.3*random.Float64()
	root := 80 + 100*random.Float64()
	noise := 0.0
	for i := range int(seconds * float64(rate)) {
		at := float64(i) / float64(rate)
		in := math.Mod(at, beat)
		part := []float64{1, 0.3, 0.8, 0.1}[int(at/7)%4]
		chord := []float64{1, 1.335, 1.5, 1.122}[int(at/(4*beat))%4]
		kick := math.Exp(-in*18) * math.Sin(2*math.Pi*(50*in+2.5*(1-math.Exp(-in*40))))
		fresh := random.Float64()*2 - 1
		noise += 0.3 * (fresh - noise)
		hat := math.Exp(-math.Mod(at, beat/2)*60) * (fresh - noise)
		for c := range channels {
			v := 0.0
			for n, k := range []float64{1, 1.26, 1.5, 2, 4.01} {
				v += math.Sin(2*math.Pi*root*chord*k*at+float64(c*n)) * 0.12
			}
			v = part * decibels(db) * (v + 0.6*kick + 0.2*hat + 0.02*noise)
			out = append(out, float32(max(-1, min(1, v))))
		}
	}
	return out
}
