package mp3test

import (
	"encoding/binary"
	"fmt"
)

// ID3v2 gives a tag of version 2.2, 2.3 or 2.4 (major is 2, 3 or 4) around
// the body, which need not be frames that make sense.
func ID3v2(major byte, body []byte) []byte {
	return append(id3Head("ID3", major, 0, len(body)), body...)
}

// ID3v2Footer gives a tag of version 2.4 with a footer, as it may stand at the
// end of a file.
func ID3v2Footer(body []byte) []byte {
	b := append(id3Head("ID3", 4, 0x10, len(body)), body...)
	return append(b, id3Head("3DI", 4, 0x10, len(body))...)
}

func id3Head(sign string, major, flags byte, n int) []byte {
	return append([]byte(sign), major, 0, flags,
		byte(n>>21&0x7F), byte(n>>14&0x7F), byte(n>>7&0x7F), byte(n&0x7F))
}

// Cover gives an APIC frame of ID3v2.3 whose picture is full of sync words and
// frame headers.
func Cover(n int, seed uint64) []byte {
	body := append([]byte("\x00image/jpeg\x00\x03\x00"), FalseSyncs(n, seed)...)
	b := binary.BigEndian.AppendUint32([]byte("APIC"), uint32(len(body)))
	return append(append(b, 0, 0), body...)
}

// ID3v1 gives the 128 bytes of such a tag.
func ID3v1(title string) []byte {
	b := make([]byte, 128)
	copy(b, "TAG")
	copy(b[3:33], title)
	b[127] = 12
	return b
}

// TagPlus gives the 227 bytes of the extension that stands before an ID3v1.
func TagPlus(title string) []byte {
	b := make([]byte, 227)
	copy(b, "TAG+")
	copy(b[4:64], title)
	return b
}

// APE gives an APE tag of version 1 (which has no header) or 2 with one item.
func APE(version int, value string) []byte {
	item := binary.LittleEndian.AppendUint32(nil, uint32(len(value)))
	item = append(item, 0, 0, 0, 0)
	item = append(item, "Title\x00"+value...)
	mark := func(flags uint32) []byte {
		b := []byte("APETAGEX")
		for _, v := range []uint32{uint32(version * 1000), uint32(len(item) + 32), 1, flags, 0, 0} {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
		return b
	}
	if version == 1 {
		return append(item, mark(0)...)
	}
	b := append(mark(1<<31|1<<29), item...)
	return append(b, mark(1<<31)...)
}

// Lyrics3v1 gives a tag of at most 5100 bytes of text.
func Lyrics3v1(text string) []byte { return []byte("LYRICSBEGIN" + text + "LYRICSEND") }

// Lyrics3v2 gives a tag with a lyrics field.
func Lyrics3v2(text string) []byte {
	b := fmt.Sprintf("LYRICSBEGININD0000211LYR%05d%s", len(text), text)
	return fmt.Appendf(nil, "%s%06dLYRICS200", b, len(b))
}
