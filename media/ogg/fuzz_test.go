package ogg

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"earshot/media/mediatest"
)

var update = flag.Bool("update", false, "make testdata anew (needs oggenc, opusenc, flac and ffmpeg)")

// seeds are how the files of testdata are made: as small as encoders make them.
var seeds = []struct {
	name           string
	rate, channels int
	tool           []string
}{
	{"vorbis.ogg", 8000, 1, []string{"oggenc", "-Q", "-q", "-1", "-t", "T", "-o", "out", "in.wav"}},
	{"vorbis6.ogg", 8000, 6, []string{"oggenc", "-Q", "-q", "-1", "-o", "out", "in.wav"}},
	{"celt.opus", 48000, 2, []string{"opusenc", "--quiet", "--music", "--bitrate", "32", "in.wav", "out"}},
	{"silk.opus", 16000, 1, []string{"opusenc", "--quiet", "--speech", "--bitrate", "12", "in.wav", "out"}},
	{"hybrid.opus", 48000, 1, []string{"opusenc", "--quiet", "--speech", "--bitrate", "28", "in.wav", "out"}},
	{"surround.opus", 48000, 6, []string{"opusenc", "--quiet", "--bitrate", "200", "in.wav", "out"}},
	{"flac.oga", 8000, 1, []string{"flac", "--ogg", "-s", "-T", "TITLE=T", "-o", "out", "in.wav"}},
	{"speex.ogg", 8000, 1, []string{"ffmpeg", "-v", "error", "-i", "in.wav", "-c:a", "libspeex", "-f", "ogg", "out"}},
}

func TestSeedFilesAreRead(t *testing.T) {
	t.Parallel()
	for _, s := range seeds {
		path := filepath.Join("testdata", s.name)
		if *update {
			dir := t.TempDir()
			write(t, dir, "in.wav", wave(s.rate, s.channels, 0.2))
			mediatest.RunIn(t, dir, s.tool[0], s.tool[1:]...)
			write(t, "testdata", s.name, readFile(t, dir, "out"))
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Open(bytes.NewReader(b), int64(len(b)))
		if s.name == "speex.ogg" {
			var u *UnplayableError
			if !errors.As(err, &u) || u.Name != "Speex" {
				t.Errorf("%s: %v", s.name, err)
			}
			continue
		}
		if err != nil || f.Samples != int64(f.SampleRate)/5 || f.Channels != s.channels {
			t.Errorf("%s: %+v, %v", s.name, f, err)
		}
		if f.Codec != FLAC {
			if n := len(samples(t, f)); n != f.SampleRate/5*s.channels {
				t.Errorf("%s: %d values", s.name, n)
			}
		}
	}
}

// FuzzOgg reads all there is to read of a file. Checksums are made right
// before, or hardly any change would get past them.
func FuzzOgg(f *testing.F) {
	for _, s := range seeds {
		b, err := os.ReadFile(filepath.Join("testdata", s.name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<20 {
			return
		}
		sum(b)
		in := bytes.Clone(b)
		r := bytes.NewReader(b)
		comment, pictures, err := Comments(r, int64(len(b)), 1000)
		if err != nil || len(comment) > 1000 || len(pictures) > 1000 {
			t.Errorf("comments: %d bytes, %d pictures, %v", len(comment), len(pictures), err)
		}
		file, err := Open(r, int64(len(b)))
		if err != nil {
			var u *UnplayableError
			if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrEmpty) && !errors.Is(err, ErrDamaged) && !errors.As(err, &u) {
				t.Errorf("opened: %v", err)
			}
			return
		}
		if file.Samples <= 0 || file.Channels < 1 || file.Channels > 8 || file.SampleRate < 1 || file.SampleRate > maxRate || file.Bitrate < 0 {
			t.Errorf("%+v", file)
		}
		if file.Codec == FLAC {
			if n, err := io.Copy(io.Discard, file.FLAC()); err != nil || n > int64(len(b)) {
				t.Errorf("%d bytes of FLAC, %v", n, err)
			}
			return
		}
		rd, err := file.Reader()
		if err != nil {
			if !errors.Is(err, ErrUndecodable) {
				t.Errorf("reader: %v", err)
			}
			return
		}
		var n int64
		buf := make([]float32, 5000)
		for n < 10_000_000 {
			k, err := rd.Read(buf)
			if err == io.EOF {
				if n != file.Samples*int64(file.Channels) {
					t.Errorf("%d values of %d samples", n, file.Samples)
				}
				break
			}
			if err != nil || k == 0 || k%file.Channels != 0 || !tame(buf[:k]) {
				t.Fatalf("read %d values: %v", k, err)
			}
			n += int64(k)
		}
		if !bytes.Equal(in, b) {
			t.Error("the input was written to")
		}
	})
}

// sum makes the checksums of all pages right.
func sum(b []byte) {
	for i := 0; i+pageHead <= len(b); {
		j := bytes.Index(b[i:], []byte(capture))
		if j < 0 {
			return
		}
		i += j
		_, need, _ := parse(b[i:])
		if need > len(b)-i {
			i++
			continue
		}
		n := int(claimed(b[i:]))
		if n < pageHead || i+n > len(b) {
			i++
			continue
		}
		clear(b[i+22 : i+26])
		c := crc(0, b[i:i+n])
		b[i+22], b[i+23], b[i+24], b[i+25] = byte(c), byte(c>>8), byte(c>>16), byte(c>>24)
		i += n
	}
}

// FuzzVorbisSetup holds setups that are made up against the decoder: what the
// check lets through neither hangs it nor makes it ask for memory.
func FuzzVorbisSetup(f *testing.F) {
	for _, name := range []string{"vorbis.ogg", "vorbis6.ogg"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		x, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(x.head.setup, []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, uint8(x.head.channels))
	}
	f.Fuzz(func(t *testing.T, setup, packet []byte, channels uint8) {
		ident := append([]byte("\x01vorbis\x00\x00\x00\x00"), channels, 0x40, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xb8, 1)
		h := vorbisHead(ident)
		if h.bad != "" || h.unplayable != "" {
			return
		}
		h.setup = setup
		h.book, _ = parseSetup(setup, &h)
		d, err := newVorbisDecoder(&h)
		if err != nil {
			return
		}
		l := h.lengths()
		dst := make([]float32, h.blocks[1]/2*h.channels)
		for len(packet) > 0 {
			p := packet[:min(len(packet), 7)]
			packet = packet[len(p):]
			if n := l.next(p); n >= 0 {
				d.decode(p, n, dst)
			}
		}
	})
}
