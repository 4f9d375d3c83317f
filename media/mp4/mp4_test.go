package mp4

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"earshot/media/mediatest"
	"earshot/media/mp3"
	"earshot/media/mp3/mp3test"
)

var (
	music  = mp3test.Format{SampleRate: 44100, Bitrate: 128, Mode: mp3test.Joint, Fill: 1}
	speech = mp3test.Format{SampleRate: 22050, Bitrate: 32, Mode: mp3test.Mono, Fill: 2}
	even   = mp3test.Format{SampleRate: 48000, Bitrate: 192, Mode: mp3test.Stereo, Fill: 3}
)

func scan(t testing.TB, b []byte) *mp3.Index {
	t.Helper()
	x, err := mp3.Scan(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// assemble puts an MP4 together as a stream does.
func assemble(head []byte, body []Span, file []byte) []byte {
	for _, s := range body {
		head = append(head[:len(head):len(head)], file[s.Offset:s.Offset+s.Length]...)
	}
	return head
}

func TestHeader(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		file []byte
		lead int64 // samples left out at the start
	}{
		{"padded CBR", music.Silence(500), 0},
		{"CBR of equal frames", even.Silence(300), 0},
		{"one frame and the next", music.Silence(3), 0},
		{"VBR", music.Build(music.Uneven(1000, 9)...), 0},
		{"half the rate, mono", speech.Silence(257), 0},
		{"LAME's delay", slices.Concat(music.Xing(128, mp3test.Info{Frames: 400, Encoder: "LAME3.100", Delay: 576, Padding: 1000}), music.Silence(400)), 1152},
		{"a long delay", slices.Concat(music.Xing(128, mp3test.Info{Frames: 400, Encoder: "LAME3.100", Delay: 2000}), music.Silence(400)), 2304},
		{"no delay", slices.Concat(music.Xing(128, mp3test.Info{Frames: 400, Encoder: "LAME3.100"}), music.Silence(400)), 0},
		{"rubbish in the middle", slices.Concat(music.Silence(100), mp3test.Rubbish(777, 4), music.Silence(100)), 0},
		{"much rubbish in the middle", slices.Concat(music.Silence(100), mp3test.Rubbish(100_000, 4), music.Silence(64)), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			x := scan(t, test.file)
			head, body, err := Header(x)
			if err != nil {
				t.Fatal(err)
			}
			if got := Lead(x); got != test.lead {
				t.Errorf("lead: got %d samples, want %d", got, test.lead)
			}
			check(t, x, assemble(head, body, test.file), test.file)
			probe(t, x, assemble(head, body, test.file))
		})
	}
}

// check reads an MP4 back and holds each frame against the file.
func check(t testing.TB, x *mp3.Index, movie, file []byte) {
	t.Helper()
	m, err := read(movie)
	if err != nil {
		t.Fatalf("read it back: %v", err)
	}
	if len(m.frames) != x.Frames() {
		t.Fatalf("got %d frames, want %d", len(m.frames), x.Frames())
	}
	next := m.mdat
	for i, f := range m.frames {
		if f.offset < next || f.offset+f.size > int64(len(movie)) {
			t.Fatalf("frame %d is at %d to %d, behind one that ends at %d, in %d bytes", i, f.offset, f.offset+f.size, next, len(movie))
		}
		next = f.offset + f.size
		from := x.FrameOffset(i)
		if got, want := movie[f.offset:f.offset+f.size], file[from:from+int64(x.FrameSize(i))]; !bytes.Equal(got, want) {
			t.Fatalf("frame %d is not the file's", i)
		}
	}
	if next != int64(len(movie)) {
		t.Errorf("the last frame ends at %d, the file at %d", next, len(movie))
	}
	samples := int64(x.Frames() * x.SamplesPerFrame())
	if m.rate != int64(x.SampleRate()) || m.entryRate != m.rate || m.channels != x.Channels() || m.media != samples || m.ticks != samples {
		t.Errorf("got rate %d and %d, %d channels, %d and %d samples; want %d, %d, %d",
			m.rate, m.entryRate, m.channels, m.media, m.ticks, x.SampleRate(), x.Channels(), samples)
	}
	if lead := Lead(x); m.lead != lead || m.shown != samples-lead {
		t.Errorf("got lead %d, shown %d, want %d and %d", m.lead, m.shown, lead, samples-lead)
	}
}

