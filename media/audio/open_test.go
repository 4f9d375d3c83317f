package audio

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
	"strings"
	"testing"

	"earshot/media/mediatest"
)

// outside runs another program, or skips the test where it is missing. IN and
// OUT stand for files; it gives the content of OUT.
func outside(t testing.TB, in []byte, ext string, argv ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	from, to := filepath.Join(dir, "in"), filepath.Join(dir, "out."+ext)
	if err := os.WriteFile(from, in, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range argv {
		argv[i] = strings.NewReplacer("IN", from, "OUT", to).Replace(a)
	}
	mediatest.Run(t, nil, argv[0], argv[1:]...)
	b, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const seconds, rate = 2, 44100

// cd is a WAV file of two seconds and some samples, CD quality.
func cd() []byte {
	le := binary.LittleEndian
	n := seconds*rate + 77
	var data []byte
	for i := range n {
		v := 0.3*math.Sin(float64(i)*0.06) + 0.2*math.Sin(float64(i)*0.171+1)
		data = le.AppendUint16(le.AppendUint16(data, uint16(int16(v*30000))), uint16(int16(v*20000)))
	}
	return mediatest.WAV(mediatest.PCM, rate, 2, 16, data)
}

type sample struct {
	name     string
	ext      string
	argv     []string
	codec    Codec
	rate     int
	exact    bool // lossless
	decodes  bool
	typ, end string
}

var samples = []sample{
	{"WAV", "wav", []string{"cp", "IN", "OUT"}, WAV, rate, true, true, "audio/wav", "wav"},
	{"WAV, 24 bits, 96 kHz", "wav", []string{"sox", "-t", "wav", "IN", "-b", "24", "-r", "96000", "OUT"}, WAV, 96000, false, true, "audio/wav", "wav"},
	{"FLAC", "flac", []string{"ffmpeg", "-v", "error", "-i", "IN", "OUT"}, FLAC, rate, true, true, "audio/flac", "flac"},
	{"FLAC in Ogg", "oga", []string{"ffmpeg", "-v", "error", "-i", "IN", "-c:a", "flac", "OUT"}, FLAC, rate, true, true, "audio/ogg; codecs=flac", "ogg"},
	{"Vorbis", "ogg", []string{"oggenc", "-Q", "-o", "OUT", "IN"}, Vorbis, rate, false, true, "audio/ogg; codecs=vorbis", "ogg"},
	{"Opus", "opus", []string{"opusenc", "--quiet", "IN", "OUT"}, Opus, 48000, false, true, "audio/ogg; codecs=opus", "opus"},
	{"AAC", "m4a", []string{"ffmpeg", "-v", "error", "-i", "IN", "-c:a", "aac", "OUT"}, AAC, rate, false, false, `audio/mp4; codecs="mp4a.40.2"`, "m4a"},
	{"MP3", "mp3", []string{"lame", "--quiet", "IN", "OUT"}, MP3, rate, false, true, "audio/mpeg", "mp3"},
}

// all reads r to its end.
func all(t testing.TB, r Reader) []float32 {
	t.Helper()
	var out []float32
	buf := make([]float32, 5000*r.Channels())
	for {
		n, err := r.Read(buf)
		out = append(out, buf[:n]...)
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestProbeAndOpen(t *testing.T) {
	t.Parallel()
	wav := cd()
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := outside(t, wav, s.ext, slices.Clone(s.argv)...)
			info, x, err := Identify(bytes.NewReader(b), int64(len(b)))
			if err != nil || (x != nil) != (s.codec == MP3) {
				t.Fatalf("%+v, %v, %v", info, x, err)
			}
			if probed, err := Probe(bytes.NewReader(b), int64(len(b))); s.codec == MP3 {
				if !errors.Is(err, ErrNotAudio) || errors.As(err, new(*FormatError)) {
					t.Fatalf("Probe says of mp3: %+v, %v", probed, err)
				}
			} else if err != nil || probed != info {
				t.Fatalf("Probe says %+v, %v; Identify %+v", probed, err, info)
			}
			n := int64(seconds*rate + 77)
			if s.rate != rate {
				n = (n*int64(s.rate) + rate - 1) / rate
			}
			if info.Codec != s.codec || info.SampleRate != s.rate || info.Channels != 2 || info.Samples < n-1 || info.Samples > n {
				t.Errorf("%+v, want %d samples", info, n)
			}
			if real := float64(len(b)) * 8 / (seconds + 77./rate); math.Abs(float64(info.Bitrate)-real) > real/2 {
				t.Errorf("%d bits a second, want about %.0f", info.Bitrate, real)
			}
			if typ, ext := info.Type(), info.Ext(); typ != s.typ || ext != s.end {
				t.Errorf("%s, .%s", typ, ext)
			}
			r, err := Open(bytes.NewReader(b), int64(len(b)), info)
			if !s.decodes {
				if !errors.Is(err, ErrUndecodable) {
					t.Errorf("opened: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := all(t, r)
			if s.codec != MP3 {
				tagged := append([]byte("ID3\x04\x00\x00\x00\x00\x01\x00"), make([]byte, 128)...)
				tagged = append(tagged, b...)
				behind, err := Probe(bytes.NewReader(tagged), int64(len(tagged)))
				if err != nil || behind != info {
					t.Fatalf("behind a tag: %+v, %v", behind, err)
				}
				r, err := Open(bytes.NewReader(tagged), int64(len(tagged)), behind)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(all(t, r), got) {
					t.Error("sounds otherwise behind a tag")
				}
			}
			if int64(len(got)) != 2*info.Samples || r.SampleRate() != s.rate || r.Channels() != 2 {
				t.Fatalf("%d values, want %d", len(got), 2*info.Samples)
			}
			raw := outside(t, b, "raw", "ffmpeg", "-v", "error", "-i", "IN", "-f", "f32le", "OUT")
			if len(raw) != 4*len(got) {
				t.Logf("ffmpeg gives %d values, Earshot %d", len(raw)/4, len(got))
			}
			most := 0.0
			for i := range min(len(got), len(raw)/4) {
				most = max(most, math.Abs(float64(got[i]-math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))))
			}
			if most > 1./32768 || s.exact && most != 0 {
				t.Errorf("differs from ffmpeg by %v", most)
			}
		})
	}
}

func TestOtherContent(t *testing.T) {
	t.Parallel()
	wav := cd()
	id3 := []byte("ID3\x03\x00\x00\x00\x00\x00\x0aTIT2\x00\x00\x00\x00\x00\x00")
	behind := func(b []byte) []byte { return slices.Concat(id3, id3, b) }
	adpcm := slices.Clone(wav)
	adpcm[20] = 2
	mpeg := slices.Clone(wav)
	mpeg[20] = 0x55
	low := slices.Clone(wav)
	binary.LittleEndian.PutUint32(low[24:], 4000)
	long := slices.Concat([]byte("fLaC\x80\x00\x00\x22\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x01\xf4\x00\xf0"), make([]byte, 20), []byte(longFrames[0]), make([]byte, 600<<10), []byte(longFrames[1]))
	rifx := slices.Clone(wav)
	copy(rifx, "RIFX")
	for _, tt := range []struct {
		name   string
		file   []byte
		want   error
		format string // of the FormatError
	}{
		{"WAV", wav, nil, ""},
		{"ID3 before WAV", behind(wav), nil, ""},
		{"nothing", nil, ErrNotAudio, ""},
		{"noise", bytes.Repeat([]byte{7, 200, 31, 0}, 2000), ErrNotAudio, ""},
		{"text", []byte("Dear Mina, here is the song."), ErrNotAudio, "text"},
		{"a picture", []byte("\x89PNG\r\n\x1a\n0000000000000"), ErrNotAudio, "PNG"},
		{"AIFF", outsideOrNil(t, wav, "aiff", "ffmpeg", "-v", "error", "-i", "IN", "OUT"), ErrNotAudio, "AIFF"},
		{"WMA", append([]byte("\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C"), make([]byte, 99)...), ErrNotAudio, "WMA"},
		{"ID3 before a ZIP", behind([]byte("PK\x03\x04aaaaaaaaaaaaaaaa")), ErrNotAudio, "ZIP"},
		{"high byte first", rifx, ErrNotAudio, "WAV of high byte first"},
		{"Apple Lossless", outsideOrNil(t, wav, "m4a", "ffmpeg", "-v", "error", "-i", "IN", "-c:a", "alac", "OUT"), ErrUnplayable, "Apple Lossless"},
		{"ADPCM", adpcm, ErrUnplayable, "WAV with ADPCM"},
		{"MPEG in WAV", mpeg, ErrUnplayable, "WAV with MPEG audio"},
		{"4 kHz", low, ErrUnplayable, "sound at 4000 Hz"},
		{"a week", long, ErrUnplayable, "sound of more than 60 hours"},
		{"empty WAV", wav[:44], ErrEmpty, ""},
		{"half a head of WAV", wav[:30], ErrDamaged, ""},
		{"half a head of FLAC", []byte("fLaC\x00\x00\x00\x22\x00"), ErrDamaged, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.file == nil && tt.name != "nothing" {
				t.Skip("its maker is missing")
			}
			info, err := Probe(bytes.NewReader(tt.file), int64(len(tt.file)))
			var format *FormatError
			errors.As(err, &format)
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Errorf("got %+v, %v, want %v", info, err, tt.want)
			}
			if (format == nil) != (tt.format == "") || format != nil && format.Format != tt.format {
				t.Errorf("got %v, want the format %q", err, tt.format)
			}
			if err == nil {
				r, err := Open(bytes.NewReader(tt.file), int64(len(tt.file)), info)
				if err != nil {
					t.Fatal(err)
				}
				if got := all(t, r); int64(len(got)) != 2*info.Samples {
					t.Errorf("%d values", len(got))
				}
			}
		})
	}
}

// longFrames are two frames of silence, of which the second one stands a week
// behind the first, at 8 kHz.
var longFrames = [2]string{"\xff\xf9\xc0\x08\xfe\x80\x80\x80\x80\x80\x80\xca\x00\x00\x00\x7b\x5c", "\xff\xf9\xc0\x08\xfe\x84\xa0\x99\x82\x80\x80\x1d\x00\x00\x00\x89\x5e"}

// outsideOrNil is outside for tables: nil where the program is missing.
func outsideOrNil(t testing.TB, in []byte, ext string, argv ...string) []byte {
	if !mediatest.Has(argv[0]) && !mediatest.Promised() {
		return nil
	}
	return outside(t, in, ext, argv...)
}

type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }

