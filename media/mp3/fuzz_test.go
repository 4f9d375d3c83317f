package mp3

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"earshot/media/mp3/mp3test"
)

// counting counts the bytes that are read.
type counting struct {
	r *bytes.Reader
	n int64
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

// FuzzScan: whatever the bytes, Scan ends with a known error or an index that
// agrees with itself and with the headers in the file, and reads no more than
// a few times the size.
func FuzzScan(f *testing.F) {
	tag := mp3test.ID3v2(3, mp3test.Cover(200, 1))
	info := mp3test.Info{Frames: 8, Bytes: 999, TOC: true, Quality: true, Encoder: "LAME3.100", Delay: 576, Padding: 900}
	loud := mp3test.Format{SampleRate: 24000, Bitrate: 32, Mode: mp3test.Mono, CRC: true}
	for _, file := range [][]byte{
		nil,
		cd.Silence(8),
		voice.Build(voice.Uneven(12, 1)...),
		phone.Silence(12)[:500],
		slices.Concat(tag, cd.Xing(128, info), cd.Silence(8), mp3test.APE(2, "a"), mp3test.ID3v1("a")),
		slices.Concat(loud.VBRI(64, 8, 999), loud.Build(mp3test.Tones(mp3test.Tone{Line: 20, Gain: 200}, 8)...)),
		slices.Concat(mp3test.Format{SampleRate: 44100, FreeSize: 300}.Silence(6), mp3test.Lyrics3v2("la")),
		slices.Concat(phone.Silence(5), tag, phone.Silence(5), mp3test.Rubbish(30, 1), phone.Silence(5), mp3test.ID3v2Footer(nil)),
		slices.Concat(mp3test.FalseSyncs(900, 3), []byte{0}, phone.Silence(5), mp3test.Lyrics3v1("la"), mp3test.TagPlus(""), mp3test.ID3v1("")),
		layer2.Silence(4),
		layer1.Silence(4),
	} {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r := &counting{r: bytes.NewReader(file)}
		x, err := Scan(r, int64(len(file)))
		if most := 8*int64(len(file)) + 8*windowSize; r.n > most {
			t.Fatalf("read %d bytes of %d", r.n, len(file))
		}
		if err != nil {
			if !errors.Is(err, ErrNotAudio) && !errors.Is(err, ErrLayer) && !errors.Is(err, ErrEmpty) && !errors.Is(err, ErrUnsupported) {
				t.Fatalf("unknown error %v", err)
			}
			return
		}
		checkSound(t, x)
		for i := range x.Frames() {
			at := x.FrameOffset(i)
			h := header(uint32(file[at])<<24 | uint32(file[at+1])<<16 | uint32(file[at+2])<<8 | uint32(file[at+3]))
			if !h.fits(x.head) || h.size() != x.FrameSize(i) && !h.free() {
				t.Fatalf("frame %d of %d bytes has the header %08x", i, x.FrameSize(i), h)
			}
		}
		head, err := InfoHeader(x, x.Frames()/2, 576, 0)
		if err != nil {
			if !x.FreeFormat() {
				t.Fatal(err)
			}
			return
		}
		if in, ok := parseInfo(header(0xFFE00000|uint32(head[1])<<16|uint32(head[2])<<8|uint32(head[3])), head); !ok || in.delay != 576 {
			t.Fatalf("info header says %+v, %v", in, ok)
		}
	})
}
