package loudness

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

type tone struct{ db, seconds float64 }

func tones(rate int, parts ...tone) (samples []float32) {
	for _, p := range parts {
		samples = append(samples, sine(rate, p.seconds, 1000, p.db)...)
	}
	return samples
}

// EBU Tech 3341, table 1, signals 1 to 6: ±0.1 LU.
func TestIntegratedAsTech3341HasIt(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{44100} {
		for name, c := range map[string]struct {
			parts []tone
			want  float64
		}{
			"1": {[]tone{{-23, 20}}, -23},
			"2": {[]tone{{-33, 20}}, -33},
			"3": {[]tone{{-36, 10}, {-23, 60}, {-36, 10}}, -23},
			"4": {[]tone{{-72, 10}, {-36, 10}, {-23, 60}, {-36, 10}, {-72, 10}}, -23},
			"5": {[]tone{{-26, 20}, {-20, 20.1}, {-26, 20}}, -23},
		} {
			if got := measure(tones(rate, c.parts...), rate, 2); math.Abs(got.integrated-c.want) > 0.1 {
				t.Errorf("signal %s at %d Hz: %.3f LUFS, want %.1f", name, rate, got.integrated, c.want)
			}
		}
		var six []float32
		for i := range 20 * rate {
			v := math.Sin(2 * math.Pi * 1000 * float64(i) / float64(rate))
			for _, db := range []float64{-28, -28, -24, -200, -30, -30} {
				six = append(six, float32(v*decibels(db)))
			}
		}
		if got := measure(six, rate, 6); math.Abs(got.integrated+23) > 0.1 {
			t.Errorf("signal 6 at %d Hz: %.3f LUFS, want -23.0", rate, got.integrated)
		}
	}
}

// EBU Tech 3342, table 1, signals 1 to 4: ±1 LU.
func TestRangeAsTech3342HasIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		parts []tone
		want  float64
	}{
		"1": {[]tone{{-20, 20}, {-30, 20}}, 10},
		"2": {[]tone{{-20, 20}, {-15, 20}}, 5},
		"3": {[]tone{{-40, 20}, {-20, 20}}, 20},
		"4": {[]tone{{-50, 20}, {-35, 20}, {-20, 20}, {-35, 20}, {-50, 20}}, 15},
	} {
		if got := measure(tones(48000, c.parts...), 48000, 2); math.Abs(got.lra-c.want) > 0.2 {
			t.Errorf("signal %s: %.3f LU, want %.1f", name, got.lra, c.want)
		}
	}
}

// EBU Tech 3341, table 1, signals 15 to 19: +0.2 and -0.4 dB.
func TestTruePeakAsTech3341HasIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ divide, phase, level, want float64 }{
		"15": {4, 0, 0.5, -6}, "16": {4, 45, 0.5, -6}, "17": {6, 60, 0.5, -6}, "18": {8, 67.5, 0.5, -6}, "19": {4, 45, 1.41, 3},
	} {
		for _, rate := range []int{44100, 48000, 96000} {
			samples := make([]float32, 0, 2*rate)
			for i := range rate {
				// Faded in and out: a tone that begins at once has higher peaks.
				fade := min(1, float64(min(i, rate-i))/float64(rate/20))
				v := float32(c.level * fade * math.Sin(2*math.Pi*float64(i)/c.divide+c.phase*math.Pi/180))
				samples = append(samples, v, v)
			}
			if got := measure(samples, rate, 2); got.truePeak > c.want+0.2 || got.truePeak < c.want-0.4 {
				t.Errorf("signal %s at %d Hz: %.3f dBTP, want %.1f", name, rate, got.truePeak, c.want)
			}
		}
	}
}

// BS.1770-4, annex 1: a sine of 997 Hz at full scale in one of the front
// channels is -3.01; the filter is the same at all rates.
func TestFullScaleSineAtAllRates(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000, 176400, 192000} {
		samples := make([]float32, 5*rate)
		for i := range samples {
			samples[i] = float32(math.Sin(2 * math.Pi * 997 * float64(i) / float64(rate)))
		}
		if got := measure(samples, rate, 1); math.Abs(got.integrated+3.01) > 0.05 || math.Abs(got.truePeak) > 0.1 {
			t.Errorf("%d Hz: %.3f LUFS, %.3f dBTP", rate, got.integrated, got.truePeak)
		}
	}
}

