package flac

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/mewkiz/flac/frame"

	"earshot/media/mediatest"
)

// sound is raw little-endian PCM: tones, noise of all levels, silence, clipping.
func sound(frames, channels, bits int) []byte {
	random := rand.New(rand.NewPCG(3, 4))
	full := float64(int64(1)<<(bits-1)) - 1
	var b []byte
	for i := range frames {
		for c := range channels {
			var v float64
			switch i * 6 / frames {
			case 0:
				v = 0.4 * math.Sin(float64(i)*0.05+float64(c)/3)
			case 1:
				v = random.Float64()*2 - 1
			case 2:
				v = 0
			case 3:
				v = 0.01 * (random.Float64() - 0.5)
			case 4:
				v = math.Copysign(1, math.Sin(float64(i)*0.11))
			case 5:
				v = math.Round(32*math.Sin(float64(i)*0.01)) / 32
			}
			n := int64(math.Round(v * full))
			b = append(b, binary.LittleEndian.AppendUint64(nil, uint64(n))[:bits/8]...)
		}
	}
	return b
}

// encode makes a file of raw sound by flac.
func encode(t testing.TB, pcm []byte, rate, channels, bits int, options ...string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.flac")
	args := slices.Concat([]string{"-s", "--force-raw-format", "--endian=little", "--sign=signed", "--lax"},
		[]string{"--sample-rate=" + itoa(rate), "--channels=" + itoa(channels), "--bps=" + itoa(bits)}, options, []string{"-o", out, "-"})
	mediatest.Run(t, pcm, "flac", args...)
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func itoa(n int) string {
	return string(strings.TrimLeft(string([]byte{byte('0' + n/100000%10), byte('0' + n/10000%10), byte('0' + n/1000%10), byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)}), "0"))
}

// floats is raw PCM as samples of full scale 1.
func floats(pcm []byte, bits int) []float32 {
	n := bits / 8
	out := make([]float32, len(pcm)/n)
	for i := range out {
		var v int64
		for j := range n {
			v |= int64(pcm[i*n+j]) << (8 * j)
		}
		v = v << (64 - bits) >> (64 - bits)
		out[i] = float32(v) / float32(int64(1)<<(bits-1))
	}
	return out
}

type reader interface {
	Channels() int
	Read([]float32) (int, error)
}

