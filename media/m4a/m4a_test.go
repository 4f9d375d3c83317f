package m4a

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
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

var update = flag.Bool("update", false, "make testdata anew (needs ffmpeg)")

// wave is a WAV file of a tone that comes and goes.
func wave(rate, channels, samples int) []byte {
	le := binary.LittleEndian
	var data []byte
	for i := range samples {
		for c := range channels {
			at := float64(i) / float64(rate)
			data = le.AppendUint16(data, uint16(int16(9000*math.Sin(2*math.Pi*(220+float64(c))*at)*math.Sin(3*at))))
		}
	}
	return mediatest.WAV(mediatest.PCM, rate, channels, 16, data)
}

func open(b []byte) (*File, error) { return Open(bytes.NewReader(b), int64(len(b))) }

// A file is as long as what went into it, to the sample. Browsers play just
// that (Chromium's decodeAudioData gives as many samples), but for fragmented
// files, whose encoder's delay they play too.
func TestLengthIsWhatWasEncoded(t *testing.T) {
	t.Parallel()
	for i, tt := range []struct {
		rate, channels, samples int
		opts                    string
	}{
		{44100, 2, 44100 * 3, ""},
		{44100, 2, 44100*3 + 17, ""},
		{48000, 1, 100_003, ""},
		{22050, 2, 54_321, ""},
		{8000, 1, 20_001, ""},
		{96000, 2, 100_000, "-b:a 256k"},
		{44100, 2, 99_999, "-movflags +faststart"},
		{44100, 2, 1, ""},
		{44100, 2, 99_999, "-movflags +frag_keyframe+empty_moov -frag_duration 500000"},
		{44100, 2, 99_999, "-movflags +frag_keyframe+empty_moov+default_base_moof+global_sidx -frag_duration 500000"},
		{44100, 2, 99_999, "-movflags +dash -frag_duration 500000"},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "in.wav"), wave(tt.rate, tt.channels, tt.samples), 0o600); err != nil {
				t.Fatal(err)
			}
			mediatest.RunIn(t, dir, "ffmpeg", append(append(strings.Fields("-v error -i in.wav -c:a aac"), strings.Fields(tt.opts)...), "x.m4a")...)
			b, err := os.ReadFile(filepath.Join(dir, "x.m4a"))
			if err != nil {
				t.Fatal(err)
			}
			f, err := open(b)
			if err != nil {
				t.Fatal(err)
			}
			want := int64(tt.samples)
			if strings.Contains(tt.opts, "empty_moov") || strings.Contains(tt.opts, "dash") {
				// Nothing in it tells of the delay; ffmpeg rounds its end to whole frames as it likes.
				want = f.Samples
				if d := f.Samples - int64(tt.samples); d < 0 || d > 3*1024 {
					t.Errorf("%d samples of %d", f.Samples, tt.samples)
				}
			}
			if f.Samples != want || f.SampleRate != tt.rate || f.Channels != tt.channels || f.Codec != AAC {
				t.Errorf("%+v, want %d samples", f, want)
			}
			if tt.samples > 10_000 && (f.Bitrate < 5_000 || f.Bitrate > 400_000) {
				t.Errorf("%d bit/s", f.Bitrate)
			}
			mediatest.RunIn(t, dir, "ffmpeg", "-v", "error", "-i", "x.m4a", "-f", "s16le", "x.s16")
			if st, err := os.Stat(filepath.Join(dir, "x.s16")); err == nil {
				t.Logf("%d samples; ffmpeg decodes %d", f.Samples, st.Size()/2/int64(tt.channels))
			}
		})
	}
}

