package layer3

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"earshot/media/mp3"
	"earshot/media/mp3/mp3test"
)

var (
	cd    = mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Stereo}
	voice = mp3test.Format{SampleRate: 24000, Bitrate: 64, Mode: mp3test.Mono}
)

// readAll gives all samples of a file, and how many holes it has. It holds
// them against what the index promises, and the holes against the energies'.
func readAll(t testing.TB, file []byte) (samples []float32, holes int) {
	t.Helper()
	x, err := mp3.Scan(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(bytes.NewReader(file), x)
	dst := make([]float32, 997) // which no frame is a multiple of
	for {
		n, err := r.Read(dst)
		if n%r.Channels() != 0 || n == 0 && err == nil {
			t.Fatalf("read %d values, error %v", n, err)
		}
		samples = append(samples, dst[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := x.Samples() * int64(x.Channels()); int64(len(samples)) != want {
		t.Fatalf("%d values, want %d", len(samples), want)
	}
	e := NewEnergies(bytes.NewReader(file), x)
	granules := 0
	for out := (Energy{}); e.Next(&out) == nil; granules++ {
		if v := total(&out); !(v >= 0) || math.IsInf(v, 0) {
			t.Fatalf("granule %d has energy %g", granules, v)
		}
	}
	if want := x.Frames() * x.SamplesPerFrame() / 576; granules != want {
		t.Fatalf("%d granules, want %d", granules, want)
	}
	// A Reader leaves frames behind the sound unread.
	if more := e.Holes() - r.Holes(); more < 0 || more > x.Frames()-r.frames.next {
		t.Fatalf("%d holes in the samples, %d in the energies", r.Holes(), e.Holes())
	}
	return samples, r.Holes()
}

func loud(list []float32) (most float32) {
	for _, v := range list {
		most = max(most, v, -v)
	}
	return most
}

// A damaged frame is a hole as long as it, after which all is as it was.
func TestDamagedFramesAreHoles(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(side []byte){
		// The first granule's fields begin at bit 20 of MPEG-1 stereo.
		"big_values":             func(b []byte) { b[4] |= 0xFF; b[5] |= 0xF0 },
		"part2_3_length":         func(b []byte) { b[2] |= 0x0F; b[3] = 0xFF },
		"block type 0 windowed":  func(b []byte) { b[6] |= 4; b[6] &^= 3 },
		"table 4":                func(b []byte) { b[6] &^= 3; b[7] = b[7]&0x1F | 4<<5 },
		"global_gain 80 higher":  func(b []byte) { b[5] = b[5]&0x80 | 255>>1; b[6] |= 0x80 },
		"no reservoir for begin": func(b []byte) { b[0], b[1] = 0xFF, b[1]|0x80 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := cd.Build(mp3test.Tones(mp3test.Tone{Line: 40, Gain: 200}, 9)...)
			whole, holes := readAll(t, file)
			if holes != 0 {
				t.Fatalf("%d holes in the whole file", holes)
			}
			list, _ := framesOf(t, file)
			bad := 4
			if name == "no reservoir for begin" {
				bad = 0
			}
			damage(list[bad][4:])
			got, holes := readAll(t, file)
			if holes != 1 {
				t.Fatalf("%d holes", holes)
			}
			if !slices.Equal(got[:2304*bad], whole[:2304*bad]) {
				t.Error("sound before the hole is another")
			}
			if after := 2304 * (bad + 3); !slices.Equal(got[after:], whole[after:]) {
				t.Error("sound after the hole is another")
			}
			if bad > 0 && loud(got[2304*bad:2304*(bad+1)]) > 1.1*loud(whole) {
				t.Error("the hole is louder than the sound")
			}
			// The overlap rings out for 576 samples, the filter bank for 512.
			if quiet := got[2304*bad+2*1088 : 2304*(bad+1)]; name == "big_values" && loud(quiet) > 0 {
				t.Errorf("a level of %g inside the hole", loud(quiet))
			}
		})
	}
}

// Where bytes are missing between frames there is no reservoir.
func TestGapEndsTheReservoir(t *testing.T) {
	t.Parallel()
	list := mp3test.Tones(mp3test.Tone{Line: 40, Gain: 200}, 12)
	for i := range list[1:] {
		list[i+1].Begin = 100
	}
	file := cd.Build(list...)
	frames, _ := framesOf(t, file)
	at := len(slices.Concat(frames[:6]...))
	file = slices.Concat(file[:at], mp3test.Rubbish(500, 1), file[at:])
	if _, holes := readAll(t, file); holes != 1 {
		t.Errorf("%d holes, want that of the first frame behind the gap", holes)
	}
}

// Files that go from mono to stereo, or back, go on in the channels of their
// first frame.
func TestChannelsStayThoseOfTheFirstFrame(t *testing.T) {
	t.Parallel()
	tone := mp3test.Tone{Line: 40, Gain: 200}
	mono := cd
	mono.Mode = mp3test.Mono
	one, two := mono.Build(mp3test.Tones(tone, 6)...), cd.Build(mp3test.Tones(tone, 6)...)
	for name, file := range map[string][]byte{"mono first": slices.Concat(one, two), "stereo first": slices.Concat(two, one)} {
		samples, holes := readAll(t, file)
		if holes != 0 {
			t.Errorf("%s: %d holes", name, holes)
		}
		_, x := framesOf(t, file)
		channels := x.Channels()
		for from := 1152 * channels * 2; from < len(samples); from += 1152 * channels {
			if l := loud(samples[from : from+1152*channels]); math.Abs(float64(l)/tone.Level()-1) > 0.05 {
				t.Errorf("%s: level %g from value %d on, want %g", name, l, from, tone.Level())
			}
		}
		e := NewEnergies(bytes.NewReader(file), x)
		for out := (Energy{}); e.Next(&out) == nil; {
			if want := tone.Level() * tone.Level() / 2 * float64(channels); math.Abs(total(&out)/want-1) > 0.01 {
				t.Errorf("%s: energy %g, want %g", name, total(&out), want)
			}
		}
	}
}

// The tag says what is skipped in front, and where the sound ends: also when
// less was put behind than the decoder is late by.
func TestReaderIsGapless(t *testing.T) {
	t.Parallel()
	for _, padding := range []int{0, 100, 528, 529, 1000, 2000} {
		tag := cd.Xing(128, mp3test.Info{Sign: "Info", Frames: 10, Encoder: "LAME3.100", Delay: 576, Padding: padding})
		frames := cd.Build(mp3test.Tones(mp3test.Tone{Line: 40, Gain: 200}, 10)...)
		all, _ := readAll(t, frames)
		all = all[2*(576+mp3.DecoderDelay):]
		got, _ := readAll(t, slices.Concat(tag, frames))
		if n := min(len(all), len(got)); len(got) != 2*(11520-576-padding) || !slices.Equal(got[:n], all[:n]) {
			t.Errorf("padding %d: %d values, or others than without a tag", padding, len(got))
		}
	}
}

// A file that became shorter since it was indexed is an error, not sound.
func TestReaderTellsThatTheFileIsShorter(t *testing.T) {
	t.Parallel()
	file := cd.Silence(400)
	_, x := framesOf(t, file)
	r := NewReader(bytes.NewReader(file[:100_000]), x)
	dst := make([]float32, 2304)
	var err error
	for err == nil {
		_, err = r.Read(dst)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v", err)
	}
	if _, err := r.Read(dst[:1]); err != io.ErrShortBuffer {
		t.Errorf("half a sample: %v", err)
	}
}

// Two gigabytes are read in little memory.
// Files beyond 2 GiB are measured in media/analysis.
func TestLargeFilesTakeLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("an hour of sound")
	}
	f := mp3test.Format{SampleRate: 48000, Bitrate: 320, Mode: mp3test.Stereo}
	body := f.Silence(100)
	file := mp3test.Repeated{Body: body, Times: 144e6 / int64(len(body))}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x, err := mp3.Scan(file, file.Size())
	if err != nil {
		t.Fatal(err)
	}
	e := NewEnergies(file, x)
	var out Energy
	for err == nil {
		err = e.Next(&out)
	}
	r := NewReader(file, x)
	dst := make([]float32, 4096)
	for range 10_000 {
		if _, err := r.Read(dst); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if err != io.EOF || e.Holes() > 0 {
		t.Errorf("%v, %d holes", err, e.Holes())
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
		t.Errorf("%d bytes allocated", n)
	}
}

// FuzzDecode: whatever the bytes of a frame, decoding and measuring agree on
// whether it is whole, and give numbers.
func FuzzDecode(f *testing.F) {
	for _, c := range crafts() {
		c.Bitrate = 32
		frame := c.frame()
		f.Add(frame, frame[4:], uint8(3))
	}
	f.Add(cd.Silence(1), []byte{0xFF, 0x80}, uint8(0))
	f.Add([]byte{0xFF, 0xE3, 0x18, 0xC4}, []byte{}, uint8(9))
	f.Fuzz(func(t *testing.T, frame, next []byte, flips uint8) {
		var d Decoder
		var m Meter
		dst := make([]float32, 2304)
		second := slices.Clone(frame)
		if len(frame) > 4 {
			copy(second[4:], next)
		}
		third := slices.Clone(second)
		random := rand.New(rand.NewPCG(uint64(flips), uint64(len(frame))))
		for range flips {
			if len(third) > 4 {
				third[4+random.IntN(len(third)-4)] ^= 1 << random.IntN(8)
			}
		}
		for _, b := range [][]byte{frame, second, third, frame, third} {
			n, ok := d.Decode(b, dst)
			var out [2]Energy
			granules, fine := m.Frame(b, &out)
			if ok != fine || granules*576 != n && granules*1152 != n {
				t.Fatalf("%d values, %v, but %d granules, %v", n, ok, granules, fine)
			}
			for _, v := range dst[:n] {
				if !(math.Abs(float64(v)) < 1e30) {
					t.Fatalf("a sample of %g", v)
				}
			}
			for _, e := range out[:granules] {
				if v := total(&e); !(v >= 0 && v < 1e30) {
					t.Fatalf("energy %g", v)
				}
			}
		}
	})
}

// FuzzReader: whatever a file has in it, as many samples and energies are read
// as its index counts.
func FuzzReader(f *testing.F) {
	tones := mp3test.Tones(mp3test.Tone{Line: 20, Gain: 200}, 6)
	for i := range tones[1:] {
		tones[i+1].Begin = 20
	}
	tag := cd.Xing(128, mp3test.Info{Sign: "Info", Frames: 6, Encoder: "LAME3.100", Delay: 576, Padding: 1100})
	mono := cd
	mono.Mode, mono.CRC = mp3test.Mono, true
	f.Add(slices.Concat(tag, cd.Build(tones...)))
	f.Add(slices.Concat(voice.Build(tones...), mp3test.Rubbish(50, 1), voice.Build(tones...)))
	f.Add(slices.Concat(mono.Build(tones...), cd.Build(tones...)))
	f.Add(mp3test.Format{SampleRate: 8000, FreeSize: 100, Mode: mp3test.Mono}.Silence(5))
	for _, rate := range []int{32000, 16000, 8000} {
		c := craft{Format: mp3test.Format{SampleRate: rate, Bitrate: 64, Mode: mp3test.Joint}, block: -1, mixed: true, ms: true, intensity: true, random: rand.New(rand.NewPCG(1, 1))}
		f.Add(c.file(5))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := mp3.Scan(bytes.NewReader(file), int64(len(file))); err != nil {
			return
		}
		readAll(t, file)
	})
}

// A file that begins in the middle of another sounds like it from as far on as
// its index says that frames reach back.
func TestCutFilesSoundTheSameFromTheirLeadOn(t *testing.T) {
	t.Parallel()
	for rate, options := range map[int][]string{44100: {"-V", "3", "-t"}, 24000: {"-b", "48", "-t"}} {
		file := byLame(t, music(rate, 4), rate, options...)
		list, x := framesOf(t, file)
		values := x.SamplesPerFrame() * x.Channels()
		whole, holes := readAll(t, file)
		if holes != 0 {
			t.Fatalf("%d holes in the whole file", holes)
		}
		missed := 0
		for first := 1; first+10 < len(list); first += 7 {
			got, holes := readAll(t, slices.Concat(list[first:]...))
			missed += holes
			same := first
			for same-x.Lead(same) < first {
				same++
			}
			// What comes before the lead fades out in the filter bank, to
			// less than float32 holds but not to nothing at once.
			if d := differ(got[(same-first)*values:], whole[same*values:]); !(d.largest < 1e-3) {
				t.Errorf("%d Hz from frame %d on: off by %g at value %d behind the lead", rate, first, d.largest, d.at)
			}
			if most := same - first; holes > most {
				t.Errorf("%d Hz from frame %d on: %d holes, but a lead of %d", rate, first, holes, most)
			}
		}
		if missed == 0 {
			t.Errorf("%d Hz: no frame reached back", rate)
		}
	}
}

// Wrong bits anywhere neither end the sound nor make it loud beyond measure.
func TestWrongBitsStayWithinMeasure(t *testing.T) {
	t.Parallel()
	whole := byLame(t, music(44100, 3), 44100, "-b", "128")
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 6))
		file := slices.Clone(whole)
		for range 40 {
			file[2000+random.IntN(len(file)-2000)] ^= 1 << random.IntN(8)
		}
		samples, holes := readAll(t, file)
		if l := loud(samples); l > 60 {
			t.Errorf("seed %d: a level of %g, %d holes", seed, l, holes)
		}
	}
}