func TestFiltersAt48kHzAreThoseOfTheTables(t *testing.T) {
	t.Parallel()
	for _, q := range []biquad{shelf48, pass48} {
		got := q.at(48000)
		for i, d := range []float64{got.b0 - q.b0, got.b1 - q.b1, got.b2 - q.b2, got.a1 - q.a1, got.a2 - q.a2} {
			if math.Abs(d) > 1e-10 {
				t.Errorf("coefficient %d is %g off", i, d)
			}
		}
	}
}

func TestWeightsOfChannels(t *testing.T) {
	t.Parallel()
	// A tone in one channel alone, against one in the left channel.
	const rate = 48000
	surround := 10 * math.Log10(1.41)
	for channels, want := range [][]float64{
		1: {0}, 2: {0, 0}, 3: {0, 0, 0}, 4: {0, 0, surround, surround}, 5: {0, 0, 0, surround, surround},
		6: {0, 0, 0, -1, surround, surround}, 7: {0, 0, 0, -1, 0, surround, surround}, 8: {0, 0, 0, -1, 0, 0, surround, surround},
	} {
		for c, add := range want {
			samples := make([]float32, channels*rate)
			for i := range rate {
				samples[i*channels+c] = float32(0.1 * math.Sin(2*math.Pi*997*float64(i)/rate))
			}
			level := -23.01 + add
			if add == -1 {
				level = Silence
			}
			if got := measure(samples, rate, channels); math.Abs(got.integrated-level) > 0.01 || math.Abs(got.truePeak+20) > 0.1 {
				t.Errorf("channel %d of %d: %.3f LUFS, want %.3f; %.3f dBTP", c, channels, got.integrated, level, got.truePeak)
			}
		}
	}
}

func TestSilenceIsSilence(t *testing.T) {
	t.Parallel()
	for name, samples := range map[string][]float32{
		"nothing":         nil,
		"digital silence": make([]float32, 44100*2*5),
		"half a second":   make([]float32, 44100),
		"10 ms":           make([]float32, 882),
		"not a round":     {0.5},
	} {
		if got, want := measure(samples, 44100, 2), (heard{Silence, 0, Silence}); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	// Below the absolute gate, but there.
	if got := measure(sine(44100, 5, 1000, -80), 44100, 2); got.integrated != Silence || got.lra != 0 || got.truePeak != Silence {
		t.Errorf("-80 dBFS: %v", got)
	}
}

// Sound shorter than a block is a block.
func TestShortSound(t *testing.T) {
	t.Parallel()
	long := measure(sine(44100, 5, 1000, -20), 44100, 2)
	for _, seconds := range []float64{0.399, 0.25, 0.1, 0.05, 0.02} {
		got := measure(sine(44100, seconds, 1000, -20), 44100, 2)
		if math.Abs(got.integrated-long.integrated) > 0.3 || got.lra != 0 {
			t.Errorf("%g s: %.2f LUFS, range %g; 5 s of it: %.2f", seconds, got.integrated, got.lra, long.integrated)
		}
	}
}

func TestBadSamplesAreSilence(t *testing.T) {
	t.Parallel()
	samples := sine(44100, 10, 1000, -20)
	want := measure(samples, 44100, 2)
	for i, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		samples[100_000+i] = float32(bad)
		samples[300_000+2*i] = float32(bad)
	}
	got := measure(samples, 44100, 2)
	if math.Abs(got.integrated-want.integrated) > 0.05 || math.Abs(got.truePeak-want.truePeak) > 2 {
		t.Errorf("%v, want about %v", got, want)
	}
	for i := range samples {
		samples[i] = math.MaxFloat32 * float32(1-2*(i/100%2))
	}
	got = measure(samples, 44100, 2)
	for _, v := range []float64{got.integrated, got.lra, got.truePeak} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("largest samples there are: %v", got)
		}
	}
}

