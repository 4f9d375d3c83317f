package wav

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"earshot/media/mediatest"
)

var le = binary.LittleEndian

// chunk is a chunk with the size it says, and its padding.
func chunk(id string, body []byte) []byte {
	b := append(le.AppendUint32([]byte(id), uint32(len(body))), body...)
	return append(b, make([]byte, len(body)&1)...)
}

func riff(chunks ...[]byte) []byte {
	body := append([]byte("WAVE"), bytes.Join(chunks, nil)...)
	return append(le.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// format is the content of a fmt chunk.
func format(tag, channels, rate, bits int, more ...byte) []byte {
	align := channels * ((bits + 7) / 8)
	b := le.AppendUint16(le.AppendUint16(nil, uint16(tag)), uint16(channels))
	b = le.AppendUint32(le.AppendUint32(b, uint32(rate)), uint32(rate*align))
	b = le.AppendUint16(le.AppendUint16(b, uint16(align)), uint16(bits))
	return append(b, more...)
}

func extensible(tag, channels, rate, bits, valid int) []byte {
	more := le.AppendUint32(le.AppendUint16([]byte{22, 0}, uint16(valid)), 3)
	return format(tagExtensible, channels, rate, bits, append(le.AppendUint16(more, uint16(tag)), subFormat...)...)
}

// rf64 is a file beyond 4 GB by its form.
func rf64(id string, dataSize uint32, size64 uint64, fmtChunk, sound []byte) []byte {
	ds := le.AppendUint64(le.AppendUint64(nil, size64+72), size64)
	b := append([]byte(id+"\xff\xff\xff\xffWAVE"), chunk("ds64", append(ds, make([]byte, 12)...))...)
	b = append(b, chunk("fmt ", fmtChunk)...)
	return append(le.AppendUint32(append(b, "data"...), dataSize), sound...)
}

func open(t testing.TB, b []byte) *File {
	t.Helper()
	f, err := Open(bytes.NewReader(b), 0, int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func all(t testing.TB, r *Reader) []float32 {
	t.Helper()
	var out []float32
	sizes := []int{r.Channels(), 1000, 4096 * 8, 7777}
	for i := 0; ; i++ {
		buf := make([]float32, max(sizes[i%len(sizes)], r.Channels()))
		n, err := r.Read(buf)
		if err == io.EOF {
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

// noise is doubles of two channels from -1 to 1.
func noise(frames int) []byte {
	var b []byte
	for i := range 2 * frames {
		v := math.Sin(float64(i*i)*0.001) * math.Min(1, float64(i)/10000)
		b = le.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

func TestSamplesAreThoseOfFFmpeg(t *testing.T) {
	t.Parallel()
	const n = 30_011
	raw := noise(n)
	dir := t.TempDir()
	for _, tt := range []struct {
		name     string
		args     []string
		bits     int
		channels int
	}{
		{"pcm_u8", nil, 8, 2}, {"pcm_s16le", nil, 16, 2}, {"pcm_s24le", nil, 24, 2}, {"pcm_s32le", nil, 32, 2},
		{"pcm_f32le", nil, 32, 2}, {"pcm_alaw", nil, 8, 2}, {"pcm_mulaw", nil, 8, 2},
		{"pcm_s16le", []string{"-ac", "1"}, 16, 1}, {"pcm_s24le", []string{"-ac", "6"}, 24, 6}, {"pcm_s16le", []string{"-ac", "8"}, 16, 8},
		{"pcm_s16le", []string{"-rf64", "always"}, 16, 2}, {"pcm_s24le", []string{"-write_bext", "1", "-metadata", "title=x"}, 24, 2},
	} {
		file := filepath.Join(dir, "f.wav")
		mediatest.Run(t, raw, "ffmpeg", slices.Concat([]string{"-v", "error", "-f", "f64le", "-ar", "48000", "-ac", "2", "-i", "-", "-c:a", tt.name}, tt.args, []string{"-y", file})...)
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		piped := mediatest.Run(t, raw, "ffmpeg", slices.Concat([]string{"-v", "error", "-f", "f64le", "-ar", "48000", "-ac", "2", "-i", "-", "-c:a", tt.name}, tt.args, []string{"-f", "wav", "-"})...)
		ref := mediatest.Run(t, nil, "ffmpeg", "-v", "error", "-i", file, "-f", "f32le", "-")
		for how, b := range map[string][]byte{"file": b, "pipe": piped} {
			f := open(t, b)
			if f.Samples != n || f.Bits != tt.bits || f.Channels != tt.channels || f.SampleRate != 48000 {
				t.Errorf("%s %v %s: %+v", tt.name, tt.args, how, f)
			}
			got := all(t, f.Reader())
			if len(got)*4 != len(ref) {
				t.Fatalf("%s %v %s: %d values, want %d", tt.name, tt.args, how, len(got), len(ref)/4)
			}
			for i, v := range got {
				if want := math.Float32frombits(le.Uint32(ref[4*i:])); v != want {
					t.Fatalf("%s %v %s: value %d is %v, want %v", tt.name, tt.args, how, i, v, want)
				}
			}
		}
	}
}

func TestAllValuesOfG711(t *testing.T) {
	t.Parallel()
	var every []byte
	for i := range 256 {
		every = append(every, byte(i))
	}
	for tag, name := range map[int]string{tagALaw: "alaw", tagMuLaw: "mulaw"} {
		got := all(t, open(t, riff(chunk("fmt ", format(tag, 1, 8000, 8, 0, 0)), chunk("data", every))).Reader())
		ref := mediatest.Run(t, every, "ffmpeg", "-v", "error", "-f", name, "-ar", "8000", "-ac", "1", "-i", "-", "-f", "f32le", "-")
		for i, v := range got {
			if want := math.Float32frombits(le.Uint32(ref[4*i:])); v != want {
				t.Errorf("%s %d is %v, want %v", name, i, v, want)
			}
		}
	}
}

func TestHeads(t *testing.T) {
	t.Parallel()
	cd := format(1, 2, 44100, 16)
	sound := bytes.Repeat([]byte{1, 2, 3, 4}, 1000)
	set := func(at int, v ...byte) []byte { b := slices.Clone(cd); copy(b[at:], v); return b }
	dataOf := func(size uint32) []byte { return append(le.AppendUint32([]byte("data"), size), sound...) }
	info := chunk("LIST", []byte("INFOINAM\x02\x00\x00\x00x\x00"))
	for _, tt := range []struct {
		name    string
		file    []byte
		want    error
		samples int64
	}{
		{"plain", riff(chunk("fmt ", cd), chunk("data", sound)), nil, 1000},
		{"size 0", append(riff(chunk("fmt ", cd)), dataOf(0)...), nil, 1000},
		{"size without end", append(riff(chunk("fmt ", cd)), dataOf(0xffffffff)...), nil, 1000},
		{"sox's size of a stream", append(riff(chunk("fmt ", cd)), dataOf(0x7ffff000)...), nil, 1000},
		{"RIFF of size 0", slices.Concat([]byte("RIFF\x00\x00\x00\x00WAVE"), chunk("fmt ", cd), dataOf(4000)), nil, 1000},
		{"cut", riff(chunk("fmt ", cd), chunk("data", sound))[:44+2001], nil, 500},
		{"half a sample at the end", riff(chunk("fmt ", cd), chunk("data", sound[:3999]), info), nil, 999},
		{"data before fmt", riff(chunk("data", sound), chunk("fmt ", cd)), nil, 1000},
		{"odd chunk", riff(chunk("junk", []byte("abc")), chunk("fmt ", cd), chunk("data", sound)), nil, 1000},
		{"the second fmt is not looked at", riff(chunk("fmt ", cd), chunk("fmt ", format(1, 1, 8000, 8)), chunk("data", sound)), nil, 1000},
		{"the last data counts", riff(chunk("fmt ", cd), chunk("data", sound), chunk("data", sound[:400])), nil, 100},
		{"block size lies", riff(chunk("fmt ", set(12, 1)), chunk("data", sound)), nil, 1000},
		{"block size 0", riff(chunk("fmt ", set(12, 0)), chunk("data", sound)), nil, 1000},
		{"byte rate lies", riff(chunk("fmt ", set(8, 1, 0, 0, 0)), chunk("data", sound)), nil, 1000},
		{"extensible", riff(chunk("fmt ", extensible(1, 2, 44100, 24, 20)), chunk("data", sound)), nil, 666},
		{"extensible, nothing valid", riff(chunk("fmt ", extensible(1, 2, 44100, 16, 0)), chunk("data", sound)), nil, 1000},
		{"RF64", rf64("RF64", 0xffffffff, 4000, cd, append(slices.Clone(sound), info...)), nil, 1000},
		{"BW64", rf64("BW64", 0xffffffff, 4000, cd, sound), nil, 1000},
		{"RF64 with a size of 32 bits", rf64("RF64", 4000, 0, cd, append(slices.Clone(sound), info...)), nil, 1000},
		{"RF64 that promises too much", rf64("RF64", 0xffffffff, 1<<63, cd, sound), nil, 1000},
		{"nothing", nil, ErrFormat, 0},
		{"AVI", []byte("RIFF\x00\x00\x00\x00AVI LIST"), ErrFormat, 0},
		{"a head", riff(), ErrDamaged, 0},
		{"no fmt", riff(chunk("data", sound)), ErrDamaged, 0},
		{"short fmt", riff(chunk("fmt ", cd[:14]), chunk("data", sound)), ErrDamaged, 0},
		{"half extensible", riff(chunk("fmt ", extensible(1, 2, 44100, 16, 16)[:30]), chunk("data", sound)), ErrDamaged, 0},
		{"no channels", riff(chunk("fmt ", set(2, 0)), chunk("data", sound)), ErrDamaged, 0},
		{"no rate", riff(chunk("fmt ", set(4, 0, 0, 0, 0)), chunk("data", sound)), ErrDamaged, 0},
		{"no bits", riff(chunk("fmt ", set(14, 0, 0)), chunk("data", sound)), ErrDamaged, 0},
		{"no data", riff(chunk("fmt ", cd)), ErrEmpty, 0},
		{"empty data", riff(chunk("fmt ", cd), chunk("data", nil)), ErrEmpty, 0},
		{"empty data before tags", riff(chunk("fmt ", cd), chunk("data", nil), info), ErrEmpty, 0},
		{"less than a sample", riff(chunk("fmt ", cd), chunk("data", sound[:3])), ErrEmpty, 0},
		{"endless small chunks", append(riff(), bytes.Repeat(chunk("junk", nil), 100_000)...), ErrDamaged, 0},
		{"a chunk of 4 GB", append(riff(), "fmt \xff\xff\xff\xff\x01\x00"...), ErrDamaged, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// The same behind a tag, as it is met in the wild.
			for _, front := range []int{0, 77} {
				file := append(make([]byte, front), tt.file...)
				f, err := Open(bytes.NewReader(file), int64(front), int64(len(file)))
				if !errors.Is(err, tt.want) || tt.want == nil && (err != nil || f.Samples != tt.samples) {
					t.Fatalf("got %+v, %v, want %d samples, %v", f, err, tt.samples, tt.want)
				}
				if err == nil {
					if got := all(t, f.Reader()); int64(len(got)) != 2*tt.samples {
						t.Errorf("%d values", len(got))
					}
				}
			}
		})
	}
}

func TestFormatsThatBrowsersRefuse(t *testing.T) {
	t.Parallel()
	for name, f := range map[string][]byte{
		"ADPCM":                    format(2, 2, 44100, 4),
		"GSM":                      format(0x31, 1, 8000, 0),
		"MPEG audio":               format(0x55, 2, 44100, 0),
		"samples of 64 bits":       format(3, 2, 44100, 64),
		"samples of 16 bits":       format(3, 2, 44100, 16),
		"samples of 24 bits in 32": extensible(1, 2, 44100, 32, 24),
		"9 channels":               format(1, 9, 44100, 16),
		"an unknown kind of sound": format(0x7777, 2, 44100, 16),
	} {
		b := riff(chunk("fmt ", f), chunk("data", make([]byte, 4000)))
		_, err := Open(bytes.NewReader(b), 0, int64(len(b)))
		var no *UnplayableError
		if !errors.As(err, &no) || no.Name != name {
			t.Errorf("%s: got %v", name, err)
		}
	}
	odd := extensible(1, 2, 44100, 16, 16)
	odd[30]++ // Ambisonic B format and others have a GUID of their own
	b := riff(chunk("fmt ", odd), chunk("data", make([]byte, 4000)))
	var no *UnplayableError
	if _, err := Open(bytes.NewReader(b), 0, int64(len(b))); !errors.As(err, &no) {
		t.Errorf("another GUID: got %v", err)
	}
}

func TestFloatsThatAreNoSound(t *testing.T) {
	t.Parallel()
	var sound []byte
	for _, v := range []float64{0.5, math.NaN(), math.Inf(1), math.Inf(-1), 1e30, -1.5} {
		sound = le.AppendUint32(sound, math.Float32bits(float32(v)))
	}
	got := all(t, open(t, riff(chunk("fmt ", format(3, 1, 44100, 32)), chunk("data", sound))).Reader())
	if want := []float32{0.5, 0, 4096, -4096, 4096, -1.5}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }

func TestReaderErrorsAreGiven(t *testing.T) {
	t.Parallel()
	if _, err := Open(broken{}, 0, 1000); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
	f := open(t, riff(chunk("fmt ", format(1, 2, 44100, 16)), chunk("data", make([]byte, 400))))
	f.r = broken{}
	if _, err := f.Reader().Read(make([]float32, 100)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

// endless is a file of any size that holds next to nothing.
type endless struct{ head []byte }

func (e endless) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	if off < int64(len(e.head)) {
		copy(p, e.head[off:])
	}
	return len(p), nil
}

// Not in parallel: it measures what is allocated.
func TestTwoGigabytesTakeLittleMemory(t *testing.T) {
	const size = 2 << 30
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f, err := Open(endless{riff(chunk("fmt ", format(1, 2, 192000, 32)), []byte("data\xff\xff\xff\xff"))}, 0, size)
	if err != nil || f.Samples != (size-44)/8 {
		t.Fatalf("%+v, %v", f, err)
	}
	r := f.Reader()
	buf := make([]float32, 8192)
	for range 1000 {
		if _, err := r.Read(buf); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("allocated %d bytes", n)
	}
}

// FuzzWAV: whatever the bytes, Open ends with a known error or a file whose
// sound has the length it says.
func FuzzWAV(f *testing.F) {
	cd, sound := format(1, 2, 44100, 16), make([]byte, 40)
	f.Add(riff(chunk("fmt ", cd), chunk("data", sound)))
	f.Add(riff(chunk("data", sound), chunk("fmt ", format(3, 1, 8000, 32))))
	f.Add(riff(chunk("fmt ", extensible(7, 2, 44100, 8, 8)), chunk("junk", []byte("x")), []byte("data\x00\x00\x00\x00abcdefgh")))
	f.Add(rf64("RF64", 0xffffffff, 40, cd, sound))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Open(bytes.NewReader(b), 0, int64(len(b)))
		if err != nil {
			var no *UnplayableError
			if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrEmpty) && !errors.Is(err, ErrDamaged) && !errors.As(err, &no) {
				t.Fatalf("unknown error %v", err)
			}
			return
		}
		if file.Samples <= 0 || file.SampleRate <= 0 || file.Channels < 1 || file.Channels > 8 || file.Bitrate <= 0 {
			t.Fatalf("%+v", file)
		}
		if got := all(t, file.Reader()); int64(len(got)) != file.Samples*int64(file.Channels) {
			t.Fatalf("gave %d values of %d samples", len(got), file.Samples)
		}
	})
}
