package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold gives the form in which words are compared: compatible forms made one
// (NFKC), small letters, Latin, Greek and Cyrillic letters without their
// accents, Katakana as Hiragana, single Korean letters as keyboards give them.
// What is no letter stays as it is. Folding twice changes nothing.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, c := range characters(s) {
		b.WriteRune(c.r)
	}
	return b.String()
}

// char is one folded character, and where in the text it came from.
type char struct {
	r          rune
	start, end int
}

// characters folds a text character by character. Several may come from one
// place, as the two of "ß" do; several places become one where accents are
// written apart.
func characters(s string) []char {
	chars := make([]char, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf && (i+1 == len(s) || s[i+1] < utf8.RuneSelf) {
			r := rune(s[i])
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			chars = append(chars, char{r, i, i + 1})
			i++
			continue
		}
		n := norm.NFKC.NextBoundaryInString(s[i:], true)
		if n <= 0 {
			_, n = utf8.DecodeRuneInString(s[i:])
		}
		from := len(chars)
		for _, r := range norm.NFKC.String(s[i : i+n]) {
			chars = foldRune(chars, r, i, i+n)
		}
		// Small letters may compose where the large ones could not.
		if len(chars)-from > 1 {
			chars = recompose(chars, from)
		}
		i += n
	}
	return chars
}

// recompose brings what became of one place to NFC, in case that folding has
// left something to compose.
func recompose(chars []char, from int) []char {
	var b strings.Builder
	for _, c := range chars[from:] {
		b.WriteRune(c.r)
	}
	s := b.String()
	if norm.NFC.IsNormalString(s) {
		return chars
	}
	start, end := chars[from].start, chars[from].end
	chars = chars[:from]
	for _, r := range norm.NFC.String(s) {
		chars = append(chars, char{r, start, end})
	}
	return chars
}

// plainLetters are letters that Unicode does not see as a letter with an
// accent, and that people type without.
var plainLetters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th",
	'ł': "l", 'ħ': "h", 'ı': "i", 'ŋ': "n", 'ŧ': "t", 'ĸ': "k", 'ſ': "s",
	'ƒ': "f", 'ə': "e", 'ɓ': "b", 'ɗ': "d", 'ɖ': "d", 'ς': "σ",
}

func foldRune(chars []char, r rune, start, end int) []char {
	switch {
	case r < utf8.RuneSelf:
		return append(chars, char{unicode.ToLower(r), start, end})
	case r >= 0x300 && r <= 0x36f: // an accent by itself
		return chars
	case unicode.Is(unicode.Cf, r): // soft hyphens, joiners, marks of direction
		return chars
	case r == 0x3164 || r == 0x115f || r == 0x1160 || r == 0xffa0: // Hangul fillers
		return chars
	case r >= 0x1100 && r <= 0x11ff:
		return append(chars, char{singleJamo(r), start, end})
	case r >= 0x30a1 && r <= 0x30f6: // Katakana
		return append(chars, char{r - 0x60, start, end})
	}
	r = unicode.ToLower(r)
	if plain, ok := plainLetters[r]; ok {
		for _, p := range plain {
			chars = append(chars, char{p, start, end})
		}
		return chars
	}
	if r >= 0xc0 && r < 0x530 || r >= 0x1e00 && r < 0x2000 { // Latin, Greek, Cyrillic
		var text [8]byte
		var apart [32]byte
		n := utf8.EncodeRune(text[:], r)
		base, _ := utf8.DecodeRune(norm.NFD.Append(apart[:0], text[:n]...))
		if plain, ok := plainLetters[base]; ok && base != r {
			for _, p := range plain {
				chars = append(chars, char{p, start, end})
			}
			return chars
		}
		r = base
	}
	return append(chars, char{r, start, end})
}

// class is what kind of writing a character belongs to.
type class uint8

const (
	gap    class = iota // splits words
	space               // splits words too; writers of Korean and Japanese leave it out or put it in
	quote               // belongs to a word that it stands within: don't
	link                // splits a word that is also written as one: hip-hop
	letter              // letters and digits of all writing that has spaces
	hangul
	kanji // Han characters and Kana
)

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', 'A' <= r && r <= 'Z':
			return letter
		case r == ' ', r == '\t', r == '\n', r == '\r':
			return space
		case r == '\'', r == '`':
			return quote
		case r == '-', r == '&', r == '.', r == '/', r == '+', r == '*', r == '!', r == '$':
			return link
		}
		return gap
	case r >= 0xac00 && r <= 0xd7a3, r >= 0x3131 && r <= 0x318e:
		return hangul
	case r >= 0x3041 && r <= 0x3096, r == 0x30fc, r == 0x3005, r == 0x3007, unicode.Is(unicode.Han, r):
		return kanji
	case r == '’', r == '‘', r == 'ʼ', r == '´':
		return quote
	case r == '‐', r == '‑', r == '·', r == '・':
		return link
	case unicode.IsSpace(r):
		return space
	case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r), unicode.IsNumber(r):
		return letter
	}
	return gap
}

// run is a piece of text in one kind of writing, without a gap in it: a word,
// or what stands between two gaps where nobody writes gaps between words.
type run struct {
	text  string
	class class
	chars []char
	tie   class // what stood between it and the run before: gap, space, quote, link; letter for nothing at all
}

func (r run) start() int { return r.chars[0].start }
func (r run) end() int   { return r.chars[len(r.chars)-1].end }

// runs splits a text, of which at most so many bytes are read, into at most so
// many runs.
func runs(s string, bytes, most int) []run {
	s = cut(s, bytes)
	chars := characters(s)
	var list []run
	tie, between := gap, 0
	for i := 0; i < len(chars) && len(list) < most; {
		c := classOf(chars[i].r)
		if c < letter {
			if between == 0 {
				tie = c
			} else if tie != space || c != space {
				tie = gap
			}
			between++
			i++
			continue
		}
		j := i + 1
		for j < len(chars) && classOf(chars[j].r) == c {
			j++
		}
		switch {
		case len(list) == 0:
			tie = gap
		case between == 0:
			tie = letter
		}
		between = 0
		var b strings.Builder
		for _, ch := range chars[i:j] {
			b.WriteRune(ch.r)
		}
		list = append(list, run{b.String(), c, chars[i:j], tie})
		i = j
	}
	return list
}

// cut gives at most so many bytes of a text, whole characters only.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// cutRunes gives at most so many characters of a text.
func cutRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