func TestPiecesMakeNoDifference(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	samples := music(44100, 2, 8, 0, 9)
	want := measure(samples, 44100, 2)
	wantEnds := NewEnds(44100, 2)
	wantEnds.Add(samples)
	m, e := New(44100, 2), NewEnds(44100, 2)
	for rest := samples; len(rest) > 0; {
		n := min(len(rest), 2*(1+random.IntN(3000)))
		m.Add(rest[:n])
		e.Add(rest[:n])
		rest = rest[n:]
		if random.IntN(50) == 0 {
			m.Result() // changes nothing
			e.Result()
		}
	}
	i, r, p := m.Result()
	if got := (heard{i, r, p}); math.Abs(got.integrated-want.integrated) > 1e-9 || got.lra != want.lra || got.truePeak != want.truePeak {
		t.Errorf("in pieces %v, at once %v", got, want)
	}
	lead, tail := e.Result()
	if l, t2 := wantEnds.Result(); l != lead || t2 != tail {
		t.Errorf("ends in pieces %v %v, at once %v %v", lead, tail, l, t2)
	}
}

// What is passed over is passed over rightly.
func TestTruePeakLosesNothing(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	for round := range 60 {
		rate := []int{44100, 88200}[round%2]
		n := random.IntN(3000)
		samples := make([]float32, n)
		level, last := 1.0, 0.0
		for i := range samples {
			if random.IntN(40) == 0 {
				level = random.Float64() * random.Float64()
			}
			last += []float64{1, 0.3}[round/2%2] * (random.NormFloat64() - last)
			samples[i] = float32(max(-1, min(1, level*last)))
		}
		want := 0.0
		t1 := newTruePeak(rate)
		x := make([]float64, n+2*taps)
		for i, v := range samples {
			x[taps+i] = float64(v)
			want = max(want, math.Abs(float64(v)))
		}
		for at := 0; at+taps <= len(x); at++ {
			for _, p := range t1.phases {
				sum := 0.0
				for i, h := range p.h {
					sum += h * x[at+i]
				}
				want = max(want, math.Abs(sum))
			}
		}
		m := New(rate, 1)
		m.Add(samples)
		_, _, got := m.Result()
		if want := max(Silence, 20*math.Log10(want)); math.Abs(got-want) > 1e-9 {
			t.Fatalf("round %d: %.6f dBTP, want %.6f", round, got, want)
		}
	}
}

func TestEnds(t *testing.T) {
	t.Parallel()
	const rate = 44100
	silence := func(seconds float64) []float32 { return make([]float32, 2*int(seconds*rate)) }
	noise := func(seconds, db float64) []float32 {
		random := rand.New(rand.NewPCG(1, 2))
		s := silence(seconds)
		for i := range s {
			s[i] = float32(decibels(db) * random.NormFloat64())
		}
		return s
	}
	join := func(parts ...[]float32) []float32 { return slices.Concat(parts...) }
	offset := func(s []float32) []float32 {
		for i := range s {
			s[i] += 0.02
		}
		return s
	}
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		samples    []float32
		lead, tail time.Duration
	}{
		"nothing":        {nil, 0, 0},
		"all silent":     {silence(3), 3 * time.Second, 0},
		"none silent":    {noise(1, -20), 0, 0},
		"both ends":      {join(silence(0.5), noise(1, -20), silence(1.2)), 500 * ms, 1200 * ms},
		"gap within":     {join(noise(0.3, -20), silence(2), noise(0.3, -20)), 0, 0},
		"dither":         {join(noise(0.5, -90), noise(1, -20), noise(0.7, -90)), 500 * ms, 700 * ms},
		"tape noise":     {join(noise(0.5, -66), noise(1, -20), noise(0.7, -66)), 500 * ms, 700 * ms},
		"record noise":   {join(noise(0.5, -50), noise(1, -20), noise(0.7, -50)), 0, 0},
		"offset":         {offset(join(silence(0.5), noise(1, -20), silence(1.2))), 500 * ms, 1200 * ms},
		"soft beginning": {join(silence(0.5), noise(1, -55), noise(1, -20), silence(0.25)), 500 * ms, 250 * ms},
		"less than 10":   {noise(0.004, -20), 0, 0},
	} {
		e := NewEnds(rate, 2)
		e.Add(c.samples)
		lead, tail := e.Result()
		if (lead-c.lead).Abs() > 10*ms || (tail-c.tail).Abs() > 10*ms {
			t.Errorf("%s: %v and %v, want %v and %v", name, lead, tail, c.lead, c.tail)
		}
	}
}

// An hour measured in little memory, and none that grows.
func TestAddAllocatesNothing(t *testing.T) {
	m, e := New(44100, 2), NewEnds(44100, 2)
	samples := music(44100, 2, 1, 0, 1)
	if n := testing.AllocsPerRun(5, func() { m.Add(samples); e.Add(samples) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