// all reads r to its end, through buffers of uneven size.
func all(t testing.TB, r reader) []float32 {
	t.Helper()
	var out []float32
	sizes := []int{r.Channels(), 1000, 4096 * 8, 7777}
	for i := 0; ; i++ {
		buf := make([]float32, max(sizes[i%len(sizes)], r.Channels()))
		n, err := r.Read(buf)
		if err == io.EOF {
			if n != 0 {
				t.Fatalf("%d values with the end", n)
			}
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if n <= 0 || n%r.Channels() != 0 {
			t.Fatalf("%d values of %d channels", n, r.Channels())
		}
		out = append(out, buf[:n]...)
	}
}

func open(t testing.TB, b []byte) *File {
	t.Helper()
	f, err := Open(bytes.NewReader(b), 0, int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func same(t testing.TB, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("value %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func TestBitExact(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                 string
		rate, channels, bits int
		options              []string
	}{
		{"16 bits stereo", 44100, 2, 16, nil},
		{"fastest", 44100, 2, 16, []string{"-0"}},
		{"best", 44100, 2, 16, []string{"-8", "-e", "-p"}},
		{"order 32", 48000, 2, 16, []string{"-l", "32", "-r", "8"}},
		{"mid side always", 44100, 2, 16, []string{"-m", "-l", "0"}},
		{"mono 8 bits", 8000, 1, 8, nil},
		{"24 bits", 96000, 2, 24, nil},
		{"24 bits at 192 kHz", 192000, 2, 24, nil},
		{"176.4 kHz", 176400, 1, 24, nil},
		{"24 kHz", 24000, 2, 16, nil},
		{"rate of its own", 12345, 1, 16, nil},
		{"32 bits", 48000, 2, 32, nil},
		{"32 bits best", 48000, 2, 32, []string{"-8"}},
		{"five channels", 48000, 5, 16, nil},
		{"eight channels 24 bits", 48000, 8, 24, nil},
		{"blocks of 16", 44100, 2, 16, []string{"-b", "16"}},
		{"blocks of 65535", 44100, 2, 16, []string{"-b", "65535"}},
		{"blocks of 192", 44100, 2, 16, []string{"-b", "192"}},
		{"blocks of 1000", 44100, 2, 16, []string{"-b", "1000"}},
		{"no total", 44100, 2, 16, []string{"--no-seektable", "--no-padding"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pcm := sound(100_003, tt.channels, tt.bits)
			b := encode(t, pcm, tt.rate, tt.channels, tt.bits, tt.options...)
			f := open(t, b)
			if f.SampleRate != tt.rate || f.Channels != tt.channels || f.Bits != tt.bits || f.Samples != 100_003 {
				t.Fatalf("%d Hz, %d channels, %d bits, %d samples", f.SampleRate, f.Channels, f.Bits, f.Samples)
			}
			want := floats(pcm, tt.bits)
			r := f.Reader()
			same(t, all(t, r), want)
			if r.Holes() != 0 {
				t.Errorf("%d holes", r.Holes())
			}
			s, err := NewReader(bytes.NewReader(b), f.Samples)
			if err != nil {
				t.Fatal(err)
			}
			same(t, all(t, s), want)
			if tt.options == nil && tt.bits < 32 && tt.bits > 8 { // ffmpeg knows less, and loses its way in the rest
				if !mediatest.Has("ffmpeg") {
					return
				}
				raw := mediatest.Run(t, b, "ffmpeg", "-v", "error", "-i", "-", "-f", "f32le", "-")
				ref := make([]float32, len(raw)/4)
				for i := range ref {
					ref[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
				}
				same(t, want, ref)
			}
		})
	}
}

func TestFilesOfOthers(t *testing.T) {
	t.Parallel()
	pcm := sound(50_001, 2, 16)
	want := floats(pcm, 16)
	raw := []string{"-f", "s16le", "-ar", "44100", "-ac", "2", "-i", "-"}
	for name, argv := range map[string][]string{
		"ffmpeg":           slices.Concat([]string{"ffmpeg", "-v", "error"}, raw, []string{"-f", "flac", "-"}), // to a pipe: no total
		"ffmpeg, uneven":   slices.Concat([]string{"ffmpeg", "-v", "error"}, raw, []string{"-compression_level", "12", "-f", "flac", "-"}),
		"sox":              {"sox", "-t", "raw", "-r", "44100", "-c", "2", "-b", "16", "-e", "signed", "-", "-t", "flac", "-"},
		"flac to a stream": {"sh", "-c", "flac -s --force-raw-format --endian=little --sign=signed --sample-rate=44100 --channels=2 --bps=16 -c - | cat"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := open(t, mediatest.Run(t, pcm, argv[0], argv[1:]...))
			if f.Samples != 50_001 {
				t.Errorf("%d samples", f.Samples)
			}
			same(t, all(t, f.Reader()), want)
		})
	}
}

// frames gives where the frames of a file begin, by an independent reading.
func frames(t testing.TB, b []byte) (at []int) {
	t.Helper()
	begin, err := Walk(bytes.NewReader(b), 0, int64(len(b)), func(byte, int64, int64) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(b[begin:])
	for r.Len() > 0 {
		at = append(at, len(b)-r.Len())
		if _, err := frame.Parse(r); err != nil {
			t.Fatal(err)
		}
	}
	return append(at, len(b))
}

func TestDamage(t *testing.T) {
	t.Parallel()
	const n, block = 60_000, 4096
	pcm := sound(3*n, 2, 16)[:n*4] // no silence
	whole := encode(t, pcm, 44100, 2, 16, "-b", "4096")
	sound := floats(pcm, 16)
	at := frames(t, whole)
	count := len(at) - 1
	hole := func(from, to int) []float32 {
		out := slices.Clone(sound)
		clear(out[from*block*2 : min(to*block*2, len(out))])
		return out
	}
	edit := func(fn func(b []byte)) []byte {
		b := slices.Clone(whole)
		fn(b)
		return b
	}
	for _, tt := range []struct {
		name  string
		file  []byte
		want  []float32
		holes int
	}{
		{"a bit in a frame", edit(func(b []byte) { b[at[5]+500] ^= 4 }), hole(5, 6), 1},
		{"a bit in a header", edit(func(b []byte) { b[at[5]+4] ^= 4 }), hole(5, 6), 1},
		{"a checksum", edit(func(b []byte) { b[at[6]-1] ^= 4 }), hole(5, 6), 1},
		{"the first frame", edit(func(b []byte) { clear(b[at[0] : at[0]+10]) }), hole(0, 1), 1},
		{"three frames zeroed", edit(func(b []byte) { clear(b[at[5]:at[8]]) }), hole(5, 8), 1},
		{"three frames gone", slices.Concat(whole[:at[5]], whole[at[8]:]), hole(5, 8), 1},
		{"two holes", edit(func(b []byte) { b[at[3]+30]++; b[at[8]+30]++ }), slices.Concat(hole(3, 4)[:7*block*2], hole(8, 9)[7*block*2:]), 2},
		{"rubbish between frames", slices.Concat(whole[:at[5]], bytes.Repeat([]byte{0xff, 0xf8, 0xc9, 0x18}, 5000), whole[at[5]:]), sound, 0},
		{"cut within a frame", whole[:at[9]+100], sound[:9*block*2], 0},
		{"cut between frames", whole[:at[9]], sound[:9*block*2], 0},
		{"zeros behind", append(slices.Clone(whole), make([]byte, 300_000)...), sound, 0},
		{"a tag behind", append(slices.Clone(whole), append([]byte("TAG"), make([]byte, 125)...)...), sound, 0},
		{"the last frame damaged", edit(func(b []byte) { b[at[count]-5] ^= 1 }), sound[:(count-1)*block*2], 0},
		{"a total that lies", edit(func(b []byte) { b[8+13] |= 7 }), sound, 0},
		{"no total", edit(func(b []byte) { b[8+13] &= 0xf0; clear(b[8+14 : 8+18]) }), sound, 0},
		{"from the middle of a stream", slices.Concat(whole[:at[0]], whole[at[4]:]), sound[4*block*2:], 0},
		{"a frame twice", slices.Concat(whole[:at[5]], whole[at[4]:]), sound, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := open(t, tt.file)
			if f.Samples != int64(len(tt.want)/2) {
				t.Fatalf("%d samples, want %d", f.Samples, len(tt.want)/2)
			}
			r := f.Reader()
			same(t, all(t, r), tt.want)
			if r.Holes() != tt.holes {
				t.Errorf("%d holes, want %d", r.Holes(), tt.holes)
			}
		})
	}
}

// info is a file's beginning up to its frames.
func infoBytes(block, rate, channels, bits int, more ...[]byte) []byte {
	b := append([]byte("fLaC\x00\x00\x00\x22"), make([]byte, infoSize)...)
	binary.BigEndian.PutUint16(b[8:], uint16(block))
	binary.BigEndian.PutUint16(b[10:], uint16(block))
	binary.BigEndian.PutUint64(b[18:], uint64(rate)<<44|uint64(channels-1)<<41|uint64(bits-1)<<36)
	for _, m := range more {
		b = append(b, m...)
	}
	return b
}

// silent is a frame of silence with the number it says.
func silent(number byte, channels int) []byte {
	b := []byte{0xff, 0xf8, 0x70, byte(channels-1)<<4 | 0x08, number, 0xff, 0xfe}
	b = append(b, crc8(b))
	for range channels {
		b = append(b, 0, 0, 0) // constant, 16 bits
	}
	return binary.BigEndian.AppendUint16(b, crc16(b))
}

func TestHeads(t *testing.T) {
	t.Parallel()
	last := func(b []byte) []byte { b = slices.Clone(b); b[4] |= 0x80; return b }
	good := last(infoBytes(65535, 44100, 2, 16))
	for _, tt := range []struct {
		name string
		file []byte
		want error // nil for a file of one frame
	}{
		{"nothing", nil, ErrDamaged},
		{"another file", []byte("RIFFxxxxWAVEfmt "), ErrFormat},
		{"the name alone", []byte("fLaC"), ErrDamaged},
		{"cut in STREAMINFO", good[:20], ErrDamaged},
		{"no frames", good, ErrEmpty},
		{"one frame", append(slices.Clone(good), silent(0, 2)...), nil},
		{"half a frame", append(slices.Clone(good), silent(0, 2)[:12]...), ErrEmpty},
		{"no STREAMINFO", []byte("fLaC\x84\x00\x00\x04\x00\x00\x00\x00"), ErrDamaged},
		{"STREAMINFO of another size", []byte("fLaC\x80\xff\xff\xff" + string(good[8:])), ErrDamaged},
		{"rate 0", append(last(infoBytes(65535, 0, 2, 16)), silent(0, 2)...), ErrDamaged},
		{"other channels", append(last(infoBytes(65535, 44100, 1, 16)), silent(0, 2)...), ErrEmpty},
		{"blocks larger than told", append(last(infoBytes(4096, 44100, 2, 16)), silent(0, 2)...), ErrEmpty},
		{"a picture of 16 MB that is not there", infoBytes(65535, 44100, 2, 16, []byte("\x86\xff\xff\xffxxxxxxxx")), ErrDamaged},
		{"a block of each kind", infoBytes(65535, 44100, 2, 16, []byte("\x01\x00\x00\x02xx\x02\x00\x00\x04xxxx\x03\x00\x00\x01x\x05\x00\x00\x01x\x7e\x00\x00\x01x\x81\x00\x00\x00"), silent(0, 2)), nil},
		{"endless metadata", infoBytes(65535, 44100, 2, 16, bytes.Repeat([]byte{1, 0, 0, 0}, 100_000)), ErrDamaged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := Open(bytes.NewReader(tt.file), 0, int64(len(tt.file)))
			if !errors.Is(err, tt.want) || tt.want == nil && (err != nil || f.Samples != 65535) {
				t.Errorf("got %+v, %v, want %v", f, err, tt.want)
			}
		})
	}
}

type broken struct{ io.ReaderAt }

func (b broken) ReadAt(p []byte, off int64) (int, error) {
	if off > 100_000 {
		return 0, io.ErrClosedPipe
	}
	return b.ReaderAt.ReadAt(p, off)
}

func TestReaderErrorsAreGiven(t *testing.T) {
	t.Parallel()
	b := slices.Concat(infoBytes(65535, 44100, 2, 16), []byte{0x81, 0, 0, 0}, silent(0, 2), make([]byte, 1_000_000))
	if _, err := Open(broken{bytes.NewReader(b)}, 0, int64(len(b))); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
	f := open(t, b)
	r := newReader(io.NewSectionReader(broken{bytes.NewReader(b)}, f.start, int64(len(b))), f.info, 1<<30)
	for range 3 {
		var err error
		for err == nil {
			_, err = r.Read(make([]float32, 1<<16))
		}
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("got %v", err)
		}
	}
}

func TestSourceThatGivesLittleAtATime(t *testing.T) {
	t.Parallel()
	// One frame of 65,535 samples as they are, in eight channels: a megabyte.
	// Looking at it again for each byte would take hours.
	b := []byte{0xff, 0xf8, 0x70, 0x78, 0, 0xff, 0xfe}
	b = append(b, crc8(b))
	for range 8 {
		b = append(append(b, 2), bytes.Repeat([]byte{0x20, 0}, 65535)...)
	}
	b = binary.BigEndian.AppendUint16(b, crc16(b))
	file := append(infoBytes(65535, 48000, 8, 16, []byte{0x81, 0, 0, 0}), b...)
	r, err := NewReader(iotest.OneByteReader(bytes.NewReader(file)), 65535)
	if err != nil {
		t.Fatal(err)
	}
	got := all(t, r)
	if len(got) != 8*65535 || slices.Min(got) != 0.25 || slices.Max(got) != 0.25 || r.Holes() != 0 {
		t.Errorf("%d samples, %d holes", len(got), r.Holes())
	}
}

// counting counts what is read.
type counting struct {
	r    *bytes.Reader
	read int64
}

func (c *counting) ReadAt(b []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(b, off)
	c.read += int64(n)
	return n, err
}

func TestWhatIsReadOfAFileThatEndsInRubbish(t *testing.T) {
	t.Parallel()
	file := append(infoBytes(65535, 48000, 8, 16, []byte{0x81, 0, 0, 0}), silent(0, 8)...)
	file = append(file, make([]byte, 20<<20)...)
	c := &counting{r: bytes.NewReader(file)}
	if f, err := Open(c, 0, int64(len(file))); err != nil || f.Samples != 65535 {
		t.Fatalf("%+v, %v", f, err)
	}
	if c.read > 3*int64(len(file)) {
		t.Errorf("%d bytes read of %d", c.read, len(file))
	}
}

// Not in parallel: it measures what is allocated.
func TestWhatItMayCost(t *testing.T) {
	head := func(channels, bits int) []byte {
		return infoBytes(65535, 48000, channels, bits, []byte{0x81, 0, 0, 0})
	}
	// Frames whose headers are right and whose contents are not.
	false8 := func() []byte {
		b := []byte{0xff, 0xf8, 0x70, 0x78, 0, 0xff, 0xfe}
		b = append(b, crc8(b))
		return append(b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1)
	}()
	// Rice codes that never end.
	endless := []byte{0xff, 0xf8, 0x70, 0x78, 0, 0xff, 0xfe}
	endless = append(append(endless, crc8(endless)), 0x10, 0x00)
	for _, tt := range []struct {
		name  string
		file  []byte
		bytes uint64
	}{
		{"206 bytes that promise a picture", append(infoBytes(65535, 48000, 8, 32, []byte("\x06\xff\xff\xff")), make([]byte, 160)...), 64 << 10},
		{"206 bytes that promise a table", append(infoBytes(65535, 48000, 8, 32, []byte("\x03\xff\xff\xfe")), make([]byte, 160)...), 64 << 10},
		{"206 bytes with the largest frame", append(infoBytes(65535, 48000, 8, 16, []byte{0x81, 0, 0, 0}), append(slices.Clone(false8), make([]byte, 120)...)...), 4 << 20},
		{"false frames", append(head(8, 16), bytes.Repeat(false8, 200_000)...), 16 << 20},
		{"endless codes", append(head(8, 16), append(bytes.Repeat(endless, 100_000), make([]byte, 4<<20)...)...), 16 << 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Open(bytes.NewReader(tt.file), 0, int64(len(tt.file)))
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Error("opened")
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > tt.bytes {
				t.Errorf("Open allocated %d bytes for %d, want at most %d", n, len(tt.file), tt.bytes)
			}
			r, err := NewReader(bytes.NewReader(tt.file), 100_000)
			if err != nil {
				return
			}
			runtime.ReadMemStats(&before)
			if got := all(t, r); slices.Max(got) != 0 {
				t.Error("sound where there is none")
			}
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > tt.bytes+(64<<20) { // the test's own buffers
				t.Errorf("Read allocated %d bytes for %d", n, len(tt.file))
			}
		})
	}
}

