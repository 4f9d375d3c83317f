package tempo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
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

func TestLook(t *testing.T) {
	for _, bpm := range []float64{60, 75, 90, 100, 112.5, 120, 128, 140, 155, 174, 180} {
		b, c := tempoOf(clicks(bpm, 44100, 30), 44100)
		line := fmt.Sprintf("%6.1f clicks %6.2f (%.2f)", bpm, b, c)
		for i, p := range patterns {
			b, c := tempoOf(play(p, bpm, 44100, 30, 0.005, 0.01, uint64(i)), 44100)
			line += fmt.Sprintf(" | %s %6.2f (%.2f)", p.name, b, c)
		}
		t.Log(line)
	}
}
