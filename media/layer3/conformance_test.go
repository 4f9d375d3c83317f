package layer3

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"earshot/media/mediatest"
	"earshot/media/mp3"
	"earshot/media/mp3/mp3test"
)

// What two decoders may differ by, in steps of 16 bits.
const (
	mostRMS     = 0.1
	mostLargest = 1
)

func floats(b []byte) []float32 {
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return v
}

// The two decoders, from the first frame to the last, or as the LAME tag says.
func byMpg123(t *testing.T, file string, gapless bool) []float32 {
	t.Helper()
	way := "--no-gapless"
	if gapless {
		way = "--gapless"
	}
	return floats(mediatest.Run(t, nil, "mpg123", "-q", way, "-e", "f32", "-s", file))
}

func byFFmpeg(t *testing.T, file string, gapless bool) []float32 {
	t.Helper()
	args := []string{"-v", "fatal", "-nostdin"}
	if !gapless {
		args = append(args, "-flags2", "+skip_manual")
	}
	return floats(mediatest.Run(t, nil, "ffmpeg", append(args, "-c:a", "mp3float", "-i", file, "-f", "f32le", "-")...))
}

// byReader is what Reader gives of a file.
func byReader(t *testing.T, b []byte) (samples []float32, x *mp3.Index) {
	t.Helper()
	x, err := mp3.Scan(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(bytes.NewReader(b), x)
	buffer := make([]float32, 5000)
	for {
		n, err := r.Read(buffer)
		samples = append(samples, buffer[:n]...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := r.Holes(); n > 0 {
		t.Errorf("%d holes", n)
	}
	if got, want := len(samples), int(x.Samples())*x.Channels(); got != want {
		t.Errorf("%d values, want %d", got, want)
	}
	return samples, x
}

// byDecoder is what Decoder gives of all frames.
func byDecoder(t *testing.T, b []byte) (samples []float32) {
	t.Helper()
	x, err := mp3.Scan(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var d Decoder
	buffer := make([]float32, 2304)
	for i := range x.Frames() {
		at := x.FrameOffset(i)
		n, ok := d.Decode(b[at:at+int64(x.FrameSize(i))], buffer)
		if !ok {
			t.Errorf("frame %d of %d is a hole", i, x.Frames())
		}
		samples = append(samples, buffer[:n]...)
	}
	return samples
}

// difference of two decodings, in steps of 16 bits.
type difference struct {
	rms, largest float64
	at           int
}

func differ(a, b []float32) (d difference) {
	var squares float64
	for i := range min(len(a), len(b)) {
		v := math.Abs(float64(a[i])-float64(b[i])) * 32768
		if !(v <= d.largest) {
			d.largest, d.at = v, i
		}
		squares += v * v
	}
	d.rms = math.Sqrt(squares / float64(max(1, min(len(a), len(b)))))
	return d
}

// wantSame holds what is ours against what another decoder gave.
func wantSame(t *testing.T, other string, got, want []float32) difference {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d values, %s gives %d", len(got), other, len(want))
	}
	if len(want) == 0 {
		t.Errorf("%s gives nothing", other)
	}
	d := differ(got, want)
	if !(d.rms <= mostRMS && d.largest <= mostLargest) {
		t.Errorf("against %s: off by %.4f on average, %.3f at most (value %d: %g, want %g)",
			other, d.rms, d.largest, d.at, got[d.at], want[d.at])
	}
	return d
}

// music is stereo sound with what makes encoders use all they have: chords,
// noise that comes and goes, clicks out of silence, sound in one channel only
// and the same in both. It is the same each time.
func music(rate int, seconds float64) []int16 {
	random := rand.New(rand.NewPCG(7, 8))
	var samples []int16
	n := int(seconds * float64(rate))
	burst := 0.0
	for i := range n {
		at := float64(i) / float64(rate)
		var left, right float64
		for k, hz := range []float64{110, 277.18, 329.63, 1108.73, 3520} {
			v := 0.1 * math.Sin(2*math.Pi*hz*at+float64(k))
			left += v
			right += v * (1 - 0.15*float64(k))
		}
		sweep := 0.1 * math.Sin(2*math.Pi*(200*at+float64(rate)/12*at*at/seconds*2))
		noise := random.Float64()*2 - 1
		switch part := int(at*4) % 4; part {
		case 1:
			right = sweep + 0.02*noise
		case 2:
			left, right = 0.002*noise, 0.002*noise
		case 3:
			left += 0.1 * noise
			right += 0.1 * (random.Float64()*2 - 1)
		}
		if i%(rate/7) == rate/11 {
			burst = 0.6
		}
		burst *= math.Pow(0.5, 1000/float64(rate))
		left += burst * (random.Float64()*2 - 1)
		right += burst * (random.Float64()*2 - 1)
		samples = append(samples, int16(26000*max(-1, min(1, left))), int16(26000*max(-1, min(1, right))))
	}
	return samples
}

// byLame encodes stereo sound.
func byLame(t *testing.T, samples []int16, rate int, options ...string) []byte {
	t.Helper()
	pcm := make([]byte, 0, 2*len(samples))
	for _, s := range samples {
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(s))
	}
	out := filepath.Join(t.TempDir(), "out.mp3")
	args := append([]string{"--silent", "-r", "-s", fmt.Sprint(float64(rate) / 1000), "--resample", fmt.Sprint(float64(rate) / 1000), "--bitwidth", "16", "--signed", "--little-endian"}, options...)
	mediatest.Run(t, pcm, "lame", append(args, "-", out)...)
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func fileOf(t *testing.T, b []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "sound.mp3")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// settings of lame: the rate of the sound, and the options.
var settings = []struct {
	rate    int
	options string
	without string // a reference that gives something else, and why
}{
	// Every sampling rate, stereo as lame likes it and mono.
	{44100, "-b 128", ""},
	{48000, "-b 128", ""},
	{32000, "-b 96", ""},
	{22050, "-b 64", ""},
	{24000, "-b 64", ""},
	{16000, "-b 48", ""},
	{11025, "-b 32", ""},
	{12000, "-b 32", ""},
	{8000, "-b 24", ""},
	{44100, "-b 64 -m m -a", ""},
	{48000, "-b 96 -m m -a", ""},
	{32000, "-b 48 -m m -a", ""},
	{22050, "-b 32 -m m -a", ""},
	{24000, "-b 32 -m m -a", ""},
	{16000, "-b 24 -m m -a", ""},
	{11025, "-b 16 -m m -a", ""},
	{12000, "-b 16 -m m -a", ""},
	{8000, "-b 8 -m m -a", ""},
	// Channels.
	{44100, "-b 192 -m s", ""},
	{44100, "-b 192 -m f", ""},
	{44100, "-b 192 -m j", ""},
	{44100, "-b 128 -m d", ""},
	{24000, "-b 80 -m f", ""},
	{12000, "-b 64 -m f", ""},
	{24000, "-b 80 -m s", ""},
	// Bit rates.
	{44100, "-b 32", ""},
	{44100, "-b 320", ""},
	{48000, "-b 320 -m s", ""},
	{32000, "-b 320", ""},
	{22050, "-b 160", ""},
	{24000, "-b 8 -m m -a", ""},
	{8000, "-b 64", ""},
	{44100, "-b 224 --nores", ""},
	{44100, "--abr 160", ""},
	{48000, "--abr 100", ""},
	{22050, "--abr 56", ""},
	{44100, "-V 0", ""},
	{44100, "-V 2", ""},
	{44100, "-V 5 --vbr-old", ""},
	{44100, "-V 9", ""},
	{48000, "-V 4 -m m -a", ""},
	{32000, "-V 3", ""},
	{24000, "-V 6", ""},
	{11025, "-V 2", ""},
	{8000, "-V 9.9", ""},
	// Blocks, checksums, other ways to write it.
	{44100, "-b 160 --allshort", ""},
	{44100, "-b 160 -m s --allshort", ""},
	{48000, "-b 96 -m f --allshort", ""},
	{22050, "-b 64 --allshort", ""},
	{8000, "-b 32 --allshort", ""},
	{44100, "-b 160 --noshort", ""},
	{44100, "-b 128 -p", ""},
	{48000, "-V 2 -p", ""},
	{22050, "-b 64 -p -m m -a", ""},
	{44100, "-b 160 -q 0", ""},
	{44100, "-b 160 -q 9", ""},
	{44100, "--freeformat -b 200", "ffmpeg"}, // it can't find the frames
	{32000, "--freeformat -b 480", "ffmpeg"},
	{44100, "-b 128 -t", ""}, // without a tag
	{44100, "-V 4 -t", ""},
	{44100, "-b 112 --strictly-enforce-ISO", ""},
	{44100, "-b 128 --lowpass 20 -k", ""},
}

// features counts what is found in files.
type features struct {
	sync.Mutex
	seen map[string]int
}

// look counts what there is in the granules of a file.
func (f *features) look(b []byte, x *mp3.Index) {
	f.Lock()
	defer f.Unlock()
	for i := range x.Frames() {
		at := x.FrameOffset(i)
		frame := b[at : at+int64(x.FrameSize(i))]
		h, ok := parseHeader(frame)
		var side sideInfo
		if !ok || !side.parse(h, frame) {
			continue
		}
		if side.begin > 0 {
			f.seen["bit reservoir"]++
		}
		if h.ms {
			f.seen["middle and side"]++
		}
		if side.share[0]|side.share[1] != 0 {
			f.seen["shared scale factors"]++
		}
		for gr := range h.granules {
			for ch := range h.channels {
				g := &side.granules[gr][ch]
				f.seen[fmt.Sprint("block type ", g.block)]++
				for _, t := range g.tables {
					f.seen[fmt.Sprint("table ", t)]++
				}
				if g.preflag {
					f.seen["preflag"]++
				}
				if g.shift > 0 {
					f.seen["coarse scale factors"]++
				}
				if g.subGain != [3]int{} {
					f.seen["gain of windows"]++
				}
			}
		}
	}
}

// Files of lame, in all its settings, sound as other decoders make them sound,
// to the sample.
func TestDecodesAsOthersDo(t *testing.T) {
	t.Parallel()
	found := features{seen: map[string]int{}}
	sounds := map[int]func() []int16{}
	for _, s := range settings {
		sounds[s.rate] = sync.OnceValue(func() []int16 { return music(s.rate, 1.7) })
	}
	sound := func(rate int) []int16 { return sounds[rate]() }
	t.Run("all", func(t *testing.T) {
		for _, s := range settings {
			t.Run(fmt.Sprintf("%d %s", s.rate, s.options), func(t *testing.T) {
				t.Parallel()
				b := byLame(t, sound(s.rate), s.rate, strings.Fields(s.options)...)
				file := fileOf(t, b)
				whole := byDecoder(t, b)
				samples, x := byReader(t, b)
				if x.SampleRate() != s.rate {
					t.Fatalf("%d Hz", x.SampleRate())
				}
				found.look(b, x)
				d := wantSame(t, "mpg123", samples, byMpg123(t, file, true))
				all := wantSame(t, "mpg123 of all frames", whole, byMpg123(t, file, false))
				t.Logf("mpg123: %.4f, %.3f; all frames %.4f, %.3f", d.rms, d.largest, all.rms, all.largest)
				if s.without == "ffmpeg" || s.rate == 24000 {
					// ffmpeg has band 18 of 24 kHz begin two lines too low: at
					// 330, where 13818-3, lame and mpg123 have 332.
					return
				}
				d = wantSame(t, "ffmpeg", samples, byFFmpeg(t, file, true))
				t.Logf("ffmpeg: %.4f, %.3f", d.rms, d.largest)
			})
		}
	})
	if len(found.seen) == 0 {
		t.Skip("nothing was decoded")
	}
	for _, want := range []string{
		"bit reservoir", "middle and side", "shared scale factors", "preflag", "coarse scale factors", "gain of windows",
		"block type 0", "block type 1", "block type 2", "block type 3",
	} {
		if found.seen[want] < 10 {
			t.Errorf("%s: only %d in all files", want, found.seen[want])
		}
	}
	t.Log(found.seen)
}

// Albums that lame writes without gaps are cut where one ends and the next
// begins. The first ends without padding, so that 529 samples of its sound come
// out of decoders only behind the last frame: here they are given, as the
// others' ends are not.
func TestDecodesAlbumsWithoutGaps(t *testing.T) {
	t.Parallel()
	for _, tags := range []bool{false, true} {
		dir := t.TempDir()
		var names []string
		for i, seconds := range []float64{1.234, 0.789} {
			name := filepath.Join(dir, fmt.Sprintf("%d.wav", i))
			if err := os.WriteFile(name, wave(music(44100, seconds), 44100), 0o600); err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
		args := []string{"--silent", "-b", "128", "--nogapout", dir}
		if tags {
			args = append(args, "--nogaptags")
		}
		mediatest.Run(t, nil, "lame", append(append(args, "--nogap"), names...)...)
		for i := range names {
			file := filepath.Join(dir, fmt.Sprintf("%d.mp3", i))
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			samples, x := byReader(t, b)
			if x.Tagged() != tags {
				t.Errorf("file %d: tagged %v, want %v", i, x.Tagged(), tags)
			}
			for name, others := range map[string][]float32{"mpg123": byMpg123(t, file, true), "ffmpeg": byFFmpeg(t, file, true)} {
				more := (len(samples) - len(others)) / 2
				if want := max(0, mp3.DecoderDelay-x.Padding()); tags && i == 0 && more != want || (!tags || i == 1) && more != 0 {
					t.Errorf("file %d: %d samples more than %s", i, more, name)
				}
				wantSame(t, name, samples[:min(len(samples), len(others))], others)
			}
		}
	}
}

// A frame that is decoded after no more than the frames that the index says it
// needs gives the same bits as within the whole file.
func TestFramesSoundTheSameAfterTheirLead(t *testing.T) {
	t.Parallel()
	for _, s := range []struct {
		rate    int
		options string
	}{{44100, "-V 2"}, {44100, "-b 128"}, {44100, "-b 320 --nores"}, {22050, "-V 5"}, {8000, "-b 16 -m m -a"}} {
		b := byLame(t, music(s.rate, 2.2), s.rate, strings.Fields(s.options)...)
		x, err := mp3.Scan(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		whole := byDecoder(t, b)
		buffer := make([]float32, 2304)
		for i := range x.Frames() {
			var d Decoder
			n, ok := 0, false
			for k := i - x.Lead(i); k <= i; k++ {
				at := x.FrameOffset(k)
				n, ok = d.Decode(b[at:at+int64(x.FrameSize(k))], buffer)
			}
			if !ok || !slices.Equal(buffer[:n], whole[i*n:(i+1)*n]) {
				t.Fatalf("%d %s: frame %d of %d, after %d, is other than in the file", s.rate, s.options, i, x.Frames(), x.Lead(i))
			}
		}
	}
}

// wave is a WAV file of stereo sound.
func wave(samples []int16, rate int) []byte {
	le := binary.LittleEndian
	var data []byte
	for _, s := range samples {
		data = le.AppendUint16(data, uint16(s))
	}
	return mediatest.WAV(mediatest.PCM, rate, 2, 16, data)
}

// Tones that are built in code sound as they are meant to.
func TestTonesHaveTheirLevel(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{44100, 48000, 32000, 22050, 24000, 16000, 11025, 12000, 8000} {
		for _, mode := range []mp3test.Mode{mp3test.Stereo, mp3test.Joint, mp3test.Dual, mp3test.Mono} {
			for _, tone := range []mp3test.Tone{{Line: 2, Gain: 200}, {Line: 26, Gain: 190}, {Line: 301, Gain: 180}, {Line: 574, Gain: 206}} {
				f := mp3test.Format{SampleRate: rate, Bitrate: 160, Mode: mode, CRC: tone.Line == 26}
				samples := byDecoder(t, f.Build(mp3test.Tones(tone, 12)...))
				channels := 2
				if mode == mp3test.Mono {
					channels = 1
				}
				samples = samples[len(samples)/2:]
				for ch := range channels {
					// What a sine of that frequency leaves, and its level.
					var sin, cos, all float64
					n := 0
					for i := ch; i < len(samples); i += channels {
						phase := 2 * math.Pi * tone.Hz(f) / float64(rate) * float64(n)
						v := float64(samples[i])
						sin, cos, all = sin+v*math.Sin(phase), cos+v*math.Cos(phase), all+v*v
						n++
					}
					level := 2 * math.Hypot(sin, cos) / float64(n)
					if math.Abs(level/tone.Level()-1) > 0.002 {
						t.Errorf("%d Hz, mode %d, %+v, channel %d: level %g, want %g", rate, mode, tone, ch, level, tone.Level())
					}
					if rest := all/float64(n) - level*level/2; rest > 2e-3*level*level {
						t.Errorf("%d Hz, mode %d, %+v, channel %d: %g beside the tone, of %g", rate, mode, tone, ch, rest, level*level/2)
					}
				}
			}
		}
	}
}
