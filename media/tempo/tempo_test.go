package tempo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"earshot/media/layer3"
	"earshot/media/mediatest"
	"earshot/media/mp3"
)

// drums is a pattern of 16 steps, a bar of 4 beats, for each drum.
type drums struct {
	name             string
	kick, snare, hat string
	swing            float64 // how much later every second step comes, of a step
	chords           bool
}

var patterns = []drums{
	{name: "rock", kick: "x.......x.......", snare: "....x.......x...", hat: "x.x.x.x.x.x.x.x."},
	{name: "four on the floor", kick: "x...x...x...x...", snare: "....x.......x...", hat: "..x...x...x...x.", chords: true},
	{name: "swing", kick: "x.......x.x.....", snare: "....x.......x..x", hat: "x...x..xx...x..x", swing: 0.3, chords: true},
	{name: "sixteenths", kick: "x..x..x...x.x...", snare: "....x..x.x..x...", hat: "xxxxxxxxxxxxxxxx"},
	{name: "no drums", chords: true},
}

// play makes seconds of a pattern. Each step is up to jitter seconds off.
func play(d drums, bpm float64, rate int, seconds, jitter, noise float64, seed uint64) []float32 {
	random := rand.New(rand.NewPCG(seed, 5))
	out := make([]float64, int(seconds*float64(rate)))
	step := 60 / bpm / 4
	hit := func(at float64, length float64, sound func(t float64) float64) {
		from := int((at + jitter*random.NormFloat64()) * float64(rate))
		for i := max(0, from); i < min(len(out), from+int(length*float64(rate))); i++ {
			out[i] += sound(float64(i-from) / float64(rate))
		}
	}
	for n := 0; float64(n)*step < seconds; n++ {
		at := float64(n)*step + d.swing*step*float64(n%2)
		in := n % 16
		velocity := 0.8 + 0.4*random.Float64()
		if len(d.kick) > 0 && d.kick[in] == 'x' {
			hit(at, 0.25, func(t float64) float64 {
				return velocity * 0.7 * math.Exp(-t*14) * math.Sin(2*math.Pi*(48*t+2*(1-math.Exp(-t*40))))
			})
		}
		if len(d.snare) > 0 && d.snare[in] == 'x' {
			hit(at, 0.2, func(t float64) float64 {
				return velocity * math.Exp(-t*20) * (0.25*math.Sin(2*math.Pi*190*t) + 0.25*random.NormFloat64())
			})
		}
		if len(d.hat) > 0 && d.hat[in] == 'x' {
			last := 0.0
			hit(at, 0.06, func(t float64) float64 {
				v := random.NormFloat64()
				last, v = v, v-last
				return velocity * 0.07 * math.Exp(-t*70) * v
			})
		}
		if d.chords && in%8 == 0 {
			root := 110 * math.Pow(2, []float64{0, 5, 7, 3}[n/16%4]/12)
			hit(at, step*8, func(t float64) float64 {
				v := 0.0
				for _, k := range []float64{1, 1.5, 2, 2.52, 3} {
					v += math.Sin(2 * math.Pi * root * k * t)
				}
				return 0.06 * v * min(1, t*100) * math.Exp(-t*2)
			})
		}
	}
	samples := make([]float32, 2*len(out))
	for i, v := range out {
		v += noise * random.NormFloat64()
		samples[2*i], samples[2*i+1] = float32(v), float32(v)
	}
	return samples
}

func clicks(bpm float64, rate int, seconds float64) []float32 {
	samples := make([]float32, 2*int(seconds*float64(rate)))
	for n := 0; ; n++ {
		at := int(float64(n) * 60 / bpm * float64(rate))
		for i := range rate / 50 {
			if 2*(at+i)+1 >= len(samples) {
				return samples
			}
			v := float32(0.5 * math.Sin(2*math.Pi*1000*float64(i)/float64(rate)) * math.Exp(-float64(i)*300/float64(rate)))
			samples[2*(at+i)], samples[2*(at+i)+1] = v, v
		}
	}
}

func tempoOf(samples []float32, rate int) (bpm, confidence float64) {
	s := NewSamples(rate, 2)
	s.Add(samples)
	return s.Result()
}

// octaves is how many octaves an answer is off, and whether it is some whole
// number of them but for 1 %.
func octaves(got, want float64) (n int, ok bool) {
	if got == 0 {
		return 0, false
	}
	off := math.Log2(got / want)
	return int(math.Round(off)), math.Abs(off-math.Round(off)) < math.Log2(1.01)
}

func TestClicks(t *testing.T) {
	t.Parallel()
	for _, bpm := range []float64{60, 66.6, 75, 90, 100, 112.5, 120, 128, 140, 155, 174, 180} {
		got, confidence := tempoOf(clicks(bpm, 44100, 30), 44100)
		if math.Abs(got-bpm) > bpm*0.002 || confidence < 0.8 {
			t.Errorf("%.1f: %.2f (confidence %.2f)", bpm, got, confidence)
		}
	}
}

