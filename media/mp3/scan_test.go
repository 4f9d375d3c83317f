package mp3

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/media/mp3/mp3test"
)

var (
	cd     = mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint, Fill: 11}
	voice  = mp3test.Format{SampleRate: 22050, Bitrate: 56, Mode: mp3test.Mono, Fill: 12}
	phone  = mp3test.Format{SampleRate: 8000, Bitrate: 16, Mode: mp3test.Mono, Fill: 13}
	free   = mp3test.Format{SampleRate: 44100, FreeSize: 1306, Mode: mp3test.Stereo, Fill: 14}
	layer2 = mp3test.Format{SampleRate: 44100, Bitrate: 192, Layer: mp3test.LayerII, Fill: 15}
	layer1 = mp3test.Format{SampleRate: 44100, Bitrate: 320, Layer: mp3test.LayerI, Fill: 16}
)

func scan(file []byte) (*Index, error) { return Scan(bytes.NewReader(file), int64(len(file))) }

// TestWrapped puts all kinds of tags and rubbish around frames, and between
// them, and expects each frame where it is.
func TestWrapped(t *testing.T) {
	t.Parallel()
	var (
		id3     = mp3test.ID3v2(3, mp3test.Cover(70_000, 1))
		id3v22  = mp3test.ID3v2(2, mp3test.FalseSyncs(900, 2))
		id3v24  = mp3test.ID3v2(4, make([]byte, 0))
		footer  = mp3test.ID3v2Footer(mp3test.FalseSyncs(3000, 3))
		id3v1   = mp3test.ID3v1("Night train")
		ape1    = mp3test.APE(1, "Night train")
		ape2    = mp3test.APE(2, strings.Repeat("Night train ", 500))
		lyrics1 = mp3test.Lyrics3v1("[00:01]la la")
		lyrics2 = mp3test.Lyrics3v2("[00:01]la la")
		plus    = mp3test.TagPlus("Night train")
	)
	tests := []struct {
		name    string
		front   [][]byte
		between [][]byte
		behind  [][]byte
		damaged bool
	}{
		{name: "bare"},
		{name: "id3v2.3 with a cover full of sync words", front: [][]byte{id3}},
		{name: "id3v2.2", front: [][]byte{id3v22}},
		{name: "two id3v2", front: [][]byte{id3, id3v22}},
		{name: "three id3v2, one empty, one with a footer", front: [][]byte{footer, id3v24, id3}},
		{name: "apev2 in front", front: [][]byte{ape2}},
		{name: "id3v2 and apev2 in front", front: [][]byte{id3, ape2}},
		{name: "id3v1", behind: [][]byte{id3v1}},
		{name: "id3v1 with extension", behind: [][]byte{plus, id3v1}},
		{name: "apev1", behind: [][]byte{ape1}},
		{name: "apev2", behind: [][]byte{ape2}},
		{name: "apev2, id3v1", behind: [][]byte{ape2, id3v1}},
		{name: "apev1, id3v1", behind: [][]byte{ape1, id3v1}},
		{name: "lyrics3 v1, id3v1", behind: [][]byte{lyrics1, id3v1}},
		{name: "lyrics3 v2, id3v1", behind: [][]byte{lyrics2, id3v1}},
		{name: "apev2, lyrics3 v2, id3v1 with extension", behind: [][]byte{ape2, lyrics2, plus, id3v1}},
		{name: "id3v2 with footer behind", behind: [][]byte{footer}},
		{name: "id3v2 without footer behind", behind: [][]byte{id3}},
		{name: "id3v2 without footer, apev2, id3v1 behind", behind: [][]byte{id3, ape2, id3v1}},
		{name: "id3v2 between", between: [][]byte{id3}},
		{name: "id3v1, id3v2 between, as in joined files", between: [][]byte{id3v1, id3}},
		{name: "apev2, id3v1, two id3v2 between", between: [][]byte{ape2, id3v1, id3v22, footer}},
		{name: "rubbish in front", front: [][]byte{mp3test.Rubbish(10_000, 4)}},
		{name: "one byte in front", front: [][]byte{{0xFF}}},
		{name: "zeros behind the tag", front: [][]byte{id3, make([]byte, 3000)}},
		{name: "false syncs in front", front: [][]byte{{0}, mp3test.FalseSyncs(100_000, 5), {0, 0, 0}}},
		{name: "an id3v2 too long for the file", front: [][]byte{[]byte("ID3\x03\x00\x00\x7f\x7f\x7f\x7f")}},
		{name: "an id3v2 with an impossible size", front: [][]byte{[]byte("ID3\x03\x00\x00\xff\x00\x00\x00")}},
		{name: "a web radio's answer", front: [][]byte{[]byte("ICY 200 OK\r\nicy-name: Night\r\n\r\n")}},
		{name: "wave head of an mp3", front: [][]byte{[]byte("RIFF\xff\xff\x00\x00WAVEfmt \x1e\x00\x00\x00\x55\x00" +
			strings.Repeat("\x00", 28) + "data\xff\xff\x00\x00")}},
		{name: "rubbish between", between: [][]byte{mp3test.Rubbish(5000, 6)}, damaged: true},
		{name: "one byte between", between: [][]byte{{0}}, damaged: true},
		{name: "false syncs between", between: [][]byte{mp3test.FalseSyncs(90_000, 7), {0, 0}}, damaged: true},
		{name: "false syncs and a tag between", between: [][]byte{{1}, mp3test.FalseSyncs(9000, 8), {0, 0}, id3}, damaged: true},
		{name: "a tag and rubbish between", between: [][]byte{id3, mp3test.Rubbish(700, 8)}, damaged: true},
		{name: "rubbish behind", behind: [][]byte{mp3test.Rubbish(5000, 9)}, damaged: true},
		{name: "false syncs and id3v1 behind", behind: [][]byte{{0}, mp3test.FalseSyncs(9000, 10), {0}, id3v1}, damaged: true},
		{name: "zeros behind", behind: [][]byte{make([]byte, 100)}, damaged: true},
		{name: "everything", front: [][]byte{id3, id3v22, ape2, mp3test.Rubbish(77, 11)},
			between: [][]byte{mp3test.Rubbish(99, 12), id3, mp3test.FalseSyncs(999, 13), {0, 0}},
			behind:  [][]byte{footer, ape2, lyrics2, plus, id3v1}, damaged: true},
	}
	kinds := []struct {
		name   string
		format mp3test.Format
		list   []mp3test.Frame
	}{
		{"cbr", cd, make([]mp3test.Frame, 150)},
		{"vbr", cd, cd.Uneven(150, 21)},
		{"mono mpeg-2 vbr", voice, voice.Uneven(300, 22)},
		{"mpeg-2.5", phone, make([]mp3test.Frame, 100)},
		{"free format", free, make([]mp3test.Frame, 40)},
	}
	for _, kind := range kinds {
		for _, tt := range tests {
			t.Run(kind.name+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				half := len(kind.list) / 2
				sizes := kind.format.Sizes(kind.list...)
				audio := kind.format.Build(kind.list...)
				cut := 0
				for _, n := range sizes[:half] {
					cut += n
				}
				front, between := slices.Concat(tt.front...), slices.Concat(tt.between...)
				file := slices.Concat(front, audio[:cut], between, audio[cut:], slices.Concat(tt.behind...))
				x, err := scan(file)
				if err != nil {
					t.Fatal(err)
				}
				want := append(places(len(front), sizes[:half]...),
					places(len(front)+cut+len(between), sizes[half:]...)...)
				checkPlaces(t, x, want)
				if x.Damaged() != tt.damaged {
					t.Errorf("damaged %v, want %v", x.Damaged(), tt.damaged)
				}
				if x.Cut() || x.Tagged() || x.Promised() != 0 {
					t.Errorf("cut %v, tagged %v, promised %d, want none", x.Cut(), x.Tagged(), x.Promised())
				}
				if got, want := x.SampleRate(), kind.format.SampleRate; got != want {
					t.Errorf("%d Hz, want %d", got, want)
				}
				if got, want := x.Samples(), int64(len(sizes)*kind.format.SamplesPerFrame()); got != want {
					t.Errorf("%d samples, want %d", got, want)
				}
				if got, want := x.FreeFormat(), kind.format.Bitrate == 0; got != want {
					t.Errorf("free format %v, want %v", got, want)
				}
			})
		}
	}
}

