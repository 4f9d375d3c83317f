package tag

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"
)

// mend gives the text that bytes labelled Latin-1 really are, or asis when
// Latin-1 is what they are:
//
//   - valid UTF-8 beyond ASCII is UTF-8;
//   - what consists of whole two-byte characters, and of Hangul mostly (the
//     2,350 common syllables have lead bytes B0 to C8 in KS X 1001), is CP949.
//
// West European text passes neither: its accented letters stand alone between
// letters of ASCII, and most of them lie above C8.
func mend(b []byte, asis string) string {
	ascii := true
	for _, c := range b {
		ascii = ascii && c < utf8.RuneSelf
	}
	if ascii {
		return asis
	}
	if utf8.Valid(b) {
		return string(b)
	}
	if isCP949(b) {
		if s, err := korean.EUCKR.NewDecoder().Bytes(b); err == nil {
			return string(s)
		}
	}
	return asis
}

// isCP949 reports whether b is most likely Korean.
func isCP949(b []byte) bool {
	var pairs, hangul int
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		start := i
		for ; i < len(b) && b[i] >= 0x80; i += 2 {
			if b[i] == 0x80 || b[i] == 0xff || i+1 == len(b) || !isTrail(b[i+1]) {
				return false
			}
			pairs++
			if b[i] >= 0xb0 && b[i] <= 0xc8 && b[i+1] >= 0xa1 {
				hangul++
			}
		}
		// Two high bytes inside a word are "¿Ángel" or "CRÈÉE" rather than a
		// syllable of Korean.
		if i-start == 2 && (i < len(b) && isLetter(b[i]) || start > 0 && isLower(b[start-1])) {
			return false
		}
	}
	return pairs > 0 && hangul*10 >= pairs*6
}

// isTrail reports whether c may be the second byte of a CP949 character.
func isTrail(c byte) bool {
	return isLetter(c) || c >= 0x81 && c <= 0xfe
}

func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' || isLower(c) }
func isLower(c byte) bool  { return c >= 'a' && c <= 'z' }

// windows1252 is what the bytes 80 to 9F mean in practice where Latin-1 is
// said (the encoding of that name in the WHATWG Encoding Standard).
var windows1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
}

// fromBytes reads b as Windows-1252, which holds all of Latin-1's text.
func fromBytes(b []byte) string {
	out := make([]byte, 0, len(b)+len(b)/4)
	for _, c := range b {
		r := rune(c)
		if c >= 0x80 && c < 0xa0 {
			r = windows1252[c-0x80]
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

// toBytes takes text back to the bytes it was made from, if all its characters
// are such as fromBytes gives and one at least is beyond ASCII. Programs that
// convert tags believe the label, so that wrong letters live on in UTF-16.
func toBytes(s string) (b []byte, ok bool) {
	b = make([]byte, 0, len(s))
	for _, r := range s {
		switch {
		case r < 0x100:
			b = append(b, byte(r))
		default:
			i := 0
			for i < len(windows1252) && windows1252[i] != r {
				i++
			}
			if i == len(windows1252) {
				return nil, false
			}
			b = append(b, byte(0x80+i))
		}
		ok = ok || r >= utf8.RuneSelf
	}
	return b, ok
}