// probe asks ffprobe for the frames, where it is installed.
func probe(t *testing.T, x *mp3.Index, movie []byte) {
	t.Helper()
	if !mediatest.Has("ffprobe") && !mediatest.Promised() {
		t.Log("ffprobe is missing")
		return
	}
	name := filepath.Join(t.TempDir(), "movie.mp4")
	if err := os.WriteFile(name, movie, 0o600); err != nil {
		t.Fatal(err)
	}
	out := mediatest.Run(t, nil, "ffprobe", "-v", "error", "-ignore_editlist", "1", "-show_entries", "stream=codec_name:packet=size", "-of", "csv=p=0", name)
	var want strings.Builder
	for n := range x.Sizes() {
		fmt.Fprintln(&want, n)
	}
	want.WriteString("mp3\n")
	if got := strings.ReplaceAll(string(out), ",\n", "\n"); got != want.String() {
		t.Errorf("ffprobe sees other frames: got %.200q, want %.200q", got, want.String())
	}
}

// movie is what an MP4 of one track says.
type movie struct {
	rate, entryRate     int64
	channels            int
	media, shown, ticks int64
	lead                int64
	mdat                int64
	frames              []frame
}

type frame struct{ offset, size int64 }

// read is a small reader of classic MP4 files, apart from the writer: it goes
// by the tables alone.
func read(b []byte) (m movie, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("box cut off: %v", p)
		}
	}()
	boxes := map[string][]byte{}
	if err := walk(b, 0, "", func(path string, at int, body []byte) {
		boxes[path] = body
		if path == "/mdat" {
			m.mdat = int64(at)
		}
	}); err != nil {
		return m, err
	}
	u32 := func(path string, at int) int64 { return int64(binary.BigEndian.Uint32(boxes[path][at:])) }
	// number reads a field of a box whose version 1 has 64-bit times.
	number := func(path string, at, wide int) int64 {
		if boxes[path][0] == 1 {
			return int64(binary.BigEndian.Uint64(boxes[path][wide:]))
		}
		return u32(path, at)
	}
	const track, table = "/moov/trak", "/moov/trak/mdia/minf/stbl"
	m.rate = u32(track+"/mdia/mdhd", 12)
	if boxes[track+"/mdia/mdhd"][0] == 1 {
		m.rate = u32(track+"/mdia/mdhd", 20)
	}
	m.media = number(track+"/mdia/mdhd", 16, 24)
	m.shown = m.media
	if _, ok := boxes[track+"/edts/elst"]; ok {
		m.shown = number(track+"/edts/elst", 8, 8)
		m.lead = number(track+"/edts/elst", 12, 16)
	}
	if d := number("/moov/mvhd", 16, 24); d != m.shown {
		return m, fmt.Errorf("movie lasts %d, edit %d", d, m.shown)
	}
	if d := number(track+"/tkhd", 20, 28); d != m.shown {
		return m, fmt.Errorf("track lasts %d, edit %d", d, m.shown)
	}
	entry := boxes[table+"/stsd"][8:]
	if kind := string(entry[4:8]); kind != ".mp3" {
		return m, fmt.Errorf("sample entry %q", kind)
	}
	m.channels = int(binary.BigEndian.Uint16(entry[24:]))
	m.entryRate = int64(binary.BigEndian.Uint32(entry[32:]) >> 16)
	m.ticks = u32(table+"/stts", 8) * u32(table+"/stts", 12)

	chunks, wide := boxes[table+"/stco"], 4
	if c, ok := boxes[table+"/co64"]; ok {
		chunks, wide = c, 8
	}
	count := int(u32(table+"/stsz", 8))
	runs := int(u32(table+"/stsc", 4))
	for c, run := 0, 0; c < int(binary.BigEndian.Uint32(chunks[4:])); c++ {
		for run+1 < runs && int(u32(table+"/stsc", 8+12*(run+1))) <= c+1 {
			run++
		}
		at := chunks[8+wide*c:]
		offset := int64(binary.BigEndian.Uint32(at))
		if wide == 8 {
			offset = int64(binary.BigEndian.Uint64(at))
		}
		for range u32(table+"/stsc", 12+12*run) {
			size := u32(table+"/stsz", 4)
			if size == 0 {
				size = u32(table+"/stsz", 12+4*len(m.frames))
			}
			m.frames = append(m.frames, frame{offset, size})
			offset += size
		}
	}
	if len(m.frames) != count {
		return m, fmt.Errorf("%d frames in chunks, %d sizes", len(m.frames), count)
	}
	return m, nil
}

