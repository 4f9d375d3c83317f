package mp3

import (
	"bytes"
	"encoding/binary"
)

// maxTailTags bounds how many tags are trimmed from the end. No program
// writes more than four.
const maxTailTags = 32

// skipTags steps over the tags that stand at pos, one behind the other, and
// gives the position behind them: ID3v2 (id3.org, id3v2.4.0-structure, 3.1),
// APEv2 with a header, and ID3v1, which stands between joined files. A tag
// whose size goes beyond the end of the file is not one; broken says that
// such an ID3v2 was seen.
func skipTags(w *window, pos int64) (next int64, broken bool) {
	for {
		b := w.view(pos, 32)
		n := int64(0)
		switch {
		case len(b) >= 10 && isID3(b):
			n = id3Size(b)
			if n > w.end-pos {
				return pos, true
			}
		case len(b) >= 32 && string(b[:8]) == "APETAGEX" && b[23]&0x20 != 0:
			n = 32 + int64(binary.LittleEndian.Uint32(b[12:]))
		case len(b) >= 3 && string(b[:3]) == "TAG":
			n = 128
		}
		if n == 0 || n > w.end-pos {
			return pos, false
		}
		pos += n
	}
}

// isID3 says whether b, at least 10 bytes, begins with an ID3v2 header.
func isID3(b []byte) bool {
	return string(b[:3]) == "ID3" && b[3] != 0xFF && b[4] != 0xFF &&
		(b[6]|b[7]|b[8]|b[9])&0x80 == 0
}

// id3Size is the size of the tag whose header b is, with header and footer.
func id3Size(b []byte) int64 {
	n := 10 + synchsafe(b[6:])
	if b[3] >= 4 && b[5]&0x10 != 0 {
		n += 10
	}
	return n
}

// synchsafe reads four bytes of seven bits each (id3v2.4.0-structure, 6.2).
func synchsafe(b []byte) int64 {
	return int64(b[0])<<21 | int64(b[1])<<14 | int64(b[2])<<7 | int64(b[3])
}

// trimTags moves the end of the file before the tags that stand there: ID3v1
// with its TAG+ extension, APEv1 and APEv2, Lyrics3 v1 and v2, and ID3v2 with
// a footer. It never goes below start.
func trimTags(w *window, start int64) {
	for range maxTailTags {
		n := tailTag(w, start)
		if n <= 0 || n > w.end-start {
			break
		}
		w.limit(w.end - n)
	}
}

// tailTag is the size of the tag that ends the file, 0 when there is none.
func tailTag(w *window, start int64) int64 {
	end := w.end
	// back shows the n bytes that stand so far before the end.
	back := func(far int64, n int) []byte {
		if far > end-start {
			return nil
		}
		b := w.view(end-far, n)
		return b[:min(n, len(b))]
	}
	if b := back(128, 3); string(b) == "TAG" {
		if b := back(128+227, 4); string(b) == "TAG+" {
			return 128 + 227
		}
		return 128
	}
	if b := back(32, 32); len(b) == 32 && string(b[:8]) == "APETAGEX" {
		n := int64(binary.LittleEndian.Uint32(b[12:])) // items and footer
		if n < 32 {
			return 0
		}
		if b := back(n+32, 8); string(b) == "APETAGEX" {
			return n + 32
		}
		return n
	}
	if b := back(15, 15); len(b) == 15 && string(b[6:]) == "LYRICS200" {
		n := int64(0)
		for _, c := range b[:6] {
			if c < '0' || c > '9' {
				return 0
			}
			n = n*10 + int64(c-'0')
		}
		if b := back(n+15, 11); string(b) == "LYRICSBEGIN" {
			return n + 15
		}
		return 0
	}
	if b := back(9, 9); string(b) == "LYRICSEND" {
		const most = 11 + 5100 + 9
		far := min(most, end-start)
		if i := bytes.LastIndex(back(far, int(far)), []byte("LYRICSBEGIN")); i >= 0 {
			return far - int64(i)
		}
		return 0
	}
	if b := back(10, 10); len(b) == 10 && string(b[:3]) == "3DI" {
		n := 20 + synchsafe(b[6:])
		if b := back(n, 10); len(b) == 10 && isID3(b) {
			return n
		}
	}
	return 0
}
