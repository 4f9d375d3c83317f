package analysis

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/media/mediatest"
)

// pcm is sound of two channels in turn, full scale being ±1.
type pcm struct {
	rate int
	v    []float64
}

func silence(rate int, seconds float64) *pcm {
	return &pcm{rate, make([]float64, 2*int(seconds*float64(rate)))}
}

func (p *pcm) frames() int { return len(p.v) / 2 }

// tones is sines one after the other.
type stretch struct{ hz, level, seconds float64 }

func tones(rate int, list ...stretch) *pcm {
	p := silence(rate, 0)
	for _, s := range list {
		for i := range int(s.seconds * float64(rate)) {
			v := s.level * math.Sin(2*math.Pi*s.hz*float64(i)/float64(rate))
			p.v = append(p.v, v, v)
		}
	}
	return p
}

// add mixes a voice in from a moment on; pan is 0 for left and 1 for right.
func (p *pcm) add(at, pan float64, voice []float64) {
	i := int(at * float64(p.rate))
	l, r := math.Cos(pan*math.Pi/2), math.Sin(pan*math.Pi/2)
	for _, v := range voice {
		if 2*i+1 >= len(p.v) {
			return
		}
		p.v[2*i] += l * v
		p.v[2*i+1] += r * v
		i++
	}
}

// shape multiplies by what f says of each moment in seconds.
func (p *pcm) shape(f func(at float64) float64) *pcm {
	g := 0.0
	for i := range p.frames() {
		if i%64 == 0 {
			g = f(float64(i) / float64(p.rate))
		}
		p.v[2*i] *= g
		p.v[2*i+1] *= g
	}
	return p
}

// song gives p a course: soft beginning, verses, refrains, a bridge, an end that
// fades.
func (p *pcm) song() *pcm {
	levels := []float64{0.2, 0.45, 0.5, 1, 0.45, 0.12, 0.9, 1}
	length := float64(p.frames()) / float64(p.rate)
	return p.shape(func(at float64) float64 {
		return levels[min(int(at/length*8), 7)] * min(1, (length-at)/(length/12))
	})
}

// top scales so that the largest sample is so.
func (p *pcm) top(level float64) *pcm {
	most := 1e-9
	for _, v := range p.v {
		most = max(most, math.Abs(v))
	}
	for i := range p.v {
		p.v[i] *= level / most
	}
	return p
}

// wav is p as a file of 16 bits.
func (p *pcm) wav() []byte {
	le := binary.LittleEndian
	var data []byte
	for _, v := range p.v {
		data = le.AppendUint16(data, uint16(int16(math.Round(min(max(v, -1), 1)*32767))))
	}
	return mediatest.WAV(mediatest.PCM, p.rate, 2, 16, data)
}

// mp3 has lame encode p.
func (p *pcm) mp3(t testing.TB, options ...string) []byte {
	t.Helper()
	return mediatest.Run(t, p.wav(), "lame", append(append([]string{"--silent"}, options...), "-", "-")...)
}