// mewkiz decodes a file by another decoder.
func mewkiz(b []byte, s streamInfo) (out []int32, ok bool) {
	defer func() {
		if recover() != nil {
			out, ok = nil, false
		}
	}()
	f, err := frame.New(bytes.NewReader(b))
	if err != nil {
		return nil, false
	}
	if f.BitsPerSample == 0 {
		f.BitsPerSample = uint8(s.bits)
	}
	if f.Parse() != nil {
		return nil, false
	}
	for i := range int(f.BlockSize) {
		for _, sub := range f.Subframes {
			out = append(out, sub.Samples[i])
		}
	}
	return out, true
}

// FuzzFrame: what another decoder takes for a whole frame is one here too, with
// the same samples.
func FuzzFrame(f *testing.F) {
	f.Add(silent(0, 2), uint8(2), uint8(16))
	f.Add(silent(3, 1), uint8(1), uint8(16))
	f.Fuzz(func(t *testing.T, b []byte, channels, bits uint8) {
		s := streamInfo{maxBlock: maxBlock, rate: 44100, channels: int(channels%8) + 1, bits: int(bits%21) + 4}
		// The checksums are put right, so that more than they is tried.
		if len(b) > 12 && len(b) < 4096 {
			b = slices.Clone(b)
			b[0], b[1] = 0xff, 0xf8|b[1]&1
			b[2] &= 0xf0
			for at := 5; at < maxHeader && at < len(b); at++ {
				was := b[at]
				b[at] = crc8(b[:at])
				if h, ok := parseHeader(b, &s); ok && h.size == at+1 {
					break
				}
				b[at] = was
			}
		}
		h, ok := parseHeader(b, &s)
		if !ok {
			return
		}
		var d decoder
		n, how := d.frame(b, h, &s)
		if how == bad && n >= h.size && n+2 <= len(b) {
			binary.BigEndian.PutUint16(b[n:], crc16(b[:n]))
			n, how = d.frame(b, h, &s)
		}
		if n > len(b) || n < 0 {
			t.Fatalf("%d of %d bytes", n, len(b))
		}
		want, theirs := mewkiz(b, s)
		if how != good {
			return
		}
		if !theirs {
			return // it knows less
		}
		for i, v := range want {
			if got := d.out[i%s.channels][i/s.channels]; got != v {
				t.Fatalf("sample %d is %d, want %d", i, got, v)
			}
		}
	})
}