// From samples. What is a beat in a rhythm may be taken as half or double of
// it; this holds that nothing else comes out, and how often it is exact.
func TestDrums(t *testing.T) {
	t.Parallel()
	exact, all := 0, 0
	for i, p := range patterns[:4] {
		for _, bpm := range []float64{60, 84, 97, 110, 120, 128, 145, 160, 174} {
			got, confidence := tempoOf(play(p, bpm, 32000, 26, 0.006, 0.01, uint64(i)), 32000)
			n, ok := octaves(got, bpm)
			all++
			switch {
			case ok && n == 0:
				exact++
			case ok && (n == 1 && bpm < 90 || n == -1 && bpm > 115):
			case p.name == "sixteenths" && math.Abs(got-bpm*4/3) < 1:
				// Its beats and drums are three steps apart as often as four.
			default:
				t.Errorf("%s at %.1f: %.2f (confidence %.2f)", p.name, bpm, got, confidence)
			}
		}
	}
	t.Logf("%d of %d exact", exact, all)
	if exact < all/2 {
		t.Errorf("%d of %d exact", exact, all)
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{8000, 11025, 16000, 22050, 32000, 48000, 96000, 192000} {
		got, confidence := tempoOf(play(patterns[0], 112, rate, 16, 0.005, 0.01, 1), rate)
		if math.Abs(got-112) > 0.5 {
			t.Errorf("%d Hz: %.2f (confidence %.2f)", rate, got, confidence)
		}
	}
	// Any number of channels, in pieces of any size.
	stereo := play(patterns[0], 112, 44100, 16, 0.005, 0.01, 1)
	want, _ := tempoOf(stereo, 44100)
	six, mono := NewSamples(44100, 6), NewSamples(44100, 1)
	for i := 0; i < len(stereo); i += 2 {
		six.Add([]float32{stereo[i], stereo[i+1], 0, 0, 0, 0})
		mono.Add([]float32{stereo[i] * 2})
	}
	for _, s := range []*Samples{six, mono} {
		if got, _ := s.Result(); math.Abs(got-want) > 1e-6 {
			t.Errorf("%d channels: %g, as stereo %g", s.channels, got, want)
		}
	}
}

// What has no beat has no tempo.
func TestNoBeat(t *testing.T) {
	t.Parallel()
	const rate, seconds = 44100, 60
	random := rand.New(rand.NewPCG(8, 9))
	make2 := func(f func(t float64) float64) []float32 {
		out := make([]float32, 2*rate*seconds)
		for i := 0; i < len(out); i += 2 {
			v := float32(f(float64(i/2) / rate))
			out[i], out[i+1] = v, v
		}
		return out
	}
	brown, wind, drift := 0.0, 0.0, 0.0
	rain := 0.0
	for name, samples := range map[string][]float32{
		"nothing": nil,
		"silence": make([]float32, 2*rate*20),
		"short":   clicks(120, rate, 2),
		"white":   make2(func(float64) float64 { return 0.1 * random.NormFloat64() }),
		"brown": make2(func(float64) float64 {
			brown = brown*0.999 + 0.01*random.NormFloat64()
			return brown
		}),
		"wind": make2(func(float64) float64 {
			drift = drift*0.99995 + 0.002*random.NormFloat64()
			wind = 0.97*wind + 0.03*random.NormFloat64()
			return wind * math.Exp(3*drift)
		}),
		"rain": make2(func(float64) float64 {
			if random.IntN(rate/15) == 0 {
				rain += 0.5 * random.Float64()
			}
			rain *= 0.995
			return (rain + 0.01) * random.NormFloat64()
		}),
		"tone":  make2(func(t float64) float64 { return 0.3 * math.Sin(2*math.Pi*220*t) }),
		"chord": make2(func(t float64) float64 { return 0.2 * (math.Sin(2*math.Pi*220*t) + math.Sin(2*math.Pi*277.3*t)) }),
		"pad": make2(func(t float64) float64 {
			return 0.1*(math.Sin(2*math.Pi*110*t)+math.Sin(2*math.Pi*110.7*t)+math.Sin(2*math.Pi*165.3*t)*math.Sin(0.9*t)) + 0.003*random.NormFloat64()
		}),
		"wandering": wandering(rate, seconds),
	} {
		got, confidence := tempoOf(samples, rate)
		t.Logf("%s: %.2f (%.2f)", name, got, confidence)
		if got != 0 {
			t.Errorf("%s: %.2f (confidence %.2f)", name, got, confidence)
		}
	}
}

// wandering is clicks whose distances differ by a third either way.
func wandering(rate, seconds int) []float32 {
	random := rand.New(rand.NewPCG(2, 2))
	out := make([]float32, 2*rate*seconds)
	for at := 0; at < len(out)/2-rate/10; at += int(float64(rate) * 0.5 * (0.67 + 0.66*random.Float64())) {
		for i := range rate / 20 {
			v := float32(0.5 * random.NormFloat64() * math.Exp(-float64(i)*100/float64(rate)))
			out[2*(at+i)], out[2*(at+i)+1] = v, v
		}
	}
	return out
}

func TestSpeechHasNoTempo(t *testing.T) {
	t.Parallel()
	mediatest.Need(t, "espeak-ng", "ffmpeg")
	text := strings.Repeat("The ear hears soft and loud things. It is not fooled by a whale, nor by silence; and what it hears, it tells to whom it may concern. "+
		"Some of these sentences are long, and some are short. Nobody should find a beat in any of them, though there are eager listeners. ", 4)
	for _, voice := range []string{"en", "en-us+f3", "de", "ko"} {
		said := mediatest.Run(t, nil, "espeak-ng", "--stdout", "-v", voice, "-s", "160", text)
		raw := mediatest.Run(t, said, "ffmpeg", "-v", "error", "-i", "-", "-f", "f32le", "-ac", "2", "-ar", "44100", "-")
		samples := make([]float32, len(raw)/4)
		for i := range samples {
			samples[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		got, confidence := tempoOf(samples, 44100)
		t.Logf("%s: %.2f (%.2f), %d s", voice, got, confidence, len(samples)/88200)
		if got != 0 {
			t.Errorf("voice %s: %.2f (confidence %.2f)", voice, got, confidence)
		}
	}
}

// The same from the energies of an MP3 file.
func TestFromGranules(t *testing.T) {
	t.Parallel()
	mediatest.Need(t, "lame")
	for _, c := range []struct {
		bpm     float64
		rate    int
		options string
	}{{92, 44100, "-b 128"}, {120, 44100, "-V 2"}, {110, 44100, "-b 56 --resample 22.05 -m m"}, {140, 32000, "-b 96"}} {
		for i, p := range patterns[:2] {
			samples := play(p, c.bpm, c.rate, 26, 0.005, 0.01, uint64(i))
			raw := make([]byte, 0, 2*len(samples))
			for _, v := range samples {
				raw = binary.LittleEndian.AppendUint16(raw, uint16(int16(max(-1, min(1, v))*32767)))
			}
			arguments := append([]string{"--silent", "-r", "-s", fmt.Sprint(float64(c.rate) / 1000)}, strings.Fields(c.options)...)
			file := mediatest.Run(t, raw, "lame", append(arguments, "-", "-")...)
			x, err := mp3.Scan(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			groups := NewGroups([][]float64{layer3.Edges(x.SampleRate(), layer3.Long), layer3.Edges(x.SampleRate(), layer3.Short), layer3.Edges(x.SampleRate(), layer3.Mixed)})
			m := New(float64(x.SampleRate()) / 576)
			energies := layer3.NewEnergies(bytes.NewReader(file), x)
			for {
				var e layer3.Energy
				if energies.Next(&e) != nil {
					break
				}
				var bands [Bands]float32
				groups.Group(int(e.Layout), e.Bands[:], &bands)
				m.Add(&bands)
			}
			got, confidence := m.Result()
			n, ok := octaves(got, c.bpm)
			t.Logf("%s at %.0f, lame %s: %.2f (%.2f)", p.name, c.bpm, c.options, got, confidence)
			if !ok || n < -1 || n > 1 {
				t.Errorf("%s at %.0f, lame %s: %.2f (confidence %.2f)", p.name, c.bpm, c.options, got, confidence)
			}
		}
	}
}

func TestBadEnergies(t *testing.T) {
	t.Parallel()
	m := New(76.6)
	bad := [Bands]float32{float32(math.NaN()), float32(math.Inf(1)), -1, math.MaxFloat32, 1e-45, 0, 1, float32(math.Inf(-1))}
	for range 5000 {
		m.Add(&bad)
	}
	if bpm, confidence := m.Result(); bpm != 0 || confidence != 0 {
		t.Errorf("%g, %g", bpm, confidence)
	}
	s := NewSamples(44100, 2)
	samples := clicks(120, 44100, 20)
	for i := 1000; i < len(samples)/4; i += 1001 {
		samples[i] = float32(math.NaN())
	}
	s.Add(samples)
	if bpm, confidence := s.Result(); math.IsNaN(bpm) || math.IsNaN(confidence) {
		t.Errorf("%g, %g", bpm, confidence)
	}
	for _, rate := range []int{0, 1, 100, 1000, 400000} {
		NewSamples(rate, 0).Add(samples[:1000])
	}
}

func TestAddAllocatesNothing(t *testing.T) {
	s := NewSamples(44100, 2)
	samples := clicks(120, 44100, 20)
	if n := testing.AllocsPerRun(3, func() { s.Add(samples) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

func BenchmarkSamples(b *testing.B) {
	samples := play(patterns[1], 120, 44100, 30, 0.005, 0.01, 1)
	s := NewSamples(44100, 2)
	b.ReportAllocs()
	for b.Loop() {
		s.Add(samples)
	}
	b.ReportMetric(30*float64(b.N)/b.Elapsed().Seconds(), "x")
}

func BenchmarkMeter(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	m := New(44100.0 / 576)
	frames := make([][Bands]float32, 1<<14)
	for i := range frames {
		for j := range frames[i] {
			frames[i][j] = random.Float32()
		}
	}
	for b.Loop() {
		for i := range frames {
			m.Add(&frames[i])
		}
	}
	b.ReportMetric(float64(len(frames))*576/44100*float64(b.N)/b.Elapsed().Seconds(), "x")
}
