package tag

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode/utf16"
)

// The builders below write tags by the letter of the formats, so that every
// byte of a test's input stands in the test.

type frameSpec struct {
	id    string
	flags uint16
	size  []byte // written in place of the right size when set
	data  []byte
}

func seven(n int) []byte {
	return []byte{byte(n >> 21 & 0x7f), byte(n >> 14 & 0x7f), byte(n >> 7 & 0x7f), byte(n & 0x7f)}
}

func be32(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

func frameBytes(version byte, f frameSpec) []byte {
	b := []byte(f.id)
	n := len(f.data)
	switch {
	case f.size != nil:
		b = append(b, f.size...)
	case version == 2:
		b = append(b, be32(n)[1:]...)
	case version == 3:
		b = append(b, be32(n)...)
	default:
		b = append(b, seven(n)...)
	}
	if version > 2 {
		b = append(b, byte(f.flags>>8), byte(f.flags))
	}
	return append(b, f.data...)
}

func tagBytes(version, flags byte, body []byte) []byte {
	return append(append([]byte{'I', 'D', '3', version, 0, flags}, seven(len(body))...), body...)
}

func v2(version byte, frames ...frameSpec) []byte {
	var body []byte
	for _, f := range frames {
		body = append(body, frameBytes(version, f)...)
	}
	return tagBytes(version, 0, body)
}

func unsync(b []byte) []byte {
	var out []byte
	for i, c := range b {
		out = append(out, c)
		if c == 0xff && (i+1 == len(b) || b[i+1] == 0 || b[i+1] >= 0xe0) {
			out = append(out, 0)
		}
	}
	return out
}

func text(id, s string) frameSpec {
	return frameSpec{id: id, data: append([]byte{utf8Enc}, s...)}
}

func raw(id string, enc byte, s string) frameSpec {
	return frameSpec{id: id, data: append([]byte{enc}, s...)}
}

// le and be are s in UTF-16 without a byte order mark.
func le(s string) (out string) {
	for _, u := range utf16.Encode([]rune(s)) {
		out += string([]byte{byte(u), byte(u >> 8)})
	}
	return out
}

func be(s string) (out string) {
	for _, u := range utf16.Encode([]rune(s)) {
		out += string([]byte{byte(u >> 8), byte(u)})
	}
	return out
}

func apic(kind byte, mime string, image []byte) frameSpec {
	return frameSpec{id: "APIC", data: slices.Concat([]byte{0}, []byte(mime), []byte{0, kind}, []byte("a picture\x00"), image)}
}

func jpegLike(name string) []byte { return []byte("\xff\xd8\xff\xe0" + name + "\xff\x00\xff\xd9") }

func v1Bytes(title, artist, album, year, comment string, track, genre byte) []byte {
	b := make([]byte, 128)
	copy(b, "TAG")
	copy(b[3:33], title)
	copy(b[33:63], artist)
	copy(b[63:93], album)
	copy(b[93:97], year)
	copy(b[97:127], comment)
	if track != 0 {
		b[125], b[126] = 0, track
	}
	b[127] = genre
	return b
}

type apeSpec struct {
	key   string
	kind  uint32
	value string
}

func apeBytes(header bool, items ...apeSpec) []byte {
	var body []byte
	for _, it := range items {
		body = binary.LittleEndian.AppendUint32(body, uint32(len(it.value)))
		body = binary.LittleEndian.AppendUint32(body, it.kind<<1)
		body = append(append(append(body, it.key...), 0), it.value...)
	}
	edge := func(flags uint32) []byte {
		b := []byte("APETAGEX")
		b = binary.LittleEndian.AppendUint32(b, 2000)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(body)+32))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(items)))
		b = binary.LittleEndian.AppendUint32(b, flags)
		return append(b, make([]byte, 8)...)
	}
	if !header {
		return append(body, edge(0)...)
	}
	return slices.Concat(edge(1<<31|1<<29), body, edge(1<<31))
}

func sound(n int) []byte { return bytes.Repeat([]byte{0xff, 0xfb, 0x90, 0x64, 0, 0, 0, 0}, n) }
