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
	f.Fuzz(func(t *testing.T, file []byte) { checkScan(t, file) })
}

// FuzzPieces is FuzzScan on files made of pieces that make sense: each byte of
// the script adds one, or hurts what is there.
func FuzzPieces(f *testing.F) {
	var pieces [][]byte
	for _, format := range []mp3test.Format{cd, voice, phone, free, layer2, {SampleRate: 24000, Bitrate: 8, Mode: mp3test.Stereo, CRC: true}} {
		pieces = append(pieces, format.Silence(1), format.Silence(4), format.Silence(15))
		if format.Bitrate != 0 && format.Layer == mp3test.LayerIII {
			pieces = append(pieces, format.Build(format.Uneven(7, 1)...), format.Build(format.Uneven(20, 2)...))
		}
	}
	pieces = append(pieces,
		cd.Xing(128, mp3test.Info{Frames: 20, Encoder: "LAME", Delay: 576, Padding: 1152}),
		phone.Xing(64, mp3test.Info{Frames: 20, TOC: true}),
		free.Xing(0, mp3test.Info{Frames: 20, Encoder: "LAME", Delay: 576, Padding: 1152}),
		cd.VBRI(128, 20, 999),
		mp3test.ID3v2(3, mp3test.Cover(500, 1)), mp3test.ID3v2(2, nil), mp3test.ID3v2Footer(cd.Silence(5)),
		mp3test.ID3v1("a"), mp3test.TagPlus("a"), mp3test.APE(1, "a"), mp3test.APE(2, "a"),
		mp3test.Lyrics3v1("a"), mp3test.Lyrics3v2("a"),
		mp3test.Rubbish(1, 1), mp3test.Rubbish(3, 2), mp3test.Rubbish(2000, 3), mp3test.FalseSyncs(3000, 4), []byte{0xFF}, []byte("ID3"), make([]byte, 100),
	)
	for i := range 30 {
		f.Add([]byte{byte(i), byte(i + 7), byte(i + 1), 60, byte(i + 1), byte(200 + i)})
		f.Add([]byte{32, byte(i), byte(i), 33, byte(250 - i), byte(i), byte(i + 1)})
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		var file []byte
		for i, v := range script[:min(len(script), 40)] {
			switch n := len(file); {
			case int(v) < len(pieces):
				file = append(file, pieces[v]...)
			case n == 0:
			case v < 160: // a piece of the end is lost
				file = file[:n-min(n, int(v)*int(v)%700)]
			case v < 200: // bytes are lost inside
				at := int(v) * 7919 * (i + 1) % n
				file = slices.Delete(file, at, min(n, at+int(v)%9))
			case v < 230: // bytes are added inside
				at := int(v) * 7919 * (i + 1) % n
				file = slices.Insert(file, at, pieces[int(v)%len(pieces)]...)
			default: // a bit is wrong
				file[int(v)*7919*(i+1)%n] ^= 1 << (v % 8)
			}
		}
		checkScan(t, file)
	})
}

// checkScan scans a file of any bytes.
func checkScan(t *testing.T, file []byte) {
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
}