func TestReaderErrorsAreGiven(t *testing.T) {
	t.Parallel()
	if _, err := Probe(broken{}, 1000); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Probe: %v", err)
	}
	for _, c := range []Codec{MP3, WAV, FLAC, Vorbis, Opus} {
		if _, err := Open(broken{}, 1000, Info{Codec: c}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("Open of %s: %v", c, err)
		}
	}
}

// hostileFLAC is 206 bytes that promise a picture of 16 MB and 1.8 GB of seek
// points behind it.
func hostileFLAC() []byte {
	b := append([]byte("fLaC\x00\x00\x00\x22\x10\x00\x10\x00\x00\x00\x00\x00\x00\x00\x0a\xc4\x42\xf0"), make([]byte, 20)...)
	b = append(b, "\x06\xff\xff\xff\x00\x00\x00\x03\x7f\xff\xff\xff"...)
	return append(b, make([]byte, 206-len(b))...)
}

// Not in parallel: it measures what is allocated.
func TestHostileFilesAllocateLittle(t *testing.T) {
	for name, b := range map[string][]byte{
		"FLAC": hostileFLAC(),
		"WAV":  append([]byte("RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\x7f\x01\x00"), make([]byte, 180)...),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Probe(bytes.NewReader(b), int64(len(b)))
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; err == nil || n > 64<<10 {
			t.Errorf("%s of %d bytes: %v, allocated %d", name, len(b), err, n)
		}
	}
}