// walk shows each box with its path, and goes into those that hold boxes.
func walk(b []byte, base int, path string, show func(path string, at int, body []byte)) error {
	for len(b) > 0 {
		size, head := int(binary.BigEndian.Uint32(b)), 8
		kind := string(b[4:8])
		if size == 1 {
			size, head = int(binary.BigEndian.Uint64(b[8:])), 16
		}
		if size < head || kind != "mdat" && size > len(b) {
			return fmt.Errorf("box %s%s says %d of %d bytes", path, kind, size, len(b))
		}
		size = min(size, len(b)) // of a file too large for the test only the head is here
		show(path+"/"+kind, base+head, b[head:size])
		switch kind {
		case "moov", "trak", "edts", "mdia", "minf", "stbl", "dinf":
			if err := walk(b[head:size], base+head, path+"/"+kind, show); err != nil {
				return err
			}
		}
		base += size
		b = b[size:]
	}
	return nil
}

// A file of more than 4 GiB needs wide numbers, in front of mdat and within.
func TestHeaderOfHugeFile(t *testing.T) {
	t.Parallel()
	if strconv.IntSize == 32 {
		t.Skip("the sizes of the test do not fit an int")
	}
	f := mp3test.Format{SampleRate: 32000, Bitrate: 320, Mode: mp3test.Stereo}
	body := f.Silence(1000)
	for _, test := range []struct {
		name  string
		file  mp3test.Repeated
		large bool
	}{
		{"header and frames pass 4 GiB together", mp3test.Repeated{Body: body, Times: 2982, Tail: f.Silence(500)}, false},
		{"frames pass 4 GiB", mp3test.Repeated{Body: body, Times: 2983}, true},
	} {
		r := test.file
		x, err := mp3.Scan(r, r.Size())
		if err != nil {
			t.Fatal(err)
		}
		l, err := plan(x)
		if err != nil {
			t.Fatal(err)
		}
		if l.large != test.large || !l.wide {
			t.Errorf("%s: large %v, wide %v, want %v, true", test.name, l.large, l.wide, test.large)
		}
		head, spans, err := Header(x)
		if err != nil {
			t.Fatal(err)
		}
		if len(spans) != 1 || spans[0].Length != r.Size() {
			t.Errorf("%s: spans %v", test.name, spans)
		}
		m, err := read(head)
		if err != nil {
			t.Fatal(err)
		}
		last := m.frames[len(m.frames)-1]
		if end := last.offset + last.size; end != int64(len(head))+r.Size() {
			t.Errorf("%s: the last frame ends at %d, want %d", test.name, end, int64(len(head))+r.Size())
		}
	}
}

// Whatever a file is made of, the header describes just its frames.
func FuzzHeader(f *testing.F) {
	f.Add(music.Build(music.Uneven(20, 1)...), uint16(0))
	f.Add(slices.Concat(music.Silence(5), mp3test.Rubbish(50, 1), music.Silence(5)), uint16(300))
	f.Add(slices.Concat(music.Xing(128, mp3test.Info{Frames: 6, Encoder: "LAME3.100", Delay: 576}), music.Silence(6)), uint16(9))
	f.Add(speech.Silence(8), uint16(2))
	f.Fuzz(func(t *testing.T, b []byte, gap uint16) {
		// The same bytes twice, with a gap: often more than one run.
		file := slices.Concat(b, make([]byte, int(gap)*4), b)
		x, err := mp3.Scan(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		head, body, err := Header(x)
		if err != nil {
			t.Fatal(err)
		}
		check(t, x, assemble(head, body, file), file)
	})
}

func BenchmarkHeader(b *testing.B) {
	for _, test := range []struct {
		name  string
		hours float64
		vbr   bool
	}{{"VBR/5min", 1. / 12, true}, {"VBR/1h", 1, true}, {"VBR/3h", 3, true}, {"CBR/1h", 1, false}} {
		b.Run(test.name, func(b *testing.B) {
			n := int(test.hours * 3600 * 44100 / 1152)
			file := music.Silence(n)
			if test.vbr {
				file = music.Build(music.Uneven(n, 1)...)
			}
			x := scan(b, file)
			b.ReportAllocs()
			var size int
			for b.Loop() {
				head, _, err := Header(x)
				if err != nil {
					b.Fatal(err)
				}
				size = len(head)
			}
			b.ReportMetric(float64(size), "header-B")
		})
	}
}
