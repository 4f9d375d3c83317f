package tag

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The text encodings of ID3v2 (id3v2.4.0-structure §4).
const (
	latin1   = 0
	utf16BOM = 1
	utf16BE  = 2
	utf8Enc  = 3
)

// texts reads a text frame: an encoding and values with a NUL between two.
// Empty values are left out.
func texts(b []byte, limit int) []string {
	if len(b) < 2 {
		return nil
	}
	enc := b[0]
	if enc <= utf8Enc {
		b = b[1:]
	} else {
		enc = latin1 // the encoding was forgotten: this is the text itself
	}
	var vs []string
	for v := range strings.SplitSeq(decode(enc, b, limit), "\x00") {
		if v = clean(v, limit, false); v != "" {
			vs = append(vs, v)
		}
	}
	return vs
}

// decode turns raw text into UTF-8, mends what is mislabelled, and reads no
// more than it takes to give about limit bytes. NULs between values stay.
func decode(enc byte, b []byte, limit int) string {
	if enc == utf16BOM || enc == utf16BE {
		// Two bytes a unit, and decomposed Hangul takes three units for what
		// becomes three bytes.
		b = b[:min(len(b), 4*limit)]
		return perValue(decodeUTF16(enc, b), func(s string) string {
			if raw, ok := toBytes(s); ok {
				return mend(raw, s)
			}
			return s
		})
	}
	if len(b) > 4*limit {
		b = cutBytes(b[:4*limit])
	}
	if enc == utf8Enc && utf8.Valid(b) {
		return perValue(string(b), func(s string) string {
			if raw, ok := toBytes(s); ok {
				return mend(raw, s)
			}
			return s
		})
	}
	return perValue(string(b), func(s string) string {
		return mend([]byte(s), fromBytes([]byte(s)))
	})
}

// perValue applies fn to each of the values in s.
func perValue(s string, fn func(string) string) string {
	if strings.IndexByte(s, 0) < 0 {
		return fn(s)
	}
	vs := strings.Split(s, "\x00")
	for i, v := range vs {
		vs[i] = fn(v)
	}
	return strings.Join(vs, "\x00")
}

// cutBytes ends b, which was cut anywhere, at the end of a character, be it of
// UTF-8 or of two bytes.
func cutBytes(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i < len(b); i++ {
		if utf8.RuneStart(b[len(b)-i]) && !utf8.FullRune(b[len(b)-i:]) && utf8.Valid(b[:len(b)-i]) {
			return b[:len(b)-i]
		}
	}
	high := 0
	for high < len(b) && b[len(b)-1-high] >= utf8.RuneSelf {
		high++
	}
	if high%2 != 0 && !utf8.Valid(b) {
		b = b[:len(b)-1]
	}
	return b
}

func hasBOM(b []byte) bool {
	return len(b) >= 2 && (b[0] == 0xff && b[1] == 0xfe || b[0] == 0xfe && b[1] == 0xff)
}

// decodeUTF16 reads UTF-16. Each value may have its own byte order mark; text
// that should have one and has none is taken for what makes more zero high
// bytes, and for little-endian where that decides nothing, since it comes from
// Windows.
func decodeUTF16(enc byte, b []byte) string {
	var order binary.ByteOrder = binary.BigEndian
	if enc == utf16BOM && !hasBOM(b) {
		var even, odd int
		for i := 0; i+1 < len(b); i += 2 {
			if b[i] == 0 {
				even++
			}
			if b[i+1] == 0 {
				odd++
			}
		}
		if even <= odd {
			order = binary.LittleEndian
		}
	}
	units := make([]uint16, 0, len(b)/2)
	start := true
	for ; len(b) >= 2; b = b[2:] {
		if start && hasBOM(b) {
			order = binary.BigEndian
			if b[0] == 0xff {
				order = binary.LittleEndian
			}
			continue
		}
		u := order.Uint16(b)
		start = u == 0
		units = append(units, u)
	}
	// A surrogate that lost its half was cut off, by us or by the writer.
	if n := len(units); n > 0 && units[n-1]&0xfc00 == 0xd800 {
		units = units[:n-1]
	}
	return string(utf16.Decode(units))
}

// untilNUL splits b at the first NUL of the encoding. rest is nil when there
// is none.
func untilNUL(enc byte, b []byte) (raw, rest []byte) {
	if enc == utf16BOM || enc == utf16BE {
		for i := 0; i+1 < len(b); i += 2 {
			if b[i] == 0 && b[i+1] == 0 {
				return b[:i], b[i+2:]
			}
		}
		return b, nil
	}
	i := bytes.IndexByte(b, 0)
	if i < 0 {
		return b, nil
	}
	return b[:i], b[i+1:]
}

// clean makes text fit to be stored and shown: valid, in NFC, without control
// characters and characters that turn the direction of what follows, trimmed,
// and at most limit bytes. Line ends and tabs stay where lines is set, and are
// spaces elsewhere.
func clean(s string, limit int, lines bool) string {
	// Composing makes text shorter at most by a factor of about three; what
	// lies beyond that can't reach the limit.
	if len(s) > 4*limit {
		s = cutRunes(s, 4*limit)
	}
	if lines {
		s = strings.ReplaceAll(s, "\r\n", "\n")
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == 0x85 || r == 0x2028 || r == 0x2029:
			if lines {
				return '\n'
			}
			return ' '
		case r == '\t':
			if lines {
				return r
			}
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), r == 0xfeff, r&0xfffe == 0xfffe,
			r == 0x61c, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(norm.NFC.String(s))
	if len(s) > limit {
		s = strings.TrimSpace(cutRunes(s, limit))
	}
	return s
}

// cutRunes cuts s to at most n bytes between two characters.
func cutRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