// FuzzFLAC: whatever the bytes, Open ends with a known error or a file whose
// sound has the length it says.
func FuzzFLAC(f *testing.F) {
	one := slices.Concat(infoBytes(65535, 44100, 2, 16), []byte{0x81, 0, 0, 0}, silent(0, 2))
	f.Add(one)
	f.Add(slices.Concat(one, silent(1, 2), silent(3, 2)))
	f.Add(append(slices.Clone(one), silent(1, 2)[:9]...))
	f.Add(infoBytes(4096, 8000, 1, 8, []byte("\x84\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00")))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Open(bytes.NewReader(b), 0, int64(len(b)))
		if err != nil {
			if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrEmpty) && !errors.Is(err, ErrDamaged) {
				t.Fatalf("unknown error %v", err)
			}
			return
		}
		if file.Samples <= 0 || file.SampleRate <= 0 || file.Channels < 1 || file.Channels > 8 || file.Bitrate < 0 {
			t.Fatalf("%+v", file)
		}
		if file.Samples > 1<<22 {
			return
		}
		r := file.Reader()
		buf := make([]float32, 4096*r.Channels())
		var given int64
		for {
			n, err := r.Read(buf)
			given += int64(n / r.Channels())
			if err == io.EOF {
				break
			}
			if err != nil || n == 0 {
				t.Fatal(n, err)
			}
		}
		if given != file.Samples {
			t.Fatalf("gave %d samples of %d", given, file.Samples)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	pcm := sound(44100*20, 2, 16)
	file := encode(b, pcm, 44100, 2, 16)
	buf := make([]float32, 8192)
	b.SetBytes(int64(len(pcm)))
	b.ReportAllocs()
	for b.Loop() {
		r := open(b, file).Reader()
		for {
			if _, err := r.Read(buf); err != nil {
				break
			}
		}
	}
	b.ReportMetric(20/(b.Elapsed().Seconds()/float64(b.N)), "x-real-time")
}