// FuzzProbe: whatever the bytes, Probe ends with a known error or something
// that can be opened and has the length it says.
func FuzzProbe(f *testing.F) {
	f.Add(cd()[:2000])
	f.Add(hostileFLAC())
	f.Add([]byte("ID3\x03\x00\x00\x00\x00\x00\x00OggS\x00\x02"))
	f.Add([]byte("\x00\x00\x00\x14ftypM4A \x00\x00\x00\x00isom\x00\x00\x00\x08moov"))
	f.Add([]byte("ID3\x04\x00\x10\x00\x00\x00\x003DI\x04\x00\x10\x00\x00\x00\x00RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data\x00\x00\x00\x00abc"))
	f.Fuzz(func(t *testing.T, b []byte) {
		info, err := Probe(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			if !errors.Is(err, ErrNotAudio) && !errors.Is(err, ErrUnplayable) && !errors.Is(err, ErrEmpty) && !errors.Is(err, ErrDamaged) {
				t.Fatalf("unknown error %v", err)
			}
			return
		}
		if info.SampleRate < minRate || info.SampleRate > maxRate || info.Channels < 1 || info.Channels > 8 || info.Samples <= 0 || info.Bitrate < 0 || info.Duration() <= 0 {
			t.Fatalf("%+v", info)
		}
		r, err := Open(bytes.NewReader(b), int64(len(b)), info)
		if err != nil {
			if !errors.Is(err, ErrUndecodable) {
				t.Fatal(err)
			}
			return
		}
		if info.Samples > 1<<21 {
			return
		}
		if got := all(t, r); int64(len(got)) != info.Samples*int64(info.Channels) {
			t.Fatalf("gave %d values, info %+v", len(got), info)
		}
	})
}
