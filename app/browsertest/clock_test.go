package browsertest

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A clock is sound that tells the time: noise that never repeats, so that any
// piece of it is found in only one place. Loud and quiet, wide and narrow
// passages take turns, so that an encoder's bit rate goes up and down.
type clock struct {
	rate    int
	samples []float32
	coarse  []float32 // every coarseStep samples averaged into one
}

// coarseStep is small enough to keep what the quiet passages are made of.
const coarseStep = 8

func newClock(rate, seconds int, seed uint64) *clock {
	random := rand.New(rand.NewPCG(seed, 1))
	c := &clock{rate: rate, samples: make([]float32, rate*seconds)}
	var low, level, smooth, wantLevel, wantSmooth float64
	for i := range c.samples {
		if i%(rate*3) == 0 { // a new passage
			wantLevel = math.Exp2(-4 * random.Float64())
			wantSmooth = 0.03 + 0.5*random.Float64()*random.Float64()
		}
		level += (wantLevel - level) / 2000
		smooth += (wantSmooth - smooth) / 2000
		low += smooth * (random.NormFloat64() - low)
		c.samples[i] = float32(max(min(0.35*level*low/math.Sqrt(smooth), 0.9), -0.9))
	}
	c.coarse = shrink(c.samples)
	return c
}

func shrink(s []float32) []float32 {
	out := make([]float32, len(s)/coarseStep)
	for i := range out {
		var sum float32
		for _, v := range s[i*coarseStep : (i+1)*coarseStep] {
			sum += v
		}
		out[i] = sum / coarseStep
	}
	return out
}

// find tells at which sample of the clock a heard piece begins, and how alike
// the two are there, up to 1. It looks near a guess first.
func (c *clock) find(heard []float32, guess int) (sample int, likeness float64) {
	near := c.rate / coarseStep // a second
	coarse := shrink(heard)
	at, like := best(c.coarse, coarse, guess/coarseStep-near, guess/coarseStep+near)
	if like < 0.7 {
		at, like = best(c.coarse, coarse, 0, len(c.coarse))
	}
	if like < 0.3 {
		return 0, like
	}
	return best(c.samples, heard, (at-2)*coarseStep, (at+2)*coarseStep)
}

// best slides piece over whole between two places and gives where they are
// most alike.
func best(whole, piece []float32, from, to int) (at int, likeness float64) {
	from, to = max(from, 0), min(to, len(whole)-len(piece))
	var own float64
	for _, v := range piece {
		own += float64(v) * float64(v)
	}
	likeness = -1
	for i := from; i <= to; i++ {
		var dot, energy float32
		for j, v := range whole[i : i+len(piece)] {
			dot += v * piece[j]
			energy += v * v
		}
		if l := float64(dot) / math.Sqrt(own*float64(energy)+1e-12); l > likeness {
			at, likeness = i, l
		}
	}
	return at, likeness
}

// wav is the clock as a file of 16 bits and one channel.
func (c *clock) wav() []byte {
	var b bytes.Buffer
	n := uint32(2 * len(c.samples))
	b.WriteString("RIFF")
	binary.Write(&b, binary.LittleEndian, 36+n)
	b.WriteString("WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(c.rate), uint32(2 * c.rate), uint16(2), uint16(16)} {
		binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	binary.Write(&b, binary.LittleEndian, n)
	pcm := make([]byte, 0, n)
	for _, v := range c.samples {
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(math.Round(float64(v)*32767))))
	}
	b.Write(pcm)
	return b.Bytes()
}

// encode makes an mp3 of the clock with LAME.
func (c *clock) encode(t testing.TB, args ...string) []byte {
	t.Helper()
	lame := need(t, "", "lame")
	out := filepath.Join(t.TempDir(), "clock.mp3")
	cmd := exec.Command(lame, append(append([]string{"--quiet"}, args...), "-", out)...)
	cmd.Stdin = bytes.NewReader(c.wav())
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("lame %v: %v: %s", args, err, msg)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