func TestLengthByTheTables(t *testing.T) {
	t.Parallel()
	he := sampleEntry("mp4a", esds(0x40, []byte{0x2b, 0x92, 0x08, 0x00}))         // SBR over 22.05 kHz, two channels
	back := sampleEntry("mp4a", esds(0x40, []byte{0x13, 0x90, 0x56, 0xe5, 0xa0})) // the same, said behind
	v2 := sampleEntry("mp4a", esds(0x40, []byte{0xeb, 0x8a, 0x08, 0x00}))         // PS, mono to stereo
	moof := func(id, flags int64, more ...int64) []byte {
		return atom("moof", atom("mfhd", u32(0, 1)), atom("traf", atom("tfhd", u32(0x20000, id)), atom("trun", u32(append([]int64{flags}, more...)...))))
	}
	mvex := atom("mvex", atom("trex", u32(0, 1, 1, 1024, 200, 0)))
	long := build(spec{})
	// The same with a 64-bit length of mdat, and with one that goes to the end.
	at := bytes.Index(long, []byte("mdat")) - 4
	end := at + 8 + 30000
	wide := slices.Concat(long[:at], u32(1), []byte("mdat"), u32(0, 16+30000), long[at+8:end], long[end:])
	front := slices.Concat(long[:at], long[end:], u32(0), []byte("mdat"), make([]byte, 30000))
	for _, tt := range []struct {
		name    string
		file    []byte
		samples int64
		rate    int
		ch      int
	}{
		{"no edit list", build(spec{}), 102400, 44100, 2},
		{"edit list", build(spec{edits: edit(2000, 2112)}), 88200, 44100, 2},
		{"edit rounded to the movie's time", build(spec{edits: edit((102400-2112)*1000/44100, 2112)}), 102400 - 2112, 44100, 2},
		{"edit rounded up", build(spec{edits: edit((102400-2112)*1000/44100+1, 2112)}), 102400 - 2112, 44100, 2},
		{"edit without an end", build(spec{edits: edit(0, 1024)}), 101376, 44100, 2},
		{"edit that begins with a pause", build(spec{edits: atom("edts", atom("elst", u32(0, 2, 500, -1, 0x10000, 2000, 1024, 0x10000)))}), 88200, 44100, 2},
		{"edit list of 64 bits", build(spec{edits: atom("edts", atom("elst", u32(1<<24, 1, 0, 2000, 0, 1024, 0x10000)))}), 88200, 44100, 2},
		{"iTunes' note", build(spec{meta: smpb(" 00000000 00000840 000001C0 0000000000018600 00000000")}), 0x18600, 44100, 2},
		{"iTunes' note that promises too much", build(spec{meta: smpb(" 00000000 00000840 000001C0 00000000FFFFFFFF")}), 102400 - 0x840, 44100, 2},
		{"iTunes' note beside an edit list", build(spec{edits: edit(2000, 2112), meta: smpb(" 00000000 00000840 000001C0 0000000000010000")}), 88200, 44100, 2},
		{"iTunes' note that is none", build(spec{meta: smpb("hello")}), 102400, 44100, 2},
		{"HE-AAC", build(spec{entry: he, scale: 22050}), 204800, 44100, 2},
		{"HE-AAC in the time of its output", build(spec{entry: he, delta: 2048}), 204800, 44100, 2},
		{"HE-AAC said behind", build(spec{entry: back, scale: 22050}), 204800, 44100, 2},
		{"HE-AAC v2", build(spec{entry: v2, scale: 22050}), 204800, 44100, 2},
		{"time of its own", build(spec{scale: 90000, delta: 2090}), 102410, 44100, 2},
		{"64-bit length", wide, 102400, 44100, 2},
		{"moov in front, mdat to the end", front, 102400, 44100, 2},
		{"rubbish behind", build(spec{tail: []byte("TAG and other things that make no box")}), 102400, 44100, 2},
		{"fragments", build(spec{noTables: true, extra: mvex, tail: slices.Concat(moof(1, 0, 50), moof(1, 0x300, 2, 1024, 250, 1000, 260), moof(2, 0, 99))}), 50*1024 + 2024, 44100, 2},
		{"chapters' pictures", build(spec{extra: atom("trak", atom("mdia", atom("hdlr", u32(0, 0), []byte("vide"), make([]byte, 13)), atom("minf", atom("stbl", atom("stsd", u32(0, 1), atom("jpeg", make([]byte, 70)))))))}), 102400, 44100, 2},
		{"5.1", build(spec{entry: sampleEntry("mp4a", esds(0x40, []byte{0x11, 0xb0}))}), 111456, 48000, 6},
		{"description of QuickTime", build(spec{entry: atom("mp4a", make([]byte, 6), []byte{0, 1, 0, 1}, make([]byte, 6), []byte{0, 2, 0, 16}, u32(0, 44100<<16), make([]byte, 16), atom("wave", atom("frma", []byte("mp4a")), esds(0x40, asc)))}), 102400, 44100, 2},
	} {
		f, err := open(tt.file)
		if err != nil || f.Samples != tt.samples || f.SampleRate != tt.rate || f.Channels != tt.ch {
			t.Errorf("%s: %+v, %v; want %d samples", tt.name, f, err, tt.samples)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	entry := func(kind string, boxes ...[]byte) []byte { return build(spec{entry: sampleEntry(kind, boxes...)}) }
	config := func(b ...byte) []byte { return entry("mp4a", esds(0x40, b)) }
	adts := bytes.Repeat(append([]byte{0xff, 0xf1, 0x50, 0x80, 0x02, 0x1f, 0xfc}, make([]byte, 9)...), 5)
	for _, tt := range []struct {
		name string
		file []byte
		want string
	}{
		{"ALAC", entry("alac"), "Apple Lossless"}, {"AC-3", entry("ac-3"), "Dolby Digital"}, {"E-AC-3", entry("ec-3"), "Dolby Digital Plus"},
		{"DRM", entry("drms"), "copy protection"}, {"encrypted", entry("enca"), "copy protection"}, {"AMR", entry("samr"), "AMR"},
		{"FLAC", entry("fLaC"), "FLAC in MP4"}, {"Opus", entry("Opus"), "Opus in MP4"}, {"MP3", entry(".mp3"), "MP3 in MP4"},
		{"MP3 by esds", entry("mp4a", esds(0x6b, nil)), "MP3 in MP4"}, {"PCM", entry("sowt"), "uncompressed sound in MP4"},
		{"xHE-AAC", config(0xf9, 0x48, 0x40, 0, 0, 0), "xHE-AAC"}, {"AAC-ELD", config(0xf8, 0xe6, 0x40, 0), "AAC-ELD"},
		{"AAC Main", config(0x0a, 0x10), "AAC Main"}, {"unknown", entry("abcd"), "a kind of sound that is not known"},
		{"video", build(spec{extra: atom("trak", atom("mdia", atom("hdlr", u32(0, 0), []byte("vide"), make([]byte, 13))))}), "a video"},
		{"only video", build(spec{handler: "vide"}), "a video"}, {"no sound", build(spec{handler: "text"}), "no sound in it"},
		{"QuickTime", build(spec{brand: "qt  "}), "QuickTime"}, {"old QuickTime", build(spec{})[20:], "QuickTime"},
		{"HEIC", build(spec{brand: "heic"}), "a picture"}, {"ADTS", adts, bareAAC}, {"ADIF", append([]byte("ADIF"), make([]byte, 20)...), bareAAC},
	} {
		_, err := open(tt.file)
		var u *UnplayableError
		if !errors.As(err, &u) || u.Name != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	whole := build(spec{})
	for _, tt := range []struct {
		name string
		file []byte
		want error
	}{
		{"nothing", nil, ErrFormat}, {"zeros", make([]byte, 1000), ErrFormat}, {"text", []byte("Hello, this is text."), ErrFormat},
		{"one frame like ADTS", append([]byte{0xff, 0xf1, 0x50, 0x80, 0x02, 0x1f, 0xfc}, make([]byte, 100)...), ErrFormat},
		{"cut in the sound", whole[:20000], ErrDamaged}, {"cut in moov", whole[:len(whole)-10], ErrDamaged}, {"only ftyp", whole[:20], ErrDamaged},
		{"no frames", build(spec{noTables: true}), ErrEmpty}, {"longer than frames can be", build(spec{delta: 1 << 20}), ErrDamaged},
		{"more bytes than there are", build(spec{size: 3000, mdat: make([]byte, 100)}), ErrDamaged}, {"no esds", entry("mp4a"), ErrDamaged},
		{"config of nothing", config(), ErrDamaged}, {"config of rate 0", config(0x16, 0x90), ErrDamaged},
		{"edit beyond the end", build(spec{edits: edit(2000, 1<<30)}), ErrEmpty},
		{"times that overflow", build(spec{frames: 1<<32 - 1, delta: 1<<32 - 1, mdat: make([]byte, 10)}), ErrDamaged},
	} {
		if _, err := open(tt.file); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// Sizes that add up to 2^64 are no less a lie.
func TestSizesThatOverflow(t *testing.T) {
	t.Parallel()
	const most = 1<<32 - 1
	mvex := atom("mvex", atom("trex", u32(0, 1, 1, 1024, most, 0)))
	moof := atom("moof", atom("mfhd", u32(0, 1)), atom("traf", atom("tfhd", u32(0x20000, 1)),
		atom("trun", u32(0, most)), atom("trun", u32(0, 2)), atom("trun", u32(0x200, 1, 1))))
	if f, err := open(build(spec{noTables: true, extra: mvex, tail: moof})); !errors.Is(err, ErrDamaged) {
		t.Errorf("%+v, %v", f, err)
	}
}

// repeated is a file that begins with head and goes on with part over and over.
type repeated struct {
	head, part []byte
	read       int64
}

func (e *repeated) ReadAt(b []byte, off int64) (int, error) {
	e.read += int64(len(b))
	for i := 0; i < len(b); {
		at := off + int64(i)
		if at < int64(len(e.head)) {
			i += copy(b[i:], e.head[at:])
		} else {
			i += copy(b[i:], e.part[(at-int64(len(e.head)))%int64(len(e.part)):])
		}
	}
	return len(b), nil
}

func TestWhatReadingMayCost(t *testing.T) {
	// Not parallel: it looks at memory.
	ftyp := atom("ftyp", []byte("M4A "), u32(0))
	moov := func(size int64, rest ...[]byte) []byte {
		return slices.Concat(ftyp, u32(size), []byte("moov"), slices.Concat(rest...))
	}
	const size = 1 << 30
	for _, tt := range []struct {
		name string
		file *repeated
	}{
		{"empty boxes", &repeated{head: ftyp, part: atom("free")}},
		{"fragments", &repeated{head: build(spec{noTables: true, extra: atom("mvex")}), part: atom("moof")}},
		{"tracks", &repeated{head: moov(size), part: atom("trak", atom("mdia"))}},
		{"a table without an end", &repeated{head: moov(size, u32(size), []byte("trak"), u32(size), []byte("mdia"), u32(size), []byte("minf"), u32(size), []byte("stbl"), u32(size), []byte("stts"), u32(0, -1)), part: u32(1, 1024)}},
		{"tags", &repeated{head: moov(size, u32(size), []byte("udta"), u32(size), []byte("meta"), u32(0), u32(size), []byte("ilst")), part: atom("----", atom("name", u32(0)))}},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Open(tt.file, size)
		if _, _, err := Tags(tt.file, size); err != nil {
			t.Error(err)
		}
		runtime.ReadMemStats(&after)
		n := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %v; %d kB allocated, %d MB read", tt.name, err, n>>10, tt.file.read>>20)
		if err == nil || n > 100<<20 || tt.file.read > 2*size {
			t.Errorf("%s: %d MB allocated, %d MB read, %v", tt.name, n>>20, tt.file.read>>20, err)
		}
	}
}

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }

func TestErrorsOfTheReaderAreGiven(t *testing.T) {
	t.Parallel()
	if _, err := Open(failing{}, 1000); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	if _, _, err := Tags(failing{}, 1000); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

// seeds are how the files of testdata are made.
var seeds = map[string]string{
	"aac.m4a":      "-c:a aac -b:a 16k -metadata title=T",
	"fragment.m4a": "-c:a aac -b:a 16k -movflags +frag_keyframe+empty_moov -frag_duration 100000",
	"alac.m4a":     "-c:a alac",
}

func TestSeedFilesAreRead(t *testing.T) {
	t.Parallel()
	for name, opts := range seeds {
		path := filepath.Join("testdata", name)
		if *update {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "in.wav"), wave(8000, 1, 1600), 0o600); err != nil {
				t.Fatal(err)
			}
			mediatest.RunIn(t, dir, "ffmpeg", append(append(strings.Fields("-v error -i in.wav"), strings.Fields(opts)...), "x.m4a")...)
			b, err := os.ReadFile(filepath.Join(dir, "x.m4a"))
			if err == nil {
				err = os.WriteFile(path, b, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := open(b)
		switch name {
		case "alac.m4a":
			var u *UnplayableError
			if !errors.As(err, &u) {
				t.Errorf("%s: %v", name, err)
			}
		case "aac.m4a":
			if err != nil || f.Samples != 1600 {
				t.Errorf("%s: %+v, %v", name, f, err)
			}
		default:
			if err != nil || f.Samples < 1600 {
				t.Errorf("%s: %+v, %v", name, f, err)
			}
		}
	}
}

func FuzzM4A(f *testing.F) {
	for name := range seeds {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(build(spec{frames: 2, size: 4, edits: edit(30, 1024), meta: smpb(" 0 840 1C0 600")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := open(b)
		var u *UnplayableError
		switch {
		case err == nil:
			if x.Samples <= 0 || x.SampleRate < 1 || x.SampleRate > maxRate || x.Channels < 1 || x.Channels > 8 || x.Bitrate < 0 || x.Codec != AAC {
				t.Errorf("%+v", x)
			}
		case errors.As(err, &u):
			if u.Name == "" {
				t.Error("no name")
			}
		case !errors.Is(err, ErrFormat) && !errors.Is(err, ErrEmpty) && !errors.Is(err, ErrDamaged):
			t.Errorf("opened: %v", err)
		}
		if off, n, err := Tags(bytes.NewReader(b), int64(len(b))); err != nil || off < 0 || n < 0 || off+n > int64(len(b)) {
			t.Errorf("tags at %d, %d bytes of %d, %v", off, n, len(b), err)
		}
	})
}