// file writes p, and gives its path.
func file(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// reader is an audio.Reader of p, which gives odd amounts at a time.
type reader struct {
	p  *pcm
	at int
	n  int
}

func (r *reader) SampleRate() int { return r.p.rate }
func (r *reader) Channels() int   { return 2 }
func (r *reader) Read(dst []float32) (int, error) {
	r.n = (r.n*7 + 1001) % 5000
	n := min(len(dst), 2+2*r.n, len(r.p.v)-r.at)
	if n == 0 {
		return 0, io.EOF
	}
	for i := range n {
		dst[i] = float32(r.p.v[r.at+i])
	}
	r.at += n
	return n, nil
}

// band makes sounds of instruments.
type band struct {
	rate   int
	random *rand.Rand
}

func newBand(rate int) *band { return &band{rate, rand.New(rand.NewPCG(uint64(rate), 7))} }

func (b *band) noise() float64 { return b.random.Float64()*2 - 1 }

// pluck is a string (Karplus and Strong).
func (b *band) pluck(hz, seconds float64) []float64 {
	line := make([]float64, max(2, int(float64(b.rate)/hz)))
	for i := range line {
		line[i] = b.noise()
	}
	out := make([]float64, int(seconds*float64(b.rate)))
	for i := range out {
		k := i % len(line)
		out[i] = line[k]
		line[k] = 0.498 * (line[k] + line[(k+1)%len(line)])
	}
	return out
}

// tone is a note of harmonics that fall off, with an attack and a decay.
func (b *band) tone(hz, seconds, attack, decay float64, harmonics int) []float64 {
	out := make([]float64, int(seconds*float64(b.rate)))
	// Each harmonic by the recurrence of the sine.
	for h := 1; h <= harmonics && hz*float64(h) < 0.45*float64(b.rate); h++ {
		w := 2 * math.Pi * hz * float64(h) / float64(b.rate)
		k, y1, y2 := 2*math.Cos(w), math.Sin(-w+float64(h)), math.Sin(-2*w+float64(h))
		for i := range out {
			y := k*y1 - y2
			y1, y2 = y, y1
			out[i] += y / math.Pow(float64(h), 1.3)
		}
	}
	fall, level := math.Exp(-1/(decay*float64(b.rate))), 1.0
	rise := attack * float64(b.rate)
	for i := range out {
		out[i] *= level * min(1, float64(i)/rise, float64(len(out)-i)/(0.01*float64(b.rate)))
		level *= fall
	}
	return out
}

// bell is frequency modulation.
func (b *band) bell(hz, seconds float64) []float64 {
	out := make([]float64, int(seconds*float64(b.rate)))
	for i := range out {
		at := float64(i) / float64(b.rate)
		env := math.Exp(-at * 3 / seconds)
		out[i] = env * math.Sin(2*math.Pi*hz*at+4*env*math.Sin(2*math.Pi*hz*1.414*at))
	}
	return out
}

func (b *band) kick() []float64 {
	out := make([]float64, b.rate/4)
	phase := 0.0
	for i := range out {
		at := float64(i) / float64(b.rate)
		phase += (45 + 120*math.Exp(-at*30)) / float64(b.rate)
		out[i] = math.Exp(-at*14) * math.Sin(2*math.Pi*phase)
	}
	return out
}

// burst is a drum of noise; bright takes the low end away.
func (b *band) burst(seconds float64, bright bool) []float64 {
	out := make([]float64, int(seconds*float64(b.rate)))
	last := 0.0
	for i := range out {
		v := b.noise()
		out[i] = 0.5 * v * math.Exp(-float64(i)/float64(len(out))*5)
		if bright {
			out[i] -= 0.5 * last * math.Exp(-float64(i)/float64(len(out))*5)
		}
		last = v
	}
	return out
}

func scaled(v []float64, g float64) []float64 {
	for i := range v {
		v[i] *= g
	}
	return v
}

// drums plays a beat over p.
func (b *band) drums(p *pcm, bpm, level float64) {
	beat := 60 / bpm
	kick, snare, hat := b.kick(), b.burst(0.18, false), b.burst(0.05, true)
	kick, snare, hat = scaled(kick, 0.9*level), scaled(snare, 0.6*level), scaled(hat, 0.35*level)
	for i := 0; float64(i)*beat/2 < float64(p.frames())/float64(p.rate); i++ {
		at := float64(i) * beat / 2
		p.add(at, 0.6, hat)
		switch i % 8 {
		case 0, 5:
			p.add(at, 0.5, kick)
		case 2, 6:
			p.add(at, 0.5, snare)
		case 4:
			p.add(at, 0.5, kick)
		}
	}
}

var scale = []float64{0, 2, 4, 7, 9, 12, 14, 16}

func hz(base, semitones float64) float64 { return base * math.Exp2(semitones/12) }

// melody has an instrument play notes of a scale, a beat each.
func (b *band) melody(p *pcm, base, bpm, level float64, play func(hz, seconds float64) []float64) {
	beat := 60 / bpm
	notes := make([][]float64, len(scale))
	for k, above := range scale {
		notes[k] = scaled(play(hz(base, above), beat*3), level*0.6)
	}
	for at := 0.0; at < float64(p.frames())/float64(p.rate); at += beat {
		if b.random.IntN(5) > 0 {
			p.add(at, 0.2+0.6*b.random.Float64(), notes[b.random.IntN(len(notes))])
		}
	}
}

// chords is a pad under everything, a bar each.
func (b *band) chords(p *pcm, base, bar, level float64, harmonics int) {
	steps := []float64{0, 5, 7, 9}
	notes := map[float64][]float64{}
	for i := 0; float64(i)*bar < float64(p.frames())/float64(p.rate); i++ {
		for k, third := range []float64{0, 4, 7, 12} {
			above := steps[i%len(steps)] + third
			if notes[above] == nil {
				notes[above] = scaled(b.tone(hz(base, above), bar+0.2, 0.2, 8, harmonics), level*0.25)
			}
			p.add(float64(i)*bar, float64(k)/3, notes[above])
		}
	}
}

// wind is noise whose colour and strength wander.
func (b *band) wind(p *pcm, level float64) {
	var l, r, strength, colour float64
	strength, colour = 0.5, 0.1
	for i := range p.frames() {
		if i%512 == 0 {
			strength = min(max(strength+0.05*b.noise(), 0.05), 1)
			colour = min(max(colour+0.02*b.noise(), 0.01), 0.5)
		}
		l += colour * (b.noise() - l)
		r += colour * (b.noise() - r)
		p.v[2*i] += level * strength * l
		p.v[2*i+1] += level * strength * r
	}
}

// speech has espeak-ng read aloud.
func speech(t testing.TB, rate int, seconds float64, voice string) *pcm {
	t.Helper()
	mediatest.Need(t, "sox")
	text := map[string]string{
		"en": "The frames of a file are found once, so that seeking is exact. A damaged frame is a hole, never an end! Who would have thought that? ",
		"ko": "소리를 올리고 파형을 보고, 바로 그 순간부터 들으세요. 안녕하세요! 오늘은 날씨가 참 좋습니다. ",
	}[voice]
	wav := mediatest.Run(t, nil, "espeak-ng", "-v", voice, "--stdout", strings.Repeat(text, int(seconds/4)+2))
	raw := mediatest.Run(t, wav, "sox", "--ignore-length", "-t", "wav", "-", "-t", "raw", "-r", fmt.Sprint(rate), "-c", "2", "-b", "16", "-e", "signed", "-", "trim", "0", fmt.Sprint(seconds))
	return fromRaw(rate, raw)
}

// sox synthesizes.
func sox(t testing.TB, rate int, effects ...string) *pcm {
	t.Helper()
	return fromRaw(rate, mediatest.Run(t, nil, "sox", append([]string{"-R", "-r", fmt.Sprint(rate), "-n", "-t", "raw", "-c", "2", "-b", "16", "-e", "signed", "-"}, effects...)...))
}

func fromRaw(rate int, raw []byte) *pcm {
	p := &pcm{rate, make([]float64, len(raw)/4*2)}
	for i := range p.v {
		p.v[i] = float64(int16(binary.LittleEndian.Uint16(raw[2*i:]))) / 32768
	}
	return p
}