// TestFormats goes through every sampling rate, bit rate, mode and protection.
func TestFormats(t *testing.T) {
	t.Parallel()
	versions := map[int]Version{44100: MPEG1, 48000: MPEG1, 32000: MPEG1, 22050: MPEG2, 24000: MPEG2,
		16000: MPEG2, 11025: MPEG25, 12000: MPEG25, 8000: MPEG25}
	for rate, version := range versions {
		for mode := range mp3test.Mono + 1 {
			for _, crc := range []bool{false, true} {
				f := mp3test.Format{SampleRate: rate, Mode: mode, CRC: crc, Fill: 31}
				for _, f.Bitrate = range f.Bitrates() {
					const n = 60
					x, err := scan(f.Silence(n))
					if err != nil {
						t.Fatalf("%+v: %v", f, err)
					}
					checkPlaces(t, x, places(0, f.Sizes(make([]mp3test.Frame, n)...)...))
					wantChannels := 2
					if mode == mp3test.Mono {
						wantChannels = 1
					}
					if x.Version() != version || x.SampleRate() != rate || x.Channels() != wantChannels ||
						x.Bitrate() != f.Bitrate*1000 || x.SamplesPerFrame() != f.SamplesPerFrame() || x.Variable() {
						t.Errorf("%+v: %v, %d Hz, %d channels, %d bit/s, %d samples a frame, variable %v", f, x.Version(),
							x.SampleRate(), x.Channels(), x.Bitrate(), x.SamplesPerFrame(), x.Variable())
					}
					if x.codes != nil {
						t.Errorf("%+v: a constant bit rate kept frame by frame", f)
					}
				}
			}
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	wav := []byte("RIFF\x24\x00\x01\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x02\x00\x44\xac\x00\x00\x10\xb1\x02\x00\x04\x00\x10\x00data\x00\x00\x01\x00")
	tests := []struct {
		name   string
		file   []byte
		want   error
		format string
	}{
		{"zero bytes", nil, ErrEmpty, ""},
		{"id3v2 only", mp3test.ID3v2(3, mp3test.Cover(9000, 1)), ErrEmpty, ""},
		{"id3v1 only", mp3test.ID3v1("a"), ErrEmpty, ""},
		{"tags only", slices.Concat(mp3test.ID3v2(4, nil), mp3test.APE(2, "a"), mp3test.ID3v1("a")), ErrEmpty, ""},
		{"an id3v2 cut off", mp3test.ID3v2(3, mp3test.Cover(9000, 1))[:7000], ErrEmpty, ""},
		{"a frame cut off", cd.Silence(1)[:400], ErrEmpty, ""},
		{"a frame cut off behind a tag", slices.Concat(mp3test.ID3v2(3, nil), cd.Silence(1)[:100]), ErrEmpty, ""},
		{"an info frame only", cd.Xing(128, mp3test.Info{Frames: 9}), ErrEmpty, ""},
		{"an info frame and a piece", slices.Concat(cd.Xing(128, mp3test.Info{Frames: 9}), cd.Silence(1)[:300]), ErrEmpty, ""},
		{"layer II", layer2.Silence(20), ErrLayer, ""},
		{"layer II behind a tag", slices.Concat(mp3test.ID3v2(3, mp3test.Cover(900, 2)), layer2.Silence(20)), ErrLayer, ""},
		{"layer II behind rubbish", slices.Concat(mp3test.Rubbish(900, 2), layer2.Silence(20), mp3test.ID3v1("")), ErrLayer, ""},
		{"layer I", layer1.Silence(50), ErrLayer, ""},
		{"layer I at 48 kHz", mp3test.Format{SampleRate: 48000, Bitrate: 96, Layer: mp3test.LayerI}.Silence(9), ErrLayer, ""},
		{"layer I of MPEG-2", mp3test.Format{SampleRate: 22050, Bitrate: 96, Layer: mp3test.LayerI}.Silence(9), ErrLayer, ""},
		{"layer II of MPEG-2", mp3test.Format{SampleRate: 22050, Bitrate: 96, Layer: mp3test.LayerII}.Silence(9), ErrLayer, ""},
		{"one layer II frame", layer2.Silence(1), ErrLayer, ""},
		{"wav", slices.Concat(wav, cd.Silence(100)), ErrNotAudio, "WAV"},
		{"flac", []byte("fLaC\x00\x00\x00\x22"), ErrNotAudio, "FLAC"},
		{"flac behind a tag", slices.Concat(mp3test.ID3v2(3, nil), []byte("fLaC\x00\x00\x00\x22"), cd.Silence(9)), ErrNotAudio, "FLAC"},
		{"mp3 in a zip", slices.Concat([]byte("PK\x03\x04"), make([]byte, 40), cd.Silence(100)), ErrNotAudio, "ZIP"},
		{"m4a", slices.Concat([]byte("\x00\x00\x00\x20ftypM4A \x00"), make([]byte, 99)), ErrNotAudio, "M4A"},
		{"text", []byte("Lorem ipsum, 밤기차"), ErrNotAudio, "text"},
		{"a web page", []byte("\n<!DOCTYPE html><title>404</title>"), ErrNotAudio, "a web page"},
		{"rubbish", mp3test.Rubbish(300_000, 3), ErrNotAudio, ""},
		{"false syncs", slices.Concat([]byte{0}, mp3test.FalseSyncs(400_000, 4)), ErrNotAudio, ""},
		{"zeros", make([]byte, 200_000), ErrNotAudio, ""},
		{"ones", bytes.Repeat([]byte{0xFF}, 200_000), ErrNotAudio, ""},
		{"two frames in rubbish", slices.Concat(mp3test.Rubbish(99, 5), cd.Silence(2), mp3test.Rubbish(999, 6)), ErrNotAudio, ""},
		{"a frame in rubbish at the end", slices.Concat(mp3test.Rubbish(99, 5), cd.Silence(1)), ErrNotAudio, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x, err := scan(tt.file)
			if !errors.Is(err, tt.want) || x != nil {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			var format *FormatError
			got := ""
			if errors.As(err, &format) {
				got = format.Format
			}
			if got != tt.format {
				t.Errorf("named %q, want %q", got, tt.format)
			}
		})
	}
}

// TestFalseSyncs: rubbish made to look like frames is none, in many shapes.
func TestFalseSyncs(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		front := append([]byte{0}, mp3test.FalseSyncs(5000, seed)...)
		front = append(front, 0, 0)
		x, err := scan(append(front, cd.Silence(20)...))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		checkPlaces(t, x, places(len(front), cd.Sizes(make([]mp3test.Frame, 20)...)...))
	}
}

// TestShort: files of few frames, whole and cut at every byte.
func TestShort(t *testing.T) {
	t.Parallel()
	for _, f := range []mp3test.Format{cd, phone} {
		for n := 1; n <= 4; n++ {
			audio := f.Silence(n)
			sizes := f.Sizes(make([]mp3test.Frame, n)...)
			for size := 1; size <= len(audio); size++ {
				whole, at := 0, 0
				for whole < n && at+sizes[whole] <= size {
					at += sizes[whole]
					whole++
				}
				x, err := scan(audio[:size])
				// One whole frame and less than a header is not enough to believe it.
				if whole == 0 || whole == 1 && at < size && size < at+headerSize {
					if !errors.Is(err, ErrEmpty) && !errors.Is(err, ErrNotAudio) {
						t.Fatalf("%d bytes of %d frames: %v", size, n, err)
					}
					continue
				}
				if err != nil {
					t.Fatalf("%d bytes of %d frames: %v", size, n, err)
				}
				checkPlaces(t, x, places(0, sizes[:whole]...))
				if x.Cut() != (at < size) || x.Damaged() {
					t.Fatalf("%d bytes of %d frames: cut %v, damaged %v", size, n, x.Cut(), x.Damaged())
				}
			}
		}
	}
}

// TestHurt damages one frame of a file in all ways and expects all others.
func TestHurt(t *testing.T) {
	t.Parallel()
	const n, hurt = 30, 12
	list := cd.Uneven(n, 41)
	sizes := cd.Sizes(list...)
	audio := cd.Build(list...)
	all := places(0, sizes...)
	at := int(all[hurt].offset)
	tests := []struct {
		name string
		file []byte
		want []place
	}{
		{"header overwritten", func() []byte {
			b := bytes.Clone(audio)
			copy(b[at:], "\x00\x00\x00\x00")
			return b
		}(), slices.Concat(all[:hurt], all[hurt+1:])},
		{"a byte lost inside", slices.Delete(bytes.Clone(audio), at+20, at+21),
			slices.Concat(all[:hurt], places(at+sizes[hurt]-1, sizes[hurt+1:]...))},
		{"a byte added inside", slices.Insert(bytes.Clone(audio), at+20, 'x'),
			slices.Concat(all[:hurt+1], places(at+sizes[hurt]+1, sizes[hurt+1:]...))},
		{"cut out", slices.Delete(bytes.Clone(audio), at+30, at+sizes[hurt]),
			slices.Concat(all[:hurt], places(at+30, sizes[hurt+1:]...))},
		{"cut out with the next", slices.Delete(bytes.Clone(audio), at+30, at+sizes[hurt]+sizes[hurt+1]),
			slices.Concat(all[:hurt], places(at+30, sizes[hurt+2:]...))},
		{"a wrong sampling rate", func() []byte {
			b := bytes.Clone(audio)
			b[at+2] ^= 0x04
			return b
		}(), slices.Concat(all[:hurt], all[hurt+1:])},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x, err := scan(tt.file)
			if err != nil {
				t.Fatal(err)
			}
			checkPlaces(t, x, tt.want)
			if !x.Damaged() || x.Cut() {
				t.Errorf("damaged %v, cut %v, want only damaged", x.Damaged(), x.Cut())
			}
		})
	}
}

