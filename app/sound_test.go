package app_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"slices"
	"testing"

	"earshot/media/mp3/mp3test"
)

// tagged builds three seconds of a tone with a title and a picture in front.
func tagged(t testing.TB, title string) []byte {
	t.Helper()
	return taggedWith(title, artwork(t))
}

// taggedWith is tagged with a picture of one's own.
func taggedWith(title string, picture []byte) []byte {
	var body []byte
	body = append(body, id3Frame("TIT2", append([]byte{3}, title...))...)
	body = append(body, id3Frame("TPE1", append([]byte{3}, "하현우"...))...)
	body = append(body, id3Frame("APIC", slices.Concat([]byte("\x00image/png\x00\x03\x00"), picture))...)
	return slices.Concat(mp3test.ID3v2(3, body), tone(115))
}

// tone builds frames of a tone, 26 ms each.
func tone(frames int) []byte {
	f := mp3test.Format{SampleRate: 44100, Bitrate: 128}
	return f.Build(mp3test.Tones(mp3test.Tone{Line: 20, Gain: 190}, frames)...)
}

// id3Frame gives one frame of ID3v2.3.
func id3Frame(id string, data []byte) []byte {
	b := append([]byte(id), 0, 0, 0, 0, 0, 0)
	binary.BigEndian.PutUint32(b[4:], uint32(len(data)))
	return append(b, data...)
}

// artwork paints a picture.
func artwork(t testing.TB) []byte {
	t.Helper()
	return painted(t, 640, 700)
}

// painted is artwork of a size of one's own.
func painted(t testing.TB, width, height int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		m.Set(i%width, i/width, color.RGBA{uint8(i % width / 3), uint8(i / width / 4), 120, 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