// Another decoder on the same file, to compare.
func BenchmarkMewkiz(b *testing.B) {
	pcm := sound(44100*20, 2, 16)
	file := encode(b, pcm, 44100, 2, 16)
	begin, err := Walk(bytes.NewReader(file), 0, int64(len(file)), func(byte, int64, int64) bool { return true })
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(pcm)))
	b.ReportAllocs()
	for b.Loop() {
		r := bytes.NewReader(file[begin:])
		for r.Len() > 0 {
			if _, err := frame.Parse(r); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(20/(b.Elapsed().Seconds()/float64(b.N)), "x-real-time")
}

// TestFramesFarApart: two frames don't make a file of hours by their numbers.
func TestFramesFarApart(t *testing.T) {
	t.Parallel()
	b := []byte("fLaC\x80\x00\x00\x22\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x0b\xb8\x02\xf0\x00\x00\x00\x00")
	b = append(b, make([]byte, 16)...)
	for _, number := range []string{"\x00", string(rune(2636))} { // an hour at 48 kHz
		f := append([]byte{0xff, 0xf8, 0x70, 1 << 4}, number...)
		f = append(f, 0xff, 0xfe)
		f = append(append(f, crc8(f)), 0, 0, 0, 0, 0, 0)
		sum := crc16(f)
		b = append(append(b, f...), byte(sum>>8), byte(sum))
	}
	if f, err := Open(bytes.NewReader(b), 0, int64(len(b))); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %+v, %v", f, err)
	}
}