// TestJoined: of two formats in one file the first counts, frames of the same
// format count all.
func TestJoined(t *testing.T) {
	t.Parallel()
	half := cd
	half.Mode = mp3test.Mono
	half.CRC = true
	half.Bitrate = 64
	x, err := scan(slices.Concat(cd.Silence(10), half.Silence(10)))
	if err != nil {
		t.Fatal(err)
	}
	checkPlaces(t, x, places(0, append(cd.Sizes(make([]mp3test.Frame, 10)...), half.Sizes(make([]mp3test.Frame, 10)...)...)...))
	if !x.Variable() || x.Damaged() || x.Channels() != 2 {
		t.Errorf("variable %v, damaged %v, %d channels", x.Variable(), x.Damaged(), x.Channels())
	}
	x, err = scan(slices.Concat(cd.Silence(10), voice.Silence(50)))
	if err != nil {
		t.Fatal(err)
	}
	checkPlaces(t, x, places(0, cd.Sizes(make([]mp3test.Frame, 10)...)...))
	if !x.Damaged() {
		t.Error("half of the file is left out, but it is not called damaged")
	}
}

// TestHours: three hours cost next to nothing in memory at a constant bit
// rate, and a byte a frame otherwise.
func TestHours(t *testing.T) {
	t.Parallel()
	body := cd.Silence(49) // 20480 bytes, after which the padding repeats
	const times = 3 * 3600 * 44100 / 1152 / 49
	r := mp3test.Repeated{Head: mp3test.ID3v2(3, nil), Body: body, Times: times, Tail: mp3test.ID3v1("")}
	x, err := Scan(r, r.Size())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := x.Frames(), 49*times; got != want {
		t.Errorf("%d frames, want %d", got, want)
	}
	if got, want := x.Duration().Round(time.Second), 3*time.Hour; got < want-3*time.Second || got > want {
		t.Errorf("%v, want %v", got, want)
	}
	b, _ := x.MarshalBinary()
	if len(b) > 100 || x.codes != nil {
		t.Errorf("index of %d bytes, want about 65", len(b))
	}
	if got, want := x.FrameOffset(x.Frames()-1), r.Size()-128-417-1; got != want {
		t.Errorf("last frame at %d, want %d", got, want)
	}

	r.Body = voice.Build(voice.Uneven(1000, 51)...)
	r.Times = 300
	x, err = Scan(r, r.Size())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := x.Frames(), 300_000; got != want {
		t.Errorf("%d frames, want %d", got, want)
	}
	if b, _ := x.MarshalBinary(); len(b) > 300_200 {
		t.Errorf("index of %d bytes for 300000 frames", len(b))
	}
	if got, want := x.FrameOffset(299_000), int64(10+299*len(r.Body)); got != want {
		t.Errorf("frame 299000 at %d, want %d", got, want)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	tiny := mp3test.Format{SampleRate: 24000, Bitrate: 8, Mode: mp3test.Mono}
	r := mp3test.Repeated{Body: tiny.Silence(1000), Times: maxFrames/1000 + 1}
	if _, err := Scan(r, r.Size()); !errors.Is(err, ErrUnsupported) {
		t.Errorf("more frames than allowed: %v", err)
	}
	r = mp3test.Repeated{Body: append(tiny.Silence(3), 0), Times: maxRuns + 2}
	if _, err := Scan(r, r.Size()); !errors.Is(err, ErrUnsupported) {
		t.Errorf("more damage than allowed: %v", err)
	}
	r.Times = maxRuns
	x, err := Scan(r, r.Size())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := x.Frames(), 3*maxRuns; got != want {
		t.Errorf("%d frames, want %d", got, want)
	}
}

// failing reads until a place and then fails.
type failing struct {
	io.ReaderAt
	from int64
	err  error
}

func (r failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > r.from {
		n, _ := r.ReaderAt.ReadAt(p[:max(0, r.from-off)], off)
		return n, r.err
	}
	return r.ReaderAt.ReadAt(p, off)
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	file := cd.Silence(1000)
	broken := errors.New("disk on fire")
	for _, from := range []int64{0, 1, 100, 70_000, 200_000, int64(len(file)) - 1} {
		if _, err := Scan(failing{bytes.NewReader(file), from, broken}, int64(len(file))); !errors.Is(err, broken) {
			t.Errorf("failing at %d: got %v, want %v", from, err, broken)
		}
		if _, err := Scan(failing{bytes.NewReader(file), from, nil}, int64(len(file))); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("short at %d: got %v, want %v", from, err, io.ErrUnexpectedEOF)
		}
	}
	if _, err := Scan(bytes.NewReader(file), int64(len(file))+1); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a file shorter than told: got %v, want %v", err, io.ErrUnexpectedEOF)
	}
}
